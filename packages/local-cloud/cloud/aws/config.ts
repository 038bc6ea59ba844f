import { randomUUID } from "node:crypto";
import { ServiceError } from "../errors";
import { notModelled } from "./errors";
import { type Tags, withTags } from "./names";
import { serviceMay } from "./resource-policy";
import type { S3Buckets } from "./s3-buckets";
import { type AccountContext, Service } from "./service";
import { Table } from "./table";
import type { Users } from "./users";

/** Which kinds of resources a recorder follows. https://docs.aws.amazon.com/config/latest/APIReference/API_RecordingGroup.html */
export interface RecordingGroup {
  allSupported: boolean;
  includeGlobalResourceTypes: boolean;
  resourceTypes: readonly string[];
  excludedResourceTypes: readonly string[];
  useOnly: string;
}

export interface RecorderState {
  name: string;
  roleArn: string;
  recordingGroup: RecordingGroup;
  /** `CONTINUOUS` or `DAILY`. */
  recordingFrequency: string;
  recording: boolean;
}

export interface DeliveryChannelState {
  name: string;
  s3BucketName: string;
  s3KeyPrefix: string | null;
  s3KmsKeyArn: string | null;
  snsTopicArn: string | null;
  deliveryFrequency: string | null;
}

export interface ConfigRuleState {
  arn: string;
  id: string;
  name: string;
  description: string | null;
  /** `AWS` for a managed rule. */
  owner: string;
  sourceIdentifier: string;
  /** JSON. */
  inputParameters: string | null;
  maximumExecutionFrequency: string | null;
  tags: Tags;
  /** Results of the last evaluation by resource id. */
  results: Record<string, EvaluationResult>;
}

/** AWS Config in one region. */
export interface ConfigState {
  recorder: RecorderState | null;
  deliveryChannel: DeliveryChannelState | null;
  rules: Record<string, ConfigRuleState>;
}

export interface EvaluationResult {
  complianceType: "COMPLIANT" | "NON_COMPLIANT";
  resourceType: "AWS::IAM::User";
  resourceId: string;
  resultRecordedTime: string;
}

/** "Config Rules Compliance Change" as EventBridge gets it: https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html */
export interface ComplianceChange {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": "Config Rules Compliance Change";
  readonly source: "aws.config";
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Managed rules that are evaluated here, each with its parameters and their defaults. */
const MANAGED_RULES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  // https://docs.aws.amazon.com/config/latest/developerguide/access-keys-rotated.html
  ACCESS_KEYS_ROTATED: { maxAccessKeyAge: 90 },
};
const FREQUENCIES = ["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"];
const CONFIG = "config.amazonaws.com";
const DAY = 24 * 60 * 60_000;

const refusal = (code: string, message: string) => new ServiceError(code, message, 400);

/** AWS Config, region by region: one recorder, one delivery channel, rules. Errors: the operations' pages in the API Reference. */
export class Config extends Service {
  /**
   * @param regions AWS Config by region
   * @param hasRole whether this account has a role; `undefined` for one of another account
   */
  constructor(
    context: AccountContext,
    private readonly regions: Record<string, ConfigState>,
    private readonly hasRole: (arn: string) => boolean | undefined,
    private readonly users: Users,
    private readonly buckets: S3Buckets,
  ) {
    super("config", context);
  }

  recorder(region: string, name: string): Readonly<RecorderState> | undefined {
    const { recorder } = this.in(region);
    return recorder?.name === name ? recorder : undefined;
  }

  /** The recorder that works as a role, by name. */
  recorderAs(roleArn: string): string | undefined {
    return Object.values(this.regions).find(({ recorder }) => recorder?.roleArn === roleArn)?.recorder?.name;
  }

  deliveryChannel(region: string, name: string): Readonly<DeliveryChannelState> | undefined {
    const { deliveryChannel } = this.in(region);
    return deliveryChannel?.name === name ? deliveryChannel : undefined;
  }

  rule(region: string, name: string): Readonly<ConfigRuleState> | undefined {
    return this.in(region).rules[name];
  }

