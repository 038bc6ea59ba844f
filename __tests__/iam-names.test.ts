import { unknownManagedPolicies } from "./support/aws-managed-policies";
import { unknownActions } from "./support/iam-actions";
import type { Body, StackJson } from "./support/stack-json";

const policy = (...statements: Body[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const allow = (action: unknown) => ({ Effect: "Allow", Action: action, Resource: "*" });
const stackWith = (body: Body): StackJson => ({ resource: { aws_iam_user_policy: { importer: body } } });

describe("actions in policies", () => {
  test("are all published ones: plain, listed, with wildcards, in any case of letters", async () => {
    const actions = [
      "iam:ListRoles",
      "sts:AssumeRoleWithSAML",
      "s3:Get*",
      "s3:*",
      "iam:listroles",
      "ec2:Describe?egions",
      "*",
    ];
    const document = policy(allow("iam:ListRoles"), allow(actions), {
      Effect: "Deny",
      NotAction: "iam:*",
      Resource: "*",
    });
    expect(await unknownActions(stackWith({ policy: document }))).toEqual([]);
  });

  test.each([
    ["a misspelt action", "iam:ListRole", "action iam:ListRole: iam has no such action"],
    ["a misspelt service", "iams:ListRoles", "action iams:ListRoles: AWS has no service 'iams'"],
    ["an action of another service", "sts:ListRoles", "action sts:ListRoles: sts has no such action"],
    ["a wildcard that matches nothing", "iam:Lst*", "action iam:Lst*: iam has no such action"],
    ["a wildcard for one letter too few", "iam:ListRol?", "action iam:ListRol?: iam has no such action"],
    ["an action without its service", "ListRoles", "action ListRoles: AWS has no service 'ListRoles'"],
  ])("finds %s", async (_, action, problem) => {
    const expected = [`aws_iam_user_policy.importer: ${problem}`];
    expect(await unknownActions(stackWith({ policy: policy(allow(action)) }))).toEqual(expected);
    expect(await unknownActions(stackWith({ policy: policy(allow(["iam:ListRoles", action])) }))).toEqual(expected);
    expect(await unknownActions(stackWith({ inline_policy: [{ policy: policy(allow(action)) }] }))).toEqual(expected);
    expect(
      await unknownActions(stackWith({ policy: policy({ Effect: "Deny", NotAction: action, Resource: "*" }) })),
    ).toEqual(expected);
  });

  test("are read in Terraform's own form of a policy too", async () => {
    const statement = [{ effect: "Allow", actions: ["iam:ListRole"], not_actions: ["s3:Gett"] }];
    expect(await unknownActions({ data: { aws_iam_policy_document: { trust: { statement } } } })).toEqual([
      "data.aws_iam_policy_document.trust: action iam:ListRole: iam has no such action",
      "data.aws_iam_policy_document.trust: action s3:Gett: s3 has no such action",
    ]);
  });

  test("of a policy that only Terraform can read are not taken for good", async () => {
    const expression = '${jsonencode({Statement = [{Effect = "Allow", Action = "iam:ListRoles"}]})}';
    expect(await unknownActions(stackWith({ policy: expression }))).toEqual([
      "aws_iam_user_policy.importer: a policy is not plain JSON, so nobody can tell which actions it names",
    ]);
  });
});

describe("AWS managed policies", () => {
  const attached = (arn: string) => unknownManagedPolicies(stackWith({ policy_arn: arn }));

  test("exist, at the root and under a path, in every partition", () => {
    expect(attached("arn:aws:iam::aws:policy/AdministratorAccess")).toEqual([]);
    expect(attached("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")).toEqual([]);
    expect(attached("arn:aws-us-gov:iam::aws:policy/AmazonS3FullAccess")).toEqual([]);
  });

  test("that do not exist are named, and so is a path left out", () => {
    expect(attached("arn:aws:iam::aws:policy/AmazonS3FullAcces")).toEqual([
      "aws_iam_user_policy.importer: AWS has no managed policy 'AmazonS3FullAcces'; correct the name, or renew the list if it is new",
    ]);
    expect(attached("arn:aws:iam::aws:policy/ViewOnlyAccess")).toHaveLength(1);
  });

  test("leave a customer's own policies alone", () => {
    expect(attached("arn:aws:iam::111122223333:policy/Whatever")).toEqual([]);
  });
});
