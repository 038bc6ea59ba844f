import { type EventPattern, parseEventPattern } from "../../local-cloud/cloud/aws/event-pattern";
import { type Configuration, providerBlocks, resourcesOf, type SynthesizedStack, stringsUnder } from "../run/stacks";

/** What a stack watches for by its configuration: what stands in `cdk.tf.json`, not what is deployed. */
export interface ConfiguredAlarms {
  readonly accountId: string;
  /** Where the AWS provider works. */
  readonly home: string;
  /** Regions that have a rule. */
  readonly regions: readonly string[];
  readonly rules: readonly ConfiguredRule[];
  /** Endpoints of everybody who is to hear of it. */
  readonly subscribers: readonly string[];
  /** Names of IAM users whose use is watched. */
  readonly users: readonly string[];
  /** ARNs of roles whose use is watched. */
  readonly roles: readonly string[];
  /** Regions in which AWS Config looks for old access keys, and the days that it allows. */
  readonly keyAge: readonly { readonly region: string; readonly days: number }[];
}

export interface ConfiguredRule {
  readonly name: string;
  readonly matches: EventPattern;
  /** What it names, of all that can happen. */
  readonly events: readonly string[];
}

/** Whether a stack watches for anything. */
export const hasAlarms = (stack: SynthesizedStack): boolean =>
  resourcesOf(stack, "aws_cloudwatch_event_rule").length > 0;

/** Reads the alarms out of a stack's configuration. */
export function configuredAlarms(stack: SynthesizedStack): ConfiguredAlarms {
  const provider = providerBlocks(stack, "aws");
  const [accountId] = stringsUnder(provider, ["allowed_account_ids"]);
  const [home] = stringsUnder(provider, ["region"]);
  const rules = resourcesOf(stack, "aws_cloudwatch_event_rule");
  if (accountId === undefined || home === undefined || rules.length === 0) {
    throw new Error(`${stack.name} has no rule of EventBridge: it raises no alarm`);
  }
  const patterns = rules.flatMap(({ event_pattern }) => text(event_pattern));
  const named = (name: string) => [
    ...new Set(patterns.flatMap((pattern) => stringsUnder(JSON.parse(pattern), [name]))),
  ];
  return {
    accountId,
    home,
    regions: [...new Set(rules.flatMap((rule) => regionsOf(rule, home)))],
    rules: rules.map((rule) => ({
      name: text(rule.name)[0] ?? "",
      matches: parseEventPattern(text(rule.event_pattern)[0] ?? ""),
      events: text(rule.event_pattern).flatMap((pattern) => stringsUnder(JSON.parse(pattern), ["eventName"])),
    })),
    subscribers: resourcesOf(stack, "aws_sns_topic_subscription").flatMap(({ endpoint }) => text(endpoint)),
    users: named("userName"),
    roles: named("roleArn"),
    keyAge: resourcesOf(stack, "aws_config_config_rule").flatMap((rule) => keyAgeOf(rule, home)),
  };
}

/** A resource in one region, or with `for_each` in several: `${toset(["eu-west-1", "us-east-1"])}`. */
function regionsOf({ region, for_each }: Configuration, home: string): string[] {
  const [several] = text(for_each);
  if (several !== undefined) return [...several.matchAll(/"([a-z0-9-]+)"/g)].map(([, name]) => name ?? "");
  return [text(region)[0] ?? home];
}

function keyAgeOf({ source, input_parameters, ...rule }: Configuration, home: string): ConfiguredAlarms["keyAge"] {
  if (!stringsUnder({ source }, ["source_identifier"]).includes("ACCESS_KEYS_ROTATED")) return [];
  const { maxAccessKeyAge = 90 } = JSON.parse(text(input_parameters)[0] ?? "{}") as { maxAccessKeyAge?: unknown };
  return regionsOf(rule, home).map((region) => ({ region, days: Number(maxAccessKeyAge) }));
}

const text = (value: unknown): string[] => (typeof value === "string" ? [value] : []);
