import type { Account, AccountState } from "../../local-cloud/cloud/aws/account";
import { parsePolicyDocument, type Statement } from "../../local-cloud/cloud/aws/policy-document";
import type { RoleState } from "../../local-cloud/cloud/aws/roles";
import type { AlarmResult } from "../alarms/expectations";
import { count } from "./text";

/** What watches over an AWS account, and how it is set up, as it is deployed. */
export interface Baseline {
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly alarms: readonly Alarm[];
  /** Of all IAM users of the account. */
  readonly accessKeys: readonly AccessKey[];
}

/** Something that was made to happen on what is deployed, with every subscriber confirmed. */
export interface Alarm {
  readonly what: string;
  /** The regions in which it ended the same way. */
  readonly where: string;
  /** Who was told. */
  readonly told: readonly string[];
  readonly wanted: AlarmResult["expect"];
  /** Who should hear of it did, and nobody else. */
  readonly good: boolean;
  /** The link that decided, where it is not good. */
  readonly because?: string;
}

/** `undefined` for an account that nothing was set up in but its federation. @param results what came of alarms that were tried */
export function baselineOf(
  account: Account,
  state: AccountState,
  results: readonly AlarmResult[] = [],
): Baseline | undefined {
  const { topics, eventRules, trails, passwordPolicy, analyzers } = state;
  const any = [topics, eventRules, trails, analyzers].some((objects) => Object.keys(objects).length > 0);
  if (!any && passwordPolicy === null && results.length === 0) return undefined;
  return { facts: factsOf(account, state), alarms: alarmsOf(results), accessKeys: accessKeysOf(state) };
}

// ---- Facts

function factsOf(account: Account, state: AccountState): Baseline["facts"] {
  const fact = (label: string, values: readonly string[]) =>
    values.length > 0 ? [{ label, value: values.join("; ") }] : [];
  return [
    ...fact("Alarms go to", subscribersOf(state)),
    ...fact("Regions with rules", ruleRegionsOf(state)),
    ...fact("Trail", trailsOf(state)),
    ...fact("Entered without Entra", entrancesOf(state)),
    ...fact("IAM users", usersOf(state)),
    ...fact("Secrets", secretsOf(state)),
    ...fact("Passwords of IAM users", passwordsOf(state)),
    ...fact("Access Analyzer", analyzersOf(account, state)),
    ...fact("AWS Config", configOf(state)),
    ...fact("Contacts", contactsOf(state)),
    ...fact("Regions opted in to", state.enabledRegions),
    ...fact("Alias", state.alias === null ? [] : [state.alias]),
    ...fact("Root access of member accounts", [...(state.organization?.features ?? [])]),
  ];
}

export interface AccessKey {
  readonly user: string;
  /** The last four characters of the access key ID. */
  readonly tail: string;
  readonly from: string;
  readonly enabled: boolean;
  /** Role import signs in with it. */
  readonly used: boolean;
}

/** @param used id of the key that role import signs in with */
export const accessKeysOf = ({ users }: AccountState, used?: string): AccessKey[] =>
  Object.values(users)
    .sort((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }))
    .flatMap(({ name, accessKeys }) =>
      accessKeys.map(({ accessKeyId, createDate, status }) => ({
        user: name,
        tail: accessKeyId.slice(-4),
        from: createDate,
        enabled: status === "Active",
        used: accessKeyId === used,
      })),
    );

