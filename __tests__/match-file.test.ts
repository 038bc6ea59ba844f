import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";

// Each test starts Jest twice.
jest.setTimeout(60_000);

const project = mkdtempSync(join(tmpdir(), "match-file-"));
const snapshots = join(project, "snapshots");
afterAll(() => rmSync(project, { recursive: true }));

const TEST = `
const { join } = require("node:path");
const { fileMatchers } = require("./match-file");
expect.extend(fileMatchers);
test("text", () => expect("who gets in").toMatchFile(join(__dirname, "snapshots", "account.access.txt")));
test("files", () => expect(["account.access.txt"]).toBeTheFilesOf(join(__dirname, "snapshots")));
`;

beforeAll(() => {
  const source = readFileSync(join(__dirname, "support/match-file.ts"), "utf8");
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  writeFileSync(join(project, "match-file.js"), ts.transpileModule(source, { compilerOptions }).outputText);
  writeFileSync(join(project, "text.test.js"), TEST);
  writeFileSync(join(project, "package.json"), JSON.stringify({ jest: { transform: {} } }));
});

/** The snapshots before, and how a run of Jest itself then ends. */
function run(before: Readonly<Record<string, string>>, ...options: string[]) {
  rmSync(snapshots, { recursive: true, force: true });
  for (const [name, text] of Object.entries(before)) {
    mkdirSync(snapshots, { recursive: true });
    writeFileSync(join(snapshots, name), text);
  }
  const { CI: _, ...env } = process.env;
  const jest = require.resolve("jest/bin/jest");
  const { status, stderr } = spawnSync(process.execPath, [jest, "--rootDir", project, ...options], {
    ...{ cwd: project, env, encoding: "utf8" },
  });
  const files = existsSync(snapshots) ? readdirSync(snapshots) : [];
  const after = Object.fromEntries(files.map((name) => [name, readFileSync(join(snapshots, name), "utf8")]));
  return { passed: status === 0, after, stderr };
}

const right = { "account.access.txt": "who gets in\n" };
const wrong = { "account.access.txt": "nobody gets in\n" };
const left = { ...right, "gone.access.txt": "who got in\n" };

describe("a snapshot in a file of its own", () => {
  test("is written where there is none, but not with --ci, which fails", () => {
    expect(run({})).toMatchObject({ passed: true, after: right });
    const { passed, after, stderr } = run({}, "--ci");
    expect({ passed, after }).toEqual({ passed: false, after: {} });
    expect(stderr).toContain("account.access.txt is not there: read it, run `npm run test:unit -- -u`");
  });

  test("that is different fails and stays, until -u writes it", () => {
    const { passed, after, stderr } = run(wrong);
    expect({ passed, after }).toEqual({ passed: false, after: wrong });
    expect(stderr).toContain("- nobody gets in");
    expect(stderr).toContain("+ who gets in");
    expect(run(wrong, "-u")).toMatchObject({ passed: true, after: right });
  });

  test("that nothing has any more fails, until -u removes it", () => {
    const { passed, after, stderr } = run(left, "--ci");
    expect({ passed, after }).toEqual({ passed: false, after: left });
    expect(stderr).toContain("gone.access.txt: nothing has such a snapshot any more");
    expect(run(left, "-u")).toMatchObject({ passed: true, after: right });
  });

  test("may end its lines as Windows does", () => {
    expect(run({ "account.access.txt": "who gets in\r\n" }, "--ci").passed).toBe(true);
  });
});
