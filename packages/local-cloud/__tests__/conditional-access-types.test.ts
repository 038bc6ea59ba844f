import { Cloud } from "../cloud/cloud";
import type { Tenant } from "../cloud/entra/tenant";
import { Engine } from "../provider/engine";
import { PluginServer } from "../provider/server";
import * as azuread from "../provider/types/azuread";
import * as msgraph from "../provider/types/msgraph";
import { Workspace } from "./support";

jest.setTimeout(120_000);

const TENANT = "11111111-1111-1111-1111-111111111111";
const PRINCIPAL = "22222222-2222-2222-2222-222222222222";
const BREAK_GLASS = "33333333-3333-3333-3333-333333333333";
const RULE = 'CustomSecurityAttribute.AwsFederation_PolicySet -eq "recommended"';
const TYPE = "#microsoft.graph.customSecurityAttributeValue";

let cloud: Cloud;
let tenant: Tenant;
let server: PluginServer;
let workspace: Workspace;

beforeAll(async () => {
  server = await PluginServer.start([
    new Engine({ source: "registry.terraform.io/hashicorp/azuread", ...azuread, connect: () => tenant }),
    new Engine({ source: "registry.terraform.io/microsoft/msgraph", ...msgraph, connect: () => tenant }),
  ]);
});
afterAll(() => server?.stop());

beforeEach(async () => {
  cloud = new Cloud();
  tenant = cloud.tenant(TENANT);
  tenant.seed({
    users: [{ id: BREAK_GLASS, displayName: "Emergency", userPrincipalName: "emergency@contoso.onmicrosoft.com" }],
    servicePrincipals: [{ id: PRINCIPAL, appId: PRINCIPAL, displayName: "AWS" }],
    securityAttributes: [{ attributeSet: "AwsFederation", name: "PolicySet" }],
  });
  workspace = new Workspace(server.reattach);
});
afterEach(() => workspace.remove());

/** A policy that reaches applications by their attribute, from outside of a named network, for people with certain keys. */
const policy = {
  display_name: "AWS recommended - network",
  state: "enabled",
  conditions: {
    client_app_types: ["all"],
    applications: { included_applications: [], filter: { mode: "include", rule: RULE } },
    users: { included_users: ["All"], excluded_users: [BREAK_GLASS] },
    locations: {
      included_locations: ["All"],
      excluded_locations: ["${azuread_named_location.office.object_id}", "${azuread_named_location.country.object_id}"],
    },
  },
  grant_controls: {
    operator: "OR",
    authentication_strength_policy_id: "${azuread_authentication_strength_policy.keys.id}",
  },
};

const shared = () => ({
  terraform: {
    required_providers: {
      azuread: { source: "hashicorp/azuread", version: "3.9.0" },
      msgraph: { source: "microsoft/msgraph", version: "0.3.0" },
    },
  },
  data: {
    msgraph_resource: {
      attribute: {
        url: "directory/customSecurityAttributeDefinitions",
        query_parameters: { $filter: ["attributeSet eq 'AwsFederation'"] },
        response_export_values: { ids: "value[].id" },
      },
    },
  },
  resource: {
    azuread_named_location: {
      office: { display_name: "Office", ip: { ip_ranges: ["203.0.113.0/24"], trusted: true } },
      country: { display_name: "Here", country: { countries_and_regions: ["DE"] } },
    } as Record<string, object>,
    azuread_authentication_strength_policy: {
      keys: { display_name: "Keys", allowed_combinations: ["fido2"] } as object,
    },
    azuread_conditional_access_policy: { network: policy },
    msgraph_update_resource: {
      attribute: {
        url: `servicePrincipals/${PRINCIPAL}`,
        body: { customSecurityAttributes: { AwsFederation: { "@odata.type": TYPE, PolicySet: "recommended" } } },
        read_query_parameters: { $select: ["customSecurityAttributes"] },
      },
    },
  },
  output: { attributes: { value: "${data.msgraph_resource.attribute.output}" } },
});

async function deploy(configuration: Record<string, unknown>) {
  workspace.write(configuration);
  await workspace.init();
  const { code, out } = await workspace.apply();
  if (code !== 0) throw new Error(out);
}

const office = () => {
  const found = tenant.namedLocations.list().find(({ kind }) => kind === "ip");
  if (found?.kind !== "ip") throw new Error("there is no named location by IP address");
  return found;
};

const settled = { code: 0, out: expect.stringContaining("No changes") };

