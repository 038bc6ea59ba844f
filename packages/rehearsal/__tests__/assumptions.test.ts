import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assumptions, assumptionsIn } from "../assumptions";
import { PAGE, withAssumptions } from "../assumptions-page";

test("docs/rehearsal.md shows today's assumptions", () => {
  const page = readFileSync(PAGE, "utf8");
  expect(withAssumptions(page)).toBe(page);
});

test("each assumption has an id of its own, and every id that the code names is there", () => {
  const ids = assumptions().map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(50);
  expect(new Set(ids).size).toBe(ids.length);
  const packages = join(__dirname, "..", "..");
  const named = readdirSync(packages, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/node_modules|__tests__/.test(file))
    .flatMap(
      (file) =>
        readFileSync(join(packages, file), "utf8").match(/\bassumption\s+(?:\* )?(aws|entra|signin)-[a-z0-9-]+/gi) ??
        [],
    )
    .map((mention) => mention.split(/\s+/).at(-1) ?? "");
  expect([...new Set(named)].filter((id) => !ids.includes(id))).toEqual([]);
});

test("is read from the comments, with when and how it was checked", () => {
  const source = `
  // What Graph says.
  // Assumption entra-one, never checked: It is
  // so.
  // Assumption entra-two, checked 2026-11-30 by hand in a trial tenant: It
  // is not.
  const text = "Assumption entra-three, never checked: no comment";
  `;
  expect(assumptionsIn(source, "a.ts")).toEqual([
    { id: "entra-one", text: "It is so.", where: "a.ts", checked: "never" },
    { id: "entra-two", text: "It is not.", where: "a.ts", checked: "2026-11-30 by hand in a trial tenant" },
  ]);
  expect(() => assumptionsIn("// Assumption entra-four: It is.\n", "a.ts")).toThrow(
    "a.ts: write 'Assumption <id>, never checked: <what>', not 'Assumption entra-four: It is.'",
  );
});
