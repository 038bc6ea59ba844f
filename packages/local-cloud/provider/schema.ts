import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Attributes, UNKNOWN, type Value } from "./values";

/** A type as Terraform writes it in JSON: `"string"`, `["set", "string"]`, `["object", { name: "string" }]`. */
export type TypeExpression =
  | "string"
  | "number"
  | "bool"
  | "dynamic"
  | readonly ["list" | "set" | "map", TypeExpression]
  | readonly ["object", Readonly<Record<string, TypeExpression>>]
  | readonly ["tuple", readonly TypeExpression[]];

export interface AttributeSchema {
  readonly type: TypeExpression;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
  readonly deprecated?: boolean;
}

export interface NestedBlock {
  readonly nesting_mode: "single" | "group" | "list" | "set" | "map";
  readonly block: Block;
  readonly min_items?: number;
  readonly max_items?: number;
}

export interface Block {
  readonly attributes?: Readonly<Record<string, AttributeSchema>>;
  readonly block_types?: Readonly<Record<string, NestedBlock>>;
  readonly deprecated?: boolean;
}

/** A resource type, a data source type or a provider block. */
export interface Schema {
  readonly version: number;
  readonly block: Block;
}

/** One provider in the output of `terraform providers schema -json`. */
export interface ProviderSchema {
  readonly provider: Schema;
  readonly resource_schemas: Readonly<Record<string, Schema>>;
  readonly data_source_schemas: Readonly<Record<string, Schema>>;
}

/** The trimmed schema of a provider, from `provider-schemas/`. @param source `registry.terraform.io/hashicorp/aws` */
export function loadProviderSchema(source: string): ProviderSchema {
  const file = join(__dirname, "../../../provider-schemas", `${source.slice(source.lastIndexOf("/") + 1)}.json`);
  const { provider_schemas } = JSON.parse(readFileSync(file, "utf8")) as {
    provider_schemas: Record<string, ProviderSchema>;
  };
  const schema = provider_schemas[source];
  if (!schema) throw new Error(`${file} does not hold ${source}`);
  return schema;
}

export const attributesOf = (block: Block) => Object.entries(block.attributes ?? {});
export const blocksOf = (block: Block) => Object.entries(block.block_types ?? {});
const isCollection = (nested: NestedBlock): nested is NestedBlock & { nesting_mode: "list" | "set" } =>
  nested.nesting_mode === "list" || nested.nesting_mode === "set";

const types = new WeakMap<Block, TypeExpression>();

/** The object type that the attributes and blocks of a block make together; values travel by it. */
export function typeOf(block: Block): TypeExpression {
  // Asked for many times in every call, and schemas never change.
  const known = types.get(block) ?? makeType(block);
  types.set(block, known);
  return known;
}

function makeType(block: Block): TypeExpression {
  const nested = blocksOf(block).map(([name, inner]): [string, TypeExpression] => {
    const type = typeOf(inner.block);
    if (isCollection(inner)) return [name, [inner.nesting_mode, type]];
    return [name, inner.nesting_mode === "map" ? ["map", type] : type];
  });
  return [
    "object",
    Object.fromEntries([...attributesOf(block).map(([name, { type }]) => [name, type] as const), ...nested]),
  ];
}

/** What stands in a block where nothing is set: the core takes `null` for a list or set of blocks as an error. */
const nothing = (nested: NestedBlock): Value => (isCollection(nested) ? [] : null);

export const isAttributes = (value: Value | undefined): value is Attributes =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every name of the schema present, at every depth; names the schema does not have are an error of the resource type. */
export function complete(block: Block, given: Attributes): Attributes {
  const unknownKey = Object.keys(given).find(
    (name) => !(block.attributes && name in block.attributes) && !(block.block_types && name in block.block_types),
  );
  if (unknownKey !== undefined) throw new Error(`the schema has no ${unknownKey}`);
  const attributes = attributesOf(block).map(([name]): [string, Value] => [name, given[name] ?? null]);
  return Object.fromEntries([
    ...attributes,
    ...mapBlocks(block, given, (inner, value) => complete(inner.block, value)),
  ]);
}

/** The nested blocks of `values`, each object in them changed by `change`; what is absent or unknown stays so. */
export function mapBlocks(
  block: Block,
  values: Attributes,
  change: (nested: NestedBlock, value: Attributes, index: number | string | undefined, name: string) => Attributes,
): [string, Value][] {
  return blocksOf(block).map(([name, nested]) => {
    const value = values[name] ?? nothing(nested);
    if (Array.isArray(value)) {
      const items = value.map((item, index) => (isAttributes(item) ? change(nested, item, index, name) : item));
      return [name, nested.nesting_mode === "set" ? unique(items) : items];
    }
    if (!isAttributes(value)) return [name, value];
    if (nested.nesting_mode !== "map") return [name, change(nested, value, undefined, name)];
    const items = Object.entries(value).map(([key, item]) => [
      key,
      isAttributes(item) ? change(nested, item, key, name) : item,
    ]);
    return [name, Object.fromEntries(items) as Attributes];
  });
}

/** Equal as Terraform values; an unknown equals only an unknown. Elements of sets are compared in any order where `type` says set. */
export function equal(a: Value, b: Value, type: TypeExpression = "dynamic"): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return false;
    if (typeof type !== "string" && type[0] === "set") {
      const rest = [...b];
      return a.every((item) => {
        const at = rest.findIndex((other) => equal(item, other, type[1]));
        return at >= 0 && rest.splice(at, 1).length === 1;
      });
    }
    return a.every((item, index) => equal(item, b[index] ?? null, memberType(type, index)));
  }
  if (!isAttributes(a) || !isAttributes(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => name in b && equal(a[name] ?? null, b[name] ?? null, memberType(type, name)))
  );
}

/** The type of a member of a collection, object or tuple. */
export function memberType(type: TypeExpression, key: string | number): TypeExpression {
  if (typeof type === "string") return "dynamic";
  if (type[0] === "object") return type[1][key] ?? "dynamic";
  if (type[0] === "tuple") return type[1][Number(key)] ?? "dynamic";
  return type[1];
}

export const unique = (items: Value[], type: TypeExpression = "dynamic"): Value[] =>
  items.filter((item, index) => items.findIndex((other) => equal(item, other, type)) === index);

/** Whether a value holds anything that is not known yet. */
export function hasUnknown(value: Value): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUnknown);
}
