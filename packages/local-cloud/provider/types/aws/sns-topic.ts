import type { TopicState } from "../../../cloud/aws/sns-topics";
import { PartiallyCreated, type ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { check, conflict, optionalText, policyJson, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { onlyModelled, onlyOff } from "./modelled";
import { chosenName, prefixOf } from "./names";
import { keepSamePolicy, readPolicy } from "./policy-json";
import { planRegion, regionOf } from "./region";
import { allTags, changeTags, planTags, readTags } from "./tags";

// Facts: internal/service/sns/topic.go of hashicorp/terraform-provider-aws.

const TYPE = "aws_sns_topic";
const SWITCHES = ["content_based_deduplication", "fifo_topic"];
const MODELLED = ["arn", "display_name", "id", "kms_master_key_id", "name", "name_prefix", "owner", "policy", "region"];

function stateOf(connection: AwsConnection, topic: TopicState, state: Attributes): Attributes {
  return {
    id: topic.arn,
    arn: topic.arn,
    content_based_deduplication: false,
    display_name: topic.displayName || null,
    fifo_topic: false,
    kms_master_key_id: topic.kmsMasterKeyId,
    name: topic.name,
    name_prefix: prefixOf(topic.name),
    owner: connection.account.id,
    policy: readPolicy(state, "policy", topic.policy),
    region: topic.region,
    ...readTags(connection, state, topic.tags),
  };
}

/** Each attribute is a request of its own. */
async function setAttributes({ account: { topics } }: AwsConnection, arn: string, planned: Attributes): Promise<void> {
  const held = topics.get(arn);
  const display = optionalText(planned, "display_name") ?? "";
  const key = optionalText(planned, "kms_master_key_id") ?? "";
  const policy = optionalText(planned, "policy");
  if (display !== held.displayName) await topics.setAttribute(arn, "DisplayName", display);
  if (key !== (held.kmsMasterKeyId ?? "")) await topics.setAttribute(arn, "KmsMasterKeyId", key);
  if (policy !== undefined && policy !== held.policy) await topics.setAttribute(arn, "Policy", policy);
}

export const snsTopic: ResourceType<AwsConnection> = {
  defaults: { content_based_deduplication: false, fifo_topic: false },
  forceNew: ["fifo_topic", "name", "name_prefix", "region"],
  validate: (config) => [
    ...onlyModelled(TYPE, config, [...MODELLED, ...SWITCHES, "tags", "tags_all"]),
    ...SWITCHES.flatMap((name) => onlyOff(TYPE, config, name)),
    ...conflict(config, "name", "name_prefix"),
    ...check(config, {
      name: (value) => (/^[0-9A-Za-z_-]{1,256}$/.test(value) ? undefined : `invalid topic name: ${value}`),
      policy: policyJson,
    }),
  ],
  plan(connection, change) {
    planTags(connection, change);
    planRegion(connection, change);
    keepSamePolicy("policy", change);
    return [];
  },
  async create(connection, planned) {
    const { arn } = await connection.account.topics.create({
      region: regionOf(connection, planned),
      name: chosenName(planned),
      tags: allTags(connection, planned),
    });
    try {
      await setAttributes(connection, arn, planned);
    } catch (error) {
      throw new PartiallyCreated(stateOf(connection, connection.account.topics.get(arn), planned), error);
    }
    return stateOf(connection, connection.account.topics.get(arn), planned);
  },
  read(connection, state) {
    const found = connection.account.topics.find(text(state, "id"));
    return found && stateOf(connection, found, state);
  },
  async update(connection, planned, prior) {
    const { topics } = connection.account;
    const arn = text(prior, "id");
    await setAttributes(connection, arn, planned);
    await changeTags(topics.get(arn).tags, allTags(connection, planned), {
      untag: (keys) => topics.untag(arn, keys),
      tag: (tags) => topics.tag(arn, tags),
    });
    return stateOf(connection, topics.get(arn), planned);
  },
  async delete({ account: { topics } }, state) {
    if (topics.find(text(state, "id"))) await topics.delete(text(state, "id"));
  },
  import: (_, arn) => ({ id: arn, region: arn.split(":")[3] ?? null }),
};
