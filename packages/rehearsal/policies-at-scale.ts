import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { AccountFile } from "./account-file";
import { waysIn } from "./faults/access";
import { addAccounts, manyNames } from "./many-accounts";
import { setPolicies } from "./recipes";
import { CommandFailed, LocalCloud } from "./run/local-cloud";
import { copyProject } from "./run/project";
import { isEntered, providerBlocks, stringsUnder } from "./run/stacks";
import { checkExpectations } from "./signin/expectations/expectations";
import { each, ensure, Steps, whatCame } from "./steps";

const HELP = `npm run rehearse:policies [-- --accounts <number>]

Rehearses the Conditional Access policies of many accounts (docs/runbooks/policies-at-scale.md) on a copy of this project with so many
accounts that name a policy set (3, if nothing is said): shared policies, and with few accounts the way there and back. After every
single operation, nobody may be able to enter an account without MFA.`;

const SET = "recommended";
/** With more accounts, policies of their own would not fit into the tenant: that is what shared ones are for. */
const MAX_TO_MOVE = 20;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { help: { type: "boolean" }, accounts: { type: "string", default: "3" } } });
  const count = Number(values.accounts);
  if (values.help || !Number.isInteger(count) || count < 1) {
    console.log(HELP);
    return values.help ? 0 : 1;
  }
  const folder = join(process.cwd(), "rehearsal.out", "policies");
  rmSync(folder, { recursive: true, force: true });
  const prepared = join(folder, "prepared");
  copyProject(process.cwd(), prepared);
  addAccounts(prepared, count, JSON.stringify(SET));
  setPolicies(prepared, count > MAX_TO_MOVE ? "shared" : "perAccount");
  const steps = new Steps();
  const local = await LocalCloud.start({ project: prepared, folder: join(folder, "run") });
  try {
    await rehearse(local, steps, manyNames(count));
    console.log(`\n${steps.summary}, every expectation held`);
    return 0;
  } catch (error) {
    console.error(`\n${whatCame(error)}`);
    return 1;
  } finally {
    local.stop();
  }
}

async function rehearse(local: LocalCloud, steps: Steps, accounts: readonly string[]): Promise<void> {
  const stacks = await steps.step(
    "synth",
    () => local.synth(),
    (all) => `${all.length} stacks`,
  );
  const tenant = stacks.filter((stack) => stack === "tenant");
  ensure(tenant.length === 1 && accounts.every((one) => stacks.includes(one)), "the tenant and the accounts", () =>
    stacks.join(", "),
  );
  let watched = 0;
  local.cloud.journal.watcher = ({ operation, target }) => {
    watched += 1;
    const open = waysIn(local.cloud.snapshot()).filter(({ mfa }) => !mfa);
    ensure(open.length === 0, "no way in without MFA at any moment", () => {
      return `after ${operation} ${target}: ${open.map(({ way }) => way).join("; ")}`;
    });
  };
  const [first = ""] = accounts;
  const few = accounts.length <= MAX_TO_MOVE;
  // Looked at after every operation: with hundreds of accounts, that would be all the run does.
  if (!few) local.cloud.journal.watcher = undefined;

  const deploy = (title: string, names: readonly string[]) =>
    steps.step(
      title,
      async () => {
        await each(names, (stack) => apply(local, stack));
        const tried = await each(names, (stack) => settled(local, stack));
        return tried.reduce((sum, one) => sum + one, 0);
      },
      (tried) => `no changes after it, ${tried} sign-ins end as they should`,
    );
  const placePolicies = async (policies: string) => {
    setPolicies(local.project, policies);
    await local.synthAgain();
  };
  const refused = (title: string, stack: string, words: string) =>
    steps.step(title, async () => {
      const { code, stdout, stderr } = await local.terraform(stack, ["plan", "-input=false", "-no-color"]);
      const said = `${stdout}${stderr}`.replace(/[│\s]+/g, " ");
      ensure(
        code === 1 && said.includes(words),
        `a plan that stops with "${words}"`,
        () => `exit code ${code}: ${said}`,
      );
    });
  const counted = (title: string) =>
    steps.step(
      title,
      async () => Object.keys(policiesOf(local)).length,
      (count) => `${count} policies in the tenant`,
    );

  const write = async (conditionalAccess: string, ...names: string[]) => {
    for (const stack of names) {
      AccountFile.of(local.project, stack).set(["conditionalAccess"], conditionalAccess).save();
    }
    await local.synthAgain();
  };
  const rename = async (accountName: string) => {
    AccountFile.of(local.project, first).set(["accountName"], accountName).save();
    await local.synthAgain();
  };
  const carried = (title: string, stack: string, set: string) =>
    steps.step(title, async () => {
      const now = setsNow(local, stack);
      ensure(now === set, `${stack} carries ${set}`, () => String(now));
    });

  if (!few) {
    await refused("an account before the tenant is refused", first, "Deploy the stack of the tenant first");
    await deploy("deploy the tenant", tenant);
    await deploy(`deploy ${accounts.length} accounts`, accounts);
    await counted("policies in all");
    return;
  }
  await deploy("deploy, policies per account", [...tenant, ...accounts]);
  await counted("policies per account");
  await placePolicies("shared");
  await refused("shared before the tenant is refused in an account", first, "Deploy the stack of the tenant first");
  await deploy("deploy the tenant", tenant);
  await refused("shared without an overlap is refused in an account", first, "does not carry the policy set");
  const named = AccountFile.of(local.project, first).get("accountName") ?? "";
  await rename('"Renamed"');
  await refused("so it is when the account gets another name with it", first, "does not carry the policy set");
  await rename(named);
  await placePolicies("overlap");
  await deploy("overlap", [...tenant, ...accounts]);
  await placePolicies("shared");
  await deploy("shared", [...accounts, ...tenant]);
  await counted("policies shared");
  await steps.step("an attribute that somebody changed is in the plan", async () => {
    const { watcher } = local.cloud.journal;
    local.cloud.journal.watcher = undefined;
    await carryByHand(local, first, "elsewhere");
    local.cloud.journal.watcher = watcher;
    const { changes } = await local.plan(first);
    ensure(changes.length === 1, "one change", () => changes.map(({ address }) => address).join(", "));
    await carryByHand(local, first, SET);
  });
  const organization = readFileSync(join(local.project, "stacks", "organization.ts"), "utf8");
  writeFileSync(join(local.project, "stacks", "organization.ts"), organization.replace(`${SET}: {`, "renamed: {"));
  await write('"renamed"', ...accounts);
  await refused(
    "a set renamed while applications carry it is refused in the tenant",
    "tenant",
    `policies of ${SET} would go`,
  );
  writeFileSync(join(local.project, "stacks", "organization.ts"), organization);
  await write(JSON.stringify(SET), ...accounts);
  AccountFile.ofOrganization(local.project)
    .set(["conditionalAccess", "sets", "strict"], '{ covers: "everyone", require: "phishing-resistant" }')
    .save();
  await write('"strict"', first);
  await refused(
    "a set that the tenant does not have yet is refused in an account",
    first,
    "Deploy the stack of the tenant first",
  );
  await deploy("the tenant, with another set", tenant);
  await deploy("another set, for one account", [first]);
  await carried("its application carries the other set", first, "strict");
  await write('{ covers: "everyone" }', first);
  await deploy("one account with policies of its own", [first]);
  await carried("its application carries no set", first, "none");
  await write(JSON.stringify(SET), first);
  await refused("back into the set without an overlap is refused", first, "overlap: true");
  await write(`{ set: ${JSON.stringify(SET)}, overlap: true }`, first);
  await deploy("an overlap of this account alone", [first]);
  await write(JSON.stringify(SET), first);
  await deploy("back in the set", [first]);
  await placePolicies("perAccount");
  await refused("back without an overlap is refused in the tenant", "tenant", "have no MFA policy of their own yet");
  await placePolicies("overlap");
  await deploy("overlap on the way back", [...tenant, ...accounts]);
  await placePolicies("perAccount");
  await deploy("back to policies per account", [...accounts, ...tenant]);
  await steps.step(
    "every operation was watched",
    async () => watched,
    (count) => `${count} operations, never a way in without MFA`,
  );
}

