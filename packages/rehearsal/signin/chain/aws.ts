import { createHash } from "node:crypto";
import type { Account } from "../../../local-cloud/cloud/aws/account";
import { evaluate } from "../../../local-cloud/cloud/aws/policy";
import { parsePolicyDocument } from "../../../local-cloud/cloud/aws/policy-document";
import type { RoleState } from "../../../local-cloud/cloud/aws/roles";
import type { SamlProviderState } from "../../../local-cloud/cloud/aws/saml-providers";
import type { Cloud } from "../../../local-cloud/cloud/cloud";
import { InvalidResponse, type ReadResponse, readResponse } from "./saml";
import { ask, type Session } from "./session";
import { Broken, ChainLog, type Step } from "./verdict";

/** A response that arrives at AWS. */
export interface AwsSignIn {
  /** The sign-in endpoint it was posted to. */
  readonly endpoint: string;
  readonly response: string;
  /** ARN of the role to take. @default - all that the response offers, as the console shows them */
  readonly role?: string;
  /** ARN of the SAML provider that is to judge: an API call names it. @default - the one that the response names beside the role */
  readonly provider?: string;
  /** Actions to try with each role, on any resource: `s3:ListAllMyBuckets`. @default - none */
  readonly probes?: readonly string[];
}

export interface AwsHalf {
  readonly steps: readonly Step[];
  readonly sessions: readonly Session[];
}

/** Roles in a response, each with the provider that has to vouch for it. */
interface RolePair {
  readonly role: string;
  readonly provider: string;
}

const ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes";
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const FIVE_MINUTES = 5 * 60_000;
const DEFAULT_SESSION_SEC = 3_600;

/** Sign-in endpoints, with or without a region: https://docs.aws.amazon.com/general/latest/gr/signin-service.html */
const ENDPOINT =
  /^https:\/\/([a-z0-9-]+\.)?(signin\.aws\.amazon\.com|signin\.amazonaws\.cn|signin\.amazonaws-us-gov\.com)\/saml$/;

/**
 * AWS judges a response, as https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html and
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html have it. Reads the accounts, changes nothing.
 */
export async function signInToAws(cloud: Cloud, request: AwsSignIn): Promise<AwsHalf> {
  const trail = new ChainLog();
  try {
    const response = read(request, trail);
    const pairs = choose(rolePairs(response, trail), request, trail);
    const judged = await Promise.all(pairs.map((pair) => judge(cloud, request, response, pair)));
    const many = pairs.length > 1;
    const steps = judged.flatMap((one) => one.steps.map((step) => (many ? { ...step, role: one.pair.role } : step)));
    return { steps: [...trail.steps, ...steps], sessions: judged.flatMap(({ session }) => session ?? []) };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { steps: [...trail.steps, error.step], sessions: [] };
  }
}

// Assumption signin-recipient, never checked: AWS refuses a response whose Recipient or Destination is not the endpoint it was posted to, as
// an invalid response.
function read({ endpoint, response: xml }: AwsSignIn, trail: ChainLog): ReadResponse {
  let response: ReadResponse;
  try {
    response = readResponse(xml);
  } catch (error) {
    if (!(error instanceof InvalidResponse)) throw error;
    return trail.refuse("SAML response", "invalidResponse", error.message);
  }
  const { destination, recipient, audiences } = response;
  if (!ENDPOINT.test(endpoint))
    trail.refuse("SAML response", "invalidResponse", `${endpoint} is no sign-in endpoint of AWS`);
  if (recipient !== endpoint || (destination !== null && destination !== endpoint)) {
    const meant = recipient === endpoint ? `Destination ${destination}` : `Recipient ${recipient}`;
    trail.refuse("SAML response", "invalidResponse", `it was posted to ${endpoint} and is meant for ${meant}`);
  }
  trail.pass("SAML response", `for ${response.nameId}, posted to ${endpoint}`);
  // "Audience": https://signin.aws.amazon.com/saml or urn:amazon:webservices (page on assertions, above).
  if (!audiences.some((audience) => ENDPOINT.test(audience) || /^urn:amazon:webservices(:|$)/.test(audience))) {
    trail.refuse("audience", "audience", `the audience is ${audiences.join(", ") || "missing"}`);
  }
  trail.pass("audience", audiences.join(", "));
  return response;
}

