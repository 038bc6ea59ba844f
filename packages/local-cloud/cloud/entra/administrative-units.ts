import { badRequest, copy, type Directory, notFound } from "./directory";
import type { AdministrativeUnit } from "./state";

/** Containers of groups: https://learn.microsoft.com/graph/api/resources/administrativeunit. The configuration names them; nothing makes one. */
export class AdministrativeUnits {
  constructor(private readonly directory: Directory) {}

  list(): AdministrativeUnit[] {
    return copy(Object.values(this.directory.state.administrativeUnits));
  }

  /** Those that a group is in. */
  of(groupId: string): AdministrativeUnit[] {
    return this.list().filter(({ members }) => members.includes(groupId));
  }

  addMember(unitId: string, groupId: string): Promise<void> {
    return this.directory.request("POST /directory/administrativeUnits/{id}/members/$ref", this.named(unitId), () => {
      const unit = this.directory.administrativeUnit(unitId);
      this.directory.group(groupId);
      this.directory.refuseUnlessManagesUnits();
      if (unit.members.includes(groupId)) {
        throw badRequest(
          "One or more added object references already exist for the following modified properties: 'members'.",
        );
      }
      unit.members.push(groupId);
    });
  }

  removeMember(unitId: string, groupId: string): Promise<void> {
    const operation = "DELETE /directory/administrativeUnits/{id}/members/{id}/$ref";
    return this.directory.request(operation, this.named(unitId), () => {
      const unit = this.directory.administrativeUnit(unitId);
      this.directory.refuseUnlessManagesUnits();
      if (!unit.members.includes(groupId)) throw notFound(groupId);
      unit.members = unit.members.filter((member) => member !== groupId);
    });
  }

  private named(id: string): string {
    return `administrative unit ${this.directory.state.administrativeUnits[id]?.displayName ?? id}`;
  }
}
