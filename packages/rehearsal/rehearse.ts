import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { hasAlarms } from "./alarms/configured";
import { checkAlarms, confirmed, unwatchedRegions } from "./alarms/expectations";
import { emptyBuckets, importedRoleIds, importRoles, isImported, tenantsOf } from "./deployed";
import { rehearseEdits } from "./edits";
import { rehearseIncident } from "./incident";
import { added, inventory } from "./inventory";
import { certificateRotation, follow, keyRotation, type RecipeStep, retiring, toDeclared } from "./recipes";
import { isGreen, type Report } from "./report/model";
import { writeReport } from "./report/write";
import { CommandFailed, LocalCloud } from "./run/local-cloud";
import type { PlannedChange, StackPlan } from "./run/plan";
import { isEntered, resourcesOf } from "./run/stacks";
import { describeCircumstances } from "./signin/chain/circumstances";
import { configuredPolicies } from "./signin/expectations/configured-policies";
import { checkExpectations } from "./signin/expectations/expectations";
import { each, ensure, Steps, Unmet, whatCame } from "./steps";
import { variables } from "./variables";

const HELP = `npm run rehearse [-- <stack> …]

Plans, deploys, rotates and destroys the stacks of this project (all of them, or those named) with the real terraform and cdktf
against a cloud on this machine. Nothing outside rehearsal.out/ is written, and no connection leaves the machine.`;

const BANNER =
  "A local cloud stands in for Entra and AWS. It proves wiring, order and trust, not Microsoft's or Amazon's behaviour (docs/rehearsal.md).";

/** Where the report goes. */
const REPORT = "rehearsal.out";

const read = () => parseArgs({ allowPositionals: true, options: { help: { type: "boolean" } } });

async function main(): Promise<number> {
  let words: ReturnType<typeof read>;
  try {
    words = read();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    return 2;
  }
  if (words.values.help) {
    console.log(HELP);
    return 0;
  }
  const project = process.cwd();
  const folder = join(project, "rehearsal.out", "rehearse");
  rmSync(folder, { recursive: true, force: true });
  console.log(BANNER);
  const steps = new Steps();
  let local: LocalCloud | undefined;
  try {
    local = await LocalCloud.start({ project, folder, variables });
    await rehearse(local, steps, words.positionals);
    console.log(
      `\n${steps.summary}, every expectation held. Report: ${REPORT}/index.html. The clouds' last state: ${relative(project, folder)}/cloud.json`,
    );
    return 0;
  } catch (error) {
    console.error(explain(error, relative(project, folder)));
    // The report of a broken run is worth the most; that it cannot be written must not hide why.
    if (local && local.stacks.length > 0 && steps.done.at(-1)?.name !== "report") {
      const written = await report(local, steps, local.stacks).then(
        () => true,
        () => false,
      );
      if (written) console.error(`report:   ${REPORT}/index.html`);
    }
    return 1;
  } finally {
    local?.stop();
  }
}

