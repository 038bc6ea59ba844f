import { attachedPolicies } from "./attached";
import { digest } from "./digest";
import { GROUPS, type Group, groupOf } from "./groups";
import { canonical, compare, isObject, type Json } from "./json";
import {
  CHANGED,
  Hidden,
  holdsTrue,
  type Masked,
  mask,
  SENSITIVE,
  SHOWN,
  SHOWN_MEMBERS,
  SHOWN_OUTPUTS,
  same,
  UNKNOWN,
} from "./mask";
import { type Names, namesOf } from "./names";
import { type Plan, type ResourceChange, type Verb, verb } from "./plan";
import { redact, secretsOfPlan } from "./redact";

/** What may be said of a plan outside the job that made it. */
export interface PlanSummary {
  /** How many objects each action touches. */
  readonly counts: Readonly<Record<Exclude<Verb, "none" | "read">, number>>;
  /** Whether applying the plan would do anything, be it to an output alone. */
  readonly changes: boolean;
  /** The masked change list, as Markdown. */
  readonly list: string;
  readonly digest: string;
}

/**
 * The masked change list of a plan, and its digest. `key` is the state's lineage, nothing before the first deploy; `configuration` the stack's
 * synthesized JSON.
 */
export function summarize(stack: string, plan: Plan, key: string | undefined, configuration?: Json): PlanSummary {
  const names = namesOf(plan, configuration);
  const changes = (plan.resource_changes ?? []).filter(matters).sort((a, b) => compare(sortKey(a), sortKey(b)));
  const outputs = outputLines(plan);
  const attached = attachedPolicies(plan);
  const sections = GROUPS.map((group) =>
    section(
      group,
      changes.filter((change) => groupOf(change, attached(change)) === group),
      names,
    ),
  );
  if (outputs.length > 0) sections.push(block("Outputs", outputs));
  const list = redact(
    [warnings(changes), ...sections, checks(plan)].filter((part) => part !== "").join("\n\n"),
    secretsOfPlan(plan),
  );
  return {
    counts: count(changes),
    changes: changes.length > 0 || outputs.length > 0,
    list,
    digest: digest(stack, plan, key, list),
  };
}

/** A data source that is read during the apply does nothing; the digest covers it all the same. */
const matters = ({ mode, change, previous_address }: ResourceChange): boolean =>
  mode === "managed" &&
  (verb(change.actions) !== "none" || previous_address !== undefined || change.importing !== undefined);

const sortKey = ({ address, deposed = "" }: ResourceChange): string => `${address}\n${deposed}`;

function count(changes: readonly ResourceChange[]): PlanSummary["counts"] {
  const of = (wanted: Verb): number => changes.filter(({ change }) => verb(change.actions) === wanted).length;
  return {
    create: of("create"),
    update: of("update"),
    replace: of("replace"),
    destroy: of("destroy"),
    forget: of("forget"),
  };
}

function warnings(changes: readonly ResourceChange[]): string {
  const addresses = (wanted: Verb): string[] =>
    changes.filter(({ change }) => verb(change.actions) === wanted).map(({ address }) => code(address));
  const destroyed = addresses("destroy");
  const replaced = addresses("replace");
  return [
    destroyed.length > 0 ? `:warning: **Destroys ${destroyed.length}:** ${destroyed.join(", ")}` : "",
    replaced.length > 0
      ? `:warning: **Replaces ${replaced.length}** (gone for a moment, new id)**:** ${replaced.join(", ")}`
      : "",
  ]
    .filter((line) => line !== "")
    .join("\n\n");
}

function section(title: Group, changes: readonly ResourceChange[], names: Names): string {
  return changes.length === 0
    ? ""
    : block(
        title,
        changes.flatMap((change) => resourceLines(change, names)),
      );
}

/** A fenced block: nothing in it is Markdown, so no value can mention a person, link, or close the block (the fence is longer than any in it). */
function block(title: string, lines: readonly string[]): string {
  const text = lines.map(visible).join("\n");
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `**${title}**\n${fence}diff\n${text}\n${fence}`;
}

/** Inline code of text that is not ours: an address holds quotes at most, but a stranger's `for_each` key could hold anything. */
const code = (text: string): string => `\`${visible(text).replaceAll("`", "'")}\``;

