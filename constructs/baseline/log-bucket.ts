import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { Construct } from "constructs";
import { type PolicyStatement, policyText } from "../aws/trust-policy";
import { check } from "../check";
import type { Partition } from "../clouds";

/** Where a service keeps what it records. */
export interface LogBucketOptions {
  /**
   * Name, unique in all of AWS: 3 to 63 lower-case letters, digits, single `.` and `-`.
   * @default - the account id and what is in it: `210987654321-account-trail`
   */
  readonly bucketName?: string;
  /**
   * Days after which records are deleted; earlier versions go with them.
   * @default - never: what they cost grows with time
   */
  readonly keepDays?: number;
}

export interface LogBucketProps extends LogBucketOptions {
  readonly bucketName: string;
  readonly partition: Partition;
  /** ARN of the key that encrypts. @default - a key of S3 */
  readonly keyArn?: string;
  /** What the service may do. */
  readonly statements: (bucketArn: string) => readonly PolicyStatement[];
}

/**
 * A private bucket for records: encrypted, versioned, reached by TLS alone. `cdktf destroy` leaves it standing, with an error, while there
 * are records in it.
 */
export class LogBucket extends Construct {
  readonly bucketName: string;
  /** Lets the service in: wait for it before the service writes. */
  readonly policy: S3BucketPolicy;
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: S3Bucket;

  constructor(scope: Construct, id: string, props: LogBucketProps) {
    super(scope, id);
    const { partition, keyArn, keepDays } = props;
    this.check(props);
    this.bucketName = props.bucketName;
    this.resource = new S3Bucket(this, "Resource", { bucket: props.bucketName });
    const bucket = this.resource.id;
    const bucketArn = `arn:${partition}:s3:::${props.bucketName}`;
    const publicAccessBlock = new S3BucketPublicAccessBlock(this, "PublicAccessBlock", {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const versioning = new S3BucketVersioningA(this, "Versioning", {
      bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, "ServerSideEncryptionConfiguration", {
      bucket,
      rule: [
        {
          applyServerSideEncryptionByDefault: keyArn
            ? { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn }
            : { sseAlgorithm: "AES256" },
          bucketKeyEnabled: keyArn ? true : undefined,
        },
      ],
    });
    if (keepDays !== undefined) {
      new S3BucketLifecycleConfiguration(this, "LifecycleConfiguration", {
        bucket,
        rule: [
          {
            id: "keep-days",
            status: "Enabled",
            filter: [{}],
            expiration: [{ days: keepDays }],
            noncurrentVersionExpiration: [{ noncurrentDays: keepDays }],
          },
        ],
        dependsOn: [versioning],
      });
    }
    this.policy = new S3BucketPolicy(this, "Policy", {
      bucket,
      policy: policyText({
        Version: "2012-10-17",
        Statement: [
          ...props.statements(bucketArn),
          {
            Sid: "TlsOnly",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [bucketArn, `${bucketArn}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      }),
      // S3 refuses a policy while it is taking the public access block (OperationAborted).
      dependsOn: [publicAccessBlock],
    });
  }

  private check({ bucketName, keepDays }: LogBucketProps): void {
    check(this, "bucketName", bucketName).matches(
      /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      "S3 takes 3 to 63 lower-case letters, digits, single '.' and '-', first and last a letter or digit; choose such a name",
    );
    if (keepDays === undefined) return;
    check(this, "keepDays", keepDays).must(
      Number.isInteger(keepDays) && keepDays >= 1,
      "S3 takes a whole number of days from 1; leave it out to keep everything",
    );
  }
}
