import { isIP } from "node:net";
import { type Comparison, type Rule, readRule, UnreadableRule } from "../../../local-cloud/cloud/entra/filter-rule";
import { covers } from "../../../local-cloud/cloud/entra/named-locations";
import type { AttributeValues } from "../../../local-cloud/cloud/entra/security-attributes";
import type { ConditionalAccessConditions, NamedLocation } from "../../../local-cloud/cloud/entra/state";
import type { Circumstances, Client } from "./circumstances";

/** Something in a policy that is not modelled here: what it would do, nobody can tell. */
export class Doubt {
  constructor(readonly because: string) {}
}
export type Answer = boolean | Doubt;

/** Who comes, to what, and how. */
export interface Visitor extends Circumstances {
  readonly userId: string;
  /** Groups that the person is in, directly or through others. */
  readonly groups: ReadonlySet<string>;
  /** Application (client) ID. */
  readonly appId: string;
  /** Custom security attributes of the enterprise application. */
  readonly attributes: AttributeValues;
}

/** All have to hold: "logically ANDed" (https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-policies). */
const every = (answers: readonly Answer[]): Answer =>
  answers.includes(false) ? false : (answers.find((answer) => answer instanceof Doubt) ?? true);
const some = (answers: readonly Answer[]): Answer =>
  answers.includes(true) ? true : (answers.find((answer) => answer instanceof Doubt) ?? false);
const opposite = (answer: Answer): Answer => (answer instanceof Doubt ? answer : !answer);

/** Whether a policy applies: https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-conditions */
export function applies(
  conditions: ConditionalAccessConditions,
  visitor: Visitor,
  locations: readonly NamedLocation[],
): Answer {
  const { client = "browser", signInRisk = "none", userRisk = "none" } = visitor;
  return every([
    includesUser(conditions.users, visitor),
    reaches(conditions.applications, visitor),
    conditions.clientAppTypes.some((type) => type === "all" || type === CLIENT_APP_TYPES[client]),
    // The session of a device code sign-in stays tracked, whatever application it goes on to: https://learn.microsoft.com/entra/identity/conditional-access/concept-authentication-flows
    conditions.transferMethods === null ||
      (client === "device code" && conditions.transferMethods.split(",").includes("deviceCodeFlow")),
    conditions.locations === null || inScope(conditions.locations, visitor.location ?? "elsewhere", locations),
    conditions.signInRiskLevels.length === 0 || conditions.signInRiskLevels.includes(signInRisk),
    conditions.userRiskLevels.length === 0 || conditions.userRiskLevels.includes(userRisk),
    ...unmodelled(conditions),
  ]);
}

// Assumption signin-device-code-client, never checked: A device code sign-in counts as a mobile app or desktop client, and its session goes
// on to the AWS application.
/**
 * A SAML sign-in happens in a browser, basic authentication is "other clients":
 * https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-conditions#client-apps
 * (device code: assumption signin-device-code-client).
 */
const CLIENT_APP_TYPES: Readonly<Record<Client, string>> = {
  browser: "browser",
  legacy: "other",
  "device code": "mobileAppsAndDesktopClients",
};

/** In scope "unless explicitly excluded": https://learn.microsoft.com/graph/api/resources/conditionalaccessusers */
function includesUser(users: ConditionalAccessConditions["users"], { userId, groups }: Visitor): Answer {
  const member = (ids: readonly string[]) => ids.some((id) => groups.has(id));
  if (users.excludeUsers.includes(userId) || member(users.excludeGroups)) return false;
  const kinds = (ids: readonly string[], roles: readonly string[], guests: unknown) =>
    ids.includes("GuestsOrExternalUsers") || roles.length > 0 || guests !== null;
  if (kinds(users.excludeUsers, users.excludeRoles, users.excludeGuestsOrExternalUsers)) {
    return new Doubt("an exclusion by directory role or kind of guest, which is not evaluated here");
  }
  if (users.includeUsers.includes("All") || users.includeUsers.includes(userId) || member(users.includeGroups))
    return true;
  return kinds(users.includeUsers, users.includeRoles, users.includeGuestsOrExternalUsers)
    ? new Doubt("an inclusion by directory role or kind of guest, which is not evaluated here")
    : false;
}

