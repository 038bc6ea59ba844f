/** A JSON value, as Graph sends it. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface User {
  id: string;
  displayName: string;
  userPrincipalName: string;
  mailNickname: string;
  accountEnabled: boolean;
  userType: "Member" | "Guest";
  /** That a password is set is kept, never the password. */
  passwordIsSet: boolean;
  forceChangePasswordNextSignIn: boolean;
  passwordPolicies: string | null;
  /** Further properties in Graph's names: `givenName`, `department`, … */
  details: Record<string, Json>;
}

export interface Group {
  id: string;
  displayName: string;
  description: string | null;
  mailNickname: string;
  securityEnabled: boolean;
  isAssignableToRole: boolean;
  visibility: string | null;
  /** Object ids of direct members: users, groups or service principals. */
  members: string[];
  owners: string[];
}

export interface AppRole {
  id: string;
  value: string | null;
  displayName: string;
  description: string;
  isEnabled: boolean;
  allowedMemberTypes: string[];
}

export interface Application {
  id: string;
  appId: string;
  displayName: string;
  description: string | null;
  notes: string | null;
  applicationTemplateId: string | null;
  identifierUris: string[];
  appRoles: AppRole[];
  web: {
    homePageUrl: string | null;
    logoutUrl: string | null;
    redirectUris: string[];
    implicitGrantSettings: { enableAccessTokenIssuance: boolean; enableIdTokenIssuance: boolean };
  };
  api: { acceptMappedClaims: boolean; requestedAccessTokenVersion: number };
  info: {
    marketingUrl: string | null;
    privacyStatementUrl: string | null;
    supportUrl: string | null;
    termsOfServiceUrl: string | null;
  };
  groupMembershipClaims: string | null;
  isDeviceOnlyAuthSupported: boolean;
  isFallbackPublicClient: boolean;
  serviceManagementReference: string | null;
  signInAudience: string;
  tags: string[];
  owners: string[];
}

/** The public half of a signing certificate: Graph lists it twice, once to sign and once to verify. */
export interface KeyCredential {
  keyId: string;
  /** The same for the entries and the password that belong to one certificate. */
  customKeyIdentifier: string;
  displayName: string;
  startDateTime: string;
  endDateTime: string;
  type: "AsymmetricX509Cert";
  usage: "Sign" | "Verify";
  /** The certificate, base64 of its DER form, on the Verify entry. */
  key: string | null;
}

export interface PasswordCredential {
  keyId: string;
  customKeyIdentifier: string;
  startDateTime: string;
  endDateTime: string;
}

/** What the tenant keeps of a service principal; names, identifiers and reply URLs follow the application. */
export interface ServicePrincipal {
  id: string;
  appId: string;
  /** Only of a service principal whose application is not in this tenant's store. */
  displayName: string;
  accountEnabled: boolean;
  alternativeNames: string[];
  appRoleAssignmentRequired: boolean;
  description: string | null;
  loginUrl: string | null;
  notes: string | null;
  notificationEmailAddresses: string[];
  preferredSingleSignOnMode: string | null;
  samlSingleSignOnSettings: { relayState: string | null } | null;
  tags: string[];
  owners: string[];
  keyCredentials: KeyCredential[];
  passwordCredentials: PasswordCredential[];
  preferredTokenSigningKeyThumbprint: string | null;
  /** App roles that stand on the service principal alone: role imports put them there. */
  importedAppRoles: AppRole[];
  claimsMappingPolicyIds: string[];
  /** By attribute set, then by attribute; without the types that Graph writes beside them. */
  customSecurityAttributes: Record<string, Record<string, Json>>;
}

export interface AppRoleAssignment {
  id: string;
  appRoleId: string;
  principalId: string;
  principalType: "User" | "Group" | "ServicePrincipal";
  resourceId: string;
  createdDateTime: string;
}

export interface ClaimsMappingPolicy {
  id: string;
  displayName: string;
  definition: string[];
}

export interface ConditionalAccessFilter {
  mode: string;
  rule: string;
}

export interface GuestsOrExternalUsers {
  guestOrExternalUserTypes: string;
  externalTenants: { membershipKind: string; members: string[] } | null;
}

