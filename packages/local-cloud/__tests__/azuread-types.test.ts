import { Cloud } from "../cloud/cloud";
import { AWS_SINGLE_ACCOUNT_ACCESS, MSIAM_ACCESS } from "../cloud/entra/application-templates";
import type { Tenant } from "../cloud/entra/tenant";
import { Engine } from "../provider/engine";
import { PluginServer } from "../provider/server";
import * as azuread from "../provider/types/azuread";
import * as msgraph from "../provider/types/msgraph";
import type { Attributes } from "../provider/values";
import { Workspace } from "./support";

jest.setTimeout(120_000);

const TENANT = "11111111-1111-1111-1111-111111111111";
const CALLER = "22222222-2222-2222-2222-222222222222";
const BREAK_GLASS = "33333333-3333-3333-3333-333333333333";
const ROLE = "44444444-4444-4444-4444-444444444444";
const OTHER_ROLE = "66666666-6666-6666-6666-666666666666";
const CLAIM = "arn:aws:iam::123456789012:role/Developer,arn:aws:iam::123456789012:saml-provider/Entra";
const IDENTIFIER = "https://signin.aws.amazon.com/saml#123456789012";

type Configuration = Record<string, Record<string, Record<string, Record<string, unknown>>>>;

const role = (id: string, displayName: string, value?: string) => ({
  id,
  display_name: displayName,
  description: displayName,
  allowed_member_types: ["User"],
  ...(value ? { value } : {}),
});

/** The Entra half of one account, as the stacks write it. */
function federation(): Configuration {
  return {
    resource: {
      azuread_application: {
        app: {
          display_name: "Contoso AWS Account1",
          template_id: AWS_SINGLE_ACCOUNT_ACCESS,
          prevent_duplicate_names: true,
          owners: [CALLER],
          web: { homepage_url: "http://aws.amazon.com/", redirect_uris: ["https://signin.aws.amazon.com/saml"] },
          app_role: [role(MSIAM_ACCESS, "msiam_access"), role(ROLE, "Developer", CLAIM)],
          feature_tags: { enterprise: true, gallery: true },
          lifecycle: { ignore_changes: ["identifier_uris"] },
        },
      },
      azuread_service_principal: {
        app: {
          client_id: "${azuread_application.app.client_id}",
          use_existing: true,
          owners: [CALLER],
          app_role_assignment_required: true,
          preferred_single_sign_on_mode: "saml",
          notification_email_addresses: ["cloud@contoso.com"],
          feature_tags: { enterprise: true, gallery: true },
        },
      },
      azuread_application_identifier_uri: {
        app: {
          application_id: "${azuread_application.app.id}",
          identifier_uri: IDENTIFIER,
          depends_on: ["azuread_service_principal.app"],
        },
      },
      azuread_service_principal_token_signing_certificate: { c1: certificate("c1") },
      azuread_claims_mapping_policy: {
        app: {
          display_name: "AWS Account1",
          definition: [
            JSON.stringify({
              ClaimsMappingPolicy: {
                Version: 1,
                IncludeBasicClaimSet: "true",
                ClaimsSchema: [
                  { Source: "user", ID: "assignedroles", SamlClaimType: "https://aws.amazon.com/SAML/Attributes/Role" },
                ],
              },
            }),
          ],
        },
      },
      azuread_service_principal_claims_mapping_policy_assignment: {
        app: {
          service_principal_id: "${azuread_service_principal.app.id}",
          claims_mapping_policy_id: "${azuread_claims_mapping_policy.app.id}",
        },
      },
      azuread_user: {
        test: {
          user_principal_name: "test-awsdeveloper@contoso.onmicrosoft.com",
          display_name: "Test-AWSDeveloper",
          password: "Correct-Horse-1",
          force_password_change: true,
        },
      },
      azuread_group: {
        developers: {
          display_name: "AWS-Account1-Developers",
          description: "Developer in AWS account1",
          security_enabled: true,
          owners: [CALLER],
          prevent_duplicate_names: true,
          lifecycle: { ignore_changes: ["members"] },
        },
      },
      azuread_group_member: {
        test: {
          group_object_id: "${azuread_group.developers.object_id}",
          member_object_id: "${azuread_user.test.object_id}",
        },
      },
      azuread_conditional_access_policy: {
        mfa: {
          display_name: "AWS Console - MFA",
          state: "enabled",
          conditions: {
            client_app_types: ["all"],
            applications: { included_applications: ["${azuread_service_principal.app.client_id}"] },
            users: { included_users: ["All"], excluded_users: [BREAK_GLASS] },
          },
          grant_controls: { operator: "OR", built_in_controls: ["mfa"] },
          session_controls: { sign_in_frequency: 8, sign_in_frequency_period: "hours" },
        },
      },
      azuread_app_role_assignment: {
        developers: {
          app_role_id: ROLE,
          principal_object_id: "${azuread_group.developers.object_id}",
          resource_object_id: "${azuread_service_principal.app.object_id}",
          depends_on: ["azuread_conditional_access_policy.mfa", "azuread_application.app"],
        },
      },
      azuread_synchronization_secret: {
        app: {
          service_principal_id: "${azuread_service_principal.app.id}",
          credential: [
            { key: "ClientSecret", value: "AKIA" },
            { key: "SecretToken", value: "s3cret" },
          ],
        },
      },
      azuread_synchronization_job: {
        app: {
          service_principal_id: "${azuread_service_principal.app.id}",
          template_id: "aws",
          depends_on: ["azuread_synchronization_secret.app"],
        },
      },
      msgraph_update_resource: {
        activation: {
          url: "servicePrincipals/${azuread_service_principal.app.object_id}",
          body: {
            preferredTokenSigningKeyThumbprint: "${azuread_service_principal_token_signing_certificate.c1.thumbprint}",
          },
        },
      },
    },
  };
}

