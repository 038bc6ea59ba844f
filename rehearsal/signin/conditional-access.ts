import { BUILT_IN_STRENGTHS } from "../cloud/entra/conditional-access";
import type { ConditionalAccessConditions, ConditionalAccessPolicy, User } from "../cloud/entra/state";
import type { Tenant } from "../cloud/entra/tenant";
import { METHODS, type Method, type Mfa, methodsOfStrength } from "./methods";

/** Who signs in, to what, showing what. */
export interface Attempt {
  readonly user: User;
  /** Application (client) ID. */
  readonly appId: string;
  readonly mfa: Mfa;
}

/** What all Conditional Access policies together decide. */
export interface AccessDecision {
  readonly outcome: "granted" | "MFA required" | "blocked" | "cannot tell";
  readonly because: string;
  /** Methods that every policy in force accepts; `undefined` where no policy asks for one. */
  readonly accepted: readonly Method[] | undefined;
}

/** Something in a policy that is not modelled here: what it would do, nobody can tell. */
class Doubt {
  constructor(readonly because: string) {}
}
type Answer = boolean | Doubt;

/**
 * Decides as the section "Policy enforcement" of https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-policies
 * has it: every policy that applies must be satisfied, and a block wins. Policies in report-only or off ask for nothing.
 */
export function conditionalAccess(tenant: Tenant, attempt: Attempt): AccessDecision {
  const policies = tenant.conditionalAccess.list();
  const enforced = policies.filter(({ state }) => state === "enabled");
  const memberships = groupsAround(tenant, attempt.user.id);
  const applying = enforced.flatMap((policy) => {
    const answer = applies(policy.conditions, attempt, memberships);
    return answer === false ? [] : [{ policy, answer }];
  });
  const sure = applying
    .filter(({ answer }) => answer === true)
    .map(({ policy }) => ({ policy, grant: grantOf(policy) }));
  const names = (policies: readonly { policy: ConditionalAccessPolicy }[]) =>
    policies.map(({ policy }) => `"${policy.displayName}"`).join(", ");

  const demands = sure.flatMap(({ grant }) => (Array.isArray(grant) ? [grant] : []));
  const accepted =
    demands.length > 0 ? METHODS.filter((one) => demands.every((list) => list.includes(one))) : undefined;
  const blocking = sure.filter(({ grant }) => grant === "block");
  if (blocking.length > 0) return { outcome: "blocked", because: `${names(blocking)} blocks access`, accepted };
  if (accepted && attempt.mfa === "none") {
    return { outcome: "MFA required", because: `${names(sure)} asks for ${spell(accepted)}`, accepted };
  }
  if (accepted && attempt.mfa !== "none" && !accepted.includes(attempt.mfa)) {
    const because = `${names(sure)} does not accept ${attempt.mfa}; it takes ${spell(accepted)}`;
    return { outcome: "blocked", because, accepted };
  }
  const doubts = [
    ...applying.flatMap(({ policy, answer }) => (answer instanceof Doubt ? [[policy, answer] as const] : [])),
    ...sure.flatMap(({ policy, grant }) => (grant instanceof Doubt ? [[policy, grant] as const] : [])),
  ];
  const [doubtful] = doubts;
  if (doubtful) {
    const [policy, doubt] = doubtful;
    return { outcome: "cannot tell", because: `"${policy.displayName}" has ${doubt.because}`, accepted };
  }
  if (accepted) return { outcome: "granted", because: `${names(sure)} is satisfied by ${attempt.mfa}`, accepted };
  return { outcome: "granted", because: `no policy in force asks for anything${reportOnly(policies)}`, accepted };
}

const spell = (accepted: readonly Method[]): string =>
  accepted.length === METHODS.length ? "a second factor" : accepted.join(", ");

function reportOnly(policies: readonly ConditionalAccessPolicy[]): string {
  const only = policies.filter(({ state }) => state === "enabledForReportingButNotEnforced");
  return only.length > 0 ? ` (report-only: ${only.map(({ displayName }) => `"${displayName}"`).join(", ")})` : "";
}

