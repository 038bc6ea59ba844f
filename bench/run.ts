import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import type { StackJson } from "../__tests__/support/stack-json";
import { writeBaseline } from "./baseline";
import { type Command, type Cost, measure, measureByTurns } from "./measure";

/**
 * `npm run bench [-- --runs N --short]`: what the project costs, beside an app as `cdktf init` lays it out with the same resources.
 * CPU is user and system time of the whole command, memory is the most that one Node process of it held; medians of N runs (3)
 * taken by turns. The table goes to `results.md` too, with date and versions: commit it with what changed it. It measures and judges;
 * it exits 1 only when something could not be measured. `--short` leaves out what takes many minutes.
 */
interface Row {
  readonly what: string;
  readonly project: Command;
  /** What the project is compared with; without one, the naive app's `cdktf synth` of one stack. */
  readonly baseline?: Command;
  /** Most that the project may cost, as a share of the baseline's CPU. */
  readonly limit?: number;
  /** Takes many minutes; a sequence of so many commands is its own repetition. */
  readonly long?: boolean;
}

/** Most CPU time that each stack beyond the first may cost. */
const LIMIT_MS = 12;
const STACKS = [1, 60, 300] as const;
const ACCOUNTS = 60;

const project = join(__dirname, "..");
const { scripts } = readJson<{ scripts: Record<string, string> }>(join(project, "package.json"));
const { app } = readJson<{ app: string }>(join(project, "cdktf.json"));
/** As the CLI starts it: types are checked, of what main.ts reaches, and then the accounts take its place. */
const cliApp = app.replace(/main\.ts$/, "bench/accounts.ts");
/** As the pipeline starts it, where `npm test` has looked at types before. */
const accountsApp = ["node", "-r", "ts-node/register", "bench/accounts.ts"];

function rows(baseline: string, out: string): Row[] {
  const synth = STACKS.map((count) => ({
    what: `synth, ${stacks(count)}`,
    project: { cwd: project, argv: [...accountsApp, `${count}`, join(out, "project")] },
    baseline: { cwd: baseline, argv: ["npx", "ts-node", "main.ts", `${count}`, join(out, "baseline")] },
    ...(count === 300 ? { limit: 0.25 } : {}),
  }));
  const cli = (appCommand: string, cwd: string, folder: string): Command => ({
    cwd,
    argv: ["npx", "cdktf", "synth", "--app", appCommand, "--output", join(out, folder)],
    env: { CI: "1", CHECKPOINT_DISABLE: "1" },
  });
  const tsc = (compiler: string, cwd: string, ...options: string[]): Command => ({
    cwd,
    argv: ["node", join(project, "node_modules", compiler, "bin", "tsc"), "--noEmit", ...options],
  });
  const npm = (script: string, ...args: string[]): Command => ({
    cwd: project,
    argv: ["npm", "run", "--silent", script, ...(args.length > 0 ? ["--", ...args] : [])],
  });
  return [
    {
      what: CLI,
      project: cli(cliApp, project, "project-cli"),
      baseline: cli("npx ts-node main.ts", baseline, "baseline-cli"),
      limit: 0.3,
    },
    ...synth,
    {
      what: "type check of the app",
      project: tsc("typescript-native", project, "--project", "synth"),
      // The template builds incrementally into its own folder; a check from scratch is what a pipeline pays.
      baseline: tsc("typescript", baseline, "--incremental", "false"),
    },
    { what: "type check of the whole repository", project: npm("typecheck"), limit: 0.35 },
    { what: "npm test", project: npm("test"), limit: 4 },
    ...(hasScript("rehearse") ? [{ what: "npm run rehearse", project: npm("rehearse"), limit: 4 }] : []),
    ...(hasScript("rehearse:accounts")
      ? [{ what: `rehearsal of ${ACCOUNTS} accounts`, project: npm("rehearse:accounts", `${ACCOUNTS}`), long: true }]
      : []),
  ];
}

const CLI = "cdktf synth, 1 stack, types checked";

/** A project without the rehearsal has its scripts, and not their files. */
function hasScript(name: string): boolean {
  const [file] = /\S+\.ts/.exec(scripts[name] ?? "") ?? [];
  return file !== undefined && existsSync(join(project, file));
}

