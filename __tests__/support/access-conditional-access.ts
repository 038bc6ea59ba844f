import { asBlock, asBody, leftOf, list, nameOf, type Stack, unread } from "./access-stack";
import type { Block, Body } from "./stack-json";

/** What people must show and where they must be, policy by policy, and what the policies speak of. */
export function conditionalAccessLines(stack: Stack): string[] {
  return [
    ...policyLines(stack),
    ...exclusionLines(stack),
    ...attributeLines(stack),
    ...strengthLines(stack),
    ...locationLines(stack),
  ];
}

const STATES: Readonly<Record<string, string>> = {
  enabled: "on",
  enabledForReportingButNotEnforced: "report-only, asks nobody for anything",
  disabled: "off",
};

/** One line a policy: who entering what, under which conditions, must show what. */
function policyLines(stack: Stack): string[] {
  const policies = stack.of("azuread_conditional_access_policy");
  if (policies.length === 0) {
    return stack.of("azuread_service_principal").length > 0 ? ["Conditional Access: this stack has no policy"] : [];
  }
  return policies.flatMap(({ address, body }) => {
    const state = String(body["state"]);
    const { words: conditions, rest: otherConditions } = conditionsOf(stack, body);
    const { words: controls, rest: otherControls } = controlsOf(stack, body);
    return [
      `Conditional Access "${body["display_name"]}" is ${STATES[state] ?? state}: ${conditions} ${controls || "is asked for nothing"}`,
      ...unread(address, { ...otherConditions, ...otherControls }, []),
    ];
  });
}

/** What could be said, and what is left of the blocks. */
interface Said {
  readonly words: string;
  readonly rest: Body;
}

function conditionsOf(stack: Stack, policy: Body): Said {
  const { applications, users, client_app_types, locations, devices, ...conditions } = asBlock(policy["conditions"]);
  const { authentication_flow_transfer_methods, sign_in_risk_levels, user_risk_levels, ...others } = conditions;
  const { included_applications, excluded_applications, filter, ...otherApplications } = asBlock(applications);
  const {
    included_users,
    included_groups,
    included_roles,
    excluded_users: _,
    excluded_groups: __,
    ...otherUsers
  } = asBlock(users);
  const { included_locations, excluded_locations, ...otherLocations } = asBlock(locations);
  const { filter: deviceFilter, ...otherDevices } = asBlock(devices);
  const named = (objects: unknown) => list(objects).map((id) => nameOf(stack, id));
  const who = [
    ...named(included_users).map((name) => (name === "All" ? "everyone" : name)),
    ...named(included_groups),
    ...named(included_roles).map((role) => `directory role ${role}`),
  ];
  const what = [
    ...named(included_applications).map((name) => (name === "All" ? "any application" : name)),
    ...list(filter).map((one) => filtered("applications", one)),
  ];
  const clients = list(client_app_types);
  const flows = list(authentication_flow_transfer_methods);
  const [signInRisk, userRisk] = [list(sign_in_risk_levels), list(user_risk_levels)];
  const [from, butFrom] = [placesOf(stack, included_locations), placesOf(stack, excluded_locations)];
  const words = [
    `${who.join(", ") || "nobody"} entering ${what.join(", ")}`,
    ...but(named(excluded_applications)),
    ...(clients.join() === "all" ? [] : [`with ${clients.join(", ")} client apps`]),
    ...(flows.length > 0 ? [`by ${flows.join(" or ")}`] : []),
    ...(from.length + butFrom.length > 0 ? [`from ${from.join(", ") || "no location"}`, ...but(butFrom)] : []),
    ...list(deviceFilter).map((one) => `on ${filtered("devices", one)}`),
    ...(signInRisk.length > 0 ? [`at sign-in risk ${signInRisk.join(" or ")}`] : []),
    ...(userRisk.length > 0 ? [`at user risk ${userRisk.join(" or ")}`] : []),
  ];
  const left = { applications: otherApplications, users: otherUsers, locations: otherLocations, devices: otherDevices };
  return { words: words.join(" "), rest: { ...others, ...leftOf(left) } };
}

