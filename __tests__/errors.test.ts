import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { App, LocalBackend, S3Backend, TerraformStack, TerraformVariable } from "cdktf";
import { SamlProvider } from "../constructs/aws/saml-provider";
import { declared, imported } from "../constructs/entra/app-roles";
import { eligible } from "../constructs/entra/eligible-members";
import { AwsAccountStack } from "../constructs/stacks/aws-account-stack";
import { checkTogether } from "../constructs/stacks/check-together";
import {
  type AccountChanges,
  AccountUnderTest,
  account,
  annotations,
  hclApp,
  ids,
  synthAccount,
  synthScope,
  testApp,
} from "./support/synth";

// Warnings about certificates follow the calendar: here it stands still.
const TODAY = Date.parse("2026-12-01T12:00:00Z");
beforeAll(() => jest.spyOn(Date, "now").mockReturnValue(TODAY));
afterAll(() => jest.restoreAllMocks());

const roles = (role: AccountChanges["roles"]) => ({ roles: role });
const administrator = (role: NonNullable<AccountChanges["roles"]>[string]) => roles({ Administrator: role });
const eligibleAdministrator = (
  options: Parameters<typeof eligible>[0],
  role: NonNullable<AccountChanges["roles"]>[string] = {},
) => administrator({ ...role, membership: eligible(options) });
const ELIGIBILITY = "[aws-payments/Administrator eligibility]";
const c2026 = (endDate: string) => ({ signing: { active: "c2026", certificates: { c2026: endDate } } });
const importing = (options: Partial<Parameters<typeof imported>[0]> = {}) => ({
  appRoles: imported({ accessKeys: { active: "k1" }, ...options }),
});
const letters = (count: number) => "x".repeat(count);
const regions = (count: number) => Array.from({ length: count }, (_, i) => `eu-${letters(i + 1)}-1`);

type Case = readonly [what: string, changes: AccountChanges, message: string];

