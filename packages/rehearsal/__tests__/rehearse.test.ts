import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trail } from "../../local-cloud/__tests__/aws-alarms";
import { run } from "../run/processes";

jest.setTimeout(400_000);

const REPOSITORY = join(__dirname, "../../..");

/** A project of stacks that nobody signs in to: of AWS alone, as account baseline is. */
const MAIN = `
const { App, TerraformStack } = require("cdktf");
const app = new App();
for (const [name, resources] of Object.entries(${JSON.stringify({
  baseline: { aws_iam_user: { user: { name: "Svc-A" } } },
  trail: trail(),
})})) {
  const stack = new TerraformStack(app, name);
  stack.addOverride("terraform.required_providers.aws", { source: "hashicorp/aws", version: "6.25.0" });
  stack.addOverride("provider.aws", [{ region: "eu-west-1", allowed_account_ids: ["111122223333"] }]);
  stack.addOverride("resource", resources);
}
app.synth();
`;

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "project-"));
  writeFileSync(join(project, "cdktf.json"), JSON.stringify({ language: "typescript", app: "node main.js" }));
  writeFileSync(join(project, "package.json"), "{}");
  writeFileSync(join(project, "main.js"), MAIN);
  symlinkSync(join(REPOSITORY, "node_modules"), join(project, "node_modules"));
});

afterEach(() => rmSync(project, { recursive: true, force: true }));

const command = (file: string, ...stacks: string[]) =>
  run(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", join(REPOSITORY, "packages/rehearsal", file), ...stacks],
    {
      cwd: project,
      env: { ...(process.env as Record<string, string>), TS_NODE_PROJECT: join(REPOSITORY, "tsconfig.json") },
    },
  );

test("stacks that nobody signs in to are planned, deployed, planned again and destroyed, with no recipe of an account", async () => {
  const { code, stdout, stderr } = await command("rehearse.ts");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const steps = stdout.split("\n").flatMap((line) => /^(?:ok|FAILED) +[\d.]+ s {2}(.*)$/.exec(line)?.[1] ?? []);
  expect(steps).toEqual([
    "cdktf synth: baseline, trail",
    "cdktf plan: baseline",
    "plan of new stacks: baseline, trail: 1 and 8 to add",
    "deploy",
    "plan again: baseline, trail: no changes",
    "report: rehearsal.out/index.html and rehearsal.out/report.md",
    "destroy",
    "nothing is left: 0 in Entra's recycle bin",
  ]);
  const { accounts } = JSON.parse(readFileSync(join(project, "rehearsal.out/rehearse/cloud.json"), "utf8"));
  // What the trail laid down was taken out of its bucket first: S3 deletes none that is not empty.
  expect(accounts["111122223333"]).toMatchObject({ users: {}, trails: {}, buckets: {} });
  expect(existsSync(join(project, "rehearsal.out/report.md"))).toBe(true);
});

test("every operation of such a stack is broken, in its deploy and in its destroy", async () => {
  const { code, stdout } = await command("faults/faults.ts", "baseline");
  expect({ code, broken: stdout.split("\n").filter((line) => line.startsWith("ok")) }).toEqual({
    code: 0,
    broken: ["first deploy 1/1: fault", "destroy 1/1: fault"].flatMap((phase) => {
      const operation = phase.startsWith("first") ? "iam:CreateUser" : "iam:DeleteUser";
      return ["before", "after"].map(
        (when) => `ok  baseline, ${phase} ${when} ${operation} arn:aws:iam::111122223333:user/Svc-A`,
      );
    }),
  });
  expect(stdout).toContain("terraform import 'aws_iam_user.user' 'Svc-A'");
});
