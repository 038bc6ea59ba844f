import type { GroupRole } from "../../../cloud/entra/role-management-policies";
import type { Approver, PolicyRules, RoleManagementPolicy } from "../../../cloud/entra/state";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { ResourceType } from "../../resource-type";
import { type Attributes, UNKNOWN, type Value } from "../../values";
import { keepUnwritten } from "../unwritten-blocks";
import { applied, block, blocks, changed, flag, isBlock, refreshed, text } from "./attributes";
import { ids } from "./ids";
import { check, conflicting, notEmpty, notModelled, oneOf, uuid } from "./validators";

const HOURS = Array.from({ length: 47 }, (_, index) => {
  const hours = Math.floor((index + 1) / 2);
  return `PT${hours > 0 ? `${hours}H` : ""}${index % 2 === 0 ? "30M" : ""}`;
});
const DAYS = oneOf("P15D", "P30D", "P90D", "P180D", "P365D");
const MEMBER_OR_OWNER = oneOf("member", "owner");

/** Optional and computed: a block that leaves the configuration is no change, and what was read of it stays in the state. */
const BLOCKS = ["eligible_assignment_rules", "active_assignment_rules", "activation_rules"];

/**
 * policies/group_role_management_policy_resource.go. It adopts the policy that every group has, sends the rules that change, and leaves
 * them when it is destroyed.
 */
export const groupRoleManagementPolicy: ResourceType<Tenant> = {
  forceNew: ["group_id", "role_id"],
  validate: (config) => [
    ...check(config, {
      group_id: uuid,
      role_id: MEMBER_OR_OWNER,
      "eligible_assignment_rules.expire_after": DAYS,
      "active_assignment_rules.expire_after": DAYS,
      "activation_rules.maximum_duration": oneOf(...HOURS, "P1D"),
      "activation_rules.required_conditional_access_authentication_context": notEmpty,
      "activation_rules.approval_stage.primary_approver.object_id": uuid,
      "activation_rules.approval_stage.primary_approver.type": oneOf("singleUser", "groupMembers"),
    }),
    ...conflicting(
      config,
      "activation_rules.required_conditional_access_authentication_context",
      "activation_rules.require_multifactor_authentication",
    ),
    ...notModelled(config, ["notification_rules.eligible_assignments", "notification_rules.active_assignments"]),
    ...notModelled(config, ["notification_rules.eligible_activations"]),
  ],

  plan(_, change) {
    const { prior, planned } = change;
    keepUnwritten(BLOCKS, change);
    // The id changes with the policy. The real provider plans the old one, which Terraform overlooks in providers of its SDK.
    if (prior && differ(prior, planned, ...BLOCKS)) planned.id = UNKNOWN;
    return [];
  },

  create: (tenant, planned) => write(tenant, planned, {}),

  // By the id in the state: where somebody changed the policy by hand, or it went with its group, that id is gone, and every plan fails.
  read(tenant, state) {
    ids.roleManagementPolicy.parts(state.id);
    return refreshed(flatten(tenant.roleManagementPolicies.get(text(state.id)), state), state);
  },

  update: (tenant, planned, prior) => write(tenant, planned, prior),

  delete: () => undefined,
};

async function write(tenant: Tenant, planned: Attributes, prior: Attributes): Promise<Attributes> {
  const groupId = text(planned.group_id);
  const { rules } = tenant.roleManagementPolicies.of(groupId, roleOf(planned));
  const sent = changedRules(settled(planned), prior, rules);
  const policy = await tenant.roleManagementPolicies.update(groupId, roleOf(planned), sent);
  return { ...applied(planned, flatten(policy, settled(planned))), id: policy.id };
}

const roleOf = ({ role_id: role }: Attributes): GroupRole => (text(role) === "owner" ? "owner" : "member");

/** What is known only after apply is nothing to the real provider when it builds the request. */
function settled(values: Attributes): Attributes {
  const settle = (value: Value): Value => {
    if (value === UNKNOWN) return null;
    if (Array.isArray(value)) return value.map(settle);
    return isBlock(value) ? settled(value) : value;
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, settle(value)]));
}

/**
 * The rules to send (`buildPolicyForUpdate`): a value that is not set, or false, at creation is no change, so what Entra has stays in
 * force; and a change of what the real provider never compares, `active_assignment_rules.require_ticket_info`, is not sent.
 */
function changedRules(planned: Attributes, prior: Attributes, existing: PolicyRules): Partial<PolicyRules> {
  return {
    ...changedAssignmentRules(planned, prior, existing),
    ...changedActivationRules(insideOf(planned, "activation_rules"), insideOf(prior, "activation_rules"), existing),
  };
}

const differ = (before: Attributes, now: Attributes, ...names: string[]): boolean =>
  names.some((name) => changed(before[name], now[name]));