/** What is typed into an account file or `organization.ts`, and what is said of it: path, property, value, rule, way out. */
const errors: readonly Case[] = [
  [
    "an account id with a digit too few",
    { accountId: "21098765432" },
    "[aws-payments] accountId is '21098765432', AWS takes 12 digits; write it as a string, so that leading zeros stay",
  ],
  [
    "an account id with a letter",
    { accountId: "21098765432O" },
    "[aws-payments] accountId is '21098765432O', AWS takes 12 digits; write it as a string, so that leading zeros stay",
  ],
  [
    "an account id as a number, which lost its zeros",
    { accountId: 10987654321 as unknown as string },
    "[aws-payments] accountId is 10987654321, AWS takes 12 digits; write it as a string, so that leading zeros stay",
  ],
  [
    "an account name that names of groups cannot have",
    { accountName: "Pay/ments" },
    "[aws-payments] accountName is 'Pay/ments', names of groups and policies take 1 to 64 letters, digits, spaces, '_', '.' and '-'; choose such a name",
  ],
  [
    "no company",
    { organization: { company: " " } },
    "[aws-payments] company is ' ', names of applications begin with it; fill it in",
  ],
  [
    "a tenant id that is no GUID",
    { organization: { tenantId: "fabrikam.example" } },
    "[aws-payments] tenantId is 'fabrikam.example', Entra takes a GUID; copy the tenant ID from the Entra admin center",
  ],
  [
    "a tenant id without its hyphens",
    { organization: { tenantId: ids.tenant.replaceAll("-", "") } },
    `[aws-payments] tenantId is '${ids.tenant.replaceAll("-", "")}', Entra takes a GUID; copy the tenant ID from the Entra admin center`,
  ],
  [
    "a domain with an @",
    { organization: { domain: "admin@fabrikam.example" } },
    "[aws-payments] domain is 'admin@fabrikam.example', Entra takes a domain such as contoso.onmicrosoft.com; copy it from the Entra admin center",
  ],
  [
    "no deploy identity",
    { organization: { owners: [] } },
    "[aws-payments/Enterprise app] owners is empty, Entra needs at least one for deploys under Application.ReadWrite.OwnedBy; name the deploy identity's object ID",
  ],
  [
    "a deploy identity by its name",
    { organization: { owners: [ids.deployer, "deployer"] } },
    "[aws-payments/Enterprise app] owners[1] is 'deployer', Entra takes a GUID; copy the object ID of the deploy identity from the Entra admin center",
  ],
  [
    "an e-mail address without a domain",
    { organization: { notificationEmails: ["identity"] } },
    "[aws-payments/Enterprise app] notificationEmails[0] is 'identity', mail takes name@domain; correct the address",
  ],
  [
    "two e-mail addresses in one",
    { organization: { notificationEmails: ["a@fabrikam.example", "b@fabrikam.example, c@fabrikam.example"] } },
    "[aws-payments/Enterprise app] notificationEmails[1] is 'b@fabrikam.example, c@fabrikam.example', mail takes name@domain; correct the address",
  ],
  [
    "nobody left out of Conditional Access",
    { organization: { breakGlass: { users: [] } } },
    "[aws-payments/MFA policy] breakGlass is empty, a policy without an exclusion can lock everybody out; name the emergency access accounts in organization.ts",
  ],
  [
    "an emergency access account by its name",
    { organization: { breakGlass: { users: ["breakglass@fabrikam.example"] } } },
    "[aws-payments/MFA policy] breakGlass.users[0] is 'breakglass@fabrikam.example', Entra takes a GUID; copy the object ID of the emergency access account from the Entra admin center",
  ],
  [
    "an emergency access group by its name",
    { organization: { breakGlass: { users: [], groups: ["Emergency"] } } },
    "[aws-payments/MFA policy] breakGlass.groups[0] is 'Emergency', Entra takes a GUID; copy the object ID of the emergency access group from the Entra admin center",
  ],
  [
    "an authentication strength by its name",
    { conditionalAccess: { covers: "everyone", require: { strength: "Passkeys" } } },
    "[aws-payments/MFA policy] conditionalAccess.require.strength is 'Passkeys', Entra takes a GUID; copy the ID of the authentication strength",
  ],
  [
    "a national cloud whose issuer no public page confirms",
    { organization: { entraCloud: "usgovernment" } },
    "[aws-payments] entraCloud is 'usgovernment', issuer and sign-in host are confirmed by a public page for public only; add a cited row to constructs/clouds.ts",
  ],
  [
    "the Chinese national cloud beside the Chinese partition",
    { organization: { entraCloud: "china" }, partition: "aws-cn", regions: ["cn-north-1"] },
    "[aws-payments] entraCloud is 'china', issuer and sign-in host are confirmed by a public page for public only; add a cited row to constructs/clouds.ts",
  ],
  ["no region", { regions: [] }, "[aws-payments] regions is empty, the AWS provider needs one; add eu-west-1"],
  [
    "a region of another partition",
    { regions: ["eu-west-1", "cn-north-1"] },
    "[aws-payments] regions[1] is 'cn-north-1', partition aws has regions like eu-west-1; choose one of its own",
  ],
  [
    "a commercial region in GovCloud",
    { partition: "aws-us-gov", regions: ["us-east-1"] },
    "[aws-payments] regions[0] is 'us-east-1', partition aws-us-gov has regions like us-gov-west-1; choose one of its own",
  ],
  [
    "a misspelt region",
    { regions: ["eu-west1"] },
    "[aws-payments] regions[0] is 'eu-west1', partition aws has regions like eu-west-1; choose one of its own",
  ],
  [
    "a landing region outside the partition",
    { landingRegion: "us-gov-west-1" },
    "[aws-payments] landingRegion is 'us-gov-west-1', partition aws has regions like eu-west-1; choose one of its own",
  ],
  [
    "role import in China",
    { ...importing(), partition: "aws-cn", regions: ["cn-north-1"] },
    "[aws-payments/Role import] appRoles is 'imported()', Entra cannot import roles from partition aws-cn (tutorial, known issues); use declared()",
  ],
  ["no role", roles({}), "[aws-payments] roles is empty, an account that nobody can enter needs no stack; add a role"],
  [
    "a role name with a space",
    roles({ "Power User": {} }),
    "[aws-payments/Power User] role name is 'Power User', IAM takes 1 to 64 of A-Z a-z 0-9 _ + = , . @ -; choose such a name",
  ],
  [
    "a role name of 65 characters",
    roles({ [letters(65)]: {} }),
    `[aws-payments/${letters(65)}] role name is '${letters(65)}', IAM takes 1 to 64 of A-Z a-z 0-9 _ + = , . @ -; choose such a name`,
  ],
  [
    "role names that differ in case alone",
    roles({ Administrator: {}, ADMINISTRATOR: {} }),
    "[aws-payments] roles is 'ADMINISTRATOR', IAM takes role names that differ in more than case, and Administrator is there; rename one",
  ],
  [
    "a path without its last slash",
    administrator({ path: "/teams" }),
    "[aws-payments/Administrator] path is '/teams', IAM takes '/' or words between slashes, first and last a slash; write it like '/teams/data/'",
  ],
  [
    "role ARN and provider ARN of 240 characters",
    // 31 for arn:aws:iam::…:role/, 39 for the path behind that slash, 13 for the role, 41 up to the provider's name, 116 for it
    { ...administrator({ path: `/${letters(38)}/` }), samlProviderName: letters(116) },
    "[aws-payments/Administrator] length of role ARN + ',' + provider ARN is 240, Entra takes 239 characters; shorten the role name, its path or samlProviderName",
  ],
  [
    "a provider name with a space",
    { samlProviderName: "Microsoft Entra ID" },
    "[aws-payments/SAML provider] samlProviderName is 'Microsoft Entra ID', IAM takes 1 to 128 letters, digits, '.', '_' and '-'; choose such a name",
  ],
  [
    "a provider name of 129 characters",
    { samlProviderName: letters(129) },
    `[aws-payments/SAML provider] samlProviderName is '${letters(129)}', IAM takes 1 to 128 letters, digits, '.', '_' and '-'; choose such a name`,
  ],
  [
    "a trust policy longer than the quota",
    { regions: regions(40) },
    "[aws-payments/Administrator] trust policy length is 2872, this account's quota is 2048 characters; use fewer regions, or have AWS raise the quota and set quotas.trustPolicyCharacters",
  ],
  [
    "a trust policy one character longer than a raised quota",
    { quotas: { trustPolicyCharacters: 378 } },
    "[aws-payments/Administrator] trust policy length is 379, this account's quota is 378 characters; use fewer regions, or have AWS raise the quota and set quotas.trustPolicyCharacters",
  ],
  [
    "more managed policies than the quota",
    administrator({ policies: regions(9), customerPolicies: ["a", "b"] }),
    "[aws-payments/Administrator] number of managed policies is 11, this account's quota is 10 for a role; merge some, or have AWS raise the quota and set quotas.managedPoliciesPerRole",
  ],
  [
    "a managed policy with a space in its name",
    administrator({ policies: ["AdministratorAccess", "Read Only"] }),
    "[aws-payments/Administrator] policies[1] is 'Read Only', IAM takes the ARN of a managed policy, or the short name of an AWS one; copy it from IAM > Policies",
  ],
  [
    "a managed policy by the ARN of something else",
    administrator({ policies: ["arn:aws:iam::210987654321:role/Other"] }),
    "[aws-payments/Administrator] policies[0] is 'arn:aws:iam::210987654321:role/Other', IAM takes the ARN of a managed policy, or the short name of an AWS one; copy it from IAM > Policies",
  ],
  [
    "a managed policy twice, by short name and by ARN",
    administrator({ policies: ["ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"] }),
    "[aws-payments/Administrator] policies is 'ReadOnlyAccess', the role has another policy of that name; remove one",
  ],
  [
    "a permissions boundary by its name",
    administrator({ permissionsBoundary: "Boundary" }),
    "[aws-payments/Administrator] permissionsBoundary is 'Boundary', IAM takes the ARN of a managed policy; copy it from IAM > Policies",
  ],
  [
    "a description of 1,001 characters",
    administrator({ description: letters(1001) }),
    "[aws-payments/Administrator] description length is 1001, IAM takes up to 1000 characters; shorten it",
  ],
  [
    "a statement with two lists of actions, from plain JavaScript",
    administrator({
      inlinePolicies: {
        Own: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "s3:*", NotAction: "iam:*", Resource: "*" } as never],
        },
      },
    }),
    "[aws-payments/Administrator] inlinePolicies.Own.Statement[0] is 'Action', 'NotAction', IAM takes one of the two; write one of Action, NotAction",
  ],
  [
    "a statement without a resource",
    administrator({
      inlinePolicies: { Own: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*" }] } },
    }),
    "[aws-payments/Administrator] inlinePolicies.Own.Statement[0] is empty, IAM takes one of the two; write one of Resource, NotResource",
  ],
  [
    "a profile beside a role to assume, from plain JavaScript",
    { organization: { aws: () => ({ profile: "p", assumeRole: [] }) as never } },
    "[aws-payments] aws is 'profile', 'assumeRole', Terraform signs in to an account by one of the two; write one of profile, assumeRole",
  ],
  ...[3599, 43_201, 3600.5].map(
    (sec): Case => [
      `a role's maximum session of ${sec} s`,
      { ...administrator({ maxSessionDurationSec: sec }), claims: { sessionDurationSec: 900 } },
      `[aws-payments/Administrator] maxSessionDurationSec is ${sec}, IAM takes 3600 (1 h) to 43200 (12 h); choose a number of seconds between them`,
    ],
  ),
  ...[899, 43_201, 900.5].map(
    (sec): Case => [
      `a console session of ${sec} s`,
      { ...administrator({ maxSessionDurationSec: 43_200 }), claims: { sessionDurationSec: sec } },
      `[aws-payments/Sign on] sessionDurationSec is ${sec}, AWS takes 900 (15 min) to 43200 (12 h); choose a number of seconds between them`,
    ],
  ),
  [
    "a console session longer than one of the roles allows",
    { ...roles({ Long: { maxSessionDurationSec: 7200 }, Short: {} }), claims: { sessionDurationSec: 7200 } },
    "[aws-payments] claims.sessionDurationSec is 7200, AWS takes at most the role's maximum, and Short allows 3600; shorten the session or raise the role's maxSessionDurationSec",
  ],
  [
    "an existing group with an empty name",
    administrator({ group: { existing: ids.group, name: " " } }),
    "[aws-payments/Administrator group] group.name is ' ', readers see it beside the object ID, and Entra's names have 1 to 256 characters; write what Entra calls the group, or leave it out",
  ],
  [
    "an existing group with two names",
    {
      roles: {
        Administrator: { group: { existing: ids.group, name: "Platform admins" } },
        Developer: { group: { existing: ids.group.toUpperCase(), name: "Developers" } },
      },
    },
    "[aws-payments] roles.Developer.group.name is 'Developers', another role calls the same group 'Platform admins'; give it one name",
  ],
  [
    "an existing group by its name",
    administrator({ group: { existing: "AWS-Admins" } }),
    "[aws-payments/Administrator group] group.existing is 'AWS-Admins', Entra takes a GUID; copy the group's object ID from the Entra admin center",
  ],
  [
    "a group name of 257 characters",
    administrator({ group: { name: letters(257) } }),
    "[aws-payments/Administrator group] length of the group's name is 257, Entra takes 1 to 256 characters; shorten accountName or name the group yourself",
  ],
  [
    "an application name of 121 characters",
    { organization: { company: letters(95) } },
    "[aws-payments/Enterprise app] length of the application's name is 121, Entra takes 120 characters; shorten company or accountName",
  ],
  [
    "an active certificate that is not in the ring",
    { signing: { active: "c2028", certificates: { c2026: "2028-11-30", c2027: "2028-12-31" } } },
    "[aws-payments/Sign on] signing.active is 'c2028', the ring has c2026, c2027; name one of signing.certificates",
  ],
  [
    "a ring without a certificate",
    { signing: { active: "c2026", certificates: {} } },
    "[aws-payments/Sign on] signing.active is 'c2026', the ring has no certificate; name one of signing.certificates",
  ],
  [
    "a certificate name that is no Terraform name",
    { signing: { active: "2026-a", certificates: { "2026-a": "2028-11-30" } } },
    "[aws-payments/Sign on] certificate name is '2026-a', Terraform addresses take a lower-case letter, then letters, digits or '_'; rename it before its first deploy",
  ],
  [
    "a certificate named like what stands beside it",
    { signing: { active: "Claims", certificates: { Claims: "2028-11-30" } } },
    "[aws-payments/Sign on] certificate name is 'Claims', Terraform addresses take a lower-case letter, then letters, digits or '_'; rename it before its first deploy",
  ],
  [
    "a role named like a stack's backend",
    roles({ Administrator: {}, backend: {} }),
    "[aws-payments] roles is 'backend', cdktf needs the word itself; rename the role",
  ],
  [
    "a role without a name",
    roles({ Administrator: {}, "": {} }),
    "[aws-payments] roles is '', cdktf needs the word itself; rename the role",
  ],
  [
    "a certificate that is published and retired at once",
    { signing: { active: "c2026", certificates: { c2026: "2028-11-30" }, retired: ["c2026"] } },
    "[aws-payments/Sign on] signing.retired is 'c2026', signing.certificates has the same name; keep it in one of the two",
  ],
  ...["30.11.2028", "2028-11-31", "2028-02-30", "2028-11-30T00:00:00Z", ""].map(
    (endDate): Case => [
      `an end date written '${endDate}'`,
      c2026(endDate),
      `[aws-payments/Sign on] signing.certificates.c2026 is '${endDate}', Terraform takes a day of the calendar as YYYY-MM-DD; correct it`,
    ],
  ),
  [
    "an app role id to keep for a role that is not there",
    { appRoles: declared({ keepRoleIds: { Admin: ids.group } }) },
    "[aws-payments] keepRoleIds is 'Admin', the account has Administrator; name one of them",
  ],
  [
    "an app role id to keep that is no GUID",
    { appRoles: declared({ keepRoleIds: { Administrator: "Administrator,WAAD" } }) },
    "[aws-payments] keepRoleIds.Administrator is 'Administrator,WAAD', Entra takes a GUID; copy the app role's ID from App registrations > App roles",
  ],
  [
    "a provisioning user that nobody takes for a service account",
    importing({ userName: "EntraRoleImport" }),
    "[aws-payments/Provisioning user] userName is 'EntraRoleImport', service accounts begin with 'Svc-', and IAM takes up to 64 of A-Z a-z 0-9 _ + = , . @ -; choose such a name",
  ],
  [
    "one name for both access keys",
    importing({ accessKeys: { active: "k1", standby: "k1" } }),
    "[aws-payments/Provisioning user] accessKeys.standby is 'k1', active has the same name; name the other key",
  ],
  [
    "an access key name that is no Terraform name",
    importing({ accessKeys: { active: "K-1" } }),
    "[aws-payments/Provisioning user] accessKeys is 'K-1', names are a lower-case letter, then letters, digits or '_'; rename it",
  ],
  [
    "a policy set that the organization does not have",
    { conditionalAccess: "strict" },
    "[aws-payments] conditionalAccess is 'strict', the organization has no policy set; name one of conditionalAccess.sets in organization.ts, or write the account's own",
  ],
  [
    "a policy set's name in another case",
    {
      conditionalAccess: "Recommended",
      organization: {
        conditionalAccess: { sets: { recommended: { covers: "everyone" }, strict: { covers: "groups" } } },
      },
    },
    "[aws-payments] conditionalAccess is 'Recommended', the organization has recommended, strict; name one of conditionalAccess.sets in organization.ts, or write the account's own",
  ],
  [
    "a name that every object has",
    { conditionalAccess: "constructor" },
    "[aws-payments] conditionalAccess is 'constructor', the organization has no policy set; name one of conditionalAccess.sets in organization.ts, or write the account's own",
  ],
  [
    "a risk at no level",
    { conditionalAccess: { covers: "everyone", signInRisk: { levels: [], require: "mfa" } } },
    "[aws-payments] conditionalAccess.signInRisk.levels is empty, Entra takes low, medium and high; name the levels at which somebody is asked",
  ],
  [
    "a risk at a level that Entra does not know",
    { conditionalAccess: { covers: "everyone", userRisk: { levels: ["high", "medum" as "low"], require: "block" } } },
    "[aws-payments] conditionalAccess.userRisk.levels is 'medum', Entra takes low, medium and high; name the levels at which somebody is asked",
  ],
  [
    "a password change for one application",
    { conditionalAccess: { covers: "everyone", userRisk: { levels: ["high"], require: "passwordChange" as "mfa" } } },
    "[aws-payments] conditionalAccess.userRisk.require is 'passwordChange', Entra takes a password change for all resources only; use allResources in stacks/tenant.ts",
  ],
  [
    "no location at all",
    { conditionalAccess: { covers: "everyone", locations: { named: [] } } },
    "[aws-payments] conditionalAccess.locations.named is empty, nobody could sign in from anywhere; name a location, or 'trusted'",
  ],
  [
    "a location by its name",
    { conditionalAccess: { covers: "everyone", locations: { named: ["Office"] } } },
    "[aws-payments] conditionalAccess.locations.named[0] is 'Office', Entra takes a GUID; copy the object ID of the named location from the Entra admin center",
  ],
  [
    "a sign-in frequency of half an hour",
    { conditionalAccess: { covers: "everyone", signInFrequency: { hours: 0.5 } } },
    "[aws-payments/MFA policy] conditionalAccess.signInFrequency.hours is 0.5, Entra takes whole hours or days from 1; choose such a number, or 'everyTime'",
  ],
  [
    "a sign-in frequency of minutes",
    { conditionalAccess: { covers: "everyone", signInFrequency: { minutes: 5 } as unknown as { hours: number } } },
    "[aws-payments/MFA policy] conditionalAccess.signInFrequency.minutes is 5, Entra takes whole hours or days from 1; choose such a number, or 'everyTime'",
  ],
  ...(
    [
      [{ days: 7 }, { hours: 1 }, "days: 7", "hours: 1"],
      [{ hours: 24 }, { days: 1 }, "hours: 24", "days: 1"],
      ["everyTime", "everyTime", "everyTime", "everyTime"],
    ] as const
  ).map(
    ([signInFrequency, usual, asked, general]): Case => [
      `a role that asks at ${asked} where everybody is asked at ${general}`,
      { ...administrator({ signInFrequency }), conditionalAccess: { covers: "everyone", signInFrequency: usual } },
      `[aws-payments] roles.Administrator.signInFrequency is '${asked}', the account asks everybody at '${general}', and the soonest counts; ask sooner, or leave it out`,
    ],
  ),
  ...(
    [
      ["mfa", undefined, "mfa"],
      ["mfa", "passwordless", "passwordless"],
      ["passwordless", "phishing-resistant", "phishing-resistant"],
      ["phishing-resistant", "phishing-resistant", "phishing-resistant"],
    ] as const
  ).map(
    ([require, everybody, general]): Case => [
      `a role that asks for ${require} where everybody is asked for ${general}`,
      { ...administrator({ require }), conditionalAccess: { covers: "everyone", require: everybody } },
      `[aws-payments] roles.Administrator.require is '${require}', the account asks everybody for '${general}'; ask for more, or leave it out`,
    ],
  ),
  [
    "a role that asks for the account's own strength, in upper case",
    {
      ...administrator({ require: { strength: ids.group.toUpperCase() } }),
      conditionalAccess: { covers: "everyone", require: { strength: ids.group } },
    },
    `[aws-payments] roles.Administrator.require is '${ids.group.toUpperCase()}', the account asks everybody for the same; ask for more, or leave it out`,
  ],
  [
    "a sign-in frequency of no day for a role",
    administrator({ signInFrequency: { days: 0 } }),
    "[aws-payments] roles.Administrator.signInFrequency.days is 0, Entra takes whole hours or days from 1; choose such a number, or 'everyTime'",
  ],
  [
    "a role's strength that is no GUID",
    administrator({ require: { strength: "Passkeys" } }),
    "[aws-payments/Administrator sign-in policy] roles.Administrator.require.strength is 'Passkeys', Entra takes a GUID; copy the ID of the authentication strength",
  ],
  [
    "a risk's strength that is no GUID",
    {
      conditionalAccess: { covers: "everyone", signInRisk: { levels: ["high"], require: { strength: "Passkeys" } } },
    },
    "[aws-payments/Sign-in risk policy] conditionalAccess.signInRisk.require.strength is 'Passkeys', Entra takes a GUID; copy the ID of the authentication strength",
  ],
  [
    "an eligible person by their name",
    eligibleAdministrator({ users: ["anna@fabrikam.example"] }),
    `${ELIGIBILITY} membership.users[0] is 'anna@fabrikam.example', Entra takes a GUID; copy the object ID of the person from the Entra admin center`,
  ],
  [
    "an eligible group by its name",
    eligibleAdministrator({ groups: [ids.group, "Operators"] }),
    `${ELIGIBILITY} membership.groups[1] is 'Operators', Entra takes a GUID; copy the object ID of the group from the Entra admin center`,
  ],
  [
    "somebody who is eligible twice, whatever the case of the id",
    eligibleAdministrator({ users: [ids.group, ids.group.toUpperCase()] }),
    `${ELIGIBILITY} membership is '${ids.group.toUpperCase()}', Entra takes each person and group once; remove one`,
  ],
  [
    "a group that is eligible for itself",
    eligibleAdministrator({ groups: [ids.group] }, { group: { existing: ids.group.toUpperCase() } }),
    `${ELIGIBILITY} membership.groups is '${ids.group.toUpperCase()}', a group cannot be eligible for itself; name the group that its people come from`,
  ],
  [
    "an eligibility of 60 days",
    eligibleAdministrator({ expiresAfterDays: 60 as 90 }),
    `${ELIGIBILITY} membership.expiresAfterDays is 60, Entra takes 15, 30, 90, 180, 365; choose one, or leave it out for an eligibility without an end`,
  ],
  ...[0, 0.25, 1.2, 23.75, 24.5].map(
    (maximumHours): Case => [
      `an activation of ${maximumHours} hours`,
      eligibleAdministrator({ activation: { maximumHours } }),
      `${ELIGIBILITY} activation.maximumHours is ${maximumHours}, Entra takes 0.5 to 24 in steps of 0.5; choose one of them`,
    ],
  ),
  ...["C1", "c0", "c100", "Administrators"].map(
    (authenticationContext): Case => [
      `the authentication context ${authenticationContext}`,
      eligibleAdministrator({ activation: { require: { authenticationContext } } }),
      `${ELIGIBILITY} activation.require.authenticationContext is '${authenticationContext}', Entra takes c1 to c99; copy the ID from Conditional Access > Authentication contexts`,
    ],
  ),
  ...(["nothing", { authenticationContext: "c1" }] as const).map(
    (require): Case => [
      `an activation that asks for ${typeof require === "string" ? require : "a context alone"}`,
      eligibleAdministrator({ activation: { require, justification: false } }),
      `${ELIGIBILITY} activation.justification is false, the provider then leaves Entra's own settings in force unseen; ask for 'mfa', a justification or a ticket`,
    ],
  ),
  [
    "an approval by nobody",
    eligibleAdministrator({ activation: { approvers: { users: [] } } }),
    `${ELIGIBILITY} activation.approvers is empty, Entra takes an approval with at least one approver; name two or more, or leave approvers out`,
  ],
  [
    "an approver by their name",
    eligibleAdministrator({ activation: { approvers: { users: ["otto"] } } }),
    `${ELIGIBILITY} activation.approvers.users[0] is 'otto', Entra takes a GUID; copy the object ID of the approver from the Entra admin center`,
  ],
  [
    "approvers by the name of their group",
    eligibleAdministrator({ activation: { approvers: { groups: ["Leads"] } } }),
    `${ELIGIBILITY} activation.approvers.groups[0] is 'Leads', Entra takes a GUID; copy the object ID of the approvers' group from the Entra admin center`,
  ],
  [
    "an approver who is named twice",
    eligibleAdministrator({ activation: { approvers: { users: [ids.group], groups: [ids.group] } } }),
    `${ELIGIBILITY} activation.approvers is '${ids.group}', Entra takes each person and group once; remove one`,
  ],
  [
    "an administrative unit by its name",
    administrator({ group: { name: "Admins", protection: { administrativeUnit: "Protected groups" } } }),
    "[aws-payments/Administrator group] group.protection.administrativeUnit is 'Protected groups', Entra takes a GUID; copy the administrative unit's object ID from the Entra admin center",
  ],
  [
    "eligible members of a group in a restricted administrative unit",
    eligibleAdministrator({}, { group: { name: "Admins", protection: { administrativeUnit: ids.group } } }),
    "[aws-payments] roles.Administrator.membership is 'eligible()', PIM manages no group in a restricted management administrative unit (learn.microsoft.com, admin-units-restricted-management); take 'roleAssignable', or leave the membership permanent",
  ],
];

