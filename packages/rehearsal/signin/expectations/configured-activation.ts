import { minutesOf } from "../../../local-cloud/cloud/entra/iso-duration";
import { type Configuration, namedResourcesOf, resourcesOf, type SynthesizedStack } from "../../run/stacks";

/** What an activation is not to do without. */
export const ASKED = ["a second factor", "a reason", "a ticket", "an approval"] as const;
export type Asked = (typeof ASKED)[number];

/** How somebody becomes a member of a group for some hours, by its configuration. */
export interface ConfiguredActivation {
  readonly asks: readonly Asked[];
  /** Longest activation; absent where the configuration leaves it to Entra. */
  readonly longestMinutes?: number;
  /** Who may activate: object ids of people and groups; users that the stack makes by their user principal name. */
  readonly eligible: readonly string[];
}

/** `undefined` for a group whose members are permanent. @param groupId as the configuration spells it, `${azuread_group.….object_id}` */
export function configuredActivation(stack: SynthesizedStack, groupId: string): ConfiguredActivation | undefined {
  const policy = resourcesOf(stack, "azuread_group_role_management_policy").find(
    ({ group_id: group, role_id: role }) => group === groupId && role === "member",
  );
  if (!policy) return undefined;
  const rules = (policy.activation_rules ?? {}) as Configuration;
  const asks: Readonly<Record<Asked, unknown>> = {
    // An authentication context is answered with a second factor here, too.
    "a second factor":
      rules.require_multifactor_authentication || rules.required_conditional_access_authentication_context,
    "a reason": rules.require_justification,
    "a ticket": rules.require_ticket_info,
    "an approval": rules.require_approval,
  };
  return {
    asks: ASKED.filter((one) => asks[one]),
    longestMinutes: typeof rules.maximum_duration === "string" ? minutesOf(rules.maximum_duration) : undefined,
    eligible: resourcesOf(stack, "azuread_privileged_access_group_eligibility_schedule").flatMap(
      ({ group_id: group, assignment_type: type, principal_id: principal }) =>
        group === groupId && type === "member" && typeof principal === "string" ? [nameOf(stack, principal)] : [],
    ),
  };
}

/** `${azuread_user.<name>.object_id}` by the user's name; an object id as it stands. */
function nameOf(stack: SynthesizedStack, principal: string): string {
  const address = /^\$\{azuread_user\.([\w-]+)\.object_id\}$/.exec(principal)?.[1];
  const user = namedResourcesOf(stack, "azuread_user").find(([name]) => name === address)?.[1];
  return typeof user?.user_principal_name === "string" ? user.user_principal_name : principal;
}
