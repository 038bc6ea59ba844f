import { Cloud } from "../../local-cloud/cloud/cloud";
import type { Circumstances } from "../signin/chain/circumstances";
import { conditionalAccess } from "../signin/chain/conditional-access";
import { METHODS, type Mfa, methodsOfStrength } from "../signin/chain/methods";

const ID = (last: number) => `00000000-0000-0000-0000-0000000000${last}`;
const PHISHING_RESISTANT = "00000000-0000-0000-0000-000000000004";
const ANNA = ID(10);
const APP = ID(50);
const PRINCIPAL = ID(40);
const OFFICE = ID(60);
const CUSTOM = ID(70);

let cloud: Cloud;
const tenant = () => cloud.tenant(ID(1));

beforeEach(() => {
  cloud = new Cloud();
  tenant().seed({
    users: [{ id: ANNA, displayName: "Anna", userPrincipalName: "anna@contoso.onmicrosoft.com" }],
    groups: [
      { id: ID(30), displayName: "inner", members: [ANNA] },
      { id: ID(31), displayName: "outer", members: [ID(30)] },
      { id: ID(32), displayName: "loop", members: [ID(31), ID(32)] },
    ],
    servicePrincipals: [{ id: PRINCIPAL, appId: APP, displayName: "AWS" }],
    securityAttributes: [
      { attributeSet: "AwsFederation", name: "PolicySet" },
      { attributeSet: "AwsFederation", name: "Tags", isCollection: true },
    ],
    namedLocations: [
      { id: OFFICE, displayName: "Office", kind: "ip", ipRanges: ["203.0.113.0/24", "2001:db8::/32"], isTrusted: true },
      { id: ID(61), displayName: "Partner", kind: "ip", ipRanges: ["198.51.100.0/24"], isTrusted: false },
      {
        ...{ id: ID(62), displayName: "Here", kind: "country", countriesAndRegions: ["DE", "CH"] },
        ...{ includeUnknownCountriesAndRegions: false, countryLookupMethod: "clientIpAddress" },
      },
    ],
    authenticationStrengths: [
      { id: CUSTOM, displayName: "Keys", description: null, allowedCombinations: ["fido2", "password,hardwareOath"] },
      { id: ID(71), displayName: "One factor", description: null, allowedCombinations: ["federatedSingleFactor"] },
    ],
  });
});

interface Change {
  users?: object;
  applications?: object;
  conditions?: object;
  grant?: object | null;
  session?: object;
  state?: string;
}

/** Everyone at the application with any second factor, except for what is changed. */
function add({ users, applications, conditions, grant, session, state = "enabled" }: Change = {}) {
  return tenant().conditionalAccess.create({
    displayName: "P",
    state,
    conditions: {
      applications: {
        ...{ includeApplications: [APP], excludeApplications: [], includeUserActions: [], applicationFilter: null },
        ...applications,
      },
      users: {
        ...{ includeUsers: ["All"], excludeUsers: [], includeGroups: [], excludeGroups: [] },
        ...{ includeRoles: [], excludeRoles: [] },
        ...{ includeGuestsOrExternalUsers: null, excludeGuestsOrExternalUsers: null, ...users },
      },
      ...{ clientAppTypes: ["all"], transferMethods: null, clientApplications: null, deviceFilter: null },
      ...{ locations: null, platforms: null, signInRiskLevels: [], userRiskLevels: [] },
      ...{ servicePrincipalRiskLevels: [], insiderRiskLevels: null },
      ...conditions,
    },
    grantControls: grant === null ? null : { ...grants("mfa"), ...grant },
    sessionControls: session
      ? {
          ...{ applicationEnforcedRestrictions: false, cloudAppSecurity: null, disableResilienceDefaults: false },
          ...{ persistentBrowser: null, signInFrequency: null },
          ...session,
        }
      : null,
  });
}

const grants = (...builtInControls: string[]) => ({
  ...{ operator: "OR", builtInControls, customAuthenticationFactors: [], termsOfUse: [] },
  authenticationStrength: null as string | null,
});
const both = (...controls: string[]) => ({ ...grants(...controls), operator: "AND" });
const strength = (id: string) => ({ builtInControls: [], authenticationStrength: id });
const filtered = (rule: string, mode = "include", includeApplications: string[] = []) => ({
  ...{ includeApplications, applicationFilter: { mode, rule } },
});
const hours = (value: number) => ({
  ...{ value, type: "hours", authenticationType: "primaryAndSecondaryAuthentication", frequencyInterval: "timeBased" },
});

