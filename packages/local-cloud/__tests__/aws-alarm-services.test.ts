import { Cloud } from "../cloud/cloud";
import { allow, ID, OWNER, policy, REGION, TOPIC } from "./aws-alarms";

let cloud: Cloud;
const account = () => cloud.account(ID);

beforeEach(() => {
  cloud = new Cloud();
});

const refused = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });
const PATTERN = '{"source":["aws.iam"]}';
const target = (id: string) => ({ id, arn: TOPIC, roleArn: null });

describe("rules of EventBridge", () => {
  const rule = (name: string, region = REGION) => account().eventRules.put({ region, name, eventPattern: PATTERN });

  test("a rule takes five targets, the same one again included", async () => {
    await rule("watch");
    for (const id of ["1", "2", "3", "4", "5", "5"]) await account().eventRules.putTarget(REGION, "watch", target(id));
    await expect(account().eventRules.putTarget(REGION, "watch", target("6"))).rejects.toEqual(
      refused("LimitExceededException", "5 targets"),
    );
  });

  test("a bus takes 300 rules, and each region has its own", async () => {
    for (let count = 1; count <= 300; count += 1) await rule(`rule-${count}`);
    await rule("rule-300");
    await expect(rule("rule-301")).rejects.toEqual(refused("LimitExceededException", "300 rules"));
    await rule("rule-301", "us-east-1");
  });

  test("a rule with targets is not deleted; one that is not there is", async () => {
    await rule("watch");
    await account().eventRules.putTarget(REGION, "watch", target("1"));
    await expect(account().eventRules.delete(REGION, "watch")).rejects.toEqual(
      refused("ValidationException", "Rule can't be deleted since it has targets."),
    );
    await account().eventRules.removeTarget(REGION, "watch", "1");
    await account().eventRules.delete(REGION, "watch");
    await account().eventRules.delete(REGION, "watch");
  });

  test("what is left out of a second PutRule goes back to its default, but not the tags", async () => {
    const { eventRules } = account();
    await eventRules.put({
      ...{ region: REGION, name: "watch", eventPattern: PATTERN, tags: { a: "b" } },
      ...{ description: "first", state: "DISABLED" },
    });
    await rule("watch");
    expect(eventRules.find(REGION, "watch")).toMatchObject({ description: "", state: "ENABLED", tags: { a: "b" } });
  });

  test.each([
    ["arn:aws:lambda:eu-west-1:111122223333:function:x", "The target arn:aws:lambda"],
    ["arn:aws:sns:eu-west-1:999988887777:x", "A target in another account"],
    ["arn:aws:events:eu-west-1:111122223333:event-bus/own", "The target arn:aws:events"],
  ])("a target that it does not know is named: %s", async (arn, message) => {
    await rule("watch");
    await expect(account().eventRules.putTarget(REGION, "watch", { ...target("1"), arn })).rejects.toEqual(
      refused("NotModelled", message),
    );
  });

  test("a topic is published to by its policy, never by a role", async () => {
    await rule("watch");
    const withRole = { ...target("1"), roleArn: `arn:aws:iam::${ID}:role/Any` };
    await expect(account().eventRules.putTarget(REGION, "watch", withRole)).rejects.toEqual(
      refused("NotModelled", "A role for a topic as target"),
    );
  });
});

describe("topics", () => {
  test("the same name again is the same topic, unless its tags differ", async () => {
    const { topics } = account();
    const make = (tags: Record<string, string>) => topics.create({ region: REGION, name: "account-alarms", tags });
    expect((await make({ a: "b" })).arn).toBe(TOPIC);
    expect((await make({ a: "b" })).arn).toBe(TOPIC);
    await expect(make({})).rejects.toEqual(refused("InvalidParameter", "different tags"));
  });

  test("a subscription waits for its owner, and goes with its topic", async () => {
    const { topics } = account();
    await topics.create({ region: REGION, name: "account-alarms" });
    const { arn } = await topics.subscribe(TOPIC, "email", "security@example.com");
    expect((await topics.subscribe(TOPIC, "email", "security@example.com")).arn).toBe(arn);
    await expect(topics.unsubscribe(arn)).rejects.toEqual(refused("InvalidParameter", "pending confirmation"));
    topics.confirm(arn);
    await topics.unsubscribe(arn);
    await topics.subscribe(TOPIC, "https", "https://alarms.example.com/in");
    await topics.delete(TOPIC);
    expect(account().contents()).toEqual([]);
  });

  test("a subscription that nobody confirms within 48 hours is gone, and can be asked for anew", async () => {
    const { topics } = account();
    await topics.create({ region: REGION, name: "account-alarms" });
    const subscribe = () => topics.subscribe(TOPIC, "email", "security@example.com");
    const { arn } = await subscribe();
    cloud.clock.advance({ minutes: 47 * 60 });
    expect((await subscribe()).arn).toBe(arn);
    cloud.clock.advance({ minutes: 60 });
    expect([topics.findSubscription(arn), account().contents()]).toEqual([undefined, [TOPIC]]);
    expect(() => topics.confirm(arn)).toThrow("Subscription does not exist");
    const again = (await subscribe()).arn;
    topics.confirm(again);
    cloud.clock.advance({ days: 100 });
    expect(topics.findSubscription(again)).toMatchObject({ confirmed: true });
  });

  test.each([
    ["email", "nobody"],
    ["https", "http://alarms.example.com"],
  ])("an endpoint by %s is not %s", async (protocol, endpoint) => {
    await account().topics.create({ region: REGION, name: "account-alarms" });
    await expect(account().topics.subscribe(TOPIC, protocol, endpoint)).rejects.toEqual(
      refused("InvalidParameter", `Endpoint ${endpoint} for ${protocol}`),
    );
  });
});

