import { difference } from "./difference";
import { canonical, compare, isObject, type Json } from "./json";
import type { Unplanned } from "./report";
import { mayHoldSecret } from "./state-secrets";

/** The synthesized stacks of one commit: `cdk.tf.json` by stack name. */
export type Stacks = ReadonlyMap<string, Json>;

export interface Affected {
  /** Stacks that are new or whose configuration differs: to be planned. */
  readonly affected: readonly string[];
  /** Stacks that are gone. Nothing can plan them any more: what they made stays, unmanaged, unless it was destroyed before. */
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

/** What a change of the code means for the stacks. Without a base (its synth failed, or there is none) every stack is affected. */
export function affected(base: Stacks | undefined, head: Stacks): Affected {
  const names = [...head.keys()].sort(compare);
  const changed = names.filter((name) => base === undefined || meaning(base.get(name)) !== meaning(head.get(name)));
  return {
    affected: changed,
    removed: [...(base?.keys() ?? [])].filter((name) => !head.has(name)).sort(compare),
    unchanged: names.filter((name) => !changed.includes(name)),
  };
}

/**
 * Of the stacks that a pull request touches, those that it must not plan: what their state holds follows from the base, which was
 * deployed, as much as from the head. Without a base nobody knows, and none is planned.
 */
export function withheld(stacks: readonly string[], base: Stacks | undefined, head: Stacks): Unplanned[] {
  return stacks
    .filter((name) => base === undefined || mayHoldSecret(base.get(name)) || mayHoldSecret(head.get(name)))
    .map((stack) => ({
      stack,
      outcome: "unplanned",
      list: difference(withoutNoise(base?.get(stack)), withoutNoise(head.get(stack)) ?? null),
    }));
}

/**
 * A stack's configuration without what says nothing about it: the `//` metadata (construct paths, cdktf's version), which Terraform ignores as a
 * comment, and the path of a local state file, which cdktf writes in full and which thus holds the folder of the checkout.
 */
function withoutNoise(stack: Json | undefined): Json | undefined {
  return stack === undefined ? undefined : withoutComments(withoutLocalPath(stack));
}

function meaning(stack: Json | undefined): string | undefined {
  const said = withoutNoise(stack);
  return said === undefined ? undefined : canonical(said);
}

function withoutComments(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutComments);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "//")
      .map(([key, member]) => [key, withoutComments(member)]),
  );
}

function withoutLocalPath(stack: Json): Json {
  const terraform = isObject(stack) ? stack["terraform"] : undefined;
  const backend = isObject(terraform) ? terraform["backend"] : undefined;
  if (!isObject(stack) || !isObject(terraform) || !isObject(backend) || backend["local"] === undefined) return stack;
  return { ...stack, terraform: { ...terraform, backend: { local: {} } } };
}