async function rehearse(local: LocalCloud, steps: Steps, named: readonly string[]): Promise<void> {
  const all = await steps.step(
    "cdktf synth",
    () => local.synth(),
    (stacks) => stacks.join(", "),
  );
  const stacks = named.length > 0 ? named.map((name) => local.stack(name).name) : all;
  const entered = stacks.filter((stack) => isEntered(local.stack(stack)));
  const imported = stacks.filter((stack) => isImported(local, stack));
  const before = inventory(local.cloud);

  await steps.step(
    "cdktf plan",
    () => cdktf(local, ["plan", stacks[0] ?? ""]),
    () => stacks[0] ?? "",
  );
  await steps.step(
    `plan of new stacks: ${stacks.join(", ")}`,
    () =>
      each(stacks, async (stack) => {
        const plan = await local.plan(stack);
        // A tenant that shares nothing, as it ships, has nothing to make.
        const empty = local.stack(stack).configuration.resource === undefined;
        ensure(
          plan.changes.length > 0 !== empty && plan.changes.every(creates),
          empty ? "no changes" : "only new objects",
          () => describe(plan),
        );
        return plan.changes.length;
      }),
    (added) => `${added.join(" and ")} to add`,
  );
  await steps.step("deploy", () => cdktf(local, ["deploy", ...stacks, "--auto-approve", "--parallelism", "2"]));
  await settled(local, steps, stacks);
  for (const stack of stacks.filter((name) => hasAlarms(local.stack(name)))) await alarms(local, steps, stack);

  for (const stack of imported) await importIntoApplication(local, steps, stack);
  for (const stack of imported) {
    await steps.step(
      `${stack}: a cycle of role import, 40 minutes later`,
      () => importRoles(local, stack, "service principal"),
      (claims) => `${claims.length} roles imported`,
    );
    await steps.step(
      `${stack}: plan of exactly the pending assignments`,
      () => pendingAssignments(local, stack),
      (count) => `${count} to add`,
    );
  }
  if (imported.length > 0) {
    await steps.step("deploy again", () =>
      cdktf(local, ["deploy", ...imported, "--auto-approve", "--parallelism", "2"]),
    );
    await settled(local, steps, imported);
  }

  if (entered.length > 0) {
    const [publish, ...rest] = certificateRotation(local.cloud.clock.now());
    await recipe(local, steps, entered, "certificate rotation", [publish]);
    // One account is enough: an edit does the same in each.
    for (const stack of entered.slice(-1)) {
      await rehearseEdits(local, steps, stack, (beside) => settled(beside, steps, [stack]));
    }
    await recipe(local, steps, entered, "certificate rotation", rest);
  }
  if (imported.length > 0) {
    const cycle = (stack: string) => importRoles(local, stack, "service principal");
    await recipe(local, steps, imported, "access key rotation", keyRotation, cycle);
  }
  for (const stack of imported) await importedToDeclared(local, steps, stack);
  // One account is enough: the switch is the same in each.
  for (const stack of entered.slice(-1)) await rehearseIncident(local, steps, stack);

  await steps.step(
    "report",
    async () => {
      const written = await report(local, steps, stacks);
      ensure(isGreen(written), "every account to be as it should", () => "see the report");
      return written;
    },
    () => `${REPORT}/index.html and ${REPORT}/report.md`,
  );
  await steps.step("destroy", async () => {
    if (imported.length > 0) {
      await follow(local, imported, retiring);
      await apply(local, imported);
    }
    for (const stack of stacks) await emptyBuckets(local, stack);
    await cdktf(local, ["destroy", ...stacks, "--auto-approve", "--parallelism", "2"]);
  });
  await steps.step(
    "nothing is left",
    async () => {
      const left = added(before, inventory(local.cloud));
      ensure(left.length === 0, "no live object that was not there before", () => left.join("; "));
      return tenantsOf(local, stacks).flatMap((tenant) => tenant.deletedItems());
    },
    (deleted) => {
      const names = deleted.map(({ type, displayName }) => `${type} ${displayName}`).join(", ");
      return `${deleted.length} in Entra's recycle bin${names ? ` (${names})` : ""}`;
    },
  );
}

async function recipe(
  local: LocalCloud,
  steps: Steps,
  stacks: readonly string[],
  title: string,
  deploys: readonly RecipeStep[],
  afterwards: (stack: string) => Promise<unknown> = async () => {},
): Promise<void> {
  for (const deploy of deploys) {
    await steps.step(`${title}: ${deploy.name}`, async () => {
      await follow(local, stacks, deploy);
      await apply(local, stacks);
      for (const stack of stacks) await afterwards(stack);
    });
    await settled(local, steps, stacks);
  }
}

/** A plan that adds the assignments of imported roles and nothing else. @returns how many */
async function pendingAssignments(local: LocalCloud, stack: string): Promise<number> {
  const plan = await local.plan(stack);
  const wanted = resourcesOf(local.stack(stack), ASSIGNMENT).length;
  const fits =
    plan.changes.length === wanted && plan.changes.every((change) => creates(change) && isA(change, ASSIGNMENT));
  ensure(fits, `${wanted} assignments to add and nothing else`, () => describe(plan));
  return wanted;
}

/** The sources leave open where role import writes: the way that the main run does not go is gone in a folder of its own. */
async function importIntoApplication(main: LocalCloud, steps: Steps, stack: string): Promise<void> {
  const beside = await main.fork(`${stack}-application`);
  try {
    await steps.step(
      `${stack}: had Entra imported the roles into the application`,
      async () => {
        await importRoles(beside, stack, "application");
        const count = await pendingAssignments(beside, stack);
        await apply(beside, [stack]);
        return count;
      },
      (count) => `${count} to add`,
    );
    await settled(beside, steps, [stack]);
  } finally {
    beside.stop();
  }
}

/** README: From imported to declared; in a folder of its own, so that the imported account goes on. */
async function importedToDeclared(main: LocalCloud, steps: Steps, stack: string): Promise<void> {
  const beside = await main.fork(`${stack}-declared`);
  try {
    await steps.step(
      `${stack}: from imported to declared`,
      async () => {
        await follow(beside, [stack], toDeclared(importedRoleIds(beside, stack)));
        const plan = await beside.plan(stack);
        const touched = plan.changes.filter((change) => isA(change, ASSIGNMENT) && change.actions.join() !== "no-op");
        ensure(touched.length === 0, "every assignment to stay as it is", () => describe(plan));
        await apply(beside, [stack]);
        return plan;
      },
      (plan) =>
        `no assignment touched, ${plan.changes.filter(({ actions }) => actions.includes("delete")).length} to destroy`,
    );
    await settled(beside, steps, [stack]);
  } finally {
    beside.stop();
  }
}

