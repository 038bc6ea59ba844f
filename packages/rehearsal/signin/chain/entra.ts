import type { Cloud } from "../../../local-cloud/cloud/cloud";
import type { ServicePrincipalView } from "../../../local-cloud/cloud/entra/service-principals";
import type { User } from "../../../local-cloud/cloud/entra/state";
import type { Tenant } from "../../../local-cloud/cloud/entra/tenant";
import { samlResponse, signAssertion } from "./assertion";
import type { Circumstances } from "./circumstances";
import { claimsOf, NAME_ID } from "./claims";
import { type AccessDecision, conditionalAccess } from "./conditional-access";
import type { Method, Mfa } from "./methods";
import { Broken, ChainLog, type Step } from "./verdict";

/** An application in a tenant, as a person or a tool names it. */
export interface AppReference {
  readonly tenantId: string;
  /** Identifier (Entity ID): `https://signin.aws.amazon.com/saml#<account id>`. */
  readonly identifier: string;
}

export interface EntraSignIn extends AppReference, Circumstances {
  /** Object id of the user. */
  readonly userId: string;
  /** What the person shows beside the password. */
  readonly mfa: Mfa;
  /** Reply URL that a tool asks for. @default - the application's default one */
  readonly endpoint?: string;
}

/** What leaves Entra in the person's browser. */
export interface Posted {
  /** Where the browser posts it. */
  readonly endpoint: string;
  /** The response, XML. */
  readonly response: string;
}

export interface EntraHalf {
  readonly steps: readonly Step[];
  /** Absent when Entra refused, or nobody can tell. */
  readonly posted?: Posted;
  /** Methods that Conditional Access accepts; absent where it asks for none. */
  readonly accepted?: readonly Method[];
  /** What Conditional Access makes of the session: "through Defender for Cloud Apps (monitorOnly)"; absent before it was asked. */
  readonly session?: readonly string[];
}

const AWS_ATTRIBUTES = "https://aws.amazon.com/saml/attributes/";

/** A person signs in to an application; reads the tenant, changes nothing in it. */
export function signInToEntra(cloud: Cloud, request: EntraSignIn): EntraHalf {
  const trail = new ChainLog();
  let access: AccessDecision | undefined;
  const told = () => ({ accepted: access?.accepted, session: access?.session });
  try {
    const tenant = cloud.tenant(request.tenantId);
    const principal = application(tenant, request.identifier, trail);
    const user = person(tenant, request.userId, trail);
    const endpoint = replyUrl(principal, request, trail);
    const assignedRoles = assignments(tenant, principal, user, trail);
    access = conditionalAccess(tenant, { ...request, user, appId: principal.appId });
    admit(access, trail);
    const response = issue(cloud, tenant, principal, { user, assignedRoles }, request, endpoint, trail);
    return { steps: trail.steps, posted: { endpoint, response }, ...told() };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { steps: [...trail.steps, error.step], ...told() };
  }
}

// Assumption signin-saml-mode, never checked: An application whose single sign-on is not SAML sends nobody to AWS.
function application(tenant: Tenant, identifier: string, trail: ChainLog): ServicePrincipalView {
  const found = tenant.servicePrincipals.byIdentifier(identifier);
  if (!found)
    return trail.refuse("application", "applicationNotFound", `no application has the identifier ${identifier}`);
  if (!found.accountEnabled) {
    trail.refuse("application", "applicationDisabled", `"${found.displayName}" is not enabled for users to sign in`);
  }
  if (found.preferredSingleSignOnMode !== "saml") {
    const mode = found.preferredSingleSignOnMode ?? "off";
    trail.refuse("application", "noSamlMode", `single sign-on of "${found.displayName}" is ${mode}, not SAML`);
  }
  trail.pass("application", `"${found.displayName}" has the identifier ${identifier}`);
  return found;
}

function person(tenant: Tenant, userId: string, trail: ChainLog): User {
  const user = tenant.users.get(userId);
  if (!user.accountEnabled) trail.refuse("person", "personDisabled", `${user.userPrincipalName} is disabled`);
  trail.pass("person", `${user.userPrincipalName} is enabled`);
  return user;
}

// Assumption signin-default-reply-url, never checked: A sign-in from My Apps goes to the reply URL that equals the identifier without its #
// part, else to the first one listed.
/** Without a tool that asks for one, the default reply URL: the one that equals the identifier, else the first (assumption signin-default-reply-url). */
function replyUrl({ replyUrls }: ServicePrincipalView, { identifier, endpoint }: EntraSignIn, trail: ChainLog): string {
  const chosen = endpoint ?? (replyUrls.includes(cut(identifier)) ? cut(identifier) : replyUrls[0]);
  if (chosen === undefined || !replyUrls.includes(chosen)) {
    return trail.refuse("reply URL", "replyUrl", `${chosen ?? "none"} is not among ${replyUrls.join(", ") || "none"}`);
  }
  trail.pass("reply URL", chosen);
  return chosen;
}

