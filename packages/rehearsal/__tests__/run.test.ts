import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Cloud } from "../../local-cloud/cloud/cloud";
import { readPlan } from "../run/plan";
import { run } from "../run/processes";
import { copyProject } from "../run/project";
import { seedAccounts, seedTenants } from "../run/seed";
import { stringsUnder } from "../run/stacks";
import { atLeast, environment, requireNode, requireTerraform } from "../run/terraform";

jest.setTimeout(30_000);

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "run-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content = ""): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

describe("the copy of the project", () => {
  test("has the sources and none of what tools made, and follows what was deleted", () => {
    for (const file of [
      "main.ts",
      "stacks/a.ts",
      ".git/HEAD",
      "node_modules/cdktf/index.js",
      "cdktf.out/manifest.json",
      "rehearsal.out/old/x",
      "coverage/x",
      "terraform.a.tfstate",
      "terraform.a.tfstate.backup",
      "sub/node_modules/x",
    ]) {
      write(`project/${file}`, file);
    }
    const copy = join(folder, "project/rehearsal.out/copy");
    copyProject(join(folder, "project"), copy);
    expect(
      readdirSync(copy, { recursive: true })
        .filter((name) => !String(name).startsWith("node_modules/"))
        .sort(),
    ).toEqual(["main.ts", "node_modules", "stacks", "stacks/a.ts", "sub"]);
    expect(existsSync(join(copy, "node_modules/cdktf/index.js"))).toBe(true);
    rmSync(join(folder, "project/stacks/a.ts"));
    copyProject(join(folder, "project"), copy);
    expect(existsSync(join(copy, "stacks/a.ts"))).toBe(false);
    expect(existsSync(join(folder, "project/node_modules/cdktf/index.js"))).toBe(true);
  });
});

describe("the environment of terraform", () => {
  test("leads to no real cloud and to none of the user's own files", () => {
    const env = environment({
      home: folder,
      reattach: "{}",
      variables: { given: "yes" },
      from: {
        PATH: "/bin",
        LANG: "C",
        HOME: "/home/me",
        AWS_PROFILE: "prod",
        ARM_TENANT_ID: "t",
        AZURE_CLIENT_ID: "c",
        TF_VAR_password: "p",
        TF_CLI_ARGS_plan: "-destroy",
        TF_PLUGIN_CACHE_DIR: "/cache",
        NODE_OPTIONS: "--inspect",
        XDG_CONFIG_HOME: "/home/me/.config",
      },
    });
    expect(env).toEqual({
      PATH: "/bin",
      LANG: "C",
      HOME: folder,
      USERPROFILE: folder,
      TF_CLI_CONFIG_FILE: join(folder, "terraform.rc"),
      TF_REATTACH_PROVIDERS: "{}",
      TF_IN_AUTOMATION: "1",
      TF_VAR_given: "yes",
      CHECKPOINT_DISABLE: "1",
      GOGC: "400",
      CDKTF_SKIP_PROVIDER_LOCK: "true",
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: "true",
      CI: "1",
    });
  });

  test("finds no provider outside the local cloud, and does not ask the registry", async () => {
    const env = environment({ home: folder, reattach: "{}" });
    write("stack/main.tf.json", '{"terraform":{"required_providers":{"random":{"source":"hashicorp/random"}}}}');
    const { code, stderr } = await run("terraform", ["init", "-no-color"], { cwd: join(folder, "stack"), env });
    expect(code).toBe(1);
    expect(stderr.replace(/\s+/g, " ")).toContain("was not found in any of the search locations");
    expect(stderr).toContain(join(folder, "plugins"));
  });

  test.each([
    ["missing", undefined, "terraform is not on the PATH. Install 1.10.0 or later: https://"],
    ["too old", "1.9.8", "terraform is 1.9.8, but 1.10.0 or later is needed: https://"],
  ])("a terraform that is %s is a clear error with the install page", async (_, version, message) => {
    if (version) {
      const program = write("bin/terraform", `#!/bin/sh\necho '{"terraform_version":"${version}"}'\n`);
      await run("/bin/chmod", ["+x", program], { cwd: folder, env: {} });
    }
    await expect(requireTerraform({ PATH: join(folder, "bin") }, folder)).rejects.toThrow(message);
  });

  test("a Node.js that cdktf's CLI does not start on is an error, with the versions that it takes", () => {
    const refused = ["18.20.0", "20.18.3", "21.7.0", "22.11.0", "24.21.0"];
    for (const version of refused) {
      expect(() => requireNode(version)).toThrow(
        `Node.js is ${version}, but cdktf's CLI starts on 20.19 and later of 20, or 22.12 and later of 22: https://`,
      );
    }
    for (const version of ["20.19.0", "20.20.2", "22.12.0", "22.23.2"]) requireNode(version);
  });

  test("takes the terraform of this machine, and tells versions by their numbers", async () => {
    await requireTerraform({ PATH: process.env.PATH ?? "" }, folder);
    expect(["1.10.0", "1.10.0-rc1", "1.11.4", "2.0.0"].filter((version) => !atLeast(version, "1.10.0"))).toEqual([]);
    expect(["1.9.9", "0.15.0", ""].filter((version) => atLeast(version, "1.10.0"))).toEqual([]);
  });
});

