import { AccountFile } from "./account-file";
import { importRoles, isImported } from "./deployed";
import { added, inventory } from "./inventory";
import { anotherDate, follow, otherPath, type RecipeStep, renamed, retiring } from "./recipes";
import { CommandFailed, type LocalCloud } from "./run/local-cloud";
import { ensure, type Steps } from "./steps";

/**
 * What people type into an account file on an ordinary day and must not lose anybody the way in: another name, another date, another path of
 * a role; and a destroy in the middle of a certificate rotation. In a folder of its own, while two certificates are in the ring.
 * @param settled plans again and signs in
 */
export async function rehearseEdits(
  main: LocalCloud,
  steps: Steps,
  stack: string,
  settled: (beside: LocalCloud) => Promise<void>,
): Promise<void> {
  const beside = await main.fork(`${stack}-edited`);
  const apply = async () => passed(await beside.apply(stack), "apply", beside, stack);
  try {
    await steps.step(
      `${stack}: ${renamed.name}`,
      async () => {
        await follow(beside, [stack], renamed);
        const { changes } = await beside.plan(stack);
        const others = changes.filter(({ actions }) => actions.join() !== "update");
        ensure(changes.length > 0 && others.length === 0, "display names to be updated and nothing else", () =>
          (others.length > 0 ? others : changes).map(({ actions, address }) => `${actions} ${address}`).join("; "),
        );
        await apply();
        return changes;
      },
      (changes) => `${changes.length} to update, every certificate stays`,
    );
    await settled(beside);

    await steps.step(
      `${stack}: ${anotherDate.name}`,
      () => refused(beside, stack, anotherDate, "for another one add a certificate under another name"),
      () => "refused at plan",
    );

    await steps.step(`${stack}: ${otherPath.name}`, async () => {
      await follow(beside, [stack], otherPath);
      await apply();
      if (!isImported(beside, stack)) return;
      // A role with another ARN is another role to role import.
      await importRoles(beside, stack, "service principal");
      await apply();
    });
    await settled(beside);

    await steps.step(`${stack}: destroy in the middle of a rotation`, async () => {
      if (isImported(beside, stack)) {
        await follow(beside, [stack], retiring);
        await apply();
      }
      const before = inventory(beside.cloud);
      passed(await beside.destroy(stack), "destroy", beside, stack);
      const { stdout } = await beside.terraform(stack, ["state", "list"]);
      ensure(stdout.trim() === "", "nothing left in the state", () => stdout);
      ensure(added(inventory(beside.cloud), before).length > 0, "the account's objects to be gone", () => "all there");
    });
  } finally {
    beside.stop();
  }
}

/** An edit that the plan must refuse in these words. It is taken back. */
async function refused(local: LocalCloud, stack: string, edit: RecipeStep, words: string): Promise<void> {
  const before = JSON.stringify(local.cloud.snapshot());
  const file = AccountFile.of(local.project, stack);
  await follow(local, [stack], edit);
  const { code, stderr } = await local.terraform(stack, ["plan", "-input=false", "-no-color"]);
  // Terraform breaks lines where it likes.
  const said = stderr.replace(/[\s│]+/g, " ");
  ensure(code === 1 && said.includes(words), `a plan that stops with "${words}"`, () => said || "a plan");
  ensure(JSON.stringify(local.cloud.snapshot()) === before, "nothing touched", () => "changes");
  file.save();
  await local.synthAgain();
}

function passed(
  { code, ...ran }: Awaited<ReturnType<LocalCloud["apply"]>>,
  verb: string,
  local: LocalCloud,
  stack: string,
) {
  if (code !== 0) throw new CommandFailed(`terraform ${verb}`, local.stack(stack).folder, { code, ...ran });
}
