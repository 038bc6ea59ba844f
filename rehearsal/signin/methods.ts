/**
 * Second factors, each with the built-in authentication strengths that accept it; the first factor is a password where the method is
 * none by itself. The names are those of the API without `password,`.
 * https://learn.microsoft.com/entra/identity/authentication/concept-authentication-strengths and
 * https://learn.microsoft.com/graph/api/authenticationstrengthroot-list-policies (allowedCombinations)
 */
const MFA = "00000000-0000-0000-0000-000000000002";
const PASSWORDLESS = "00000000-0000-0000-0000-000000000003";
const PHISHING_RESISTANT = "00000000-0000-0000-0000-000000000004";

const ACCEPTED_BY = {
  sms: [MFA],
  voice: [MFA],
  softwareOath: [MFA],
  hardwareOath: [MFA],
  microsoftAuthenticatorPush: [MFA],
  temporaryAccessPassOneTime: [MFA],
  temporaryAccessPassMultiUse: [MFA],
  deviceBasedPush: [MFA, PASSWORDLESS],
  fido2: [MFA, PASSWORDLESS, PHISHING_RESISTANT],
  windowsHelloForBusiness: [MFA, PASSWORDLESS, PHISHING_RESISTANT],
  x509CertificateMultiFactor: [MFA, PASSWORDLESS, PHISHING_RESISTANT],
} as const satisfies Record<string, readonly string[]>;

/** A second factor, in Graph's spelling. */
export type Method = keyof typeof ACCEPTED_BY;

/** What a person shows beside the password: a method, or nothing. */
export type Mfa = Method | "none";

export const METHODS = Object.keys(ACCEPTED_BY) as readonly Method[];

export const isMfa = (text: string): text is Mfa => text === "none" || METHODS.some((method) => method === text);

/** The methods that an authentication strength accepts; `undefined` for a strength that is not built in. */
export function methodsOfStrength(strength: string): readonly Method[] | undefined {
  const accepted = METHODS.filter((method) => (ACCEPTED_BY[method] as readonly string[]).includes(strength));
  return accepted.length > 0 ? accepted : undefined;
}