/** The address of a webhook can be all that is needed to write to it: its host says who is told. */
const shown = (endpoint: string): string =>
  endpoint.replace(/https:\/\/(?:[^/?#\s]*@)?([^/?#\s]+)\S*/g, "https://$1/…");

function subscribersOf({ topics, subscriptions }: AccountState): string[] {
  const all = Object.values(subscriptions).map(({ endpoint, confirmed }) =>
    confirmed ? shown(endpoint) : `${shown(endpoint)} (has not confirmed, hears nothing yet)`,
  );
  return all.length > 0 || Object.keys(topics).length === 0 ? all.sort() : ["nobody"];
}

const ruleRegionsOf = ({ eventRules }: AccountState): string[] => {
  const regions = [...new Set(Object.values(eventRules).map(({ region }) => region))].sort();
  return regions.length > 0 ? [regions.join(", ")] : [];
};

function trailsOf({ trails, organizationTrail, eventRules }: AccountState): string[] {
  const own = Object.values(trails).map(({ name, homeRegion, logging, settings }) => {
    const { multiRegion, logFileValidation, globalServiceEvents, bucket } = settings;
    return [
      `${name} records ${multiRegion ? "every region" : homeRegion}`,
      ...(globalServiceEvents ? [] : ["without global services"]),
      logFileValidation ? "signed" : "not signed",
      `in the bucket ${bucket}`,
      ...(logging ? [] : ["and is OFF"]),
    ].join(", ");
  });
  if (organizationTrail) return ["that of the organization", ...own];
  return own.length > 0 || Object.keys(eventRules).length === 0 ? own : ["none: no alarm can come"];
}

/** Roles that somebody with an AWS identity may assume; those of services are no way in for a person. */
const entrances = ({ roles }: AccountState): { role: RoleState; statement: Statement }[] =>
  Object.values(roles).flatMap((role) =>
    parsePolicyDocument(role.assumeRolePolicyDocument)
      .statements.filter(({ effect, principals }) => effect === "Allow" && (principals === "*" || principals?.AWS))
      .map((statement) => ({ role, statement })),
  );

function entrancesOf(state: AccountState): string[] {
  return entrances(state).map(({ role, statement: { principals, conditions } }) => {
    const who = principals === "*" ? "anybody" : (principals?.AWS ?? []).join(", ");
    const asked = conditionsOf(conditions);
    return `role ${role.name} (${policiesOf(role)}) by ${who}${asked.length > 0 ? ` if ${asked.join(" and ")}` : ""}`;
  });
}

/** With the operator: `BoolIfExists` lets in who has no such key, `Bool` does not. */
const conditionsOf = (conditions: Statement["conditions"]): string[] =>
  Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `${key} ${operator} ${values.join(" or ")}`),
  );

const policiesOf = ({ attachedPolicies, inlinePolicies }: Pick<RoleState, "attachedPolicies" | "inlinePolicies">) =>
  [...attachedPolicies.map((arn) => arn.slice(arn.lastIndexOf("/") + 1)), ...Object.keys(inlinePolicies)].join(", ") ||
  "no policy";

const usersOf = ({ users }: AccountState): string[] =>
  Object.values(users)
    .map((one) => `${one.name} (${policiesOf(one)}, ${count(one.accessKeys.length, "access key")})`)
    .sort();

const secretsOf = ({ secrets }: AccountState): string[] =>
  Object.values(secrets)
    .filter(({ purgedFrom }) => purgedFrom === null)
    .map(({ name, region, kmsKeyId }) => `${name} in ${region}${kmsKeyId === null ? "" : ", under a key of its own"}`);

function passwordsOf({ passwordPolicy }: AccountState): string[] {
  if (passwordPolicy === null) return ["AWS's own rules"];
  const { minimumPasswordLength, passwordReusePrevention, maxPasswordAge } = passwordPolicy;
  const kinds = [
    ...(passwordPolicy.requireLowercaseCharacters ? ["lower case"] : []),
    ...(passwordPolicy.requireUppercaseCharacters ? ["upper case"] : []),
    ...(passwordPolicy.requireNumbers ? ["digits"] : []),
    ...(passwordPolicy.requireSymbols ? ["symbols"] : []),
  ];
  return [
    [
      `${minimumPasswordLength} characters or more`,
      ...(kinds.length > 0 ? [`with ${kinds.join(", ")}`] : []),
      ...(passwordReusePrevention === null ? [] : [`none of the last ${passwordReusePrevention}`]),
      maxPasswordAge === null ? "no end" : `an end after ${maxPasswordAge} days`,
    ].join(", "),
  ];
}

/** What the analyzers find at their next look. */
function analyzersOf({ accessAnalyzer }: Account, { eventRules }: AccountState): string[] {
  const all = accessAnalyzer.list();
  if (all.length === 0) return [];
  const sorted = (names: readonly string[]) => [...new Set(names)].sort();
  const regions = sorted(all.map(({ region }) => region));
  const watched = sorted(Object.values(eventRules).map(({ region }) => region));
  const findings = all.flatMap(({ region, name }) => accessAnalyzer.findings(region, name));
  const of = (status: string) =>
    findings.flatMap((one) =>
      one.status === status ? [`${one.resource.split("/").at(-1)} lets in ${one.principal}`] : [],
    );
  const [expected, open] = [new Set(of("ARCHIVED")), new Set(of("ACTIVE"))];
  return [
    regions.join() === watched.join() && regions.length > FEW_REGIONS
      ? "in all of these regions"
      : `in ${regions.join(", ")}`,
    `${count(expected.size, "expected finding")}`,
    open.size > 0 ? `to be looked at: ${[...open].sort().join(", ")}` : "nothing else is open to others",
  ];
}

const configOf = ({ config }: AccountState): string[] =>
  Object.entries(config).flatMap(([region, { recorder, rules }]) => {
    const checks = Object.values(rules).map(({ name, inputParameters, results }) => {
      const bad = Object.values(results).filter(({ complianceType }) => complianceType === "NON_COMPLIANT").length;
      return `${name}${inputParameters ? ` ${inputParameters}` : ""}${bad > 0 ? `: ${bad} NOT COMPLIANT` : ""}`;
    });
    if (!recorder) return checks;
    const { resourceTypes, allSupported } = recorder.recordingGroup;
    const what = allSupported ? "everything" : resourceTypes.join(", ");
    return [`${recorder.recording ? "records" : "does NOT record"} ${what} in ${region}`, ...checks];
  });

const contactsOf = ({ alternateContacts }: AccountState): string[] =>
  Object.entries(alternateContacts).map(
    ([type, { name, emailAddress }]) => `${type.toLowerCase()}: ${name}, ${emailAddress}`,
  );

// ---- Alarms, tried

/** What ended the same way in several regions, in one row. */
function alarmsOf(results: readonly AlarmResult[]): Alarm[] {
  const all = [...new Set(results.map(({ occurrence }) => occurrence.region))];
  const rows = new Map<string, Omit<Alarm, "where"> & { readonly regions: readonly string[] }>();
  for (const { occurrence, expect, holds, because, paths } of results) {
    const told = [...new Set(paths.flatMap((path) => path.told?.endpoint ?? []))].map(shown).sort();
    const { what, region } = occurrence;
    const row = {
      what,
      regions: [region],
      told,
      wanted: expect,
      good: holds,
      because: holds ? undefined : shown(because),
    };
    const key = JSON.stringify({ ...row, regions: [], because: row.because?.replaceAll(region, "") });
    const same = rows.get(key);
    rows.set(key, same ? { ...same, regions: [...same.regions, region] } : row);
  }
  return [...rows.values()].map(({ regions, ...row }) => ({ ...row, where: regionsText(regions, all) }));
}

/** More regions than these are named by those that are missing. */
const FEW_REGIONS = 4;

function regionsText(regions: readonly string[], all: readonly string[]): string {
  const missing = all.filter((region) => !regions.includes(region));
  if (regions.length <= FEW_REGIONS || missing.length > FEW_REGIONS) return [...regions].sort().join(", ");
  return missing.length === 0
    ? `all ${all.length} regions`
    : `all ${all.length} regions but ${missing.sort().join(", ")}`;
}

/** A row of the table: what happens, where, who hears of it. */
export function alarmRow({ what, where, told, wanted, good, because }: Alarm): readonly [string, string, string] {
  const heard = told.join(", ") || (wanted === "nobody" ? "nobody, as it should be" : "nobody");
  return [what, where, good ? heard : `${heard}; ${because}`];
}

export const ALARM_HEAD = ["What happens", "In", "Who hears of it"] as const;

/** A role's inline policies that give nothing and only take away, as an incident does: their names. */
export const deniedBy = ({ inlinePolicies }: RoleState): string[] =>
  Object.entries(inlinePolicies).flatMap(([name, document]) => {
    const { statements } = parsePolicyDocument(document);
    return statements.length > 0 && statements.every(({ effect }) => effect === "Deny") ? [name] : [];
  });

/** The same in words. */
export function denials(role: RoleState): string[] {
  return deniedBy(role).map((name) => {
    const { statements } = parsePolicyDocument(role.inlinePolicies[name] ?? "");
    const said = statements.map(({ actions, notActions, conditions }) => {
      const what = actions?.join(", ") ?? `everything but ${notActions?.join(", ")}`;
      const when = conditionsOf(conditions);
      return `${what}${when.length > 0 ? ` if ${when.join(" and ")}` : ""}`;
    });
    return `${name} denies ${said.join("; ")}`;
  });
}
