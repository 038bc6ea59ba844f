import { LocalBackend } from "cdktf";
import { unknownManagedPolicies } from "./support/aws-managed-policies";
import { alarms, type BaselineChanges, everything, importing, synthBaseline } from "./support/baseline";
import { unknownCalls } from "./support/event-patterns";
import { unknownActions } from "./support/iam-actions";
import { checkStack, loadProviderSchemas } from "./support/provider-schemas";
import { type Body, blocksOf } from "./support/stack-json";
import { addresses, at } from "./support/synth";
import { synthesizedStacks } from "./support/synthesized-stacks";

const typesOf = (changes: BaselineChanges) => [
  ...new Set(addresses(synthBaseline(changes).json).map((address) => address.split(".")[0])),
];
const addressesOf = (changes: BaselineChanges, type: string) =>
  addresses(synthBaseline(changes).json).filter((address) => address.startsWith(`${type}.`));
const output = (name: string, changes: BaselineChanges) => synthBaseline(changes).json.output?.[name]?.["value"];
const pattern = (body: Body) => JSON.parse(String(body["event_pattern"])) as Body;

describe("nothing is there unless it is turned on", () => {
  test("an empty baseline has a provider for its account, a backend, and no resource", () => {
    const { json, errors, warnings } = synthBaseline();
    expect([addresses(json), errors, warnings]).toEqual([[], [], []]);
    expect(json.provider?.["aws"]).toEqual([
      {
        region: "eu-west-1",
        profile: "210987654321",
        allowed_account_ids: ["210987654321"],
        default_tags: [{ tags: { ManagedBy: "entra-aws-federation", Stack: "aws-payments-baseline" } }],
      },
    ]);
    expect(json.terraform?.required_providers).toEqual({ aws: { source: "hashicorp/aws", version: "6.25.0" } });
  });

  test.each<[string, BaselineChanges, string[]]>([
    ["a password policy", { passwordPolicy: {} }, ["aws_iam_account_password_policy"]],
    ["contacts", { contacts: everything.contacts }, ["aws_account_alternate_contact"]],
    ["opt-in regions", { optInRegions: { "eu-south-1": "enabled" } }, ["aws_account_region"]],
    ["an alias", { alias: "fabrikam" }, ["aws_iam_account_alias"]],
    [
      "Access Analyzer",
      { accessAnalyzer: everything.accessAnalyzer },
      ["aws_accessanalyzer_analyzer", "aws_accessanalyzer_archive_rule"],
    ],
    ["the boundary", { keysBoundary: true }, ["aws_iam_policy"]],
    ["central root access", { centralRootAccess: true }, ["aws_iam_organizations_features"]],
    ["the organization's trail", { trail: "organization" }, []],
  ])("%s brings its own types alone", (_, changes, types) => {
    expect(typesOf(changes)).toEqual(types);
    expect(synthBaseline(changes).errors).toEqual([]);
  });

  test.each<[string, BaselineChanges["alarms"], string[], BaselineChanges["account"]?]>([
    ["the root user", { ...alarms, rootUser: true }, ["root_api_call", "root_sign_in"]],
    [
      "the federation",
      { ...alarms, federation: true },
      ["iam_user", "identity_provider", "region", "sign_in_without_saml", "trust_policy"],
    ],
    ["the provisioning user", alarms, ["provisioning_user"], importing()],
    ["old keys", { ...alarms, accessKeyAge: { config: "existing" } }, ["access_key_age"]],
  ])("an alarm on %s is a rule and a message for each", (_, on, names, ...[account]) => {
    const rules = addressesOf({ alarms: on, account }, "aws_cloudwatch_event_rule").filter(
      (name) => !name.endsWith("forwarding"),
    );
    expect(rules.sort()).toEqual(names.map((name) => `aws_cloudwatch_event_rule.watch_${name}`));
    const targets = addressesOf({ alarms: on, account }, "aws_cloudwatch_event_target");
    expect(targets).toEqual(expect.arrayContaining(names.map((name) => `aws_cloudwatch_event_target.watch_${name}`)));
  });
});

