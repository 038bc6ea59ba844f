import { randomUUID } from "node:crypto";
import type { AuthenticationStrengths } from "./authentication-strengths";
import { badRequest, copy, type Directory, notFound } from "./directory";
import { comparisonsOf, type Rule, readRule, UnreadableRule } from "./filter-rule";
import type { ConditionalAccessConditions, ConditionalAccessFilter, ConditionalAccessPolicy } from "./state";

export type ConditionalAccessBody = Omit<ConditionalAccessPolicy, "id">;

/** Names that stand in place of an id: https://learn.microsoft.com/graph/api/resources/conditionalaccessapplications and …/conditionalaccessusers */
const APPLICATION_NAMES = ["All", "None", "Office365", "MicrosoftAdminPortals"];
const USER_NAMES = ["All", "None", "GuestsOrExternalUsers"];

/**
 * https://learn.microsoft.com/graph/api/resources/conditionalaccesslocations; the zero id stands for the trusted IPs of the old MFA service
 * (https://learn.microsoft.com/graph/api/conditionalaccessroot-post-policies, example 3).
 */
const LOCATION_NAMES = ["All", "AllTrusted", "00000000-0000-0000-0000-000000000000"];

/**
 * Policies of a tenant, in any state: https://learn.microsoft.com/entra/identity/conditional-access/plan-conditional-access
 * ("Minimize the number of Conditional Access policies"; 195 until April 2026).
 */
export const MAX_POLICIES = 240;

// Assumption entra-conditional-access-wording, never checked: What Conditional Access refuses is documented; the words of its refusals here
// are partly ours.
/** Conditional Access policies: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy */
export class ConditionalAccess {
  constructor(
    private readonly directory: Directory,
    private readonly strengths: AuthenticationStrengths,
  ) {}

  get(id: string): ConditionalAccessPolicy {
    return copy(this.policy(id));
  }

  /** @param wanted which of them. @default - all */
  list(wanted: (policy: ConditionalAccessPolicy) => boolean = () => true): ConditionalAccessPolicy[] {
    return copy(Object.values(this.directory.state.conditionalAccessPolicies).filter(wanted));
  }

  create(body: ConditionalAccessBody): Promise<ConditionalAccessPolicy> {
    const operation = "POST /identity/conditionalAccess/policies";
    return this.directory.request(operation, `Conditional Access policy ${body.displayName}`, () => {
      this.check(body);
      const { conditionalAccessPolicies } = this.directory.state;
      if (Object.keys(conditionalAccessPolicies).length >= MAX_POLICIES)
        throw malformed(`The tenant has ${MAX_POLICIES} Conditional Access policies, the most that there can be.`);
      const policy = { ...copy(body), id: randomUUID() };
      conditionalAccessPolicies[policy.id] = policy;
      return copy(policy);
    });
  }

  update(id: string, body: ConditionalAccessBody): Promise<void> {
    return this.directory.request("PATCH /identity/conditionalAccess/policies/{id}", this.named(id), () => {
      const policy = this.policy(id);
      this.check(body);
      Object.assign(policy, copy(body));
    });
  }

  delete(id: string): Promise<void> {
    return this.directory.request("DELETE /identity/conditionalAccess/policies/{id}", this.named(id), () => {
      this.policy(id);
      delete this.directory.state.conditionalAccessPolicies[id];
    });
  }

