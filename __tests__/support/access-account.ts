import { createHash } from "node:crypto";
import { statements } from "./access-policies";
import {
  asBlock,
  asBody,
  asJson,
  count,
  decoded,
  FEW_REGIONS,
  list,
  nameOf,
  regionsOf,
  type Stack,
} from "./access-stack";
import type { Block, Body } from "./stack-json";

/** What is watched in an AWS account and who hears of it, what is recorded, and how the account itself is set up. */
export function accountLines(stack: Stack): string[] {
  return [
    ...(stack.allRegions.length > FEW_REGIONS ? [`all regions: ${stack.allRegions.join(", ")}`] : []),
    ...topicLines(stack),
    ...watchLines(stack),
    ...strayLines(stack),
    ...trailLines(stack),
    ...bucketLines(stack),
    ...keyLines(stack),
    ...analyzerLines(stack),
    ...configLines(stack),
    ...secretLines(stack),
    ...settingLines(stack),
  ];
}

const REGIONAL = ["region", "for_each"];
const PUBLIC_ACCESS = ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];

/** Of each type, the attributes that the lines tell, or that decide nothing about access. */
export const ACCOUNT_TOLD: Readonly<Record<string, readonly string[]>> = {
  aws_accessanalyzer_analyzer: ["analyzer_name", "type", ...REGIONAL],
  aws_accessanalyzer_archive_rule: ["analyzer_name", "rule_name", "filter", ...REGIONAL],
  aws_account_alternate_contact: ["alternate_contact_type", "name", "title", "email_address", "phone_number"],
  aws_account_region: ["region_name", "enabled"],
  aws_cloudtrail: [
    ...["name", "s3_bucket_name", "kms_key_id", "enable_logging", "enable_log_file_validation"],
    ...["is_multi_region_trail", "is_organization_trail", "include_global_service_events", ...REGIONAL],
  ],
  aws_cloudwatch_event_rule: ["name", "description", "state", "event_pattern", ...REGIONAL],
  aws_cloudwatch_event_target: ["rule", "target_id", "arn", "role_arn", "input_transformer", ...REGIONAL],
  aws_config_config_rule: [
    ...["name", "description", "source", "input_parameters", "scope", "maximum_execution_frequency", ...REGIONAL],
  ],
  aws_config_configuration_recorder: ["name", "role_arn", "recording_group", ...REGIONAL],
  aws_config_configuration_recorder_status: ["name", "is_enabled", ...REGIONAL],
  aws_config_delivery_channel: ["name", "s3_bucket_name", "s3_key_prefix", ...REGIONAL],
  aws_iam_account_alias: ["account_alias"],
  aws_iam_account_password_policy: [
    ...["minimum_password_length", "password_reuse_prevention", "max_password_age", "hard_expiry"],
    ...["require_lowercase_characters", "require_uppercase_characters", "require_numbers", "require_symbols"],
    "allow_users_to_change_password",
  ],
  aws_iam_organizations_features: ["enabled_features"],
  aws_iam_service_linked_role: ["aws_service_name", "description"],
  aws_kms_alias: ["name", "target_key_id", ...REGIONAL],
  aws_kms_key: ["description", "policy", "enable_key_rotation", ...REGIONAL],
  aws_s3_bucket: ["bucket", ...REGIONAL],
  aws_s3_bucket_lifecycle_configuration: ["bucket", "rule", ...REGIONAL],
  aws_s3_bucket_policy: ["bucket", "policy", ...REGIONAL],
  aws_s3_bucket_public_access_block: ["bucket", ...PUBLIC_ACCESS, ...REGIONAL],
  aws_s3_bucket_server_side_encryption_configuration: ["bucket", "rule", ...REGIONAL],
  aws_s3_bucket_versioning: ["bucket", "versioning_configuration", ...REGIONAL],
  aws_secretsmanager_secret: ["name", "description", "kms_key_id", ...REGIONAL],
  aws_secretsmanager_secret_policy: ["secret_arn", "policy", "block_public_policy", ...REGIONAL],
  aws_secretsmanager_secret_version: ["secret_id", "secret_string", ...REGIONAL],
  aws_sns_topic: ["name", "kms_master_key_id", ...REGIONAL],
  aws_sns_topic_policy: ["arn", "policy", ...REGIONAL],
  aws_sns_topic_subscription: ["topic_arn", "protocol", "endpoint", ...REGIONAL],
};