/** Whether a policy is for an application. */
export function reaches(
  { includeApplications, excludeApplications, applicationFilter: filter }: ConditionalAccessConditions["applications"],
  { appId, attributes }: Pick<Visitor, "appId" | "attributes">,
): Answer {
  const named = (ids: readonly string[]) => ids.some((id) => id.toLowerCase() === appId.toLowerCase());
  if (named(excludeApplications)) return false;
  const everything = includeApplications.includes("All");
  if (!filter) return everything || named(includeApplications);
  const matches = holds(filter.rule, attributes);
  if (filter.mode === "exclude") return every([everything || named(includeApplications), opposite(matches)]);
  // No page says whether a filter that includes narrows "All" or adds to it.
  const beside = everything
    ? new Doubt('a filter that includes applications beside "All", of which no page says what it covers')
    : named(includeApplications);
  return some([matches, beside]);
}

/** "Filters for applications are evaluated at token issuance": https://learn.microsoft.com/entra/identity/conditional-access/concept-filter-for-applications */
function holds(rule: string, attributes: AttributeValues): Answer {
  try {
    return judge(readRule(rule), attributes);
  } catch (error) {
    if (error instanceof UnreadableRule)
      return new Doubt(`the rule ${rule}, which is not evaluated here: ${error.message}`);
    throw error;
  }
}

function judge(rule: Rule, attributes: AttributeValues): Answer {
  if ("compare" in rule) return compare(rule.compare, attributes);
  if ("not" in rule) return opposite(judge(rule.not, attributes));
  return "all" in rule
    ? every(rule.all.map((one) => judge(one, attributes)))
    : some(rule.any.map((one) => judge(one, attributes)));
}

function compare({ attribute, operator, value: wanted }: Comparison, attributes: AttributeValues): Answer {
  // Neither name can have a "_" of its own (limits of custom security attributes).
  const [set = "", name = ""] = attribute.split("_");
  const value = attributes[set]?.[name];
  const negative = operator === "-ne" || operator === "-notContains" || operator === "-notStartsWith";
  if (value === undefined || value === null)
    return negative ? new Doubt(`${operator} for ${attribute}, which the application does not have`) : false;
  if (Array.isArray(value)) {
    if (operator !== "-contains" && operator !== "-notContains")
      return new Doubt(`${operator} for ${attribute}, which has several values`);
    return value.includes(wanted) !== negative;
  }
  const text = String(value);
  const test = (one: string, other: string) =>
    operator === "-eq" || operator === "-ne"
      ? one === other
      : operator === "-contains" || operator === "-notContains"
        ? one.includes(other)
        : one.startsWith(other);
  const met = test(text, wanted);
  // Values differ by case in Graph's queries; no page says whether a rule sees the difference.
  if (!met && test(text.toLowerCase(), wanted.toLowerCase()))
    return new Doubt(`${attribute} "${text}", which differs from "${wanted}" by case alone`);
  return met !== negative;
}

/** https://learn.microsoft.com/entra/identity/conditional-access/concept-assignment-network */
function inScope(
  { includeLocations, excludeLocations }: NonNullable<ConditionalAccessConditions["locations"]>,
  where: string,
  locations: readonly NamedLocation[],
): Answer {
  const within = (ids: readonly string[]) => some(ids.map((id) => isAt(id, where, locations)));
  return every([within(includeLocations), opposite(within(excludeLocations))]);
}

function isAt(id: string, where: string, locations: readonly NamedLocation[]): Answer {
  if (id === "All") return true;
  // Assumption signin-mfa-trusted-ips, never checked: The trusted IPs of the old MFA service settings, which AllTrusted includes, are empty.
  if (id === "AllTrusted")
    return some(locations.filter((one) => one.kind === "ip" && one.isTrusted).map((one) => lies(where, one)));
  const location = locations.find((one) => one.id === id);
  return location ? lies(where, location) : false;
}

function lies(where: string, location: NamedLocation): Answer {
  if (where === "elsewhere") return false;
  if (location.kind === "ip") {
    if (where === "trusted") return location.isTrusted;
    return isIP(where) > 0 && covers(location.ipRanges, where);
  }
  if (location.countryLookupMethod !== "clientIpAddress") return new Doubt("a location by the Authenticator's GPS");
  if (where === "trusted" || isIP(where) > 0) return new Doubt(`a country, and ${where} is not known to be in one`);
  return location.countriesAndRegions.includes(where);
}

function unmodelled(conditions: ConditionalAccessConditions): Doubt[] {
  const { clientApplications, deviceFilter, platforms, insiderRiskLevels, servicePrincipalRiskLevels } = conditions;
  const present = {
    "workload identities": clientApplications,
    "a device filter": deviceFilter,
    "device platforms": platforms,
    "insider risk": insiderRiskLevels,
    "service principal risk": servicePrincipalRiskLevels.length > 0 || null,
  };
  return Object.entries(present).flatMap(([name, value]) =>
    value === null ? [] : [new Doubt(`a condition on ${name}, which is not evaluated here`)],
  );
}
