import { AwsWorkspace, type Resources } from "./aws-workspace";

jest.setTimeout(120_000);

const SECOND = "us-east-1";
let aws: AwsWorkspace;

beforeEach(async () => {
  aws = new AwsWorkspace();
  await aws.open();
});
afterEach(() => aws.close());

/** What a baseline sets once for an account. */
const settings = (more: Record<string, unknown> = {}): Resources => ({
  aws_iam_account_password_policy: {
    policy: {
      minimum_password_length: 14,
      password_reuse_prevention: 24,
      require_lowercase_characters: true,
      require_numbers: true,
      require_symbols: true,
      require_uppercase_characters: true,
      allow_users_to_change_password: true,
      ...more,
    },
  },
  aws_iam_account_alias: { alias: { account_alias: "contoso-account2" } },
  aws_account_alternate_contact: {
    security: {
      alternate_contact_type: "SECURITY",
      name: "Security",
      title: "Security team",
      email_address: "security@contoso.com",
      phone_number: "+49 30 1234",
    },
  },
  aws_account_region: { zurich: { region_name: "eu-central-2", enabled: true } },
});

test("sets what an account has once, and leaves of it the regions alone", async () => {
  await aws.deploy(settings());
  const { settings: set, contacts, regions } = aws.account;
  expect(set.passwordPolicy).toEqual({
    allowUsersToChangePassword: true,
    hardExpiry: false,
    maxPasswordAge: null,
    minimumPasswordLength: 14,
    passwordReusePrevention: 24,
    requireLowercaseCharacters: true,
    requireNumbers: true,
    requireSymbols: true,
    requireUppercaseCharacters: true,
  });
  expect(set.alias).toBe("contoso-account2");
  expect(contacts.find("SECURITY")).toMatchObject({ emailAddress: "security@contoso.com", phoneNumber: "+49 30 1234" });
  expect(await aws.workspace.state("aws_account_alternate_contact.security")).toMatchObject({ id: "/SECURITY" });
  expect(await aws.workspace.state("aws_account_region.zurich")).toMatchObject({
    id: "eu-central-2",
    opt_status: "ENABLED",
  });

  await aws.deploy(settings({ minimum_password_length: 16, max_password_age: 90 }));
  expect(set.passwordPolicy).toMatchObject({ minimumPasswordLength: 16, maxPasswordAge: 90 });
  expect(await aws.workspace.state("aws_iam_account_password_policy.policy")).toMatchObject({ expire_passwords: true });

  await aws.destroy();
  expect(aws.account.contents()).toEqual([]);
  expect(regions.status("eu-central-2")).toBe("ENABLED");
});

test.each([
  ["aws_iam_account_password_policy.policy", "iam-account-password-policy"],
  ["aws_iam_account_alias.alias", "contoso-account2"],
  ["aws_account_alternate_contact.security", "SECURITY"],
  ["aws_account_region.zurich", "eu-central-2"],
])("imports %s by %s", async (address, id) => {
  await aws.deploy(settings());
  await aws.reimport(address, id);
  await aws.unchanged();
});

test("shows what somebody changed by hand", async () => {
  await aws.deploy(settings());
  await aws.account.settings.createAlias("somebody-elses");
  await aws.account.settings.updatePasswordPolicy({ minimumPasswordLength: 6 });
  await aws.account.contacts.delete("SECURITY");
  await aws.account.regions.disable("eu-central-2");
  const { out } = await aws.workspace.plan();
  expect(out).toContain('"somebody-elses" -> "contoso-account2" # forces replacement');
  expect(out).toMatch(/minimum_password_length\s+= 6 -> 14/);
  expect(out).toContain("aws_account_alternate_contact.security will be created");
  expect(out).toMatch(/enabled\s+= false -> true/);
});

