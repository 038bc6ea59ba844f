import { Clock } from "../cloud/clock";
import { type ConditionalAccessBody, MAX_POLICIES } from "../cloud/entra/conditional-access";
import type { ServicePrincipalBody } from "../cloud/entra/service-principals";
import type { TenantState } from "../cloud/entra/state";
import { Tenant } from "../cloud/entra/tenant";
import { Journal } from "../cloud/journal";

const ALICE = "33333333-3333-3333-3333-333333333333";
const PRINCIPAL = "44444444-4444-4444-4444-444444444444";
const APP = "55555555-5555-5555-5555-555555555555";

let state: TenantState;
let tenant: Tenant;

beforeEach(() => {
  state = Tenant.emptyState("11111111-1111-1111-1111-111111111111");
  const surroundings = { clock: new Clock({ now: "2026-01-01T00:00:00.000Z" }), journal: new Journal(() => undefined) };
  tenant = new Tenant(state, surroundings, () => []);
  tenant.seed({
    users: [{ id: ALICE, displayName: "Alice", userPrincipalName: "alice@contoso.onmicrosoft.com" }],
    servicePrincipals: [{ id: PRINCIPAL, appId: APP, displayName: "AWS" }],
    securityAttributes: [
      { attributeSet: "AwsFederation", name: "PolicySet" },
      { attributeSet: "AwsFederation", name: "Tier", type: "Integer" },
      { attributeSet: "AwsFederation", name: "Teams", isCollection: true },
      { attributeSet: "AwsFederation", name: "Old", status: "Deprecated" },
      {
        ...{ attributeSet: "AwsFederation", name: "Stage", usePreDefinedValuesOnly: true },
        allowedValues: [
          { id: "prod", isActive: true },
          { id: "test", isActive: false },
        ],
      },
    ],
  });
});

/** Asks everyone at the application for a second factor. */
const body = (): ConditionalAccessBody => ({
  displayName: "AWS - MFA",
  state: "enabled",
  conditions: {
    applications: {
      ...{ includeApplications: [APP], excludeApplications: [], includeUserActions: [] },
      applicationFilter: null,
    },
    users: {
      ...{ includeUsers: ["All"], excludeUsers: [ALICE], includeGroups: [], excludeGroups: [] },
      ...{ includeRoles: [], excludeRoles: [] },
      ...{ includeGuestsOrExternalUsers: null, excludeGuestsOrExternalUsers: null },
    },
    ...{ clientAppTypes: ["all"], transferMethods: null, clientApplications: null, deviceFilter: null },
    ...{ locations: null, platforms: null, signInRiskLevels: [], userRiskLevels: [] },
    ...{ servicePrincipalRiskLevels: [], insiderRiskLevels: null },
  },
  grantControls: {
    ...{ operator: "OR", builtInControls: ["mfa"], customAuthenticationFactors: [], termsOfUse: [] },
    authenticationStrength: null,
  },
  sessionControls: null,
});

/** Another password for whoever is at high risk. */
function passwordChange(): ConditionalAccessBody {
  const policy = body();
  policy.conditions.applications.includeApplications = ["All"];
  policy.conditions.userRiskLevels = ["high"];
  Object.assign(policy.grantControls ?? {}, { operator: "AND", builtInControls: ["mfa", "passwordChange"] });
  return policy;
}

function withSession(controls: Partial<NonNullable<ConditionalAccessBody["sessionControls"]>>): ConditionalAccessBody {
  const policy = body();
  policy.conditions.applications.includeApplications = ["All"];
  policy.sessionControls = {
    ...{ applicationEnforcedRestrictions: false, cloudAppSecurity: null, disableResilienceDefaults: false },
    ...{ persistentBrowser: null, signInFrequency: null },
    ...controls,
  };
  return policy;
}

const everyTime = {
  ...{ value: null, type: null, authenticationType: "primaryAndSecondaryAuthentication" },
  frequencyInterval: "everyTime",
};
const timeBased = { ...everyTime, value: 4, type: "hours", frequencyInterval: "timeBased" };
const filter = (rule: string) => ({ mode: "include", rule: `CustomSecurityAttribute.${rule}` });
const create = (policy: ConditionalAccessBody) => tenant.conditionalAccess.create(policy);
const refusal = { code: "BadRequest", status: 400 };

