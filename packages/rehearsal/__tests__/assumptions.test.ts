import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assumptions } from "../../local-cloud/cloud/assumptions";
import { PAGE, withAssumptions } from "../assumptions-page";

test("docs/rehearsal.md shows today's assumptions", () => {
  const page = readFileSync(PAGE, "utf8");
  expect(withAssumptions(page)).toBe(page);
});

test("each assumption has an id of its own and names a file that is there", () => {
  const ids = assumptions.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { where } of assumptions)
    expect([where, existsSync(join(__dirname, "..", "..", where))]).toEqual([where, true]);
});
