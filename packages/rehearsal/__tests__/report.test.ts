import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { XMLValidator } from "fast-xml-parser";
import { Cloud, type CloudState } from "../../local-cloud/cloud/cloud";
import type { ConditionalAccessConditions, ConditionalAccessPolicy } from "../../local-cloud/cloud/entra/state";
import type { TenantState } from "../../local-cloud/cloud/entra/tenant";
import { deployedAccount, indexTenants } from "../report/deployed-account";
import { diagrams, outdated } from "../report/diagrams";
import { eligibilityRows, factsOf, policyRow, sharedRows, timeOf } from "../report/facts";
import { renderHtml } from "../report/html";
import { renderMarkdown } from "../report/markdown";
import { flowToMermaid, sequenceToMermaid } from "../report/mermaid";
import { isGreen, type Report } from "../report/model";
import { type FlowPicture, roleImportPicture, roleMapping, signInPicture } from "../report/pictures";
import { withSample } from "../report/sample";
import { flowToSvg, sequenceToSvg, standAlone } from "../report/svg";
import { lines, textWidth } from "../report/text";
import { examine } from "../report/write";
import type { SynthesizedStack } from "../run/stacks";
import { appOf, copyAccountsAlone, ONE, TENANT, TWO } from "./signin-deployed";

jest.setTimeout(300_000);

const PROJECT = `${__dirname}/../../..`;
const STACKS: Readonly<Record<string, string>> = { [ONE]: "aws-account1", [TWO]: "aws-account2" };

let deployed: CloudState;
let stacks: readonly SynthesizedStack[];
let pictures: ReadonlyMap<string, string>;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  try {
    copyAccountsAlone(folder);
    await withSample(folder, (sample) => {
      deployed = sample.cloud.snapshot();
      stacks = sample.stacks;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await withSample(PROJECT, (sample) => {
    pictures = diagrams(sample);
  });
});

/** What is deployed, after somebody changed it behind Terraform's back. */
function changed(change: (tenant: TenantState, state: CloudState) => void = () => {}): CloudState {
  const state = structuredClone(deployed);
  const tenant = state.tenants[TENANT];
  if (!tenant) throw new Error("no tenant");
  change(tenant, state);
  return state;
}

function accountIn(state: CloudState, accountId: string) {
  const account = deployedAccount(state, indexTenants(state), appOf(accountId));
  if (!account) throw new Error(`${accountId} is not deployed`);
  return account;
}

/** The report of one account. */
function reportOn(state: CloudState, accountId: string): Promise<Report> {
  return examine(
    new Cloud(undefined, state),
    stacks.filter(({ name }) => name === STACKS[accountId]),
  );
}

const named = <T extends { displayName: string }>(objects: Record<string, T>, name: string): T => {
  const found = Object.values(objects).find(({ displayName }) => displayName === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
};

const policyDocument = (Effect: "Allow" | "Deny", Action: string, Condition?: object): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect, Action, Resource: "*", Condition }] });

const MFA_TWO = "AWS Console - MFA - Account2";
const PHISHING_RESISTANT = "00000000-0000-0000-0000-000000000004";

/** One more policy for account 2, like its first one but for this. */
function another(tenant: TenantState, name: string, change: (policy: ConditionalAccessPolicy) => void): void {
  const policy = { ...structuredClone(named(tenant.conditionalAccessPolicies, MFA_TWO)), id: name, displayName: name };
  change(policy);
  tenant.conditionalAccessPolicies[name] = policy;
}

const isOf = (tenant: TenantState, appId: string, accountId: string): boolean =>
  Object.values(tenant.applications).some((app) => app.appId === appId && app.displayName.endsWith(accountId));

const blockWhen = (conditions: Partial<ConditionalAccessConditions>) => (policy: ConditionalAccessPolicy) => {
  Object.assign(policy.conditions, conditions);
  Object.assign(policy.grantControls ?? {}, { builtInControls: ["block"] });
};

/** Every way through the picture, by what stands in the boxes: "Ada > Developers > Developer". */
function ways({ columns, links }: FlowPicture): string[] {
  const texts = new Map(columns.flatMap(({ boxes }) => boxes.map(({ id, text }) => [id, text])));
  const from = (id: string): string[] => {
    const next = links.filter((link) => link.from === id).flatMap((link) => from(link.to));
    return next.length > 0 ? next.map((rest) => `${texts.get(id)} > ${rest}`) : [texts.get(id) ?? ""];
  };
  return [...texts.keys()].filter((id) => links.every(({ to }) => to !== id)).flatMap(from);
}

const odd = ({ columns }: FlowPicture) =>
  columns.flatMap(({ boxes }) => boxes.flatMap((box) => (box.odd ? [`${box.text}: ${box.note}`] : [])));

