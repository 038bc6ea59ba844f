import { randomBytes } from "node:crypto";
import { DEFAULT_ACCESS } from "./app-roles";
import { badRequest, copy, type Directory, graphTime, notFound } from "./directory";
import type { ServicePrincipals } from "./service-principals";
import type { AppRoleAssignment } from "./state";

/** An assignment as Graph shows it, with the names of both ends. */
export interface AppRoleAssignmentView extends AppRoleAssignment {
  principalDisplayName: string;
  resourceDisplayName: string;
}

/** "Users and groups" of an enterprise app: https://learn.microsoft.com/graph/api/resources/approleassignment */
export class AppRoleAssignments {
  constructor(
    private readonly directory: Directory,
    private readonly servicePrincipals: ServicePrincipals,
  ) {}

  get(resourceId: string, id: string): AppRoleAssignmentView {
    const assignment = this.directory.state.appRoleAssignments[id];
    if (assignment?.resourceId !== resourceId) throw notFound(id);
    return this.view(assignment);
  }

  /** Who is assigned to this service principal. */
  ofResource(resourceId: string): AppRoleAssignmentView[] {
    return this.where((assignment) => assignment.resourceId === resourceId);
  }

  /** What this user, group or service principal is assigned to. */
  ofPrincipal(principalId: string): AppRoleAssignmentView[] {
    return this.where((assignment) => assignment.principalId === principalId);
  }

  // Assumption entra-disabled-role-not-assignable, never checked: A disabled app role cannot be assigned; an assignment made before stays,
  // and its claim is no longer sent.
  assign(body: Pick<AppRoleAssignment, "appRoleId" | "principalId" | "resourceId">): Promise<AppRoleAssignmentView> {
    const operation = "POST /servicePrincipals/{id}/appRoleAssignedTo";
    return this.directory.request(operation, this.named(body), () => {
      const resource = this.servicePrincipals.get(body.resourceId);
      const { type } = this.directory.principal(body.principalId);
      const offered = resource.appRoles.filter(({ isEnabled }) => isEnabled);
      const role = offered.find(({ id }) => id === body.appRoleId);
      const memberType = type === "ServicePrincipal" ? "Application" : "User";
      const withoutRole = body.appRoleId === DEFAULT_ACCESS && offered.length === 0;
      // Words: https://learn.microsoft.com/answers, "Permission being assigned was not found on application"; also met by azuread when a role is not there yet
      if (!withoutRole && !role?.allowedMemberTypes.includes(memberType)) {
        throw badRequest(`Permission being assigned was not found on application '${resource.appId}'.`);
      }
      // "only security groups": https://learn.microsoft.com/entra/identity/enterprise-apps/assign-user-or-group-access-portal
      if (type === "Group" && !this.directory.group(body.principalId).securityEnabled) {
        throw badRequest("App roles can be assigned to security groups only.");
      }
      const there = this.ofPrincipal(body.principalId);
      if (there.some(({ appRoleId, resourceId }) => appRoleId === body.appRoleId && resourceId === body.resourceId)) {
        throw badRequest("Permission being assigned already exists on the object");
      }
      const assignment: AppRoleAssignment = {
        ...body,
        id: randomBytes(32).toString("base64url"),
        principalType: type,
        createdDateTime: graphTime(this.directory.now()),
      };
      this.directory.state.appRoleAssignments[assignment.id] = assignment;
      return this.view(assignment);
    });
  }

  remove(resourceId: string, id: string): Promise<void> {
    const assignment = this.directory.state.appRoleAssignments[id];
    const target = assignment ? this.named(assignment) : `assignment ${id}`;
    return this.directory.request("DELETE /servicePrincipals/{id}/appRoleAssignedTo/{id}", target, () => {
      this.get(resourceId, id);
      delete this.directory.state.appRoleAssignments[id];
    });
  }

  private where(wanted: (assignment: AppRoleAssignment) => boolean): AppRoleAssignmentView[] {
    const found = Object.values(this.directory.state.appRoleAssignments).filter(wanted);
    return found.map((assignment) => this.view(assignment));
  }

  private view(assignment: AppRoleAssignment): AppRoleAssignmentView {
    return {
      ...copy(assignment),
      principalDisplayName: this.directory.principal(assignment.principalId).displayName,
      resourceDisplayName: this.directory.principal(assignment.resourceId).displayName,
    };
  }

  private named({ principalId, resourceId }: Pick<AppRoleAssignment, "principalId" | "resourceId">): string {
    const { users, groups, servicePrincipals } = this.directory.state;
    const name = (id: string) => (users[id] ?? groups[id] ?? servicePrincipals[id])?.displayName ?? id;
    return `assignment of ${name(principalId)} to ${name(resourceId)}`;
  }
}