test("what the tenant shares is deployed in one apply, settles, imports and goes without a trace", async () => {
  await deploy(shared());
  expect(await workspace.plan()).toMatchObject(settled);
  expect(tenant.servicePrincipals.get(PRINCIPAL).customSecurityAttributes).toEqual({
    AwsFederation: { PolicySet: "recommended" },
  });
  expect((await workspace.run("output", "-json")).out).toContain('"AwsFederation_PolicySet"');
  const [strength] = tenant.authenticationStrengths.list();
  for (const [address, id] of [
    ["azuread_named_location.office", `/identity/conditionalAccess/namedLocations/${office().id}`],
    ["azuread_authentication_strength_policy.keys", `/policies/authenticationStrengthPolicies/${strength?.id}`],
  ] as const) {
    await workspace.run("state", "rm", address);
    expect(await workspace.import(address, id)).toMatchObject({ code: 0 });
  }
  expect(await workspace.plan()).toMatchObject(settled);
  // The trusted location lets itself be deleted only without its trust.
  expect(await workspace.destroy()).toMatchObject({ code: 0 });
  expect([
    ...tenant.namedLocations.list(),
    ...tenant.authenticationStrengths.list(),
    ...tenant.conditionalAccess.list(),
  ]).toEqual([]);
});

test("networks, names and combinations are changed in place; another kind of location is another object", async () => {
  const configuration = shared();
  await deploy(configuration);
  const before = office();
  configuration.resource.azuread_named_location.office = {
    ...{ display_name: "Offices", ip: { ip_ranges: ["203.0.113.0/24", "198.51.100.0/24"], trusted: true } },
  };
  configuration.resource.azuread_authentication_strength_policy.keys = {
    ...{ display_name: "Keys", description: "Hardware", allowed_combinations: ["password,hardwareOath", "fido2"] },
  };
  await deploy(configuration);
  expect(tenant.namedLocations.get(before.id)).toMatchObject({
    displayName: "Offices",
    ipRanges: ["203.0.113.0/24", "198.51.100.0/24"],
  });
  expect(tenant.authenticationStrengths.list()).toMatchObject([
    { description: "Hardware", allowedCombinations: expect.arrayContaining(["password,hardwareOath", "fido2"]) },
  ]);
  expect(await workspace.plan()).toMatchObject(settled);

  configuration.resource.azuread_named_location.country = { display_name: "Here", ip: { ip_ranges: ["10.0.0.0/8"] } };
  workspace.write(configuration);
  expect((await workspace.plan()).out).toMatch(/azuread_named_location\.country.* must be replaced/);
});

test("shows what somebody changed by hand: trust, combinations, the attribute", async () => {
  await deploy(shared());
  const [keys] = tenant.authenticationStrengths.list();
  await tenant.namedLocations.update(office().id, { ...office(), isTrusted: false });
  await tenant.authenticationStrengths.updateAllowedCombinations(keys?.id ?? "", ["fido2", "password,sms"]);
  await tenant.servicePrincipals.update(PRINCIPAL, {
    customSecurityAttributes: { AwsFederation: { "@odata.type": TYPE, PolicySet: "weak" } },
  });
  const { out } = await workspace.plan();
  expect(out).toMatch(/trusted += false -> true/);
  expect(out).toContain('"password,sms"');
  expect(out).toMatch(/PolicySet += "weak" -> "recommended"/);
});