const decide = (mfa: Mfa, circumstances: Circumstances = {}) =>
  conditionalAccess(tenant(), { ...circumstances, user: tenant().users.get(ANNA), appId: APP, mfa });
/** "granted", "cannot tell", or how it was refused. */
const outcome = (mfa: Mfa, circumstances: Circumstances = {}) => {
  const { outcome: came, refusal } = decide(mfa, circumstances);
  return refusal ?? came;
};
const mark = (values: object) =>
  tenant().servicePrincipals.update(PRINCIPAL, {
    customSecurityAttributes: {
      AwsFederation: { "@odata.type": "#Microsoft.DirectoryServices.CustomSecurityAttributeValue", ...values },
    },
  });

test("asks nobody for anything where no policy applies", async () => {
  expect(decide("none")).toMatchObject({ outcome: "granted", accepted: undefined, session: [] });
  await add({ applications: { includeApplications: ["None"] } });
  await add({ users: { includeUsers: ["None"] } });
  await add({ state: "disabled" });
  expect(decide("none")).toMatchObject({ outcome: "granted", accepted: undefined });
});

test.each<[string, Change, string]>([
  ["everyone", {}, "mfaRequired"],
  ["all applications", { applications: { includeApplications: ["All"] } }, "mfaRequired"],
  [
    "an excluded application",
    { applications: { includeApplications: ["All"], excludeApplications: [APP] } },
    "granted",
  ],
  ["a group", { users: { includeUsers: [], includeGroups: [ID(30)] } }, "mfaRequired"],
  ["a group around it", { users: { includeUsers: [], includeGroups: [ID(32)] } }, "mfaRequired"],
  ["an excluded person", { users: { excludeUsers: [ANNA] } }, "granted"],
  ["a group excluded around it", { users: { excludeGroups: [ID(31)] } }, "granted"],
  ["an included directory role", { users: { includeUsers: [], includeRoles: ["r"] } }, "cannot tell"],
  ["an excluded directory role", { users: { excludeRoles: ["r"] } }, "cannot tell"],
  ["a person excluded by name and by role", { users: { excludeUsers: [ANNA], excludeRoles: ["r"] } }, "granted"],
  ["browsers", { conditions: { clientAppTypes: ["browser"] } }, "mfaRequired"],
  ["other clients", { conditions: { clientAppTypes: ["exchangeActiveSync", "other"] } }, "granted"],
  ["a device filter", { conditions: { deviceFilter: { mode: "include", rule: "x" } } }, "cannot tell"],
  [
    "a device filter for others",
    { users: { includeUsers: ["None"] }, conditions: { deviceFilter: { mode: "include", rule: "x" } } },
    "granted",
  ],
  ["an approved app", { grant: grants("approvedApplication") }, "cannot tell"],
])("for %s: %s", async (_, change, expected) => {
  await add(change);
  expect(outcome("none")).toBe(expected);
});

test("takes any second factor for MFA, and for a strength the ones it accepts", async () => {
  await add();
  expect(METHODS.filter((method) => outcome(method) !== "granted")).toEqual([]);
  await add({ grant: strength(PHISHING_RESISTANT) });
  expect(METHODS.filter((method) => outcome(method) === "granted")).toEqual([
    "fido2",
    "windowsHelloForBusiness",
    "x509CertificateMultiFactor",
  ]);
  expect(decide("sms")).toMatchObject({ refusal: "blocked", accepted: methodsOfStrength(PHISHING_RESISTANT) });
});

test("a custom strength accepts its combinations, and one of factors that are not modelled nobody can tell", async () => {
  await add({ grant: strength(CUSTOM) });
  expect(METHODS.filter((method) => outcome(method) === "granted")).toEqual(["hardwareOath", "fido2"]);
  await add({ grant: strength(ID(71)) });
  expect(outcome("fido2")).toBe("cannot tell");
  expect(decide("fido2").because).toContain("of which no method is modelled here");
});

