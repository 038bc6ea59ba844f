import { Annotations, Token } from "cdktf";
import type { IConstruct } from "constructs";

/**
 * Reports a value that a cloud would refuse: cdktf prints `[Error at path] prop is VALUE, RULE`, for every problem of every
 * stack in one run, before Terraform starts. A value that Terraform knows only later (a token) passes.
 *
 * @param rule who takes what, and what to do: `AWS takes 12 digits; write it as a string so that leading zeros stay`
 */
export function refuseUnless(fits: boolean, scope: IConstruct, prop: string, value: unknown, rule: string): void {
  if (fits || Token.isUnresolved(value)) return;
  Annotations.of(scope).addError(`${prop} is ${show(value)}, ${rule}`);
}

/** The same for what works but is probably not meant. */
export function warnUnless(fits: boolean, scope: IConstruct, prop: string, value: unknown, rule: string): void {
  if (fits || Token.isUnresolved(value)) return;
  Annotations.of(scope).addWarning(`${prop} is ${show(value)}, ${rule}`);
}

/** The id of an object in Microsoft Entra: a GUID, hyphens and all. */
export function isGuid(value: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value);
}

/** Whether an object id is among others: Entra makes no difference between `A` and `a` in one. */
export function hasId(ids: readonly string[], id: string): boolean {
  return ids.some((one) => one.toLowerCase() === id.toLowerCase());
}

/** Object ids of one property, each checked. */
export function refuseUnlessGuids(scope: IConstruct, prop: string, ids: readonly string[], what: string): void {
  ids.forEach((id, index) => {
    refuseUnless(
      isGuid(id),
      scope,
      `${prop}[${index}]`,
      id,
      `Entra takes a GUID; copy the object ID of ${what} from the Entra admin center`,
    );
  });
}

/**
 * Options of which only one can count: together, one of them would be lost silently. The types exclude them; this is for who
 * writes plain JavaScript.
 * @param options what can be written, in the order in which the message names it
 */
export function refuseUnlessOne(
  scope: IConstruct,
  prop: string,
  value: object,
  options: readonly string[],
  what: string,
): void {
  const written = Object.entries(value).flatMap(([name, one]) =>
    options.includes(name) && one !== undefined ? [name] : [],
  );
  refuseUnless(written.length === 1, scope, prop, written, `${what}; write one of ${options.join(", ")}`);
}

/** E-mail addresses of one property, each checked for its form. */
export function refuseUnlessEmails(scope: IConstruct, prop: string, addresses: readonly string[]): void {
  addresses.forEach((address, index) => {
    refuseUnlessEmail(scope, `${prop}[${index}]`, address);
  });
}

/** The same for a property that is one address. */
export function refuseUnlessEmail(scope: IConstruct, prop: string, address: string): void {
  const fits = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(address);
  refuseUnless(fits, scope, prop, address, "mail takes name@domain; correct the address");
}

function show(value: unknown): string {
  if (typeof value === "string") return `'${value}'`;
  if (Array.isArray(value)) return value.length === 0 ? "empty" : value.map(show).join(", ");
  return String(value);
}