const warnings: readonly Case[] = [
  [
    "sessions that outlive the activation",
    {
      ...eligibleAdministrator({ activation: { maximumHours: 1.5 } }, { maxSessionDurationSec: 7200 }),
      claims: { sessionDurationSec: 5400 },
    },
    "[aws-payments] roles.Administrator.maxSessionDurationSec is 7200, an activation ends after 5400 s at the latest, and AWS ends no session with it: the console's runs for 5400 s, a command line tool's for up to 7200 s; shorten them, or raise activation.maximumHours",
  ],
  [
    "an activation that is shorter than any session",
    eligibleAdministrator({ activation: { maximumHours: 0.5 } }),
    "[aws-payments] roles.Administrator.maxSessionDurationSec is 3600, an activation ends after 1800 s at the latest, and AWS ends no session with it: the console's runs for 3600 s, a command line tool's for up to 3600 s; AWS takes no role with less than 3600 s, so raise activation.maximumHours to 1 at least",
  ],
  [
    "an approval by the members of the role's own group alone",
    eligibleAdministrator(
      { users: [ids.otherDeployer], activation: { approvers: { groups: [ids.group.toUpperCase()] } } },
      { group: { existing: ids.group } },
    ),
    `${ELIGIBILITY} activation.approvers.groups is '${ids.group.toUpperCase()}', it is the role's own group, whose members are those who have activated already, so nobody can be the first; name another group`,
  ],
  [
    "a break-glass group whose members are eligible",
    {
      ...eligibleAdministrator({ groups: [ids.group] }),
      organization: { breakGlass: { users: [ids.breakGlass], groups: [ids.group.toUpperCase()] } },
    },
    `[aws-payments] roles.Administrator.membership.groups is '${ids.group}', breakGlass.groups has the same group, so who activates enters without MFA; use another group`,
  ],
  [
    "a break-glass account that is eligible",
    eligibleAdministrator({ users: [ids.breakGlass.toUpperCase()] }),
    `[aws-payments] roles.Administrator.membership.users is '${ids.breakGlass.toUpperCase()}', breakGlass.users has the same account, so it enters without MFA once it has activated; name a person's own account`,
  ],
  [
    "a person who alone approves, and cannot for themselves",
    eligibleAdministrator({ users: [ids.group], activation: { approvers: { users: [ids.group] } } }),
    `${ELIGIBILITY} activation.approvers.users is '${ids.group}', nobody approves their own activation (learn.microsoft.com, pim-approval-workflow), so this person cannot activate; name another approver`,
  ],
  [
    "a break-glass group that may enter with a role",
    {
      ...administrator({ group: { existing: ids.group } }),
      organization: { breakGlass: { users: [ids.breakGlass], groups: [ids.group.toUpperCase()] } },
    },
    `[aws-payments] roles.Administrator.group is '${ids.group}', breakGlass.groups has the same group, so its members enter without MFA; use another group`,
  ],
  [
    "a policy that only reports",
    { conditionalAccess: { covers: "everyone", state: "report-only" } },
    "[aws-payments/MFA policy] conditionalAccess.state is 'report-only', nobody is asked for a second factor by it; turn it on when the sign-in log looks right",
  ],
  [
    "a policy that is off",
    { conditionalAccess: { covers: "groups", state: "off" } },
    "[aws-payments/MFA policy] conditionalAccess.state is 'off', nobody is asked for a second factor by it; turn it on when the sign-in log looks right",
  ],
  [
    "regions where only the default sign-in endpoint is known",
    { partition: "aws-us-gov", regions: ["us-gov-west-1", "us-gov-east-1"] },
    "[aws-payments] regions is 'us-gov-west-1', 'us-gov-east-1', no public page gives regional sign-in endpoints for partition aws-us-gov; people use the default one",
  ],
  [
    "an end date more than three years ahead",
    c2026("2029-12-02"),
    "[aws-payments/Sign on] signing.certificates.c2026 is '2029-12-02', Entra takes at most three years from the day of the deploy; choose an earlier day for a new certificate",
  ],
  [
    "an active certificate that has ended",
    c2026("2026-11-30"),
    "[aws-payments/Sign on] signing.certificates.c2026 is '2026-11-30', that is past, and this certificate is the active one; rotate it",
  ],
  [
    "an active certificate that ends within 60 days",
    c2026("2027-01-29"),
    "[aws-payments/Sign on] signing.certificates.c2026 is '2027-01-29', less than 60 days ahead; plan the rotation",
  ],
  [
    "access keys in a local state",
    { ...importing(), organization: { backend: (stack) => void new LocalBackend(stack) } },
    "[aws-payments] backend is 'local', THE ACCESS KEY OF ROLE IMPORT WOULD LIE IN A FILE IN CLEAR; give organization.ts an encrypted backend, or use declared()",
  ],
  [
    "access keys and no backend at all",
    { ...importing(), organization: { backend: () => {} } },
    "[aws-payments] backend is 'local', THE ACCESS KEY OF ROLE IMPORT WOULD LIE IN A FILE IN CLEAR; give organization.ts an encrypted backend, or use declared()",
  ],
];

