import { Decoder, Encoder, ExtData, ExtensionCodec } from "@msgpack/msgpack";
import { isAttributes, memberType, type TypeExpression, unique } from "./schema";
import { UNKNOWN, type Value } from "./values";

/** A value as the plugin protocol carries it. */
export interface DynamicValue {
  readonly msgpack?: Uint8Array;
  readonly json?: Uint8Array;
}

/**
 * Terraform writes an unknown value as a MessagePack extension: code 0 plain, code 12 with what is known of it all the same
 * ("starts with arn:"). The refinement is dropped: plain unknowns are always a right answer.
 * https://github.com/zclconf/go-cty/blob/main/docs/refinements.md
 */
class UnknownCodec extends ExtensionCodec {
  override decode(): typeof UNKNOWN {
    return UNKNOWN;
  }
}

const extensionCodec = new UnknownCodec();
const decoder = new Decoder({ extensionCodec });
const encoder = new Encoder({ extensionCodec });
const PLAIN_UNKNOWN = new ExtData(0, new Uint8Array(1));

/**
 * The types that Terraform gave for `dynamic` values. Plain JSON cannot tell a list of strings from a tuple, nor of which type an
 * unknown is; handed back unchanged, a value must have the type it came with.
 */
const declaredTypes = new WeakMap<object, TypeExpression>();

/** From the wire. `undefined` where the message had no value at all. */
export function decode(value: DynamicValue | null | undefined, type: TypeExpression): Value {
  if (value?.msgpack?.length) return fromWire(decoder.decode(value.msgpack), type);
  if (value?.json?.length) return fromJson(JSON.parse(Buffer.from(value.json).toString("utf8")), type);
  return null;
}

/** To the wire. */
export function encode(value: Value, type: TypeExpression): DynamicValue {
  return { msgpack: encoder.encode(toWire(value, type)) };
}

function fromWire(value: unknown, type: TypeExpression): Value {
  if (value === UNKNOWN) return UNKNOWN;
  if (value === null || value === undefined) return null;
  if (type === "dynamic") {
    const [json, inner] = value as [Uint8Array, unknown];
    const declared = JSON.parse(Buffer.from(json).toString("utf8")) as TypeExpression;
    return declare(fromWire(inner, declared), declared);
  }
  // Numbers that neither an integer nor a float holds exactly travel as text.
  if (type === "number") return Number(value);
  return members(value, type, fromWire);
}

/** From the JSON of a state file: like the wire, but a `dynamic` value is an object of value and type. */
function fromJson(value: unknown, type: TypeExpression): Value {
  if (value === null || value === undefined) return null;
  if (type === "dynamic") {
    const { value: inner, type: declared } = value as { value: unknown; type: TypeExpression };
    return declare(fromJson(inner, declared), declared);
  }
  return members(value, type, fromJson);
}

function members(
  value: unknown,
  type: TypeExpression,
  convert: (value: unknown, type: TypeExpression) => Value,
): Value {
  if (Array.isArray(value)) return value.map((item, index) => convert(item, memberType(type, index)));
  if (typeof value !== "object" || value === null) return value as Value;
  const given = value as Record<string, unknown>;
  // A state file of another provider version may have more or fewer names than the schema.
  const names = typeof type !== "string" && type[0] === "object" ? Object.keys(type[1]) : Object.keys(given);
  return Object.fromEntries(names.map((name) => [name, convert(given[name], memberType(type, name))]));
}

function declare(value: Value, type: TypeExpression): Value {
  if (typeof value === "object" && value !== null) declaredTypes.set(value, type);
  return value;
}

/**
 * A `dynamic` value in the type of an earlier one, where it is of that type: providers read an answer in the type of what was written.
 * An object of texts could else not be told from a map of them, and Terraform treats the two differently.
 */
export function typedAs(value: Value, earlier: Value): Value {
  const type = typeof earlier === "object" && earlier !== null ? declaredTypes.get(earlier) : undefined;
  return type !== undefined && isOfType(value, type) ? declare(value, type) : value;
}

function isOfType(value: Value, type: TypeExpression): boolean {
  if (value === null || type === "dynamic") return true;
  const kind = typeof type === "string" ? type : type[0];
  if (Array.isArray(value)) {
    if (typeof type === "string" || type[0] === "map" || type[0] === "object") return false;
    if (type[0] === "tuple" && type[1].length !== value.length) return false;
    return value.every((item, index) => isOfType(item, memberType(type, index)));
  }
  if (isAttributes(value)) {
    const names = Object.keys(value);
    const known = typeof type !== "string" && type[0] === "object" ? Object.keys(type[1]) : names;
    return (
      (kind === "map" || kind === "object") &&
      names.every((name) => known.includes(name) && isOfType(value[name] ?? null, memberType(type, name)))
    );
  }
  return typeof value === (kind === "bool" ? "boolean" : kind);
}

function toWire(value: Value, type: TypeExpression): unknown {
  if (value === UNKNOWN) return PLAIN_UNKNOWN;
  if (value === null) return null;
  if (type === "dynamic") {
    const actual = (typeof value === "object" && declaredTypes.get(value)) || inferred(value);
    return [Buffer.from(JSON.stringify(actual)), toWire(value, actual)];
  }
  const kind = typeof type === "string" ? type : type[0];
  if (Array.isArray(value)) {
    if (kind !== "list" && kind !== "set" && kind !== "tuple") throw mismatch(value, type);
    const items = kind === "set" ? unique(value, memberType(type, 0)) : value;
    return items.map((item, index) => toWire(item, memberType(type, index)));
  }
  if (isAttributes(value)) {
    if (kind !== "map" && kind !== "object") throw mismatch(value, type);
    const names = typeof type !== "string" && type[0] === "object" ? Object.keys(type[1]) : Object.keys(value);
    return Object.fromEntries(names.map((name) => [name, toWire(value[name] ?? null, memberType(type, name))]));
  }
  if (typeof value !== (kind === "bool" ? "boolean" : kind)) throw mismatch(value, type);
  return value;
}

/** Never the value itself: it may be a secret. */
const mismatch = (value: Value, type: TypeExpression) =>
  new TypeError(`a value of type ${Array.isArray(value) ? "list" : typeof value} stands for ${JSON.stringify(type)}`);

/** The type of plain JSON, as Terraform takes it from a literal in the configuration. */
function inferred(value: Value): TypeExpression {
  if (Array.isArray(value)) return ["tuple", value.map(inferred)];
  if (isAttributes(value)) {
    return ["object", Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inferred(member)]))];
  }
  if (typeof value === "string" || typeof value === "number") return typeof value as "string" | "number";
  return typeof value === "boolean" ? "bool" : "dynamic";
}
