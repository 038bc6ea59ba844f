import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";
import type { AwsAccount } from "../aws/saml-provider";
import { type PolicyStatement, policyText } from "../aws/trust-policy";

export interface EncryptionKeyProps {
  readonly account: AwsAccount;
  /** Name people find it by, without `alias/`. */
  readonly alias: string;
  readonly description: string;
  /** What the service that encrypts with it may do. */
  readonly statements: readonly PolicyStatement[];
}

/** A customer managed key with yearly rotation. IAM policies of the account decide who administers it. 1 USD a month (2026). */
export class EncryptionKey extends Construct {
  /** ARN, known after the first deploy. */
  readonly arn: string;
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: KmsKey;

  constructor(scope: Construct, id: string, { account, alias, description, statements }: EncryptionKeyProps) {
    super(scope, id);
    this.resource = new KmsKey(this, "Resource", {
      description,
      enableKeyRotation: true,
      policy: policyText({
        Version: "2012-10-17",
        Statement: [
          {
            // Without it the key could become unmanageable: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
            Sid: "AccountAdministration",
            Effect: "Allow",
            Principal: { AWS: `arn:${account.partition}:iam::${account.accountId}:root` },
            Action: "kms:*",
            Resource: "*",
          },
          ...statements,
        ],
      }),
    });
    this.arn = this.resource.arn;
    new KmsAlias(this, "Alias", { name: `alias/${alias}`, targetKeyId: this.resource.keyId });
  }
}
