import { ServiceError } from "../errors";
import { notModelled } from "./errors";

/**
 * What a target gets in place of the event itself.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export interface InputTransformer {
  /** JSON paths by name of the variable. */
  readonly paths: Readonly<Record<string, string>>;
  /** JSON, or one JSON string a line, with `<variable>` where a value goes. */
  readonly template: string;
}

const invalid = (why: string) => new ServiceError("ValidationException", why, 400);

/** "You can define up to 100 variables"; `AWS` begins names that AWS keeps (API_InputTransformer). */
const MAX_PATHS = 100;
/** API_InputTransformer: 1 to 8,192 characters. */
const MAX_TEMPLATE = 8_192;
const PLACEHOLDER = /<([A-Za-z0-9_.-]+)>/g;
/** `$.detail.userIdentity.arn`, `$.resources[0]`; wildcards are possible in AWS. */
const PATH = /^\$(\.[\w/-]+|\[\d+\])*$/;
const PREDEFINED = ["aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time"];

/** Refuses what PutTargets refuses. */
export function checkInputTransformer({ paths, template }: InputTransformer): void {
  if (template.length < 1 || template.length > MAX_TEMPLATE) {
    throw invalid(`InputTemplate has ${template.length} characters, it takes 1 to ${MAX_TEMPLATE}`);
  }
  if (Object.keys(paths).length > MAX_PATHS) throw invalid(`InputPathsMap takes up to ${MAX_PATHS} variables`);
  for (const [name, path] of Object.entries(paths)) {
    if (name.startsWith("AWS")) throw invalid(`InputPathsMap: ${name} begins with AWS, which is reserved`);
    if (!PATH.test(path)) throw notModelled(`The JSON path ${path} of an input transformer`);
  }
  for (const [, name = ""] of template.matchAll(PLACEHOLDER)) {
    if (name === "aws.events.event" || name === "aws.events.event.json") {
      throw notModelled(`<${name}> in an input template`);
    }
    if (!(name in paths) && !PREDEFINED.includes(name)) {
      throw invalid(`Invalid InputTemplate: <${name}> is no variable of InputPathsMap`);
    }
  }
  // With a number for every variable it has to be JSON: a placeholder outside quotes stands for a whole value.
  const filled = template.replace(PLACEHOLDER, "0");
  if (!isJson(filled) && !filled.split("\n").every((line) => line.trim() === "" || /^\s*".*"\s*$/.test(line))) {
    throw invalid("Invalid InputTemplate: it is neither JSON nor lines of JSON strings");
  }
}

// Assumption aws-input-template, never checked: A value goes into a quoted part of an input template as text and elsewhere as JSON; a
// template that is neither JSON nor lines of JSON strings is refused.
/** What the target is sent for an event. */
export function transformInput(
  { paths, template }: InputTransformer,
  event: unknown,
  rule: { readonly arn: string; readonly name: string; readonly time: string },
): string {
  const predefined: Record<string, string> = {
    "aws.events.rule-arn": rule.arn,
    "aws.events.rule-name": rule.name,
    "aws.events.event.ingestion-time": rule.time,
  };
  let quoted = false;
  let at = 0;
  let result = "";
  for (const match of template.matchAll(PLACEHOLDER)) {
    const before = template.slice(at, match.index);
    quoted = endsQuoted(before, quoted);
    at = match.index + match[0].length;
    const name = match[1] ?? "";
    const value = predefined[name] ?? valueAt(event, paths[name] ?? "");
    result += before + (quoted ? inString(value) : value === undefined ? "" : JSON.stringify(value));
  }
  return result + template.slice(at);
}

/** The value at a JSON path; `undefined` where the event has nothing there: such a variable leaves nothing in the output. */
export function valueAt(event: unknown, path: string): unknown {
  const steps = path.match(/[\w/-]+/g) ?? [];
  return steps.reduce<unknown>((at, step) => {
    if (typeof at !== "object" || at === null) return undefined;
    return (at as Record<string, unknown>)[step];
  }, event);
}

/** Inside quotes a text goes in as it is, anything else as JSON, so that the whole stays a JSON string. */
function inString(value: unknown): string {
  if (value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return JSON.stringify(text).slice(1, -1);
}

/** Whether the text after `part` is inside a JSON string. */
function endsQuoted(part: string, before: boolean): boolean {
  const quotes = part.replace(/\\./g, "").match(/"/g)?.length ?? 0;
  return quotes % 2 === 1 ? !before : before;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
