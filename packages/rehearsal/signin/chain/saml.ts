import { webcrypto, X509Certificate } from "node:crypto";
import { DOMParser, type Document, type Element } from "@xmldom/xmldom";
import { Application, SignedXml } from "xmldsigjs";

/** What a response says, read from the one assertion in it. */
export interface ReadResponse {
  readonly destination: string | null;
  readonly issuer: string;
  readonly nameId: string;
  readonly nameIdFormat: string;
  readonly recipient: string;
  /** The earliest time at which the assertion is no longer good. */
  readonly notOnOrAfter: Date;
  readonly notBefore: Date | null;
  readonly issuedAt: Date;
  readonly audiences: readonly string[];
  /** `SessionNotOnOrAfter` of the authentication statement. */
  readonly sessionEnd: Date | null;
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  /** Whether the key of this certificate made the signature over the assertion. Base64 DER on one line. */
  readonly isSignedBy: (certificate: string) => Promise<boolean>;
  /** Why no certificate at all can make this signature good; absent where one could. */
  readonly unsigned: string | undefined;
}

/** A document that is no response one could judge. */
export class InvalidResponse extends Error {}

const ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion";
const PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol";
const SIGNATURE = "http://www.w3.org/2000/09/xmldsig#";
// Assumption signin-sha1, never checked: AWS refuses a signature or a digest by SHA-1.
/** SHA-1 is not among them: nobody should believe it any more (assumption signin-sha1). */
const SIGNATURE_METHODS: Readonly<Record<string, string>> = {
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "SHA-256",
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": "SHA-384",
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": "SHA-512",
};
const DIGEST_METHODS = [
  "http://www.w3.org/2001/04/xmlenc#sha256",
  "http://www.w3.org/2001/04/xmldsig-more#sha384",
  "http://www.w3.org/2001/04/xmlenc#sha512",
];
/** A transform that selects something could leave out what is read later. */
const TRANSFORMS = [
  "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
  "http://www.w3.org/2001/10/xml-exc-c14n#",
  "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
];

Application.setEngine("node", webcrypto);

/**
 * Reads a response as https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html asks for it.
 * There has to be one assertion and nothing else that could be taken for it, so what is read is what is signed.
 */
export function readResponse(xml: string): ReadResponse {
  const document = parse(xml);
  const root = document.documentElement;
  if (root?.localName !== "Response" || root.namespaceURI !== PROTOCOL)
    throw new InvalidResponse("it is no SAML response");
  const status = only(root, PROTOCOL, "StatusCode").getAttribute("Value");
  if (status !== "urn:oasis:names:tc:SAML:2.0:status:Success") throw new InvalidResponse(`its status is ${status}`);
  refuseRepeatedIds(document);
  const assertion = only(root, ASSERTION, "Assertion");
  if (assertion.parentNode !== root) throw new InvalidResponse("its assertion is not directly in the response");
  const data = only(only(assertion, ASSERTION, "SubjectConfirmation"), ASSERTION, "SubjectConfirmationData");
  const conditions = all(assertion, ASSERTION, "Conditions")[0];
  const nameId = only(only(assertion, ASSERTION, "Subject"), ASSERTION, "NameID");
  const ends = [data, conditions].flatMap((element) => optionalTime(element, "NotOnOrAfter") ?? []);
  const notOnOrAfter = ends.sort((one, other) => one.getTime() - other.getTime())[0];
  if (!data.hasAttribute("NotOnOrAfter") || !notOnOrAfter) throw new InvalidResponse("NotOnOrAfter is missing");
  const { signature, unsigned } = findSignature(assertion);
  return {
    destination: root.getAttribute("Destination"),
    issuer: text(child(assertion, "Issuer")),
    nameId: text(nameId),
    nameIdFormat: nameId.getAttribute("Format") ?? "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    recipient: data.getAttribute("Recipient") ?? "",
    notOnOrAfter,
    notBefore: optionalTime(conditions, "NotBefore"),
    issuedAt: time(assertion.getAttribute("IssueInstant")),
    audiences: all(assertion, ASSERTION, "Audience").map(text),
    sessionEnd: optionalTime(all(assertion, ASSERTION, "AuthnStatement")[0], "SessionNotOnOrAfter"),
    attributes: new Map(
      all(assertion, ASSERTION, "Attribute").map((attribute) => [
        attribute.getAttribute("Name") ?? "",
        all(attribute, ASSERTION, "AttributeValue").map(text),
      ]),
    ),
    unsigned,
    isSignedBy: async (certificate) => signature !== undefined && verifies(document, signature, certificate),
  };
}