/** The methods that it asks for, "block", or a doubt. */
function grantOf({ grantControls, sessionControls }: ConditionalAccessPolicy): readonly Method[] | "block" | Doubt {
  if (grantControls?.builtInControls.includes("block")) return "block";
  if (sessionControls) return new Doubt("session controls, which are not evaluated here");
  if (!grantControls) return new Doubt("no grant controls");
  const { operator, builtInControls, customAuthenticationFactors, termsOfUse, authenticationStrength } = grantControls;
  const other = [
    ...builtInControls.filter((control) => control !== "mfa"),
    ...customAuthenticationFactors,
    ...termsOfUse,
  ];
  if (other.length > 0) return new Doubt(`the control ${other.join(", ")}, which is not evaluated here`);
  const strength = authenticationStrength === null ? undefined : methodsOfStrength(authenticationStrength);
  if (authenticationStrength !== null && !strength) {
    return new Doubt(
      `the authentication strength ${BUILT_IN_STRENGTHS[authenticationStrength] ?? authenticationStrength}`,
    );
  }
  // Entra does not combine the two in one policy, so the operator never has two of them to join.
  if (operator !== "OR" && operator !== "AND") return new Doubt(`the operator ${operator}`);
  return strength ?? METHODS;
}

/** Assignments: https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-conditions; all have to match. */
function applies(conditions: ConditionalAccessConditions, attempt: Attempt, memberships: ReadonlySet<string>): Answer {
  const answers = [
    includesUser(conditions.users, attempt.user, memberships),
    includesApplication(conditions.applications, attempt.appId),
    // A SAML sign-in happens in a browser: https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-conditions#client-apps
    conditions.clientAppTypes.some((type) => type === "all" || type === "browser"),
    ...unmodelled(conditions),
  ];
  if (answers.includes(false)) return false;
  return answers.find((answer) => answer instanceof Doubt) ?? true;
}

/** In scope "unless explicitly excluded": https://learn.microsoft.com/graph/api/resources/conditionalaccessusers */
function includesUser(
  users: ConditionalAccessConditions["users"],
  user: User,
  memberships: ReadonlySet<string>,
): Answer {
  const named = (ids: readonly string[]) => ids.includes(user.id);
  const member = (ids: readonly string[]) => ids.some((id) => memberships.has(id));
  if (named(users.excludeUsers) || member(users.excludeGroups)) return false;
  const kinds = (ids: readonly string[], roles: readonly string[], guests: object | null) =>
    ids.includes("GuestsOrExternalUsers") || roles.length > 0 || guests !== null;
  if (kinds(users.excludeUsers, users.excludeRoles, users.excludeGuestsOrExternalUsers)) {
    return new Doubt("an exclusion by directory role or kind of guest, which is not evaluated here");
  }
  if (users.includeUsers.includes("All") || named(users.includeUsers) || member(users.includeGroups)) return true;
  return kinds(users.includeUsers, users.includeRoles, users.includeGuestsOrExternalUsers)
    ? new Doubt("an inclusion by directory role or kind of guest, which is not evaluated here")
    : false;
}

function includesApplication(applications: ConditionalAccessConditions["applications"], appId: string): Answer {
  const named = (ids: readonly string[]) => ids.some((id) => id.toLowerCase() === appId.toLowerCase());
  if (named(applications.excludeApplications)) return false;
  if (applications.applicationFilter) return new Doubt("a filter for applications, which is not evaluated here");
  return applications.includeApplications.includes("All") || named(applications.includeApplications);
}

function unmodelled(conditions: ConditionalAccessConditions): Doubt[] {
  const { transferMethods, clientApplications, deviceFilter, locations, platforms, insiderRiskLevels } = conditions;
  const { signInRiskLevels, userRiskLevels, servicePrincipalRiskLevels } = conditions;
  const present = {
    "authentication flows": transferMethods,
    "workload identities": clientApplications,
    "a device filter": deviceFilter,
    locations,
    "device platforms": platforms,
    "insider risk": insiderRiskLevels,
    "sign-in risk": signInRiskLevels.length > 0 || null,
    "user risk": userRiskLevels.length > 0 || null,
    "service principal risk": servicePrincipalRiskLevels.length > 0 || null,
  };
  return Object.entries(present).flatMap(([name, value]) =>
    value === null ? [] : [new Doubt(`a condition on ${name}, which is not evaluated here`)],
  );
}

/** Groups that a person is in, directly or through other groups: "Policy is applied to nested users and groups" (https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-users-groups). */
function groupsAround(tenant: Tenant, userId: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (id: string): void => {
    for (const group of tenant.groups.directlyContaining(id)) {
      if (found.has(group.id)) continue;
      found.add(group.id);
      visit(group.id);
    }
  };
  visit(userId);
  return found;
}
