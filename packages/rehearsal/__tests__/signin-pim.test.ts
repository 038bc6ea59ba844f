import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cloud, CloudState } from "../../local-cloud/cloud/cloud";
import type { PolicyRules } from "../../local-cloud/cloud/entra/state";
import { deployedAccount, indexTenants } from "../report/deployed-account";
import { eligibilityRows } from "../report/facts";
import { activate } from "../signin/chain/activation";
import { ask } from "../signin/chain/session";
import { signIn } from "../signin/chain/sign-in";
import { signin } from "../signin/cli";
import { checkExpectations, expectationsOf } from "../signin/expectations/expectations";
import { addPerson, appOf, cloudOf, Deployment, TENANT, TWO } from "./signin-deployed";

jest.setTimeout(300_000);

/** The sample group of `stacks/account2.ts` whose members are eligible. */
const ELIGIBLE = "Existing group 00e1";
const CLOUD_TEAM = "00000000-0000-0000-0000-0000000000e1";
const GROUP = "AWS-Account2-Administrators";
const EVE = "eve@contoso.onmicrosoft.com";

let deployment: Deployment;
/** Account 2, and eve, who is eligible. */
let deployed: CloudState;
let eve: string;

beforeAll(async () => {
  deployment = await Deployment.start();
  await deployment.deploy("aws-account2");
  eve = await addPerson(deployment.bench.cloud, EVE, ELIGIBLE);
  deployed = deployment.bench.cloud.snapshot();
});

afterAll(() => deployment?.stop());

/** Lines that do not hold, once for all endpoints, and what came. */
async function failing(cloud: Cloud): Promise<[person: string, because: string][]> {
  const results = await checkExpectations(cloud, deployment.bench.stack("aws-account2"));
  const failed = results.filter(({ holds }) => !holds);
  return [...new Map(failed.map(({ expectation, because }) => [expectation.person, because]))];
}

const enter = (cloud: Cloud, mfa: "fido2" | "none" = "fido2") => signIn(cloud, { app: appOf(TWO), person: "eve", mfa });
const groupOf = (cloud: Cloud) => cloud.tenant(TENANT).groups.byDisplayName(GROUP)[0]?.id ?? "";
const activated = (cloud: Cloud) =>
  activate(cloud.tenant(TENANT), groupOf(cloud), eve, { reason: "on call", mfa: true });

describe("a person who is eligible", () => {
  test("is refused like a stranger, with the group that waits for the activation", async () => {
    const { broken } = await enter(cloudOf(deployed));
    expect(broken).toMatchObject({ link: "assignment", code: "AADSTS50105" });
    expect(broken?.because).toContain(`eligible, and not activated: ${GROUP}`);
  });

  test("is in once the membership is activated, and out when it ends", async () => {
    const cloud = cloudOf(deployed);
    expect(await activated(cloud)).toEqual({
      group: GROUP,
      minutes: 60,
      until: expect.stringMatching(/Z$/),
      approvedBy: "a member of Existing group 00e2",
    });
    expect((await enter(cloud)).sessions.map(({ roleName }) => roleName)).toEqual(["Administrator"]);
    cloud.clock.advance({ minutes: 60 });
    expect((await enter(cloud)).broken?.code).toBe("AADSTS50105");
  });

  test("waits for ever where the group alone approves for itself: whoever is in it has activated", async () => {
    const cloud = cloudOf(deployed);
    const approvers = [{ type: "groupMembers" as const, id: groupOf(cloud) }];
    await cloud.tenant(TENANT).roleManagementPolicies.update(groupOf(cloud), "member", {
      Approval_EndUser_Assignment: { isApprovalRequired: true, primaryApprovers: approvers },
    });
    await expect(activated(cloud)).rejects.toThrow("nobody can agree");
  });

  test("keeps the session that was begun in time, up to its own end and no longer", async () => {
    const cloud = cloudOf(deployed);
    await activated(cloud);
    cloud.clock.advance({ minutes: 59 });
    const [session] = (await enter(cloud)).sessions;
    if (!session) throw new Error("eve is in");
    cloud.clock.advance({ minutes: 2 });
    expect((await enter(cloud)).outcome).toBe("refused");
    expect(ask(cloud, session, "iam:CreateUser").outcome).toBe("allow");
    cloud.clock.advance({ minutes: 57 });
    expect(ask(cloud, session, "iam:CreateUser").outcome).toBe("allow");
    cloud.clock.advance({ minutes: 1 });
    expect(ask(cloud, session, "iam:CreateUser")).toMatchObject({ outcome: "deny", because: "the session has ended" });
  });

  test("is asked for a second factor like every member, also by a policy for the group", async () => {
    const cloud = cloudOf(deployed);
    await activated(cloud);
    const { conditionalAccess } = cloud.tenant(TENANT);
    for (const { id, ...policy } of conditionalAccess.list()) {
      const { users } = policy.conditions;
      Object.assign(users, { includeUsers: [], includeGroups: [groupOf(cloud)] });
      await conditionalAccess.update(id, policy);
    }
    expect((await enter(cloud, "none")).broken?.code).toBe("AADSTS50076");
    expect((await enter(cloud)).outcome).toBe("in");
  });
});

