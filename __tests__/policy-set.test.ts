import type { PolicyStatement } from "../constructs/aws/trust-policy";
import type { BreakGlassAccess } from "../constructs/baseline/break-glass";
import type { ServiceControlPolicyProps } from "../constructs/baseline/service-control-policy";
import type { MfaControl } from "../constructs/entra/access-policy";
import { declared } from "../constructs/entra/app-roles";
import type { PolicySet } from "../constructs/entra/policy-set";
import type { GroupChoice } from "../constructs/entra/role-group";
import { type AwsAccountProps, AwsAccountStack } from "../constructs/stacks/aws-account-stack";
import { checkTogether } from "../constructs/stacks/check-together";
import { warnOfLicences } from "../constructs/stacks/licences";
import type { Organization, OrganizationPolicies } from "../constructs/stacks/organization-stack";
import { type Location, type TenantProps, TenantStack } from "../constructs/stacks/tenant-stack";
import type { Body, StackJson } from "./support/stack-json";
import {
  type AccountChanges,
  account,
  addresses,
  annotations,
  at,
  hclApp,
  ids,
  organization,
  synthAccount,
  synthesize,
  testApp,
} from "./support/synth";

const everything: PolicySet = {
  covers: "everyone",
  signInFrequency: { hours: 8 },
  cloudAppSecurity: "monitorOnly",
  blockDeviceCodeFlow: true,
  blockLegacyClients: true,
  locations: "trusted",
  device: "compliantOrHybridJoined",
  signInRisk: { levels: ["medium", "high"], require: "mfa" },
  userRisk: { levels: ["high"], require: "block" },
};
const sets = { recommended: everything };
const policies = (standing?: OrganizationPolicies["policies"], more: Partial<OrganizationPolicies> = {}) => ({
  conditionalAccess: { sets, policies: standing, ...more },
});
const named = (standing?: OrganizationPolicies["policies"]): AccountChanges => ({
  conditionalAccess: "recommended",
  organization: policies(standing),
});
const overlapping = (standing: OrganizationPolicies["policies"]): AccountChanges => ({
  conditionalAccess: { set: "recommended", overlap: true },
  organization: policies(standing),
});
const written = (set: string) =>
  `\${tomap({"@odata.type" = "#Microsoft.DirectoryServices.CustomSecurityAttributeValue", "PolicySet" = "${set}"})}`;
const policyAddresses = (json: StackJson) =>
  addresses(json)
    .filter((address) => address.startsWith("azuread_conditional_access_policy."))
    .sort();
const policy = (json: StackJson, name: string): Body => at(json, `azuread_conditional_access_policy.${name}`);
const tenant = (changes: Partial<Organization> = {}, props: TenantProps = {}) =>
  synthesize(new TenantStack(testApp(), "tenant", organization(changes), props));

const OF_THE_SET = [
  "device_code",
  "device",
  "legacy_clients",
  "locations",
  "mfa",
  "session_control",
  "sign_in_risk",
  "user_risk",
].map((name) => `azuread_conditional_access_policy.${name}_policy`);

