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
    return this.view(this.directory.group(id));
  }

  list(): Group[] {
    return Object.values(this.directory.state.groups).map((group) => this.view(group));
  }

  byDisplayName(name: string): Group[] {
    return this.list().filter((group) => group.displayName === name);
  }

  /**
   * Groups with this principal as a direct member. Membership through another group gives no access to an application:
   * https://learn.microsoft.com/entra/identity/enterprise-apps/assign-user-or-group-access-portal ("nested group memberships aren't supported").
   */
  directlyContaining(principalId: string): Group[] {
    return this.list().filter((group) => group.members.includes(principalId));
  }

  /** In an administrative unit the group is made as a member of it, by POST /directory/administrativeUnits/{id}/members. */
  create(body: GroupBody, unitId?: string): Promise<Group> {
    const operation = unitId === undefined ? "POST /groups" : "POST /directory/administrativeUnits/{id}/members";
    return this.directory.request(operation, `group ${body.displayName}`, () => {
      const unit = unitId === undefined ? undefined : this.directory.administrativeUnit(unitId);
      this.directory.refuseUnlessScoped(unit);
      this.refuseTooManyRoleAssignable(body);
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
      unit?.members.push(group.id);
      return copy(group);
    });
  }

  update(id: string, body: Partial<Omit<GroupBody, "owners">>): Promise<void> {
    return this.directory.request("PATCH /groups/{id}", this.named(id), () => {
      const group = this.changeable(id);
      // "Can't be updated": https://learn.microsoft.com/graph/api/resources/group, isAssignableToRole
      if (body.isAssignableToRole !== undefined && body.isAssignableToRole !== group.isAssignableToRole) {
        throw badRequest("Property isAssignableToRole cannot be modified after the group is created.");
      }
      Object.assign(group, body);
    });
  }

  delete(id: string): Promise<void> {
    return this.directory.request("DELETE /groups/{id}", this.named(id), () => {
      const group = this.changeable(id);
      delete this.directory.state.groups[id];
      this.directory.forget(id);
      this.directory.softDelete("group", id, group.displayName);
    });
  }

  addMember(id: string, memberId: string): Promise<void> {
    return this.directory.request("POST /groups/{id}/members/$ref", this.named(id), () => {
      const group = this.changeable(id);
      const member = this.directory.principal(memberId);
      // https://learn.microsoft.com/graph/api/group-post-members
      if (this.directory.membersOf(group).includes(memberId)) {
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
      const group = this.changeable(id);
      if (!this.directory.membersOf(group).includes(memberId)) throw notFound(memberId);
      group.members = group.members.filter((member) => member !== memberId);
      // "You can remove the principal from the group": the same page as of membersOf.
      for (const activation of Object.values(this.directory.state.activations)) {
        const { groupId, principalId } = activation;
        if (groupId === id && principalId === memberId && this.directory.runs(activation))
          activation.status = "Revoked";
      }
    });
  }

  addOwner(id: string, ownerId: string): Promise<void> {
    return this.directory.request("POST /groups/{id}/owners/$ref", this.named(id), () =>
      this.directory.addOwner(this.changeable(id), ownerId),
    );
  }

  removeOwner(id: string, ownerId: string): Promise<void> {
    return this.directory.request("DELETE /groups/{id}/owners/{id}/$ref", this.named(id), () => {
      const group = this.changeable(id);
      const users = group.owners.filter((owner) => this.directory.state.users[owner]);
      // "the last owner (a user object) of the group can't be removed": https://learn.microsoft.com/graph/api/group-delete-owners
      if (users.length === 1 && users[0] === ownerId) {
        throw badRequest("The group must have at least one owner, hence this owner cannot be removed.");
      }
      this.directory.removeOwner(group, ownerId);
    });
  }

  /** The group, unless a restricted administrative unit keeps the deploy identity out. */
  private changeable(id: string): Group {
    const group = this.directory.group(id);
    this.directory.refuseUnlessScoped(this.directory.restrictedUnitOf(id));
    return group;
  }

  private refuseTooManyRoleAssignable({ isAssignableToRole }: GroupBody): void {
    const there = Object.values(this.directory.state.groups).filter((group) => group.isAssignableToRole);
    // "A maximum of 500": https://learn.microsoft.com/entra/identity/role-based-access-control/groups-concept
    if (isAssignableToRole && there.length >= 500) {
      throw badRequest("The directory has reached its maximum of 500 groups that roles can be assigned to.");
    }
  }

  private view(group: Group): Group {
    return { ...copy(group), members: this.directory.membersOf(group) };
  }

  private named(id: string): string {
    return `group ${this.directory.state.groups[id]?.displayName ?? id}`;
  }
}
