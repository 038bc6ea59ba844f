import { asBody, list } from "./access-stack";
import { blocksOf, type StackJson } from "./stack-json";

/** Where Terraform keeps the resources of a stack in its state, in order. Data sources are read anew each time: their names are free. */
export function stateAddresses(json: StackJson): string[] {
  return blocksOf(json)
    .flatMap(({ kind, address }) => (kind === "resource" ? [address] : []))
    .sort();
}

/**
 * Those of the addresses before that a stack no longer has, and that Terraform would destroy silently of ours: no `moved` block
 * leads to a resource that is there, no `removed` block lets go of them, and no line under "State moves" in the changelog begins with them.
 */
export function lostAddresses(before: readonly string[], json: StackJson, changelog: string): string[] {
  const now = stateAddresses(json);
  const { moved, removed } = json as { readonly moved?: unknown; readonly removed?: unknown };
  const moves = list(moved).map(asBody);
  const told = [
    ...moves.flatMap(({ from, to }) => (now.includes(String(to)) ? [String(from)] : [])),
    ...list(removed).map((block) => String(asBody(block)["from"])),
  ];
  const patterns = stateMoves(changelog);
  return before.filter(
    (address) => !now.includes(address) && !told.includes(address) && !patterns.some((one) => one.test(address)),
  );
}

/** The addresses at the beginning of each line under "State moves", whatever the version; `*` in one stands for any name. */
function stateMoves(changelog: string): RegExp[] {
  const sections = changelog.split(/^#+ /m).filter((section) => /^State moves\r?\n/.test(section));
  return sections
    .flatMap((section) => [...section.matchAll(/^- `([\w.*-]+)`/gm)])
    .map(([, address = ""]) => new RegExp(`^${address.replaceAll(".", "\\.").replaceAll("*", "[\\w-]+")}$`));
}