/** Every message has one form, lower-case and without a full stop, since cdktf prints a path before it. */
const FORM = /^\[[^\]]+\] [a-z][^;]* is .+[,:] .+; .+[^.]$/s;

/** What is said while the stack is put together; the JSON is no part of it. */
function saidOf(changes: AccountChanges): { errors: string[]; warnings: string[] } {
  const stack = new AwsAccountStack(testApp(), "aws-payments", account(changes));
  return { errors: annotations(stack, "@cdktf/error"), warnings: annotations(stack, "@cdktf/warn") };
}

describe("refuses at synth", () => {
  test.each(errors)("%s", (_, changes, message) => {
    const said = saidOf(changes).errors;
    expect(said).toContain(message);
    expect(said).toEqual(said.map(() => expect.stringMatching(FORM)));
  });
});

describe("warns at synth, and goes on, of", () => {
  test.each(warnings)("%s", (_, changes, message) => {
    const said = saidOf(changes);
    expect(said.warnings).toEqual([message]);
    expect(said.warnings).toEqual([expect.stringMatching(FORM)]);
    expect(said.errors).toEqual([]);
  });
});

describe("has nothing to say of", () => {
  const fine: readonly (readonly [string, AccountChanges])[] = [
    ["a valid account that declares its roles", {}],
    ["a valid account that imports them", importing()],
    ["an account id that begins with zeros", { accountId: "000000000012" }],
    ["a role name of 64 characters, with all that IAM takes", roles({ [`Az09_+=,.@-${letters(53)}`]: {} })],
    ["a provider name of 128 characters", { samlProviderName: letters(128), ...roles({ R: {} }) }],
    [
      "role ARN and provider ARN of 239 characters",
      { ...administrator({ path: `/${letters(38)}/` }), samlProviderName: letters(115) },
    ],
    [
      "the shortest sessions",
      { ...administrator({ maxSessionDurationSec: 3600 }), claims: { sessionDurationSec: 900 } },
    ],
    [
      "the longest sessions",
      { ...administrator({ maxSessionDurationSec: 43_200 }), claims: { sessionDurationSec: 43_200 } },
    ],
    ["a trust policy as long as the quota", { quotas: { trustPolicyCharacters: 379 } }],
    ["a raised quota of trust policies", { regions: regions(40), quotas: { trustPolicyCharacters: 4096 } }],
    ["10 managed policies", administrator({ policies: regions(8), customerPolicies: ["a", "b"] })],
    [
      "a raised quota of managed policies",
      { ...administrator({ policies: regions(20) }), quotas: { managedPoliciesPerRole: 20 } },
    ],
    ["a description of 1,000 characters", administrator({ description: letters(1000) })],
    ["a path of several words", administrator({ path: "/teams/data/" })],
    ["a group name of 256 characters", administrator({ group: { name: letters(256) } })],
    ["an application name of 120 characters", { organization: { company: letters(94) } }],
    ["a leap day", c2026("2028-02-29")],
    ["nobody who is eligible by name", eligibleAdministrator({})],
    [
      "an approval by the role's own group and a person",
      eligibleAdministrator(
        { activation: { approvers: { groups: [ids.group], users: [ids.deployer] } } },
        { group: { existing: ids.group } },
      ),
    ],
    [
      "a role that is asked sooner, for more",
      {
        ...administrator({ require: "phishing-resistant", signInFrequency: { hours: 23 } }),
        conditionalAccess: { covers: "everyone", require: "passwordless", signInFrequency: { days: 1 } },
      },
    ],
    [
      "a role that is asked for a strength of its own, whatever the account's asks for",
      {
        ...administrator({ require: { strength: ids.group } }),
        conditionalAccess: { covers: "everyone", require: "phishing-resistant" },
      },
    ],
    [
      "an activation of a whole day, and sessions of 12 hours",
      eligibleAdministrator({ activation: { maximumHours: 24 } }, { maxSessionDurationSec: 43_200 }),
    ],
    [
      "a role-assignable group with eligible groups, which PIM takes",
      eligibleAdministrator({ groups: [ids.group] }, { group: { name: "Admins", protection: "roleAssignable" } }),
    ],
    [
      "an activation that asks for a ticket alone",
      eligibleAdministrator({ activation: { require: "nothing", justification: false, ticket: true } }),
    ],
    [
      "an eligible person who is one of two approvers",
      eligibleAdministrator({
        users: [ids.group],
        activation: { approvers: { users: [ids.group, ids.breakGlass] } },
      }),
    ],
    ["an end date three years ahead", c2026("2029-12-01")],
    ["an active certificate that ends in 61 days", c2026("2027-01-31")],
    [
      "an ended certificate that is not the active one",
      { signing: { active: "c2028", certificates: { c2026: "2026-11-30", c2028: "2028-11-30" } } },
    ],
    ["GovCloud and its region", { partition: "aws-us-gov", regions: ["us-gov-west-1"] }],
    ["China and its regions, with declared roles", { partition: "aws-cn", regions: ["cn-north-1", "cn-northwest-1"] }],
    [
      "regions of every shape in the commercial partition",
      { regions: ["us-east-1", "ap-southeast-7", "mx-central-1", "me-central-1"] },
    ],
    [
      "declared roles in a local state, which holds no secret",
      { organization: { backend: (stack) => void new LocalBackend(stack) } },
    ],
    [
      "a break-glass group without users, beside another group",
      {
        organization: { breakGlass: { users: [], groups: [ids.breakGlass] } },
        ...administrator({ group: { existing: ids.group } }),
      },
    ],
  ];
  test.each(fine)("%s", (_, changes) => {
    expect(saidOf(changes)).toEqual({ errors: [], warnings: [] });
  });
});

