import type { Attributes } from "../../values";

// A policy written another way is no change: verify.SuppressEquivalentPolicyDiffs and verify.PolicyToSet of the provider, which compare
// with github.com/hashicorp/awspolicyequivalence.

/** Elements that hold one text; everywhere else one text and a list of one mean the same. */
const SINGLE = ["Version", "Id", "Sid", "Effect"];

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    return [...new Set(value.flatMap((one) => [canonical(one)].flat()).map((one) => JSON.stringify(one)))].sort();
  }
  if (typeof value !== "object" || value === null) return [String(value)];
  return Object.entries(value)
    .map(([key, held]): [string, unknown] => {
      if (SINGLE.includes(key)) return [key, held];
      if (key === "Principal" && held === "*") return [key, canonical({ AWS: "*" })];
      return [key, canonical(key === "Statement" ? [held].flat() : held)];
    })
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

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
