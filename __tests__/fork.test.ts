import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linkPackages } from "./support/link-packages";
import { type StackJson, textsIn } from "./support/stack-json";
import { addresses } from "./support/synth";
import { synthesizedStacks } from "./support/synthesized-stacks";

const project = join(__dirname, "..");
const source = (path: string) => readFileSync(join(project, path), "utf8");
const fork = mkdtempSync(join(tmpdir(), "fork-"));
afterAll(() => rmSync(fork, { recursive: true }));

/** The account files, as `main.ts` imports them: `stacks/account1.ts`. */
const accountFiles = [...source("main.ts").matchAll(/^import \{ (\w+) \} from "\.\/(stacks\/[\w.-]+)";$/gm)]
  .map(([, name = "", path = ""]) => ({ name, path: `${path}.ts` }))
  .filter(({ path }) => /extends AwsAccountStack\b/.test(source(path)));

/** What a copy must change, as it stands in the last account file. */
const original = accountFiles.at(-1) ?? { name: "", path: "" };
const values = {
  className: original.name,
  stackId: written(/super\(scope, "([^"]+)"/),
  accountName: written(/accountName: "([^"]+)"/),
  accountId: written(/accountId: "(\d{12})"/),
};
const own: typeof values = {
  className: "Forked9",
  stackId: "aws-forked9",
  accountName: "Forked9",
  accountId: "909090909090",
};

function written(pattern: RegExp): string {
  const value = pattern.exec(source(original.path))?.[1];
  if (value === undefined) throw new Error(`${original.path} has nothing like ${pattern}`);
  return value;
}

/** README, "New account": copy an account file, change its values, add one line to `main.ts`. */
function addAccount(changed: typeof values, edit = (text: string) => text): void {
  for (const part of ["constructs", "stacks", "synth", "main.ts", "cdktf.json", "tsconfig.json", "package.json"]) {
    cpSync(join(project, part), join(fork, part), { recursive: true });
  }
  const copy = source(original.path)
    .replace(`class ${values.className} `, `class ${changed.className} `)
    .replace(`"${values.stackId}"`, `"${changed.stackId}"`)
    .replace(`accountName: "${values.accountName}"`, `accountName: "${changed.accountName}"`)
    .replace(`accountId: "${values.accountId}"`, `accountId: "${changed.accountId}"`);
  writeFileSync(join(fork, "stacks/forked9.ts"), edit(copy));
  const main = source("main.ts")
    .replace(/^(export const accounts = \[.*)\];$/m, `$1, ${changed.className}];`)
    .replace(/^import .*;$/m, `$&\nimport { ${changed.className} } from "./stacks/forked9";`);
  writeFileSync(join(fork, "main.ts"), main);
}

/** The half of `app` that synthesizes. */
const WITHOUT_TYPES = "node -r ts-node/register main.ts";

/** Starts the `app` of cdktf.json, or a part of it. */
function synthesizeFork(part?: string) {
  const { app } = JSON.parse(source("cdktf.json")) as { app: string };
  if (part && !app.includes(part)) throw new Error(`cdktf.json does not start ${part}`);
  const { SYNTH_HCL_OUTPUT: _, CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS: __, ...inherited } = process.env;
  const env = { ...inherited, CDKTF_OUTDIR: join(fork, "cdktf.out") };
  return spawnSync(part ?? app, { cwd: fork, env, shell: true, encoding: "utf8" });
}

beforeAll(() => linkPackages(project, fork));

describe("one account more, made as the README says", () => {
  const before = synthesizedStacks();
  let run: ReturnType<typeof synthesizeFork>;
  let copied: StackJson;
  let made: StackJson;
  beforeAll(() => {
    addAccount(own);
    run = synthesizeFork();
    copied = stackOf(values.stackId);
    made = stackOf(own.stackId);
  }, 60_000);

  test("gives one stack more", () => {
    expect(run.status === 0 ? "" : run.stderr).toBe("");
    const expected = [...before.map(({ name }) => name), own.stackId].sort();
    expect(readdirSync(join(fork, "cdktf.out/stacks")).sort()).toEqual(expected);
  });

  test("leaves the others as they were", () => {
    expect(before.map(({ name }) => stackOf(name))).toEqual(before.map(({ json }) => json));
  });

  test("shares nothing by accident: no id, group, app role or state of the account it was copied from", () => {
    const text = JSON.stringify(made);
    const appRoles = appRoleIds(copied);
    expect(appRoles.length).toBeGreaterThan(0);
    const theirs = [values.accountId, `"${values.stackId}"`, `AWS-${values.accountName}-`, ...appRoles];
    expect(theirs.filter((value) => text.includes(value))).toEqual([]);
    expect(backendOf(made)).not.toEqual(backendOf(copied));
  });

  test("has only what follows from its own values, and what all accounts share", () => {
    const asBefore = (text: string) =>
      text
        .replaceAll(own.stackId, values.stackId)
        .replaceAll(own.accountName, values.accountName)
        .replaceAll(own.accountId, values.accountId);
    const texts = textsIn(made).filter((text) => !appRoleIds(made).includes(text));
    expect(texts.map(asBefore).filter((text) => !textsIn(copied).includes(text))).toEqual([]);
  });

  test("has the addresses of the account it was copied from", () => {
    expect(addresses(made)).toEqual(addresses(copied));
  });
});

