import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

declare global {
  namespace jest {
    interface Matchers<R> {
      /** That a file holds this text. A file that is not there is written, but not with `--ci`; `-u` writes what is different. */
      toMatchFile(path: string): R;
      /** That a folder holds no text file (`.txt`) beside these. `-u` removes the others. */
      toBeTheFilesOf(folder: string): R;
    }
  }
}

/** How Jest was started: `--ci` is "none", `-u` is "all". Only Jest's own state says so to a test. */
type Update = "none" | "new" | "all";
const updateOf = (context: jest.MatcherContext): Update =>
  (context.snapshotState as unknown as { _updateSnapshot: Update })._updateSnapshot;

/** For `expect.extend()`: snapshots that are plain text, each in a file of its own with a name that we choose. */
export const fileMatchers: jest.ExpectExtendMap = {
  toMatchFile(this: jest.MatcherContext, text: string, path: string) {
    // Git may have written the file as Windows ends its lines.
    const expected = existsSync(path) ? readFileSync(path, "utf8").replaceAll("\r\n", "\n") : undefined;
    const update = updateOf(this);
    const received = text.replace(/[^\n]$/, "$&\n");
    if (expected === received) return { pass: true, message: () => `${basename(path)} holds this text` };
    if (update === "all" || (update === "new" && expected === undefined)) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, received);
      return { pass: true, message: () => `${basename(path)} was written` };
    }
    const what = expected === undefined ? "is not there" : "is different";
    const difference = this.utils.diff(expected ?? "", received, {
      ...{ aAnnotation: "File", bAnnotation: "Now" },
      ...{ expand: false, contextLines: 3 },
    });
    return { pass: false, message: () => `${basename(path)} ${what}: ${NEXT}\n\n${difference}` };
  },

  toBeTheFilesOf(this: jest.MatcherContext, names: readonly string[], folder: string) {
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".txt")) : [];
    const others = files.filter((name) => !names.includes(name));
    const removes = updateOf(this) === "all";
    if (removes) for (const name of others) rmSync(join(folder, name));
    return {
      pass: removes || others.length === 0,
      message: () => `${others.join(", ")}: nothing has such a snapshot any more; run \`npm run test:unit -- -u\``,
    };
  },
};

const NEXT = "read it, run `npm run test:unit -- -u`, and commit the file";
