import { asBody, asJson, decoded, list, type Stack } from "./access-stack";
import type { Body } from "./stack-json";

/** The statements of a policy document, each in words; what has no words here, as JSON. */
export function statements(policy: unknown): string[] {
  const document = decoded(policy);
  if (!document) return [`a policy that only Terraform can read: ${policy}`];
  const { Version, Statement, ...rest } = document;
  const version = Version === "2012-10-17" ? {} : { Version };
  return [...list(Statement).map((statement) => inWords(asBody(statement))), ...asJson({ ...version, ...rest })];
}

/** Its name (`Sid`) is all that a statement may have and that decides nothing. */
function inWords({ Sid: _, Effect, Action, Resource, Principal, Condition, ...rest }: Body): string {
  const conditions = Object.entries(asBody(Condition)).flatMap(([operator, keys]) =>
    Object.entries(asBody(keys)).map(([key, values]) => `${operator} ${key} ${list(values).join(" or ")}`),
  );
  const words = [
    String(Effect),
    ...(Action === undefined ? [] : [list(Action).join(", ")]),
    ...(Principal === undefined ? [] : [`to ${pairs(Principal)}`]),
    ...(Resource === undefined ? [] : [`on ${list(Resource).join(", ")}`]),
    ...(conditions.length === 0 ? [] : [`if ${conditions.join(" and ")}`]),
    ...asJson(rest).map((json) => `and also ${json}`),
  ];
  return words.join(" ");
}

function pairs(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([key, values]) => `${key} ${list(values).join(", ")}`)
    .join(", ");
}

export function policyName(stack: Stack, arn: unknown): string {
  const policy = stack.behind(arn)?.body;
  if (policy) return `${policy["name"]} (${statements(policy["policy"]).join("; ")})`;
  return String(arn).replace(/^arn:[^:]+:iam::aws:policy\//, "");
}

/** Whether a policy gives nothing and only takes away. */
export function onlyDenies(policy: unknown): boolean {
  const all = list(decoded(policy)?.["Statement"]).map(asBody);
  return all.length > 0 && all.every(({ Effect }) => Effect === "Deny");
}
