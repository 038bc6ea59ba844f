import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { MAX_CHUNKS } from "../pipeline/chunks";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly "timeout-minutes"?: number;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(__dirname, "..", ".github", "workflows");
const files = readdirSync(folder).map((name) => {
  const text = readFileSync(join(folder, name), "utf8");
  return { name, text, workflow: parse(text) as Workflow };
});
const action = readFileSync(join(__dirname, "..", ".github", "actions", "prepare", "action.yml"), "utf8");
const jobs = files.flatMap(({ name, workflow }) =>
  Object.entries(workflow.jobs).map(([job, body]) => ({ name: `${name} ${job}`, file: name, job: body })),
);
const withIdentity = jobs.filter(({ job }) => job.permissions?.["id-token"] === "write");

const check = (...paths: string[]) =>
  spawnSync(process.execPath, ["pipeline/check-workflows.mjs", ...paths], {
    encoding: "utf8",
    cwd: join(__dirname, ".."),
  });

test("GitHub's own parser accepts the workflows", () => {
  expect(files.map(({ name }) => name).sort()).toEqual([
    "deploy.yml",
    "mutation.yml",
    "nightly.yml",
    "pull-request.yml",
  ]);
  expect(check(...files.map(({ name }) => join(folder, name)))).toMatchObject({ status: 0, stderr: "" });
});

test("the parser refuses a misspelt key, context, job and schedule, each by its line", () => {
  const scratch = mkdtempSync(join(tmpdir(), "workflow-"));
  const good = files.find(({ name }) => name === "nightly.yml")?.text ?? "";
  const faults: [string, string, string][] = [
    ["runs-on:", "run-on:", "Unexpected value 'run-on'"],
    ["github.ref ==", "githup.ref ==", "Unrecognized named-value: 'githup'"],
    ["needs: stacks", "needs: stakcs", "depends on unknown job 'stakcs'"],
    ["17 3 * * *", "77 3 * * *", "Invalid cron expression"],
  ];
  const paths = faults.map(([from, to], index) => {
    const path = join(scratch, `${index}.yml`);
    writeFileSync(path, good.replace(from, to));
    return path;
  });
  const { status, stderr } = check(...paths);
  rmSync(scratch, { recursive: true });
  expect(status).toBe(1);
  for (const [index, [, , message]] of faults.entries()) {
    expect(stderr.split("\n").filter((line) => line.includes(`${index}.yml`) && line.includes(message))).not.toEqual(
      [],
    );
  }
});

test("every action is pinned to a commit, with its version beside it", () => {
  const uses = [...files.map(({ text }) => text), action].flatMap((text) => text.match(/uses: .*/g) ?? []);
  expect(uses.length).toBeGreaterThan(10);
  const loose = uses.filter((line) => !/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line));
  expect(loose.filter((line) => line !== "uses: ./.github/actions/prepare")).toEqual([]);
  // One version of each action, so that an update cannot be half done.
  const pinned = new Set(uses.filter((line) => line.includes("@")));
  expect(new Set([...pinned].map((line) => line.replace(/@.*/, ""))).size).toBe(pinned.size);
});

test("every job runs on a version of Node.js that package.json names, and cdktf's CLI on one that it starts on", () => {
  const root = join(__dirname, "..");
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { engines: { node: string } };
  const tried = [...engines.node.matchAll(/\^(\d+)/g)].map(([, major]) => Number(major));
  expect(tried).toEqual([20, 22, 24]);
  expect((parse(action) as { inputs: object }).inputs).toMatchObject({ "node-version": { default: "22" } });
  const other = jobs.flatMap(({ name, job }) =>
    job.steps.flatMap(({ with: given }) => (given?.["node-version"] === undefined ? [] : [{ name, job, given }])),
  );
  expect(other.map(({ name, given }) => [name, given["node-version"]])).toEqual([
    ["pull-request.yml tests", "${{ matrix.node }}"],
  ]);
  for (const { job } of other) {
    expect(job.strategy?.matrix).toEqual({ node: tried });
    expect(job.steps.flatMap(({ run = [] }) => run)).toEqual(["npm test"]);
  }
  const container = readFileSync(join(root, ".devcontainer/devcontainer.json"), "utf8");
  expect(JSON.parse(container)).toMatchObject({ image: expect.stringMatching(/:22-/) });
});