describe("an account's own policies", () => {
  const { json } = synthAccount({ conditionalAccess: everything });

  test("are MFA alone unless more is asked for", () => {
    expect(policyAddresses(synthAccount().json)).toEqual(["azuread_conditional_access_policy.mfa_policy"]);
  });

  test("are one for each control, for the same application and people, without break-glass", () => {
    expect(policyAddresses(json)).toEqual(OF_THE_SET);
    for (const address of OF_THE_SET) {
      expect(at(json, address)).toMatchObject({
        state: "enabled",
        conditions: {
          applications: { included_applications: ["${azuread_service_principal.enterprise_app.client_id}"] },
          users: { included_users: ["All"], excluded_users: [ids.breakGlass] },
        },
      });
    }
  });

  test.each([
    ["device_code", { authentication_flow_transfer_methods: ["deviceCodeFlow"] }],
    ["legacy_clients", { client_app_types: ["other"] }],
    ["locations", { locations: { included_locations: ["All"], excluded_locations: ["AllTrusted"] } }],
    ["user_risk", { user_risk_levels: ["high"] }],
  ])("%s blocks", (name, conditions) => {
    expect(policy(json, `${name}_policy`)).toMatchObject({
      conditions,
      grant_controls: { operator: "OR", built_in_controls: ["block"] },
    });
    expect(policy(json, `${name}_policy`)["session_controls"]).toBeUndefined();
  });

  test("a risky sign-in shows a second factor anew, from the highest level on", () => {
    expect(policy(json, "sign_in_risk_policy")).toMatchObject({
      conditions: { sign_in_risk_levels: ["high", "medium"] },
      grant_controls: { built_in_controls: ["mfa"] },
      session_controls: { sign_in_frequency_interval: "everyTime" },
    });
  });

  test.each([
    ["passwordless", "00000000-0000-0000-0000-000000000003"],
    ["phishing-resistant", "00000000-0000-0000-0000-000000000004"],
    [{ strength: ids.group }, ids.group],
  ] satisfies [MfaControl, string][])("risk can ask for a strength: %j", (require, id) => {
    const risk = { levels: ["high"], require } as const;
    const { json: asked } = synthAccount({
      conditionalAccess: { covers: "everyone", signInRisk: risk, userRisk: risk },
    });
    for (const name of ["sign_in_risk_policy", "user_risk_policy"]) {
      expect(policy(asked, name)["grant_controls"]).toEqual({
        operator: "OR",
        authentication_strength_policy_id: `/policies/authenticationStrengthPolicies/${id}`,
      });
    }
  });

  test("a blocked risk asks for nothing more often", () => {
    const risk = { levels: ["high"], require: "block" } as const;
    const { json: blocked } = synthAccount({ conditionalAccess: { covers: "everyone", signInRisk: risk } });
    expect(policy(blocked, "sign_in_risk_policy")["session_controls"]).toBeUndefined();
  });

  test("a device is compliant, or joined to Active Directory as well", () => {
    expect(policy(json, "device_policy")["grant_controls"]).toEqual({
      operator: "OR",
      built_in_controls: ["compliantDevice", "domainJoinedDevice"],
    });
    const strict = synthAccount({ conditionalAccess: { covers: "everyone", device: "compliant" } }).json;
    expect(policy(strict, "device_policy")["grant_controls"]).toEqual({
      operator: "OR",
      built_in_controls: ["compliantDevice"],
    });
  });

  test("named locations are listed in one order", () => {
    const locations = { named: [ids.group, ids.deployer] };
    const { json: placed } = synthAccount({ conditionalAccess: { covers: "everyone", locations } });
    expect(policy(placed, "locations_policy")).toMatchObject({
      conditions: { locations: { excluded_locations: [ids.deployer, ids.group] } },
    });
  });

  test.each([
    [
      { hours: 8 },
      { sign_in_frequency: 8, sign_in_frequency_period: "hours", sign_in_frequency_interval: "timeBased" },
    ],
    [{ days: 2 }, { sign_in_frequency: 2, sign_in_frequency_period: "days", sign_in_frequency_interval: "timeBased" }],
    ["everyTime" as const, { sign_in_frequency_interval: "everyTime" }],
  ])("the session belongs to the MFA policy: %j", (signInFrequency, session) => {
    const { json: asked } = synthAccount({ conditionalAccess: { covers: "everyone", signInFrequency } });
    expect(policy(asked, "mfa_policy")["session_controls"]).toEqual(session);
    expect(policyAddresses(asked)).toHaveLength(1);
  });

  test("go through Defender for Cloud Apps by a policy that asks for nothing", () => {
    expect(policy(json, "session_control_policy")).toMatchObject({
      display_name: "AWS Console - Session control - Payments",
      session_controls: { cloud_app_security_policy: "monitorOnly" },
    });
    expect(policy(json, "session_control_policy")["grant_controls"]).toBeUndefined();
    expect(policy(json, "mfa_policy")["session_controls"]).not.toHaveProperty("cloud_app_security_policy");
  });

  test.each<[MfaControl | undefined, MfaControl, boolean]>([
    [undefined, "mfa", false],
    [undefined, "passwordless", true],
    ["passwordless", "mfa", false],
    ["passwordless", "passwordless", false],
    ["passwordless", "phishing-resistant", true],
    ["phishing-resistant", "passwordless", false],
    ["phishing-resistant", { strength: ids.group }, true],
    [{ strength: ids.group }, "phishing-resistant", true],
    [{ strength: ids.group }, { strength: ids.group.toUpperCase() }, false],
  ])("where everybody shows %j, people at risk who show %j show more: %p", (require, atRisk, more) => {
    const userRisk = { levels: ["high"], require: atRisk } as const;
    const { errors } = synthAccount({ conditionalAccess: { covers: "everyone", require, userRisk } });
    const asked = typeof atRisk === "object" ? atRisk.strength : atRisk;
    expect(errors).toEqual(
      more
        ? []
        : [
            `[aws-payments] conditionalAccess.userRisk.require is '${asked}', the MFA policy asks for that of everybody already; take 'block', a stricter strength, or passwordChangeAt in stacks/tenant.ts`,
          ],
    );
  });

  test("all stand before the first assignment, and all are in the state of the set", () => {
    const { json: quiet } = synthAccount({ conditionalAccess: { ...everything, state: "report-only" } });
    for (const address of OF_THE_SET) expect(at(quiet, address)["state"]).toBe("enabledForReportingButNotEnforced");
    const assignment = at(json, "azuread_app_role_assignment.administrator_group");
    expect(assignment["depends_on"]).toEqual(expect.arrayContaining(OF_THE_SET));
  });

  test("cover the groups where the set says so", () => {
    const { json: grouped } = synthAccount({ conditionalAccess: { ...everything, covers: "groups" } });
    for (const address of OF_THE_SET) {
      expect(at(grouped, address)).toMatchObject({
        conditions: { users: { included_groups: ["${azuread_group.administrator_group.object_id}"] } },
      });
    }
  });
});