const person = (id: string, displayName: string) => ({
  id,
  displayName,
  userPrincipalName: `${displayName.toLowerCase()}@contoso.onmicrosoft.com`,
  mailNickname: displayName,
  accountEnabled: true,
  userType: "Member" as const,
  passwordIsSet: true,
  forceChangePasswordNextSignIn: false,
  passwordPolicies: null,
  details: {},
});

describe("the role mapping", () => {
  test("leads from people to policies, as the article draws it", () => {
    expect(ways(roleMapping(accountIn(changed(), ONE)))).toEqual([
      "Test-AWSAdmin > AWS-Account1-Administrators > Administrator > Administrator > AdministratorAccess",
      "Test-AWSDeveloper > AWS-Account1-Developers > Developer > Developer > AmazonS3FullAccess",
    ]);
  });

  test("shows a group without members, so that nobody takes it for forgotten", () => {
    expect(ways(roleMapping(accountIn(changed(), TWO))).join()).toContain("nobody yet > AWS-Account2-Developers > ");
  });

  test("leads a person who was assigned by hand straight to the app role", () => {
    const state = changed((tenant) => {
      tenant.users.ada = person("ada", "Ada");
      const [developer] = Object.values(tenant.appRoleAssignments).filter(
        ({ principalId }) => tenant.groups[principalId]?.displayName === "AWS-Account2-Developers",
      );
      if (!developer) throw new Error("nobody is assigned");
      tenant.appRoleAssignments.byHand = { ...developer, id: "byHand", principalId: "ada", principalType: "User" };
    });
    expect(ways(roleMapping(accountIn(state, TWO)))).toContain("Ada > Developer > Developer > AmazonS3FullAccess");
  });

  test("counts the members of a large group instead of drawing them all", () => {
    const state = changed((tenant) => {
      const group = named(tenant.groups, "AWS-Account2-Developers");
      for (let at = 0; at < 50; at += 1) {
        tenant.users[`u${at}`] = person(`u${at}`, `Person ${at}`);
        group.members.push(`u${at}`);
      }
    });
    const people = roleMapping(accountIn(state, TWO)).columns[0]?.boxes.map(({ text }) => text);
    expect(people).toEqual(["Person 0", "Person 1", "Person 2", "members of Existing group 00e1", "and 47 more"]);
  });

  test("says of a group inside a group that it gives no access", () => {
    const state = changed((tenant) => {
      named(tenant.groups, "AWS-Account2-Developers").members.push(named(tenant.groups, "AWS-Account1-Developers").id);
    });
    const groups = roleMapping(accountIn(state, TWO)).columns[1]?.boxes;
    expect(groups?.[1]?.note).toBe("AWS-Account1-Developers inside: no access");
  });

  test("marks a role that was deleted in AWS, a disabled app role and a disabled person", () => {
    const state = changed((tenant, { accounts }) => {
      delete accounts[ONE]?.roles.Developer;
      named(tenant.users, "Test-AWSAdmin").accountEnabled = false;
      for (const { importedAppRoles } of Object.values(tenant.servicePrincipals)) {
        for (const role of importedAppRoles) role.isEnabled = !role.displayName.startsWith("Administrator");
      }
    });
    expect(odd(roleMapping(accountIn(state, ONE)))).toEqual([
      "Test-AWSAdmin: disabled",
      "Administrator: disabled",
      "Administrator: its app role is disabled",
      "Developer: not in AWS",
    ]);
  });

  test("shows inline policies and a permissions boundary", () => {
    const state = changed((_, { accounts }) => {
      const role = accounts[TWO]?.roles.Developer;
      if (!role) throw new Error("no role");
      role.inlinePolicies = { ReadQueue: policyDocument("Allow", "sqs:ReceiveMessage") };
      role.permissionsBoundary = "arn:aws:iam::aws:policy/PowerUserAccess";
    });
    expect(roleMapping(accountIn(state, TWO)).columns[4]?.boxes.map(({ text }) => text)).toEqual([
      "AdministratorAccess",
      "AmazonS3FullAccess",
      "ReadQueue (inline)",
      "PowerUserAccess",
    ]);
  });
});

