import { createHash } from "node:crypto";
import type { ServicePrincipalBody, ServicePrincipalView } from "../../../cloud/entra/service-principals";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { DataSourceType, ResourceType } from "../../resource-type";
import type { Attributes, Value } from "../../values";
import { appRoleIds, flattenAppRoles } from "./app-roles";
import {
  alreadyExists,
  applied,
  block,
  changed,
  flag,
  onceMade,
  reconcile,
  refreshed,
  text,
  textOrNull,
  texts,
  unlessGone,
} from "./attributes";
import { featureTags, flattenFeatures, planFeatureTags, tagsToSend } from "./feature-tags";
import { ids } from "./ids";
import { atMost, check, conflicting, exactlyOneOf, notEmpty, notModelled, oneOf, uuid, webUrl } from "./validators";

const DEFAULTS = { account_enabled: true } as const;

/** serviceprincipals/service_principal_resource.go */
export const servicePrincipal: ResourceType<Tenant> = {
  defaults: DEFAULTS,
  forceNew: ["client_id"],
  recomputedWhen: { tags: ["feature_tags"] },

  validate: (config) => [
    ...check(config, {
      client_id: uuid,
      alternative_names: notEmpty,
      description: atMost(1024),
      login_url: webUrl,
      notes: atMost(1024),
      notification_email_addresses: notEmpty,
      owners: uuid,
      preferred_single_sign_on_mode: oneOf("", "notSupported", "oidc", "password", "saml"),
      "saml_single_sign_on.relay_state": notEmpty,
    }),
    ...conflicting(config, "tags", "feature_tags"),
    ...notModelled(config, ["features.enterprise_application", "features.gallery_application"]),
  ],

  plan(_, change) {
    planFeatureTags(change);
    return undefined;
  },

  async create(tenant, planned) {
    const existing = tenant.servicePrincipals.byAppId(text(planned.client_id));
    if (existing && !flag(planned.use_existing)) throw alreadyExists("azuread_service_principal", existing.id);
    // Adoption sends every field: what is not configured is reset.
    if (existing) return onceMade(made(planned, existing.id), () => bring(tenant, existing.id, planned, {}));
    const owners = texts(planned.owners);
    const caller = tenant.callerId;
    const { id } = await tenant.servicePrincipals.create(text(planned.client_id), {
      ...bodyOf(planned, {}),
      owners: caller ? [caller, ...owners.filter((owner) => owner !== caller)] : owners,
    });
    return onceMade(made(planned, id), async () => {
      // The real provider sets the description once more to see that the service principal is there.
      await tenant.servicePrincipals.update(id, { description: textOrNull(planned.description) });
      if (caller && !owners.includes(caller)) await tenant.servicePrincipals.removeOwner(id, caller);
      return applied(planned, flatten(tenant.servicePrincipals.get(id), planned));
    });
  },

  read(tenant, state) {
    const found = unlessGone(() => tenant.servicePrincipals.get(ids.servicePrincipal.last(state.id)));
    return found && refreshed(flatten(found, state), state, DEFAULTS);
  },

  update: (tenant, planned, prior) => bring(tenant, ids.servicePrincipal.last(prior.id), planned, prior),

  /** An adopted service principal is deleted all the same, and whatever goes wrong with it is ignored. */
  async delete(tenant, state) {
    try {
      await tenant.servicePrincipals.delete(ids.servicePrincipal.last(state.id));
    } catch (error) {
      if (!flag(state.use_existing)) throw error;
    }
  },

  import: ids.servicePrincipal.import,
};

const made = (planned: Attributes, id: string): Attributes => ({ ...planned, id: ids.servicePrincipal.of(id) });

async function bring(tenant: Tenant, id: string, planned: Attributes, prior: Attributes): Promise<Attributes> {
  await tenant.servicePrincipals.update(id, bodyOf(planned, prior));
  if (changed(prior.owners, planned.owners)) {
    await reconcile(tenant.servicePrincipals.get(id).owners, texts(planned.owners), {
      add: (owner) => tenant.servicePrincipals.addOwner(id, owner),
      remove: (owner) => tenant.servicePrincipals.removeOwner(id, owner),
    });
  }
  return applied(planned, flatten(tenant.servicePrincipals.get(id), planned));
}

function bodyOf(planned: Attributes, prior: Attributes): ServicePrincipalBody {
  const saml = block(planned.saml_single_sign_on);
  return {
    accountEnabled: flag(planned.account_enabled),
    alternativeNames: texts(planned.alternative_names),
    appRoleAssignmentRequired: flag(planned.app_role_assignment_required),
    description: textOrNull(planned.description),
    loginUrl: textOrNull(planned.login_url),
    notes: textOrNull(planned.notes),
    notificationEmailAddresses: texts(planned.notification_email_addresses),
    preferredSingleSignOnMode: textOrNull(planned.preferred_single_sign_on_mode),
    samlSingleSignOnSettings: saml ? { relayState: textOrNull(saml.relay_state) } : null,
    tags: tagsToSend(planned, prior),
  };
}