test("a name in two cases is refused with both addresses that clash", () => {
  expect(synthAccount(roles({ Administrator: {}, ADMINISTRATOR: {} })).errors).toEqual([
    expect.stringContaining("roles is 'ADMINISTRATOR'"),
    expect.stringContaining("resource address is 'aws_iam_role.administrator'"),
    expect.stringContaining("resource address is 'aws_iam_role_policy_attachments_exclusive.administrator'"),
    expect.stringContaining("resource address is 'aws_iam_role_policies_exclusive.administrator'"),
    expect.stringContaining("resource address is 'azuread_group.administrator_group'"),
    expect.stringContaining("resource address is 'azuread_app_role_assignment.administrator_group'"),
  ]);
});

test("what only Terraform knows passes: ids, numbers and names that are tokens", () => {
  const scope = new TerraformStack(testApp(), "elsewhere");
  const later = new TerraformVariable(scope, "later", {});
  const changes: AccountChanges = {
    organization: {
      tenantId: later.stringValue,
      domain: later.stringValue,
      owners: [later.stringValue],
      notificationEmails: [later.stringValue],
      breakGlass: { users: [later.stringValue], groups: [later.stringValue] },
    },
    landingRegion: later.stringValue,
    conditionalAccess: { covers: "everyone", require: { strength: later.stringValue } },
    ...administrator({
      group: { existing: later.stringValue },
      policies: [later.stringValue],
      permissionsBoundary: later.stringValue,
      maxSessionDurationSec: later.numberValue,
    }),
  };
  expect(saidOf(changes)).toEqual({ errors: [], warnings: [] });
});