describe("the sign-in", () => {
  const texts = (state: CloudState, accountId: string) =>
    signInPicture(accountIn(state, accountId)).messages.map(({ text }) => text);
  const unusual = (state: CloudState, accountId: string) =>
    signInPicture(accountIn(state, accountId)).messages.flatMap((message) => (message.odd ? [message.text] : []));

  test("names policy, certificate, claims and roles as they are deployed", () => {
    expect(texts(changed(), TWO)).toEqual([
      "opens the tile of the account",
      "sign-in to the enterprise app",
      "may this person enter?",
      "asks everyone except 2 emergency accounts for MFA",
      "shows a second factor",
      "yes",
      "SAML response, signed with c2026: Role, RoleSessionName, SessionDuration",
      "right issuer, known certificate?",
      "yes, 1 certificate known",
      "AssumeRoleWithSAML from signin.aws.amazon.com or eu-west-1.signin.aws.amazon.com",
      "session as Administrator (up to 1 hour) or Developer (up to 4 hours)",
    ]);
    expect(unusual(changed(), TWO)).toEqual([]);
  });

  test("shows that report-only asks for nothing", () => {
    const state = changed((tenant) => {
      named(tenant.conditionalAccessPolicies, "AWS Console - MFA - Account2").state =
        "enabledForReportingButNotEnforced";
    });
    expect(unusual(state, TWO)).toEqual(["yes, without MFA (report-only)"]);
  });

  test("has a line for each policy of every sign-in, and one for all that count under conditions", () => {
    const state = changed((tenant) => {
      another(tenant, "Administrators", ({ conditions, grantControls }) => {
        Object.assign(conditions.users, {
          includeUsers: [],
          includeGroups: [named(tenant.groups, "AWS-Account2-Administrators").id],
          excludeGroups: [named(tenant.groups, "AWS-Account2-Developers").id],
        });
        Object.assign(grantControls ?? {}, { builtInControls: [], authenticationStrength: PHISHING_RESISTANT });
      });
      another(tenant, "Device code", blockWhen({ transferMethods: "deviceCodeFlow" }));
      another(tenant, "Legacy", blockWhen({ clientAppTypes: ["exchangeActiveSync", "other"] }));
      another(tenant, "Risk", ({ conditions }) => Object.assign(conditions, { signInRiskLevels: ["high"] }));
    });
    expect(texts(state, TWO).slice(3, 8)).toEqual([
      "asks members of AWS-Account2-Administrators except 2 emergency accounts and members of AWS-Account2-Developers for Phishing-resistant MFA",
      "asks everyone except 2 emergency accounts for MFA",
      "blocks device code flow, Exchange ActiveSync or legacy clients; asks more at sign-in risk high",
      "shows a second factor",
      "yes",
    ]);
    expect(unusual(state, TWO)).toEqual([]);
  });

  test("does not take a policy for some sign-ins for MFA", () => {
    const state = changed((tenant) => {
      Object.assign(named(tenant.conditionalAccessPolicies, MFA_TWO).conditions, { signInRiskLevels: ["high"] });
    });
    expect(unusual(state, TWO)).toEqual(["yes, without MFA (no policy)"]);
  });

  test("shows a certificate that AWS does not know, and one that nobody activated", () => {
    const unknown = changed((_, { accounts }) => {
      for (const { metadata } of Object.values(accounts[TWO]?.samlProviders ?? {})) {
        Object.assign(metadata, { certificates: [] });
      }
    });
    expect(unusual(unknown, TWO)).toEqual(["no"]);
    const inactive = changed((tenant) => {
      for (const principal of Object.values(tenant.servicePrincipals)) {
        principal.preferredTokenSigningKeyThumbprint = null;
      }
    });
    expect(unusual(inactive, TWO)[0]).toMatch(/^SAML response, not signed: no certificate is active/);
  });

  test("has role import where Entra imports the roles, and nowhere else", () => {
    const messages = roleImportPicture(accountIn(changed(), ONE))?.messages.map(({ text }) => text);
    expect(messages).toEqual([
      "signs in with its access key",
      "iam:ListRoles",
      "2 roles that trust the identity provider",
      "app roles Administrator, Developer",
    ]);
    expect(roleImportPicture(accountIn(changed(), TWO))).toBeUndefined();
  });

  test("shows a key that AWS no longer has", () => {
    const state = changed((_, { accounts }) => {
      for (const user of Object.values(accounts[ONE]?.users ?? {})) user.accessKeys = [];
    });
    expect(roleImportPicture(accountIn(state, ONE))?.messages[0]).toMatchObject({
      text: "has no key that AWS knows",
      odd: true,
    });
  });
});