/** What resource and data source have in common. */
function shared(principal: ServicePrincipalView): Attributes {
  const relayState = principal.samlSingleSignOnSettings?.relayState;
  return {
    id: ids.servicePrincipal.of(principal.id),
    object_id: principal.id,
    client_id: principal.appId,
    display_name: principal.displayName,
    account_enabled: principal.accountEnabled,
    alternative_names: principal.alternativeNames,
    app_role_assignment_required: principal.appRoleAssignmentRequired,
    app_role_ids: appRoleIds(principal.appRoles),
    app_roles: flattenAppRoles(principal.appRoles),
    application_tenant_id: principal.appOwnerOrganizationId,
    description: principal.description ?? "",
    homepage_url: principal.homepage ?? "",
    login_url: principal.loginUrl ?? "",
    logout_url: principal.logoutUrl ?? "",
    notes: principal.notes ?? "",
    notification_email_addresses: principal.notificationEmailAddresses,
    oauth2_permission_scope_ids: {},
    oauth2_permission_scopes: [],
    preferred_single_sign_on_mode: principal.preferredSingleSignOnMode ?? "",
    redirect_uris: principal.replyUrls,
    saml_metadata_url: "",
    saml_single_sign_on: relayState ? [{ relay_state: relayState }] : [],
    service_principal_names: identifiers(principal),
    sign_in_audience: principal.signInAudience,
    tags: principal.tags,
    type: principal.servicePrincipalType,
  };
}

function flatten(principal: ServicePrincipalView, state: Attributes): Attributes {
  return {
    ...shared(principal),
    owners: principal.owners,
    feature_tags: featureTags(principal.tags, state),
    features: [],
    use_existing: state.use_existing ?? null,
  };
}

/** Names without the client id, as the provider shows them. */
const identifiers = ({ servicePrincipalNames, appId }: ServicePrincipalView): string[] =>
  servicePrincipalNames.filter((name) => name.toLowerCase() !== appId.toLowerCase());

/** serviceprincipals/service_principal_data_source.go */
export const servicePrincipalData: DataSourceType<Tenant> = {
  validate: (config) => [
    ...check(config, { client_id: uuid, object_id: uuid, display_name: notEmpty }),
    ...exactlyOneOf(config, "client_id", "display_name", "object_id"),
  ],
  read(tenant, config) {
    const principal = theOne(tenant, config);
    const { enterprise, gallery, custom_single_sign_on, hide } = flattenFeatures(principal.tags)[0] ?? {};
    const features: Attributes = {
      custom_single_sign_on_app: custom_single_sign_on ?? false,
      enterprise_application: enterprise ?? false,
      gallery_application: gallery ?? false,
      visible_to_users: hide !== true,
    };
    return { ...shared(principal), feature_tags: flattenFeatures(principal.tags), features: [features] };
  },
};

function theOne(tenant: Tenant, config: Attributes): ServicePrincipalView {
  const objectId = text(config.object_id);
  const name = text(config.display_name);
  const found = objectId
    ? [unlessGone(() => tenant.servicePrincipals.get(objectId))]
    : name
      ? tenant.servicePrincipals.byDisplayName(name)
      : [tenant.servicePrincipals.byAppId(text(config.client_id))];
  const [principal, another] = found.filter((one) => one !== undefined);
  if (another) throw new Error(`Multiple service principals found: found multiple service principals named "${name}"`);
  if (!principal) throw new Error(`Service principal not found: ${objectId || name || text(config.client_id)}`);
  return principal;
}

/** serviceprincipals/service_principals_data_source.go */
export const servicePrincipalsData: DataSourceType<Tenant> = {
  validate: (config) => [
    ...check(config, { client_ids: uuid, object_ids: uuid, display_names: notEmpty }),
    ...exactlyOneOf(config, "client_ids", "display_names", "object_ids", "return_all"),
    ...conflicting(config, "ignore_missing", "return_all"),
  ],
  read(tenant, config) {
    const ignoreMissing = flag(config.ignore_missing);
    const all = flag(config.return_all) ? tenant.servicePrincipals.list() : undefined;
    const found = all ?? [
      ...each(texts(config.client_ids), "application ID", ignoreMissing, (id) => [
        tenant.servicePrincipals.byAppId(id),
      ]),
      ...each(texts(config.display_names), "display name", ignoreMissing, (name) =>
        tenant.servicePrincipals.byDisplayName(name),
      ),
      ...each(texts(config.object_ids), "object ID", ignoreMissing, (id) => [
        unlessGone(() => tenant.servicePrincipals.get(id)),
      ]),
    ];
    const objectIds = found.map(({ id }) => id);
    return {
      id: `serviceprincipals#${urlBase64(createHash("sha1").update(objectIds.join("/")).digest())}`,
      client_ids: found.map(({ appId }) => appId),
      display_names: found.map(({ displayName }) => displayName),
      object_ids: objectIds,
      ignore_missing: config.ignore_missing ?? null,
      return_all: config.return_all ?? null,
      service_principals: found.map(listed),
    };
  },
};

function each(
  wanted: readonly string[],
  what: string,
  ignoreMissing: boolean,
  find: (wanted: string) => (ServicePrincipalView | undefined)[],
): ServicePrincipalView[] {
  return wanted.flatMap((one) => {
    const found = find(one).filter((principal) => principal !== undefined);
    if (found.length > 1)
      throw new Error(`Finding service principals with ${what}: "${one}": more than one service principal returned`);
    if (found.length === 0 && !ignoreMissing) throw new Error(`No service principals with ${what} "${one}" were found`);
    return found;
  });
}

function listed(principal: ServicePrincipalView): Value {
  const {
    account_enabled,
    app_role_assignment_required,
    application_tenant_id,
    client_id,
    display_name,
    object_id,
    ...rest
  } = shared(principal);
  return {
    account_enabled,
    app_role_assignment_required,
    application_tenant_id,
    client_id,
    display_name,
    object_id,
    preferred_single_sign_on_mode: rest.preferred_single_sign_on_mode,
    saml_metadata_url: rest.saml_metadata_url,
    service_principal_names: rest.service_principal_names,
    sign_in_audience: rest.sign_in_audience,
    tags: rest.tags,
    type: rest.type,
  } as Attributes;
}

/** Go's URLEncoding: with padding. */
const urlBase64 = (bytes: Buffer): string => bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
