import type { Partition } from "../clouds";

/** ARN of a managed policy: `AmazonS3FullAccess` and `job-function/ViewOnlyAccess` are AWS's own, an ARN stays what it is. */
export function managedPolicyArn(partition: Partition, policy: string): string {
  return policy.startsWith("arn:") ? policy : `arn:${partition}:iam::aws:policy/${policy}`;
}

/** Whether it has the form of an ARN of a managed policy, or of the short name of an AWS one. */
export function isManagedPolicy(policy: string): boolean {
  return (
    /^arn:[a-z-]+:iam::(aws|\d{12}):policy\/[\w+=,.@/-]+$/.test(policy) || /^[\w+=,.@-]+(\/[\w+=,.@-]+)*$/.test(policy)
  );
}