describe("what Entra asks for", () => {
  const rows = (state: CloudState) => {
    const { policies } = accountIn(state, TWO);
    return policies.map((policy) => policyRow(policy, policies).join(" | "));
  };
  const fact = (state: CloudState) =>
    factsOf(accountIn(state, TWO)).find(({ label }) => label === "Conditional Access")?.value;

  test("is one row for each policy that reaches the application, those for every sign-in first", () => {
    const state = changed((tenant) => {
      another(tenant, "A risk", (policy) => {
        Object.assign(policy.conditions, { signInRiskLevels: ["high", "medium"] });
        policy.sessionControls = {
          applicationEnforcedRestrictions: false,
          cloudAppSecurity: "monitorOnly",
          disableResilienceDefaults: false,
          persistentBrowser: "never",
          signInFrequency: { value: 4, type: "hours", authenticationType: "", frequencyInterval: "timeBased" },
        };
      });
      another(
        tenant,
        "B places",
        blockWhen({ locations: { includeLocations: ["All"], excludeLocations: ["AllTrusted"] } }),
      );
      another(tenant, "C device", ({ grantControls }) => {
        Object.assign(grantControls ?? {}, { builtInControls: ["compliantDevice", "domainJoinedDevice"] });
      });
      another(tenant, "D strength", ({ grantControls }) => {
        Object.assign(grantControls ?? {}, { builtInControls: [], authenticationStrength: PHISHING_RESISTANT });
      });
      another(tenant, "E tenant", (policy) => {
        policy.conditions.applications.includeApplications = ["All"];
        policy.state = "enabledForReportingButNotEnforced";
      });
      another(tenant, "F elsewhere", (policy) => {
        policy.conditions.applications.includeApplications = ["somewhere else"];
      });
    });
    expect(rows(state)).toEqual([
      "AWS Console - MFA - Account2 | everyone | every sign-in | MFA",
      "C device | everyone | every sign-in | a compliant device or a hybrid joined device",
      "D strength | everyone | every sign-in | Phishing-resistant MFA by fido2 or windowsHelloForBusiness or x509CertificateMultiFactor",
      "E tenant (report-only) | everyone | every application | MFA",
      "A risk | everyone | sign-in risk high or medium | MFA, a new sign-in after 4 hours, Defender for Cloud Apps (monitorOnly), browser never stays signed in",
      "B places | everyone | from outside trusted locations | blocks",
    ]);
    expect(fact(state)).toBe("6 policies: 5 on, 1 report-only; leaves out Existing user 00b1, Existing user 00b2");
  });

  test("names who is left out, row by row, when it is not the same everywhere", () => {
    const state = changed((tenant) => {
      another(tenant, "Z", ({ conditions }) => Object.assign(conditions.users, { excludeUsers: [] }));
    });
    expect(rows(state).map((row) => row.split(" | ")[1])).toEqual([
      "everyone, leaves out Existing user 00b1, Existing user 00b2",
      "everyone, leaves out nobody",
    ]);
    expect(fact(state)).toBe("2 policies: 2 on; not all leave out the same");
  });

  test("stands in the page and in the Markdown", async () => {
    const report = await reportOn(changed(), TWO);
    expect(renderHtml(report)).toContain("<h3>What Entra asks for</h3>");
    expect(renderMarkdown(report)).toContain("| AWS Console - MFA - Account2 | everyone | every sign-in | MFA |");
  });
});

describe("what the tenant shares", () => {
  const RULE = 'CustomSecurityAttribute.AwsFederation_PolicySet -eq "recommended"';

  test("is a section of its own: by attribute, for every application, and what the policies speak of", async () => {
    const state = changed((tenant) => {
      another(tenant, "AWS Console - MFA - recommended", ({ conditions: { applications } }) => {
        Object.assign(applications, { includeApplications: [], applicationFilter: { mode: "include", rule: RULE } });
      });
      another(tenant, "Everywhere", ({ conditions }) => {
        Object.assign(conditions.applications, { includeApplications: ["All"] });
      });
      for (const principal of Object.values(tenant.servicePrincipals)) {
        if (isOf(tenant, principal.appId, TWO))
          principal.customSecurityAttributes = { AwsFederation: { PolicySet: "recommended" } };
      }
      tenant.namedLocations.office = {
        id: "office",
        displayName: "Office",
        kind: "ip",
        ipRanges: ["192.0.2.0/24"],
        isTrusted: true,
      };
      tenant.authenticationStrengths.keys = {
        id: "keys",
        displayName: "Keys",
        description: null,
        allowedCombinations: ["fido2"],
      };
    });
    const report = await examine(new Cloud(undefined, state), stacks);
    const [tenant, ...more] = report.tenants;
    expect(more).toEqual([]);
    expect(tenant && sharedRows(tenant).map((row) => row.join(" | "))).toEqual([
      'AWS Console - MFA - recommended | everyone | AwsFederation PolicySet is "recommended" | MFA | 1 account',
      "Everywhere | everyone | every application | MFA | 2 accounts",
    ]);
    expect(tenant?.facts).toEqual([
      { label: "Location Office", value: "192.0.2.0/24, trusted" },
      { label: "Strength Keys", value: "fido2" },
    ]);
    expect(renderHtml(report)).toContain('<h2 id="tenant-1-h">Shared by the tenant</h2>');
    expect(renderMarkdown(report)).toContain("## Shared by the tenant");
    expect(accountIn(state, TWO).policies.map(({ name }) => name)).toContain("AWS Console - MFA - recommended");
    expect(accountIn(state, ONE).policies.map(({ name }) => name)).not.toContain("AWS Console - MFA - recommended");
  });

  test("is not there where everything stands in the accounts", async () => {
    const { tenants } = await reportOn(
      changed((tenant) => Object.assign(tenant, { namedLocations: {}, authenticationStrengths: {} })),
      TWO,
    );
    expect(tenants).toEqual([]);
  });
});