const but = (names: readonly string[]): string[] => (names.length > 0 ? [`but ${names.join(", ")}`] : []);

/** An attribute's value where the rule asks for just that; any other rule as it is. */
function filtered(what: string, filter: unknown): string {
  const { mode, rule } = asBody(filter);
  const words = String(rule).replace(/^CustomSecurityAttribute\.(\w+?)_(\w+) -eq ("[^"]*")$/, "$1 $2 is $3");
  const scope = mode === "include" ? "where" : mode === "exclude" ? "but those where" : `(${mode}) where`;
  return `${what} ${scope} ${words}`;
}

const PLACES: Readonly<Record<string, string>> = { All: "anywhere", AllTrusted: "trusted locations" };

const placesOf = (stack: Stack, locations: unknown): string[] =>
  list(locations).map((location) => PLACES[String(location)] ?? nameOf(stack, location));

/** https://learn.microsoft.com/graph/api/resources/conditionalaccessgrantcontrols */
const CONTROLS: Readonly<Record<string, string>> = {
  compliantDevice: "a compliant device",
  domainJoinedDevice: "a hybrid joined device",
  passwordChange: "a changed password",
};

// https://learn.microsoft.com/graph/api/authenticationstrengthroot-list-policies
const STRENGTHS: Readonly<Record<string, string>> = {
  "00000000-0000-0000-0000-000000000002": "mfa",
  "00000000-0000-0000-0000-000000000003": "passwordless",
  "00000000-0000-0000-0000-000000000004": "phishing-resistant",
};

function controlsOf(stack: Stack, policy: Body): Said {
  const { operator, built_in_controls, authentication_strength_policy_id, ...otherGrants } = asBlock(
    policy["grant_controls"],
  );
  const { words: session, rest: otherSessions } = sessionOf(policy);
  const builtIn = list(built_in_controls).map(String);
  const strength = list(authentication_strength_policy_id).map((id) => `strength ${strengthName(stack, id)}`);
  const shown = [...builtIn.map((control) => CONTROLS[control] ?? control), ...strength];
  const grant =
    builtIn.join() === "block" && strength.length === 0 ? "is blocked" : `must show ${shown.join(` ${operator} `)}`;
  return {
    words: [...(shown.length > 0 ? [grant] : []), ...session].join(", "),
    rest: leftOf({ grant_controls: otherGrants, session_controls: otherSessions }),
  };
}

function strengthName(stack: Stack, id: unknown): string {
  const name = nameOf(stack, id);
  return STRENGTHS[name.split("/").at(-1) ?? ""] ?? name;
}

function sessionOf(policy: Body): { readonly words: readonly string[]; readonly rest: Body } {
  const { cloud_app_security_policy, persistent_browser_mode, ...frequency } = asBlock(policy["session_controls"]);
  const { sign_in_frequency, sign_in_frequency_period, sign_in_frequency_interval, ...rest } = frequency;
  const { words: signIn, rest: unsaid } = frequencyOf({
    sign_in_frequency,
    sign_in_frequency_period,
    sign_in_frequency_interval,
  });
  return {
    words: [
      ...signIn,
      ...list(cloud_app_security_policy).map((mode) => `goes through Defender for Cloud Apps (${mode})`),
      ...list(persistent_browser_mode).map((mode) => `is ${mode} kept signed in by the browser`),
    ],
    rest: { ...rest, ...unsaid },
  };
}

/** Only what belongs together has words: a number and its period, or "everyTime" without either. */
function frequencyOf(frequency: Body): { readonly words: readonly string[]; readonly rest: Body } {
  const { sign_in_frequency, sign_in_frequency_period, sign_in_frequency_interval } = frequency;
  const timed = sign_in_frequency !== undefined && sign_in_frequency_period !== undefined;
  if (timed && (sign_in_frequency_interval ?? "timeBased") === "timeBased")
    return { words: [`must sign in again after ${sign_in_frequency} ${sign_in_frequency_period}`], rest: {} };
  if (
    sign_in_frequency_interval === "everyTime" &&
    sign_in_frequency === undefined &&
    sign_in_frequency_period === undefined
  )
    return { words: ["must sign in every time"], rest: {} };
  return { words: [], rest: frequency };
}

/** One line where all policies leave out the same, as they should; else one for each policy. */
function exclusionLines(stack: Stack): string[] {
  const policies = stack.of("azuread_conditional_access_policy").map(({ body }) => {
    const { excluded_users, excluded_groups } = asBlock(asBlock(body["conditions"])["users"]);
    const names = [
      ...list(excluded_users).map((id) => nameOf(stack, id)),
      ...list(excluded_groups).map((id) => `members of ${nameOf(stack, id)}`),
    ];
    return { name: body["display_name"], leftOut: names.join(", ") || "nobody" };
  });
  const [first] = policies;
  if (first && policies.every(({ leftOut }) => leftOut === first.leftOut))
    return [`Conditional Access leaves out ${first.leftOut}`];
  return policies.map(({ name, leftOut }) => `Conditional Access "${name}" leaves out ${leftOut}`);
}

/** Attributes that applications carry for a filter of policies that stand elsewhere. */
function attributeLines(stack: Stack): string[] {
  return stack
    .of("msgraph_update_resource")
    .filter(onlySetsAttributes)
    .flatMap(({ body }) => {
      const target = String(body["url"]).replace(/^servicePrincipals\//, "");
      const application = `application "${nameOf(stack, target)}"`;
      return Object.entries(asBody(asBody(body["body"])["customSecurityAttributes"])).flatMap(([set, attributes]) =>
        Object.entries(attributesIn(attributes))
          .filter(([name]) => !name.includes("@odata.type"))
          .map(
            ([name, value]) =>
              `${application} carries ${set} ${name} ${JSON.stringify(value)}: policies that filter by it reach it`,
          ),
      );
    });
}

/** Whether a call to Graph gives a service principal custom security attributes, and does nothing else. */
export function onlySetsAttributes({ body }: Block): boolean {
  const { customSecurityAttributes, ...more } = asBody(body["body"]);
  const sets = Object.values(asBody(customSecurityAttributes));
  return (
    String(body["url"]).startsWith("servicePrincipals/") &&
    Object.keys(more).length === 0 &&
    sets.length > 0 &&
    sets.every((set) => Object.keys(attributesIn(set)).length > 0)
  );
}

/** An object, or the map that the stack writes: `${tomap({"PolicySet" = "recommended"})}`. Another expression has none that can be told. */
function attributesIn(set: unknown): Body {
  if (typeof set !== "string") return asBody(set);
  const [, pairs] = /^\$\{tomap\(\{((?:"[^"]+" = "[^"$]*"(?:, )?)+)\}\)\}$/.exec(set) ?? [];
  return Object.fromEntries(
    [...(pairs ?? "").matchAll(/"([^"]+)" = "([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );
}

function strengthLines(stack: Stack): string[] {
  return stack
    .of("azuread_authentication_strength_policy")
    .map(({ body }) => `strength ${body["display_name"]}: ${list(body["allowed_combinations"]).join(" or ")}`);
}

function locationLines(stack: Stack): string[] {
  return stack.of("azuread_named_location").flatMap(({ address, body }) => {
    const { ip_ranges, trusted, ...otherIp } = asBlock(body["ip"]);
    const {
      countries_and_regions,
      include_unknown_countries_and_regions: unknown,
      ...otherCountry
    } = asBlock(body["country"]);
    const places = [...list(ip_ranges), ...list(countries_and_regions).map((country) => `country ${country}`)];
    return [
      `location ${body["display_name"]}${mark("trusted", trusted)}: ${places.join(", ")}${mark("and unknown countries", unknown)}`,
      ...unread(address, leftOf({ ip: otherIp, country: otherCountry }), []),
    ];
  });
}

const mark = (words: string, on: unknown): string => (on === true ? ` (${words})` : on ? ` (${words}: ${on})` : "");
