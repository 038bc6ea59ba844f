import type { Tenant } from "../../../cloud/entra/tenant";
import type { ResourceType } from "../../resource-type";
import { alreadyExists, text, unlessGone } from "./attributes";
import { ids } from "./ids";
import { check, id, notEmpty } from "./validators";

/** applications/application_identifier_uri_resource.go: reads the whole list, changes it, writes it back. */
export const applicationIdentifierUri: ResourceType<Tenant> = {
  validate: (config) => check(config, { application_id: id(ids.application), identifier_uri: notEmpty }),

  async create(tenant, planned) {
    const applicationId = ids.application.last(planned.application_id);
    const uri = text(planned.identifier_uri);
    const own = ids.identifierUri.of(applicationId, Buffer.from(uri).toString("base64"));
    const { identifierUris } = tenant.applications.get(applicationId);
    if (identifierUris.includes(uri)) throw alreadyExists("azuread_application_identifier_uri", own);
    await tenant.applications.update(applicationId, { identifierUris: [...identifierUris, uri] });
    return { ...planned, id: own };
  },

  read(tenant, state) {
    const { applicationId, uri } = parse(state.id);
    const application = unlessGone(() => tenant.applications.get(applicationId));
    if (!application?.identifierUris.includes(uri)) return undefined;
    return { id: state.id ?? null, application_id: ids.application.of(applicationId), identifier_uri: uri };
  },

  async delete(tenant, state) {
    const { applicationId, uri } = parse(state.id);
    const { identifierUris } = tenant.applications.get(applicationId);
    if (!identifierUris.includes(uri))
      throw new Error(`deleting ${text(state.id)}: could not identify existing identifier URI`);
    await tenant.applications.update(applicationId, {
      identifierUris: identifierUris.filter((other) => other !== uri),
    });
  },

  import: ids.identifierUri.import,
};

function parse(resourceId: unknown): { applicationId: string; uri: string } {
  const [applicationId = "", encoded = ""] = ids.identifierUri.parts(resourceId);
  return { applicationId, uri: Buffer.from(encoded, "base64").toString("utf8") };
}
