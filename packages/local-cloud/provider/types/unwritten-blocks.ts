import type { Attributes } from "../values";

// Blocks that are optional and computed: where the configuration has none, what the service holds is no difference. The plan of a new
// object promises none, so the first state has none either, and the next refresh brings them.

/** Plans what is there where no such block is written. */
export function keepUnwritten(
  names: readonly string[],
  { config, prior, planned }: { config: Attributes; prior: Attributes | null; planned: Attributes },
): void {
  for (const name of names) {
    const written = config[name];
    if (prior && !(Array.isArray(written) && written.length > 0)) planned[name] = prior[name] ?? [];
  }
}

/** The state after an apply, with such blocks as they were planned. */
export function asPlanned(names: readonly string[], state: Attributes, planned: Attributes): Attributes {
  return { ...state, ...Object.fromEntries(names.map((name) => [name, planned[name] ?? []])) };
}
