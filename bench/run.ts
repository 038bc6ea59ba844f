import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual, parseArgs } from "node:util";
import type { StackJson } from "../__tests__/support/stack-json";
import { writeBaseline } from "./baseline";
import { type Command, type Cost, measure, measureByTurns } from "./measure";

/**
 * `npm run bench [-- --runs N]`: what the project costs, beside an app as `cdktf init` lays it out with the same resources.
 * CPU is user and system time of the whole command, memory is the most that one Node process of it held; medians of N runs (3)
 * taken by turns. It measures and judges; it exits 1 only when something could not be measured.
 */
interface Row {
  readonly what: string;
  readonly project?: Command;
  readonly baseline?: Command;
}

/** One stack: what the owner asked for, as a share of the baseline. */
const AIM = 0.25;
const STACKS = [1, 100, 300] as const;

const project = join(__dirname, "..");
const { app } = JSON.parse(readFileSync(join(project, "cdktf.json"), "utf8")) as { app: string };
/** As the CLI starts it, which looks at types too. */
const cliApp = app.replace("main.ts", "bench/accounts.ts");
/** As the pipeline starts it, where `npm test` has looked at types before. */
const accountsApp = ["node", "-r", "ts-node/register/transpile-only", "bench/accounts.ts"];

function rows(baseline: string, out: string): Row[] {
  const synth = STACKS.map((count) => ({
    what: `synth, ${stacks(count)}`,
    project: { cwd: project, argv: [...accountsApp, `${count}`, join(out, "project")] },
    baseline: { cwd: baseline, argv: ["npx", "ts-node", "main.ts", `${count}`, join(out, "baseline")] },
  }));
  const cli = (appCommand: string, cwd: string, folder: string): Command => ({
    cwd,
    argv: ["npx", "cdktf", "synth", "--app", appCommand, "--output", join(out, folder)],
    env: { CI: "1", CHECKPOINT_DISABLE: "1" },
  });
  return [
    ...synth,
    {
      what: "cdktf synth, 1 stack",
      project: cli(cliApp, project, "project-cli"),
      baseline: cli("npx ts-node main.ts", baseline, "baseline-cli"),
    },
    {
      what: "type check of the app",
      project: { cwd: project, argv: ["npx", "tsc", "--noEmit", "-p", appOnly(out)] },
      // The template builds incrementally into its own folder; a check from scratch is what a pipeline pays.
      baseline: { cwd: baseline, argv: ["npx", "tsc", "--noEmit", "--incremental", "false"] },
    },
    { what: "type check of the whole repository", project: { cwd: project, argv: ["npx", "tsc", "--noEmit"] } },
    { what: "all tests of the project", project: { cwd: project, argv: ["npx", "jest", "--ci", "--silent"] } },
    { what: "one synth test, as the template runs it", baseline: { cwd: baseline, argv: ["npx", "jest", "--ci"] } },
  ];
}

/** The project's settings for what main.ts imports alone: what the baseline has, which is an app and no rehearsal, pipeline or tests. */
function appOnly(folder: string): string {
  const file = join(folder, "app.tsconfig.json");
  const settings = {
    extends: join(project, "tsconfig.json"),
    compilerOptions: { rootDir: project, types: ["node"], typeRoots: [join(project, "node_modules/@types")] },
    files: [join(project, "main.ts")],
  };
  writeFileSync(file, JSON.stringify(settings));
  return file;
}

function main(): void {
  const { values } = parseArgs({ options: { runs: { type: "string", default: "3" } } });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs is '${values.runs}', it takes a number from 1`);
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const baseline = join(folder, "baseline");
    mkdirSync(baseline);
    const [one, ...others] = rows(baseline, folder);
    if (!one) return;
    refuseDifferentResources(one, baseline, folder);
    console.log(`median of ${runs}; CPU in s, memory in MiB; ratio = project / baseline\n`);
    console.log(line(["", "CPU", "baseline", "ratio", "memory", "baseline", "ratio"]));
    const costs = [one, ...others].map((row) => measureRow(row, runs));
    console.log(`\n${judgement(costs).join("\n")}`);
    if (costs.includes(undefined)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Makes the baseline from the project's stack, and stops when the two do not synthesize the same: nothing would be compared. */
function refuseDifferentResources(one: Row, baseline: string, out: string): void {
  if (one.project) measure(one.project);
  const mine = read(join(out, "project", "stacks", "aws-account1"));
  writeBaseline(baseline, mine);
  if (one.baseline) measure(one.baseline);
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

/** Measures a row and prints it; `undefined` when it could not be measured. */
function measureRow({ what, project, baseline }: Row, runs: number): Costs | undefined {
  try {
    const costs: Costs = measureByTurns({ project, baseline }, runs);
    const columns = (pick: (cost: Cost) => number, digits: number) => {
      const [mine, theirs] = [costs.project && pick(costs.project), costs.baseline && pick(costs.baseline)];
      const ratio = mine !== undefined && theirs !== undefined ? (mine / theirs).toFixed(2) : "";
      return [mine?.toFixed(digits) ?? "", theirs?.toFixed(digits) ?? "", ratio];
    };
    console.log(line([what, ...columns((c) => c.cpuSec, 2), ...columns((c) => c.peakMiB, 0)]));
    return costs;
  } catch (error) {
    const lines = String(error instanceof Error ? error.message : error)
      .trim()
      .split("\n");
    console.log([`${what}: could not be measured`, ...lines.slice(0, 8), ...lines.slice(8).slice(-8)].join("\n    "));
    return undefined;
  }
}

function judgement(costs: readonly (Costs | undefined)[]): string[] {
  const synth = STACKS.map((_, index) => costs[index]);
  const [one] = synth;
  const verdict = (met: boolean) => (met ? "met" : "not met");
  const share = (what: string, pick: (cost: Cost) => number) => {
    if (!one?.project || !one.baseline) return `one stack, ${what}: not measured`;
    const ratio = pick(one.project) / pick(one.baseline);
    return `one stack, ${what}: ${ratio.toFixed(2)} of the baseline, aim ${AIM}: ${verdict(ratio <= AIM)}`;
  };
  const growth = (what: string, unit: string, pick: (cost: Cost) => number) => {
    const at = synth.map((cost) => cost?.project && pick(cost.project));
    const steps = STACKS.slice(1).map((count, i) => {
      const [from, to] = [at[i], at[i + 1]];
      return from === undefined || to === undefined ? Number.NaN : (to - from) / (count - (STACKS[i] ?? 0));
    });
    // A growth faster than linear makes the later stacks dearer than the earlier ones; half as dear again is above the noise.
    const linear = (steps[1] ?? Number.NaN) <= 1.5 * (steps[0] ?? Number.NaN);
    const each = steps.map((step, i) => `${step.toFixed(2)} ${unit} (${STACKS[i]} to ${STACKS[i + 1]})`).join(", ");
    return `each further stack, ${what}: ${each}; aim linear: ${verdict(linear)}`;
  };
  return [
    share("CPU", (cost) => cost.cpuSec),
    share("memory", (cost) => cost.peakMiB),
    growth("CPU", "ms", (cost) => cost.cpuSec * 1000),
    growth("memory", "MiB", (cost) => cost.peakMiB),
  ];
}

function line([what = "", ...cells]: readonly string[]): string {
  return what.padEnd(42) + cells.map((cell) => cell.padStart(10)).join("");
}

function stacks(count: number): string {
  return count === 1 ? "1 stack" : `${count} stacks`;
}

main();
