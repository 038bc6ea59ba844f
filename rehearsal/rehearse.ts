import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { AccountFile } from "./account-file";
import type { Tenant } from "./cloud/entra/tenant";
import { added, inventory } from "./inventory";
import { CommandFailed, LocalCloud } from "./run/local-cloud";
import type { PlannedChange, StackPlan } from "./run/plan";
import { providerBlocks, resourcesOf, stringsUnder } from "./run/stacks";
import { expect, Steps, Unmet } from "./steps";

const HELP = `npm run rehearse [-- <stack> …]

Plans, deploys, rotates and destroys the stacks of this project (all of them, or those named) with the real terraform and cdktf
against a cloud on this machine. Nothing outside rehearsal.out/ is written, and no connection leaves the machine.`;

const BANNER =
  "A local cloud stands in for Entra and AWS. It proves wiring, order and trust, not Microsoft's or Amazon's behaviour (docs/rehearsal.md).";

const IMPORT_CYCLE_MINUTES = 40;
const NEXT_CERTIFICATE = "rehearsed";
const NEXT_KEY = "rehearsed";

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: "boolean" } } });
  if (values.help) {
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
    local = await start(project, folder);
    await rehearse(local, steps, positionals);
    console.log(
      `\n${steps.summary}, every expectation held. The clouds' last state: ${relative(project, folder)}/cloud.json`,
    );
    return 0;
  } catch (error) {
    console.error(explain(error, relative(project, folder)));
    return 1;
  } finally {
    local?.stop();
  }
}

function start(project: string, folder: string): Promise<LocalCloud> {
  // The one variable that the stacks may ask for; a password that nobody knows, for users that do not exist.
  return LocalCloud.start({
    project,
    folder,
    variables: { test_user_password: randomBytes(18).toString("base64url") },
  });
}

async function rehearse(local: LocalCloud, steps: Steps, named: readonly string[]): Promise<void> {
  const all = await steps.step(
    "cdktf synth",
    () => local.synth(),
    (stacks) => stacks.join(", "),
  );
  const stacks = named.length > 0 ? named.map((name) => local.stack(name).name) : all;
  const imported = stacks.filter((stack) => isImported(local, stack));
  const before = inventory(local.cloud);

  for (const stack of stacks) {
    await steps.step(
      `${stack}: plan of an account that is new`,
      async () => {
        await cdktf(local, ["plan", stack]);
        const plan = await local.plan(stack);
        expect(plan.changes.length > 0 && plan.changes.every(creates), "only new objects", () => describe(plan));
        return plan;
      },
      (plan) => `${plan.changes.length} to add`,
    );
  }
  await steps.step("deploy", () => cdktf(local, ["deploy", ...stacks, "--auto-approve", "--parallelism", "2"]));
  await noChanges(local, steps, stacks);

  for (const stack of imported) {
    await steps.step(
      `${stack}: role import after ${IMPORT_CYCLE_MINUTES} minutes`,
      () => runCycle(local, stack, "service principal"),
      (claims) => `${claims.length} roles imported`,
    );
    await steps.step(
      `${stack}: plan of exactly the pending assignments`,
      async () => {
        const plan = await local.plan(stack);
        const wanted = resourcesOf(local.stack(stack), ASSIGNMENT).length;
        const fits =
          plan.changes.length === wanted && plan.changes.every((change) => creates(change) && isA(change, ASSIGNMENT));
        expect(fits, `${wanted} assignments to add and nothing else`, () => describe(plan));
        return plan;
      },
      (plan) => `${plan.changes.length} to add`,
    );
  }
  if (imported.length > 0) {
    await steps.step("deploy again", () =>
      cdktf(local, ["deploy", ...imported, "--auto-approve", "--parallelism", "2"]),
    );
    await noChanges(local, steps, imported);
  }

  await rotateCertificates(local, steps, stacks);
  if (imported.length > 0) await rotateKeys(local, steps, imported);
  for (const stack of imported) await importedToDeclared(local, steps, stack);

  await steps.step("destroy", async () => {
    if (imported.length > 0) {
      await edit(local, imported, (file) => file.set(["retiring"], "true"));
      await apply(local, imported);
    }
    await cdktf(local, ["destroy", ...stacks, "--auto-approve", "--parallelism", "2"]);
  });
  await steps.step(
    "nothing is left",
    async () => {
      const left = added(before, inventory(local.cloud));
      expect(left.length === 0, "no live object that was not there before", () => left.join("; "));
      return tenants(local, stacks).flatMap((tenant) => tenant.deletedItems());
    },
    (deleted) =>
      `${deleted.length} in Entra's recycle bin (${deleted.map(({ type, displayName }) => `${type} ${displayName}`).join(", ")})`,
  );
}

