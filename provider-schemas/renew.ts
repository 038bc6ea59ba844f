import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Makes the trimmed schemas in this folder anew:
 *
 *     terraform providers schema -json | node -r ts-node/register/transpile-only provider-schemas/renew.ts [type...]
 *
 * Reads standard input, or the file named by `--from FILE`. Kept are the types that a trimmed file already holds, and the
 * types named on the command line (`aws_iam_group`, `data.azuread_group`).
 */

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type JsonObject = { [name: string]: Json };

/** The output of `terraform providers schema -json`, as far as it is used. */
export interface ProviderSchemas {
  format_version: string;
  provider_schemas: Record<string, ProviderSchema>;
}

export interface ProviderSchema {
  provider: JsonObject;
  resource_schemas?: JsonObject;
  data_source_schemas?: JsonObject;
}

/** The providers of the project: file in this folder, and source address. */
export const PROVIDERS = {
  aws: "registry.terraform.io/hashicorp/aws",
  azuread: "registry.terraform.io/hashicorp/azuread",
  msgraph: "registry.terraform.io/microsoft/msgraph",
} as const;

/** Prose is not ours to copy and changes with every release. */
const PROSE = new Set(["description", "description_kind", "deprecation_message"]);

/** 300 addresses of AWS services in the aws provider block; nothing here sets one. */
const LEFT_OUT = new Set(["endpoints"]);

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Attributes that hold a schema of their own exist in plugin protocol 6 alone; the rehearsal serves protocol 5. */
const isNestedAttribute = (value: Json | undefined) => isObject(value) && "nested_type" in value;

const sorted = (entries: [string, Json][]): JsonObject =>
  Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** Names of attributes and blocks belong to the provider: `description` is one of them, so prose is dropped beside them only. */
function trimBlock(block: JsonObject): JsonObject {
  return sorted(
    Object.entries(block)
      .filter(([name]) => !PROSE.has(name))
      .map(([name, value]) => {
        if (name === "attributes" && isObject(value)) return [name, trimMembers(value, withoutProse)];
        if (name === "block_types" && isObject(value)) return [name, trimMembers(value, trimHolder)];
        return [name, value];
      }),
  );
}

function trimMembers(members: JsonObject, trim: (member: JsonObject) => JsonObject): JsonObject {
  return sorted(
    Object.entries(members)
      .filter(([name, member]) => !LEFT_OUT.has(name) && !isNestedAttribute(member))
      .map(([name, member]) => [name, isObject(member) ? trim(member) : member]),
  );
}

const withoutProse = (member: JsonObject): JsonObject =>
  sorted(Object.entries(member).filter(([name]) => !PROSE.has(name)));

/** Whatever holds one `block`: a resource type, a data source type, a provider, a nested block. */
function trimHolder(holder: JsonObject): JsonObject {
  return sorted(
    Object.entries(holder)
      .filter(([name]) => name === "block" || name === "version" || name.endsWith("_items") || name === "nesting_mode")
      .map(([name, value]) => [name, name === "block" && isObject(value) ? trimBlock(value) : value]),
  );
}

/**
 * The types of `full` that `wanted` names, without prose, in a stable order.
 *
 * @throws when a wanted type is not in `full`: it would vanish from the project in silence.
 */
export function trim(
  full: ProviderSchema,
  wanted: { resources: readonly string[]; dataSources: readonly string[] },
): ProviderSchema {
  const pick = (from: JsonObject = {}, names: readonly string[], kind: string) =>
    sorted(
      [...new Set(names)].map((name) => {
        const schema = from[name];
        if (!isObject(schema)) throw new Error(`the provider has no ${kind} ${name}`);
        return [name, trimHolder(schema)];
      }),
    );
  return {
    provider: trimHolder(full.provider),
    resource_schemas: pick(full.resource_schemas, wanted.resources, "resource type"),
    data_source_schemas: pick(full.data_source_schemas, wanted.dataSources, "data source type"),
  };
}

/** Renews every file in `folder` whose provider is in `output`; says which. */
export function renew(folder: string, output: ProviderSchemas, extra: readonly string[] = []): string[] {
  const renewed = Object.entries(PROVIDERS).flatMap(([name, source]) => {
    const full = output.provider_schemas[source];
    if (!full) return [];
    const file = join(folder, `${name}.json`);
    const now = JSON.parse(readFileSync(file, "utf8")) as ProviderSchemas;
    const kept = now.provider_schemas[source];
    const mine = extra.filter((type) => type.replace(/^data\./, "").startsWith(`${name}_`));
    const trimmed = trim(full, {
      resources: [...Object.keys(kept?.resource_schemas ?? {}), ...mine.filter((type) => !type.startsWith("data."))],
      dataSources: [
        ...Object.keys(kept?.data_source_schemas ?? {}),
        ...mine.filter((type) => type.startsWith("data.")).map((type) => type.slice("data.".length)),
      ],
    });
    const schemas: ProviderSchemas = { format_version: "1.0", provider_schemas: { [source]: trimmed } };
    writeFileSync(file, `${JSON.stringify(schemas, null, 1)}\n`);
    return [file];
  });
  if (renewed.length === 0) throw new Error(`none of ${Object.values(PROVIDERS).join(", ")} is in the input`);
  return renewed;
}

if (require.main === module) {
  const words = process.argv.slice(2);
  const from = words[0] === "--from" ? words.splice(0, 2)[1] : undefined;
  const output = JSON.parse(readFileSync(from ?? 0, "utf8")) as ProviderSchemas;
  for (const file of renew(__dirname, output, words)) console.log(`renewed ${file}`);
}
