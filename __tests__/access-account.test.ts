import { accessReview } from "./support/access";
import type { Body } from "./support/stack-json";

type Resources = Readonly<Record<string, Readonly<Record<string, Body>>>>;

/** The page of a stack that has these resources and nothing else. */
const pageOf = (resource: Resources): string[] =>
  accessReview({ provider: { aws: [{ region: "eu-west-1" }] }, resource }).split("\n");

const pattern = (eventName: string) => ({ source: ["aws.iam"], detail: { eventName: [eventName] } });
const allow = (Action: string, Service: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Sid: "S", Effect: "Allow", Action, Principal: { Service } }] });

/** Alarms of one region, fed from two others. */
const alarms: Resources = {
  aws_sns_topic: { alarms: { name: "account-alarms", kms_master_key_id: "${aws_kms_key.alarms.arn}" } },
  aws_sns_topic_subscription: {
    mail: { topic_arn: "${aws_sns_topic.alarms.arn}", protocol: "email", endpoint: "security@contoso.com" },
    pager: { topic_arn: "${aws_sns_topic.alarms.arn}", protocol: "https", endpoint: "https://pager.example/contoso" },
  },
  aws_sns_topic_policy: {
    alarms: { arn: "${aws_sns_topic.alarms.arn}", policy: allow("sns:Publish", "events.amazonaws.com") },
  },
  aws_kms_key: {
    alarms: { description: "d", enable_key_rotation: true, policy: allow("kms:Decrypt", "events.amazonaws.com") },
  },
  aws_kms_alias: { alarms: { name: "alias/account-alarms", target_key_id: "${aws_kms_key.alarms.key_id}" } },
  aws_cloudwatch_event_rule: {
    user: { name: "watch-user", description: "d", event_pattern: JSON.stringify(pattern("CreateUser")) },
    key: {
      name: "watch-key",
      event_pattern: JSON.stringify({
        detail: { eventName: [{ "anything-but": ["ListRoles"] }], by: [{ exists: false }] },
      }),
      state: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    },
    forwarding: {
      name: "watch-forwarding",
      event_pattern: JSON.stringify({ $or: [pattern("CreateUser"), pattern("DeleteUser")] }),
      for_each: '${toset(["us-east-1", "us-west-2"])}',
      region: "${each.value}",
    },
  },
  aws_cloudwatch_event_target: {
    user: { rule: "${aws_cloudwatch_event_rule.user.name}", arn: "${aws_sns_topic.alarms.arn}", target_id: "t" },
    key: { rule: "watch-key", arn: "${aws_sns_topic.alarms.arn}" },
    forwarding: {
      rule: "watch-forwarding",
      arn: "arn:aws:events:eu-west-1:210987654321:event-bus/default",
      role_arn: "${aws_iam_role.forwarding.arn}",
      for_each: '${toset(["us-east-1", "us-west-2"])}',
      region: "${each.value}",
    },
  },
  aws_iam_role: {
    forwarding: { name: "forwarding", assume_role_policy: allow("sts:AssumeRole", "events.amazonaws.com") },
  },
};

test("alarms: who hears, what is watched and where, and how it gets there", () => {
  expect(pageOf(alarms)).toEqual([
    "IAM role -> /forwarding -> no permission -> session at most 1 h",
    "trust of forwarding: Allow sts:AssumeRole to Service events.amazonaws.com",
    "topic account-alarms in eu-west-1 by key alias/account-alarms: tells security@contoso.com (email), https://pager.example/… #cf3ba2dc (https)",
    "topic account-alarms: Allow sns:Publish to Service events.amazonaws.com",
    "watch watch-user in eu-west-1: source aws.iam, eventName CreateUser -> account-alarms",
    "watch watch-key in eu-west-1, reading calls too: eventName anything but ListRoles, by absent -> account-alarms",
    "watch watch-forwarding in us-east-1, us-west-2: watch-user or source aws.iam, eventName DeleteUser -> " +
      "arn:aws:events:eu-west-1:210987654321:event-bus/default as forwarding",
    "key alias/account-alarms: Allow kms:Decrypt to Service events.amazonaws.com",
  ]);
});

