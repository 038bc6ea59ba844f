import { randomUUID } from "node:crypto";
import { badRequest, copy, type Directory, notFound } from "./directory";
import type { AuthenticationStrength } from "./state";

export type AuthenticationStrengthBody = Omit<AuthenticationStrength, "id">;

const PHISHING_RESISTANT = ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"];
const PASSWORDLESS = [...PHISHING_RESISTANT, "deviceBasedPush"];
const SECOND_FACTORS = ["microsoftAuthenticatorPush", "softwareOath", "hardwareOath", "sms", "voice"];

/** The strengths that every tenant has, by id: https://learn.microsoft.com/graph/api/authenticationstrengthroot-list-policies */
export const BUILT_IN_STRENGTHS: Readonly<Record<string, Omit<AuthenticationStrengthBody, "description">>> = {
  "00000000-0000-0000-0000-000000000002": {
    displayName: "Multifactor authentication",
    allowedCombinations: [
      ...PASSWORDLESS,
      ...["temporaryAccessPassOneTime", "temporaryAccessPassMultiUse"],
      ...[...SECOND_FACTORS, "x509CertificateSingleFactor", "x509CertificateMultiFactor"].map(
        (factor) => `password,${factor}`,
      ),
      "federatedMultiFactor",
      ...SECOND_FACTORS.map((factor) => `${factor},federatedSingleFactor`),
    ],
  },
  "00000000-0000-0000-0000-000000000003": { displayName: "Passwordless MFA", allowedCombinations: PASSWORDLESS },
  "00000000-0000-0000-0000-000000000004": {
    displayName: "Phishing-resistant MFA",
    allowedCombinations: PHISHING_RESISTANT,
  },
};

/**
 * Combinations are given, a strength chooses among them: https://learn.microsoft.com/graph/api/resources/authenticationstrengths-overview.
 * Single factors are among them, an e-mail is not: https://learn.microsoft.com/entra/identity/authentication/concept-authentication-strengths
 */
const COMBINATIONS = new Set([
  ...Object.values(BUILT_IN_STRENGTHS).flatMap(({ allowedCombinations }) => allowedCombinations),
  ...["password", "sms", "federatedSingleFactor", "x509CertificateSingleFactor"],
]);

/** "up to 15 custom policies": same page */
const MAX_CUSTOM = 15;

/** Custom authentication strengths: https://learn.microsoft.com/graph/api/resources/authenticationstrengthpolicy */
export class AuthenticationStrengths {
  constructor(private readonly directory: Directory) {}

  get(id: string): AuthenticationStrength {
    return copy(this.strength(id));
  }

  list(): AuthenticationStrength[] {
    return copy(Object.values(this.directory.state.authenticationStrengths));
  }

  /** What a strength accepts, built-in or custom; `undefined` for one that is not there. */
  combinationsOf(id: string): readonly string[] | undefined {
    return (BUILT_IN_STRENGTHS[id] ?? this.directory.state.authenticationStrengths[id])?.allowedCombinations;
  }

  create(body: AuthenticationStrengthBody): Promise<AuthenticationStrength> {
    const operation = "POST /policies/authenticationStrengthPolicies";
    return this.directory.request(operation, `authentication strength ${body.displayName}`, () => {
      checkCombinations(body.allowedCombinations);
      if (Object.keys(this.directory.state.authenticationStrengths).length >= MAX_CUSTOM)
        throw badRequest(`The tenant has ${MAX_CUSTOM} custom authentication strengths, the most that there can be.`);
      const strength = { ...copy(body), id: randomUUID() };
      this.directory.state.authenticationStrengths[strength.id] = strength;
      return copy(strength);
    });
  }

  /** Name and description; combinations have a request of their own. */
  update(id: string, body: Omit<AuthenticationStrengthBody, "allowedCombinations">): Promise<void> {
    return this.directory.request("PATCH /policies/authenticationStrengthPolicies/{id}", this.named(id), () => {
      Object.assign(this.strength(id), body);
    });
  }

  updateAllowedCombinations(id: string, allowedCombinations: string[]): Promise<void> {
    const operation = "POST /policies/authenticationStrengthPolicies/{id}/updateAllowedCombinations";
    return this.directory.request(operation, this.named(id), () => {
      const strength = this.strength(id);
      checkCombinations(allowedCombinations);
      strength.allowedCombinations = [...allowedCombinations];
    });
  }

  delete(id: string): Promise<void> {
    return this.directory.request("DELETE /policies/authenticationStrengthPolicies/{id}", this.named(id), () => {
      this.strength(id);
      const user = Object.values(this.directory.state.conditionalAccessPolicies).find(
        ({ grantControls }) => grantControls?.authenticationStrength === id,
      );
      // "can't be deleted" while referenced: https://learn.microsoft.com/entra/identity/authentication/concept-authentication-strengths
      if (user) throw badRequest(`The Conditional Access policy ${user.displayName} asks for the strength.`);
      delete this.directory.state.authenticationStrengths[id];
    });
  }

  private strength(id: string): AuthenticationStrength {
    const strength = this.directory.state.authenticationStrengths[id];
    if (!strength) throw notFound(id);
    return strength;
  }

  private named(id: string): string {
    return `authentication strength ${this.directory.state.authenticationStrengths[id]?.displayName ?? id}`;
  }
}

function checkCombinations(combinations: readonly string[]): void {
  if (combinations.length === 0) throw badRequest("An authentication strength allows at least one combination.");
  const unknownCombination = combinations.find((one) => !COMBINATIONS.has(one));
  if (unknownCombination !== undefined)
    throw badRequest(`'${unknownCombination}' is no combination of authentication methods that Entra knows.`);
}
