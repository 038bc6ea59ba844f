import { checkedWords, neverChecked } from "../assumptions";
import { ALARM_HEAD, alarmRow, type Baseline } from "./baseline";
import type { CalendarEntry } from "./calendar";
import type { DeployedAccount } from "./deployed-account";
import { ELIGIBILITY_HEAD } from "./eligibility";
import {
  amount,
  day,
  eligibilityRows,
  factsOf,
  headline,
  numbers,
  outcomeOf,
  overview,
  POLICY_HEAD,
  PROVES,
  PROVES_NOT,
  policyRow,
  reasonOf,
  sharedRows,
  timeOf,
  wantedOf,
} from "./facts";
import { flowToMermaid, sequenceToMermaid } from "./mermaid";
import { type AccountReport, isGood, isGreen, type Report } from "./model";
import { roleImportPicture, roleMapping, signInPicture } from "./pictures";
import { SHARED_HEAD, type SharedByTenant } from "./tenant";

/** A comment takes 65,536 characters (https://github.com/orgs/community/discussions/27190); whoever posts it adds some of its own. */
const LONGEST = 60_000;
/** Rows of a table that grows with the number of accounts. */
const MAX_ROWS = 60;

/**
 * The report for a pull request comment or a job summary. Accounts that somebody should look at get their room first; what there is
 * no room for stands in the page.
 */
export function renderMarkdown(report: Report, longest = LONGEST): string {
  const { accounts } = report;
  const first = [...accounts].sort((a, b) => Number(isGood(a)) - Number(isGood(b)));
  const head = [summary(report), overviewTable(first), ...report.tenants.map(tenantSection)];
  const tail = [
    ...report.watched.map(({ accountId, baseline }) => `## AWS account ${accountId}\n\n${watches(baseline)}`),
    calendar(report.calendar),
    steps(report),
    limits(report),
  ];
  let room = longest - [...head, ...tail].join("\n\n").length - 200;
  const sections: string[] = [];
  for (const account of first) {
    const section = accountSection(account);
    room -= section.length + 2;
    if (room < 0) break;
    sections.push(section);
  }
  const left = accounts.length - sections.length;
  const more = left > 0 ? [`_${amount(left)} more accounts stand in the page, \`index.html\`._`] : [];
  return `${[...head, ...sections, ...more, ...tail].join("\n\n")}\n`;
}

function summary(report: Report): string {
  const list = numbers(report).map(({ label, value }) => `**${value}** ${label}`);
  return [
    `# ${isGreen(report) ? "✅" : "❌"} ${headline(report)}`,
    list.join(" · "),
    "Drawn and tried on the objects that a rehearsal deployed to its local cloud. Nothing here reached Microsoft or AWS.",
  ].join("\n\n");
}

function overviewTable(accounts: readonly AccountReport[]): string {
  const rows = accounts.map(overview).map(({ account, good, verdict, roles, mfa, pending }) => {
    return [account.title, `${good ? "✅" : "❌"} ${verdict}`, roles, mfa, pending];
  });
  return `## Accounts\n\n${table(["Account", "Sign-ins", "Roles", "MFA for", "Pending"], rows)}`;
}

function tenantSection(shared: SharedByTenant): string {
  const facts = shared.facts.map(({ label, value }) => `- **${text(label)}**: ${text(value)}`).join("\n");
  const policies = shared.policies.length > 0 ? [table(SHARED_HEAD, sharedRows(shared))] : [];
  return ["## Shared by the tenant", ...(facts === "" ? [] : [facts]), ...policies].join("\n\n");
}

