import type { TargetState } from "../../../cloud/aws/event-rules";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { arn, blocks, check, conflict, json, lengthBetween, optionalText, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { onlyModelled } from "./modelled";
import { uniqueSuffix } from "./names";
import { importedRegion, planRegion, regionOf } from "./region";
import { tagsOf } from "./tags";

// Facts: internal/service/events/target.go of hashicorp/terraform-provider-aws.

const TYPE = "aws_cloudwatch_event_target";
const MODELLED = ["arn", "event_bus_name", "force_destroy", "id", "input", "input_path", "input_transformer", "region"];

/** The bus is left out of the id where it is the default one. */
const idOf = (rule: string, target: string) => `${rule}-${target}`;

function targetOf(planned: Attributes): TargetState {
  const [transformer] = blocks(planned, "input_transformer");
  const [input, inputPath] = [optionalText(planned, "input"), optionalText(planned, "input_path")];
  return {
    id: text(planned, "target_id"),
    arn: text(planned, "arn"),
    roleArn: optionalText(planned, "role_arn") ?? null,
    ...(input === undefined ? {} : { input }),
    ...(inputPath === undefined ? {} : { inputPath }),
    ...(transformer
      ? {
          inputTransformer: {
            paths: tagsOf(transformer.input_paths),
            template: text(transformer, "input_template"),
          },
        }
      : {}),
  };
}

function stateOf(connection: AwsConnection, rule: string, target: TargetState, state: Attributes): Attributes {
  const { inputTransformer: transformer } = target;
  return {
    id: idOf(rule, target.id),
    arn: target.arn,
    event_bus_name: "default",
    force_destroy: state.force_destroy ?? false,
    input: target.input ?? null,
    input_path: target.inputPath ?? null,
    input_transformer: transformer
      ? [{ input_paths: { ...transformer.paths }, input_template: transformer.template }]
      : [],
    region: regionOf(connection, state),
    role_arn: target.roleArn,
    rule,
    target_id: target.id,
  };
}

async function put(connection: AwsConnection, planned: Attributes): Promise<Attributes> {
  const rule = text(planned, "rule");
  const target = targetOf({
    ...planned,
    target_id: optionalText(planned, "target_id") ?? `terraform-${uniqueSuffix()}`,
  });
  await connection.account.eventRules.putTarget(regionOf(connection, planned), rule, target);
  return stateOf(connection, rule, target, planned);
}

const find = (connection: AwsConnection, state: Attributes): TargetState | undefined =>
  connection.account.eventRules.find(regionOf(connection, state), text(state, "rule"))?.targets[
    text(state, "target_id")
  ];

export const eventTarget: ResourceType<AwsConnection> = {
  defaults: { event_bus_name: "default", force_destroy: false },
  forceNew: ["event_bus_name", "region", "rule", "target_id"],
  validate: (config) => [
    ...onlyModelled(TYPE, config, [...MODELLED, "role_arn", "rule", "target_id"]),
    ...conflict(config, "input", "input_path"),
    ...conflict(config, "input", "input_transformer"),
    ...conflict(config, "input_path", "input_transformer"),
    ...check(config, {
      arn,
      input: (value) => json(value) ?? lengthBetween(0, 8_192)(value),
      input_path: lengthBetween(0, 256),
      role_arn: arn,
      target_id: (value) => (/^[0-9A-Za-z_.-]{1,64}$/.test(value) ? undefined : "must match [0-9A-Za-z_.-], 1 to 64"),
    }),
    ...blocks(config, "input_transformer").flatMap((block) =>
      check(block, { input_template: lengthBetween(1, 8_192) }),
    ),
  ],
  plan(connection, change) {
    planRegion(connection, change);
    return [];
  },
  create: put,
  read(connection, state) {
    const found = find(connection, state);
    return found && stateOf(connection, text(state, "rule"), found, state);
  },
  update: put,
  async delete(connection, state) {
    if (!find(connection, state)) return;
    const { eventRules } = connection.account;
    await eventRules.removeTarget(regionOf(connection, state), text(state, "rule"), text(state, "target_id"));
  },
  import(connection, given) {
    const { id, region } = importedRegion(connection, given);
    const [target, rule] = id.split("/").reverse();
    if (target === undefined || rule === undefined) {
      throw new Error(`unexpected format for ID (${id}), expected EVENTBUSNAME/RULENAME/TARGETID or RULENAME/TARGETID`);
    }
    return { id: idOf(rule, target), rule, target_id: target, region };
  },
};
