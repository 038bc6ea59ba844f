import type { SubscriptionState } from "../../../cloud/aws/sns-topics";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { arn, check, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { onlyModelled, onlyOff } from "./modelled";
import { planRegion } from "./region";

// Facts: internal/service/sns/topic_subscription.go of hashicorp/terraform-provider-aws.

const TYPE = "aws_sns_topic_subscription";
const SWITCHES = ["endpoint_auto_confirms", "raw_message_delivery"];
const MODELLED = [
  "arn",
  "confirmation_timeout_in_minutes",
  "confirmation_was_authenticated",
  "endpoint",
  "filter_policy_scope",
];

function stateOf({ account }: AwsConnection, one: SubscriptionState, state: Attributes): Attributes {
  return {
    id: one.arn,
    arn: one.arn,
    confirmation_timeout_in_minutes: state.confirmation_timeout_in_minutes ?? 1,
    confirmation_was_authenticated: false,
    endpoint: one.endpoint,
    endpoint_auto_confirms: false,
    filter_policy_scope: "",
    owner_id: account.id,
    pending_confirmation: !one.confirmed,
    protocol: one.protocol,
    raw_message_delivery: false,
    region: one.topicArn.split(":")[3] ?? null,
    topic_arn: one.topicArn,
  };
}

export const snsTopicSubscription: ResourceType<AwsConnection> = {
  defaults: { confirmation_timeout_in_minutes: 1, endpoint_auto_confirms: false, raw_message_delivery: false },
  forceNew: ["endpoint", "protocol", "region", "topic_arn"],
  validate: (config) => [
    ...onlyModelled(TYPE, config, [
      ...[...MODELLED, ...SWITCHES, "id", "owner_id", "pending_confirmation", "protocol", "region", "topic_arn"],
    ]),
    ...SWITCHES.flatMap((name) => onlyOff(TYPE, config, name)),
    ...check(config, { topic_arn: arn }),
  ],
  plan(connection, change) {
    planRegion(connection, change);
    return [];
  },
  // The provider does not wait for a person to confirm.
  async create(connection, planned) {
    const { topics } = connection.account;
    const [topic, protocol, endpoint] = ["topic_arn", "protocol", "endpoint"].map((name) => text(planned, name));
    return stateOf(connection, await topics.subscribe(topic ?? "", protocol ?? "", endpoint ?? ""), planned);
  },
  read(connection, state) {
    const found = connection.account.topics.findSubscription(text(state, "id"));
    return found && stateOf(connection, found, state);
  },
  // How long the provider waits for an endpoint is of no concern to SNS.
  update: (connection, planned, prior) => {
    const found = connection.account.topics.findSubscription(text(prior, "id"));
    return found ? stateOf(connection, found, planned) : planned;
  },
  async delete({ account: { topics } }, state) {
    // SNS refuses to unsubscribe what nobody has confirmed, which the provider passes over; it goes with the topic, or after 48 hours.
    if (topics.findSubscription(text(state, "id"))?.confirmed) await topics.unsubscribe(text(state, "id"));
  },
  import: (_, id) => ({ id, region: id.split(":")[3] ?? null }),
};