test("a map of attributes keeps its type through a change by hand, so that one of its members alone can be ignored", async () => {
  const configuration = shared();
  const { attribute } = configuration.resource.msgraph_update_resource;
  const written = (set: string) =>
    `\${tomap({"@odata.type" = "#Microsoft.DirectoryServices.CustomSecurityAttributeValue", "PolicySet" = "${set}"})}`;
  const ignoreType = { ignore_changes: ['body.customSecurityAttributes.AwsFederation["@odata.type"]'] };
  const write = (AwsFederation: string) =>
    Object.assign(attribute, { body: { customSecurityAttributes: { AwsFederation } }, lifecycle: ignoreType });
  write(written("recommended"));
  await deploy(configuration);
  expect(await workspace.plan()).toMatchObject(settled);
  await tenant.servicePrincipals.update(PRINCIPAL, {
    customSecurityAttributes: { AwsFederation: { "@odata.type": TYPE, PolicySet: "weak" } },
  });
  expect((await workspace.plan()).out).toMatch(/PolicySet"? += "weak" -> "recommended"/);
  write(written("strict"));
  await deploy(configuration);
  expect(tenant.servicePrincipals.get(PRINCIPAL).customSecurityAttributes).toEqual({
    AwsFederation: { PolicySet: "strict" },
  });
  expect(await workspace.plan()).toMatchObject(settled);
});

test("of an object, Terraform ignores every member with the one that is named", async () => {
  const configuration = shared();
  const { attribute } = configuration.resource.msgraph_update_resource;
  Object.assign(attribute, {
    lifecycle: { ignore_changes: ['body.customSecurityAttributes.AwsFederation["@odata.type"]'] },
  });
  await deploy(configuration);
  attribute.body.customSecurityAttributes.AwsFederation.PolicySet = "strict";
  workspace.write(configuration);
  expect(await workspace.plan()).toMatchObject(settled);
});

test("the documented name of the attribute's type comes back under another name, and never settles", async () => {
  const configuration = shared();
  const { AwsFederation } = configuration.resource.msgraph_update_resource.attribute.body.customSecurityAttributes;
  AwsFederation["@odata.type"] = "#Microsoft.DirectoryServices.CustomSecurityAttributeValue";
  await deploy(configuration);
  expect(await workspace.plan()).toMatchObject({ code: 2, out: expect.stringContaining(TYPE) });
  // Without the attribute in the answer, what was written is taken for what is.
  configuration.resource.msgraph_update_resource.attribute.read_query_parameters = { $select: ["id"] };
  await deploy(configuration);
  expect(await workspace.plan()).toMatchObject(settled);
});

describe("a sign-in frequency", () => {
  const EVERY_TIME = { sign_in_frequency_interval: "everyTime" };
  const HOURS = { sign_in_frequency: 8, sign_in_frequency_period: "hours" };
  const TIME_BASED = { ...HOURS, sign_in_frequency_interval: "timeBased" };

  const configured = (session?: object) => {
    const configuration = shared();
    Object.assign(configuration.resource.azuread_conditional_access_policy, {
      network: { ...policy, ...(session ? { session_controls: session } : {}) },
    });
    return configuration;
  };
  const deployed = () => tenant.conditionalAccess.list()[0]?.sessionControls?.signInFrequency ?? null;

  test("goes from every time to hours, to every time, to none", async () => {
    for (const [session, frequency] of [
      [EVERY_TIME, { frequencyInterval: "everyTime", value: null, type: null }],
      [TIME_BASED, { frequencyInterval: "timeBased", value: 8, type: "hours" }],
      [EVERY_TIME, { frequencyInterval: "everyTime", value: null, type: null }],
    ] as const) {
      await deploy(configured(session));
      expect(deployed()).toMatchObject(frequency);
      expect(await workspace.plan()).toMatchObject(settled);
    }
    await deploy(configured());
    expect(deployed()).toBeNull();
    expect(await workspace.plan()).toMatchObject(settled);
  });

  test("in hours alone is no way out of every time, nor is another control beside it", async () => {
    await deploy(configured(EVERY_TIME));
    workspace.write(configured(HOURS));
    expect((await workspace.plan()).out.replace(/\s+/g, " ")).toContain("are not valid");
    await deploy(configured({ ...EVERY_TIME, cloud_app_security_policy: "monitorOnly" }));
    workspace.write(configured({ cloud_app_security_policy: "monitorOnly" }));
    // The file says that nobody is asked again, and everybody still is: the two are two policies.
    expect(await workspace.plan()).toMatchObject(settled);
    expect(deployed()).not.toBeNull();
  });
});

test("a policy has session controls alone", async () => {
  const configuration = shared();
  const { grant_controls: _, ...asksNothing } = policy;
  Object.assign(configuration.resource.azuread_conditional_access_policy, {
    network: { ...asksNothing, session_controls: { cloud_app_security_policy: "monitorOnly" } },
  });
  await deploy(configuration);
  expect(await workspace.plan()).toMatchObject(settled);
  expect(tenant.conditionalAccess.list()).toMatchObject([
    { grantControls: null, sessionControls: { cloudAppSecurity: "monitorOnly", signInFrequency: null } },
  ]);
});

test.each<[string, (configuration: ReturnType<typeof shared>) => unknown, string]>([
  [
    "a filter without a list of applications",
    ({ resource }) => {
      const { included_applications: _, ...filter } = policy.conditions.applications;
      const conditions = { ...policy.conditions, applications: filter };
      Object.assign(resource.azuread_conditional_access_policy, { network: { ...policy, conditions } });
    },
    "one of included_applications, included_user_actions must be specified",
  ],
  [
    "a network that is too wide",
    ({ resource }) => {
      resource.azuread_named_location.office = { display_name: "Office", ip: { ip_ranges: ["10.0.0.0/7"] } };
    },
    "must have a prefix length at least 8",
  ],
  [
    "a location of both kinds",
    ({ resource }) => {
      const ip = { ip_ranges: ["10.0.0.0/8"] };
      resource.azuread_named_location.office = { display_name: "x", ip, country: { countries_and_regions: ["DE"] } };
    },
    "only one of ip, country can be set",
  ],
  [
    "a method that does not exist",
    ({ resource }) => {
      const keys = { display_name: "Keys", allowed_combinations: ["password,pigeon"] };
      resource.azuread_authentication_strength_policy.keys = keys;
    },
    'unrecognized authentication method "pigeon"',
  ],
])("refuses %s", async (_, spoil, message) => {
  const configuration = shared();
  spoil(configuration);
  workspace.write(configuration);
  await workspace.init();
  const { code, out } = await workspace.validate();
  expect(code).toBe(1);
  expect(out.replace(/\s+/g, " ")).toContain(message);
});