const certificate = (name: string) => ({
  service_principal_id: "${azuread_service_principal.app.id}",
  display_name: `CN=${name}`,
  end_date: "2028-11-30T00:00:00Z",
});

let cloud: Cloud;
let tenant: Tenant;
let server: PluginServer;
let workspace: Workspace;

const PROVIDERS = {
  terraform: {
    required_providers: { azuread: { source: "hashicorp/azuread" }, msgraph: { source: "microsoft/msgraph" } },
  },
  provider: { azuread: { tenant_id: TENANT }, msgraph: { tenant_id: TENANT } },
};

const write = (configuration: Record<string, unknown>) => workspace.write({ ...PROVIDERS, ...configuration });
const settled = { code: 0, out: expect.stringContaining("No changes") };

beforeEach(async () => {
  cloud = new Cloud(undefined, { now: "2026-01-01T00:00:00.000Z", tenants: {}, accounts: {} });
  tenant = cloud.tenant(TENANT);
  tenant.seed({
    callerId: CALLER,
    servicePrincipals: [{ id: CALLER, appId: "55555555-5555-5555-5555-555555555555", displayName: "deploy" }],
    users: [{ id: BREAK_GLASS, displayName: "Break glass", userPrincipalName: "bg@contoso.onmicrosoft.com" }],
  });
  const connect = ({ tenant_id }: Attributes) => cloud.tenant(String(tenant_id));
  server = await PluginServer.start([
    new Engine({ source: "registry.terraform.io/hashicorp/azuread", ...azuread, connect }),
    new Engine({ source: "registry.terraform.io/microsoft/msgraph", ...msgraph, connect }),
  ]);
  workspace = new Workspace(server.reattach);
});

afterEach(() => {
  server.stop();
  workspace.remove();
});

async function deploy(configuration: Record<string, unknown> = federation()) {
  write(configuration);
  await workspace.init();
  const applied = await workspace.apply();
  expect(applied).toMatchObject({ code: 0, out: expect.stringContaining("Apply complete") });
}

const principal = () => {
  const [found] = tenant.servicePrincipals.byDisplayName("Contoso AWS Account1");
  if (!found) throw new Error("the enterprise app is deployed");
  return found;
};