const ASSIGNMENT = "azuread_app_role_assignment";
const creates = ({ actions }: PlannedChange) => actions.join() === "create";
const isA = ({ address }: PlannedChange, type: string) => address.startsWith(`${type}.`);
/** After a deploy: a second plan is empty, and where people sign in everybody who should gets in, and nobody else. */
async function settled(local: LocalCloud, steps: Steps, stacks: readonly string[]): Promise<void> {
  const entered = stacks.some((stack) => isEntered(local.stack(stack)));
  const policies = configuredPolicies(local.stacks.map((name) => local.stack(name)));
  await steps.step(
    `plan again${entered ? ", and sign in" : ""}: ${stacks.join(", ")}`,
    () =>
      each(stacks, async (stack) => {
        if (!(await local.unchanged(stack)))
          throw new Unmet("No changes", `${stack}: ${describe(await local.plan(stack))}`);
        return isEntered(local.stack(stack)) ? signIns(local, stack, policies) : 0;
      }),
    (counts) =>
      `no changes${entered ? `, ${counts.reduce((sum, count) => sum + count, 0)} sign-ins end as they should` : ""}`,
  );
}

/** Lets happen what a stack watches for, with every subscriber confirmed: all of them hear of it, and of nothing else. */
async function alarms(local: LocalCloud, steps: Steps, stack: string): Promise<void> {
  await steps.step(
    `${stack}: what it watches for happens`,
    async () => {
      const results = await checkAlarms(confirmed(local.cloud), local.stack(stack));
      const missed = results.filter(({ holds }) => !holds);
      ensure(missed.length === 0, "everybody to hear of it, and nobody of an ordinary day", () =>
        missed
          .map(({ occurrence: { what, region }, expect: who, because }) => `${what} (${region}), ${who}: ${because}`)
          .join("; "),
      );
      return results.map(({ expect: who }) => who);
    },
    (told) => {
      const count = (wanted: string) => told.filter((who) => who === wanted).length;
      const open = unwatchedRegions(local.cloud, local.stack(stack));
      const note = open.length > 0 ? `; no rule in ${open.join(", ")}` : "";
      return `${count("everybody")} events reach every subscriber, ${count("nobody")} reach nobody${note}`;
    },
  );
}

/** Writes what is deployed at this moment as a page and as Markdown. */
function report(local: LocalCloud, steps: Steps, stacks: readonly string[]): Promise<Report> {
  const folder = join(process.cwd(), REPORT);
  return writeReport({
    cloud: local.cloud,
    stacks: stacks.map((name) => local.stack(name)),
    steps: steps.done,
    folder,
  });
}

/** Tries the access expectations of a stack on what is deployed. @returns how many there are */
async function signIns(
  local: LocalCloud,
  stack: string,
  policies: ReturnType<typeof configuredPolicies>,
): Promise<number> {
  const { pending_roles } = await local.outputs(stack);
  const pending = Array.isArray(pending_roles) ? pending_roles.map(String) : [];
  const results = await checkExpectations(local.cloud, local.stack(stack), { pending, policies });
  const missed = results.filter(({ holds }) => !holds);
  ensure(missed.length === 0, `every access expectation of ${stack} to hold`, () =>
    missed
      .map(({ expectation: { person, mfa, with: circumstances = {}, role, expect: wanted }, because }) => {
        const shows = [mfa, describeCircumstances(circumstances)].filter(Boolean).join(", ");
        return `${person} with ${shows} was to be ${wanted}${role ? ` as ${role}` : ""}: ${because}`;
      })
      .join("; "),
  );
  return results.length;
}

async function apply(local: LocalCloud, stacks: readonly string[]): Promise<void> {
  await each(stacks, async (stack) => {
    const ran = await local.apply(stack);
    if (ran.code !== 0) throw new CommandFailed("terraform apply", local.stack(stack).folder, ran);
  });
}

async function cdktf(local: LocalCloud, args: readonly string[]): Promise<void> {
  const ran = await local.cdktf(args);
  if (ran.code !== 0) throw new CommandFailed(`cdktf ${args.join(" ")}`, local.project, ran);
}

function describe(plan: StackPlan): string {
  const changes = plan.changes.map(({ actions, address }) => `${actions.join("/")} ${address}`);
  const outputs = plan.outputs.map((name) => `output ${name}`);
  return [...changes, ...outputs].join("; ") || "no changes";
}

function explain(error: unknown, folder: string): string {
  return `\n${whatCame(error)}\n\nwhere:    ${folder} (cloud.json is what the clouds hold, project/cdktf.out/stacks what Terraform got)\ncloser:   npm run local -- --folder ${folder} plan <stack>`;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
