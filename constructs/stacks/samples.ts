import { Annotations, TerraformBackend } from "cdktf";
import type { AccountBaselineStack } from "./account-baseline-stack";
import type { AwsAccountStack } from "./aws-account-stack";
import type { OrganizationStack } from "./organization-stack";
import type { TenantStack } from "./tenant-stack";

/** Every sample value that the files of this project ship with, alone or inside another value. A test holds the list against the files. */
const SAMPLES: readonly RegExp[] = [
  // Microsoft's fictitious company: its name, domains, mail addresses and buckets.
  /contoso/i,
  // Object IDs: no tenant gives one out that begins with zeros.
  /^00000000-0000-0000-0000-/,
  // Account ids that AWS uses in its documentation, alone and in ARNs.
  /\b(111122223333|444455556666|123456789012|999988887777)\b/,
  // Telephone numbers for fiction: 555-0100 to 555-0199 in North America.
  /\b555[ -]?01\d\d\b/,
  // Networks for documentation: https://www.rfc-editor.org/rfc/rfc5737
  /^(192\.0\.2|198\.51\.100|203\.0\.113)\./,
];

/** Names each sample value of a stack's own options that is still in place. */
export function warnOfSamples(stacks: readonly (AwsAccountStack | AccountBaselineStack | TenantStack)[]): void {
  for (const stack of stacks) {
    const { organization: _, ...own } = { organization: undefined, ...stack.props };
    // What else a baseline knows of its account stands in the account's file, and is named there.
    if ("account" in own) own.account = { accountId: own.account.accountId, accountName: own.account.accountName };
    warn(stack, samples(own), "fill in your own");
  }
}

/** The same for the organization. Once, at the first stack: it is the same for all. */
export function warnOfOrganizationSamples([first]: readonly OrganizationStack[]): void {
  if (!first) return;
  // A function makes the backend, so its values are read from what it made.
  const backend = first.node.findAll().find(TerraformBackend.isBackend)?.toTerraform().terraform?.backend;
  const found = [...samples(first.organization), ...samples({ backend })];
  warn(
    first,
    found.map(([path, value]) => [`organization.${path}`, value]),
    "fill in your own in stacks/organization.ts",
  );
}

function warn(stack: OrganizationStack, found: readonly [string, string][], what: string): void {
  for (const [path, value] of found) Annotations.of(stack).addWarning(`${path} is '${value}', a sample; ${what}`);
}

function samples(values: unknown, path = ""): [string, string][] {
  if (typeof values === "string") return SAMPLES.some((sample) => sample.test(values)) ? [[path, values]] : [];
  if (typeof values !== "object" || values === null) return [];
  return Object.entries(values).flatMap(([key, inner]) => samples(inner, path ? `${path}.${key}` : key));
}