function main(): void {
  const { values } = parseArgs({ options: { runs: { type: "string", default: "3" }, short: { type: "boolean" } } });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs is '${values.runs}', it takes a number from 1`);
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const baseline = join(folder, "baseline");
    mkdirSync(baseline);
    const everything = rows(baseline, folder);
    const all = everything.filter(({ long }) => !(long && values.short));
    const leftOut = everything.filter((row) => !all.includes(row)).map(({ what }) => what);
    refuseDifferentResources(
      all.find(({ what }) => what === `synth, ${stacks(1)}`),
      baseline,
      folder,
    );
    console.log(line(HEAD));
    const measured = new Map<string, Costs>();
    const table = all.flatMap((row) => {
      const costs = measureRow(row, row.long ? 1 : runs);
      if (!costs) return [];
      measured.set(row.what, costs);
      const cells = cellsOf(row, costs, measured.get(CLI)?.baseline);
      console.log(line(cells));
      return [cells];
    });
    const growth = growthOf(measured);
    console.log(`\n${growth}`);
    if (measured.size < all.length) process.exitCode = 1;
    else writeFileSync(RESULTS, page(table, leftOut, growth, runs));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Makes the baseline from the project's stack, and stops when the two do not synthesize the same: nothing would be compared. */
function refuseDifferentResources(one: Row | undefined, baseline: string, out: string): void {
  if (!one?.baseline) throw new Error("there is no row of one stack");
  measure(one.project);
  const mine = read(join(out, "project", "stacks", "aws-account1"));
  writeBaseline(baseline, mine);
  measure(one.baseline);
  const theirs = read(join(out, "baseline", "stacks", "stack1"));
  for (const part of ["provider", "resource", "data", "locals", "output", "check"] as const) {
    if (!isDeepStrictEqual(mine[part], theirs[part]))
      throw new Error(`the baseline has another ${part} than the project`);
  }
}

/** The comments hold construct paths and the tool's version. */
function read(folder: string): StackJson {
  const withoutComments = (key: string, value: unknown) => (key === "//" ? undefined : value);
  return JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8"), withoutComments) as StackJson;
}

type Costs = Partial<Record<"project" | "baseline", Cost>>;

/** Measures a row; says why, and gives nothing, when it could not be measured. */
function measureRow({ what, project, baseline }: Row, runs: number): Costs | undefined {
  try {
    return measureByTurns({ project, baseline }, runs);
  } catch (error) {
    const lines = String(error instanceof Error ? error.message : error)
      .trim()
      .split("\n");
    console.log([`${what}: could not be measured`, ...lines.slice(0, 8), ...lines.slice(8).slice(-8)].join("\n    "));
    return undefined;
  }
}

const HEAD = ["", "CPU s", "naive", "ratio", "limit", "", "MiB", "naive", "ratio"];

/** @param synth what the naive app's `cdktf synth` of one stack costs: the measure of all that the naive app does not have */
function cellsOf({ what, limit }: Row, { project, baseline }: Costs, synth: Cost | undefined): string[] {
  const beside = baseline ?? synth;
  const ratio = project && beside ? project.cpuSec / beside.cpuSec : Number.NaN;
  return [
    what,
    project?.cpuSec.toFixed(2) ?? "",
    beside?.cpuSec.toFixed(2) ?? "",
    ratio.toFixed(2),
    limit?.toString() ?? "",
    limit === undefined ? "" : verdict(ratio <= limit),
    project?.peakMiB.toFixed(0) ?? "",
    baseline?.peakMiB.toFixed(0) ?? "",
    project && baseline ? (project.peakMiB / baseline.peakMiB).toFixed(2) : "",
  ];
}

const verdict = (met: boolean) => (met ? "met" : "not met");

/** What a stack more costs: the same at any number, or the synth would be no use to many accounts. The naive app's tells how busy the machine is. */
function growthOf(measured: ReadonlyMap<string, Costs>): string {
  const step = (side: keyof Costs, from: number, to: number) => {
    const at = (count: number) => (measured.get(`synth, ${stacks(count)}`)?.[side]?.cpuSec ?? Number.NaN) * 1000;
    return (at(to) - at(from)) / (to - from);
  };
  const [first, middle, last] = STACKS;
  const each = step("project", first, last);
  const parts = [step("project", first, middle), step("project", middle, last), step("baseline", first, last)];
  const [early, late, naive] = parts.map((part) => part.toFixed(1));
  return [
    `Each stack after the first: ${each.toFixed(1)} ms CPU, limit ${LIMIT_MS}: ${verdict(each <= LIMIT_MS)}`,
    `(${early} up to ${middle}, ${late} from there on; naive ${naive}).`,
  ].join(" ");
}

const RESULTS = join(__dirname, "results.md");
const PACKAGES = [
  "cdktf",
  "cdktf-cli",
  "@cdktf/provider-aws",
  "@cdktf/provider-azuread",
  "typescript",
  "typescript-native",
  "ts-node",
  "@swc/core",
  "jest",
];

function page(table: readonly string[][], leftOut: readonly string[], growth: string, runs: number): string {
  const version = (name: string) =>
    readJson<{ version: string }>(join(project, "node_modules", name, "package.json")).version;
  const versions = PACKAGES.map((name) => `${name} ${version(name)}`);
  const [{ model = "unknown" } = {}, ...others] = cpus();
  return [
    "# What it costs",
    "",
    `Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}, median of ${runs}. Node ${process.version.slice(1)}, ${versions.join(", ")}; ${others.length + 1} × ${model.trim()}.`,
    "",
    "CPU is user and system time of the whole command, MiB the most that one Node process held. The naive app declares the same resources as",
    "`cdktf init` and the providers' documentation show it. What it has nothing of is compared with its `cdktf synth` of one stack.",
    "Times of two runs of the bench differ by what else the machine does, ratios of one run hardly do.",
    "",
    ...[HEAD, HEAD.map((_, index) => (index === 0 ? "---" : "--:")), ...table].map((row) => `| ${row.join(" | ")} |`),
    "",
    growth,
    ...(leftOut.length > 0 ? ["", `Left out (\`--short\`): ${leftOut.join(", ")}.`] : []),
    "",
  ].join("\n");
}

function line([what = "", ...cells]: readonly string[]): string {
  return what.padEnd(38) + cells.map((cell) => cell.padStart(9)).join("");
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

function stacks(count: number): string {
  return count === 1 ? "1 stack" : `${count} stacks`;
}

main();