/** Types that are told as a part of another: the attribute that names it, and its type. */
export const ACCOUNT_PARTS: Readonly<Record<string, readonly [attribute: string, whole: string]>> = {
  aws_cloudwatch_event_target: ["rule", "aws_cloudwatch_event_rule"],
  aws_config_configuration_recorder_status: ["name", "aws_config_configuration_recorder"],
  aws_kms_alias: ["target_key_id", "aws_kms_key"],
  aws_s3_bucket_lifecycle_configuration: ["bucket", "aws_s3_bucket"],
  aws_s3_bucket_policy: ["bucket", "aws_s3_bucket"],
  aws_s3_bucket_public_access_block: ["bucket", "aws_s3_bucket"],
  aws_s3_bucket_server_side_encryption_configuration: ["bucket", "aws_s3_bucket"],
  aws_s3_bucket_versioning: ["bucket", "aws_s3_bucket"],
  aws_secretsmanager_secret_policy: ["secret_arn", "aws_secretsmanager_secret"],
  aws_secretsmanager_secret_version: ["secret_id", "aws_secretsmanager_secret"],
  aws_sns_topic_policy: ["arn", "aws_sns_topic"],
  aws_sns_topic_subscription: ["topic_arn", "aws_sns_topic"],
};

/** The parts of one thing, of one type. */
function partsOf(stack: Stack, type: string, whole: Block): Body[] {
  const [attribute = ""] = ACCOUNT_PARTS[type] ?? [];
  return stack
    .of(type)
    .filter(({ body }) => stack.behind(body[attribute]) === whole || body[attribute] === whole.body["name"])
    .map(({ body }) => body);
}

// ---- Alarms

function topicLines(stack: Stack): string[] {
  return stack.of("aws_sns_topic").flatMap((topic) => {
    const { name, kms_master_key_id } = topic.body;
    const hears = partsOf(stack, "aws_sns_topic_subscription", topic).map(
      (one) => `${addressOf(String(one["endpoint"]))} (${one["protocol"]})`,
    );
    const policies = partsOf(stack, "aws_sns_topic_policy", topic).flatMap(({ policy }) => statements(policy));
    return [
      `topic ${name} in ${regionsOf(stack, topic.body)}${encryption(stack, kms_master_key_id)}: tells ${hears.join(", ") || "nobody"}`,
      ...policies.map((statement) => `topic ${name}: ${statement}`),
    ];
  });
}

