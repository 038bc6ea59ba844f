import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../run/processes";

jest.setTimeout(180_000);

const REPOSITORY = join(__dirname, "../..");

/** A project whose only stack is one that nobody signs in to: of AWS alone, as account hygiene is. */
const MAIN = `
const { App, TerraformStack } = require("cdktf");
const app = new App();
const stack = new TerraformStack(app, "hygiene");
stack.addOverride("terraform.required_providers.aws", { source: "hashicorp/aws", version: "6.25.0" });
stack.addOverride("provider.aws", [{ region: "eu-west-1", allowed_account_ids: ["111122223333"] }]);
stack.addOverride("resource.aws_iam_user.user", { name: "Svc-A" });
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

const command = (file: string) =>
  run(process.execPath, ["-r", "ts-node/register/transpile-only", join(REPOSITORY, "rehearsal", file)], {
    cwd: project,
    env: { ...(process.env as Record<string, string>), TS_NODE_PROJECT: join(REPOSITORY, "tsconfig.json") },
  });

test("a stack that nobody signs in to is planned, deployed, planned again and destroyed, with no recipe of an account", async () => {
  const { code, stdout, stderr } = await command("rehearse.ts");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const steps = stdout.split("\n").flatMap((line) => /^(?:ok|FAILED) +[\d.]+ s {2}(.*)$/.exec(line)?.[1] ?? []);
  expect(steps).toEqual([
    "cdktf synth: hygiene",
    "cdktf plan: hygiene",
    "plan of new stacks: hygiene: 1 to add",
    "deploy",
    "plan again: hygiene: no changes",
    "report: rehearsal.out/index.html and rehearsal.out/report.md",
    "destroy",
    "nothing is left: 0 in Entra's recycle bin",
  ]);
  const { accounts } = JSON.parse(readFileSync(join(project, "rehearsal.out/rehearse/cloud.json"), "utf8"));
  expect(accounts["111122223333"].users).toEqual({});
  expect(existsSync(join(project, "rehearsal.out/report.md"))).toBe(true);
});

test("every operation of such a stack is broken, in its deploy and in its destroy", async () => {
  const { code, stdout } = await command("faults/faults.ts");
  expect({ code, broken: stdout.split("\n").filter((line) => line.startsWith("ok")) }).toEqual({
    code: 0,
    broken: ["first deploy 1/1: fault", "destroy 1/1: fault"].flatMap((phase) => {
      const operation = phase.startsWith("first") ? "iam:CreateUser" : "iam:DeleteUser";
      return ["before", "after"].map(
        (when) => `ok  hygiene, ${phase} ${when} ${operation} arn:aws:iam::111122223333:user/Svc-A`,
      );
    }),
  });
  expect(stdout).toContain("terraform import 'aws_iam_user.user' 'Svc-A'");
});
