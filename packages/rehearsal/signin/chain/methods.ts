import { BUILT_IN_STRENGTHS } from "../../../local-cloud/cloud/entra/authentication-strengths";

/** Second factors in Graph's spelling without `password,`, each with the combination that authentication strengths know it by. */
const COMBINATIONS = {
  sms: "password,sms",
  voice: "password,voice",
  softwareOath: "password,softwareOath",
  hardwareOath: "password,hardwareOath",
  microsoftAuthenticatorPush: "password,microsoftAuthenticatorPush",
  temporaryAccessPassOneTime: "temporaryAccessPassOneTime",
  temporaryAccessPassMultiUse: "temporaryAccessPassMultiUse",
  deviceBasedPush: "deviceBasedPush",
  fido2: "fido2",
  windowsHelloForBusiness: "windowsHelloForBusiness",
  x509CertificateMultiFactor: "x509CertificateMultiFactor",
} as const satisfies Record<string, string>;

/** A second factor; the first factor is a password where the method is none by itself. */
export type Method = keyof typeof COMBINATIONS;

/** What a person shows beside the password: a method, or nothing. */
export type Mfa = Method | "none";

export const METHODS = Object.keys(COMBINATIONS) as readonly Method[];

export const isMfa = (text: string): text is Mfa => text === "none" || METHODS.some((method) => method === text);

/** The methods that the combinations of an authentication strength accept: https://learn.microsoft.com/entra/identity/authentication/concept-authentication-strengths */
export const methodsOfCombinations = (combinations: readonly string[]): readonly Method[] =>
  METHODS.filter((method) => combinations.includes(COMBINATIONS[method]));

/** The methods that a built-in authentication strength accepts; `undefined` for one that is not built in. */
export function methodsOfStrength(strength: string): readonly Method[] | undefined {
  const builtIn = BUILT_IN_STRENGTHS[strength];
  return builtIn && methodsOfCombinations(builtIn.allowedCombinations);
}
