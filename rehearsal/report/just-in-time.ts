import { minutesOf } from "../cloud/entra/iso-duration";
import type { TenantState } from "../cloud/entra/tenant";

/** How people become members of a group for a time: PIM, as it is deployed. */
export interface JustInTime {
  /** Names of the people and groups who are eligible; a group stands for each of its direct members. */
  readonly eligible: readonly string[];
  /** Longest activation. */
  readonly minutes: number;
  /** "a second factor", "a justification", … */
  readonly asks: readonly string[];
  /** Names of those of whom one has to agree. */
  readonly approvers: readonly string[];
  /** Memberships that are activated at this moment. */
  readonly active: readonly { readonly person: string; readonly until: string }[];
}

const RULES: Readonly<Record<string, string>> = {
  MultiFactorAuthentication: "a second factor",
  Justification: "a justification",
  Ticketing: "a ticket",
};

/** `undefined` for a group that PIM has nothing to do with. @param now the clouds' time */
export function justInTimeOf(
  state: TenantState,
  groupId: string,
  names: ReadonlyMap<string, string>,
  now: string,
): JustInTime | undefined {
  const schedules = Object.values(state.eligibilitySchedules ?? {}).filter(
    ({ groupId: id, accessId, endDateTime }) =>
      id === groupId && accessId === "member" && (endDateTime === null || Date.parse(now) < Date.parse(endDateTime)),
  );
  const policy = Object.values(state.roleManagementPolicies ?? {}).find(
    ({ groupId: id, roleId }) => id === groupId && roleId === "member",
  );
  if (!policy) return undefined;
  const { rules } = policy;
  const named = (id: string) => names.get(id) ?? id;
  const context = rules.AuthenticationContext_EndUser_Assignment;
  const { isApprovalRequired, primaryApprovers } = rules.Approval_EndUser_Assignment;
  return {
    eligible: schedules.map(({ principalId }) => named(principalId)).sort(),
    minutes: minutesOf(rules.Expiration_EndUser_Assignment.maximumDuration) ?? 0,
    asks: [
      ...rules.Enablement_EndUser_Assignment.enabledRules.map((rule) => RULES[rule] ?? rule),
      ...(context.isEnabled ? [`authentication context ${context.claimValue}`] : []),
    ],
    approvers: isApprovalRequired ? primaryApprovers.map(({ id }) => named(id)).sort() : [],
    active: Object.values(state.activations ?? {}).flatMap(
      ({ groupId: id, principalId, status, endDateTime: until }) =>
        id === groupId && status === "Provisioned" && until !== null && Date.parse(now) < Date.parse(until)
          ? [{ person: named(principalId), until }]
          : [],
    ),
  };
}
