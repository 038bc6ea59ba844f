import { awsCloud } from "../constructs/clouds";
import { AccountBaselineStack } from "../constructs/stacks/account-baseline-stack";
import { checkBaselines } from "../constructs/stacks/check-together";
import { alarms, type BaselineChanges, baseline, everything, importing, synthBaseline } from "./support/baseline";
import { annotations, hclApp, synthesize, testApp } from "./support/synth";

type Case = readonly [what: string, changes: BaselineChanges, message: string];

const ID = "aws-payments-baseline";
const JANE = "arn:aws:iam::999988887777:user/Jane";
const principals = (...trustedPrincipals: string[]): BaselineChanges => ({
  alarms,
  breakGlass: { role: { trustedPrincipals } },
});
const contact = { name: "S", title: "T", emailAddress: "s@fabrikam.example", phoneNumber: "1" };
const service = (name: string, changes: object = {}): BaselineChanges => ({
  serviceAccounts: { [name]: { policies: [], accessKeys: { active: "k1" }, ...changes } },
});

/** What is typed into a baseline, and what is said of it: path, property, value, rule, way out. */
const errors: readonly Case[] = [
  [
    "an account id with a digit too few",
    { account: { accountId: "21098765432" } },
    `[${ID}] account.accountId is '21098765432', AWS takes 12 digits; write it as a string, so that leading zeros stay`,
  ],
  [
    "an account name with a quote, which the message of an alarm cannot have",
    { account: { accountName: 'Pay"ments' } },
    `[${ID}] account.accountName is 'Pay"ments', messages take 1 to 64 letters, digits, spaces, '_', '.' and '-'; choose such a name`,
  ],
  [
    "a region of another partition",
    { regions: ["eu-west-1", "cn-north-1"] },
    `[${ID}] regions[1] is 'cn-north-1', partition aws has regions like eu-west-1; choose one of its own`,
  ],
  [
    "a region that is watched and disabled",
    { regions: ["eu-west-1", "eu-south-1"], optInRegions: { "eu-south-1": "disabled" } },
    `[${ID}] regions[1] is 'eu-south-1', optInRegions disables it, and nothing can be made there; take it out of one of the two`,
  ],
  [
    "a region that is enabled and not watched",
    { regions: ["eu-west-1"], optInRegions: { "eu-south-1": "enabled" } },
    `[${ID}] regions is 'eu-west-1', optInRegions enables eu-south-1, and nobody would watch it; add it`,
  ],
  [
    "an alarm region that is not watched",
    { regions: ["us-east-1"], alarmRegion: "eu-west-2" },
    `[${ID}] alarmRegion is 'eu-west-2', the account watches us-east-1; choose one of them`,
  ],
  [
    "an alarm region that is disabled",
    { optInRegions: { "eu-south-1": "disabled" }, alarmRegion: "eu-south-1" },
    `[${ID}] alarmRegion is 'eu-south-1', the account watches ${awsCloud("aws").defaultRegions.join(", ")}; choose one of them`,
  ],
  [
    "an alarm region that the same deploy enables",
    { optInRegions: { "eu-south-1": "enabled" }, alarmRegion: "eu-south-1" },
    `[${ID}] alarmRegion is 'eu-south-1', optInRegions is only about to enable it, and the AWS provider works there from its first call on; choose a region that is on, or take it out of optInRegions once it is`,
  ],
  [
    "one region of two where nobody says which records IAM",
    {
      account: { partition: "aws-us-gov" },
      regions: ["us-gov-east-1"],
      alarmRegion: "us-gov-east-1",
      alarms: { ...alarms, federation: true },
    },
    `[${ID}] regions is 'us-gov-east-1', no public page says where partition aws-us-gov records calls to IAM, so their alarms might never come; watch us-gov-east-1, us-gov-west-1`,
  ],
  [
    "an alarm on the root user without the region that records it",
    { regions: ["eu-west-1"], alarms: { ...alarms, rootUser: true } },
    `[${ID}] regions is 'eu-west-1', root sign-ins and calls to IAM are recorded in us-east-1, so alarms on them would never come; add it`,
  ],
  [
    "an alarm on the federation without the region that records it",
    { regions: ["eu-west-1"], alarms: { ...alarms, federation: true } },
    `[${ID}] regions is 'eu-west-1', root sign-ins and calls to IAM are recorded in us-east-1, so alarms on them would never come; add it`,
  ],
  [
    "an alarm on the provisioning user without it",
    { regions: ["eu-west-1"], account: importing(), alarms },
    `[${ID}] regions is 'eu-west-1', root sign-ins and calls to IAM are recorded in us-east-1, so alarms on them would never come; add it`,
  ],
  [
    "an alarm on break-glass without it",
    { regions: ["eu-west-1"], ...principals("arn:aws:iam::999988887777:user/Jane") },
    `[${ID}] regions is 'eu-west-1', root sign-ins and calls to IAM are recorded in us-east-1, so alarms on them would never come; add it`,
  ],
  [
    "break-glass without alarms",
    { breakGlass: { user: { name: "BreakGlass" } } },
    `[${ID}] breakGlass is 'user', it must not be used unseen, and there are no alarms; add alarms, or take it out`,
  ],
  [
    "a runbook that breaks the message",
    { alarms: { ...alarms, rootUser: true, runbook: "https://wiki/<alarm>" } },
    `[${ID}] alarms.runbook is 'https://wiki/<alarm>', the message takes a web address without spaces, quotes and '<>'; correct it`,
  ],
  [
    "a service account that role import has already",
    { ...service("Svc-EntraRoleImport"), account: importing() },
    `[${ID}] serviceAccounts is 'Svc-EntraRoleImport', the account's own stack makes that user for role import; take it out here`,
  ],
  [
    "nobody to hear an alarm",
    { alarms: { subscribers: [], rootUser: true } },
    `[${ID}/Alarm topic] alarms.subscribers is empty, an alarm that nobody hears is none; name an e-mail address or an https:// address`,
  ],
  [
    "a subscriber without encryption",
    { alarms: { subscribers: ["http://pager.example"], rootUser: true } },
    `[${ID}/Alarm topic] alarms.subscribers[0] is 'http://pager.example', SNS mails to name@domain and posts to https:// addresses; correct it`,
  ],
  [
    "a subscriber twice",
    { alarms: { subscribers: ["a@b.example", "a@b.example"], rootUser: true } },
    `[${ID}/Alarm topic] alarms.subscribers[1] is 'a@b.example', it stands there twice; remove one`,
  ],
  [
    "a trail in a bucket that S3 does not take",
    { trail: { bucketName: "Trail" } },
    `[${ID}/Trail/Bucket] bucketName is 'Trail', S3 takes 3 to 63 lower-case letters, digits, single '.' and '-', first and last a letter or digit; choose such a name`,
  ],
  [
    "a trail in a bucket with two dots in a row",
    { trail: { bucketName: "a..b" } },
    `[${ID}/Trail/Bucket] bucketName is 'a..b', S3 takes 3 to 63 lower-case letters, digits, single '.' and '-', first and last a letter or digit; choose such a name`,
  ],
  [
    "one bucket for the trail and for AWS Config",
    {
      trail: { bucketName: "fabrikam-records" },
      alarms: { ...alarms, accessKeyAge: { config: { bucketName: "fabrikam-records" } } },
    },
    `[${ID}] bucketName is 'fabrikam-records', trail and AWS Config each make a bucket of their own; give them different names`,
  ],
  [
    "records kept for no day",
    { trail: { keepDays: 0 } },
    `[${ID}/Trail/Bucket] keepDays is 0, S3 takes a whole number of days from 1; leave it out to keep everything`,
  ],
  [
    "a break-glass role for nobody",
    principals(),
    `[${ID}/Break glass] breakGlass.role.trustedPrincipals is empty, nobody could enter with it; name the IAM users of the security account`,
  ],
  [
    "a break-glass role for a role, whose session shows no MFA",
    principals("arn:aws:iam::999988887777:role/Security"),
    `[${ID}/Break glass] breakGlass.role.trustedPrincipals[0] is 'arn:aws:iam::999988887777:role/Security', only an IAM user can show MFA here, and an account lets in whom it likes; name IAM users by ARN`,
  ],
  [
    "a break-glass role for a whole account",
    principals("arn:aws:iam::999988887777:root"),
    `[${ID}/Break glass] breakGlass.role.trustedPrincipals[0] is 'arn:aws:iam::999988887777:root', only an IAM user can show MFA here, and an account lets in whom it likes; name IAM users by ARN`,
  ],
  [
    "a break-glass role for a user of another partition",
    principals("arn:aws-cn:iam::999988887777:user/Jane"),
    `[${ID}/Break glass] breakGlass.role.trustedPrincipals[0] is 'arn:aws-cn:iam::999988887777:user/Jane', an account of partition aws trusts its own partition alone; name users of an account there`,
  ],
  [
    "two ways in, of which one would be lost",
    { alarms, breakGlass: { role: { trustedPrincipals: [JANE] }, user: { name: "BreakGlass" } } as never },
    `[${ID}/Break glass] breakGlass is 'role', 'user', an account has one way in, and the other would be lost; write one of role, user`,
  ],
  [
    "break-glass by nothing",
    { alarms, breakGlass: {} as never },
    `[${ID}/Break glass] breakGlass is empty, an account has one way in, and the other would be lost; write one of role, user`,
  ],
  [
    "a break-glass user named like a service account",
    { alarms, breakGlass: { user: { name: "Svc-BreakGlass" } } },
    `[${ID}/Break glass] breakGlass name is 'Svc-BreakGlass', IAM takes 1 to 64 of A-Z a-z 0-9 _ + = , . @ -, and 'Svc-' is for service accounts; choose such a name`,
  ],
  [
    "a service account that is not named as one",
    service("Backup"),
    `[${ID}/Backup] serviceAccounts is 'Backup', service accounts begin with 'Svc-', and IAM takes up to 64 of A-Z a-z 0-9 _ + = , . @ -; choose such a name`,
  ],
  [
    "a user name that no secret can have",
    service("Svc-a,b", { store: "secretsManager" }),
    `[${ID}/Svc-a,b] store is 'Svc-a,b', a secret takes letters, digits and '/_+=.@-' in its name; choose a user name without ','`,
  ],
  [
    "a key of another region than the secret's",
    service("Svc-Backup", { store: { kmsKey: "arn:aws:kms:us-east-1:210987654321:key/k" } }),
    `[${ID}/Svc-Backup] store.kmsKey is 'arn:aws:kms:us-east-1:210987654321:key/k', the secret is in eu-west-1, and only a key of that region encrypts it; name one, or its replica there`,
  ],
  [
    "a policy that IAM does not know the form of",
    service("Svc-Backup", { policies: ["arn:aws:s3:::bucket"] }),
    `[${ID}/Svc-Backup] policies[0] is 'arn:aws:s3:::bucket', IAM takes the ARN of a managed policy, or the short name of an AWS one; copy it from IAM > Policies`,
  ],
  [
    "more policies than a user can have",
    service("Svc-Backup", { policies: Array.from({ length: 11 }, (_, i) => `Policy${i}`) }),
    `[${ID}/Svc-Backup] number of managed policies is 11, IAM takes 10 for a user; merge some`,
  ],
  [
    "one key for both places of a ring",
    service("Svc-Backup", { accessKeys: { active: "k1", standby: "k1" } }),
    `[${ID}/Svc-Backup] accessKeys.standby is 'k1', active has the same name; name the other key`,
  ],
  [
    "a key name that no Terraform address has",
    service("Svc-Backup", { accessKeys: { active: "K 1" } }),
    `[${ID}/Svc-Backup] accessKeys is 'K 1', names are a lower-case letter, then letters, digits or '_'; rename it`,
  ],
  [
    "a password that IAM does not take that short",
    { passwordPolicy: { minimumLength: 5 } },
    `[${ID}/Password policy] passwordPolicy.minimumLength is 5, IAM takes 6 to 128; choose a whole number between them`,
  ],
  [
    "more remembered passwords than IAM remembers",
    { passwordPolicy: { rememberedPasswords: 25 } },
    `[${ID}/Password policy] passwordPolicy.rememberedPasswords is 25, IAM takes 1 to 24; choose a whole number between them`,
  ],
  [
    "a password that lasts longer than IAM counts",
    { passwordPolicy: { maxAgeDays: 1096 } },
    `[${ID}/Password policy] passwordPolicy.maxAgeDays is 1096, IAM takes 1 to 1095; choose a whole number between them`,
  ],
  [
    "a contact without a mailbox",
    { contacts: { security: { ...contact, emailAddress: "security" } } },
    `[${ID}/Contact] contacts.security.emailAddress is 'security', mail takes name@domain; correct the address`,
  ],
  [
    "a contact without a name",
    { contacts: { security: { ...contact, name: "" } } },
    `[${ID}/Contact] contacts.security.name is '', AWS takes 1 to 64 characters; write who it is within them`,
  ],
  [
    "a contact of many words",
    { contacts: { security: { ...contact, title: "T".repeat(51) } } },
    `[${ID}/Contact] contacts.security.title is '${"T".repeat(51)}', AWS takes 1 to 50 characters; write who it is within them`,
  ],
  [
    "a contact with words for a telephone",
    { contacts: { billing: { ...contact, phoneNumber: "ask Jane" } } },
    `[${ID}/Contact] contacts.billing.phoneNumber is 'ask Jane', AWS takes up to 25 digits, spaces, '+', '-', '(' and ')'; write it like +1 206 555 0100`,
  ],
  [
    "a region that nobody can disable",
    { optInRegions: { "us-west-2": "disabled" }, regions: ["eu-west-1"] },
    `[${ID}/Region] optInRegions is 'us-west-2', AWS has it enabled in every account and refuses to change that; leave it out, and close it with a service control policy`,
  ],
  [
    "an opt-in region of another partition",
    { optInRegions: { "cn-north-1": "disabled" } },
    `[${ID}/Region] optInRegions is 'cn-north-1', partition aws has regions like eu-west-1; choose one of its own`,
  ],
  [
    "an alias in capitals",
    { alias: "Fabrikam" },
    `[${ID}/Alias] alias is 'Fabrikam', IAM takes 3 to 63 lower-case letters, digits and single '-', first and last none, and no 12 digits alone; choose such a name`,
  ],
  [
    "an alias that looks like an account id",
    { alias: "210987654321" },
    `[${ID}/Alias] alias is '210987654321', IAM takes 3 to 63 lower-case letters, digits and single '-', first and last none, and no 12 digits alone; choose such a name`,
  ],
  [
    "more roles than an archive rule takes",
    { accessAnalyzer: { federatedRoles: Array.from({ length: 21 }, (_, i) => `Role${i}`) } },
    `[${ID}/Access analyzer] number of accessAnalyzer.federatedRoles is 21, an archive rule takes 20 values; name those that most people enter with`,
  ],
  [
    "Access Analyzer with nothing to expect",
    { accessAnalyzer: { federatedRoles: [] } },
    `[${ID}/Access analyzer] accessAnalyzer.federatedRoles is empty, there would be nothing to expect; name the roles of the account file`,
  ],
];

