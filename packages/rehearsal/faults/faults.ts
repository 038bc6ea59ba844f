import { rmSync } from "node:fs";
import { join } from "node:path";
import { AccountFile } from "../account-file";
import { accountsOf, emptyBuckets, importRoles, isImported } from "../deployed";
import {
  certificateRotation,
  everyOption,
  follow,
  keyRotation,
  ownStrength,
  type RecipeStep,
  retiring,
  setPolicies,
} from "../recipes";
import { CommandFailed, LocalCloud } from "../run/local-cloud";
import { isEntered, providerBlocks, resourcesOf, type SynthesizedStack, stringsUnder } from "../run/stacks";
import { Unmet } from "../steps";
import { variables } from "../variables";
import { FaultWalk, type Phase } from "./walk";

const INTRODUCTION = `Every operation that changes a cloud is broken, one after another: before it is done, and after (done, but the answer lost);
of those that are the same in many regions, one.
At no moment until it is repaired may anybody be in without MFA, or out who was in; the next deploy, with what is printed typed first, must end in "No changes".`;

let broken = 0;

/**
 * Walks one stack through its life; every deploy of it is broken at each of its operations. Accounts that people enter follow the
 * recipes, a baseline turns on every option that it has, the tenant gets a strength and the policies of all accounts; any other stack is
 * deployed and destroyed.
 */
async function walkStack(project: string, stack: string): Promise<void> {
  const folder = join(project, "rehearsal.out", "faults", stack);
  rmSync(folder, { recursive: true, force: true });
  const local = await LocalCloud.start({ project, folder, variables });
  try {
    await local.synth();
    const deploy = (name: string) => walk(local, stack, { name, command: "apply" });
    const recipe = async (title: string, steps: readonly RecipeStep[]) => {
      for (const step of steps) {
        await follow(local, [stack], step);
        await deploy(`${title}: ${step.name}`);
      }
    };
    const watches = resourcesOf(local.stack(stack), "aws_cloudwatch_event_rule").length > 0;
    if (watches) await follow(local, [stack], fewRegions(local.stack(stack)));
    await deploy("first deploy");
    if (watches) {
      await takeRecordersAway(local, stack);
      await recipe("a change", [everyOption]);
    }
    if (isImported(local, stack)) {
      await importRoles(local, stack, "service principal");
      await deploy("deploy after role import");
      await recipe("access key rotation", keyRotation);
    }
    if (stack === TENANT) {
      await recipe("a change", [ownStrength]);
      if (AccountFile.ofOrganization(local.project).get("conditionalAccess", "sets") !== undefined)
        await policiesThereAndBack(local, deploy);
    }
    if (isEntered(local.stack(stack))) {
      await recipe("certificate rotation", certificateRotation(local.cloud.clock.now()));
      if (namesPolicySet(local, stack)) await policiesThereAndBack(local, deploy, stack);
      if (isImported(local, stack)) await follow(local, [stack], retiring);
    }
    await emptyBuckets(local, stack);
    await walk(local, stack, { name: "destroy", command: "destroy" });
  } finally {
    local.stop();
  }
}

/**
 * A baseline makes the same in every region that it watches, and the walk breaks that in one: the home region and one that forwards to it,
 * the one where root signs in, tell as much as all 17, in half the time.
 */
function fewRegions(stack: SynthesizedStack): RecipeStep {
  const [home = ""] = stringsUnder(providerBlocks(stack, "aws"), ["region"]);
  const watched = stringsUnder(resourcesOf(stack, "aws_cloudwatch_event_rule"), ["for_each"]).flatMap(
    (regions) => regions.match(/[a-z]{2}(-[a-z]+)+-\d/g) ?? [],
  );
  const few = [home, ...watched.filter((region) => region === "us-east-1"), ...watched];
  const regions = [...new Set(few)].slice(0, 2);
  return { name: "few regions", change: (file) => file.set(["regions"], JSON.stringify(regions)) };
}

/** AWS Config takes one recorder in a region: whoever is to have their own takes away by hand what is there. */
async function takeRecordersAway(local: LocalCloud, stack: string): Promise<void> {
  for (const { config, regions } of accountsOf(local, stack)) {
    for (const region of regions.enabled()) {
      if (config.recorder(region, "default")) await config.deleteRecorder(region, "default");
    }
  }
}

const TENANT = "tenant";

const namesPolicySet = (local: LocalCloud, stack: string): boolean =>
  local.stacks.includes(TENANT) && /^"/.test(AccountFile.of(local.project, stack).get("conditionalAccess") ?? "");

/** docs/runbooks/policies-at-scale.md, for the tenant, or for an account with the tenant's part done before (and after it, at the end). */
async function policiesThereAndBack(
  local: LocalCloud,
  deploy: (name: string) => Promise<void>,
  account?: string,
): Promise<void> {
  const tenantsPart = async () => {
    const ran = await local.apply(TENANT);
    if (ran.code !== 0) throw new CommandFailed("terraform apply", local.stack(TENANT).folder, ran);
  };
  for (const [from, policies] of [
    ["there", "overlap"],
    ["there", "shared"],
    ["back", "overlap"],
    ["back", "perAccount"],
  ] as const) {
    setPolicies(local.project, policies);
    await local.synthAgain();
    if (account !== undefined && policies !== "perAccount") await tenantsPart();
    await deploy(`policies ${from}: ${policies}`);
    if (account !== undefined && policies === "perAccount") await tenantsPart();
  }
}

/** `--in-turn`: every operation once, before it is done or after; both otherwise. */
const IN_TURN = "--in-turn";
const moments = (index: number): readonly ("before" | "after")[] => {
  if (!process.argv.includes(IN_TURN)) return ["before", "after"];
  return [index % 2 === 0 ? "after" : "before"];
};

async function walk(local: LocalCloud, stack: string, phase: Phase): Promise<void> {
  const walk = await FaultWalk.prepare(local, stack, phase);
  for (const [index, operation] of walk.operations.entries()) {
    for (const when of moments(index)) {
      const title =
        `${stack}, ${phase.name} ${index + 1}/${walk.operations.length}: ` +
        `fault ${when} ${operation.operation} ${operation.target}`;
      try {
        const { repairs } = await walk.break(operation, when);
        broken += 1;
        console.log(`ok  ${title}`);
        for (const line of repairs) console.log(`      ${line}`);
      } catch (error) {
        throw new Error(title, { cause: error });
      }
    }
  }
  await walk.finish();
}

async function main(): Promise<number> {
  const project = process.cwd();
  console.log(INTRODUCTION);
  const named = process.argv.slice(2).filter((argument) => argument !== IN_TURN);
  try {
    const stacks = named.length > 0 ? named : await stacksOf(project);
    await Promise.all(stacks.map((stack) => walkStack(project, stack)));
    console.log(`\n${broken} faults survived, in ${stacks.join(", ")}`);
    return 0;
  } catch (error) {
    console.error(`\nFAILED ${explain(error)}`);
    return 1;
  }
}

async function stacksOf(project: string): Promise<string[]> {
  const folder = join(project, "rehearsal.out", "faults", "all");
  const local = await LocalCloud.start({ project, folder });
  try {
    return await local.synth();
  } finally {
    local.stop();
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\n${explain(error.cause)}`;
  if (error instanceof Unmet) return `expected: ${error.expected}\ncame:     ${error.came}`;
  return `${error instanceof CommandFailed ? error.message : error.message}${cause}`;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
