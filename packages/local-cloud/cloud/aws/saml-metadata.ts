import { X509Certificate } from "node:crypto";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { invalidInput, limitExceeded } from "./errors";

/** A certificate whose key may sign assertions. */
export interface SigningCertificate {
  /** Base64 DER on one line, as in `<X509Certificate>`. */
  readonly value: string;
  /** SHA-1 over the DER, in capitals without colons: what the Entra portal calls thumbprint. */
  readonly thumbprint: string;
  readonly subject: string;
  readonly validFrom: string;
  readonly validTo: string;
}

/** What IAM takes from a metadata document. */
export interface SamlMetadata {
  /** The issuer that assertions must name. */
  readonly entityId: string;
  readonly certificates: readonly SigningCertificate[];
  /** `validUntil` of the document; Entra writes none. */
  readonly validUntil: string | null;
}

type Node = Readonly<Record<string, unknown>>;

const METADATA_NAMESPACE = "urn:oasis:names:tc:SAML:2.0:metadata";
const MIN_LENGTH = 1_000;
const MAX_LENGTH = 10_000_000;
// Assumption aws-metadata-keys, never checked: An eleventh signing certificate in the metadata is refused with LimitExceeded.
const MAX_KEYS = 10;
const MIN_RSA_BITS = 1_024;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  ignoreDeclaration: true,
  parseTagValue: false,
  isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
});

// IAM User Guide, "Troubleshoot SAML federation with IAM" (troubleshoot_saml), has this error; what follows the colon is ours.
const unreadable = (why: string) => invalidInput(`Could not parse metadata: ${why}`);

const localName = (name: string) => name.slice(name.indexOf(":") + 1);

/** Children of this name, whatever prefix the document uses for the namespace. */
function children(node: Node, name: string): Node[] {
  return Object.entries(node)
    .filter(([key]) => !key.startsWith("@") && localName(key) === name)
    .flatMap(([, held]) => (Array.isArray(held) ? held : [held]))
    .map((held): Node => (typeof held === "object" && held !== null ? (held as Node) : { "#text": held }));
}

const attribute = (node: Node, name: string) => {
  const held = node[`@${name}`];
  return typeof held === "string" ? held : undefined;
};

function readCertificate(text: string): SigningCertificate {
  const value = text.replace(/\s/g, "");
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(Buffer.from(value, "base64"));
  } catch {
    throw unreadable("an X509Certificate element holds no X.509 certificate");
  }
  // "must use a key size of at least 1024 bits" (id_roles_providers_create_saml). An expired certificate is fine: IAM "does not
  // evaluate nor take action on the expiration of X.509 certificates in SAML metadata documents" (same page).
  const bits = certificate.publicKey.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < MIN_RSA_BITS)
    throw unreadable(`a certificate's key has ${bits} bits, IAM takes 1024`);
  return {
    value,
    thumbprint: certificate.fingerprint.replaceAll(":", ""),
    subject: certificate.subject,
    validFrom: new Date(certificate.validFrom).toISOString(),
    validTo: new Date(certificate.validTo).toISOString(),
  };
}

// Assumption aws-metadata-checks, never checked: IAM takes metadata that was generated rather than downloaded, needs no signature on it, and
// reads issuer and signing certificates from the IDPSSODescriptor alone.
/** Reads the federation metadata as CreateSAMLProvider and UpdateSAMLProvider do; refuses what they refuse. */
export function parseSamlMetadata(document: string): SamlMetadata {
  // Length: SAMLMetadataDocument in API_CreateSAMLProvider.
  if (document.length < MIN_LENGTH || document.length > MAX_LENGTH) {
    throw invalidInput(
      `the metadata document has ${document.length} characters, IAM takes ${MIN_LENGTH} to ${MAX_LENGTH}`,
    );
  }
  const wellFormed = XMLValidator.validate(document);
  if (wellFormed !== true)
    throw unreadable(`it is no well-formed XML (line ${wellFormed.err.line}: ${wellFormed.err.msg})`);
  const root = parser.parse(document) as Node;
  const name = Object.keys(root).find((key) => localName(key) === "EntityDescriptor");
  const [entity] = children(root, "EntityDescriptor");
  if (!name || !entity) throw unreadable("its root is no EntityDescriptor");
  const prefix = name.includes(":") ? `:${name.split(":")[0]}` : "";
  if (attribute(entity, `xmlns${prefix}`) !== METADATA_NAMESPACE) {
    throw unreadable(`EntityDescriptor is not in the namespace ${METADATA_NAMESPACE}`);
  }
  const entityId = attribute(entity, "entityID");
  if (!entityId) throw unreadable("EntityDescriptor has no entityID");
  // Entra's document also has a RoleDescriptor for WS-Federation with the same keys; SAML takes those of the IDPSSODescriptor.
  const [idp] = children(entity, "IDPSSODescriptor");
  if (!idp) throw unreadable("it has no IDPSSODescriptor; an identity provider's metadata is asked for");
  const certificates = children(idp, "KeyDescriptor")
    .filter((key) => (attribute(key, "use") ?? "signing") === "signing")
    .flatMap((key) => children(key, "KeyInfo"))
    .flatMap((info) => children(info, "X509Data"))
    .flatMap((data) => children(data, "X509Certificate"))
    .map((certificate) => readCertificate(String(certificate["#text"] ?? "")));
  if (certificates.length === 0) throw unreadable("its IDPSSODescriptor has no signing certificate");
  // "Keys per SAML provider: 10" (reference_iam-quotas).
  if (certificates.length > MAX_KEYS) {
    throw limitExceeded(`the metadata holds ${certificates.length} keys, a SAML provider takes ${MAX_KEYS}`);
  }
  const until = attribute(entity, "validUntil") ?? attribute(idp, "validUntil");
  return { entityId, certificates, validUntil: until ? new Date(until).toISOString() : null };
}
