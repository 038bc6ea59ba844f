import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assumptions, checkedWords } from "./assumptions";

/** The page that shows the assumptions. */
export const PAGE = join(__dirname, "..", "..", "docs", "rehearsal.md");
const [BEGIN, END] = ["<!-- assumptions -->\n", "<!-- /assumptions -->"];

/** The page with today's list in its place. */
export function withAssumptions(page: string): string {
  const list = assumptions().map(
    (one) => `- **${one.id}** (\`${one.where}\`, ${checkedWords(one)}): ${one.text}
`,
  );
  const [before, rest] = [page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)];
  if (before < BEGIN.length || rest < before)
    throw new Error(`docs/rehearsal.md needs a line ${BEGIN.trim()} and a line ${END}`);
  return page.slice(0, before) + list.join("") + page.slice(rest);
}

if (require.main === module) writeFileSync(PAGE, withAssumptions(readFileSync(PAGE, "utf8")));
