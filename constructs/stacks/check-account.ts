import { Token } from "cdktf";
import type { Construct } from "constructs";
import { hasId, isGuid, refuseUnless, warnUnless } from "../check";
import { awsCloud } from "../clouds";
import type { BreakGlass } from "../entra/access-policy";
import { type EligibleMembers, longestActivationSec } from "../entra/eligible-members";
import { sharedName } from "../entra/policy-set";
import type { AccountRole, AwsAccountProps } from "./aws-account-props";
import { INCIDENT_POLICY } from "./incident";

/** What cdktf names a stack's backend, and no name at all. */
export const NO_ROLE_NAMES: readonly string[] = ["backend", ""];

/** Reports what no cloud would take of an account's own values. @param regions the account's, or the organization's */
export function checkAccount(stack: Construct, props: AwsAccountProps, regions: readonly string[]): void {
  const { organization, accountId, accountName, appRoles, partition = "aws" } = props;
  const { region, regionExample, regionalEndpoint } = awsCloud(partition);
  const roleNames = Object.keys(props.roles);
  refuseUnless(
    typeof accountId === "string" && /^\d{12}$/.test(accountId),
    stack,
    "accountId",
    accountId,
    "AWS takes 12 digits; write it as a string, so that leading zeros stay",
  );
  refuseUnless(
    /^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$/.test(accountName),
    stack,
    "accountName",
    accountName,
    "names of groups and policies take 1 to 64 letters, digits, spaces, '_', '.' and '-'; choose such a name",
  );
  refuseUnless(
    !accountName.startsWith(sharedName("")),
    stack,
    "accountName",
    accountName,
    `policies of the tenant are called '${sharedName("…")}'; choose another name`,
  );
  refuseUnless(
    organization.company.trim() !== "",
    stack,
    "company",
    organization.company,
    "names of applications begin with it; fill it in",
  );
  refuseUnless(
    isGuid(organization.tenantId),
    stack,
    "tenantId",
    organization.tenantId,
    "Entra takes a GUID; copy the tenant ID from the Entra admin center",
  );
  refuseUnless(
    /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(organization.domain),
    stack,
    "domain",
    organization.domain,
    "Entra takes a domain such as contoso.onmicrosoft.com; copy it from the Entra admin center",
  );
  refuseUnless(
    roleNames.length > 0,
    stack,
    "roles",
    roleNames,
    "an account that nobody can enter needs no stack; add a role",
  );
  refuseUnless(regions.length > 0, stack, "regions", regions, `the AWS provider needs one; add ${regionExample}`);
  const landing = props.landingRegion === undefined ? [] : [["landingRegion", props.landingRegion] as const];
  for (const [prop, value] of [...regions.map((r, i) => [`regions[${i}]`, r] as const), ...landing]) {
    refuseUnless(
      region.test(value),
      stack,
      prop,
      value,
      `partition ${partition} has regions like ${regionExample}; choose one of its own`,
    );
  }
  warnUnless(
    regionalEndpoint !== undefined || regions.length <= 1,
    stack,
    "regions",
    regions,
    `no public page gives regional sign-in endpoints for partition ${partition}; people use the default one`,
  );
  if (appRoles.owner === "declared") {
    for (const [name, id] of Object.entries(appRoles.keepRoleIds)) {
      refuseUnless(
        roleNames.includes(name),
        stack,
        "keepRoleIds",
        name,
        `the account has ${roleNames.join(", ") || "no role"}; name one of them`,
      );
      refuseUnless(
        isGuid(id),
        stack,
        `keepRoleIds.${name}`,
        id,
        "Entra takes a GUID; copy the app role's ID from App registrations > App roles",
      );
    }
  }
  const seen = new Map<string, string>();
  for (const name of roleNames) {
    refuseUnless(!NO_ROLE_NAMES.includes(name), stack, "roles", name, "cdktf needs the word itself; rename the role");
    refuseUnless(
      props.incident === undefined || props.roles[name]?.inlinePolicies?.[INCIDENT_POLICY] === undefined,
      stack,
      `roles.${name}.inlinePolicies`,
      INCIDENT_POLICY,
      "the incident puts a policy of that name into every role; rename yours",
    );
    const same = seen.get(name.toLowerCase());
    refuseUnless(
      same === undefined,
      stack,
      "roles",
      name,
      `IAM takes role names that differ in more than case, and ${same} is there; rename one`,
    );
    seen.set(name.toLowerCase(), name);
  }
  const { sessionDurationSec: session = 3600 } = props.claims ?? {};
  for (const [name, { maxSessionDurationSec: longest = 3600 }] of Object.entries(props.roles)) {
    refuseUnless(
      session <= longest || Token.isUnresolved(longest),
      stack,
      "claims.sessionDurationSec",
      session,
      `AWS takes at most the role's maximum, and ${name} allows ${longest}; shorten the session or raise the role's maxSessionDurationSec`,
    );
  }
  for (const [name, role] of Object.entries(props.roles)) {
    checkEligible(stack, name, role, session);
    warnOfBreakGlass(stack, name, role, organization.breakGlass);
  }
}