test("what is surely refused stays refused beside what nobody can tell", async () => {
  await add({ conditions: { platforms: { includePlatforms: ["android"], excludePlatforms: [] } } });
  expect(outcome("fido2")).toBe("cannot tell");
  await add({ grant: grants("block") });
  expect(outcome("fido2")).toBe("blocked");
});

describe("a filter for applications", () => {
  const rule = 'CustomSecurityAttribute.AwsFederation_PolicySet -eq "recommended"';

  test.each<[string, object]>([
    ["the value", { PolicySet: "recommended" }],
    ["another value", { PolicySet: "strict" }],
    ["no value", {}],
  ])("includes an application with %s only if it is the one", async (_, values) => {
    await mark(values);
    await add({ applications: filtered(rule) });
    const included = "PolicySet" in values && values.PolicySet === "recommended";
    expect(outcome("none")).toBe(included ? "mfaRequired" : "granted");
  });

  test("lets go of an application whose attribute is taken away", async () => {
    await mark({ PolicySet: "recommended" });
    await add({ applications: filtered(rule) });
    expect(outcome("none")).toBe("mfaRequired");
    await mark({ PolicySet: null });
    expect(outcome("none")).toBe("granted");
  });

  test("excludes from all applications", async () => {
    await add({ applications: filtered(rule, "exclude", ["All"]) });
    expect(outcome("none")).toBe("mfaRequired");
    await mark({ PolicySet: "recommended" });
    expect(outcome("none")).toBe("granted");
  });

  test("adds to a list of applications; beside all of them nobody can tell", async () => {
    await add({ applications: filtered(rule, "include", ["All"]) });
    expect(outcome("none")).toBe("cannot tell");
    await mark({ PolicySet: "recommended" });
    expect(outcome("none")).toBe("mfaRequired");
    await mark({ PolicySet: null });
    await add({ applications: filtered(rule, "include", [APP]) });
    expect(outcome("none")).toBe("mfaRequired");
  });

  const set = "CustomSecurityAttribute.AwsFederation_PolicySet";
  const tags = "CustomSecurityAttribute.AwsFederation_Tags";
  test.each<[string, string]>([
    [`${set} -ne "strict"`, "mfaRequired"],
    [`${set} -ne "recommended"`, "granted"],
    [`${set} -contains "commend"`, "mfaRequired"],
    [`${set} -notContains "commend"`, "granted"],
    [`${set} -startsWith "rec"`, "mfaRequired"],
    [`${set} -notStartsWith "rec"`, "granted"],
    [`${set} -EQ "recommended"`, "mfaRequired"],
    [`${set} -eq "Recommended"`, "cannot tell"],
    [`${tags} -contains "prod"`, "mfaRequired"],
    [`${tags} -contains "pro"`, "granted"],
    [`${tags} -eq "prod"`, "cannot tell"],
    [`-not ${set} -eq "strict"`, "mfaRequired"],
    [`-not (${set} -eq "recommended")`, "granted"],
    [`${set} -eq "strict" -or ${tags} -contains "prod"`, "mfaRequired"],
    [`${set} -eq "strict" -and ${tags} -contains "prod"`, "granted"],
    // -and binds stronger than -or
    [`${set} -eq "recommended" -or ${tags} -contains "x" -and ${tags} -contains "x"`, "mfaRequired"],
    [`(${set} -eq "recommended" -or ${tags} -contains "x") -and ${tags} -contains "x"`, "granted"],
    [`${set} -in ["recommended"]`, "cannot tell"],
    [`${set} -match "rec.*"`, "cannot tell"],
    [`(${set} -eq "recommended"`, "cannot tell"],
    [`${set} -eq "recommended" ${set}`, "cannot tell"],
    [`app.displayName -eq "AWS"`, "cannot tell"],
  ])("%s: %s", async (text, expected) => {
    await mark({ PolicySet: "recommended", Tags: ["prod", "eu"] });
    await add({ applications: filtered(text) });
    expect(outcome("none")).toBe(expected);
  });

  test("says cannot tell where an attribute that is not there is to be unequal", async () => {
    await add({ applications: filtered(`${set} -ne "strict"`) });
    expect(outcome("none")).toBe("cannot tell");
  });
});

