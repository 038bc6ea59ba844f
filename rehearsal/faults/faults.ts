import { rmSync } from "node:fs";
import { join } from "node:path";
import { AccountFile } from "../account-file";
import { emptyBuckets, importRoles, isImported } from "../deployed";
import { certificateRotation, follow, keyRotation, type RecipeStep, retiring, setPolicies } from "../recipes";
import { CommandFailed, LocalCloud } from "../run/local-cloud";
import { isEntered } from "../run/stacks";
import { Unmet } from "../steps";
import { variables } from "../variables";
import { FaultWalk, type Phase } from "./walk";

const INTRODUCTION = `Every operation that changes a cloud is broken, one after another: before it is done, and after (done, but the answer lost);
of those that are the same in many regions, two.
After each, nobody may be in without MFA, nobody who was in may be out, and the next deploy, with what is printed typed first, must end in "No changes".`;

let broken = 0;

/**
 * Walks one stack through its life; every deploy of it is broken at each of its operations. The recipes are those of accounts that
 * people enter: any other stack is deployed and destroyed.
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
    await deploy("first deploy");
    if (isImported(local, stack)) {
      await importRoles(local, stack, "service principal");
      await deploy("deploy after role import");
      await recipe("access key rotation", keyRotation);
    }
    if (isEntered(local.stack(stack))) {
      await recipe("certificate rotation", certificateRotation(local.cloud.clock.now()));
      await sharedPolicies(local, stack, deploy);
      await follow(local, [stack], retiring);
    }
    await emptyBuckets(local, stack);
    await walk(local, stack, { name: "destroy", command: "destroy" });
  } finally {
    local.stop();
  }
}

/** docs/runbooks/policies-at-scale.md: the account's part of going over to the tenant's policies; the tenant's own is walked as its stack. */
async function sharedPolicies(
  local: LocalCloud,
  stack: string,
  deploy: (name: string) => Promise<void>,
): Promise<void> {
  const namesASet = /^"/.test(AccountFile.of(local.project, stack).get("conditionalAccess") ?? "");
  const tenant = local.stacks.find((name) => name === "tenant");
  if (!namesASet || !tenant) return;
  for (const policies of ["overlap", "shared"]) {
    setPolicies(local.project, policies);
    await local.synthAgain();
    const ran = await local.apply(tenant);
    if (ran.code !== 0) throw new CommandFailed("terraform apply", local.stack(tenant).folder, ran);
    await deploy(`policies: ${policies}`);
  }
}

async function walk(local: LocalCloud, stack: string, phase: Phase): Promise<void> {
  const walk = await FaultWalk.prepare(local, stack, phase);
  for (const [index, operation] of walk.operations.entries()) {
    for (const when of ["before", "after"] as const) {
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
  const named = process.argv.slice(2);
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
