import type { AppRoleAssignmentView } from "../../../cloud/entra/app-role-assignments";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { text, unlessGone } from "./attributes";
import { ids } from "./ids";
import { check, uuid } from "./validators";

/** approleassignments/app_role_assignment_resource.go */
export const appRoleAssignment: ResourceType<Tenant> = {
  validate: (config) => check(config, { app_role_id: uuid, principal_object_id: uuid, resource_object_id: uuid }),

  async create(tenant, planned) {
    const resourceId = text(planned.resource_object_id);
    if (!unlessGone(() => tenant.servicePrincipals.get(resourceId))) {
      throw new Error(`Service principal not found for resource (Object ID: "${resourceId}")`);
    }
    const appRoleId = text(planned.app_role_id);
    const principalId = text(planned.principal_object_id);
    return flatten(await tenant.appRoleAssignments.assign({ appRoleId, principalId, resourceId }));
  },

  read(tenant, state) {
    const [resourceId = "", assignmentId = ""] = ids.appRoleAssignment.parts(state.id);
    const found = unlessGone(() => tenant.appRoleAssignments.get(resourceId, assignmentId));
    return found && flatten(found);
  },

  delete(tenant, state) {
    const [resourceId = "", assignmentId = ""] = ids.appRoleAssignment.parts(state.id);
    return tenant.appRoleAssignments.remove(resourceId, assignmentId);
  },

  import: ids.appRoleAssignment.import,
};

const flatten = (assignment: AppRoleAssignmentView): Attributes => ({
  id: ids.appRoleAssignment.of(assignment.resourceId, assignment.id),
  app_role_id: assignment.appRoleId,
  principal_object_id: assignment.principalId,
  principal_display_name: assignment.principalDisplayName,
  principal_type: assignment.principalType,
  resource_object_id: assignment.resourceId,
  resource_display_name: assignment.resourceDisplayName,
});
