import { thumbprintOf } from "../../../cloud/entra/signing-certificates";
import type { KeyCredential } from "../../../cloud/entra/state";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { applied, text, timedOut, unlessGone } from "./attributes";
import { ids } from "./ids";
import { check, commonName, id, rfc3339 } from "./validators";

/** serviceprincipals/service_principal_token_signing_certificate_resource.go. It never makes a certificate the active one. */
export const tokenSigningCertificate: ResourceType<Tenant> = {
  validate: (config) =>
    check(config, { service_principal_id: id(ids.servicePrincipal), display_name: commonName, end_date: rfc3339 }),

  async create(tenant, planned) {
    const servicePrincipalId = ids.servicePrincipal.last(planned.service_principal_id);
    const added = await tenant.signingCertificates.add(servicePrincipalId, {
      displayName: text(planned.display_name),
      endDateTime: text(planned.end_date),
    });
    // Graph answers with the id of the Sign entry; the provider goes by the Verify entry of the same certificate.
    const credential = tenant.servicePrincipals
      .get(servicePrincipalId)
      .keyCredentials.find(
        ({ customKeyIdentifier, usage }) => customKeyIdentifier === added.customKeyIdentifier && usage === "Verify",
      );
    if (!credential) throw new Error("Could not determine key ID for newly added token signing certificate");
    return applied(planned, flatten(servicePrincipalId, credential));
  },

  read(tenant, state) {
    const [servicePrincipalId = "", keyId = ""] = ids.signingCertificate.parts(state.id);
    const principal = unlessGone(() => tenant.servicePrincipals.get(servicePrincipalId));
    const credential = principal?.keyCredentials.find((one) => one.keyId === keyId);
    return credential && flatten(servicePrincipalId, credential);
  },

  /**
   * As the real provider does it, fault included: it goes by the last credential that is NOT the one to delete and removes all that
   * belong to that one, so that with two certificates the other may go. Then it waits five minutes for the right one to vanish.
   */
  async delete(tenant, state) {
    const [servicePrincipalId = "", keyId = ""] = ids.signingCertificate.parts(state.id);
    const { keyCredentials, passwordCredentials } = tenant.servicePrincipals.get(servicePrincipalId);
    const removed = keyCredentials.filter((one) => one.keyId !== keyId).at(-1)?.customKeyIdentifier ?? "";
    const stays = ({ customKeyIdentifier }: { customKeyIdentifier: string }) => customKeyIdentifier !== removed;
    await tenant.servicePrincipals.update(servicePrincipalId, {
      keyCredentials: keyCredentials.filter(stays),
      passwordCredentials: passwordCredentials.filter(stays),
    });
    const left = tenant.servicePrincipals.get(servicePrincipalId).keyCredentials;
    if (left.some((one) => one.keyId === keyId)) {
      const what = `Waiting for deletion of token signing certificate credential "${keyId}" Service Principal (Service Principal: "${servicePrincipalId}")`;
      throw timedOut(what, "Deleted", "5m0s");
    }
  },

  import: ids.signingCertificate.import,
};

function flatten(servicePrincipalId: string, credential: KeyCredential): Attributes {
  return {
    id: ids.signingCertificate.of(servicePrincipalId, credential.keyId),
    service_principal_id: ids.servicePrincipal.of(servicePrincipalId),
    key_id: credential.keyId,
    display_name: credential.displayName,
    start_date: credential.startDateTime,
    end_date: credential.endDateTime,
    value: credential.key ?? "",
    thumbprint: credential.key ? thumbprintOf(credential.key) : "",
  };
}
