import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandFailed, LocalCloud } from "../run/local-cloud";

jest.setTimeout(120_000);

const REPOSITORY = join(__dirname, "../../..");
const ACCOUNTS = { one: "111122223333", two: "444455556666" };

/** A reader's project with two stacks of two resources each, in JavaScript, and with a backend that must never be asked. */
const MAIN = `
const { App, S3Backend, TerraformStack } = require("cdktf");
const app = new App();
for (const [name, id] of Object.entries(${JSON.stringify(ACCOUNTS)})) {
  const stack = new TerraformStack(app, name);
  new S3Backend(stack, { bucket: "must-not-be-asked", key: name, region: "eu-west-1" });
  stack.addOverride("terraform.required_providers.aws", { source: "hashicorp/aws", version: "6.25.0" });
  stack.addOverride("provider.aws", [{ region: "eu-west-1", allowed_account_ids: [id], default_tags: [{ tags: { by: "test" } }] }]);
  stack.addOverride("variable.suffix", { type: "string", default: "" });
  stack.addOverride("resource.aws_iam_user.user", { name: "Svc-A\${var.suffix}" });
  stack.addOverride("resource.aws_iam_access_key.key", { user: "\${aws_iam_user.user.name}" });
  stack.addOverride("output.user_arn", { value: "\${aws_iam_user.user.arn}" });
}
app.synth();
`;

let project: string;
let bench: LocalCloud | undefined;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "project-"));
  writeFileSync(join(project, "cdktf.json"), JSON.stringify({ language: "typescript", app: "node main.js" }));
  writeFileSync(join(project, "package.json"), "{}");
  writeFileSync(join(project, "main.js"), MAIN);
  writeFileSync(join(project, "terraform.one.tfstate"), "the reader's own state");
  mkdirSync(join(project, "cdktf.out"));
  writeFileSync(join(project, "cdktf.out/manifest.json"), "the reader's own output");
  symlinkSync(join(REPOSITORY, "node_modules"), join(project, "node_modules"));
});

afterEach(() => {
  bench?.stop();
  bench = undefined;
  rmSync(project, { recursive: true, force: true });
});

/** Every file of the reader's, with its content. */
const own = (): string[] =>
  readdirSync(project, { recursive: true, encoding: "utf8" })
    .filter((name) => !/^(node_modules|rehearsal\.out)/.test(name) && statSync(join(project, name)).isFile())
    .map(
      (name) =>
        `${name} ${createHash("sha256")
          .update(readFileSync(join(project, name)))
          .digest("hex")}`,
    )
    .sort();

async function start(variables?: Record<string, string>): Promise<LocalCloud> {
  bench = await LocalCloud.start({
    project,
    folder: join(project, "rehearsal.out/test"),
    ...(variables ? { variables } : {}),
  });
  await bench.synth();
  return bench;
}

const users = (cloud: LocalCloud["cloud"], account: string) =>
  cloud
    .account(account)
    .users.list()
    .map(({ name }) => name);

test("plans, applies, plans nothing, and destroys, and the reader's files stay byte for byte", async () => {
  const before = own();
  const it = await start();
  expect(it.stacks).toEqual(["one", "two"]);
  const plan = await it.plan("one");
  expect(plan.changes.map(({ address, actions }) => `${address} ${actions}`)).toEqual([
    "aws_iam_access_key.key create",
    "aws_iam_user.user create",
  ]);
  expect((await it.apply("one")).code).toBe(0);
  expect(await it.plan("one")).toMatchObject({ changes: [], outputs: [], empty: true });
  expect(await it.outputs("one")).toEqual({ user_arn: "arn:aws:iam::111122223333:user/Svc-A" });
  expect([users(it.cloud, ACCOUNTS.one), users(it.cloud, ACCOUNTS.two)]).toEqual([["Svc-A"], []]);
  expect(existsSync(it.stateFile("one"))).toBe(true);
  expect((await it.destroy("one")).code).toBe(0);
  expect(users(it.cloud, ACCOUNTS.one)).toEqual([]);
  expect(own()).toEqual(before);
});

test("the store and the states wait for the next run, and a changed project is taken up", async () => {
  const first = await start({ suffix: "-1" });
  await first.apply("one");
  first.stop();
  writeFileSync(join(project, "main.js"), MAIN.replace("Svc-A", "Svc-B"));
  const second = await start({ suffix: "-1" });
  expect(users(second.cloud, ACCOUNTS.one)).toEqual(["Svc-A-1"]);
  expect((await second.plan("one")).changes[1]).toMatchObject({
    address: "aws_iam_user.user",
    actions: ["update"],
    before: { name: "Svc-A-1" },
    after: { name: "Svc-B-1" },
  });
});

test("says which command failed, where, and what it said", async () => {
  const it = await start();
  await it.apply("one");
  rmSync(it.stateFile("one"));
  const again = await it.apply("one");
  expect(again.code).toBe(1);
  expect(again.stderr).toContain("aws_iam_user: EntityAlreadyExists");
  writeFileSync(join(it.stack("two").folder, "broken.tf.json"), '{"output": {"x": {"value": "${nothing.here}"}}}');
  await expect(it.plan("two")).rejects.toThrow(
    /^terraform plan .* ended with exit code 1\n[\s\S]*Reference to undeclared/,
  );
  expect(() => it.stack("three")).toThrow("there is no stack three; the project has one, two");
  writeFileSync(join(project, "main.js"), "throw new Error('a prop is wrong')");
  await expect(it.synth()).rejects.toThrow(CommandFailed);
  await expect(it.synth()).rejects.toThrow("a prop is wrong");
});

