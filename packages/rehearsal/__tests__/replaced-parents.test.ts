import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { follow } from "../recipes";
import { CommandFailed, LocalCloud } from "../run/local-cloud";
import { copyProject } from "../run/project";

/** A role that is replaced is whole after one deploy, tried with the real terraform. */
jest.setTimeout(180_000);

const ACCOUNT = `
import type { Construct } from "constructs";
import { declared } from "entra-aws-federation/entra/app-roles";
import { AwsAccountStack, type Organization } from "entra-aws-federation/stacks/aws-account-stack";

export class Replacing extends AwsAccountStack {
  constructor(scope: Construct, organization: Organization) {
    super(scope, "replacing", {
      organization,
      accountName: "Replacing",
      accountId: "999988887777",
      appRoles: declared(),
      signing: { active: "c2026", certificates: { c2026: "2028-11-01" } },
      roles: {
        Developer: {
          policies: ["AmazonS3FullAccess"],
          inlinePolicies: { Own: { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "s3:*", Resource: "*" }] } },
        },
      },
      conditionalAccess: { covers: "everyone" },
    });
  }
}
`;

let folder: string;
let local: LocalCloud;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "replaced-"));
  const project = join(folder, "reader");
  copyProject(join(__dirname, "..", "..", ".."), project);
  writeFileSync(join(project, "stacks", "replacing.ts"), ACCOUNT);
  const main = readFileSync(join(project, "main.ts"), "utf8")
    .replace(/accounts = \[[^\]]*\]/, "accounts = [Replacing]")
    .replace(/(baselines: BaselineClass\[\]) = \[[^\]]*\]/, "$1 = []");
  writeFileSync(join(project, "main.ts"), `import { Replacing } from "./stacks/replacing";\n${main}`);
  local = await LocalCloud.start({ project, folder: join(folder, "rehearsal.out") });
  await local.synth();
  must(await local.apply("replacing"));
});

afterAll(() => {
  local.stop();
  rmSync(folder, { recursive: true, force: true });
});

function must(ran: Awaited<ReturnType<LocalCloud["apply"]>>): void {
  if (ran.code !== 0) throw new CommandFailed("terraform apply", folder, ran);
}

const held = () => {
  const { attachedPolicies, inlinePolicies } = local.cloud.account("999988887777").roles.get("Developer");
  return [attachedPolicies, Object.keys(inlinePolicies)];
};
const whole = [["arn:aws:iam::aws:policy/AmazonS3FullAccess"], ["Own"]];

test("by hand, with -replace: it has its policies after one deploy, and the next plan is empty", async () => {
  must(
    await local.terraform("replacing", ["apply", "-auto-approve", "-input=false", "-replace=aws_iam_role.developer"]),
  );
  expect(held()).toEqual(whole);
  expect((await local.plan("replacing")).changes).toEqual([]);
});

test("by another path: the same", async () => {
  await follow(local, ["replacing"], {
    name: "another path",
    change: (file) => file.set(["roles", "Developer", "path"], '"/teams/data/"'),
  });
  must(await local.apply("replacing"));
  expect(held()).toEqual(whole);
  expect((await local.plan("replacing")).changes).toEqual([]);
});

test("a role of another name comes whole, and the old one goes", async () => {
  await follow(local, ["replacing"], {
    name: "another name",
    change: (file) => {
      const role = file.get("roles", "Developer") ?? "";
      file.set(["roles"], `{ Engineer: ${role} }`);
    },
  });
  must(await local.apply("replacing"));
  const { roles } = local.cloud.account("999988887777");
  expect(roles.get("Engineer").attachedPolicies).toEqual(whole[0]);
  expect(() => roles.get("Developer")).toThrow();
  expect((await local.plan("replacing")).changes).toEqual([]);
});
