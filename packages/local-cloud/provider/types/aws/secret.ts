import { notModelled } from "../../../cloud/aws/errors";
import type { SecretState } from "../../../cloud/aws/secrets";
import { PartiallyCreated, type ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { blocks, check, conflict, json, optionalText, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { chosenName, prefixOf } from "./names";
import { keepSamePolicy, readPolicy } from "./policy-json";
import { importedRegion, planRegion, regionOf } from "./region";
import { allTags, changeTags, planTags, readTags } from "./tags";

// Facts: internal/service/secretsmanager/secret.go of hashicorp/terraform-provider-aws.

function stateOf(connection: AwsConnection, secret: SecretState, state: Attributes): Attributes {
  return {
    id: secret.arn,
    arn: secret.arn,
    name: secret.name,
    name_prefix: prefixOf(secret.name),
    description: secret.description,
    kms_key_id: secret.kmsKeyId,
    region: secret.region,
    policy: secret.resourcePolicy === null ? "" : readPolicy(state, "policy", secret.resourcePolicy),
    recovery_window_in_days: state.recovery_window_in_days ?? null,
    force_overwrite_replica_secret: state.force_overwrite_replica_secret ?? null,
    replica: [],
    ...readTags(connection, state, secret.tags),
  };
}

/** A policy that is written; "{}" means none to the provider. */
function policyIn(attributes: Attributes): string | undefined {
  const policy = optionalText(attributes, "policy");
  return policy === "{}" ? undefined : policy;
}

export const secret: ResourceType<AwsConnection> = {
  defaults: { force_overwrite_replica_secret: false, recovery_window_in_days: 30 },
  forceNew: ["name", "name_prefix", "region"],
  validate(config) {
    const days = config.recovery_window_in_days;
    return [
      ...conflict(config, "name", "name_prefix"),
      ...check(config, {
        name: (value) =>
          /^[0-9A-Za-z/_+=.@-]{1,512}$/.test(value)
            ? undefined
            : "must contain only alphanumeric characters and /_+=.@-, and have 1 to 512 of them",
        policy: json,
      }),
      ...(typeof days === "number" && days !== 0 && (days < 7 || days > 30)
        ? [
            {
              summary: "Invalid value",
              detail: `"recovery_window_in_days" is ${days}, it takes 7 to 30, or 0`,
              path: ["recovery_window_in_days"],
            },
          ]
        : []),
    ];
  },
  plan(connection, change) {
    planRegion(connection, change);
    planTags(connection, change);
    keepSamePolicy("policy", change);
    return [];
  },
  async create(connection, planned) {
    if (blocks(planned, "replica").length > 0) throw notModelled("replica of aws_secretsmanager_secret");
    const { secrets } = connection.account;
    const { arn } = await secrets.create({
      region: regionOf(connection, planned),
      name: chosenName(planned),
      description: optionalText(planned, "description") ?? "",
      kmsKeyId: optionalText(planned, "kms_key_id") ?? null,
      tags: allTags(connection, planned),
    });
    const policy = policyIn(planned);
    const made = () => stateOf(connection, found(connection, arn), planned);
    if (policy !== undefined) {
      await secrets.putResourcePolicy(arn, policy).catch((error: unknown) => {
        throw new PartiallyCreated(made(), error);
      });
    }
    return made();
  },
  read(connection, state) {
    const there = connection.account.secrets.find(text(state, "id"));
    return there && stateOf(connection, there, state);
  },
  async update(connection, planned, prior) {
    const { secrets } = connection.account;
    const arn = text(prior, "id");
    const [description, kmsKeyId] = [optionalText(planned, "description"), optionalText(planned, "kms_key_id")];
    if (description !== optionalText(prior, "description") || kmsKeyId !== optionalText(prior, "kms_key_id")) {
      await secrets.update(arn, { description: description ?? "", kmsKeyId: kmsKeyId ?? null });
    }
    if (planned.policy !== prior.policy) {
      const policy = policyIn(planned);
      await (policy === undefined ? secrets.deleteResourcePolicy(arn) : secrets.putResourcePolicy(arn, policy));
    }
    await changeTags(found(connection, arn).tags, allTags(connection, planned), {
      untag: (keys) => secrets.untag(arn, keys),
      tag: (tags) => secrets.tag(arn, tags),
    });
    return stateOf(connection, found(connection, arn), planned);
  },
  async delete({ account: { secrets } }, state) {
    const arn = text(state, "id");
    const days = Number(state.recovery_window_in_days ?? 0);
    if (secrets.find(arn)) await secrets.delete(arn, days === 0 ? "none" : days);
  },
  import: importedRegion,
};

function found({ account }: AwsConnection, arn: string): Readonly<SecretState> {
  const there = account.secrets.find(arn);
  if (!there) throw new Error(`the secret ${arn} is gone`);
  return there;
}
