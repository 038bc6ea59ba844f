import { Account } from "../cloud/aws/account";
import { Clock } from "../cloud/clock";
import { Cloud } from "../cloud/cloud";
import { Journal } from "../cloud/journal";
import { makeCertificate, metadataWith } from "./aws-metadata";

const ID = "111122223333";
const REGION = "eu-west-1";
const PROVIDER = `arn:aws:iam::${ID}:saml-provider/MicrosoftEntraID`;

function make() {
  const clock = new Clock({ now: "2026-01-02T03:04:05.678Z" });
  const journal = new Journal(() => {});
  const state = Account.emptyState(ID, "aws");
  return { clock, journal, state, account: new Account(state, { clock, journal, others: () => [] }) };
}

const trust = (principal: unknown, action = "sts:AssumeRole") =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: principal, Action: action }] });
const federated = trust({ Federated: PROVIDER }, "sts:AssumeRoleWithSAML");
const ELSEWHERE = "arn:aws:iam::444455556666:root";

describe("Access Analyzer", () => {
  /** An account with the role of the federation and roles that others trust. */
  async function withRoles() {
    const made = make();
    const { accessAnalyzer, samlProviders, roles } = made.account;
    await samlProviders.create({
      name: "MicrosoftEntraID",
      samlMetadataDocument: metadataWith([await makeCertificate("one")]),
    });
    await roles.create({ name: "Developer", assumeRolePolicyDocument: federated });
    await roles.create({ name: "Vendor", assumeRolePolicyDocument: trust({ AWS: ELSEWHERE }) });
    await roles.create({ name: "Open", assumeRolePolicyDocument: trust({ AWS: "*" }) });
    await roles.create({ name: "Own", assumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${ID}:root` }) });
    await roles.create({ name: "Events", assumeRolePolicyDocument: trust({ Service: "events.amazonaws.com" }) });
    await accessAnalyzer.create({ region: REGION, name: "account", type: "ACCOUNT" });
    const findings = () =>
      accessAnalyzer
        .findings(REGION, "account")
        .map(
          ({ resource, principal, status }) =>
            `${resource.split("/").at(-1)} by ${principal.split(":").at(-1)}: ${status}`,
        );
    return { ...made, accessAnalyzer, roles, findings };
  }
  /** What a baseline archives: the federation's roles, each opened by the federation's provider. */
  const expected = {
    name: "expected",
    filter: {
      resourceType: { eq: ["AWS::IAM::Role"] },
      resource: { eq: [`arn:aws:iam::${ID}:role/Developer`] },
      "principal.Federated": { eq: [PROVIDER] },
      isPublic: { eq: ["false"] },
    },
  };

  test("finds every role that somebody outside can take, and no other", async () => {
    const { findings } = await withRoles();
    expect(findings()).toEqual([
      "Developer by saml-provider/MicrosoftEntraID: ACTIVE",
      "Vendor by root: ACTIVE",
      "Open by *: ACTIVE",
    ]);
  });

  test("archives the expected finding by rule, and no other trust", async () => {
    const { accessAnalyzer, findings } = await withRoles();
    await accessAnalyzer.createArchiveRule(REGION, "account", expected);
    expect(findings()).toEqual([
      "Developer by saml-provider/MicrosoftEntraID: ARCHIVED",
      "Vendor by root: ACTIVE",
      "Open by *: ACTIVE",
    ]);
  });

  test("finds a second provider, and a second account, on the very role whose finding is archived", async () => {
    const { account, accessAnalyzer, roles, findings } = await withRoles();
    await accessAnalyzer.createArchiveRule(REGION, "account", expected);
    findings();
    const samlMetadataDocument = metadataWith([await makeCertificate("two")]);
    const { arn } = await account.samlProviders.create({ name: "Other", samlMetadataDocument });
    const both = { Federated: [PROVIDER, arn], AWS: ELSEWHERE };
    await roles.updateAssumeRolePolicy("Developer", trust(both, "sts:AssumeRoleWithSAML"));
    expect(findings().filter((line) => line.startsWith("Developer"))).toEqual([
      "Developer by saml-provider/MicrosoftEntraID: ARCHIVED",
      "Developer by saml-provider/Other: ACTIVE",
      "Developer by root: ACTIVE",
    ]);
  });

  test("archives new findings alone, resolves what is gone, and finds anew what comes back", async () => {
    const { accessAnalyzer, roles, findings } = await withRoles();
    findings();
    await accessAnalyzer.createArchiveRule(REGION, "account", expected);
    expect(findings()[0]).toBe("Developer by saml-provider/MicrosoftEntraID: ACTIVE");
    await roles.delete("Developer");
    expect(findings()[0]).toBe("Developer by saml-provider/MicrosoftEntraID: RESOLVED");
    await roles.create({ name: "Developer", assumeRolePolicyDocument: federated });
    expect(findings().filter((line) => line.startsWith("Developer"))).toEqual([
      "Developer by saml-provider/MicrosoftEntraID: RESOLVED",
      "Developer by saml-provider/MicrosoftEntraID: ARCHIVED",
    ]);
  });

  test("archives by hand what was found before the rule named its role, and that alone", async () => {
    const { accessAnalyzer, findings } = await withRoles();
    const none = { ...expected, filter: { ...expected.filter, resource: { eq: [`arn:aws:iam::${ID}:role/Other`] } } };
    await accessAnalyzer.createArchiveRule(REGION, "account", none);
    findings();
    // The order of work that the documentation warns of: the account's role first, its name in the baseline afterwards.
    await accessAnalyzer.updateArchiveRule(REGION, "account", expected);
    expect(findings()[0]).toBe("Developer by saml-provider/MicrosoftEntraID: ACTIVE");
    await accessAnalyzer.applyArchiveRule(REGION, "account", "expected");
    expect(findings()).toEqual([
      "Developer by saml-provider/MicrosoftEntraID: ARCHIVED",
      "Vendor by root: ACTIVE",
      "Open by *: ACTIVE",
    ]);
    await expect(accessAnalyzer.applyArchiveRule(REGION, "account", "other")).rejects.toMatchObject({
      code: "ResourceNotFoundException",
    });
  });

  test.each([
    ["contains", { resource: { contains: ["role/Dev"] } }, ["Developer"]],
    ["neq", { resource: { neq: [`arn:aws:iam::${ID}:role/Open`] } }, ["Developer", "Vendor"]],
    ["exists", { "principal.AWS": { exists: true } }, ["Vendor", "Open"]],
    ["exists, negated", { "principal.AWS": { exists: false } }, ["Developer"]],
    ["the account that owns it", { resourceOwnerAccount: { eq: ["444455556666"] } }, []],
    ["access for everybody", { isPublic: { eq: ["true"] } }, ["Open"]],
  ])("understands a rule with %s", async (_, filter, archived) => {
    const { accessAnalyzer, findings } = await withRoles();
    await accessAnalyzer.createArchiveRule(REGION, "account", { name: "one", filter });
    const found = findings().filter((line) => line.endsWith("ARCHIVED"));
    expect(found.map((line) => line.split(" ")[0])).toEqual(archived);
  });

  test.each([
    ["no filter", {}, "ValidationException"],
    ["a key that no rule takes", { status: { eq: ["ACTIVE"] } }, "ValidationException"],
    ["a key that says nothing", { resource: {} }, "ValidationException"],
    ["21 values", { resource: { eq: Array(21).fill("x") } }, "ValidationException"],
    ["a condition", { "condition.aws:PrincipalOrgID": { eq: ["o-1"] } }, "NotModelled"],
  ])("refuses a rule with %s", async (_, filter, code) => {
    const { accessAnalyzer } = await withRoles();
    const made = accessAnalyzer.createArchiveRule(REGION, "account", { name: "one", filter });
    await expect(made).rejects.toMatchObject({ code });
  });

  test("refuses a second rule of a name, a second analyzer of a region, and one for an organization that is not there", async () => {
    const { account, accessAnalyzer } = await withRoles();
    await accessAnalyzer.createArchiveRule(REGION, "account", expected);
    const again = accessAnalyzer.createArchiveRule(REGION, "account", expected);
    await expect(again).rejects.toMatchObject({ code: "ConflictException", status: 409 });
    const create = (name: string, type: string, region = REGION) => accessAnalyzer.create({ region, name, type });
    await expect(create("account", "ACCOUNT")).rejects.toMatchObject({ code: "ConflictException" });
    await expect(create("other", "ACCOUNT")).rejects.toMatchObject({ code: "ServiceQuotaExceededException" });
    await expect(create("all", "ORGANIZATION")).rejects.toMatchObject({
      message: expect.stringMatching(/^You must create an organization/),
    });
    account.settings.seedOrganization("o-1");
    await create("all", "ORGANIZATION");
    await create("account", "ACCOUNT", "us-east-1");
    await expect(create("unused", "ACCOUNT_UNUSED_ACCESS")).rejects.toMatchObject({ code: "NotModelled" });
    await expect(create("1", "ACCOUNT", "us-east-2")).rejects.toMatchObject({ code: "ValidationException" });
  });
});

describe("AWS Config", () => {
  const group = {
    allSupported: false,
    includeGlobalResourceTypes: false,
    resourceTypes: ["AWS::IAM::User"],
    excludedResourceTypes: [],
    useOnly: "INCLUSION_BY_RESOURCE_TYPES",
  };
  const channel = {
    name: "default",
    s3BucketName: "logs",
    s3KeyPrefix: null,
    s3KmsKeyArn: null,
    snsTopicArn: null,
    deliveryFrequency: null,
  };
  const rule = {
    name: "keys",
    description: null,
    owner: "AWS",
    sourceIdentifier: "ACCESS_KEYS_ROTATED",
    inputParameters: '{"maxAccessKeyAge":"90"}',
    maximumExecutionFrequency: "TwentyFour_Hours",
  };

  async function recording() {
    const made = make();
    const { config, roles, users } = made.account;
    const { arn: roleArn } = await roles.createServiceLinked({ service: "config.amazonaws.com" });
    const recorder = { name: "default", roleArn, recordingGroup: group, recordingFrequency: "CONTINUOUS" };
    await config.putRecorder(REGION, recorder);
    await config.putDeliveryChannel(REGION, channel);
    await config.startRecorder(REGION, "default");
    await config.putRule(REGION, rule);
    await users.create({ name: "Svc-Entra" });
    const key = await users.createAccessKey("Svc-Entra");
    const judged = () =>
      config
        .evaluate(REGION)
        .map(({ detail }) => (detail.newEvaluationResult as { complianceType: string }).complianceType);
    return { ...made, config, roles, users, key, recorder, judged };
  }

  test("finds a key too old after 91 days, and says so once", async () => {
    const { clock, judged } = await recording();
    expect(judged()).toEqual(["COMPLIANT"]);
    clock.advance({ days: 90 });
    expect(judged()).toEqual([]);
    clock.advance({ days: 1 });
    expect(judged()).toEqual(["NON_COMPLIANT"]);
    expect(judged()).toEqual([]);
  });

  test("tells EventBridge of it in the words of AWS", async () => {
    const { account, clock, config } = await recording();
    config.evaluate(REGION);
    clock.advance({ days: 91 });
    const [event] = config.evaluate(REGION);
    const userId = account.users.get("Svc-Entra").id;
    expect(event).toMatchObject({
      "detail-type": "Config Rules Compliance Change",
      source: "aws.config",
      account: ID,
      region: REGION,
      time: "2026-04-03T03:04:05Z",
      detail: {
        configRuleName: "keys",
        messageType: "ComplianceChangeNotification",
        resourceType: "AWS::IAM::User",
        resourceId: userId,
        newEvaluationResult: { complianceType: "NON_COMPLIANT" },
        oldEvaluationResult: { complianceType: "COMPLIANT" },
      },
    });
    // The user's id is all that leaves the account.
    expect(JSON.stringify(event)).not.toMatch(/AKIA|Svc-Entra/);
  });

  test("is content when the old key is gone or switched off, and judges no user without a key", async () => {
    const { clock, key, users, judged } = await recording();
    clock.advance({ days: 91 });
    expect(judged()).toEqual(["NON_COMPLIANT"]);
    await users.createAccessKey("Svc-Entra");
    expect(judged()).toEqual([]);
    await users.updateAccessKey("Svc-Entra", key.accessKeyId, "Inactive");
    expect(judged()).toEqual(["COMPLIANT"]);
    await users.create({ name: "Keyless" });
    expect(judged()).toEqual([]);
  });

  test("follows the days of the rule, and 90 where it says none", async () => {
    const { clock, config, judged } = await recording();
    clock.advance({ days: 31 });
    await config.putRule(REGION, { ...rule, inputParameters: '{"maxAccessKeyAge":"30"}' });
    expect(judged()).toEqual(["NON_COMPLIANT"]);
    await config.putRule(REGION, { ...rule, inputParameters: null });
    expect(judged()).toEqual(["COMPLIANT"]);
    clock.advance({ days: 60 });
    expect(judged()).toEqual(["NON_COMPLIANT"]);
  });

  test("judges nothing while nothing is recorded", async () => {
    const { clock, config, judged } = await recording();
    await config.stopRecorder(REGION, "default");
    clock.advance({ days: 91 });
    expect(judged()).toEqual([]);
    await config.startRecorder(REGION, "default");
    expect(judged()).toEqual(["NON_COMPLIANT"]);
  });

  test.each([
    ["of somebody's own", { owner: "CUSTOM_LAMBDA" }, "NotModelled"],
    ["that is not evaluated here", { sourceIdentifier: "IAM_USER_MFA_ENABLED" }, "NotModelled"],
    ["with a parameter it does not have", { inputParameters: '{"maxAge":"90"}' }, "InvalidParameterValueException"],
    [
      "with days that are no number",
      { inputParameters: '{"maxAccessKeyAge":"soon"}' },
      "InvalidParameterValueException",
    ],
    ["with another rhythm", { maximumExecutionFrequency: "Daily" }, "InvalidParameterValueException"],
  ])("refuses a rule %s", async (_, more, code) => {
    const { config } = await recording();
    await expect(config.putRule(REGION, { ...rule, ...more })).rejects.toMatchObject({ code });
  });

  test("takes recorder, channel, start and rule in that order alone, and gives them back in the other", async () => {
    const { config, roles } = make().account;
    const { arn: roleArn } = await roles.createServiceLinked({ service: "config.amazonaws.com" });
    const recorder = { name: "default", roleArn, recordingGroup: group, recordingFrequency: "CONTINUOUS" };
    const code = (name: string) => ({ code: `${name}Exception` });
    await expect(config.putRule(REGION, rule)).rejects.toMatchObject(code("NoAvailableConfigurationRecorder"));
    await expect(config.putDeliveryChannel(REGION, channel)).rejects.toMatchObject(
      code("NoAvailableConfigurationRecorder"),
    );
    await config.putRecorder(REGION, recorder);
    await expect(config.startRecorder(REGION, "default")).rejects.toMatchObject(code("NoAvailableDeliveryChannel"));
    await config.putDeliveryChannel(REGION, channel);
    await config.startRecorder(REGION, "default");
    await expect(config.deleteDeliveryChannel(REGION, "default")).rejects.toMatchObject(
      code("LastDeliveryChannelDeleteFailed"),
    );
    await expect(roles.deleteServiceLinked("AWSServiceRoleForConfig")).rejects.toMatchObject({
      code: "DeleteConflict",
    });
    await config.stopRecorder(REGION, "default");
    await config.deleteDeliveryChannel(REGION, "default");
    await config.deleteRecorder(REGION, "default");
    await roles.deleteServiceLinked("AWSServiceRoleForConfig");
  });

  test("takes one recorder and one channel in a region, and refuses a role or a group that is none", async () => {
    const { config, recorder } = await recording();
    const code = (name: string) => ({ code: `${name}Exception` });
    const put = (more: object) => config.putRecorder(REGION, { ...recorder, ...more });
    await expect(put({ name: "second" })).rejects.toMatchObject(code("MaxNumberOfConfigurationRecordersExceeded"));
    await expect(config.putDeliveryChannel(REGION, { ...channel, name: "second" })).rejects.toMatchObject(
      code("MaxNumberOfDeliveryChannelsExceeded"),
    );
    await expect(put({ roleArn: `arn:aws:iam::${ID}:role/None` })).rejects.toMatchObject(code("InvalidRole"));
    await expect(put({ recordingGroup: { ...group, allSupported: true } })).rejects.toMatchObject(
      code("InvalidRecordingGroup"),
    );
    await expect(put({ recordingGroup: { ...group, includeGlobalResourceTypes: true } })).rejects.toMatchObject(
      code("InvalidRecordingGroup"),
    );
    await put({ recordingFrequency: "DAILY" });
    expect(config.recorder(REGION, "default")).toMatchObject({ recordingFrequency: "DAILY", recording: true });
    await config.putRecorder("us-east-1", { ...recorder, name: "second" });
  });

  describe("the bucket of a delivery channel", () => {
    const arn = "arn:aws:s3:::logs";
    const look = { Action: ["s3:GetBucketAcl", "s3:ListBucket"], Resource: arn };
    const write = { Action: "s3:PutObject", Resource: `${arn}/AWSLogs/${ID}/Config/*` };
    async function put(...statements: object[]) {
      const { config, account } = await recording();
      await account.buckets.create("logs", REGION);
      if (statements.length > 0) {
        const Statement = statements.map((one) => ({
          Effect: "Allow",
          Principal: { Service: "config.amazonaws.com" },
          Condition: { StringEquals: { "aws:SourceAccount": ID } },
          ...one,
        }));
        await account.buckets.putPolicy("logs", JSON.stringify({ Version: "2012-10-17", Statement }));
      }
      return config.putDeliveryChannel(REGION, channel);
    }
    const acl = (value: string) => ({ Condition: { StringEquals: { "s3:x-amz-acl": value } } });
    const refused = { code: "InsufficientDeliveryPolicyException" };

    test("lets AWS Config look and write", async () => {
      await put(look, write);
      await put(look, { ...write, ...acl("bucket-owner-full-control") });
    });

    test.each([
      ["it has no policy", []],
      ["nobody may look", [write]],
      ["nobody may write", [look]],
      ["another service may", [look, { ...write, Principal: { Service: "cloudtrail.amazonaws.com" } }]],
      [
        "another account's may",
        [look, { ...write, Condition: { StringEquals: { "aws:SourceAccount": "444455556666" } } }],
      ],
      ["another folder is open", [look, { ...write, Resource: `${arn}/AWSLogs/444455556666/Config/*` }]],
      ["it may not leave the owner out", [look, { ...write, ...acl("private") }]],
    ])("is refused when %s", async (_, statements) => {
      await expect(put(...statements)).rejects.toMatchObject(refused);
    });
  });

  test("has one service-linked role, which belongs to a service that is known", async () => {
    const { roles } = (await recording()).account;
    await expect(roles.createServiceLinked({ service: "config.amazonaws.com" })).rejects.toMatchObject({
      code: "InvalidInput",
    });
    await expect(roles.createServiceLinked({ service: "es.amazonaws.com" })).rejects.toMatchObject({
      code: "NotModelled",
    });
  });
});

describe("Secrets Manager", () => {
  const token = (n: number) => String(n).padStart(32, "0");
  async function withSecret() {
    const made = make();
    const { secrets } = made.account;
    const { arn } = await secrets.create({ region: REGION, name: "entra/key" });
    await secrets.putValue(arn, "one", { token: token(1) });
    return { ...made, secrets, arn };
  }
  const stages = ({ versions }: { versions: readonly { id: string; stages: readonly string[] }[] }) =>
    Object.fromEntries(versions.map((version) => [Number(version.id), version.stages]));

  test("wants a key that can encrypt: of its region, enabled, not about to be deleted", async () => {
    const { secrets, keys } = make().account;
    const { arn: kmsKeyId } = await keys.create({ region: REGION });
    const failure = { code: "EncryptionFailure" };
    await expect(secrets.create({ region: "us-east-1", name: "elsewhere", kmsKeyId })).rejects.toMatchObject(failure);
    const { arn } = await secrets.create({ region: REGION, name: "entra/key", kmsKeyId });
    await keys.scheduleDeletion(kmsKeyId, 7);
    await expect(secrets.putValue(arn, "one", { token: token(1) })).rejects.toMatchObject(failure);
    await expect(secrets.update(arn, { description: "", kmsKeyId })).rejects.toMatchObject(failure);
    await secrets.update(arn, { description: "", kmsKeyId: "alias/aws/secretsmanager" });
    await secrets.putValue(arn, "one", { token: token(1) });
  });

  test("moves AWSCURRENT to a new value, and AWSPREVIOUS behind it", async () => {
    const { secrets, arn } = await withSecret();
    await secrets.putValue(arn, "two", { token: token(2) });
    await secrets.putValue(arn, "three", { token: token(3) });
    expect(stages(secrets.find(arn) ?? { versions: [] })).toEqual({ 1: [], 2: ["AWSPREVIOUS"], 3: ["AWSCURRENT"] });
    expect(secrets.value(arn)).toBe("three");
    expect(secrets.value(arn, token(1))).toBe("one");
    await secrets.updateVersionStage(arn, "AWSCURRENT", { to: token(1), from: token(3) });
    expect(stages(secrets.find(arn) ?? { versions: [] })).toEqual({ 1: ["AWSCURRENT"], 2: [], 3: ["AWSPREVIOUS"] });
  });

  test("leaves AWSCURRENT somewhere, and moves no label by guess", async () => {
    const { secrets, arn } = await withSecret();
    await secrets.putValue(arn, "two", { token: token(2), stages: ["ROTATED"] });
    expect(secrets.value(arn)).toBe("one");
    const move = (stage: string, to: object) => secrets.updateVersionStage(arn, stage, to);
    const refused = { code: "InvalidParameterException" };
    await expect(move("AWSCURRENT", { from: token(1) })).rejects.toMatchObject(refused);
    await expect(move("AWSCURRENT", { to: token(2) })).rejects.toMatchObject(refused);
    await expect(move("ROTATED", { from: token(1) })).rejects.toMatchObject(refused);
    await move("ROTATED", { from: token(2) });
  });

  test("lets a deleted secret come back within its window, and not after", async () => {
    const { clock, secrets, arn } = await withSecret();
    await secrets.delete(arn, 7);
    expect(secrets.find(arn)).toBeUndefined();
    expect(secrets.value(arn)).toBeUndefined();
    await expect(secrets.putValue(arn, "x", { token: token(9) })).rejects.toMatchObject({
      code: "InvalidRequestException",
    });
    await secrets.restore(REGION, "entra/key");
    expect(secrets.value(arn)).toBe("one");
    await secrets.delete(arn, 7);
    clock.advance({ days: 7 });
    await expect(secrets.restore(REGION, "entra/key")).rejects.toMatchObject({ code: "ResourceNotFoundException" });
  });

  test("takes a name again when its window has passed, or there was none", async () => {
    const { clock, secrets, state, arn } = await withSecret();
    const again = () => secrets.create({ region: REGION, name: "entra/key" });
    await expect(again()).rejects.toMatchObject({ code: "ResourceExistsException" });
    await secrets.delete(arn, 7);
    await expect(again()).rejects.toMatchObject({ code: "InvalidRequestException" });
    await secrets.create({ region: "us-east-1", name: "entra/key" });
    clock.advance({ days: 7 });
    const second = await again();
    expect(second.arn).not.toBe(arn);
    expect(state.private.secretValues).toEqual({});
    await secrets.delete(second.arn, "none");
    await again();
    await expect(secrets.delete(arn, 7)).rejects.toMatchObject({ code: "ResourceNotFoundException" });
  });

  test.each([6, 31])("refuses a window of %d days", async (days) => {
    const { secrets, arn } = await withSecret();
    await expect(secrets.delete(arn, days)).rejects.toMatchObject({ code: "InvalidParameterException" });
  });

  test("refuses a name, a value and a token out of bounds, and says no value", async () => {
    const { secrets, arn } = await withSecret();
    await expect(secrets.create({ region: REGION, name: "with space" })).rejects.toMatchObject({
      code: "ValidationException",
    });
    const put = (value: string, id: string) => secrets.putValue(arn, value, { token: id });
    await expect(put("", token(2))).rejects.toMatchObject({ code: "InvalidParameterException" });
    await expect(put("s".repeat(65_537), token(2))).rejects.toMatchObject({
      message: expect.not.stringContaining("sss"),
    });
    await expect(put("x", "short")).rejects.toMatchObject({ code: "InvalidParameterException" });
    await expect(put("other", token(1))).rejects.toMatchObject({ code: "ResourceExistsException" });
    await put("s".repeat(65_536), token(2));
  });

  test("takes a policy with principals, and where it is asked to block it none for everybody", async () => {
    const { secrets, arn } = await withSecret();
    const policy = (more: object) =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: "*", ...more }],
      });
    const put = (more: object, blockPublic = true) => secrets.putResourcePolicy(arn, policy(more), { blockPublic });
    await expect(put({})).rejects.toMatchObject({ code: "MalformedPolicyDocumentException" });
    await expect(put({ Principal: "*" })).rejects.toMatchObject({ code: "PublicPolicyException" });
    await expect(put({ Principal: { AWS: "*" } })).rejects.toMatchObject({ code: "PublicPolicyException" });
    await put({ Principal: "*" }, false);
    await put({ Principal: "*", Condition: { StringEquals: { "aws:PrincipalAccount": ID } } });
    await put({ Principal: "*", Effect: "Deny" });
    await put({ Principal: { AWS: ELSEWHERE } });
    expect(secrets.find(arn)?.resourcePolicy).toContain(ELSEWHERE);
    await secrets.deleteResourcePolicy(arn);
    expect(secrets.find(arn)?.resourcePolicy).toBeNull();
  });
});

describe("an account's settings", () => {
  test("puts back to its default what a password policy does not say", async () => {
    const { settings } = make().account;
    await settings.updatePasswordPolicy({ minimumPasswordLength: 14, requireSymbols: true, maxPasswordAge: 90 });
    await settings.updatePasswordPolicy({ minimumPasswordLength: 8 });
    expect(settings.passwordPolicy).toMatchObject({
      minimumPasswordLength: 8,
      requireSymbols: false,
      maxPasswordAge: null,
    });
    await settings.deletePasswordPolicy();
    await expect(settings.deletePasswordPolicy()).rejects.toMatchObject({ code: "NoSuchEntity" });
  });

  test.each([
    ["minimumPasswordLength", 5],
    ["minimumPasswordLength", 129],
    ["maxPasswordAge", 1_096],
    ["passwordReusePrevention", 25],
  ])("refuses %s of %d", async (name, value) => {
    await expect(make().account.settings.updatePasswordPolicy({ [name]: value })).rejects.toMatchObject({
      code: "ValidationError",
    });
  });

  test("has a name and buckets that no other account has", async () => {
    const cloud = new Cloud();
    const [one, other] = [cloud.account("111122223333"), cloud.account("444455556666")];
    await one.settings.createAlias("contoso");
    await one.buckets.create("contoso-trail", REGION);
    await expect(other.settings.createAlias("contoso")).rejects.toMatchObject({ code: "EntityAlreadyExists" });
    await expect(one.settings.createAlias("contoso")).rejects.toMatchObject({ code: "EntityAlreadyExists" });
    await expect(other.buckets.create("contoso-trail", REGION)).rejects.toMatchObject({ code: "BucketAlreadyExists" });
    await expect(one.buckets.create("contoso-trail", REGION)).rejects.toMatchObject({
      code: "BucketAlreadyOwnedByYou",
    });
    await cloud.account("210987654321", "aws-cn").settings.createAlias("contoso");
    const { arn } = await one.buckets.create("contoso-first", "us-east-1");
    expect((await one.buckets.create("contoso-first", "us-east-1")).arn).toBe(arn);
  });

  test("has no service in a region that it has not enabled", async () => {
    const { account } = make();
    const requests: readonly ((region: string) => Promise<unknown>)[] = [
      (region) => account.keys.create({ region }),
      (region) => account.buckets.create("contoso-trail", region),
      (region) => account.config.putDeliveryChannel(region, { name: "account" } as never),
      (region) => account.accessAnalyzer.create({ region, name: "account", type: "ACCOUNT" } as never),
    ];
    for (const region of ["me-south-1", "xx-nowhere-1", "cn-north-1"]) {
      for (const request of requests) {
        await expect(request(region)).rejects.toMatchObject({ code: "UnrecognizedClientException" });
      }
    }
    await account.regions.enable("me-south-1");
    expect((await account.keys.create({ region: "me-south-1" })).region).toBe("me-south-1");
  });

  test("has one alias, the last one", async () => {
    const { account } = make();
    await account.settings.createAlias("first");
    await account.settings.createAlias("second");
    expect(account.contents()).toEqual([`account alias second of ${ID}`]);
    await expect(account.settings.deleteAlias("first")).rejects.toMatchObject({ code: "NoSuchEntity" });
    for (const bad of ["ab", "-abc", "abc-", "a--b", "Abc", "a".repeat(64)]) {
      await expect(account.settings.createAlias(bad)).rejects.toMatchObject({ code: "ValidationError" });
    }
  });

  test("opts in to regions that are not on by default, and in to no others", async () => {
    const { regions } = make().account;
    expect([regions.status("eu-central-2"), regions.status("eu-central-1")]).toEqual([
      "DISABLED",
      "ENABLED_BY_DEFAULT",
    ]);
    await regions.enable("eu-central-2");
    expect(regions.isEnabled("eu-central-2")).toBe(true);
    await regions.disable("eu-central-2");
    expect(regions.isEnabled("eu-central-2")).toBe(false);
    for (const refused of [regions.disable("eu-central-1"), regions.enable("us-east-1"), regions.enable("mars-1")]) {
      await expect(refused).rejects.toMatchObject({ code: "ValidationException" });
    }
  });

  test("has one contact of a type, and refuses what is none", async () => {
    const { contacts } = make().account;
    const ada = { name: "Ada", title: "CISO", emailAddress: "ada@contoso.com", phoneNumber: "+49 30" };
    await contacts.put("SECURITY", ada);
    await contacts.put("SECURITY", { ...ada, name: "Bob" });
    expect(contacts.find("SECURITY")?.name).toBe("Bob");
    for (const bad of [{ emailAddress: "ada" }, { phoneNumber: "call me" }, { name: "" }, { title: "t".repeat(51) }]) {
      await expect(contacts.put("BILLING", { ...ada, ...bad })).rejects.toMatchObject({ code: "ValidationException" });
    }
    await expect(contacts.delete("BILLING")).rejects.toMatchObject({ code: "ResourceNotFoundException" });
  });

  test("turns on for an organization what only its management account may", async () => {
    const { account } = make();
    await expect(account.settings.enableFeature("RootSessions")).rejects.toMatchObject({
      code: "AccountNotManagementOrDelegatedAdministratorException",
    });
    account.settings.seedOrganization("o-1");
    await account.settings.enableFeature("RootSessions");
    await account.settings.enableFeature("RootSessions");
    expect(account.contents()).toEqual([`organization feature RootSessions of ${ID}`]);
    await account.settings.disableFeature("RootSessions");
    expect(account.contents()).toEqual([]);
  });
});

test("every change goes through the journal once", async () => {
  const { account, journal } = make();
  await account.settings.createAlias("contoso");
  await account.regions.enable("eu-central-2");
  await account.accessAnalyzer.create({ region: REGION, name: "account", type: "ACCOUNT" });
  const { arn } = await account.secrets.create({ region: REGION, name: "key" });
  await account.secrets.delete(arn, "none");
  expect(journal.mutations.map(({ operation, target }) => `${operation} ${target}`)).toEqual([
    "iam:CreateAccountAlias account alias contoso",
    `account:EnableRegion region eu-central-2 of ${ID}`,
    `access-analyzer:CreateAnalyzer arn:aws:access-analyzer:${REGION}:${ID}:analyzer/account`,
    `secretsmanager:CreateSecret arn:aws:secretsmanager:${REGION}:${ID}:secret:key`,
    `secretsmanager:DeleteSecret arn:aws:secretsmanager:${REGION}:${ID}:secret:key`,
  ]);
});