describe("refuses at synth", () => {
  test.each(errors)("%s", (_, changes, message) => {
    expect(synthBaseline(changes).errors).toEqual([message]);
  });
});

describe("warns at synth, and goes on, of", () => {
  test("alarms that nothing raises", () => {
    const { errors, warnings } = synthBaseline({ alarms });
    expect(errors).toEqual([]);
    expect(warnings).toEqual([
      `[${ID}] alarms is 'for nothing', its subscribers will never hear anything; turn on rootUser and federation`,
    ]);
  });

  test("an alarm on old keys where AWS Config may not see users", () => {
    const regions = ["eu-central-2", "us-east-1"];
    const keys: BaselineChanges = { alarms: { ...alarms, accessKeyAge: { config: "existing" } } };
    const { errors, warnings } = synthBaseline({ ...keys, regions, alarmRegion: "eu-central-2" });
    expect(errors).toEqual([]);
    expect(warnings).toEqual([
      `[${ID}] alarmRegion is 'eu-central-2', AWS Config records IAM users in regions that it had before February 2022, and in a newer one the alarm on old keys never comes; choose another, or leave accessKeyAge out`,
    ]);
  });
});

describe("has nothing to say of", () => {
  const fine: readonly (readonly [string, BaselineChanges])[] = [
    ["everything at once", everything],
    ["alarms on break-glass alone", principals("arn:aws:iam::999988887777:user/teams/Jane")],
    [
      "every alarm under the longest names that IAM takes",
      {
        account: { partition: "aws-us-gov", ...importing(`Svc-${"x".repeat(60)}`) },
        alarmRegion: "us-gov-west-1",
        alarms: { ...alarms, rootUser: true, federation: true },
        breakGlass: { role: { name: "x".repeat(64), trustedPrincipals: ["arn:aws-us-gov:iam::999988887777:user/J"] } },
      },
    ],
    [
      "the shortest and the longest password",
      { passwordPolicy: { minimumLength: 6, rememberedPasswords: 1, maxAgeDays: 1095 } },
    ],
    ["the longest password", { passwordPolicy: { minimumLength: 128, rememberedPasswords: 24, maxAgeDays: 1 } }],
    ["an alias of 3 characters", { alias: "abc" }],
    [
      "regions without us-east-1 where no alarm needs it",
      { regions: ["eu-west-1"], alarms: { ...alarms, accessKeyAge: { config: "existing" } } },
    ],
    [
      "a secret under a key of its region, and one that no secret takes without a store",
      {
        serviceAccounts: {
          "Svc-Backup": {
            policies: [],
            accessKeys: { active: "k1" },
            store: { kmsKey: "arn:aws:kms:eu-west-1:999988887777:key/k" },
          },
          "Svc-a,b": { policies: [], accessKeys: { active: "k1" } },
        },
      },
    ],
    [
      "one region of GovCloud where only that one matters",
      {
        account: { partition: "aws-us-gov" },
        regions: ["us-gov-east-1"],
        alarmRegion: "us-gov-east-1",
        alarms: { ...alarms, accessKeyAge: { config: "existing" } },
      },
    ],
    [
      "GovCloud",
      { account: { partition: "aws-us-gov" }, alarmRegion: "us-gov-west-1", alarms: { ...alarms, rootUser: true } },
    ],
  ];
  test.each(fine)("%s", (_, changes) => {
    const { errors, warnings } = synthBaseline(changes);
    expect([errors, warnings]).toEqual([[], []]);
  });
});