describe("a program", () => {
  const options = () => ({ cwd: folder, env: { PATH: process.env.PATH ?? "" } });

  test("is run to its end, with code and output", async () => {
    expect(await run("sh", ["-c", "echo out; echo err >&2; exit 3"], options())).toEqual({
      code: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
    expect((await run("sh", ["-c", "kill -TERM $$"], options())).code).toBe(143);
    await expect(run("no-such-program", [], options())).rejects.toThrow("ENOENT");
  });

  /** A process like ours that runs `script` with `run`, once the script has written the ids of its processes into the file `pids`. */
  async function startRunner(script: string): Promise<{ runner: ChildProcess; pids: number[] }> {
    const file = join(folder, "pids");
    const runner = spawn(
      process.execPath,
      [
        "-r",
        "ts-node/register/transpile-only",
        "-e",
        `require(${JSON.stringify(join(__dirname, "../run/processes.ts"))}).run("sh", ["-c", process.argv[1]], { cwd: ${JSON.stringify(folder)}, env: process.env }).then(() => console.log("went on"))`,
        script,
      ],
      { cwd: join(__dirname, "../../.."), stdio: ["ignore", "pipe", "inherit"] },
    );
    while (!existsSync(file) || readFileSync(file, "utf8").trim().split("\n").length < 2) await pause(20);
    return { runner, pids: readFileSync(file, "utf8").trim().split("\n").map(Number) };
  }

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const ended = (runner: ChildProcess) =>
    new Promise<{ code: number | null; said: string }>((resolve) => {
      let said = "";
      runner.stdout?.on("data", (data) => {
        said += data;
      });
      runner.on("close", (code) => resolve({ code, said }));
    });
  /** A process that nobody has waited for is still listed; dead it is all the same. */
  const lives = (pid: number) => existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

  test.each([
    ["SIGINT", "echo $$ > pids; echo $$ >> pids; exec sleep 60", 130],
    ["SIGTERM", "sleep 60 & echo $! > pids; echo $$ >> pids; wait", 143],
  ] as const)("does not outlive us on %s, nor does what it started", async (signal, script, code) => {
    const { runner, pids } = await startRunner(script);
    const end = ended(runner);
    expect(pids.map(lives)).toEqual([true, true]);
    runner.kill(signal);
    expect(await end).toEqual({ code, said: "" });
    expect(pids.map(lives)).toEqual([false, false]);
  });

  test("that does not listen is killed when asked twice", async () => {
    const { runner, pids } = await startRunner(
      "trap '' INT; (trap '' INT; sleep 60) & echo $! > pids; echo $$ >> pids; wait",
    );
    const end = ended(runner);
    runner.kill("SIGINT");
    await pause(200);
    expect(pids.map(lives)).toEqual([true, true]);
    runner.kill("SIGINT");
    expect((await end).code).toBe(130);
    await pause(50);
    expect(pids.map(lives)).toEqual([false, false]);
  });
});

describe("a plan", () => {
  const change = (address: string, more: Record<string, unknown>) => ({
    address,
    mode: "managed",
    change: { actions: ["no-op"], before: null, after: null, ...(more.change as object) },
    ...Object.fromEntries(Object.entries(more).filter(([name]) => name !== "change")),
  });

  test("names what changes, masks what is sensitive, and counts a move as a change", () => {
    const plan = readPlan(
      "s",
      JSON.stringify({
        resource_changes: [
          change("a.same", {}),
          change("a.moved", { previous_address: "a.old[0]" }),
          change("data.a.read", { mode: "data", change: { actions: ["read"] } }),
          change("a.new", {
            change: {
              actions: ["create"],
              after: { name: "n", secret: "hunter2", list: [{ key: "hunter3", open: 1 }] },
              after_unknown: { id: true, list: [{}] },
              before_sensitive: false,
              after_sensitive: { secret: true, list: [{ key: true }] },
            },
          }),
        ],
        output_changes: { same: { actions: ["no-op"] }, url: { actions: ["update"] } },
        checks: [{ instances: [{ problems: [{ message: "not yet imported" }] }] }],
      }),
    );
    expect(plan.changes.map(({ address, actions, movedFrom }) => [address, ...actions, movedFrom])).toEqual([
      ["a.moved", "no-op", "a.old[0]"],
      ["a.new", "create", undefined],
    ]);
    expect(plan.changes[1]).toMatchObject({
      before: null,
      after: {
        id: "(known after apply)",
        name: "n",
        secret: "(sensitive value)",
        list: [{ key: "(sensitive value)", open: 1 }],
      },
    });
    expect(plan).toMatchObject({ outputs: ["url"], warnings: ["not yet imported"], empty: false });
    expect(JSON.stringify(plan)).not.toContain("hunter");
  });

  test("is empty when nothing changes", () => {
    expect(readPlan("s", JSON.stringify({ resource_changes: [change("a.same", {})] })).empty).toBe(true);
    expect(readPlan("s", JSON.stringify({ output_changes: { url: { actions: ["create"] } } })).empty).toBe(false);
  });
});

describe("the seed", () => {
  const TENANT = "00000000-0000-0000-0000-00000000000a";
  const id = (last: string) => `00000000-0000-0000-0000-0000000000${last}`;
  const stack = {
    name: "s",
    folder: "/nowhere",
    configuration: {
      provider: { azuread: [{ tenant_id: TENANT }] },
      resource: {
        azuread_group: { g: { owners: [id("d1")] } },
        azuread_user: { u: { user_principal_name: "test@fabrikam.example" } },
        azuread_app_role_assignment: {
          existing: { principal_object_id: id("e1") },
          own: { principal_object_id: "${azuread_group.g.object_id}" },
        },
        azuread_conditional_access_policy: {
          p: {
            conditions: { users: { excluded_users: [id("b1")], excluded_groups: [id("f1")], included_users: ["All"] } },
          },
        },
      },
    },
  };

  test("holds whoever a stack names by object id, and the domain of its users", () => {
    const cloud = new Cloud();
    seedTenants(cloud, [stack]);
    const tenant = cloud.tenant(TENANT);
    expect(tenant.callerId).toBe(id("d1"));
    expect(tenant.servicePrincipals.get(id("d1")).displayName).toBe("Deploy identity 00d1");
    expect(tenant.users.get(id("b1")).displayName).toBe("Existing user 00b1");
    expect([id("e1"), id("f1")].map((group) => tenant.groups.get(group).displayName)).toEqual([
      "Existing group 00e1",
      "Existing group 00f1",
    ]);
    expect(tenant.verifiedDomains).toContain("fabrikam.example");
    expect(cloud.journal.mutations).toEqual([]);
  });

  test("calls a group what the account file calls it, beside its id", () => {
    const cloud = new Cloud();
    const locals = { existing_group_names: { [id("e1")]: "Platform admins" } };
    seedTenants(cloud, [{ ...stack, configuration: { ...stack.configuration, locals } }]);
    const { groups } = cloud.tenant(TENANT);
    expect(groups.get(id("e1")).displayName).toBe(`Platform admins (${id("e1")})`);
    expect(groups.get(id("f1")).displayName).toBe("Existing group 00f1");
  });

  test("takes the reader's word where there is one", () => {
    const cloud = new Cloud();
    seedTenants(cloud, [stack], {
      callerId: id("99"),
      users: [{ id: id("d1"), displayName: "Dana", userPrincipalName: "dana@contoso.example" }],
    });
    const tenant = cloud.tenant(TENANT);
    expect(tenant.callerId).toBe(id("99"));
    expect(tenant.users.get(id("d1")).displayName).toBe("Dana");
    expect(() => tenant.servicePrincipals.get(id("d1"))).toThrow();
  });
});

describe("an account that a stack takes for granted", () => {
  const stackWith = (resource: Record<string, unknown>) => ({
    name: "baseline",
    folder: "",
    configuration: { provider: { aws: [{ region: "eu-west-1", allowed_account_ids: ["111122223333"] }] }, resource },
  });
  const seeded = (resource: Record<string, unknown>) => {
    const cloud = new Cloud();
    seedAccounts(cloud, [stackWith(resource)]);
    expect(cloud.journal.mutations).toEqual([]);
    return cloud.account("111122223333");
  };

  test("manages an organization where features of one are turned on", () => {
    expect(seeded({}).settings.organization).toBeNull();
    expect(seeded({ aws_iam_organizations_features: { f: {} } }).settings.organization?.features).toEqual([]);
  });

  test("records where a rule is added without a recorder, and nowhere else", () => {
    const rules = { aws_config_config_rule: { here: {}, there: { region: "us-east-1" } } };
    const lines = seeded({ ...rules, aws_config_configuration_recorder: { own: {} } }).config.contents();
    expect(lines).toEqual([
      "Config recorder default of 111122223333 in us-east-1",
      "Config recorder default runs of 111122223333 in us-east-1",
    ]);
    expect(seeded({}).config.contents()).toEqual([]);
  });
});

test("strings are found under a name at any depth", () => {
  expect(stringsUnder({ a: [{ owners: ["x", 1] }, { b: { owners: "y" } }], others: ["z"] }, ["owners"])).toEqual([
    "x",
    "y",
  ]);
});
