import type { ConditionalAccessPolicy, Group, NamedLocation, User } from "../../../local-cloud/cloud/entra/state";
import type { Tenant } from "../../../local-cloud/cloud/entra/tenant";
import type { Circumstances } from "./circumstances";
import { applies, Doubt, reaches, type Visitor } from "./conditions";
import { type Control, type Grant, grantOf, sessionOf } from "./controls";
import { METHODS, type Method, type Mfa } from "./methods";
import type { Refusal } from "./verdict";

/** Who signs in, to what, showing what. */
export interface Attempt extends Circumstances {
  readonly user: User;
  /** Application (client) ID. */
  readonly appId: string;
  readonly mfa: Mfa;
}

/** Policies, and what they name. */
export interface TenantPolicies {
  readonly policies: readonly ConditionalAccessPolicy[];
  readonly locations: readonly NamedLocation[];
  /** What an authentication strength accepts. */
  readonly combinationsOf: (strength: string) => readonly string[] | undefined;
}

/** What all Conditional Access policies together decide. */
export interface AccessDecision {
  readonly outcome: "granted" | "refused" | "cannot tell";
  /** Only of "refused". */
  readonly refusal?: Refusal;
  readonly because: string;
  /** Methods that every policy in force accepts; `undefined` where no policy asks for one. */
  readonly accepted: readonly Method[] | undefined;
  /** What the session is like: "through Defender for Cloud Apps (monitorOnly)". */
  readonly session: readonly string[];
}

/** A person at an application of a tenant. */
export function conditionalAccess(tenant: Tenant, { user, ...attempt }: Attempt): AccessDecision {
  const groups = groupsAround(tenant.groups.list(), user.id);
  // Assumption entra-attribute-at-once, never checked: A value of a custom security attribute counts at the next sign-in; no page says how
  // soon a filter for applications sees it.
  const attributes = tenant.servicePrincipals.byAppId(attempt.appId)?.customSecurityAttributes ?? {};
  const app = { appId: attempt.appId, attributes };
  const set: TenantPolicies = {
    policies: tenant.conditionalAccess.list(({ conditions }) => reaches(conditions.applications, app) !== false),
    locations: tenant.namedLocations.list(),
    combinationsOf: (strength) => tenant.authenticationStrengths.combinationsOf(strength),
  };
  return decide(set, { ...attempt, userId: user.id, groups, attributes });
}

interface Applying {
  readonly policy: ConditionalAccessPolicy;
  readonly grant: Grant;
}

// Assumption signin-strength-code, never checked: A person whose method the authentication strength does not accept is refused with
// AADSTS53003; one who shows no second factor with AADSTS50076, whether a method is registered (AADSTS50079 if not) is not modelled.
/**
 * Decides as "Phase 2: Enforcement" of https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-policies
 * has it: a block wins, every policy that applies must be satisfied, then session controls. Policies in report-only or off ask for nothing.
 */
export function decide(set: TenantPolicies, visitor: Visitor & { readonly mfa: Mfa }): AccessDecision {
  const answers = set.policies
    .filter(({ state }) => state === "enabled")
    .map((policy) => ({ policy, answer: applies(policy.conditions, visitor, set.locations) }));
  const sure = answers
    .filter(({ answer }) => answer === true)
    .map(({ policy }): Applying => ({ policy, grant: grantOf(policy, visitor, set.combinationsOf) }));
  const { words: session, ended } = sessionOf(
    sure.map(({ policy }) => policy),
    visitor,
  );
  const accepted = acceptedBy(sure);
  const refused = (refusal: Refusal, because: string): AccessDecision => ({
    ...{ outcome: "refused", refusal, because, accepted, session },
  });

  const blocking = sure.filter(({ grant }) => grant === "block");
  if (blocking.length > 0) return refused("blocked", `${names(blocking)} blocks access`);
  const [first] = unmet(sure);
  if (first) {
    const asking = sure.filter(({ grant }) => unmetOf(grant).some(({ asks }) => asks === first.asks));
    return refused(first.refusal, wordsOf(names(asking), first, visitor, accepted));
  }
  if (ended) return refused(ended.refusal, ended.because);
  const doubtful = [
    ...answers.flatMap(({ policy, answer }) => (answer instanceof Doubt ? [{ policy, doubt: answer }] : [])),
    ...sure.flatMap(({ policy, grant }) => doubtsOf(grant).map((doubt) => ({ policy, doubt }))),
  ][0];
  if (doubtful) {
    const because = `"${doubtful.policy.displayName}" has ${doubtful.doubt.because}`;
    return { outcome: "cannot tell", because, accepted, session };
  }
  // A SAML application is entered with a browser; what another client would do with it is not modelled.
  if (visitor.client === "legacy") {
    const because = "no policy refuses a legacy client, and what it could do with a SAML application is not modelled";
    return { outcome: "cannot tell", because, accepted, session };
  }
  const asking = sure.filter(
    ({ grant }) => typeof grant === "object" && "controls" in grant && grant.controls.length > 0,
  );
  const what =
    asking.length > 0
      ? `${names(asking)} is satisfied by ${shownBy(visitor)}`
      : `no policy in force asks for anything${reportOnly(set.policies)}`;
  return { outcome: "granted", because: [what, ...session].join("; "), accepted, session };
}