test("the rehearsal's own tests run on pull requests, every fault of a deploy at night, neither with an identity", () => {
  const runs = (command: string) =>
    jobs
      .filter(({ job }) => job.steps.some(({ run }) => run === command))
      .map(({ name, job }) => [name, job.permissions]);
  expect(runs("npm test --workspaces --if-present")).toEqual([
    ["pull-request.yml rehearsal-tests", { contents: "read" }],
  ]);
  expect(runs("npm run test:faults")).toEqual([["nightly.yml faults", { contents: "read" }]]);
});

test("every source that Stryker mutates is in one shard of the weekly run", () => {
  const root = join(__dirname, "..");
  const { mutate } = JSON.parse(readFileSync(join(root, "stryker.config.json"), "utf8")) as { mutate: string[] };
  const matrix = jobs.find(({ file }) => file === "mutation.yml")?.job.strategy?.matrix;
  const shards = [matrix?.["files"]].flat().flatMap((files) => String(files).split(","));
  const folders = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() && entry.name !== "node_modules"
        ? folders(`${folder}/${entry.name}`)
        : entry.name.endsWith(".ts")
          ? [folder]
          : [],
    );
  expect(mutate).toEqual(["constructs/**/*.ts", "pipeline/**/*.ts"]);
  const sources = new Set(["constructs", "pipeline"].flatMap(folders));
  expect(shards.sort()).toEqual([...sources].map((folder) => `${folder}/*.ts`).sort());
});

test.each(files)("$name gives no permission by default, and runs once at a time", ({ workflow }) => {
  expect(workflow.permissions).toEqual({});
  expect(workflow.concurrency?.group).toBeTruthy();
  expect(Object.keys(workflow.on)).not.toContain("pull_request_target");
  expect(Object.keys(workflow.on)).not.toContain("workflow_run");
});

test.each(jobs)("$name says its permissions and its end", ({ job }) => {
  expect(job.permissions).toBeDefined();
  expect(job["timeout-minutes"]).toBeGreaterThan(0);
  const written = Object.entries(job.permissions ?? {})
    .filter(([, access]) => access === "write")
    .map(([scope]) => scope);
  expect(["id-token", "pull-requests", "issues", undefined]).toContain(written[0]);
  // Who can write to GitHub holds no cloud identity, and the other way round.
  expect(written.length).toBeLessThanOrEqual(1);
});

test.each(jobs)("$name keeps no token in the checkout and runs no install script", ({ job }) => {
  for (const step of job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))) {
    expect(step.with?.["persist-credentials"]).toBe(false);
  }
  for (const { run } of job.steps) if (run?.includes("npm ci")) expect(run).toContain("--ignore-scripts");
  expect(action).toContain("npm ci --ignore-scripts");
});

test.each(withIdentity)("$name takes its cloud identities from an environment, by OIDC", ({ job }) => {
  expect(job.environment).toMatch(/^(plan|pull-request|\$\{\{ matrix\.deploy\.environment \}\})$/);
  const assumes = job.steps.find(({ uses }) => uses?.startsWith("aws-actions/configure-aws-credentials@"));
  expect(assumes?.with).toEqual({
    "role-to-assume": "${{ vars.AWS_ROLE_ARN }}",
    "aws-region": "${{ vars.AWS_REGION }}",
  });
  expect(job.steps.at(-1)?.env).toMatchObject({ ARM_USE_OIDC: true, ARM_CLIENT_ID: "${{ vars.ARM_CLIENT_ID }}" });
});

test("plans take the roles that only read, deploys the others", () => {
  for (const { job } of withIdentity) {
    const reads = ["plan", "pull-request"].find((environment) => environment === job.environment);
    expect(job.env?.["AWS_ACCOUNT_JOB"]).toBe(reads);
    expect(job.env?.["AWS_ACCOUNT_ROLE"]).toBe(reads && `entra-aws-federation-${reads}`);
  }
});

