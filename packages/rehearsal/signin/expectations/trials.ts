import type { ConditionalAccessPolicy, NamedLocation } from "../../../local-cloud/cloud/entra/state";
import { type Circumstances, DEVICES, RISKS } from "../chain/circumstances";
import type { AccessDecision } from "../chain/conditional-access";
import type { ConfiguredConditionalAccess } from "./configured-policies";

/** The plain case is what is not said. */
const PLAIN: Circumstances = {
  ...{ client: "browser", location: "elsewhere", device: "none", signInRisk: "none", userRisk: "none" },
  ...{ sessionHours: 0, browserClosed: false },
};

const withoutPlain = (circumstances: Circumstances): Circumstances =>
  Object.fromEntries(
    Object.entries(circumstances).filter(([name, value]) => value !== PLAIN[name as keyof Circumstances]),
  );

/** The plainest circumstances in which policies let somebody in: the company's network, a device of the company's, if they have to be. */
export function plainestWayIn(
  { policies, locations }: Pick<ConfiguredConditionalAccess, "policies" | "locations">,
  decide: (circumstances: Circumstances) => AccessDecision,
): Circumstances {
  const places = ["elsewhere", "trusted", ...policies.flatMap((policy) => placesOf(policy, locations))];
  const ways = DEVICES.flatMap((device) => places.map((location) => withoutPlain({ device, location })));
  const plainest = ways.sort((one, other) => Object.keys(one).length - Object.keys(other).length);
  const come = (outcome: AccessDecision["outcome"]) => plainest.find((way) => decide(way).outcome === outcome);
  return come("granted") ?? come("cannot tell") ?? {};
}

/**
 * Circumstances in which the policies in force make a difference, one for each condition and control, so that a policy that goes
 * missing, or that asks for something else, changes what comes of them.
 * @param usual in which somebody gets in
 */
export function trialsOf(
  { policies, locations }: Pick<ConfiguredConditionalAccess, "policies" | "locations">,
  usual: Circumstances,
): Circumstances[] {
  const enforced = policies.filter(({ state }) => state === "enabled");
  const trials = enforced.flatMap((policy) => {
    const trigger = triggerOf(policy);
    return [
      ...(Object.keys(trigger).length > 0 ? [trigger] : []),
      ...placesOf(policy, locations).map((location) => ({ ...trigger, location })),
      ...devicesOf(policy).map((device) => ({ ...trigger, device })),
      ...agesOf(policy, trigger),
    ];
  });
  const changed = trials.map((trial) => withoutPlain({ ...usual, ...trial }));
  const texts = new Set([usual, ...changed].map((one) => JSON.stringify(Object.entries(one).sort())));
  return [...texts].slice(1).map((text) => Object.fromEntries(JSON.parse(text) as [string, unknown][]));
}

/** How somebody comes whom a policy is for, where it is not for everyone. */
function triggerOf({ conditions }: ConditionalAccessPolicy): Circumstances {
  const highest = (levels: readonly string[]) => [...RISKS].reverse().find((level) => levels.includes(level));
  const signInRisk = highest(conditions.signInRiskLevels);
  const userRisk = highest(conditions.userRiskLevels);
  return {
    ...(conditions.transferMethods?.includes("deviceCodeFlow") ? { client: "device code" as const } : {}),
    ...(conditions.clientAppTypes.includes("other") ? { client: "legacy" as const } : {}),
    ...(signInRisk ? { signInRisk } : {}),
    ...(userRisk ? { userRisk } : {}),
  };
}

/** Where a policy makes a difference: outside, and in what it names. */
function placesOf({ conditions }: ConditionalAccessPolicy, locations: readonly NamedLocation[]): string[] {
  if (!conditions.locations) return [];
  const { includeLocations, excludeLocations } = conditions.locations;
  const named = [...includeLocations, ...excludeLocations].flatMap((id): string[] => {
    if (id === "All" || id === "AllTrusted") return id === "All" ? [] : ["trusted"];
    const location = locations.find((one) => one.id === id);
    if (!location) return [];
    return [
      (location.kind === "ip" ? location.ipRanges[0]?.split("/")[0] : location.countriesAndRegions[0]) ?? [],
    ].flat();
  });
  return ["elsewhere", ...named];
}

const devicesOf = ({ grantControls }: ConditionalAccessPolicy) =>
  grantControls?.builtInControls.some((control) => control === "compliantDevice" || control === "domainJoinedDevice")
    ? DEVICES
    : [];

/** A session that is too old, one that is not, and one whose browser was closed. */
function agesOf(policy: ConditionalAccessPolicy, trigger: Circumstances): Circumstances[] {
  const hours = hoursOf(policy);
  return [
    ...(hours === undefined ? [] : [{ ...trigger, sessionHours: Math.max(hours, 1) }]),
    ...(hours === undefined || hours === 0 ? [] : [{ ...trigger, sessionHours: hours / 2 }]),
    ...(policy.sessionControls?.persistentBrowser === "never"
      ? [{ ...trigger, sessionHours: 1, browserClosed: true }]
      : []),
  ];
}

/** After how many hours a policy asks again; 0 for every time. */
function hoursOf({ sessionControls }: ConditionalAccessPolicy): number | undefined {
  const frequency = sessionControls?.signInFrequency;
  if (!frequency) return undefined;
  if (frequency.frequencyInterval === "everyTime") return 0;
  return (frequency.value ?? 1) * (frequency.type === "days" ? 24 : 1);
}
