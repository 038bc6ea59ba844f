import type { Access } from "./access";
import type { CalendarEntry } from "./calendar";
import type { DeployedAccount } from "./deployed-account";
import { eligibilityRow } from "./eligibility";
import { type AccountReport, isGood, isGreen, type Report } from "./model";
import { type AccessPolicy, isFactor, leftOut } from "./policies";
import { reachText, type SharedByTenant } from "./tenant";
import { count } from "./text";

/** What both renderings say in the same words. */

/** The first sentence: what a reader in a hurry needs. */
export function headline(report: Report): string {
  const rows = report.accounts.flatMap(({ access }) => access);
  const broken = rows.filter(({ good }) => !good).length;
  const watching = [
    ...report.accounts.map(({ baseline }) => baseline),
    ...report.watched.map(({ baseline }) => baseline),
  ];
  const unheard = watching.flatMap((baseline) => baseline?.alarms ?? []).filter(({ good }) => !good).length;
  const absent = report.accounts.filter(({ deployed }) => !deployed).length;
  const failed = report.steps.filter(({ ok }) => !ok).length;
  if (isGreen(report)) return "Everybody gets exactly the access that is expected.";
  return [
    ...(broken > 0 ? [`${count(broken, "sign-in")} did not end as expected`] : []),
    ...(unheard > 0 ? [`${count(unheard, "alarm")} did not end as expected`] : []),
    ...(absent > 0 ? [`${count(absent, "account")} not deployed`] : []),
    ...(failed > 0 ? [`${count(failed, "step")} failed`] : []),
  ].join(", ");
}

/** Numbers at a glance. */
export function numbers({ accounts, calendar }: Report): { readonly label: string; readonly value: string }[] {
  const rows = accounts.flatMap(({ access }) => access);
  const judged = rows.filter(({ expected }) => expected !== undefined);
  const pending = accounts.flatMap(({ deployed }) => deployed?.pending ?? []).length;
  const next = calendar.find(({ kind }) => kind === "signing certificate");
  return [
    { label: "accounts", value: amount(accounts.length) },
    { label: "roles", value: amount(accounts.flatMap(({ deployed }) => deployed?.roles ?? []).length) },
    {
      label: "sign-ins as expected",
      value: `${amount(judged.filter(({ good }) => good).length)} of ${amount(judged.length)}`,
    },
    { label: "roles pending", value: amount(pending) },
    { label: "next certificate ends", value: next ? day(next.due) : "none" },
  ];
}

/** A row of the overview. */
export interface Overview {
  readonly account: AccountReport;
  readonly good: boolean;
  readonly verdict: string;
  readonly roles: string;
  readonly mfa: string;
  readonly pending: string;
}

