import type { ConditionalAccessPolicy } from "../../../local-cloud/cloud/entra/state";
import { type Circumstances, inHours } from "./circumstances";
import { Doubt } from "./conditions";
import { METHODS, type Method, type Mfa, methodsOfCombinations } from "./methods";
import type { Refusal } from "./verdict";

/** What somebody shows who comes. */
export interface Shown extends Circumstances {
  readonly mfa: Mfa;
}

/** One thing that a policy asks for before it lets somebody in. */
export interface Control {
  /** Place in the order in which Entra asks. */
  readonly order: number;
  readonly met: boolean | Doubt;
  readonly refusal: Refusal;
  /** "a second factor". */
  readonly asks: string;
  /** Methods that meet it; only of those that ask for a factor. */
  readonly accepts?: readonly Method[];
}

/** What a policy grants access for; "block" grants none. */
export type Grant = "block" | { readonly all: boolean; readonly controls: readonly Control[] } | Doubt;

/**
 * Grant controls, in the order of "Phase 2: Enforcement":
 * https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-policies
 */
export function grantOf(
  { grantControls }: ConditionalAccessPolicy,
  shown: Shown,
  combinationsOf: (strength: string) => readonly string[] | undefined,
): Grant {
  if (!grantControls) return { all: true, controls: [] };
  const { operator, builtInControls, customAuthenticationFactors, termsOfUse, authenticationStrength } = grantControls;
  if (builtInControls.includes("block")) return "block";
  if (operator !== "OR" && operator !== "AND") return new Doubt(`the operator ${operator}`);
  const unknown = [...termsOfUse, ...customAuthenticationFactors].map(
    (id): Control => ({ order: 7, met: unevaluated(id), refusal: "blocked", asks: id }),
  );
  const controls = [
    ...builtInControls.map((control) => controlOf(control, shown)),
    ...(authenticationStrength === null ? [] : [strengthOf(authenticationStrength, shown, combinationsOf)]),
    ...unknown,
  ];
  return {
    all: operator === "AND",
    controls: controls.map((control) => (isLegacy(shown) ? unable(control) : control)),
  };
}

const isLegacy = ({ client }: Circumstances): boolean => client === "legacy";

/**
 * "don't support multifactor authentication (MFA) and don't pass device state information, so they are blocked by Conditional Access
 * grant controls": https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-conditions#client-apps
 */
const unable = (control: Control): Control => ({ ...control, met: false, refusal: "blocked" });

const unevaluated = (control: string) => new Doubt(`the control ${control}, which is not evaluated here`);

// Assumption signin-control-codes, never checked: A device that is asked for and not shown is refused with AADSTS53000 or AADSTS53001,
// another password that is asked for with AADSTS50135, a factor that is too old with AADSTS50078, a session that ended with the browser with
// AADSTS50058; in a browser Entra asks at once instead of refusing, where the person can answer.
function controlOf(control: string, shown: Shown): Control {
  const { device = "none", client } = shown;
  // Device state cannot be told in a device code flow: https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-grant#require-microsoft-entra-hybrid-joined-device
  const known = client === "device code" ? "none" : device;
  switch (control) {
    case "mfa":
      return factor(METHODS, "a second factor", shown);
    case "compliantDevice":
      return { order: 2, met: known === "compliant", refusal: "deviceNotCompliant", asks: "a compliant device" };
    case "domainJoinedDevice":
      return { order: 3, met: known === "hybridJoined", refusal: "deviceNotJoined", asks: "a hybrid joined device" };
    case "passwordChange":
      // Whoever changed the password comes back without the risk.
      return { order: 6, met: false, refusal: "passwordChange", asks: "another password" };
    default:
      return { order: 4, met: unevaluated(control), refusal: "blocked", asks: control };
  }
}

function strengthOf(
  strength: string,
  shown: Shown,
  combinationsOf: (strength: string) => readonly string[] | undefined,
): Control {
  const combinations = combinationsOf(strength) ?? [];
  const accepts = methodsOfCombinations(combinations);
  if (accepts.length > 0) return factor(accepts, accepts.join(", "), shown);
  const unknown = combinations.length > 0 ? "of which no method is modelled here" : UNKNOWN_STRENGTH;
  const met = new Doubt(`the authentication strength ${strength}, ${unknown}`);
  return { order: 1, met, refusal: "blocked", asks: `the strength ${strength}` };
}

/** One that exists and no stack of this configuration makes. */
const UNKNOWN_STRENGTH =
  "of which nothing here says what it accepts; name its combinations in stacks/rehearsal.seed.json";

/** Which code says that a method is not strong enough: assumption signin-strength-code. */
function factor(accepts: readonly Method[], asks: string, { mfa }: Shown): Control {
  const met = accepts.some((method) => method === mfa);
  return { order: 1, met, refusal: mfa === "none" ? "mfaRequired" : "blocked", asks, accepts };
}

/** What the session controls of the policies that apply do to a session, and whether they end the one that the browser remembers. */
export interface SessionControls {
  /** "through Defender for Cloud Apps (blockDownloads)". */
  readonly words: readonly string[];
  readonly ended?: { readonly refusal: Refusal; readonly because: string };
}

const EVERY_TIME_HOURS = 5 / 60;

/**
 * Session controls: https://learn.microsoft.com/entra/identity/conditional-access/concept-session-lifetime. The shortest frequency wins.
 * Application enforced restrictions are for Exchange and SharePoint, resilience defaults for an outage of Entra: neither changes a sign-in to AWS
 * (https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-session).
 */
export function sessionOf(
  policies: readonly ConditionalAccessPolicy[],
  { sessionHours = 0, browserClosed = false }: Circumstances,
): SessionControls {
  const controls = policies.flatMap(({ sessionControls }) => sessionControls ?? []);
  const frequencies = controls.flatMap(({ signInFrequency }) => (signInFrequency ? [hoursOf(signInFrequency)] : []));
  const shortest = Math.min(...frequencies);
  const never = controls.some(({ persistentBrowser }) => persistentBrowser === "never");
  const proxied = [...new Set(controls.flatMap(({ cloudAppSecurity }) => cloudAppSecurity ?? []))].sort();
  const again = shortest === EVERY_TIME_HOURS ? "every time" : `after ${inHours(shortest)}`;
  const words = [
    ...proxied.map((control) => `through Defender for Cloud Apps (${control})`),
    ...(frequencies.length > 0 ? [`asked again ${again}`] : []),
    ...(never ? ["not remembered when the browser is closed"] : []),
  ];
  if (sessionHours > 0 && browserClosed && never)
    return { words, ended: { refusal: "noSession", because: "the browser was closed and keeps no session" } };
  if (sessionHours > 0 && sessionHours >= shortest) {
    const because = `the factor was shown ${inHours(sessionHours)} ago and is asked for again ${again}`;
    return { words, ended: { refusal: "factorExpired", because } };
  }
  return { words };
}

type Frequency = NonNullable<NonNullable<ConditionalAccessPolicy["sessionControls"]>["signInFrequency"]>;

/** "Every time" allows for five minutes: https://learn.microsoft.com/entra/identity/conditional-access/concept-session-lifetime#require-reauthentication-every-time */
function hoursOf({ frequencyInterval, type, value }: Frequency): number {
  if (frequencyInterval === "everyTime") return EVERY_TIME_HOURS;
  return (value ?? Number.POSITIVE_INFINITY) * (type === "days" ? 24 : 1);
}
