import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cloud } from "../../local-cloud/cloud/cloud";
import { hasAlarms } from "../alarms/configured";
import { checkAlarms, confirmed } from "../alarms/expectations";
import { isEntered, providerBlocks, type SynthesizedStack, stringsUnder } from "../run/stacks";
import { type AppReference, type Mfa, signIn, type Verdict } from "../signin/chain/sign-in";
import { REFUSALS } from "../signin/chain/verdict";
import { type ConfiguredAccess, configuredAccess } from "../signin/expectations/access";
import { configuredPolicies } from "../signin/expectations/configured-policies";
import { checkExpectations, type Expectation, summary } from "../signin/expectations/expectations";
import type { Tried } from "./access";
import { type DeployedAccount, deployedAccount, indexTenants } from "./deployed-account";
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
async function tryAlarms(cloud: Cloud, stacks: readonly SynthesizedStack[]): Promise<TriedAlarms[]> {
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
    const access = configuredAccess(stack);
    const { app } = access;
    const deployed = deployedAccount(state, tenants, app);
    const pending = (deployed?.pending ?? []).flatMap(({ claim, waits }) => (waits && claim ? [claim] : []));
    const expected = await checkExpectations(cloud, stack, { pending, policies });
    const tried: Tried[] = [
      ...(await lookAt(copy, app, peopleOf(access, deployed))),
      ...expected.map((result) => ({ ...result, person: result.expectation.person, mfa: result.expectation.mfa })),
    ];
    all.push({ name: stack.name, app, tried });
  }
  return all;
}

/** A group may have thousands of members, who all get the same. */
const MAX_PEOPLE = 10;

/** Somebody who is there. */
interface Present {
  readonly id: string;
  /** Roles of groups that the person is a member of for good, and that are to be activated. */
  readonly bypassed: readonly string[];
}

/** Whoever need not activate what is to be activated comes first. */
function peopleOf({ roles }: ConfiguredAccess, deployed: DeployedAccount | undefined): Present[] {
  const { people = [], groups = [] } = deployed ?? {};
  const present = people.map(({ id }) => {
    const mine = groups.filter((group) => group.people.includes(id)).flatMap((group) => [group.id, group.name]);
    const bypassed = roles.filter(({ group, activation }) => activation && mine.includes(group));
    return { id, bypassed: bypassed.map(({ name }) => name) };
  });
  return present.sort((one, other) => other.bypassed.length - one.bypassed.length).slice(0, MAX_PEOPLE);
}

/** People who are there: what they get with a second factor that every strength accepts, and without one. */
async function lookAt(cloud: Cloud, app: AppReference, people: readonly Present[]): Promise<Tried[]> {
  const tried: Tried[] = [];
  for (const { id: person, bypassed } of people) {
    for (const mfa of ["fido2", "none"] as const satisfies readonly Mfa[]) {
      const verdict = await signIn(cloud, { app, person, mfa });
      const expectation = withoutBypass(person, mfa, verdict, bypassed);
      const holds = verdict.outcome !== "cannot tell" && expectation === undefined;
      tried.push({ person, mfa, verdict, expectation, holds, because: summary(verdict) });
    }
  }
  return tried;
}

/** What should have come, where somebody has a role by a membership that is to be activated and never was. */
function withoutBypass(
  id: string,
  mfa: Mfa,
  { sessions }: Verdict,
  bypassed: readonly string[],
): Expectation | undefined {
  const names = sessions.map(({ roleName }) => roleName).sort();
  const rest = names.filter((name) => !bypassed.includes(name));
  if (rest.length === names.length) return undefined;
  const line = { person: `user ${id}`, mfa, why: "the membership is to be activated" };
  return rest.length > 0
    ? { ...line, expect: "in", role: rest.join(", ") }
    : { ...line, expect: "refused", code: REFUSALS.notAssigned.code };
}
