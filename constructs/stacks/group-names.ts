import { TerraformLocal, Token } from "cdktf";
import type { Construct } from "constructs";
import { check } from "../check";
import type { AccountRole } from "./aws-account-props";

/**
 * What the account file calls its existing groups, by object ID: the local value `existing_group_names`, from which the access snapshot,
 * the report and a plan's summary read it. Nothing refers to it, so it deploys nothing.
 */
export function nameExistingGroups(stack: Construct, roles: Readonly<Record<string, AccountRole>>): void {
  const names = new Map<string, string>();
  for (const [role, { group }] of Object.entries(roles)) {
    // An id that Terraform knows only later is nothing that a reader could look up.
    if (group?.existing === undefined || group.name === undefined || Token.isUnresolved(group.existing)) continue;
    const id = group.existing.toLowerCase();
    const known = names.get(id);
    check(stack, `roles.${role}.group.name`, group.name).must(
      known === undefined || known === group.name,
      `another role calls the same group '${known}'; give it one name`,
    );
    names.set(id, group.name);
  }
  if (names.size > 0) new TerraformLocal(stack, "Existing group names", Object.fromEntries(names));
}
