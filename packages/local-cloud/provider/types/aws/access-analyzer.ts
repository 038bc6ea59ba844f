import type { Criterion, Filter } from "../../../cloud/aws/access-analyzer";
import { notModelled } from "../../../cloud/aws/errors";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { blocks, check, optionalText, text, texts } from "./attributes";
import type { AwsConnection } from "./connection";
import { importedRegion, planRegion, regionOf } from "./region";
import { allTags, changeTags, planTags, readTags } from "./tags";

// Facts: internal/service/accessanalyzer/analyzer.go and archive_rule.go of hashicorp/terraform-provider-aws.

function readAnalyzer(connection: AwsConnection, state: Attributes): Attributes | undefined {
  const region = regionOf(connection, state);
  const found = connection.account.accessAnalyzer.find(region, text(state, "id"));
  return (
    found && {
      id: found.name,
      analyzer_name: found.name,
      arn: found.arn,
      region,
      type: found.type,
      configuration: [],
      ...readTags(connection, state, found.tags),
    }
  );
}

export const analyzer: ResourceType<AwsConnection> = {
  defaults: { type: "ACCOUNT" },
  forceNew: ["analyzer_name", "configuration", "region", "type"],
  validate: (config) =>
    check(config, {
      analyzer_name: (value) =>
        /^[A-Za-z][0-9A-Za-z_.-]{0,254}$/.test(value)
          ? undefined
          : "must begin with a letter and contain only alphanumeric, underscore, period, or hyphen characters",
    }),
  plan(connection, change) {
    planRegion(connection, change);
    planTags(connection, change);
    return [];
  },
  async create(connection, planned) {
    if (blocks(planned, "configuration").length > 0) throw notModelled("configuration of aws_accessanalyzer_analyzer");
    const name = text(planned, "analyzer_name");
    const { arn } = await connection.account.accessAnalyzer.create({
      region: regionOf(connection, planned),
      name,
      type: text(planned, "type"),
      tags: allTags(connection, planned),
    });
    return { ...planned, id: name, arn, tags_all: allTags(connection, planned) };
  },
  read: readAnalyzer,
  async update(connection, planned, prior) {
    const { accessAnalyzer } = connection.account;
    const [region, name] = [regionOf(connection, prior), text(prior, "id")];
    await changeTags(accessAnalyzer.find(region, name)?.tags ?? {}, allTags(connection, planned), {
      untag: (keys) => accessAnalyzer.untag(region, name, keys),
      tag: (tags) => accessAnalyzer.tag(region, name, tags),
    });
    return { ...planned, tags_all: allTags(connection, planned) };
  },
  async delete(connection, state) {
    const [region, name] = [regionOf(connection, state), text(state, "id")];
    const { accessAnalyzer } = connection.account;
    if (accessAnalyzer.find(region, name)) await accessAnalyzer.delete(region, name);
  },
  import: importedRegion,
};

/** `<analyzer>/<rule>` */
function parseId(id: string): { analyzerName: string; ruleName: string } {
  const [analyzerName = "", ruleName = "", ...more] = id.split("/");
  if (analyzerName === "" || ruleName === "" || more.length > 0) {
    throw new Error(`unexpected format for ID (${id}), expected AnalyzerName/RuleName`);
  }
  return { analyzerName, ruleName };
}

function filterOf(planned: Attributes): Filter {
  return Object.fromEntries(
    blocks(planned, "filter").map((block): [string, Criterion] => {
      const list = (name: "contains" | "eq" | "neq") => {
        const values = texts(block, name);
        return values.length > 0 ? { [name]: values } : {};
      };
      const exists = optionalText(block, "exists");
      return [
        text(block, "criteria"),
        {
          ...list("contains"),
          ...list("eq"),
          ...list("neq"),
          ...(exists === undefined ? {} : { exists: exists === "true" }),
        },
      ];
    }),
  );
}

const filterBlocks = (filter: Filter): Attributes[] =>
  Object.entries(filter).map(([criteria, { contains, eq, exists, neq }]) => ({
    criteria,
    contains: contains ? [...contains] : null,
    eq: eq ? [...eq] : null,
    exists: exists === undefined ? null : String(exists),
    neq: neq ? [...neq] : null,
  }));

function readRule(connection: AwsConnection, state: Attributes): Attributes | undefined {
  const id = text(state, "id");
  const { analyzerName, ruleName } = parseId(id);
  const region = regionOf(connection, state);
  const rule = connection.account.accessAnalyzer.find(region, analyzerName)?.archiveRules[ruleName];
  return rule && { id, region, analyzer_name: analyzerName, rule_name: ruleName, filter: filterBlocks(rule.filter) };
}

export const archiveRule: ResourceType<AwsConnection> = {
  forceNew: ["analyzer_name", "region", "rule_name"],
  plan(connection, change) {
    planRegion(connection, change);
    return [];
  },
  async create(connection, planned) {
    const [analyzerName, name] = [text(planned, "analyzer_name"), text(planned, "rule_name")];
    const rule = { name, filter: filterOf(planned) };
    await connection.account.accessAnalyzer.createArchiveRule(regionOf(connection, planned), analyzerName, rule);
    return { ...planned, id: `${analyzerName}/${name}`, filter: filterBlocks(rule.filter) };
  },
  read: readRule,
  async update(connection, planned, prior) {
    const { analyzerName, ruleName } = parseId(text(prior, "id"));
    const rule = { name: ruleName, filter: filterOf(planned) };
    await connection.account.accessAnalyzer.updateArchiveRule(regionOf(connection, prior), analyzerName, rule);
    return { ...planned, filter: filterBlocks(rule.filter) };
  },
  async delete(connection, state) {
    const { analyzerName, ruleName } = parseId(text(state, "id"));
    const region = regionOf(connection, state);
    if (readRule(connection, state)) {
      await connection.account.accessAnalyzer.deleteArchiveRule(region, analyzerName, ruleName);
    }
  },
  import: importedRegion,
};
