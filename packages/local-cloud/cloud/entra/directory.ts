import type { CloudContext } from "../context";
import { ServiceError } from "../errors";
import type {
  Activation,
  AdministrativeUnit,
  Application,
  DeletedItem,
  Group,
  ServicePrincipal,
  TenantState,
  User,
} from "./state";

/** Oddities of Entra that a rehearsal turns on when it wants to meet them. */
export interface Scenarios {
  /** Graph refuses to delete the gallery application in SAML mode: terraform-provider-azuread#1388. */
  refuseGalleryAppDeletion: boolean;
  // Assumption entra-scoped-deploy-identity, never checked: The deploy identity has a role scoped to the administrative units that the
  // configuration names; the scenario deployIdentityUnscoped takes it away.
  /** The deploy identity has no role scoped to any restricted administrative unit, whatever application permissions it has (assumption entra-scoped-deploy-identity). */
  deployIdentityUnscoped: boolean;
  /** The deploy identity has AdministrativeUnit.ReadWrite.All, which docs/permissions/graph.md leaves out: it puts groups into every unit, and takes them out. */
  deployIdentityManagesUnits: boolean;
}

/** The common answer of Graph to a request it cannot take. */
export function badRequest(message: string, code = "Request_BadRequest"): ServiceError {
  return new ServiceError(code, message, 400);
}

/** What Graph says of an object id it does not know. */
export function notFound(id: string): ServiceError {
  const message = `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`;
  return new ServiceError("Request_ResourceNotFound", message, 404);
}

const denied = (): ServiceError =>
  new ServiceError("Authorization_RequestDenied", "Insufficient privileges to complete the operation.", 403);

export const copy = <T>(value: T): T => structuredClone(value);

/** Graph writes times without fractions of a second. */
export const graphTime = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, "Z");

/** The directory objects of a tenant and what every part of Graph needs of them. */
export class Directory {
  readonly scenarios: Scenarios = {
    refuseGalleryAppDeletion: false,
    deployIdentityUnscoped: false,
    deployIdentityManagesUnits: false,
  };

  constructor(
    readonly state: TenantState,
    private readonly context: CloudContext,
  ) {}

  now(): Date {
    return this.context.clock.now();
  }

  get clock() {
    return this.context.clock;
  }

  /** One mutating request to Graph. */
  request<T>(operation: string, target: string, work: () => T | Promise<T>): Promise<T> {
    return this.context.journal.mutate(operation, target, work);
  }

  user(id: string): User {
    return known(this.state.users, id);
  }

  group(id: string): Group {
    return known(this.state.groups, id);
  }

  administrativeUnit(id: string): AdministrativeUnit {
    return known(this.state.administrativeUnits, id);
  }

  application(id: string): Application {
    return known(this.state.applications, id);
  }

  servicePrincipal(id: string): ServicePrincipal {
    return known(this.state.servicePrincipals, id);
  }

  applicationOf(appId: string): Application | undefined {
    return Object.values(this.state.applications).find((application) => sameId(application.appId, appId));
  }

  servicePrincipalOf(appId: string): ServicePrincipal | undefined {
    return Object.values(this.state.servicePrincipals).find((principal) => sameId(principal.appId, appId));
  }

  /** A user, group or service principal by object id. */
  principal(id: string): { type: "User" | "Group" | "ServicePrincipal"; displayName: string } {
    const user = this.state.users[id];
    if (user) return { type: "User", displayName: user.displayName };
    const group = this.state.groups[id];
    if (group) return { type: "Group", displayName: group.displayName };
    const servicePrincipal = this.servicePrincipal(id);
    const displayName = this.applicationOf(servicePrincipal.appId)?.displayName ?? servicePrincipal.displayName;
    return { type: "ServicePrincipal", displayName };
  }

  /** Deletes are soft for applications, service principals, groups and users: https://learn.microsoft.com/graph/api/resources/directory */
  softDelete(type: DeletedItem["type"], id: string, displayName: string): void {
    this.state.deletedItems.push({ id, type, displayName, deletedDateTime: graphTime(this.now()) });
  }

  /**
   * Direct members at this moment, people who activated their membership included: "You see the principal's details when you query the
   * members", https://learn.microsoft.com/graph/api/resources/privilegedidentitymanagement-for-groups-api-overview
   */
  membersOf(group: Group): string[] {
    const activated = Object.values(this.state.activations).filter(
      (activation) => activation.groupId === group.id && this.runs(activation),
    );
    return [...new Set([...group.members, ...activated.map(({ principalId }) => principalId)])];
  }

