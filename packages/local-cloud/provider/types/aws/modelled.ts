import type { Attributes, Problem } from "../../values";
import { isSet } from "./attributes";

/**
 * What a configuration sets and the local cloud does not know: named at validate, because a deploy that passes would be taken for a
 * promise that it works.
 * @param names attributes and blocks that are known
 */
export function onlyModelled(type: string, config: Attributes, names: readonly string[]): Problem[] {
  return Object.entries(config)
    .filter(([name, value]) => !names.includes(name) && !isNothing(value))
    .map(([name]) => ({
      summary: "Not part of the local cloud",
      detail: `the local cloud does not model ${name} of ${type}, so the rehearsal cannot tell what it would do`,
      path: [name],
    }));
}

/** A switch that is known in one position only. */
export function onlyOff(type: string, config: Attributes, name: string): Problem[] {
  return isSet(config, name) ? onlyModelled(type, { [name]: true }, []) : [];
}

const isNothing = (value: unknown) =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
