import type { DeliveryChannelState } from "../../../cloud/aws/config";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { arn, blocks, check, lengthBetween, optionalText, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { importedRegion, planRegion, regionOf } from "./region";

// Facts: internal/service/configservice/delivery_channel.go of hashicorp/terraform-provider-aws.

function channelOf(planned: Attributes): DeliveryChannelState {
  const [snapshots] = blocks(planned, "snapshot_delivery_properties");
  return {
    name: text(planned, "name"),
    s3BucketName: text(planned, "s3_bucket_name"),
    s3KeyPrefix: optionalText(planned, "s3_key_prefix") ?? null,
    s3KmsKeyArn: optionalText(planned, "s3_kms_key_arn") ?? null,
    snsTopicArn: optionalText(planned, "sns_topic_arn") ?? null,
    deliveryFrequency: (snapshots && optionalText(snapshots, "delivery_frequency")) ?? null,
  };
}

function stateOf(channel: DeliveryChannelState, region: string): Attributes {
  const { deliveryFrequency } = channel;
  return {
    id: channel.name,
    name: channel.name,
    region,
    s3_bucket_name: channel.s3BucketName,
    s3_key_prefix: channel.s3KeyPrefix,
    s3_kms_key_arn: channel.s3KmsKeyArn,
    sns_topic_arn: channel.snsTopicArn,
    snapshot_delivery_properties: deliveryFrequency === null ? [] : [{ delivery_frequency: deliveryFrequency }],
  };
}

async function put(connection: AwsConnection, planned: Attributes): Promise<Attributes> {
  const region = regionOf(connection, planned);
  const channel = channelOf(planned);
  await connection.account.config.putDeliveryChannel(region, channel);
  return stateOf(channel, region);
}

export const deliveryChannel: ResourceType<AwsConnection> = {
  defaults: { name: "default" },
  forceNew: ["name", "region"],
  validate: (config) => check(config, { name: lengthBetween(0, 256), s3_kms_key_arn: arn, sns_topic_arn: arn }),
  plan(connection, change) {
    planRegion(connection, change);
    return [];
  },
  create: put,
  read(connection, state) {
    const region = regionOf(connection, state);
    const channel = connection.account.config.deliveryChannel(region, text(state, "id"));
    return channel && stateOf(channel, region);
  },
  update: put,
  async delete(connection, state) {
    const [region, name] = [regionOf(connection, state), text(state, "id")];
    const { config } = connection.account;
    if (config.deliveryChannel(region, name)) await config.deleteDeliveryChannel(region, name);
  },
  import: importedRegion,
};
