/** What AWS must know of the tenant to believe its assertions. */
export interface IdentityProviderMetadata {
  /** Entity ID of the tenant: the issuer of its assertions. */
  readonly issuer: string;
  /** Where people sign in and out: `https://login.microsoftonline.com/<tenant id>/saml2`. */
  readonly signInUrl: string;
  /** Signing certificates, base64 DER on one line, in the order they are written. AWS accepts a signature by any of them. */
  readonly certificates: readonly string[];
}

/**
 * SAML 2.0 metadata for IAM, made from the signing certificates rather than downloaded: Entra signs its document anew at each
 * download, which is a difference in every plan, and a download knows nothing of a certificate that is about to be used.
 * @see https://docs.oasis-open.org/security/saml/v2.0/saml-metadata-2.0-os.pdf section 2.4.3 (the order of elements)
 */
export function federationMetadata({ issuer, signInUrl, certificates }: IdentityProviderMetadata): string {
  const post = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
  const redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
  const keys = certificates.map(
    (certificate) =>
      "<KeyDescriptor use='signing'><KeyInfo xmlns='http://www.w3.org/2000/09/xmldsig#'><X509Data><X509Certificate>" +
      `${certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`,
  );
  // Single quotes: `cdktf synth --hcl` leaves double quotes unescaped in a string that holds an expression.
  return [
    "<?xml version='1.0' encoding='utf-8'?>",
    `<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' entityID='${issuer}'>`,
    "<IDPSSODescriptor protocolSupportEnumeration='urn:oasis:names:tc:SAML:2.0:protocol'>",
    ...keys,
    `<SingleLogoutService Binding='${redirect}' Location='${signInUrl}'/>`,
    `<SingleSignOnService Binding='${redirect}' Location='${signInUrl}'/>`,
    `<SingleSignOnService Binding='${post}' Location='${signInUrl}'/>`,
    "</IDPSSODescriptor></EntityDescriptor>",
  ].join("");
}