  putRecorder(region: string, recorder: Omit<RecorderState, "recording">): Promise<void> {
    return this.change("PutConfigurationRecorder", region, `recorder ${recorder.name}`, (here) => {
      const { allSupported, includeGlobalResourceTypes, resourceTypes } = recorder.recordingGroup;
      if (here.recorder && here.recorder.name !== recorder.name) {
        const message = `${region} has a recorder, ${here.recorder.name}, and takes one.`;
        throw refusal("MaxNumberOfConfigurationRecordersExceededException", message);
      }
      if (this.hasRole(recorder.roleArn) === false) {
        throw refusal("InvalidRoleException", `There is no role ${recorder.roleArn}.`);
      }
      if (allSupported && resourceTypes.length > 0) {
        throw refusal("InvalidRecordingGroupException", "allSupported does not go with resourceTypes.");
      }
      if (!allSupported && includeGlobalResourceTypes) {
        throw refusal("InvalidRecordingGroupException", "includeGlobalResourceTypes needs allSupported.");
      }
      here.recorder = { ...recorder, recording: here.recorder?.recording ?? false };
    });
  }

  /** A recorder that somebody else set up and started, the organization say: no request of a deploy made it. */
  seedRecorder(region: string): void {
    const here = this.in(region);
    const roleArn = `arn:${this.account.partition}:iam::${this.account.id}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig`;
    here.recorder ??= {
      name: "default",
      roleArn,
      recordingGroup: {
        allSupported: true,
        includeGlobalResourceTypes: true,
        resourceTypes: [],
        excludedResourceTypes: [],
        useOnly: "ALL_SUPPORTED_RESOURCE_TYPES",
      },
      recordingFrequency: "CONTINUOUS",
      recording: true,
    };
    this.regions[region] = here;
  }

  startRecorder(region: string, name: string): Promise<void> {
    return this.change("StartConfigurationRecorder", region, `recorder ${name}`, (here) => {
      const recorder = ownRecorder(here, name);
      if (!here.deliveryChannel) {
        // The words: aws/aws-cdk#9001.
        const message = "Delivery channel is not available to start configuration recorder.";
        throw refusal("NoAvailableDeliveryChannelException", message);
      }
      recorder.recording = true;
    });
  }

  stopRecorder(region: string, name: string): Promise<void> {
    return this.change("StopConfigurationRecorder", region, `recorder ${name}`, (here) => {
      ownRecorder(here, name).recording = false;
    });
  }

  deleteRecorder(region: string, name: string): Promise<void> {
    return this.change("DeleteConfigurationRecorder", region, `recorder ${name}`, (here) => {
      ownRecorder(here, name);
      here.recorder = null;
    });
  }

  putDeliveryChannel(region: string, channel: DeliveryChannelState): Promise<void> {
    return this.change("PutDeliveryChannel", region, `delivery channel ${channel.name}`, (here) => {
      if (!here.recorder) {
        const message = "Configuration recorder is not available to put delivery channel.";
        throw refusal("NoAvailableConfigurationRecorderException", message);
      }
      if (here.deliveryChannel && here.deliveryChannel.name !== channel.name) {
        const message = `${region} has a delivery channel, ${here.deliveryChannel.name}, and takes one.`;
        throw refusal("MaxNumberOfDeliveryChannelsExceededException", message);
      }
      this.checkBucket(region, channel);
      here.deliveryChannel = { ...channel };
    });
  }

  deleteDeliveryChannel(region: string, name: string): Promise<void> {
    return this.change("DeleteDeliveryChannel", region, `delivery channel ${name}`, (here) => {
      if (here.deliveryChannel?.name !== name) {
        throw refusal("NoSuchDeliveryChannelException", `Cannot find delivery channel with specified name '${name}'.`);
      }
      if (here.recorder?.recording) {
        const message = `Failed to delete last specified delivery channel with name '${name}', because there is a running configuration recorder.`;
        throw refusal("LastDeliveryChannelDeleteFailedException", message);
      }
      here.deliveryChannel = null;
    });
  }

  /** Makes a rule, or puts it in the place of the one of that name. */
  putRule(
    region: string,
    rule: Omit<ConfigRuleState, "arn" | "id" | "results" | "tags"> & { tags?: Tags },
  ): Promise<Readonly<ConfigRuleState>> {
    return this.change("PutConfigRule", region, `rule ${rule.name}`, (here) => {
      if (!here.recorder) {
        const message = "Configuration recorder is not available to put a rule.";
        throw refusal("NoAvailableConfigurationRecorderException", message);
      }
      checkRule(rule);
      const before = here.rules[rule.name];
      const id = before?.id ?? `config-rule-${randomUUID().replaceAll("-", "").slice(0, 6)}`;
      const arn = this.arn(region, `config-rule/${id}`);
      const tags = before?.tags ?? withTags({}, rule.tags ?? {});
      const put: ConfigRuleState = { ...rule, arn, id, tags, results: before?.results ?? {} };
      here.rules[rule.name] = put;
      return put;
    });
  }

