import { imported } from "../constructs/entra/app-roles";
import { everything, synthBaseline } from "./support/baseline";
import { type Body, blocksOf, type StackJson } from "./support/stack-json";
import { synthAccount } from "./support/synth";

/**
 * What names an object of the stack by a text that a replacement does not change: the attribute, and the types whose names it takes. An id
 * or an ARN out of the state is new with its object, so what refers to one of those follows by itself.
 */
const BY_NAME: Readonly<Record<string, readonly string[]>> = {
  role: ["aws_iam_role"],
  role_name: ["aws_iam_role"],
  user: ["aws_iam_user"],
  user_name: ["aws_iam_user"],
  rule: ["aws_cloudwatch_event_rule"],
  analyzer_name: ["aws_accessanalyzer_analyzer"],
  name: ["aws_config_configuration_recorder"],
};

interface Named {
  readonly address: string;
  readonly type: string;
  readonly body: Body;
}

/** Every child, with the parent that it goes by. */
function children(json: StackJson): { child: Named; parent: string }[] {
  const resources = blocksOf(json).filter(({ kind }) => kind === "resource");
  return resources.flatMap((child) =>
    Object.entries(BY_NAME).flatMap(([attribute, types]) => {
      const name = child.body[attribute];
      if (typeof name !== "string" || types.includes(child.type)) return [];
      const parent = resources.find(
        ({ address, type, body }) =>
          types.includes(type) &&
          (name === `\${${address}.name}` ||
            (attribute !== "name" && name === (body["name"] ?? body["analyzer_name"]))),
      );
      return parent ? [{ child, parent: parent.address + (parent.body["for_each"] ? "[each.key]" : "") }] : [];
    }),
  );
}

const accounts = [
  synthAccount({
    appRoles: imported({ accessKeys: { active: "k1", standby: "k2" } }),
    roles: {
      Administrator: {
        policies: ["AdministratorAccess"],
        customerPolicies: ["team/Read"],
        inlinePolicies: {
          Own: { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "s3:*", Resource: "*" }] },
        },
      },
    },
  }),
  synthBaseline(everything),
  synthBaseline({
    ...everything,
    breakGlass: { role: { trustedPrincipals: ["arn:aws:iam::999988887777:user/Jane"] } },
  }),
];

/** Users with access keys, which are never replaced. */
const keyHolders = new Set(
  accounts
    .flatMap(({ json }) => children(json))
    .filter(({ child }) => child.type === "aws_iam_access_key")
    .map(({ parent }) => parent),
);

test("a user with access keys cannot be replaced, so nothing of it goes with a try", () => {
  const theirs = accounts.flatMap(({ json }) => children(json)).filter(({ parent }) => keyHolders.has(parent));
  expect(keyHolders.size).toBe(2);
  expect(theirs.length).toBeGreaterThan(8);
  for (const { child } of theirs)
    expect(JSON.stringify(child.body["lifecycle"] ?? {})).not.toContain("replace_triggered_by");
});

test("whatever else goes by its parent's name is made anew with the parent", () => {
  const all = accounts.flatMap(({ json }) => children(json)).filter(({ parent }) => !keyHolders.has(parent));
  expect(all.length).toBeGreaterThan(20);
  for (const { child, parent } of all) {
    expect([child.address, (child.body["lifecycle"] as Body | undefined)?.["replace_triggered_by"]]).toEqual([
      child.address,
      [`${parent}.id`],
    ]);
  }
});

test("every kind of parent is among them", () => {
  const parents = new Set(accounts.flatMap(({ json }) => children(json)).map(({ parent }) => parent.split(".")[0]));
  expect([...parents].sort()).toEqual([...new Set(Object.values(BY_NAME).flat())].sort());
});
