import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Block, type Body, blocksOf, type StackJson } from "./stack-json";

/** A Terraform type as `terraform providers schema -json` writes it: `"string"`, `["list", "string"]`, `["object", {…}]`. */
export type SchemaType =
  | "string"
  | "number"
  | "bool"
  | "dynamic"
  | ["list", SchemaType]
  | ["set", SchemaType]
  | ["map", SchemaType]
  | ["object", Readonly<Record<string, SchemaType>>];

export interface BlockSchema {
  readonly attributes?: Readonly<
    Record<
      string,
      {
        readonly type: SchemaType;
        readonly required?: boolean;
        readonly optional?: boolean;
        readonly computed?: boolean;
      }
    >
  >;
  readonly block_types?: Readonly<
    Record<
      string,
      {
        readonly nesting_mode: "single" | "group" | "list" | "set" | "map";
        readonly block: BlockSchema;
        readonly min_items?: number;
        readonly max_items?: number;
      }
    >
  >;
}

/** What `terraform providers schema -json` says under `provider_schemas`, by provider source address. */
export type ProviderSchemas = Readonly<
  Record<
    string,
    {
      readonly provider?: { readonly block?: BlockSchema };
      readonly resource_schemas?: Readonly<Record<string, { readonly block: BlockSchema }>>;
      readonly data_source_schemas?: Readonly<Record<string, { readonly block: BlockSchema }>>;
    }
  >
>;

/** The schemas of all providers that lie in a folder, one `terraform providers schema -json` document or more. */
export function loadProviderSchemas(folder = join(__dirname, "..", "..", "provider-schemas")): ProviderSchemas {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  const documents = files.map(
    (file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as { provider_schemas: ProviderSchemas },
  );
  return Object.assign({}, ...documents.map((document) => document.provider_schemas)) as ProviderSchemas;
}

/** What is wrong with a synthesized stack by the providers' own schemas, a line for each problem; nothing is good news. */
export function checkStack(stack: StackJson, schemas: ProviderSchemas): string[] {
  return blocksOf(stack).flatMap((block) => {
    const schema = schemaOf(block, stack, schemas);
    const problems = schema
      ? checkBody(withoutMetaArguments(block), schema, "")
      : [`no provider schema at hand has this ${block.kind === "data" ? "data source" : block.kind}`];
    return problems.map((problem) => `${block.address}: ${problem}`);
  });
}

/** A type belongs to the provider whose local name is its first word; the stack says what that name stands for. */
export function schemaOf(block: Block, stack: StackJson, schemas: ProviderSchemas): BlockSchema | undefined {
  const localName = block.type.split("_", 1)[0] ?? "";
  const source = stack.terraform?.required_providers?.[localName]?.source ?? localName;
  const provider = schemas[sourceAddress(source)];
  if (block.kind === "provider") return provider?.provider?.block;
  return (block.kind === "resource" ? provider?.resource_schemas : provider?.data_source_schemas)?.[block.type]?.block;
}

// https://developer.hashicorp.com/terraform/language/providers/requirements#source-addresses
function sourceAddress(source: string): string {
  const parts = source.split("/");
  if (parts.length === 1) return `registry.terraform.io/hashicorp/${source}`;
  return parts.length === 2 ? `registry.terraform.io/${source}` : source;
}

// Terraform itself reads these, no provider ever sees them: https://developer.hashicorp.com/terraform/language/meta-arguments
export const META_ARGUMENTS: Readonly<Record<Block["kind"], readonly string[]>> = {
  provider: ["alias", "version"],
  resource: ["count", "for_each", "depends_on", "provider", "lifecycle", "connection", "provisioner"],
  data: ["count", "for_each", "depends_on", "provider", "lifecycle"],
};

function withoutMetaArguments({ kind, body }: Block): Body {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !META_ARGUMENTS[kind].includes(name)));
}

