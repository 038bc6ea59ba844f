import { minutesOf } from "../../local-cloud/cloud/entra/iso-duration";
import type { PolicyRules } from "../../local-cloud/cloud/entra/state";
import type { TenantState } from "../../local-cloud/cloud/entra/tenant";
import { count, hours } from "./text";

/** A group that people make themselves members of for some hours (PIM for groups). */
export interface Eligibility {
  readonly group: string;
  readonly groupId: string;
  /** Who may, with a group for each of its members. */
  readonly who: readonly Eligible[];
  /** Longest activation in seconds. */
  readonly longestSec: number;
  /** What an activation asks for: "MFA", "a justification". */
  readonly asks: readonly string[];
  /** Who must agree; empty: nobody. */
  readonly approvers: readonly string[];
  /** Whose membership is active now. */
  readonly active: readonly string[];
  /** How many are members without having to activate it. */
  readonly permanent: number;
}

export interface Eligible {
  /** "Ada", "members of Cloud Team". */
  readonly name: string;
  readonly from: string;
  /** Absent: no end. */
  readonly until?: string;
}

/** Those groups of a list that PIM knows members for, or rules. @param now the clouds' time */
export function eligibilitiesOf(tenant: TenantState, groupIds: readonly string[], now: Date): Eligibility[] {
  const { groups, users, eligibilitySchedules, roleManagementPolicies, activations } = tenant;
  const named = (id: string): string => {
    const group = groups[id];
    return group ? `members of ${group.displayName}` : (users[id]?.displayName ?? id);
  };
  return groupIds.flatMap((groupId): Eligibility[] => {
    const member = (one: { groupId: string; accessId: string }) => one.groupId === groupId && one.accessId === "member";
    const schedules = Object.values(eligibilitySchedules).filter(
      (one) => member(one) && (one.endDateTime === null || now < new Date(one.endDateTime)),
    );
    const policy = Object.values(roleManagementPolicies).find(
      (one) => one.groupId === groupId && one.roleId === "member",
    );
    // Without any setting a group has the rules that every group begins with; the first eligibility brings them into play.
    if (!policy) return [];
    const approval = policy.rules.Approval_EndUser_Assignment;
    return [
      {
        group: groups[groupId]?.displayName ?? groupId,
        groupId,
        who: schedules
          .map(({ principalId, startDateTime, endDateTime }) => ({
            name: named(principalId),
            from: startDateTime,
            until: endDateTime ?? undefined,
          }))
          .sort((one, other) => one.name.localeCompare(other.name, "en")),
        longestSec: (minutesOf(policy.rules.Expiration_EndUser_Assignment.maximumDuration) ?? Number.NaN) * 60,
        asks: askedBy(policy.rules),
        approvers: approval.isApprovalRequired ? approval.primaryApprovers.map(({ id }) => named(id)).sort() : [],
        active: Object.values(activations)
          .filter(
            ({ groupId: id, status, endDateTime }) =>
              id === groupId && status === "Provisioned" && now < new Date(endDateTime ?? 0),
          )
          .map(({ principalId, endDateTime }) => `${named(principalId)} until ${endDateTime}`)
          .sort(),
        permanent: groups[groupId]?.members.length ?? 0,
      },
    ];
  });
}

const ASKED: Readonly<Record<string, string>> = {
  MultiFactorAuthentication: "MFA",
  Justification: "a justification",
  Ticketing: "a ticket",
};

function askedBy({
  Enablement_EndUser_Assignment,
  AuthenticationContext_EndUser_Assignment: context,
}: PolicyRules): string[] {
  return [
    ...Enablement_EndUser_Assignment.enabledRules.map((rule) => ASKED[rule] ?? rule),
    ...(context.isEnabled ? [`authentication context ${context.claimValue}`] : []),
  ];
}

/** A role that the group leads to, with its longest session. */
export interface Entered {
  readonly name: string;
  readonly longestSec: number;
}

export const ELIGIBILITY_HEAD = ["Group", "May activate", "An activation", "And then"] as const;

/** A row of the table: group, who, on what terms, and what outlives it: AWS hears nothing of a deactivation. */
export function eligibilityRow(
  { group, who, longestSec, asks, approvers, active, permanent }: Eligibility,
  roles: readonly Entered[],
): readonly [string, string, string, string] {
  const people = who.map(({ name, until }) => (until ? `${name}, until ${until.slice(0, 10)}` : name));
  return [
    group,
    [
      people.join("; ") || "nobody yet",
      ...active.map((one) => `active: ${one}`),
      ...(permanent > 0 ? [`without activation: ${count(permanent, "member")}`] : []),
    ].join("; "),
    [
      `lasts up to ${hours(longestSec)}`,
      `asks for ${asks.join(", ") || "nothing"}`,
      ...(approvers.length > 0 ? [`one of these must agree: ${approvers.join(", ")}`] : ["nobody has to agree"]),
    ].join("; "),
    roles
      .map(
        ({ name, longestSec: session }) =>
          `a session as ${name} that begins in its last minute runs up to ${hours(session)} longer`,
      )
      .join("; ") || "it leads to no role",
  ];
}