test.each([
  [
    "a region that is on by default",
    { aws_account_region: { one: { region_name: "eu-west-1", enabled: true } } },
    "enabled by default",
  ],
  ["an alias with two hyphens", { aws_iam_account_alias: { one: { account_alias: "a--b" } } }, "single hyphens"],
  [
    "a contact of no type",
    {
      aws_account_alternate_contact: {
        one: { ...settings().aws_account_alternate_contact?.security, alternate_contact_type: "LEGAL" },
      },
    },
    "it takes BILLING, OPERATIONS, SECURITY",
  ],
  [
    "a password of 5 characters",
    { aws_iam_account_password_policy: { one: { minimum_password_length: 5 } } },
    "IAM takes 6 to 128",
  ],
])("refuses %s", async (_, resources, words) => {
  expect(await aws.refusal(resources as Resources)).toContain(words);
});

describe("organization features", () => {
  const features = (...enabled: string[]): Resources => ({
    aws_iam_organizations_features: { root: { enabled_features: enabled } },
  });

  test("belong to the management account", async () => {
    const said = await aws.refusal(features("RootSessions"));
    expect(said).toContain("AccountNotManagementOrDelegatedAdministratorException");
  });

  test("come and go one by one, and are imported", async () => {
    aws.account.settings.seedOrganization("o-abcde12345");
    await aws.deploy(features("RootCredentialsManagement", "RootSessions"));
    expect(aws.account.contents()).toHaveLength(2);
    await aws.reimport("aws_iam_organizations_features.root", "o-abcde12345");
    await aws.unchanged();
    await aws.deploy(features("RootCredentialsManagement"));
    expect(aws.account.settings.organization?.features).toEqual(["RootCredentialsManagement"]);
    await aws.destroy();
    expect(aws.account.contents()).toEqual([]);
  });
});

describe("Access Analyzer", () => {
  const analyzers = (rule: object[] = [{ criteria: "resourceType", eq: ["AWS::IAM::Role"] }]): Resources => ({
    aws_accessanalyzer_analyzer: {
      account: {
        for_each: `\${toset(["eu-west-1", "${SECOND}"])}`,
        region: "${each.value}",
        analyzer_name: "account",
        type: "ACCOUNT",
      },
    },
    aws_accessanalyzer_archive_rule: {
      expected: {
        for_each: "${aws_accessanalyzer_analyzer.account}",
        region: "${each.key}",
        analyzer_name: "${each.value.analyzer_name}",
        rule_name: "expected",
        filter: rule,
      },
    },
  });

  test("is in every region that is named, with its rules", async () => {
    await aws.deploy(analyzers());
    const lines = aws.account.contents();
    expect(lines).toHaveLength(4);
    expect(lines).toContain(`arn:aws:access-analyzer:${SECOND}:111122223333:analyzer/account archive rule expected`);
    await aws.reimport(`aws_accessanalyzer_analyzer.account["${SECOND}"]`, `account@${SECOND}`);
    await aws.reimport(`aws_accessanalyzer_archive_rule.expected["${SECOND}"]`, `account/expected@${SECOND}`);
    await aws.unchanged();

    await aws.deploy(
      analyzers([
        { criteria: "isPublic", eq: ["false"] },
        { criteria: "principal.Federated", exists: "true" },
      ]),
    );
    expect(aws.account.accessAnalyzer.find(SECOND, "account")?.archiveRules.expected?.filter).toEqual({
      isPublic: { eq: ["false"] },
      "principal.Federated": { exists: true },
    });
    await aws.destroy();
    expect(aws.account.contents()).toEqual([]);
  });

  test("moves with its region, and shows a rule that somebody changed", async () => {
    const one = (region: string): Resources => ({
      aws_accessanalyzer_analyzer: { account: { region, analyzer_name: "account" } },
    });
    await aws.deploy(one("eu-west-1"));
    aws.write(one(SECOND));
    expect((await aws.workspace.plan()).out).toContain(`"eu-west-1" -> "${SECOND}" # forces replacement`);
    // An analyzer at another address is destroyed and made at the same time, and AWS takes one a region.
    await aws.destroy();
    await aws.deploy(analyzers());
    await aws.account.accessAnalyzer.updateArchiveRule(SECOND, "account", {
      name: "expected",
      filter: { isPublic: { eq: ["true"] } },
    });
    expect((await aws.workspace.plan()).out).toContain(
      'aws_accessanalyzer_archive_rule.expected["us-east-1"] will be updated',
    );
  });
});

