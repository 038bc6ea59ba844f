import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROVIDERS, type ProviderSchemas, renew } from "../../../provider-schemas/renew";

const SCHEMAS = join(__dirname, "../../../provider-schemas");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "schemas-"));
  const empty = { resource_schemas: { aws_a: {} }, data_source_schemas: {}, provider: {} };
  write("aws.json", { format_version: "1.0", provider_schemas: { [PROVIDERS.aws]: empty } });
});

afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: unknown) => writeFileSync(join(folder, name), JSON.stringify(content));
const renewed = () =>
  (JSON.parse(readFileSync(join(folder, "aws.json"), "utf8")) as ProviderSchemas).provider_schemas[PROVIDERS.aws];

const FULL: ProviderSchemas = {
  format_version: "1.0",
  provider_schemas: {
    [PROVIDERS.aws]: {
      provider: { version: 0, block: { block_types: { endpoints: { nesting_mode: "set", block: {} } } } },
      resource_schemas: {
        aws_b: { version: 1, block: {} },
        aws_a: {
          version: 2,
          block: {
            description: "prose",
            description_kind: "plain",
            attributes: {
              z: { type: "string", optional: true, description: "prose", description_kind: "plain" },
              description: { type: "string", required: true },
              nested: { nested_type: { attributes: {}, nesting_mode: "single" }, optional: true },
            },
            block_types: { b: { nesting_mode: "list", max_items: 1, block: { attributes: {}, description: "prose" } } },
          },
        },
      },
      data_source_schemas: { aws_c: { version: 0, block: {} }, aws_d: { version: 0, block: {} } },
    },
  },
};

test("keeps the types the file holds and the ones asked for, and no other", () => {
  expect(renew(folder, FULL, ["data.aws_d"])).toEqual([join(folder, "aws.json")]);
  expect(Object.keys(renewed()?.resource_schemas ?? {})).toEqual(["aws_a"]);
  expect(Object.keys(renewed()?.data_source_schemas ?? {})).toEqual(["aws_d"]);
  renew(folder, FULL, ["aws_b"]);
  expect(Object.keys(renewed()?.resource_schemas ?? {})).toEqual(["aws_a", "aws_b"]);
});

test("drops prose but not an attribute that is called description, and what protocol 5 cannot say", () => {
  renew(folder, FULL);
  expect(renewed()?.resource_schemas?.aws_a).toEqual({
    block: {
      attributes: { description: { required: true, type: "string" }, z: { optional: true, type: "string" } },
      block_types: { b: { block: { attributes: {} }, max_items: 1, nesting_mode: "list" } },
    },
    version: 2,
  });
  expect(renewed()?.provider).toEqual({ block: { block_types: {} }, version: 0 });
});

test("refuses to lose a type that the new provider version does not have", () => {
  write("aws.json", {
    format_version: "1.0",
    provider_schemas: { [PROVIDERS.aws]: { provider: {}, resource_schemas: { aws_gone: {} } } },
  });
  expect(() => renew(folder, FULL)).toThrow("the provider has no resource type aws_gone");
});

test("the files of this repository come out of a renewal byte for byte as they are", () => {
  const all: ProviderSchemas = { format_version: "1.0", provider_schemas: {} };
  const files = readdirSync(SCHEMAS).filter((name) => name.endsWith(".json"));
  expect(files).toEqual(["aws.json", "azuread.json", "msgraph.json"]);
  for (const name of files) {
    const text = readFileSync(join(SCHEMAS, name), "utf8");
    writeFileSync(join(folder, name), text);
    Object.assign(all.provider_schemas, (JSON.parse(text) as ProviderSchemas).provider_schemas);
  }
  renew(folder, all);
  for (const name of files) {
    expect(readFileSync(join(folder, name), "utf8")).toBe(readFileSync(join(SCHEMAS, name), "utf8"));
  }
});
