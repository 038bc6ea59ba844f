import { Cloud } from "../cloud/cloud";
import { enginesFor } from "../provider/providers";
import { PluginServer } from "../provider/server";
import { alarms, allow, ID, OWNER, policy, REGION, type Resources, TOPIC, trail } from "./aws-alarms";
import { Workspace } from "./support";

jest.setTimeout(120_000);

let cloud: Cloud;
let server: PluginServer;
let workspace: Workspace;

const account = () => cloud.account(ID);

beforeEach(async () => {
  cloud = new Cloud();
  server = await PluginServer.start(enginesFor(cloud));
  workspace = new Workspace(server.reattach);
});

afterEach(() => {
  server.stop();
  workspace.remove();
});

function write(resource: Resources): void {
  workspace.write({
    terraform: { required_providers: { aws: { source: "hashicorp/aws", version: "6.25.0" } } },
    provider: { aws: { region: REGION, allowed_account_ids: [ID], default_tags: [{ tags: { Stack: "test" } }] } },
    resource,
  });
}

/** Deploys and holds the second plan to "no changes". */
async function deploy(resource: Resources): Promise<string> {
  write(resource);
  const { code, out } = await workspace.apply();
  if (code !== 0) throw new Error(out);
  const again = await workspace.plan();
  if (again.code !== 0) throw new Error(again.out);
  return out;
}

/** A deploy that is refused. */
async function refused(resource: Resources): Promise<string> {
  write(resource);
  const { code, out } = await workspace.apply();
  expect(code).toBe(1);
  return out.replace(/\s+/g, " ");
}

/** One attribute of one resource, changed. */
const changed = (resources: Resources, type: string, name: string, to: Record<string, unknown>): Resources => ({
  ...resources,
  [type]: { ...resources[type], [name]: { ...resources[type]?.[name], ...to } },
});

describe("alarms", () => {
  beforeEach(async () => {
    write(alarms());
    await workspace.init();
  });

  test("are made, planned again without a change, and leave nothing behind", async () => {
    expect(await deploy(alarms())).toContain("Resources: 13 added");
    expect(account().contents()).toEqual(
      expect.arrayContaining([
        `arn:aws:events:us-west-2:${ID}:rule/forwarding alarm-region`,
        `arn:aws:events:${REGION}:${ID}:rule/watch-root alarms`,
        `${TOPIC} security@example.com`,
        `arn:aws:kms:${REGION}:${ID}:alias/account-alarms`,
      ]),
    );
    expect(await workspace.state("aws_sns_topic_subscription.security")).toMatchObject({ pending_confirmation: true });
    expect((await workspace.destroy()).code).toBe(0);
    expect(account().contents()).toEqual([]);
    // What a deleted key encrypted can be read for 30 days more.
    expect(Object.values(cloud.snapshot().accounts[ID]?.keys ?? {})).toMatchObject([
      { deletionDate: expect.any(String) },
    ]);
  });

  test("a change reaches the account, and one by hand shows in the plan", async () => {
    await deploy(alarms());
    const pattern = '{"source": ["aws.iam"]}';
    await deploy(
      changed(
        changed(alarms(), "aws_cloudwatch_event_rule", "watch", { event_pattern: pattern, state: "DISABLED" }),
        "aws_kms_key",
        "alarms",
        { enable_key_rotation: false, policy: policy(OWNER) },
      ),
    );
    expect(account().eventRules.find(REGION, "watch-root")).toMatchObject({ eventPattern: pattern, state: "DISABLED" });
    expect(account().keys.list()).toMatchObject([{ rotationDays: null, policy: policy(OWNER) }]);
    await account().topics.setAttribute(TOPIC, "Policy", policy(allow("sns", "sns:Publish", TOPIC)));
    await account().eventRules.removeTarget(REGION, "watch-root", "alarms");
    const { code, out } = await workspace.plan();
    expect(code).toBe(2);
    expect(out).toContain("aws_sns_topic_policy.alarms will be updated in-place");
    expect(out).toContain("aws_cloudwatch_event_target.watch will be created");
  });

  test("a subscription that nobody has confirmed for two days is planned anew", async () => {
    await deploy(alarms());
    expect((await workspace.plan()).code).toBe(0);
    cloud.clock.advance({ days: 2 });
    expect((await workspace.plan()).out).toContain("aws_sns_topic_subscription.security will be created");
    await workspace.apply();
    expect((await workspace.plan()).code).toBe(0);
  });

  test("a confirmed subscription is no change, and is unsubscribed", async () => {
    await deploy(alarms());
    account().topics.confirm(String((await workspace.state("aws_sns_topic_subscription.security")).arn));
    expect((await workspace.plan()).code).toBe(0);
    expect((await workspace.destroy()).code).toBe(0);
    expect(account().contents()).toEqual([]);
  });

  test.each<[string, Resources, string]>([
    [
      "a key that nobody could manage",
      changed(alarms(), "aws_kms_key", "alarms", { policy: policy(allow("events", "kms:*")) }),
      "The new key policy will not allow you to update the key policy in the future.",
    ],
    [
      "a topic of another region as target",
      changed(alarms(), "aws_cloudwatch_event_target", "watch", { arn: `arn:aws:sns:us-east-1:${ID}:account-alarms` }),
      "is not in eu-west-1",
    ],
    [
      "a constant message beside a template",
      changed(alarms(), "aws_cloudwatch_event_target", "watch", { input: '"Somebody signed in"' }),
      '"input": conflicts with input_transformer',
    ],
    [
      "a bus without a role",
      changed(alarms(), "aws_cloudwatch_event_target", "forwarding", { role_arn: null }),
      "RoleArn is required for target",
    ],
    [
      "a role that does not let EventBridge in",
      changed(alarms(), "aws_iam_role", "forwarding", {
        assume_role_policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sts:AssumeRole" }],
        }),
      }),
      "cannot be assumed by principal 'events.amazonaws.com'",
    ],
    [
      "a pattern longer than EventBridge takes",
      changed(alarms(), "aws_cloudwatch_event_rule", "watch", {
        event_pattern: JSON.stringify({ source: ["x".repeat(2_040)] }),
      }),
      "The event pattern has 2055 characters, EventBridge takes 2048",
    ],
    [
      "what is no pattern",
      changed(alarms(), "aws_cloudwatch_event_rule", "watch", { event_pattern: '{"source": "aws.iam"}' }),
      "Event pattern is not valid",
    ],
    [
      "a topic policy for another service's actions",
      changed(alarms(), "aws_sns_topic_policy", "alarms", { policy: policy(allow("events", "kms:Decrypt", TOPIC)) }),
      "Policy statement action out of service scope!",
    ],
    [
      "what the local cloud does not know",
      changed(alarms(), "aws_sns_topic", "alarms", { delivery_policy: "{}" }),
      "the local cloud does not model delivery_policy of aws_sns_topic",
    ],
  ])("refuses %s", async (_, resources, message) => expect(await refused(resources)).toContain(message));
});

