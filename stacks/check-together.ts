import { Annotations } from "cdktf";
import type { AwsAccountStack, Organization } from "./aws-account-stack";

/** Reports what no account can tell alone: two that share what must be unique, and sample values that are still in place. */
export function checkTogether(stacks: readonly AwsAccountStack[]): void {
  refuseEqual(stacks, "accountId", "one AWS account has one stack; correct one of them", (stack) => [
    stack.account.accountId,
  ]);
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
    (stack) => stack.groupNames,
  );
  refuseEqual(
    stacks,
    "test user",
    "Entra takes a user name once; give the accounts different test users",
    (stack) => stack.testUserNames,
  );
  warnOfSamples(stacks);
}

/** Every repetition names the stack that had the value first; case does not make a difference, as in both clouds. */
function refuseEqual(
  stacks: readonly AwsAccountStack[],
  what: string,
  rule: string,
  valuesOf: (stack: AwsAccountStack) => readonly string[],
): void {
  const first = new Map<string, AwsAccountStack>();
  for (const stack of stacks) {
    for (const value of valuesOf(stack)) {
      const owner = first.get(value.toLowerCase());
      if (owner) Annotations.of(stack).addError(`${what} is '${value}', ${owner.node.id} has the same: ${rule}`);
      else first.set(value.toLowerCase(), stack);
    }
  }
}

/** Contoso is Microsoft's fictitious company, and AWS uses these account ids in its documentation. */
const SAMPLE = /contoso|^00000000-0000-0000-0000-|^(111122223333|444455556666|123456789012)$/i;

function warnOfSamples(stacks: readonly AwsAccountStack[]): void {
  for (const stack of stacks) {
    if (SAMPLE.test(stack.account.accountId)) {
      Annotations.of(stack).addWarning(
        `accountId is '${stack.account.accountId}', a sample; fill in the id of your account`,
      );
    }
  }
  // Once, at the first stack: the organization is the same for all.
  const [first] = stacks;
  if (!first) return;
  for (const [path, value] of samples(first.organization)) {
    Annotations.of(first).addWarning(
      `organization.${path} is '${value}', a sample; fill in your own in stacks/organization.ts`,
    );
  }
}

function samples(organization: Organization): [string, string][] {
  const strings = (value: unknown, path: string): [string, string][] => {
    if (typeof value === "string") return [[path, value]];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => strings(inner, path ? `${path}.${key}` : key));
  };
  return strings(organization, "").filter(([, value]) => SAMPLE.test(value));
}