const application = () => {
  const [found] = tenant.applications.byDisplayName("Contoso AWS Account1");
  if (!found) throw new Error("the application is deployed");
  return found;
};

describe("the federation of an account", () => {
  beforeEach(() => deploy());

  test("is deployed in one apply, settles, and goes without a trace", async () => {
    expect(principal()).toMatchObject({
      servicePrincipalNames: [IDENTIFIER, principal().appId],
      preferredSingleSignOnMode: "saml",
      notificationEmailAddresses: ["cloud@contoso.com"],
    });
    expect(tenant.appRoleAssignments.ofResource(principal().id)).toMatchObject([
      { principalDisplayName: "AWS-Account1-Developers" },
    ]);
    expect(tenant.signingCertificates.list(principal().id)).toMatchObject([{ displayName: "CN=c1", active: true }]);
    expect(tenant.synchronization.listJobs(principal().id)).toMatchObject([{ schedule: { state: "Active" } }]);
    expect(await workspace.plan()).toMatchObject(settled);

    expect(await workspace.destroy()).toMatchObject({ code: 0 });
    expect(tenant.applications.list()).toEqual([]);
    expect(tenant.groups.list()).toEqual([]);
    expect(tenant.conditionalAccess.list()).toEqual([]);
    expect(tenant.users.list().map(({ id }) => id)).toEqual([BREAK_GLASS]);
    expect(tenant.servicePrincipals.list().map(({ id }) => id)).toEqual([CALLER]);
    expect(
      tenant
        .deletedItems()
        .map(({ type }) => type)
        .sort(),
    ).toEqual(["application", "group", "servicePrincipal", "user"]);
  });

  test("shows what somebody changed by hand, except a value that Graph never tells", async () => {
    await tenant.applications.update(application().id, {
      web: { ...application().web, redirectUris: [...application().web.redirectUris, "https://evil.example/"] },
    });
    await tenant.servicePrincipals.update(principal().id, { appRoleAssignmentRequired: false, tags: [] });
    await tenant.signingCertificates.add(principal().id, { displayName: "CN=stranger" });
    const [, stranger] = tenant.signingCertificates.list(principal().id);
    await tenant.servicePrincipals.update(principal().id, {
      preferredTokenSigningKeyThumbprint: stranger?.thumbprint ?? "",
    });
    await tenant.synchronization.setSecrets(principal().id, [{ key: "SecretToken", value: "other" }]);

    const { code, out } = await workspace.plan();

    expect(code).toBe(2);
    expect(out).toContain('- "https://evil.example/"');
    expect(out).toMatch(/~ app_role_assignment_required += false -> true/);
    expect(out).toContain(`"${stranger?.thumbprint}" ->`);
    expect(out).not.toContain("azuread_synchronization_secret.app will");
    expect(out).toContain("Plan: 0 to add, 3 to change, 0 to destroy.");
  });

  test("makes an assignment again that somebody removed", async () => {
    const [assignment] = tenant.appRoleAssignments.ofResource(principal().id);
    await tenant.appRoleAssignments.remove(principal().id, assignment?.id ?? "");
    expect((await workspace.plan()).out).toContain("Plan: 1 to add, 0 to change, 0 to destroy.");
  });

  test("disables a role in a request of its own before it removes it", async () => {
    const next = federation();
    const app = next.resource?.azuread_application?.app;
    if (app)
      app.app_role = [
        role(MSIAM_ACCESS, "msiam_access"),
        role(ROLE, "Developer", CLAIM),
        role(OTHER_ROLE, "Auditor", "auditor"),
      ];
    write(next);
    expect((await workspace.apply()).out).toContain("0 added, 1 changed, 0 destroyed");
    const before = cloud.journal.mutations.length;
    write(federation());

    expect((await workspace.apply()).code).toBe(0);

    const operations = cloud.journal.mutations.slice(before).map(({ operation }) => operation);
    expect(operations).toEqual(["PATCH /applications/{id}", "PATCH /applications/{id}"]);
    expect(new Set(application().appRoles.map(({ id }) => id))).toEqual(new Set([MSIAM_ACCESS, ROLE]));
    expect(await workspace.plan()).toMatchObject(settled);
  });

  test("loses the other certificate when one of two is destroyed, and times out", async () => {
    const both = federation();
    Object.assign(both.resource?.azuread_service_principal_token_signing_certificate ?? {}, { c2: certificate("c2") });
    Object.assign(both.resource?.msgraph_update_resource?.activation ?? {}, {
      body: {
        preferredTokenSigningKeyThumbprint: "${azuread_service_principal_token_signing_certificate.c2.thumbprint}",
      },
    });
    await deploy(both);
    delete both.resource?.azuread_service_principal_token_signing_certificate?.c1;
    write(both);

    const { code, out } = await workspace.apply();

    expect(code).toBe(1);
    expect(out.replace(/\s+/g, " ")).toContain(
      "timeout while waiting for state to become 'Deleted' (last state: 'Waiting', timeout: 5m0s)",
    );
    expect(tenant.signingCertificates.list(principal().id)).toMatchObject([{ displayName: "CN=c1", active: false }]);
  });

  test("plans a key that the service added to the secrets for ever", async () => {
    await tenant.synchronization.setSecrets(principal().id, [{ key: "SyncNotificationSettings", value: "{}" }]);
    expect((await workspace.plan()).out).toContain("azuread_synchronization_secret.app will be updated in-place");
    expect((await workspace.apply()).out.replace(/\s+/g, " ")).toContain("Waiting for synchronization secrets");
  });

  test("imports what it deployed, by the ids of the real provider", async () => {
    const imports: Record<string, string> = {
      "azuread_application.app": `/applications/${application().id}`,
      "azuread_group.developers": `/groups/${tenant.groups.list()[0]?.id}`,
      "azuread_conditional_access_policy.mfa": `/identity/conditionalAccess/policies/${tenant.conditionalAccess.list()[0]?.id}`,
    };
    for (const [address, id] of Object.entries(imports)) {
      expect((await workspace.run("state", "rm", address)).code).toBe(0);
      expect(await workspace.import(address, id)).toMatchObject({
        code: 0,
        out: expect.stringContaining("Import successful"),
      });
    }
    const { out } = await workspace.plan();
    // Neither is read from Graph; the real provider shows the same after an import.
    expect(out).toContain("Plan: 0 to add, 2 to change, 0 to destroy.");
    expect(out.match(/[~+-] (?!resource)\w+ +=.*/g)).toEqual(
      expect.arrayContaining([expect.stringContaining("prevent_duplicate_names")]),
    );
  });

  test("is found by data sources at plan", async () => {
    const looked = federation();
    const filter = `servicePrincipalNames/any(n:n eq '${IDENTIFIER}')`;
    write({
      ...looked,
      data: {
        azuread_service_principals: {
          both: { display_names: ["Contoso AWS Account1", "Nobody"], ignore_missing: true },
        },
        azuread_service_principal: { one: { display_name: "Contoso AWS Account1" } },
        msgraph_resource: {
          one: {
            url: "servicePrincipals",
            query_parameters: { $filter: [filter], $select: ["id,appRoles"] },
            response_export_values: { ids: "value[].id", roles: "value[].appRoles[].displayName" },
          },
        },
      },
      output: {
        found: { value: "${data.azuread_service_principals.both.object_ids}" },
        roles: { value: "${sort([for r in data.azuread_service_principal.one.app_roles : r.value if r.enabled])}" },
        names: { value: "${data.azuread_service_principal.one.service_principal_names}" },
        ids: { value: "${data.msgraph_resource.one.output.ids}" },
        displayNames: { value: "${sort(data.msgraph_resource.one.output.roles)}" },
      },
    });
    expect((await workspace.apply()).code).toBe(0);
    const outputs = JSON.parse((await workspace.run("output", "-json")).out) as Record<string, { value: unknown }>;
    expect(outputs).toMatchObject({
      found: { value: [principal().id] },
      roles: { value: ["", CLAIM] },
      names: { value: [IDENTIFIER] },
      ids: { value: [principal().id] },
      displayNames: { value: ["Developer", "msiam_access"] },
    });
  });
});