  deleteRule(region: string, name: string): Promise<void> {
    return this.rules(region).remove("DeleteConfigRule", name);
  }

  tagRule(region: string, name: string, tags: Tags): Promise<void> {
    return this.rules(region).tag(name, tags);
  }

  untagRule(region: string, name: string, keys: readonly string[]): Promise<void> {
    return this.rules(region).untag(name, keys);
  }

  /**
   * Evaluates the rules of a region at the clouds' time, as AWS Config does by itself every 24 hours, and says what changed: an event
   * for each user whose compliance is new or another than before. Without a running recorder nothing is evaluated.
   */
  evaluate(region: string): ComplianceChange[] {
    const here = this.in(region);
    if (!here.recorder?.recording) return [];
    return Object.values(here.rules).flatMap((rule) => {
      const before = rule.results;
      rule.results = Object.fromEntries(this.accessKeysRotated(rule).map((result) => [result.resourceId, result]));
      return Object.values(rule.results)
        .filter(({ resourceId, complianceType }) => before[resourceId]?.complianceType !== complianceType)
        .map((result) => this.complianceChange(region, rule, result, before[result.resourceId]));
    });
  }

  /** One readable line for each recorder, running recorder, delivery channel and rule. */
  override contents(): string[] {
    return Object.entries(this.regions).flatMap(([region, { recorder, deliveryChannel, rules }]) =>
      [
        ...(recorder ? [`recorder ${recorder.name}`] : []),
        ...(recorder?.recording ? [`recorder ${recorder.name} runs`] : []),
        ...(deliveryChannel ? [`delivery channel ${deliveryChannel.name}`] : []),
        ...Object.keys(rules).map((name) => `rule ${name}`),
      ].map((what) => this.line(region, what)),
    );
  }

  // Assumption aws-config-bucket, never checked: A bucket of another account is there, and open to AWS Config; whether a key that encrypts a
  // bucket is, is not looked at.
  /**
   * AWS Config writes a file to see whether it may, as the service itself: https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
   * A bucket that is not this account's is taken to be there, and open to it.
   */
  private checkBucket(region: string, { s3BucketName, s3KeyPrefix }: DeliveryChannelState): void {
    const bucket = this.buckets.find(s3BucketName);
    if (!bucket) return;
    const { id, partition } = this.account;
    const arn = `arn:${partition}:s3:::${s3BucketName}`;
    const prefix = s3KeyPrefix === null ? "" : `${s3KeyPrefix}/`;
    const ours = { "aws:SourceAccount": id, "aws:SourceArn": this.arn(region, "*") };
    const requests = [
      { action: "s3:GetBucketAcl", resource: arn, context: ours },
      { action: "s3:ListBucket", resource: arn, context: ours },
      {
        action: "s3:PutObject",
        resource: `${arn}/${prefix}AWSLogs/${id}/Config/ConfigWritabilityCheckFile`,
        context: { ...ours, "s3:x-amz-acl": "bucket-owner-full-control" },
      },
    ];
    const { policy } = bucket;
    if (requests.every((one) => policy !== null && serviceMay(policy, CONFIG, one).outcome === "allow")) return;
    // The words: aws/aws-cdk#13978.
    const why = `Insufficient delivery policy to s3 bucket: ${s3BucketName}, unable to write to bucket, provided s3 key prefix is '${s3KeyPrefix}'.`;
    throw refusal("InsufficientDeliveryPolicyException", why);
  }

  // Assumption aws-config-key-age, never checked: ACCESS_KEYS_ROTATED judges a user while the recorder of its region runs, finds a key too
  // old only when more than the days of the rule have passed, and says nothing of a user without an active key.
  /** Users with an active key that is older than the rule allows; a user without an active key is not judged. */
  private accessKeysRotated({ inputParameters }: ConfigRuleState): EvaluationResult[] {
    const resultRecordedTime = this.now();
    const given = JSON.parse(inputParameters ?? "{}") as { maxAccessKeyAge?: string | number };
    const days = Number(given.maxAccessKeyAge ?? MANAGED_RULES.ACCESS_KEYS_ROTATED?.maxAccessKeyAge);
    const oldest = new Date(resultRecordedTime).getTime() - days * DAY;
    return this.users.list().flatMap(({ id, accessKeys }) => {
      const active = accessKeys.filter(({ status }) => status === "Active");
      if (active.length === 0) return [];
      const old = active.some(({ createDate }) => new Date(createDate).getTime() < oldest);
      const complianceType = old ? "NON_COMPLIANT" : "COMPLIANT";
      return [{ complianceType, resourceType: "AWS::IAM::User", resourceId: id, resultRecordedTime }];
    });
  }

