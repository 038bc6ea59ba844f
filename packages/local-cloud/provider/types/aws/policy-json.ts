import type { Attributes } from "../../values";

// A policy written another way is no change: verify.SuppressEquivalentPolicyDiffs and verify.PolicyToSet of the provider, which compare
// with github.com/hashicorp/awspolicyequivalence.

/** Elements that hold one text; everywhere else one text and a list of one mean the same. */
const SINGLE = ["Version", "Id", "Sid", "Effect"];

/** One form for all ways to write the same: lists sorted and without doubles, members sorted by name. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    return [...new Set(value.map((one) => (isObject(one) ? JSON.stringify(canonical(one)) : String(one))))].sort();
  }
  if (!isObject(value)) return [String(value)];
  return Object.entries(value)
    .map(([element, held]): [string, unknown] => {
      if (SINGLE.includes(element)) return [element, held];
      if (element === "Principal" && held === "*") return [element, canonical({ AWS: "*" })];
      return [element, canonical(element === "Statement" ? [held].flat() : held)];
    })
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Whether two policy documents say the same. */
export function samePolicy(one: string, other: string): boolean {
  if (one === other) return true;
  try {
    return JSON.stringify(canonical(JSON.parse(one))) === JSON.stringify(canonical(JSON.parse(other)));
  } catch {
    return false;
  }
}

/** Plans what is already there when the configuration only writes it another way. */
export function keepSamePolicy(
  name: string,
  { prior, planned }: { prior: Attributes | null; planned: Attributes },
): void {
  const [before, after] = [prior?.[name], planned[name]];
  if (typeof before === "string" && typeof after === "string" && samePolicy(before, after)) planned[name] = before;
}

/** The policy that the service holds, in the words of the state where both say the same. */
export function readPolicy(state: Attributes, name: string, held: string): string {
  const known = state[name];
  return typeof known === "string" && samePolicy(known, held) ? known : held;
}
