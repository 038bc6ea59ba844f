import { createHash } from "node:crypto";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";
import { SnsTopicSubscription } from "@cdktf/provider-aws/lib/sns-topic-subscription";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { AwsAccount } from "../aws/saml-provider";
import { policyText } from "../aws/trust-policy";
import { check } from "../check";
import { EncryptionKey } from "./encryption-key";

export interface AlarmTopicProps {
  readonly account: AwsAccount;
  /** Region of the topic and of the rules that publish to it. */
  readonly region: string;
  /**
   * Who hears an alarm: e-mail addresses (`security@contoso.com`) and `https://` addresses of a pager. AWS asks each to confirm; until then
   * it hears nothing, and every plan says so while nobody has confirmed. SNS posts its own JSON to an `https://` address.
   */
  readonly subscribers: readonly string[];
}

/** The SNS topic that every alarm of the account arrives at. */
export class AlarmTopic extends Construct {
  static readonly topicName = "account-alarms";
  readonly arn: string;
  /** Subscriptions by subscriber. */
  readonly subscriptions: ReadonlyMap<string, SnsTopicSubscription>;
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: SnsTopic;

  constructor(scope: Construct, id: string, { account, region, subscribers }: AlarmTopicProps) {
    super(scope, id);
    // SNS's own key (alias/aws/sns) has a policy that nobody can change, and it does not let EventBridge in: the alarm would be lost
    // (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html).
    const key = new EncryptionKey(this, "Key", {
      account,
      alias: AlarmTopic.topicName,
      description: "Encrypts the alarms of the account",
      statements: [
        {
          // No condition on the source: the same page says that EventBridge would be refused (landing-zone-accelerator-on-aws#407).
          Sid: "EventBridge",
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: ["kms:GenerateDataKey", "kms:Decrypt"],
          Resource: "*",
        },
      ],
    });
    this.resource = new SnsTopic(this, "Resource", { name: AlarmTopic.topicName, kmsMasterKeyId: key.arn });
    this.arn = this.resource.arn;
    const computedArn = `arn:${account.partition}:sns:${region}:${account.accountId}:${AlarmTopic.topicName}`;
    new SnsTopicPolicy(this, "Policy", {
      arn: this.arn,
      policy: policyText({
        Version: "2012-10-17",
        Statement: [
          {
            // No condition here either: SNS topic policies take none for EventBridge, and an alarm that a condition stops is lost without a
            // word (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions). What is left:
            // a rule of another account that knows this ARN could send a false alarm; it could never keep one back.
            Sid: "EventBridge",
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sns:Publish",
            Resource: computedArn,
          },
        ],
      }),
    });
    this.subscriptions = this.subscribe(subscribers);
  }

  private subscribe(subscribers: readonly string[]): ReadonlyMap<string, SnsTopicSubscription> {
    check(this, "alarms.subscribers", subscribers).must(
      subscribers.length > 0,
      "an alarm that nobody hears is none; name an e-mail address or an https:// address",
    );
    subscribers.forEach((subscriber, index) => {
      check(this, `alarms.subscribers[${index}]`, subscriber).must(
        /^https:\/\/\S+$/.test(subscriber) || /^[^\s@:/]+@[^\s@.]+(\.[^\s@.]+)+$/.test(subscriber),
        "SNS mails to name@domain and posts to https:// addresses; correct it",
      );
      check(this, `alarms.subscribers[${index}]`, subscriber).must(
        subscribers.indexOf(subscriber) === index,
        "it stands there twice; remove one",
      );
    });
    const made = new Map(
      [...new Set(subscribers)].map((subscriber): [string, SnsTopicSubscription] => [
        subscriber,
        new SnsTopicSubscription(this, idOf(subscriber), {
          topicArn: this.arn,
          protocol: subscriber.startsWith("https://") ? "https" : "email",
          endpoint: subscriber,
        }),
      ]),
    );
    const pending = [...made.values()].map(({ fqn }) => `${fqn}.pending_confirmation`);
    if (pending.length > 0) {
      TerraformStack.of(this).addOverride("check.alarm_subscribers", {
        assert: [
          {
            condition: `\${anytrue([for pending in [${pending.join(", ")}] : !pending])}`,
            error_message:
              "Nobody hears an alarm yet: no subscriber has confirmed. Each has a mail or a request from AWS.",
          },
        ],
      });
    }
    return made;
  }
}

/**
 * The address of a webhook can be all that is needed to write to it, and a construct id becomes a Terraform address, which every plan
 * prints: its host, and a hash that tells one from another.
 */
function idOf(subscriber: string): string {
  const host = /^https:\/\/(?:[^/?#]*@)?([^/?#]+)/.exec(subscriber)?.[1];
  return host === undefined
    ? subscriber
    : `https-${host}-${createHash("sha256").update(subscriber).digest("hex").slice(0, 8)}`;
}
