import { Cloud } from "../cloud/cloud";
import { AWS_SINGLE_ACCOUNT_ACCESS } from "../cloud/entra/application-templates";
import type { Tenant } from "../cloud/entra/tenant";
import { conditionalAccessPolicy } from "../provider/types/azuread/conditional-access-policy";
import { dataSources, resources } from "../provider/types/msgraph";
import { type Attributes, UNKNOWN } from "../provider/values";

let tenant: Tenant;
let servicePrincipalId: string;

beforeEach(async () => {
  tenant = new Cloud(undefined, { now: "2026-01-01T00:00:00.000Z", tenants: {}, accounts: {} }).tenant("t");
  ({ servicePrincipalId } = await tenant.applicationTemplates.instantiate(AWS_SINGLE_ACCOUNT_ACCESS, "O'Brien's AWS"));
});

const read = (config: Attributes) => dataSources.msgraph_resource?.read(tenant, config);
const list = (filter: string) =>
  read({
    url: "servicePrincipals",
    query_parameters: { $filter: [filter] },
    response_export_values: { ids: "value[].id" },
  });

test.each(["displayName eq 'O''Brien''s AWS'", "displayName eq 'o''brien''s aws'"])(
  "finds a service principal by %s",
  (filter) => {
    expect(list(filter)).toMatchObject({ id: "servicePrincipals", output: { ids: [servicePrincipalId] } });
  },
);

test("finds nobody without an error", () => {
  expect(list("servicePrincipalNames/any(n:n eq 'https://signin.aws.amazon.com/saml#1')")).toMatchObject({
    output: { ids: [] },
  });
});

test("reads one service principal by its id, selected properties only", () => {
  const found = read({
    url: `servicePrincipals/${servicePrincipalId}`,
    query_parameters: { $select: ["displayName"] },
    response_export_values: { all: "@" },
  });
  expect(found).toMatchObject({ id: servicePrincipalId });
  expect((found as Attributes).output).toEqual({ all: { id: servicePrincipalId, displayName: "O'Brien's AWS" } });
});

test.each<[string, Attributes, string]>([
  ["another collection", { url: "groups" }, "not for groups"],
  [
    "another filter",
    { url: "servicePrincipals", query_parameters: { $filter: ["startswith(displayName,'a')"] } },
    "startswith",
  ],
  ["another query parameter", { url: "servicePrincipals", query_parameters: { $skip: ["1"] } }, "$skip"],
])("refuses %s by name", (_, config, message) => {
  expect(() => read(config)).toThrow(message);
});

describe("custom security attributes", () => {
  const url = "servicePrincipals";
  const headers = { ConsistencyLevel: "eventual" };
  const carriers = (filter: string, more: Attributes = { headers }, count = true) =>
    read({
      ...{ url, ...more, response_export_values: { ids: "value[].id" } },
      query_parameters: { $filter: [filter], ...(count ? { $count: ["true"] } : {}) },
    });
  const where = "customSecurityAttributes/AwsFederation/PolicySet eq";

  beforeEach(async () => {
    tenant.seed({
      securityAttributes: [
        { attributeSet: "AwsFederation", name: "PolicySet" },
        { attributeSet: "Other", name: "Thing", status: "Deprecated" },
      ],
    });
    const values = { "@odata.type": "#microsoft.graph.customSecurityAttributeValue", PolicySet: "recommended" };
    await tenant.servicePrincipals.update(servicePrincipalId, { customSecurityAttributes: { AwsFederation: values } });
  });

  test("find the applications that carry a value, in its own case, also one of several", () => {
    expect(carriers(`${where} 'recommended'`)).toMatchObject({ output: { ids: [servicePrincipalId] } });
    expect(carriers(`${where} 'Recommended'`)).toMatchObject({ output: { ids: [] } });
    expect(carriers(`${where} 'strict' or ${where} 'recommended'`)).toMatchObject({
      output: { ids: [servicePrincipalId] },
    });
    expect(carriers(`${where} 'recommended' and displayName eq 'x or y'`)).toMatchObject({ output: { ids: [] } });
  });

  test("are asked for with a header and a count, as Graph wants it", () => {
    expect(() => carriers(`${where} 'recommended'`, {})).toThrow("ConsistencyLevel: eventual");
    expect(() => carriers(`${where} 'recommended'`, { headers }, false)).toThrow("ConsistencyLevel: eventual");
  });

  test("come only when they are selected", () => {
    const one = (query: Attributes) =>
      (read({ url: `${url}/${servicePrincipalId}`, ...query, response_export_values: { all: "@" } }) as Attributes)
        .output;
    expect(JSON.stringify(one({}))).not.toContain("PolicySet");
    expect(one({ query_parameters: { $select: ["customSecurityAttributes"] } })).toMatchObject({
      all: {
        customSecurityAttributes: {
          AwsFederation: { "@odata.type": "#microsoft.graph.customSecurityAttributeValue", PolicySet: "recommended" },
        },
      },
    });
  });

  test("have definitions that are listed by their set", () => {
    const ids = (filter: string) =>
      read({
        ...{ url: "directory/customSecurityAttributeDefinitions", query_parameters: { $filter: [filter] } },
        response_export_values: { ids: "value[?status=='Available' && type=='String'].id" },
      });
    expect(ids("attributeSet eq 'AwsFederation'")).toMatchObject({ output: { ids: ["AwsFederation_PolicySet"] } });
    expect(ids("attributeSet eq 'Other'")).toMatchObject({ output: { ids: [] } });
    expect(() => read({ url: "directory/customSecurityAttributeDefinitions/x" })).toThrow("not for directory/");
  });
});

