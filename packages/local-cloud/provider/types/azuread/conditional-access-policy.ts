import type { ConditionalAccessBody } from "../../../cloud/entra/conditional-access";
import type {
  ConditionalAccessConditions,
  ConditionalAccessFilter,
  ConditionalAccessPolicy,
  GuestsOrExternalUsers,
} from "../../../cloud/entra/state";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { ResourceType } from "../../resource-type";
import type { Attributes, Problem, Value } from "../../values";
import { applied, block, flag, number, refreshed, text, textOrNull, texts, unlessGone } from "./attributes";
import { ids } from "./ids";
import { atLeastOneOf, check, id, notEmpty, oneOf } from "./validators";

const RISK_LEVELS = oneOf("hidden", "high", "low", "medium", "none");
const PLATFORMS = oneOf("all", "android", "iOS", "linux", "macOS", "windows", "windowsPhone");
const FILTER_MODE = oneOf("exclude", "include");
const GUEST_TYPES = oneOf(
  "b2bCollaborationGuest",
  "b2bCollaborationMember",
  "b2bDirectConnectUser",
  "internalGuest",
  "none",
  "otherExternalUser",
  "serviceProvider",
);
const MEMBERSHIP_KINDS = oneOf("all", "enumerated");

/** conditionalaccess/conditional_access_policy_resource.go */
export const conditionalAccessPolicy: ResourceType<Tenant> = {
  validate: (config) => [
    ...check(config, {
      display_name: notEmpty,
      state: oneOf("disabled", "enabled", "enabledForReportingButNotEnforced"),
      "conditions.applications.included_applications": notEmpty,
      "conditions.applications.excluded_applications": notEmpty,
      "conditions.applications.included_user_actions": notEmpty,
      "conditions.applications.filter.mode": FILTER_MODE,
      "conditions.applications.filter.rule": notEmpty,
      "conditions.authentication_flow_transfer_methods": oneOf("authenticationTransfer", "deviceCodeFlow"),
      "conditions.client_app_types": oneOf(
        "all",
        "browser",
        "easSupported",
        "exchangeActiveSync",
        "mobileAppsAndDesktopClients",
        "other",
      ),
      "conditions.client_applications.filter.mode": FILTER_MODE,
      "conditions.devices.filter.mode": FILTER_MODE,
      "conditions.platforms.included_platforms": PLATFORMS,
      "conditions.platforms.excluded_platforms": PLATFORMS,
      "conditions.sign_in_risk_levels": RISK_LEVELS,
      "conditions.user_risk_levels": RISK_LEVELS,
      "conditions.service_principal_risk_levels": RISK_LEVELS,
      "conditions.insider_risk_levels": oneOf("elevated", "minor", "moderate"),
      "conditions.users.included_groups": notEmpty,
      "conditions.users.excluded_groups": notEmpty,
      "conditions.users.included_users": notEmpty,
      "conditions.users.excluded_users": notEmpty,
      "conditions.users.included_guests_or_external_users.guest_or_external_user_types": GUEST_TYPES,
      "conditions.users.excluded_guests_or_external_users.guest_or_external_user_types": GUEST_TYPES,
      "conditions.users.included_guests_or_external_users.external_tenants.membership_kind": MEMBERSHIP_KINDS,
      "conditions.users.excluded_guests_or_external_users.external_tenants.membership_kind": MEMBERSHIP_KINDS,
      "grant_controls.operator": oneOf("AND", "OR"),
      "grant_controls.built_in_controls": oneOf(
        "approvedApplication",
        "block",
        "compliantApplication",
        "compliantDevice",
        "domainJoinedDevice",
        "mfa",
        "passwordChange",
      ),
      "grant_controls.authentication_strength_policy_id": id(ids.authenticationStrength),
      "session_controls.cloud_app_security_policy": oneOf("blockDownloads", "mcasConfigured", "monitorOnly"),
      "session_controls.persistent_browser_mode": oneOf("always", "never"),
      "session_controls.sign_in_frequency_authentication_type": oneOf(
        "primaryAndSecondaryAuthentication",
        "secondaryAuthentication",
      ),
      "session_controls.sign_in_frequency_interval": oneOf("everyTime", "timeBased"),
      "session_controls.sign_in_frequency_period": oneOf("days", "hours"),
    }),
    ...requiredTogether(config),
  ],

  plan(_, { planned }) {
    const session = block(planned.session_controls);
    if (session?.sign_in_frequency_interval !== "everyTime") return undefined;
    if (number(session.sign_in_frequency) === 0 && !text(session.sign_in_frequency_period)) return undefined;
    return [
      {
        summary:
          "when `session_controls.sign_in_frequency_interval` is set to `everyTime`, `sign_in_frequency` and `sign_in_frequency_period` are not valid",
      },
    ];
  },

  async create(tenant, planned) {
    return applied(planned, flatten(await tenant.conditionalAccess.create(policyBody(planned))));
  },

  read(tenant, state) {
    const found = unlessGone(() => tenant.conditionalAccess.get(ids.conditionalAccessPolicy.last(state.id)));
    return found && refreshed(flatten(found), state);
  },

  async update(tenant, planned, prior) {
    const policyId = ids.conditionalAccessPolicy.last(prior.id);
    await tenant.conditionalAccess.update(policyId, policyBody(planned));
    return applied(planned, flatten(tenant.conditionalAccess.get(policyId)));
  },

  /** A policy that is gone already is no error here. */
  async delete(tenant, state) {
    const policyId = ids.conditionalAccessPolicy.last(state.id);
    if (unlessGone(() => tenant.conditionalAccess.get(policyId))) await tenant.conditionalAccess.delete(policyId);
  },

  import: ids.conditionalAccessPolicy.import,
};