describe("below super(), and outside the account stack", () => {
  test("test users of a role that is not there are refused", () => {
    expect(synthAccount({}, (stack) => stack.addTestUsersOf({ Admin: "Test-AWSAdmin" })).errors).toEqual([
      "[aws-payments] addTestUsers is 'Admin', the account has Administrator; name one of them",
    ]);
  });

  test("a test user named like a role is refused", () => {
    expect(synthAccount({}, (stack) => stack.addTestUsersOf({ Administrator: "Administrator" })).errors).toEqual([
      "[aws-payments] addTestUsers is 'Administrator', the account has a role or a test user of that name; choose another",
    ]);
  });

  test("a role may be named like anything else that a stack has", () => {
    const names = ["MfaPolicy", "EnterpriseApp", "Developer", "DeveloperGroup", "SignInUrl", "Identifier"];
    const { errors, json } = synthAccount(roles(Object.fromEntries(names.map((name) => [name, {}]))));
    expect(errors).toEqual([]);
    expect(Object.keys(json.resource?.["aws_iam_role"] ?? {})).toHaveLength(names.length);
  });

  test("two resources of one Terraform address are refused, since one of them would be lost", () => {
    const { errors } = synthAccount({}, (stack) => {
      new IamRole(stack, "administrator", { assumeRolePolicy: "{}" });
    });
    expect(errors).toEqual([
      "[aws-payments/administrator] resource address is 'aws_iam_role.administrator', aws-payments/Administrator/Resource has the same and one of the two would be lost; rename one",
    ]);
    expect(errors).toEqual([expect.stringMatching(FORM)]);
  });

  test.each([
    [
      "999 characters",
      letters(999),
      [
        "[stack/Provider] metadata length is 999, IAM takes 1,000 to 10,000,000 characters; pass the whole federation metadata document",
      ],
    ],
    ["1,000 characters", letters(1_000), []],
    ["10,000,000 characters", letters(10_000_000), []],
    [
      "10,000,001 characters",
      letters(10_000_001),
      [
        "[stack/Provider] metadata length is 10000001, IAM takes 1,000 to 10,000,000 characters; pass the whole federation metadata document",
      ],
    ],
  ])("metadata of %s", (_, metadata, expected) => {
    const { errors } = synthScope((stack) => {
      new SamlProvider(stack, "Provider", { account: { partition: "aws", accountId: "210987654321" }, metadata });
    });
    expect(errors).toEqual(expected);
  });
});