describe("everything at once", () => {
  const { json, errors, warnings } = synthBaseline(everything);

  test("is valid: schemas, actions in every policy, calls in every pattern, managed policies", async () => {
    expect([errors, warnings]).toEqual([[], []]);
    expect(checkStack(json, loadProviderSchemas())).toEqual([]);
    expect(await unknownActions(json)).toEqual([]);
    expect(await unknownCalls(json)).toEqual([]);
    expect(unknownManagedPolicies(json)).toEqual([]);
  });

  test("has policies of every kind among those that were looked at", () => {
    const withPolicy = blocksOf(json).filter(({ body }) => JSON.stringify(body).includes("Statement"));
    expect([...new Set(withPolicy.map(({ type }) => type))].sort()).toEqual([
      "aws_iam_policy",
      "aws_iam_role",
      "aws_iam_role_policy",
      "aws_kms_key",
      "aws_s3_bucket_policy",
      "aws_sns_topic_policy",
    ]);
  });

  test("names no condition to EventBridge in the policies of topic and key, where AWS would lose the alarm", () => {
    const statements = [at(json, "aws_kms_key.alarm_topic_key"), at(json, "aws_sns_topic_policy.alarm_topic")].flatMap(
      ({ policy }) => (JSON.parse(String(policy)) as { Statement: Body[] }).Statement,
    );
    const toEventBridge = statements.filter(({ Sid }) => Sid === "EventBridge");
    expect(toEventBridge).toHaveLength(2);
    expect(toEventBridge.filter((statement) => "Condition" in statement)).toEqual([]);
  });

  test("has no secret in an output, and the age of every key", () => {
    expect(JSON.stringify(json.output)).not.toMatch(/\.secret\b/);
    expect(output("access_keys", everything)).toMatchObject({
      "Svc-Backup": { k2: { active: true }, k1: { active: false } },
    });
    expect(json.check?.["access_key_age"]).toMatchObject({
      assert: [
        { error_message: expect.stringContaining("The access key k2 of Svc-Backup is 90 days old") },
        { error_message: expect.stringContaining("The access key k1 of Svc-Backup is 90 days old") },
      ],
    });
  });

  test("says where the way in, the boundary and the stored key are", () => {
    expect(output("break_glass_arn", everything)).toBe("arn:aws:iam::210987654321:user/BreakGlass");
    expect(output("keys_boundary_arn", everything)).toBe(
      "arn:aws:iam::210987654321:policy/LongLivedKeysForServiceAccountsOnly",
    );
    expect(output("secret_arns", everything)).toEqual({ "Svc-Backup": "${aws_secretsmanager_secret.svc_backup.arn}" });
  });
});

test("an alarm is heard as soon as one subscriber has confirmed", () => {
  const subscribers = ["a@fabrikam.example", "b@fabrikam.example"];
  const { json } = synthBaseline({ alarms: { ...alarms, subscribers, rootUser: true } });
  const pending = ["a", "b"].map(
    (name) => `aws_sns_topic_subscription.alarm_topic_${name}_fabrikam_example.pending_confirmation`,
  );
  const { check } = json as { check?: Record<string, { assert: { condition: string }[] }> };
  expect(check?.["alarm_subscribers"]?.assert.map(({ condition }) => condition)).toEqual([
    `\${anytrue([for pending in [${pending.join(", ")}] : !pending])}`,
  ]);
});

