import type { Value } from "../../values";

/**
 * The part of JMESPath (https://jmespath.org/specification.html) that exports of `response_export_values` need here: `@`, `a`, `a.b`,
 * and projections such as `value[].id`. Anything else is refused by name.
 */
export function search(expression: string, value: Value): Value {
  if (expression === "@") return value;
  const steps = expression.split(".").map((step) => /^([A-Za-z_]\w*)(\[\])?$/.exec(step));
  if (steps.some((step) => step === null)) {
    throw new Error(`the local cloud does not evaluate the JMESPath "${expression}": only @, a.b and a[].b`);
  }
  return follow(
    steps.map((step) => ({ name: step?.[1] ?? "", projects: step?.[2] !== undefined })),
    value,
  );
}

function follow(steps: readonly { name: string; projects: boolean }[], value: Value): Value {
  const [step, ...rest] = steps;
  if (!step) return value;
  const found =
    typeof value === "object" && value !== null && !Array.isArray(value) ? (value[step.name] ?? null) : null;
  if (!step.projects) return follow(rest, found);
  if (!Array.isArray(found)) return null;
  // A projection flattens one level and leaves out what is null.
  return found
    .flat()
    .map((item) => follow(rest, item))
    .filter((item) => item !== null);
}
