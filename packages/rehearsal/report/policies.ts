import { BUILT_IN_STRENGTHS } from "../../local-cloud/cloud/entra/authentication-strengths";
import type {
  ConditionalAccessConditions,
  ConditionalAccessFilter,
  ConditionalAccessPolicy,
} from "../../local-cloud/cloud/entra/state";
import { methodsOfStrength } from "../signin/chain/methods";

/** A Conditional Access policy that reaches an application, in words. */
export interface AccessPolicy {
  readonly name: string;
  readonly state: "on" | "report-only" | "off";
  readonly covers: string;
  /** What must all be the case for it to apply; empty: it applies to every sign-in. */
  readonly when: readonly string[];
  /** What it asks for, or does. */
  readonly asks: string;
  /** Methods that are enough, where it asks for a strength. */
  readonly methods: readonly string[];
  /** Whether nobody passes it who has a password alone. */
  readonly asksForMore: boolean;
  readonly leavesOut: readonly string[];
  /** Groups that are left out, any number of people each: "members of Emergency". */
  readonly leavesOutGroups: readonly string[];
  /** How it reaches applications: "by name", "every application", or the rule of its filter. */
  readonly reach: string;
}

/** Everybody whom a policy leaves out. */
export const leftOut = ({ leavesOut, leavesOutGroups }: AccessPolicy): string =>
  [...leavesOut, ...leavesOutGroups].join(", ") || "nobody";

/** Asks at every sign-in for more than a password, if it is on. */
export const isFactor = ({ when, asksForMore }: AccessPolicy): boolean => asksForMore && when.length === 0;

const STATES: Readonly<Record<string, AccessPolicy["state"]>> = {
  enabled: "on",
  enabledForReportingButNotEnforced: "report-only",
};

/** @param names display names of users, groups, locations and strengths, by id */
export function describePolicy(policy: ConditionalAccessPolicy, names: ReadonlyMap<string, string>): AccessPolicy {
  const { includeUsers, includeGroups, includeRoles, excludeUsers, excludeGroups } = policy.conditions.users;
  const named = (ids: readonly string[]) => ids.map((id) => names.get(id) ?? id).sort();
  const covered = [...named([...includeUsers, ...includeGroups]), ...includeRoles.map((id) => `directory role ${id}`)];
  const controls = policy.grantControls?.builtInControls ?? [];
  const strength = policy.grantControls?.authenticationStrength ?? null;
  return {
    name: policy.displayName,
    state: STATES[policy.state] ?? "off",
    covers: includeUsers.includes("All") ? "everyone" : covered.join(", "),
    when: whenOf(policy.conditions, named),
    asks: [...grantOf(policy, names), ...sessionOf(policy)].join(", ") || "nothing",
    methods: (strength === null ? undefined : methodsOfStrength(strength)) ?? [],
    asksForMore: strength !== null || controls.includes("mfa") || controls.includes("block"),
    leavesOut: named(excludeUsers),
    leavesOutGroups: named(excludeGroups).map((name) => `members of ${name}`),
    reach: reachOf(policy.conditions.applications),
  };
}

const either = (words: readonly string[]): string => words.join(" or ");

const CLIENTS: Readonly<Record<string, string>> = {
  browser: "browsers",
  mobileAppsAndDesktopClients: "apps",
  exchangeActiveSync: "Exchange ActiveSync",
  other: "legacy clients",
};
const FLOWS: Readonly<Record<string, string>> = {
  deviceCodeFlow: "device code flow",
  authenticationTransfer: "authentication transfer",
};
const PLACES: Readonly<Record<string, string>> = { All: "anywhere", AllTrusted: "trusted locations" };

