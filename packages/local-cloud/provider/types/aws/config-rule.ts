import type { ConfigRuleState } from "../../../cloud/aws/config";
import { notModelled } from "../../../cloud/aws/errors";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { asPlanned, keepUnwritten } from "../unwritten-blocks";
import { blocks, check, json, lengthBetween, optionalText, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { importedRegion, planRegion, regionOf } from "./region";
import { allTags, changeTags, planTags, readTags } from "./tags";

// Facts: internal/service/configservice/config_rule.go of hashicorp/terraform-provider-aws.

const UNWRITTEN = ["evaluation_mode"];

function ruleOf(planned: Attributes) {
  const [source = {}] = blocks(planned, "source");
  for (const block of ["custom_policy_details", "source_detail"]) {
    if (blocks(source, block).length > 0) throw notModelled(`${block} of aws_config_config_rule`);
  }
  if (blocks(planned, "scope").length > 0) throw notModelled("scope of aws_config_config_rule");
  return {
    name: text(planned, "name"),
    description: optionalText(planned, "description") ?? null,
    owner: text(source, "owner"),
    sourceIdentifier: optionalText(source, "source_identifier") ?? "",
    inputParameters: optionalText(planned, "input_parameters") ?? null,
    maximumExecutionFrequency: optionalText(planned, "maximum_execution_frequency") ?? null,
  };
}

function stateOf(connection: AwsConnection, rule: ConfigRuleState, region: string, state: Attributes): Attributes {
  return {
    id: rule.name,
    arn: rule.arn,
    rule_id: rule.id,
    name: rule.name,
    region,
    description: rule.description,
    input_parameters: rule.inputParameters,
    maximum_execution_frequency: rule.maximumExecutionFrequency,
    // What a rule without a mode of its own has (API_EvaluationModeConfiguration).
    evaluation_mode: [{ mode: "DETECTIVE" }],
    scope: [],
    source: [
      {
        owner: rule.owner,
        source_identifier: rule.sourceIdentifier,
        custom_policy_details: [],
        source_detail: [],
      },
    ],
    ...readTags(connection, state, rule.tags),
  };
}

export const configRule: ResourceType<AwsConnection> = {
  forceNew: ["name", "region"],
  validate: (config) =>
    check(config, { description: lengthBetween(0, 256), input_parameters: json, name: lengthBetween(0, 128) }),
  plan(connection, change) {
    planRegion(connection, change);
    planTags(connection, change);
    keepUnwritten(UNWRITTEN, change);
    return [];
  },
  async create(connection, planned) {
    const region = regionOf(connection, planned);
    const tags = allTags(connection, planned);
    const rule = await connection.account.config.putRule(region, { ...ruleOf(planned), tags });
    return asPlanned(UNWRITTEN, stateOf(connection, rule, region, planned), planned);
  },
  read(connection, state) {
    const region = regionOf(connection, state);
    const rule = connection.account.config.rule(region, text(state, "id"));
    return rule && stateOf(connection, rule, region, state);
  },
  async update(connection, planned, prior) {
    const { config } = connection.account;
    const [region, name] = [regionOf(connection, prior), text(prior, "id")];
    const [before, after] = [prior, planned].map((one) => JSON.stringify(ruleOf(one)));
    if (before !== after) await config.putRule(region, ruleOf(planned));
    await changeTags(config.rule(region, name)?.tags ?? {}, allTags(connection, planned), {
      untag: (keys) => config.untagRule(region, name, keys),
      tag: (tags) => config.tagRule(region, name, tags),
    });
    return { ...planned, tags_all: allTags(connection, planned) };
  },
  async delete(connection, state) {
    const [region, name] = [regionOf(connection, state), text(state, "id")];
    const { config } = connection.account;
    if (config.rule(region, name)) await config.deleteRule(region, name);
  },
  import: importedRegion,
};
