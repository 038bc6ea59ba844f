import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { AzurermBackend, TerraformStack, Testing } from "cdktf";
import { imported } from "../constructs/entra/app-roles";
import { writesHcl } from "../constructs/hcl";
import { localAddress, resourceAddress } from "../constructs/stacks/addresses";
import { AwsAccountStack } from "../constructs/stacks/aws-account-stack";
import { isExpression, loadProviderSchemas, schemaOf } from "./support/provider-schemas";
import { sensitivePaths } from "./support/sensitive-attributes";
import { type Body, blocksOf, textsIn } from "./support/stack-json";
import {
  type AccountChanges,
  account,
  addresses,
  at,
  hclApp,
  ids,
  organization,
  synthAccount,
  synthesize,
  testApp,
} from "./support/synth";

const importing: AccountChanges = { appRoles: imported({ accessKeys: { active: "k1", standby: "k2" } }) };
const terraform = (changes?: AccountChanges) => synthAccount(changes).json.terraform as Body;
const output = (name: string, changes?: AccountChanges) => synthAccount(changes).json.output?.[name]?.["value"];

describe("the providers", () => {
  test("are three, each of one exact version from a full source", () => {
    expect(terraform()["required_providers"]).toEqual({
      aws: { source: "hashicorp/aws", version: "6.25.0" },
      azuread: { source: "hashicorp/azuread", version: "3.9.0" },
      msgraph: { source: "microsoft/msgraph", version: "0.3.0" },
    });
    expect(terraform()["required_version"]).toBe(">= 1.10.0");
  });

  test("stop in an account that is not the stack's, and mark what they make", () => {
    expect(synthAccount().json.provider?.["aws"]).toEqual([
      {
        region: "eu-west-1",
        profile: "210987654321",
        allowed_account_ids: ["210987654321"],
        default_tags: [{ tags: { ManagedBy: "entra-aws-federation", Stack: "aws-payments" } }],
      },
    ]);
  });

  test("work in the account's own region, and in the role that the organization says", () => {
    const aws: Partial<AccountChanges["organization"]> = {
      aws: ({ partition, accountId }) => ({
        assumeRole: [{ roleArn: `arn:${partition}:iam::${accountId}:role/deploy` }],
      }),
    };
    const { json } = synthAccount({ regions: ["eu-central-1"], organization: aws });
    expect(json.provider?.["aws"]).toMatchObject([
      { region: "eu-central-1", assume_role: [{ role_arn: "arn:aws:iam::210987654321:role/deploy" }] },
    ]);
  });

  test.each([
    ["environment", {}],
    ["oidc", { use_oidc: true }],
    ["cli", { use_cli: true }],
  ] as const)("sign in to the tenant by %s", (entra, signIn) => {
    const { provider } = synthAccount({ organization: { entra } }).json;
    expect(provider?.["azuread"]).toEqual([{ tenant_id: ids.tenant, ...signIn }]);
    expect(provider?.["msgraph"]).toEqual([{ tenant_id: ids.tenant, ...signIn }]);
  });

  test("work in the partition's region even if none is given, so that the other problems are seen too", () => {
    const { json, errors } = synthAccount({ partition: "aws-cn", regions: [] });
    expect(json.provider?.["aws"]).toMatchObject([{ region: "cn-north-1" }]);
    expect(errors).toHaveLength(1);
  });
});

test("the state lies where the organization says, whatever the backend", () => {
  expect(terraform()["backend"]).toMatchObject({ s3: { key: "aws-payments.tfstate", encrypt: true } });
  const azurerm = organization({
    backend: (stack) =>
      new AzurermBackend(stack, { storageAccountName: "state", containerName: "tf", key: stack.node.id }),
  });
  expect(terraform({ organization: azurerm })["backend"]).toEqual({
    azurerm: { storage_account_name: "state", container_name: "tf", key: "aws-payments" },
  });
});

