import { createHash, createHmac } from "node:crypto";
import { canonical, compare, isObject, type Json, parseSecretJson } from "./json";
import { type Change, type Plan, verb } from "./plan";

/**
 * The digest says whether two plans are the same change. It is shown to everybody who reads the pull request, and it covers values that the list
 * does not show, some of them easy to guess (a test user's first password). A bare hash would let a reader try guesses, and so would a hash with a
 * salt that is shown beside it. The key is therefore the **lineage of the state**: 122 random bits that Terraform draws when the state is first
 * written, that every plan job of the stack can read, that never change, and that lie only in the state. Whoever has the key can read the
 * secrets there in clear, so the digest tells them nothing.
 *
 * Before the first deploy there is no state and no key. The digest then covers the masked list alone (`sha256:` in place of `hmac-sha256:`).
 */
export function digest(stack: string, plan: Plan, key: string | undefined, maskedList: string): string {
  return key === undefined
    ? `sha256:${createHash("sha256")
        .update(canonical([stack, maskedList]))
        .digest("hex")}`
    : `hmac-sha256:${createHmac("sha256", key).update(changeSet(stack, plan)).digest("hex")}`;
}

/**
 * The lineage in what `terraform state pull` prints; nothing when there is no state yet.
 * https://developer.hashicorp.com/terraform/language/state/remote#versioning-and-locking (lineage: "a unique ID assigned to a state when it is created")
 */
export function lineage(stateText: string): string | undefined {
  if (stateText.trim() === "") return undefined;
  const state = parseSecretJson(stateText, "`terraform state pull`");
  const value = isObject(state) ? state["lineage"] : undefined;
  if (typeof value !== "string" || value.length < 32)
    throw new Error("the state has no lineage, so its plans cannot be compared");
  return value;
}

/**
 * Everything that applying the plan would do, in one order, with every value in clear: never to be written anywhere. Left out is what differs
 * between two plans of the same change, or changes nothing: time stamp, Terraform version, drift that the plan does not act on, unchanged objects,
 * checks.
 */
function changeSet(stack: string, plan: Plan): string {
  const resources = (plan.resource_changes ?? [])
    .filter(
      ({ change, previous_address }) =>
        verb(change.actions) !== "none" || previous_address !== undefined || change.importing !== undefined,
    )
    .map(
      ({ address, previous_address = null, deposed = null, type, mode, change }): Json => [
        address,
        deposed,
        previous_address,
        mode,
        type,
        ...effect(change),
      ],
    )
    .map(canonical)
    .sort(compare);
  const outputs = Object.entries(plan.output_changes ?? {})
    .filter(([, change]) => verb(change.actions) !== "none")
    .map(([name, change]): Json => [name, ...effect(change)])
    .map(canonical)
    .sort(compare);
  return canonical([stack, resources, outputs]);
}

const effect = (change: Change): Json[] => [
  [...change.actions],
  change.before,
  change.after ?? null,
  change.after_unknown ?? null,
  change.replace_paths ?? null,
  change.importing ?? null,
];