function policiesOf(local: LocalCloud) {
  const [tenant] = Object.values(local.cloud.snapshot().tenants);
  return tenant?.conditionalAccessPolicies ?? {};
}

/** The object ID of a stack's application, as its state file has it, and the tenant. */
function applicationOf(local: LocalCloud, stack: string) {
  const [tenantId = ""] = stringsUnder(providerBlocks(local.stack(stack), "azuread"), ["tenant_id"]);
  const [identifier = ""] = stringsUnder(local.stack(stack).configuration.resource, ["identifier_uri"]);
  const tenant = local.cloud.tenant(tenantId);
  const found = tenant.servicePrincipals
    .list()
    .find(({ servicePrincipalNames }) => servicePrincipalNames.includes(identifier));
  if (!found) throw new Error(`the application of ${stack} is not there`);
  return { tenant, application: found };
}

/** The custom security attribute that the filters of the policies ask for. */
function attributeOf({ tenant }: ReturnType<typeof applicationOf>) {
  const [attribute] = tenant.securityAttributes.list();
  if (!attribute) throw new Error("no policy asks for a custom security attribute");
  return attribute;
}

const setsNow = (local: LocalCloud, stack: string) => {
  const found = applicationOf(local, stack);
  const { attributeSet, name } = attributeOf(found);
  return found.application.customSecurityAttributes[attributeSet]?.[name];
};

/** As somebody with the role Attribute Assignment Administrator would in the Entra admin center. */
async function carryByHand(local: LocalCloud, stack: string, set: string): Promise<void> {
  const found = applicationOf(local, stack);
  const { attributeSet, name } = attributeOf(found);
  await found.tenant.servicePrincipals.update(found.application.id, {
    customSecurityAttributes: {
      [attributeSet]: { "@odata.type": "#Microsoft.DirectoryServices.CustomSecurityAttributeValue", [name]: set },
    },
  });
}

async function apply(local: LocalCloud, stack: string): Promise<void> {
  const ran = await local.apply(stack);
  if (ran.code !== 0) throw new CommandFailed("terraform apply", local.stack(stack).folder, ran);
}

/** A second plan is empty, and everybody who should gets in, and nobody else. @returns how many sign-ins were tried */
async function settled(local: LocalCloud, stack: string): Promise<number> {
  ensure(await local.unchanged(stack), `no changes in ${stack}`, () => "changes");
  if (!isEntered(local.stack(stack))) return 0;
  const results = await checkExpectations(local.cloud, local.stack(stack));
  const missed = results.filter(({ holds }) => !holds);
  ensure(missed.length === 0, `every access expectation of ${stack} to hold`, () =>
    missed.map(({ expectation: { person, mfa }, because }) => `${person} with ${mfa}: ${because}`).join("; "),
  );
  return results.length;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
