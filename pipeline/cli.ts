import { appendFileSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { affected, withheld } from "./affected";
import { type Chunk, chunks, deploys, type Stage } from "./chunks";
import { github, stickyComment, stickyIssue } from "./github";
import type { Json } from "./json";
import { NIGHTLY_MARKER, type NightlyReport, nightlyText } from "./nightly";
import {
  COMMENT_LIMIT,
  counts,
  fit,
  HANDOVER_LIMIT,
  MARKER,
  reportText,
  type StackReport,
  SUMMARY_LIMIT,
} from "./report";
import { checkStacks, deployStacks, digests, planStacks, readStacks } from "./run";
import { terraform } from "./terraform";

/**
 * The commands of the workflows. What a workflow hands over comes in environment variables, never in the command line, where GitHub would paste it
 * into a script. What a command says goes to the step's outputs and summary; the log gets a line per stack.
 */
const COMMANDS: Readonly<Record<string, () => void | Promise<void>>> = {
  /**
   * Compares two synths: output `chunks` (the matrix of the plan jobs) and `removed`. Without `--base`, every stack. With `--pull-request`
   * also `unplanned`: the stacks whose state may hold a secret, which are in no chunk.
   */
  affected() {
    const head = readStacks(options.synth);
    if (head === undefined) throw new Error(`there is no synth in ${options.synth}: run main.ts first`);
    const base = options.base === undefined ? undefined : readStacks(options.base);
    const result = affected(base, head);
    const unplanned = options["pull-request"] ? withheld(result.affected, base, head) : [];
    const names = unplanned.map(({ stack }) => stack);
    output("chunks", chunks(result.affected.filter((stack) => !names.includes(stack))));
    output("removed", result.removed);
    if (options["pull-request"]) output("unplanned", fit(unplanned, HANDOVER_LIMIT));
    log(`affected: ${list(result.affected)}; removed: ${list(result.removed)}; unchanged: ${result.unchanged.length}`);
    if (options["pull-request"]) log(`on main only: ${list(names)}`);
  },

  /** Plans the stacks of `CHUNK`: output `report-<index>`, fails if a plan fails. */
  plan() {
    const chunk = input<Chunk>("CHUNK");
    const reports = planStacks(chunk.stacks, workplace());
    summary(reportText({ heading: "## Plan", reports }, SUMMARY_LIMIT));
    output(`report-${chunk.index}`, fit(reports, handover()));
    for (const report of reports)
      log(`${report.stack}: ${report.outcome === "failed" ? "failed, see the summary" : counts(report)}`);
    failIf(reports.some(({ outcome }) => outcome === "failed"));
  },

  /** Writes the comment of the pull request from `REPORTS`, the outputs of the plan jobs, and `UNPLANNED`. */
  async comment() {
    const reports = [...handedOver(), ...input<StackReport[]>("UNPLANNED")];
    const text = reportText(
      { heading: "## Plan", reports, removed: input("REMOVED"), run: run() },
      COMMENT_LIMIT - MARKER.length - 1,
    );
    await stickyComment(
      github(process.env),
      variable("GITHUB_REPOSITORY"),
      Number(variable("PULL_REQUEST")),
      MARKER,
      text,
    );
  },

  /** Says which deploy jobs the plans in `REPORTS` ask for: output `deploys`. A stack whose plan failed is not among them. */
  deploys() {
    const reports = handedOver<StackReport>();
    const changing = reports.flatMap((report) =>
      report.outcome === "planned" && report.changes ? [report.stack] : [],
    );
    output("deploys", deploys(changing, JSON.parse(readFileSync(".github/stages.json", "utf8")) as Stage[]));
    summary(reportText({ heading: "## To be approved", reports, removed: input("REMOVED") }, SUMMARY_LIMIT));
    log(`to deploy: ${list(changing)}`);
  },

  /** Plans the stacks of `STACKS` again and applies each plan whose digest is the one in `REPORTS`; fails if a stack is not deployed. */
  deploy() {
    const reports = deployStacks(input<string[]>("STACKS"), digests(handedOver()), workplace());
    const stopped = reports.filter(({ deploy }) => deploy === "stopped");
    const heading = stopped.length === 0 ? "## Deploy" : `## Stopped: ${stopped.length} changed since the approval`;
    summary(reportText({ heading, reports }, SUMMARY_LIMIT));
    for (const { stack, deploy } of reports) log(`${stack}: ${deploy}`);
    failIf(reports.some(({ deploy }) => deploy === "stopped" || deploy === "failed"));
  },

  /** Checks the stacks of `CHUNK` for drift, expiry and pending roles: output `report-<index>`. */
  nightly() {
    const chunk = input<Chunk>("CHUNK");
    const reports = checkStacks(chunk.stacks, workplace(), new Date());
    summary(nightlyText(reports, run()) ?? "Nothing found.");
    output(`report-${chunk.index}`, fit(reports, handover()));
    failIf(reports.some(({ outcome }) => outcome === "failed"));
  },

  /** Opens, updates or closes the nightly issue from `REPORTS`. */
  async issue() {
    const text = nightlyText(handedOver<NightlyReport>(), run());
    await stickyIssue(
      github(process.env),
      variable("GITHUB_REPOSITORY"),
      NIGHTLY_MARKER,
      "Nightly check of the AWS federation",
      text,
    );
  },
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    base: { type: "string" },
    "pull-request": { type: "boolean", default: false },
    synth: { type: "string", default: "cdktf.out" },
  },
});

const workplace = () => ({ synth: options.synth, terraform });

/** The page of this run. */
const run = (): string =>
  `${variable("GITHUB_SERVER_URL")}/${variable("GITHUB_REPOSITORY")}/actions/runs/${variable("GITHUB_RUN_ID")}`;

/** This job's share of what all jobs may hand over. */
const handover = (): number => Math.floor(HANDOVER_LIMIT / Number(process.env["JOBS"] ?? "1"));

/** The reports of all plan jobs: `toJSON(needs.plan.outputs)`, whose members are JSON again, or empty where there was no such job. */
function handedOver<T = StackReport>(): T[] {
  return Object.values(input<Record<string, string>>("REPORTS"))
    .filter((report) => report !== "")
    .flatMap((report) => JSON.parse(report) as T[]);
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`the environment variable ${name} is not set`);
  return value;
}

const input = <T>(name: string): T => JSON.parse(variable(name)) as T;

/** JSON has no line break, so a value cannot end the line and begin another output. */
const output = (name: string, value: object): void =>
  append("GITHUB_OUTPUT", `${name}=${JSON.stringify(value as Json)}`);

const summary = (text: string): void => append("GITHUB_STEP_SUMMARY", text);

const append = (file: "GITHUB_OUTPUT" | "GITHUB_STEP_SUMMARY", text: string): void =>
  appendFileSync(variable(file), `${text}\n`);

const log = (line: string): void => console.log(line);

const list = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));

function failIf(failed: boolean): void {
  if (failed) process.exitCode = 1;
}

const [name = ""] = positionals;
const command = COMMANDS[name];
if (command === undefined)
  throw new Error(`command is "${name}", pipeline/cli.ts takes ${Object.keys(COMMANDS).join(", ")}`);
void command();
