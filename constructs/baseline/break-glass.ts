import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePoliciesExclusive } from "@cdktf/provider-aws/lib/iam-role-policies-exclusive";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { IamRolePolicyAttachmentsExclusive } from "@cdktf/provider-aws/lib/iam-role-policy-attachments-exclusive";
import { IamUser } from "@cdktf/provider-aws/lib/iam-user";
import { IamUserPoliciesExclusive } from "@cdktf/provider-aws/lib/iam-user-policies-exclusive";
import { IamUserPolicyAttachment } from "@cdktf/provider-aws/lib/iam-user-policy-attachment";
import { IamUserPolicyAttachmentsExclusive } from "@cdktf/provider-aws/lib/iam-user-policy-attachments-exclusive";
import { Construct } from "constructs";
import { roleArn } from "../aws/federated-role";
import { managedPolicyArn } from "../aws/managed-policy";
import { renewedWith } from "../aws/renewed-with";
import type { AwsAccount } from "../aws/saml-provider";
import { type PolicyDocument, policyText } from "../aws/trust-policy";
import { check } from "../check";
import { callMessage, type EventPattern, VIA_CLOUDTRAIL, type Watch } from "./watch";

/**
 * The way into the account for the day when Entra, the signing certificate or a policy is broken. It depends on none of them.
 *
 * - `role`: a role that IAM users of a security account assume, with MFA. One pair of people for many accounts, and nothing to steal here.
 * - `user`: an IAM user of this account. It works even when every other account is gone.
 *
 * Terraform makes no password and no access key. By hand, by two people: a password in two sealed halves, two hardware security keys in two
 * places. The drill, once a quarter and after every change of people: announce it, sign in, look at the alarm arriving within minutes, sign
 * out, change the password, write down who and when. An alarm that does not come is the finding of the drill.
 */
export type BreakGlassAccess =
  | {
      readonly role: {
        /**
         * ARNs of the IAM users that may assume it, `arn:aws:iam::999988887777:user/BreakGlass1`. No role and no account: a session of a role
         * cannot show MFA to this one, and an account would let in whomever its administrators let in, people from Entra too.
         * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
         */
        readonly trustedPrincipals: readonly string[];
        /** @default "BreakGlass" */
        readonly name?: string;
      };
      readonly user?: never;
    }
  | {
      readonly user: {
        /** Name of the IAM user. */
        readonly name: string;
      };
      readonly role?: never;
    };

export interface BreakGlassProps {
  readonly account: AwsAccount;
  readonly access: BreakGlassAccess;
}

/** An administrator who does not come through Entra, only with MFA, for an hour at a time. */
export class BreakGlass extends Construct {
  /** The name that is used where none is given. */
  static readonly defaultName = "BreakGlass";

  /** Name of the policy that keeps the user to MFA. */
  static mfaPolicyName(userName: string): string {
    return `${userName}-OnlyWithMfa`;
  }

  /** ARN, computed from account and name. */
  readonly arn: string;
  /** The alarm on every use. */
  readonly watch: Watch;
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: IamRole | IamUser;

  constructor(scope: Construct, id: string, { account, access }: BreakGlassProps) {
    super(scope, id);
    check(this, "breakGlass", access).hasOneOf(
      ["role", "user"],
      "an account has one way in, and the other would be lost",
    );
    // From plain JavaScript it may be neither; that is reported above.
    const [name, resource] = access.role
      ? this.role(account, access.role)
      : this.user(account, access.user?.name ?? BreakGlass.defaultName);
    check(this, "breakGlass name", name).matches(
      /^(?!Svc-)[\w+=,.@-]{1,64}$/,
      "IAM takes 1 to 64 of A-Z a-z 0-9 _ + = , . @ -, and 'Svc-' is for service accounts; choose such a name",
    );
    this.resource = resource;
    const { partition, accountId } = account;
    this.arn = access.role ? roleArn(account, name) : `arn:${partition}:iam::${accountId}:user/${name}`;
    this.watch = access.role
      ? breakGlassWatch("role", {
          $or: [
            { userIdentity: { arn: [{ prefix: `arn:${partition}:sts::${accountId}:assumed-role/${name}/` }] } },
            { eventName: ["AssumeRole"], requestParameters: { roleArn: [this.arn] } },
          ],
        })
      : breakGlassWatch("user", { userIdentity: { type: ["IAMUser"], userName: [name] } });
  }

