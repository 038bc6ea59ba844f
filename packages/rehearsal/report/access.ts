import { describeCircumstances } from "../signin/chain/circumstances";
import type { Mfa, Step, Verdict } from "../signin/chain/sign-in";
import { REFUSALS, type Refusal } from "../signin/chain/verdict";
import { type Expectation, wanted } from "../signin/expectations/expectations";

/** A sign-in that was tried, or could not be. */
export interface Tried {
  readonly person: string;
  readonly mfa: Mfa;
  /** Absent where no sign-in could be tried. */
  readonly endpoint?: string;
  readonly verdict?: Verdict;
  /** What was to come; absent for somebody who is only looked at. */
  readonly expectation?: Expectation;
  /** Whether it came. */
  readonly holds: boolean;
  /** What came, in a sentence. */
  readonly because: string;
}

/** A row of the access matrix: one person, one second factor, and all sign-in endpoints that gave the same answer. */
export interface Access {
  readonly person: string;
  /** What the person shows. */
  readonly shows: string;
  readonly outcome: Verdict["outcome"] | "not tried";
  /** Roles that the person gets. */
  readonly roles: readonly string[];
  /** What Conditional Access makes of the session: "asked again after 8 hours". */
  readonly session: readonly string[];
  /** What the person reads on the screen, of a refusal; and the same in words. */
  readonly code?: string;
  readonly refusal?: string;
  /** The link of the chain that broke. */
  readonly link?: string;
  /** What decided. */
  readonly because: string;
  /** "in as Developer", "refused with AADSTS50105"; absent for somebody who is only looked at. */
  readonly expected?: string;
  /** Why that is expected. */
  readonly why?: string;
  /** What was expected came; of somebody who is only looked at: there is a clear answer. */
  readonly good: boolean;
  readonly endpoints: readonly string[];
  /** The chain, link by link. */
  readonly steps: readonly Step[];
}

const FACTORS: Readonly<Record<Mfa, string>> = {
  none: "password alone",
  sms: "password, text message",
  voice: "password, phone call",
  softwareOath: "password, code from an app",
  hardwareOath: "password, code from a token",
  microsoftAuthenticatorPush: "password, Authenticator",
  temporaryAccessPassOneTime: "Temporary Access Pass, once",
  temporaryAccessPassMultiUse: "Temporary Access Pass",
  deviceBasedPush: "Authenticator, passwordless",
  fido2: "passkey (FIDO2)",
  windowsHelloForBusiness: "Windows Hello for Business",
  x509CertificateMultiFactor: "certificate (multifactor)",
};

/** The rows of an account. @param names display names by object id, for people who are called by theirs */
export function accessOf(tried: readonly Tried[], names: ReadonlyMap<string, string>): Access[] {
  const rows = new Map<string, Access>();
  for (const one of tried) {
    const row = rowOf(one, names);
    const { endpoints: _, steps: __, ...answer } = row;
    const key = JSON.stringify(answer);
    const same = rows.get(key);
    rows.set(key, same ? { ...same, endpoints: [...same.endpoints, ...row.endpoints] } : row);
  }
  return [...rows.values()];
}

function rowOf(
  { person, mfa, endpoint, verdict, expectation, holds, because }: Tried,
  names: ReadonlyMap<string, string>,
): Access {
  const broken = verdict?.broken;
  const reason = broken?.because ?? (expectation && verdict && !holds ? whatIsWrong(expectation, verdict) : undefined);
  const assignment = verdict?.steps.find(({ link }) => link === "assignment");
  return {
    person: readable(person, names),
    shows: [FACTORS[mfa], describeCircumstances(expectation?.with ?? {})].filter(Boolean).join("; "),
    outcome: verdict?.outcome ?? "not tried",
    roles: (verdict?.sessions ?? []).map(({ roleName }) => roleName).sort(),
    session: verdict?.session ?? [],
    code: broken?.code,
    refusal: broken?.code && wordsOf(broken.code),
    link: broken?.link,
    because: readable(reason ?? assignment?.because ?? because, names),
    expected: expectation && wanted(expectation),
    why: expectation?.why,
    good: holds,
    endpoints: endpoint === undefined ? [] : [endpoint],
    steps: verdict?.steps ?? [],
  };
}

/** Of somebody who got in and should not have, or not like this: a role that could not be taken, a session of another kind, or the role. */
function whatIsWrong({ session: asked, why }: Expectation, { steps, session = [] }: Verdict): string {
  const stuck = steps.find(({ outcome }) => outcome !== "ok");
  if (stuck) return stuck.because;
  const missing = asked?.filter((one) => !session.includes(one)).map((one) => `not ${one}`) ?? [];
  const other = asked ? session.filter((one) => !asked.includes(one)) : [];
  const assigned = steps.find(({ link }) => link === "assignment")?.because;
  return [...missing, ...other].join("; ") || `${assigned}, but ${why}`;
}

/** Names in place of object ids; the people that expectations put in have names that mean nothing. */
const readable = (text: string, names: ReadonlyMap<string, string>): string =>
  text
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, (id) => names.get(id) ?? id)
    .replace(/person-[0-9a-f]{8}@[\w.-]+/g, "the person");

const WORDS: Readonly<Record<Refusal, string>> = {
  applicationNotFound: "no such application",
  applicationDisabled: "the application is disabled",
  noSamlMode: "single sign-on is not SAML",
  personDisabled: "the account is disabled",
  replyUrl: "no such reply URL",
  notAssigned: "not assigned",
  mfaRequired: "MFA is asked for",
  blocked: "blocked, or the factor is not enough",
  deviceNotCompliant: "a compliant device is asked for",
  deviceNotJoined: "a joined device is asked for",
  passwordChange: "another password is asked for",
  factorExpired: "MFA is asked for again",
  noSession: "signed out with the browser",
  noSigningKey: "nothing to sign with",
  invalidResponse: "the SAML response is not valid",
  audience: "wrong audience",
  noProvider: "no such identity provider",
  issuer: "wrong issuer",
  signature: "the signature is not known",
  expired: "too late",
  noSessionName: "the session has no name",
  badSessionName: "the session's name is not valid",
  notAuthorized: "the role does not trust it",
  tooLong: "the session is too long",
};

const wordsOf = (code: string): string | undefined =>
  Object.entries(WORDS).find(([refusal]) => REFUSALS[refusal as Refusal].code === code)?.[1];