describe("the outputs", () => {
  test("say where to sign in, what was made and what is pending", () => {
    const signing = { active: "c2028", certificates: { c2026: "2028-11-30", c2028: "2029-06-30" } };
    const certificate = (name: string) =>
      `azuread_service_principal_token_signing_certificate.signing_certificate_${name}`;
    expect(output("sign_in_url")).toBe(
      `https://launcher.myapps.microsoft.com/api/signin/\${azuread_service_principal.enterprise_app.client_id}?tenantId=${ids.tenant}`,
    );
    expect(output("role_arns")).toEqual({ Administrator: "arn:aws:iam::210987654321:role/Administrator" });
    expect(output("saml_provider_arn")).toBe("${aws_iam_saml_provider.saml_provider.arn}");
    expect(output("identifier")).toBe("https://signin.aws.amazon.com/saml#210987654321");
    expect(output("client_id")).toBe("${azuread_service_principal.enterprise_app.client_id}");
    expect(output("pending_roles")).toEqual([]);
    expect(output("signing_certificates", { signing })).toEqual({
      c2026: {
        active: false,
        end_date: `\${${certificate("c2026")}.end_date}`,
        thumbprint: `\${${certificate("c2026")}.thumbprint}`,
      },
      c2028: {
        active: true,
        end_date: `\${${certificate("c2028")}.end_date}`,
        thumbprint: `\${${certificate("c2028")}.thumbprint}`,
      },
    });
  });

  test("give the settings of both command-line tools", () => {
    const profile = String(
      output("cli_profile", {
        roles: { A: { maxSessionDurationSec: 14_400 } },
        claims: { sessionDurationSec: 14_400 },
      }),
    );
    expect(profile).toContain(
      `[profile aws-payments]\nazure_tenant_id=${ids.tenant}\nazure_app_id_uri=https://signin.aws.amazon.com/saml#210987654321\nazure_default_duration_hours=4\n`,
    );
    expect(profile).toContain("[aws-payments]\nprovider=Browser\nurl=https://launcher.myapps.microsoft.com/");
    expect(profile).toContain("aws_session_duration=14400");
    expect(String(output("cli_profile", { claims: { sessionDurationSec: 900 } }))).toContain("duration_hours=1\n");
  });

  test("offer no tool that cannot show what the policy asks for", () => {
    const strict = String(
      output("cli_profile", { conditionalAccess: { covers: "everyone", require: "phishing-resistant" } }),
    );
    expect(strict).not.toContain("azure_tenant_id");
    expect(strict).toContain("provider=Browser");
    expect(strict).toContain("only a browser can show");
  });

  test("hold no secret, and nothing that leads to one", () => {
    const { json } = synthAccount(importing, (stack) => stack.addTestUsersOf({ Administrator: "Test-AWSAdmin" }));
    const sensitive = new Set(
      blocksOf(json).flatMap((block) => {
        const schema = schemaOf(block, json, loadProviderSchemas());
        return sensitivePaths(schema).map((path) => `${block.address}.${path}`);
      }),
    );
    expect(sensitive).toContain("aws_iam_access_key.provisioning_user_k1.secret");
    const outputs = textsIn(json.output).join("\n");
    expect([...sensitive].filter((path) => outputs.includes(path))).toEqual([]);
    expect(outputs).not.toContain("var.");
  });
});

describe("secrets", () => {
  test("are expressions wherever they stand, never written out", () => {
    const { json } = synthAccount(importing, (stack) => stack.addTestUsersOf({ Administrator: "Test-AWSAdmin" }));
    const schemas = loadProviderSchemas();
    const written = blocksOf(json).flatMap((block) =>
      sensitivePaths(schemaOf(block, json, schemas)).flatMap((path) =>
        valuesAt(block.body, path.split(".")).map((value) => ({ path: `${block.address}.${path}`, value })),
      ),
    );
    expect(written.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        "azuread_synchronization_secret.role_import.credential.value",
        "azuread_user.test_aws_admin.password",
      ]),
    );
    expect(written.filter(({ value }) => !isExpression(value))).toEqual([]);
  });
});

/** What stands at a path, in every item of a list on the way. */
function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  const [name, ...rest] = path;
  if (name === undefined) return [value];
  const inner = typeof value === "object" && value !== null ? (value as Body)[name] : undefined;
  return inner === undefined ? [] : valuesAt(inner, rest);
}

describe("Terraform addresses", () => {
  test("are readable, and only the role's own change with its name", () => {
    expect(addresses(synthAccount().json)).toEqual([
      "aws_iam_role.administrator",
      "aws_iam_role_policies_exclusive.administrator",
      "aws_iam_role_policy_attachment.administrator_administrator_access",
      "aws_iam_role_policy_attachments_exclusive.administrator",
      "aws_iam_saml_provider.saml_provider",
      "azuread_app_role_assignment.administrator_group",
      "azuread_application.enterprise_app",
      "azuread_application_identifier_uri.enterprise_app",
      "azuread_claims_mapping_policy.sign_on_claims",
      "azuread_conditional_access_policy.mfa_policy",
      "azuread_group.administrator_group",
      "azuread_service_principal.enterprise_app",
      "azuread_service_principal_claims_mapping_policy_assignment.sign_on_claims_assignment",
      "azuread_service_principal_token_signing_certificate.signing_certificate_c2026",
      "msgraph_update_resource.sign_on_activation",
      "data.msgraph_resource.sign_on_signing_now",
    ]);
  });

  test("stay when the account, the company or another role changes", () => {
    const other = synthAccount({
      accountId: "210987654322",
      accountName: "Data",
      organization: { company: "Other" },
      roles: { Auditor: {}, Administrator: { policies: ["AdministratorAccess"] } },
    });
    expect(addresses(other.json)).toEqual(expect.arrayContaining(addresses(synthAccount().json)));
  });

  test.each([
    [["Administrator", "Resource"], "administrator"],
    [["Developer", "AmazonS3FullAccess"], "developer_amazon_s3_full_access"],
    [["MFAAdmin"], "mfa_admin"],
    [["Read.Only", "x"], "read_only_x"],
    [["AWSReader", "Iam-Role"], "aws_reader"],
    [["Role"], "role"],
  ])("of %j is %s", (path, address) => {
    const stack = new TerraformStack(testApp(), "stack");
    const [first = "", second] = path;
    const scope = second ? new TerraformStack(stack, first) : stack;
    const element = new IamRole(scope, second ?? first, { assumeRolePolicy: "{}" });
    expect(localAddress(stack, element)).toBe(address);
    element.overrideLogicalId(address);
    expect(resourceAddress(element)).toBe(`aws_iam_role.${address}`);
  });
});

