import { ServiceError } from "../errors";
import { notModelled } from "./errors";

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html ("Comparison operators") and
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html ("Matching …").

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { readonly [name: string]: Json };

/** Whether an event has what a pattern asks for; reads the whole pattern first, so that none is taken that nobody understands. */
export type EventPattern = (event: unknown) => boolean;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The values at one place of an event: several where a list stands on the way, none where the place is missing. */
type Places = readonly Json[];
type Test = (places: Places) => boolean;

const invalid = (why: string) =>
  new ServiceError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${why}`, 400);

/** Reads a pattern; refuses what EventBridge refuses, and what the local cloud does not know by name. */
export function parseEventPattern(text: string): EventPattern {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw invalid("it is no JSON");
  }
  if (!isObject(pattern)) throw invalid("it is no object");
  if (Object.keys(pattern).length === 0) throw invalid("Empty event pattern is not allowed");
  const test = object(pattern, "");
  return (event) => test([event as Json]);
}

/** Every field has to match; `$or` is one of several patterns. */
function object(pattern: JsonObject, path: string): Test {
  const tests = Object.entries(pattern).map(([name, wanted]): Test => {
    const here = path === "" ? name : `${path}.${name}`;
    if (name === "$or") return alternatives(wanted, path);
    const test = Array.isArray(wanted) ? field(wanted, here) : isObject(wanted) ? object(wanted, here) : undefined;
    if (!test) throw invalid(`"${here}" must be an object or an array`);
    if (isObject(wanted) && Object.keys(wanted).length === 0) throw invalid(`"${here}" must not be empty`);
    return (places) => test(places.flatMap((place) => below(place, name)));
  });
  // A list of objects: one element has to match in all fields at once.
  return (places) => {
    const each = places.flatMap((place): readonly Json[] => (Array.isArray(place) ? place : [place]));
    return each.length === 0 ? tests.every((test) => test([])) : each.some((one) => tests.every((test) => test([one])));
  };
}

function alternatives(wanted: Json, path: string): Test {
  if (!Array.isArray(wanted) || wanted.length < 2 || !wanted.every(isObject)) {
    throw invalid('"$or" must be an array of at least 2 patterns');
  }
  const tests = wanted.map((pattern) => object(pattern, path));
  return (places) => tests.some((test) => test(places));
}

function below(place: Json, name: string): Json[] {
  return isObject(place) && name in place ? [place[name] ?? null] : [];
}

/** One of the listed values or filters has to fit one of the values that the event has there. */
function field(wanted: readonly Json[], path: string): Test {
  if (wanted.length === 0) throw invalid(`"${path}" must not be an empty array`);
  const tests = wanted.map((one): Test => {
    if (isObject(one)) return filter(one, path);
    if (Array.isArray(one)) throw invalid(`"${path}" must not have an array in an array`);
    return (places) => leaves(places).some((leaf) => leaf === one);
  });
  return (places) => tests.some((test) => test(places));
}

/** Comparisons work on leaves: a list counts as each of its elements, an object as none. */
const leaves = (places: Places): (null | boolean | number | string)[] =>
  places.flatMap((place): (null | boolean | number | string)[] => {
    if (Array.isArray(place)) return leaves(place as Places);
    return isObject(place) ? [] : [place as null | boolean | number | string];
  });

/** A filter: an object of one operator. */
function filter(wanted: JsonObject, path: string): Test {
  const [operator = "", ...more] = Object.keys(wanted);
  const value = wanted[operator] ?? null;
  if (more.length > 0) throw invalid(`"${path}" has a filter of ${more.length + 1} operators, it takes one`);
  if (operator === "exists") {
    if (typeof value !== "boolean") throw invalid(`"exists" in "${path}" must be true or false`);
    return (places) => leaves(places).length > 0 === value;
  }
  if (operator === "anything-but") {
    const excluded = exclusion(value, path);
    return (places) => leaves(places).some((leaf) => leaf !== null && !excluded(leaf));
  }
  if (operator === "numeric") {
    const fits = numeric(value, path);
    return (places) => leaves(places).some((leaf) => typeof leaf === "number" && fits(leaf));
  }
  const fits = text(operator, value, path);
  return (places) => leaves(places).some((leaf) => typeof leaf === "string" && fits(leaf));
}

/** Filters of texts; each also stands under `anything-but`. */
function text(operator: string, value: Json, path: string): (leaf: string) => boolean {
  const same = (fold: (one: string) => string, wanted: Json) => {
    if (typeof wanted !== "string") throw invalid(`"${operator}" in "${path}" must be a string`);
    return fold(wanted);
  };
  const folded = isObject(value) && "equals-ignore-case" in value ? (value["equals-ignore-case"] ?? null) : undefined;
  const fold = (one: string) => (folded === undefined ? one : one.toLowerCase());
  switch (operator) {
    case "prefix": {
      const start = same(fold, folded ?? value);
      return (leaf) => fold(leaf).startsWith(start);
    }
    case "suffix": {
      const end = same(fold, folded ?? value);
      return (leaf) => fold(leaf).endsWith(end);
    }
    case "equals-ignore-case": {
      const whole = same((one) => one.toLowerCase(), value);
      return (leaf) => leaf.toLowerCase() === whole;
    }
    case "wildcard": {
      const pattern = same((one) => one, value);
      // A backslash makes an asterisk or a backslash a character like others.
      const parts = pattern.match(/\\[*\\]|[^\\]/gs) ?? [];
      if (parts.join("") !== pattern) throw invalid(`"wildcard" in "${path}" escapes what needs no escape`);
      const source = parts.map((part) => (part === "*" ? ".*" : literal(part.slice(-1)))).join("");
      return (leaf) => new RegExp(`^${source}$`, "s").test(leaf);
    }
    default:
      throw notModelled(`The filter ${operator} in an event pattern`);
  }
}

const literal = (character: string): string => character.replace(/[.*+?^${}()|[\]\\]/, "\\$&");

/** What `anything-but` leaves out: a value, several, or what a text filter finds. */
function exclusion(value: Json, path: string): (leaf: boolean | number | string) => boolean {
  if (isObject(value)) {
    const [operator = "", ...more] = Object.keys(value);
    if (more.length > 0) throw invalid(`"anything-but" in "${path}" takes one filter`);
    const held = value[operator] ?? null;
    const filters = (Array.isArray(held) ? (held as readonly Json[]) : [held]).map((one) => text(operator, one, path));
    return (leaf) => typeof leaf === "string" && filters.some((fits) => fits(leaf));
  }
  const values = Array.isArray(value) ? (value as readonly Json[]) : [value];
  if (values.length === 0 || !values.every((one) => typeof one === "string" || typeof one === "number")) {
    throw invalid(`"anything-but" in "${path}" takes strings or numbers`);
  }
  return (leaf) => values.some((one) => one === leaf);
}

const COMPARE: Readonly<Record<string, (leaf: number, bound: number) => boolean>> = {
  "=": (leaf, bound) => leaf === bound,
  "<": (leaf, bound) => leaf < bound,
  "<=": (leaf, bound) => leaf <= bound,
  ">": (leaf, bound) => leaf > bound,
  ">=": (leaf, bound) => leaf >= bound,
};

/** `["=", 5]`, or a range: `[">", 0, "<=", 5]`. */
function numeric(value: Json, path: string): (leaf: number) => boolean {
  const parts = Array.isArray(value) ? (value as readonly Json[]) : [];
  const pairs = Array.from({ length: parts.length / 2 }, (_, at) => [parts[2 * at], parts[2 * at + 1]] as const);
  const tests = pairs.map(([sign, bound]) => {
    const compare = typeof sign === "string" ? COMPARE[sign] : undefined;
    if (!compare || typeof bound !== "number") throw invalid(`"numeric" in "${path}" is no comparison`);
    return (leaf: number) => compare(leaf, bound);
  });
  if (tests.length < 1 || tests.length > 2 || parts.length !== tests.length * 2) {
    throw invalid(`"numeric" in "${path}" takes one comparison or a range`);
  }
  return (leaf) => tests.every((test) => test(leaf));
}
