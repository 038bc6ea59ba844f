import { randomUUID } from "node:crypto";
import { badRequest, copy, type Directory, notFound } from "./directory";
import type { ConditionalAccessPolicy } from "./state";

export type ConditionalAccessBody = Omit<ConditionalAccessPolicy, "id">;

/** Authentication strengths that every tenant has: https://learn.microsoft.com/graph/api/authenticationstrengthroot-list-policies */
export const BUILT_IN_STRENGTHS: Readonly<Record<string, string>> = {
  "00000000-0000-0000-0000-000000000002": "Multifactor authentication",
  "00000000-0000-0000-0000-000000000003": "Passwordless MFA",
  "00000000-0000-0000-0000-000000000004": "Phishing-resistant MFA",
};

/** Names that stand in place of an id: https://learn.microsoft.com/graph/api/resources/conditionalaccessapplications and …/conditionalaccessusers */
const APPLICATION_NAMES = ["All", "None", "Office365", "MicrosoftAdminPortals"];
const USER_NAMES = ["All", "None", "GuestsOrExternalUsers"];

/** Conditional Access policies: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy */
export class ConditionalAccess {
  constructor(private readonly directory: Directory) {}

  get(id: string): ConditionalAccessPolicy {
    return copy(this.policy(id));
  }

  list(): ConditionalAccessPolicy[] {
    return copy(Object.values(this.directory.state.conditionalAccessPolicies));
  }

  create(body: ConditionalAccessBody): Promise<ConditionalAccessPolicy> {
    const operation = "POST /identity/conditionalAccess/policies";
    return this.directory.request(operation, `Conditional Access policy ${body.displayName}`, () => {
      this.check(body);
      const policy = { ...copy(body), id: randomUUID() };
      this.directory.state.conditionalAccessPolicies[policy.id] = policy;
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
  private check({ conditions, grantControls, sessionControls }: ConditionalAccessBody): void {
    const { applications, users, clientAppTypes } = conditions;
    const targets = applications.includeApplications.length + (applications.applicationFilter ? 1 : 0);
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
    this.checkIds(applications, users);
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
    if (authenticationStrength && !BUILT_IN_STRENGTHS[authenticationStrength]) {
      throw malformed(`Authentication strength '${authenticationStrength}' was not found.`);
    }
    const asked =
      [...builtInControls, ...termsOfUse, ...customAuthenticationFactors].length + (authenticationStrength ? 1 : 0);
    if (asked === 0) throw malformed("Grant controls ask for nothing.");
    // "block" stands alone: https://learn.microsoft.com/graph/api/resources/conditionalaccessgrantcontrols
    if (builtInControls.includes("block") && asked > 1)
      throw malformed("The grant control 'block' cannot be combined with others.");
  }

  private checkIds(
    applications: ConditionalAccessPolicy["conditions"]["applications"],
    users: ConditionalAccessPolicy["conditions"]["users"],
  ): void {
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

const malformed = (message: string) => badRequest(message, "BadRequest");