test("what contradicts itself cannot be written", () => {
  // @ts-expect-error hours or days
  const frequency: PolicySet["signInFrequency"] = { hours: 8, days: 30 };
  // @ts-expect-error trust is for networks
  const country: Location = { countries: ["CH"], trusted: true };
  // @ts-expect-error a network or countries
  const both: Location = { ipRanges: ["203.0.113.0/24"], countries: ["CH"] };
  // @ts-expect-error a set of the organization or policies of the account's own
  const beside: AwsAccountProps["conditionalAccess"] = { set: "recommended", overlap: true, require: "mfa" };
  // @ts-expect-error the account's own policies overlap with nothing
  const overlap: AwsAccountProps["conditionalAccess"] = { covers: "everyone", overlap: true };
  // @ts-expect-error a set without an overlap is its name
  const alone: AwsAccountProps["conditionalAccess"] = { set: "recommended" };
  // @ts-expect-error whoever made a group protects it
  const protectedGroup: GroupChoice = { existing: ids.group, protection: "roleAssignable" };
  // @ts-expect-error a role or a user
  const access: BreakGlassAccess = { role: { trustedPrincipals: [] }, user: { name: "BreakGlass" } };
  // @ts-expect-error a profile or a role to assume
  const signIn: ReturnType<Organization["aws"]> = { profile: "p", assumeRole: [{ roleArn: "arn" }] };
  // @ts-expect-error actions or all but those
  const actions: PolicyStatement = { Effect: "Allow", Action: "s3:*", NotAction: "iam:*", Resource: "*" };
  // @ts-expect-error resources or all but those
  const resources: PolicyStatement = { Effect: "Allow", Action: "s3:*", Resource: "*", NotResource: "*" };
  // @ts-expect-error a role or a user of break-glass
  const scp: ServiceControlPolicyProps["breakGlass"] = { role: "BreakGlass", user: "BreakGlass" };
  // @ts-expect-error only imported roles guard their assignments
  const retiring = declared({ retiring: true });
  const written = [frequency, country, both, beside, overlap, alone, protectedGroup, access];
  expect([...written, signIn, actions, resources, scp, retiring]).toHaveLength(13);
});

describe("what contradicts itself in plain JavaScript is refused", () => {
  /** As JavaScript passes it: no type looks at it. */
  const untyped = (value: object) => value as never;

  test.each<[string, AccountChanges, string]>([
    [
      "a set beside options of the account's own",
      { conditionalAccess: untyped({ set: "recommended", overlap: true, covers: "everyone", require: "mfa" }) },
      "[aws-payments] conditionalAccess is 'set', 'covers', 'require', an account takes a set or options of its own, and these would be lost; move them to the set in organization.ts, or leave set and overlap out",
    ],
    [
      "a set that does not overlap",
      { conditionalAccess: untyped({ set: "recommended" }) },
      "[aws-payments] conditionalAccess.overlap is undefined, it takes true, beside a set alone; write { set, overlap: true }, or the name of the set alone, or options of the account's own without it",
    ],
    [
      "a set that overlaps with false",
      { conditionalAccess: untyped({ set: "recommended", overlap: false }) },
      "[aws-payments] conditionalAccess.overlap is false, it takes true, beside a set alone; write { set, overlap: true }, or the name of the set alone, or options of the account's own without it",
    ],
    [
      "an overlap with no set",
      { conditionalAccess: untyped({ covers: "everyone", overlap: true }) },
      "[aws-payments] conditionalAccess.overlap is true, it takes true, beside a set alone; write { set, overlap: true }, or the name of the set alone, or options of the account's own without it",
    ],
    [
      "hours and days",
      { conditionalAccess: { covers: "everyone", signInFrequency: untyped({ days: 30, hours: 8 }) } },
      "[aws-payments/MFA policy] conditionalAccess.signInFrequency is 'days', 'hours', Entra takes one unit, and the other would be lost; write one of hours, days",
    ],
    [
      "a group that is neither to make nor there",
      { roles: { Administrator: { group: untyped({ name: undefined }) } } },
      "[aws-payments/Administrator group] group is empty, a role has one group, made here by name or there already by object ID; write one of name, existing",
    ],
    [
      "an existing group's protection",
      { roles: { Administrator: { group: untyped({ existing: ids.group, protection: "roleAssignable" }) } } },
      "[aws-payments/Administrator group] group.protection is 'roleAssignable', who made an existing group protects it, and nothing here would; leave it out",
    ],
  ])("%s", (_, changes, message) => {
    expect(synthAccount({ ...changes, organization: policies("overlap") }).errors).toContain(message);
  });

  test.each<[string, object, string]>([
    [
      "networks and countries",
      { ipRanges: ["203.0.113.0/24"], countries: ["CH"] },
      "[tenant/Offices location] location is 'ipRanges', 'countries', Entra makes a location of networks or of countries, and the other would be lost; write one of ipRanges, countries",
    ],
    [
      "neither",
      {},
      "[tenant/Offices location] location is empty, Entra makes a location of networks or of countries, and the other would be lost; write one of ipRanges, countries",
    ],
    [
      "trusted countries",
      { countries: ["CH"], trusted: true },
      "[tenant/Offices location] trusted is true, Entra trusts networks alone; leave it out, or write ipRanges",
    ],
  ])("a location of %s", (_, location, message) => {
    expect(tenant({}, { namedLocations: { Offices: untyped(location) } }).errors).toContain(message);
  });

  test("what is undefined is not written", () => {
    const conditionalAccess = untyped({ set: "recommended", overlap: true, covers: undefined });
    const group = untyped({ name: undefined, existing: ids.group, protection: undefined });
    const changes = { conditionalAccess, organization: policies("overlap"), roles: { Administrator: { group } } };
    expect(synthAccount(changes).errors).toEqual([]);
    const location = untyped({ ipRanges: ["203.0.113.0/24"], countries: undefined });
    expect(tenant({}, { namedLocations: { Offices: location } }).errors).toEqual([]);
  });
});

