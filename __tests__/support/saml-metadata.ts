import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { XMLParser } from "fast-xml-parser";

/** What a relying party takes from the metadata of an identity provider. */
export interface ParsedMetadata {
  readonly entityId: string;
  /** Signing certificates, base64 DER, in the order of the document. */
  readonly signingCertificates: readonly string[];
  readonly singleSignOn: readonly Endpoint[];
  readonly singleLogout: readonly Endpoint[];
}

export interface Endpoint {
  readonly binding: string;
  readonly location: string;
}

/** What the OASIS XML schema of SAML 2.0 metadata has against a document, a line for each problem; nothing is good news. */
export function validateMetadata(xml: string): string[] {
  return validateEach([xml]).flat();
}

/** The same for many documents in one go: loading the validator takes longer than validating. */
export function validateEach(documents: readonly string[]): string[][] {
  const script = join(__dirname, "saml-schemas", "validate.mjs");
  const input = JSON.stringify(documents);
  return JSON.parse(execFileSync(process.execPath, [script], { input, encoding: "utf8" })) as string[][];
}

/** Reads a document back with a parser that knows nothing of how it was written. The document must be valid. */
export function parseMetadata(xml: string): ParsedMetadata {
  const { EntityDescriptor: entity } = parser.parse(xml) as { EntityDescriptor: EntityDescriptor };
  const idp = entity.IDPSSODescriptor;
  if (!idp) throw new Error(`the metadata of ${entity["@entityID"]} describes no identity provider`);
  return {
    entityId: entity["@entityID"],
    // A key without a use serves for signing too: SAML 2.0 metadata, section 2.4.1.1.
    signingCertificates: (idp.KeyDescriptor ?? [])
      .filter((key) => (key["@use"] ?? "signing") === "signing")
      .flatMap((key) => key.KeyInfo.X509Data.flatMap((data) => data.X509Certificate))
      .map((certificate) => certificate.replace(/\s/g, "")),
    singleSignOn: idp.SingleSignOnService.map(endpoint),
    singleLogout: (idp.SingleLogoutService ?? []).map(endpoint),
  };
}

function endpoint(service: Service): Endpoint {
  return { binding: service["@Binding"], location: service["@Location"] };
}

const REPEATED = ["KeyDescriptor", "X509Data", "X509Certificate", "SingleSignOnService", "SingleLogoutService"];

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  parseAttributeValue: false,
  removeNSPrefix: true,
  isArray: (name) => REPEATED.includes(name),
});

interface Service {
  readonly "@Binding": string;
  readonly "@Location": string;
}

interface EntityDescriptor {
  readonly "@entityID": string;
  readonly IDPSSODescriptor?: {
    readonly KeyDescriptor?: readonly {
      readonly "@use"?: "signing" | "encryption";
      readonly KeyInfo: { readonly X509Data: readonly { readonly X509Certificate: readonly string[] }[] };
    }[];
    readonly SingleSignOnService: readonly Service[];
    readonly SingleLogoutService?: readonly Service[];
  };
}
