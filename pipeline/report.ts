import { compare } from "./json";
import type { PlanSummary } from "./plan-summary";

/** What is said of one stack. It leaves the job, so nothing in it is unmasked. */
export type StackReport = Planned | Failed | Unplanned;

export type Planned = { readonly stack: string; readonly outcome: "planned" } & PlanSummary;

/** Terraform failed; `error` is its message, less every secret. */
export interface Failed {
  readonly stack: string;
  readonly outcome: "failed";
  readonly error: string;
}

/** Not planned in a pull request, since its state may hold a secret; `list` is what the synthesized stack says differently. */
export interface Unplanned {
  readonly stack: string;
  readonly outcome: "unplanned";
  readonly list: string;
}

/** The comment is found again by this line, which GitHub does not show. */
export const MARKER = "<!-- entra-aws-federation: plan -->";

/** GitHub refuses a longer comment: "body is too long (maximum is 65536 characters)". */
export const COMMENT_LIMIT = 65_536;

/**
 * A step's summary may have 1 MiB: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
 * Counted in characters of at most four bytes.
 */
export const SUMMARY_LIMIT = 262_144;

/**
 * All reports of a run together, as they travel: JSON within JSON, in one environment variable, which Linux ends at 128 KiB
 * (MAX_ARG_STRLEN, https://man7.org/linux/man-pages/man2/execve.2.html). Counted in bytes.
 */
export const HANDOVER_LIMIT = 120_000;

const CUT = "\n\n_Cut here: not all of it fits. The whole lists are in the summaries of the run's jobs._";

export interface ReportText {
  readonly heading: string;
  readonly reports: readonly StackReport[];
  readonly removed?: readonly string[];
  readonly run?: string;
}

/** The report as Markdown of at most `limit` characters: a table of all stacks, then their lists. */
export function reportText({ heading, reports, removed = [], run }: ReportText, limit: number): string {
  const sorted = [...reports].sort((a, b) => compare(a.stack, b.stack));
  const head = [
    heading,
    sorted.length === 0 ? "No stack is affected: nothing to plan." : table(sorted),
    removed.length === 0
      ? ""
      : `:warning: **No longer in the code:** ${removed.map((name) => `\`${name}\``).join(", ")}. What they made stays in AWS and Entra, managed by nobody, unless it was destroyed before.`,
    run === undefined ? "" : `[Whole lists in the summary of this run](${run})`,
  ].filter((part) => part !== "");
  const details = sorted.map(detail).filter((part) => part !== "");
  // The table of all stacks comes first, so that no stack is missing where the lists are cut.
  return cut([...head, ...details].join("\n\n"), limit);
}

function table(reports: readonly StackReport[]): string {
  const rows = reports.map((report) => {
    if (report.outcome === "failed") return `| \`${report.stack}\` | :x: failed | |`;
    if (report.outcome === "unplanned") return `| \`${report.stack}\` | :lock: on main only | |`;
    return `| \`${report.stack}\` | ${counts(report)} | ${report.changes ? `\`${report.digest}\`` : ""} |`;
  });
  return ["| stack | plan | digest |", "|---|---|---|", ...rows].join("\n");
}

export function counts(summary: PlanSummary): string {
  if (!summary.changes) return "no changes";
  const { create, update, replace, destroy, forget } = summary.counts;
  const said = [
    create > 0 ? `${create} to create` : "",
    update > 0 ? `${update} to update` : "",
    replace > 0 ? `**${replace} to replace**` : "",
    destroy > 0 ? `**${destroy} to destroy**` : "",
    forget > 0 ? `${forget} to forget` : "",
  ].filter((part) => part !== "");
  return said.length > 0 ? said.join(", ") : "outputs or addresses only";
}

const UNPLANNED =
  "Not planned here: its state may hold a secret, and a plan reads the whole state. The deploy on main plans it before anybody approves. " +
  "This is what the synthesized stack says differently:\n\n";

function detail(report: StackReport): string {
  if (report.outcome === "failed") return `### ${report.stack}\n\n${fenced(report.error)}`;
  const note = report.outcome === "unplanned" ? UNPLANNED : "";
  return note + report.list === "" ? "" : `### ${report.stack}\n\n${note}${report.list}`;
}

export function fenced(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Shortens the longest texts until all reports, encoded as they travel, fit into `limit` bytes. Digests and counts are never cut. */
export function fit<
  T extends Failed | { readonly outcome: "planned" | "checked" | "unplanned"; readonly list: string },
>(reports: readonly T[], limit: number): T[] {
  let fitted = [...reports];
  for (let most = COMMENT_LIMIT; handover(fitted) > limit; most = Math.floor(most / 2)) {
    if (most < 1) throw new Error(`${reports.length} reports do not fit into ${limit} bytes, even without their lists`);
    fitted = reports.map((report) =>
      report.outcome === "failed"
        ? { ...report, error: cut(report.error, most) }
        : { ...report, list: cut(report.list, most) },
    );
  }
  return fitted;
}

const handover = (reports: readonly object[]): number => Buffer.byteLength(JSON.stringify(JSON.stringify(reports)));

/** At most `limit` characters: cuts at the end of a line, closes the block that was open there, and says so. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  // A closing fence is short; 100 characters leave room for it.
  const end = text.lastIndexOf("\n", limit - CUT.length - 100);
  const kept = end < 0 ? "" : text.slice(0, end);
  const fences = [...kept.matchAll(/^(`{3,})/gm)].map(([, fence]) => fence ?? "");
  const open = fences.length % 2 === 1 ? `\n${fences.at(-1)}` : "";
  return `${kept}${open}${CUT}`.slice(0, Math.max(0, limit));
}