/** Characters that show as nothing, or turn the reading direction, are written out, so that what is read is what is there. */
const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);

const SIGN: Readonly<Record<Verb, string>> = {
  none: "#",
  create: "+",
  read: "#",
  update: "!",
  replace: "!",
  destroy: "-",
  forget: "#",
};

const SAID: Readonly<Record<Verb, string>> = {
  none: "unchanged",
  create: "create",
  read: "read",
  update: "update",
  replace: "REPLACE",
  destroy: "DESTROY",
  forget: "forget (stays as it is, no longer managed here)",
};

function resourceLines(resource: ResourceChange, names: Names): string[] {
  const { address, previous_address, deposed, change } = resource;
  const action = verb(change.actions);
  const notes = [
    previous_address === undefined ? "" : `, moved from ${previous_address}`,
    change.importing === undefined ? "" : ", imported",
    deposed === undefined ? "" : ", a deposed object",
  ];
  return [`${SIGN[action]} ${SAID[action]} ${address}${notes.join("")}`, ...attributeLines(resource, names)];
}

function attributeLines({ address, type, change }: ResourceChange, names: Names): string[] {
  const before = isObject(change.before) ? change.before : {};
  const after = isObject(change.after) ? change.after : {};
  const unknown = isObject(change.after_unknown) ? change.after_unknown : {};
  const mark = (marks: Json | undefined, attribute: string): Json | undefined =>
    isObject(marks) ? marks[attribute] : marks;
  const forcing = new Set((change.replace_paths ?? []).map((path) => (Array.isArray(path) ? path[0] : path)));
  const attributes = [...new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(unknown)])].sort(
    compare,
  );
  const creates = change.before === null;
  const destroys = change.after === null || change.after === undefined;
  const silent: string[] = [];
  const lines: string[] = [];

  for (const attribute of attributes) {
    const marks = [mark(change.before_sensitive, attribute), mark(change.after_sensitive, attribute)];
    const old = mask(before[attribute], marks[0], undefined);
    const now = mask(after[attribute], marks[1], unknown[attribute]);
    if (destroys ? isNothing(old) : same(old, now) || (creates && isNothing(now))) continue;
    // What the service fills in itself says nothing of a new object, but that it is new.
    if (creates && unknown[attribute] === true && names.ofReference(address, attribute) === undefined) continue;
    const why = forcing.has(attribute) ? " (forces replacement)" : "";
    const show = (value: Masked): string => render(value, named(names, address, attribute));
    const members = SHOWN_MEMBERS[type]?.[attribute];
    if (members !== undefined && [old, now].every((value) => value === null || isMembers(value))) {
      lines.push(...memberLines(attribute, members, old, now, show).map((line) => `${line}${why}`));
    } else if (isListed(type, attribute)) {
      const shown = difference(attribute, old, now, show);
      lines.push(...shown.map((line) => `${line}${why}`));
    } else if (creates || destroys) {
      silent.push(marks.some(holdsTrue) ? `${attribute} ${SENSITIVE}` : attribute);
    } else {
      lines.push(
        `!     ${attribute}: ${marks.some(holdsTrue) ? SENSITIVE : unknown[attribute] === true ? UNKNOWN : CHANGED}${why}`,
      );
    }
  }
  return silent.length === 0 ? lines : [...lines, `#     not shown: ${silent.join(", ")}`];
}

/** Of an object that could hold anything: the members that may be shown, and of the others that they changed. */
function memberLines(
  path: string,
  shown: readonly string[],
  old: Masked,
  now: Masked,
  show: (value: Masked) => string,
): string[] {
  const [before, after] = [isMembers(old) ? old : {}, isMembers(now) ? now : {}];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compare);
  return keys.flatMap((key) => {
    const [was, is] = [before[key] ?? null, after[key] ?? null];
    if (shown.includes(key)) return difference(`${path}.${key}`, was, is, show);
    return same(was, is) ? [] : [`!     ${path}.${key}: ${CHANGED}`];
  });
}

const isListed = (type: string, attribute: string): boolean => SHOWN[type]?.includes(attribute) ?? false;