/** README: Rotate the signing certificate. */
async function rotateCertificates(local: LocalCloud, steps: Steps, stacks: readonly string[]): Promise<void> {
  const old = new Map<string, string>();
  const end = local.cloud.clock.now();
  end.setUTCFullYear(end.getUTCFullYear() + 2);
  const recipe: [string, (file: AccountFile, stack: string) => void][] = [
    [
      "publish the next signing certificate",
      (file, stack) => {
        old.set(stack, JSON.parse(file.get("signing", "active") ?? '""') as string);
        file.set(["signing", "certificates", NEXT_CERTIFICATE], JSON.stringify(end.toISOString().slice(0, 10)));
      },
    ],
    ["activate it", (file) => file.set(["signing", "active"], JSON.stringify(NEXT_CERTIFICATE))],
    [
      "retire the old one",
      (file, stack) => {
        const name = old.get(stack) ?? "";
        file.remove("signing", "certificates", name).set(["signing", "retired"], JSON.stringify([name]));
      },
    ],
  ];
  for (const [name, change] of recipe) {
    await steps.step(`certificate rotation: ${name}`, async () => {
      await edit(local, stacks, change);
      await apply(local, stacks);
    });
    await noChanges(local, steps, stacks);
  }
}

/** README: Rotate the access key. */
async function rotateKeys(local: LocalCloud, steps: Steps, stacks: readonly string[]): Promise<void> {
  const recipe: [string, (file: AccountFile) => void][] = [
    ["add the next key", (file) => file.set(["appRoles", "accessKeys", "standby"], JSON.stringify(NEXT_KEY))],
    [
      "swap the two",
      (file) => {
        const old = file.get("appRoles", "accessKeys", "active") ?? '""';
        file
          .set(["appRoles", "accessKeys", "active"], JSON.stringify(NEXT_KEY))
          .set(["appRoles", "accessKeys", "standby"], old);
      },
    ],
    ["drop the old one", (file) => file.remove("appRoles", "accessKeys", "standby")],
  ];
  for (const [name, change] of recipe) {
    await steps.step(`access key rotation: ${name}`, async () => {
      await edit(local, stacks, change);
      await apply(local, stacks);
      for (const stack of stacks) await runCycle(local, stack, "service principal");
    });
    await noChanges(local, steps, stacks);
  }
}

/** README: From imported to declared; in a folder of its own, so that the imported account goes on. */
async function importedToDeclared(main: LocalCloud, steps: Steps, stack: string): Promise<void> {
  const beside = await main.fork(`${stack}-declared`);
  try {
    await steps.step(
      `${stack}: from imported to declared`,
      async () => {
        const ids = importedRoleIds(beside, stack);
        await edit(beside, [stack], (file) => {
          file.set(["appRoles"], `declared({ keepRoleIds: ${JSON.stringify(ids)} })`).import("declared");
        });
        const plan = await beside.plan(stack);
        const touched = plan.changes.filter((change) => isA(change, ASSIGNMENT) && change.actions.join() !== "no-op");
        expect(touched.length === 0, "every assignment to stay as it is", () => describe(plan));
        await apply(beside, [stack]);
        return plan;
      },
      (plan) =>
        `no assignment touched, ${plan.changes.filter(({ actions }) => actions.includes("delete")).length} to destroy`,
    );
    await noChanges(beside, steps, [stack]);
  } finally {
    beside.stop();
  }
}

const ASSIGNMENT = "azuread_app_role_assignment";
const creates = ({ actions }: PlannedChange) => actions.join() === "create";
const isA = ({ address }: PlannedChange, type: string) => address.startsWith(`${type}.`);
const isImported = (local: LocalCloud, stack: string) =>
  resourcesOf(local.stack(stack), "azuread_synchronization_job").length > 0;

