import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSecretJson } from "../pipeline/json";
import { SHOWN } from "../pipeline/mask";
import { findings } from "../pipeline/nightly";
import type { Plan, ResourceChange } from "../pipeline/plan";
import { summarize } from "../pipeline/plan-summary";
import { redact } from "../pipeline/redact";
import { checkStacks, deployStacks, planStacks } from "../pipeline/run";
import { filled, knownTypes, sensitivePaths } from "./support/sensitive-attributes";
import { answers, change, created, destroyed, fakeTerraform, LINEAGE, plan, updated } from "./support/terraform-plan";

/** A secret that would be recognized anywhere. */
const canary = (where: string): string => `canary-${where.replaceAll(/\W/g, "-")}`;

const types = knownTypes();

/** A change of each kind of each type, with a canary in every attribute that `planted` names. */
function changes(planted: (type: string, path: string) => boolean, marked: boolean): ResourceChange[] {
  return types.flatMap(({ type, block }) => {
    const value = (time: string) =>
      filled(block, (path) => (planted(type, path) ? canary(`${time}.${type}.${path}`) : `open-${time}`));
    const marks = filled(block, (path) => marked && planted(type, path));
    const both = { before_sensitive: marks, after_sensitive: marks };
    return [
      created(`${type}.new`, value("after"), both),
      updated(`${type}.old`, value("before"), value("after"), both),
      change(`${type}.replaced`, ["delete", "create"], value("before"), value("after"), both),
      destroyed(`${type}.gone`, value("before"), both),
    ];
  });
}

const sensitive = new Map(types.map(({ type, block }) => [type, sensitivePaths(block)]));

const isSensitive = (type: string, path: string): boolean => sensitive.get(type)?.includes(path) ?? false;

const isShown = (type: string, path: string): boolean => SHOWN[type]?.includes(path.split(".")[0] ?? "") ?? false;

/** All that may leave a job, from one plan. */
function leaving(secretPlan: Plan): string {
  const terraform = fakeTerraform({ ...answers(secretPlan), apply: { code: 1 } });
  const workplace = { synth: "cdktf.out", terraform };
  const approved = new Map([["stack", summarize("stack", secretPlan, LINEAGE).digest]]);
  return JSON.stringify([
    planStacks(["stack"], workplace),
    planStacks(["stack"], { ...workplace, terraform: fakeTerraform(answers(secretPlan, undefined)) }),
    deployStacks(["stack"], new Map(), workplace),
    deployStacks(["stack"], approved, workplace),
    checkStacks(["stack"], workplace, new Date()),
    findings(secretPlan, new Date()),
  ]);
}

test("plants a canary in every sensitive attribute, and at least in those that are known to hold secrets", () => {
  const all = JSON.stringify(changes(isSensitive, true));
  for (const path of [
    "aws_iam_access_key.secret",
    "azuread_synchronization_secret.credential.value",
    "aws_secretsmanager_secret_version.secret_string",
    "azuread_user.password",
  ]) {
    expect(all).toContain(canary(`after.${path}`));
    expect(all).toContain(canary(`before.${path}`));
  }
});

test.each([
  ["sensitive attributes, marked by Terraform", isSensitive, true],
  ["sensitive attributes, though no mark says so", isSensitive, false],
  ["attributes that are not on the allow-list", (type: string, path: string) => !isShown(type, path), false],
  ["attributes on the allow-list that the plan marks", isShown, true],
])("shows none of the %s", (_, planted, marked) => {
  const text = leaving(plan(changes(planted, marked)));
  expect(text).toContain("azuread_user.new");
  expect(text).not.toContain("canary");
});

test("shows what is on the allow-list and not marked, or the tests above would prove nothing", () => {
  expect(leaving(plan(changes(isShown, false)))).toContain(canary("after.aws_iam_role.name"));
});

