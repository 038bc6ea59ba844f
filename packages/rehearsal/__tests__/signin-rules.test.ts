import type { User } from "../../local-cloud/cloud/entra/state";
import { claimsOf } from "../signin/chain/claims";
import { NotTranslatable, replaceLikeDotNet } from "../signin/chain/dotnet-regex";

const ID = (last: number) => `00000000-0000-0000-0000-0000000000${last}`;

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