describe("npm run local", () => {
  /** As the reader starts it; with a home of its own, which must stay empty. */
  function local(...args: string[]): { child: ChildProcess; ended: Promise<{ code: number | null; out: string }> } {
    const home = join(project, "rehearsal.out/reader-home");
    mkdirSync(home, { recursive: true });
    const child = spawn(
      process.execPath,
      [
        "-r",
        join(REPOSITORY, "node_modules/ts-node/register/transpile-only"),
        join(REPOSITORY, "packages/rehearsal/local.ts"),
        ...args,
      ],
      {
        cwd: project,
        env: {
          PATH: process.env.PATH,
          HOME: home,
          TF_VAR_suffix: "-9",
          TS_NODE_PROJECT: join(REPOSITORY, "tsconfig.json"),
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let out = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (data) => {
        out += data;
      });
    }
    return { child, ended: new Promise((resolve) => child.on("close", (code) => resolve({ code, out }))) };
  }

  const store = () => readFileSync(join(project, "rehearsal.out/local/cloud.json"), "utf8");

  /** Processes that were started with our home, which no other program has. */
  const left = (): string[] =>
    readdirSync("/proc").filter((name) => {
      try {
        return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, "utf8").includes(`${project}/rehearsal.out`);
      } catch {
        return false;
      }
    });

  test("deploys with the real cdktf to a cloud that stays until it is reset, and touches nothing else", async () => {
    const before = own();
    const deploy = await local("deploy", "*", "--auto-approve").ended;
    expect(deploy).toMatchObject({
      code: 0,
      out: expect.stringContaining("LOCAL CLOUD: nothing reaches Microsoft or AWS"),
    });
    expect(store().match(/"Svc-A-9"/g)?.length).toBeGreaterThanOrEqual(2);
    const plan = await local("plan", "two").ended;
    expect(plan).toMatchObject({ code: 0, out: expect.stringContaining("No changes.") });
    expect((await local("deploy", "three", "--auto-approve").ended).code).toBe(1);
    expect(own()).toEqual(before);
    expect(readdirSync(join(project, "rehearsal.out/reader-home"))).toEqual([]);
    expect(left()).toEqual([]);
    expect(await local("--reset").ended).toMatchObject({
      code: 0,
      out: expect.stringContaining("removed rehearsal.out/local"),
    });
    expect(existsSync(join(project, "rehearsal.out/local"))).toBe(false);
    expect(await local("get").ended).toMatchObject({
      code: 2,
      out: expect.stringContaining("npm run local -- plan|deploy"),
    });
  });

  test.each([
    ["outside of it", ["--reset", "--folder", "../canary"]],
    ["outside of it, for a plan", ["--folder", "../canary", "plan", "one"]],
    ["the project itself", ["--reset", "--folder", "."]],
    ["rehearsal.out itself", ["--reset", "--folder", "rehearsal.out"]],
    ["a link that leads out", ["--reset", "--folder", "rehearsal.out/link"]],
    ["a folder behind a link that leads out", ["--reset", "--folder", "rehearsal.out/link/deep"]],
    ["a folder that holds something else", ["--reset", "--folder", "rehearsal.out/mine"]],
    ["a word too many", ["--reset", "extra"]],
    ["an option that is unknown", ["--reset", "--force"]],
    ["no folder after --folder", ["--reset", "--folder"]],
    ["nothing at all", []],
  ])("deletes and makes nothing where the folder or the words are wrong: %s", async (_, args) => {
    const canary = join(project, "..", "canary");
    const files = [
      join(canary, "deep", "cloud.json"),
      join(canary, "cloud.json"),
      join(project, "rehearsal.out", "mine", "notes.txt"),
      join(project, "rehearsal.out", "local", "cloud.json"),
    ];
    for (const file of files) {
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, "kept");
    }
    symlinkSync(canary, join(project, "rehearsal.out", "link"));
    const before = own();
    try {
      const { code, out } = await local(...args).ended;
      expect([code, out.trim()]).toEqual([
        2,
        expect.stringMatching(/npm run local|inside rehearsal\.out|no local cloud/),
      ]);
      for (const file of files) expect(readFileSync(file, "utf8")).toBe("kept");
      expect(own()).toEqual(before);
    } finally {
      rmSync(canary, { recursive: true, force: true });
    }
  });

  // Also terraform, which cdktf starts in a terminal of its own. The other signals: run.test.ts.
  test("leaves no process behind when it is interrupted", async () => {
    const { child, ended } = local("deploy", "*", "--auto-approve");
    const init = join(project, "rehearsal.out/local/project/cdktf.out/stacks/one/.terraform");
    while (!existsSync(init) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(left().length).toBeGreaterThan(1);
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    expect(left()).toEqual([]);
  });
});