test("a pull request has an identity of its own, and leaves out what its state may hold a secret of", () => {
  const branch = withIdentity.filter(({ file }) => file === "pull-request.yml");
  expect(branch.map(({ job }) => job.environment)).toEqual(["pull-request"]);
  expect(withIdentity.filter(({ job }) => job.environment === "pull-request")).toEqual(branch);
  const lines = (file: string) => files.find(({ name }) => name === file)?.text.match(/pipeline\/cli\.ts affected.*/g);
  expect(lines("pull-request.yml")).toEqual([
    'pipeline/cli.ts affected --pull-request --base "$RUNNER_TEMP/base/cdktf.out"',
  ]);
  for (const file of ["deploy.yml", "nightly.yml"]) expect(String(lines(file))).not.toContain("--pull-request");
});

test("identities are held by plan, check and deploy jobs, and by no other", () => {
  expect(withIdentity.map(({ name }) => name).sort()).toEqual([
    "deploy.yml deploy",
    "deploy.yml plan",
    "nightly.yml check",
    "pull-request.yml plan",
  ]);
});

test("a fork's pull request never gets an identity, nor a comment", () => {
  const own = "github.event.pull_request.head.repo.full_name == github.repository";
  const guarded = jobs.filter(
    ({ file, job }) => file === "pull-request.yml" && Object.values(job.permissions ?? {}).includes("write"),
  );
  expect(guarded).toHaveLength(2);
  for (const { job } of guarded) expect(job.if?.split(" && ")).toContain(own);
  for (const { job } of guarded) expect(job.if).not.toContain("||");
});

test("deploys and nightly checks run what is on main, and nothing else", () => {
  for (const { name, workflow } of files.filter(({ name }) => name !== "pull-request.yml")) {
    const first = Object.values(workflow.jobs)[0];
    expect([name, first?.if]).toEqual([name, "github.ref == 'refs/heads/main'"]);
  }
});

test("only the deploy job applies, behind the approval of its stage", () => {
  const commands = jobs.flatMap(({ name, job }) =>
    job.steps
      .flatMap(({ run }) => (run ?? "").match(/pipeline\/cli\.ts \S+/g) ?? [])
      .map((command) => `${name}: ${command.split(" ")[1]}`),
  );
  expect(commands.filter((command) => command.endsWith(": deploy"))).toEqual(["deploy.yml deploy: deploy"]);
  expect(files.map(({ text }) => text).join("\n")).not.toMatch(/terraform apply|cdktf deploy/);
});

test("nothing is handed on but masked reports, and no secret is stored", () => {
  for (const { text } of files) {
    expect(text).not.toMatch(/upload-artifact|actions\/cache|secrets\.|secrets:/);
    expect(text).not.toMatch(/set -x|TF_LOG/);
  }
});

test("no expression is pasted into a script", () => {
  for (const { job } of jobs) for (const { run = "" } of job.steps) expect(run).not.toContain("${{");
});

test("each command that a workflow runs is one that the pipeline has", () => {
  const { stderr } = spawnSync(
    process.execPath,
    ["-r", "ts-node/register/transpile-only", "pipeline/cli.ts", "nonsense"],
    { encoding: "utf8", cwd: join(__dirname, "..") },
  );
  const known = /takes ([\w, ]+)/.exec(stderr)?.[1]?.split(", ") ?? [];
  const used = files.flatMap(({ text }) =>
    [...text.matchAll(/pipeline\/cli\.ts (\w+)/g)].map(([, command]) => command),
  );
  expect([...new Set(used)].sort()).toEqual([...known].sort());
});

test("every plan job has an output for each share of the stacks", () => {
  const names = Array.from({ length: MAX_CHUNKS }, (_, index) => `report-${index}`);
  const reporting = jobs.filter(({ job }) => job.outputs?.["report-0"] !== undefined);
  expect(reporting).toHaveLength(3);
  for (const { job } of reporting) {
    expect(Object.keys(job.outputs ?? {})).toEqual(names);
    for (const [name, value] of Object.entries(job.outputs ?? {}))
      expect(value).toMatch(new RegExp(`^\\$\\{\\{ steps\\.\\w+\\.outputs\\.${name} \\}\\}$`));
  }
});
