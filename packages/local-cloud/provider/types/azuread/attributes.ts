import { ServiceError } from "../../../cloud/errors";
import { PartiallyCreated } from "../../resource-type";
import { type Attributes, UNKNOWN, type Value } from "../../values";

/** A text, "" where nothing is set: what the real provider's `d.Get` gives. */
export const text = (value: Value | undefined): string => (typeof value === "string" ? value : "");

/** A text that Graph gets as `null` where it is empty: the real provider's `NoZero`. */
export const textOrNull = (value: Value | undefined): string | null => text(value) || null;

export const flag = (value: Value | undefined): boolean => value === true;

export const number = (value: Value | undefined): number => (typeof value === "number" ? value : 0);

export const texts = (value: Value | undefined): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];

export const isBlock = (value: Value | undefined): value is Attributes =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const blocks = (value: Value | undefined): Attributes[] => (Array.isArray(value) ? value.filter(isBlock) : []);

/** The one block of a list that takes at most one. */
export const block = (value: Value | undefined): Attributes | undefined => blocks(value)[0];

/** Whether two values say the same; the order in a list of texts counts for nothing, and nothing is as good as empty. */
export function changed(before: Value | undefined, after: Value | undefined): boolean {
  return JSON.stringify(canonical(before ?? null)) !== JSON.stringify(canonical(after ?? null));
}

function canonical(value: Value): unknown {
  if (isZero(value)) return null;
  if (Array.isArray(value)) return value.map((item) => JSON.stringify(canonical(item))).sort();
  if (!isBlock(value)) return value === UNKNOWN ? "unknown" : value;
  const set = Object.entries(value).filter(([, member]) => !isZero(member));
  return set.map(([name, member]) => [name, canonical(member)]).sort();
}

/** The SDK that the real provider is built with makes no difference between what is not set and the zero value of a type. */
function isZero(value: Value): boolean {
  if (Array.isArray(value)) return value.every((item) => isBlock(item) && isZero(item));
  if (isBlock(value)) return Object.values(value).every(isZero);
  return value === null || value === "" || value === false || value === 0;
}

/** The state after apply: what was planned, and what the service chose where the plan left it open. */
export function applied(planned: Attributes, live: Attributes): Attributes {
  return fillIn(planned, live) as Attributes;
}

function fillIn(planned: Value, live: Value | undefined): Value {
  if (planned === UNKNOWN) return live ?? null;
  if (Array.isArray(planned)) {
    return planned.map((item, index) => fillIn(item, Array.isArray(live) ? live[index] : undefined));
  }
  if (!isBlock(planned)) return planned;
  const values = isBlock(live) ? live : {};
  return Object.fromEntries(Object.entries(planned).map(([name, value]) => [name, fillIn(value, values[name])]));
}

/**
 * The state after a refresh: what the service says, in the words of the state before, so that a `false` from Graph is no change
 * where nothing is configured. `defaults` names what is always set.
 */
export function refreshed(
  live: Attributes,
  state: Attributes,
  defaults: Readonly<Record<string, Value>> = {},
): Attributes {
  const settle = (name: string, value: Value): Value => {
    const settled = keepEquivalent(value, state[name] ?? null);
    return settled === null && name in defaults ? value : settled;
  };
  return Object.fromEntries(Object.entries(live).map(([name, value]) => [name, settle(name, value)]));
}

function keepEquivalent(live: Value, before: Value): Value {
  if (isZero(live) && isZero(before)) return before;
  if (Array.isArray(live)) {
    return live.map((item, index) => (isBlock(item) ? keepEquivalent(item, counterpart(before, item, index)) : item));
  }
  if (!isBlock(live)) return live;
  const earlier = isBlock(before) ? before : {};
  return Object.fromEntries(
    Object.entries(live).map(([name, value]) => [name, keepEquivalent(value, earlier[name] ?? null)]),
  );
}

/** Blocks with an `id` (app roles) are known by it, others by their place. */
function counterpart(before: Value, item: Attributes, index: number): Value {
  const earlier = blocks(before);
  return (item.id === undefined ? earlier[index] : earlier.find(({ id }) => id === item.id)) ?? null;
}

/** `undefined` where Graph answers 404: Terraform then plans to make the object again. */
export function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ServiceError && error.status === 404) return undefined;
    throw error;
  }
}

/** The steps after the object has its id: when one fails, Terraform keeps the object as tainted. */
export async function onceMade(made: Attributes, steps: () => Promise<Attributes>): Promise<Attributes> {
  try {
    return await steps();
  } catch (error) {
    throw new PartiallyCreated(made, error);
  }
}

/** Adds and removes until `existing` is `desired`; additions first, each its own request. */
export async function reconcile(
  existing: readonly string[],
  desired: readonly string[],
  change: { add(id: string): Promise<void>; remove(id: string): Promise<void> },
): Promise<void> {
  for (const id of desired.filter((one) => !existing.includes(one))) await change.add(id);
  for (const id of existing.filter((one) => !desired.includes(one))) await change.remove(id);
}

/** What the real provider answers where an object of the same name exists and `prevent_duplicate_names` is set. */
export function duplicateName(type: string, id: string, name: string): Error {
  return new Error(
    `An existing "${type}" with name "${name}" (ID: "${id}") was found and \`prevent_duplicate_names\` was specified. ` +
      "To be managed via Terraform, this resource needs to be imported into the State.",
  );
}

/** What the real provider answers where the object is there already. */
export function alreadyExists(type: string, id: string): Error {
  return new Error(
    `A resource with the ID "${id}" already exists - to be managed via Terraform this resource needs to be imported ` +
      `into the State. Please see the resource documentation for "${type}" for more information.`,
  );
}

/** A wait of the real provider that cannot end well; here it fails at once. */
export function timedOut(what: string, target: string, timeout: string): Error {
  return new Error(
    `${what}: timeout while waiting for state to become '${target}' (last state: 'Waiting', timeout: ${timeout})`,
  );
}
