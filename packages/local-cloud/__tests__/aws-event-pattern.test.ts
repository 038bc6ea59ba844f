import { parseEventPattern } from "../cloud/aws/event-pattern";
import { checkInputTransformer, transformInput } from "../cloud/aws/input-transformer";

const EVENT = {
  source: "aws.iam",
  "detail-type": "AWS API Call via CloudTrail",
  resources: ["arn:one", "arn:two"],
  detail: {
    eventName: "CreateUser",
    userIdentity: { type: "IAMUser", userName: "Svc-EntraRoleImport" },
    attempts: 3,
    errorCode: null,
    list: [
      { name: "a", size: 1 },
      { name: "b", size: 2 },
    ],
  },
};

const matches = (pattern: unknown) => parseEventPattern(JSON.stringify(pattern))(EVENT);
const eventName = (...filters: unknown[]) => matches({ detail: { eventName: filters } });

test.each<[string, unknown, boolean]>([
  ["an exact value", { source: ["aws.iam"] }, true],
  ["one of several", { source: ["aws.sts", "aws.iam"] }, true],
  ["none of several", { source: ["aws.sts"] }, false],
  ["every field at once", { source: ["aws.iam"], detail: { userIdentity: { type: ["Root"] } } }, false],
  ["a value of a list", { resources: ["arn:two"] }, true],
  ["a number, not its text", { detail: { attempts: ["3"] } }, false],
  ["null", { detail: { errorCode: [null] } }, true],
  ["a field that is missing", { detail: { nothing: ["x"] } }, false],
  ["exists", { detail: { eventName: [{ exists: true }] } }, true],
  ["exists of what is missing", { detail: { nothing: [{ exists: false }] } }, true],
  ["exists below what is missing", { detail: { sessionContext: { issuer: [{ exists: false }] } } }, true],
  ["exists of an object, which is no leaf", { detail: { userIdentity: [{ exists: true }] } }, false],
  ["a number in a range", { detail: { attempts: [{ numeric: [">", 2, "<=", 3] }] } }, true],
  ["a number out of it", { detail: { attempts: [{ numeric: ["<", 3] }] } }, false],
  ["one of two patterns", { $or: [{ source: ["aws.sts"] }, { detail: { eventName: ["CreateUser"] } }] }, true],
  ["none of two patterns", { $or: [{ source: ["aws.sts"] }, { source: ["aws.kms"] }] }, false],
  [
    "$or beside a field that does not match",
    { source: ["aws.sts"], $or: [{ x: [1] }, { source: ["aws.iam"] }] },
    false,
  ],
  ["$or inside detail", { detail: { $or: [{ eventName: ["X"] }, { attempts: [3] }] } }, true],
  ["two fields of one element of a list", { detail: { list: { name: ["b"], size: [2] } } }, true],
  ["two fields of two elements", { detail: { list: { name: ["a"], size: [2] } } }, false],
])("%s", (_, pattern, matched) => expect(matches(pattern)).toBe(matched));

test("a wildcard takes an asterisk as it is where a backslash stands before it, and a backslash before nothing else", () => {
  const trust = (wildcard: string) => parseEventPattern(JSON.stringify({ trust: [{ wildcard }] }));
  const everybody = trust('*"\\*"*');
  expect([everybody({ trust: '{"Principal": "*"}' }), everybody({ trust: '{"Principal":"me"}' })]).toEqual([
    true,
    false,
  ]);
  expect(trust("a\\\\b")({ trust: "a\\b" })).toBe(true);
  expect(() => trust("a\\b")).toThrow('"wildcard" in "trust" escapes what needs no escape');
});

test.each<[unknown, boolean]>([
  [{ prefix: "Create" }, true],
  [{ prefix: "create" }, false],
  [{ prefix: { "equals-ignore-case": "create" } }, true],
  [{ suffix: "User" }, true],
  [{ suffix: "Role" }, false],
  [{ "equals-ignore-case": "createuser" }, true],
  [{ wildcard: "C*eU*r" }, true],
  [{ wildcard: "C*Role" }, false],
  [{ "anything-but": "ListRoles" }, true],
  [{ "anything-but": "CreateUser" }, false],
  [{ "anything-but": ["ListRoles", "CreateUser"] }, false],
  [{ "anything-but": { prefix: "List" } }, true],
  [{ "anything-but": { prefix: ["List", "Create"] } }, false],
  [{ "anything-but": { suffix: "User" } }, false],
])("%j", (filter, matched) => expect(eventName(filter)).toBe(matched));

test("anything-but asks for a field that is there", () => {
  expect(matches({ detail: { nothing: [{ "anything-but": "x" }] } })).toBe(false);
});

test.each<[unknown, string]>([
  [{}, "Empty event pattern is not allowed"],
  [{ source: "aws.iam" }, '"source" must be an object or an array'],
  [{ source: [] }, '"source" must not be an empty array'],
  [{ detail: {} }, '"detail" must not be empty'],
  [{ source: [["aws.iam"]] }, "must not have an array in an array"],
  [{ $or: [{ source: ["x"] }] }, '"$or" must be an array of at least 2 patterns'],
  [{ a: [{ exists: "yes" }] }, '"exists" in "a" must be true or false'],
  [{ a: [{ numeric: [">", "0"] }] }, '"numeric" in "a" is no comparison'],
  [{ a: [{ numeric: [">"] }] }, '"numeric" in "a"'],
  [{ a: [{ prefix: "x", suffix: "y" }] }, "a filter of 2 operators"],
])("refuses %j", (pattern, message) => {
  expect(() => matches(pattern)).toThrow(message);
  expect(() => matches(pattern)).toThrow(expect.objectContaining({ code: "InvalidEventPatternException" }));
});

test("what it does not know it says by name", () => {
  expect(() => eventName({ cidr: "10.0.0.0/8" })).toThrow(
    "The filter cidr in an event pattern is not part of the local cloud",
  );
});

describe("input transformer", () => {
  const rule = { arn: "arn:rule", name: "watch", time: "2026-01-01T00:00:00Z" };
  const paths = { name: "$.detail.eventName", who: "$.detail.userIdentity.userName", all: "$.detail.userIdentity" };
  const render = (template: string) => transformInput({ paths, template }, EVENT, rule);

  test.each([
    ['"<who> did <name> (<aws.events.rule-name>)"', '"Svc-EntraRoleImport did CreateUser (watch)"'],
    ['{"name": <name>, "text": "by <who>"}', '{"name": "CreateUser", "text": "by Svc-EntraRoleImport"}'],
    ['"all of it: <all>"', '"all of it: {\\"type\\":\\"IAMUser\\",\\"userName\\":\\"Svc-EntraRoleImport\\"}"'],
  ])("%s", (template, message) => expect(render(template)).toBe(message));

  test("a variable whose place is missing leaves nothing", () => {
    const missing = { paths: { x: "$.detail.x" }, template: '"[<x>]"' };
    expect(transformInput(missing, EVENT, rule)).toBe('"[]"');
  });

  test.each([
    ["words without quotes", "did <name>", "neither JSON nor lines of JSON strings"],
    ["a variable nobody defined", '"<nobody>"', "<nobody> is no variable"],
  ])("refuses %s", (_, template, message) => {
    expect(() => checkInputTransformer({ paths, template })).toThrow(message);
  });

  test("takes lines of strings, and values in JSON", () => {
    checkInputTransformer({ paths, template: '"<who>"\n"<name>"' });
    checkInputTransformer({ paths, template: '{"a": <all>}' });
  });
});