describe("one change of a baseline moves one or two lines", () => {
  const moved = (change: (resources: Record<string, Record<string, Record<string, unknown>>>) => void) => {
    const after = structuredClone(alarms) as Record<string, Record<string, Record<string, unknown>>>;
    change(after);
    const [old, now] = [pageOf(alarms), pageOf(after)];
    return { gone: old.filter((line) => !now.includes(line)), came: now.filter((line) => !old.includes(line)) };
  };

  test("one subscriber less", () => {
    const { gone, came } = moved(({ aws_sns_topic_subscription: all }) => delete all?.["pager"]);
    expect([gone.length, came.length]).toEqual([1, 1]);
    expect(came[0]).toMatch(/tells security@contoso\.com \(email\)$/);
  });

  test("a watch switched off, and one that nobody hears of", () => {
    const off = moved(({ aws_cloudwatch_event_rule: rules }) =>
      Object.assign(rules?.["user"] ?? {}, { state: "DISABLED" }),
    );
    expect(off.came).toEqual([
      "watch watch-user in eu-west-1 is OFF: source aws.iam, eventName CreateUser -> account-alarms",
    ]);
    const unheard = moved(({ aws_cloudwatch_event_target: targets }) => delete targets?.["user"]);
    expect(unheard.came).toEqual(["watch watch-user in eu-west-1: source aws.iam, eventName CreateUser -> nobody"]);
  });

  test("another region", () => {
    const one = { for_each: '${toset(["us-east-1"])}' };
    const { came } = moved(({ aws_cloudwatch_event_rule: rules, aws_cloudwatch_event_target: targets }) => {
      for (const all of [rules, targets]) Object.assign(all?.["forwarding"] ?? {}, one);
    });
    expect(came).toEqual([expect.stringMatching(/^watch watch-forwarding in us-east-1: /)]);
    const silent = moved(({ aws_cloudwatch_event_target: targets }) =>
      Object.assign(targets?.["forwarding"] ?? {}, one),
    );
    expect(silent.came).toEqual([
      "aws_cloudwatch_event_target of aws_cloudwatch_event_rule.forwarding is in us-east-1, and not where that is: us-east-1, us-west-2",
    ]);
  });

  test("another address of a webhook, of which only the host is told", () => {
    const { gone, came } = moved(({ aws_sns_topic_subscription: all }) =>
      Object.assign(all?.["pager"] ?? {}, { endpoint: "https://user:pass@pager.example?token=other" }),
    );
    expect([gone.length, came.length]).toEqual([1, 1]);
    expect(came[0]).toMatch(/, https:\/\/pager\.example\/… #(?!cf3ba2dc)[0-9a-f]{8} \(https\)$/);
  });

  test("what an alarm says, and where it sends people", () => {
    const message = '"ROOT USER CALL: <event>. What to do: https://wiki.contoso.com/alarms"';
    const { came } = moved(({ aws_cloudwatch_event_target: targets }) =>
      Object.assign(targets?.["user"] ?? {}, { input_transformer: { input_template: message } }),
    );
    expect(came).toEqual([expect.stringMatching(/ -> account-alarms saying "ROOT USER CALL: .*alarms"$/)]);
  });
});

test("a trail, its bucket and its key", () => {
  const bucket = "${aws_s3_bucket.trail.id}";
  expect(
    pageOf({
      aws_cloudtrail: {
        trail: {
          name: "account-trail",
          s3_bucket_name: bucket,
          kms_key_id: "${aws_kms_key.trail.arn}",
          is_multi_region_trail: true,
          include_global_service_events: true,
          enable_log_file_validation: true,
        },
        old: { name: "old", s3_bucket_name: "elsewhere", enable_logging: false, include_global_service_events: false },
      },
      aws_s3_bucket: { trail: { bucket: "records" }, open: { bucket: "open" } },
      aws_s3_bucket_public_access_block: {
        trail: {
          bucket,
          block_public_acls: true,
          block_public_policy: true,
          ignore_public_acls: true,
          restrict_public_buckets: true,
        },
      },
      aws_s3_bucket_versioning: { trail: { bucket, versioning_configuration: { status: "Enabled" } } },
      aws_s3_bucket_server_side_encryption_configuration: {
        trail: {
          bucket,
          rule: [
            {
              apply_server_side_encryption_by_default: {
                sse_algorithm: "aws:kms",
                kms_master_key_id: "${aws_kms_key.trail.arn}",
              },
            },
          ],
        },
      },
      aws_s3_bucket_lifecycle_configuration: {
        trail: {
          bucket,
          rule: [
            {
              id: "keep",
              status: "Enabled",
              filter: [{}],
              expiration: [{ days: 400 }],
              noncurrent_version_expiration: [{ noncurrent_days: 400 }],
            },
          ],
        },
      },
      aws_s3_bucket_policy: { trail: { bucket, policy: allow("s3:PutObject", "cloudtrail.amazonaws.com") } },
      aws_kms_key: { trail: { description: "d" } },
      aws_kms_alias: { trail: { name: "alias/trail", target_key_id: "${aws_kms_key.trail.key_id}" } },
    }),
  ).toEqual([
    "trail account-trail: this account, every region, signed, kept in records by key alias/trail",
    "trail old is OFF: this account, eu-west-1, no global services, not signed, kept in elsewhere, not encrypted by a key of its own",
    "bucket records: private, versions enabled, encrypted by aws:kms alias/trail, keeps 400 days",
    "bucket records: Allow s3:PutObject to Service cloudtrail.amazonaws.com",
    "bucket open: CAN BE MADE PUBLIC, keeps everything",
    "key alias/trail: the default policy",
    "key alias/trail: is never rotated",
  ]);
});

test("what the account is set to, what AWS looks for, and what lies in secrets", () => {
  expect(
    pageOf({
      aws_iam_account_password_policy: {
        it: {
          minimum_password_length: 14,
          password_reuse_prevention: 24,
          require_numbers: true,
          require_symbols: true,
          require_lowercase_characters: true,
          require_uppercase_characters: true,
          allow_users_to_change_password: true,
        },
      },
      aws_account_alternate_contact: {
        it: {
          alternate_contact_type: "SECURITY",
          name: "Sam",
          title: "Head of Security",
          email_address: "security@contoso.com",
          phone_number: "+1 206 555 0100",
        },
      },
      aws_iam_account_alias: { it: { account_alias: "contoso-account2" } },
      aws_account_region: {
        one: { region_name: "me-south-1", enabled: false },
        two: { region_name: "eu-south-2", enabled: "${var.on}" },
      },
      aws_iam_organizations_features: { it: { enabled_features: ["RootCredentialsManagement", "RootSessions"] } },
      aws_iam_service_linked_role: { it: { aws_service_name: "config.amazonaws.com" } },
      aws_accessanalyzer_analyzer: {
        it: { analyzer_name: "account", type: "ACCOUNT", for_each: '${toset(["eu-west-1"])}', region: "${each.value}" },
      },
      aws_accessanalyzer_archive_rule: {
        it: {
          analyzer_name: "account",
          rule_name: "entra",
          filter: [
            { criteria: "isPublic", eq: ["false"] },
            { criteria: "resource", contains: ["role/"] },
          ],
        },
      },
      aws_config_configuration_recorder: {
        it: {
          name: "default",
          role_arn: "r",
          recording_group: { all_supported: false, resource_types: ["AWS::IAM::User"] },
        },
      },
      aws_config_configuration_recorder_status: {
        it: { name: "${aws_config_configuration_recorder.it.name}", is_enabled: true },
      },
      aws_config_delivery_channel: { it: { name: "default", s3_bucket_name: "records" } },
      aws_config_config_rule: {
        it: {
          name: "keys",
          source: { owner: "AWS", source_identifier: "ACCESS_KEYS_ROTATED" },
          input_parameters: '{"maxAccessKeyAge":"90"}',
        },
      },
      aws_secretsmanager_secret: { it: { name: "iam/Svc" } },
      aws_secretsmanager_secret_version: {
        it: {
          secret_id: "${aws_secretsmanager_secret.it.id}",
          secret_string:
            '${jsonencode({"accessKeyId" = aws_iam_access_key.k1.id, "secretAccessKey" = aws_iam_access_key.k1.secret})}',
        },
      },
    }),
  ).toEqual([
    "Access Analyzer account (ACCOUNT) in eu-west-1",
    "findings that account keeps to itself in eu-west-1 (entra): isPublic eq false, resource contains role/",
    "AWS Config in eu-west-1: records AWS::IAM::User to records as r",
    'AWS Config in eu-west-1 checks keys: AWS ACCESS_KEYS_ROTATED {"maxAccessKeyAge":"90"}',
    "secret iam/Svc in eu-west-1: holds aws_iam_access_key.k1.id, aws_iam_access_key.k1.secret, encrypted by aws/secretsmanager, whoever may read secrets here",
    "passwords of IAM users: at least 14 characters, with lowercase, uppercase, numbers, symbols, none of the last 24, never expire",
    "contact for security: Sam, Head of Security, security@contoso.com, +1 206 555 0100",
    "account alias: contoso-account2",
    "region me-south-1: disabled",
    "region eu-south-2: ${var.on}",
    "root access of member accounts is managed here: RootCredentialsManagement, RootSessions",
    "role for AWS itself: config.amazonaws.com",
  ]);
});

test("many regions have one line of their own, and are named by it", () => {
  const regions = ["eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "us-east-1"];
  const analyzer = (all: readonly string[]) => ({
    analyzer_name: "a",
    for_each: `\${toset(${JSON.stringify(all)})}`,
    region: "${each.value}",
  });
  expect(
    pageOf({
      aws_accessanalyzer_analyzer: {
        all: analyzer(regions),
        most: analyzer(regions.slice(1)),
        few: analyzer(regions.slice(0, 2)),
      },
    }),
  ).toEqual([
    `all regions: ${regions.join(", ")}`,
    "Access Analyzer a (ACCOUNT) in all regions",
    "Access Analyzer a (ACCOUNT) in all regions but eu-central-1",
    "Access Analyzer a (ACCOUNT) in eu-central-1, eu-north-1",
  ]);
});

test("a policy that nobody in the stack holds is told statement by statement", () => {
  const policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "*", Resource: "*" },
      { Effect: "Deny", Action: "iam:CreateUser", NotResource: "x" },
    ],
  });
  expect(pageOf({ aws_iam_policy: { boundary: { name: "Boundary", policy } } })).toEqual([
    "policy Boundary, held by nobody here: Allow * on *",
    'policy Boundary, held by nobody here: Deny iam:CreateUser and also {"NotResource":"x"}',
  ]);
  const role = { name: "R", assume_role_policy: "{}", permissions_boundary: "${aws_iam_policy.boundary.arn}" };
  const held = pageOf({ aws_iam_policy: { boundary: { name: "Boundary", policy } }, aws_iam_role: { r: role } });
  expect(held.join("\n")).toContain("never more than Boundary (Allow * on *;");
  expect(held.join("\n")).not.toContain("held by nobody");
});

