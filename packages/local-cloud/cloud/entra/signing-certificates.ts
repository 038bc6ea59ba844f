import { createHash, createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import { badRequest, copy, type Directory, graphTime, sameId } from "./directory";
import type { KeyCredential, PasswordCredential } from "./state";
import { selfSigned } from "./x509";

/** SHA-1 over the certificate, as Entra names certificates: 40 hexadecimal digits. `key` is base64 of the DER form. */
export function thumbprintOf(key: string): string {
  return createHash("sha1").update(Buffer.from(key, "base64")).digest("hex").toUpperCase();
}

/** What a person sees of a signing certificate in the portal, SAML Certificates. */
export interface SigningCertificate {
  readonly displayName: string;
  readonly thumbprint: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  /** PEM. */
  readonly certificate: string;
  readonly active: boolean;
}

/** Token signing certificates: https://learn.microsoft.com/graph/api/serviceprincipal-addtokensigningcertificate */
export class SigningCertificates {
  constructor(private readonly directory: Directory) {}

  list(servicePrincipalId: string): SigningCertificate[] {
    const principal = this.directory.servicePrincipal(servicePrincipalId);
    return principal.keyCredentials.flatMap(({ key, displayName, startDateTime, endDateTime }) => {
      if (!key) return [];
      const thumbprint = thumbprintOf(key);
      const preferred = principal.preferredTokenSigningKeyThumbprint;
      const active = preferred !== null && sameId(preferred, thumbprint);
      return [{ displayName, thumbprint, startDateTime, endDateTime, certificate: pem(key), active }];
    });
  }

  // Assumption entra-credential-order, never checked: Graph lists key credentials in the order in which they were added, the Sign entry
  // before its Verify entry.
  /** Makes a key pair; only the public half is ever returned. */
  add(
    servicePrincipalId: string,
    body: { displayName?: string | null; endDateTime?: string | null },
  ): Promise<KeyCredential & { thumbprint: string }> {
    const displayName = body.displayName || "CN=Microsoft Azure Federated SSO Certificate";
    const operation = "POST /servicePrincipals/{id}/addTokenSigningCertificate";
    return this.directory.request(operation, `certificate ${displayName}`, async () => {
      const principal = this.directory.servicePrincipal(servicePrincipalId);
      const start = this.directory.now();
      const end = this.checkedEnd(displayName, start, body.endDateTime);
      const { certificate, privateKey } = await selfSigned(displayName.slice("CN=".length), start, end);
      const key = certificate.toString("base64");
      const customKeyIdentifier = createHash("sha256").update(certificate).digest("base64");
      const period = { customKeyIdentifier, startDateTime: graphTime(start), endDateTime: graphTime(end) };
      const shared = { ...period, displayName, type: "AsymmetricX509Cert" as const };
      const signing: KeyCredential = { ...shared, keyId: randomUUID(), usage: "Sign", key: null };
      const verifying: KeyCredential = { ...shared, keyId: randomUUID(), usage: "Verify", key };
      const password: PasswordCredential = { ...period, keyId: signing.keyId };
      principal.keyCredentials.push(signing, verifying);
      principal.passwordCredentials.push(password);
      const pkcs8 = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
      this.directory.state.private.signingKeys[customKeyIdentifier] = pkcs8;
      // The answer names the Sign entry and carries the public key: the page above.
      return copy({ ...signing, key, thumbprint: thumbprintOf(key) });
    });
  }

  // Assumption entra-first-certificate-inactive, never checked: A signing certificate does not sign before
  // preferredTokenSigningKeyThumbprint names it, not even the first one (public reports disagree).
  /** Signs with the active certificate, RSA and SHA-256; `undefined` when no certificate is active. */
  sign(servicePrincipalId: string, data: Buffer): { signature: Buffer; certificate: SigningCertificate } | undefined {
    const certificate = this.list(servicePrincipalId).find(({ active }) => active);
    if (!certificate) return undefined;
    const { keyCredentials } = this.directory.servicePrincipal(servicePrincipalId);
    const credential = keyCredentials.find(({ key }) => key && thumbprintOf(key) === certificate.thumbprint);
    const privateKey = this.directory.state.private.signingKeys[credential?.customKeyIdentifier ?? ""];
    if (!privateKey) return undefined;
    return { signature: sign("sha256", data, createPrivateKey(privateKey)), certificate };
  }

  /** Name and life span, both as the page above has them: CN=…, at most three years. */
  private checkedEnd(displayName: string, start: Date, endDateTime: string | null | undefined): Date {
    if (!displayName.startsWith("CN=") || displayName === "CN=")
      throw badRequest("Property displayName must start with 'CN='.");
    const latest = new Date(start);
    latest.setUTCFullYear(latest.getUTCFullYear() + 3);
    if (!endDateTime) return latest;
    const end = new Date(endDateTime);
    if (Number.isNaN(end.getTime()) || end <= start)
      throw badRequest("Property endDateTime must be a time in the future.");
    if (end > latest)
      throw badRequest("Property endDateTime can be at most three years after the creation of the certificate.");
    return end;
  }
}

function pem(key: string): string {
  return new X509Certificate(Buffer.from(key, "base64")).toString();
}