describe("keys", () => {
  const make = (more: object = {}) => account().keys.create({ region: REGION, ...more });

  test("are found by id, ARN and alias, in their region only", async () => {
    const { keys } = account();
    const { arn, keyId } = await make();
    await keys.createAlias(REGION, "alias/alarms", keyId);
    const names = [keyId, arn, "alias/alarms", `arn:aws:kms:${REGION}:${ID}:alias/alarms`];
    expect(names.map((name) => keys.find(REGION, name)?.arn)).toEqual(names.map(() => arn));
    expect(keys.find("us-east-1", keyId)).toBeUndefined();
    await expect(keys.createAlias(REGION, "alias/alarms", keyId)).rejects.toEqual(
      refused("AlreadyExistsException", "alias/alarms"),
    );
    await expect(keys.createAlias(REGION, "alias/aws/sns", keyId)).rejects.toEqual(
      refused("NotAuthorizedException", "reserved for AWS"),
    );
  });

  test("that wait for their deletion cannot be changed, and their window is 7 to 30 days", async () => {
    const { keys } = account();
    const { arn } = await make();
    await expect(keys.scheduleDeletion(arn, 6)).rejects.toEqual(refused("ValidationException", "it takes 7 to 30"));
    await keys.scheduleDeletion(arn, 7);
    await expect(keys.putPolicy(arn, policy(OWNER))).rejects.toEqual(
      refused("KMSInvalidStateException", "pending deletion"),
    );
    const [key] = Object.values(cloud.snapshot().accounts[ID]?.keys ?? {});
    expect(Date.parse(key?.deletionDate ?? "") - Date.parse(key?.createDate ?? "")).toBe(7 * 24 * 3_600_000);
  });

  test("a policy that nobody could change is taken only when the safety check is bypassed", async () => {
    const locked = policy(allow("events", "kms:*"));
    await expect(make({ policy: locked })).rejects.toEqual(
      refused("MalformedPolicyDocumentException", "will not allow you to update the key policy in the future"),
    );
    await make({ policy: locked, bypassPolicyLockoutSafetyCheck: true });
  });
});

describe("trails and buckets", () => {
  const settings = {
    ...{ bucket: "logs-111122223333", prefix: null, kmsKeyId: null },
    ...{ multiRegion: true, globalServiceEvents: true, logFileValidation: true },
  };
  const create = (name: string, more: object = {}) =>
    account().trails.create({ region: REGION, name, settings: { ...settings, ...more } });

  test("a trail needs a bucket that is there, and whose policy lets it write below its prefix", async () => {
    await expect(create("account")).rejects.toEqual(refused("S3BucketDoesNotExistException", "logs-111122223333"));
    const { buckets } = account();
    await buckets.create("logs-111122223333", REGION);
    await expect(create("account")).rejects.toEqual(
      refused("InsufficientS3BucketPolicyException", "logs-111122223333"),
    );
    const bucket = "arn:aws:s3:::logs-111122223333";
    await buckets.putPolicy(
      "logs-111122223333",
      policy(
        allow("cloudtrail", "s3:GetBucketAcl", bucket),
        allow("cloudtrail", "s3:PutObject", `${bucket}/a/AWSLogs/${ID}/*`),
      ),
    );
    await expect(create("account")).rejects.toEqual(refused("InsufficientS3BucketPolicyException", "logs"));
    const { arn } = await create("account", { prefix: "a" });
    expect(account().trails.find(arn)?.logging).toBe(false);
    await account().trails.startLogging(arn);
    await expect(buckets.delete("logs-111122223333")).rejects.toEqual(refused("BucketNotEmpty", "not empty"));
    await expect(create("2nd", { prefix: "a", globalServiceEvents: false })).rejects.toEqual(
      refused("InvalidParameterCombinationException", "must include global service events"),
    );
    for (const name of ["2nd", "3rd", "4th", "5th"]) await create(name, { prefix: "a" });
    await expect(create("6th", { prefix: "a" })).rejects.toEqual(
      refused("MaximumNumberOfTrailsExceededException", "5 trails"),
    );
  });

  test.each(["Logs", "lo", "logs_1", "xn--logs", "logs..1"])("a bucket is not called %s", async (name) => {
    await expect(account().buckets.create(name, REGION)).rejects.toEqual(refused("InvalidBucketName", name));
  });
});