describe("AWS Config", () => {
  const rule = (days: number): Resources => ({
    aws_config_config_rule: {
      keys: {
        name: "access-keys-rotated",
        description: "Keys are younger than 90 days",
        source: { owner: "AWS", source_identifier: "ACCESS_KEYS_ROTATED" },
        input_parameters: JSON.stringify({ maxAccessKeyAge: String(days) }),
        maximum_execution_frequency: "TwentyFour_Hours",
        depends_on: ["aws_config_configuration_recorder_status.on"],
      },
    },
  });
  const recorder = (group?: object): Resources => ({
    aws_iam_service_linked_role: { config: { aws_service_name: "config.amazonaws.com" } },
    aws_config_configuration_recorder: {
      users: {
        name: "default",
        role_arn: "${aws_iam_service_linked_role.config.arn}",
        ...(group ? { recording_group: group } : {}),
      },
    },
    aws_config_delivery_channel: {
      bucket: {
        name: "default",
        s3_bucket_name: "config-logs",
        depends_on: ["aws_config_configuration_recorder.users"],
      },
    },
    aws_config_configuration_recorder_status: {
      on: { name: "default", is_enabled: true, depends_on: ["aws_config_delivery_channel.bucket"] },
    },
  });
  const USERS = {
    all_supported: false,
    include_global_resource_types: false,
    resource_types: ["AWS::IAM::User"],
  };

  test("records, judges keys, and goes away again", async () => {
    await aws.deploy({ ...recorder(USERS), ...rule(90) });
    expect(aws.account.config.recorder("eu-west-1", "default")).toEqual({
      name: "default",
      roleArn: "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
      recordingGroup: {
        allSupported: false,
        includeGlobalResourceTypes: false,
        resourceTypes: ["AWS::IAM::User"],
        excludedResourceTypes: [],
        useOnly: "INCLUSION_BY_RESOURCE_TYPES",
      },
      recordingFrequency: "CONTINUOUS",
      recording: true,
    });
    expect(aws.account.config.rule("eu-west-1", "access-keys-rotated")?.tags).toEqual({ Stack: "test" });
    for (const [address, id] of [
      ["aws_config_config_rule.keys", "access-keys-rotated"],
      ["aws_config_configuration_recorder.users", "default"],
      ["aws_config_delivery_channel.bucket", "default@eu-west-1"],
      ["aws_config_configuration_recorder_status.on", "default"],
      ["aws_iam_service_linked_role.config", aws.account.roles.list()[0]?.arn],
    ] as [string, string][]) {
      await aws.reimport(address, id);
      await aws.unchanged();
    }
    await aws.deploy({ ...recorder(USERS), ...rule(60) });
    expect(aws.account.config.rule("eu-west-1", "access-keys-rotated")?.inputParameters).toBe(
      '{"maxAccessKeyAge":"60"}',
    );
    await aws.destroy();
    expect(aws.account.contents()).toEqual([]);
  });

  test("takes what AWS makes of an unwritten group for no change", async () => {
    await aws.deploy(recorder());
    await aws.deploy(recorder(USERS));
    expect(aws.account.config.recorder("eu-west-1", "default")?.recordingGroup.allSupported).toBe(false);
  });

  test("stops when its status is destroyed", async () => {
    await aws.deploy(recorder(USERS));
    const { aws_config_configuration_recorder_status: _, ...rest } = recorder(USERS);
    await aws.deploy(rest);
    expect(aws.account.config.recorder("eu-west-1", "default")?.recording).toBe(false);
  });

  test("needs a recorder", async () => {
    const { aws_config_config_rule: one } = rule(90);
    const said = await aws.refusal({ aws_config_config_rule: { keys: { ...one?.keys, depends_on: [] } } });
    expect(said).toContain("NoAvailableConfigurationRecorderException");
  });
});