describe("nothing is dropped", () => {
  test("a part of something that is not in the stack", () => {
    expect(
      pageOf({
        aws_sns_topic_subscription: { it: { topic_arn: "arn:aws:sns:x", protocol: "email", endpoint: "a@b.c" } },
        aws_s3_bucket_policy: { it: { bucket: "elsewhere", policy: "{}" } },
      }),
    ).toEqual([
      'not told above: aws_sns_topic_subscription.it {"topic_arn":"arn:aws:sns:x","protocol":"email","endpoint":"a@b.c"}',
      'not told above: aws_s3_bucket_policy.it {"bucket":"elsewhere","policy":"{}"}',
    ]);
  });

  test("what has no words: patterns, filters of messages, rules of a bucket", () => {
    const page = pageOf({
      aws_cloudwatch_event_rule: {
        odd: {
          name: "odd",
          event_pattern: JSON.stringify({
            detail: { a: [{ prefix: "x" }, 1], $or: [{ b: { c: ["1"], d: ["2"] } }, { e: ["3"] }] },
          }),
          state: "NEW",
        },
        unread: { name: "unread", event_pattern: "${var.pattern}", schedule_expression: "rate(1 day)" },
      },
      aws_sns_topic: { t: { name: "t" } },
      aws_sns_topic_subscription: {
        s: { topic_arn: "${aws_sns_topic.t.arn}", protocol: "email", endpoint: "a@b.c", filter_policy: "{}" },
      },
      aws_s3_bucket: { b: { bucket: "b", force_destroy: true } },
      aws_s3_bucket_lifecycle_configuration: {
        b: { bucket: "${aws_s3_bucket.b.id}", rule: [{ id: "r", status: "Disabled", expiration: [{ days: 1 }] }] },
      },
    });
    expect(page).toEqual(
      expect.arrayContaining([
        'watch odd in eu-west-1 is NEW: a {"prefix":"x"} or 1, (b.c 1 and b.d 2 or e 3) -> nobody',
        "watch unread in eu-west-1: a pattern that only Terraform can read: ${var.pattern} -> nobody",
        'aws_cloudwatch_event_rule.unread also has {"schedule_expression":"rate(1 day)"}',
        "topic t in eu-west-1, not encrypted by a key of its own: tells a@b.c (email)",
        'aws_sns_topic_subscription.s also has {"filter_policy":"{}"}',
        'bucket b: CAN BE MADE PUBLIC, rule {"id":"r","status":"Disabled","expiration":[{"days":1}]}',
        'aws_s3_bucket.b also has {"force_destroy":true}',
      ]),
    );
  });
});
