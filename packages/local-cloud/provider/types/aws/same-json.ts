import { isDeepStrictEqual } from "node:util";
import type { Attributes } from "../../values";

// JSON written another way is no change: the provider keeps it in one form (StateFunc, structure.NormalizeJsonString).

/** Whether two texts are the same JSON. */
function sameJson(one: string, other: string): boolean {
  if (one === other) return true;
  try {
    return isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
  } catch {
    return false;
  }
}

/** Plans what is already there when the configuration only writes it another way. */
export function keepSameJson(
  name: string,
  { prior, planned }: { prior: Attributes | null; planned: Attributes },
): void {
  const [before, after] = [prior?.[name], planned[name]];
  if (typeof before === "string" && typeof after === "string" && sameJson(before, after)) planned[name] = before;
}

/** What the service holds, in the words of the state where both say the same. */
export function readJson(state: Attributes, name: string, held: string): string {
  const known = state[name];
  return typeof known === "string" && sameJson(known, held) ? known : held;
}