export function overview(account: AccountReport): Overview {
  const { deployed, access } = account;
  const judged = access.filter(({ expected }) => expected !== undefined);
  const held = judged.filter(({ good }) => good).length;
  return {
    account,
    good: isGood(account),
    verdict: deployed ? `${held} of ${judged.length} as expected` : "not deployed",
    roles: deployed?.roles.map(({ name }) => name).join(", ") || "none",
    mfa: deployed ? mfaOf(deployed) : "none",
    pending: deployed?.pending.map(({ role }) => role).join(", ") || "none",
  };
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** What stands above an account's pictures. */
export function factsOf(account: DeployedAccount): Fact[] {
  const { roleImport, pending, replyUrls, policies, roles } = account;
  const denied = [...new Set(roles.flatMap((role) => role.denials))];
  return [
    { label: "AWS account", value: account.accountId },
    { label: "App roles", value: roleImport ? importFact(roleImport) : "declared in the application" },
    { label: "Conditional Access", value: policiesFact(policies) },
    {
      label: "Who can sign in",
      value: whoSignsIn(account),
    },
    ...denied.map((denial) => ({
      label: "Denied",
      value: `${denial}, in ${roles.flatMap((role) => (role.denials.includes(denial) ? [role.name] : [])).join(", ")}`,
    })),
    { label: "Sign-in endpoints", value: replyUrls.join(", ") || "none" },
    ...(pending.length > 0
      ? [{ label: "Pending roles", value: pending.map(({ role, why }) => `${role} (${why})`).join(", ") }]
      : []),
  ];
}

function whoSignsIn({ enabled, assignmentRequired }: DeployedAccount): string {
  if (!enabled) return "nobody: the application is disabled";
  return assignmentRequired ? "assigned people only" : "everybody in the tenant";
}

function policiesFact(policies: readonly AccessPolicy[]): string {
  if (policies.length === 0) return "no policy: a password is enough";
  const states = (["on", "report-only", "off"] as const).flatMap((state) => {
    const many = policies.filter((policy) => policy.state === state).length;
    return many > 0 ? [`${many} ${state}`] : [];
  });
  const [only] = policies;
  const many =
    only && policies.length === 1 ? `1 policy, ${only.state}` : `${policies.length} policies: ${states.join(", ")}`;
  return `${many}; ${leftOutFact(policies)}`;
}

function leftOutFact(policies: readonly AccessPolicy[]): string {
  const [first, ...others] = new Set(policies.map(leftOut));
  return others.length === 0 ? `leaves out ${first}` : "not all leave out the same";
}

export const POLICY_HEAD = ["Policy", "Whom", "When", "Asks for"] as const;

/** Rows of what a tenant has once for many accounts. */
export function sharedRows({ policies }: SharedByTenant): (readonly [string, string, string, string, string])[] {
  const all = policies.map(({ policy }) => policy);
  return policies.map(({ policy, accounts }) => [...policyRow(policy, all), reachText(accounts)]);
}

/** A row of the table of policies: name, whom, when, what. */
export function policyRow(
  policy: AccessPolicy,
  all: readonly AccessPolicy[],
): readonly [string, string, string, string] {
  const { name, state, covers, when, asks, methods, reach } = policy;
  const same = all.every((other) => leftOut(other) === leftOut(policy));
  return [
    state === "on" ? name : `${name} (${state})`,
    same ? covers : `${covers}, leaves out ${leftOut(policy)}`,
    [...(reach === "by name" ? [] : [reach]), ...when].join("; ") || "every sign-in",
    methods.length > 0 ? `${asks} by ${methods.join(" or ")}` : asks,
  ];
}

/** Rows about groups whose membership is activated, with the roles that each leads to. */
export function eligibilityRows(account: DeployedAccount): (readonly [string, string, string, string])[] {
  const { eligibilities, assignments, appRoles, roles } = account;
  return eligibilities.map((eligibility) => {
    const held = assignments.filter(({ principalId }) => principalId === eligibility.groupId);
    const claims = held.map(({ appRoleId }) => appRoles.find(({ id }) => id === appRoleId)?.value);
    return eligibilityRow(
      eligibility,
      roles.filter(({ claim }) => claim !== undefined && claims.includes(claim)),
    );
  });
}

function importFact({ minutes, state, lastCycle }: NonNullable<DeployedAccount["roleImport"]>): string {
  const cycle = lastCycle === undefined ? "no cycle yet" : `last cycle: ${lastCycle}`;
  return `imported from AWS every ${minutes} minutes (${state.toLowerCase()}, ${cycle})`;
}

function mfaOf({ policies }: DeployedAccount): string {
  const asking = policies.filter(isFactor);
  const on = asking.filter(({ state }) => state === "on");
  if (on.length === 0) return [...new Set(asking.map(({ state }) => state))].join(", ") || "no policy";
  return on.some(({ covers }) => covers === "everyone") ? "everyone" : "the groups";
}

/** "In as Developer", with the session's controls where something is wrong; "Refused: MFA is asked for". */
export function outcomeOf({ outcome, roles, session, refusal, link, good }: Access): string {
  if (outcome === "in") return [`In as ${roles.join(", ")}`, ...(good ? [] : session)].join("; ");
  if (outcome === "refused") return `Refused: ${refusal ?? `at ${link}`}`;
  return outcome === "cannot tell" ? `Cannot tell: ${link}` : "Could not be tried";
}

/** Whether it came as expected, in a word or two that a reader can filter by. */
export const judgementOf = ({ good, expected }: Access): string => {
  if (expected === undefined) return good ? "observed" : "unclear";
  return good ? "as expected" : "unexpected";
};

/** What should have come. */
export const wantedOf = ({ expected }: Access): string =>
  expected === undefined ? "a clear answer" : `should be ${expected}`;

/** Why it was expected, or what decided. */
export const reasonOf = ({ why, because, good }: Access): string => (why === undefined || !good ? because : why);

/** How long something has. */
export function timeOf({ left, age, kind }: CalendarEntry): string {
  const old = kind === "access key" ? `${count(age, "day")} old, ` : "";
  return `${old}${left < 0 ? `${kind === "access key" ? "due" : "ended"} ${count(-left, "day")} ago` : `${count(left, "day")} left`}`;
}

export const PROVES: readonly string[] = [
  "Wiring: what both sides were told fits together, from group to policy.",
  "Order: a deploy from nothing goes through, and the next plan says “No changes”.",
  "Trust: the people above got in or were refused by the deployed objects, link by link, never by the code that made them.",
];

export const PROVES_NOT: readonly string[] = [
  "That Microsoft and Amazon behave as they document, today, in your tenant and account.",
  "Licences, permissions of the deploy identities, other policies of your tenant, service control policies.",
  "Timing: nothing is replicated late here, and nothing waits.",
  "Anything that the local cloud does not model: it answers “cannot tell”, which never counts as a pass.",
];

/** 2029-11-01, in UTC. */
export const day = (time: string): string => time.slice(0, 10);

export const amount = (n: number): string => n.toLocaleString("en");
