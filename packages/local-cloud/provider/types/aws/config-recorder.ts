import type { RecorderState } from "../../../cloud/aws/config";
import { notModelled } from "../../../cloud/aws/errors";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { asPlanned, keepUnwritten } from "../unwritten-blocks";
import { arn, blocks, check, isSet, lengthBetween, text, texts } from "./attributes";
import type { AwsConnection } from "./connection";
import { importedRegion, planRegion, regionOf } from "./region";

// Facts: internal/service/configservice/configuration_recorder.go and configuration_recorder_status.go of hashicorp/terraform-provider-aws.

const UNWRITTEN = ["recording_group", "recording_mode"];
const UNWRITTEN_IN_GROUP = ["exclusion_by_resource_types", "recording_strategy"];

function recorderOf(planned: Attributes): Omit<RecorderState, "recording"> {
  const [group] = blocks(planned, "recording_group");
  const [mode] = blocks(planned, "recording_mode");
  const [strategy] = group ? blocks(group, "recording_strategy") : [];
  const [exclusion] = group ? blocks(group, "exclusion_by_resource_types") : [];
  if (mode && blocks(mode, "recording_mode_override").length > 0) throw notModelled("recording_mode_override");
  const allSupported = group ? isSet(group, "all_supported") : true;
  const excludedResourceTypes = exclusion ? texts(exclusion, "resource_types") : [];
  const byGroup = excludedResourceTypes.length > 0 ? "EXCLUSION_BY_RESOURCE_TYPES" : "INCLUSION_BY_RESOURCE_TYPES";
  return {
    name: text(planned, "name"),
    roleArn: text(planned, "role_arn"),
    recordingGroup: {
      allSupported,
      includeGlobalResourceTypes: group ? isSet(group, "include_global_resource_types") : false,
      resourceTypes: group ? texts(group, "resource_types") : [],
      excludedResourceTypes,
      // What AWS Config makes of a group without a strategy (API_RecordingStrategy).
      useOnly: strategy ? text(strategy, "use_only") : allSupported ? "ALL_SUPPORTED_RESOURCE_TYPES" : byGroup,
    },
    recordingFrequency: mode ? text(mode, "recording_frequency") : "CONTINUOUS",
  };
}

function stateOf(recorder: RecorderState, region: string): Attributes {
  const { recordingGroup: group } = recorder;
  return {
    id: recorder.name,
    name: recorder.name,
    region,
    role_arn: recorder.roleArn,
    recording_group: [
      {
        all_supported: group.allSupported,
        include_global_resource_types: group.includeGlobalResourceTypes,
        resource_types: [...group.resourceTypes],
        exclusion_by_resource_types: [{ resource_types: [...group.excludedResourceTypes] }],
        recording_strategy: [{ use_only: group.useOnly }],
      },
    ],
    recording_mode: [{ recording_frequency: recorder.recordingFrequency, recording_mode_override: [] }],
  };
}

async function put(connection: AwsConnection, planned: Attributes): Promise<Attributes> {
  const region = regionOf(connection, planned);
  const { config } = connection.account;
  await config.putRecorder(region, recorderOf(planned));
  const recorder = config.recorder(region, text(planned, "name"));
  return asPlanned(UNWRITTEN, recorder ? stateOf(recorder, region) : planned, planned);
}

export const configurationRecorder: ResourceType<AwsConnection> = {
  defaults: {
    name: "default",
    "recording_group.all_supported": true,
    "recording_group.include_global_resource_types": false,
    "recording_mode.recording_frequency": "CONTINUOUS",
  },
  forceNew: ["name", "region"],
  validate: (config) => check(config, { name: lengthBetween(0, 256), role_arn: arn }),
  plan(connection, change) {
    planRegion(connection, change);
    keepUnwritten(UNWRITTEN, change);
    const [config] = blocks(change.config, "recording_group");
    const [prior = null] = change.prior ? blocks(change.prior, "recording_group") : [];
    const [planned] = blocks(change.planned, "recording_group");
    if (config && planned) keepUnwritten(UNWRITTEN_IN_GROUP, { config, prior, planned });
    return [];
  },
  create: put,
  read(connection, state) {
    const region = regionOf(connection, state);
    const recorder = connection.account.config.recorder(region, text(state, "id"));
    return recorder && stateOf(recorder, region);
  },
  update: put,
  async delete(connection, state) {
    const [region, name] = [regionOf(connection, state), text(state, "id")];
    const { config } = connection.account;
    if (config.recorder(region, name)) await config.deleteRecorder(region, name);
  },
  import: importedRegion,
};

async function run(connection: AwsConnection, planned: Attributes, wasEnabled: boolean): Promise<Attributes> {
  const [region, name] = [regionOf(connection, planned), text(planned, "name")];
  const { config } = connection.account;
  const enabled = isSet(planned, "is_enabled");
  if (enabled !== wasEnabled) await (enabled ? config.startRecorder(region, name) : config.stopRecorder(region, name));
  return { ...planned, id: name };
}

/** Whether a recorder runs; destroying it stops the recorder. */
export const configurationRecorderStatus: ResourceType<AwsConnection> = {
  forceNew: ["region"],
  recomputedWhen: { id: ["name"] },
  plan(connection, change) {
    planRegion(connection, change);
    return [];
  },
  create: (connection, planned) => run(connection, planned, false),
  read(connection, state) {
    const region = regionOf(connection, state);
    const recorder = connection.account.config.recorder(region, text(state, "id"));
    return recorder && { id: recorder.name, name: recorder.name, region, is_enabled: recorder.recording };
  },
  update: (connection, planned, prior) => run(connection, planned, isSet(prior, "is_enabled")),
  async delete(connection, state) {
    const [region, name] = [regionOf(connection, state), text(state, "id")];
    const { config } = connection.account;
    if (config.recorder(region, name)) await config.stopRecorder(region, name);
  },
  import: importedRegion,
};
