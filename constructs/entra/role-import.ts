import { DataAzureadServicePrincipal } from "@cdktf/provider-azuread/lib/data-azuread-service-principal";
import { DataAzureadServicePrincipals } from "@cdktf/provider-azuread/lib/data-azuread-service-principals";
import { SynchronizationJob } from "@cdktf/provider-azuread/lib/synchronization-job";
import { SynchronizationSecret } from "@cdktf/provider-azuread/lib/synchronization-secret";
import { TerraformLocal, TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import type { FederatedRole } from "../aws/federated-role";
import type { ProvisioningUser } from "../aws/provisioning-user";
import type { AwsAccount } from "../aws/saml-provider";
import { check } from "../check";
import { awsCloud } from "../clouds";
import { writesHcl } from "../hcl";
import type { IEnterpriseApp } from "./enterprise-app";
import type { AssignableAppRole } from "./role-group";

export interface RoleImportProps {
  readonly account: AwsAccount;
  readonly app: IEnterpriseApp;
  /** The IAM user that Entra lists the roles as. */
  readonly user: ProvisioningUser;
  /** The roles that groups are to be assigned to. */
  readonly roles: readonly FederatedRole[];
  /**
   * Display names that the application has in Entra at plan time, an expression: so it is found while it is being renamed.
   * @default - found by its name in the account file alone; rename the application in Entra before the deploy that renames it
   */
  readonly displayNamesNow?: string;
  /** The account is about to leave: assignments may be destroyed. */
  readonly retiring: boolean;
}

/**
 * The provisioning settings of an enterprise application: Entra reads the account's roles with the user's key and makes an app
 * role of each. Terraform looks at plan time which are there; the others are pending until a later deploy.
 */
export class RoleImport extends Construct {
  /** Claims of the roles that Entra has not imported yet, an expression. */
  readonly pending: string;
  /** The L1 of the job; `node.findChild("SynchronizationSecret")` is the one of its credentials. */
  readonly resource: SynchronizationJob;
  /** The IAM user that Entra lists the roles as. */
  readonly user: ProvisioningUser;
  private readonly importedRoles: TerraformLocal;
  private readonly retiring: boolean;

  constructor(scope: Construct, id: string, props: RoleImportProps) {
    super(scope, id);
    this.retiring = props.retiring;
    this.user = props.user;
    check(this, "appRoles", "imported()").must(
      awsCloud(props.account.partition).roleImport,
      `Entra cannot import roles from partition ${props.account.partition} (tutorial, known issues); use declared()`,
    );
    const servicePrincipalId = props.app.servicePrincipal.id;
    const secret = new SynchronizationSecret(this, "SynchronizationSecret", {
      servicePrincipalId,
      // In the order in which the service was seen to answer; another order is a difference in every plan (MicrosoftDocs/azure-docs#55184).
      credential: [
        { key: "ClientSecret", value: props.user.activeKey.id },
        { key: "SecretToken", value: props.user.activeKey.secret },
      ],
      // The first cycle starts with the job: what it is to find must be there.
      dependsOn: [props.user.permission, ...props.roles.flatMap((role) => role.complete)],
    });
    this.resource = new SynchronizationJob(this, "SynchronizationJob", {
      servicePrincipalId,
      templateId: "aws",
      dependsOn: [secret],
    });

    this.importedRoles = this.lookUp(props.app, props.displayNamesNow);
    const wanted = new TerraformLocal(
      this,
      "WantedRoles",
      props.roles.map((role) => role.claim),
    );
    const pending = new TerraformLocal(
      this,
      "PendingRoles",
      `\${[for claim in local.${wanted.friendlyUniqueId} : claim if !contains(keys(${this.importedRef}), claim)]}`,
    );
    this.pending = `\${local.${pending.friendlyUniqueId}}`;
    // Terraform prints the source line of a condition, so it is kept short.
    TerraformStack.of(this).addOverride("check.imported_roles", {
      assert: [
        {
          condition: `\${length(local.${pending.friendlyUniqueId}) == 0}`,
          error_message: `\${"Entra has not imported these roles yet: \${join("; ", local.${pending.friendlyUniqueId})}. Their groups get access with the next deploy after a cycle of role import (40 minutes to an hour after the first deploy)."}`,
        },
      ],
    });
  }

  /** The app role of a claim: assigned once Entra has imported it, and then guarded against a failed read. */
  appRole(claim: string): AssignableAppRole {
    return {
      id: `\${${this.importedRef}["${claim}"]}`,
      count: Token.asNumber(`\${contains(keys(${this.importedRef}), "${claim}") ? 1 : 0}`),
      guarded: !this.retiring,
    };
  }

  private get importedRef(): string {
    return `local.${this.importedRoles.friendlyUniqueId}`;
  }

  /**
   * Enabled app roles of the application by claim, as they are at plan time. Every argument is known at plan: an id that is known only
   * after apply would make the number of assignments unknown. The names find candidates, the one in force and the one
   * to come; the identifier, unique in a tenant, decides.
   */
  private lookUp(app: IEnterpriseApp, displayNamesNow: string | undefined): TerraformLocal {
    const candidates = new DataAzureadServicePrincipals(this, "Candidates", {
      displayNames: displayNamesNow
        ? Token.asList(`\${distinct(concat([${JSON.stringify(app.displayName)}], ${displayNamesNow}))}`)
        : [app.displayName],
      ignoreMissing: true,
    });
    const found = new TerraformLocal(
      this,
      "ApplicationFound",
      `\${[for s in ${candidates.fqn}.service_principals : s.object_id if contains(s.service_principal_names, "${app.identifier}")]}`,
    );
    const foundRef = `local.${found.friendlyUniqueId}`;
    const application = new DataAzureadServicePrincipal(this, "Application", {
      count: Token.asNumber(`\${length(${foundRef}) > 0 ? 1 : 0}`),
      objectId: `\${${foundRef}[0]}`,
      lifecycle: writesHcl(this)
        ? undefined
        : {
            postcondition: [
              {
                // The gallery application always has msiam_access: no role at all is a failed read, not a fact to act on.
                condition: "${length(self.app_roles) > 0}",
                errorMessage:
                  "Entra lists no app role for an application that exists. Nothing is planned on such an answer; try again in some minutes.",
              },
            ],
          },
    });
    return new TerraformLocal(
      this,
      "ImportedRoles",
      // Grouped, because two enabled roles may carry one claim; msiam_access has no value.
      `\${{for claim, ids in {for r in flatten([for s in ${application.fqn} : s.app_roles]) : r.value => r.id... if r.enabled && try(length(r.value), 0) > 0} : claim => sort(ids)[0]}}`,
    );
  }
}
