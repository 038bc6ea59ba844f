export const ID = "111122223333";
export const REGION = "eu-west-1";
export const TOPIC = `arn:aws:sns:${REGION}:${ID}:account-alarms`;

export const policy = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
export const allow = (service: string, action: string | string[], resource = "*", more: object = {}) => ({
  Effect: "Allow",
  Principal: { Service: `${service}.amazonaws.com` },
  Action: action,
  Resource: resource,
  ...more,
});
export const OWNER = { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ID}:root` }, Action: "kms:*", Resource: "*" };

export type Resources = Record<string, Record<string, Record<string, unknown>>>;

/** The alarms of an account, as small as they come. */
export const alarms = (): Resources => ({
  aws_kms_key: {
    alarms: {
      description: "Alarms",
      enable_key_rotation: true,
      policy: policy(OWNER, allow("events", ["kms:GenerateDataKey", "kms:Decrypt"])),
    },
  },
  aws_kms_alias: { alarms: { name: "alias/account-alarms", target_key_id: "${aws_kms_key.alarms.key_id}" } },
  aws_sns_topic: { alarms: { name: "account-alarms", kms_master_key_id: "${aws_kms_key.alarms.arn}" } },
  aws_sns_topic_policy: {
    alarms: { arn: "${aws_sns_topic.alarms.arn}", policy: policy(allow("events", "sns:Publish", TOPIC)) },
  },
  aws_sns_topic_subscription: {
    security: { topic_arn: "${aws_sns_topic.alarms.arn}", protocol: "email", endpoint: "security@example.com" },
  },
  aws_cloudwatch_event_rule: {
    watch: {
      name: "watch-root",
      description: "Root",
      event_pattern: '{"source": ["aws.signin"], "detail": {"userIdentity": {"type": ["Root"]}}}',
      state: "ENABLED",
    },
    forwarding: {
      for_each: '${toset(["us-east-1", "us-west-2"])}',
      region: "${each.value}",
      name: "forwarding",
      event_pattern: '{"$or": [{"source": ["aws.signin"]}, {"source": ["aws.iam"]}]}',
    },
  },
  aws_cloudwatch_event_target: {
    watch: {
      rule: "${aws_cloudwatch_event_rule.watch.name}",
      target_id: "alarms",
      arn: "${aws_sns_topic.alarms.arn}",
      input_transformer: {
        input_paths: { who: "$.detail.userIdentity.arn" },
        input_template: '"<who> signed in"',
      },
    },
    forwarding: {
      for_each: '${toset(["us-east-1", "us-west-2"])}',
      region: "${each.value}",
      rule: "forwarding",
      target_id: "alarm-region",
      arn: `arn:aws:events:${REGION}:${ID}:event-bus/default`,
      role_arn: "${aws_iam_role.forwarding.arn}",
      depends_on: ["aws_cloudwatch_event_rule.forwarding"],
    },
  },
  aws_iam_role: {
    forwarding: {
      name: "Forwarding",
      assume_role_policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sts:AssumeRole",
            Condition: { StringEquals: { "aws:SourceAccount": ID } },
          },
        ],
      }),
    },
  },
  aws_iam_role_policy: {
    forwarding: {
      role: "${aws_iam_role.forwarding.name}",
      name: "Forward",
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "events:PutEvents",
            Resource: `arn:aws:events:${REGION}:${ID}:event-bus/default`,
          },
        ],
      }),
    },
  },
});

const TRAIL = `arn:aws:cloudtrail:${REGION}:${ID}:trail/account`;
export const trail = (): Resources => ({
  aws_kms_key: {
    trail: {
      description: "Trail",
      policy: policy(OWNER, allow("cloudtrail", ["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"])),
    },
  },
  aws_s3_bucket: { trail: { bucket: "trail-111122223333" } },
  aws_s3_bucket_public_access_block: {
    trail: {
      bucket: "${aws_s3_bucket.trail.bucket}",
      ...Object.fromEntries(
        ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"].map((one) => [
          one,
          true,
        ]),
      ),
    },
  },
  aws_s3_bucket_versioning: {
    trail: { bucket: "${aws_s3_bucket.trail.bucket}", versioning_configuration: { status: "Enabled" } },
  },
  aws_s3_bucket_server_side_encryption_configuration: {
    trail: {
      bucket: "${aws_s3_bucket.trail.bucket}",
      rule: [
        {
          apply_server_side_encryption_by_default: {
            sse_algorithm: "aws:kms",
            kms_master_key_id: "${aws_kms_key.trail.arn}",
          },
          bucket_key_enabled: true,
        },
      ],
    },
  },
  aws_s3_bucket_lifecycle_configuration: {
    trail: {
      bucket: "${aws_s3_bucket.trail.bucket}",
      rule: [
        {
          id: "expire",
          status: "Enabled",
          filter: {},
          expiration: { days: 400 },
          noncurrent_version_expiration: { noncurrent_days: 30 },
          abort_incomplete_multipart_upload: { days_after_initiation: 7 },
        },
      ],
    },
  },
  aws_s3_bucket_policy: {
    trail: {
      bucket: "${aws_s3_bucket.trail.bucket}",
      policy: policy(
        allow("cloudtrail", "s3:GetBucketAcl", "arn:aws:s3:::trail-111122223333", {
          Condition: { StringEquals: { "aws:SourceArn": TRAIL } },
        }),
        allow("cloudtrail", "s3:PutObject", `arn:aws:s3:::trail-111122223333/AWSLogs/${ID}/*`, {
          Condition: { StringEquals: { "aws:SourceArn": TRAIL, "s3:x-amz-acl": "bucket-owner-full-control" } },
        }),
        {
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: ["arn:aws:s3:::trail-111122223333", "arn:aws:s3:::trail-111122223333/*"],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ),
    },
  },
  aws_cloudtrail: {
    trail: {
      name: "account",
      s3_bucket_name: "${aws_s3_bucket.trail.bucket}",
      kms_key_id: "${aws_kms_key.trail.arn}",
      is_multi_region_trail: true,
      enable_log_file_validation: true,
      depends_on: ["aws_s3_bucket_policy.trail"],
    },
  },
});