  /** Whether the membership that was activated holds now; it ends by itself, by the clock. */
  runs({ status, endDateTime }: Activation): boolean {
    return status === "Provisioned" && endDateTime !== null && this.now() < new Date(endDateTime);
  }

  /** The restricted administrative unit that a group is in. */
  restrictedUnitOf(groupId: string): AdministrativeUnit | undefined {
    const units = Object.values(this.state.administrativeUnits);
    return units.find((unit) => unit.isMemberManagementRestricted && unit.members.includes(groupId));
  }

  /**
   * Application permissions and ownership do not count in a restricted administrative unit, a role scoped to it does: "Programmability",
   * https://learn.microsoft.com/entra/identity/role-based-access-control/admin-units-restricted-management
   */
  refuseUnlessScoped(unit: AdministrativeUnit | undefined): void {
    if (unit?.isMemberManagementRestricted && this.scenarios.deployIdentityUnscoped) throw denied();
  }

  // Assumption entra-units-by-hand, never checked: A role scoped to an administrative unit makes groups in it, and neither brings one that
  // is there into the unit nor takes one out; the scenario deployIdentityManagesUnits lets the deploy identity.
  /** Who is in a unit is the unit's business, not that of the roles scoped to it: https://learn.microsoft.com/graph/api/administrativeunit-post-members */
  refuseUnlessManagesUnits(): void {
    if (!this.scenarios.deployIdentityManagesUnits) throw denied();
  }

  /** Memberships, ownerships and assignments end with the object they belong to. */
  forget(id: string): void {
    this.forgetEligibility(id);
    for (const group of Object.values(this.state.groups)) {
      group.members = group.members.filter((member) => member !== id);
    }
    const { groups, applications, servicePrincipals } = this.state;
    for (const object of [groups, applications, servicePrincipals].flatMap((objects): { owners: string[] }[] =>
      Object.values(objects),
    )) {
      object.owners = object.owners.filter((owner) => owner !== id);
    }
    this.dropAssignments((assignment) => assignment.principalId === id || assignment.resourceId === id);
  }

  private forgetEligibility(id: string): void {
    const { administrativeUnits, roleManagementPolicies, eligibilitySchedules, activations } = this.state;
    for (const unit of Object.values(administrativeUnits))
      unit.members = unit.members.filter((member) => member !== id);
    for (const policy of Object.values(roleManagementPolicies)) {
      if (policy.groupId === id) delete roleManagementPolicies[policy.id];
    }
    for (const { id: own, groupId, principalId } of Object.values(eligibilitySchedules)) {
      if (groupId === id || principalId === id) delete eligibilitySchedules[own];
    }
    for (const { id: own, groupId, principalId } of Object.values(activations)) {
      if (groupId === id || principalId === id) delete activations[own];
    }
    this.state.eligibilityRequests = this.state.eligibilityRequests.filter(
      ({ groupId, principalId }) => groupId !== id && principalId !== id,
    );
  }

  dropAssignments(gone: (assignment: TenantState["appRoleAssignments"][string]) => boolean): void {
    for (const assignment of Object.values(this.state.appRoleAssignments)) {
      if (gone(assignment)) delete this.state.appRoleAssignments[assignment.id];
    }
  }

  /** POST …/owners/$ref */
  addOwner(object: { owners: string[] }, ownerId: string): void {
    this.principal(ownerId);
    if (object.owners.includes(ownerId)) {
      // https://learn.microsoft.com/graph/api/group-post-owners, "already exist"
      throw badRequest(
        "One or more added object references already exist for the following modified properties: 'owners'.",
      );
    }
    object.owners.push(ownerId);
  }

  /** DELETE …/owners/{id}/$ref */
  removeOwner(object: { owners: string[] }, ownerId: string): void {
    if (!object.owners.includes(ownerId)) throw notFound(ownerId);
    object.owners = object.owners.filter((owner) => owner !== ownerId);
  }
}

/** GUIDs compare without regard to case. */
export const sameId = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

function known<T>(objects: Record<string, T>, id: string): T {
  const object = objects[id];
  if (!object) throw notFound(id);
  return object;
}