describe("each condition", () => {
  const block = grants("block");

  test("device code flow is blocked, a browser is not", async () => {
    await add({ conditions: { transferMethods: "deviceCodeFlow" }, grant: block });
    expect(outcome("fido2", { client: "device code" })).toBe("blocked");
    expect(outcome("fido2")).toBe("granted");
  });

  test("authentication transfer alone blocks no device code", async () => {
    await add({ conditions: { transferMethods: "authenticationTransfer" }, grant: block });
    expect(outcome("fido2", { client: "device code" })).toBe("granted");
  });

  test("legacy clients are blocked by a policy for them, and fail every other control", async () => {
    expect(outcome("fido2", { client: "legacy" })).toBe("cannot tell");
    const { id } = await add({ conditions: { clientAppTypes: ["exchangeActiveSync", "other"] }, grant: block });
    expect(outcome("fido2", { client: "legacy" })).toBe("blocked");
    expect(outcome("fido2")).toBe("granted");
    await tenant().conditionalAccess.delete(id);
    await add();
    expect(outcome("fido2", { client: "legacy" })).toBe("blocked");
    expect(decide("fido2", { client: "legacy" }).because).toContain("which a legacy client cannot show");
  });

  test.each<[string, object, Record<string, string>]>([
    [
      "outside of trusted networks",
      { includeLocations: ["All"], excludeLocations: ["AllTrusted"] },
      {
        trusted: "granted",
        elsewhere: "blocked",
        "203.0.113.9": "granted",
        "2001:db8::9": "granted",
        "198.51.100.9": "blocked",
      },
    ],
    [
      "outside of named networks",
      { includeLocations: ["All"], excludeLocations: [ID(61)] },
      { trusted: "blocked", elsewhere: "blocked", "203.0.113.9": "blocked", "198.51.100.9": "granted" },
    ],
    [
      "outside of named countries",
      { includeLocations: ["All"], excludeLocations: [ID(62)] },
      { CH: "granted", FR: "blocked", elsewhere: "blocked", "203.0.113.9": "cannot tell" },
    ],
    [
      "in trusted networks",
      { includeLocations: ["AllTrusted"], excludeLocations: [] },
      { trusted: "blocked", elsewhere: "granted" },
    ],
  ])("access from %s is blocked", async (_, locations, expected) => {
    await add({ conditions: { locations }, grant: block });
    const came = Object.keys(expected).map((location) => [location, outcome("fido2", { location })]);
    expect(Object.fromEntries(came)).toEqual(expected);
  });

  test("without the trust, a network is not among the trusted ones", async () => {
    await add({
      conditions: { locations: { includeLocations: ["All"], excludeLocations: ["AllTrusted"] } },
      grant: block,
    });
    await tenant().namedLocations.update(OFFICE, {
      ...{ displayName: "Office", kind: "ip", ipRanges: ["203.0.113.0/24"], isTrusted: false },
    });
    expect(outcome("fido2", { location: "203.0.113.9" })).toBe("blocked");
    expect(outcome("fido2", { location: "trusted" })).toBe("blocked");
  });

  test("risk of the sign-in asks for MFA at its levels, and at no other", async () => {
    await add({ conditions: { signInRiskLevels: ["medium", "high"] } });
    expect(outcome("none", { signInRisk: "high" })).toBe("mfaRequired");
    expect(outcome("fido2", { signInRisk: "high" })).toBe("granted");
    expect(outcome("none", { signInRisk: "low" })).toBe("granted");
    expect(outcome("none", { userRisk: "high" })).toBe("granted");
  });

  test("risk of the person asks for another password, after MFA", async () => {
    await add({
      applications: { includeApplications: ["All"] },
      conditions: { userRiskLevels: ["high"] },
      grant: both("mfa", "passwordChange"),
    });
    expect(outcome("none", { userRisk: "high" })).toBe("mfaRequired");
    expect(outcome("fido2", { userRisk: "high" })).toBe("passwordChange");
    expect(outcome("none", { userRisk: "medium" })).toBe("granted");
  });

  test("both risks in one policy are asked for together", async () => {
    await add({ conditions: { userRiskLevels: ["high"], signInRiskLevels: ["high"] }, grant: block });
    expect(outcome("fido2", { userRisk: "high" })).toBe("granted");
    expect(outcome("fido2", { userRisk: "high", signInRisk: "high" })).toBe("blocked");
  });
});

