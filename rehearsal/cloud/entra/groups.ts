import { randomUUID } from "node:crypto";
import { badRequest, copy, type Directory, notFound } from "./directory";
import type { Group } from "./state";

/** What POST and PATCH /groups take. */
export type GroupBody = Pick<Group, "displayName" | "mailNickname" | "securityEnabled"> &
  Partial<Pick<Group, "description" | "isAssignableToRole" | "visibility" | "owners">>;

/** Security groups: https://learn.microsoft.com/graph/api/resources/group. Several may have one display name. */
export class Groups {
  constructor(private readonly directory: Directory) {}

  get(id: string): Group {
    return copy(this.directory.group(id));
  }

  list(): Group[] {
    return copy(Object.values(this.directory.state.groups));
  }

  byDisplayName(name: string): Group[] {
    return this.list().filter((group) => group.displayName === name);
  }

  /**
   * Groups with this principal as a direct member. Membership through another group gives no access to an application:
   * https://learn.microsoft.com/entra/identity/enterprise-apps/assign-user-or-group-access-portal ("nested group memberships aren't supported").
   */
  directlyContaining(principalId: string): Group[] {
    return copy(Object.values(this.directory.state.groups).filter((group) => group.members.includes(principalId)));
  }

  create(body: GroupBody): Promise<Group> {
    return this.directory.request("POST /groups", `group ${body.displayName}`, () => {
      if (!body.securityEnabled) throw badRequest("The local cloud has security groups only.");
      const owners = body.owners ?? [];
      for (const owner of owners) this.directory.principal(owner);
      const group: Group = {
        id: randomUUID(),
        description: null,
        isAssignableToRole: false,
        visibility: null,
        ...body,
        owners: [...owners],
        members: [],
      };
      this.directory.state.groups[group.id] = group;
      return copy(group);
    });
  }

  update(id: string, body: Partial<Omit<GroupBody, "owners">>): Promise<void> {
    return this.directory.request("PATCH /groups/{id}", this.named(id), () => {
      const group = this.directory.group(id);
      // "Can't be updated": https://learn.microsoft.com/graph/api/resources/group, isAssignableToRole
      if (body.isAssignableToRole !== undefined && body.isAssignableToRole !== group.isAssignableToRole) {
        throw badRequest("Property isAssignableToRole cannot be modified after the group is created.");
      }
      Object.assign(group, body);
    });
  }

  delete(id: string): Promise<void> {
    return this.directory.request("DELETE /groups/{id}", this.named(id), () => {
      const group = this.directory.group(id);
      delete this.directory.state.groups[id];
      this.directory.forget(id);
      this.directory.bury("group", id, group.displayName);
    });
  }

  addMember(id: string, memberId: string): Promise<void> {
    return this.directory.request("POST /groups/{id}/members/$ref", this.named(id), () => {
      const group = this.directory.group(id);
      const member = this.directory.principal(memberId);
      // https://learn.microsoft.com/graph/api/group-post-members
      if (group.members.includes(memberId)) {
        throw badRequest(
          "One or more added object references already exist for the following modified properties: 'members'.",
        );
      }
      // "You can't add other groups as members of a role-assignable group": https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept
      if (group.isAssignableToRole && member.type === "Group") {
        throw badRequest("Groups cannot be members of a group that is assignable to roles.");
      }
      group.members.push(memberId);
    });
  }

  removeMember(id: string, memberId: string): Promise<void> {
    return this.directory.request("DELETE /groups/{id}/members/{id}/$ref", this.named(id), () => {
      const group = this.directory.group(id);
      if (!group.members.includes(memberId)) throw notFound(memberId);
      group.members = group.members.filter((member) => member !== memberId);
    });
  }

  addOwner(id: string, ownerId: string): Promise<void> {
    return this.directory.request("POST /groups/{id}/owners/$ref", this.named(id), () =>
      this.directory.addOwner(this.directory.group(id), ownerId),
    );
  }

  removeOwner(id: string, ownerId: string): Promise<void> {
    return this.directory.request("DELETE /groups/{id}/owners/{id}/$ref", this.named(id), () => {
      const group = this.directory.group(id);
      const users = group.owners.filter((owner) => this.directory.state.users[owner]);
      // "the last owner (a user object) of the group can't be removed": https://learn.microsoft.com/graph/api/group-delete-owners
      if (users.length === 1 && users[0] === ownerId) {
        throw badRequest("The group must have at least one owner, hence this owner cannot be removed.");
      }
      this.directory.removeOwner(group, ownerId);
    });
  }

  private named(id: string): string {
    return `group ${this.directory.state.groups[id]?.displayName ?? id}`;
  }
}
