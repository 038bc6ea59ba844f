import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import type { FederatedRole } from "../aws/federated-role";
import type { SamlProvider } from "../aws/saml-provider";
import { entraCloud } from "../clouds";
import type { EnterpriseApp } from "../entra/enterprise-app";
import type { PolicySet } from "../entra/policy-set";
import type { RoleImport } from "../entra/role-import";
import type { SamlSignOn } from "../entra/saml-sign-on";
import type { AwsAccountProps } from "./aws-account-props";
import type { Organization } from "./organization-stack";

/** What the outputs tell of an account. */
interface EnteredAccount extends Construct {
  readonly organization: Organization;
  readonly app: EnterpriseApp;
  readonly signOn: SamlSignOn;
  readonly samlProvider: SamlProvider;
  readonly roles: ReadonlyMap<string, { readonly role: FederatedRole }>;
  readonly roleImport?: RoleImport;
  readonly policySet: PolicySet;
}

/** What people and programs ask of a deployed account. No secret is among it. */
export function addOutputs(stack: EnteredAccount, props: AwsAccountProps, signInUrl: string): void {
  const { tenantId, entraCloud: cloud = "public" } = stack.organization;
  const output = (id: string, description: string, value: unknown) =>
    new TerraformOutput(stack, id, { description, value });
  const signIn = entraCloud(cloud)?.myApps(stack.app.clientId, tenantId) ?? signInUrl;
  output("Sign in URL", "Where people sign in: the link of the application in My Apps", signIn);
  output(
    "Role arns",
    "ARN of each role",
    Object.fromEntries([...stack.roles].map(([name, { role }]) => [name, role.arn])),
  );
  output("SAML provider ARN", "ARN of the IAM identity provider", stack.samlProvider.resource.arn);
  output("Identifier ", "Identifier (Entity ID) of the application", stack.app.identifier);
  output("Client id", "Application (client) ID", stack.app.clientId);
  output(
    "Signing certificates",
    "Signing certificates: end date, thumbprint, and which one is active",
    Object.fromEntries(
      [...stack.signOn.certificates].map(([name, certificate]) => [
        name,
        {
          active: name === props.signing.active,
          end_date: certificate.endDate,
          thumbprint: certificate.thumbprint,
        },
      ]),
    ),
  );
  output(
    "Pending roles",
    "Roles that Entra has not imported yet; nobody can enter with them",
    stack.roleImport?.pending ??
      (props.appRoles.owner === "withdrawn" ? [...stack.roles.values()].map(({ role }) => role.claim) : []),
  );
  if (stack.roleImport) {
    output(
      "Access keys",
      "Access keys of role import: when made, and by when to rotate",
      stack.roleImport.user.keys.ages,
    );
  }
  output("CLI profile", "Settings for saml2aws and aws-azure-login", cliProfile(stack, props, signIn));
}

/** Settings for the two tools that people use on the command line. */
function cliProfile(stack: EnteredAccount, props: AwsAccountProps, signInUrl: string): string {
  const asked = [stack.policySet.require, ...Object.values(props.roles).map((role) => role.require)];
  const phishingResistant = asked.some((require) => require !== undefined && require !== "mfa");
  const hours = Math.max(1, Math.floor(stack.signOn.sessionDurationSec / 3600));
  return [
    phishingResistant
      ? "# The policy asks for a method that only a browser can show (passkey, Windows Hello, certificate): use saml2aws with its Browser provider."
      : "# aws-azure-login (~/.aws/config); it answers prompts for a code or a push. For passkeys use the block below.",
    ...(phishingResistant
      ? []
      : [
          `[profile ${stack.node.id}]`,
          `azure_tenant_id=${stack.organization.tenantId}`,
          `azure_app_id_uri=${stack.app.identifier}`,
          `azure_default_duration_hours=${hours}`,
        ]),
    "# saml2aws (~/.saml2aws)",
    `[${stack.node.id}]`,
    "provider=Browser",
    `url=${signInUrl}`,
    `aws_profile=${stack.node.id}`,
    `aws_session_duration=${stack.signOn.sessionDurationSec}`,
  ].join("\n");
}
