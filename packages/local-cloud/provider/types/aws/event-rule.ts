import { type EventRuleState, RULE_STATES, type RuleState } from "../../../cloud/aws/event-rules";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { check, conflict, json, lengthBetween, optionalText, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { onlyModelled } from "./modelled";
import { chosenName, prefixOf } from "./names";
import { importedRegion, planRegion, regionOf } from "./region";
import { keepSameJson, readJson } from "./same-json";
import { allTags, changeTags, planTags, readTags } from "./tags";

// Facts: internal/service/events/rule.go of hashicorp/terraform-provider-aws.

const TYPE = "aws_cloudwatch_event_rule";
const MODELLED = [
  "arn",
  "description",
  "event_bus_name",
  "event_pattern",
  "force_destroy",
  "id",
  "name",
  "name_prefix",
];
const MAX_PATTERN = 4_096;

function stateOf(connection: AwsConnection, rule: EventRuleState, state: Attributes): Attributes {
  return {
    id: rule.name,
    arn: rule.arn,
    description: rule.description || null,
    event_bus_name: "default",
    event_pattern: readJson(state, "event_pattern", rule.eventPattern),
    force_destroy: state.force_destroy ?? false,
    name: rule.name,
    name_prefix: prefixOf(rule.name),
    region: rule.region,
    // Neither has a default: where nothing is written the provider shows no difference, whatever the state of the rule.
    is_enabled: null,
    state: optionalText(state, "state") === undefined ? null : rule.state,
    ...readTags(connection, state, rule.tags),
  };
}

async function put(connection: AwsConnection, planned: Attributes): Promise<Attributes> {
  const rule = await connection.account.eventRules.put({
    region: regionOf(connection, planned),
    name: chosenName(planned),
    description: optionalText(planned, "description"),
    eventPattern: text(planned, "event_pattern"),
    state: optionalText(planned, "state") as RuleState | undefined,
    tags: allTags(connection, planned),
  });
  return stateOf(connection, rule, planned);
}

export const eventRule: ResourceType<AwsConnection> = {
  defaults: { event_bus_name: "default", force_destroy: false },
  forceNew: ["event_bus_name", "name", "name_prefix", "region"],
  validate: (config) => [
    ...onlyModelled(TYPE, config, [...MODELLED, "region", "state", "tags", "tags_all"]),
    ...conflict(config, "name", "name_prefix"),
    ...check(config, {
      description: lengthBetween(0, 512),
      event_bus_name: (value) =>
        value === "default" ? undefined : "names a bus that is not part of the local cloud, which has the default one",
      event_pattern: (value) =>
        json(value) ?? (value.length > MAX_PATTERN ? `cannot be longer than ${MAX_PATTERN} characters` : undefined),
      name: (value) =>
        /^[0-9A-Za-z_.-]{1,64}$/.test(value) ? undefined : `doesn't comply with restrictions: "${value}"`,
      state: (value) =>
        (RULE_STATES as readonly string[]).includes(value) ? undefined : `takes ${RULE_STATES.join(", ")}`,
    }),
    ...(config.event_pattern === null
      ? [
          {
            summary: "Missing required argument",
            detail: "one of `event_pattern,schedule_expression` must be specified",
          },
        ]
      : []),
  ],
  plan(connection, change) {
    planTags(connection, change);
    planRegion(connection, change);
    keepSameJson("event_pattern", change);
    return [];
  },
  create: put,
  read(connection, state) {
    const found = connection.account.eventRules.find(regionOf(connection, state), text(state, "id"));
    return found && stateOf(connection, found, state);
  },
  async update(connection, planned, prior) {
    const { eventRules } = connection.account;
    const [region, name] = [regionOf(connection, prior), text(prior, "id")];
    const changed = ["description", "event_pattern", "state"].some((one) => planned[one] !== prior[one]);
    if (changed) await put(connection, planned);
    await changeTags(eventRules.find(region, name)?.tags ?? {}, allTags(connection, planned), {
      untag: (keys) => eventRules.untag(region, name, keys),
      tag: (tags) => eventRules.tag(region, name, tags),
    });
    const rule = eventRules.find(region, name);
    if (!rule) throw new Error(`${name} is gone`);
    return stateOf(connection, rule, planned);
  },
  delete: (connection, state) => connection.account.eventRules.delete(regionOf(connection, state), text(state, "id")),
  import(connection, given) {
    const { id, region } = importedRegion(connection, given);
    return { id: id.replace(/^default\//, ""), region, force_destroy: false };
  },
};
