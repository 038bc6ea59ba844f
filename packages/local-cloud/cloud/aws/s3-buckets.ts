import { ServiceError } from "../errors";
import { notModelled } from "./errors";
import { type Tags, withTags } from "./names";
import { parseResourcePolicy } from "./resource-policy";
import { type AccountContext, Service } from "./service";
import type { Table } from "./table";

/** The four switches of "Block public access". */
export interface PublicAccessBlock {
  readonly blockPublicAcls: boolean;
  readonly blockPublicPolicy: boolean;
  readonly ignorePublicAcls: boolean;
  readonly restrictPublicBuckets: boolean;
}

export interface BucketEncryption {
  readonly algorithm: string;
  /** `null`: the key that AWS manages, or none. */
  readonly kmsKeyId: string | null;
  readonly bucketKeyEnabled: boolean;
}

/** A lifecycle rule for all objects of a bucket; days, `null` where the rule says nothing of it. */
export interface LifecycleRule {
  readonly id: string;
  readonly status: string;
  readonly expirationDays: number | null;
  readonly noncurrentDays: number | null;
  readonly abortUploadDays: number | null;
}

export interface BucketState {
  name: string;
  arn: string;
  region: string;
  policy: string | null;
  publicAccessBlock: PublicAccessBlock | null;
  versioning: "Enabled" | "Suspended" | null;
  encryption: BucketEncryption;
  lifecycle: readonly LifecycleRule[];
  tags: Tags;
  /** Keys of what lies in it. */
  objects: readonly string[];
}

// Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
const noSuchBucket = (name: string) =>
  new ServiceError("NoSuchBucket", `The specified bucket ${name} does not exist`, 404);
const invalid = (why: string) => new ServiceError("InvalidBucketName", why, 400);
const malformed = (why: string) => new ServiceError("MalformedPolicy", why, 400);

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const NAME = /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(-s3alias|--ol-s3|\.mrap|--x-s3)$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Every bucket has it since January 2023: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html */
const DEFAULT_ENCRYPTION: BucketEncryption = { algorithm: "AES256", kmsKeyId: null, bucketKeyEnabled: false };
/** New buckets block all public access since April 2023 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html). */
const ALL_BLOCKED: PublicAccessBlock = {
  blockPublicAcls: true,
  blockPublicPolicy: true,
  ignorePublicAcls: true,
  restrictPublicBuckets: true,
};

/** The account's buckets, by name. Owners own what lies in them: access control lists do not count. */
export class S3Buckets extends Service {
  private readonly buckets: Table<BucketState>;

  constructor(context: AccountContext, buckets: Record<string, BucketState>) {
    super("s3", context);
    const target = (name: string) => `arn:${context.account.partition}:s3:::${name}`;
    this.buckets = this.table(buckets, { notFound: noSuchBucket, target });
  }

  list(): readonly Readonly<BucketState>[] {
    return this.buckets.list();
  }

  find(name: string): Readonly<BucketState> | undefined {
    return this.buckets.find(name);
  }

  create(name: string, region: string): Promise<Readonly<BucketState>> {
    const arn = `arn:${this.account.partition}:s3:::${name}`;
    const make = () => {
      if (!NAME.test(name) || name.includes("..")) throw invalid(`The specified bucket is not valid: ${name}`);
      if (this.others().some(({ buckets }) => buckets[name])) {
        // "The bucket namespace is shared by all users of the system" (bucketnamingrules, within a partition).
        throw new ServiceError("BucketAlreadyExists", `The requested bucket name ${name} is not available`, 409);
      }
      const own = this.buckets.find(name);
      // us-east-1 answers its owner's second request as the first, "for legacy compatibility" (API_CreateBucket, BucketAlreadyOwnedByYou).
      if (own && own.region === "us-east-1" && region === "us-east-1") return own;
      if (own) {
        throw new ServiceError("BucketAlreadyOwnedByYou", `${name} is yours already and does what you want`, 409);
      }
      const bucket: BucketState = {
        name,
        arn,
        region,
        policy: null,
        publicAccessBlock: ALL_BLOCKED,
        versioning: null,
        encryption: DEFAULT_ENCRYPTION,
        lifecycle: [],
        tags: {},
        objects: [],
      };
      this.buckets.rows[name] = bucket;
      return bucket;
    };
    return this.mutate("CreateBucket", arn, make, region);
  }