/** @param at where the body lies in its resource, with a dot behind it: `conditions.users.` */
function checkBody(body: Body, schema: BlockSchema, at: string): string[] {
  const attributes = schema.attributes ?? {};
  const blockTypes = schema.block_types ?? {};
  const dynamic = isObject(body["dynamic"]) ? body["dynamic"] : {};

  const unknown = [...Object.keys(body), ...Object.keys(dynamic).filter((name) => !blockTypes[name])]
    .filter((name) => name !== "//" && name !== "dynamic" && !attributes[name] && !blockTypes[name])
    .map((name) => `${at}${name} is not in the schema`);

  const attributeProblems = Object.entries(attributes).flatMap(([name, attribute]) => {
    const value = body[name] ?? null;
    if (value === null) return attribute.required ? [`${at}${name} is missing, the schema requires it`] : [];
    if (!attribute.required && !attribute.optional) return [`${at}${name} is set, only the provider can set it`];
    return checkValue(value, attribute.type, `${at}${name}`);
  });

  const blockProblems = Object.entries(blockTypes).flatMap(([name, { block, nesting_mode, min_items, max_items }]) => {
    const value = body[name] ?? null;
    // A map of blocks has a label on each; the others come as one object or a list of them.
    const bodies =
      value === null ? [] : nesting_mode === "map" && isObject(value) ? Object.values(value) : [value].flat();
    const most = nesting_mode === "single" || nesting_mode === "group" ? 1 : (max_items ?? Number.POSITIVE_INFINITY);
    const tooFew = bodies.length < (min_items ?? 0) && !dynamic[name];
    return [
      ...(tooFew ? [`${at}${name} has ${blocks(bodies.length)}, the schema takes at least ${min_items}`] : []),
      ...(bodies.length > most ? [`${at}${name} has ${blocks(bodies.length)}, the schema takes at most ${most}`] : []),
      ...bodies.flatMap((nested) =>
        isObject(nested)
          ? checkBody(nested, block, `${at}${name}.`)
          : [`${at}${name} is ${show(nested)}, the schema takes a block`],
      ),
      ...[dynamic[name] ?? []].flat().flatMap((generator: unknown) => {
        const content = isObject(generator) ? generator["content"] : undefined;
        return isObject(content) ? checkBody(content, block, `${at}${name}.`) : [`${at}dynamic.${name} has no content`];
      }),
    ];
  });

  return [...unknown, ...attributeProblems, ...blockProblems];
}

function checkValue(value: unknown, type: SchemaType, at: string): string[] {
  if (value === null || type === "dynamic" || isExpression(value)) return [];
  const mismatch = [`${at} is ${show(value)}, the schema takes ${describe(type)}`];
  if (typeof type === "string") return typeof value === (type === "bool" ? "boolean" : type) ? [] : mismatch;
  if (type[0] === "list" || type[0] === "set") {
    const element = type[1];
    return Array.isArray(value) ? value.flatMap((item, i) => checkValue(item, element, `${at}[${i}]`)) : mismatch;
  }
  if (type[0] === "map") {
    const element = type[1];
    return isObject(value)
      ? Object.entries(value).flatMap(([key, item]) => checkValue(item, element, `${at}["${key}"]`))
      : mismatch;
  }
  if (!isObject(value)) return mismatch;
  const members = type[1];
  return Object.entries(value).flatMap(([key, item]) => {
    const member = members[key];
    return member ? checkValue(item, member, `${at}.${key}`) : [`${at}.${key} is not in the schema`];
  });
}

/** `"${…}"`, or a text with such a part in it: Terraform alone knows what comes out. `$${` is plain text. */
export function isExpression(value: unknown): boolean {
  return typeof value === "string" && /(^|[^$])\$\{/.test(value);
}

function isObject(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(type: SchemaType): string {
  if (typeof type === "string") return type;
  return type[0] === "object" ? "object" : `${type[0]} of ${describe(type[1])}`;
}

function blocks(count: number): string {
  return count === 1 ? "1 block" : `${count} blocks`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
