import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** Anchors of a page as GitHub makes them: lower case, no punctuation, `-` for blanks; a second one of the same name gets `-1`. */
export function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutCode(page).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const anchor = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, "")
      .replaceAll(" ", "-");
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    anchors.add(before === 0 ? anchor : `${anchor}-${before}`);
  }
  return anchors;
}

/** Links of a text into this repository that lead nowhere: no such file, or no such heading in it. */
export function deadLinks(text: string, file: string): string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return links
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = "", anchor] = target.split("#");
      const there = path === "" ? file : join(dirname(file), path);
      if (!existsSync(there)) return true;
      if (anchor === undefined) return false;
      return statSync(there).isDirectory() || !anchorsOf(readFileSync(there, "utf8")).has(anchor);
    });
}

/** Fenced code loses its text: what looks like a heading or a link there is none. */
function withoutCode(page: string): string {
  return page.replace(/^ *```[\s\S]*?^ *```/gm, "");
}
