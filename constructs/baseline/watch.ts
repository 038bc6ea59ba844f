import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { Construct } from "constructs";
import { renewedWith } from "../aws/renewed-with";
import { check } from "../check";
import { writesHcl } from "../hcl";
import type { AlarmTopic } from "./alarm-topic";

/** An event pattern of EventBridge. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
export type EventPattern = Readonly<Record<string, unknown>>;

/** Something that a person is to hear of. */
export interface Watch {
  /** Ends the name of the rule, `account-watch-<name>`; lower case with hyphens. */
  readonly name: string;
  /** What it means, in the list of rules. */
  readonly description: string;
  readonly pattern: EventPattern;
  /**
   * `true`: calls that only read raise the alarm as well. EventBridge leaves those out of a rule that does not ask for them.
   * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
   */
  readonly readOnlyCalls?: boolean;
  /** `true`: it happens in the region of the alarms, and nothing has to be forwarded. @default false */
  readonly local?: boolean;
  /** The message, a sentence with `<name>` for each of the `fields`. */
  readonly message: string;
  /** Values that the message takes from the event: name and JSON path. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Detail types of what CloudTrail passes on. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html */
export const API_CALL = "AWS API Call via CloudTrail";
/** What is done in the console without a call: the account's address and telephone are changed so. */
export const CONSOLE_ACTION = "AWS Console Action via CloudTrail";
/** All of them. A sign-in has no type of its own here: AWS writes "Console Signin" in that page and "Console Sign In" in events. */
export const VIA_CLOUDTRAIL = { suffix: " via CloudTrail" };

type Message = Pick<Watch, "message" | "fields">;

const WHO_WHERE_WHEN = {
  who: "$.detail.userIdentity.arn",
  principal: "$.detail.userIdentity.principalId",
  address: "$.detail.sourceIPAddress",
  region: "$.detail.awsRegion",
  time: "$.detail.eventTime",
};

/** Message about a call: one sentence that can be read at 2 a.m. @param what with `<event>`, or `<name>` of a further field */
export function callMessage(what: string, further: Watch["fields"] = { event: "$.detail.eventName" }): Message {
  return {
    message: `${what} by <who> (<principal>) from <address> in <region> at <time>. Error (none, if AWS did it): <error>`,
    fields: { ...WHO_WHERE_WHEN, ...further, error: "$.detail.errorCode" },
  };
}

/** Message about a sign-in to the console. */
export function signInMessage(what: string): Message {
  return {
    message: `${what}: <event> by <who> (<principal>) from <address> in <region> at <time>. Result: <result>`,
    fields: { ...WHO_WHERE_WHEN, event: "$.detail.eventName", result: "$.detail.responseElements.ConsoleLogin" },
  };
}

/** State of a rule that is on. */
export function ruleState(readOnlyCalls: boolean): string {
  return readOnlyCalls ? "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" : "ENABLED";
}

/** Characters of an event pattern. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const PATTERN_CHARACTERS = 2048;

/** The pattern as text, checked for what EventBridge takes. */
export function patternText(scope: Construct, pattern: EventPattern): string {
  const text = JSON.stringify(pattern);
  check(scope, "event pattern length", text.length).must(
    text.length <= PATTERN_CHARACTERS,
    `EventBridge takes ${PATTERN_CHARACTERS} characters; watch for less, or under shorter names`,
  );
  check(scope, "output", "HCL").must(
    !writesHcl(scope) || !text.includes("\\"),
    "cdktf loses the backslashes of this event pattern there, and AWS would refuse it; synthesize JSON",
  );
  return text;
}

export interface AccountWatchProps {
  readonly watch: Watch;
  readonly topic: AlarmTopic;
  /** Begins every message: `AWS account Payments (210987654321)`. */
  readonly accountLabel: string;
  /** Address of what to do now, at the end of every message. */
  readonly runbook?: string;
}

/** A rule on the default event bus in the region of the alarms, and its message to the topic. */
export class AccountWatch extends Construct {
  /** Names of rules begin with it, so that a policy can protect them together. */
  static readonly prefix = "account-watch-";
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: CloudwatchEventRule;

  constructor(scope: Construct, { watch, topic, accountLabel, runbook }: AccountWatchProps) {
    super(scope, `Watch ${watch.name}`);
    this.resource = new CloudwatchEventRule(this, "Resource", {
      name: `${AccountWatch.prefix}${watch.name}`,
      description: watch.description,
      eventPattern: patternText(this, watch.pattern),
      state: ruleState(watch.readOnlyCalls ?? false),
    });
    const next = runbook ? ` What to do: ${runbook}` : "";
    new CloudwatchEventTarget(this, "Target", {
      rule: this.resource.name,
      targetId: "account-alarms",
      // Without a role: EventBridge publishes by the topic's policy, and with a role delivery to an encrypted topic may fail
      // (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html).
      arn: topic.arn,
      inputTransformer: {
        inputPaths: { ...watch.fields },
        // A text for SNS is a JSON string.
        inputTemplate: JSON.stringify(`${accountLabel}: ${watch.message}.${next}`),
      },
      lifecycle: renewedWith(this.resource),
    });
  }
}