function whenOf(conditions: ConditionalAccessConditions, named: (ids: readonly string[]) => string[]): string[] {
  const { clientAppTypes, transferMethods, locations, deviceFilter, platforms } = conditions;
  const { signInRiskLevels, userRiskLevels, servicePrincipalRiskLevels, insiderRiskLevels } = conditions;
  const places = (ids: readonly string[]) => either(named(ids).map((name) => PLACES[name] ?? name));
  const risks = Object.entries({
    "sign-in": signInRiskLevels,
    user: userRiskLevels,
    "service principal": servicePrincipalRiskLevels,
    insider: insiderRiskLevels === null ? [] : [insiderRiskLevels],
  });
  return [
    ...(clientAppTypes.includes("all") ? [] : [either(clientAppTypes.map((type) => CLIENTS[type] ?? type))]),
    ...(transferMethods ? [either(transferMethods.split(",").map((flow) => FLOWS[flow] ?? flow))] : []),
    ...(locations ? [placeOf(places(locations.includeLocations), places(locations.excludeLocations))] : []),
    ...(platforms ? [`platform ${either(platforms.includePlatforms)}`] : []),
    ...(platforms?.excludePlatforms.length ? [`not platform ${either(platforms.excludePlatforms)}`] : []),
    ...(deviceFilter ? [`device: ${ruleOf(deviceFilter)}`] : []),
    ...(conditions.clientApplications ? ["workload identities"] : []),
    ...risks.flatMap(([what, levels]) => (levels.length > 0 ? [`${what} risk ${either(levels)}`] : [])),
  ];
}

function placeOf(from: string, butFrom: string): string {
  if (butFrom === "") return `from ${from}`;
  return from === "anywhere" ? `from outside ${butFrom}` : `from ${from}, outside ${butFrom}`;
}

const CONTROLS: Readonly<Record<string, string>> = {
  block: "blocks",
  mfa: "MFA",
  compliantDevice: "a compliant device",
  domainJoinedDevice: "a hybrid joined device",
  passwordChange: "a new password",
};

function grantOf({ grantControls }: ConditionalAccessPolicy, names: ReadonlyMap<string, string>): string[] {
  if (!grantControls) return [];
  const { operator, builtInControls, authenticationStrength, termsOfUse, customAuthenticationFactors } = grantControls;
  const asked = [
    ...builtInControls.map((control) => CONTROLS[control] ?? control),
    ...(authenticationStrength === null ? [] : [strengthOf(authenticationStrength, names)]),
    ...termsOfUse.map((id) => `terms of use ${id}`),
    ...customAuthenticationFactors,
  ];
  return asked.length > 0 ? [asked.join(` ${operator.toLowerCase()} `)] : [];
}

const strengthOf = (id: string, names: ReadonlyMap<string, string>): string =>
  BUILT_IN_STRENGTHS[id]?.displayName ?? names.get(id) ?? `strength ${id}`;

function sessionOf({ sessionControls }: ConditionalAccessPolicy): string[] {
  if (!sessionControls) return [];
  const { signInFrequency, cloudAppSecurity, persistentBrowser } = sessionControls;
  const again = signInFrequency && frequencyOf(signInFrequency);
  return [
    ...(again ? [again] : []),
    ...(cloudAppSecurity ? [`Defender for Cloud Apps (${cloudAppSecurity})`] : []),
    ...(persistentBrowser ? [`browser ${persistentBrowser} stays signed in`] : []),
    ...(sessionControls.applicationEnforcedRestrictions ? ["restrictions of the application"] : []),
    ...(sessionControls.disableResilienceDefaults ? ["no resilience defaults"] : []),
  ];
}

type Frequency = NonNullable<NonNullable<ConditionalAccessPolicy["sessionControls"]>["signInFrequency"]>;

const frequencyOf = ({ value, type, frequencyInterval }: Frequency): string =>
  frequencyInterval === "everyTime" ? "a new sign-in every time" : `a new sign-in after ${value} ${type}`;

function reachOf({ includeApplications, applicationFilter }: ConditionalAccessConditions["applications"]): string {
  if (applicationFilter) return ruleOf(applicationFilter);
  return includeApplications.includes("All") ? "every application" : "by name";
}

/** `AwsFederation PolicySet is "recommended"`, where the rule asks for just that. */
const ruleOf = ({ mode, rule }: ConditionalAccessFilter): string =>
  `${mode === "exclude" ? "not " : ""}${rule.replace(/^CustomSecurityAttribute\.(\w+?)_(\w+) -eq ("[^"]*")$/i, "$1 $2 is $3")}`;