describe("an account in another partition", () => {
  test("has its ARNs, endpoints and identifier", () => {
    const { json, errors } = synthAccount({ partition: "aws-us-gov", regions: ["us-gov-west-1"] });
    const said = textsIn([json.resource, json.output, json.provider]).join("\n");
    expect(errors).toEqual([]);
    expect(said).toContain("arn:aws-us-gov:iam::210987654321:role/Administrator");
    expect(said).toContain("https://signin.amazonaws-us-gov.com/saml#210987654321");
    expect(said).not.toContain("arn:aws:");
    expect(said).not.toContain("signin.aws.amazon.com");
  });
});

describe("as HCL", () => {
  test("the stack has its providers, activation and claims, and nothing that Terraform would refuse", () => {
    const stack = new AwsAccountStack(hclApp(), "aws-payments", account(importing));
    expect(writesHcl(stack)).toBe(true);
    const hcl = Testing.synthHcl(stack);
    expect(hcl).toMatch(
      /resource "msgraph_update_resource" "sign_on_activation" \{\n.*\nbody = \{\npreferredTokenSigningKeyThumbprint = /,
    );
    expect(hcl).toContain('provider "msgraph"');
    expect(hcl).not.toContain("precondition");
    expect(hcl).not.toContain('= "required_version"');
  });

  test("a JSON app says so", () => {
    expect(writesHcl(new TerraformStack(testApp(), "stack"))).toBe(false);
  });
});

test("two synths of one account give the same bytes, and the order of roles in the file changes no resource", () => {
  expect(synthAccount({ ...importing })).toEqual(synthAccount(importing));
  const [a, b] = [{ policies: ["ReadOnlyAccess"] }, { policies: ["AdministratorAccess"] }];
  const one = synthAccount({ roles: { A: a, B: b }, conditionalAccess: { covers: "groups" } }).json.resource;
  const other = synthAccount({ roles: { B: b, A: a }, conditionalAccess: { covers: "groups" } }).json.resource;
  const { azuread_application: _, ...rest } = one ?? {};
  expect(other).toMatchObject(rest);
});

test("what a stack exposes leads to every L1", () => {
  const stack = new AwsAccountStack(testApp(), "aws-payments", account(importing));
  stack.app.resource.notes = "1";
  stack.samlProvider.resource.tags = { two: "2" };
  for (const {
    role: { resource },
  } of stack.roles.values())
    resource.forceDetachPolicies = true;
  for (const policy of stack.policies.values()) policy.displayName = "4";
  const { json } = synthesize(stack);
  expect(at(json, "azuread_application.enterprise_app")["notes"]).toBe("1");
  expect(at(json, "aws_iam_saml_provider.saml_provider")["tags"]).toEqual({ two: "2" });
  expect(at(json, "aws_iam_role.administrator")["force_detach_policies"]).toBe(true);
  expect(at(json, "azuread_conditional_access_policy.mfa_policy")["display_name"]).toBe("4");
});

describe("access keys of role import", () => {
  test("have an output with their age, and every plan warns of one that is due", () => {
    const { json } = synthAccount(importing);
    const due = (key: string) => `timeadd(aws_iam_access_key.provisioning_user_${key}.create_date, "2160h")`;
    expect(output("access_keys", importing)).toEqual({
      k1: {
        active: true,
        created: "${aws_iam_access_key.provisioning_user_k1.create_date}",
        rotate_by: `\${${due("k1")}}`,
      },
      k2: {
        active: false,
        created: "${aws_iam_access_key.provisioning_user_k2.create_date}",
        rotate_by: `\${${due("k2")}}`,
      },
    });
    expect(json.check).toMatchObject({
      access_key_age: {
        assert: [
          { condition: `\${timecmp(plantimestamp(), ${due("k1")}) < 0}` },
          { condition: `\${timecmp(plantimestamp(), ${due("k2")}) < 0}` },
        ],
      },
    });
  });

  test("exist neither as an output nor as a check where the app roles are declared", () => {
    expect(output("access_keys")).toBeUndefined();
    expect(synthAccount().json.check).toBeUndefined();
  });

  test("can be kept in Secrets Manager as well", () => {
    const stored: AccountChanges = {
      appRoles: imported({ accessKeys: { active: "k1" }, store: "secretsManager" }),
    };
    expect(at(synthAccount(stored).json, "aws_secretsmanager_secret.provisioning_user")["name"]).toBe(
      "iam/Svc-EntraRoleImport",
    );
    expect(addresses(synthAccount(stored).json)).toContain("aws_secretsmanager_secret_version.provisioning_user");
  });
});
