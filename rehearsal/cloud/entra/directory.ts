import type { Surroundings } from "../cloud";
import { ServiceError } from "../errors";
import type { Application, DeletedItem, Group, ServicePrincipal, TenantState, User } from "./state";

/** Oddities of Entra that a rehearsal turns on when it wants to meet them. */
export interface Scenarios {
  /** Graph refuses to delete the gallery application in SAML mode: terraform-provider-azuread#1388. */
  refuseGalleryAppDeletion: boolean;
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

export const copy = <T>(value: T): T => structuredClone(value);

/** Graph writes times without fractions of a second. */
export const graphTime = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, "Z");

/** The directory objects of a tenant and what every part of Graph needs of them. */
export class Directory {
  readonly scenarios: Scenarios = { refuseGalleryAppDeletion: false };

  constructor(
    readonly state: TenantState,
    private readonly surroundings: Surroundings,
  ) {}

  now(): Date {
    return this.surroundings.clock.now();
  }

  get clock() {
    return this.surroundings.clock;
  }

  /** One mutating request to Graph. */
  request<T>(operation: string, target: string, work: () => T | Promise<T>): Promise<T> {
    return this.surroundings.journal.mutate(operation, target, work);
  }

  user(id: string): User {
    return known(this.state.users, id);
  }

  group(id: string): Group {
    return known(this.state.groups, id);
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
  bury(type: DeletedItem["type"], id: string, displayName: string): void {
    this.state.deletedItems.push({ id, type, displayName, deletedDateTime: graphTime(this.now()) });
  }

  /** Memberships, ownerships and assignments end with the object they belong to. */
  forget(id: string): void {
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
