import { randomUUID } from "node:crypto";
import type { ApplicationBody } from "../../../cloud/entra/applications";
import type { Application } from "../../../cloud/entra/state";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { ResourceType } from "../../resource-type";
import type { Attributes, Problem, Value } from "../../values";
import { appRoleIds, expandAppRoles, flattenAppRoles, withChangedRolesDisabled } from "./app-roles";
import {
  applied,
  block,
  blocks,
  changed,
  duplicateName,
  flag,
  onceMade,
  reconcile,
  refreshed,
  text,
  textOrNull,
  texts,
  unlessGone,
} from "./attributes";
import { featureTags, planFeatureTags, tagsToSend } from "./feature-tags";
import { ids } from "./ids";
import {
  atMost,
  check,
  conflicting,
  notEmpty,
  notModelled,
  oneOf,
  redirectUri,
  roleValue,
  uuid,
  webUrl,
} from "./validators";

const DEFAULTS = {
  sign_in_audience: "AzureADMyOrg",
  prevent_duplicate_names: false,
  "app_role.enabled": true,
  "api.requested_access_token_version": 1,
} as const;

/** applications/application_resource.go */
export const application: ResourceType<Tenant> = {
  defaults: DEFAULTS,
  forceNew: ["template_id"],
  recomputedWhen: { app_role_ids: ["app_role"], tags: ["feature_tags"] },

  validate: (config) => [
    ...check(config, {
      display_name: notEmpty,
      "app_role.id": uuid,
      "app_role.allowed_member_types": oneOf("Application", "User"),
      "app_role.description": notEmpty,
      "app_role.display_name": notEmpty,
      "app_role.value": roleValue,
      description: atMost(1024),
      group_membership_claims: oneOf("All", "None", "ApplicationGroup", "DirectoryRole", "SecurityGroup"),
      identifier_uris: notEmpty,
      notes: notEmpty,
      owners: uuid,
      sign_in_audience: oneOf(
        "AzureADMyOrg",
        "AzureADMultipleOrgs",
        "AzureADandPersonalMicrosoftAccount",
        "PersonalMicrosoftAccount",
      ),
      template_id: uuid,
      "web.homepage_url": webUrl,
      "web.logout_url": webUrl,
      "web.redirect_uris": redirectUri,
    }),
    ...conflicting(config, "tags", "feature_tags"),
    ...notModelled(config, [
      "api.known_client_applications",
      "api.oauth2_permission_scope.id",
      "logo_image",
      "oauth2_post_response_required",
      "optional_claims.access_token.name",
      "optional_claims.id_token.name",
      "optional_claims.saml2_token.name",
      "password.display_name",
      "public_client.redirect_uris",
      "required_resource_access.resource_app_id",
      "single_page_application.redirect_uris",
    ]),
  ],

  plan(tenant, change) {
    const { prior, planned } = change;
    planFeatureTags(change);
    const problems = duplicateRoles(blocks(planned.app_role));
    if (!prior && flag(planned.prevent_duplicate_names)) {
      const [taken] = tenant.applications.byDisplayName(text(planned.display_name));
      if (taken) problems.push({ summary: duplicateName("azuread_application", taken.id, taken.displayName).message });
    }
    return problems;
  },

  async create(tenant, planned) {
    refuseDuplicateName(tenant, planned);
    const templateId = text(planned.template_id);
    if (templateId) {
      tenant.applicationTemplates.get(templateId);
      // Under a name of its own, by which the real provider finds it when the answer is a false 404.
      const temporaryName = `TERRAFORM_INSTANTIATE_${randomUUID()}`;
      const { applicationId } = await tenant.applicationTemplates.instantiate(templateId, temporaryName);
      const made = { ...planned, id: ids.application.of(applicationId) };
      return onceMade(made, () => bring(tenant, applicationId, planned, {}));
    }
    const owners = texts(planned.owners);
    const caller = tenant.callerId;
    const { id } = await tenant.applications.create({
      ...bodyOf(planned, {}),
      displayName: text(planned.display_name),
      appRoles: expandAppRoles(blocks(planned.app_role)),
      identifierUris: texts(planned.identifier_uris),
      owners: caller ? [caller, ...owners.filter((owner) => owner !== caller)] : owners,
    });
    return onceMade({ ...planned, id: ids.application.of(id) }, async () => {
      // The real provider renames twice to see that the application is there.
      for (const displayName of [`TERRAFORM_UPDATE_${randomUUID()}`, text(planned.display_name)]) {
        await tenant.applications.update(id, { displayName });
      }
      if (caller && !owners.includes(caller)) await tenant.applications.removeOwner(id, caller);
      return applied(planned, flatten(tenant.applications.get(id), planned));
    });
  },

  read(tenant, state) {
    const found = unlessGone(() => tenant.applications.get(ids.application.last(state.id)));
    return found && refreshed(flatten(found, state), state, DEFAULTS);
  },

  update: (tenant, planned, prior) => {
    refuseDuplicateName(tenant, planned, ids.application.last(prior.id));
    return bring(tenant, ids.application.last(prior.id), planned, prior);
  },

  delete: (tenant, state) => tenant.applications.delete(ids.application.last(state.id)),

  import: ids.application.import,
};