describe("memberships that are activated", () => {
  const eligible = (change: (tenant: TenantState, group: string) => void = () => {}) =>
    changed((tenant) => {
      tenant.users.ada = person("ada", "Ada");
      const group = named(tenant.groups, "AWS-Account2-Developers").id;
      const schedule = { groupId: group, accessId: "member" as const, startDateTime: deployed.now };
      tenant.eligibilitySchedules.s = { ...schedule, id: "s", principalId: "ada", endDateTime: "2029-10-20T00:00:00Z" };
      const admins = named(tenant.groups, "AWS-Account2-Administrators").id;
      tenant.eligibilitySchedules.t = { ...schedule, id: "t", principalId: admins, endDateTime: null };
      tenant.roleManagementPolicies.p = {
        id: "p",
        groupId: group,
        roleId: "member",
        rules: {
          Expiration_Admin_Eligibility: { isExpirationRequired: false, maximumDuration: "P365D" },
          Expiration_Admin_Assignment: { isExpirationRequired: true, maximumDuration: "P180D" },
          Expiration_EndUser_Assignment: { isExpirationRequired: true, maximumDuration: "PT1H30M" },
          Enablement_Admin_Assignment: { enabledRules: [] },
          Enablement_EndUser_Assignment: { enabledRules: ["MultiFactorAuthentication", "Justification"] },
          AuthenticationContext_EndUser_Assignment: { isEnabled: false, claimValue: null },
          Approval_EndUser_Assignment: {
            isApprovalRequired: true,
            primaryApprovers: [{ type: "singleUser", id: "00000000-0000-0000-0000-0000000000b1" }],
          },
        },
      };
      change(tenant, group);
    });

  const rows = (state: CloudState) =>
    eligibilityRows(accountIn(state, TWO)).filter(([group]) => group === "AWS-Account2-Developers");

  test("say who may, on what terms, and that a session in AWS outlives them by its own length", () => {
    expect(rows(eligible())).toEqual([
      [
        "AWS-Account2-Developers",
        "Ada, until 2029-10-20; members of AWS-Account2-Administrators",
        "lasts up to 90 minutes; asks for MFA, a justification; one of these must agree: Existing user 00b1",
        "a session as Developer that begins in its last minute runs up to 4 hours longer",
      ],
    ]);
  });

  test("stand in the picture, where nobody takes the group for empty", () => {
    const mapping = roleMapping(accountIn(eligible(), TWO));
    expect(ways(mapping)).toContain(
      "Ada, members of AWS-Account2-Administrators > AWS-Account2-Developers > Developer > Developer > AmazonS3FullAccess",
    );
    const group = mapping.columns[1]?.boxes.find(({ text }) => text === "AWS-Account2-Developers");
    expect(group?.note).toBe("activated for up to 90 minutes");
  });

  test("are in the calendar when they end, and in both renderings", async () => {
    const report = await reportOn(eligible(), TWO);
    expect(report.calendar.filter(({ kind }) => kind === "eligible membership")).toMatchObject([
      { name: "Ada in AWS-Account2-Developers", due: "2029-10-20T00:00:00Z", attention: false },
    ]);
    expect(renderHtml(report)).toContain("<h3>Who may activate a membership</h3>");
    expect(renderMarkdown(report)).toContain("runs up to 4 hours longer");
  });

  test("count who is a member without activation", () => {
    const state = eligible((tenant, groupId) => {
      tenant.groups[groupId]?.members.push("ada");
    });
    expect(rows(state)[0]?.[1]).toMatch(/; without activation: 1 member$/);
  });

  test("make the report red where somebody is a member for good, whoever is beside them", async () => {
    const ada = "00000000-0000-0000-0000-0000000000ad";
    const join = (...groups: string[]) =>
      changed((tenant) => {
        tenant.users[ada] = person(ada, "Ada");
        for (const group of groups) named(tenant.groups, group).members.push(ada);
      });
    const rows = async (state: CloudState) =>
      (await reportOn(state, TWO)).accounts[0]?.access.filter(({ person: who }) => who === "Ada");
    const report = await reportOn(join("AWS-Account2-Administrators"), TWO);
    expect(renderMarkdown(report)).toContain("# ❌ 1 sign-in did not end as expected");
    expect(report.accounts[0]?.access[0]).toMatchObject({
      ...{ person: "Ada", outcome: "in", roles: ["Administrator"], good: false, expected: "refused: AADSTS50105" },
      because: "Administrator,MicrosoftEntraID by AWS-Account2-Administrators, but the membership is to be activated",
    });
    expect(await rows(join("AWS-Account2-Administrators", "AWS-Account2-Developers"))).toMatchObject([
      { good: false, expected: "in as Developer" },
      { good: true },
    ]);
    expect(await rows(join("AWS-Account2-Developers"))).toMatchObject([{ good: true }, { good: true }]);
  });

  test("say who is active now, and nothing of who no longer is", () => {
    const state = eligible((tenant, groupId) => {
      const activation = {
        groupId,
        principalId: "ada",
        status: "Provisioned" as const,
        justification: null,
        ticketInfo: { ticketNumber: null, ticketSystem: null },
        duration: "PT1H",
        createdDateTime: deployed.now,
        startDateTime: deployed.now,
      };
      tenant.activations.now = { ...activation, id: "now", endDateTime: "2099-01-01T00:00:00Z" };
      tenant.activations.past = { ...activation, id: "past", endDateTime: "2020-01-01T00:00:00Z" };
    });
    expect(rows(state)[0]?.[1]).toMatch(/; active: Ada until 2099-01-01T00:00:00Z$/);
  });
});

