import type { Decision } from "../../../local-cloud/cloud/aws/policy";
import type { Cloud } from "../../../local-cloud/cloud/cloud";

/** A role that the person may take. */
export interface Session {
  readonly roleArn: string;
  /** `Developer / anna@contoso.com / 111122223333`, what AWS shows and logs. */
  readonly title: string;
  readonly roleName: string;
  readonly sessionName: string;
  /** `AROA…:anna@contoso.com`, what policies know the session by: `aws:userid`. */
  readonly userId: string;
  /** `aws:TokenIssueTime`, to the second. */
  readonly issuedAt: string;
  readonly accountId: string;
  /** ARN of the SAML provider that vouched for the person. */
  readonly providerArn: string;
  /** Length of a console session, in seconds. */
  readonly consoleSec: number;
  /** Longest session that a tool may ask for, in seconds. */
  readonly longestSec: number;
  readonly probes: readonly { readonly action: string; readonly outcome: "allow" | "deny" | "cannot tell" }[];
}

// Assumption signin-session-keys, never checked: A session of a SAML provider carries the time of issue, aws:userid as role id and session
// name, and the keys of its principal; whether it carries keys of a second factor is not known here.
/**
 * What AWS answers to a request that a session makes at this moment. The role's policies of now decide, not those of the sign-in: that
 * is how an open session is ended. The keys and what a session of a SAML provider carries in them:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and, for `aws:userid`,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-infotouse
 */
export function ask(
  cloud: Cloud,
  session: Omit<Session, "probes">,
  action: string,
  /** ARN of what the request is about. */
  resource = "*",
): Decision {
  const ends = new Date(session.issuedAt).getTime() + session.consoleSec * 1_000;
  if (cloud.clock.now().getTime() >= ends) return { outcome: "deny", because: "the session has ended" };
  const account = cloud.account(session.accountId);
  const role = account.role(session.roleArn);
  // A role that was replaced under the same name is another one, and knows nothing of the sessions of the old.
  if (!role || role.id !== session.userId.split(":")[0]) return { outcome: "deny", because: "the role is gone" };
  return account.roles.allows(role.name, {
    action,
    resource,
    principal: { type: "AWS", id: role.arn },
    context: {
      "aws:TokenIssueTime": session.issuedAt,
      "aws:userid": session.userId,
      "aws:PrincipalArn": role.arn,
      "aws:PrincipalAccount": session.accountId,
      "aws:PrincipalType": "AssumedRole",
      "aws:FederatedProvider": session.providerArn,
      "aws:CurrentTime": cloud.clock.now().toISOString(),
      // Only users have one.
      "aws:username": null,
    },
  });
}
