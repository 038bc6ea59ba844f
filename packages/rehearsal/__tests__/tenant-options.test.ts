import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AccountFile } from "../account-file";
import { added, inventory } from "../inventory";
import { setPolicies } from "../recipes";
import { LocalCloud } from "../run/local-cloud";
import { copyProject } from "../run/project";
import type { Circumstances } from "../signin/chain/circumstances";
import { conditionalAccess } from "../signin/chain/conditional-access";
import { appOf, TENANT, TWO } from "./signin-deployed";

jest.setTimeout(300_000);

const PEOPLE = "00000000-0000-0000-0000-0000000000e1";
const BREAK_GLASS = ["00000000-0000-0000-0000-0000000000b1", "00000000-0000-0000-0000-0000000000b2"];

/** Somebody who works in AWS, and somebody who does not. */
const WORKS = "00000000-0000-4000-8000-000000000001";
const OTHER = "00000000-0000-4000-8000-000000000002";
const SEED = {
  users: [WORKS, OTHER].map((id) => ({ id, displayName: id, userPrincipalName: `${id}@contoso.onmicrosoft.com` })),
  groups: [{ id: PEOPLE, displayName: "People who work in AWS", members: [WORKS] }],
};

/** Everything that the tenant's file takes. */
const OPTIONS: readonly [string, string][] = [
  ["namedLocations", '{ Offices: { ipRanges: ["203.0.113.0/24"], trusted: true }, Home: { countries: ["DE", "CH"] } }'],
  ["strengths", '{ Keys: ["windowsHelloForBusiness", "fido2"] }'],
];
const allResources = (state: string) =>
  `{ groups: ["${PEOPLE}"], persistentBrowser: "never", passwordChangeAt: ["medium", "high"], state: "${state}" }`;

test("the sample tenant with every option deploys, plans no changes, asks what it says, and leaves nothing behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tenant-"));
  const project = join(folder, "project");
  copyProject(join(__dirname, "../../.."), project);
  setPolicies(project, "overlap");
  writeFileSync(join(project, "stacks/rehearsal.seed.json"), JSON.stringify(SEED));
  const file = AccountFile.of(project, "tenant");
  for (const [name, value] of OPTIONS) file.set([name], value);
  file.set(["allResources"], allResources("report-only")).save();
  const local = await LocalCloud.start({ project, folder: join(folder, "out") });
  try {
    await local.synth();
    const before = inventory(local.cloud);
    const deploy = async (stack: string) => {
      const ran = await local.apply(stack);
      expect([ran.code, ran.stderr]).toEqual([0, ""]);
      expect(await local.unchanged(stack)).toBe(true);
    };
    await deploy("tenant");
    const tenant = local.cloud.tenant(TENANT);
    const policies = () => tenant.conditionalAccess.list();
    expect(policies().map(({ displayName, state }) => `${displayName}: ${state}`)).toEqual(
      expect.arrayContaining([
        "AWS Console - MFA - policy set recommended: enabled",
        "AWS Console - Browser session - All resources: enabledForReportingButNotEnforced",
        "AWS Console - Password change - All resources: enabledForReportingButNotEnforced",
      ]),
    );
    for (const { conditions } of policies()) expect(conditions.users.excludeUsers).toEqual(BREAK_GLASS);
    expect(tenant.namedLocations.list()).toHaveLength(2);
    expect(tenant.authenticationStrengths.list()).toMatchObject([{ displayName: "Keys" }]);

    await deploy("aws-account2");
    const appId = tenant.servicePrincipals.byIdentifier(appOf(TWO).identifier)?.appId ?? "";
    const comes = (id: string, circumstances: Circumstances) => {
      const user = tenant.users.list().find((one) => one.id === id);
      if (!user) throw new Error(`there is nobody ${id}`);
      const { outcome, refusal } = conditionalAccess(tenant, { ...circumstances, user, appId, mfa: "fido2" });
      return refusal ?? outcome;
    };
    const atRisk: Circumstances = { userRisk: "medium" };
    const closed: Circumstances = { sessionHours: 1, browserClosed: true };
    expect([comes(WORKS, atRisk), comes(WORKS, closed)]).toEqual(["granted", "granted"]);

    AccountFile.of(local.project, "tenant").set(["allResources"], allResources("on")).save();
    await local.synthAgain();
    await deploy("tenant");
    expect([comes(WORKS, atRisk), comes(WORKS, closed), comes(WORKS, {})]).toEqual([
      "passwordChange",
      "noSession",
      "granted",
    ]);
    for (const id of [OTHER, ...BREAK_GLASS])
      expect([comes(id, atRisk), comes(id, closed)]).toEqual(["granted", "granted"]);

    for (const stack of ["aws-account2", "tenant"])
      expect(await local.terraform(stack, ["destroy", "-auto-approve", "-input=false"])).toMatchObject({ code: 0 });
    expect(added(before, inventory(local.cloud))).toEqual([]);
  } finally {
    local.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
