import { ConditionalAccessPolicy } from "@cdktf/provider-azuread/lib/conditional-access-policy";
import type { Group } from "@cdktf/provider-azuread/lib/group";
import { Annotations, type TerraformStack } from "cdktf";
import { LogBucket } from "../baseline/log-bucket";
import { check, hasId } from "../check";
import type { AccountBaselineStack } from "./account-baseline-stack";
import type { AwsAccountStack, RoleAccess } from "./aws-account-stack";
import { warnOfLongSessions } from "./check-account";
import { warnOfOrganizationSamples, warnOfSamples } from "./samples";
import type { TenantStack } from "./tenant-stack";

/**
 * Reports what no stack can tell alone: two accounts that share what must be unique, more policies than the tenant takes, and
 * sample values that are still in place.
 */
export function checkTogether(stacks: readonly AwsAccountStack[], tenant?: TenantStack): void {
  refuseEqual(stacks, "accountId", "one AWS account has one stack; correct one of them", (stack) => [
    stack.account.accountId,
  ]);
  refuseEqual(
    stacks,
    "accountName",
    "policies are told apart by it, in Entra and in the guards of a plan; give the accounts different names",
    (stack) => [stack.accountName],
  );
  refuseEqual(stacks, "application name", "Entra takes a name once; give the accounts different names", (stack) => [
    stack.app.displayName,
  ]);
  refuseEqual(stacks, "identifier", "Entra takes an identifier once in a tenant; correct accountId", (stack) => [
    stack.app.identifier,
  ]);
  refuseEqual(
    stacks,
    "group name",
    "two accounts would share their people; give the accounts different names",
    (stack) => madeGroups(stack).flatMap(({ displayNameInput }) => displayNameInput ?? []),
  );
  refuseEqual(
    stacks,
    "test user",
    "Entra takes a user name once; give the accounts different test users",
    (stack) => stack.testUserNames,
  );
  refuseSharedWithoutTenant(stacks, tenant);
  refuseTooManyPolicies(tenant ? [tenant, ...stacks] : stacks);
  refuseEqual(
    stacks,
    "eligible group",
    "Entra has one set of activation rules for a group; give each role a group of its own",
    (stack) => existingGroups(stack).flatMap(({ eligible, id }) => (eligible ? [id] : [])),
  );
  checkEligibleElsewhere(stacks);
  refuseTooManyRoleAssignable(stacks);
  const all = tenant ? [...stacks, tenant] : stacks;
  warnOfSamples(all);
  warnOfOrganizationSamples(all);
}

/** The same for the baselines of accounts. */
export function checkBaselines(baselines: readonly AccountBaselineStack[]): void {
  refuseEqual(baselines, "account.accountId", "one AWS account has one baseline; correct one of them", (stack) => [
    stack.account.accountId,
  ]);
  refuseEqual(
    baselines,
    "alias",
    "AWS takes an alias once; give the accounts different ones",
    ({ props: { alias } }) => (alias === undefined ? [] : [alias]),
  );
  refuseEqual(baselines, "bucket name", "AWS takes a name once; give the buckets different names", ({ node }) =>
    node.findAll().flatMap((construct) => (construct instanceof LogBucket ? [construct.bucketName] : [])),
  );
  warnOfSamples(baselines);
}

function refuseSharedWithoutTenant(stacks: readonly AwsAccountStack[], tenant: TenantStack | undefined): void {
  for (const stack of stacks) {
    check(stack, "conditionalAccess", stack.policySetName).must(
      stack.policySetName === undefined || tenant !== undefined,
      "its policies are shared, and no stack makes them; add the tenant to main.ts, or set conditionalAccess.policies to 'perAccount' in organization.ts",
    );
  }
}

/** "A maximum of 240", in any state: https://learn.microsoft.com/entra/identity/conditional-access/plan-conditional-access (June 2026; 195 until April 2026). */
const MAX_POLICIES = 240;

