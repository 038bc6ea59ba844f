import { IamAccessKey } from "@cdktf/provider-aws/lib/iam-access-key";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamUser } from "@cdktf/provider-aws/lib/iam-user";
import { IamUserPoliciesExclusive } from "@cdktf/provider-aws/lib/iam-user-policies-exclusive";
import { IamUserPolicyAttachment } from "@cdktf/provider-aws/lib/iam-user-policy-attachment";
import { IamUserPolicyAttachmentsExclusive } from "@cdktf/provider-aws/lib/iam-user-policy-attachments-exclusive";
import { Construct } from "constructs";
import { refuseUnless } from "./check";
import { policyText } from "./trust-policy";

/**
 * The access keys of the provisioning user, by names of your choice. IAM allows two at a time, so a rotation takes three deploys:
 * add the next as `standby`, swap the two names, drop the old one.
 */
export interface AccessKeyRing {
  /** The key that Entra uses. */
  readonly active: string;
  /**
   * The key before its first use, or after its last.
   * @default - no second key
   */
  readonly standby?: string;
}

export interface ProvisioningUserProps {
  /** Name of the IAM user; begins with `Svc-`, at most 64 characters. */
  readonly userName: string;
  readonly accessKeys: AccessKeyRing;
}

/** The IAM user that Entra's provisioning service lists the account's roles as. It may do nothing else, and has no console access. */
export class ProvisioningUser extends Construct {
  /** The key that Entra uses. Id and secret are in Terraform's state. */
  readonly activeKey: IamAccessKey;
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: IamUser;
  /** The user's permission: without it, a cycle of role import finds nothing. */
  readonly permission: IamUserPolicyAttachment;

  constructor(scope: Construct, id: string, props: ProvisioningUserProps) {
    super(scope, id);
    const { active, standby } = props.accessKeys;
    refuseUnless(
      /^Svc-[\w+=,.@-]{1,60}$/.test(props.userName),
      this,
      "userName",
      props.userName,
      "service accounts begin with 'Svc-', and IAM takes up to 64 of A-Z a-z 0-9 _ + = , . @ -; choose such a name",
    );
    refuseUnless(
      active !== standby,
      this,
      "accessKeys.standby",
      standby,
      "active has the same name; name the other key",
    );
    this.resource = new IamUser(this, "Resource", { name: props.userName, path: "/" });
    const policy = new IamPolicy(this, "Policy", {
      name: "AzureAD_SSOUserRole_Policy",
      description: "Lets Microsoft Entra ID list the roles that people can be assigned to",
      // Microsoft's tutorial asks for this one action; anything more would be a gift to whoever finds the key.
      policy: policyText({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "iam:ListRoles", Resource: "*" }],
      }),
    });
    this.permission = new IamUserPolicyAttachment(this, "Permission", {
      user: this.resource.name,
      policyArn: policy.arn,
    });
    // What somebody grants the user by hand is a difference in the next plan.
    new IamUserPolicyAttachmentsExclusive(this, "PolicyAttachmentsExclusive", {
      userName: this.resource.name,
      policyArns: [this.permission.policyArn],
    });
    new IamUserPoliciesExclusive(this, "PoliciesExclusive", { userName: this.resource.name, policyNames: [] });
    const key = (name: string) => {
      refuseUnless(
        /^[a-z][a-z0-9_]*$/.test(name),
        this,
        "accessKeys",
        name,
        "names are a lower-case letter, then letters, digits or '_'; rename it",
      );
      return new IamAccessKey(this, name, {
        user: this.resource.name,
        // Terraform destroys what left the configuration before it updates what used it; this turns the order round, so that
        // even a swap in one step leaves Entra a working key. It must be in the state before the swap, hence from the first deploy.
        lifecycle: { createBeforeDestroy: true },
      });
    };
    this.activeKey = key(active);
    if (standby !== undefined && standby !== active) key(standby);
  }
}