async function noChanges(local: LocalCloud, steps: Steps, stacks: readonly string[]): Promise<void> {
  await steps.step(
    `plan again: ${stacks.join(", ")}`,
    async () => {
      for (const stack of stacks) {
        const plan = await local.plan(stack);
        expect(plan.empty, "No changes", () => describe(plan));
      }
    },
    () => "no changes",
  );
}

/** Changes account files as the README says, and synthesizes again. */
async function edit(
  local: LocalCloud,
  stacks: readonly string[],
  change: (file: AccountFile, stack: string) => void,
): Promise<void> {
  for (const stack of stacks) {
    const file = AccountFile.of(local.project, stack);
    change(file, stack);
    file.save();
  }
  await local.synthAgain();
}

async function apply(local: LocalCloud, stacks: readonly string[]): Promise<void> {
  for (const stack of stacks) {
    const ran = await local.apply(stack);
    if (ran.code !== 0) throw new CommandFailed("terraform apply", local.stack(stack).folder, ran);
  }
}

async function cdktf(local: LocalCloud, args: readonly string[]): Promise<void> {
  const ran = await local.cdktf(args);
  if (ran.code !== 0) throw new CommandFailed(`cdktf ${args.join(" ")}`, local.project, ran);
}

async function runCycle(
  local: LocalCloud,
  stack: string,
  variant: "service principal" | "application",
): Promise<string[]> {
  local.cloud.clock.advance({ minutes: IMPORT_CYCLE_MINUTES });
  const { tenant, servicePrincipalId } = deployed(local, stack);
  const report = await tenant.synchronization.runCycle(servicePrincipalId, { variant });
  expect(report.outcome === "succeeded", "a cycle that succeeds", () => report.reason ?? report.outcome);
  return report.imported;
}

/** Ids of the imported app roles by role name, as a person copies them from Entra. */
function importedRoleIds(local: LocalCloud, stack: string): Record<string, string> {
  const { tenant, servicePrincipalId } = deployed(local, stack);
  const roles = tenant.servicePrincipals.get(servicePrincipalId).appRoles;
  const names = AccountFile.of(local.project, stack).names("roles");
  return Object.fromEntries(
    names.flatMap((name) => {
      const role = roles.find(({ value }) => value?.split(",")[0]?.endsWith(`/${name}`));
      return role ? [[name, role.id]] : [];
    }),
  );
}

/** The application of a stack, found as Entra would find it: by its identifier. */
function deployed(local: LocalCloud, stack: string): { tenant: Tenant; servicePrincipalId: string } {
  const [tenant] = tenants(local, [stack]);
  const [identifier] = stringsUnder(resourcesOf(local.stack(stack), "azuread_application_identifier_uri"), [
    "identifier_uri",
  ]);
  const found = tenant?.servicePrincipals
    .list()
    .find(({ servicePrincipalNames }) => servicePrincipalNames.includes(identifier ?? ""));
  if (!tenant || !found) throw new Unmet(`an application with identifier ${identifier}`, "none");
  return { tenant, servicePrincipalId: found.id };
}

function tenants(local: LocalCloud, stacks: readonly string[]): Tenant[] {
  const ids = stacks.flatMap((stack) =>
    providerBlocks(local.stack(stack), "azuread").flatMap((block) => stringsUnder(block, ["tenant_id"])),
  );
  return [...new Set(ids)].map((id) => local.cloud.tenant(id));
}

function describe(plan: StackPlan): string {
  const changes = plan.changes.map(({ actions, address }) => `${actions.join("/")} ${address}`);
  const outputs = plan.outputs.map((name) => `output ${name}`);
  return [...changes, ...outputs].join("; ") || "no changes";
}

function explain(error: unknown, folder: string): string {
  const what =
    error instanceof Unmet
      ? `expected: ${error.expected}\ncame:     ${error.came}`
      : error instanceof Error
        ? error.message
        : String(error);
  return `\n${what}\n\nwhere:    ${folder} (cloud.json is what the clouds hold, project/cdktf.out/stacks what Terraform got)\ncloser:   npm run local -- --folder ${folder} plan <stack>`;
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
