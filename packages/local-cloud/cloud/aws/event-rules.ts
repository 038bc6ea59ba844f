import { ServiceError } from "../errors";
import { notModelled } from "./errors";
import { parseEventPattern } from "./event-pattern";
import { checkInputTransformer, type InputTransformer } from "./input-transformer";
import { type Tags, withTags } from "./names";
import { type AccountContext, Service } from "./service";
import type { Table } from "./table";

/**
 * "Enabled" leaves out the read-only management events that CloudTrail brings.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
 */
export const RULE_STATES = ["ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", "DISABLED"] as const;
export type RuleState = (typeof RULE_STATES)[number];

export interface TargetState {
  id: string;
  arn: string;
  roleArn: string | null;
  /** What the target gets in place of the event. @default - the event */
  input?: string;
  inputPath?: string;
  inputTransformer?: InputTransformer;
}

export interface EventRuleState {
  arn: string;
  name: string;
  region: string;
  description: string;
  eventPattern: string;
  state: RuleState;
  tags: Tags;
  /** By id. */
  targets: Record<string, TargetState>;
}

// Codes: "Errors" of PutRule, PutTargets, RemoveTargets and DeleteRule in the EventBridge API Reference.
// Assumption aws-alarm-words, never checked: What EventBridge, SNS, KMS, CloudTrail and S3 refuse is documented, with its codes; many of the
// words are ours.
const notFound = (what: string) => new ServiceError("ResourceNotFoundException", `${what} does not exist.`, 400);
const validation = (why: string) => new ServiceError("ValidationException", why, 400);
const limit = (why: string) => new ServiceError("LimitExceededException", why, 400);

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html: "Rules" 300 (100 in some regions), "Targets per rule" 5.
const MAX_RULES = 300;
const MAX_TARGETS = 5;
/** "The event pattern size is 2048 by default but it is adjustable up to 4096": documentation of aws_cloudwatch_event_rule. */
const MAX_PATTERN = 2_048;
const NAME = /^[.\-_A-Za-z0-9]{1,64}$/;
const TOPIC = /^arn:[\w-]+:sns:([a-z0-9-]+):(\d{12}):[\w-]+$/;
const DEFAULT_BUS = /^arn:[\w-]+:events:([a-z0-9-]+):(\d{12}):event-bus\/default$/;

/** Rules on the default event bus of each region, by ARN: the bus that gets what CloudTrail records. */
export class EventRules extends Service {
  private readonly rules: Table<EventRuleState>;

  /** @param mayAssume whether a role of the account lets EventBridge in for a rule, as PutTargets asks */
  constructor(
    context: AccountContext,
    rules: Record<string, EventRuleState>,
    private readonly mayAssume: (roleArn: string, ruleArn: string) => boolean,
  ) {
    super("events", context);
    this.rules = this.table(rules, {
      notFound: (arn) => notFound(`Rule ${arn.slice(arn.indexOf("/") + 1)}`),
      lines: ({ arn, targets }) => [arn, ...Object.keys(targets).map((target) => `${arn} ${target}`)],
    });
  }

  list(): readonly Readonly<EventRuleState>[] {
    return this.rules.list();
  }

  in(region: string): readonly Readonly<EventRuleState>[] {
    return this.list().filter((rule) => rule.region === region);
  }

  find(region: string, name: string): Readonly<EventRuleState> | undefined {
    return this.rules.find(this.key(region, name));
  }