/**
 * Values of the app roles that the person or a group with the person as a direct member holds: "nested group memberships aren't
 * supported" (https://learn.microsoft.com/entra/identity/enterprise-apps/assign-user-or-group-access-portal).
 */
function assignments(tenant: Tenant, principal: ServicePrincipalView, user: User, trail: ChainLog): string[] {
  const groups = tenant.groups.directlyContaining(user.id);
  const holders = new Set([user.id, ...groups.map(({ id }) => id)]);
  const held = tenant.appRoleAssignments.ofResource(principal.id).filter(({ principalId }) => holders.has(principalId));
  if (held.length === 0 && principal.appRoleAssignmentRequired) {
    const where = groups.map(({ displayName }) => displayName).join(", ") || "no group";
    const eligible = tenant.activations.groupsFor(user.id).map((id) => tenant.groups.get(id).displayName);
    const hint = eligible.length > 0 ? `; eligible, and not activated: ${eligible.join(", ")}` : "";
    const because = `neither the person nor a group of theirs (${where}) is assigned${hint}`;
    return trail.refuse("assignment", "notAssigned", because);
  }
  const roles = held.flatMap(({ appRoleId, principalDisplayName }) => {
    const role = principal.appRoles.find(({ id }) => id === appRoleId);
    return role ? [{ role, by: principalDisplayName }] : [];
  });
  // A disabled role stays assigned and its claim is not sent (assumption entra-disabled-role-not-assignable).
  const sent = roles.filter(({ role }) => role.isEnabled && role.value);
  const names = roles.map(({ role, by }) => `${role.displayName} by ${by}${role.isEnabled ? "" : " (disabled)"}`);
  trail.pass("assignment", names.join("; ") || "assignment is not required");
  return [...new Set(sent.flatMap(({ role }) => role.value ?? []))].sort();
}

function admit({ outcome, refusal, because }: AccessDecision, trail: ChainLog): void {
  if (refusal) trail.refuse("Conditional Access", refusal, because);
  if (outcome === "cannot tell") trail.doubt("Conditional Access", because);
  trail.pass("Conditional Access", because);
}

function issue(
  cloud: Cloud,
  tenant: Tenant,
  principal: ServicePrincipalView,
  subject: { user: User; assignedRoles: readonly string[] },
  { identifier }: EntraSignIn,
  recipient: string,
  trail: ChainLog,
): string {
  const [policy] = tenant.claimsMappingPolicies.assignedTo(principal.id);
  const now = cloud.clock.now();
  const claims = claimsOf(subject, policy);
  // AWS reads these and the NameID alone; what else a policy sends does not decide.
  const doubtful = [...claims.doubts].find(
    ([name]) => name === NAME_ID || name.toLowerCase().startsWith(AWS_ATTRIBUTES),
  );
  if (doubtful) trail.doubt("claims", `${doubtful[0]}: ${doubtful[1]}`);
  trail.pass(
    "claims",
    policy
      ? `"${policy.displayName}" makes ${[...claims.attributes.keys()].map(tail).join(", ")}`
      : "no claims mapping policy is assigned",
  );

  const active = tenant.signingCertificates.list(principal.id).find((certificate) => certificate.active);
  if (!active) {
    const without = "no signing certificate of the application is active";
    // Without custom claims Entra signs with a key of the tenant, which is not modelled.
    return policy
      ? trail.refuse("signing certificate", "noSigningKey", without)
      : trail.doubt("signing certificate", without);
  }
  // AADSTS50146 names a key that has expired as one cause (assumption signin-expired-certificate).
  // Assumption signin-expired-certificate, never checked: Entra refuses to sign with an expired certificate (AADSTS50146 names an expired
  // key; reports about SAML applications differ). AWS does not look at a certificate's dates.
  if (new Date(active.endDateTime) <= now) {
    trail.refuse("signing certificate", "noSigningKey", `${active.displayName} expired on ${active.endDateTime}`);
  }
  trail.pass("signing certificate", `${active.displayName}, ${active.thumbprint}, valid until ${active.endDateTime}`);
  const response = samlResponse({
    // https://learn.microsoft.com/entra/identity-platform/federation-metadata
    issuer: `https://sts.windows.net/${tenant.id}/`,
    audience: cut(identifier),
    recipient,
    nameId: claims.nameId,
    attributes: claims.attributes,
    issuedAt: now,
  });
  return signAssertion(response, {
    certificate: active.certificate,
    sign: (data) => {
      const signed = tenant.signingCertificates.sign(principal.id, data);
      return (
        signed?.signature ??
        trail.doubt("signing certificate", `the tenant has no private key of ${active.displayName}`)
      );
    },
  });
}

/** Entra cuts the part from `#` on: https://learn.microsoft.com/entra/identity/saas-apps/amazon-web-service-tutorial */
const cut = (identifier: string): string => identifier.split("#")[0] ?? identifier;
const tail = (name: string): string => name.slice(name.lastIndexOf("/") + 1);
