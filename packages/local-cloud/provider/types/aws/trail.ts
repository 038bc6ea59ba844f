import type { EventSelection, TrailSettings, TrailState } from "../../../cloud/aws/trails";
import { PartiallyCreated, type ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { blocks, check, isSet, lengthBetween, optionalText, text, texts } from "./attributes";
import type { AwsConnection } from "./connection";
import { onlyModelled, onlyOff } from "./modelled";
import { planRegion, regionOf } from "./region";
import { allTags, changeTags, planTags, readTags } from "./tags";

// Facts: internal/service/cloudtrail/trail.go of hashicorp/terraform-provider-aws.

const TYPE = "aws_cloudtrail";
const DEFAULTS = {
  enable_log_file_validation: false,
  enable_logging: true,
  include_global_service_events: true,
  is_multi_region_trail: false,
  is_organization_trail: false,
};
const MODELLED = [
  ...Object.keys(DEFAULTS),
  ...["arn", "event_selector", "home_region", "id", "kms_key_id", "name", "region", "s3_bucket_name", "s3_key_prefix"],
  ...["sns_topic_arn", "tags", "tags_all"],
];

const settingsOf = (planned: Attributes): TrailSettings => ({
  bucket: text(planned, "s3_bucket_name"),
  prefix: optionalText(planned, "s3_key_prefix") ?? null,
  kmsKeyId: optionalText(planned, "kms_key_id") ?? null,
  multiRegion: isSet(planned, "is_multi_region_trail"),
  globalServiceEvents: isSet(planned, "include_global_service_events"),
  logFileValidation: isSet(planned, "enable_log_file_validation"),
});

/** One selector of management events; data events cost by the event, and no alarm of ours needs them. */
function selectionOf(planned: Attributes): EventSelection | null {
  const [selector] = blocks(planned, "event_selector");
  if (!selector) return null;
  return {
    managementEvents: isSet(selector, "include_management_events"),
    readWriteType: text(selector, "read_write_type") as EventSelection["readWriteType"],
  };
}

function stateOf(connection: AwsConnection, trail: TrailState, state: Attributes): Attributes {
  const { settings, selection } = trail;
  return {
    id: trail.arn,
    arn: trail.arn,
    enable_log_file_validation: settings.logFileValidation,
    enable_logging: trail.logging,
    event_selector: selection
      ? [{ include_management_events: selection.managementEvents, read_write_type: selection.readWriteType }]
      : [],
    home_region: trail.homeRegion,
    include_global_service_events: settings.globalServiceEvents,
    is_multi_region_trail: settings.multiRegion,
    is_organization_trail: false,
    kms_key_id: settings.kmsKeyId,
    name: trail.name,
    region: trail.homeRegion,
    s3_bucket_name: settings.bucket,
    s3_key_prefix: settings.prefix,
    sns_topic_arn: "",
    ...readTags(connection, state, trail.tags),
  };
}

const SIMPLE_SELECTOR = ["include_management_events", "read_write_type"];

export const trail: ResourceType<AwsConnection> = {
  defaults: { ...DEFAULTS, "event_selector.include_management_events": true, "event_selector.read_write_type": "All" },
  forceNew: ["name", "region"],
  validate: (config) => [
    ...onlyModelled(TYPE, config, MODELLED),
    ...onlyOff(TYPE, config, "is_organization_trail"),
    ...blocks(config, "event_selector").flatMap((block, at) =>
      at > 0 || texts(block, "exclude_management_event_sources").length > 0
        ? onlyModelled(TYPE, { event_selector: [block] }, [])
        : onlyModelled(TYPE, block, SIMPLE_SELECTOR),
    ),
    ...check(config, { name: lengthBetween(3, 128), s3_key_prefix: lengthBetween(0, 2_000) }),
  ],
  plan(connection, change) {
    planTags(connection, change);
    planRegion(connection, change);
    return [];
  },
  async create(connection, planned) {
    const { trails } = connection.account;
    const made = await trails.create({
      region: regionOf(connection, planned),
      name: text(planned, "name"),
      settings: settingsOf(planned),
      tags: allTags(connection, planned),
    });
    try {
      if (isSet(planned, "enable_logging")) await trails.startLogging(made.arn);
      const selection = selectionOf(planned);
      if (selection) await trails.select(made.arn, selection);
    } catch (error) {
      throw new PartiallyCreated(stateOf(connection, made, planned), error);
    }
    return stateOf(connection, made, planned);
  },
  read(connection, state) {
    const found = connection.account.trails.find(text(state, "id"));
    return found && stateOf(connection, found, state);
  },
  async update(connection, planned, prior) {
    const { trails } = connection.account;
    const arn = text(prior, "id");
    const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
    if (!same(settingsOf(planned), settingsOf(prior))) await trails.update(arn, settingsOf(planned));
    if (planned.enable_logging !== prior.enable_logging) {
      await (isSet(planned, "enable_logging") ? trails.startLogging(arn) : trails.stopLogging(arn));
    }
    if (!same(selectionOf(planned), selectionOf(prior))) await trails.select(arn, selectionOf(planned));
    const held = trails.find(arn);
    if (!held) throw new Error(`the trail ${arn} is gone`);
    await changeTags(held.tags, allTags(connection, planned), {
      untag: (keys) => trails.untag(arn, keys),
      tag: (tags) => trails.tag(arn, tags),
    });
    return stateOf(connection, held, planned);
  },
  async delete({ account: { trails } }, state) {
    if (trails.find(text(state, "id"))) await trails.delete(text(state, "id"));
  },
  import: (_, arn) => ({ id: arn, region: arn.split(":")[3] ?? null }),
};