test("an incident stands above the pictures, with the roles that it is in", () => {
  const state = changed((_, { accounts }) => {
    const document = policyDocument("Deny", "*", { DateLessThan: { "aws:TokenIssueTime": "2026-11-25T14:00:00Z" } });
    for (const role of Object.values(accounts[TWO]?.roles ?? {})) role.inlinePolicies = { Incident: document };
  });
  const shut = changed((tenant) => {
    for (const principal of Object.values(tenant.servicePrincipals)) principal.accountEnabled = false;
  });
  expect(factsOf(accountIn(shut, TWO))).toContainEqual({
    label: "Who can sign in",
    value: "nobody: the application is disabled",
  });
  expect(factsOf(accountIn(state, TWO)).filter(({ label }) => label === "Denied")).toEqual([
    {
      label: "Denied",
      value: "Incident denies * if aws:TokenIssueTime DateLessThan 2026-11-25T14:00:00Z, in Administrator, Developer",
    },
  ]);
  const account = accountIn(state, TWO);
  expect(ways(roleMapping(account)).join()).not.toContain("Incident");
  expect(odd(roleMapping(account))).toEqual([
    "Administrator: up to 1 hour, denied by Incident",
    "Developer: up to 4 hours, denied by Incident",
  ]);
  expect(signInPicture(account).messages.at(-1)).toMatchObject({
    text: "session as Administrator (up to 1 hour, denied by Incident) or Developer (up to 4 hours, denied by Incident)",
    odd: true,
  });
});

describe("the access matrix", () => {
  test("has the people who are there, and every expectation once, whatever the number of endpoints", async () => {
    const { accounts } = await reportOn(changed(), TWO);
    const rows = accounts[0]?.access ?? [];
    expect(rows.filter(({ person: who }) => who === "outsider")).toMatchObject([
      {
        outcome: "refused",
        code: "AADSTS50105",
        refusal: "not assigned",
        good: true,
        expected: "refused: AADSTS50105",
      },
    ]);
    expect(rows.find(({ person: who }) => who === "outsider")?.endpoints).toHaveLength(2);
    const observed = (await reportOn(changed(), ONE)).accounts[0]?.access.filter(({ expected }) => !expected);
    expect(observed?.map(({ person: who, shows, outcome, roles }) => [who, shows, outcome, ...roles])).toEqual([
      ["Test-AWSAdmin", "passkey (FIDO2)", "in", "Administrator"],
      ["Test-AWSAdmin", "password alone", "refused"],
      ["Test-AWSDeveloper", "passkey (FIDO2)", "in", "Developer"],
      ["Test-AWSDeveloper", "password alone", "refused"],
    ]);
  });

  test("is green as deployed, and red with its reason when MFA is switched off", async () => {
    expect(isGreen(await reportOn(changed(), TWO))).toBe(true);
    const state = changed((tenant) => {
      named(tenant.conditionalAccessPolicies, "AWS Console - MFA - Account2").state = "disabled";
    });
    const report = await reportOn(state, TWO);
    expect(isGreen(report)).toBe(false);
    expect(renderHtml(report)).toContain("<title>Access NOT as expected: 1 AWS account</title>");
    expect(renderHtml(report)).toContain("should be refused: AADSTS50076");
    expect(renderMarkdown(report)).toContain("# ❌ 5 sign-ins did not end as expected");
  });

  test("says of a session without its controls what is missing, in the page and in the Markdown", async () => {
    const configured = structuredClone(stacks.find(({ name }) => name === "aws-account2"));
    if (!configured) throw new Error("account 2 is a stack");
    const { resource } = configured.configuration as {
      resource: { azuread_conditional_access_policy: Record<string, object> };
    };
    Object.assign(resource.azuread_conditional_access_policy.mfa_policy ?? {}, {
      session_controls: {
        cloud_app_security_policy: "monitorOnly",
        sign_in_frequency: 8,
        sign_in_frequency_period: "hours",
      },
    });
    const state = changed((tenant) => {
      named(tenant.conditionalAccessPolicies, MFA_TWO).sessionControls = {
        ...{ cloudAppSecurity: null, persistentBrowser: null },
        signInFrequency: { frequencyInterval: "timeBased", type: "hours", value: 24 },
      } as ConditionalAccessPolicy["sessionControls"];
    });
    const report = await examine(new Cloud(undefined, state), [configured]);
    const bad = report.accounts[0]?.access.find(
      ({ person: who, good }) => who.startsWith("member of AWS-Account2-Dev") && !good,
    );
    expect(bad).toMatchObject({
      outcome: "in",
      expected: "in as Developer; through Defender for Cloud Apps (monitorOnly); asked again after 8 hours",
      because:
        "not through Defender for Cloud Apps (monitorOnly); not asked again after 8 hours; asked again after 24 hours",
    });
    for (const text of [renderHtml(report), renderMarkdown(report)])
      expect(text).toContain("In as Developer; asked again after 24 hours");
    expect(renderHtml(report)).toContain(`should be ${bad?.expected}`);
  });

  test("is red where nobody can tell", async () => {
    const state = changed((tenant) => {
      const policy = named(tenant.conditionalAccessPolicies, "AWS Console - MFA - Account1");
      policy.conditions.platforms = { includePlatforms: ["all"], excludePlatforms: [] };
    });
    const { accounts } = await reportOn(state, ONE);
    const observed = accounts[0]?.access.find(({ person: who }) => who === "Test-AWSAdmin");
    expect(observed).toMatchObject({ outcome: "cannot tell", good: false, link: "Conditional Access" });
  });

  test("waits with people whose role is not imported yet", async () => {
    const state = changed((tenant) => {
      for (const principal of Object.values(tenant.servicePrincipals)) principal.importedAppRoles = [];
      for (const [id, { principalId }] of Object.entries(tenant.appRoleAssignments)) {
        if (tenant.groups[principalId]?.displayName.startsWith("AWS-Account1")) delete tenant.appRoleAssignments[id];
      }
    });
    const report = await reportOn(state, ONE);
    expect(report.accounts[0]?.deployed?.pending.map(({ role, why }) => `${role} ${why}`)).toEqual([
      "Administrator waits for role import",
      "Developer waits for role import",
    ]);
    expect(isGreen(report)).toBe(true);
  });

  test("names people instead of object ids", async () => {
    const { accounts } = await reportOn(changed(), TWO);
    expect(accounts[0]?.access.map(({ person: who }) => who)).toContain(
      "emergency account Existing user 00b1 with Administrator",
    );
  });

  test("says so where nothing is deployed", async () => {
    const state = changed((tenant) => {
      tenant.applications = {};
    });
    const report = await reportOn(state, TWO);
    expect(isGreen(report)).toBe(false);
    expect(renderHtml(report)).toContain("No application has the identifier of the stack aws-account2.");
    expect(renderMarkdown(report)).toContain("No application has the identifier of aws-account2.");
  });
});

