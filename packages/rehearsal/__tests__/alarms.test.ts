import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alarms, allow, ID, OWNER, policy, REGION, TOPIC } from "../../local-cloud/__tests__/aws-alarms";
import { Workspace } from "../../local-cloud/__tests__/support";
import { apiCall, root } from "../../local-cloud/cloud/aws/happenings";
import { Cloud, type CloudState } from "../../local-cloud/cloud/cloud";
import { enginesFor } from "../../local-cloud/provider/providers";
import { PluginServer } from "../../local-cloud/provider/server";
import { alarm } from "../alarms/cli";
import { type AlarmResult, checkAlarms, confirmed } from "../alarms/expectations";
import type { SynthesizedStack } from "../run/stacks";

jest.setTimeout(120_000);

const CALL = "AWS API Call via CloudTrail";
const CLOUDTRAIL = { suffix: " via CloudTrail" };
const ALL = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
const BREAK_GLASS = `arn:aws:iam::${ID}:role/BreakGlass`;
const REGIONS = ["us-east-1", "us-west-2"];

const WATCHES = {
  "root-sign-in": {
    source: ["aws.signin"],
    detail: { userIdentity: { type: ["Root"] } },
  },
  "root-call": {
    "detail-type": [CALL, "AWS Console Action via CloudTrail"],
    detail: {
      userIdentity: { type: ["Root"], invokedBy: [{ exists: false }] },
    },
  },
  federation: {
    source: ["aws.iam"],
    detail: {
      eventName: [
        ...["CreateSAMLProvider", "UpdateSAMLProvider", "DeleteSAMLProvider", "UpdateAssumeRolePolicy"],
        ...["CreateOpenIDConnectProvider", "DeleteOpenIDConnectProvider", "AddClientIDToOpenIDConnectProvider"],
        ...["UpdateOpenIDConnectProviderThumbprint", "CreateUser", "EnableMFADevice", "DeactivateMFADevice"],
        ...["CreateAccessKey", "UpdateAccessKey", "CreateLoginProfile", "UpdateLoginProfile"],
        ...["CreateServiceSpecificCredential", "UpdateServiceSpecificCredential", "ResetServiceSpecificCredential"],
        ...["UploadSigningCertificate", "UpdateSigningCertificate", "UploadSSHPublicKey", "UpdateSSHPublicKey"],
      ],
    },
  },
  "new-role": {
    source: ["aws.iam"],
    detail: {
      eventName: ["CreateRole"],
      requestParameters: { assumeRolePolicyDocument: [{ wildcard: '*"AWS"*' }] },
    },
  },
  region: { source: ["aws.account"], detail: { eventName: ["EnableRegion"] } },
  "user-sign-in": {
    source: ["aws.signin"],
    detail: {
      eventName: ["ConsoleLogin", "SwitchRole"],
      userIdentity: { type: [{ "anything-but": ["Root"] }] },
      additionalEventData: { SamlProviderArn: [{ exists: false }] },
    },
  },
  provisioning: {
    "detail-type": [CLOUDTRAIL],
    detail: {
      userIdentity: { type: ["IAMUser"], userName: ["Svc-EntraRoleImport"] },
      eventName: [{ "anything-but": ["ListRoles"] }],
    },
  },
  "break-glass-user": {
    "detail-type": [CLOUDTRAIL],
    detail: { userIdentity: { type: ["IAMUser"], userName: ["BreakGlass1"] } },
  },
  "break-glass": {
    "detail-type": [CLOUDTRAIL],
    detail: {
      $or: [
        { userIdentity: { arn: [{ prefix: `arn:aws:sts::${ID}:assumed-role/BreakGlass/` }] } },
        {
          eventName: ["AssumeRole"],
          requestParameters: { roleArn: [BREAK_GLASS] },
        },
      ],
    },
  },
};
const KEY_AGE = {
  source: ["aws.config"],
  detail: {
    configRuleName: ["key-age"],
    newEvaluationResult: { complianceType: ["NON_COMPLIANT"] },
  },
};

type Rules = Record<string, Record<string, unknown>>;