describe("a role that asks for more", () => {
  const { json } = synthAccount({
    roles: {
      Administrator: { require: "phishing-resistant", signInFrequency: { hours: 1 } },
      Developer: {},
    },
  });

  test("has a policy for its own group", () => {
    expect(policyAddresses(json)).toEqual([
      "azuread_conditional_access_policy.administrator_sign_in_policy",
      "azuread_conditional_access_policy.mfa_policy",
    ]);
    expect(policy(json, "administrator_sign_in_policy")).toMatchObject({
      display_name: "AWS Console - Sign-in as Administrator - Payments",
      conditions: { users: { included_groups: ["${azuread_group.administrator_group.object_id}"] } },
      grant_controls: {
        authentication_strength_policy_id:
          "/policies/authenticationStrengthPolicies/00000000-0000-0000-0000-000000000004",
      },
      session_controls: { sign_in_frequency: 1, sign_in_frequency_period: "hours" },
    });
  });

  test("and access comes after it, and command line tools are told", () => {
    expect(at(json, "azuread_app_role_assignment.administrator_group")["depends_on"]).toContain(
      "azuread_conditional_access_policy.administrator_sign_in_policy",
    );
    expect(String(json.output?.["cli_profile"]?.["value"])).toContain("passkey");
  });

  test("asks more often for what the account asks, where it names no factor", () => {
    const changes: AccountChanges = {
      conditionalAccess: { covers: "everyone", require: "passwordless" },
      roles: { Administrator: { signInFrequency: "everyTime" } },
    };
    expect(policy(synthAccount(changes).json, "administrator_sign_in_policy")).toMatchObject({
      grant_controls: {
        authentication_strength_policy_id:
          "/policies/authenticationStrengthPolicies/00000000-0000-0000-0000-000000000003",
      },
    });
  });
});