describe("the access expectations", () => {
  test("follow from the configuration: who is eligible is out, who activated is in, whose time is over is out", async () => {
    const results = await checkExpectations(cloudOf(deployed), deployment.bench.stack("aws-account2"));
    const lines = results.map(({ expectation: { person, mfa, expect: wanted, role }, holds }) =>
      [person, mfa, wanted, role ?? "", holds].join(" ").replace("  ", " "),
    );
    expect(new Set(lines.filter((line) => /eligible|activated/.test(line)))).toEqual(
      new Set([
        `eligible member of ${GROUP} fido2 refused true`,
        `activated member of ${GROUP} fido2 in Administrator true`,
        `activated member of ${GROUP} none refused true`,
        `formerly activated member of ${GROUP} fido2 refused true`,
        `eligible member of ${GROUP} who activates without a second factor fido2 refused true`,
        `eligible member of ${GROUP} who activates without a reason fido2 refused true`,
        `eligible member of ${GROUP} who activates without an approval fido2 refused true`,
        `eligible member of ${GROUP} who activates for 90 minutes fido2 refused true`,
        `activated member of ${GROUP}, eligible as ${CLOUD_TEAM} fido2 in Administrator true`,
      ]),
    );
    expect(results.filter(({ holds }) => !holds)).toEqual([]);
  });

  test("do not hold where PIM answers otherwise than the configuration has it", async () => {
    const cloud = cloudOf(deployed);
    await cloud.tenant(TENANT).roleManagementPolicies.update(groupOf(cloud), "member", {
      Expiration_EndUser_Assignment: { isExpirationRequired: true, maximumDuration: "PT30M" },
      Expiration_Admin_Eligibility: { isExpirationRequired: true, maximumDuration: "P15D" },
    });
    const stack = deployment.bench.stack("aws-account2");
    expect((await checkExpectations(cloud, stack)).filter(({ holds }) => !holds)).toEqual([]);
    await cloud.tenant(TENANT).groups.delete(groupOf(cloud));
    const failed = (await checkExpectations(cloud, stack)).filter(({ holds }) => !holds);
    expect(failed.map(({ expectation: { person } }) => person)).toContain(`eligible member of ${GROUP}`);
  });

  const SHORTCUT = `eligible member of ${GROUP} who activates`;
  test.each<[string, Partial<PolicyRules>, string[]]>([
    [
      "nobody has to agree",
      { Approval_EndUser_Assignment: { isApprovalRequired: false, primaryApprovers: [] } },
      [`${SHORTCUT} without an approval`],
    ],
    [
      "nothing is asked for",
      { Enablement_EndUser_Assignment: { enabledRules: [] } },
      [`${SHORTCUT} without a second factor`, `${SHORTCUT} without a reason`],
    ],
    [
      "it lasts a day",
      { Expiration_EndUser_Assignment: { isExpirationRequired: true, maximumDuration: "P1D" } },
      [`${SHORTCUT} for 90 minutes`],
    ],
  ])("do not hold where an activation is easier than the configuration has it: %s", async (_, rules, people) => {
    const cloud = cloudOf(deployed);
    await cloud.tenant(TENANT).roleManagementPolicies.update(groupOf(cloud), "member", rules);
    const failed = await failing(cloud);
    expect(failed).toEqual(people.map((person) => [person, "in as Administrator"]));
  });

  test("do not hold where somebody of the configuration is not eligible", async () => {
    const cloud = cloudOf(deployed);
    const { eligibility } = cloud.tenant(TENANT);
    for (const { groupId, principalId, accessId } of eligibility.of(groupOf(cloud)))
      await eligibility.request({ action: "adminRemove", groupId, principalId, accessId });
    expect(await failing(cloud)).toEqual([
      [`activated member of ${GROUP}, eligible as ${CLOUD_TEAM}`, expect.stringContaining("EligibilityRule")],
    ]);
  });

  test("leave the people who are there as they are, for the lines of a reviewer", async () => {
    const stack = structuredClone(deployment.bench.stack("aws-account2"));
    const { resource } = stack.configuration as {
      resource: { azuread_privileged_access_group_eligibility_schedule: Record<string, { principal_id: string }> };
    };
    for (const schedule of Object.values(resource.azuread_privileged_access_group_eligibility_schedule))
      schedule.principal_id = EVE;
    const file = join(deployment.bench.project, "stacks", "aws-account2.access.json");
    const line = { person: `user ${EVE}`, mfa: "fido2", expect: "refused", why: "eve has not activated" };
    writeFileSync(file, JSON.stringify([line]));
    const results = await checkExpectations(cloudOf(deployed), stack);
    rmSync(file);
    const people = results.filter(({ expectation: { person } }) => person.includes(EVE));
    expect([
      ...new Set(people.map(({ expectation: { person, expect: wanted }, holds }) => [person, wanted, holds].join(" "))),
    ]).toEqual([`activated member of ${GROUP}, eligible as ${EVE} in true`, `user ${EVE} refused true`]);
  });

  test("name nobody as eligible where memberships are permanent", () => {
    const people = expectationsOf(deployment.bench.stack("aws-account1")).map(({ person }) => person);
    expect(people.filter((person) => /eligible|activated/.test(person))).toEqual([]);
  });
});