function requiredTogether(config: Attributes): Problem[] {
  const grant = block(config.grant_controls);
  const session = block(config.session_controls);
  const problems = [
    ...atLeastOneOf(config, "grant_controls.operator", "session_controls"),
    ...oneTarget(block(block(config.conditions)?.applications) ?? {}),
  ];
  if (session && (session.sign_in_frequency === null) !== (session.sign_in_frequency_period === null)) {
    problems.push({ summary: "sign_in_frequency and sign_in_frequency_period have to be specified together" });
  }
  if (!grant) return problems;
  return [
    ...problems,
    ...atLeastOneOf(grant, "built_in_controls", "authentication_strength_policy_id", "terms_of_use"),
  ];
}

/** Also beside a filter, and an empty list counts as set (`ExactlyOneOf` of the SDK asks whether the configuration has it). */
function oneTarget({ included_applications: applications, included_user_actions: actions }: Attributes): Problem[] {
  const [set, other] = [applications, actions].filter((value) => value !== null && value !== undefined);
  if (set !== undefined && other === undefined) return [];
  const which = "included_applications, included_user_actions";
  return [
    { summary: other === undefined ? `one of ${which} must be specified` : `only one of ${which} can be specified` },
  ];
}

/** The request that a policy of this configuration makes. */
export function policyBody(planned: Attributes): ConditionalAccessBody {
  return {
    displayName: text(planned.display_name),
    state: text(planned.state),
    conditions: expandConditions(block(planned.conditions) ?? {}),
    grantControls: expandGrant(block(planned.grant_controls)),
    sessionControls: expandSession(block(planned.session_controls)),
  };
}