describe("the calendar", () => {
  const at = async (time: string) => {
    const state = changed();
    state.now = time;
    const { calendar } = await reportOn(state, ONE);
    return calendar.map(({ kind, name, due, left, age, attention, state: how }) => ({
      kind,
      name,
      due,
      left,
      age,
      attention,
      how,
    }));
  };

  test("has certificates by their end and keys 90 days after they were made, what is due first on top", async () => {
    const [key, certificate, ...more] = await at("2029-10-02T00:00:00.000Z");
    expect(certificate).toMatchObject({
      name: "c2026",
      left: 30,
      attention: true,
      how: "active: Entra signs with it",
    });
    expect(key).toMatchObject({
      kind: "access key",
      attention: true,
      how: "too old, active: role import signs in with it",
    });
    expect((key?.age ?? 0) + (key?.left ?? 0)).toBeGreaterThanOrEqual(89);
    expect((key?.age ?? 0) + (key?.left ?? 0)).toBeLessThanOrEqual(90);
    expect(key?.name).toMatch(/^Svc-EntraRoleImport …[A-Z2-7]{4}$/);
    expect(more).toEqual([]);
  });

  test("says by when a young key is to be rotated", async () => {
    const [key] = await at(deployed.now);
    expect(key).toMatchObject({ kind: "access key", attention: false, how: "active: role import signs in with it" });
    const { calendar } = await reportOn(changed(), ONE);
    expect(calendar[0] && timeOf(calendar[0])).toMatch(/^\d+ days? old, \d+ days left$/);
    expect(renderMarkdown(await reportOn(changed(), ONE))).toContain(`| rotate by ${key?.due.slice(0, 10)} |`);
  });

  test("asks for attention 60 days before the end, and says when it is over", async () => {
    const certificate = async (time: string) => (await at(time)).find(({ kind }) => kind === "signing certificate");
    expect(await certificate("2029-09-01T00:00:00.000Z")).toMatchObject({ left: 61, attention: false });
    expect(await certificate("2029-09-03T00:00:00.000Z")).toMatchObject({ left: 59, attention: true });
    expect(await certificate("2029-11-03T00:00:00.000Z")).toMatchObject({
      how: "expired, active: Entra signs with it",
    });
  });
});

