import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkedWords, neverChecked } from "../assumptions";
import type { Access } from "./access";
import { ALARM_HEAD, alarmRow, type Baseline } from "./baseline";
import { type CalendarEntry, KEY_DAYS } from "./calendar";
import type { DeployedAccount } from "./deployed-account";
import { ELIGIBILITY_HEAD } from "./eligibility";
import {
  day,
  eligibilityRows,
  factsOf,
  headline,
  judgementOf,
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
import { html, joined, type Markup, verbatim } from "./markup";
import { type AccountReport, isGood, isGreen, type Report } from "./model";
import { roleImportPicture, roleMapping, signInPicture } from "./pictures";
import type { AccessPolicy } from "./policies";
import { flowToSvg, SVG_ARROW, SVG_STYLE, sequenceToSvg } from "./svg";
import { SHARED_HEAD, type SharedByTenant } from "./tenant";
import { count } from "./text";

const STYLE = verbatim(readFileSync(join(__dirname, "page.css"), "utf8") + SVG_STYLE);
const SCRIPT = verbatim(readFileSync(join(__dirname, "page.js"), "utf8"));

/** From here on the browser lays out an account when it comes into sight, not before. */
const MANY = 20;

/** The report as one file: it loads nothing, and without its script it only cannot filter. */
export function renderHtml(report: Report): string {
  const { accounts, calendar, steps, assumptions } = report;
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${`${isGreen(report) ? "Access as expected" : "Access NOT as expected"}: ${count(accounts.length, "AWS account")}`}</title>
<style>${STYLE}</style>
</head>
<body${accounts.length > MANY ? html` class="many"` : ""}>
<a class="skip" href="#accounts">Skip to the accounts</a>
<svg class="pic defs" aria-hidden="true" width="0" height="0"><defs>${SVG_ARROW}</defs></svg>
<header class="page">
<p class="kicker">Access to AWS with Microsoft Entra ID, rehearsed</p>
<h1>${mark(isGreen(report))} ${headline(report)}</h1>
<dl class="numbers">${numbers(report).map(
    ({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`,
  )}</dl>
<p class="note">Drawn and tried on the objects that a rehearsal deployed to its local cloud, on <time datetime="${report.at}">${day(report.at)}</time> by its own clock. Nothing here reached Microsoft or AWS.</p>
</header>
<nav aria-label="On this page"><a href="#accounts">Accounts</a>${report.tenants.length > 0 ? html`<a href="#tenant-1">Tenant</a>` : ""}<a href="#calendar">What ends</a>${steps.length > 0 ? html`<a href="#steps">Steps</a>` : ""}<a href="#proof">What this proves</a><a href="#assumptions">Assumptions</a></nav>
<form class="filter" role="search" hidden>
<label for="filter">Filter by account, person, role or verdict</label>
<div><input id="filter" type="search" autocomplete="off" spellcheck="false" placeholder="developer refused"><output for="filter" aria-live="polite"></output></div>
</form>
<main>
<section id="accounts" aria-labelledby="accounts-h">
<h2 id="accounts-h">Accounts</h2>
${scroll("Overview of the accounts", overviewTable(accounts))}
</section>
${joined(report.tenants.map(tenantSection), "\n")}
${joined(accounts.map(accountSection), "\n")}
${joined(report.watched.map(watchedSection), "\n")}
<section id="calendar" aria-labelledby="calendar-h">
<h2 id="calendar-h">What ends</h2>
${scroll("What ends", calendarTable(calendar))}
</section>
${steps.length > 0 ? stepsSection(report) : ""}
<section id="proof" aria-labelledby="proof-h">
<h2 id="proof-h">What this proves, and what not</h2>
<div class="pair">
<div><h3>It proves</h3>${list(PROVES)}</div>
<div><h3>It does not prove</h3>${list(PROVES_NOT)}</div>
</div>
</section>
<section id="assumptions" aria-labelledby="assumptions-h">
<h2 id="assumptions-h">Assumptions</h2>
<p>Rules of the local cloud that no public source confirms. Where one of them is wrong, a green rehearsal is wrong about it, too.</p>
<details><summary>All ${assumptions.length} assumptions, ${neverChecked(assumptions)} of them never checked against the real service</summary>
<dl class="assumptions">${assumptions.map((one) => html`<div><dt>${one.id}</dt><dd>${one.text} (${checkedWords(one)})</dd></div>`)}</dl>
</details>
</section>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`);
}

function overviewTable(accounts: readonly AccountReport[]): Markup {
  const rows = accounts.map((one) => {
    const { account, good, verdict, roles, mfa, pending } = overview(one);
    return html`<tr data-account="${account.stack}"><th scope="row"><a href="#${account.stack}">${account.title}</a></th><td>${mark(good)} ${verdict}</td><td>${roles}</td><td>${mfa}</td><td>${pending}</td></tr>`;
  });
  return html`<table><caption>One row for each AWS account. MFA is asked from whom the fourth column says.</caption>${head(["Account", "Sign-ins", "Roles", "MFA for", "Pending"])}<tbody>${rows}</tbody></table>`;
}

function accountSection(account: AccountReport): Markup {
  const { stack, title, deployed, access, baseline } = account;
  const id = stack;
  const opening = html`<section class="account" id="${id}" aria-labelledby="${id}-h">
<div class="title"><h2 id="${id}-h">${title}</h2><p class="badge ${isGood(account) ? "good" : "bad"}">${mark(isGood(account))} ${overview(account).verdict}</p></div>`;
  if (!deployed)
    return html`${opening}<p>No application has the identifier of the stack ${id}.</p>${matrix(account)}</section>`;
  const imports = roleImportPicture(deployed);
  return html`${opening}
<dl class="facts"><div><dt>Stack</dt><dd>${id}</dd></div>${factsOf(deployed).map(
    ({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`,
  )}</dl>
<h3>From people to policies</h3>
${scroll(`Role mapping of ${title}`, flowToSvg(roleMapping(deployed), `${id}-map`))}
${deployed.policies.length > 0 ? html`<h3>What Entra asks for</h3>${scroll(`Conditional Access of ${title}`, policyTable(title, deployed.policies))}` : ""}
${deployed.eligibilities.length > 0 ? html`<h3>Who may activate a membership</h3>${scroll(`Eligible members of ${title}`, eligibilityTable(title, deployed))}` : ""}
<h3>Who gets in</h3>
${access.length > 0 ? scroll(`Access matrix of ${title}`, matrix(account)) : html`<p>Nobody was tried.</p>`}
<h3>How a person signs in</h3>
${scroll(`Sign-in to ${title}`, sequenceToSvg(signInPicture(deployed), `${id}-in`))}
${imports ? html`<h3>How Entra learns the roles</h3>${scroll(`Role import of ${title}`, sequenceToSvg(imports, `${id}-import`))}` : ""}
${baseline ? html`<h3>What watches over the account</h3>${baselineFacts(title, baseline)}` : ""}
</section>`;
}

function baselineFacts(title: string, { facts, alarms }: Baseline): Markup {
  const rows = alarms.map((alarm) => {
    const [what, where, who] = alarmRow(alarm);
    return html`<tr${alarm.good ? "" : html` class="bad"`}><th scope="row">${what}</th><td>${where}</td><td>${mark(alarm.good)} ${who}</td></tr>`;
  });
  const table = html`<table class="alarms"><caption>Tried on what is deployed, as if every subscriber had confirmed</caption>${head(ALARM_HEAD)}<tbody>${rows}</tbody></table>`;
  return html`<dl class="facts">${facts.map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
${rows.length > 0 ? scroll(`Alarms of ${title}`, table) : ""}`;
}

function tenantSection(shared: SharedByTenant, at: number): Markup {
  const id = `tenant-${at + 1}`;
  const rows = sharedRows(shared).map(
    ([name, ...cells]) => html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  );
  const table = html`<table class="policies"><caption>Conditional Access policies that name no application</caption>${head(SHARED_HEAD)}<tbody>${rows}</tbody></table>`;
  return html`<section id="${id}" aria-labelledby="${id}-h">
<h2 id="${id}-h">Shared by the tenant</h2>
<dl class="facts"><div><dt>Tenant</dt><dd>${shared.tenantId}</dd></div>${shared.facts.map(
    ({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`,
  )}</dl>
${rows.length > 0 ? scroll(`Policies of the tenant ${shared.tenantId}`, table) : ""}
</section>`;
}

/** An account that has its baseline here and its federation elsewhere, or not yet. */
function watchedSection({ accountId, baseline }: Report["watched"][number]): Markup {
  const title = `AWS account ${accountId}`;
  return html`<section class="account" id="watched-${accountId}" aria-labelledby="watched-${accountId}-h">
<div class="title"><h2 id="watched-${accountId}-h">${title}</h2></div>
<h3>What watches over the account</h3>
${baselineFacts(title, baseline)}
</section>`;
}

function eligibilityTable(title: string, account: DeployedAccount): Markup {
  const rows = eligibilityRows(account).map(
    ([group, who, terms, then]) =>
      html`<tr><th scope="row">${group}</th><td>${who}</td><td>${terms}</td><td>${then}</td></tr>`,
  );
  return html`<table class="eligible"><caption>Groups of ${title} that people are members of for some hours (Privileged Identity Management)</caption>${head(ELIGIBILITY_HEAD)}<tbody>${rows}</tbody></table>`;
}

function policyTable(title: string, policies: readonly AccessPolicy[]): Markup {
  const rows = policies.map((policy) => {
    const [name, whom, when, what] = policyRow(policy, policies);
    return html`<tr><th scope="row">${name}</th><td>${whom}</td><td>${when}</td><td>${what}</td></tr>`;
  });
  return html`<table class="policies"><caption>Conditional Access policies that reach ${title}, from whatever stack; all that apply must be satisfied</caption>${head(POLICY_HEAD)}<tbody>${rows}</tbody></table>`;
}

function matrix({ title, access }: AccountReport): Markup {
  return html`<table class="matrix"><caption>Sign-ins to ${title}, tried on what is deployed</caption>${head(["Person", "Shows", "Result", "Verdict", "Why"])}<tbody>${access.map(row)}</tbody></table>`;
}

function row(access: Access): Markup {
  const { person, shows, good, expected, endpoints } = access;
  const where = endpoints.length > 1 ? html`<span class="where">at ${endpoints.length} endpoints</span>` : "";
  return html`<tr${good ? "" : html` class="bad"`}><th scope="row">${person}</th><td>${shows}</td><td>${outcomeOf(access)}${codeOf(access)}</td><td class="verdict">${expected === undefined && good ? "" : html`${mark(good)} `}${judgementOf(access)}${good ? "" : html`<span class="where">${wantedOf(access)}</span>`}${where}</td><td>${reasonOf(access)}</td></tr>`;
}

const codeOf = ({ code }: Access): Markup => html`${code !== undefined && html`<span class="where">${code}</span>`}`;

function calendarTable(entries: readonly CalendarEntry[]): Markup {
  const rows = entries.map((entry) => {
    const { stack, account, kind, name, from, due, spent, state, attention } = entry;
    const end = html`${kind === "access key" ? "rotate by " : ""}<time datetime="${due}">${day(due)}</time>`;
    const bar =
      spent === undefined
        ? ""
        : html`<span class="life" aria-hidden="true"><span style="width:${Math.round(spent * 100)}%"></span></span>`;
    return html`<tr${attention ? html` class="bad"` : ""} data-account="${stack}"><th scope="row">${name}<span class="where">${kind}</span></th><td>${account}</td><td class="num"><time datetime="${from}">${day(from)}</time></td><td class="num">${end}</td><td class="num">${timeOf(entry)}${bar}</td><td>${attention ? html`${mark(false)} ` : ""}${state}</td></tr>`;
  });
  return html`<table><caption>What is due first stands first: certificates and eligible memberships by their end, access keys ${KEY_DAYS} days after they were made.</caption>${head(["Name", "Account", "From", "Due", "Time", "State"])}<tbody>${rows}</tbody></table>`;
}

function stepsSection({ steps }: Report): Markup {
  const rows = steps.map(
    ({ name, ok, seconds, note }) =>
      html`<tr${ok ? "" : html` class="bad"`}><td>${mark(ok)} ${ok ? "ok" : "failed"}</td><th scope="row">${name}</th><td class="num">${seconds.toFixed(1)} s</td><td>${note ?? ""}</td></tr>`,
  );
  return html`<section id="steps" aria-labelledby="steps-h">
<h2 id="steps-h">Steps of the rehearsal</h2>
${scroll("Steps of the rehearsal", html`<table><caption>The real terraform and cdktf, in this order</caption>${head(["Outcome", "Step", "Time", "Note"])}<tbody>${rows}</tbody></table>`)}
</section>`;
}

const head = (names: readonly string[]): Markup =>
  html`<thead><tr>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>`;

/** Wide things scroll by themselves, with the keyboard, too: https://www.w3.org/WAI/WCAG22/Techniques/css/C34 */
const scroll = (label: string, content: Markup): Markup =>
  html`<div class="scroll" role="group" tabindex="0" aria-label="${label}">${content}</div>`;

const list = (items: readonly string[]): Markup => html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;

/** A sign and, for whoever cannot see it, a word: colour never says it alone. */
const mark = (good: boolean): Markup =>
  good
    ? html`<span class="mark good" role="img" aria-label="good:">✓</span>`
    : html`<span class="mark bad" role="img" aria-label="attention:">✕</span>`;