  delete(name: string): Promise<void> {
    return this.buckets.change("DeleteBucket", name, (bucket) => {
      if (bucket.objects.length > 0) {
        throw new ServiceError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
      }
      delete this.buckets.rows[name];
    });
  }

  /** Every version of every object: what the provider does before it deletes a bucket by `force_destroy`. */
  empty(name: string): Promise<void> {
    return this.buckets.change("DeleteObjects", name, (bucket) => {
      bucket.objects = [];
    });
  }

  putPolicy(name: string, policy: string): Promise<void> {
    return this.buckets.change("PutBucketPolicy", name, (bucket) => {
      const document = parseResourcePolicy(policy, malformed);
      for (const { effect, principals, conditions } of document.statements) {
        if (principals === undefined) throw malformed("Missing required field Principal");
        const everybody = principals === "*" || (principals.AWS ?? []).includes("*");
        if (effect !== "Allow" || !everybody || bucket.publicAccessBlock?.blockPublicPolicy !== true) continue;
        // A fixed account or network in the conditions makes it private: access-control-block-public-access, "The meaning of public".
        if (Object.keys(conditions).length > 0) throw notModelled("A bucket policy for everybody under conditions");
        throw new ServiceError("AccessDenied", "public policies are blocked by the BlockPublicPolicy setting", 403);
      }
      bucket.policy = policy;
    });
  }

  deletePolicy(name: string): Promise<void> {
    return this.buckets.change("DeleteBucketPolicy", name, (bucket) => {
      bucket.policy = null;
    });
  }

  putPublicAccessBlock(name: string, block: PublicAccessBlock): Promise<void> {
    return this.buckets.change("PutPublicAccessBlock", name, (bucket) => {
      bucket.publicAccessBlock = block;
    });
  }

  deletePublicAccessBlock(name: string): Promise<void> {
    return this.buckets.change("DeletePublicAccessBlock", name, (bucket) => {
      bucket.publicAccessBlock = null;
    });
  }

  putVersioning(name: string, status: "Enabled" | "Suspended"): Promise<void> {
    return this.buckets.change("PutBucketVersioning", name, (bucket) => {
      bucket.versioning = status;
    });
  }

  putEncryption(name: string, encryption: BucketEncryption): Promise<void> {
    return this.buckets.change("PutBucketEncryption", name, (bucket) => {
      if (encryption.kmsKeyId !== null && encryption.algorithm !== "aws:kms") {
        throw new ServiceError(
          "InvalidArgument",
          "a KMSMasterKeyID is not applicable if the algorithm is not aws:kms",
          400,
        );
      }
      bucket.encryption = encryption;
    });
  }

  /** Back to what every bucket has. */
  deleteEncryption(name: string): Promise<void> {
    return this.buckets.change("DeleteBucketEncryption", name, (bucket) => {
      bucket.encryption = DEFAULT_ENCRYPTION;
    });
  }

  putLifecycle(name: string, rules: readonly LifecycleRule[]): Promise<void> {
    return this.buckets.change("PutBucketLifecycleConfiguration", name, (bucket) => {
      bucket.lifecycle = rules;
    });
  }

  deleteLifecycle(name: string): Promise<void> {
    return this.buckets.change("DeleteBucketLifecycle", name, (bucket) => {
      bucket.lifecycle = [];
    });
  }

  /** Puts all tags of a bucket, in place of those it has. */
  putTags(name: string, tags: Tags): Promise<void> {
    return this.buckets.change("PutBucketTagging", name, (bucket) => {
      bucket.tags = withTags({}, tags);
    });
  }

  /** What a service of AWS lays down; no request of a deploy, so the journal knows nothing of it. */
  receive(name: string, key: string): void {
    const bucket = this.buckets.own(name);
    bucket.objects = [...bucket.objects, key];
  }
}