export interface ConditionalAccessConditions {
  applications: {
    includeApplications: string[];
    excludeApplications: string[];
    includeUserActions: string[];
    applicationFilter: ConditionalAccessFilter | null;
  };
  users: {
    includeUsers: string[];
    excludeUsers: string[];
    includeGroups: string[];
    excludeGroups: string[];
    includeRoles: string[];
    excludeRoles: string[];
    includeGuestsOrExternalUsers: GuestsOrExternalUsers | null;
    excludeGuestsOrExternalUsers: GuestsOrExternalUsers | null;
  };
  clientAppTypes: string[];
  /** `deviceCodeFlow,authenticationTransfer`. */
  transferMethods: string | null;
  clientApplications: {
    includeServicePrincipals: string[];
    excludeServicePrincipals: string[];
    servicePrincipalFilter: ConditionalAccessFilter | null;
  } | null;
  deviceFilter: ConditionalAccessFilter | null;
  locations: { includeLocations: string[]; excludeLocations: string[] } | null;
  platforms: { includePlatforms: string[]; excludePlatforms: string[] } | null;
  signInRiskLevels: string[];
  userRiskLevels: string[];
  servicePrincipalRiskLevels: string[];
  insiderRiskLevels: string | null;
}

export interface ConditionalAccessPolicy {
  id: string;
  displayName: string;
  state: string;
  conditions: ConditionalAccessConditions;
  grantControls: {
    operator: string;
    builtInControls: string[];
    customAuthenticationFactors: string[];
    termsOfUse: string[];
    /** The id of an authentication strength. */
    authenticationStrength: string | null;
  } | null;
  sessionControls: {
    applicationEnforcedRestrictions: boolean;
    cloudAppSecurity: string | null;
    disableResilienceDefaults: boolean;
    persistentBrowser: string | null;
    signInFrequency: {
      value: number | null;
      type: string | null;
      authenticationType: string;
      frequencyInterval: string;
    } | null;
  } | null;
}

interface IpNamedLocation {
  id: string;
  displayName: string;
  kind: "ip";
  /** CIDR: `203.0.113.0/24`. */
  ipRanges: string[];
  isTrusted: boolean;
}

interface CountryNamedLocation {
  id: string;
  displayName: string;
  kind: "country";
  /** Two letters each, ISO 3166. */
  countriesAndRegions: string[];
  includeUnknownCountriesAndRegions: boolean;
  countryLookupMethod: string;
}

export type NamedLocation = IpNamedLocation | CountryNamedLocation;

/** A custom authentication strength. */
export interface AuthenticationStrength {
  id: string;
  displayName: string;
  description: string | null;
  /** `fido2`, `password,sms`. */
  allowedCombinations: string[];
}

/** The definition of a custom security attribute. */
export interface SecurityAttribute {
  attributeSet: string;
  name: string;
  type: "Boolean" | "Integer" | "String";
  /** Several values for one object. */
  isCollection: boolean;
  usePreDefinedValuesOnly: boolean;
  allowedValues: { id: string; isActive: boolean }[];
  /** A deactivated one takes no new values. */
  status: "Available" | "Deprecated";
}

/** What one synchronization cycle did; times are the rehearsal's. */
export interface CycleReport {
  time: string;
  outcome: "succeeded" | "failed";
  /** Why it failed. */
  reason: string | null;
  imported: string[];
  disabled: { claim: string; reason: string }[];
  /** Roles that trust a SAML provider and were not imported. */
  skipped: { roleArn: string; reason: string }[];
}

export interface SynchronizationJob {
  id: string;
  templateId: string;
  schedule: { interval: string; state: "Active" | "Disabled" | "Paused" };
  lastCycle: CycleReport | null;
}

/** Provisioning of one enterprise app. */
export interface Synchronization {
  jobs: SynchronizationJob[];
  /** Ids of the app roles that the importer made, by claim. */
  importedRoleIds: Record<string, string>;
}

/** A container of directory objects; a restricted one keeps everybody out who has no role scoped to it. */
export interface AdministrativeUnit {
  id: string;
  displayName: string;
  isMemberManagementRestricted: boolean;
  /** Object ids of the groups in it. */
  members: string[];
}

/** What PIM keeps for the members, or the owners, of a group; the rules by their ids in Graph, as far as they decide anything here. */
export interface RoleManagementPolicy {
  /** `Group_<group id>_<GUID>`; another one after every change. */
  id: string;
  groupId: string;
  roleId: "member" | "owner";
  rules: PolicyRules;
}

