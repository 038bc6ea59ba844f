import { randomUUID } from "node:crypto";
import { ServiceError } from "../errors";
import { notModelled } from "./errors";
import { type Tags, withTags } from "./names";
import { parseResourcePolicy } from "./resource-policy";
import { type AccountContext, Collection } from "./service";

export interface TopicState {
  arn: string;
  name: string;
  region: string;
  displayName: string;
  policy: string;
  /** Key id, ARN or alias of a KMS key, as it was given; `null`: not encrypted. */
  kmsMasterKeyId: string | null;
  tags: Tags;
}

export interface SubscriptionState {
  arn: string;
  topicArn: string;
  protocol: string;
  endpoint: string;
  /** Until the owner of the endpoint has confirmed, nothing is sent there. */
  confirmed: boolean;
  /** When it was asked for. */
  since: string;
}

// Codes: "Errors" of each operation in the Amazon SNS API Reference.
const notFound = (what: string) => new ServiceError("NotFound", `${what} does not exist`, 404);
const invalid = (why: string) => new ServiceError("InvalidParameter", `Invalid parameter: ${why}`, 400);

/** Protocols whose endpoint somebody has to confirm; in AWS there are others, which confirm by themselves (API_Subscribe). */
const ENDPOINTS: Readonly<Record<string, RegExp>> = {
  email: /^[^\s@]+@[^\s@]+$/,
  "email-json": /^[^\s@]+@[^\s@]+$/,
  https: /^https:\/\/\S+$/,
};
/** SNS deletes what nobody has confirmed: https://aws.amazon.com/about-aws/whats-new/2023/05/amazon-sns-automatic-deletion-unconfirmed-subscriptions/ */
const CONFIRM_WITHIN = 48 * 60 * 60_000;
/** https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
const NAME = /^[\w-]{1,256}$/;

/** The account's standard topics and their subscriptions, by ARN. */
export class SnsTopics extends Collection<TopicState> {
  constructor(
    context: AccountContext,
    topics: Record<string, TopicState>,
    private readonly subscriptions: Record<string, SubscriptionState>,
  ) {
    super("sns", context, topics, {
      notFound: () => notFound("Topic"),
      lines: ({ arn }) => [arn, ...this.subscriptionsOf(arn).map(({ endpoint }) => `${arn} ${endpoint}`)],
    });
  }

  /** "If the requester already owns a topic with the specified name, that topic's ARN is returned" (API_CreateTopic). */
  create(request: { region: string; name: string; tags?: Tags }): Promise<Readonly<TopicState>> {
    const { region, name, tags = {} } = request;
    const arn = this.arn(region, name);
    return this.mutate("CreateTopic", arn, () => {
      if (name.endsWith(".fifo")) throw notModelled("A FIFO topic");
      if (!NAME.test(name)) throw invalid(`Topic Name ${name}`);
      const there = this.find(arn);
      if (there) {
        if (!sameTags(there.tags, tags)) throw invalid("Tags Reason: Topic already exists with different tags");
        return there;
      }
      const topic: TopicState = {
        arn,
        name,
        region,
        displayName: "",
        policy: this.defaultPolicy(arn),
        kmsMasterKeyId: null,
        tags: withTags({}, tags),
      };
      this.items.rows[arn] = topic;
      return topic;
    });
  }

  setAttribute(arn: string, name: "DisplayName" | "KmsMasterKeyId" | "Policy", value: string): Promise<void> {
    return this.items.change("SetTopicAttributes", arn, (topic) => {
      if (name === "DisplayName") topic.displayName = value;
      if (name === "KmsMasterKeyId") topic.kmsMasterKeyId = value === "" ? null : value;
      if (name === "Policy") topic.policy = this.checked(value);
    });
  }