describe("another password", () => {
  test("is asked for after MFA or a strength, at a user risk, for everything", async () => {
    await create(passwordChange());
    const strong = passwordChange();
    Object.assign(strong.grantControls ?? {}, {
      builtInControls: ["passwordChange"],
      authenticationStrength: "00000000-0000-0000-0000-000000000002",
    });
    await create(strong);
  });

  test.each<[string, (policy: ConditionalAccessBody) => unknown]>([
    ["without MFA", ({ grantControls }) => grantControls?.builtInControls.shift()],
    ["joined by OR", ({ grantControls }) => Object.assign(grantControls ?? {}, { operator: "OR" })],
    ["beside a device", ({ grantControls }) => grantControls?.builtInControls.push("compliantDevice")],
    ["without a user risk", ({ conditions }) => conditions.userRiskLevels.pop()],
    ["for one application", ({ conditions }) => (conditions.applications.includeApplications = [APP])],
    ["with an application left out", ({ conditions }) => conditions.applications.excludeApplications.push(APP)],
    ["at a sign-in risk, too", ({ conditions }) => conditions.signInRiskLevels.push("high")],
    ["for browsers alone", ({ conditions }) => (conditions.clientAppTypes = ["browser"])],
    [
      "outside of trusted networks",
      ({ conditions }) => (conditions.locations = { includeLocations: ["All"], excludeLocations: ["AllTrusted"] }),
    ],
    ["in device code flow", ({ conditions }) => (conditions.transferMethods = "deviceCodeFlow")],
  ])("is refused %s", async (_, spoil) => {
    const policy = passwordChange();
    spoil(policy);
    await expect(create(policy)).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining("'passwordChange'"),
    });
  });
});

describe("a session control", () => {
  test.each([
    ["no persistent browser", withSession({ persistentBrowser: "never" })],
    ["a frequency in hours", withSession({ signInFrequency: timeBased })],
    ["every time", withSession({ signInFrequency: everyTime })],
  ])("is taken: %s", async (_, policy) => {
    expect((await create(policy)).sessionControls).toEqual(policy.sessionControls);
  });

  test("for the browser needs all applications", async () => {
    const policy = withSession({ persistentBrowser: "never" });
    policy.conditions.applications.includeApplications = [APP];
    await expect(create(policy)).rejects.toThrow("'persistentBrowser' needs all applications");
    policy.conditions.applications = {
      ...{ includeApplications: ["All"], excludeApplications: [], includeUserActions: [] },
      applicationFilter: filter('AwsFederation_PolicySet -eq "x"'),
    };
    await expect(create(policy)).rejects.toThrow("'persistentBrowser' needs all applications");
  });

  test("of a frequency needs a value, and every time needs none", async () => {
    await expect(create(withSession({ signInFrequency: { ...timeBased, value: null } }))).rejects.toMatchObject(
      refusal,
    );
    await expect(create(withSession({ signInFrequency: { ...everyTime, value: 4 } }))).rejects.toMatchObject(refusal);
    await expect(
      create(withSession({ signInFrequency: everyTime, disableResilienceDefaults: true })),
    ).rejects.toMatchObject(refusal);
  });

  test("every time at a user risk needs another password", async () => {
    const policy = withSession({ signInFrequency: everyTime });
    policy.conditions.userRiskLevels = ["high"];
    await expect(create(policy)).rejects.toThrow('requires the "require password change" grant control');
    await create({ ...passwordChange(), sessionControls: policy.sessionControls });
  });
});

