import type { CloudContext } from "../context";
import { Activations } from "./activations";
import { AdministrativeUnits } from "./administrative-units";
import { AppRoleAssignments } from "./app-role-assignments";
import { ApplicationTemplates } from "./application-templates";
import { Applications } from "./applications";
import { AuthenticationStrengths } from "./authentication-strengths";
import { ClaimsMappingPolicies } from "./claims-mapping-policies";
import { ConditionalAccess } from "./conditional-access";
import { copy, Directory, type Scenarios } from "./directory";
import { Eligibility } from "./eligibility";
import { Groups } from "./groups";
import { NamedLocations } from "./named-locations";
import { RoleManagementPolicies } from "./role-management-policies";
import { SecurityAttributes } from "./security-attributes";
import { emptyServicePrincipal, ServicePrincipals } from "./service-principals";
import { SigningCertificates } from "./signing-certificates";
import type {
  AdministrativeUnit,
  AuthenticationStrength,
  DeletedItem,
  Group,
  NamedLocation,
  SecurityAttribute,
  TenantState,
  User,
} from "./state";
import { type ListRolesWithKey, Synchronization } from "./synchronization";
import { Users } from "./users";

export type { TenantState } from "./state";

/** What exists before anything is deployed; object ids are the reader's own, as they stand in the configuration. */
export interface Seed {
  verifiedDomains?: string[];
  /** The identity that deploys, by object id. */
  callerId?: string;
  users?: (Pick<User, "id" | "displayName" | "userPrincipalName"> & Partial<User>)[];
  groups?: (Pick<Group, "id" | "displayName"> & Partial<Group>)[];
  /** Restricted ones, unless they say otherwise. */
  administrativeUnits?: (Pick<AdministrativeUnit, "id" | "displayName"> & Partial<AdministrativeUnit>)[];
  /** Deploy identities, Microsoft's own applications, … */
  servicePrincipals?: { id: string; appId: string; displayName: string }[];
  /** Custom security attributes, defined by hand; their sets come with them. */
  securityAttributes?: (Pick<SecurityAttribute, "attributeSet" | "name"> & Partial<SecurityAttribute>)[];
  namedLocations?: NamedLocation[];
  authenticationStrengths?: AuthenticationStrength[];
}

/** An Entra tenant: the objects and rules of Microsoft Graph that an AWS federation meets. */
export class Tenant {
  readonly users: Users;
  readonly groups: Groups;
  readonly applicationTemplates: ApplicationTemplates;
  readonly applications: Applications;
  readonly servicePrincipals: ServicePrincipals;
  readonly appRoleAssignments: AppRoleAssignments;
  readonly signingCertificates: SigningCertificates;
  readonly claimsMappingPolicies: ClaimsMappingPolicies;
  readonly conditionalAccess: ConditionalAccess;
  readonly namedLocations: NamedLocations;
  readonly authenticationStrengths: AuthenticationStrengths;
  readonly securityAttributes: SecurityAttributes;
  readonly synchronization: Synchronization;
  readonly administrativeUnits: AdministrativeUnits;
  readonly roleManagementPolicies: RoleManagementPolicies;
  readonly eligibility: Eligibility;
  readonly activations: Activations;
  private readonly directory: Directory;

  static emptyState(id: string): TenantState {
    return {
      id,
      verifiedDomains: ["contoso.onmicrosoft.com"],
      callerId: null,
      users: {},
      groups: {},
      applications: {},
      servicePrincipals: {},
      appRoleAssignments: {},
      claimsMappingPolicies: {},
      conditionalAccessPolicies: {},
      namedLocations: {},
      authenticationStrengths: {},
      securityAttributes: {},
      synchronization: {},
      administrativeUnits: {},
      roleManagementPolicies: {},
      eligibilityRequests: [],
      eligibilitySchedules: {},
      activations: {},
      deletedItems: [],
      private: { signingKeys: {}, synchronizationSecrets: {} },
    };
  }

