/** Markup that is whole: what is put into it is text, and escaped, unless it is markup itself. */
export class Markup {
  constructor(private readonly source: string) {}

  toString(): string {
    return this.source;
  }
}

/** What a piece of markup takes in. `false` and `undefined` are nothing, a list is one after another. */
export type Part = string | number | Markup | false | undefined | readonly Part[];

/** HTML and SVG in a template: ``html`<td>${name}</td>` ``. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.map((text, at) => (at === 0 ? text : source(parts[at - 1]) + text)).join(""));
}

/** One after another, with something between them. */
export const joined = (parts: readonly Part[], between = ""): Markup => new Markup(parts.map(source).join(between));

/** Text that is markup already, and ours: a style sheet, a script. */
export const verbatim = (text: string): Markup => new Markup(text);

function source(part: Part): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Markup) return part.toString();
  if (typeof part === "object") return part.map(source).join("");
  return String(part).replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
