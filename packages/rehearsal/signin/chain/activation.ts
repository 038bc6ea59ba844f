import { randomUUID } from "node:crypto";
import { minutesOf } from "../../../local-cloud/cloud/entra/iso-duration";
import type { Approver } from "../../../local-cloud/cloud/entra/state";
import type { Tenant } from "../../../local-cloud/cloud/entra/tenant";

/** A membership that a person activated. */
export interface Activated {
  /** Display name of the group. */
  readonly group: string;
  readonly minutes: number;
  /** When the membership ends. */
  readonly until: string;
  /** Who agreed; absent where nobody had to. */
  readonly approvedBy?: string;
}

/** How a person activates. */
export interface Activating {
  /** "" for none. */
  readonly reason: string;
  /** "" for none. @default - the reason */
  readonly ticket?: string;
  /** The person showed a second factor in this session. */
  readonly mfa: boolean;
  /** @default - as long as the settings allow */
  readonly minutes?: number;
  /** Somebody agrees, where somebody has to. @default true */
  readonly approved?: boolean;
}

/**
 * A person makes themselves a member of a group they are eligible for, with all that PIM asks for; where somebody has to agree, one of the
 * approvers does, a person put into their group if there is none. Throws the refusal of the service.
 */
export async function activate(
  tenant: Tenant,
  groupId: string,
  personId: string,
  { reason, ticket = reason, mfa, minutes, approved = true }: Activating,
): Promise<Activated> {
  const { rules } = tenant.roleManagementPolicies.of(groupId, "member");
  const duration = minutes === undefined ? rules.Expiration_EndUser_Assignment.maximumDuration : `PT${minutes}M`;
  const asked = await tenant.activations.activate({
    ...{ groupId, principalId: personId, duration, justification: reason, mfa },
    ticketInfo: { ticketNumber: ticket || null, ticketSystem: null },
  });
  let approvedBy: string | undefined;
  if (asked.status === "PendingApproval" && approved) {
    const { primaryApprovers } = rules.Approval_EndUser_Assignment;
    const approver = await approverAmong(tenant, primaryApprovers, { groupId, personId });
    await tenant.activations.decide(asked.id, approver.id, "Approve");
    approvedBy = approver.name;
  }
  return {
    group: tenant.groups.get(groupId).displayName,
    minutes: minutesOf(duration) ?? 0,
    until: tenant.activations.get(asked.id).endDateTime ?? "",
    approvedBy,
  };
}

/** Makes a person eligible for as long as the settings of the group allow, as an administrator does in PIM. */
export async function makeEligible(tenant: Tenant, groupId: string, personId: string): Promise<void> {
  const rule = tenant.roleManagementPolicies.of(groupId, "member").rules.Expiration_Admin_Eligibility;
  await tenant.eligibility.request({
    ...{ action: "adminAssign", accessId: "member", groupId, principalId: personId },
    scheduleInfo: {
      startDateTime: null,
      expiration: rule.isExpirationRequired
        ? { type: "afterDuration", duration: rule.maximumDuration, endDateTime: null }
        : { type: "noExpiration", duration: null, endDateTime: null },
    },
  });
}

async function approverAmong(
  tenant: Tenant,
  approvers: readonly Approver[],
  { groupId, personId }: { groupId: string; personId: string },
): Promise<{ id: string; name: string }> {
  const person = approvers.find(({ type, id }) => type === "singleUser" && id !== personId);
  if (person) return { id: person.id, name: tenant.users.get(person.id).displayName };
  const groups = approvers.filter(({ type }) => type === "groupMembers").map(({ id }) => tenant.groups.get(id));
  for (const { displayName, members } of groups) {
    const id = members.find((member) => member !== personId && tenant.users.list().some((user) => user.id === member));
    if (id !== undefined) return { id, name: `a member of ${displayName}` };
  }
  // Nobody is put into the group itself: its members are those who have activated.
  const group = groups.find(({ id }) => id !== groupId);
  if (!group)
    throw new Error("nobody can agree: the only approvers are the person who asks, or who has activated already");
  const id = randomUUID();
  const userPrincipalName = `approver-${id.slice(0, 8)}@${tenant.verifiedDomains[0]}`;
  tenant.seed({ users: [{ id, displayName: "Approver", userPrincipalName }] });
  await tenant.groups.addMember(group.id, id);
  return { id, name: `a member of ${group.displayName}` };
}