describe("the report", () => {
  const told = (cloud: Cloud) => {
    const state = cloud.snapshot();
    const account = deployedAccount(state, indexTenants(state), appOf(TWO));
    if (!account) throw new Error("account 2 is deployed");
    return eligibilityRows(account);
  };

  test("has who is eligible, on what terms, and that a session outlives the activation", () => {
    expect(told(cloudOf(deployed))).toEqual([
      [
        GROUP,
        `members of ${ELIGIBLE}`,
        "lasts up to 1 hour; asks for MFA, a justification; one of these must agree: members of Existing group 00e2",
        "a session as Administrator that begins in its last minute runs up to 1 hour longer",
      ],
    ]);
  });

  test("has who is a member now, by activation or for good", async () => {
    const cloud = cloudOf(deployed);
    const { until } = await activated(cloud);
    await addPerson(cloud, "ada@contoso.onmicrosoft.com", GROUP);
    expect(told(cloud)[0]?.[1]).toContain(`active: ${EVE} until ${until}; without activation: 1 member`);
    cloud.clock.advance({ minutes: 60 });
    expect(told(cloud)[0]?.[1]).not.toContain("active:");
  });
});

describe("npm run signin -- --activate", () => {
  async function command(...words: string[]): Promise<{ code: number; text: string }> {
    const store = join(deployment.project, "..", "out", "cloud.json");
    deployment.bench.cloud.save();
    const lines: string[] = [];
    const all = ["--stack", "aws-account2", ...words, "--store", store];
    const code = await signin("/nowhere", all, (line) => lines.push(line));
    return { code, text: lines.join("\n") };
  }

  test("activates, signs in, and says what outlives the activation; nothing is kept", async () => {
    const { code, text } = await command("--user", "eve", "--activate", "on call");
    expect(text).toMatch(
      /^ok {11}activation {9} AWS-Account2-Administrators for 60 minutes, until \S+Z, approved by a member of Existing group 00e2$/m,
    );
    expect(text).toContain("In: Administrator / eve@contoso.onmicrosoft.com / 444455556666");
    expect(text).toMatch(/A session that is begun before \S+Z goes on until its own end/);
    expect(code).toBe(0);
    expect((await command("--user", "eve")).text).toContain("AADSTS50105");
    const told = JSON.parse((await command("--user", "eve", "--activate", "on call", "--json")).text) as object;
    expect(told).toMatchObject({ activated: [{ group: GROUP, minutes: 60 }], outcome: "in" });
  });

  test("works without anybody in the tenant, as the README has it", async () => {
    const readme = readFileSync(join(__dirname, "../../../README.md"), "utf8");
    const person = `eligible member of ${GROUP}`;
    expect(readme).toContain(`npm run signin -- --stack aws-account2 --user "${person}" --activate`);
    expect((await command("--user", person)).text).toContain("AADSTS50105");
    const { code, text } = await command("--user", person, "--activate", "on call");
    expect(text).toContain(`${person} signs in to aws-account2`);
    expect(text).toContain("In: Administrator / person-");
    expect(code).toBe(0);
  });

  test("says what PIM refuses, and who is not eligible", async () => {
    const refused = await command("--user", "eve", "--activate", "on call", "--no-mfa");
    expect(refused).toEqual({
      code: 1,
      text: expect.stringContaining(
        'RoleAssignmentRequestPolicyValidationFailed: The following policy rules failed: ["MfaRule"]',
      ),
    });
    const other = await command("--user", "eve", "--activate", "on call", "--role", "Developer");
    expect(other).toEqual({
      code: 1,
      text: expect.stringContaining("eve is eligible for none of AWS-Account2-Developers"),
    });
  });
});
