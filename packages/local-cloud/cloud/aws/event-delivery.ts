import { type EventPattern, parseEventPattern } from "./event-pattern";
import { EVENTBRIDGE, type EventRuleState, type EventRules, type TargetState } from "./event-rules";
import { transformInput, valueAt } from "./input-transformer";
import type { KmsKeys } from "./kms-keys";
import { type Decision, evaluate } from "./policy";
import { parsePolicyDocument } from "./policy-document";
import { serviceMay } from "./resource-policy";
import type { Roles } from "./roles";
import type { SnsTopics, SubscriptionState, TopicState } from "./sns-topics";
import type { Trails } from "./trails";

/** Something that happened in an account, as EventBridge gets it. */
export interface AwsEvent {
  readonly source: string;
  readonly "detail-type": string;
  readonly account: string;
  readonly time: string;
  /** Where AWS records it. */
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Where an event passes on its way to a person, in this order. */
export type DeliveryLink =
  | "CloudTrail"
  | "rule"
  | "forwarding role"
  | "event bus"
  | "topic"
  | "topic policy"
  | "key"
  | "subscription";

export interface DeliveryStep {
  readonly link: DeliveryLink;
  readonly outcome: "ok" | "refused" | "cannot tell";
  /** In a sentence, with the values that decided. */
  readonly because: string;
}

/** One way of an event, up to a person or to the link that broke. */
export interface DeliveryPath {
  readonly steps: readonly DeliveryStep[];
  /** Who was told what; absent where a link broke. */
  readonly told?: { readonly protocol: string; readonly endpoint: string; readonly message: string };
}

/** What the walk needs of an account. */
export interface DeliveringAccount {
  readonly id: string;
  readonly trails: Trails;
  readonly eventRules: EventRules;
  readonly topics: SnsTopics;
  readonly keys: KmsKeys;
  readonly roles: Roles;
  /** The account is a member of an organization whose trail takes its management events down. */
  readonly organizationTrail: boolean;
}

const ok = (link: DeliveryLink, because: string): DeliveryStep => ({ link, outcome: "ok", because });
const refused = (link: DeliveryLink, because: string): DeliveryStep => ({ link, outcome: "refused", because });
const cannotTell = (link: DeliveryLink, because: string): DeliveryStep => ({ link, outcome: "cannot tell", because });
const decided = (link: DeliveryLink, { outcome, because }: Decision, what: string): DeliveryStep =>
  ({ allow: ok, deny: refused, "cannot tell": cannotTell })[outcome](link, `${what}: ${because}`);

/** Every way of an event through the account: one for each subscriber of each target, one for each link that breaks. */
export function deliver(account: DeliveringAccount, event: AwsEvent): DeliveryPath[] {
  const recorded = recording(account, event);
  if (recorded && recorded.outcome !== "ok") return [{ steps: [recorded] }];
  const ways = onBus(account, event, event.region, false);
  return ways.map(({ steps, told }) => ({ steps: [...(recorded ? [recorded] : []), ...steps], told }));
}

const VIA_CLOUDTRAIL = / via CloudTrail$/;

// Assumption aws-alarm-trail, never checked: EventBridge gets nothing by way of CloudTrail from an account without a trail that is logging;
// a stack that makes none lives in an organization whose trail does.
/**
 * "To record events with a detail-type value of AWS API Call via CloudTrail, a CloudTrail trail with logging enabled is required."
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/event-types.html
 * @returns `undefined` for what does not come by way of CloudTrail
 */
function recording({ trails, organizationTrail }: DeliveringAccount, event: AwsEvent): DeliveryStep | undefined {
  if (!VIA_CLOUDTRAIL.test(event["detail-type"])) return undefined;
  if (organizationTrail) return ok("CloudTrail", "the organization's trail is taken for granted");
  const { readOnly, managementEvent } = event.detail;
  const global = GLOBAL_SOURCES.includes(event.source);
  const takes = trails.list().filter(({ logging, homeRegion, settings, selection }) => {
    const there = settings.multiRegion || homeRegion === event.region;
    const kind = selection === null || (selection.managementEvents && selection.readWriteType !== OTHER(readOnly));
    return logging && there && kind && managementEvent !== false && (!global || settings.globalServiceEvents);
  });
  if (takes[0]) return ok("CloudTrail", `${takes[0].name} records it in ${event.region}`);
  return refused(
    "CloudTrail",
    `no trail that is logging records this in ${event.region}, so EventBridge hears nothing of it`,
  );
}

const OTHER = (readOnly: unknown) => (readOnly === true ? "WriteOnly" : "ReadOnly");
/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html, "Global service events". */
const GLOBAL_SOURCES = ["aws.iam", "aws.sts", "aws.cloudfront", "aws.signin"];

/** What the default bus of a region does with an event. */
function onBus(account: DeliveringAccount, event: AwsEvent, region: string, forwarded: boolean): DeliveryPath[] {
  const rules = account.eventRules.in(region).filter((rule) => patternOf(rule)(event));
  if (rules.length === 0) return [{ steps: [refused("rule", `no rule in ${region} matches`)] }];
  return rules.flatMap((rule): DeliveryPath[] => {
    const state = ruleState(rule, event);
    const targets = Object.values(rule.targets);
    if (state.outcome !== "ok") return [{ steps: [state] }];
    if (targets.length === 0) return [{ steps: [refused("rule", `${rule.name} in ${region} has no target`)] }];
    return targets.flatMap((target) => {
      const ways = target.arn.includes(":sns:")
        ? toTopic(account, event, rule, target)
        : toBus(account, event, rule, target, forwarded);
      return ways.map(({ steps, told }) => ({ steps: [state, ...steps], told }));
    });
  });
}

const parsed = new Map<string, EventPattern>();
function patternOf({ eventPattern }: EventRuleState): EventPattern {
  const known = parsed.get(eventPattern) ?? parseEventPattern(eventPattern);
  parsed.set(eventPattern, known);
  return known;
}

/**
 * A rule that is only ENABLED may get some that do not begin with Describe, Get or List all the same; no alarm should count on it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
 */
const isReadOnly = ({ detail, ...event }: AwsEvent): boolean =>
  VIA_CLOUDTRAIL.test(event["detail-type"]) && detail.readOnly === true;

function ruleState({ name, region, state }: EventRuleState, event: AwsEvent): DeliveryStep {
  if (state === "DISABLED") return refused("rule", `${name} in ${region} is disabled`);
  if (state === "ENABLED" && isReadOnly(event)) {
    const why = `only reads, and the state is not ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`;
    return refused("rule", `${name} in ${region} would match, but ${event.detail.eventName} ${why}`);
  }
  return ok("rule", `${name} in ${region} matches`);
}

// Assumption aws-bus-china, never checked: The event buses of the two regions in China take each other's events: Amazon's page for China
// describes it, and no announcement names them.
// Assumption aws-bus-own-account, never checked: The default event bus takes events of its own account from another region where a role may
// put them, and needs no policy for that; a read-only event that was forwarded needs a rule for all management events there as well.
/**
 * Forwards to the default bus of another region, by a role of the account.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
 */
function toBus(
  account: DeliveringAccount,
  event: AwsEvent,
  rule: EventRuleState,
  target: TargetState,
  forwarded: boolean,
): DeliveryPath[] {
  const region = target.arn.split(":")[3] ?? "";
  if (forwarded) return [{ steps: [cannotTell("event bus", `${rule.name} forwards what was forwarded to it`)] }];
  const role = account.roles.byArn(target.roleArn ?? "");
  if (!role) return [{ steps: [refused("forwarding role", `there is no role ${target.roleArn}`)] }];
  const lets = mayAssume(role.assumeRolePolicyDocument, rule.arn, account.id);
  const puts = account.roles.allows(role.name, {
    action: "events:PutEvents",
    resource: target.arn,
    principal: { type: "AWS", id: role.arn },
    context: {},
  });
  const trusted = decided("forwarding role", lets, `${role.name} lets EventBridge in`);
  if (trusted.outcome !== "ok") return [{ steps: [trusted] }];
  const allowed = decided("forwarding role", puts, `${role.name} may put events on ${target.arn}`);
  if (allowed.outcome !== "ok") return [{ steps: [allowed] }];
  const passed = [allowed, ok("event bus", `forwarded from ${rule.region} to ${region}`)];
  // The event itself stays what it was: its region is the one where it was recorded.
  return onBus(account, event, region, true).map(({ steps, told }) => ({ steps: [...passed, ...steps], told }));
}

/** Whether a role's trust policy lets EventBridge in for a rule. */
export function mayAssume(trustPolicy: string, ruleArn: string, accountId: string): Decision {
  return evaluate([parsePolicyDocument(trustPolicy)], {
    action: "sts:AssumeRole",
    principal: { type: "Service", id: EVENTBRIDGE },
    context: { "aws:SourceArn": ruleArn, "aws:SourceAccount": accountId },
  });
}

function toTopic(
  account: DeliveringAccount,
  event: AwsEvent,
  rule: EventRuleState,
  { arn, ...target }: TargetState,
): DeliveryPath[] {
  const topic = account.topics.find(arn);
  if (!topic) return [{ steps: [refused("topic", `there is no topic ${arn}`)] }];
  const published = publishing(topic);
  if (published.outcome !== "ok") return [{ steps: [published] }];
  const encrypted = encryption(account, topic);
  if (encrypted && encrypted.outcome !== "ok") return [{ steps: [published, encrypted] }];
  const steps = [published, ...(encrypted ? [encrypted] : [])];
  const subscriptions = account.topics.subscriptionsOf(arn);
  if (subscriptions.length === 0) {
    return [{ steps: [...steps, refused("subscription", `${topic.name} has no subscriber`)] }];
  }
  const message = messageOf(event, rule, target);
  return subscriptions.map((one) => tell(one, steps, message));
}

function tell(
  { protocol, endpoint, confirmed }: SubscriptionState,
  steps: readonly DeliveryStep[],
  message: string,
): DeliveryPath {
  // "the endpoint owner must confirm the subscription" before a message is sent: API_Subscribe.
  if (!confirmed) return { steps: [...steps, refused("subscription", `${endpoint} has not confirmed it`)] };
  return { steps: [...steps, ok("subscription", `${endpoint} by ${protocol}`)], told: { protocol, endpoint, message } };
}

/**
 * EventBridge publishes by a statement without conditions: "EventBridge does not support the use of Condition blocks in Amazon SNS
 * topic policies" (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html, SNS permissions).
 */
function publishing(topic: TopicState): DeliveryStep {
  const { Statement, ...rest } = JSON.parse(topic.policy) as { Statement: unknown };
  const statements = [Statement].flat() as { Effect: string; Condition?: unknown }[];
  const counted = statements.filter(({ Effect, Condition }) => Effect !== "Allow" || Condition === undefined);
  const request = { action: "sns:Publish", resource: topic.arn, context: {} };
  const nobody: Decision = { outcome: "deny", because: "every statement that allows anything has conditions" };
  const decision = counted.some(({ Effect }) => Effect === "Allow")
    ? serviceMay(JSON.stringify({ ...rest, Statement: counted }), EVENTBRIDGE, request)
    : nobody;
  return decided("topic policy", decision, `EventBridge may publish to ${topic.name}`);
}

/**
 * For an encrypted topic EventBridge makes a data key, and the request carries the topic but neither rule nor account: aws:SourceArn
 * and aws:SourceAccount in the key policy are "not supported for EventBridge-to-encrypted topics"
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html).
 */
function encryption({ keys }: DeliveringAccount, topic: TopicState): DeliveryStep | undefined {
  if (topic.kmsMasterKeyId === null) return undefined;
  if (/(^|:)alias\/aws\//.test(topic.kmsMasterKeyId)) {
    return refused("key", `nobody can let EventBridge use ${topic.kmsMasterKeyId}: its policy is AWS's own`);
  }
  const key = keys.find(topic.region, topic.kmsMasterKeyId);
  if (!key || key.deletionDate !== null) return refused("key", `there is no key ${topic.kmsMasterKeyId}`);
  if (!key.enabled) return refused("key", `the key ${key.keyId} is disabled`);
  const context = {
    "kms:EncryptionContext:aws:sns:topicArn": topic.arn,
    "aws:SourceArn": null,
    "aws:SourceAccount": null,
    "aws:SourceOrgID": null,
  };
  const steps = ["kms:GenerateDataKey", "kms:Decrypt"].map((action) => {
    const decision = serviceMay(key.policy, EVENTBRIDGE, { action, resource: key.arn, context });
    return decided("key", decision, `EventBridge may ${action} with the key of ${topic.name}`);
  });
  return steps.find(({ outcome }) => outcome !== "ok") ?? steps[0];
}

/** What a target is sent: the event, a part of it, or the rule's own words. */
function messageOf(
  event: AwsEvent,
  rule: EventRuleState,
  { input, inputPath, inputTransformer }: Omit<TargetState, "arn">,
): string {
  if (input !== undefined) return input;
  if (inputPath !== undefined) return JSON.stringify(valueAt(event, inputPath));
  if (inputTransformer) return transformInput(inputTransformer, event, { ...rule, time: event.time });
  return JSON.stringify(event);
}