describe("a policy set that an account names", () => {
  test("is made in the account, unless the organization shares it", () => {
    for (const standing of [undefined, "perAccount"] as const) {
      const { json } = synthAccount(named(standing));
      expect(policyAddresses(json)).toEqual(OF_THE_SET);
      expect(json.resource?.["msgraph_update_resource"]).not.toHaveProperty("policy_set");
    }
  });

  test("is carried by the application in an overlap, and the account keeps its policies", () => {
    const { json } = synthAccount(named("overlap"));
    expect(policyAddresses(json)).toEqual(OF_THE_SET);
    expect(at(json, "msgraph_update_resource.policy_set")).toEqual({
      url: "servicePrincipals/${azuread_service_principal.enterprise_app.object_id}",
      body: { customSecurityAttributes: { AwsFederation: written("recommended") } },
      read_query_parameters: { $select: ["customSecurityAttributes"] },
      ignore_missing_property: false,
      lifecycle: { ignore_changes: ['body.customSecurityAttributes.AwsFederation["@odata.type"]'] },
      depends_on: expect.arrayContaining(OF_THE_SET),
    });
  });

  test("leaves the account no policy of its own when shared, and access waits for the attribute", () => {
    const { json } = synthAccount({ ...named("shared"), roles: { Administrator: { require: "phishing-resistant" } } });
    expect(policyAddresses(json)).toEqual(["azuread_conditional_access_policy.administrator_sign_in_policy"]);
    expect(at(json, "azuread_app_role_assignment.administrator_group")["depends_on"]).toContain(
      "msgraph_update_resource.policy_set",
    );
  });

  test("stops a shared account's plan while the tenant lacks its MFA policy, or the application the attribute", () => {
    const guard = (changes: AccountChanges) => {
      const { json } = synthAccount(changes);
      const block = json.data?.["msgraph_resource"]?.["policy_set_policies_now"];
      const lifecycle = block?.["lifecycle"] as { postcondition: { condition: string }[] } | undefined;
      return lifecycle?.postcondition.map(({ condition }) => condition);
    };
    expect(guard(named("overlap"))).toBeUndefined();
    expect(guard(overlapping("shared"))).toBeUndefined();
    expect(guard(named("shared"))).toEqual([
      expect.stringMatching(/^\$\{contains\(self\.output\.on, "AWS Console - MFA - policy set recommended"\) \|\| /),
      expect.stringMatching(
        /^\$\{contains\(.*policy_set_application_now\.output\.sets, "recommended"\) \|\| !anytrue\(/,
      ),
    ]);
  });

  test("is left with a warning where another policy of the set is not in force", () => {
    const checks = (standing: OrganizationPolicies["policies"]) =>
      (synthAccount(named(standing)).json as { check?: Record<string, unknown> }).check;
    expect(checks("overlap")).toBeUndefined();
    expect(checks("shared")).toEqual({
      shared_policies: {
        assert: [
          {
            condition: expect.stringContaining('"AWS Console - Device code flow - policy set recommended"'),
            error_message: expect.stringContaining("deploy the stack of the tenant, or turn the policy on again"),
          },
        ],
      },
    });
  });

  test("is carried beside the account's own policies where the account says so", () => {
    const { json } = synthAccount(overlapping("shared"));
    expect(policyAddresses(json)).toEqual(OF_THE_SET);
    expect(at(json, "msgraph_update_resource.policy_set")).toMatchObject({
      body: { customSecurityAttributes: { AwsFederation: written("recommended") } },
    });
  });

  test("brings msgraph into a stack that activates certificates by hand", () => {
    const manual = { signing: { active: "c", certificates: { c: "2028-11-30" }, activation: "manual" } } as const;
    const providers = (changes: AccountChanges) =>
      Object.keys(synthAccount({ ...manual, ...changes }).json.provider ?? {});
    expect(providers({})).not.toContain("msgraph");
    expect(providers(named("shared"))).toContain("msgraph");
  });

  test.each(["overlap", "shared"] as const)(
    "%s: an account that writes its own policies says that it carries none, once they stand",
    (standing) => {
      const { json } = synthAccount({ organization: policies(standing) });
      expect(policyAddresses(json)).toEqual(["azuread_conditional_access_policy.mfa_policy"]);
      expect(at(json, "msgraph_update_resource.policy_set")).toMatchObject({
        body: { customSecurityAttributes: { AwsFederation: written("none") } },
        depends_on: ["azuread_conditional_access_policy.mfa_policy"],
      });
      expect(json.data?.["msgraph_resource"]).not.toHaveProperty("policy_set_policies_now");
    },
  );
});

describe("the tenant", () => {
  test("has nothing that was not asked for", () => {
    expect(addresses(tenant().json).filter((address) => !address.startsWith("data."))).toEqual([]);
  });

  test.each(["overlap", "shared"] as const)(
    "%s: has the policies of each set once, for whoever carries its name",
    (standing) => {
      const { json } = tenant(policies(standing));
      expect(policyAddresses(json)).toEqual(
        OF_THE_SET.map((address) => address.replace(".", ".recommended_set_")).sort(),
      );
      expect(policy(json, "recommended_set_mfa_policy")).toMatchObject({
        display_name: "AWS Console - MFA - policy set recommended",
        conditions: {
          applications: {
            included_applications: [],
            filter: { mode: "include", rule: 'CustomSecurityAttribute.AwsFederation_PolicySet -eq "recommended"' },
          },
          users: { included_users: ["All"], excluded_users: [ids.breakGlass] },
        },
      });
    },
  );

  test("shared policies cannot be destroyed while accounts rely on them", () => {
    const guarded = (standing: OrganizationPolicies["policies"]) =>
      policyAddresses(tenant(policies(standing)).json).map(
        (address) => at(tenant(policies(standing)).json, address)["lifecycle"],
      );
    expect(new Set(guarded("shared").map((lifecycle) => JSON.stringify(lifecycle)))).toEqual(
      new Set(['{"prevent_destroy":true}']),
    );
    expect(guarded("overlap").every((lifecycle) => lifecycle === undefined)).toBe(true);
  });

  test("asks for the attribute before policies ask for it", () => {
    const lookups = (changes: Partial<Organization>) =>
      Object.keys(tenant(changes).json.data?.["msgraph_resource"] ?? {});
    expect(lookups(policies("overlap"))).toContain("attribute");
    expect(lookups(policies("shared"))).toContain("attribute");
    expect(lookups(policies("perAccount"))).not.toContain("attribute");
    expect(lookups({})).not.toContain("attribute");
  });

  test.each<[string, Partial<Organization>, string]>([
    ["shared", policies("shared"), '["recommended"]'],
    ["overlap", policies("overlap"), '["recommended"]'],
    ["perAccount", policies("perAccount"), "[]"],
    ["no set left", {}, "[]"],
  ])("%s: looks for applications of the sets that leave", (_, changes, staying) => {
    const { json } = tenant(changes);
    expect(json.data?.["msgraph_resource"]).toHaveProperty("policies_now");
    expect(json.data?.["msgraph_resource"]).toHaveProperty("carriers_now");
    expect(String(json.locals?.["leaving_sets"])).toMatch(
      new RegExp(`^\\$\\{setsubtract\\(.*, ${staying.replace(/[[\]]/g, "\\$&")}\\)\\}$`),
    );
  });

  test("asks for all applications of a set that leaves on one page, the most that Graph gives", () => {
    expect(at(tenant(policies("shared")).json, "data.msgraph_resource.carriers_now")["query_parameters"]).toMatchObject(
      {
        $top: ["999"],
        $count: ["true"],
      },
    );
  });

  test("names locations and strengths, and tells the strengths' ids", () => {
    const { json } = tenant(
      {},
      {
        namedLocations: {
          Offices: { ipRanges: ["203.0.113.0/24", "198.51.100.0/24"], trusted: true },
          Home: { countries: ["DE", "CH"] },
        },
        strengths: { Keys: ["x509CertificateMultiFactor", "fido2"] },
      },
    );
    expect(at(json, "azuread_named_location.offices_location")).toEqual({
      display_name: "Offices",
      ip: { ip_ranges: ["198.51.100.0/24", "203.0.113.0/24"], trusted: true },
    });
    expect(at(json, "azuread_named_location.home_location")).toMatchObject({
      country: { countries_and_regions: ["CH", "DE"] },
    });
    expect(at(json, "azuread_authentication_strength_policy.keys_strength")).toEqual({
      display_name: "Keys",
      allowed_combinations: ["fido2", "x509CertificateMultiFactor"],
    });
    expect(json.output?.["named_locations"]?.["value"]).toEqual({
      Offices: "${azuread_named_location.offices_location.object_id}",
      Home: "${azuread_named_location.home_location.object_id}",
    });
    expect(json.output?.["strengths"]?.["value"]).toEqual({
      Keys: "${azuread_authentication_strength_policy.keys_strength.id}",
    });
  });

  test("has what Entra takes for all resources only, for the groups that are named", () => {
    const { json } = tenant(
      {},
      { allResources: { groups: [ids.group], persistentBrowser: "never", passwordChangeAt: ["medium", "high"] } },
    );
    const target = {
      applications: { included_applications: ["All"] },
      users: { included_groups: [ids.group], excluded_users: [ids.breakGlass] },
    };
    expect(policy(json, "browser_session_policy")).toMatchObject({
      state: "enabled",
      conditions: target,
      session_controls: { persistent_browser_mode: "never" },
    });
    expect(policy(json, "browser_session_policy")["grant_controls"]).toBeUndefined();
    expect(policy(json, "password_change_policy")).toMatchObject({
      state: "enabled",
      conditions: { ...target, user_risk_levels: ["high", "medium"] },
      grant_controls: { operator: "AND", built_in_controls: ["mfa", "passwordChange"] },
    });
  });

  test("tries what is for all resources in report-only first", () => {
    const allResources: TenantProps["allResources"] = {
      ...{ groups: [ids.group], persistentBrowser: "never", passwordChangeAt: ["high"], state: "report-only" },
    };
    const { json } = tenant({}, { allResources });
    for (const name of ["browser_session_policy", "password_change_policy"])
      expect(policy(json, name)["state"]).toBe("enabledForReportingButNotEnforced");
  });

  test("needs ID Protection for a password change alone", () => {
    const licences = (allResources: TenantProps["allResources"]) =>
      new TenantStack(testApp(), "tenant", organization(), { allResources }).licensedOptions;
    expect(licences({ groups: [ids.group], passwordChangeAt: ["high"] })).toEqual([
      { licence: "Microsoft Entra ID P2", option: "passwordChangeAt" },
    ]);
    expect(licences({ groups: [ids.group], persistentBrowser: "never" })).toEqual([]);
  });

  test("shares a set in the state that the set has", () => {
    const quiet = { sets: { recommended: { ...everything, state: "report-only" } }, policies: "shared" } as const;
    const { json } = tenant({ conditionalAccess: quiet });
    expect(policyAddresses(json)).toHaveLength(OF_THE_SET.length);
    for (const address of policyAddresses(json))
      expect(at(json, address)["state"]).toBe("enabledForReportingButNotEnforced");
  });

  test("has no policy that could lock everybody out", () => {
    const nobody = { breakGlass: { users: [] }, ...policies("shared") };
    const allResources = { groups: [ids.group], persistentBrowser: "never", passwordChangeAt: ["high"] } as const;
    const { json, errors } = tenant(nobody, { allResources });
    const open = errors.filter((error) =>
      error.endsWith(
        "] breakGlass is empty, a policy without an exclusion can lock everybody out; name the emergency access accounts in organization.ts",
      ),
    );
    expect(open).toHaveLength(policyAddresses(json).length);
    expect(open.join()).toContain("[tenant/Password change policy]");
  });

  test.each<[string, Partial<Organization>, TenantProps, string]>([
    [
      "a shared set for groups",
      { conditionalAccess: { sets: { recommended: { covers: "groups" } }, policies: "shared" } },
      {},
      "[tenant/recommended set] covers is 'groups', a shared policy knows no account's groups; write 'everyone', or keep the policies per account",
    ],
    [
      "a set's name that ends the rule",
      { conditionalAccess: { sets: { 'x"y': { covers: "everyone" } }, policies: "overlap" } },
      {},
      `[tenant/x"y set] policy set is 'x"y', the attribute takes a letter, then up to 63 letters, digits and '-', and 'none' is for applications of no set; rename the set`,
    ],
    [
      "a set that is called as no set is",
      { conditionalAccess: { sets: { None: { covers: "everyone" } }, policies: "shared" } },
      {},
      "[tenant/None set] policy set is 'None', the attribute takes a letter, then up to 63 letters, digits and '-', and 'none' is for applications of no set; rename the set",
    ],
    [
      "a shared set that asks nobody",
      {
        conditionalAccess: { sets: { recommended: { covers: "everyone", state: "report-only" } }, policies: "shared" },
      },
      {},
      "[tenant/recommended set] state is 'report-only', with 'shared' nothing else asks for MFA; turn the set on, or keep its policies in the accounts ('perAccount') until it is",
    ],
    [
      "a location without a range",
      {},
      { namedLocations: { Offices: { ipRanges: [] } } },
      "[tenant/Offices location] location is empty, Entra takes at least one range or country; add one",
    ],
    [
      "a strength without a method",
      {},
      { strengths: { Keys: [] } },
      "[tenant/Keys strength] combinations is empty, Entra takes at least one; name a method such as 'fido2'",
    ],
    [
      "sixteen strengths",
      {},
      { strengths: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`S${i}`, ["fido2"]])) },
      "[tenant] number of strengths is 16, Entra takes 15 custom ones in a tenant; merge some",
    ],
    [
      "all resources for nobody",
      {},
      { allResources: { groups: [], persistentBrowser: "never" } },
      "[tenant] allResources.groups is empty, a policy for all resources without an audience would hold for everybody in the tenant; name the groups of people who work in AWS",
    ],
    [
      "all resources for a group by name",
      {},
      { allResources: { groups: ["AWS people"], persistentBrowser: "never" } },
      "[tenant] allResources.groups[0] is 'AWS people', Entra takes a GUID; copy the object ID of the group from the Entra admin center",
    ],
    [
      "nothing for all resources",
      {},
      { allResources: { groups: [ids.group] } },
      "[tenant] allResources is empty, there would be no policy; write persistentBrowser or passwordChangeAt, or leave allResources out",
    ],
    [
      "a password change at no level",
      {},
      { allResources: { groups: [ids.group], passwordChangeAt: [] } },
      "[tenant] allResources.passwordChangeAt is empty, Entra takes low, medium and high; name the levels at which somebody is asked",
    ],
    [
      "a password change at a level that Entra does not know",
      {},
      { allResources: { groups: [ids.group], passwordChangeAt: ["high", "medum" as "medium"] } },
      "[tenant] allResources.passwordChangeAt is 'medum', Entra takes low, medium and high; name the levels at which somebody is asked",
    ],
    ...(["password", "sms", "fido2,sms", "email", "FIDO2 security key"] as string[] as "fido2"[]).map(
      (one): [string, Partial<Organization>, TenantProps, string] => [
        `a strength of '${one}'`,
        {},
        { strengths: { Keys: ["fido2", one] } },
        `[tenant/Keys strength] combinations[1] is '${one}', a strength is multifactor authentication here, and Graph has a spelling for each; choose among MFA_COMBINATIONS in constructs/entra/access-policy.ts`,
      ],
    ),
    ...[
      "banana",
      "203.0.113.0",
      "203.0.113.0-203.0.113.9",
      "10.0.0.0/4",
      "10.0.0.0/33",
      "10.0.0.0/",
      "300.0.0.0/8",
    ].map((range): [string, Partial<Organization>, TenantProps, string] => [
      `a location at '${range}'`,
      {},
      { namedLocations: { Offices: { ipRanges: ["203.0.113.0/24", range] } } },
      `[tenant/Offices location] ipRanges[1] is '${range}', Entra takes CIDR form, /8 or longer; write such as '203.0.113.0/24'`,
    ]),
    [
      "a location by IPv6",
      {},
      { namedLocations: { Offices: { ipRanges: ["2001:db8::/32"] } } },
      "[tenant/Offices location] ipRanges[0] is '2001:db8::/32', azuread 3.9.0 tells Graph that every range is IPv4, and no source says what comes of it; make a location with it in the Entra admin center and name that by its ID",
    ],
    ...["Switzerland", "ch", "CHE"].map((country): [string, Partial<Organization>, TenantProps, string] => [
      `a location in '${country}'`,
      {},
      { namedLocations: { Home: { countries: [country] } } },
      `[tenant/Home location] countries[0] is '${country}', Entra takes two-letter country codes; write such as 'CH'`,
    ]),
  ])("refuses %s", (_, changes, props, message) => {
    expect(tenant(changes, props).errors).toContain(message);
  });

  test("leaves its guards out of HCL, which cannot hold them", () => {
    const stack = new TenantStack(hclApp(), "tenant", organization(policies("perAccount")));
    expect(synthesize(stack).json.data).toBeUndefined();
  });
});

