import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { arn, check, isSet, json, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { keepSamePolicy, readPolicy } from "./policy-json";
import { importedRegion, planRegion, regionOf } from "./region";

// Facts: internal/service/secretsmanager/secret_policy.go of hashicorp/terraform-provider-aws.

async function put({ account }: AwsConnection, planned: Attributes): Promise<Attributes> {
  const secretArn = text(planned, "secret_arn");
  const blockPublic = isSet(planned, "block_public_policy");
  await account.secrets.putResourcePolicy(secretArn, text(planned, "policy"), { blockPublic });
  return { ...planned, id: secretArn };
}

export const secretPolicy: ResourceType<AwsConnection> = {
  forceNew: ["region", "secret_arn"],
  validate: (config) => check(config, { policy: json, secret_arn: arn }),
  plan(connection, change) {
    planRegion(connection, change);
    keepSamePolicy("policy", change);
    return [];
  },
  create: put,
  read(connection, state) {
    const secretArn = text(state, "id");
    const policy = connection.account.secrets.find(secretArn)?.resourcePolicy ?? null;
    if (policy === null) return undefined;
    return {
      id: secretArn,
      secret_arn: secretArn,
      region: regionOf(connection, state),
      policy: readPolicy(state, "policy", policy),
      // The service does not tell it.
      block_public_policy: state.block_public_policy ?? null,
    };
  },
  update: put,
  async delete({ account: { secrets } }, state) {
    const secretArn = text(state, "id");
    if (secrets.find(secretArn)) await secrets.deleteResourcePolicy(secretArn);
  },
  import: importedRegion,
};
