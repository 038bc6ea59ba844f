import documents from "./documents.json";
import published from "./names.json";

// Assumption aws-managed-policy-list, never checked: The AWS managed policies are those of the commercial partition on the day the list was
// made; other partitions are held to have the same.
const names: ReadonlySet<string> = new Set(published.names);
const texts: Readonly<Record<string, { document: unknown }>> = documents;

/** The day whose AWS managed policies are known here. */
export const managedPoliciesAsOf = published.asOf;

/** `job-function/ViewOnlyAccess` of `arn:aws:iam::aws:policy/job-function/ViewOnlyAccess`; `undefined` for any other ARN. */
export function managedPolicyName(partition: string, arn: string): string | undefined {
  const start = `arn:${partition}:iam::aws:policy/`;
  return arn.startsWith(start) ? arn.slice(start.length) : undefined;
}

/** Whether AWS publishes a managed policy of this path and name. */
export function isManagedPolicy(name: string): boolean {
  return names.has(name);
}

/** What a well-known managed policy allows, as JSON text; `undefined` where the document is not kept here. */
export function managedPolicyDocument(name: string): string | undefined {
  const known = texts[name];
  return known && JSON.stringify(known.document);
}
