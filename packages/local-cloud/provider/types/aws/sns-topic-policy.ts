import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { arn, check, policyJson, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { keepSamePolicy, readPolicy } from "./policy-json";
import { planRegion, regionOf } from "./region";

// Facts: internal/service/sns/topic_policy.go of hashicorp/terraform-provider-aws.

async function put(connection: AwsConnection, planned: Attributes): Promise<Attributes> {
  const topic = text(planned, "arn");
  await connection.account.topics.setAttribute(topic, "Policy", text(planned, "policy"));
  return { ...planned, id: topic, owner: connection.account.id, region: regionOf(connection, planned) };
}

export const snsTopicPolicy: ResourceType<AwsConnection> = {
  forceNew: ["arn", "region"],
  validate: (config) => check(config, { arn, policy: policyJson }),
  plan(connection, change) {
    planRegion(connection, change);
    keepSamePolicy("policy", change);
    return [];
  },
  create: put,
  read({ account }, state) {
    const topic = account.topics.find(text(state, "id"));
    if (!topic) return undefined;
    const policy = readPolicy(state, "policy", topic.policy);
    return { id: topic.arn, arn: topic.arn, owner: account.id, policy, region: topic.region };
  },
  update: put,
  // A topic always has a policy: the provider puts back the one that a new topic has.
  async delete({ account: { topics } }, state) {
    const topic = text(state, "id");
    if (topics.find(topic)) await topics.setAttribute(topic, "Policy", topics.defaultPolicy(topic));
  },
  import: (_, id) => ({ id, region: id.split(":")[3] ?? null }),
};
