import { Cloud } from "../cloud/cloud";
import type { ConditionalAccessPolicy, User } from "../cloud/entra/state";
import { claimsOf } from "../signin/claims";
import { conditionalAccess } from "../signin/conditional-access";
import { NotTranslatable, replaceLikeDotNet } from "../signin/dotnet-regex";
import { METHODS, type Mfa, methodsOfStrength } from "../signin/methods";

const ID = (last: number) => `00000000-0000-0000-0000-0000000000${last}`;
const PHISHING_RESISTANT = "00000000-0000-0000-0000-000000000004";
const APP = ID(50);

describe("a pattern of .NET", () => {
  test.each([
    ["O'Brien", "[^A-Za-z0-9]", "-", "O-Brien"],
    ["baaac", "a*", "-", "-b--c-"],
    ["anna@contoso.com", "@.*$", "", "anna"],
    ["a.b.c", "(?<=\\.)[a-z]", "x", "a.x.x"],
    ["a1b22", "\\d+", "#", "a#b#"],
    ["aXbX", "(?:X)(?!b)", "_", "aXb_"],
  ])("%s by %s with '%s' is %s", (input, pattern, replacement, expected) => {
    expect(replaceLikeDotNet(input, pattern, replacement)).toBe(expected);
  });

  test.each([
    ["x", "(?i)X", "a"],
    ["x", "(?<name>x)", "a"],
    ["x", "(?>x)", "a"],
    ["x", "[a-z-[x]]", "a"],
    ["x", "[]x]", "a"],
    ["x", "\\p{L}", "a"],
    ["x", "\\Ax", "a"],
    ["é", "\\w", "a"],
    ["x\ny", "x", "a"],
    ["x", "x", "$1"],
    ["x", "x", "{name}"],
    ["x", "(", "a"],
  ])("that JavaScript reads differently is not guessed: %j by %s with %s", (input, pattern, replacement) => {
    expect(() => replaceLikeDotNet(input, pattern, replacement)).toThrow(NotTranslatable);
  });
});

describe("claims", () => {
  const user: User = {
    id: ID(10),
    displayName: "Anna",
    userPrincipalName: "anna@contoso.com",
    mailNickname: "anna",
    accountEnabled: true,
    userType: "Member",
    passwordIsSet: true,
    forceChangePasswordNextSignIn: false,
    passwordPolicies: null,
    details: { department: "Payments" },
  };
  const claims = (schema: unknown[], more: object = {}) =>
    claimsOf(
      { user, assignedRoles: ["one", "two"] },
      {
        id: ID(20),
        displayName: "p",
        definition: [JSON.stringify({ ClaimsMappingPolicy: { Version: 1, ClaimsSchema: schema, ...more } })],
      },
    );

  test("come from constants, users and roles; one without a value is not sent", () => {
    const { nameId, attributes } = claims([
      { Value: "900", SamlClaimType: "duration" },
      { Source: "user", ID: "Department", SamlClaimType: "team" },
      { Source: "user", ID: "assignedroles", SamlClaimType: "roles" },
      { Source: "user", ID: "objectid", JwtClaimType: "oid" },
    ]);
    expect(Object.fromEntries(attributes)).toEqual({ duration: ["900"], team: ["Payments"], roles: ["one", "two"] });
    expect(nameId).toBe("anna@contoso.com");
    expect(claimsOf({ user, assignedRoles: [] }, undefined).attributes.size).toBe(0);
  });

  test("that nobody can tell are named, each with its reason", () => {
    const { doubts } = claims(
      [
        { Source: "user", ID: "employeeid", SamlClaimType: "a" },
        { Source: "company", ID: "tenantcountry", SamlClaimType: "b" },
        { Source: "transformation", ID: "x", TransformationId: "gone", SamlClaimType: "c" },
        { Source: "transformation", ID: "x", TransformationId: "joined", SamlClaimType: "d" },
      ],
      { IncludeBasicClaimSet: "false", ClaimsTransformations: [{ ID: "joined", TransformationMethod: "Join" }] },
    );
    expect([...doubts.keys()]).toEqual(["a", "b", "c", "d", expect.stringContaining("nameidentifier")]);
  });
});

