import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Account } from "../../local-cloud/cloud/aws/account";
import { AccountFile } from "../account-file";
import { emptyBuckets } from "../deployed";
import { added, inventory } from "../inventory";
import { everyOption } from "../recipes";
import { LocalCloud } from "../run/local-cloud";
import { copyProject } from "../run/project";
import { variables } from "../variables";

jest.setTimeout(300_000);

const STACK = "aws-account2-baseline";
const ACCOUNT = "444455556666";

/** An administrator who has the boundary works, makes no key, and stays in it; one who has not is not held. */
async function cannotGetOut(account: Account) {
  const role = `arn:aws:iam::${ACCOUNT}:role/Other`;
  const boundary = `arn:aws:iam::${ACCOUNT}:policy/LongLivedKeysForServiceAccountsOnly`;
  const trust = { Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sts:AssumeRole" };
  const assumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  for (const [name, permissionsBoundary] of [
    ["Bounded", boundary],
    ["Free", null],
  ] as const) {
    await account.roles.create({ name, assumeRolePolicyDocument, permissionsBoundary });
    await account.roles.attachPolicy(name, "arn:aws:iam::aws:policy/AdministratorAccess");
  }
  const may = (who: string, action: string, resource: string, carries: string | null = null) =>
    account.roles.allows(who, { action, resource, context: { "iam:PermissionsBoundary": carries } }).outcome ===
    "allow";
  const outward: readonly (readonly [string, string, (string | null)?])[] = [
    ["iam:CreateAccessKey", `arn:aws:iam::${ACCOUNT}:user/Svc-Backup`],
    ["iam:CreateUser", `arn:aws:iam::${ACCOUNT}:user/Svc-Me`, boundary],
    ["iam:CreateLoginProfile", `arn:aws:iam::${ACCOUNT}:user/Svc-x/mallory`],
    ["iam:CreateRole", role],
    ["iam:UpdateAssumeRolePolicy", role],
    ["iam:PutRolePermissionsBoundary", role, "arn:aws:iam::aws:policy/AdministratorAccess"],
    ["iam:DeleteRolePermissionsBoundary", role, boundary],
    ["iam:CreatePolicyVersion", boundary],
  ];
  expect(outward.filter((request) => may("Bounded", ...request))).toEqual([]);
  expect(outward.filter((request) => !may("Free", ...request))).toEqual([]);
  const onward: typeof outward = [
    ["s3:PutObject", "arn:aws:s3:::bucket/key"],
    ["iam:AttachRolePolicy", role],
    ["iam:CreateRole", role, boundary],
    ["iam:UpdateAssumeRolePolicy", role, boundary],
    // What the boundary leaves open, as its documentation says.
    ["iam:PassRole", role],
  ];
  expect(onward.filter((request) => !may("Bounded", ...request))).toEqual([]);
  for (const name of ["Bounded", "Free"]) {
    await account.roles.detachPolicy(name, "arn:aws:iam::aws:policy/AdministratorAccess");
    await account.roles.delete(name);
  }
}

test("the sample baseline with every option deploys, plans no changes, and leaves behind what it should alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "baseline-"));
  const project = join(folder, "project");
  copyProject(join(__dirname, "../../.."), project);
  const file = AccountFile.of(project, STACK);
  everyOption.change(file);
  file.save();
  const local = await LocalCloud.start({ project, folder: join(folder, "out"), variables });
  try {
    await local.synth();
    const before = inventory(local.cloud);
    expect(await local.apply(STACK)).toMatchObject({ code: 0 });
    expect(await local.unchanged(STACK)).toBe(true);

    const account = local.cloud.account(ACCOUNT);
    expect(account.config.contents()).toEqual([
      `Config recorder account of ${ACCOUNT} in eu-west-1`,
      `Config recorder account runs of ${ACCOUNT} in eu-west-1`,
      `Config delivery channel account of ${ACCOUNT} in eu-west-1`,
      `Config rule account-access-key-age of ${ACCOUNT} in eu-west-1`,
    ]);
    expect(account.trails.list().map(({ name, logging }) => [name, logging])).toEqual([["account-trail", true]]);
    expect(account.settings.alias).toBe("contoso-account2");
    expect(account.settings.organization?.features).toEqual(["RootCredentialsManagement", "RootSessions"]);
    expect(account.accessAnalyzer.find("eu-central-2", "account")?.archiveRules).toHaveProperty("entra-federation");
    expect(account.secrets.list().map(({ name }) => name)).toHaveLength(1);

    await cannotGetOut(account);

    // A key of a program grows old: the rule of the deploy finds it.
    account.config.evaluate("eu-west-1");
    local.cloud.clock.advance({ days: 91 });
    const [old] = account.config.evaluate("eu-west-1");
    expect(old?.detail).toMatchObject({ resourceId: account.users.get("Svc-Backup").id });

    // A bucket with records in it stays until a person has taken them out.
    await emptyBuckets(local, STACK);
    expect(await local.terraform(STACK, ["destroy", "-auto-approve", "-input=false"])).toMatchObject({ code: 0 });
    expect(added(before, inventory(local.cloud))).toEqual([]);
    expect(account.regions.isEnabled("eu-central-2")).toBe(true);
  } finally {
    local.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
