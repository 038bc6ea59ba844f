import { X509Certificate } from "node:crypto";
import { federationMetadata } from "../constructs/entra/saml-metadata";
import { parseMetadata, validateEach, validateMetadata } from "./support/saml-metadata";
import { makeSigningCertificate } from "./support/signing-certificate";

const issuer = "https://sts.windows.net/11111111-2222-3333-4444-555555555555/";
const signInUrl = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/saml2";

let certificates: string[];
let metadata: string;
/** The same with one kind of quotes, whichever the construct writes, to break it by text. */
let quoted: string;

beforeAll(async () => {
  certificates = await Promise.all(["c2026", "c2028"].map(makeSigningCertificate));
  metadata = federationMetadata({ issuer, signInUrl, certificates });
  quoted = metadata.replaceAll("'", '"');
});

describe("the federation metadata", () => {
  test("is valid against the SAML 2.0 metadata schema, with one certificate or two", () => {
    expect(validateMetadata(metadata)).toEqual([]);
    expect(validateMetadata(federationMetadata({ issuer, signInUrl, certificates: certificates.slice(0, 1) }))).toEqual(
      [],
    );
  });

  test("says to a parser of its own what was put in: issuer, certificates in order, sign-in addresses", () => {
    const redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
    const post = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
    expect(parseMetadata(metadata)).toEqual({
      entityId: issuer,
      signingCertificates: certificates,
      singleSignOn: [
        { binding: redirect, location: signInUrl },
        { binding: post, location: signInUrl },
      ],
      singleLogout: [{ binding: redirect, location: signInUrl }],
    });
  });

  test("carries certificates that an X.509 library reads", () => {
    const subjects = parseMetadata(metadata).signingCertificates.map(
      (certificate) => new X509Certificate(Buffer.from(certificate, "base64")).subject,
    );
    expect(subjects).toEqual(["CN=c2026", "CN=c2028"]);
  });

  test("has the 1,000 characters that IAM asks for even with one certificate", () => {
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html
    const one = federationMetadata({ issuer, signInUrl, certificates: certificates.slice(0, 1) });
    expect(one.length).toBeGreaterThanOrEqual(1_000);
    expect(metadata.length).toBeLessThanOrEqual(10_000_000);
  });
});

describe("the metadata schema", () => {
  const broken: Readonly<Record<string, { by: (xml: string) => string; complaint: RegExp }>> = {
    "no identity provider": {
      by: without(/<IDPSSODescriptor.*<\/IDPSSODescriptor>/s),
      complaint: /Missing child element/,
    },
    "another namespace": {
      by: (xml) => xml.replace("SAML:2.0:metadata", "SAML:1.0:metadata"),
      complaint: /No matching global declaration/,
    },
    "the keys after the sign-in addresses": { by: withKeysLast, complaint: /KeyDescriptor.*not expected/ },
    "no entity ID": { by: without(/ entityID="[^"]*"/), complaint: /'entityID' is required/ },
    "no protocol": {
      by: without(/ protocolSupportEnumeration="[^"]*"/),
      complaint: /'protocolSupportEnumeration' is required/,
    },
    "no sign-in address": {
      by: without(/<SingleSignOnService[^>]*>/g),
      complaint: /Missing child element.*SingleSignOnService/,
    },
    "a certificate cut short": { by: without(/.(?=<\/X509Certificate>)/), complaint: /base64Binary/ },
    "an unknown use of a key": {
      by: (xml) => xml.replace('use="signing"', 'use="sign"'),
      complaint: /not an element of the set/,
    },
    "a certificate outside the signature namespace": {
      by: without(/ xmlns="[^"]*xmldsig#"/),
      complaint: /not expected/,
    },
    "text that is no XML": { by: (xml) => xml.slice(0, -1), complaint: /line \d+/ },
  };
  let answers: string[][];

  beforeAll(() => {
    answers = validateEach(Object.values(broken).map(({ by }) => by(quoted)));
  });

  test.each(Object.entries(broken).map(([what, { complaint }], index) => ({ what, complaint, index })))(
    "refuses $what",
    ({ complaint, index }) => {
      expect(answers[index]?.join("\n")).toMatch(complaint);
    },
  );
});

describe("reading metadata back", () => {
  test("leaves out a key that only encrypts", () => {
    const second = quoted.lastIndexOf('use="signing"');
    const mixed = `${quoted.slice(0, second)}use="encryption"${quoted.slice(second + 'use="signing"'.length)}`;
    expect(validateMetadata(mixed)).toEqual([]);
    expect(parseMetadata(mixed).signingCertificates).toEqual(certificates.slice(0, 1));
  });

  test("reads prefixed elements and wrapped certificates, as other products write them", () => {
    const wrapped = certificates.map((certificate) => certificate.replace(/(.{64})/g, "$1\n"));
    const prefixed = federationMetadata({ issuer, signInUrl, certificates: wrapped })
      .replaceAll("'", '"')
      .replace(/<(\/?)(EntityDescriptor|IDPSSODescriptor|KeyDescriptor|Single\w+)/g, "<$1md:$2")
      .replace('xmlns="urn:oasis', 'xmlns:md="urn:oasis');
    expect(validateMetadata(prefixed)).toEqual([]);
    expect(parseMetadata(prefixed)).toEqual(parseMetadata(metadata));
  });

  test("refuses the metadata of something else than an identity provider", () => {
    const other = quoted.replace(/IDPSSODescriptor/g, "AttributeAuthorityDescriptor");
    expect(() => parseMetadata(other)).toThrow("describes no identity provider");
  });
});

function without(part: RegExp): (xml: string) => string {
  return (xml) => xml.replace(part, "");
}

function withKeysLast(xml: string): string {
  const keys = xml.match(/<KeyDescriptor.*<\/KeyDescriptor>/s)?.[0] ?? "";
  return xml.replace(keys, "").replace("</IDPSSODescriptor>", `${keys}</IDPSSODescriptor>`);
}
