import { stringify } from "yaml";
import { parseMetadata } from "./saml-metadata";
import type { StackJson } from "./stack-json";

/**
 * All that Terraform is told of a stack, by address and easy to compare: policies and claims as objects instead of JSON in a
 * string, SAML metadata as what it says, providers, backend, outputs and the rest as they are.
 */
export function configuration(json: StackJson): string {
  const entries = Object.entries(json as Readonly<Record<string, unknown>>).flatMap(([section, content]) =>
    addressed(section, content),
  );
  const byAddress = Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  // No folding: a long line that changes is one line in a diff.
  return stringify(readable(byAddress), { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false });
}

/** `resource.TYPE.NAME` loses its first word, as everywhere in Terraform; a list (`removed`) stays whole. */
function addressed(section: string, content: unknown): [string, unknown][] {
  if (!isObject(content)) return [[section, content]];
  const named = Object.entries(content).map(([name, value]): [string, unknown] => [`${section}.${name}`, value]);
  if (section !== "resource" && section !== "data") return named;
  return named.flatMap(([type, byName]) =>
    Object.entries(isObject(byName) ? byName : {}).map(([name, body]): [string, unknown] => [
      `${type}.${name}`.replace(/^resource\./, ""),
      body,
    ]),
  );
}

function readable(value: unknown, name = ""): unknown {
  if (name === "saml_metadata_document") return metadataInWords(String(value));
  if (typeof value === "string") return decoded(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => readable(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner, key)]));
}

function metadataInWords(document: string): string {
  const { entityId, signingCertificates, singleSignOn, singleLogout } = parseMetadata(document);
  const names = signingCertificates.map((text) => /signing_certificate_\w+/.exec(text)?.[0] ?? text);
  const places = [...new Set([...singleSignOn, ...singleLogout].map(({ location }) => location))];
  const many = names.length === 1 ? "1 certificate" : `${names.length} certificates`;
  return `${many}: ${names.join(", ")}; issuer ${entityId}; sign-in and sign-out at ${places.join(", ")}`;
}

/** A JSON document in a string, such as a policy. */
function decoded(text: string): unknown {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