test("HCL is refused where cdktf would lose the backslashes of an event pattern, and leaves out what HCL cannot say", () => {
  const hcl = (changes: BaselineChanges) =>
    synthesize(new AccountBaselineStack(hclApp(), ID, baseline({ alarms, ...changes })));
  expect(hcl({ alarms: { ...alarms, federation: true } }).errors).toContainEqual(
    expect.stringMatching(
      /output is 'HCL', cdktf loses the backslashes of this event pattern there.*; synthesize JSON$/,
    ),
  );
  const { errors, json } = hcl({ alarms: { ...alarms, rootUser: true } });
  expect(errors).toEqual([]);
  expect(JSON.stringify(json)).not.toContain("replace_triggered_by");
});

describe("beside what its account says of itself", () => {
  const errorsOf = (changes: BaselineChanges) => synthBaseline(changes).errors;
  const warningsOf = (changes: BaselineChanges) => synthBaseline(changes).warnings;

  test("a break-glass role that is a federated one is refused, in any case and path", () => {
    const named = (name: string | undefined, role: string): BaselineChanges => ({
      account: { roles: { [role]: { path: "/teams/" } } },
      alarms,
      breakGlass: { role: { ...(name ? { name } : {}), trustedPrincipals: [JANE] } },
    });
    expect(errorsOf(named("administrator", "Administrator"))).toEqual([
      `[${ID}] breakGlass.role.name is 'administrator', the account has a federated role of that name; choose another`,
    ]);
    expect(errorsOf(named(undefined, "BreakGlass"))).toHaveLength(1);
    expect(errorsOf(named(undefined, "Administrator"))).toEqual([]);
    // A user may be called like a role.
    const account = { roles: { Administrator: {} } };
    expect(errorsOf({ account, alarms, breakGlass: { user: { name: "Administrator" } } })).toEqual([]);
  });

  test("a boundary that no role carries is warned of, where the roles are known", () => {
    const permissionsBoundary = "arn:aws:iam::210987654321:policy/LongLivedKeysForServiceAccountsOnly";
    const carried = (role: object): BaselineChanges => ({
      account: { roles: { Developer: role } },
      keysBoundary: true,
    });
    expect(warningsOf(carried({}))).toEqual([
      `[${ID}] keysBoundary is true, no role of the account carries it, so it binds nobody; once it is deployed, name ${permissionsBoundary} as their permissionsBoundary`,
    ]);
    expect(warningsOf(carried({ permissionsBoundary }))).toEqual([]);
    expect(warningsOf({ keysBoundary: true })).toEqual([]);
  });

  test("Access Analyzer expects every role of the account, by path and name, or those that are named", () => {
    const account = { samlProviderName: "Entra", roles: { Developer: {}, Analyst: { path: "/teams/data/" } } };
    const expected = (changes: BaselineChanges) =>
      new AccountBaselineStack(testApp(), ID, baseline({ account, ...changes })).accessAnalyzer;
    expect(expected({ accessAnalyzer: {} })).toMatchObject({
      expected: ["arn:aws:iam::210987654321:role/Developer", "arn:aws:iam::210987654321:role/teams/data/Analyst"],
      provider: "arn:aws:iam::210987654321:saml-provider/Entra",
    });
    expect(expected({ accessAnalyzer: { federatedRoles: ["Auditor"] } })?.expected).toEqual([
      "arn:aws:iam::210987654321:role/Auditor",
    ]);
  });
});

