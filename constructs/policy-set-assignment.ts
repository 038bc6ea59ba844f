import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { EnterpriseApp } from "./enterprise-app";
import { writesHcl } from "./hcl";
import { DataMsgraphResource, MsgraphUpdateResource } from "./msgraph";
import { ATTRIBUTE, ATTRIBUTE_SET } from "./policy-set-attribute";

export interface PolicySetAssignmentProps {
  readonly app: EnterpriseApp;
  /** Name of the policy set. */
  readonly set: string;
  /** Display names of the shared policies that are to be in force for the application; empty while the account keeps its own beside them. */
  readonly relyOn: readonly string[];
  /** Display names that the account's own policies have or had. */
  readonly own: readonly string[];
}

/** The policy set that an application carries, as a custom security attribute of its service principal: the tenant's policies for that set reach it. */
export class PolicySetAssignment extends Construct {
  /** Access comes after it. */
  readonly resource: ITerraformDependable;

  constructor(scope: Construct, id: string, props: PolicySetAssignmentProps) {
    super(scope, id);
    this.resource = new MsgraphUpdateResource(this, "Resource", {
      url: `servicePrincipals/${props.app.servicePrincipal.objectId}`,
      body: {
        customSecurityAttributes: {
          [ATTRIBUTE_SET]: { "@odata.type": WRITTEN_TYPE, [ATTRIBUTE]: props.set },
        },
      },
      // Graph shows these attributes to those who ask for them only.
      readQueryParameters: { $select: ["customSecurityAttributes"] },
      // Else an attribute that somebody took away would be no difference.
      ignoreMissingProperty: false,
      // Graph answers with another spelling of the type than it takes: https://learn.microsoft.com/graph/custom-security-attributes-examples
      lifecycle: { ignoreChanges: [`body.customSecurityAttributes.${ATTRIBUTE_SET}["@odata.type"]`] },
    });
    if (props.relyOn.length > 0 && !writesHcl(this)) this.guard(props);
  }

  /** Both questions are asked at plan, with values that are known by then: nothing is planned that leaves the application without MFA. */
  private guard({ app, set, relyOn, own }: PolicySetAssignmentProps): void {
    const now = new DataMsgraphResource(this, "ApplicationNow", {
      url: "servicePrincipals",
      queryParameters: {
        $filter: [`servicePrincipalNames/any(n:n eq '${app.identifier}')`],
        $select: ["id,customSecurityAttributes"],
      },
      responseExportValues: { sets: `value[].customSecurityAttributes.${ATTRIBUTE_SET}.${ATTRIBUTE}` },
    });
    new DataMsgraphResource(this, "PoliciesNow", {
      url: "identity/conditionalAccess/policies",
      queryParameters: {
        $filter: [[...relyOn, ...own].map((name) => `displayName eq '${quoted(name)}'`).join(" or ")],
      },
      responseExportValues: { on: "value[?state=='enabled'].displayName", all: "value[].displayName" },
      lifecycle: {
        postcondition: [
          {
            condition: `\${alltrue([for name in ${list(relyOn)} : contains(self.output.on, name)])}`,
            errorMessage: `The tenant has no policies in force for the policy set ${set}, and this account has none of its own: people would enter without MFA. Deploy the stack of the tenant first.`,
          },
          {
            condition: `\${alltrue([for name in self.output.all : !contains(${list(own)}, name)]) || contains(${now.fqn}.output.sets, "${set}")}`,
            errorMessage: `The application does not carry the policy set ${set} yet, so the account's own policies must not go. Deploy every account with conditionalAccess.policies = "overlap" first (docs/runbooks/policies-at-scale.md).`,
          },
        ],
      },
    });
  }
}

/** https://learn.microsoft.com/graph/custom-security-attributes-examples */
const WRITTEN_TYPE = "#Microsoft.DirectoryServices.CustomSecurityAttributeValue";

const list = (names: readonly string[]): string => `[${names.map((name) => JSON.stringify(name)).join(", ")}]`;

/** OData doubles a quote within a text. */
const quoted = (text: string): string => text.replaceAll("'", "''");