/** Said once, at the first stack: the limit is the tenant's, and no stack is to blame alone. */
function refuseTooManyPolicies(stacks: readonly (AwsAccountStack | TenantStack)[]): void {
  const [first] = stacks;
  if (!first) return;
  const { budget = MAX_POLICIES } = first.organization.conditionalAccess ?? {};
  check(first, "conditionalAccess.budget", budget).must(
    Number.isInteger(budget) && budget >= 1 && budget <= MAX_POLICIES,
    `Entra takes ${MAX_POLICIES} policies in a tenant; choose a number from 1 to ${MAX_POLICIES}`,
  );
  const made = stacks.flatMap((stack) => stack.node.findAll().filter(isPolicy)).length;
  check(first, "number of Conditional Access policies in all stacks", made).must(
    made <= budget,
    `the organization's budget is ${budget} of the ${MAX_POLICIES} that Entra takes in a tenant; have accounts name a policy set and share its policies (conditionalAccess.policies), or ask for less: each role with a 'require' or 'signInFrequency' of its own has a policy in its account`,
  );
}

const isPolicy = (construct: unknown): construct is ConditionalAccessPolicy =>
  construct instanceof ConditionalAccessPolicy;

/** The groups of a stack's roles that somebody else made. */
function existingGroups(stack: AwsAccountStack): (RoleAccess & { name: string; id: string })[] {
  return [...stack.roles].flatMap(([name, access]) =>
    access.group.resource ? [] : [{ ...access, name, id: access.group.objectId }],
  );
}

/** The groups that a stack makes. */
function madeGroups(stack: AwsAccountStack): Group[] {
  return [...stack.roles.values()].flatMap(({ group }) => group.resource ?? []);
}

/** A membership that is activated for one role is activated for every role that the group opens, whatever their files say. */
function checkEligibleElsewhere(stacks: readonly AwsAccountStack[]): void {
  const roles = stacks.flatMap((stack) => existingGroups(stack).map((group) => ({ stack, ...group })));
  const activated = roles.flatMap(({ stack, name, id, eligible }) => (eligible ? [{ stack, name, id, eligible }] : []));
  for (const { stack, name, id, role, eligible } of roles) {
    const same = activated.find((other) => hasId([other.id], id));
    if (!same || eligible) continue;
    check(stack, `roles.${name}.membership`, "permanent").must(
      false,
      `${same.stack.node.id} has eligible members for ${same.name} in the same group '${id}', who activate for both; give each role a group of its own`,
    );
    const { maxSessionDurationSec: longest } = role;
    warnOfLongSessions(stack, name, same.eligible, { session: stack.signOn.sessionDurationSec, longest });
  }
}

/** Every repetition names the stack that had the value first; case does not make a difference, as in both clouds. */
function refuseEqual<Stack extends TerraformStack>(
  stacks: readonly Stack[],
  what: string,
  rule: string,
  valuesOf: (stack: Stack) => readonly string[],
): void {
  const first = new Map<string, Stack>();
  for (const stack of stacks) {
    for (const value of valuesOf(stack)) {
      const owner = first.get(value.toLowerCase());
      if (owner) Annotations.of(stack).addError(`${what} is '${value}', ${owner.node.id} has the same: ${rule}`);
      else first.set(value.toLowerCase(), stack);
    }
  }
}

/** https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept */
const MAX_ROLE_ASSIGNABLE = 500;

function refuseTooManyRoleAssignable(stacks: readonly AwsAccountStack[]): void {
  const groups = stacks.flatMap((stack) =>
    madeGroups(stack).flatMap(({ assignableToRoleInput }) => (assignableToRoleInput === true ? [stack] : [])),
  );
  const [beyond] = groups.slice(MAX_ROLE_ASSIGNABLE);
  if (!beyond) return;
  check(beyond, "number of role-assignable groups in all accounts", groups.length).must(
    false,
    `Entra takes ${MAX_ROLE_ASSIGNABLE} in a tenant, those made elsewhere included; protect the groups of administrators alone`,
  );
}