/** The address of a webhook can be all that is needed to write to it: its host says who is told, a hash that it is another one. */
function addressOf(endpoint: string): string {
  const host = /^https:\/\/(?:[^/?#]*@)?([^/?#]+)/.exec(endpoint)?.[1];
  if (host === undefined) return endpoint;
  return `https://${host}/… #${createHash("sha256").update(endpoint).digest("hex").slice(0, 8)}`;
}

/** Parts in other regions than what they are parts of: a rule where no target is raises no alarm there. */
function strayLines(stack: Stack): string[] {
  return Object.entries(ACCOUNT_PARTS).flatMap(([type, [, whole]]) =>
    stack.of(whole).flatMap((block) =>
      partsOf(stack, type, block).flatMap((part) => {
        const [here, there] = [regionsOf(stack, part), regionsOf(stack, block.body)];
        return here === there ? [] : [`${type} of ${block.address} is in ${here}, and not where that is: ${there}`];
      }),
    ),
  );
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html#eventbridge-PutRule-request-State */
const RULE_STATES: Readonly<Record<string, string>> = {
  ENABLED: "",
  ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS: ", reading calls too",
  DISABLED: " is OFF",
};

function watchLines(stack: Stack): string[] {
  return stack.of("aws_cloudwatch_event_rule").map((rule) => {
    const { name, state, event_pattern } = rule.body;
    const targets = partsOf(stack, "aws_cloudwatch_event_target", rule).map(({ arn, role_arn, input_transformer }) => {
      const { input_template: message } = asBlock(input_transformer);
      return [
        nameOf(stack, arn),
        ...(role_arn === undefined ? [] : [`as ${nameOf(stack, role_arn)}`]),
        ...(message === undefined ? [] : [`saying ${message}`]),
      ].join(" ");
    });
    const how = RULE_STATES[String(state ?? "ENABLED")] ?? ` is ${state}`;
    return `watch ${name} in ${regionsOf(stack, rule.body)}${how}: ${patternOf(stack, event_pattern)} -> ${targets.join(", ") || "nobody"}`;
  });
}

/** An event pattern in words; those of other rules by the names of the rules. */
function patternOf(stack: Stack, text: unknown): string {
  const pattern = decoded(text);
  if (!pattern) return `a pattern that only Terraform can read: ${text}`;
  const { $or, ...rest } = pattern;
  const named = list($or).map((one) => ruleWith(stack, one) ?? conditions(asBody(one)).join(", "));
  return [...(named.length > 0 ? [named.join(" or ")] : []), ...conditions(rest)].join(", ");
}

const ruleWith = (stack: Stack, pattern: unknown): string | undefined =>
  stack
    .of("aws_cloudwatch_event_rule")
    .flatMap(({ body }) => (body["event_pattern"] === JSON.stringify(pattern) ? [String(body["name"])] : []))[0];

function conditions(pattern: Body, path = ""): string[] {
  return Object.entries(pattern).flatMap(([key, value]) => {
    if (key === "$or")
      return [
        `(${list(value)
          .map((one) => conditions(asBody(one), path).join(" and "))
          .join(" or ")})`,
      ];
    if (Array.isArray(value)) return [`${path}${key} ${value.map(matcher).join(" or ")}`];
    return conditions(asBody(value), `${path}${key}.`.replace(/^detail\./, ""));
  });
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
function matcher(value: unknown): string {
  const { exists, "anything-but": not, ...rest } = asBody(value);
  if (Object.keys(rest).length > 0 || (exists === undefined && not === undefined)) {
    return typeof value === "string" ? value : JSON.stringify(value);
  }
  if (not !== undefined) return `anything but ${list(not).map(matcher).join(", ")}`;
  return exists === false ? "absent" : "present";
}

// ---- Records

function trailLines(stack: Stack): string[] {
  return stack.of("aws_cloudtrail").map(({ body }) => {
    const of = body["is_organization_trail"] === true ? "every account of the organization" : "this account";
    const where = body["is_multi_region_trail"] === true ? "every region" : regionsOf(stack, body);
    return [
      `trail ${body["name"]}${body["enable_logging"] === false ? " is OFF" : ""}: ${of}, ${where}`,
      ...(body["include_global_service_events"] === false ? ["no global services"] : []),
      body["enable_log_file_validation"] === true ? "signed" : "not signed",
      `kept in ${nameOf(stack, body["s3_bucket_name"])}${encryption(stack, body["kms_key_id"])}`,
    ].join(", ");
  });
}

function bucketLines(stack: Stack): string[] {
  return stack.of("aws_s3_bucket").flatMap((bucket) => {
    const parts = (type: string) => partsOf(stack, type, bucket);
    const closed = parts("aws_s3_bucket_public_access_block").some((block) =>
      PUBLIC_ACCESS.every((name) => block[name] === true),
    );
    const versioning = parts("aws_s3_bucket_versioning").map((part) => asBlock(part["versioning_configuration"]));
    const kept = parts("aws_s3_bucket_lifecycle_configuration")
      .flatMap(({ rule }) => list(rule))
      .map(lifecycle);
    const keys = parts("aws_s3_bucket_server_side_encryption_configuration")
      .flatMap(({ rule }) => list(rule))
      .map(asBody);
    return [
      [
        `bucket ${bucket.body["bucket"]}: ${closed ? "private" : "CAN BE MADE PUBLIC"}`,
        ...versioning.map((block) => `versions ${Object.values(block).join(", ").toLowerCase()}`),
        ...keys.map((key) => encryptionRule(stack, key)),
        ...(kept.length > 0 ? kept : ["keeps everything"]),
      ].join(", "),
      ...parts("aws_s3_bucket_policy")
        .flatMap(({ policy }) => statements(policy))
        .map((statement) => `bucket ${bucket.body["bucket"]}: ${statement}`),
    ];
  });
}

/** "Keeps 365 days" where all that a rule does is to delete; any other as it is. */
function lifecycle(rule: unknown): string {
  const { id: _, status, filter, expiration, noncurrent_version_expiration, ...rest } = asBody(rule);
  const { days, ...other } = asBlock(expiration);
  const { noncurrent_days, ...more } = asBlock(noncurrent_version_expiration);
  const plain = status === "Enabled" && asJson({ ...asBlock(filter), ...rest, ...other, ...more }).length === 0;
  return plain && (noncurrent_days ?? days) === days ? `keeps ${days} days` : `rule ${JSON.stringify(rule)}`;
}

function encryptionRule(stack: Stack, rule: Body): string {
  const { apply_server_side_encryption_by_default: byDefault, bucket_key_enabled: _, ...rest } = rule;
  const { sse_algorithm, kms_master_key_id, ...more } = asBlock(byDefault);
  const key = kms_master_key_id === undefined ? "" : ` ${keyName(stack, kms_master_key_id)}`;
  return [`encrypted by ${sse_algorithm}${key}`, ...asJson({ ...rest, ...more })].join(" ");
}

function keyLines(stack: Stack): string[] {
  return stack.of("aws_kms_key").flatMap((key) => {
    const names = partsOf(stack, "aws_kms_alias", key).map(({ name }) => name);
    const name = names.join(", ") || key.address;
    const said = key.body["policy"] === undefined ? ["the default policy"] : statements(key.body["policy"]);
    return [
      ...said.map((statement) => `key ${name}: ${statement}`),
      ...(key.body["enable_key_rotation"] === true ? [] : [`key ${name}: is never rotated`]),
    ];
  });
}

const encryption = (stack: Stack, key: unknown): string =>
  key === undefined ? ", not encrypted by a key of its own" : ` by key ${keyName(stack, key)}`;

function keyName(stack: Stack, key: unknown): string {
  const behind = stack.behind(key);
  const [alias] = behind ? partsOf(stack, "aws_kms_alias", behind) : [];
  return String(alias?.["name"] ?? key);
}

// ---- What AWS looks for

function analyzerLines(stack: Stack): string[] {
  return [
    ...stack
      .of("aws_accessanalyzer_analyzer")
      .map(
        ({ body }) =>
          `Access Analyzer ${body["analyzer_name"]} (${body["type"] ?? "ACCOUNT"}) in ${regionsOf(stack, body)}`,
      ),
    ...stack.of("aws_accessanalyzer_archive_rule").map(({ body }) => {
      const filters = list(body["filter"]).map((filter) => {
        const { criteria, ...operators } = asBody(filter);
        return Object.entries(operators).map(
          ([operator, values]) => `${criteria} ${operator} ${list(values).join(" or ")}`,
        );
      });
      return `findings that ${body["analyzer_name"]} keeps to itself in ${regionsOf(stack, body)} (${body["rule_name"]}): ${filters.flat().join(", ")}`;
    }),
  ];
}

function configLines(stack: Stack): string[] {
  const channels = stack.of("aws_config_delivery_channel").map(({ body }) => nameOf(stack, body["s3_bucket_name"]));
  return [
    ...stack.of("aws_config_configuration_recorder").map((recorder) => {
      const on = partsOf(stack, "aws_config_configuration_recorder_status", recorder).some(
        (status) => status["is_enabled"] === true,
      );
      const { resource_types, all_supported, ...rest } = asBlock(recorder.body["recording_group"]);
      const types = [...list(resource_types), ...(all_supported === false ? [] : ["everything"]), ...asJson(rest)];
      return `AWS Config in ${regionsOf(stack, recorder.body)}${on ? "" : " is OFF"}: records ${types.join(", ")} to ${channels.join(", ") || "nowhere"} as ${nameOf(stack, recorder.body["role_arn"])}`;
    }),
    ...stack.of("aws_config_config_rule").map(({ body }) => {
      const { owner, source_identifier, ...rest } = asBlock(body["source"]);
      const often = body["maximum_execution_frequency"];
      const every = often === undefined ? "" : ` every ${String(often).replace("_", " ").toLowerCase()}`;
      const with_ = [body["input_parameters"], ...asJson(rest), ...asJson(asBlock(body["scope"]))].filter(Boolean);
      return `AWS Config in ${regionsOf(stack, body)} checks ${body["name"]}: ${[owner, source_identifier, ...with_].join(" ")}${every}`;
    }),
  ];
}

// ---- The account itself

/** What a secret holds is told by what its value is made of, never by a value. */
function secretLines(stack: Stack): string[] {
  return stack.of("aws_secretsmanager_secret").flatMap((secret) => {
    const { name, kms_key_id } = secret.body;
    const versions = partsOf(stack, "aws_secretsmanager_secret_version", secret);
    const made = versions.flatMap(({ secret_string }) => [
      ...new Set(String(secret_string).match(/\b\w+\.[\w-]+\.\w+/g)),
    ]);
    const by =
      kms_key_id === undefined || kms_key_id === "alias/aws/secretsmanager"
        ? "aws/secretsmanager, whoever may read secrets here"
        : keyName(stack, kms_key_id);
    return [
      `secret ${name} in ${regionsOf(stack, secret.body)}: holds ${made.join(", ") || "nothing of this stack"}, encrypted by ${by}`,
      ...partsOf(stack, "aws_secretsmanager_secret_policy", secret)
        .flatMap(({ policy }) => statements(policy))
        .map((statement) => `secret ${name}: ${statement}`),
    ];
  });
}

function settingLines(stack: Stack): string[] {
  const lines = (type: string, line: (body: Body) => string) => stack.of(type).map(({ body }) => line(body));
  return [
    ...lines("aws_iam_account_password_policy", passwordPolicy),
    ...lines(
      "aws_account_alternate_contact",
      (one) =>
        `contact for ${String(one["alternate_contact_type"]).toLowerCase()}: ${one["name"]}, ${one["title"]}, ${one["email_address"]}, ${one["phone_number"]}`,
    ),
    ...lines("aws_iam_account_alias", ({ account_alias }) => `account alias: ${account_alias}`),
    ...lines("aws_account_region", ({ region_name, enabled }) => `region ${region_name}: ${onOff(enabled)}`),
    ...lines(
      "aws_iam_organizations_features",
      ({ enabled_features }) => `root access of member accounts is managed here: ${list(enabled_features).join(", ")}`,
    ),
    ...lines("aws_iam_service_linked_role", ({ aws_service_name }) => `role for AWS itself: ${aws_service_name}`),
  ];
}

const onOff = (enabled: unknown): string =>
  enabled === true ? "enabled" : enabled === false ? "disabled" : String(enabled);

function passwordPolicy(body: Body): string {
  const kinds = ["lowercase_characters", "uppercase_characters", "numbers", "symbols"];
  const required = kinds
    .filter((kind) => body[`require_${kind}`] === true)
    .map((kind) => kind.replace("_characters", ""));
  const { max_password_age: age, hard_expiry, allow_users_to_change_password: change } = body;
  return [
    `passwords of IAM users: at least ${count(Number(body["minimum_password_length"] ?? 6), "character")}`,
    `with ${required.join(", ") || "any characters"}`,
    `none of the last ${body["password_reuse_prevention"] ?? 0}`,
    age === undefined ? "never expire" : `expire after ${age} days${hard_expiry === true ? ", for good" : ""}`,
    ...(change === false ? ["changed by administrators only"] : []),
  ].join(", ");
}