test("adoption resets what the configuration does not say", async () => {
  const configuration = federation();
  const app = configuration.resource?.azuread_service_principal?.app;
  delete app?.feature_tags;
  delete app?.app_role_assignment_required;
  await deploy(configuration);
  expect(principal()).toMatchObject({ tags: [], appRoleAssignmentRequired: false });
  expect(await workspace.plan()).toMatchObject(settled);
});

test("a name that exists is refused at plan", async () => {
  await tenant.applications.create({ displayName: "Contoso AWS Account1" });
  write(federation());
  await workspace.init();
  const { code, out } = await workspace.plan();
  expect(code).toBe(1);
  expect(out.replace(/\s+/g, " ")).toContain('An existing "azuread_application" with name "Contoso AWS Account1"');
});

test("a lookup of nobody is an empty list, known at plan", async () => {
  write({
    data: { azuread_service_principals: { none: { display_names: ["Nobody"], ignore_missing: true } } },
    output: { found: { value: "${length(data.azuread_service_principals.none.object_ids)}" } },
  });
  await workspace.init();
  expect((await workspace.plan()).out).toContain("+ found = 0");
});

test("an application that was not finished is tainted, and made again without a trace of the first", async () => {
  write({ resource: { azuread_application: federation().resource?.azuread_application ?? {} } });
  await workspace.init();
  cloud.journal.inject({ nth: 2, when: "before" });
  expect((await workspace.apply()).out).toContain("injected fault");
  cloud.journal.inject(undefined);
  expect(tenant.applications.list()[0]?.displayName).toMatch(/^TERRAFORM_INSTANTIATE_/);

  expect((await workspace.apply()).out).toContain("1 added, 0 changed, 1 destroyed");

  expect(tenant.applications.list().map(({ displayName }) => displayName)).toEqual(["Contoso AWS Account1"]);
  expect(await workspace.plan()).toMatchObject(settled);
});

