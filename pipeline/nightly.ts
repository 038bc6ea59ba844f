import { compare, isObject } from "./json";
import { holdsTrue, SHOWN_OUTPUTS } from "./mask";
import { type Plan, type Verb, verb } from "./plan";
import { failedChecks } from "./plan-summary";
import { redact, secretsOfPlan } from "./redact";
import { COMMENT_LIMIT, cut, type Failed, fenced } from "./report";

/** What a stack needs somebody to look at: addresses, names and dates, no values. */
export interface Findings {
  /** Objects that differ from the code: changed by hand, or never deployed. */
  readonly drift: readonly { readonly address: string; readonly verb: Verb }[];
  /** Certificates and eligible memberships that end within 60 days, and access keys older than 90. */
  readonly expiring: readonly { readonly address: string; readonly what: string; readonly day: string }[];
  /** Subscriptions to alarms that nobody has confirmed: they get nothing. */
  readonly unconfirmed: readonly string[];
  /** Roles that Entra has not imported yet, or that wait for a deploy which assigns them. */
  readonly pending: readonly string[];
  readonly checks: readonly string[];
}

/** What the nightly check says of one stack: a line per finding, nothing when all is well. */
export type NightlyReport = { readonly stack: string; readonly outcome: "checked"; readonly list: string } | Failed;

/** Long enough for the three steps of a rotation: publish, activate, retire. Entra mails its own warnings 60, 30 and 7 days before. */
const NOTICE_DAYS = 60;

/** AWS Security Hub, control IAM.3: "IAM users' access keys should be rotated every 90 days or less". A key has no end date of its own. */
const ACCESS_KEY_AGE_DAYS = 90;

/**
 * Reads the findings off a plan. `plan -detailed-exitcode` is not used for it: an output that changes alone makes the exit code 2 though no object
 * drifted, and a check that fails does not change it.
 */
export function findings(plan: Plan, now: Date): Findings {
  const secrets = secretsOfPlan(plan);
  return {
    drift: (plan.resource_changes ?? [])
      .filter(({ mode, change }) => mode === "managed" && verb(change.actions) !== "none")
      .map(({ address, change }) => ({ address: redact(address, secrets), verb: verb(change.actions) }))
      .sort((a, b) => compare(a.address, b.address)),
    expiring: expiring(plan, now).map((finding) => ({ ...finding, address: redact(finding.address, secrets) })),
    unconfirmed: unconfirmed(plan).map((address) => redact(address, secrets)),
    pending: pending(plan).map((role) => redact(role, secrets)),
    checks: failedChecks(plan).map(({ address, message }) => redact(`${address}: ${message}`, secrets)),
  };
}

const DAY = 24 * 60 * 60 * 1000;

const deployed = (plan: Plan) => plan.prior_state?.values?.root_module?.resources ?? [];

/** What ends by itself, and the attribute that says when. */
const ENDS: Readonly<Record<string, string>> = {
  azuread_privileged_access_group_eligibility_schedule: "expiration_date",
  azuread_service_principal_token_signing_certificate: "end_date",
};

function expiring(plan: Plan, now: Date): Findings["expiring"] {
  const found = deployed(plan).flatMap(({ type, address, values }) => {
    const date = (attribute: string): number => {
      const value = isObject(values) ? values[attribute] : undefined;
      return typeof value === "string" ? Date.parse(value) : Number.NaN;
    };
    const ends = ENDS[type];
    if (ends !== undefined) {
      const end = date(ends);
      return end - now.getTime() <= NOTICE_DAYS * DAY
        ? [{ address, what: end <= now.getTime() ? "expired on" : "expires on", day: day(end) }]
        : [];
    }
    if (type === "aws_iam_access_key") {
      const made = date("create_date");
      return now.getTime() - made >= ACCESS_KEY_AGE_DAYS * DAY
        ? [{ address, what: `is older than ${ACCESS_KEY_AGE_DAYS} days, made on`, day: day(made) }]
        : [];
    }
    return [];
  });
  return found.sort((a, b) => compare(a.day, b.day) || compare(a.address, b.address));
}

const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html */
const unconfirmed = (plan: Plan): string[] =>
  deployed(plan)
    .filter(
      ({ type, values }) =>
        type === "aws_sns_topic_subscription" && isObject(values) && values["pending_confirmation"] === true,
    )
    .map(({ address }) => address)
    .sort(compare);

function pending(plan: Plan): string[] {
  return SHOWN_OUTPUTS.flatMap((name) => {
    const change = plan.output_changes?.[name];
    if (change === undefined || holdsTrue(change.after_sensitive)) return [];
    return Array.isArray(change.after) ? change.after.filter((role) => typeof role === "string") : [];
  }).sort(compare);
}

export const NIGHTLY_MARKER = "<!-- entra-aws-federation: nightly -->";

/** The text of the issue, or nothing when every stack is as it should be. */
export function nightlyText(reports: readonly NightlyReport[], run: string): string | undefined {
  const sections = [...reports]
    .sort((a, b) => compare(a.stack, b.stack))
    .map((report) => ({
      stack: report.stack,
      text: report.outcome === "failed" ? `could not be checked: ${report.error}` : report.list,
    }))
    .filter(({ text }) => text !== "")
    .map(({ stack, text }) => `### ${stack}\n\n${fenced(text)}`);
  if (sections.length === 0) return undefined;
  const head = `The nightly check of ${reports.length} stacks found something in ${sections.length}. It changed nothing. [The run](${run})`;
  return cut([head, ...sections].join("\n\n"), COMMENT_LIMIT - NIGHTLY_MARKER.length - 1);
}

/** A line per finding. */
export function findingList({ drift, expiring, unconfirmed, pending, checks }: Findings): string {
  return [
    ...drift.map(({ address, verb }) => `differs from the code: ${address} (a deploy would ${verb} it)`),
    ...expiring.map(({ address, what, day }) => `${address} ${what} ${day}`),
    ...unconfirmed.map((address) => `gets no alarm until somebody confirms it: ${address}`),
    ...pending.map((role) => `role waits for its import or its assignment: ${role}`),
    ...checks.map((check) => `check fails: ${check}`),
  ].join("\n");
}
