import { Annotations } from "cdktf";
import type { Construct } from "constructs";

/** An option that is of no use in a tenant without a licence. */
export interface LicensedOption {
  /** As Microsoft sells it: `Microsoft Entra ID P2 or ID Governance`. */
  readonly licence: string;
  /** As it stands in an account file: `eligible()`. */
  readonly option: string;
}

/** A stack, by what it needs of licences. */
interface LicensedStack extends Construct {
  readonly licensedOptions: readonly LicensedOption[];
}

/** Says once for each licence what needs it and where: no cloud tells at plan whether the tenant has it. */
export function warnOfLicences(stacks: readonly LicensedStack[]): void {
  const users = new Map<string, { options: Set<string>; stacks: LicensedStack[] }>();
  for (const stack of stacks) {
    for (const { licence, option } of stack.licensedOptions) {
      const use = users.get(licence) ?? { options: new Set(), stacks: [] };
      use.options.add(option);
      if (!use.stacks.includes(stack)) use.stacks.push(stack);
      users.set(licence, use);
    }
  }
  for (const [licence, { options, stacks: using }] of users) {
    const [first, ...others] = using;
    if (!first) continue;
    const also = others.length > 0 ? ` (also in ${shortList(others.map((stack) => stack.node.id))})` : "";
    Annotations.of(first).addWarning(
      `licence for ${[...options].join(", ")}${also} is '${licence}'; make sure that the tenant has it`,
    );
  }
}

/** With hundreds of accounts the names would bury the licence. */
function shortList(names: readonly string[], most = 3): string {
  const [shown, rest] = [names.slice(0, most), names.length - most];
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ");
}