test("shows no secret of a Graph request, in a body of any shape", () => {
  const body = {
    keyCredentials: [{ key: "canary-1", deep: { list: ["canary-2"] } }],
    password: "canary-3",
    // A member that may be shown shows no more of its neighbours.
    customSecurityAttributes: { AwsFederation: { PolicySet: "open" } },
  };
  const text = leaving(
    plan([
      updated(
        "msgraph_update_resource.activation",
        { url: "servicePrincipals/1", body },
        { url: "servicePrincipals/2", body: { password: "canary-4" } },
      ),
    ]),
  );
  expect(text).toContain("servicePrincipals/2");
  expect(text).not.toContain("canary");
});

test("shows no type that the allow-list does not know, with no attribute", () => {
  const text = leaving(plan([created("aws_db_instance.x", { password: "canary" })]));
  expect(text).toContain("aws_db_instance.x");
  expect(text).toContain("password");
  expect(text).not.toContain("canary");
});

test("shows no value of variables and outputs, nor of drift and prior state", () => {
  const values = {
    outputs: { o: { value: "canary-1", sensitive: true } },
    root_module: {
      resources: [
        {
          address: "a.b",
          mode: "managed" as const,
          type: "azuread_user",
          values: { password: "canary-2" },
          sensitive_values: { password: true },
        },
      ],
    },
  };
  const text = leaving(
    plan([created("azuread_group.g", { display_name: "AWS" })], {
      variables: { test_user_password: { value: "canary-3" }, region: { value: "canary-4" } },
      planned_values: values,
      prior_state: { values },
      resource_drift: [updated("aws_iam_access_key.k", { secret: "canary-5" }, { secret: "canary-6" })],
      output_changes: {
        pending_roles: {
          actions: ["update"],
          before: [],
          after: ["canary-7"],
          before_sensitive: false,
          after_sensitive: true,
        },
        secret: { actions: ["create"], before: null, after: "canary-8", before_sensitive: true, after_sensitive: true },
        open: {
          actions: ["update"],
          before: { x: "canary-9" },
          after: { x: "canary-10" },
          before_sensitive: false,
          after_sensitive: false,
        },
      },
    }),
  );
  expect(text).toContain("pending_roles");
  expect(text).not.toContain("canary");
});

test("cuts a secret out where it stands in an attribute that may be shown", () => {
  const secret = 'canary "quoted"';
  const text = leaving(
    plan(
      [
        created("azuread_group.g", { display_name: `has ${secret} in it` }),
        created("azuread_user.u", { password: secret }, { after_sensitive: { password: true } }),
        updated("aws_iam_role.r", { name: "a" }, { name: "the canary-variable" }),
      ],
      {
        variables: { v: { value: "canary-variable" } },
        configuration: { root_module: { variables: { v: { sensitive: true } } } },
      },
    ),
  );
  expect(text).toContain("has (sensitive) in it");
  expect(text).not.toContain("canary");
});

describe("the text of an error", () => {
  const state = JSON.stringify({
    format_version: "1.0",
    values: {
      root_module: {
        resources: [
          {
            address: "a.b",
            mode: "managed",
            type: "aws_iam_access_key",
            values: { secret: "canary-state" },
            sensitive_values: { secret: true },
          },
        ],
      },
    },
  });
  const diagnostics = (detail: string): string =>
    [
      JSON.stringify({ "@level": "info", type: "planned_change", "@message": "canary-progress" }),
      JSON.stringify({ type: "diagnostic", diagnostic: { severity: "warning", summary: "canary-warning" } }),
      JSON.stringify({
        type: "diagnostic",
        diagnostic: {
          severity: "error",
          address: "azuread_user.u",
          summary: "400 Bad Request",
          detail,
          snippet: { values: [{ statement: "canary-snippet" }] },
        },
      }),
    ].join("\n");

  beforeEach(() => {
    process.env["TF_VAR_test_user_password"] = "canary-variable";
    process.env["AWS_SECRET_ACCESS_KEY"] = "canary-key";
  });
  afterEach(() => {
    delete process.env["TF_VAR_test_user_password"];
    delete process.env["AWS_SECRET_ACCESS_KEY"];
  });

  test.each(["plan", "apply"])(
    "says what was wrong in %s, less every secret of state, variables and job",
    (command) => {
      const secretPlan = plan([created("azuread_group.g", { display_name: "AWS" })]);
      const terraform = fakeTerraform({
        ...answers(secretPlan),
        "show state": { stdout: state },
        [command]: {
          code: 1,
          stdout: diagnostics("the service refused canary-state, canary-variable and canary-key"),
          stderr: "canary-stderr",
        },
      });
      const approved = new Map([["stack", summarize("stack", secretPlan, LINEAGE).digest]]);
      const text = JSON.stringify(deployStacks(["stack"], approved, { synth: "cdktf.out", terraform }));
      expect(text).toContain("azuread_user.u");
      expect(text).toContain("400 Bad Request");
      expect(text).toContain("the service refused (sensitive), (sensitive) and (sensitive)");
      expect(text).not.toContain("canary");
    },
  );

  test("does not quote JSON that cannot be read", () => {
    expect(() => parseSecretJson('{"secret": canary', "the plan")).toThrow(/^the plan is not valid JSON/);
    const terraform = fakeTerraform({ ...answers(plan([])), "show plan": { stdout: '{"value": canary' } });
    let message = "";
    try {
      planStacks(["stack"], { synth: "cdktf.out", terraform });
    } catch (error) {
      message = String(error) + (error instanceof Error ? error.stack : "");
    }
    expect(message).toContain("not valid JSON");
    expect(message).not.toContain("canary");
  });
});

