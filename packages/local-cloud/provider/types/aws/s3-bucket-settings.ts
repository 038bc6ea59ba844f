import { isDeepStrictEqual } from "node:util";
import type {
  BucketEncryption,
  BucketState,
  LifecycleRule,
  PublicAccessBlock,
  S3Buckets,
} from "../../../cloud/aws/s3-buckets";
import type { ResourceType } from "../../resource-type";
import type { Attributes, Problem, Value } from "../../values";
import { blocks, check, isSet, optionalText, policyJson, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { onlyModelled } from "./modelled";
import { samePolicy } from "./policy-json";
import { importedRegion, planRegion, regionOf } from "./region";

// Facts: internal/service/s3/bucket_policy.go, bucket_public_access_block.go, bucket_versioning.go,
// bucket_server_side_encryption_configuration.go and bucket_lifecycle_configuration.go of hashicorp/terraform-provider-aws. Each
// sets one thing of a bucket, is called like the bucket, and takes it away when it is destroyed.

interface Setting<T> {
  /** What is written; `undefined` where nothing is known of it, after an import. */
  wanted(attributes: Attributes): T | undefined;
  /** What the bucket has; `null`: nothing, and Terraform would set it again. */
  held(bucket: BucketState): T | null;
  put(buckets: S3Buckets, name: string, wanted: T): Promise<void>;
  remove(buckets: S3Buckets, name: string, state: Attributes): Promise<void>;
  /** As Terraform shows it. */
  shown(held: T): Attributes;
  /** Computed beside it. */
  readonly computed?: Attributes;
  readonly defaults?: ResourceType<AwsConnection>["defaults"];
  same?(one: T, other: T): boolean;
  validate?(config: Attributes): Problem[];
}

function bucketSetting<T>(setting: Setting<T>): ResourceType<AwsConnection> {
  const { wanted, held, put, remove, shown, computed = {}, defaults, same = isDeepStrictEqual, validate } = setting;
  const state = (connection: AwsConnection, attributes: Attributes, what: Attributes): Attributes => {
    const bucket = text(attributes, "bucket");
    return { ...what, ...computed, id: bucket, bucket, region: regionOf(connection, attributes) };
  };
  const apply: ResourceType<AwsConnection>["create"] = async (connection, planned) => {
    const value = wanted(planned);
    if (value === undefined) throw new TypeError("what to set should be known by now");
    await put(connection.account.buckets, text(planned, "bucket"), value);
    return state(connection, planned, shown(value));
  };
  return {
    defaults,
    forceNew: ["bucket", "region"],
    validate,
    plan(connection, { config, prior, planned }) {
      planRegion(connection, { config, planned });
      const [before, after] = [prior && wanted(prior), wanted(planned)];
      // What is only written another way is no change.
      if (prior && before && after && same(before, after)) Object.assign(planned, ownOf(shown(after), prior));
      return [];
    },
    create: apply,
    read(connection, attributes) {
      const bucket = connection.account.buckets.find(text(attributes, "id"));
      const value = bucket && held(bucket);
      if (!bucket || value === null || value === undefined) return undefined;
      const known = wanted(attributes);
      const words = known !== undefined && same(known, value) ? ownOf(shown(value), attributes) : shown(value);
      return { ...state(connection, { ...attributes, bucket: bucket.name }, words), ...keptOf(attributes) };
    },
    update: apply,
    async delete({ account: { buckets } }, attributes) {
      const bucket = buckets.find(text(attributes, "id"));
      if (bucket && held(bucket) !== null) await remove(buckets, bucket.name, attributes);
    },
    import: (connection, given) => {
      const { id, region } = importedRegion(connection, given);
      return { id, bucket: id, region };
    },
  };
}

/** The names of `what`, with the values that `attributes` has for them. */
const ownOf = (what: Attributes, attributes: Attributes): Attributes =>
  Object.fromEntries(Object.keys(what).map((name) => [name, attributes[name] ?? null]));

/** What only Terraform knows. */
const keptOf = ({ skip_destroy }: Attributes): Attributes => (skip_destroy === undefined ? {} : { skip_destroy });

export const s3BucketPolicy = bucketSetting<string>({
  wanted: (attributes) => optionalText(attributes, "policy"),
  held: ({ policy }) => policy,
  put: (buckets, name, policy) => buckets.putPolicy(name, policy),
  remove: (buckets, name) => buckets.deletePolicy(name),
  shown: (policy) => ({ policy }),
  same: samePolicy,
  validate: (config) => check(config, { policy: policyJson }),
});

export const s3BucketPublicAccessBlock: ResourceType<AwsConnection> = {
  ...bucketSetting<PublicAccessBlock>({
    wanted: (attributes) => ({
      blockPublicAcls: isSet(attributes, "block_public_acls"),
      blockPublicPolicy: isSet(attributes, "block_public_policy"),
      ignorePublicAcls: isSet(attributes, "ignore_public_acls"),
      restrictPublicBuckets: isSet(attributes, "restrict_public_buckets"),
    }),
    held: ({ publicAccessBlock }) => publicAccessBlock,
    put: (buckets, name, block) => buckets.putPublicAccessBlock(name, block),
    async remove(buckets, name, state) {
      if (!isSet(state, "skip_destroy")) await buckets.deletePublicAccessBlock(name);
    },
    shown: (block) => ({
      block_public_acls: block.blockPublicAcls,
      block_public_policy: block.blockPublicPolicy,
      ignore_public_acls: block.ignorePublicAcls,
      restrict_public_buckets: block.restrictPublicBuckets,
    }),
  }),
  defaults: {
    block_public_acls: false,
    block_public_policy: false,
    ignore_public_acls: false,
    restrict_public_buckets: false,
  },
};

type Versioning = "Enabled" | "Suspended";

export const s3BucketVersioning = bucketSetting<Versioning>({
  wanted(attributes) {
    const [block] = blocks(attributes, "versioning_configuration");
    return block && (optionalText(block, "status") as Versioning | undefined);
  },
  held: ({ versioning }) => versioning,
  put: (buckets, name, status) => buckets.putVersioning(name, status),
  // A bucket that had versions once cannot go back to having none: the provider suspends.
  remove: (buckets, name) => buckets.putVersioning(name, "Suspended"),
  shown: (status) => ({ versioning_configuration: [{ mfa_delete: "", status }] }),
  validate: (config) => [
    ...onlyModelled("aws_s3_bucket_versioning", config, ["bucket", "id", "region", "versioning_configuration"]),
    ...blocks(config, "versioning_configuration").flatMap((block) =>
      check(block, {
        status: (value) =>
          ["Enabled", "Suspended"].includes(value) ? undefined : "is known as Enabled or Suspended to the local cloud",
      }),
    ),
  ],
});

export const s3BucketEncryption = bucketSetting<BucketEncryption>({
  wanted(attributes) {
    const [rule] = blocks(attributes, "rule");
    const [applied] = rule ? blocks(rule, "apply_server_side_encryption_by_default") : [];
    if (!rule || !applied) return undefined;
    const key = applied.kms_master_key_id;
    if (typeof key === "symbol") return undefined;
    return {
      algorithm: text(applied, "sse_algorithm"),
      kmsKeyId: optionalText(applied, "kms_master_key_id") ?? null,
      bucketKeyEnabled: isSet(rule, "bucket_key_enabled"),
    };
  },
  held: ({ encryption }) => encryption,
  put: (buckets, name, encryption) => buckets.putEncryption(name, encryption),
  remove: (buckets, name) => buckets.deleteEncryption(name),
  shown: ({ algorithm, kmsKeyId, bucketKeyEnabled }) => ({
    rule: [
      {
        apply_server_side_encryption_by_default: [{ kms_master_key_id: kmsKeyId, sse_algorithm: algorithm }],
        blocked_encryption_types: null,
        bucket_key_enabled: bucketKeyEnabled,
      },
    ],
  }),
  // SDK v2 knows no unset bool in an element of a set.
  defaults: { "rule.bucket_key_enabled": false },
  validate: (config) =>
    onlyModelled("aws_s3_bucket_server_side_encryption_configuration", config, ["bucket", "id", "region", "rule"]),
});

const days = (rule: Attributes, block: string, name: string): number | null => {
  const value = blocks(rule, block)[0]?.[name];
  return typeof value === "number" ? value : null;
};
const block = (held: number | null, name: string, more: Attributes = {}): Value =>
  held === null ? [] : [{ [name]: held, ...more }];

const WHOLE_BUCKET = { object_size_greater_than: null, object_size_less_than: null, prefix: "", and: [], tag: [] };
const RULE = [
  "id",
  "status",
  "filter",
  "expiration",
  "noncurrent_version_expiration",
  "abort_incomplete_multipart_upload",
];

export const s3BucketLifecycle = bucketSetting<readonly LifecycleRule[]>({
  wanted(attributes) {
    const rules = blocks(attributes, "rule");
    if (rules.length === 0) return undefined;
    return rules.map((rule) => ({
      id: text(rule, "id"),
      status: text(rule, "status"),
      expirationDays: days(rule, "expiration", "days"),
      noncurrentDays: days(rule, "noncurrent_version_expiration", "noncurrent_days"),
      abortUploadDays: days(rule, "abort_incomplete_multipart_upload", "days_after_initiation"),
    }));
  },
  held: ({ lifecycle }) => (lifecycle.length > 0 ? lifecycle : null),
  put: (buckets, name, rules) => buckets.putLifecycle(name, rules),
  remove: (buckets, name) => buckets.deleteLifecycle(name),
  shown: (rules) => ({
    rule: rules.map((rule) => ({
      id: rule.id,
      prefix: "",
      status: rule.status,
      abort_incomplete_multipart_upload: block(rule.abortUploadDays, "days_after_initiation"),
      expiration: block(rule.expirationDays, "days", { date: null, expired_object_delete_marker: false }),
      filter: [WHOLE_BUCKET],
      noncurrent_version_expiration: block(rule.noncurrentDays, "noncurrent_days", { newer_noncurrent_versions: null }),
      noncurrent_version_transition: [],
      transition: [],
    })),
  }),
  computed: { expected_bucket_owner: "", transition_default_minimum_object_size: "all_storage_classes_128K" },
  validate: (config) => [
    ...onlyModelled("aws_s3_bucket_lifecycle_configuration", config, ["bucket", "id", "region", "rule", "timeouts"]),
    ...blocks(config, "rule").flatMap((rule) => [
      ...onlyModelled("aws_s3_bucket_lifecycle_configuration", rule, RULE),
      ...blocks(rule, "filter").flatMap((filter) => onlyModelled("a lifecycle filter", filter, [])),
    ]),
  ],
});
