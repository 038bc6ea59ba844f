import type { Attributes, Problem, Value } from "../../values";

// Reading what Terraform sent: a planned or stored attribute is of its schema's type, anything else is a fault of ours.

/** A text that has to be there. */
export function text(attributes: Attributes, name: string): string {
  const value = attributes[name];
  if (typeof value !== "string") throw new TypeError(`${name} should be a text by now`);
  return value;
}

/** A text, or `undefined` where nothing or an empty one is set: the SDK tells the two not apart. */
export function optionalText(attributes: Attributes, name: string): string | undefined {
  const value = attributes[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export const isSet = (attributes: Attributes, name: string) => attributes[name] === true;

/** The members of a set or list of texts. */
export function texts(attributes: Attributes, name: string): string[] {
  const value = attributes[name];
  return Array.isArray(value) ? value.filter((member): member is string => typeof member === "string") : [];
}

/** The blocks of this name. */
export function blocks(attributes: Attributes, name: string): Attributes[] {
  const value = attributes[name];
  return Array.isArray(value) ? value.filter(isBlock) : [];
}

export const isBlock = (value: Value): value is Attributes =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is wrong with a text, as the end of a sentence; `undefined` if nothing is. */
type Check = (value: string) => string | undefined;

/** The problems that these checks find; what is unknown or not set passes. */
export function check(config: Attributes, checks: Readonly<Record<string, Check>>): Problem[] {
  return Object.entries(checks).flatMap(([name, wrong]) => {
    const value = config[name];
    const problem = typeof value === "string" ? wrong(value) : undefined;
    return problem === undefined ? [] : [{ summary: "Invalid value", detail: `"${name}" ${problem}`, path: [name] }];
  });
}

/** Two attributes of which only one may be set. */
export function conflict(config: Attributes, one: string, other: string): Problem[] {
  // A block that is not there is an empty list.
  const both = [one, other].every((name) => (config[name] ?? null) !== null && String(config[name]) !== "");
  return both
    ? [{ summary: "Conflicting configuration arguments", detail: `"${one}": conflicts with ${other}`, path: [one] }]
    : [];
}

export const lengthBetween =
  (min: number, max: number): Check =>
  (value) =>
    value.length >= min && value.length <= max
      ? undefined
      : `has ${value.length} characters, it takes ${min} to ${max}`;

/** Names as IAM takes them: internal/service/iam/validate.go of the provider. */
export const resourceName =
  (max: number): Check =>
  (value) =>
    lengthBetween(1, max)(value) ?? (/^[\w+=,.@-]*$/.test(value) ? undefined : "must match [\\w+=,.@-]");

export const arn: Check = (value) =>
  /^arn:[\w-]+:[\w-]+:[a-z0-9-]*:(\d{12}|aws)?:.+$/.test(value) ? undefined : `(${value}) is an invalid ARN`;

export const json: Check = (value) => {
  try {
    JSON.parse(value);
    return undefined;
  } catch {
    return "contains an invalid JSON";
  }
};

/** verify.ValidIAMPolicyJSON of the provider: JSON, and an object. */
export const policyJson: Check = (value) =>
  json(value) ?? (/^\s*\{/.test(value) ? undefined : "contains an invalid JSON policy: it is no object");
