import { type BlockSchema, checkStack, type ProviderSchemas } from "./support/provider-schemas";
import type { Body, StackJson } from "./support/stack-json";

const role: BlockSchema = {
  attributes: {
    arn: { type: "string", computed: true },
    assume_role_policy: { type: "string", required: true },
    force_detach_policies: { type: "bool", optional: true },
    id: { type: "string", optional: true, computed: true },
    managed_policy_arns: { type: ["set", "string"], optional: true, computed: true },
    max_session_duration: { type: "number", optional: true },
    path: { type: "string", optional: true },
    quota: { type: ["list", ["object", { limit: "number" }]], optional: true },
    tags: { type: ["map", "string"], optional: true },
  },
  block_types: {
    inline_policy: { nesting_mode: "set", block: { attributes: { name: { type: "string", optional: true } } } },
    pair: { nesting_mode: "list", min_items: 2, max_items: 3, block: { attributes: {} } },
    timeouts: { nesting_mode: "single", block: { attributes: { create: { type: "string", optional: true } } } },
  },
};

const schemas: ProviderSchemas = {
  "registry.terraform.io/hashicorp/aws": {
    provider: { block: { attributes: { region: { type: "string", optional: true } } } },
    resource_schemas: { aws_iam_role: { block: role } },
    data_source_schemas: { aws_region: { block: { attributes: { name: { type: "string", required: true } } } } },
  },
};

const terraform = { required_providers: { aws: { source: "hashicorp/aws" } } };
const fine = { assume_role_policy: "{}", pair: [{}, {}] };
const withRole = (body: Body): StackJson => ({
  terraform,
  resource: { aws_iam_role: { administrator: { ...fine, ...body } } },
});
const problemsOf = (body: Body) => checkStack(withRole(body), schemas);

describe("the check against the provider schemas", () => {
  test("has nothing to say of a role that fits", () => {
    const set = { path: "/", tags: { a: "b" }, max_session_duration: 3600, force_detach_policies: false };
    const nested = { quota: [{ limit: 1 }], timeouts: { create: "5m" }, inline_policy: [{ name: "x" }, { name: "y" }] };
    expect(problemsOf({ ...set, ...nested })).toEqual([]);
  });

  test.each<[string, Body, string]>([
    ["an attribute that does not exist", { paht: "/" }, "paht is not in the schema"],
    [
      "a required attribute left out",
      { assume_role_policy: null },
      "assume_role_policy is missing, the schema requires it",
    ],
    ["an attribute that only the provider sets", { arn: "arn:x" }, "arn is set, only the provider can set it"],
    ["a number for a string", { path: 3 }, "path is 3, the schema takes string"],
    [
      "a string for a number",
      { max_session_duration: "1 h" },
      'max_session_duration is "1 h", the schema takes number',
    ],
    ["a string for a bool", { force_detach_policies: "no" }, 'force_detach_policies is "no", the schema takes bool'],
    ["one value for a set", { managed_policy_arns: "a" }, 'managed_policy_arns is "a", the schema takes set of string'],
    [
      "a wrong element of a set",
      { managed_policy_arns: ["a", 1] },
      "managed_policy_arns[1] is 1, the schema takes string",
    ],
    ["a list for a map", { tags: ["a"] }, 'tags is ["a"], the schema takes map of string'],
    ["a wrong value in a map", { tags: { a: 1 } }, 'tags["a"] is 1, the schema takes string'],
    ["an unknown member of an object", { quota: [{ limt: 1 }] }, "quota[0].limt is not in the schema"],
    ["a wrong member of an object", { quota: [{ limit: "1" }] }, 'quota[0].limit is "1", the schema takes number'],
    ["a block that does not exist", { inline: { name: "x" } }, "inline is not in the schema"],
    ["an attribute that a block lacks", { inline_policy: [{ nam: "x" }] }, "inline_policy.nam is not in the schema"],
    ["a value where a block belongs", { timeouts: "5m" }, 'timeouts is "5m", the schema takes a block'],
    ["two blocks where one fits", { timeouts: [{}, {}] }, "timeouts has 2 blocks, the schema takes at most 1"],
    ["too few blocks", { pair: {} }, "pair has 1 block, the schema takes at least 2"],
    ["too many blocks", { pair: [{}, {}, {}, {}] }, "pair has 4 blocks, the schema takes at most 3"],
    ["a dynamic block of an unknown kind", { dynamic: { inline: {} } }, "inline is not in the schema"],
    [
      "a mistake inside a dynamic block",
      { dynamic: { inline_policy: [{ for_each: [], content: { name: 1 } }] } },
      "inline_policy.name is 1, the schema takes string",
    ],
  ])("finds %s", (_, body, problem) => {
    expect(problemsOf(body)).toEqual([`aws_iam_role.administrator: ${problem}`]);
  });

  test("lets an expression stand for any type, but not a text that only looks like one", () => {
    expect(problemsOf({ max_session_duration: "${var.sec}", tags: "${local.tags}" })).toEqual([]);
    expect(problemsOf({ max_session_duration: "$${var.sec}" })).toHaveLength(1);
  });

  test("leaves Terraform's own meta-arguments alone", () => {
    expect(
      problemsOf({ count: 1, depends_on: ["aws_iam_role.x"], lifecycle: { prevent_destroy: true }, "//": {} }),
    ).toEqual([]);
  });

  test("counts the blocks that a dynamic block makes as enough", () => {
    expect(problemsOf({ pair: undefined, dynamic: { pair: { for_each: "${local.x}", content: {} } } })).toEqual([]);
  });

  test("reads providers and data sources too, by the source that their local name stands for", () => {
    const stack: StackJson = {
      terraform: { required_providers: { amazon: { source: "hashicorp/aws" } } },
      provider: { amazon: [{ alias: "west", regoin: "x" }] },
    };
    expect(checkStack(stack, schemas)).toEqual(["provider.amazon.west: regoin is not in the schema"]);
    expect(checkStack({ terraform, data: { aws_region: { here: {} } } }, schemas)).toEqual([
      "data.aws_region.here: name is missing, the schema requires it",
    ]);
  });

  test("says that it cannot tell of a type without a schema", () => {
    expect(
      checkStack({ terraform, resource: { aws_sqs_queue: { q: {} } }, data: { azuread_user: { u: {} } } }, schemas),
    ).toEqual([
      "aws_sqs_queue.q: no provider schema at hand has this resource",
      "data.azuread_user.u: no provider schema at hand has this data source",
    ]);
  });
});
