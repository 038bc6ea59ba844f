import { FederatedRole } from "../constructs/aws/federated-role";
import { SamlProvider } from "../constructs/aws/saml-provider";
import { EnterpriseApp } from "../constructs/entra/enterprise-app";
import { MfaPolicy } from "../constructs/entra/mfa-policy";
import { PolicySetAssignment } from "../constructs/entra/policy-set-assignment";
import { RoleGroup } from "../constructs/entra/role-group";
import { SamlSignOn } from "../constructs/entra/saml-sign-on";
import type { Body, StackJson } from "./support/stack-json";
import { ids, synthScope } from "./support/synth";

/** What somebody else makes and keeps: the constructs take it, and make nothing of it. */
const account = { partition: "aws", accountId: "210987654321" } as const;
const ARN = "arn:aws:iam::210987654321:saml-provider/Ours";
const theirs = {
  displayName: "AWS",
  identifier: "https://signin.aws.amazon.com/saml#9",
  clientId: ids.deployer,
  servicePrincipalObjectId: ids.otherDeployer,
};

/** The one resource of a type. */
function only(json: StackJson, type: string): Body {
  const [body, ...more] = Object.values(json.resource?.[type] ?? {});
  if (!body || more.length > 0) throw new Error(`${more.length} more of ${type}`);
  return body as Body;
}

test("an identity provider by its ARN: roles trust it and wait for nothing", () => {
  const { json, errors } = synthScope((stack) => {
    const provider = SamlProvider.fromArn(stack, "Theirs", ARN);
    const role = new FederatedRole(stack, "Developer", {
      account,
      provider,
      audiences: ["https://signin.aws.amazon.com/saml"],
    });
    expect(role.claim).toBe(`arn:aws:iam::210987654321:role/Developer,${ARN}`);
  });
  expect(errors).toEqual([]);
  expect(json.resource).not.toHaveProperty("aws_iam_saml_provider");
  const role = only(json, "aws_iam_role");
  expect(JSON.parse(String(role["assume_role_policy"]))).toMatchObject({
    Statement: [{ Principal: { Federated: ARN } }],
  });
  expect(role["depends_on"]).toBeUndefined();
});

test("an enterprise application by its ids: policy, sign-on and assignment reach it, and it stays as it is", () => {
  const { json, errors } = synthScope((stack) => {
    const app = EnterpriseApp.fromObjectIds(stack, "Theirs", theirs);
    const breakGlass = { users: [ids.breakGlass, ids.otherBreakGlass] };
    const mfa = new MfaPolicy(stack, "MFA", { name: "Theirs", target: app, covers: "everyone", breakGlass });
    const signing = { active: "c2026", certificates: { c2026: "2028-11-01" } };
    new SamlSignOn(stack, "Sign on", {
      app,
      accountId: account.accountId,
      signing,
      issuer: "i",
      signInUrl: "https://x",
    });
    new PolicySetAssignment(stack, "Policy set", { app, relyOn: [], after: [] });
    const group = new RoleGroup(stack, "Group", { group: { existing: ids.group }, description: "", owners: [] });
    group.assign(app, { id: ids.tenant, guarded: false }, [mfa.resource]);
  });
  expect(errors).toEqual([]);
  expect(json.resource).not.toHaveProperty("azuread_application");
  expect(json.resource).not.toHaveProperty("azuread_service_principal");
  expect(only(json, "azuread_conditional_access_policy")).toMatchObject({
    conditions: { applications: { included_applications: [theirs.clientId] } },
  });
  expect(only(json, "azuread_service_principal_token_signing_certificate")).toMatchObject({
    service_principal_id: `/servicePrincipals/${theirs.servicePrincipalObjectId}`,
  });
  expect(only(json, "azuread_app_role_assignment")).toMatchObject({
    principal_object_id: ids.group,
    resource_object_id: theirs.servicePrincipalObjectId,
  });
});

test("a wrong ARN or id is an error", () => {
  const { errors } = synthScope((stack) => {
    SamlProvider.fromArn(stack, "Provider", "arn:aws:iam::210987654321:oidc-provider/x");
    EnterpriseApp.fromObjectIds(stack, "App", { ...theirs, servicePrincipalObjectId: "AWS" });
  });
  expect(errors).toEqual([
    expect.stringContaining("arn is 'arn:aws:iam::210987654321:oidc-provider/x', IAM has ARNs like"),
    expect.stringContaining(
      "servicePrincipalObjectId is 'AWS', Entra takes a GUID; copy it from Enterprise applications",
    ),
  ]);
});
