import { IamUser } from "@cdktf/provider-aws/lib/iam-user";
import { IamUserPoliciesExclusive } from "@cdktf/provider-aws/lib/iam-user-policies-exclusive";
import { IamUserPolicyAttachment } from "@cdktf/provider-aws/lib/iam-user-policy-attachment";
import { IamUserPolicyAttachmentsExclusive } from "@cdktf/provider-aws/lib/iam-user-policy-attachments-exclusive";
import { Construct } from "constructs";
import { type AccessKeyRing, AccessKeys } from "../aws/access-keys";
import { type KeyStore, storeActiveKey } from "../aws/key-secret";
import { isManagedPolicy, managedPolicyArn } from "../aws/managed-policy";
import type { AwsAccount } from "../aws/saml-provider";
import { check } from "../check";

/** A program that must have an access key, because it can neither assume a role nor federate (OIDC, IAM Roles Anywhere). */
export interface ServiceAccountOptions {
  /** AWS managed policies by short name, any managed policy by ARN; at most 10. */
  readonly policies: readonly string[];
  /** The keys: `{ active: "k1" }`, and a second one while they change places. */
  readonly accessKeys: AccessKeyRing;
  /**
   * Where the program finds its active key.
   * @default - nowhere but in Terraform's state
   */
  readonly store?: KeyStore;
  /**
   * ARN of the policy that limits what it can ever do.
   * @default - no boundary
   */
  readonly permissionsBoundary?: string;
}

export interface ServiceAccountProps extends ServiceAccountOptions {
  readonly account: AwsAccount;
}

/** An IAM user of a program. The construct id is its name and begins with `Svc-`; it has no console access and belongs to no group. */
export class ServiceAccount extends Construct {
  readonly keys: AccessKeys;
  /** ARN of the secret that holds the active key, if it is stored. */
  readonly secretArn?: string;
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: IamUser;

  constructor(scope: Construct, userName: string, props: ServiceAccountProps) {
    super(scope, userName);
    check(this, "serviceAccounts", userName).matches(
      /^Svc-[\w+=,.@-]{1,60}$/,
      "service accounts begin with 'Svc-', and IAM takes up to 64 of A-Z a-z 0-9 _ + = , . @ -; choose such a name",
    );
    this.resource = new IamUser(this, "Resource", {
      name: userName,
      path: "/",
      permissionsBoundary: props.permissionsBoundary,
    });
    const attached = this.attach(props);
    // What somebody grants the user by hand is a difference in the next plan.
    new IamUserPolicyAttachmentsExclusive(this, "PolicyAttachmentsExclusive", {
      userName: this.resource.name,
      policyArns: attached.map(({ policyArn }) => policyArn),
    });
    new IamUserPoliciesExclusive(this, "PoliciesExclusive", {
      userName: this.resource.name,
      policyNames: [],
    });
    this.keys = new AccessKeys(this, userName, this.resource, props.accessKeys);
    if (props.store) this.secretArn = storeActiveKey(this, this.keys, props.store).arn;
  }

  private attach({ account, policies }: ServiceAccountProps): IamUserPolicyAttachment[] {
    policies.forEach((policy, index) => {
      check(this, `policies[${index}]`, policy).must(
        isManagedPolicy(policy),
        "IAM takes the ARN of a managed policy, or the short name of an AWS one; copy it from IAM > Policies",
      );
    });
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    check(this, "number of managed policies", policies.length).must(
      policies.length <= 10,
      "IAM takes 10 for a user; merge some",
    );
    return [...new Set(policies)].map(
      (policy) =>
        new IamUserPolicyAttachment(this, policy.slice(policy.lastIndexOf(":policy/") + 1).replaceAll("/", "-"), {
          user: this.resource.name,
          policyArn: managedPolicyArn(account.partition, policy),
        }),
    );
  }
}
