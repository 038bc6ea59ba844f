import type { PolicyDocument, PolicyStatement } from "../aws/trust-policy";
import type { Partition } from "../clouds";
import { AlarmTopic } from "./alarm-topic";
import { BreakGlass } from "./break-glass";
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
  /**
   * Name of the role by which the organization sets an account up, `OrganizationAccountAccessRole` where AWS made the account: it alone changes
   * the two roles that deploy, and itself.
   * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
   * @default - nobody in the account changes them: make them first, and detach the policy to change them
   */
  readonly bootstrapRole?: string;
  /** Names of the federated roles, with their path if they have one. */
  readonly federatedRoles: readonly string[];
  /** Name of the break-glass role or user. @default - none */
  readonly breakGlass?:
    | { readonly role: string; readonly user?: never }
    | { readonly user: string; readonly role?: never };
  /** @default "aws" */
  readonly partition?: Partition;
}

/** Characters of a service control policy, white space included. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
export const MAX_SERVICE_CONTROL_POLICY = 5120;

/**
 * A service control policy for the accounts: the federation is changed by the role that deploys it, trail, records and alarms by the role that
 * deploys the baseline, and both by break-glass; nobody else makes an IAM user or a credential, nor do they outside `Svc-` and the break-glass
 * user. Whoever is let through is protected too: nobody makes such a role, or changes who may assume it, but the bootstrap role.
 *
 * It reaches the root user. It does not reach the management account, where nothing stops an administrator but the alarms. It leaves open:
 * OpenID Connect providers, which clusters need, and new roles that trust whom an administrator likes, unless they have one of these names;
 * and AWS Config, whose rule on old keys has an ID that nobody chooses.
 *
 * A document, not a resource: it belongs to whoever answers for the organization, and stands in docs/policies. Give a break-glass user its
 * password and security keys first, and attach the policy to one account before the others.
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
 */
export function serviceControlPolicy(props: ServiceControlPolicyProps): PolicyDocument {
  const { federationRole, baselineRole, bootstrapRole, federatedRoles, breakGlass, partition = "aws" } = props;
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:*:*:${resource}`;
  const iam = (resource: string) => `arn:${partition}:iam::*:${resource}`;
  const roles = (names: readonly string[]) => [...new Set(names)].map((name) => iam(`role/${name}`));
  const bucket = `arn:${partition}:s3:::*-${Trail.trailName}`;
  const user = breakGlass?.user;
  const role = breakGlass?.role === undefined ? [] : roles([breakGlass.role]);
  const userArn = user === undefined ? [] : [iam(`user/${user}`)];
  // The way in for the day when the federation is broken must be able to mend it; it raises alarms of its own.
  const allBut = (...names: readonly string[]) => ({
    ArnNotLike: { "aws:PrincipalArn": [...roles(names), ...role, ...userArn] },
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
  const bootstrap = bootstrapRole === undefined ? [] : [bootstrapRole];
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "WhoeverDeploys",
        Effect: "Deny",
        Action: ROLE_CHANGES,
        Resource: roles([federationRole, baselineRole, ...bootstrap]),
        // Not even each other and break-glass: who may change one of them may do all that they may.
        Condition: bootstrapRole === undefined ? undefined : { ArnNotLike: { "aws:PrincipalArn": roles(bootstrap) } },
      },
      protect(
        federationRole,
        "Federation",
        ["iam:CreateSAMLProvider", "iam:UpdateSAMLProvider", "iam:DeleteSAMLProvider", ...ROLE_CHANGES],
        // Any provider: a second one would be a second way in.
        [iam("saml-provider/*"), ...roles(federatedRoles)],
      ),
      protect(
        baselineRole,
        "Identities",
        [...ROLE_CHANGES, ...POLICY_CHANGES, ...(user === undefined ? [] : USER_CHANGES)],
        [
          iam(`role/${EventForwarding.roleName}`),
          ...role,
          ...userArn,
          iam(`policy/${KeysBoundary.policyName}`),
          ...(user === undefined ? [] : [iam(`policy/${BreakGlass.mfaPolicyName(user)}`)]),
        ],
      ),
      // In one statement for all of it, since names are long and a policy is short: an action reaches its own kind of resource alone.
      protect(
        baselineRole,
        "TrailAndAlarms",
        [
          "cloudtrail:StopLogging",
          "cloudtrail:DeleteTrail",
          "cloudtrail:UpdateTrail",
          "cloudtrail:PutEventSelectors",
          "s3:PutBucketPolicy",
          "s3:DeleteBucketPolicy",
          "s3:PutEncryptionConfiguration",
          "s3:PutLifecycleConfiguration",
          "s3:PutBucketVersioning",
          "s3:DeleteObject",
          "s3:DeleteObjectVersion",
          "events:PutRule",
          "events:DeleteRule",
          "events:DisableRule",
          "events:PutTargets",
          "events:RemoveTargets",
          "sns:DeleteTopic",
          "sns:SetTopicAttributes",
          "sns:AddPermission",
          "sns:RemovePermission",
          "sns:Unsubscribe",
          "sns:SetSubscriptionAttributes",
          "kms:DeleteAlias",
          "kms:UpdateAlias",
        ],
        [
          arn("cloudtrail", `trail/${Trail.trailName}`),
          bucket,
          `${bucket}/*`,
          arn("events", `rule/${AccountWatch.prefix}*`),
          arn("sns", AlarmTopic.topicName),
          arn("sns", `${AlarmTopic.topicName}:*`),
          ...aliases.map((alias) => arn("kms", alias)),
        ],
      ),
      { ...keys, Condition: { ...keys.Condition, "ForAnyValue:StringEquals": { "kms:ResourceAliases": aliases } } },
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
        NotResource: [iam("user/Svc-*"), ...userArn],
      },
    ],
  };
}

/** What could change what a role may do, or who may assume it; or make one of that name where there is none. */
const ROLE_CHANGES = [
  "iam:CreateRole",
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

/** What could change what a user may do, or what it has to show. Its password is among `LONG_LIVED_CREDENTIALS`. */
const USER_CHANGES = [
  "iam:UpdateUser",
  "iam:DeleteUser",
  "iam:AttachUserPolicy",
  "iam:DetachUserPolicy",
  "iam:PutUserPolicy",
  "iam:DeleteUserPolicy",
  "iam:PutUserPermissionsBoundary",
  "iam:DeleteUserPermissionsBoundary",
  "iam:DeleteLoginProfile",
  "iam:EnableMFADevice",
  "iam:DeactivateMFADevice",
] as const;

const POLICY_CHANGES = [
  "iam:CreatePolicyVersion",
  "iam:SetDefaultPolicyVersion",
  "iam:DeletePolicyVersion",
  "iam:DeletePolicy",
] as const;
