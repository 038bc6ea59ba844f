import { randomUUID } from "node:crypto";
import { XMLBuilder } from "fast-xml-parser";
import { SignedXml } from "xml-crypto";

/** What a SAML response is to say. */
export interface ResponseContent {
  readonly issuer: string;
  readonly audience: string;
  /** Where it is posted: the reply URL. */
  readonly recipient: string;
  readonly nameId: string;
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  readonly issuedAt: Date;
}

/** Who signs: the key stays with its owner. */
export interface Signer {
  /** PEM. */
  readonly certificate: string;
  /** RSA and SHA-256 over the data. */
  readonly sign: (data: Buffer) => Buffer;
}

const ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion";
const PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol";
const EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256";
const MINUTE = 60_000;

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@", suppressEmptyNode: true });

/**
 * The response of Entra, element by element as https://learn.microsoft.com/entra/identity-platform/single-sign-on-saml-protocol shows it,
 * still without a signature.
 */
export function samlResponse(content: ResponseContent): string {
  const { issuer, audience, recipient, nameId, attributes, issuedAt } = content;
  const at = (minutes: number) => new Date(issuedAt.getTime() + minutes * MINUTE).toISOString();
  const assertionId = `_${randomUUID()}`;
  return builder.build({
    "samlp:Response": {
      "@ID": `_${randomUUID()}`,
      "@Version": "2.0",
      "@IssueInstant": at(0),
      "@Destination": recipient,
      "@xmlns:samlp": PROTOCOL,
      Issuer: { "@xmlns": ASSERTION, "#text": issuer },
      "samlp:Status": { "samlp:StatusCode": { "@Value": "urn:oasis:names:tc:SAML:2.0:status:Success" } },
      Assertion: {
        "@ID": assertionId,
        "@IssueInstant": at(0),
        "@Version": "2.0",
        "@xmlns": ASSERTION,
        Issuer: issuer,
        Subject: {
          NameID: { "@Format": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", "#text": nameId },
          SubjectConfirmation: {
            "@Method": "urn:oasis:names:tc:SAML:2.0:cm:bearer",
            SubjectConfirmationData: { "@NotOnOrAfter": at(5), "@Recipient": recipient },
          },
        },
        Conditions: {
          "@NotBefore": at(-5),
          "@NotOnOrAfter": at(60),
          AudienceRestriction: { Audience: audience },
        },
        ...(attributes.size > 0
          ? {
              AttributeStatement: {
                Attribute: [...attributes].map(([name, values]) => ({ "@Name": name, AttributeValue: [...values] })),
              },
            }
          : {}),
        AuthnStatement: {
          "@AuthnInstant": at(0),
          "@SessionIndex": assertionId,
          AuthnContext: { AuthnContextClassRef: "urn:oasis:names:tc:SAML:2.0:ac:classes:Password" },
        },
      },
    },
  });
}

/**
 * Signs the assertion and not the response around it, RSA with SHA-256: what Entra does unless told otherwise
 * (https://learn.microsoft.com/entra/identity/enterprise-apps/certificate-signing-options).
 */
export function signAssertion(response: string, { certificate, sign }: Signer): string {
  const signature = new SignedXml({
    // xml-crypto wants to see a key; ours does not leave the tenant.
    privateKey: "held by the tenant",
    publicCert: certificate,
    getKeyInfoContent: SignedXml.getKeyInfoContent,
    signatureAlgorithm: RSA_SHA256,
    canonicalizationAlgorithm: EXCLUSIVE_C14N,
  });
  signature.SignatureAlgorithms[RSA_SHA256] = class {
    getSignature(signedInfo: string): string {
      return sign(Buffer.from(signedInfo)).toString("base64");
    }
    verifySignature(): boolean {
      return false;
    }
    getAlgorithmName(): string {
      return RSA_SHA256;
    }
  };
  const assertion = "/*/*[local-name(.)='Assertion']";
  signature.addReference({ xpath: assertion, digestAlgorithm: SHA256, transforms: [ENVELOPED, EXCLUSIVE_C14N] });
  // The schema has the signature right after the issuer.
  signature.computeSignature(response, {
    location: { reference: `${assertion}/*[local-name(.)='Issuer']`, action: "after" },
  });
  return signature.getSignedXml();
}
