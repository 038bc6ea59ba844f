/** A comparison in a rule: `CustomSecurityAttribute.AwsFederation_PolicySet -eq "recommended"`. */
export interface Comparison {
  /** `AwsFederation_PolicySet`: set and attribute. */
  readonly attribute: string;
  readonly operator: Operator;
  readonly value: string;
}

export type Rule =
  | { readonly compare: Comparison }
  | { readonly not: Rule }
  | { readonly all: readonly Rule[] }
  | { readonly any: readonly Rule[] };

export const OPERATORS = ["-eq", "-ne", "-contains", "-notContains", "-startsWith", "-notStartsWith"] as const;
export type Operator = (typeof OPERATORS)[number];

/** A rule that is not understood here; Entra may take it. */
export class UnreadableRule extends Error {}

const TOKEN = /\s*(?:(?<text>"(?:[^"`]|`.)*")|(?<bracket>[()])|(?<word>[^\s()"]+))/y;

/**
 * Reads the rule of an application filter. Its syntax is that of dynamic membership rules
 * (https://learn.microsoft.com/graph/api/resources/conditionalaccessfilter), where -not binds stronger than -and, and -and stronger than
 * -or (https://learn.microsoft.com/entra/identity/users/groups-dynamic-membership#operator-precedence); words compare without case.
 */
export function readRule(rule: string): Rule {
  const tokens = tokensOf(rule);
  const next = () => tokens[0]?.toLowerCase();
  const take = (what: string): string => {
    const token = tokens.shift();
    if (token === undefined) throw new UnreadableRule(`${what} is missing at the end of: ${rule}`);
    return token;
  };

  function any(): Rule {
    const parts = [all()];
    while (next() === "-or") {
      tokens.shift();
      parts.push(all());
    }
    return parts.length === 1 && parts[0] ? parts[0] : { any: parts };
  }
  function all(): Rule {
    const parts = [not()];
    while (next() === "-and") {
      tokens.shift();
      parts.push(not());
    }
    return parts.length === 1 && parts[0] ? parts[0] : { all: parts };
  }
  function not(): Rule {
    if (next() === "-not") {
      tokens.shift();
      return { not: not() };
    }
    if (next() !== "(") return { compare: comparison() };
    tokens.shift();
    const inner = any();
    if (take("a closing bracket") !== ")") throw new UnreadableRule(`a bracket is not closed in: ${rule}`);
    return inner;
  }
  function comparison(): Comparison {
    const property = take("an attribute");
    const word = take("an operator").toLowerCase();
    const value = take("a value");
    const attribute = /^customsecurityattribute\.(.+_.+)$/i.exec(property)?.[1];
    const operator = OPERATORS.find((one) => one.toLowerCase() === word);
    if (!attribute) throw new UnreadableRule(`${property} is no custom security attribute`);
    if (!operator) throw new UnreadableRule(`${word} is none of ${OPERATORS.join(", ")}`);
    if (!value.startsWith('"')) throw new UnreadableRule(`${value} is no text in quotation marks`);
    return { attribute, operator, value: value.slice(1, -1).replace(/`(.)/g, "$1") };
  }

  const read = any();
  if (tokens.length > 0) throw new UnreadableRule(`${tokens.join(" ")} is too much in: ${rule}`);
  return read;
}

function tokensOf(rule: string): string[] {
  const tokens: string[] = [];
  const rest = rule.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rest.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(rest);
    if (!match) throw new UnreadableRule(`${rest.slice(at)} is not understood`);
    tokens.push(match[0].trimStart());
  }
  return tokens;
}

/** Every comparison in a rule. */
export function comparisonsOf(rule: Rule): Comparison[] {
  if ("compare" in rule) return [rule.compare];
  if ("not" in rule) return comparisonsOf(rule.not);
  return ("all" in rule ? rule.all : rule.any).flatMap(comparisonsOf);
}
