import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CloudState } from "../../local-cloud/cloud/cloud";
import { importRoles } from "../deployed";
import { added, inventory } from "../inventory";
import { certificateRotation, follow, type RecipeStep, retiring } from "../recipes";
import { CommandFailed, LocalCloud } from "../run/local-cloud";
import { copyProject } from "../run/project";

/** What becomes of signing certificates when names, dates and accounts change, tried with the real terraform at every step of a rotation. */
jest.setTimeout(300_000);

const PROJECT = join(__dirname, "..", "..", "..");

const account = (name: string, id: string, accountId: string, appRoles: string) => `
export class ${name} extends AwsAccountStack {
  constructor(scope: Construct, organization: Organization) {
    super(scope, "${id}", {
      organization,
      accountName: "${name}",
      accountId: "${accountId}",
      appRoles: ${appRoles},
      signing: { active: "c2026", certificates: { c2026: "2028-11-01" } },
      roles: { Developer: { policies: ["AmazonS3FullAccess"] } },
      conditionalAccess: { covers: "everyone" },
    });
  }
}
`;
const HEAD = `import type { Construct } from "constructs";
import { declared, imported } from "entra-aws-federation/entra/app-roles";
import { AwsAccountStack, type Organization } from "entra-aws-federation/stacks/aws-account-stack";
`;

let folder: string;
let local: LocalCloud;
let atFirst: string[];

const MODES = [
  ["declared", "declaring", "Declaring"],
  ["imported", "importing", "Importing"],
] as const;
const STACKS = MODES.map(([, stack]) => stack);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "certificates-"));
  const project = join(folder, "reader");
  copyProject(PROJECT, project);
  const key = 'imported({ accessKeys: { active: "k1" } })';
  const files = {
    declaring: ["Declaring", "999988887777", "declared()"],
    importing: ["Importing", "999988886666", key],
  };
  for (const [stack, [name = "", id = "", appRoles = ""]] of Object.entries(files)) {
    const other = appRoles.startsWith("declared") ? "imported" : "declared";
    const head = HEAD.replace(`${other}, `, "").replace(`, ${other}`, "");
    writeFileSync(join(project, "stacks", `${stack}.ts`), head + account(name, stack, id, appRoles));
  }
  const main = readFileSync(join(project, "main.ts"), "utf8")
    .replace(/accounts = \[[^\]]*\]/, "accounts = [Declaring, Importing]")
    .replace(/(baselines: BaselineClass\[\]) = \[[^\]]*\]/, "$1 = []");
  writeFileSync(
    join(project, "main.ts"),
    `import { Declaring } from "./stacks/declaring";\nimport { Importing } from "./stacks/importing";\n${main}`,
  );
  local = await LocalCloud.start({ project, folder: join(folder, "rehearsal.out") });
  await local.synth();
  atFirst = inventory(local.cloud);
  for (const stack of STACKS) await apply(stack);
  await importRoles(local, "importing", "service principal");
  await apply("importing");
});