/** Rules and targets that tell the topic, one for each watch. */
function resources() {
  const { aws_cloudwatch_event_rule: rules, aws_cloudwatch_event_target: targets, ...rest } = alarms();
  const forwarding = {
    event_pattern: JSON.stringify({ $or: Object.values(WATCHES) }),
    state: ALL,
  };
  const watch = (name: string, pattern: unknown, state = ALL): [string, Record<string, unknown>] => [
    name,
    { name, event_pattern: JSON.stringify(pattern), state },
  ];
  const all = [...Object.entries(WATCHES).map(([name, pattern]) => watch(name, pattern)), watch("key-age", KEY_AGE)];
  return {
    ...rest,
    aws_config_config_rule: {
      "key-age": {
        name: "key-age",
        source: { owner: "AWS", source_identifier: "ACCESS_KEYS_ROTATED" },
        input_parameters: '{"maxAccessKeyAge":"90"}',
      },
    },
    aws_cloudwatch_event_rule: {
      forwarding: { ...rules?.forwarding, ...forwarding },
      ...Object.fromEntries(all),
    } as Rules,
    aws_cloudwatch_event_target: {
      forwarding: targets?.forwarding,
      ...Object.fromEntries(
        all.map(([name]) => [
          name,
          {
            ...targets?.watch,
            rule: `\${aws_cloudwatch_event_rule.${name}.name}`,
            target_id: name,
          },
        ]),
      ),
    } as Rules,
  };
}

const configuration = () => ({
  terraform: {
    required_providers: { aws: { source: "hashicorp/aws", version: "6.25.0" } },
  },
  provider: { aws: [{ region: REGION, allowed_account_ids: [ID] }] },
  resource: resources(),
});

let deployed: CloudState;
let stack: SynthesizedStack;

beforeAll(async () => {
  const cloud = new Cloud();
  cloud.account(ID).config.seedRecorder(REGION);
  cloud.account(ID).organizationTrail = true;
  const server = await PluginServer.start(enginesFor(cloud));
  const workspace = new Workspace(server.reattach);
  try {
    workspace.write(configuration());
    await workspace.init();
    const { code, out } = await workspace.apply();
    if (code !== 0) throw new Error(out);
  } finally {
    server.stop();
    workspace.remove();
  }
  deployed = confirmed(cloud).snapshot();
  stack = { name: "baseline", folder: "", configuration: configuration() };
});

const cloudNow = () => new Cloud(undefined, structuredClone(deployed));
const broken = (results: readonly AlarmResult[]) => results.filter(({ holds }) => !holds);
const names = (results: readonly AlarmResult[]) => [
  ...new Set(results.map(({ occurrence }) => `${occurrence.name} ${occurrence.region}`)),
];

test("everybody hears of what is watched for, and nobody of an ordinary day", async () => {
  const results = await checkAlarms(cloudNow(), stack);
  expect(broken(results)).toEqual([]);
  const told = results.filter(({ expect }) => expect === "everybody");
  expect(names(told)).toEqual(
    expect.arrayContaining([
      "root-sign-in us-east-1",
      ...[REGION, ...REGIONS].flatMap((region) => [
        `root-call ${region}`,
        `root-read ${region}`,
        `user-sign-in ${region}`,
        `user-refused ${region}`,
        `role-sign-in ${region}`,
        `role-switch ${region}`,
        `break-glass-switch ${region}`,
      ]),
      ...["root-console-action us-east-1", "key-refused us-east-1", "CreateRole us-east-1", "EnableRegion us-east-1"],
      ...["CreateSAMLProvider", "UpdateSAMLProvider", "DeleteSAMLProvider", "UpdateAssumeRolePolicy"].map(
        (name) => `${name} us-east-1`,
      ),
      ...["CreateUser us-east-1", "CreateAccessKey us-east-1"],
      ...["key-misuse us-west-2", "key-sign-in us-east-1", "break-glass us-east-1", "break-glass-use us-west-2"],
      `old-key ${REGION}`,
    ]),
  );
  const ordinary = results.filter(({ expect }) => expect === "nobody");
  expect(names(ordinary)).toEqual(
    expect.arrayContaining([`federated-sign-in ${REGION}`, "list-roles us-east-1", "federated-call us-west-2"]),
  );
  const root = results.find(({ occurrence }) => occurrence.name === "root-sign-in");
  expect(root?.paths.flatMap(({ told }) => told ?? [])).toEqual([
    {
      protocol: "email",
      endpoint: "security@example.com",
      message: `"arn:aws:iam::${ID}:root signed in"`,
    },
  ]);
});