describe("what is written", () => {
  test("holds no secret, no private key and no whole access key id", async () => {
    const state = changed();
    const report = await examine(new Cloud(undefined, state), stacks);
    const text = renderHtml(report) + renderMarkdown(report);
    const { signingKeys, synchronizationSecrets } = state.tenants[TENANT]?.private ?? {
      signingKeys: {},
      synchronizationSecrets: {},
    };
    const secrets = [
      ...Object.values(signingKeys).map((pem) => pem.split("\n")[1] ?? pem),
      ...Object.values(synchronizationSecrets).flatMap((list) => list.map(({ value }) => value)),
    ];
    expect(secrets.length).toBeGreaterThanOrEqual(4);
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/AKIA[A-Z2-7]{16}/);
  });

  test("takes names for text, never for markup", async () => {
    const evil = `</title><script>alert(1)</script>"|\`@octo`;
    const state = changed((tenant) => {
      const group = named(tenant.groups, "AWS-Account2-Developers");
      tenant.users.evil = person("evil", evil);
      group.members.push("evil");
      named(tenant.conditionalAccessPolicies, "AWS Console - MFA - Account2").displayName = evil;
    });
    const report = await reportOn(state, TWO);
    expect(renderHtml(report)).not.toContain("<script>alert");
    const outside = renderMarkdown(report).replace(/```mermaid[\s\S]*?```/g, "");
    expect(outside).not.toContain("<script");
    expect(outside).not.toMatch(/(?<!\\)\|`|@octo/);
    const account = accountIn(state, TWO);
    for (const mermaid of [flowToMermaid(roleMapping(account)), sequenceToMermaid(signInPicture(account))]) {
      expect(mermaid).toContain("#quot;|#96;@octo");
    }
    for (const svg of [flowToSvg(roleMapping(account), "a"), sequenceToSvg(signInPicture(account), "b")]) {
      expect(XMLValidator.validate(String(svg))).toBe(true);
    }
  });

  test("leaves room in a comment: what is broken first, the rest in the page", async () => {
    const state = changed((tenant) => {
      named(tenant.conditionalAccessPolicies, "AWS Console - MFA - Account2").state = "disabled";
    });
    const report = await examine(new Cloud(undefined, state), stacks);
    const [good, broken] = report.accounts;
    if (!good || !broken) throw new Error("two accounts are deployed");
    const many = { ...report, accounts: [...Array.from({ length: 299 }, () => good), broken] };
    const markdown = renderMarkdown(many);
    expect(markdown.length).toBeLessThanOrEqual(60_000);
    expect(/^## AWS .*$/m.exec(markdown)?.[0]).toBe("## AWS Contoso Account2 444455556666");
    expect(markdown).toMatch(/_\d+ more accounts stand in the page/);
  });
});

describe("the pictures", () => {
  test("in docs/images are current: else npm run diagrams", () => {
    expect(outdated(PROJECT, pictures)).toEqual([]);
  });

  test("are noticed when they are old or nobody's", () => {
    const first = [...pictures.keys()][0] ?? "";
    expect(outdated(PROJECT, new Map([...pictures, [first, "<svg/>"]]))).toEqual([first]);
    expect(outdated(PROJECT, new Map([...pictures].slice(1)))).toEqual([first]);
  });

  test("are whole files with title and description, and nothing that changes from deploy to deploy", () => {
    expect([...pictures.keys()]).toEqual([
      "aws-account1-roles.svg",
      "aws-account1-sign-in.svg",
      "aws-account1-import.svg",
      "aws-account2-roles.svg",
      "aws-account2-sign-in.svg",
    ]);
    for (const svg of pictures.values()) {
      expect(XMLValidator.validate(String(svg))).toBe(true);
      expect(svg).toMatch(/<title id="[\w-]+">[^<]+<\/title><desc id="[\w-]+">[^<]+<\/desc>/);
      expect(svg).toContain("prefers-color-scheme:dark");
      expect(svg).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-|\d{4}-\d\d-\d\d|AKIA|https?:\/\/(?!www\.w3\.org)/);
    }
  });

  test("put every text inside its box", () => {
    const box = {
      id: "a",
      text: "A-role-with-a-name-as-long-as-IAM-takes-it-sixty-four-characters",
      note: "x".repeat(90),
    };
    const svg = standAlone(
      flowToSvg(
        { title: "t", description: "d", columns: [{ name: "Roles", side: "AWS", boxes: [box] }], links: [] },
        "x",
      ),
    );
    const width = Number(/<rect class="b"[^>]* width="([\d.]+)"/.exec(svg)?.[1]);
    const texts = [...svg.matchAll(/<tspan[^>]*>([^<]+)</g)].map(([, line = ""]) => line);
    expect(texts.length).toBeGreaterThan(4);
    for (const line of texts) expect(textWidth(line, line.startsWith("x") ? 11 : 13)).toBeLessThanOrEqual(width - 20);
  });

  test("break lines between words, and nowhere lose a letter", () => {
    expect(lines("one two three", 60, 11)).toEqual(["one two", "three"]);
    expect(lines("AAAAAAAAAAAAAAAAAAAA", 60, 11).join("")).toBe("AAAAAAAAAAAAAAAAAAAA");
    expect(lines("", 60, 11)).toEqual([""]);
  });
});