  /** What the resource pages name as required or exclusive; ids have to exist. */
  private check(body: ConditionalAccessBody): void {
    const { conditions, grantControls, sessionControls } = body;
    const { applications, users, clientAppTypes } = conditions;
    const filters = applications.applicationFilter?.mode === "include" ? 1 : 0;
    const targets = applications.includeApplications.length + filters;
    // Code 1012 and its words: nicolonsky/ModernWorkplaceConcierge#50
    if (targets > 0 && applications.includeUserActions.length > 0) {
      throw malformed(
        "1012: 'applications' condition cannot include both 'includeApplications' and 'includeUserActions'/'includeProtectionLevels'. Please remove one of the conditions.",
      );
    }
    if (targets + applications.includeUserActions.length === 0)
      throw malformed("'applications' condition includes nothing.");
    // https://learn.microsoft.com/graph/api/resources/conditionalaccessconditionset, clientAppTypes: required
    if (clientAppTypes.length === 0) throw malformed("'clientAppTypes' condition must not be empty.");
    const included = [...users.includeUsers, ...users.includeGroups, ...users.includeRoles];
    if (included.length === 0 && !users.includeGuestsOrExternalUsers)
      throw malformed("'users' condition includes nobody.");
    if (!grantControls && !sessionControls) throw malformed("A policy needs grant controls or session controls.");
    if (grantControls) this.checkGrant(grantControls);
    if (grantControls?.builtInControls.includes("passwordChange")) checkPasswordChange(conditions, grantControls);
    if (sessionControls) checkSession(body, sessionControls);
    this.checkFilter(applications.applicationFilter);
    this.checkIds(conditions);
  }

  private checkGrant({
    builtInControls,
    authenticationStrength,
    termsOfUse,
    customAuthenticationFactors,
  }: Grant): void {
    // "can't be combined": https://learn.microsoft.com/entra/identity/authentication/concept-authentication-strengths
    if (authenticationStrength && builtInControls.includes("mfa")) {
      throw malformed("The grant control 'mfa' and an authentication strength cannot be used in one policy.");
    }
    if (authenticationStrength && !this.strengths.combinationsOf(authenticationStrength)) {
      throw malformed(`Authentication strength '${authenticationStrength}' was not found.`);
    }
    const asked =
      [...builtInControls, ...termsOfUse, ...customAuthenticationFactors].length + (authenticationStrength ? 1 : 0);
    if (asked === 0) throw malformed("Grant controls ask for nothing.");
    // "block" stands alone: https://learn.microsoft.com/graph/api/resources/conditionalaccessgrantcontrols
    if (builtInControls.includes("block") && asked > 1)
      throw malformed("The grant control 'block' cannot be combined with others.");
  }

  /** "only work with custom security attributes of type string": https://learn.microsoft.com/entra/identity/conditional-access/concept-filter-for-applications */
  private checkFilter(filter: ConditionalAccessFilter | null): void {
    const rule = filter && readable(filter.rule);
    // What is not read here, Entra may read: a sign-in then ends in "cannot tell".
    if (!rule) return;
    for (const { attribute } of comparisonsOf(rule)) {
      // Assumption entra-filter-attribute-exists, never checked: Graph refuses an application filter that names a custom security attribute
      // which is not defined, or not of type String; a rule that is not read here it takes.
      const definition = this.directory.state.securityAttributes[attribute];
      if (!definition)
        throw malformed(`The rule names the custom security attribute '${attribute}', which is not defined.`);
      if (definition.type !== "String")
        throw malformed(
          `The rule names the custom security attribute '${attribute}' of type ${definition.type}, not String.`,
        );
    }
  }

  private checkIds({ applications, users, locations }: ConditionalAccessConditions): void {
    const { state } = this.directory;
    const refuse = (what: string, ids: string[], exists: (id: string) => boolean) => {
      const missing = ids.find((id) => !exists(id));
      if (missing !== undefined) throw malformed(`${what} '${missing}' was not found in the tenant.`);
    };
    refuse(
      "Application",
      [...applications.includeApplications, ...applications.excludeApplications],
      (id) => APPLICATION_NAMES.includes(id) || this.directory.servicePrincipalOf(id) !== undefined,
    );
    refuse("Group", [...users.includeGroups, ...users.excludeGroups], (id) => state.groups[id] !== undefined);
    refuse(
      "User",
      [...users.includeUsers, ...users.excludeUsers],
      (id) => USER_NAMES.includes(id) || state.users[id] !== undefined,
    );
    if (!locations) return;
    if (locations.includeLocations.length === 0) throw malformed("'locations' condition includes nothing.");
    refuse(
      "Named location",
      [...locations.includeLocations, ...locations.excludeLocations],
      (id) => LOCATION_NAMES.includes(id) || state.namedLocations[id] !== undefined,
    );
  }

