import type { AppRole } from "../../../cloud/entra/state";
import type { Attributes, Value } from "../../values";
import { flag, text, texts } from "./attributes";

/** From `app_role` blocks to Graph; a role without a value is sent with an empty one (applications.go, expandApplicationAppRoles). */
export function expandAppRoles(roles: readonly Attributes[]): AppRole[] {
  return roles.map((role) => ({
    id: text(role.id),
    value: text(role.value),
    displayName: text(role.display_name),
    description: text(role.description),
    isEnabled: flag(role.enabled),
    allowedMemberTypes: texts(role.allowed_member_types),
  }));
}

export function flattenAppRoles(roles: readonly AppRole[]): Attributes[] {
  return roles.map((role) => ({
    id: role.id,
    value: role.value ?? "",
    display_name: role.displayName,
    description: role.description,
    enabled: role.isEnabled,
    allowed_member_types: [...role.allowedMemberTypes],
  }));
}

/** `app_role_ids`: from value to id; a role without a value is left out. */
export function appRoleIds(roles: readonly AppRole[]): Record<string, Value> {
  return Object.fromEntries(roles.flatMap(({ id, value }) => (value ? [[value, id]] : [])));
}

/**
 * The application's roles with those disabled that are to change or to leave, or `undefined` when there are none: Graph refuses to
 * touch an enabled role, so the real provider sends this first, as a request of its own (applications.go, applicationDisableAppRoles).
 */
export function withChangedRolesDisabled(
  existing: readonly AppRole[],
  next: readonly AppRole[],
): AppRole[] | undefined {
  const leaves = (role: AppRole) => !next.some(({ id }) => id === role.id);
  const changes = (role: AppRole) =>
    role.isEnabled && next.some((other) => other.id === role.id && differs(role, other));
  if (!existing.some((role) => leaves(role) || changes(role))) return undefined;
  return existing.map((role) => (leaves(role) || changes(role) ? { ...role, isEnabled: false } : role));
}

const differs = (one: AppRole, other: AppRole): boolean =>
  JSON.stringify([one.allowedMemberTypes, one.description, one.displayName, one.value ?? ""]) !==
  JSON.stringify([other.allowedMemberTypes, other.description, other.displayName, other.value ?? ""]);
