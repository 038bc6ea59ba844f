import { imported } from "../constructs/entra/app-roles";
import { SHOWN } from "../pipeline/mask";
import { mayHoldSecret, SECRET_PROPERTIES, SECRET_TYPES } from "../pipeline/state-secrets";
import { alarms, synthBaseline } from "./support/baseline";
import { knownTypes, sensitivePaths } from "./support/sensitive-attributes";
import { synthAccount } from "./support/synth";

/** Marked by the provider, and no secret: the public certificate, which AWS gets; the answer of a read. */
const PUBLIC: Readonly<Record<string, readonly string[]>> = {
  azuread_service_principal_token_signing_certificate: ["value"],
};

test("every attribute that the providers mark as sensitive is in a type, or a property, that counts", () => {
  const left = knownTypes().flatMap(({ type, block }) =>
    sensitivePaths(block)
      .filter((path) => !PUBLIC[type]?.includes(path) && path.split(".")[0] !== SECRET_PROPERTIES.get(type))
      .map(() => type),
  );
  expect([...SECRET_TYPES].sort()).toEqual([...new Set(left)].sort());
});

test("every type is one or the other, by a list that somebody has looked at", () => {
  expect(knownTypes().filter(({ type }) => !Object.hasOwn(SHOWN, type))).toEqual([]);
});

const holds = ({ json }: { json: unknown }) => mayHoldSecret(JSON.parse(JSON.stringify(json)));

test.each([
  ["an account that declares its roles", () => synthAccount(), false],
  ["one that has them imported", () => synthAccount({ appRoles: imported({ accessKeys: { active: "k1" } }) }), true],
  ["one with test users", () => synthAccount({}, (stack) => stack.addTestUsersOf({ Administrator: "Test" })), true],
  ["a baseline of alarms", () => synthBaseline({ alarms: { ...alarms, rootUser: true } }), false],
  [
    "one with a service account",
    () =>
      synthBaseline({ serviceAccounts: { "Svc-A": { policies: ["ReadOnlyAccess"], accessKeys: { active: "k1" } } } }),
    true,
  ],
])("%s", (_, synth, secret) => {
  expect(holds(synth())).toBe(secret);
});

test.each([
  ["a type that nobody has looked at", { resource: { aws_db_instance: { x: {} } } }, true],
  ["a name that every object has", { resource: { constructor: { x: {} } } }, true],
  ["an application", { resource: { azuread_application: { x: { display_name: "x" } } } }, false],
  ["one with a password", { resource: { azuread_application: { x: { password: [{ display_name: "x" }] } } } }, true],
  ["a data source that nobody has looked at", { data: { aws_secretsmanager_secret_version: { x: {} } } }, true],
  ["a module", { module: { x: { source: "./x" } } }, true],
  ["nothing", {}, false],
  ["no stack", undefined, false],
])("%s", (_, stack, secret) => {
  expect(mayHoldSecret(stack)).toBe(secret);
});