  private policy(id: string): ConditionalAccessPolicy {
    const policy = this.directory.state.conditionalAccessPolicies[id];
    if (!policy) throw notFound(id);
    return policy;
  }

  private named(id: string): string {
    return `Conditional Access policy ${this.directory.state.conditionalAccessPolicies[id]?.displayName ?? id}`;
  }
}

type Grant = NonNullable<ConditionalAccessPolicy["grantControls"]>;
type Session = NonNullable<ConditionalAccessPolicy["sessionControls"]>;

/**
 * "Special considerations": https://learn.microsoft.com/graph/api/resources/conditionalaccessgrantcontrols. A strength stands in for mfa in
 * https://learn.microsoft.com/entra/identity/conditional-access/howto-conditional-access-session-lifetime, policy 3.
 */
function checkPasswordChange(conditions: ConditionalAccessConditions, grant: Grant): void {
  const { builtInControls, authenticationStrength, operator, termsOfUse, customAuthenticationFactors } = grant;
  const others = builtInControls.filter((control) => control !== "passwordChange" && control !== "mfa");
  if ((!builtInControls.includes("mfa") && !authenticationStrength) || operator !== "AND")
    throw malformed("The grant control 'passwordChange' must be accompanied by 'mfa', joined by 'AND'.");
  if ([...others, ...termsOfUse, ...customAuthenticationFactors].length > 0)
    throw malformed("The grant control 'passwordChange' cannot be combined with others than 'mfa'.");
  if (conditions.userRiskLevels.length === 0)
    throw malformed("The grant control 'passwordChange' needs 'userRiskLevels'.");
  if (!targetsEverything(conditions) || conditions.applications.excludeApplications.length > 0)
    throw malformed("The grant control 'passwordChange' needs all applications, with none left out.");
  const { transferMethods, clientApplications, deviceFilter, locations, platforms, insiderRiskLevels } = conditions;
  const further = [transferMethods, clientApplications, deviceFilter, locations, platforms, insiderRiskLevels];
  const all = conditions.clientAppTypes.every((type) => type === "all");
  if (!all || conditions.signInRiskLevels.length > 0 || further.some((condition) => condition !== null))
    throw malformed("The grant control 'passwordChange' allows no other condition than users and user risk.");
}

function checkSession({ conditions, grantControls }: ConditionalAccessBody, session: Session): void {
  // "requires to choose All Cloud Apps": https://learn.microsoft.com/entra/identity/conditional-access/howto-conditional-access-session-lifetime, policy 2
  if (session.persistentBrowser && !targetsEverything(conditions))
    throw malformed("The session control 'persistentBrowser' needs all applications.");
  const { signInFrequency: frequency } = session;
  if (!frequency) return;
  // https://learn.microsoft.com/graph/api/resources/signinfrequencysessioncontrol
  if (frequency.frequencyInterval !== "everyTime") {
    if (!frequency.value || !frequency.type)
      throw malformed("The session control 'signInFrequency' needs a value in hours or days.");
    return;
  }
  if (frequency.value !== null || frequency.type !== null)
    throw malformed("The session control 'signInFrequency' takes no value when it is 'everyTime'.");
  // hashicorp/terraform-provider-azuread#1225
  if (session.applicationEnforcedRestrictions || session.disableResilienceDefaults)
    throw malformed("'everyTime' cannot be combined with application enforced restrictions or resilience defaults.");
  // Its words: MicrosoftDocs/azure-docs#115859 (2023), #99800 (2022)
  if (conditions.userRiskLevels.length > 0 && !grantControls?.builtInControls.includes("passwordChange"))
    throw malformed(
      'The "sign-in frequency every time" session control requires the "require password change" grant control for "user risk".',
    );
}

const targetsEverything = ({ applications }: ConditionalAccessConditions): boolean =>
  applications.includeApplications.includes("All") && applications.applicationFilter === null;

function readable(rule: string): Rule | undefined {
  try {
    return readRule(rule);
  } catch (error) {
    if (error instanceof UnreadableRule) return undefined;
    throw error;
  }
}

const malformed = (message: string) => badRequest(message, "BadRequest");
