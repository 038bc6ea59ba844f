import { isIP } from "node:net";
import { type Attributes, type Problem, UNKNOWN, type Value } from "../../values";
import { isBlock } from "./attributes";
import type { IdForm } from "./ids";

/** Says what is wrong with a value that is set and known. */
export type Rule = (value: Value) => string | undefined;

type Path = readonly (string | number)[];

const ofText =
  (wrong: (value: string) => string | undefined): Rule =>
  (value) =>
    typeof value === "string" ? wrong(value) : undefined;

export const notEmpty: Rule = ofText((value) => (value.trim() === "" ? "must not be empty" : undefined));

export const uuid: Rule = ofText((value) =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? undefined : `expected a valid UUID, got ${value}`,
);

export const oneOf = (...allowed: readonly string[]): Rule =>
  ofText((value) => (allowed.includes(value) ? undefined : `expected one of ${JSON.stringify(allowed)}, got ${value}`));

export const atMost = (characters: number): Rule =>
  ofText((value) =>
    value.length > characters ? `expected at most ${characters} characters, got ${value.length}` : undefined,
  );

export const id = (form: IdForm): Rule =>
  ofText((value) => {
    try {
      form.parts(value);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  });

export const rfc3339: Rule = ofText((value) =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(value) && !Number.isNaN(Date.parse(value))
    ? undefined
    : `expected an RFC3339 date, got ${value}`,
);

export const email: Rule = ofText((value) =>
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*$/.test(value)
    ? undefined
    : "must be a valid email address",
);

/** `http(s)` with a host. */
export const webUrl: Rule = ofText((value) =>
  /^https?:$/.test(parsed(value)?.protocol ?? "")
    ? undefined
    : `expected an http or https URL with a host, got ${value}`,
);

/** A reply URL needs a path, even if it is `/`; a fragment is not refused here (validation.IsRedirectUriFunc). */
export const redirectUri: Rule = ofText((value) => {
  if (/^urn:[^:]*:/.test(value)) return undefined;
  if (!["http:", "https:", "ms-appx-web:", "brk-multihub:"].includes(parsed(value)?.protocol ?? ""))
    return `unexpected URI ${value}`;
  if (/^[a-z-]+:\/\/[^/?#]*($|[?#])/.test(value)) return "URI must have a trailing slash when there is no path segment";
  return value.length > 256 ? "URI must be 256 characters or less" : undefined;
});

/** Value of an app role (applications/validate, RoleScopeClaimValue). */
export const roleValue: Rule = ofText((value) => {
  if (value.length > 249) return "must be between 0-249 characters in length";
  if (value.startsWith(".")) return "must not begin with a period";
  return /[^A-Za-z0-9:!#$%&'()*+,./;<=>?@[\]^_{|}~`-]/.test(value)
    ? "must be alphanumeric with these allowed characters: !#$%&'()*+,-./:;<=>?@[]^+_`{|}~"
    : undefined;
});

/** A network with a mask of at least so many bits (helpers/tf/validation/net.go, PrefixLengthAtLeast). */
export const ipPrefix = (bits: number): Rule =>
  ofText((value) => {
    const [address = "", mask = ""] = value.split("/");
    const length = Number(mask);
    if (isIP(address) === 0 || !/^\d{1,3}$/.test(mask) || length > (isIP(address) === 6 ? 128 : 32))
      return "must be a valid IPv4 or IPv6 prefix";
    return length < bits ? `must have a prefix length at least ${bits}, got ${length}` : undefined;
  });

export const commonName: Rule = ofText((value) => (/^(CN=.+)?$/.test(value) ? undefined : "must begin with CN="));

function parsed(value: string): URL | undefined {
  if (!URL.canParse(value)) return undefined;
  const url = new URL(value);
  return url.host === "" ? undefined : url;
}

/** Applies each rule where its dotted path leads: through blocks, and to every element of a list. Unknown values pass. */
export function check(config: Attributes, rules: Readonly<Record<string, Rule>>): Problem[] {
  return Object.entries(rules).flatMap(([dotted, rule]) =>
    valuesAt(config, dotted.split("."), []).flatMap(({ value, path }) => {
      const wrong = value === null || value === UNKNOWN ? undefined : rule(value);
      return wrong === undefined ? [] : [{ summary: `"${dotted}": ${wrong}`, path }];
    }),
  );
}

/** Attributes of the real provider that the local cloud knows nothing of: refused by name, so that nothing is ignored in silence. */
export function notModelled(config: Attributes, paths: readonly string[]): Problem[] {
  return paths.flatMap((dotted) => {
    const set = valuesAt(config, dotted.split("."), []).find(({ value }) => value !== null);
    return set
      ? [
          {
            summary: `the local cloud does not model "${dotted}", so the rehearsal cannot tell what it would do`,
            path: set.path,
          },
        ]
      : [];
  });
}

/** How many of the paths are set; a value that is not known yet counts as set. */
function countSet(config: Attributes, paths: readonly string[]): number {
  return paths.filter((dotted) => valuesAt(config, dotted.split("."), []).some(({ value }) => value !== null)).length;
}

export const conflicting = (config: Attributes, ...paths: string[]): Problem[] =>
  countSet(config, paths) > 1
    ? [{ summary: `Conflicting configuration arguments: only one of ${paths.join(", ")} can be set` }]
    : [];

export const atLeastOneOf = (config: Attributes, ...paths: string[]): Problem[] =>
  countSet(config, paths) === 0
    ? [{ summary: `Missing required argument: one of ${paths.join(", ")} must be specified` }]
    : [];

export const exactlyOneOf = (config: Attributes, ...paths: string[]): Problem[] => [
  ...atLeastOneOf(config, ...paths),
  ...conflicting(config, ...paths),
];

function valuesAt(value: Value, steps: readonly string[], path: Path): { value: Value; path: Path }[] {
  if (value === UNKNOWN) return [{ value, path }];
  if (Array.isArray(value)) return value.flatMap((item, index) => valuesAt(item, steps, [...path, index]));
  const [step, ...rest] = steps;
  if (step === undefined) return [{ value, path }];
  return isBlock(value) ? valuesAt(value[step] ?? null, rest, [...path, step]) : [];
}