test("a copy that keeps the account id is told so, in a line", () => {
  addAccount({ ...own, accountId: values.accountId });
  const { status, stderr } = synthesizeFork(WITHOUT_TYPES);
  expect(status).not.toBe(0);
  expect(stderr).toContain(
    `[${own.stackId}] accountId is '${values.accountId}', ${values.stackId} has the same: one AWS account has one stack; correct one of them\n`,
  );
}, 60_000);

test("one account alone, without a baseline, synthesizes as it stands: what main.ts then imports for nothing is no error", () => {
  addAccount(own);
  const main = readFileSync(join(fork, "main.ts"), "utf8")
    .replace(/accounts = \[.*\]/, `accounts = [${own.className}]`)
    .replace(/(baselines.*) = \[.*\]/, "$1 = []");
  writeFileSync(join(fork, "main.ts"), main);
  const { status, stderr } = synthesizeFork();
  expect(status === 0 ? "" : stderr).toBe("");
  expect(readdirSync(join(fork, "cdktf.out/stacks"))).toContain(own.stackId);
}, 60_000);

/** The line of the added account's file that has a text. */
function lineOf(text: string): number {
  return readFileSync(join(fork, "stacks/forked9.ts"), "utf8").split(text)[0]?.split("\n").length ?? 0;
}

test("an option that does not exist stops the synth in one line, by file and line, before it can mean something else", () => {
  addAccount(own, (text) => text.replace("accountName:", "acountName:"));
  const { status, stdout, stderr } = synthesizeFork();
  expect(status).not.toBe(0);
  expect((stdout + stderr).trim().split("\n")).toEqual([
    expect.stringMatching(
      `^stacks/forked9\\.ts\\(${lineOf("acountName")},\\d+\\): error TS2561: .*'acountName' does not exist in type '(AccountDescription|AwsAccountProps)'`,
    ),
  ]);
}, 60_000);

test("an error of ours has our file and line, and cdktf takes no stack trace for its tokens", () => {
  const tokens = `console.log(Lazy.anyValue({ produce: () => 1 }).creationStack)`;
  const thrown = 'throw new Error("of our own")';
  addAccount(own, (text) =>
    text
      .replace(/^import .*\n/, '$&import { Lazy } from "cdktf";\n')
      .replace("super(", `${tokens};\n    ${thrown};\n    super(`),
  );
  const { status, stdout, stderr } = synthesizeFork(WITHOUT_TYPES);
  expect(status).not.toBe(0);
  expect(stdout).toBe("[]\n");
  expect(stderr).toContain("Error: of our own\n");
  expect(stderr).toContain(`stacks/forked9.ts:${lineOf(thrown)}:`);
}, 60_000);

test("a fork without the compiler is told what to install", () => {
  addAccount(own);
  const compiler = join(fork, "node_modules/typescript-native");
  const installed = readlinkSync(compiler);
  rmSync(compiler);
  try {
    const { status, stderr } = synthesizeFork();
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/^typescript-native is not installed.*run `npm ci`.*\n$/);
  } finally {
    symlinkSync(installed, compiler);
  }
});

test("account files have at most 40 lines", () => {
  const lines = ({ path }: { path: string }) => source(path).trimEnd().split("\n").length;
  expect(accountFiles).not.toEqual([]);
  expect(accountFiles.filter((file) => lines(file) > 40)).toEqual([]);
});

/** A stack of the fork, without cdktf's notes to itself. */
function stackOf(id: string): StackJson {
  const text = readFileSync(join(fork, `cdktf.out/stacks/${id}/cdk.tf.json`), "utf8");
  return JSON.parse(text, (key, value: unknown) => (key === "//" ? undefined : value)) as StackJson;
}

function backendOf({ terraform }: StackJson): unknown {
  return (terraform as { backend?: unknown }).backend;
}

function appRoleIds(stack: StackJson): string[] {
  const assignments = Object.values(stack.resource?.["azuread_app_role_assignment"] ?? {});
  return assignments.map(({ app_role_id }) => String(app_role_id));
}
