import { canonical, compare, isObject, type Json } from "./json";
import { fenced } from "./report";

/**
 * What two synths of a stack say differently, a line for each value: `- resource.aws_iam_role.developer.path = "/"`. It is made of the code
 * alone, in a job without an identity, and what it shows stands in the code too.
 */
export function difference(base: Json | undefined, head: Json): string {
  const [before, after] = [base === undefined ? new Map<string, string>() : lines(base), lines(head)];
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort(compare);
  const changed = paths.flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    if (old === now) return [];
    return [...(old === undefined ? [] : [`- ${path} = ${old}`]), ...(now === undefined ? [] : [`+ ${path} = ${now}`])];
  });
  return changed.length === 0 ? "" : fenced(changed.map(visible).join("\n"), "diff");
}

/** Every value that is no object, by its path. A list is one value. */
function lines(value: Json, path = ""): Map<string, string> {
  if (!isObject(value) || Object.keys(value).length === 0) return new Map([[path, canonical(value)]]);
  return new Map(
    Object.entries(value).flatMap(([key, member]) => [
      ...lines(member, path === "" ? word(key) : `${path}.${word(key)}`),
    ]),
  );
}

/** A key that could be taken for something else is quoted. */
const word = (key: string): string => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key));

/** JSON has no line break; what turns the reading direction or cannot be seen is written out. */
const visible = (line: string): string =>
  line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`);
