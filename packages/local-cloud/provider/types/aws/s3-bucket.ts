import type { BucketState } from "../../../cloud/aws/s3-buckets";
import { PartiallyCreated, type ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { check, conflict, isSet, lengthBetween, optionalText, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { onlyModelled, onlyOff } from "./modelled";
import { prefixOf, uniqueSuffix } from "./names";
import { importedRegion, planRegion, regionOf } from "./region";
import { allTags, planTags, readTags } from "./tags";

// Facts: internal/service/s3/bucket.go of hashicorp/terraform-provider-aws. Policy, versioning, encryption and lifecycle are resource
// types of their own since provider 4.

const TYPE = "aws_s3_bucket";
const MODELLED = [
  ...["arn", "bucket", "bucket_domain_name", "bucket_prefix", "bucket_region", "bucket_regional_domain_name"],
  ...["force_destroy", "id", "object_lock_enabled", "region", "tags", "tags_all", "timeouts"],
];

function stateOf(connection: AwsConnection, bucket: BucketState, state: Attributes): Attributes {
  return {
    id: bucket.name,
    acceleration_status: "",
    arn: bucket.arn,
    bucket: bucket.name,
    bucket_domain_name: `${bucket.name}.s3.amazonaws.com`,
    bucket_prefix: prefixOf(bucket.name),
    bucket_region: bucket.region,
    bucket_regional_domain_name: `${bucket.name}.s3.${bucket.region}.amazonaws.com`,
    force_destroy: state.force_destroy ?? false,
    object_lock_enabled: false,
    policy: bucket.policy ?? "",
    region: bucket.region,
    request_payer: "BucketOwner",
    ...readTags(connection, state, bucket.tags),
  };
}

async function putTags(connection: AwsConnection, bucket: BucketState, planned: Attributes): Promise<void> {
  const tags = allTags(connection, planned);
  const same =
    Object.keys(tags).length === Object.keys(bucket.tags).length &&
    Object.entries(tags).every(([key, value]) => bucket.tags[key] === value);
  if (!same) await connection.account.buckets.putTags(bucket.name, tags);
}

export const s3Bucket: ResourceType<AwsConnection> = {
  defaults: { force_destroy: false },
  forceNew: ["bucket", "bucket_prefix", "object_lock_enabled", "region"],
  validate: (config) => [
    ...onlyModelled(TYPE, config, MODELLED),
    ...onlyOff(TYPE, config, "object_lock_enabled"),
    ...conflict(config, "bucket", "bucket_prefix"),
    ...check(config, { bucket: lengthBetween(0, 63), bucket_prefix: lengthBetween(0, 37) }),
  ],
  plan(connection, change) {
    planTags(connection, change);
    planRegion(connection, change);
    return [];
  },
  async create(connection, planned) {
    const { buckets } = connection.account;
    const name = optionalText(planned, "bucket") ?? `${optionalText(planned, "bucket_prefix") ?? ""}${uniqueSuffix()}`;
    const bucket = await buckets.create(name, regionOf(connection, planned));
    try {
      await putTags(connection, bucket, planned);
    } catch (error) {
      throw new PartiallyCreated(stateOf(connection, bucket, planned), error);
    }
    return stateOf(connection, bucket, planned);
  },
  read(connection, state) {
    const found = connection.account.buckets.find(text(state, "id"));
    return found && stateOf(connection, found, state);
  },
  async update(connection, planned, prior) {
    const bucket = connection.account.buckets.find(text(prior, "id"));
    if (!bucket) throw new Error(`the bucket ${text(prior, "id")} is gone`);
    await putTags(connection, bucket, planned);
    // The policy is another resource's: the next refresh shows it.
    return { ...stateOf(connection, bucket, planned), policy: planned.policy ?? null };
  },
  async delete({ account: { buckets } }, state) {
    const bucket = buckets.find(text(state, "id"));
    if (!bucket) return;
    if (isSet(state, "force_destroy") && bucket.objects.length > 0) await buckets.empty(bucket.name);
    await buckets.delete(bucket.name);
  },
  import: (connection, id) => ({ ...importedRegion(connection, id), force_destroy: false }),
};