test("cuts out the longer of two secrets first, and nothing for a short one", () => {
  expect(redact("password-2 password", new Set(["password", "password-2"]))).toBe("(sensitive) (sensitive)");
  expect(redact("a User", new Set())).toBe("a User");
});

/** The command of the workflow, with a terraform that prints secrets wherever it can. */
describe("the plan command", () => {
  const folder = mkdtempSync(join(tmpdir(), "cli-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (mode: string, code: number) => {
    const secrets = {
      show: JSON.stringify(plan(changes(isSensitive, true))),
      state: JSON.stringify({ lineage: "canary-lineage-5b0f-4d0e-9b52-2d5a4a2b8c11" }),
    };
    writeFileSync(join(folder, "answers.json"), JSON.stringify(secrets));
    mkdirSync(join(folder, "bin"), { recursive: true });
    writeFileSync(
      join(folder, "bin", "terraform"),
      `#!${process.execPath}
const answers = require(${JSON.stringify(join(folder, "answers.json"))});
const [, , , command] = process.argv;
process.stderr.write("canary-stderr " + command + "\\n");
if (command === ${JSON.stringify(mode)}) process.exit(${code});
process.stdout.write(answers[command] ?? "canary-stdout " + command);
`,
    );
    chmodSync(join(folder, "bin", "terraform"), 0o755);
    const files = { GITHUB_OUTPUT: join(folder, "output"), GITHUB_STEP_SUMMARY: join(folder, "summary") };
    for (const file of Object.values(files)) writeFileSync(file, "");
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["-r", "ts-node/register/transpile-only", "pipeline/cli.ts", "plan"],
      {
        encoding: "utf8",
        env: {
          ...process.env,
          ...files,
          PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
          CHUNK: '{"index":3,"stacks":["aws-account1"]}',
          TMPDIR: folder,
        },
      },
    );
    return {
      status,
      log: stdout + stderr,
      output: readFileSync(files.GITHUB_OUTPUT, "utf8"),
      summary: readFileSync(files.GITHUB_STEP_SUMMARY, "utf8"),
    };
  };

  test("prints a line for the stack, and no secret in log, summary or output", () => {
    const { status, log, output, summary } = run("", 0);
    expect(log).toMatch(/^aws-account1: \d+ to create/);
    expect(output).toMatch(/^report-3=\[.*\]\n$/);
    expect(summary).toContain("hmac-sha256:");
    expect(log + output + summary).not.toContain("canary");
    expect(status).toBe(0);
  });

  test("fails when terraform does, and leaves no plan file behind", () => {
    const { status, output } = run("plan", 1);
    expect(status).toBe(1);
    expect(output).toContain('"outcome":"failed"');
    expect(spawnSync("ls", [folder], { encoding: "utf8" }).stdout).not.toContain("plan-");
  });
});