export interface ExpirationRule {
  isExpirationRequired: boolean;
  /** `PT8H`, `P365D`. */
  maximumDuration: string;
}

export interface PolicyRules {
  Expiration_Admin_Eligibility: ExpirationRule;
  Expiration_Admin_Assignment: ExpirationRule;
  Expiration_EndUser_Assignment: ExpirationRule;
  /** `MultiFactorAuthentication`, `Justification`, `Ticketing`. */
  Enablement_Admin_Assignment: { enabledRules: string[] };
  Enablement_EndUser_Assignment: { enabledRules: string[] };
  AuthenticationContext_EndUser_Assignment: { isEnabled: boolean; claimValue: string | null };
  Approval_EndUser_Assignment: { isApprovalRequired: boolean; primaryApprovers: Approver[] };
}

export interface Approver {
  type: "singleUser" | "groupMembers";
  id: string;
}

export interface RequestSchedule {
  startDateTime: string;
  expiration: {
    type: "noExpiration" | "afterDuration" | "afterDateTime";
    duration: string | null;
    endDateTime: string | null;
  };
}

export interface TicketInfo {
  ticketNumber: string | null;
  ticketSystem: string | null;
}

/** Requests are never deleted: a change of an eligibility is another request for the same schedule. */
export interface EligibilityRequest {
  id: string;
  action: "adminAssign" | "adminUpdate" | "adminExtend" | "adminRemove";
  status: "Provisioned" | "Revoked";
  groupId: string;
  accessId: "member" | "owner";
  principalId: string;
  targetScheduleId: string;
  justification: string | null;
  ticketInfo: TicketInfo;
  scheduleInfo: RequestSchedule;
  createdDateTime: string;
}

/** A person, or a group for each of its members, who may activate the membership of a group. */
export interface EligibilitySchedule {
  /** `<group id>_member_<GUID>`. */
  id: string;
  groupId: string;
  accessId: "member" | "owner";
  principalId: string;
  startDateTime: string;
  /** `null`: no end. */
  endDateTime: string | null;
}

/** A person's request to be a member for some time, and what came of it. */
export interface Activation {
  id: string;
  groupId: string;
  principalId: string;
  status: "PendingApproval" | "Provisioned" | "Denied" | "Revoked";
  justification: string | null;
  ticketInfo: TicketInfo;
  duration: string;
  createdDateTime: string;
  /** When the membership began; `null` before an approval. */
  startDateTime: string | null;
  endDateTime: string | null;
}

export interface DeletedItem {
  id: string;
  type: "application" | "servicePrincipal" | "group" | "user";
  displayName: string;
  deletedDateTime: string;
}

/** What never leaves the tenant: no read operation of Graph returns it. */
export interface PrivatePart {
  /** PKCS #8 PEM, by `customKeyIdentifier`. */
  signingKeys: Record<string, string>;
  /** By object id of the service principal. */
  synchronizationSecrets: Record<string, { key: string; value: string }[]>;
}

/** A tenant as plain JSON; objects by object id. */
export interface TenantState {
  id: string;
  /** Domains of the tenant; the first one is the initial domain. */
  verifiedDomains: string[];
  /** Object id of the identity that deploys; Graph makes it owner of what it creates. */
  callerId: string | null;
  users: Record<string, User>;
  groups: Record<string, Group>;
  applications: Record<string, Application>;
  servicePrincipals: Record<string, ServicePrincipal>;
  appRoleAssignments: Record<string, AppRoleAssignment>;
  claimsMappingPolicies: Record<string, ClaimsMappingPolicy>;
  conditionalAccessPolicies: Record<string, ConditionalAccessPolicy>;
  namedLocations: Record<string, NamedLocation>;
  authenticationStrengths: Record<string, AuthenticationStrength>;
  /** By `<attribute set>_<name>`. */
  securityAttributes: Record<string, SecurityAttribute>;
  synchronization: Record<string, Synchronization>;
  administrativeUnits: Record<string, AdministrativeUnit>;
  roleManagementPolicies: Record<string, RoleManagementPolicy>;
  /** In the order in which they were made. */
  eligibilityRequests: EligibilityRequest[];
  eligibilitySchedules: Record<string, EligibilitySchedule>;
  activations: Record<string, Activation>;
  /** What was deleted and not yet purged (30 days in Entra). */
  deletedItems: DeletedItem[];
  private: PrivatePart;
}