describe("HCL output", () => {
  const hcl = (changes: AccountChanges) => {
    const stack = new AwsAccountStack(hclApp(), "aws-payments", account(changes));
    return { errors: annotations(stack, "@cdktf/error"), warnings: annotations(stack, "@cdktf/warn") };
  };
  const incomplete =
    "[aws-payments] output is 'HCL', cdktf leaves out what guards a rotation, names pending roles and replaces what goes by the name of something replaced; the JSON in cdktf.out is plain Terraform too, and complete";

  test("is refused while a certificate is retired", () => {
    expect(hcl({ signing: { active: "c2028", certificates: { c2028: "2028-11-30" }, retired: ["c2026"] } })).toEqual({
      errors: [
        "[aws-payments/Sign on] signing.retired is 'c2026', synth --hcl drops 'removed' blocks, and Terraform would delete the wrong certificate; synthesize JSON, or deploy once and empty signing.retired first",
      ],
      warnings: [incomplete],
    });
  });

  test("is only warned of otherwise", () => {
    expect(hcl({})).toEqual({ errors: [], warnings: [incomplete] });
  });
});

describe("over the whole list of accounts", () => {
  const together = (...list: readonly AccountChanges[]) => {
    const app = testApp();
    const stacks = list.map((changes, i) => new AwsAccountStack(app, `aws-account${i + 1}`, account(changes)));
    checkTogether(stacks);
    return { errors: annotations(app, "@cdktf/error"), warnings: annotations(app, "@cdktf/warn") };
  };

  test("accounts with nothing in common pass", () => {
    const other = { accountId: "210987654322", accountName: "Data" };
    expect(together({}, other)).toEqual({ errors: [], warnings: [] });
  });

  test("the same account id is refused, and the identifier that follows from it", () => {
    expect(together({}, { accountName: "Data" }).errors).toEqual([
      "[aws-account2] accountId is '210987654321', aws-account1 has the same: one AWS account has one stack; correct one of them",
      "[aws-account2] identifier is 'https://signin.aws.amazon.com/saml#210987654321', aws-account1 has the same: Entra takes an identifier once in a tenant; correct accountId",
    ]);
  });

  test("the same application name is refused, whatever its case", () => {
    const payments = together({}, { accountName: "PAYMENTS" }).errors;
    expect(payments).toContain(
      "[aws-account2] application name is 'AWS Fabrikam PAYMENTS 210987654321', aws-account1 has the same: Entra takes a name once; give the accounts different names",
    );
  });

  test("the same group name is refused, the derived one and the chosen one", () => {
    const message = (name: string) =>
      `[aws-account2] group name is '${name}', aws-account1 has the same: two accounts would share their people; give the accounts different names`;
    expect(together({}, { accountId: "210987654322" }).errors).toEqual([
      expect.stringContaining("[aws-account2] accountName is 'Payments'"),
      message("AWS-Payments-Administrators"),
    ]);
    const chosen = {
      accountId: "210987654322",
      accountName: "Data",
      ...administrator({ group: { name: "aws-payments-administrators" } }),
    };
    expect(together({}, chosen).errors).toEqual([message("aws-payments-administrators")]);
  });

  test("the same test user is refused", () => {
    const app = testApp();
    const stacks = [{}, { accountId: "210987654322", accountName: "Data" }].map((changes, i) => {
      const stack = new AccountUnderTest(app, `aws-account${i + 1}`, account(changes));
      stack.addTestUsersOf({ Administrator: "Test-AWSAdmin" });
      return stack;
    });
    checkTogether(stacks);
    expect(annotations(app, "@cdktf/error")).toEqual([
      "[aws-account2] test user is 'Test-AWSAdmin', aws-account1 has the same: Entra takes a user name once; give the accounts different test users",
    ]);
  });

  test("the same stack id is refused, beside everything else that is wrong", () => {
    const app = testApp();
    const other = { accountId: "210987654322", accountName: "Data", claims: { sessionDurationSec: 1 } };
    for (const changes of [{}, other]) new AwsAccountStack(app, "aws-account1", account(changes));
    expect(annotations(app, "@cdktf/error")).toEqual([
      "[aws-account1-again] stack id is 'aws-account1', another account has the same; give each account its own",
      expect.stringContaining("sessionDurationSec is 1"),
    ]);
  });

  test("one existing group may enter many accounts", () => {
    const shared = administrator({ group: { existing: ids.group } });
    expect(together(shared, { ...shared, accountId: "210987654322", accountName: "Data" }).errors).toEqual([]);
  });

  test("one existing group with eligible members for one role and permanent ones for another is refused, and sessions outlive the activation", () => {
    const group = { existing: ids.group };
    const short = eligibleAdministrator({ activation: { maximumHours: 1 } }, { group });
    const permanent = (message: string, id: string) =>
      `${message} is 'permanent', aws-account1 has eligible members for Administrator in the same group '${id}', who activate for both; give each role a group of its own`;
    const session = (message: string) =>
      `${message} is 43200, an activation ends after 3600 s at the latest, and AWS ends no session with it: the console's runs for 3600 s, a command line tool's for up to 43200 s; shorten them, or raise activation.maximumHours`;
    const long = { maxSessionDurationSec: 43_200 };
    const other = { accountId: "210987654322", accountName: "Data" };
    expect(
      together(short, { ...other, ...administrator({ group: { existing: ids.group.toUpperCase() }, ...long }) }),
    ).toEqual({
      errors: [permanent("[aws-account2] roles.Administrator.membership", ids.group.toUpperCase())],
      warnings: [session("[aws-account2] roles.Administrator.maxSessionDurationSec")],
    });
    expect(together(roles({ ...short.roles, Auditor: { group, ...long } }))).toEqual({
      errors: [permanent("[aws-account1] roles.Auditor.membership", ids.group)],
      warnings: [session("[aws-account1] roles.Auditor.maxSessionDurationSec")],
    });
  });

  test("the same account name is refused, whatever its case: policies would have the same names", () => {
    const group = administrator({ group: { existing: ids.group } });
    expect(together(group, { ...group, accountId: "210987654322", accountName: "PAYMENTS" }).errors).toEqual([
      "[aws-account2] accountName is 'PAYMENTS', aws-account1 has the same: policies are told apart by it, in Entra and in the guards of a plan; give the accounts different names",
    ]);
  });

  test("one existing group with eligible members in two accounts is refused", () => {
    const shared = eligibleAdministrator({}, { group: { existing: ids.group } });
    expect(together(shared, { ...shared, accountId: "210987654322", accountName: "Data" }).errors).toEqual([
      `[aws-account2] eligible group is '${ids.group}', aws-account1 has the same: Entra has one set of activation rules for a group; give each role a group of its own`,
    ]);
  });

  test("more role-assignable groups than a tenant takes are refused", () => {
    const many = (count: number, name: string) =>
      roles(
        Object.fromEntries(
          Array.from({ length: count }, (_, i) => [
            `R${i}`,
            { group: { name: `${name}-${i}`, protection: "roleAssignable" } } as const,
          ]),
        ),
      );
    const other = { accountId: "210987654322", accountName: "Data" };
    expect(together(many(300, "A"), { ...many(200, "B"), ...other }).errors).toEqual([]);
    expect(together(many(300, "A"), { ...many(201, "B"), ...other }).errors).toEqual([
      "[aws-account2] number of role-assignable groups in all accounts is 501, Entra takes 500 in a tenant, those made elsewhere included; protect the groups of administrators alone",
    ]);
  });

  test("sample ids of eligible people and approvers that are still in place are named", () => {
    const sample = (last: string) => `00000000-0000-0000-0000-0000000000${last}`;
    const membership = eligible({
      groups: [ids.group, sample("e1")],
      activation: { approvers: { users: [sample("e2")] } },
    });
    expect(together(administrator({ membership })).warnings).toEqual([
      `[aws-account1] roles.Administrator.membership.groups.1 is '${sample("e1")}', a sample; fill in your own`,
      `[aws-account1] roles.Administrator.membership.activation.approvers.users.0 is '${sample("e2")}', a sample; fill in your own`,
    ]);
  });

  test("two roles of one account with one group name are refused", () => {
    const group = { name: "AWS-Everyone" };
    expect(together(roles({ Reader: { group }, Writer: { group } })).errors).toEqual([
      "[aws-account1] group name is 'AWS-Everyone', aws-account1 has the same: two accounts would share their people; give the accounts different names",
    ]);
  });

  /** What a clone has in organization.ts before anybody filled it in. */
  const samples = {
    company: "Contoso",
    tenantId: "00000000-0000-0000-0000-00000000c0de",
    domain: "contoso.onmicrosoft.com",
    owners: ["00000000-0000-0000-0000-0000000000d1"],
    breakGlass: { users: ["00000000-0000-0000-0000-0000000000b1", ids.breakGlass] },
    notificationEmails: ["identity@contoso.com"],
    backend: (stack: TerraformStack) => {
      new S3Backend(stack, { bucket: "contoso-terraform-state", key: "state", region: "eu-west-1" });
    },
  };

  test("sample values that are still in place are named, those of the organization once", () => {
    const accounts: AccountChanges[] = ["111122223333", "444455556666"].map((accountId) => ({
      accountId,
      accountName: `Account${accountId}`,
      organization: samples,
    }));
    const organization = (path: string, value: string) =>
      `[aws-account1] organization.${path} is '${value}', a sample; fill in your own in stacks/organization.ts`;
    const { warnings } = together(...accounts);
    expect(warnings).toEqual([
      "[aws-account1] accountId is '111122223333', a sample; fill in your own",
      organization("company", "Contoso"),
      organization("tenantId", "00000000-0000-0000-0000-00000000c0de"),
      organization("domain", "contoso.onmicrosoft.com"),
      organization("owners.0", "00000000-0000-0000-0000-0000000000d1"),
      organization("breakGlass.users.0", "00000000-0000-0000-0000-0000000000b1"),
      organization("notificationEmails.0", "identity@contoso.com"),
      organization("backend.s3.bucket", "contoso-terraform-state"),
      "[aws-account2] accountId is '444455556666', a sample; fill in your own",
    ]);
    expect(warnings).toEqual(warnings.map(() => expect.stringMatching(FORM)));
  });

  test("an empty list has nothing to check", () => {
    expect(together()).toEqual({ errors: [], warnings: [] });
  });
});