describe("Secrets Manager", () => {
  const VALUE = "the-secret-access-key";
  const secret = (value = VALUE, more: object = {}): Resources => ({
    aws_secretsmanager_secret: {
      key: { name: "entra/provisioning-key", description: "What Entra signs in with", ...more },
    },
    aws_secretsmanager_secret_version: {
      key: { secret_id: "${aws_secretsmanager_secret.key.id}", secret_string: value },
    },
    aws_secretsmanager_secret_policy: {
      key: {
        secret_arn: "${aws_secretsmanager_secret.key.arn}",
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Deny", Principal: "*", Action: "secretsmanager:GetSecretValue", Resource: "*" }],
        }),
        block_public_policy: true,
      },
    },
  });
  const arn = () => aws.account.secrets.named("eu-west-1", "entra/provisioning-key")?.arn ?? "";

  test("keeps a value, and the one before under its label", async () => {
    await aws.deploy(secret());
    expect(arn()).toMatch(/^arn:aws:secretsmanager:eu-west-1:111122223333:secret:entra\/provisioning-key-\w{6}$/);
    expect(aws.account.secrets.value(arn())).toBe(VALUE);
    const first = await aws.workspace.state("aws_secretsmanager_secret_version.key");
    expect(first).toMatchObject({ id: `${arn()}|${first.version_id}`, version_stages: ["AWSCURRENT"] });

    await aws.deploy(secret("another"));
    expect(aws.account.secrets.value(arn())).toBe("another");
    expect(aws.account.secrets.version(arn(), String(first.version_id))?.stages).toEqual(["AWSPREVIOUS"]);
  });

  test("notices a value that somebody else put where the labels are written, and never shows it", async () => {
    const labelled = (): Resources => {
      const { aws_secretsmanager_secret_version: versions, ...rest } = secret();
      const key = { ...versions?.key, version_stages: ["AWSCURRENT"] };
      return { ...rest, aws_secretsmanager_secret_version: { key } };
    };
    await aws.deploy(secret());
    await aws.account.secrets.putValue(arn(), "by-hand", { token: "a".repeat(32) });
    expect(await aws.workspace.plan()).toMatchObject({ code: 0 });
    aws.write(labelled());
    const { code, out } = await aws.workspace.plan();
    expect(code).toBe(2);
    expect(out).toContain('+ "AWSCURRENT"');
    expect(out).not.toMatch(/by-hand|the-secret-access-key/);
    await aws.deploy(labelled());
    expect(aws.account.secrets.value(arn())).toBe(VALUE);
  });

  test("holds a name for the recovery window, and not without one", async () => {
    await aws.deploy(secret());
    await aws.destroy();
    expect(aws.account.contents()).toEqual([]);
    expect(await aws.refusal(secret())).toContain("already scheduled for deletion");
    aws.cloud.clock.advance({ days: 30 });
    await aws.deploy(secret(VALUE, { recovery_window_in_days: 0 }));
    await aws.destroy();
    await aws.deploy(secret());
  });

  test("imports secret, version and policy", async () => {
    await aws.deploy(secret(VALUE, { recovery_window_in_days: 0 }));
    const { id } = await aws.workspace.state("aws_secretsmanager_secret_version.key");
    await aws.reimport("aws_secretsmanager_secret_version.key", String(id));
    await aws.unchanged();
    await aws.reimport("aws_secretsmanager_secret.key", arn());
    await aws.reimport("aws_secretsmanager_secret_policy.key", arn());
    // What no service knows is only in the configuration: the first deploy after an import writes it into the state.
    await aws.deploy(secret(VALUE, { recovery_window_in_days: 7 }));
  });

  test("keeps values out of what a reader of the store looks at", async () => {
    await aws.deploy(secret());
    const { private: kept, ...readable } = aws.cloud.snapshot().accounts["111122223333"] ?? { private: undefined };
    expect(JSON.stringify(kept)).toContain(VALUE);
    expect(JSON.stringify(readable)).not.toContain(VALUE);
    expect(JSON.stringify(aws.cloud.journal.mutations)).not.toContain(VALUE);
  });
});
