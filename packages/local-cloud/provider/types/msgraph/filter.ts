import type { Attributes, Value } from "../../values";
import { isBlock } from "../azuread/attributes";

/** What a query says beside its address. */
export interface Query {
  readonly parameters: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * `$filter` as far as the stacks ask: `property eq 'value'` joined by `or` or by `and`, and
 * `servicePrincipalNames/any(n:n eq 'value')`. https://learn.microsoft.com/graph/filter-query-parameter
 */
export function filterOf(query: Query, properties: readonly string[]): (object: Attributes) => boolean {
  const { $filter: expression } = query.parameters;
  if (!expression) return () => true;
  for (const word of ["or", "and"] as const) {
    const terms = termsOf(expression, word);
    if (terms.length < 2) continue;
    const tests = terms.map((term) => testOf(term, query, properties, expression));
    return (object) => (word === "or" ? tests.some((test) => test(object)) : tests.every((test) => test(object)));
  }
  return testOf(expression, query, properties, expression);
}

/** Splits at a word that stands between two comparisons, outside of quotation marks. */
function termsOf(expression: string, word: string): string[] {
  const parts = expression.match(/'(?:[^']|'')*'|[^']+/g) ?? [];
  const marked = parts.map((part) => (part.startsWith("'") ? part : part.replaceAll(` ${word} `, "\u0000")));
  return marked.join("").split("\u0000");
}

function testOf(
  term: string,
  query: Query,
  properties: readonly string[],
  expression: string,
): (object: Attributes) => boolean {
  const unknown = () => new Error(`the local cloud does not evaluate the filter ${expression}`);
  const any = /^(\w+)\/any\((\w+):\s*\2 eq '((?:[^']|'')*)'\)$/.exec(term.trim());
  const equals = /^([\w/]+) eq '((?:[^']|'')*)'$/.exec(term.trim());
  const [property = "", wanted = ""] = any ? [any[1], any[3]] : equals ? [equals[1], equals[2]] : [];
  const attribute = property.startsWith("customSecurityAttributes/");
  if (!attribute && !properties.includes(any ? `${property}/any` : property)) throw unknown();
  const value = wanted.replaceAll("''", "'");
  if (attribute) {
    // "You must add ConsistencyLevel=eventual … also include $count=true": https://learn.microsoft.com/graph/custom-security-attributes-examples
    const level = Object.entries(query.headers).find(([name]) => name.toLowerCase() === "consistencylevel")?.[1];
    if (level !== "eventual" || query.parameters.$count !== "true")
      throw new Error(
        "Graph filters by customSecurityAttributes with the header ConsistencyLevel: eventual and with $count=true only",
      );
    // "The filter value is case sensitive": same page
    return (object) => valueAt(object, property.split("/")) === value;
  }
  const same = (one: Value | undefined) => typeof one === "string" && one.toLowerCase() === value.toLowerCase();
  return (object) => {
    const found = object[property];
    return Array.isArray(found) ? found.some(same) : same(found);
  };
}

const valueAt = (object: Value, path: readonly string[]): Value | undefined =>
  path.reduce<Value | undefined>((value, step) => (isBlock(value) ? value[step] : undefined), object);