/** Pairs of ARNs with a comma between them, in either order; the name of the attribute is compared with case (page on assertions, above). */
function rolePairs(response: ReadResponse, trail: ChainLog): RolePair[] {
  const values = response.attributes.get(`${ATTRIBUTES}/Role`) ?? [];
  if (values.length === 0) {
    trail.refuse("Role", "invalidResponse", `no attribute ${ATTRIBUTES}/Role`);
  }
  const pairs = values.map((value): RolePair => {
    const arns = value.split(",");
    const role = arns.find((arn) => /^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(arn));
    const provider = arns.find((arn) => /^arn:[\w-]+:iam::\d{12}:saml-provider\/.+$/.test(arn));
    if (arns.length !== 2 || !role || !provider) {
      return trail.refuse("Role", "invalidResponse", `"${value}" is no role ARN and provider ARN`);
    }
    return { role, provider };
  });
  trail.pass("Role", pairs.map(({ role }) => role).join("; "));
  return pairs;
}

function choose(pairs: readonly RolePair[], { role, provider }: AwsSignIn, trail: ChainLog): readonly RolePair[] {
  if (role === undefined) return pairs;
  // An API call names role and provider; that the response has the same pair is judged after its signature.
  if (provider !== undefined) return [{ role, provider }];
  const chosen = pairs.filter((pair) => pair.role === role);
  if (chosen.length === 0) trail.refuse("Role", "notAuthorized", `the response does not offer ${role}`);
  return chosen;
}

// Assumption signin-several-roles, never checked: With several roles in one response each is judged by itself: one that cannot be taken does
// not spoil the others.
async function judge(cloud: Cloud, request: AwsSignIn, response: ReadResponse, pair: RolePair) {
  const trail = new ChainLog();
  try {
    const { account, provider } = findProvider(cloud, pair, trail);
    if (response.issuer !== provider.metadata.entityId) {
      trail.refuse(
        "issuer",
        "issuer",
        `it comes from ${response.issuer}, the metadata is of ${provider.metadata.entityId}`,
      );
    }
    trail.pass("issuer", response.issuer);
    await checkSignature(response, provider, trail);
    checkTime(response, cloud.clock.now(), trail);
    if (
      !rolePairs(response, new ChainLog()).some(({ role, provider: by }) => role === pair.role && by === pair.provider)
    ) {
      trail.refuse("Role", "notAuthorized", `the response does not offer ${pair.role} by ${pair.provider}`);
    }
    const sessionName = checkSessionName(response, trail);
    const role = findRole(account, pair, trail);
    checkTrust(response, role, provider, sessionName, trail);
    const consoleSec = checkDuration(response, role, cloud.clock.now(), trail);
    const session = {
      roleArn: role.arn,
      roleName: role.name,
      sessionName,
      userId: `${role.id}:${sessionName}`,
      issuedAt: `${cloud.clock.now().toISOString().slice(0, 19)}Z`,
      accountId: account.id,
      providerArn: provider.arn,
      title: `${role.name} / ${sessionName} / ${account.id}`,
      consoleSec,
      longestSec: role.maxSessionDuration,
    };
    const probes = (request.probes ?? []).map((action) => ({ action, outcome: ask(cloud, session, action).outcome }));
    return { pair, steps: trail.steps, session: { ...session, probes } };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { pair, steps: [...trail.steps, error.step] };
  }
}

function findProvider(
  cloud: Cloud,
  pair: RolePair,
  trail: ChainLog,
): { account: Account; provider: SamlProviderState } {
  const id = pair.provider.split(":")[4] ?? "";
  const account = cloud.accountIds().includes(id) ? cloud.account(id) : undefined;
  const provider = account?.samlProvider(pair.provider);
  if (!account || !provider) return trail.refuse("SAML provider", "noProvider", `there is no ${pair.provider}`);
  trail.pass("SAML provider", `${provider.arn}, ${provider.metadata.certificates.length} certificates`);
  return { account, provider };
}

/** A certificate's dates do not count: "IAM does not evaluate" them (id_roles_providers_create_saml). */
async function checkSignature(response: ReadResponse, provider: SamlProviderState, trail: ChainLog): Promise<void> {
  if (response.unsigned) trail.refuse("signature", "signature", response.unsigned);
  for (const { value, subject, thumbprint } of provider.metadata.certificates) {
    if (await response.isSignedBy(value)) return trail.pass("signature", `by ${subject}, ${thumbprint}`);
  }
  const known = provider.metadata.certificates.map(({ thumbprint }) => thumbprint).join(", ");
  trail.refuse(
    "signature",
    "signature",
    `no certificate in the provider's metadata made it (${known}), or it was changed`,
  );
}

function checkTime({ issuedAt, notBefore, notOnOrAfter }: ReadResponse, now: Date, trail: ChainLog): void {
  const at = now.toISOString();
  const late = now.getTime() - issuedAt.getTime() > FIVE_MINUTES || now >= notOnOrAfter;
  if (late) trail.refuse("time", "expired", `it was issued at ${issuedAt.toISOString()}, and it is ${at}`);
  if ((notBefore !== null && now < notBefore) || now < issuedAt) {
    trail.refuse("time", "invalidResponse", `it is good from ${issuedAt.toISOString()} on, and it is ${at}`);
  }
  trail.pass("time", `issued at ${issuedAt.toISOString()}`);
}