function accountSection(account: AccountReport): string {
  const { title, stack, deployed, access, baseline } = account;
  const matrix = table(
    ["", "Person", "Shows", "Result", "Why"],
    access.map((row) => [
      row.good ? (row.expected === undefined ? "" : "✅") : "❌",
      row.person,
      row.shows,
      [outcomeOf(row), row.code && `(${row.code})`, row.good ? undefined : wantedOf(row)].filter(Boolean).join(" "),
      reasonOf(row),
    ]),
    Number.POSITIVE_INFINITY,
  );
  if (!deployed) return `## ${text(title)}\n\n❌ No application has the identifier of ${text(stack)}.\n\n${matrix}`;
  const imports = roleImportPicture(deployed);
  return [
    `## ${text(title)}`,
    factsOf(deployed)
      .map(({ label, value }) => `- **${text(label)}**: ${text(value)}`)
      .join("\n"),
    picture(flowToMermaid(roleMapping(deployed))),
    ...(deployed.policies.length > 0 ? [details("What Entra asks for", policies(deployed))] : []),
    ...(deployed.eligibilities.length > 0
      ? [
          details(
            "Who may activate a membership",
            table(ELIGIBILITY_HEAD, eligibilityRows(deployed), Number.POSITIVE_INFINITY),
          ),
        ]
      : []),
    details("Who gets in", matrix, !isGood(account)),
    details("How a person signs in", picture(sequenceToMermaid(signInPicture(deployed)))),
    ...(imports ? [details("How Entra learns the roles", picture(sequenceToMermaid(imports)))] : []),
    ...(baseline ? [details("What watches over the account", watches(baseline))] : []),
  ].join("\n\n");
}

function watches({ facts, alarms }: Baseline): string {
  const list = facts.map(({ label, value }) => `- **${text(label)}**: ${text(value)}`).join("\n");
  return [
    list,
    ...(alarms.length > 0
      ? [
          table(
            ["", ...ALARM_HEAD],
            alarms.map((alarm) => [alarm.good ? "✅" : "❌", ...alarmRow(alarm)]),
            Number.POSITIVE_INFINITY,
          ),
        ]
      : []),
  ].join("\n\n");
}

const policies = ({ policies: all }: DeployedAccount): string =>
  table(
    POLICY_HEAD,
    all.map((policy) => policyRow(policy, all)),
    Number.POSITIVE_INFINITY,
  );

function calendar(entries: readonly CalendarEntry[]): string {
  const rows = entries.map((entry) => [
    `${entry.attention ? "⚠️ " : ""}${entry.kind} ${entry.name}`,
    entry.account,
    entry.kind === "access key" ? `rotate by ${day(entry.due)}` : day(entry.due),
    timeOf(entry),
    entry.state,
  ]);
  return `## What ends\n\n${table(["What", "Account", "Due", "Time", "State"], rows)}`;
}

function steps({ steps: all }: Report): string {
  if (all.length === 0) return "";
  const rows = all.map(({ name, ok, seconds, note }) => [
    ok ? "✅" : "❌",
    name,
    `${seconds.toFixed(1)} s`,
    note ?? "",
  ]);
  return details("Steps of the rehearsal", table(["", "Step", "Time", "Note"], rows, Number.POSITIVE_INFINITY));
}

function limits({ assumptions }: Report): string {
  const list = (items: readonly string[]) => items.map((item) => `- ${item}`).join("\n");
  const guesses = list(assumptions.map((one) => `**${one.id}** (${text(checkedWords(one))}): ${text(one.text)}`));
  return [
    `## What this proves\n\n${list(PROVES)}`,
    `## What it does not prove\n\n${list(PROVES_NOT)}`,
    details(
      `${assumptions.length} assumptions: rules that no public source confirms, ${neverChecked(assumptions)} of them never checked against the real service`,
      guesses,
    ),
  ].join("\n\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[], most = MAX_ROWS): string {
  const line = (cells: readonly string[]) => `| ${cells.map(text).join(" | ")} |`;
  const left = rows.length - most;
  return [
    line(head),
    `|${head.map(() => "---").join("|")}|`,
    ...rows.slice(0, most).map(line),
    ...(left > 0 ? ["", `_${amount(left)} more rows stand in the page, \`index.html\`._`] : []),
  ].join("\n");
}

const picture = (mermaid: string): string => `\`\`\`mermaid\n${mermaid}\n\`\`\``;

/** GitHub reads Markdown within it only between empty lines. */
const details = (title: string, content: string, open = false): string =>
  `<details${open ? " open" : ""}><summary>${text(title)}</summary>\n\n${content}\n\n</details>`;

/** Names come from the clouds: none of them may start a tag, a link, a mention or another cell. */
const text = (value: string): string =>
  value
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]|~]/g, (char) => `\\${char}`)
    .replace(/</g, "&lt;")
    .replace(/@(?=\w)/g, "@&#8203;");