describe("controls", () => {
  test("of devices take the device they name; one of two is enough, two of two are both needed", async () => {
    const { id } = await add({ grant: grants("compliantDevice") });
    expect([
      outcome("fido2"),
      outcome("fido2", { device: "hybridJoined" }),
      outcome("fido2", { device: "compliant" }),
    ]).toEqual(["deviceNotCompliant", "deviceNotCompliant", "granted"]);
    expect(outcome("fido2", { device: "compliant", client: "device code" })).toBe("deviceNotCompliant");
    await tenant().conditionalAccess.delete(id);
    await add({ grant: grants("compliantDevice", "domainJoinedDevice") });
    expect(outcome("none", { device: "hybridJoined" })).toBe("granted");
    expect(outcome("none")).toBe("deviceNotCompliant");
    await add({ grant: both("mfa", "domainJoinedDevice") });
    expect(outcome("fido2", { device: "compliant" })).toBe("deviceNotJoined");
    expect(outcome("none", { device: "hybridJoined" })).toBe("mfaRequired");
    expect(outcome("fido2", { device: "hybridJoined" })).toBe("granted");
  });

  test("of several policies are all needed, and asked for in Entra's order", async () => {
    await add({ grant: grants("compliantDevice") });
    await add();
    expect(outcome("none")).toBe("mfaRequired");
    expect(outcome("fido2")).toBe("deviceNotCompliant");
    expect(outcome("none", { device: "compliant" })).toBe("mfaRequired");
    expect(outcome("fido2", { device: "compliant" })).toBe("granted");
  });

  test("that a device satisfies leave MFA unasked where one of both is enough", async () => {
    await add({ grant: grants("mfa", "compliantDevice") });
    expect(decide("none", { device: "compliant" })).toMatchObject({ outcome: "granted", accepted: undefined });
    expect(decide("none")).toMatchObject({ refusal: "mfaRequired", accepted: METHODS });
  });

  test("that nobody can tell do not matter where another one is enough", async () => {
    await add({ grant: grants("mfa", "compliantApplication") });
    expect(outcome("none")).toBe("cannot tell");
    expect(outcome("sms")).toBe("granted");
  });
});

describe("session controls", () => {
  test("send the session through Defender for Cloud Apps", async () => {
    await add({ grant: null, session: { cloudAppSecurity: "blockDownloads" } });
    expect(decide("none")).toMatchObject({
      outcome: "granted",
      because: expect.stringContaining("through Defender for Cloud Apps (blockDownloads)"),
      session: ["through Defender for Cloud Apps (blockDownloads)"],
    });
  });

  test("ask for the factor again, at the shortest interval of all policies", async () => {
    await add({ session: { signInFrequency: hours(8) } });
    expect(decide("fido2").session).toEqual(["asked again after 8 hours"]);
    expect(outcome("fido2", { sessionHours: 7 })).toBe("granted");
    expect(outcome("fido2", { sessionHours: 8 })).toBe("factorExpired");
    await add({ session: { signInFrequency: { ...hours(1), type: "days" } } });
    expect(decide("fido2").session).toEqual(["asked again after 8 hours"]);
    await add({ session: { signInFrequency: hours(4) } });
    expect(outcome("fido2", { sessionHours: 7 })).toBe("factorExpired");
  });

  test("every time ask again after five minutes", async () => {
    await add({
      session: { signInFrequency: { ...hours(0), value: null, type: null, frequencyInterval: "everyTime" } },
    });
    expect(decide("fido2").session).toEqual(["asked again every time"]);
    expect(outcome("fido2")).toBe("granted");
    expect(outcome("fido2", { sessionHours: 0.05 })).toBe("granted");
    expect(outcome("fido2", { sessionHours: 0.1 })).toBe("factorExpired");
  });

  test("never persistent end the session with the browser", async () => {
    await add({ applications: { includeApplications: ["All"] }, session: { persistentBrowser: "never" } });
    expect(outcome("fido2", { sessionHours: 1 })).toBe("granted");
    expect(outcome("fido2", { sessionHours: 1, browserClosed: true })).toBe("noSession");
    expect(outcome("fido2", { browserClosed: true })).toBe("granted");
  });

  test("of a policy in report-only do nothing", async () => {
    await add({ state: "enabledForReportingButNotEnforced", session: { signInFrequency: hours(8) } });
    expect(decide("fido2", { sessionHours: 90 })).toMatchObject({ outcome: "granted", session: [] });
  });
});