test("what is deployed stays as it is", async () => {
  const cloud = cloudNow();
  await checkAlarms(cloud, stack);
  expect(cloud.snapshot()).toEqual(deployed);
});

test.each<[string, boolean]>([
  ["AssumeRole", true],
  ["GetCallerIdentity", true],
  ["GetSessionToken", false],
  ["GetFederationToken", false],
])("CloudTrail says of %s that it only reads: %s", (name, reads) => {
  const { scene } = cloudNow().account(ID);
  expect(apiCall(scene, root, { service: "sts", name }).detail.readOnly).toBe(reads);
});

type Break = (account: ReturnType<Cloud["account"]>) => unknown;
const put = (name: string, more: object, region = REGION): Break => {
  return ({ eventRules }) => {
    const rule = eventRules.find(region, name);
    if (!rule) throw new Error(`no ${name}`);
    return eventRules.put({ ...rule, ...more });
  };
};

describe("a link that is broken is found and named", () => {
  test.each<[string, Break, string, string]>([
    [
      "a rule disabled",
      put("root-sign-in", { state: "DISABLED" }),
      "root-sign-in us-east-1",
      "root-sign-in in eu-west-1 is disabled",
    ],
    [
      "a rule that leaves out what only reads",
      put("root-call", { state: "ENABLED" }),
      `root-read ${REGION}`,
      "DescribeInstances only reads",
    ],
    [
      "a rule that leaves out who assumes a role, which only reads as well",
      put("break-glass", { state: "ENABLED" }),
      "break-glass us-east-1",
      "AssumeRole only reads",
    ],
    [
      "a region that forwards no reads",
      put("forwarding", { state: "ENABLED" }, "us-west-2"),
      "root-read us-west-2",
      "forwarding in us-west-2 would match, but DescribeInstances only reads",
    ],
    [
      "a rule whose target is gone",
      ({ eventRules }) => eventRules.removeTarget(REGION, "federation", "federation"),
      "UpdateAssumeRolePolicy us-east-1",
      "federation in eu-west-1 has no target",
    ],
    [
      "a name left out of a pattern",
      put("federation", {
        eventPattern: JSON.stringify(WATCHES.federation).replace('"UpdateAssumeRolePolicy",', ""),
      }),
      "UpdateAssumeRolePolicy us-east-1",
      "no rule in eu-west-1 matches",
    ],
    [
      "the sign-in region without a rule, T13",
      async ({ eventRules }) => {
        await eventRules.removeTarget("us-east-1", "forwarding", "alarm-region");
        await eventRules.delete("us-east-1", "forwarding");
      },
      "root-sign-in us-east-1",
      "no rule in us-east-1 matches",
    ],
    [
      "a forwarding role without its permission",
      ({ roles }) => roles.deletePolicy("Forwarding", "Forward"),
      "root-sign-in us-east-1",
      `Forwarding may put events on arn:aws:events:${REGION}:${ID}:event-bus/default: no statement allows it`,
    ],
    [
      "a forwarding role that no longer lets EventBridge in",
      ({ roles }) =>
        roles.updateAssumeRolePolicy(
          "Forwarding",
          policy({
            Effect: "Allow",
            Principal: { Service: "sns.amazonaws.com" },
            Action: "sts:AssumeRole",
          }),
        ),
      "root-call us-west-2",
      "Forwarding lets EventBridge in: no statement allows it",
    ],
    [
      "the topic's policy taken away",
      ({ topics }) => topics.setAttribute(TOPIC, "Policy", topics.defaultPolicy(TOPIC)),
      `root-call ${REGION}`,
      "EventBridge may publish to account-alarms: every statement that allows anything has conditions",
    ],
    [
      "a condition in the topic's policy",
      ({ topics }) =>
        topics.setAttribute(
          TOPIC,
          "Policy",
          policy(
            allow("events", "sns:Publish", TOPIC, {
              Condition: { StringEquals: { "aws:SourceAccount": ID } },
            }),
          ),
        ),
      `root-call ${REGION}`,
      "topic policy refused",
    ],
    [
      "a key that EventBridge may not use",
      ({ keys }) => keys.putPolicy(keys.list()[0]?.arn ?? "", policy(OWNER)),
      `root-call ${REGION}`,
      "EventBridge may kms:GenerateDataKey with the key of account-alarms: no statement allows it",
    ],
    [
      "a key that asks for the rule, which the request does not carry",
      ({ keys }) =>
        keys.putPolicy(
          keys.list()[0]?.arn ?? "",
          policy(
            OWNER,
            allow("events", ["kms:GenerateDataKey", "kms:Decrypt"], "*", {
              Condition: { StringEquals: { "aws:SourceAccount": ID } },
            }),
          ),
        ),
      `root-call ${REGION}`,
      "key refused",
    ],
    ["a disabled key", ({ keys }) => keys.disable(keys.list()[0]?.arn ?? ""), `root-call ${REGION}`, "is disabled"],
    [
      "the key that AWS manages",
      ({ topics }) => topics.setAttribute(TOPIC, "KmsMasterKeyId", "alias/aws/sns"),
      `root-call ${REGION}`,
      "nobody can let EventBridge use alias/aws/sns",
    ],
    ["no topic", ({ topics }) => topics.delete(TOPIC), `root-call ${REGION}`, `there is no topic ${TOPIC}`],
    [
      "no trail",
      (account) => {
        account.organizationTrail = false;
      },
      "root-sign-in us-east-1",
      "no trail that is logging records this in us-east-1",
    ],
    [
      "no recorder of AWS Config",
      ({ config }) => config.stopRecorder(REGION, config.recorder(REGION, "default")?.name ?? "default"),
      `old-key ${REGION}`,
      "no recorder runs there",
    ],
  ])("%s", async (_, breakIt, event, because) => {
    const cloud = cloudNow();
    await breakIt(cloud.account(ID));
    const results = broken(await checkAlarms(cloud, stack));
    expect(names(results)).toContain(event);
    const result = results.find(({ occurrence }) => `${occurrence.name} ${occurrence.region}` === event);
    expect(result?.because).toContain(because);
  });

  test("a subscription that nobody has confirmed", async () => {
    const cloud = cloudNow();
    const [one] = cloud.account(ID).topics.subscriptionsOf(TOPIC);
    const state = cloud.snapshot();
    Object.assign(state.accounts[ID]?.subscriptions[one?.arn ?? ""] ?? {}, {
      confirmed: false,
    });
    const results = await checkAlarms(new Cloud(undefined, state), stack);
    const wanted = results.filter(({ expect }) => expect === "everybody");
    expect(wanted.filter(({ holds }) => holds)).toEqual([]);
    expect(wanted[0]?.because).toBe(
      "security@example.com is not told: subscription refused, security@example.com has not confirmed it",
    );
  });

  test("an alarm on every day, too", async () => {
    const cloud = cloudNow();
    await put("provisioning", {
      eventPattern: JSON.stringify({ "detail-type": [CALL] }),
    })(cloud.account(ID));
    await put(
      "forwarding",
      { eventPattern: JSON.stringify({ "detail-type": [CALL] }) },
      "us-east-1",
    )(cloud.account(ID));
    const results = broken(await checkAlarms(cloud, stack));
    expect(names(results)).toEqual(
      expect.arrayContaining(["list-roles us-east-1", `federated-role ${REGION}`, `federated-call ${REGION}`]),
    );
    const listed = results.find(({ occurrence }) => occurrence.name === "list-roles");
    expect(listed).toMatchObject({ expect: "nobody", because: "security@example.com is told" });
  });

  test.each([...WATCHES.federation.detail.eventName, "SwitchRole"])("%s left out of a rule is missed", async (name) => {
    const cloud = cloudNow();
    const { eventRules } = cloud.account(ID);
    for (const region of [REGION, ...REGIONS]) {
      for (const rule of eventRules.in(region)) {
        const eventPattern = rule.eventPattern.replaceAll(`"${name}",`, "").replaceAll(`,"${name}"`, "");
        await eventRules.put({ ...rule, eventPattern });
      }
    }
    const missed = broken(await checkAlarms(cloud, stack)).map(({ occurrence }) => occurrence.name);
    expect(missed).toContain(name === "SwitchRole" ? "role-switch" : name);
  });

  test("an alarm on every sign-in with SAML, too", async () => {
    const cloud = cloudNow();
    const { additionalEventData: _, ...detail } = WATCHES["user-sign-in"].detail;
    await put("user-sign-in", { eventPattern: JSON.stringify({ source: ["aws.signin"], detail }) })(cloud.account(ID));
    expect(names(broken(await checkAlarms(cloud, stack)))).toEqual([`federated-sign-in ${REGION}`]);
  });

  test("an alarm on every new role, too", async () => {
    const cloud = cloudNow();
    for (const [name, region] of [
      ["new-role", REGION],
      ["forwarding", "us-east-1"],
    ] as const) {
      const eventPattern = JSON.stringify({ source: ["aws.iam"], detail: { eventName: ["CreateRole"] } });
      await put(name, { eventPattern }, region)(cloud.account(ID));
    }
    const ordinary = broken(await checkAlarms(cloud, stack)).filter(({ expect }) => expect === "nobody");
    expect(names(ordinary)).toEqual(["service-role us-east-1", "federated-role-made us-east-1"]);
  });

  test("a name in a rule that nothing raises is no pass either", async () => {
    const { resource, ...rest } = configuration();
    const pattern = { source: ["aws.iam"], detail: { eventName: ["CreateUser", "CreateUsr"] } };
    const typo = { name: "typo", event_pattern: JSON.stringify(pattern) };
    const rules = { ...resource.aws_cloudwatch_event_rule, typo };
    const wrong = { ...rest, resource: { ...resource, aws_cloudwatch_event_rule: rules } };
    expect(broken(await checkAlarms(cloudNow(), { ...stack, configuration: wrong }))).toMatchObject([
      { occurrence: { name: "CreateUsr", what: "CreateUsr, which the rule typo watches for" } },
    ]);
  });

  test("a rule that nothing raises is no pass", async () => {
    const { resource, ...rest } = configuration();
    const typo = {
      name: "typo",
      event_pattern: JSON.stringify({
        detail: { eventName: ["UpdateAsumeRolePolicy"] },
      }),
    };
    const rules = { ...resource.aws_cloudwatch_event_rule, typo };
    const wrong = {
      ...stack,
      configuration: {
        ...rest,
        resource: { ...resource, aws_cloudwatch_event_rule: rules },
      },
    };
    expect(broken(await checkAlarms(cloudNow(), wrong))).toMatchObject([
      {
        occurrence: { name: "typo" },
        because: expect.stringContaining("so it cannot tell"),
      },
    ]);
  });
});

