/** Where a sign-in passes, in this order: first Entra, then AWS. */
export type Link =
  | "application"
  | "person"
  | "reply URL"
  | "assignment"
  | "Conditional Access"
  | "claims"
  | "signing certificate"
  | "SAML response"
  | "audience"
  | "Role"
  | "SAML provider"
  | "issuer"
  | "signature"
  | "time"
  | "RoleSessionName"
  | "trust policy"
  | "SessionDuration";

/** What one link of the chain says. */
export interface Step {
  readonly link: Link;
  readonly outcome: "ok" | "refused" | "cannot tell";
  /** In a sentence, with the values that decided. */
  readonly because: string;
  /** What the person reads on the screen; the README's table "When sign-in fails" has a row for it. Only of a refusal. */
  readonly code?: string;
  /** ARN of the role it is about, when the person was offered more than one. */
  readonly role?: string;
}

/** Everything that the chain refuses with: the message, or the beginning of it, and the page that has it. */
const ENTRA_CODES = "https://learn.microsoft.com/entra/identity-platform/reference-error-codes";
const AWS_MESSAGES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html";
export const REFUSALS = {
  applicationNotFound: { code: "AADSTS700016", source: ENTRA_CODES },
  applicationDisabled: { code: "AADSTS7000112", source: ENTRA_CODES },
  noSamlMode: { code: "The tile in My Apps does not lead to AWS", source: "assumption signin-saml-mode" },
  personDisabled: { code: "AADSTS50057", source: ENTRA_CODES },
  replyUrl: { code: "AADSTS50011", source: ENTRA_CODES },
  notAssigned: { code: "AADSTS50105", source: ENTRA_CODES },
  mfaRequired: { code: "AADSTS50076", source: ENTRA_CODES },
  blocked: { code: "AADSTS53003", source: ENTRA_CODES },
  deviceNotCompliant: { code: "AADSTS53000", source: ENTRA_CODES },
  deviceNotJoined: { code: "AADSTS53001", source: ENTRA_CODES },
  passwordChange: { code: "AADSTS50135", source: ENTRA_CODES },
  factorExpired: { code: "AADSTS50078", source: ENTRA_CODES },
  noSession: { code: "AADSTS50058", source: ENTRA_CODES },
  noSigningKey: { code: "AADSTS50146", source: ENTRA_CODES },
  invalidResponse: { code: "Your request included an invalid SAML response", source: AWS_MESSAGES },
  audience: { code: "Response does not contain the required audience", source: AWS_MESSAGES },
  noProvider: { code: "Specified provider doesn't exist", source: AWS_MESSAGES },
  issuer: { code: "Issuer not present in specified provider", source: AWS_MESSAGES },
  signature: { code: "Response signature invalid", source: AWS_MESSAGES },
  expired: {
    code: "Token must be redeemed within 5 minutes of issuance",
    source: "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html",
  },
  noSessionName: { code: "RoleSessionName is required in AuthnResponse", source: AWS_MESSAGES },
  badSessionName: { code: "RoleSessionName in AuthnResponse must match", source: AWS_MESSAGES },
  notAuthorized: { code: "Not authorized to perform sts:AssumeRoleWithSAML", source: AWS_MESSAGES },
  tooLong: { code: "Requested DurationSeconds exceeds MaxSessionDuration", source: AWS_MESSAGES },
} as const;

export type Refusal = keyof typeof REFUSALS;

const ok = (link: Link, because: string): Step => ({ link, outcome: "ok", because });
const cannotTell = (link: Link, because: string): Step => ({ link, outcome: "cannot tell", because });
const refused = (link: Link, refusal: Refusal, because: string): Step => ({
  link,
  outcome: "refused",
  because,
  code: REFUSALS[refusal].code,
});

/** A chain ends at the first link that does not hold. */
export class Broken extends Error {
  constructor(readonly step: Step) {
    super(step.because);
    this.name = "Broken";
  }
}

/** The steps of a chain as it goes along it. */
export class ChainLog {
  readonly steps: Step[] = [];

  pass(link: Link, because: string): void {
    this.steps.push(ok(link, because));
  }

  refuse(link: Link, refusal: Refusal, because: string): never {
    throw new Broken(refused(link, refusal, because));
  }

  doubt(link: Link, because: string): never {
    throw new Broken(cannotTell(link, because));
  }
}