function parse(xml: string): Document {
  // Entities could make a text mean something else than what was signed.
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw new InvalidResponse("it has a document type");
  try {
    return new DOMParser({ onError: (level, message) => level !== "warning" && raise(message) }).parseFromString(
      xml,
      "text/xml",
    );
  } catch {
    throw new InvalidResponse("it is no well-formed XML");
  }
}

const raise = (message: string): never => {
  throw new InvalidResponse(message);
};

const all = (within: Element, namespace: string, name: string): Element[] => [
  ...within.getElementsByTagNameNS(namespace, name),
];

function only(within: Element, namespace: string, name: string): Element {
  const [found, ...more] = all(within, namespace, name);
  if (!found || more.length > 0) throw new InvalidResponse(`it has ${found ? "more than one" : "no"} ${name}`);
  return found;
}

function child(within: Element, name: string): Element {
  const found = all(within, ASSERTION, name).find(({ parentNode }) => parentNode === within);
  if (!found) throw new InvalidResponse(`it has no ${name}`);
  return found;
}

const text = (element: Element): string => (element.textContent ?? "").trim();

function time(value: string | null): Date {
  const parsed = new Date(value ?? "");
  if (Number.isNaN(parsed.getTime())) throw new InvalidResponse(`${value} is no time`);
  return parsed;
}

function optionalTime(element: Element | undefined, name: string): Date | null {
  const value = element?.getAttribute(name) ?? null;
  return value === null ? null : time(value);
}

/** With two elements of one ID, the one that is verified need not be the one that is read. */
function refuseRepeatedIds(document: Document): void {
  const ids = [...document.getElementsByTagName("*")].flatMap((element) =>
    ["ID", "Id", "id"].flatMap((name) => element.getAttribute(name) ?? []),
  );
  if (new Set(ids).size < ids.length) throw new InvalidResponse("two elements have the same ID");
}

// Assumption signin-wrapping, never checked: AWS takes a response with one assertion only, and believes a signature for the element alone
// that it stands in.
/** The signature of the assertion itself, or of the response around it; it has to refer to the element it stands in, and to nothing else. */
function findSignature(assertion: Element): { signature?: Element; unsigned?: string } {
  const holders = [assertion, assertion.parentNode as Element];
  const document = assertion.ownerDocument;
  const signatures = document?.documentElement ? all(document.documentElement, SIGNATURE, "Signature") : [];
  const signature = signatures.find(({ parentNode }) => holders.some((holder) => holder === parentNode));
  if (!signature) return { unsigned: "neither the assertion nor the response is signed" };
  const holder = holders.find((one) => one === signature.parentNode);
  const [reference, ...more] = all(signature, SIGNATURE, "Reference");
  if (!reference || more.length > 0) return { unsigned: "the signature does not refer to exactly one element" };
  const uri = reference.getAttribute("URI");
  if (!holder || uri !== `#${holder.getAttribute("ID")}`)
    return { unsigned: `the signature is of ${uri}, not of the element it stands in` };
  const algorithm = (name: string) =>
    all(signature, SIGNATURE, name).map((element) => element.getAttribute("Algorithm") ?? "");
  const [method = ""] = algorithm("SignatureMethod");
  const strangers = [
    ...(SIGNATURE_METHODS[method] ? [] : [method]),
    ...algorithm("DigestMethod").filter((digest) => !DIGEST_METHODS.includes(digest)),
    ...algorithm("Transform").filter((transform) => !TRANSFORMS.includes(transform)),
  ];
  return strangers.length > 0 ? { unsigned: `${strangers.join(", ")} is not accepted` } : { signature };
}

async function verifies(document: Document, signature: Element, certificate: string): Promise<boolean> {
  const { publicKey } = new X509Certificate(Buffer.from(certificate, "base64"));
  if (publicKey.asymmetricKeyType !== "rsa") return false;
  const method = all(signature, SIGNATURE, "SignatureMethod")[0]?.getAttribute("Algorithm") ?? "";
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: SIGNATURE_METHODS[method] ?? "SHA-256" };
  const spki = publicKey.export({ type: "spki", format: "der" });
  const key = await webcrypto.subtle.importKey("spki", spki, algorithm, true, ["verify"]);
  const signed = new SignedXml(document);
  signed.LoadXml(signature);
  try {
    return await signed.Verify(key);
  } catch {
    // A digest that differs: the content was changed after it was signed.
    return false;
  }
}