  constructor(
    private readonly state: TenantState,
    context: CloudContext,
    listRolesWithKey: ListRolesWithKey,
  ) {
    // A store of an earlier version has not everything yet.
    Object.assign(state, { ...Tenant.emptyState(state.id), ...state });
    this.directory = new Directory(state, context);
    this.users = new Users(this.directory);
    this.groups = new Groups(this.directory);
    this.applicationTemplates = new ApplicationTemplates(this.directory);
    this.applications = new Applications(this.directory);
    this.securityAttributes = new SecurityAttributes(this.directory);
    this.servicePrincipals = new ServicePrincipals(this.directory, this.securityAttributes);
    this.appRoleAssignments = new AppRoleAssignments(this.directory, this.servicePrincipals);
    this.signingCertificates = new SigningCertificates(this.directory);
    this.claimsMappingPolicies = new ClaimsMappingPolicies(this.directory);
    this.namedLocations = new NamedLocations(this.directory);
    this.authenticationStrengths = new AuthenticationStrengths(this.directory);
    this.conditionalAccess = new ConditionalAccess(this.directory, this.authenticationStrengths);
    this.synchronization = new Synchronization(this.directory, listRolesWithKey);
    this.administrativeUnits = new AdministrativeUnits(this.directory);
    this.roleManagementPolicies = new RoleManagementPolicies(this.directory);
    this.eligibility = new Eligibility(this.directory, this.roleManagementPolicies);
    this.activations = new Activations(this.directory, this.roleManagementPolicies, this.eligibility);
  }

  get id(): string {
    return this.state.id;
  }

  get verifiedDomains(): readonly string[] {
    return this.state.verifiedDomains;
  }

  /** Object id of the identity that deploys. */
  get callerId(): string | undefined {
    return this.state.callerId ?? undefined;
  }

  /** Oddities to turn on. */
  get scenarios(): Scenarios {
    return this.directory.scenarios;
  }

  /** Deleted objects that Entra keeps for 30 days. */
  deletedItems(): DeletedItem[] {
    return copy(this.state.deletedItems);
  }

  /** Puts objects there as they are: no request, no rule, nothing in the journal. Repeating it changes nothing. */
  seed(seed: Seed): void {
    const { state } = this;
    if (seed.verifiedDomains) state.verifiedDomains = seed.verifiedDomains.map((domain) => domain.toLowerCase());
    if (seed.callerId) state.callerId = seed.callerId;
    for (const user of seed.users ?? [])
      state.users[user.id] ??= { ...plainUser(user.userPrincipalName), ...copy(user) };
    for (const group of seed.groups ?? []) state.groups[group.id] ??= { ...plainGroup(), ...copy(group) };
    for (const unit of seed.administrativeUnits ?? [])
      state.administrativeUnits[unit.id] ??= { isMemberManagementRestricted: true, members: [], ...copy(unit) };
    for (const { id, appId, displayName } of seed.servicePrincipals ?? []) {
      state.servicePrincipals[id] ??= { ...emptyServicePrincipal(appId, displayName), id };
    }
    for (const attribute of seed.securityAttributes ?? []) {
      state.securityAttributes[`${attribute.attributeSet}_${attribute.name}`] ??= {
        ...plainAttribute(),
        ...copy(attribute),
      };
    }
    for (const location of seed.namedLocations ?? []) state.namedLocations[location.id] ??= copy(location);
    for (const strength of seed.authenticationStrengths ?? [])
      state.authenticationStrengths[strength.id] ??= copy(strength);
  }
}

const plainUser = (userPrincipalName: string): Omit<User, "id" | "displayName" | "userPrincipalName"> => ({
  mailNickname: userPrincipalName.split("@")[0] ?? userPrincipalName,
  accountEnabled: true,
  userType: userPrincipalName.includes("#EXT#") ? "Guest" : "Member",
  passwordIsSet: true,
  forceChangePasswordNextSignIn: false,
  passwordPolicies: null,
  details: {},
});

const plainGroup = (): Omit<Group, "id" | "displayName"> => ({
  description: null,
  mailNickname: "seeded",
  securityEnabled: true,
  isAssignableToRole: false,
  visibility: null,
  members: [],
  owners: [],
});

const plainAttribute = (): Omit<SecurityAttribute, "attributeSet" | "name"> => ({
  type: "String",
  isCollection: false,
  usePreDefinedValuesOnly: false,
  allowedValues: [],
  status: "Available",
});