function changedAssignmentRules(planned: Attributes, prior: Attributes, existing: PolicyRules): Partial<PolicyRules> {
  const rules: Partial<PolicyRules> = {};
  const eligible = block(planned.eligible_assignment_rules);
  const before = block(prior.eligible_assignment_rules);
  // A new block with nothing but `false` in it is a change, too.
  if (eligible && (!before || differ(before, eligible, "expiration_required", "expire_after"))) {
    rules.Expiration_Admin_Eligibility = {
      isExpirationRequired: flag(eligible.expiration_required),
      maximumDuration: text(eligible.expire_after) || existing.Expiration_Admin_Eligibility.maximumDuration,
    };
  }
  const active = insideOf(planned, "active_assignment_rules");
  const activeBefore = insideOf(prior, "active_assignment_rules");
  if (differ(activeBefore, active, "require_multifactor_authentication", "require_justification")) {
    rules.Enablement_Admin_Assignment = { enabledRules: enabledRules(active) };
  }
  if (differ(activeBefore, active, "expiration_required", "expire_after")) {
    rules.Expiration_Admin_Assignment = {
      isExpirationRequired: flag(active.expiration_required),
      maximumDuration: text(active.expire_after),
    };
  }
  return rules;
}

function changedActivationRules(now: Attributes, before: Attributes, existing: PolicyRules): Partial<PolicyRules> {
  const rules: Partial<PolicyRules> = {};
  if (differ(before, now, "maximum_duration")) {
    const { isExpirationRequired } = existing.Expiration_EndUser_Assignment;
    rules.Expiration_EndUser_Assignment = { isExpirationRequired, maximumDuration: text(now.maximum_duration) };
  }
  const stages = blocks(now.approval_stage);
  const staged = stages.length > 0 && differ(before, now, "approval_stage");
  if (staged || differ(before, now, "require_approval")) {
    if (flag(now.require_approval) && stages.length !== 1) {
      throw new Error("require_approval is true, but no approval_stages are provided");
    }
    rules.Approval_EndUser_Assignment = {
      isApprovalRequired: flag(now.require_approval),
      primaryApprovers: staged ? approversOf(stages) : existing.Approval_EndUser_Assignment.primaryApprovers,
    };
  }
  if (differ(before, now, "required_conditional_access_authentication_context")) {
    const context = text(now.required_conditional_access_authentication_context);
    rules.AuthenticationContext_EndUser_Assignment = { isEnabled: context !== "", claimValue: context || null };
  }
  if (differ(before, now, "require_multifactor_authentication", "require_justification", "require_ticket_info")) {
    rules.Enablement_EndUser_Assignment = { enabledRules: enabledRules(now) };
  }
  return rules;
}

const insideOf = (attributes: Attributes, name: string): Attributes => block(attributes[name]) ?? {};

const enabledRules = (values: Attributes): string[] => [
  ...(flag(values.require_multifactor_authentication) ? ["MultiFactorAuthentication"] : []),
  ...(flag(values.require_justification) ? ["Justification"] : []),
  ...(flag(values.require_ticket_info) ? ["Ticketing"] : []),
];

/** An approver without a type is left out, as in the real provider. */
function approversOf(stages: readonly Attributes[]): Approver[] {
  return stages.flatMap((stage) =>
    blocks(stage.primary_approver).flatMap((approver): Approver[] => {
      const type = text(approver.type);
      return type === "singleUser" || type === "groupMembers" ? [{ type, id: text(approver.object_id) }] : [];
    }),
  );
}

function flatten({ id, groupId, roleId, rules }: RoleManagementPolicy, state: Attributes): Attributes {
  const staged = blocks(block(state.activation_rules)?.approval_stage).length > 0;
  const { enabledRules: onActivation } = rules.Enablement_EndUser_Assignment;
  const { enabledRules: onAssignment } = rules.Enablement_Admin_Assignment;
  const { isApprovalRequired, primaryApprovers } = rules.Approval_EndUser_Assignment;
  const activation = insideOf(state, "activation_rules");
  return {
    id,
    group_id: groupId,
    role_id: roleId,
    display_name: "Group",
    description: "Group",
    eligible_assignment_rules: [
      {
        expiration_required: rules.Expiration_Admin_Eligibility.isExpirationRequired,
        expire_after: rules.Expiration_Admin_Eligibility.maximumDuration,
      },
    ],
    active_assignment_rules: [
      {
        expiration_required: rules.Expiration_Admin_Assignment.isExpirationRequired,
        expire_after: rules.Expiration_Admin_Assignment.maximumDuration,
        require_multifactor_authentication: onAssignment.includes("MultiFactorAuthentication"),
        require_justification: onAssignment.includes("Justification"),
        // Never read.
        require_ticket_info: insideOf(state, "active_assignment_rules").require_ticket_info ?? null,
      },
    ],
    activation_rules: [
      {
        maximum_duration: rules.Expiration_EndUser_Assignment.maximumDuration,
        require_approval: isApprovalRequired,
        approval_stage: staged
          ? [{ primary_approver: primaryApprovers.map((one) => ({ object_id: one.id, type: one.type })) }]
          : [],
        // A context that is taken away by hand stays in the state.
        required_conditional_access_authentication_context:
          rules.AuthenticationContext_EndUser_Assignment.claimValue ||
          text(activation.required_conditional_access_authentication_context),
        require_multifactor_authentication: onActivation.includes("MultiFactorAuthentication"),
        require_justification: onActivation.includes("Justification"),
        require_ticket_info: onActivation.includes("Ticketing"),
      },
    ],
    notification_rules: [],
  };
}