  private complianceChange(
    region: string,
    { name, arn }: ConfigRuleState,
    now: EvaluationResult,
    before: EvaluationResult | undefined,
  ): ComplianceChange {
    const { id: accountId } = this.account;
    const { resourceType, resourceId } = now;
    const result = ({ complianceType, resultRecordedTime }: EvaluationResult) => ({
      evaluationResultIdentifier: {
        evaluationResultQualifier: { configRuleName: name, resourceType, resourceId },
        orderingTimestamp: resultRecordedTime,
      },
      complianceType,
      resultRecordedTime,
      configRuleInvokedTime: resultRecordedTime,
    });
    return {
      version: "0",
      id: randomUUID(),
      "detail-type": "Config Rules Compliance Change",
      source: "aws.config",
      account: accountId,
      time: now.resultRecordedTime,
      region,
      resources: [],
      detail: {
        resourceId,
        awsRegion: region,
        awsAccountId: accountId,
        configRuleName: name,
        configRuleARN: arn,
        recordVersion: "1.0",
        newEvaluationResult: result(now),
        ...(before && { oldEvaluationResult: result(before) }),
        notificationCreationTime: now.resultRecordedTime,
        messageType: "ComplianceChangeNotification",
        resourceType,
      },
    };
  }

  private in(region: string): ConfigState {
    return this.regions[region] ?? { recorder: null, deliveryChannel: null, rules: {} };
  }

  private line(region: string, what: string): string {
    return `Config ${what} of ${this.account.id} in ${region}`;
  }

  private change<T>(operation: string, region: string, what: string, work: (here: ConfigState) => T): Promise<T> {
    const change = () => {
      const here = this.in(region);
      const result = work(here);
      this.regions[region] = here;
      return result;
    };
    return this.mutate(operation, this.line(region, what), change, region);
  }

  /** The rules of a region by name. */
  private rules(region: string): Table<ConfigRuleState> {
    return new Table(
      this.in(region).rules,
      {
        notFound: (name) => refusal("NoSuchConfigRuleException", `The ConfigRule '${name}' provided is not valid.`),
        target: (name) => this.line(region, `rule ${name}`),
      },
      (operation, target, work) => this.mutate(operation, target, work, region),
    );
  }
}

function ownRecorder({ recorder }: ConfigState, name: string): RecorderState {
  if (recorder?.name === name) return recorder;
  const message = `Cannot find configuration recorder with the specified name '${name}'.`;
  throw refusal("NoSuchConfigurationRecorderException", message);
}

/** What PutConfigRule refuses of a managed rule (InvalidParameterValueException in API_PutConfigRule). */
function checkRule(
  rule: Pick<ConfigRuleState, "owner" | "sourceIdentifier" | "inputParameters" | "maximumExecutionFrequency">,
) {
  if (rule.owner !== "AWS") throw notModelled(`A Config rule of owner ${rule.owner}`);
  const parameters = MANAGED_RULES[rule.sourceIdentifier];
  if (!parameters) throw notModelled(`The managed Config rule ${rule.sourceIdentifier}`);
  const invalid = (message: string) => refusal("InvalidParameterValueException", message);
  const given = JSON.parse(rule.inputParameters ?? "{}") as Record<string, unknown>;
  for (const [name, value] of Object.entries(given)) {
    if (!(name in parameters)) throw invalid(`Unknown parameters provided in the inputParameters: ${name}.`);
    if (!/^\d+$/.test(String(value))) throw invalid(`The parameter ${name} has to be a number of days.`);
  }
  const frequency = rule.maximumExecutionFrequency;
  if (frequency !== null && !FREQUENCIES.includes(frequency)) {
    throw invalid(`maximumExecutionFrequency is ${frequency}, it takes ${FREQUENCIES.join(", ")}`);
  }
}
