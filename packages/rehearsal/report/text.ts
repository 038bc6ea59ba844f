/** Text for HTML and SVG, and how much room it takes where no browser can tell. */

/** Widths of letters as shares of the font size: those of DejaVu Sans, as no system font in use is wider. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[ijl.,:;'|! ]/, 0.33],
  [/[frt()/-]/, 0.4],
  [/[mwMW@%…]/, 0.98],
  [/[A-Z]/, 0.7],
];
const WIDTH = 0.63;

/** About how wide a line of text is, in the unit of its font size. */
export function textWidth(line: string, fontSize: number): number {
  const shares = [...line].map((char) => WIDTHS.find(([chars]) => chars.test(char))?.[1] ?? WIDTH);
  return shares.reduce((sum, share) => sum + share, 0) * fontSize;
}

/** Breaks text into lines that are at most so wide: between words; within a word that is wider, after `-`, `.`, `/` and `@`, or anywhere. */
export function lines(text: string, width: number, fontSize: number): string[] {
  const fits = (line: string) => textWidth(line.trimEnd(), fontSize) <= width;
  const longest = Math.floor(width / fontSize / WIDTH);
  const whole = (part: string, smaller: (part: string) => string[]) => (fits(part) ? [part] : smaller(part));
  const parts = text
    .split(/(?<= )/)
    .flatMap((word) => whole(word, () => word.split(/(?<=[-./@])/)))
    .flatMap((part) => whole(part, () => chunks(part, longest)));
  const broken: string[] = [];
  let line = "";
  for (const part of parts) {
    if (line !== "" && !fits(line + part)) {
      broken.push(line.trimEnd());
      line = "";
    }
    line += part;
  }
  return [...broken, line.trimEnd()];
}

const chunks = (word: string, longest: number): string[] =>
  Array.from({ length: Math.ceil(word.length / longest) }, (_, at) => word.slice(at * longest, (at + 1) * longest));

/** "1 account", "300 accounts". */
export const count = (n: number, noun: string): string => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

/** "1 hour", "90 minutes", "12 hours". */
export function hours(seconds: number): string {
  return seconds % 3_600 === 0 ? count(seconds / 3_600, "hour") : count(Math.round(seconds / 60), "minute");
}