describe("over all stacks", () => {
  const together = (count: number, changes: AccountChanges, withTenant = true) => {
    const app = testApp();
    const stacks = Array.from({ length: count }, (_, i) => {
      const own = { accountId: String(210987654321 + i), accountName: `Payments${i}` };
      return new AwsAccountStack(app, `aws-account${i + 1}`, account({ ...changes, ...own }));
    });
    const shared = withTenant ? new TenantStack(app, "tenant", organization(changes.organization)) : undefined;
    checkTogether(stacks, shared);
    warnOfLicences(shared ? [shared, ...stacks] : stacks);
    return { errors: annotations(app, "@cdktf/error"), warnings: annotations(app, "@cdktf/warn") };
  };
  const TOO_MANY =
    "have accounts name a policy set and share its policies (conditionalAccess.policies), or ask for less: each role with a 'require' or 'signInFrequency' of its own has a policy in its account";

  test("policies are counted against what Entra takes", () => {
    const few = { conditionalAccess: { covers: "everyone", blockDeviceCodeFlow: true } } as const;
    expect(together(120, few).errors).toEqual([]);
    expect(together(121, few).errors).toEqual([
      `[tenant] number of Conditional Access policies in all stacks is 242, the organization's budget is 240 of the 240 that Entra takes in a tenant; ${TOO_MANY}`,
    ]);
  });

  test("and against the organization's own budget, both stacks of an overlap together", () => {
    const changes = (standing: OrganizationPolicies["policies"]): AccountChanges => ({
      conditionalAccess: "recommended",
      organization: policies(standing, { budget: 20 }),
    });
    expect(together(2, changes("perAccount")).errors).toEqual([]);
    expect(together(2, changes("overlap")).errors).toEqual([
      `[tenant] number of Conditional Access policies in all stacks is 24, the organization's budget is 20 of the 240 that Entra takes in a tenant; ${TOO_MANY}`,
    ]);
    expect(together(300, changes("shared")).errors).toEqual([]);
  });

  test.each([0, 241, 1.5])("a budget of %p is refused", (budget) => {
    expect(together(1, { organization: policies("perAccount", { budget }) }).errors).toContain(
      `[tenant] conditionalAccess.budget is ${budget}, Entra takes 240 policies in a tenant; choose a number from 1 to 240`,
    );
  });

  test("shared policies that no stack makes are refused", () => {
    expect(together(1, named("shared"), false).errors).toEqual([
      "[aws-account1] conditionalAccess is 'recommended', its policies are shared, and no stack makes them; add the tenant to main.ts, or set conditionalAccess.policies to 'perAccount' in organization.ts",
    ]);
  });

  test("each licence is named once, however many accounts need it", () => {
    expect(together(3, named("perAccount")).warnings).toEqual([
      "[aws-account1] licence for signInRisk, userRisk (also in aws-account2, aws-account3) is 'Microsoft Entra ID P2'; make sure that the tenant has it",
      "[aws-account1] licence for cloudAppSecurity (also in aws-account2, aws-account3) is 'Microsoft Defender for Cloud Apps'; make sure that the tenant has it",
      "[aws-account1] licence for device (also in aws-account2, aws-account3) is 'Microsoft Intune'; make sure that the tenant has it",
    ]);
  });

  test("of many accounts that need a licence, a few are named", () => {
    const [first] = together(6, named("shared")).warnings;
    expect(first).toBe(
      "[tenant] licence for signInRisk, userRisk (also in aws-account1, aws-account2, aws-account3 and 3 more) is 'Microsoft Entra ID P2'; make sure that the tenant has it",
    );
  });
});
