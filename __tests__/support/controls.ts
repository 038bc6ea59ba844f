import { existsSync } from "node:fs";
import { join } from "node:path";
import { declared, imported } from "../../constructs/entra/app-roles";
import packageJson from "../../package.json";
import { isFork } from "./fork";
import { deadLinks } from "./markdown";
import { exportedNames, isOption, optionWords } from "./options";
import { synthAccount } from "./synth";

const root = join(__dirname, "../..");
const outputs = [declared(), imported({ accessKeys: { active: "k1" } })].flatMap((appRoles) =>
  Object.keys(synthAccount({ appRoles }).json.output ?? {}),
);

/** A heading of the article, how many list items stand under it (nested ones too), and how many recommendations in its prose. */
export interface ArticleHeading {
  readonly heading: string;
  readonly items: number;
  readonly prose: number;
}

/** What docs/controls.md lacks of the article, and what it says of this repository that is not so; nothing is good news. */
export function problemsIn(page: string, article: readonly ArticleHeading[]): string[] {
  const sections = page.split(/^### /m).slice(1).map(sectionOf);
  const headings = sections.map(({ heading }) => heading);
  const missing = article.filter(({ heading }) => !headings.includes(heading));
  const strange = headings.filter((heading) => !article.some((entry) => entry.heading === heading));
  return [
    ...missing.map(({ heading }) => `no heading "${heading}"`),
    ...strange.map((heading) => `the article has no heading "${heading}"`),
    ...article.flatMap((entry) => {
      const section = sections.find(({ heading }) => heading === entry.heading);
      return section ? problemsOfSection(section, entry).map((problem) => `${entry.heading}: ${problem}`) : [];
    }),
    ...strangersIn(page.split(/^## The article$/m, 1)[0] ?? ""),
    ...deadLinks(page, join(root, "docs/controls.md")).map((target) => `dead link ${target}`),
  ];
}

interface Row {
  readonly article: string;
  readonly asks: string;
  readonly here: string;
  readonly licence: string;
}

interface Section {
  readonly heading: string;
  readonly rows: readonly Row[];
  readonly columns: readonly number[];
}

function sectionOf(text: string): Section {
  const [heading = "", ...lines] = text.split(/^## /m, 1)[0]?.split("\n") ?? [];
  const table = lines.filter((line) => line.startsWith("|")).slice(2);
  const cells = table.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const rows = cells.map(([article = "", asks = "", here = "", licence = ""]) => ({ article, asks, here, licence }));
  return { heading: heading.trim(), rows, columns: cells.map((row) => row.length) };
}

function problemsOfSection({ rows, columns }: Section, { items, prose }: ArticleHeading): string[] {
  const expected = [
    ...Array.from({ length: items }, (_, index) => String(index + 1)),
    ...Array.from({ length: prose }, (_, index) => `text ${String.fromCharCode(97 + index)}`),
  ];
  const covered = rows.flatMap(({ article }) => numbersIn(article));
  const twice = covered.filter((number, index) => covered.indexOf(number) !== index);
  return [
    ...expected.filter((number) => !covered.includes(number)).map((number) => `item ${number} is not mapped`),
    ...covered.filter((number) => !expected.includes(number)).map((number) => `the article has no item ${number}`),
    ...twice.map((number) => `item ${number} is mapped twice`),
    ...columns.filter((count) => count !== 4).map((count) => `a row has ${count} cells, not 4`),
    ...rows.flatMap((row) => problemsOfRow(row).map((problem) => `row ${row.article}: ${problem}`)),
  ];
}

/** `1, 3-5, text b` -> 1, 3, 4, 5, text b */
function numbersIn(cell: string): string[] {
  return cell.split(",").flatMap((part) => {
    const [, from, to] = /^\s*(\d+)-(\d+)\s*$/.exec(part) ?? [];
    if (from === undefined || to === undefined) return [part.trim()];
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => String(Number(from) + index));
  });
}

function problemsOfRow({ asks, here, licence }: Row): string[] {
  const pointed = /\]\([^)]+\)|`[^`]+`|^Why not: /.test(here);
  return [
    ...(asks === "" ? ["does not say what the article asks for"] : []),
    ...(licence === "" ? ["does not say which licence it needs"] : []),
    ...(pointed ? [] : ["names no construct, option or page, and no reason why not"]),
    ...strangersIn(here),
  ];
}

/** What stands in backticks and is nothing of this repository. */
function strangersIn(text: string): string[] {
  return [...text.matchAll(/(?:\b([a-z]+) )?`([^`]+)`/g)].flatMap(([, word = "", span = ""]) =>
    isThere(word, span) ? [] : [`there is no ${word} \`${span}\``.replace("  ", " ")],
  );
}

/** Whether what stands in backticks is something of this repository: an option, an output, a script, a file or an exported name. */
function isThere(word: string, span: string): boolean {
  if (optionWords.includes(word)) return isOption(word, span);
  if (word === "output") return outputs.includes(span);
  const [, script] = /^npm run ([\w:]+)/.exec(span) ?? [];
  if (script !== undefined) return script in packageJson.scripts;
  if (/^npx cdktf (synth|plan|deploy|output)\b/.test(span)) return true;
  if (/[/.]/.test(span)) return existsSync(join(root, span)) || (isFork && span.startsWith("stacks/"));
  return exportedNames.has(span.replace(/\(\)$/, ""));
}