describe("a filter for applications", () => {
  const withFilter = (rule: string) => {
    const policy = body();
    Object.assign(policy.conditions.applications, { includeApplications: [], applicationFilter: filter(rule) });
    return policy;
  };

  test("is enough of a target, unless it only leaves out", async () => {
    const policy = withFilter('AwsFederation_PolicySet -eq "recommended"');
    await create(policy);
    if (policy.conditions.applications.applicationFilter)
      policy.conditions.applications.applicationFilter.mode = "exclude";
    await expect(create(policy)).rejects.toThrow("includes nothing");
  });

  test.each([
    ['AwsFederation_Stranger -eq "x"', "which is not defined"],
    [
      'AwsFederation_PolicySet -eq "x" -or CustomSecurityAttribute.awsfederation_PolicySet -eq "x"',
      "which is not defined",
    ],
    ['AwsFederation_Tier -eq "1"', "of type Integer, not String"],
  ])("%s is refused: %s", async (rule, message) => {
    await expect(create(withFilter(rule))).rejects.toThrow(message);
  });

  test("that is not read here is taken", async () => {
    await create(withFilter('AwsFederation_PolicySet -in ["a", "b"]'));
  });
});

test("a tenant takes so many policies, in whatever state, and no more", async () => {
  for (let made = 0; made < MAX_POLICIES; made += 1) await create({ ...body(), state: "disabled" });
  await expect(create(body())).rejects.toThrow(`The tenant has ${MAX_POLICIES} Conditional Access policies`);
  const [first] = tenant.conditionalAccess.list();
  await tenant.conditionalAccess.delete(first?.id ?? "");
  await create(body());
});

describe("a named location", () => {
  const office = { displayName: "Office", kind: "ip", ipRanges: ["203.0.113.0/24"], isTrusted: true } as const;
  const ranges = (...ipRanges: string[]) => ({ ...office, ipRanges });

  test("may be named by a policy, and then stays", async () => {
    const { id } = await tenant.namedLocations.create(ranges("203.0.113.0/24", "2001:db8::/32"));
    const policy = body();
    policy.conditions.locations = { includeLocations: ["All"], excludeLocations: [id] };
    const made = await create(policy);
    await tenant.namedLocations.update(id, { ...ranges("203.0.113.0/24"), isTrusted: false });
    await expect(tenant.namedLocations.delete(id)).rejects.toThrow("AWS - MFA names the location");
    await tenant.conditionalAccess.delete(made.id);
    await tenant.namedLocations.delete(id);
    expect(tenant.namedLocations.list()).toEqual([]);
    await expect(create(policy)).rejects.toThrow(`Named location '${id}' was not found`);
  });

  test("is not deleted while it is trusted, and does not become a country", async () => {
    const { id } = await tenant.namedLocations.create(ranges("203.0.113.0/24"));
    await expect(tenant.namedLocations.delete(id)).rejects.toThrow("trusted");
    const country = {
      ...{ displayName: "x", countriesAndRegions: ["DE"], includeUnknownCountriesAndRegions: false },
      ...{ kind: "country" as const, countryLookupMethod: "clientIpAddress" },
    };
    await expect(tenant.namedLocations.update(id, country)).rejects.toMatchObject(refusal);
    await expect(tenant.namedLocations.create({ ...country, countriesAndRegions: [] })).rejects.toMatchObject(refusal);
  });

  test.each([[[]], [["203.0.113.9"]], [["10.0.0.0/7"]], [["203.0.113.0/33"]], [["office/24"]]])(
    "is refused with the networks %j",
    async (ipRanges) => {
      await expect(tenant.namedLocations.create(ranges(...ipRanges))).rejects.toMatchObject(refusal);
    },
  );

  test("is one of 195 at most", async () => {
    for (let made = 0; made < 195; made += 1) await tenant.namedLocations.create(ranges("203.0.113.0/24"));
    await expect(tenant.namedLocations.create(ranges("203.0.113.0/24"))).rejects.toThrow("195 named locations");
  });
});