describe("problems of more than one stack", () => {
  const outdir = mkdtempSync(join(tmpdir(), "errors-"));
  afterAll(() => rmSync(outdir, { recursive: true }));

  /** What `main.ts` does, with two broken accounts. */
  function broken(): App {
    const app = new App({ outdir, stackTraces: false });
    const stacks = [
      new AccountUnderTest(app, "aws-account1", account({ accountId: "1", claims: { sessionDurationSec: 1 } })),
      new AccountUnderTest(app, "aws-account2", account({ accountId: "1", organization: { owners: ["me"] } })),
    ];
    checkTogether(stacks);
    return app;
  }

  test("are all in what the cdktf CLI prints", () => {
    // The CLI sets it, reads the manifest, and prints every annotation itself before it fails.
    process.env["CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS"] = "true";
    try {
      broken().synth();
    } finally {
      delete process.env["CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS"];
    }
    const { stacks } = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8")) as {
      stacks: Record<
        string,
        { annotations: { constructPath: string; level: string; message: string; stacktrace?: unknown }[] }
      >;
    };
    const said = Object.values(stacks).flatMap((stack) => stack.annotations);
    expect(said.map(({ constructPath, message }) => `[${constructPath}] ${message.split(",")[0]}`)).toEqual([
      "[aws-account1] accountId is '1'",
      "[aws-account1/Sign on] sessionDurationSec is 1",
      "[aws-account2] accountId is '1'",
      "[aws-account2] accountId is '1'",
      "[aws-account2] accountName is 'Payments'",
      "[aws-account2] application name is 'AWS Fabrikam Payments 1'",
      "[aws-account2] identifier is 'https://signin.aws.amazon.com/saml#1'",
      "[aws-account2] group name is 'AWS-Payments-Administrators'",
      "[aws-account2/Enterprise app] owners[0] is 'me'",
      "[aws-account2/Administrator group] owners[0] is 'me'",
    ]);
    // A line each, not a page each.
    expect(said.filter(({ stacktrace }) => stacktrace !== undefined)).toEqual([]);
  });

  test("are those of the first broken stack when main.ts runs without the CLI, which stops there", () => {
    expect(() => broken().synth()).toThrow(
      /\[aws-account1\] accountId is '1', .*\n\[aws-account1\/Sign on\] sessionDurationSec is 1, /,
    );
  });
});
