import { Cloudtrail } from "@cdktf/provider-aws/lib/cloudtrail";
import { Construct } from "constructs";
import type { AwsAccount } from "../aws/saml-provider";
import type { PolicyStatement } from "../aws/trust-policy";
import { EncryptionKey } from "./encryption-key";
import { LogBucket, type LogBucketOptions } from "./log-bucket";

/** A trail of this account alone. The first copy of management events in a region is free; S3 and KMS are paid. */
export interface TrailOptions extends LogBucketOptions {}

export interface TrailProps extends TrailOptions {
  readonly account: AwsAccount;
  /** Region the trail is made in; it records all of them. */
  readonly region: string;
}

/**
 * A CloudTrail trail of every region, with IAM's and other global events and a signed list of its log files (`aws cloudtrail validate-logs`),
 * in a private bucket under a key of its own. Without any trail EventBridge hears of no call, so no alarm can come.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export class Trail extends Construct {
  static readonly trailName = "account-trail";
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: Cloudtrail;

  constructor(scope: Construct, id: string, { account, region, bucketName, keepDays }: TrailProps) {
    super(scope, id);
    const { partition, accountId } = account;
    const trailArn = `arn:${partition}:cloudtrail:${region}:${accountId}:trail/${Trail.trailName}`;
    const service = { Service: "cloudtrail.amazonaws.com" };
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    const key = new EncryptionKey(this, "Key", {
      account,
      alias: Trail.trailName,
      description: "Encrypts the trail of the account",
      statements: [
        {
          Sid: "CloudTrailEncrypts",
          Effect: "Allow",
          Principal: service,
          Action: "kms:GenerateDataKey*",
          Resource: "*",
          Condition: {
            StringEquals: { "aws:SourceArn": trailArn },
            StringLike: {
              "kms:EncryptionContext:aws:cloudtrail:arn": `arn:${partition}:cloudtrail:*:${accountId}:trail/*`,
            },
          },
        },
        {
          // Reading, since the bucket keeps a key of its own under this one (S3 Bucket Key).
          Sid: "CloudTrailDecryptsAndDescribes",
          Effect: "Allow",
          Principal: service,
          Action: ["kms:Decrypt", "kms:DescribeKey"],
          Resource: "*",
          Condition: { StringEquals: { "aws:SourceArn": trailArn } },
        },
      ],
    });
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    const bucket = new LogBucket(this, "Bucket", {
      bucketName: bucketName ?? `${accountId}-${Trail.trailName}`,
      keepDays,
      partition,
      keyArn: key.arn,
      statements: (bucketArn): PolicyStatement[] => [
        {
          Sid: "CloudTrailLooks",
          Effect: "Allow",
          Principal: service,
          Action: "s3:GetBucketAcl",
          Resource: bucketArn,
          Condition: { StringEquals: { "aws:SourceArn": trailArn } },
        },
        {
          Sid: "CloudTrailWrites",
          Effect: "Allow",
          Principal: service,
          Action: "s3:PutObject",
          Resource: `${bucketArn}/AWSLogs/${accountId}/*`,
          Condition: {
            StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trailArn },
          },
        },
      ],
    });
    this.resource = new Cloudtrail(this, "Resource", {
      name: Trail.trailName,
      s3BucketName: bucket.resource.id,
      kmsKeyId: key.arn,
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: true,
      dependsOn: [bucket.policy],
    });
  }
}
