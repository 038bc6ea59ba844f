import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** A rule of the local cloud that no public source confirms. */
export interface Assumption {
  readonly id: string;
  /** What is taken for granted. */
  readonly text: string;
  /** The file that relies on it, from the root of the repository. */
  readonly where: string;
  /** When and how it was last held against the real service: `2026-11-30 by hand in a trial tenant`; `never`. */
  readonly checked: string;
}

const PACKAGES = ["packages/local-cloud", "packages/rehearsal"];
const ROOT = join(__dirname, "..", "..");
/** Lines of `//` that belong together. */
const COMMENTS = /^[ \t]*\/\/.*(?:\n[ \t]*\/\/.*)*/gm;
const ASSUMPTION = /^Assumption ([a-z0-9-]+), (never checked|checked (\d{4}-\d{2}-\d{2} .+?)): ([\s\S]+)$/;

/**
 * Everything that a green rehearsal cannot prove, because the rule itself is a guess: comments beside the code that relies on it,
 * `// Assumption <id>, never checked: <what>` or `// Assumption <id>, checked <date> <how>: <what>`, up to the next one or the end of the
 * comment. By file and place.
 */
export function assumptions(): Assumption[] {
  return PACKAGES.flatMap((folder) => sources(folder)).flatMap((where) =>
    assumptionsIn(readFileSync(join(ROOT, where), "utf8"), where),
  );
}

/** "never checked", or when and how. */
export const checkedWords = ({ checked }: Assumption): string =>
  checked === "never" ? "never checked" : `checked ${checked}`;

export const neverChecked = (all: readonly Assumption[]): number =>
  all.filter(({ checked }) => checked === "never").length;

export function assumptionsIn(source: string, where: string): Assumption[] {
  const comments = (source.match(COMMENTS) ?? []).map((comment) => comment.replace(/^[ \t]*\/\/ ?/gm, ""));
  return comments
    .flatMap((comment) => comment.split(/^(?=Assumption )/m))
    .filter((part) => part.startsWith("Assumption "))
    .map((part) => {
      const [, id, , checked, text] = ASSUMPTION.exec(part) ?? [];
      if (!id || !text) throw new Error(`${where}: write 'Assumption <id>, never checked: <what>', not '${part}'`);
      return { id, text: text.replace(/\s+/g, " ").trim(), where, checked: checked ?? "never" };
    });
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.name === "node_modules" || entry.name === "__tests__") return [];
      const path = posix.join(folder, entry.name);
      return entry.isDirectory() ? sources(path) : path.endsWith(".ts") ? [path] : [];
    });
}
