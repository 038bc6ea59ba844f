import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { Fn, TerraformStack } from "cdktf";
import type { Construct, IConstruct } from "constructs";
import { check } from "../check";
import type { AccessKeys } from "./access-keys";

/**
 * Where the active key of a service account is kept for the program that uses it, in addition to Terraform's state: AWS Secrets Manager, secret
 * `iam/<user name>`, a JSON object with `accessKeyId` and `secretAccessKey`. A program that reads it there needs no other copy, and a swap
 * in the ring is a new version of the secret. 0.40 USD a month (2026).
 *
 * `secretsManager` encrypts with the account's own key `aws/secretsmanager`; `{ kmsKey }` with a customer managed key by its ARN, which
 * readers of other accounts need.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 */
export type KeyStore = "secretsManager" | { readonly kmsKey: string };

/** Puts the active key into Secrets Manager. A destroyed secret keeps its name for 30 days, unless it is deleted by hand. */
export function storeActiveKey(scope: Construct, keys: AccessKeys, store: KeyStore): SecretsmanagerSecret {
  const kmsKeyId = store === "secretsManager" ? undefined : store.kmsKey;
  // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
  check(scope, "store", keys.userName).matches(
    /^[\w/+=.@-]+$/,
    "a secret takes letters, digits and '/_+=.@-' in its name; choose a user name without ','",
  );
  if (kmsKeyId !== undefined) {
    check(scope, "store.kmsKey", kmsKeyId).matches(
      /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/.+$/,
      "Secrets Manager takes the ARN of a key here; copy it from KMS > Customer managed keys",
    );
    const region = TerraformStack.of(scope).node.children.find(isAwsProvider)?.region;
    const keyRegion = kmsKeyId.split(":")[3];
    check(scope, "store.kmsKey", kmsKeyId).must(
      region === undefined || keyRegion === region,
      `the secret is in ${region}, and only a key of that region encrypts it; name one, or its replica there`,
    );
  }
  const secret = new SecretsmanagerSecret(scope, "Secret", {
    name: `iam/${keys.userName}`,
    description: `Active access key of the IAM user ${keys.userName}`,
    // By name: where none is named, a secret that once had another key keeps that (terraform-provider-aws#21623).
    kmsKeyId: kmsKeyId ?? "alias/aws/secretsmanager",
  });
  new SecretsmanagerSecretVersion(scope, "SecretVersion", {
    secretId: secret.id,
    secretString: Fn.jsonencode({ accessKeyId: keys.active.id, secretAccessKey: keys.active.secret }),
  });
  return secret;
}

function isAwsProvider(construct: IConstruct): construct is AwsProvider {
  return construct instanceof AwsProvider;
}
