import type { Value } from "../../values";

/**
 * The part of JMESPath (https://jmespath.org/specification.html) that exports of `response_export_values` need here: `@`, `a`, `a.b`,
 * and flattening projections such as `value[].appRoles[].id`. Anything else is refused by name.
 */
export function search(expression: string, value: Value): Value {
  if (expression === "@") return value;
  if (!/^[A-Za-z_]\w*(\[\])?(\.[A-Za-z_]\w*(\[\])?)*$/.test(expression)) {
    throw new Error(`the local cloud does not evaluate the JMESPath "${expression}": only @, a.b and a[].b`);
  }
  let found = value;
  let projecting = false;
  for (const step of expression.match(/\w+|\[\]/g) ?? []) {
    if (step === "[]") {
      // Flattens the list, or what the projection before it collected.
      found = Array.isArray(found) ? found.flat() : null;
      projecting = true;
    } else {
      // A projection leaves out what is null.
      found =
        projecting && Array.isArray(found)
          ? found.map((item) => member(item, step)).filter((item) => item !== null)
          : member(found, step);
    }
  }
  return found;
}

const member = (value: Value, name: string): Value =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value[name] ?? null) : null;
