import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A self-signed certificate as base64 DER on one line; an elliptic key, because making it costs nothing. */
export async function makeCertificate(name: string, notAfter = "2030-01-01"): Promise<string> {
  const keys = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date("2020-01-01"),
    notAfter: new Date(notAfter),
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    keys,
  });
  return certificate.toString("base64");
}

/** Federation metadata as Entra writes it, with these certificates; padded to the length that IAM asks for. */
export function metadataWith(certificates: readonly string[], entityId = "https://sts.windows.net/tenant/"): string {
  const keys = certificates.map(
    (value) =>
      `<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${value}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?><!--${" padding".repeat(120)} --><EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys.join("")}<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://login.microsoftonline.com/tenant/saml2"/></IDPSSODescriptor></EntityDescriptor>`;
}
