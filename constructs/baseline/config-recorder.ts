import { ConfigConfigurationRecorder } from "@cdktf/provider-aws/lib/config-configuration-recorder";
import { ConfigConfigurationRecorderStatus } from "@cdktf/provider-aws/lib/config-configuration-recorder-status";
import { ConfigDeliveryChannel } from "@cdktf/provider-aws/lib/config-delivery-channel";
import { IamServiceLinkedRole } from "@cdktf/provider-aws/lib/iam-service-linked-role";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { roleArn } from "../aws/federated-role";
import { renewedWith } from "../aws/renewed-with";
import type { AwsAccount } from "../aws/saml-provider";
import { LogBucket, type LogBucketOptions } from "./log-bucket";

/** A recorder of AWS Config for an account that has none; AWS takes one a region. Each recorded change of a user costs 0.003 USD (2026). */
export interface ConfigRecorderOptions extends LogBucketOptions {
  /**
   * `existing` where the account has had AWS Config before: its role AWSServiceRoleForConfig is there, and AWS makes no second one.
   * @default "new"
   */
  readonly serviceLinkedRole?: "new" | "existing";
}

export interface ConfigRecorderProps extends ConfigRecorderOptions {
  readonly account: AwsAccount;
}

/** Records IAM users, and nothing else: what the rule on old access keys needs. */
export class ConfigRecorder extends Construct {
  /** The recorder is on: wait for it before a rule is made. */
  readonly on: ITerraformDependable;
  /** The L1 of the recorder. */
  readonly resource: ConfigConfigurationRecorder;

  constructor(scope: Construct, id: string, props: ConfigRecorderProps) {
    super(scope, id);
    const { account, serviceLinkedRole = "new", keepDays } = props;
    const path = "/aws-service-role/config.amazonaws.com/";
    const role =
      serviceLinkedRole === "new"
        ? new IamServiceLinkedRole(this, "ServiceLinkedRole", { awsServiceName: "config.amazonaws.com" }).arn
        : roleArn(account, "AWSServiceRoleForConfig", path);
    const ours = { StringEquals: { "aws:SourceAccount": account.accountId } };
    const service = { Service: "config.amazonaws.com" };
    // https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
    const bucket = new LogBucket(this, "Bucket", {
      bucketName: props.bucketName ?? `${account.accountId}-account-config`,
      keepDays,
      partition: account.partition,
      statements: (bucketArn) => [
        {
          Sid: "ConfigLooks",
          Effect: "Allow",
          Principal: service,
          Action: ["s3:GetBucketAcl", "s3:ListBucket"],
          Resource: bucketArn,
          Condition: ours,
        },
        {
          Sid: "ConfigWrites",
          Effect: "Allow",
          Principal: service,
          Action: "s3:PutObject",
          Resource: `${bucketArn}/AWSLogs/${account.accountId}/Config/*`,
          Condition: { StringEquals: { ...ours.StringEquals, "s3:x-amz-acl": "bucket-owner-full-control" } },
        },
      ],
    });
    this.resource = new ConfigConfigurationRecorder(this, "Resource", {
      name: "account",
      roleArn: role,
      recordingGroup: { allSupported: false, includeGlobalResourceTypes: false, resourceTypes: ["AWS::IAM::User"] },
    });
    const channel = new ConfigDeliveryChannel(this, "DeliveryChannel", {
      name: "account",
      s3BucketName: bucket.resource.id,
      dependsOn: [this.resource, bucket.policy],
    });
    this.on = new ConfigConfigurationRecorderStatus(this, "ConfigurationRecorderStatus", {
      name: this.resource.name,
      isEnabled: true,
      dependsOn: [channel],
      lifecycle: renewedWith(this.resource),
    });
  }
}