describe("over the whole list", () => {
  const together = (...list: readonly BaselineChanges[]) => {
    const app = testApp();
    checkBaselines(list.map((changes, i) => new AccountBaselineStack(app, `aws-baseline${i + 1}`, baseline(changes))));
    return { errors: annotations(app, "@cdktf/error"), warnings: annotations(app, "@cdktf/warn") };
  };
  const other = { account: { accountId: "210987654322" } };

  test("two accounts pass", () => {
    expect(together({ passwordPolicy: {} }, other)).toEqual({ errors: [], warnings: [] });
  });

  test("two baselines of one account are refused", () => {
    expect(together({}, {}).errors).toEqual([
      "[aws-baseline2] account.accountId is '210987654321', aws-baseline1 has the same: one AWS account has one baseline; correct one of them",
    ]);
  });

  test("names that AWS takes once are refused where two accounts have the same", () => {
    const named = { alias: "fabrikam", trail: { keepDays: 400, bucketName: "fabrikam-trail" } };
    expect(together(named, { ...named, ...other }).errors).toEqual([
      "[aws-baseline2] alias is 'fabrikam', aws-baseline1 has the same: AWS takes an alias once; give the accounts different ones",
      "[aws-baseline2] bucket name is 'fabrikam-trail', aws-baseline1 has the same: AWS takes a name once; give the buckets different names",
    ]);
  });

  test("sample values are warned of, alone and in an ARN", () => {
    const app = testApp();
    const contacts = { security: { ...contact, emailAddress: "security@contoso.com", phoneNumber: "+1 206 555 0100" } };
    const samples: BaselineChanges = {
      account: { accountId: "444455556666" },
      alarms: { subscribers: ["security@contoso.com"] },
      breakGlass: { role: { trustedPrincipals: ["arn:aws:iam::123456789012:user/BreakGlass1"] } },
      contacts,
    };
    checkBaselines([new AccountBaselineStack(app, "aws-account2-baseline", baseline(samples))]);
    expect(annotations(app, "@cdktf/warn")).toEqual([
      "[aws-account2-baseline] account.accountId is '444455556666', a sample; fill in your own",
      "[aws-account2-baseline] alarms.subscribers.0 is 'security@contoso.com', a sample; fill in your own",
      "[aws-account2-baseline] breakGlass.role.trustedPrincipals.0 is 'arn:aws:iam::123456789012:user/BreakGlass1', a sample; fill in your own",
      "[aws-account2-baseline] contacts.security.emailAddress is 'security@contoso.com', a sample; fill in your own",
      "[aws-account2-baseline] contacts.security.phoneNumber is '+1 206 555 0100', a sample; fill in your own",
    ]);
  });

  test("two stacks of one id are refused", () => {
    const app = testApp();
    for (let i = 0; i < 2; i++) new AccountBaselineStack(app, "aws-payments", baseline());
    expect(annotations(app, "@cdktf/error")).toEqual([
      "[aws-payments-again] stack id is 'aws-payments', another baseline has the same; give each baseline its own",
    ]);
  });
});