describe("Conditional Access", () => {
  let cloud: Cloud;
  const tenant = () => cloud.tenant(ID(1));

  beforeEach(() => {
    cloud = new Cloud();
    tenant().seed({
      users: [{ id: ID(10), displayName: "Anna", userPrincipalName: "anna@contoso.onmicrosoft.com" }],
      groups: [
        { id: ID(30), displayName: "inner", members: [ID(10)] },
        { id: ID(31), displayName: "outer", members: [ID(30)] },
        { id: ID(32), displayName: "loop", members: [ID(31), ID(32)] },
      ],
      servicePrincipals: [{ id: ID(40), appId: APP, displayName: "AWS" }],
    });
  });

  type Change = { users?: object; applications?: object; conditions?: object; grant?: object; state?: string };
  async function add({
    users,
    applications,
    conditions,
    grant,
    state = "enabled",
  }: Change): Promise<ConditionalAccessPolicy> {
    return tenant().conditionalAccess.create({
      displayName: "P",
      state,
      conditions: {
        applications: {
          includeApplications: [APP],
          excludeApplications: [],
          includeUserActions: [],
          applicationFilter: null,
          ...applications,
        },
        users: {
          ...{
            includeUsers: ["All"],
            excludeUsers: [],
            includeGroups: [],
            excludeGroups: [],
            includeRoles: [],
            excludeRoles: [],
          },
          ...{ includeGuestsOrExternalUsers: null, excludeGuestsOrExternalUsers: null, ...users },
        },
        ...{
          clientAppTypes: ["all"],
          transferMethods: null,
          clientApplications: null,
          deviceFilter: null,
          locations: null,
        },
        ...{
          platforms: null,
          signInRiskLevels: [],
          userRiskLevels: [],
          servicePrincipalRiskLevels: [],
          insiderRiskLevels: null,
        },
        ...conditions,
      },
      grantControls: {
        ...{ operator: "OR", builtInControls: ["mfa"], customAuthenticationFactors: [], termsOfUse: [] },
        ...{ authenticationStrength: null, ...grant },
      },
      sessionControls: null,
    });
  }
  const decide = (mfa: Mfa) => conditionalAccess(tenant(), { user: tenant().users.get(ID(10)), appId: APP, mfa });
  const strength = { builtInControls: [], authenticationStrength: PHISHING_RESISTANT };

  test("asks nobody for anything where no policy applies", async () => {
    expect(decide("none")).toMatchObject({ outcome: "granted", accepted: undefined });
    await add({ applications: { includeApplications: ["None"] } });
    await add({ users: { includeUsers: ["None"] } });
    await add({ state: "disabled" });
    expect(decide("none")).toMatchObject({ outcome: "granted", accepted: undefined });
  });

  test.each<[string, Change, string]>([
    ["everyone", {}, "MFA required"],
    ["all applications", { applications: { includeApplications: ["All"] } }, "MFA required"],
    [
      "an excluded application",
      { applications: { includeApplications: ["All"], excludeApplications: [APP] } },
      "granted",
    ],
    ["a group", { users: { includeUsers: [], includeGroups: [ID(30)] } }, "MFA required"],
    ["a group around it", { users: { includeUsers: [], includeGroups: [ID(32)] } }, "MFA required"],
    ["an excluded person", { users: { excludeUsers: [ID(10)] } }, "granted"],
    ["a group excluded around it", { users: { excludeGroups: [ID(31)] } }, "granted"],
    ["an included directory role", { users: { includeUsers: [], includeRoles: ["r"] } }, "cannot tell"],
    ["an excluded directory role", { users: { excludeRoles: ["r"] } }, "cannot tell"],
    ["a person excluded by name and by role", { users: { excludeUsers: [ID(10)], excludeRoles: ["r"] } }, "granted"],
    ["browsers", { conditions: { clientAppTypes: ["browser"] } }, "MFA required"],
    ["risk", { conditions: { signInRiskLevels: ["high"] } }, "cannot tell"],
    ["risk of others", { users: { includeUsers: ["None"] }, conditions: { signInRiskLevels: ["high"] } }, "granted"],
    ["a device filter", { conditions: { deviceFilter: { mode: "include", rule: "x" } } }, "cannot tell"],
    ["a compliant device", { grant: { builtInControls: ["compliantDevice"] } }, "cannot tell"],
  ])("for %s: %s", async (_, change, outcome) => {
    await add(change);
    expect(decide("none").outcome).toBe(outcome);
  });

  test("takes any second factor for MFA, and for a strength the ones it accepts", async () => {
    await add({});
    expect(METHODS.filter((method) => decide(method).outcome !== "granted")).toEqual([]);
    await add({ grant: strength });
    expect(METHODS.filter((method) => decide(method).outcome === "granted")).toEqual([
      "fido2",
      "windowsHelloForBusiness",
      "x509CertificateMultiFactor",
    ]);
    expect(decide("sms")).toMatchObject({ outcome: "blocked", accepted: methodsOfStrength(PHISHING_RESISTANT) });
  });

  test("what is surely refused stays refused beside what nobody can tell", async () => {
    await add({ conditions: { platforms: { includePlatforms: ["android"], excludePlatforms: [] } } });
    expect(decide("fido2").outcome).toBe("cannot tell");
    await add({ grant: { builtInControls: ["block"] } });
    expect(decide("fido2").outcome).toBe("blocked");
  });
});
