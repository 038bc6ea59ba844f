import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Stacks } from "./affected";
import type { Json } from "./json";
import { findingList, findings, type NightlyReport } from "./nightly";
import { type PlanSummary, summarize } from "./plan-summary";
import type { Failed, Planned, StackReport } from "./report";
import { type LivePlan, type Terraform, TerraformError, withPlan } from "./terraform";

/** Where the stacks of a synth lie, and the terraform that reads them. */
export interface Workplace {
  /** The output folder of cdktf. */
  readonly synth: string;
  readonly terraform: Terraform;
}

/** Plans each stack with an identity that only reads. A stack that fails does not keep the others from being planned. */
export const planStacks = (stacks: readonly string[], workplace: Workplace): (Planned | Failed)[] =>
  stacks.map((stack) =>
    attempt(stack, workplace, false, ({ plan, key }) =>
      planned(stack, summarize(stack, plan, key, readStack(stack, workplace))),
    ),
  );

/** What became of a stack in a deploy. `stopped`: the plan is no longer the approved one, so nothing was applied. */
export type DeployReport =
  | (Planned & { readonly deploy: "applied" | "stopped" | "unchanged" })
  | (Failed & { readonly deploy: "failed" });

/**
 * Plans each stack again, with the identity that deploys and the lock of the state, and applies that very plan if its digest is the approved one.
 * Accounts do not depend on each other: one that stops or fails does not keep the others from being deployed.
 */
export function deployStacks(
  stacks: readonly string[],
  approved: ReadonlyMap<string, string>,
  workplace: Workplace,
): DeployReport[] {
  return stacks.map((stack) => {
    const report = attempt<DeployReport>(stack, workplace, true, ({ plan, key, apply }) => {
      const summary = summarize(stack, plan, key, readStack(stack, workplace));
      if (!summary.changes) return { ...planned(stack, summary), deploy: "unchanged" };
      if (summary.digest !== approved.get(stack)) return { ...planned(stack, summary), deploy: "stopped" };
      apply();
      return { ...planned(stack, summary), deploy: "applied" };
    });
    return report.outcome === "failed" ? { ...report, deploy: "failed" } : report;
  });
}

/** Looks at each stack as it stands, with an identity that only reads. */
export const checkStacks = (stacks: readonly string[], workplace: Workplace, now: Date): NightlyReport[] =>
  stacks.map((stack) =>
    attempt(stack, workplace, false, ({ plan }) => ({
      stack,
      outcome: "checked",
      list: findingList(findings(plan, now)),
    })),
  );

/** The digests that an approver saw, by stack. */
export const digests = (reports: readonly StackReport[]): ReadonlyMap<string, string> =>
  new Map(reports.flatMap((report) => (report.outcome === "planned" ? [[report.stack, report.digest] as const] : [])));

const planned = (stack: string, summary: PlanSummary): Planned => ({ stack, outcome: "planned", ...summary });

function attempt<T>(
  stack: string,
  { synth, terraform }: Workplace,
  lock: boolean,
  use: (planned: LivePlan) => T,
): T | Failed {
  try {
    return withPlan(join(synth, "stacks", stack), { terraform, lock }, use);
  } catch (error) {
    // Only an error that this project words, less every secret, may say what it holds.
    if (error instanceof TerraformError) return { stack, outcome: "failed", error: error.message };
    throw error;
  }
}

/** The configuration of one stack there. */
function readStack(stack: string, { synth }: Workplace): Json | undefined {
  const file = join(synth, "stacks", stack, "cdk.tf.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Json) : undefined;
}

/** The configuration of every stack in cdktf's output folder; nothing when there is no synth. */
export function readStacks(synth: string): Stacks | undefined {
  const manifest = join(synth, "manifest.json");
  if (!existsSync(manifest)) return undefined;
  const { stacks } = JSON.parse(readFileSync(manifest, "utf8")) as {
    stacks: Record<string, { name: string; synthesizedStackPath: string }>;
  };
  return new Map(
    Object.values(stacks).map(({ name, synthesizedStackPath }) => [
      name,
      JSON.parse(readFileSync(join(synth, synthesizedStackPath), "utf8")) as Json,
    ]),
  );
}