describe("a trail", () => {
  beforeEach(async () => {
    write(trail());
    await workspace.init();
  });

  test("is made with its bucket, and its files keep the bucket from being destroyed", async () => {
    expect(await deploy(trail())).toContain("Resources: 8 added");
    expect(account().trails.list()).toMatchObject([{ logging: true, settings: { multiRegion: true } }]);
    const first = await workspace.destroy();
    expect(first.code).toBe(1);
    expect(first.out).toContain("BucketNotEmpty");
    await account().buckets.empty("trail-111122223333");
    expect((await workspace.destroy()).code).toBe(0);
    expect(account().contents()).toEqual([]);
  });

  test("a bucket is encrypted by a key of S3 as well, and then says nothing of a bucket key", async () => {
    const rule = [{ apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } }];
    await deploy({
      aws_s3_bucket: { own: { bucket: "own-111122223333" } },
      aws_s3_bucket_server_side_encryption_configuration: { own: { bucket: "${aws_s3_bucket.own.bucket}", rule } },
    });
    expect(account().buckets.find("own-111122223333")?.encryption).toEqual({
      algorithm: "AES256",
      kmsKeyId: null,
      bucketKeyEnabled: false,
    });
  });

  test("force_destroy empties the bucket", async () => {
    await deploy(changed(trail(), "aws_s3_bucket", "trail", { force_destroy: true }));
    expect((await workspace.destroy()).code).toBe(0);
  });

  test("changes reach the account", async () => {
    await deploy(trail());
    await deploy(
      changed(
        changed(trail(), "aws_cloudtrail", "trail", {
          enable_logging: false,
          event_selector: { read_write_type: "WriteOnly" },
        }),
        "aws_s3_bucket_versioning",
        "trail",
        { versioning_configuration: { status: "Suspended" } },
      ),
    );
    expect(account().trails.list()).toMatchObject([{ logging: false, selection: { readWriteType: "WriteOnly" } }]);
    expect(account().buckets.list()).toMatchObject([{ versioning: "Suspended" }]);
  });

  test.each<[string, Resources, string]>([
    [
      "a bucket that does not let it write",
      changed(trail(), "aws_s3_bucket_policy", "trail", {
        policy: policy(allow("cloudtrail", "s3:GetBucketAcl", "arn:aws:s3:::trail-111122223333")),
      }),
      "Incorrect S3 bucket policy is detected for bucket: trail-111122223333",
    ],
    [
      "a key that does not let it encrypt",
      changed(trail(), "aws_kms_key", "trail", { policy: policy(OWNER) }),
      "InsufficientEncryptionPolicyException",
    ],
    [
      "a key that does not let it decrypt, for a bucket with a key of its own under it",
      changed(
        changed(trail(), "aws_kms_key", "trail", {
          policy: policy(OWNER, allow("cloudtrail", ["kms:GenerateDataKey*", "kms:DescribeKey"])),
        }),
        "aws_cloudtrail",
        "trail",
        {
          depends_on: ["aws_s3_bucket_policy.trail", "aws_s3_bucket_server_side_encryption_configuration.trail"],
        },
      ),
      "InsufficientEncryptionPolicyException",
    ],
    [
      "a bucket for everybody",
      changed(trail(), "aws_s3_bucket_policy", "trail", {
        policy: policy({
          Effect: "Allow",
          Principal: "*",
          Action: "s3:GetObject",
          Resource: "arn:aws:s3:::trail-111122223333/*",
        }),
      }),
      "public policies are blocked by the BlockPublicPolicy setting",
    ],
  ])("refuses %s", async (_, resources, message) => expect(await refused(resources)).toContain(message));
});