  private role(
    account: AwsAccount,
    { trustedPrincipals, name = BreakGlass.defaultName }: { trustedPrincipals: readonly string[]; name?: string },
  ): [string, IamRole] {
    check(this, "breakGlass.role.trustedPrincipals", trustedPrincipals).must(
      trustedPrincipals.length > 0,
      "nobody could enter with it; name the IAM users of the security account",
    );
    trustedPrincipals.forEach((principal, index) => {
      const [, partition] = /^arn:([a-z-]+):iam::\d{12}:user\/[\w+=,.@/-]+$/.exec(principal) ?? [];
      check(this, `breakGlass.role.trustedPrincipals[${index}]`, principal).must(
        partition !== undefined,
        "only an IAM user can show MFA here, and an account lets in whom it likes; name IAM users by ARN",
      );
      check(this, `breakGlass.role.trustedPrincipals[${index}]`, principal).must(
        partition === undefined || partition === account.partition,
        `an account of partition ${account.partition} trusts its own partition alone; name users of an account there`,
      );
    });
    const role = new IamRole(this, "Resource", {
      name,
      path: "/",
      description: "Emergency administrator, independent of Microsoft Entra ID; every use raises an alarm",
      maxSessionDuration: 3600,
      assumeRolePolicy: policyText({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: [...trustedPrincipals].sort() },
            Action: "sts:AssumeRole",
            Condition: {
              Bool: { "aws:MultiFactorAuthPresent": "true" },
              NumericLessThan: { "aws:MultiFactorAuthAge": "3600" },
            },
          },
        ],
      }),
    });
    const lifecycle = renewedWith(role);
    const administrator = new IamRolePolicyAttachment(this, "AdministratorAccess", {
      role: role.name,
      policyArn: managedPolicyArn(account.partition, "AdministratorAccess"),
      lifecycle,
    });
    new IamRolePolicyAttachmentsExclusive(this, "PolicyAttachmentsExclusive", {
      roleName: role.name,
      policyArns: [administrator.policyArn],
      lifecycle,
    });
    new IamRolePoliciesExclusive(this, "PoliciesExclusive", { roleName: role.name, policyNames: [], lifecycle });
    return [name, role];
  }

  private user(account: AwsAccount, name: string): [string, IamUser] {
    const user = new IamUser(this, "Resource", { name, path: "/" });
    const withMfa = new IamPolicy(this, "MfaPolicy", {
      name: BreakGlass.mfaPolicyName(name),
      description: "Denies everything to whoever signed in without MFA",
      policy: policyText(ONLY_WITH_MFA),
    });
    const lifecycle = renewedWith(user);
    const attach = (id: string, policyArn: string) =>
      new IamUserPolicyAttachment(this, id, { user: user.name, policyArn, lifecycle });
    const attached = [
      attach("OnlyWithMfa", withMfa.arn),
      attach("AdministratorAccess", managedPolicyArn(account.partition, "AdministratorAccess")),
    ];
    new IamUserPolicyAttachmentsExclusive(this, "PolicyAttachmentsExclusive", {
      userName: user.name,
      policyArns: attached.map(({ policyArn }) => policyArn),
      lifecycle,
    });
    new IamUserPoliciesExclusive(this, "PoliciesExclusive", { userName: user.name, policyNames: [], lifecycle });
    return [name, user];
  }
}

/**
 * Not even a security key can be added without MFA: whoever finds the password alone must not enrol one of their own. An administrator adds
 * the keys when the user is made. `IfExists`, because an access key, if there were one, would come without the key that says so.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
 */
const ONLY_WITH_MFA: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "OnlyWithMfa",
      Effect: "Deny",
      Action: "*",
      Resource: "*",
      Condition: { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } },
    },
  ],
};

/**
 * Every call by it in any region, its sign-ins, and every attempt at either. Who fails to sign in as the user is known by name alone, without
 * an ARN (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html). Who fails
 * to assume the role stands in another account, and is known by the role that was asked for.
 */
function breakGlassWatch(kind: "role" | "user", detail: EventPattern): Watch {
  return {
    name: "break-glass",
    description: `The break-glass ${kind} was used, or somebody tried to`,
    pattern: { "detail-type": [VIA_CLOUDTRAIL], detail },
    readOnlyCalls: true,
    ...callMessage("BREAK-GLASS USED: <event>"),
  };
}
