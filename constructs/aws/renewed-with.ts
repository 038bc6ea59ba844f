import type { TerraformResource, TerraformResourceLifecycle } from "cdktf";
import { writesHcl } from "../hcl";

/**
 * For what AWS keeps under the name of its parent and deletes together with it: the policies of a role, the targets of a rule.
 * A parent that is replaced keeps its name, so the plan would see no difference in them, and they would be missing until the deploy after.
 * An id is new exactly when its object is. Not for a user with access keys: those are made before the old ones go, so the user would have
 * to be made beside itself, IAM refuses that, and its policies would be gone by then.
 * @see https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#replace_triggered_by
 */
export function renewedWith(parent: TerraformResource): TerraformResourceLifecycle | undefined {
  if (writesHcl(parent)) return undefined;
  const one = parent.forEach ? "[each.key]" : "";
  return { replaceTriggeredBy: [`${parent.terraformResourceType}.${parent.friendlyUniqueId}${one}.id`] };
}
