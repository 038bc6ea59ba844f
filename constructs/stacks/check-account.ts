import { Token } from "cdktf";
import type { Construct } from "constructs";
import { check, hasId } from "../check";
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
  check(stack, "accountId", accountId).isAccountId();
  check(stack, "accountName", accountName).matches(
    /^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$/,
    "names of groups and policies take 1 to 64 letters, digits, spaces, '_', '.' and '-'; choose such a name",
  );
  check(stack, "accountName", accountName).must(
    !accountName.startsWith(sharedName("")),
    `policies of the tenant are called '${sharedName("…")}'; choose another name`,
  );
  check(stack, "company", organization.company).must(
    organization.company.trim() !== "",
    "names of applications begin with it; fill it in",
  );
  check(stack, "tenantId", organization.tenantId).isGuid("the tenant ID from the Entra admin center");
  check(stack, "domain", organization.domain).matches(
    /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i,
    "Entra takes a domain such as contoso.onmicrosoft.com; copy it from the Entra admin center",
  );
  check(stack, "roles", roleNames).must(
    roleNames.length > 0,
    "an account that nobody can enter needs no stack; add a role",
  );
  check(stack, "regions", regions).must(regions.length > 0, `the AWS provider needs one; add ${regionExample}`);
  const landing = props.landingRegion === undefined ? [] : [["landingRegion", props.landingRegion] as const];
  for (const [prop, value] of [...regions.map((r, i) => [`regions[${i}]`, r] as const), ...landing]) {
    check(stack, prop, value).matches(
      region,
      `partition ${partition} has regions like ${regionExample}; choose one of its own`,
    );
  }
  check(stack, "regions", regions).should(
    regionalEndpoint !== undefined || regions.length <= 1,
    `no public page gives regional sign-in endpoints for partition ${partition}; people use the default one`,
  );
  if (appRoles.owner === "declared") {
    for (const [name, id] of Object.entries(appRoles.keepRoleIds)) {
      check(stack, "keepRoleIds", name).must(
        roleNames.includes(name),
        `the account has ${roleNames.join(", ") || "no role"}; name one of them`,
      );
      check(stack, `keepRoleIds.${name}`, id).isGuid("the app role's ID from App registrations > App roles");
    }
  }
  const seen = new Map<string, string>();
  for (const name of roleNames) {
    check(stack, "roles", name).must(!NO_ROLE_NAMES.includes(name), "cdktf needs the word itself; rename the role");
    check(stack, `roles.${name}.inlinePolicies`, INCIDENT_POLICY).must(
      props.incident === undefined || props.roles[name]?.inlinePolicies?.[INCIDENT_POLICY] === undefined,
      "the incident puts a policy of that name into every role; rename yours",
    );
    const same = seen.get(name.toLowerCase());
    check(stack, "roles", name).must(
      same === undefined,
      `IAM takes role names that differ in more than case, and ${same} is there; rename one`,
    );
    seen.set(name.toLowerCase(), name);
  }
  const { sessionDurationSec: session = 3600 } = props.claims ?? {};
  for (const [name, { maxSessionDurationSec: longest = 3600 }] of Object.entries(props.roles)) {
    check(stack, "claims.sessionDurationSec", session).must(
      session <= longest || Token.isUnresolved(longest),
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
    for (const id of ids) check(stack, `roles.${name}.${prop}`, id).should(!hasId(excluded, id), rule);
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
  check(stack, `roles.${name}.membership`, "eligible()").must(
    typeof group?.protection !== "object",
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
  check(stack, `roles.${name}.maxSessionDurationSec`, longest).should(
    longest <= activation || Token.isUnresolved(longest),
    `an activation ends after ${activation} s at the latest, and AWS ends no session with it: the console's runs for ${session} s, a command line tool's for up to ${longest} s; ${wayOut}`,
  );
}