function expandConditions(conditions: Attributes): ConditionalAccessConditions {
  const applications = block(conditions.applications) ?? {};
  const users = block(conditions.users) ?? {};
  const clients = block(conditions.client_applications);
  const locations = block(conditions.locations);
  const platforms = block(conditions.platforms);
  return {
    applications: {
      includeApplications: texts(applications.included_applications),
      excludeApplications: texts(applications.excluded_applications),
      includeUserActions: texts(applications.included_user_actions),
      applicationFilter: expandFilter(applications.filter),
    },
    users: {
      includeUsers: texts(users.included_users),
      excludeUsers: texts(users.excluded_users),
      includeGroups: texts(users.included_groups),
      excludeGroups: texts(users.excluded_groups),
      includeRoles: texts(users.included_roles),
      excludeRoles: texts(users.excluded_roles),
      includeGuestsOrExternalUsers: expandGuests(block(users.included_guests_or_external_users)),
      excludeGuestsOrExternalUsers: expandGuests(block(users.excluded_guests_or_external_users)),
    },
    clientAppTypes: texts(conditions.client_app_types),
    transferMethods: texts(conditions.authentication_flow_transfer_methods).join(",") || null,
    clientApplications: clients
      ? {
          includeServicePrincipals: texts(clients.included_service_principals),
          excludeServicePrincipals: texts(clients.excluded_service_principals),
          servicePrincipalFilter: expandFilter(clients.filter),
        }
      : null,
    deviceFilter: expandFilter(block(conditions.devices)?.filter),
    locations: locations
      ? { includeLocations: texts(locations.included_locations), excludeLocations: texts(locations.excluded_locations) }
      : null,
    platforms: platforms
      ? { includePlatforms: texts(platforms.included_platforms), excludePlatforms: texts(platforms.excluded_platforms) }
      : null,
    signInRiskLevels: texts(conditions.sign_in_risk_levels),
    userRiskLevels: texts(conditions.user_risk_levels),
    servicePrincipalRiskLevels: texts(conditions.service_principal_risk_levels),
    insiderRiskLevels: textOrNull(conditions.insider_risk_levels),
  };
}

function expandFilter(value: Value | undefined): ConditionalAccessFilter | null {
  const filter = block(value);
  return filter ? { mode: text(filter.mode), rule: text(filter.rule) } : null;
}

function expandGuests(guests: Attributes | undefined): GuestsOrExternalUsers | null {
  if (!guests) return null;
  const tenants = block(guests.external_tenants);
  const membershipKind = text(tenants?.membership_kind);
  return {
    guestOrExternalUserTypes: texts(guests.guest_or_external_user_types).join(","),
    externalTenants: tenants
      ? { membershipKind, members: membershipKind === "enumerated" ? texts(tenants.members) : [] }
      : null,
  };
}

function expandGrant(grant: Attributes | undefined): ConditionalAccessPolicy["grantControls"] {
  if (!grant) return null;
  const strength = text(grant.authentication_strength_policy_id);
  return {
    operator: text(grant.operator),
    builtInControls: texts(grant.built_in_controls),
    customAuthenticationFactors: texts(grant.custom_authentication_factors),
    termsOfUse: texts(grant.terms_of_use),
    authenticationStrength: strength ? ids.authenticationStrength.last(strength) : null,
  };
}

/** Session controls that control nothing are sent as none (conditionalaccess.go, expandConditionalAccessSessionControls). */
function expandSession(session: Attributes | undefined): ConditionalAccessPolicy["sessionControls"] {
  if (!session) return null;
  const controls = {
    applicationEnforcedRestrictions: flag(session.application_enforced_restrictions_enabled),
    cloudAppSecurity: textOrNull(session.cloud_app_security_policy),
    disableResilienceDefaults: flag(session.disable_resilience_defaults),
    persistentBrowser: textOrNull(session.persistent_browser_mode),
    signInFrequency: expandFrequency(session),
  };
  return Object.values(controls).some(Boolean) ? controls : null;
}

function expandFrequency(
  session: Attributes,
): NonNullable<ConditionalAccessPolicy["sessionControls"]>["signInFrequency"] {
  const value = number(session.sign_in_frequency);
  const interval = text(session.sign_in_frequency_interval);
  const authenticationType = text(session.sign_in_frequency_authentication_type);
  if (value === 0 && !interval && authenticationType !== "secondaryAuthentication") return null;
  return {
    value: value || null,
    type: value ? text(session.sign_in_frequency_period) : null,
    authenticationType: authenticationType || "primaryAndSecondaryAuthentication",
    frequencyInterval: interval || "timeBased",
  };
}