const names = (policies: readonly Applying[]): string =>
  policies.map(({ policy }) => `"${policy.displayName}"`).join(", ");

function shownBy({ mfa, device = "none" }: Circumstances & { readonly mfa: Mfa }): string {
  const shown = [mfa === "none" ? undefined : mfa, device === "none" ? undefined : `a ${device} device`];
  return shown.filter(Boolean).join(" and ") || "a password";
}

function wordsOf(
  asking: string,
  { asks, accepts, refusal }: Control,
  { mfa, client }: Visitor & { readonly mfa: Mfa },
  accepted: readonly Method[] | undefined,
): string {
  if (client === "legacy") return `${asking} asks for ${asks}, which a legacy client cannot show`;
  const wanted = accepts && accepted ? spell(accepted) : asks;
  if (accepts && refusal === "blocked") return `${asking} does not accept ${mfa}; it takes ${wanted}`;
  return `${asking} asks for ${wanted}`;
}

const spell = (accepted: readonly Method[]): string =>
  accepted.length === METHODS.length ? "a second factor" : accepted.join(", ") || "what no method is";

function reportOnly(policies: readonly ConditionalAccessPolicy[]): string {
  const only = policies.filter(({ state }) => state === "enabledForReportingButNotEnforced");
  return only.length > 0 ? ` (report-only: ${only.map(({ displayName }) => `"${displayName}"`).join(", ")})` : "";
}

/** What keeps the person out, in the order in which Entra asks. */
const unmet = (policies: readonly Applying[]): Control[] =>
  policies.flatMap(({ grant }) => unmetOf(grant)).sort((one, other) => one.order - other.order);

/** With "one of", a control that is met or that nobody can tell makes the others no refusal. */
function unmetOf(grant: Grant): readonly Control[] {
  if (grant === "block" || grant instanceof Doubt) return [];
  const missing = grant.controls.filter(({ met }) => met === false);
  return grant.all || missing.length === grant.controls.length ? missing : [];
}

function doubtsOf(grant: Grant): Doubt[] {
  if (grant instanceof Doubt) return [grant];
  if (grant === "block" || (!grant.all && grant.controls.some(({ met }) => met === true))) return [];
  return grant.controls.flatMap(({ met }) => (met instanceof Doubt ? [met] : []));
}

/** Methods that meet every policy that asks for one; a policy that something else satisfies does not ask. */
function acceptedBy(policies: readonly Applying[]): readonly Method[] | undefined {
  const demands = policies.flatMap(({ grant }) => {
    if (grant === "block" || grant instanceof Doubt) return [];
    const other = grant.controls.some(({ met, accepts }) => met === true && !accepts);
    return grant.all || !other ? grant.controls.flatMap(({ accepts }) => (accepts ? [accepts] : [])) : [];
  });
  return demands.length > 0 ? METHODS.filter((one) => demands.every((list) => list.includes(one))) : undefined;
}

/** Groups that a person is in, directly or through other groups: "Policy is applied to nested users and groups" (https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-users-groups). */
export function groupsAround(groups: readonly Pick<Group, "id" | "members">[], memberId: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (id: string): void => {
    for (const group of groups) {
      if (found.has(group.id) || !group.members.includes(id)) continue;
      found.add(group.id);
      visit(group.id);
    }
  };
  visit(memberId);
  return found;
}
