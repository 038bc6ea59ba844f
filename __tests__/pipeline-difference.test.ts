import { difference } from "../pipeline/difference";

const role = (body: object) => ({ resource: { aws_iam_role: { developer: body } } }) as never;

test("a line for each value that went, came or changed, and none for what stayed", () => {
  const base = role({ name: "Developer", path: "/", tags: { a: "1" } });
  const head = role({ name: "Developer", path: "/teams/", max_session_duration: 7200, tags: { a: "1" } });
  expect(difference(base, head)).toBe(
    [
      "```diff",
      "+ resource.aws_iam_role.developer.max_session_duration = 7200",
      '- resource.aws_iam_role.developer.path = "/"',
      '+ resource.aws_iam_role.developer.path = "/teams/"',
      "```",
    ].join("\n"),
  );
  expect(difference(base, base)).toBe("");
});

test("a new stack is all new, and an empty block is a value", () => {
  expect(difference(undefined, role({}))).toBe("```diff\n+ resource.aws_iam_role.developer = {}\n```");
});

test("no value leaves its line or its block, and none turns the reading direction", () => {
  const shown = difference(role({}), role({ description: "a\n```\n@everyone \u202e x\u0000", "odd key": 1 }));
  expect(shown.startsWith("````diff\n")).toBe(true);
  expect(shown.split("\n")).toHaveLength(5);
  expect(shown).not.toContain("\u202e");
  expect(shown).toContain('developer."odd key" = 1');
});