describe("with a trail of its own", () => {
  const settings = {
    bucket: "logs",
    prefix: null,
    kmsKeyId: null,
    multiRegion: true,
    globalServiceEvents: true,
    logFileValidation: true,
  };
  const arn = `arn:aws:cloudtrail:${REGION}:${ID}:trail/own`;
  const withTrail = (more: object, changed: Partial<typeof settings> = {}): Cloud => {
    const state = structuredClone(deployed);
    const account = state.accounts[ID];
    if (!account) throw new Error("no account");
    account.organizationTrail = false;
    account.trails[arn] = {
      arn,
      name: "own",
      homeRegion: REGION,
      logging: true,
      selection: null,
      tags: {},
      settings: { ...settings, ...changed },
      ...more,
    };
    return new Cloud(undefined, state);
  };

  test.each<[string, () => Cloud, string[]]>([
    ["every event is recorded", () => withTrail({}), []],
    [
      "a trail that is stopped records none",
      () => withTrail({ logging: false }),
      ["root-sign-in us-east-1", `root-call ${REGION}`],
    ],
    [
      "a trail of one region leaves out the others",
      () => withTrail({}, { multiRegion: false }),
      ["root-call us-west-2"],
    ],
    [
      "a trail of changes leaves out what only reads",
      () =>
        withTrail({
          selection: { managementEvents: true, readWriteType: "WriteOnly" },
        }),
      ["root-read us-west-2", `root-read ${REGION}`],
    ],
    [
      "a trail without global events leaves out IAM and the console",
      () => withTrail({}, { globalServiceEvents: false }),
      ["root-sign-in us-east-1", "CreateUser us-east-1"],
    ],
  ])("%s", async (_, cloud, lost) => {
    const results = names(broken(await checkAlarms(cloud(), stack)));
    expect(results).toEqual(lost.length === 0 ? [] : expect.arrayContaining(lost));
  });
});

