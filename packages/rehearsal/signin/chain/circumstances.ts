import { isIP } from "node:net";

/** How the sign-in is made: a browser; a client that knows passwords alone (POP, IMAP, SMTP, old Office); a code typed in on another device. */
export const CLIENTS = ["browser", "legacy", "device code"] as const;
export type Client = (typeof CLIENTS)[number];

/** What Entra knows of the device: nothing; compliant in Intune; joined to the domain and to Entra. */
export const DEVICES = ["none", "compliant", "hybridJoined"] as const;
export type Device = (typeof DEVICES)[number];

/** Risk as ID Protection sees it: of this sign-in, or of the person. */
export const RISKS = ["none", "low", "medium", "high"] as const;
export type Risk = (typeof RISKS)[number];

/** How a person comes, beside what the person shows; what is left out is the plain case. */
export interface Circumstances {
  /** @default "browser" */
  readonly client?: Client;
  /**
   * `trusted`: a network that every named location marked as trusted covers; `elsewhere`: one that no named location covers; an IP
   * address; or two letters for a country without a network that is named.
   * @default "elsewhere"
   */
  readonly location?: string;
  /** @default "none" */
  readonly device?: Device;
  /** @default "none" */
  readonly signInRisk?: Risk;
  /** @default "none" */
  readonly userRisk?: Risk;
  /** The person signed in, and showed the factor, so many hours ago, in a browser that remembers it. @default 0 - just now */
  readonly sessionHours?: number;
  /** The browser was closed since. @default false */
  readonly browserClosed?: boolean;
}

/** Something that no circumstances can be read from. */
export class WrongCircumstances extends Error {
  constructor(
    /** Without the name of what it is about. */
    readonly problem: string,
    readonly about?: keyof Circumstances,
  ) {
    super([about, problem].filter(Boolean).join(" "));
  }
}

const oneOf =
  (...allowed: readonly string[]) =>
  (value: unknown): string | undefined =>
    typeof value === "string" && allowed.includes(value) ? undefined : `is none of ${allowed.join(", ")}`;

const RULES: Readonly<Record<keyof Circumstances, (value: unknown) => string | undefined>> = {
  client: oneOf(...CLIENTS),
  location: (value) =>
    typeof value === "string" && (/^(trusted|elsewhere|[A-Z]{2})$/.test(value) || isIP(value) > 0)
      ? undefined
      : "is none of trusted, elsewhere, an IP address, a country in two letters",
  device: oneOf(...DEVICES),
  signInRisk: oneOf(...RISKS),
  userRisk: oneOf(...RISKS),
  sessionHours: (value) => (Number.isFinite(value) && Number(value) >= 0 ? undefined : "is no number of hours"),
  browserClosed: (value) => (typeof value === "boolean" ? undefined : "is neither true nor false"),
};

/** Names of the circumstances, in the order in which they are told. */
const NAMES = Object.keys(RULES) as readonly (keyof Circumstances)[];

/** @throws {WrongCircumstances} that says what is wrong with which of them */
export function circumstancesOf(value: unknown): Circumstances {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new WrongCircumstances("the circumstances are no object");
  for (const [name, one] of Object.entries(value)) {
    const about = NAMES.find((known) => known === name);
    if (!about) throw new WrongCircumstances(`${name} is none of ${NAMES.join(", ")}`);
    const wrong = RULES[about](one);
    if (wrong) throw new WrongCircumstances(`${JSON.stringify(one)} ${wrong}`, about);
  }
  const circumstances: Circumstances = value;
  if (circumstances.browserClosed && !circumstances.sessionHours)
    throw new WrongCircumstances(
      "is nothing to somebody who signs in just now; say how many hours ago",
      "browserClosed",
    );
  return circumstances;
}

/** "1 hour", "8 hours". */
export const inHours = (hours: number): string => `${hours} ${hours === 1 ? "hour" : "hours"}`;

/** In a few words: "device code, sign-in risk high"; nothing for the plain case. */
export function describeCircumstances(circumstances: Circumstances): string {
  const { client, location, device, signInRisk, userRisk, sessionHours, browserClosed } = circumstances;
  const words = [
    client === "browser" ? undefined : client && `${client} client`,
    location && (location === "trusted" ? "trusted network" : location),
    device === "none" ? undefined : device && `${device} device`,
    signInRisk && `sign-in risk ${signInRisk}`,
    userRisk && `user risk ${userRisk}`,
    sessionHours ? `signed in ${inHours(sessionHours)} ago` : undefined,
    browserClosed ? "browser closed since" : undefined,
  ];
  return words.filter(Boolean).join(", ");
}