  /** Makes a rule, or changes the one that is there: what is left out goes back to its default. */
  put(request: {
    region: string;
    name: string;
    description?: string;
    eventPattern: string;
    state?: RuleState;
    tags?: Tags;
  }): Promise<Readonly<EventRuleState>> {
    const { region, name, description = "", eventPattern, state = "ENABLED", tags = {} } = request;
    const arn = this.key(region, name);
    return this.mutate("PutRule", arn, () => {
      if (!NAME.test(name)) throw validation(`name '${name}' must match [\\.\\-_A-Za-z0-9]+, up to 64 characters`);
      if (eventPattern.length > MAX_PATTERN) {
        throw limit(`The event pattern has ${eventPattern.length} characters, EventBridge takes ${MAX_PATTERN}`);
      }
      parseEventPattern(eventPattern);
      const there = this.rules.find(arn);
      if (!there && this.in(region).length >= MAX_RULES) throw limit(`The bus has ${MAX_RULES} rules already.`);
      // "Tags are ignored when a rule is updated" (API_PutRule).
      const rule: EventRuleState = {
        arn,
        name,
        region,
        description,
        eventPattern,
        state,
        tags: there?.tags ?? withTags({}, tags),
        targets: there?.targets ?? {},
      };
      this.rules.rows[arn] = rule;
      return rule;
    });
  }

  delete(region: string, name: string): Promise<void> {
    const arn = this.key(region, name);
    return this.mutate("DeleteRule", arn, () => {
      if (Object.keys(this.rules.find(arn)?.targets ?? {}).length > 0) {
        throw validation("Rule can't be deleted since it has targets.");
      }
      delete this.rules.rows[arn];
    });
  }

  putTarget(region: string, ruleName: string, target: TargetState): Promise<void> {
    const arn = this.key(region, ruleName);
    return this.mutate("PutTargets", `${arn} ${target.id}`, () => {
      const rule = this.rules.own(arn);
      this.checkTarget(rule, target);
      if (!(target.id in rule.targets) && Object.keys(rule.targets).length >= MAX_TARGETS) {
        throw limit(`A rule takes ${MAX_TARGETS} targets.`);
      }
      rule.targets[target.id] = { ...target };
    });
  }

  removeTarget(region: string, ruleName: string, id: string): Promise<void> {
    const arn = this.key(region, ruleName);
    return this.mutate("RemoveTargets", `${arn} ${id}`, () => {
      const rule = this.rules.own(arn);
      delete rule.targets[id];
    });
  }

  tag(region: string, name: string, tags: Tags): Promise<void> {
    return this.rules.tag(this.key(region, name), tags);
  }

  untag(region: string, name: string, keys: readonly string[]): Promise<void> {
    return this.rules.untag(this.key(region, name), keys);
  }

  private checkTarget(rule: EventRuleState, target: TargetState): void {
    const { id: account } = this.account;
    if (target.inputTransformer) checkInputTransformer(target.inputTransformer);
    const topic = TOPIC.exec(target.arn);
    if (topic) {
      if (topic[2] !== account) throw notModelled("A target in another account");
      // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html: a bus is the only target in another region.
      if (topic[1] !== rule.region) {
        throw validation(`Provided Arn is not in correct format: ${target.arn} is not in ${rule.region}.`);
      }
      // "When you specify a RoleArn for these target types, event delivery may fail" (eb-use-resource-based).
      if (target.roleArn !== null) throw notModelled("A role for a topic as target");
      return;
    }
    const bus = DEFAULT_BUS.exec(target.arn);
    if (!bus) throw notModelled(`The target ${target.arn}`);
    if (bus[2] !== account) throw notModelled("A target in another account");
    if (bus[1] === rule.region) throw validation("The source and target event bus must not be the same.");
    if (target.roleArn === null) throw validation(`RoleArn is required for target ${target.arn}.`);
    if (this.mayAssume(target.roleArn, rule.arn)) return;
    // The words: internal/service/events/rule.go of the provider waits while it hears them.
    throw validation(`Provided role '${target.roleArn}' cannot be assumed by principal '${EVENTBRIDGE}'.`);
  }

  private key(region: string, name: string): string {
    return this.arn(region, `rule/${name}`);
  }
}

/** The name by which EventBridge goes in policies. */
export const EVENTBRIDGE = "events.amazonaws.com";