const isNothing = (value: Masked): boolean =>
  value === null ||
  value === "" ||
  (typeof value === "object" && !(value instanceof Hidden) && Object.keys(value).length === 0);

/** The lines that tell two values apart: by member in an object, by element in a list (whose order counts only when nothing else differs). */
function difference(path: string, old: Masked, now: Masked, show: (value: Masked) => string): string[] {
  if (same(old, now)) return [];
  if (isMembers(old) && isMembers(now)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort(compare);
    return keys.flatMap((key) => difference(`${path}.${key}`, old[key] ?? null, now[key] ?? null, show));
  }
  if (Array.isArray(old) && Array.isArray(now)) {
    const [first, ...others] = old;
    const [second, ...further] = now;
    if (first !== undefined && second !== undefined && others.length === 0 && further.length === 0)
      return difference(path, first, second, show);
    const gone = without(old, now);
    const come = without(now, old);
    if (gone.length === 0 && come.length === 0) return [`!     ${path}: order changed`];
    return [
      ...gone.map((item) => `-     ${path}: ${show(item)}`),
      ...come.map((item) => `+     ${path}: ${show(item)}`),
    ];
  }
  return [
    ...(isNothing(old) ? [] : [`-     ${path}: ${show(old)}`]),
    ...(isNothing(now) && !isNothing(old) ? [] : [`+     ${path}: ${show(now)}`]),
  ];
}

const isMembers = (value: Masked): value is { [key: string]: Masked } =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Hidden);

/** The elements of one list that the other does not hold, counted: two equal ones against one leaves one. */
function without(list: readonly Masked[], other: readonly Masked[]): Masked[] {
  const left = [...other];
  return list.filter((item) => {
    const index = left.findIndex((candidate) => same(item, candidate));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** Names an id after the object it stands for, and an id that is not there yet after the object it will come from. */
function named(names: Names, address: string, attribute: string): (value: string | Hidden) => string {
  return (value) => {
    const name = value instanceof Hidden ? names.ofReference(address, attribute) : names.ofId(value);
    return name === undefined || (value instanceof Hidden && value.label !== UNKNOWN) ? "" : ` = ${name}`;
  };
}

function render(value: Masked, name: (value: string | Hidden) => string): string {
  if (value instanceof Hidden) return `${value.label}${name(value)}`;
  if (typeof value === "string") return `${JSON.stringify(value)}${name(value)}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => render(item, name)).join(", ")}]`;
  const members = Object.entries(value).filter(([, member]) => !isNothing(member));
  return `{ ${members.map(([key, member]) => `${key}: ${render(member, name)}`).join(", ")} }`;
}

function outputLines(plan: Plan): string[] {
  return Object.entries(plan.output_changes ?? {})
    .filter(([, change]) => verb(change.actions) !== "none")
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([name, change]) => {
      const old = mask(change.before, change.before_sensitive, undefined);
      const now = mask(change.after, change.after_sensitive, change.after_unknown);
      if (SHOWN_OUTPUTS.includes(name)) return difference(name, old, now, (value) => render(value, () => ""));
      const hidden = [change.before_sensitive, change.after_sensitive].some(holdsTrue);
      return [`! ${name}: ${hidden ? SENSITIVE : holdsTrue(change.after_unknown) ? UNKNOWN : CHANGED}`];
    });
}

/** What the stack's own checks say: their messages are written in the stack, and Terraform keeps sensitive values out of them. */
function checks(plan: Plan): string {
  const lines = failedChecks(plan).map(({ address, message }) => `! ${address}: ${message}`);
  return lines.length === 0 ? "" : block("Checks that fail", lines);
}

export function failedChecks(plan: Plan): { readonly address: string; readonly message: string }[] {
  return (plan.checks ?? [])
    .filter(({ status }) => status === "fail" || status === "error")
    .flatMap(({ address, instances }) => {
      const messages = (instances ?? []).flatMap(({ problems }) => (problems ?? []).map(({ message }) => message));
      return (messages.length > 0 ? messages : ["failed"]).map((message) => ({ address: address.to_display, message }));
    })
    .sort((a, b) => compare(canonical([a.address, a.message]), canonical([b.address, b.message])));
}