test("a plain application and its service principal belong to their owners alone", async () => {
  await deploy({
    resource: {
      azuread_application: { plain: { display_name: "plain", owners: [BREAK_GLASS] } },
      azuread_service_principal: {
        plain: { client_id: "${azuread_application.plain.client_id}", owners: [BREAK_GLASS] },
      },
    },
  });
  expect(tenant.applications.byDisplayName("plain")[0]?.owners).toEqual([BREAK_GLASS]);
  expect(tenant.servicePrincipals.byDisplayName("plain")[0]?.owners).toEqual([BREAK_GLASS]);
  expect(await workspace.plan()).toMatchObject(settled);
});

test.each<[string, (configuration: Configuration) => unknown, string]>([
  [
    "a role value with a space",
    (c) => Object.assign(c.resource?.azuread_application?.app ?? {}, { app_role: [role(ROLE, "x", "a, b")] }),
    "must be alphanumeric",
  ],
  [
    "a certificate name without CN=",
    (c) =>
      Object.assign(c.resource?.azuread_service_principal_token_signing_certificate?.c1 ?? {}, { display_name: "c1" }),
    "CN=",
  ],
  [
    "a bare object id where an id is wanted",
    (c) => Object.assign(c.resource?.azuread_application_identifier_uri?.app ?? {}, { application_id: ROLE }),
    "/applications/{}",
  ],
  [
    "something the local cloud does not model",
    (c) => Object.assign(c.resource?.azuread_application?.app ?? {}, { password: { display_name: "p" } }),
    "does not model",
  ],
])("validate refuses %s", async (_, spoil, message) => {
  const configuration = federation();
  spoil(configuration);
  write(configuration);
  await workspace.init();
  const { code, out } = await workspace.validate();
  expect(code).toBe(1);
  expect(out.replace(/\s+/g, " ")).toContain(message);
});
