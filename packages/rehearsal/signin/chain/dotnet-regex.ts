/** What a pattern does is not the same, or not known to be the same, in .NET and in JavaScript. */
export class NotTranslatable extends Error {
  constructor(what: string) {
    super(`${what} is not translated from .NET's regular expressions`);
    this.name = "NotTranslatable";
  }
}

/** Groups that mean the same in both; named ones are numbered differently. */
const GROUPS = ["(?:", "(?=", "(?!", "(?<=", "(?<!"];

// Assumption signin-regex-replace, never checked: RegexReplace replaces every match, as Regex.Replace of .NET does.
/**
 * `Regex.Replace(input, pattern, replacement)` of .NET, for the part of the language that JavaScript reads the same way; anything
 * else throws `NotTranslatable`. Both work on UTF-16 units and match lookbehinds from right to left.
 * https://learn.microsoft.com/dotnet/standard/base-types/regular-expression-language-quick-reference
 */
export function replaceLikeDotNet(input: string, pattern: string, replacement: string): string {
  // `.` and `$` differ at line ends; `{…}` in a replacement names groups and claims in Entra, `$…` in .NET.
  if (/[\n\r\u2028\u2029]/.test(input)) throw new NotTranslatable("a value of several lines");
  if (/[$\\{}]/.test(replacement)) throw new NotTranslatable(`the replacement ${replacement}`);
  for (let at = 0; at < pattern.length; ) at = afterToken(pattern, at, input);
  try {
    return input.replace(new RegExp(pattern, "g"), replacement);
  } catch {
    throw new NotTranslatable(`the pattern ${pattern}`);
  }
}

function afterToken(pattern: string, at: number, input: string): number {
  const rest = pattern.slice(at);
  if (rest.startsWith("\\")) return afterEscape(pattern, at, input);
  if (rest.startsWith("[")) return afterClass(pattern, at, input);
  if (rest.startsWith("(?")) {
    const group = GROUPS.find((known) => rest.startsWith(known));
    if (!group) throw new NotTranslatable(`the group ${rest.slice(0, 4)}`);
    return at + group.length;
  }
  return at + 1;
}

function afterEscape(pattern: string, at: number, input: string): number {
  const next = pattern[at + 1] ?? "";
  if (/[dDwWsSbB]/.test(next)) {
    // .NET takes in every script here, JavaScript ASCII alone.
    if (/[^ -~]/.test(input)) throw new NotTranslatable(`\\${next} on a value beyond ASCII`);
    return at + 2;
  }
  if (!/[^A-Za-z0-9\s]/.test(next)) throw new NotTranslatable(`the escape \\${next}`);
  return at + 2;
}

/** .NET takes a leading `]` literally and subtracts classes: `[a-z-[aeiou]]`. */
function afterClass(pattern: string, at: number, input: string): number {
  let next = at + (pattern[at + 1] === "^" ? 2 : 1);
  if (pattern[next] === "]") throw new NotTranslatable("a class that begins with ]");
  while (next < pattern.length && pattern[next] !== "]") {
    if (pattern.startsWith("-[", next)) throw new NotTranslatable("the subtraction of a class");
    next = pattern[next] === "\\" ? afterEscape(pattern, next, input) : next + 1;
  }
  return next + 1;
}