test("Conditional Access policies are found by their names and their state, nested as Graph has them", async () => {
  const policy = (name: string, state: string): Attributes => ({
    ...{ id: UNKNOWN, object_id: UNKNOWN, display_name: name, state },
    conditions: [
      {
        client_app_types: ["all"],
        applications: [{ included_applications: ["All"] }],
        users: [{ included_users: ["All"] }],
        authentication_flow_transfer_methods: ["deviceCodeFlow"],
      },
    ],
    grant_controls: [{ operator: "OR", built_in_controls: ["block"] }],
    session_controls: [],
  });
  await conditionalAccessPolicy.create(tenant, policy("Anna's", "enabled"));
  await conditionalAccessPolicy.create(tenant, policy("B", "disabled"));
  const names = (filter: string) =>
    read({
      ...{ url: "identity/conditionalAccess/policies", query_parameters: { $filter: [filter] } },
      response_export_values: { on: "value[?state=='enabled'].displayName", all: "value[].displayName" },
    });
  expect(names("displayName eq 'Anna''s' or displayName eq 'B' or displayName eq 'C'")).toMatchObject({
    output: { on: ["Anna's"], all: ["Anna's", "B"] },
  });
  expect(names("state eq 'disabled'")).toMatchObject({ output: { all: ["B"] } });
  expect(() => names("contains(displayName, 'B')")).toThrow("does not evaluate the filter");
  const [first] = tenant.conditionalAccess.list();
  expect(
    read({ url: `identity/conditionalAccess/policies/${first?.id}`, response_export_values: { all: "@" } }),
  ).toMatchObject({
    output: {
      all: {
        conditions: { authenticationFlows: { transferMethods: "deviceCodeFlow" }, devices: null },
        grantControls: { builtInControls: ["block"], authenticationStrength: null },
      },
    },
  });
});

test("a key comes only when it is selected, a private one never", async () => {
  await tenant.signingCertificates.add(servicePrincipalId, {});
  const keys = (select: string) =>
    JSON.stringify(
      read({
        url: `servicePrincipals/${servicePrincipalId}`,
        query_parameters: { $select: [select] },
        response_export_values: { keys: "keyCredentials[].key" },
      }),
    );
  expect(keys("keyCredentials")).toContain("MII");
  expect(JSON.stringify(read({ url: "servicePrincipals", response_export_values: { all: "@" } }))).not.toContain("MII");
});

test("writing a property that is not modelled is refused by name", async () => {
  const planned = { url: `servicePrincipals/${servicePrincipalId}`, update_method: "PATCH", body: { homepage: "x" } };
  await expect(async () => resources.msgraph_update_resource?.create(tenant, planned)).rejects.toThrow("homepage");
});

test("a Conditional Access policy comes back as it was written, every condition of it", async () => {
  tenant.seed({ securityAttributes: [{ attributeSet: "AwsFederation", name: "PolicySet" }] });
  const guests = {
    guest_or_external_user_types: ["internalGuest"],
    external_tenants: [{ membership_kind: "all", members: [] }],
  };
  const written: Attributes = {
    id: UNKNOWN,
    object_id: UNKNOWN,
    display_name: "everything",
    state: "enabledForReportingButNotEnforced",
    conditions: [
      {
        client_app_types: ["browser"],
        applications: [
          {
            included_applications: ["All"],
            excluded_applications: ["Office365"],
            included_user_actions: [],
            filter: [{ mode: "exclude", rule: 'CustomSecurityAttribute.AwsFederation_PolicySet -eq "y"' }],
          },
        ],
        users: [
          {
            included_users: [],
            excluded_users: [],
            included_groups: [],
            excluded_groups: [],
            included_roles: ["62e90394-69f5-4237-9190-012177145e10"],
            excluded_roles: [],
            included_guests_or_external_users: [guests],
            excluded_guests_or_external_users: [],
          },
        ],
        authentication_flow_transfer_methods: ["deviceCodeFlow"],
        client_applications: [],
        devices: [{ filter: [{ mode: "exclude", rule: "device.isCompliant -eq True" }] }],
        locations: [{ included_locations: ["All"], excluded_locations: ["AllTrusted"] }],
        platforms: [{ included_platforms: ["all"], excluded_platforms: ["linux"] }],
        sign_in_risk_levels: ["high"],
        user_risk_levels: [],
        service_principal_risk_levels: [],
        insider_risk_levels: "minor",
      },
    ],
    grant_controls: [
      {
        operator: "OR",
        built_in_controls: [],
        custom_authentication_factors: [],
        terms_of_use: [],
        authentication_strength_policy_id:
          "/policies/authenticationStrengthPolicies/00000000-0000-0000-0000-000000000004",
      },
    ],
    session_controls: [
      {
        application_enforced_restrictions_enabled: false,
        cloud_app_security_policy: "monitorOnly",
        disable_resilience_defaults: true,
        persistent_browser_mode: "",
        sign_in_frequency: 8,
        sign_in_frequency_period: "hours",
        sign_in_frequency_authentication_type: UNKNOWN,
        sign_in_frequency_interval: UNKNOWN,
      },
    ],
  };

  const made = await conditionalAccessPolicy.create(tenant, written);

  expect(made.session_controls).toMatchObject([
    {
      sign_in_frequency_authentication_type: "primaryAndSecondaryAuthentication",
      sign_in_frequency_interval: "timeBased",
    },
  ]);
  expect(await conditionalAccessPolicy.read(tenant, { id: made.id ?? null })).toMatchObject({
    conditions: [
      { applications: [{ filter: [{ mode: "exclude" }] }], users: [{ included_guests_or_external_users: [{}] }] },
    ],
  });
  expect(await conditionalAccessPolicy.read(tenant, made)).toEqual(made);
});
