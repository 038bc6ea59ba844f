export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads JSON that may hold secrets. The parser's own message is dropped, because it quotes the text around the fault:
 * `Unexpected token 'h', "hunter2 ..." is not valid JSON`.
 */
export function parseSecretJson(text: string, source: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new Error(`${source} is not valid JSON (its text is not shown, it may hold secrets)`);
  }
}

/** The same text for the same value: object keys sorted, lists as they are. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).sort(byKey);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(",")}}`;
}

/** Sorts by code unit, so that the order does not depend on the machine's language. */
const byKey = <T>([a]: [string, T], [b]: [string, T]): number => compare(a, b);

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
