import { randomUUID } from "node:crypto";
import { badRequest, copy, type Directory, notFound } from "./directory";
import { minutesOf } from "./iso-duration";
import type { PolicyRules, RoleManagementPolicy } from "./state";

/** Which people of a group a policy is for. */
export type GroupRole = RoleManagementPolicy["roleId"];

// Assumption entra-pim-defaults, never checked: A group that nobody set PIM rules for asks for a second factor and a justification,
// activates for 8 hours at most, and takes no eligibility without an end (shown for directory roles; the last one reported for groups,
// terraform-provider-azuread#1450).
/**
 * What PIM asks of a group that nobody has set anything for: https://learn.microsoft.com/graph/api/policyroot-list-rolemanagementpolicies
 * shows these rules for directory roles; that an eligibility of a group has to end follows from terraform-provider-azuread#1450 (assumption
 * entra-pim-defaults).
 */
const DEFAULTS: PolicyRules = {
  Expiration_Admin_Eligibility: { isExpirationRequired: true, maximumDuration: "P365D" },
  Expiration_Admin_Assignment: { isExpirationRequired: true, maximumDuration: "P180D" },
  Expiration_EndUser_Assignment: { isExpirationRequired: true, maximumDuration: "PT8H" },
  Enablement_Admin_Assignment: { enabledRules: ["Justification"] },
  Enablement_EndUser_Assignment: { enabledRules: ["MultiFactorAuthentication", "Justification"] },
  AuthenticationContext_EndUser_Assignment: { isEnabled: false, claimValue: null },
  Approval_EndUser_Assignment: { isApprovalRequired: false, primaryApprovers: [] },
};

/** PIM's settings for a group: https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementpolicy. Each group has two, and neither can be deleted. */
export class RoleManagementPolicies {
  constructor(private readonly directory: Directory) {}

  /** By the group and the role it is for, as the assignment of a policy is found. */
  of(groupId: string, roleId: GroupRole): RoleManagementPolicy {
    return copy(this.policy(groupId, roleId));
  }

  // Assumption entra-pim-policy-id, never checked: PIM settings of a group get another id with every change (terraform-provider-azuread says
  // so in its code), and the id before it leads to nothing, so that the provider's refresh fails (terraform-provider-azuread#1769 reports
  // that an id leads to no assignment any more).
  /** By its id, which it loses with the next change (assumption entra-pim-policy-id). */
  get(id: string): RoleManagementPolicy {
    const found = this.directory.state.roleManagementPolicies[id];
    if (!found) throw notFound(id);
    return copy(found);
  }

  /** PATCH with the rules that change; the others stay. The policy has another id afterwards. */
  update(groupId: string, roleId: GroupRole, rules: Partial<PolicyRules>): Promise<RoleManagementPolicy> {
    return this.directory.request("PATCH /policies/roleManagementPolicies/{id}", this.named(groupId, roleId), () => {
      const policy = this.policy(groupId, roleId);
      this.refuseInRestrictedUnit(groupId);
      const next = { ...policy.rules, ...copy(rules) };
      this.check(next);
      const { roleManagementPolicies } = this.directory.state;
      delete roleManagementPolicies[policy.id];
      const changed = { ...policy, id: newId(groupId), rules: next };
      roleManagementPolicies[changed.id] = changed;
      return copy(changed);
    });
  }

  // Assumption entra-pim-restricted-unit, never checked: PIM refuses a group in a restricted administrative unit as InvalidResource; the
  // words are ours.
  /** "can't be managed with … Privileged Identity Management": https://learn.microsoft.com/entra/identity/role-based-access-control/admin-units-restricted-management, Limitations (assumption entra-pim-restricted-unit). */
  refuseInRestrictedUnit(groupId: string): void {
    if (!this.directory.restrictedUnitOf(groupId)) return;
    throw badRequest(
      "Groups in a restricted management administrative unit cannot be managed with Privileged Identity Management.",
      "InvalidResource",
    );
  }

  /** PIM onboards a group with the first change, by itself: until then it has the rules that every group begins with. */
  private policy(groupId: string, roleId: GroupRole): RoleManagementPolicy {
    this.directory.group(groupId);
    const { roleManagementPolicies } = this.directory.state;
    const known = Object.values(roleManagementPolicies).find((one) => one.groupId === groupId && one.roleId === roleId);
    return known ?? { id: newId(groupId), groupId, roleId, rules: copy(DEFAULTS) };
  }

  private check(rules: PolicyRules): void {
    const { isEnabled, claimValue } = rules.AuthenticationContext_EndUser_Assignment;
    const { isApprovalRequired, primaryApprovers } = rules.Approval_EndUser_Assignment;
    const durations = [
      rules.Expiration_Admin_Eligibility,
      rules.Expiration_Admin_Assignment,
      rules.Expiration_EndUser_Assignment,
    ];
    const longest = minutesOf(rules.Expiration_EndUser_Assignment.maximumDuration) ?? 0;
    const wrong =
      // An expiration without a duration: terraform-provider-azuread#1537
      durations.some(({ maximumDuration }) => minutesOf(maximumDuration) === undefined) ||
      // "from one to 24 hours", half an hour by the API: https://learn.microsoft.com/entra/id-governance/privileged-identity-management/groups-role-settings
      longest < 30 ||
      longest > 24 * 60 ||
      // The two exclude each other (kayasax/EasyPIM#121); the answer is assumption entra-pim-context-or-mfa.
      // Assumption entra-pim-context-or-mfa, never checked: Graph refuses PIM rules with a second factor and an authentication context at
      // once as InvalidPolicy.
      (isEnabled && rules.Enablement_EndUser_Assignment.enabledRules.includes("MultiFactorAuthentication")) ||
      (isEnabled && !claimValue) ||
      // "you must select at least one approver": the same page
      (isApprovalRequired && primaryApprovers.length === 0);
    if (wrong) throw badRequest("The policy is invalid.", "InvalidPolicy");
    for (const { type, id } of primaryApprovers) {
      const { type: found } = this.directory.principal(id);
      if (found !== (type === "singleUser" ? "User" : "Group"))
        throw badRequest("The policy is invalid.", "InvalidPolicy");
    }
  }

  private named(groupId: string, roleId: GroupRole): string {
    return `PIM settings for a ${roleId} of group ${this.directory.state.groups[groupId]?.displayName ?? groupId}`;
  }
}

const newId = (groupId: string): string => `Group_${groupId}_${randomUUID()}`;
