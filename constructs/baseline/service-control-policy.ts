import type { Partition } from "../clouds";
import type { PolicyDocument, PolicyStatement } from "../trust-policy";
import { AlarmTopic } from "./alarm-topic";
import { EventForwarding } from "./event-forwarding";
import { KeysBoundary, LONG_LIVED_CREDENTIALS } from "./keys-boundary";
import { Trail } from "./trail";
import { AccountWatch } from "./watch";

/** What an organization's service control policy protects in its member accounts. */
export interface ServiceControlPolicyProps {
  /** Name of the role that deploys the federation in every account: it alone changes the identity provider and the federated roles. */
  readonly federationRole: string;
  /** Name of the role that deploys the baselines: it alone changes trail, alarms and break-glass. The same name, if it is one role. */
  readonly baselineRole: string;
  /** Names of the federated roles, with their path if they have one. */
  readonly federatedRoles: readonly string[];
  /** Name of the break-glass role or user. @default - none */
  readonly breakGlass?: { readonly role: string } | { readonly user: string };
  /** @default "aws" */
  readonly partition?: Partition;
}

/** Characters of a service control policy, white space included. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
export const MAX_SERVICE_CONTROL_POLICY = 5120;

/**
 * A service control policy for the accounts: the federation is changed by the role that deploys it, trail and alarms by the role that deploys
 * the baseline, and both by break-glass; nobody else makes an IAM user or a credential, nor do they outside `Svc-` and the break-glass user.
 * It reaches the root user too. It does not reach the management account, where nothing stops an administrator but the alarms.
 *
 * A document, not a resource: it belongs to whoever answers for the organization, and stands in docs/policies. Give a break-glass user its
 * password first, and attach the policy to one account before the others.
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
 */
export function serviceControlPolicy(props: ServiceControlPolicyProps): PolicyDocument {
  const { federationRole, baselineRole, federatedRoles, breakGlass, partition = "aws" } = props;
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:*:*:${resource}`;
  const iam = (resource: string) => `arn:${partition}:iam::*:${resource}`;
  const user = breakGlass && "user" in breakGlass ? [iam(`user/${breakGlass.user}`)] : [];
  const role = breakGlass && "role" in breakGlass ? [iam(`role/${breakGlass.role}`)] : [];
  // The way in for the day when the federation is broken must be able to mend it; it raises alarms of its own.
  const allBut = (...roles: readonly string[]) => ({
    ArnNotLike: { "aws:PrincipalArn": [...new Set(roles.map((name) => iam(`role/${name}`))), ...role, ...user] },
  });
  const protect = (
    deployRole: string,
    Sid: string,
    Action: readonly string[],
    Resource: readonly string[],
  ): PolicyStatement => ({ Sid, Effect: "Deny", Action, Resource, Condition: allBut(deployRole) });
  const keys = protect(
    baselineRole,
    "Keys",
    ["kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy"],
    [arn("kms", "key/*")],
  );
  const aliases = [`alias/${AlarmTopic.topicName}`, `alias/${Trail.trailName}`];
  return {
    Version: "2012-10-17",
    Statement: [
      protect(
        federationRole,
        "IdentityProvider",
        ["iam:CreateSAMLProvider", "iam:UpdateSAMLProvider", "iam:DeleteSAMLProvider"],
        // Any provider: a second one would be a second way in.
        [iam("saml-provider/*")],
      ),
      protect(
        federationRole,
        "Roles",
        ROLE_CHANGES,
        federatedRoles.map((name) => iam(`role/${name}`)),
      ),
      protect(baselineRole, "OwnRoles", ROLE_CHANGES, [iam(`role/${EventForwarding.roleName}`), ...role]),
      protect(
        baselineRole,
        "Boundary",
        ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicyVersion", "iam:DeletePolicy"],
        [iam(`policy/${KeysBoundary.policyName}`)],
      ),
      protect(
        baselineRole,
        "Trail",
        ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors"],
        [arn("cloudtrail", `trail/${Trail.trailName}`)],
      ),
      protect(
        baselineRole,
        "Rules",
        ["events:PutRule", "events:DeleteRule", "events:DisableRule", "events:PutTargets", "events:RemoveTargets"],
        [arn("events", `rule/${AccountWatch.prefix}*`)],
      ),
      protect(
        baselineRole,
        "Topic",
        [
          "sns:DeleteTopic",
          "sns:SetTopicAttributes",
          "sns:AddPermission",
          "sns:RemovePermission",
          "sns:Unsubscribe",
          "sns:SetSubscriptionAttributes",
        ],
        [arn("sns", AlarmTopic.topicName), arn("sns", `${AlarmTopic.topicName}:*`)],
      ),
      { ...keys, Condition: { ...keys.Condition, "ForAnyValue:StringEquals": { "kms:ResourceAliases": aliases } } },
      protect(
        baselineRole,
        "Aliases",
        ["kms:DeleteAlias", "kms:UpdateAlias"],
        aliases.map((alias) => arn("kms", alias)),
      ),
      {
        Sid: "CredentialsByDeploysOnly",
        Effect: "Deny",
        Action: LONG_LIVED_CREDENTIALS,
        Resource: "*",
        Condition: allBut(federationRole, baselineRole),
      },
      {
        Sid: "CredentialsForServiceAccountsOnly",
        Effect: "Deny",
        Action: LONG_LIVED_CREDENTIALS,
        NotResource: [iam("user/Svc-*"), ...user],
      },
    ],
  };
}

/** What could change what a role may do, or who may assume it. */
const ROLE_CHANGES = [
  "iam:UpdateAssumeRolePolicy",
  "iam:DeleteRole",
  "iam:UpdateRole",
  "iam:AttachRolePolicy",
  "iam:DetachRolePolicy",
  "iam:PutRolePolicy",
  "iam:DeleteRolePolicy",
  "iam:PutRolePermissionsBoundary",
  "iam:DeleteRolePermissionsBoundary",
] as const;
