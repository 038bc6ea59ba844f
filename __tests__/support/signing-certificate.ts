import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { X509CertificateGenerator } from "@peculiar/x509";

/** A self-signed certificate of the kind Entra makes (RSA 2048, SHA-256), as the provider gives it: base64 DER on one line. */
export async function makeSigningCertificate(name: string): Promise<string> {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      keys,
      signingAlgorithm: algorithm,
      notBefore: new Date("2026-01-01T00:00:00Z"),
      notAfter: new Date("2028-12-31T00:00:00Z"),
    },
    webcrypto,
  );
  return Buffer.from(certificate.rawData).toString("base64");
}
