import { ServiceError } from "../errors";
import type { KmsKeys } from "./kms-keys";
import { type Tags, withTags } from "./names";
import { serviceMay } from "./resource-policy";
import type { S3Buckets } from "./s3-buckets";
import { type AccountContext, Collection } from "./service";

/** What a trail takes down of the management events. */
export interface EventSelection {
  readonly managementEvents: boolean;
  readonly readWriteType: "All" | "ReadOnly" | "WriteOnly";
}

export interface TrailSettings {
  readonly bucket: string;
  readonly prefix: string | null;
  readonly kmsKeyId: string | null;
  readonly multiRegion: boolean;
  readonly globalServiceEvents: boolean;
  readonly logFileValidation: boolean;
}

export interface TrailState {
  arn: string;
  name: string;
  homeRegion: string;
  settings: TrailSettings;
  logging: boolean;
  /** `null`: all management events, what a new trail takes down. */
  selection: EventSelection | null;
  tags: Tags;
}

// Codes: "Errors" of each operation in the CloudTrail API Reference.
const notFound = (name: string) => new ServiceError("TrailNotFoundException", `Unknown trail: ${name}`, 400);
const refusal = (code: string, why: string) => new ServiceError(code, why, 400);

const CLOUDTRAIL = "cloudtrail.amazonaws.com";
/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html: "Trails per Region: 5". */
const MAX_TRAILS = 5;
/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html */
const NAME = /^[A-Za-z0-9](?!.*[._-]{2})[A-Za-z0-9._-]{1,126}[A-Za-z0-9]$/;

/** The account's trails, by ARN. */
export class Trails extends Collection<TrailState> {
  constructor(
    context: AccountContext,
    trails: Record<string, TrailState>,
    private readonly buckets: S3Buckets,
    private readonly keys: KmsKeys,
  ) {
    super("cloudtrail", context, trails, { notFound, tagging: ["AddTags", "RemoveTags"] });
  }

  /** A new trail takes nothing down before `startLogging`. */
  create(request: {
    region: string;
    name: string;
    settings: TrailSettings;
    tags?: Tags;
  }): Promise<Readonly<TrailState>> {
    const { region, name, settings, tags = {} } = request;
    const arn = this.arn(region, `trail/${name}`);
    return this.mutate("CreateTrail", arn, () => {
      if (!NAME.test(name)) throw refusal("InvalidTrailNameException", `Trail name ${name} is not valid.`);
      if (this.find(arn)) throw refusal("TrailAlreadyExistsException", `Trail ${name} already exists.`);
      if (
        this.list().filter((trail) => trail.homeRegion === region || trail.settings.multiRegion).length >= MAX_TRAILS
      ) {
        throw refusal("MaximumNumberOfTrailsExceededException", `${region} has ${MAX_TRAILS} trails already.`);
      }
      this.check(arn, region, settings);
      const trail: TrailState = {
        arn,
        name,
        homeRegion: region,
        settings,
        logging: false,
        selection: null,
        tags: withTags({}, tags),
      };
      this.items.rows[arn] = trail;
      return trail;
    });
  }

  update(arn: string, settings: TrailSettings): Promise<void> {
    return this.items.change("UpdateTrail", arn, (trail) => {
      this.check(arn, trail.homeRegion, settings);
      trail.settings = settings;
    });
  }

  // Assumption aws-trail-first-file, never checked: A trail lays down its first file as soon as it is logging, so its bucket is not empty
  // when both are destroyed.
  /** The first log file follows within minutes, and stays in the bucket when the trail is gone. */
  startLogging(arn: string): Promise<void> {
    return this.items.change("StartLogging", arn, (trail) => {
      trail.logging = true;
      this.buckets.receive(trail.settings.bucket, `${this.folder(trail.settings)}/CloudTrail/first.json.gz`);
    });
  }

  stopLogging(arn: string): Promise<void> {
    return this.items.change("StopLogging", arn, (trail) => {
      trail.logging = false;
    });
  }

  select(arn: string, selection: EventSelection | null): Promise<void> {
    return this.items.change("PutEventSelectors", arn, (trail) => {
      trail.selection = selection;
    });
  }

  delete(arn: string): Promise<void> {
    return this.items.remove("DeleteTrail", arn);
  }

  private folder({ prefix }: TrailSettings): string {
    return `${prefix === null ? "" : `${prefix}/`}AWSLogs/${this.account.id}`;
  }

  /**
   * Bucket and key have to let the trail write.
   * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html and
   * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
   */
  private check(arn: string, region: string, settings: TrailSettings): void {
    if (settings.multiRegion && !settings.globalServiceEvents) {
      // terraform-provider-aws#4939 shows code and words.
      const why = "Multi-Region trail must include global service events.";
      throw refusal("InvalidParameterCombinationException", why);
    }
    const bucket = this.buckets.find(settings.bucket);
    if (!bucket) {
      throw refusal("S3BucketDoesNotExistException", `S3 bucket ${settings.bucket} does not exist!`);
    }
    const context = { "aws:SourceArn": arn, "aws:SourceAccount": this.account.id };
    const file = `${bucket.arn}/${this.folder(settings)}/CloudTrail/${region}/file.json.gz`;
    const requests = [
      { action: "s3:GetBucketAcl", resource: bucket.arn, context },
      {
        action: "s3:PutObject",
        resource: file,
        context: { ...context, "s3:x-amz-acl": "bucket-owner-full-control" },
      },
    ];
    const { policy } = bucket;
    if (!requests.every((one) => policy !== null && serviceMay(policy, CLOUDTRAIL, one).outcome === "allow")) {
      const why = `Incorrect S3 bucket policy is detected for bucket: ${bucket.name}`;
      throw refusal("InsufficientS3BucketPolicyException", why);
    }
    const keyId = settings.kmsKeyId ?? bucket.encryption.kmsKeyId;
    if (keyId === null) return;
    const key = this.keys.find(region, keyId);
    if (!key || key.deletionDate !== null) throw refusal("KmsKeyNotFoundException", `KMS key ${keyId} does not exist.`);
    if (!key.enabled) throw refusal("KmsException", `KMS key ${keyId} is disabled.`);
    // "If you are using an existing S3 bucket with an S3 Bucket Key, kms:Decrypt permissions are required to create or update a trail".
    const needed = bucket.encryption.bucketKeyEnabled
      ? ["kms:GenerateDataKey", "kms:Decrypt"]
      : ["kms:GenerateDataKey"];
    const mayUse = (action: string) =>
      serviceMay(key.policy, CLOUDTRAIL, {
        action,
        resource: key.arn,
        context: { ...context, "kms:EncryptionContext:aws:cloudtrail:arn": arn },
      });
    if (!needed.every((action) => mayUse(action).outcome === "allow")) {
      const why = `Insufficient permissions to access S3 bucket ${bucket.name} or KMS key ${keyId}.`;
      throw refusal("InsufficientEncryptionPolicyException", why);
    }
  }
}