/** No policy asks break-glass accounts for anything: who gets a role by them gets it without MFA. */
function warnOfBreakGlass(stack: Construct, name: string, role: AccountRole, breakGlass: BreakGlass): void {
  const { group, membership = "permanent" } = role;
  const { users, groups = [] } = breakGlass;
  const warn = (prop: string, ids: readonly string[], excluded: readonly string[], rule: string) => {
    for (const id of ids) warnUnless(!hasId(excluded, id), stack, `roles.${name}.${prop}`, id, rule);
  };
  warn(
    "group",
    group?.existing === undefined ? [] : [group.existing],
    groups,
    "breakGlass.groups has the same group, so its members enter without MFA; use another group",
  );
  if (membership === "permanent") return;
  warn(
    "membership.groups",
    membership.groups,
    groups,
    "breakGlass.groups has the same group, so who activates enters without MFA; use another group",
  );
  warn(
    "membership.users",
    membership.users,
    users,
    "breakGlass.users has the same account, so it enters without MFA once it has activated; name a person's own account",
  );
}

/** What a role whose members are eligible cannot be. @param session length of the console session in seconds */
function checkEligible(stack: Construct, name: string, role: AccountRole, session: number): void {
  const { membership = "permanent", group, maxSessionDurationSec: longest = 3600 } = role;
  if (membership === "permanent") return;
  refuseUnless(
    typeof group?.protection !== "object",
    stack,
    `roles.${name}.membership`,
    "eligible()",
    "PIM manages no group in a restricted management administrative unit (learn.microsoft.com, admin-units-restricted-management); take 'roleAssignable', or leave the membership permanent",
  );
  warnOfLongSessions(stack, name, membership, { session, longest });
}

/** Sessions of a role that AWS lets run on after an activation has ended: AWS does not learn of its end. All in seconds. */
export function warnOfLongSessions(
  stack: Construct,
  name: string,
  members: EligibleMembers,
  { session, longest }: { readonly session: number; readonly longest: number },
): void {
  const activation = longestActivationSec(members);
  if (activation === undefined) return;
  const shortest = 3600;
  const wayOut =
    activation < shortest
      ? `AWS takes no role with less than ${shortest} s, so raise activation.maximumHours to 1 at least`
      : "shorten them, or raise activation.maximumHours";
  // The console's session is never longer than the role's longest.
  warnUnless(
    longest <= activation || Token.isUnresolved(longest),
    stack,
    `roles.${name}.maxSessionDurationSec`,
    longest,
    `an activation ends after ${activation} s at the latest, and AWS ends no session with it: the console's runs for ${session} s, a command line tool's for up to ${longest} s; ${wayOut}`,
  );
}
