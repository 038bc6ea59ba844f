import type { PolicyDocument, Statement } from "./policy-document";

/** Who asks: `{ type: "Federated", id: <SAML provider ARN> }`, `{ type: "AWS", id: <user or role ARN> }`. */
export interface Principal {
  readonly type: string;
  readonly id: string;
}

export interface AccessRequest {
  /** `sts:AssumeRoleWithSAML`. */
  readonly action: string;
  readonly resource?: string;
  readonly principal?: Principal;
  /**
   * Condition keys, case aside: a value, several, or `null` for a key that this request surely does not carry. A key that is left
   * out is one nobody knows about: a condition on it is never decided.
   */
  readonly context: Readonly<Record<string, string | readonly string[] | null>>;
}

/** What IAM would decide, and why in a few words. "cannot tell" is never a yes. */
export interface Decision {
  readonly outcome: "allow" | "deny" | "cannot tell";
  readonly because: string;
}

/** Why something is neither known to match nor known not to. */
class Doubt {
  constructor(readonly because: string) {}
}
type Match = boolean | Doubt;

const not = (match: Match): Match => (match instanceof Doubt ? match : !match);
const doubtIn = (matches: readonly Match[]) => matches.find((match): match is Doubt => match instanceof Doubt);
const all = (matches: readonly Match[]): Match => !matches.includes(false) && (doubtIn(matches) ?? true);
const any = (matches: readonly Match[]): Match => matches.includes(true) || (doubtIn(matches) ?? false);

/**
 * Decides a request as IAM does within one account: an explicit Deny wins, then any Allow, else no.
 * IAM User Guide, "Policy evaluation logic" (reference_policies_evaluation-logic).
 * @param policies parsed policies; `undefined` is one that exists and whose text is not known here.
 */
export function evaluate(policies: readonly (PolicyDocument | undefined)[], request: AccessRequest): Decision {
  const unread = new Doubt("the text of an attached policy is not known here");
  const matching = (effect: Statement["effect"]) =>
    any(
      policies.flatMap((policy): Match[] =>
        policy
          ? policy.statements.filter((one) => one.effect === effect).map((one) => matches(one, request))
          : [unread],
      ),
    );
  const denied = matching("Deny");
  if (denied === true) return { outcome: "deny", because: "a statement denies it" };
  const allowed = matching("Allow");
  if (allowed === false) return { outcome: "deny", because: "no statement allows it" };
  const doubt = doubtIn([denied, allowed]);
  return doubt
    ? { outcome: "cannot tell", because: doubt.because }
    : { outcome: "allow", because: "a statement allows it" };
}

function matches(statement: Statement, request: AccessRequest): Match {
  // Actions are compared without case, resources with it (reference_policies_elements_action, …_resource).
  const action = (patterns: readonly string[]) => any(patterns.map((pattern) => like(pattern, request.action, "i")));
  const resource = (patterns: readonly string[]) => {
    const asked = request.resource;
    if (asked === undefined) return new Doubt("the request names no resource");
    return any(patterns.map((pattern) => like(pattern, asked)));
  };
  return all([
    statement.actions ? action(statement.actions) : true,
    statement.notActions ? not(action(statement.notActions)) : true,
    statement.resources ? resource(statement.resources) : true,
    statement.notResources ? not(resource(statement.notResources)) : true,
    statement.principals === undefined ? true : isPrincipal(statement.principals, request.principal),
    statement.notPrincipals === undefined ? true : new Doubt("NotPrincipal is not evaluated here"),
    ...Object.entries(statement.conditions).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => condition(operator, key, values, request)),
    ),
  ]);
}

/** `*` and `?` as wildcards. A policy variable would need the caller's identity: nobody knows what it matches. */
function like(pattern: string, value: string, flags = ""): Match {
  if (pattern.includes("${")) return new Doubt(`the policy variable in ${pattern} is not evaluated here`);
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, `s${flags}`).test(value);
}

/** IAM User Guide, "AWS JSON policy elements: Principal" (reference_policies_elements_principal). */
function isPrincipal(principals: NonNullable<Statement["principals"]>, asking: Principal | undefined): Match {
  if (!asking) return new Doubt("the request names no principal");
  if (principals === "*") return asking.type === "AWS" || new Doubt('whether "*" takes in a federated principal');
  const ids = principals[asking.type] ?? [];
  if (ids.includes(asking.id)) return true;
  if (asking.type !== "AWS") return false;
  const account = asking.id.split(":")[4];
  // An account as principal (`root` or its number) hands the decision to that account's own policies.
  return ids.some((id) => id === "*" || id === account || id.endsWith(`:iam::${account}:root`));
}