describe("npm run alarm", () => {
  let folder: string;
  let printed: string;
  const run = async (...words: string[]) => {
    printed = "";
    const store = join(folder, "cloud.json");
    return alarm(folder, ["--stack", "baseline", "--store", store, ...words], (text) => {
      printed += `${text}\n`;
    });
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "alarm-"));
    const stacks = join(folder, "project", "cdktf.out", "stacks");
    for (const [name, content] of Object.entries({
      baseline: configuration(),
      empty: { resource: {} },
    })) {
      mkdirSync(join(stacks, name), { recursive: true });
      writeFileSync(join(stacks, name, "cdk.tf.json"), JSON.stringify(content));
    }
    writeFileSync(join(folder, "cloud.json"), JSON.stringify(deployed));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("shows the way link by link, and what is told", async () => {
    expect(await run("--event", "root-sign-in")).toBe(0);
    expect(printed).toMatchInlineSnapshot(`
      "the root user signs in to the console, recorded in us-east-1

      ok           CloudTrail      the organization's trail is taken for granted
      ok           rule            forwarding in us-east-1 matches
      ok           forwarding role Forwarding may put events on arn:aws:events:eu-west-1:111122223333:event-bus/default: a statement allows it
      ok           event bus       forwarded from us-east-1 to eu-west-1
      ok           rule            root-sign-in in eu-west-1 matches
      ok           topic policy    EventBridge may publish to account-alarms: a statement allows it
      ok           key             EventBridge may kms:GenerateDataKey with the key of account-alarms: a statement allows it
      ok           subscription    security@example.com by email
      Told: security@example.com: "arn:aws:iam::111122223333:root signed in"

      As it should be: everybody is to hear of it; every subscriber is told

      "
    `);
  });

  test("shows where it ends for a subscriber who has not confirmed", async () => {
    const unconfirmed = structuredClone(deployed);
    for (const one of Object.values(unconfirmed.accounts[ID]?.subscriptions ?? {})) one.confirmed = false;
    writeFileSync(join(folder, "cloud.json"), JSON.stringify(unconfirmed));
    expect(await run("--event", "CreateUser")).toBe(1);
    expect(printed).toContain("REFUSED      subscription    security@example.com has not confirmed it");
    expect(await run("--event", "CreateUser", "--confirmed")).toBe(0);
    expect(await run("--check", "--confirmed")).toBe(0);
    expect(printed).toMatch(/\nno rule in us-east-2, us-west-1, .*\n\d+ hold, 0 do not\n$/);
    writeFileSync(join(folder, "cloud.json"), JSON.stringify(deployed));
  });

  test("explains itself", async () => {
    expect(await run("--help")).toBe(0);
    expect(printed).toContain("npm run alarm -- --stack");
  });

  test("tells the same to programs", async () => {
    expect(await run("--event", "root-call", "--region", "us-west-2", "--json")).toBe(0);
    expect(JSON.parse(printed)).toMatchObject([{ holds: true, occurrence: { region: "us-west-2" } }]);
  });

  test.each([
    [["--event", "nothing"], "there is no event nothing; there are root-sign-in"],
    [[], "--event is one of root-sign-in"],
    [["--event", "root-sign-in", "--region", "eu-west-1"], "root-sign-in is recorded in us-east-1, not in eu-west-1"],
    [["--stack", "other", "--event", "x"], "there is no stack other; the project has baseline, empty"],
    [["--stack", "empty", "--event", "x"], "empty has no rule of EventBridge: it raises no alarm"],
    [["--check", "--event", "CreateUser", "--region", "mars"], "takes no --event, --region"],
    [["--loud"], "Unknown option '--loud'"],
    [["--store", "/nowhere/cloud.json", "--event", "x"], "there is no /nowhere/cloud.json; deploy first"],
  ])("a wrong command %j is told how it should be", async (words, message) => {
    expect(await run(...words)).toBe(2);
    expect(printed).toContain(message);
    expect(printed).toContain("npm run alarm -- --stack");
  });
});
