import { lineage } from "../pipeline/digest";
import { LINEAGE } from "./support/terraform-plan";

const state = (value: unknown): string => JSON.stringify({ version: 4, lineage: value });

test("the key is the lineage that Terraform drew", () => {
  expect(lineage(state(LINEAGE))).toBe(LINEAGE);
  // As long as a UUID without its hyphens.
  expect(lineage(state("a".repeat(32)))).toBe("a".repeat(32));
  expect(lineage("\n")).toBeUndefined();
});

test.each([
  ["none", undefined],
  ["an empty one", ""],
  ["one that can be guessed", "abc"],
  ["one character less than 122 random bits take", "a".repeat(31)],
  ["a number", 7],
])("a state with %s as its lineage gives no key", (_, value) => {
  expect(() => lineage(state(value))).toThrow("the state has no lineage");
});
