import type { IamAccessKey } from "@cdktf/provider-aws/lib/iam-access-key";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamUser } from "@cdktf/provider-aws/lib/iam-user";
import { IamUserPoliciesExclusive } from "@cdktf/provider-aws/lib/iam-user-policies-exclusive";
import { IamUserPolicyAttachment } from "@cdktf/provider-aws/lib/iam-user-policy-attachment";
import { IamUserPolicyAttachmentsExclusive } from "@cdktf/provider-aws/lib/iam-user-policy-attachments-exclusive";
import type { TerraformResourceLifecycle } from "cdktf";
import { Construct } from "constructs";
import { check } from "../check";
import { writesHcl } from "../hcl";
import { type AccessKeyRing, AccessKeys } from "./access-keys";
import { type KeyStore, storeActiveKey } from "./key-secret";
import { policyText } from "./trust-policy";

export interface ProvisioningUserProps {
  /** Name of the IAM user; begins with `Svc-`, at most 64 characters. It is for ever: a plan stops at another one. */
  readonly userName: string;
  readonly accessKeys: AccessKeyRing;
  /**
   * A second place for the key, besides Entra and Terraform's state.
   * @default - none: Entra gets the key from this deploy, and nobody else needs it
   */
  readonly store?: KeyStore;
}

/**
 * The IAM user that Entra's provisioning service lists the account's roles as. It may do nothing else, and has no console access.
 *
 * What is known of restricting its key: it is held to `iam:ListRoles`, which shows the names and trust policies of all roles. It is not held
 * to addresses by `aws:SourceIp`. Microsoft names the service tag AzureActiveDirectory for provisioning, but for SCIM applications only; the
 * addresses are those of every tenant, the list changes by the week, and one that is out of date stops role import silently. Whether
 * role import comes from them nobody has published. Any other use of the key can raise an alarm instead: `alarms.provisioningUser` of the
 * account's baseline.
 * @see https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups#ip-ranges
 */
export class ProvisioningUser extends Construct {
  /** Its access keys. */
  readonly keys: AccessKeys;
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: IamUser;
  /** The user's permission: without it, a cycle of role import finds nothing. */
  readonly permission: IamUserPolicyAttachment;

  constructor(scope: Construct, id: string, props: ProvisioningUserProps) {
    super(scope, id);
    check(this, "userName", props.userName).matches(
      /^Svc-[\w+=,.@-]{1,60}$/,
      "service accounts begin with 'Svc-', and IAM takes up to 64 of A-Z a-z 0-9 _ + = , . @ -; choose such a name",
    );
    this.resource = new IamUser(this, "Resource", {
      name: props.userName,
      path: "/",
      lifecycle: keepName(this, props.userName),
    });
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
    new IamUserPoliciesExclusive(this, "PoliciesExclusive", {
      userName: this.resource.name,
      policyNames: [],
    });
    this.keys = new AccessKeys(this, props.userName, this.resource, props.accessKeys);
    if (props.store) storeActiveKey(this, this.keys, props.store);
  }

  /** The key that Entra uses. Id and secret are in Terraform's state. */
  get activeKey(): IamAccessKey {
    return this.keys.active;
  }
}

/**
 * AWS would rename the user in place, but a key is held under the name that it was made with: the provider makes a second one and looks for
 * the first under a name that is gone. It would stay in force, and no state would know it.
 */
function keepName(scope: Construct, userName: string): TerraformResourceLifecycle {
  const ignoreChanges = ["name"];
  if (writesHcl(scope)) return { ignoreChanges };
  return {
    ignoreChanges,
    postcondition: [
      {
        condition: `\${self.name == "${userName}"}`,
        errorMessage:
          `The user of role import is called \${self.name} in AWS, and userName says ${userName}. A user keeps its name, or its old key ` +
          "would stay in force unseen. Put that name back.",
      },
    ],
  };
}