  /** What a topic has that nobody gave a policy: its owner alone publishes. */
  defaultPolicy(arn: string): string {
    const actions = ["GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic"];
    return JSON.stringify({
      Version: "2008-10-17",
      Id: "__default_policy_ID",
      Statement: [
        {
          Sid: "__default_statement_ID",
          Effect: "Allow",
          Principal: { AWS: "*" },
          Action: [...actions, "Subscribe", "ListSubscriptionsByTopic", "Publish"].map((action) => `SNS:${action}`),
          Resource: arn,
          Condition: { StringEquals: { "AWS:SourceOwner": this.account.id } },
        },
      ],
    });
  }

  /** The topic goes, and all its subscriptions with it (API_DeleteTopic). */
  delete(arn: string): Promise<void> {
    return this.mutate("DeleteTopic", arn, () => {
      delete this.items.rows[arn];
      for (const one of Object.values(this.subscriptions)) {
        if (one.topicArn === arn) delete this.subscriptions[one.arn];
      }
    });
  }

  subscriptionsOf(topicArn: string): readonly Readonly<SubscriptionState>[] {
    return Object.values(this.subscriptions).filter((one) => one.topicArn === topicArn && this.lives(one));
  }

  findSubscription(arn: string): Readonly<SubscriptionState> | undefined {
    return this.living(arn);
  }

  // Assumption aws-sns-subscribe-again, never checked: Subscribing an endpoint again gives the subscription that is there, also while nobody
  // has confirmed it, and does not begin its 48 hours anew.
  /** Subscribing an endpoint twice gives the subscription that is there (assumption aws-sns-subscribe-again). */
  subscribe(topicArn: string, protocol: string, endpoint: string): Promise<Readonly<SubscriptionState>> {
    return this.items.change("Subscribe", topicArn, () => {
      const form = ENDPOINTS[protocol];
      if (!form) throw notModelled(`A subscription by ${protocol}`);
      if (!form.test(endpoint)) throw invalid(`Endpoint ${endpoint} for ${protocol}`);
      const there = this.subscriptionsOf(topicArn).find(
        (one) => one.protocol === protocol && one.endpoint === endpoint,
      );
      if (there) return there;
      const arn = `${topicArn}:${randomUUID()}`;
      const subscription: SubscriptionState = {
        ...{ arn, topicArn, protocol, endpoint },
        ...{ confirmed: false, since: this.now() },
      };
      this.subscriptions[arn] = subscription;
      return subscription;
    });
  }

  unsubscribe(arn: string): Promise<void> {
    return this.mutate("Unsubscribe", this.named(arn), () => {
      const subscription = this.living(arn);
      if (!subscription) throw notFound("Subscription");
      // The words: aws_sns_topic_subscription of the provider looks for them, internal/service/sns/topic_subscription.go.
      if (!subscription.confirmed) throw invalid("Cannot unsubscribe a subscription that is pending confirmation");
      delete this.subscriptions[arn];
    });
  }

  /** What a person does by the link in the mail; no request of a deploy, so the journal knows nothing of it. */
  confirm(arn: string): void {
    const subscription = this.living(arn);
    if (!subscription) throw notFound("Subscription");
    subscription.confirmed = true;
  }

  private living(arn: string): SubscriptionState | undefined {
    const subscription = this.subscriptions[arn];
    return subscription && this.lives(subscription) ? subscription : undefined;
  }

  private lives({ confirmed, since }: SubscriptionState): boolean {
    return confirmed || Date.parse(this.now()) - Date.parse(since) < CONFIRM_WITHIN;
  }

  private checked(policy: string): string {
    const { statements } = parseResourcePolicy(policy, (why) => invalid(`Policy Error: ${why}`));
    const actions = statements.flatMap((statement) => statement.actions ?? statement.notActions ?? []);
    if (actions.some((action) => action !== "*" && !/^sns:/i.test(action))) {
      throw invalid("Policy statement action out of service scope!");
    }
    return policy;
  }

  /** A subscription by what it is about: its id is drawn anew each time. */
  private named(arn: string): string {
    const subscription = this.subscriptions[arn];
    return subscription ? `${subscription.topicArn} ${subscription.protocol} ${subscription.endpoint}` : arn;
  }
}

const sameTags = (one: Tags, other: Tags) =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.entries(one).every(([key, value]) => other[key] === value);