describe("a custom authentication strength", () => {
  const keys = { displayName: "Keys", description: null, allowedCombinations: ["fido2", "password,hardwareOath"] };

  test("may be asked for by a policy, and then stays", async () => {
    const { id } = await tenant.authenticationStrengths.create({ ...keys, allowedCombinations: ["fido2"] });
    const policy = body();
    Object.assign(policy.grantControls ?? {}, { builtInControls: [], authenticationStrength: id });
    const made = await create(policy);
    await tenant.authenticationStrengths.updateAllowedCombinations(id, keys.allowedCombinations);
    await tenant.authenticationStrengths.update(id, { displayName: "Tokens", description: "x" });
    expect(tenant.authenticationStrengths.list()).toEqual([{ ...keys, id, displayName: "Tokens", description: "x" }]);
    await expect(tenant.authenticationStrengths.delete(id)).rejects.toThrow("asks for the strength");
    await tenant.conditionalAccess.delete(made.id);
    await tenant.authenticationStrengths.delete(id);
    await expect(create(policy)).rejects.toThrow(`Authentication strength '${id}' was not found`);
  });

  test.each([[[]], [["carrierPigeon"]], [["email"]], [["fido2,sms"]]])(
    "is refused with the combinations %j",
    async (combinations) => {
      await expect(
        tenant.authenticationStrengths.create({ ...keys, allowedCombinations: combinations }),
      ).rejects.toMatchObject({ status: 400 });
      const { id } = await tenant.authenticationStrengths.create({ ...keys, allowedCombinations: ["fido2"] });
      await expect(tenant.authenticationStrengths.updateAllowedCombinations(id, combinations)).rejects.toMatchObject({
        status: 400,
      });
    },
  );

  test("is one of 15 at most", async () => {
    for (let made = 0; made < 15; made += 1) await tenant.authenticationStrengths.create(keys);
    await expect(tenant.authenticationStrengths.create(keys)).rejects.toThrow("15 custom authentication strengths");
  });
});

describe("custom security attributes", () => {
  const TYPE = "#Microsoft.DirectoryServices.CustomSecurityAttributeValue";
  const write = (values: object, type: string | null = TYPE) =>
    tenant.servicePrincipals.update(PRINCIPAL, {
      customSecurityAttributes: { AwsFederation: { ...(type ? { "@odata.type": type } : {}), ...values } },
    } as ServicePrincipalBody);
  const values = () => tenant.servicePrincipals.get(PRINCIPAL).customSecurityAttributes;

  test("are written one by one, and taken away with null", async () => {
    await write({ PolicySet: "recommended" });
    await write({ Tier: 1, Teams: ["a", "b"], Stage: "prod" }, "#microsoft.graph.customSecurityAttributeValue");
    expect(values()).toEqual({
      AwsFederation: { PolicySet: "recommended", Tier: 1, Teams: ["a", "b"], Stage: "prod" },
    });
    await write({ PolicySet: null, Tier: null, Teams: null });
    expect(values()).toEqual({ AwsFederation: { Stage: "prod" } });
    await write({ Stage: null });
    expect(values()).toEqual({});
  });

  test.each<[string, object, string]>([
    ["one that is not defined", { Stranger: "x" }, "is not defined"],
    ["one in another case", { policyset: "x" }, "is not defined"],
    ["one that is deactivated", { Old: "x" }, "is deactivated"],
    ["a value of another type", { Tier: "1" }, "takes Integer"],
    ["several values for one that takes one", { PolicySet: ["a"] }, "takes String"],
    ["a value that is too long", { PolicySet: "x".repeat(65) }, "longer than 64"],
    ["a value that is not predefined", { Stage: "dev" }, "no predefined value"],
    ["a predefined value that is deactivated", { Stage: "test" }, "no predefined value"],
  ])("refuse %s", async (_, written, message) => {
    await expect(write(written)).rejects.toThrow(message);
    expect(values()).toEqual({});
  });

  test("need the name of their type", async () => {
    await expect(write({ PolicySet: "x" }, null)).rejects.toThrow("@odata.type");
    await expect(write({ PolicySet: "x" }, "#text")).rejects.toThrow("@odata.type");
  });

  test("are seeded without a request, a definition by hand over a plain one", () => {
    tenant.seed({ securityAttributes: [{ attributeSet: "AwsFederation", name: "Stage" }] });
    expect(tenant.securityAttributes.find("AwsFederation_Stage")?.usePreDefinedValuesOnly).toBe(true);
  });
});
