import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { Construct } from "constructs";
import type { AwsAccount } from "../aws/saml-provider";
import { type PolicyDocument, policyText } from "../aws/trust-policy";

/**
 * A permissions boundary that keeps people from long-lived credentials: who has it may do what their policies allow, except make an IAM user
 * or a credential of one, whatever its name. Service accounts are made by the deploys, which do not have it.
 *
 * It cannot be taken off, and no role is made, or told whom to trust, unless it has the boundary too; a service role that the console makes on
 * the way is refused with the rest. What stays open is a role without it that is there already: whoever may assume it does, and whoever may hand
 * it to a function or an instance (`iam:PassRole`) acts as it.
 *
 * Roles take it by ARN in the account file, `permissionsBoundary: KeysBoundary.arnOf(account)`, once this stack is deployed.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate
 */
export class KeysBoundary extends Construct {
  static readonly policyName = "LongLivedKeysForServiceAccountsOnly";
  readonly arn: string;
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: IamPolicy;

  /** The ARN that the boundary has in this account. */
  static arnOf({ partition, accountId }: AwsAccount): string {
    return `arn:${partition}:iam::${accountId}:policy/${KeysBoundary.policyName}`;
  }

  constructor(scope: Construct, id: string, account: AwsAccount) {
    super(scope, id);
    this.arn = KeysBoundary.arnOf(account);
    this.resource = new IamPolicy(this, "Resource", {
      name: KeysBoundary.policyName,
      description: "Permissions boundary: makes no IAM user and no long-lived credential",
      policy: policyText(keysBoundary(account)),
    });
  }
}

/**
 * Calls that make an IAM user, or give one a credential. `UpdateAccessKey` is not among them: it turns a key on again, but also off the one
 * that leaked, and that has to be possible for whoever sees it first.
 */
export const LONG_LIVED_CREDENTIALS = [
  "iam:CreateUser",
  "iam:CreateAccessKey",
  "iam:CreateLoginProfile",
  "iam:UpdateLoginProfile",
  "iam:CreateServiceSpecificCredential",
  "iam:UploadSigningCertificate",
  "iam:UploadSSHPublicKey",
] as const;

/** The document of the boundary. */
export function keysBoundary(account: AwsAccount): PolicyDocument {
  const boundary = KeysBoundary.arnOf(account);
  return {
    Version: "2012-10-17",
    Statement: [
      { Sid: "WhateverThePoliciesAllow", Effect: "Allow", Action: "*", Resource: "*" },
      {
        Sid: "NoLongLivedCredentials",
        Effect: "Deny",
        Action: LONG_LIVED_CREDENTIALS,
        Resource: "*",
      },
      {
        // Of the role that is changed, the boundary that it has: Actions of IAM in the Service Authorization Reference.
        Sid: "NoRoleWithoutTheBoundary",
        Effect: "Deny",
        Action: [
          "iam:CreateRole",
          "iam:UpdateAssumeRolePolicy",
          "iam:PutRolePermissionsBoundary",
          "iam:PutUserPermissionsBoundary",
        ],
        Resource: "*",
        Condition: { StringNotEquals: { "iam:PermissionsBoundary": boundary } },
      },
      {
        Sid: "BoundaryStays",
        Effect: "Deny",
        Action: ["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"],
        Resource: "*",
      },
      {
        Sid: "BoundaryStaysAsItIs",
        Effect: "Deny",
        Action: [
          "iam:CreatePolicyVersion",
          "iam:SetDefaultPolicyVersion",
          "iam:DeletePolicyVersion",
          "iam:DeletePolicy",
        ],
        Resource: boundary,
      },
    ],
  };
}
