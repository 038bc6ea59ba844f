import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasAlarms } from "../alarms/configured";
import { checkAlarms, confirmed } from "../alarms/expectations";
import { Cloud } from "../cloud/cloud";
import { isEntered, providerBlocks, type SynthesizedStack, stringsUnder } from "../run/stacks";
import { configuredAccess } from "../signin/access";
import { type AppReference, type Mfa, signIn } from "../signin/chain";
import { configuredPolicies } from "../signin/configured-policies";
import { checkExpectations, summary } from "../signin/expectations";
import type { Tried } from "./access";
import { deployedAccount, indexTenants } from "./deployed-account";
import { renderHtml } from "./html";
import { renderMarkdown } from "./markdown";
import { type Report, reportOf, type StepReport, type TriedAlarms, type TriedStack } from "./model";

export interface WriteReport {
  readonly cloud: Cloud;
  readonly stacks: readonly SynthesizedStack[];
  /** The rehearsal's own steps so far. @default - none: what is deployed, without how it came there */
  readonly steps?: readonly StepReport[];
  /** Gets `report.md` and `index.html`. */
  readonly folder: string;
}

/** Tries who gets in, and writes what is deployed as a page and as Markdown. The cloud stays as it is. */
export async function writeReport({ cloud, stacks, steps = [], folder }: WriteReport): Promise<Report> {
  const report = await examine(cloud, stacks, steps);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "report.md"), renderMarkdown(report));
  writeFileSync(join(folder, "index.html"), renderHtml(report));
  return report;
}

/** The report as data. */
export async function examine(
  cloud: Cloud,
  stacks: readonly SynthesizedStack[],
  steps: readonly StepReport[] = [],
): Promise<Report> {
  return reportOf(cloud.snapshot(), await tryStacks(cloud, stacks), steps, await tryAlarms(cloud, stacks));
}

/** Lets happen what stacks watch for that nobody signs in to, as if every subscriber had confirmed. */
export async function tryAlarms(cloud: Cloud, stacks: readonly SynthesizedStack[]): Promise<TriedAlarms[]> {
  const copy = confirmed(cloud);
  const tried: TriedAlarms[] = [];
  for (const stack of stacks.filter((one) => !isEntered(one))) {
    const results = hasAlarms(stack) ? await checkAlarms(copy, stack) : [];
    const ids = stringsUnder(providerBlocks(stack, "aws"), ["allowed_account_ids"]);
    tried.push(...ids.map((accountId) => ({ accountId, results })));
  }
  return tried;
}

/** Tries the access expectations of the stacks that people sign in to, and the people that are in their groups. */
export async function tryStacks(cloud: Cloud, stacks: readonly SynthesizedStack[]): Promise<TriedStack[]> {
  const state = cloud.snapshot();
  const tenants = indexTenants(state);
  const copy = new Cloud(undefined, state);
  const all: TriedStack[] = [];
  const policies = configuredPolicies(stacks);
  for (const stack of stacks.filter(isEntered)) {
    const { app } = configuredAccess(stack);
    const deployed = deployedAccount(state, tenants, app);
    const pending = (deployed?.pending ?? []).flatMap(({ claim, waits }) => (waits && claim ? [claim] : []));
    const expected = await checkExpectations(cloud, stack, { pending, policies });
    const people = (deployed?.people ?? []).slice(0, MOST_PEOPLE).map(({ id }) => id);
    const tried: Tried[] = [
      ...(await lookAt(copy, app, people)),
      ...expected.map((result) => ({ ...result, person: result.expectation.person, mfa: result.expectation.mfa })),
    ];
    all.push({ name: stack.name, app, tried });
  }
  return all;
}

/** A group may have thousands of members, who all get the same. */
const MOST_PEOPLE = 10;

/** People who are there: what they get with a second factor that every strength accepts, and without one. */
async function lookAt(cloud: Cloud, app: AppReference, people: readonly string[]): Promise<Tried[]> {
  const tried: Tried[] = [];
  for (const person of people) {
    for (const mfa of ["fido2", "none"] as const satisfies readonly Mfa[]) {
      const verdict = await signIn(cloud, { app, person, mfa });
      tried.push({ person, mfa, verdict, holds: verdict.outcome !== "cannot tell", because: summary(verdict) });
    }
  }
  return tried;
}
