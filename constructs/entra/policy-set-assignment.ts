import { Fn, type ITerraformDependable, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { writesHcl } from "../hcl";
import { policyName } from "./access-policy";
import type { IEnterpriseApp } from "./enterprise-app";
import { DataMsgraphResource, MsgraphUpdateResource } from "./msgraph";
import { sharedName } from "./policy-set";
import { ATTRIBUTE, ATTRIBUTE_SET, NO_POLICY_SET } from "./policy-set-attribute";

export interface PolicySetAssignmentProps {
  readonly app: IEnterpriseApp;
  /** Name of the policy set. @default - none: no shared policy reaches the application */
  readonly set?: string;
  /** What the shared policies of the set are about, once nothing else stands before the application; empty while the account keeps its own. */
  readonly relyOn: readonly string[];
  /** The account's own policies: they stand before the attribute changes. */
  readonly after: readonly ITerraformDependable[];
}

/** The policy set that an application carries, as a custom security attribute of its service principal: the tenant's policies for that set reach it. */
export class PolicySetAssignment extends Construct {
  /** Access comes after it. */
  readonly resource: ITerraformDependable;

  constructor(scope: Construct, id: string, props: PolicySetAssignmentProps) {
    super(scope, id);
    const { app, set = NO_POLICY_SET, relyOn, after } = props;
    this.resource = new MsgraphUpdateResource(this, "Resource", {
      url: `servicePrincipals/${app.servicePrincipal.objectId}`,
      // A map, not an object: of an object, Terraform would ignore every property below, the set's name with it.
      body: {
        customSecurityAttributes: { [ATTRIBUTE_SET]: Fn.tomap({ "@odata.type": WRITTEN_TYPE, [ATTRIBUTE]: set }) },
      },
      // Graph shows these attributes to those who ask for them only.
      readQueryParameters: { $select: ["customSecurityAttributes"] },
      // Else an attribute that somebody took away would be no difference.
      ignoreMissingProperty: false,
      // Graph answers with another spelling of the type than it takes: https://learn.microsoft.com/graph/custom-security-attributes-examples
      lifecycle: { ignoreChanges: [`body.customSecurityAttributes.${ATTRIBUTE_SET}["@odata.type"]`] },
      dependsOn: after.length > 0 ? [...after] : undefined,
    });
    if (relyOn.length > 0 && !writesHcl(this)) this.guard(app, set, relyOn);
  }

  /**
   * Asked at plan, with values that are known by then: nothing is planned that leaves the application without MFA. Of the shared
   * policies that are not in force a warning tells, since refusing would keep an incident switch from being deployed.
   */
  private guard(app: IEnterpriseApp, set: string, relyOn: readonly string[]): void {
    const application = new DataMsgraphResource(this, "ApplicationNow", {
      url: "servicePrincipals",
      queryParameters: {
        $filter: [`servicePrincipalNames/any(n:n eq '${app.identifier}')`],
        $select: ["id,appId,customSecurityAttributes"],
      },
      responseExportValues: {
        ids: "value[].appId",
        sets: `value[].customSecurityAttributes.${ATTRIBUTE_SET}.${ATTRIBUTE}`,
      },
    });
    const shared = relyOn.map((about) => policyName(about, sharedName(set)));
    const mfa = policyName("MFA", sharedName(set));
    const carriesSet = `contains(${application.fqn}.output.sets, "${set}")`;
    // By application, not by name: an account may have had another name when its policies were made.
    const ownStands = `anytrue([for policy in self.output.mfa : anytrue([for id in ${application.fqn}.output.ids : contains(policy.apps, id)])])`;
    const policies = new DataMsgraphResource(this, "PoliciesNow", {
      url: "identity/conditionalAccess/policies",
      queryParameters: { $filter: ["state eq 'enabled'"] },
      responseExportValues: {
        on: "value[].displayName",
        mfa: `value[?starts_with(displayName, '${policyName("MFA", "")}')].{name: displayName, apps: conditions.applications.includeApplications}`,
      },
      lifecycle: {
        postcondition: [
          {
            condition: `\${contains(self.output.on, ${JSON.stringify(mfa)}) || (${carriesSet} && !${ownStands})}`,
            errorMessage: `The tenant's policy ${JSON.stringify(mfa)} is not in force, and this account would have none of its own: people would enter without MFA. Deploy the stack of the tenant first.`,
          },
          {
            condition: `\${${carriesSet} || !${ownStands}}`,
            errorMessage: `The application does not carry the policy set ${set} yet, so the account's own policies must not go. Write conditionalAccess: { set: "${set}", overlap: true } in the account file and deploy, then the name alone (docs/runbooks/policies-at-scale.md).`,
          },
        ],
      },
    });
    TerraformStack.of(this).addOverride("check.shared_policies", {
      assert: [
        {
          condition: `\${alltrue([for name in [${shared.map((name) => JSON.stringify(name)).join(", ")}] : contains(${policies.fqn}.output.on, name)])}`,
          error_message: `Not every policy of the policy set ${set} is in force in the tenant. Nobody is asked for what is missing: deploy the stack of the tenant, or turn the policy on again.`,
        },
      ],
    });
  }
}

/** https://learn.microsoft.com/graph/custom-security-attributes-examples */
const WRITTEN_TYPE = "#Microsoft.DirectoryServices.CustomSecurityAttributeValue";