type Compare = (pattern: string, value: string) => Match;
const equals: Compare = (pattern, value) => (pattern.includes("${") ? like(pattern, value) : pattern === value);
const equalsIgnoringCase: Compare = (pattern, value) => equals(pattern.toLowerCase(), value.toLowerCase());
const arnLike: Compare = (pattern, value) => {
  // Each of the six parts is compared by itself: a `*` does not cross a colon (reference_policies_elements_condition_operators).
  const [patterns, values] = [pattern, value].map((arn) => arn.split(":"));
  if (!patterns || !values || patterns.length < 6 || values.length < 6) return false;
  const part = (parts: string[], at: number) => (at < 5 ? (parts[at] ?? "") : parts.slice(5).join(":"));
  return all([0, 1, 2, 3, 4, 5].map((at) => like(part(patterns, at), part(values, at))));
};

/** Compares what both sides are read as; a text that cannot be read so decides nothing. */
const ordered =
  (read: (text: string) => number, fits: (value: number, limit: number) => boolean): Compare =>
  (pattern, value) => {
    const [limit, held] = [read(pattern), read(value)];
    if (Number.isNaN(limit)) return new Doubt(`what ${pattern} stands for in a condition is not known here`);
    return Number.isNaN(held) ? new Doubt("the request has a value of another kind") : fits(held, limit);
  };
/** "W3C implementations of the ISO 8601 date formats or in epoch (UNIX) time" (page on operators, below): seconds, as in `date +%s`. */
const moment = (text: string) =>
  /^\d+$/.test(text) ? Number(text) * 1_000 : /^\d{4}-\d{2}-\d{2}(T.+)?$/.test(text) ? Date.parse(text) : Number.NaN;
const number = (text: string) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN);

const comparisons = (kind: "Date" | "Numeric", read: (text: string) => number) => ({
  [`${kind}Equals`]: { compare: ordered(read, (value, limit) => value === limit), negated: false },
  [`${kind}NotEquals`]: { compare: ordered(read, (value, limit) => value === limit), negated: true },
  [`${kind}LessThan`]: { compare: ordered(read, (value, limit) => value < limit), negated: false },
  [`${kind}LessThanEquals`]: { compare: ordered(read, (value, limit) => value <= limit), negated: false },
  [`${kind}GreaterThan`]: { compare: ordered(read, (value, limit) => value > limit), negated: false },
  [`${kind}GreaterThanEquals`]: { compare: ordered(read, (value, limit) => value >= limit), negated: false },
});

/** The condition operators that are evaluated; any other one is "cannot tell". */
const OPERATORS: Readonly<Record<string, { compare: Compare; negated: boolean }>> = {
  StringEquals: { compare: equals, negated: false },
  StringNotEquals: { compare: equals, negated: true },
  StringEqualsIgnoreCase: { compare: equalsIgnoringCase, negated: false },
  StringNotEqualsIgnoreCase: { compare: equalsIgnoringCase, negated: true },
  StringLike: { compare: like, negated: false },
  StringNotLike: { compare: like, negated: true },
  ArnEquals: { compare: arnLike, negated: false },
  ArnLike: { compare: arnLike, negated: false },
  ArnNotEquals: { compare: arnLike, negated: true },
  ArnNotLike: { compare: arnLike, negated: true },
  Bool: { compare: equalsIgnoringCase, negated: false },
  ...comparisons("Date", moment),
  ...comparisons("Numeric", number),
};

/**
 * IAM User Guide, "IAM JSON policy elements: Condition operators" (reference_policies_elements_condition_operators) and "Conditions
 * with multiple context keys or values" (reference_policies_condition-logic-multiple-context-keys-or-values).
 */
function condition(operator: string, key: string, values: readonly string[], request: AccessRequest): Match {
  const entry = Object.entries(request.context).find(([name]) => name.toLowerCase() === key.toLowerCase());
  if (!entry) return new Doubt(`what this request carries in ${key} is not known here`);
  const held = entry[1] === null ? [] : [entry[1]].flat();

  if (operator === "Null") return values.every((value) => (value === "true") === (held.length === 0));

  const [, quantifier, name = "", ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const known = OPERATORS[name];
  if (!known) return new Doubt(`the condition operator ${operator} is not evaluated here`);
  // Several values in the policy: one must fit, or with a negated operator none may.
  const fits = (value: string) => {
    const fit = any(values.map((pattern) => known.compare(pattern, value)));
    return known.negated ? not(fit) : fit;
  };
  if (quantifier === "ForAllValues") return all(held.map(fits));
  if (quantifier === "ForAnyValue") return held.length === 0 && ifExists ? true : any(held.map(fits));
  if (held.length === 0) return known.negated || ifExists !== undefined;
  const [single, ...more] = held;
  if (single === undefined || more.length > 0) {
    return new Doubt(`${key} has several values, and ${operator} does not say whether all or any must fit`);
  }
  return fits(single);
}
