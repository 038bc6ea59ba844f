import { ConfigConfigRule } from "@cdktf/provider-aws/lib/config-config-rule";
import { Construct } from "constructs";
import { MAX_KEY_AGE_DAYS } from "../aws/access-keys";
import type { AwsAccount } from "../aws/saml-provider";
import { ConfigRecorder, type ConfigRecorderOptions } from "./config-recorder";
import type { Watch } from "./watch";

export interface AccessKeyAgeProps {
  readonly account: AwsAccount;
  /**
   * `existing`: AWS Config records IAM users in the region of the alarms already, as in most organizations. Otherwise the recorder that is to
   * be made.
   */
  readonly config: "existing" | ConfigRecorderOptions;
}

/**
 * AWS Config looks once a day for active access keys of 90 days or more: those of every IAM user, not only of this code's. Old keys raise an
 * alarm when a user passes from having none to having one.
 * @see https://docs.aws.amazon.com/config/latest/developerguide/access-keys-rotated.html
 */
export class AccessKeyAge extends Construct {
  static readonly ruleName = "account-access-key-age";
  readonly watch: Watch;
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: ConfigConfigRule;

  constructor(scope: Construct, id: string, { account, config }: AccessKeyAgeProps) {
    super(scope, id);
    const recorder = config === "existing" ? undefined : new ConfigRecorder(this, "Recorder", { ...config, account });
    this.resource = new ConfigConfigRule(this, "Resource", {
      name: AccessKeyAge.ruleName,
      description: `Active access keys are less than ${MAX_KEY_AGE_DAYS} days old`,
      source: { owner: "AWS", sourceIdentifier: "ACCESS_KEYS_ROTATED" },
      inputParameters: JSON.stringify({ maxAccessKeyAge: String(MAX_KEY_AGE_DAYS) }),
      maximumExecutionFrequency: "TwentyFour_Hours",
      dependsOn: recorder && [recorder.on],
    });
    // https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html
    this.watch = {
      name: "access-key-age",
      description: `An access key is ${MAX_KEY_AGE_DAYS} days old`,
      pattern: {
        source: ["aws.config"],
        "detail-type": ["Config Rules Compliance Change"],
        detail: {
          messageType: ["ComplianceChangeNotification"],
          configRuleName: [AccessKeyAge.ruleName],
          newEvaluationResult: { complianceType: ["NON_COMPLIANT"] },
        },
      },
      local: true,
      message: `ACCESS KEY TOO OLD: a key of the IAM user with id <user> is ${MAX_KEY_AGE_DAYS} days old or older, found at <time>`,
      fields: { user: "$.detail.resourceId", time: "$.time" },
    };
  }
}
