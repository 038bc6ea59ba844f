import { type Action, verb } from "../pipeline/plan";

test.each<[Action[], string]>([
  [["no-op"], "none"],
  [[], "none"],
  [["create"], "create"],
  [["read"], "read"],
  [["update"], "update"],
  [["delete"], "destroy"],
  [["forget"], "forget"],
  [["delete", "create"], "replace"],
  [["create", "delete"], "replace"],
  // What has create_before_destroy and is not to be destroyed: replaced, and the old one is left standing.
  [["create", "forget"], "replace"],
])("%j is one word: %s", (actions, word) => {
  expect(verb(actions)).toBe(word);
});