describe("regions", () => {
  const regionsOf = (changes: BaselineChanges) =>
    output("watched_regions", { alarms: { ...alarms, rootUser: true }, ...changes });
  const forwarded = (changes: BaselineChanges) =>
    at(
      synthBaseline({ alarms: { ...alarms, rootUser: true }, ...changes }).json,
      "aws_cloudwatch_event_rule.forwarding",
    );

  test("are all that AWS enables in every account, and those that this one enables", () => {
    expect(regionsOf({})).toHaveLength(17);
    expect(regionsOf({})).toContain("us-east-1");
    const changed = regionsOf({ optInRegions: { "eu-south-1": "enabled", "me-south-1": "disabled" } });
    expect(changed).toHaveLength(18);
    expect(changed).toContain("eu-south-1");
  });

  test("are two in GovCloud and in China", () => {
    const gov = { account: { partition: "aws-us-gov" }, alarmRegion: "us-gov-west-1" } as const;
    expect(regionsOf(gov)).toEqual(["us-gov-east-1", "us-gov-west-1"]);
    expect(
      at(
        synthBaseline({ ...gov, alarms: { ...alarms, rootUser: true } }).json,
        "aws_cloudwatch_event_target.forwarding",
      )["arn"],
    ).toBe("arn:aws-us-gov:events:us-gov-west-1:210987654321:event-bus/default");
    expect(regionsOf({ account: { partition: "aws-cn" }, alarmRegion: "cn-north-1" })).toEqual([
      "cn-north-1",
      "cn-northwest-1",
    ]);
  });

  test("send what is watched for to the region of the alarms, which needs no rule for that itself", () => {
    const rule = forwarded({ regions: ["eu-west-1", "us-east-1"] });
    expect(rule["for_each"]).toBe('${toset(["us-east-1"])}');
    expect(rule["region"]).toBe("${each.value}");
  });

  test("are enabled before a rule is made there", () => {
    expect(forwarded({ optInRegions: { "eu-south-1": "enabled" } })["depends_on"]).toEqual([
      "aws_account_region.region_eu_south_1",
    ]);
    expect(forwarded({})["depends_on"]).toBeUndefined();
  });

  test("that are disabled are waited for by nobody", () => {
    const changes: BaselineChanges = { optInRegions: { "eu-south-1": "enabled", "me-south-1": "disabled" } };
    expect(forwarded(changes)["depends_on"]).toEqual(["aws_account_region.region_eu_south_1"]);
    expect(forwarded({ optInRegions: { "me-south-1": "disabled" } })["depends_on"]).toBeUndefined();
  });

  test("get what needs another part after that part", () => {
    const { json } = synthBaseline({
      alarms: { ...alarms, rootUser: true },
      accessAnalyzer: { federatedRoles: ["Administrator"] },
    });
    expect(at(json, "aws_cloudwatch_event_target.forwarding")["depends_on"]).toEqual([
      "aws_cloudwatch_event_rule.forwarding",
      "aws_iam_role_policy.forwarding",
    ]);
    expect(at(json, "aws_accessanalyzer_archive_rule.access_analyzer")["depends_on"]).toEqual([
      "aws_accessanalyzer_analyzer.access_analyzer",
    ]);
  });

  test("one alone needs no forwarding", () => {
    const alone = { regions: ["us-east-1"], alarmRegion: "us-east-1", alarms: { ...alarms, rootUser: true } };
    expect(addressesOf(alone, "aws_cloudwatch_event_rule")).toEqual([
      "aws_cloudwatch_event_rule.watch_root_api_call",
      "aws_cloudwatch_event_rule.watch_root_sign_in",
    ]);
    expect(addressesOf(alone, "aws_iam_role")).toEqual([]);
  });

  test("forward nothing for what happens in the region of the alarms alone", () => {
    const keys: BaselineChanges = { alarms: { ...alarms, accessKeyAge: { config: "existing" } } };
    expect(addressesOf(keys, "aws_cloudwatch_event_rule")).toEqual(["aws_cloudwatch_event_rule.watch_access_key_age"]);
    const one = synthBaseline({
      account: importing("Svc-A"),
      alarms: { ...alarms, accessKeyAge: { config: "existing" } },
    });
    expect(pattern(at(one.json, "aws_cloudwatch_event_rule.forwarding"))).toEqual(
      pattern(at(one.json, "aws_cloudwatch_event_rule.watch_provisioning_user")),
    );
  });
});

test("a state with access keys in a local file is warned of", () => {
  const organization = {
    backend: (stack: ConstructorParameters<typeof LocalBackend>[0]) => new LocalBackend(stack, { path: "x" }),
  };
  expect(synthBaseline({ organization, serviceAccounts: everything.serviceAccounts }).warnings).toEqual([
    "[aws-payments-baseline] backend is 'local', THE ACCESS KEYS OF SERVICE ACCOUNTS WOULD LIE IN A FILE IN CLEAR; give organization.ts an encrypted backend, or use roles",
  ]);
  expect(synthBaseline({ organization, passwordPolicy: {} }).warnings).toEqual([]);
});

test("the baselines of main.ts watch for calls that AWS has", async () => {
  for (const { json, isBaseline } of synthesizedStacks()) if (isBaseline) expect(await unknownCalls(json)).toEqual([]);
});