function flatten(policy: ConditionalAccessPolicy): Attributes {
  const { grantControls: grant, sessionControls: session } = policy;
  const frequency = session?.signInFrequency;
  return {
    id: ids.conditionalAccessPolicy.of(policy.id),
    object_id: policy.id,
    display_name: policy.displayName,
    state: policy.state,
    conditions: [flattenConditions(policy.conditions)],
    grant_controls: grant
      ? [
          {
            operator: grant.operator,
            built_in_controls: grant.builtInControls,
            custom_authentication_factors: grant.customAuthenticationFactors,
            terms_of_use: grant.termsOfUse,
            authentication_strength_policy_id: grant.authenticationStrength
              ? ids.authenticationStrength.of(grant.authenticationStrength)
              : "",
          },
        ]
      : [],
    session_controls: session
      ? [
          {
            application_enforced_restrictions_enabled: session.applicationEnforcedRestrictions,
            cloud_app_security_policy: session.cloudAppSecurity ?? "",
            disable_resilience_defaults: session.disableResilienceDefaults,
            persistent_browser_mode: session.persistentBrowser ?? "",
            sign_in_frequency: frequency?.value ?? 0,
            sign_in_frequency_period: frequency?.type ?? "",
            sign_in_frequency_authentication_type: frequency?.authenticationType ?? "",
            sign_in_frequency_interval: frequency?.frequencyInterval ?? "",
          },
        ]
      : [],
  };
}

function flattenConditions(conditions: ConditionalAccessConditions): Attributes {
  const { applications, users, clientApplications: clients, locations, platforms } = conditions;
  return {
    applications: [
      {
        included_applications: applications.includeApplications,
        excluded_applications: applications.excludeApplications,
        included_user_actions: applications.includeUserActions,
        filter: flattenFilter(applications.applicationFilter),
      },
    ],
    users: [
      {
        included_users: users.includeUsers,
        excluded_users: users.excludeUsers,
        included_groups: users.includeGroups,
        excluded_groups: users.excludeGroups,
        included_roles: users.includeRoles,
        excluded_roles: users.excludeRoles,
        included_guests_or_external_users: flattenGuests(users.includeGuestsOrExternalUsers),
        excluded_guests_or_external_users: flattenGuests(users.excludeGuestsOrExternalUsers),
      },
    ],
    client_app_types: conditions.clientAppTypes,
    authentication_flow_transfer_methods: conditions.transferMethods?.split(",") ?? [],
    client_applications: clients
      ? [
          {
            included_service_principals: clients.includeServicePrincipals,
            excluded_service_principals: clients.excludeServicePrincipals,
            filter: flattenFilter(clients.servicePrincipalFilter),
          },
        ]
      : [],
    devices: conditions.deviceFilter ? [{ filter: flattenFilter(conditions.deviceFilter) }] : [],
    locations: locations
      ? [{ included_locations: locations.includeLocations, excluded_locations: locations.excludeLocations }]
      : [],
    platforms: platforms
      ? [{ included_platforms: platforms.includePlatforms, excluded_platforms: platforms.excludePlatforms }]
      : [],
    sign_in_risk_levels: conditions.signInRiskLevels,
    user_risk_levels: conditions.userRiskLevels,
    service_principal_risk_levels: conditions.servicePrincipalRiskLevels,
    insider_risk_levels: conditions.insiderRiskLevels ?? "",
  };
}

const flattenFilter = (filter: ConditionalAccessFilter | null): Attributes[] => (filter ? [{ ...filter }] : []);

function flattenGuests(guests: GuestsOrExternalUsers | null): Attributes[] {
  if (!guests) return [];
  const { externalTenants: tenants } = guests;
  return [
    {
      guest_or_external_user_types: guests.guestOrExternalUserTypes.split(","),
      external_tenants: tenants ? [{ membership_kind: tenants.membershipKind, members: tenants.members }] : [],
    },
  ];
}