/** Makes an existing application what is planned: what the configuration does not say is reset, but for what is sent on change only. */
async function bring(tenant: Tenant, id: string, planned: Attributes, prior: Attributes): Promise<Attributes> {
  const body = bodyOf(planned, prior);
  if (changed(prior.app_role, planned.app_role)) {
    body.appRoles = expandAppRoles(blocks(planned.app_role));
    const disabled = withChangedRolesDisabled(tenant.applications.get(id).appRoles, body.appRoles);
    if (disabled) await tenant.applications.update(id, { appRoles: disabled });
  }
  if (changed(prior.identifier_uris, planned.identifier_uris)) body.identifierUris = texts(planned.identifier_uris);
  await tenant.applications.update(id, body);
  if (changed(prior.owners, planned.owners)) {
    await reconcile(tenant.applications.get(id).owners, texts(planned.owners), {
      add: (owner) => tenant.applications.addOwner(id, owner),
      remove: (owner) => tenant.applications.removeOwner(id, owner),
    });
  }
  return applied(planned, flatten(tenant.applications.get(id), planned));
}

/** What every update sends. */
function bodyOf(planned: Attributes, prior: Attributes): ApplicationBody {
  const web = block(planned.web) ?? {};
  const implicit = block(web.implicit_grant) ?? {};
  const api = block(planned.api) ?? {};
  return {
    displayName: text(planned.display_name),
    description: textOrNull(planned.description),
    notes: textOrNull(planned.notes),
    groupMembershipClaims: texts(planned.group_membership_claims).join(",") || null,
    info: {
      marketingUrl: textOrNull(planned.marketing_url),
      privacyStatementUrl: textOrNull(planned.privacy_statement_url),
      supportUrl: textOrNull(planned.support_url),
      termsOfServiceUrl: textOrNull(planned.terms_of_service_url),
    },
    isDeviceOnlyAuthSupported: flag(planned.device_only_auth_enabled),
    isFallbackPublicClient: flag(planned.fallback_public_client_enabled),
    serviceManagementReference: textOrNull(planned.service_management_reference),
    signInAudience: text(planned.sign_in_audience),
    tags: tagsToSend(planned, prior),
    web: {
      homePageUrl: textOrNull(web.homepage_url),
      logoutUrl: textOrNull(web.logout_url),
      redirectUris: texts(web.redirect_uris),
      implicitGrantSettings: {
        enableAccessTokenIssuance: flag(implicit.access_token_issuance_enabled),
        enableIdTokenIssuance: flag(implicit.id_token_issuance_enabled),
      },
    },
    api: {
      acceptMappedClaims: flag(api.mapped_claims_enabled),
      requestedAccessTokenVersion: api.requested_access_token_version === 2 ? 2 : 1,
    },
  };
}

function flatten(app: Application, state: Attributes): Attributes {
  const { web, api, info } = app;
  const implicit = web.implicitGrantSettings;
  return {
    id: ids.application.of(app.id),
    object_id: app.id,
    client_id: app.appId,
    display_name: app.displayName,
    description: app.description,
    notes: app.notes,
    template_id: app.applicationTemplateId ?? "",
    identifier_uris: app.identifierUris,
    app_role: flattenAppRoles(app.appRoles),
    app_role_ids: appRoleIds(app.appRoles),
    api: defaultApi(api) && blocks(state.api).length === 0 ? [] : [flattenApi(api)],
    web: [
      {
        homepage_url: web.homePageUrl,
        logout_url: web.logoutUrl,
        redirect_uris: web.redirectUris,
        implicit_grant: [
          {
            access_token_issuance_enabled: implicit.enableAccessTokenIssuance,
            id_token_issuance_enabled: implicit.enableIdTokenIssuance,
          },
        ],
      },
    ],
    marketing_url: info.marketingUrl,
    privacy_statement_url: info.privacyStatementUrl,
    support_url: info.supportUrl,
    terms_of_service_url: info.termsOfServiceUrl,
    group_membership_claims: app.groupMembershipClaims?.split(",") ?? [],
    device_only_auth_enabled: app.isDeviceOnlyAuthSupported,
    fallback_public_client_enabled: app.isFallbackPublicClient,
    service_management_reference: app.serviceManagementReference,
    sign_in_audience: app.signInAudience,
    tags: app.tags,
    feature_tags: featureTags(app.tags, state),
    owners: app.owners,
    prevent_duplicate_names: flag(state.prevent_duplicate_names),
    oauth2_permission_scope_ids: {},
    disabled_by_microsoft: "<nil>",
    logo_url: "",
    publisher_domain: "",
  };
}

/** An `api` block that says nothing new is as good as none (application_resource.go, applicationDiffSuppress). */
const defaultApi = (api: Application["api"]) => !api.acceptMappedClaims && api.requestedAccessTokenVersion === 1;

const flattenApi = (api: Application["api"]): Attributes => ({
  mapped_claims_enabled: api.acceptMappedClaims,
  requested_access_token_version: api.requestedAccessTokenVersion,
  known_client_applications: [],
  oauth2_permission_scope: [],
});

function refuseDuplicateName(tenant: Tenant, planned: Attributes, ownId?: string): void {
  if (!flag(planned.prevent_duplicate_names)) return;
  const taken = tenant.applications.byDisplayName(text(planned.display_name)).find(({ id }) => id !== ownId);
  if (taken) throw duplicateName("azuread_application", taken.id, taken.displayName);
}

/** applications.go, applicationValidateRolesScopes: roles without a value are not compared. */
function duplicateRoles(roles: Attributes[]): Problem[] {
  const comparable = roles.filter((role) => text(role.id) && text(role.value));
  const first = (name: string, other: string) =>
    comparable.find((role, index) =>
      comparable.slice(0, index).some((before) => before[name] === role[name] && before[other] !== role[other]),
    );
  const problem = (what: string, value: Value | undefined): Problem => ({
    summary: `checking for duplicate app roles / OAuth2.0 permission scopes: validation failed: duplicate ${what} found: "${text(value)}"`,
  });
  const sameId = first("id", "value");
  const sameValue = first("value", "id");
  return [...(sameId ? [problem("ID", sameId.id)] : []), ...(sameValue ? [problem("value", sameValue.value)] : [])];
}