function checkSessionName({ attributes }: ReadResponse, trail: ChainLog): string {
  const [name, ...more] = attributes.get(`${ATTRIBUTES}/RoleSessionName`) ?? [];
  if (name === undefined) return trail.refuse("RoleSessionName", "noSessionName", "the attribute is missing");
  if (more.length > 0 || !SESSION_NAME.test(name)) {
    trail.refuse(
      "RoleSessionName",
      "badSessionName",
      `it is "${[name, ...more].join('", "')}" (${name.length} characters)`,
    );
  }
  trail.pass("RoleSessionName", name);
  return name;
}

/** A role that is not there and one that does not trust look the same from outside (troubleshoot_saml, "Not authorized"). */
function findRole(account: Account, { role: arn, provider }: RolePair, trail: ChainLog): Readonly<RoleState> {
  const role = account.role(arn);
  if (!role) return trail.refuse("trust policy", "notAuthorized", `there is no ${arn} in the account of ${provider}`);
  return role;
}

/** Keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml */
function checkTrust(
  response: ReadResponse,
  role: Readonly<RoleState>,
  provider: SamlProviderState,
  sessionName: string,
  trail: ChainLog,
): void {
  const document = `${provider.arn.split(":")[4]}/${provider.name}`;
  const shortFormat = /:nameid-format:(persistent|transient)$/.exec(response.nameIdFormat)?.[1];
  const context = {
    "SAML:aud": response.recipient,
    "SAML:iss": response.issuer,
    "SAML:sub": response.nameId,
    "SAML:sub_type": shortFormat ?? response.nameIdFormat,
    "SAML:doc": document,
    "SAML:namequalifier": createHash("sha1").update(`${response.issuer}${document}`).digest("base64"),
    "sts:RoleSessionName": sessionName,
    "sts:SourceIdentity": response.attributes.get(`${ATTRIBUTES}/SourceIdentity`)?.[0] ?? null,
  };
  const trust = [parsePolicyDocument(role.assumeRolePolicyDocument)];
  const principal = { type: "Federated", id: provider.arn };
  for (const action of ["sts:AssumeRoleWithSAML", ...furtherActions(response)]) {
    const { outcome, because } = evaluate(trust, { action, principal, context });
    if (outcome === "cannot tell") trail.doubt("trust policy", `${action}: ${because}`);
    if (outcome === "deny") {
      trail.refuse(
        "trust policy",
        "notAuthorized",
        `${action} by ${provider.name} at ${response.recipient}: ${because}`,
      );
    }
  }
  trail.pass("trust policy", `${role.arn} trusts ${provider.name} at ${response.recipient}`);
}

/** Session tags and a source identity need permissions of their own in the trust policy (page on assertions, above). */
function furtherActions({ attributes }: ReadResponse): string[] {
  const names = [...attributes.keys()];
  const tags = names.some(
    (name) => name.startsWith(`${ATTRIBUTES}/PrincipalTag:`) || name === `${ATTRIBUTES}/TransitiveTagKeys`,
  );
  const source = names.includes(`${ATTRIBUTES}/SourceIdentity`);
  return [...(tags ? ["sts:TagSession"] : []), ...(source ? ["sts:SetSourceIdentity"] : [])];
}

// Assumption signin-session-duration, never checked: AWS refuses a SessionDuration outside 900 to 43200 seconds as an invalid response.
/** The console asks for SessionDuration, 900 to 43,200 seconds, and for an hour without it; `SessionNotOnOrAfter` ends it sooner (page on assertions, above). */
function checkDuration(response: ReadResponse, role: Readonly<RoleState>, now: Date, trail: ChainLog): number {
  const [text] = response.attributes.get(`${ATTRIBUTES}/SessionDuration`) ?? [];
  const asked = text === undefined ? DEFAULT_SESSION_SEC : Number(text);
  if (text !== undefined && (!/^\d+$/.test(text) || asked < 900 || asked > 43_200)) {
    trail.refuse("SessionDuration", "invalidResponse", `it is "${text}", AWS takes 900 to 43200 seconds`);
  }
  if (asked > role.maxSessionDuration) {
    trail.refuse("SessionDuration", "tooLong", `${asked} seconds, ${role.name} allows ${role.maxSessionDuration}`);
  }
  const left = response.sessionEnd ? Math.floor((response.sessionEnd.getTime() - now.getTime()) / 1_000) : asked;
  trail.pass("SessionDuration", `${Math.min(asked, left)} seconds, up to ${role.maxSessionDuration} by command line`);
  return Math.min(asked, left);
}