afterAll(() => {
  local.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function apply(stack: string): Promise<void> {
  const ran = await local.apply(stack);
  if (ran.code !== 0) throw new CommandFailed("terraform apply", folder, ran);
}

const edit = (stack: string, name: string, change: RecipeStep["change"]) => follow(local, [stack], { name, change });

const planned = async (stack: string) =>
  (await local.plan(stack)).changes.map(({ actions, address }) => `${actions} ${address}`);

/** Looks at what would come of it, and puts clouds and state back. */
async function tentatively<T>(stack: string, look: () => Promise<T>): Promise<T> {
  const clouds: CloudState = local.cloud.snapshot();
  const state = local.stateFile(stack);
  copyFileSync(state, `${state}.kept`);
  try {
    return await look();
  } finally {
    local.cloud.restore(clouds);
    copyFileSync(`${state}.kept`, state);
  }
}

test("the next certificate, listed first, stops the deploy before AWS has it; in order it goes on, and can be destroyed", async () => {
  const ring = (certificates: string) =>
    edit("declaring", "the next certificate", (file) =>
      file.set(["signing"], `{ active: "c2026", certificates: { ${certificates} } }`),
    );
  const others = inventory(local.cloud);
  const left = await tentatively("declaring", async () => {
    const accepted = () => JSON.stringify(local.cloud.account("999988887777").samlProviders.list());
    const before = accepted();
    await ring('next: "2028-12-01", c2026: "2028-11-01"');
    const refused = await local.apply("declaring");
    expect([refused.code, refused.stderr.replace(/[\s│]+/g, " ")]).toEqual([
      1,
      expect.stringContaining("c2026 is older than the one listed before it"),
    ]);
    expect(accepted()).toBe(before);
    // From now on at plan.
    await expect(local.plan("declaring")).rejects.toThrow(/in the order\s+.*in which they were made/s);
    await ring('c2026: "2028-11-01", next: "2028-12-01"');
    await apply("declaring");
    expect(await planned("declaring")).toEqual([]);
    expect((await local.destroy("declaring")).code).toBe(0);
    return inventory(local.cloud);
  });
  expect(added(others, left)).toEqual([]);
  await ring('c2026: "2028-11-01"');
});

describe.each(MODES)("%s roles", (_, stack, accountName) => {
  test("a renamed account gets other display names, and keeps certificates, assignments and a way back to an empty plan", async () => {
    await tentatively(stack, async () => {
      await edit(stack, "rename", (file) => file.set(["accountName"], '"Renamed"'));
      const changes = await planned(stack);
      expect(changes).toContain("update azuread_application.enterprise_app");
      expect(changes.filter((change) => !change.startsWith("update "))).toEqual([]);
      expect(changes.join()).not.toMatch(/certificate|assignment/);
      await apply(stack);
      expect(await planned(stack)).toEqual([]);
      // The certificates still carry the old name, and are still known for ours.
      await edit(stack, "another ring", (file) =>
        file.set(["signing"], '{ active: "c2030", certificates: { c2030: "2028-12-01" } }'),
      );
      await expect(local.plan(stack)).rejects.toThrow(/no longer in\s+signing\.certificates/);
    });
    await edit(stack, "as before", (file) =>
      file
        .set(["accountName"], JSON.stringify(accountName))
        .set(["signing"], '{ active: "c2026", certificates: { c2026: "2028-11-01" } }'),
    );
    expect(await planned(stack)).toEqual([]);
  });

  test("goes through a rotation: no date can be changed, and a destroy leaves nothing, at every step", async () => {
    const { cloud } = local;
    const others = inventory(cloud);
    for (const step of certificateRotation(cloud.clock.now())) {
      await follow(local, [stack], step);
      await apply(stack);
      for (const name of ["c2026", "rehearsed"]) {
        const until = ["signing", "certificates", name];
        let before: string | undefined;
        await edit(stack, "another date", (file) => {
          before = file.get(...until);
          if (before) file.set(until, '"2027-06-01"');
        });
        if (!before) continue;
        await expect(local.plan(stack)).rejects.toThrow(new RegExp(`certificate ${name} ends on 20`));
        await edit(stack, "the date of before", (file) => file.set(until, before as string));
      }
      if (stack === "importing") await edit(stack, "leave", retiring.change);
      const left = await tentatively(stack, async () => {
        const { code, stdout, stderr } = await local.destroy(stack);
        expect([step.name, code, code === 0 ? "" : stdout + stderr]).toEqual([step.name, 0, ""]);
        return inventory(cloud);
      });
      expect(added(others, left)).toEqual([]);
      if (stack === "importing") await edit(stack, "stay", (file) => file.remove("appRoles", "retiring"));
    }
  });
});

test("an account that leaves in the middle of a rotation, with others beside it, leaves nothing behind in the end", async () => {
  for (const stack of STACKS) {
    if (stack === "importing") await edit(stack, "leave", retiring.change);
    expect((await local.destroy(stack)).code).toBe(0);
  }
  expect(added(atFirst, inventory(local.cloud))).toEqual([]);
});
