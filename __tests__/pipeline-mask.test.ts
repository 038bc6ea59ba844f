import { inspect } from "node:util";
import type { Json } from "../pipeline/json";
import { Hidden, mask, SHOWN, same } from "../pipeline/mask";
import { loadProviderSchemas } from "./support/provider-schemas";
import { plannedTypes, sensitivePaths } from "./support/sensitive-attributes";

const schemas = new Map(
  Object.values(loadProviderSchemas()).flatMap(({ resource_schemas = {} }) =>
    Object.entries(resource_schemas).map(([type, { block }]) => [type, block] as const),
  ),
);

describe("the allow-list", () => {
  test("knows every resource type that the stacks use", () => {
    expect(plannedTypes().filter((type) => SHOWN[type] === undefined)).toEqual([]);
  });

  test.each(Object.entries(SHOWN))(
    "names attributes that %s has, none of them sensitive or with a sensitive one below it",
    (type, shown) => {
      const block = schemas.get(type);
      const has = [...Object.keys(block?.attributes ?? {}), ...Object.keys(block?.block_types ?? {})];
      expect(shown.filter((attribute) => !has.includes(attribute))).toEqual([]);
      const sensitive = sensitivePaths(block).map((path) => path.split(".")[0]);
      expect(shown.filter((attribute) => sensitive.includes(attribute))).toEqual([]);
    },
  );

  test("finds the sensitive attributes that it is held against", () => {
    expect(sensitivePaths(schemas.get("azuread_synchronization_secret"))).toEqual(["credential.value"]);
    expect(sensitivePaths(schemas.get("aws_iam_access_key"))).toEqual(["secret", "ses_smtp_password_v4"]);
  });

  test("leaves out the free body of Graph requests, which no schema describes", () => {
    expect(SHOWN["msgraph_update_resource"]).not.toContain("body");
    expect(SHOWN["msgraph_update_resource"]).not.toContain("output");
  });
});

const text = (value: Json, sensitive?: Json, unknown?: Json): string => JSON.stringify(mask(value, sensitive, unknown));

describe("a mask", () => {
  test("hides what is marked, and what lies below a mark", () => {
    expect(text({ a: "secret", b: "open" }, { a: true })).toBe('{"a":"(sensitive)","b":"open"}');
    expect(text({ a: { b: ["secret"] } }, { a: true })).toBe('{"a":"(sensitive)"}');
    expect(text([{ v: "open" }, { v: "secret" }], [{}, { v: true }])).toBe('[{"v":"open"},{"v":"(sensitive)"}]');
    expect(text("secret", true)).toBe('"(sensitive)"');
  });

  test.each<[string, Json, Json]>([
    ["a list marked like an object", ["secret"], { "0": true }],
    ["an object marked like a list", { a: "secret" }, [true]],
    ["a text marked like an object", '{"password":"secret"}', { password: true }],
    ["a text marked like a list", "secret", [false, true]],
  ])("hides all of %s", (_, value, sensitive) => {
    expect(text(value, sensitive)).toBe('"(sensitive)"');
  });

  test("says what is known after apply, a sensitive one as sensitive", () => {
    expect(text({ a: "x" }, {}, { b: true })).toBe('{"a":"x","b":"(known after apply)"}');
    expect(text({}, { b: true }, { b: true })).toBe('{"b":"(sensitive)"}');
    expect(text([], [], [{ id: true }])).toBe('[{"id":"(known after apply)"}]');
  });

  test("opens JSON in a text, so that a policy shows by statement", () => {
    expect(text('{"Statement":[{"Effect":"Allow"}]}')).toBe('{"Statement":[{"Effect":"Allow"}]}');
    expect(text("{not json")).toBe('"{not json"');
  });

  test("tells two hidden values apart, yet nothing can print them", () => {
    const [a, b] = [mask({ k: "canary-1" }, true, undefined), mask({ k: "canary-2" }, true, undefined)];
    expect(same(a, b)).toBe(false);
    expect(same(a, mask({ k: "canary-1" }, true, undefined))).toBe(true);
    expect(same([{ x: a }], [{ x: b }])).toBe(false);
    expect(a).toBeInstanceOf(Hidden);
    for (const print of [String, JSON.stringify, (v: unknown) => inspect(v, { depth: 9, showHidden: true })]) {
      expect(print(a)).not.toContain("canary");
    }
  });
});
