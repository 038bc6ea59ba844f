import { badRequest, sameId } from "./directory";
import type { AppRole } from "./state";

/** The entry that gives access without a role, where an application offers no role: https://learn.microsoft.com/graph/api/resources/approleassignment */
export const DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000";

/** Refuses what Graph refuses when the app roles of an application change. */
export function checkAppRoles(before: readonly AppRole[], after: readonly AppRole[]): void {
  for (const role of after) checkValue(role);
  refuseRepeated(after, (role) => role.id.toLowerCase(), "id");
  refuseRepeated(after, (role) => role.value || undefined, "value");
  // 1,200 entries in the whole manifest: https://learn.microsoft.com/entra/identity/users/directory-service-limits-restrictions
  if (after.length > 1200) throw badRequest("The size of the application manifest exceeds the limit of 1200 entries.");
  for (const role of before) {
    const next = after.find(({ id }) => sameId(id, role.id));
    // https://learn.microsoft.com/graph/api/resources/approle, isEnabled; words as in Azure-Samples/azure-search-openai-demo#1601
    if (role.isEnabled && (!next || changed(role, next))) {
      throw badRequest(
        "Permission (scope or role) cannot be deleted or updated unless disabled first.",
        "CannotDeleteOrUpdateEnabledEntitlement",
      );
    }
  }
}

/** Enabling and disabling is no change that the rule is about; nor is null in place of an empty value. */
function changed(before: AppRole, after: AppRole): boolean {
  const content = ({ value, displayName, description, allowedMemberTypes }: AppRole) =>
    JSON.stringify([value ?? "", displayName, description, [...allowedMemberTypes].sort()]);
  return content(before) !== content(after);
}

/**
 * Up to 249 characters without a space, not beginning with a period: https://learn.microsoft.com/graph/api/resources/approle for the
 * characters; for the length what the portal takes (terraform-provider-azuread#1005), Graph's page still says 120.
 */
function checkValue({ value, displayName, id }: AppRole): void {
  if (!displayName) throw badRequest(`Property displayName of app role ${id} must not be empty.`);
  if (!value) return;
  if (value.length > 249) throw badRequest(`Property value of app role ${id} is longer than 249 characters.`);
  if (value.startsWith(".") || !/^[A-Za-z0-9:!#$%&'()*+,\-./;<=>?@[\]^_`{|}~]+$/.test(value)) {
    throw badRequest(`Property value of app role ${id} has characters that are not allowed: '${value}'.`);
  }
}

function refuseRepeated(roles: readonly AppRole[], key: (role: AppRole) => string | undefined, property: string): void {
  const seen = new Set<string>();
  for (const role of roles) {
    const found = key(role);
    if (found === undefined) continue;
    // "must be unique" for both: https://learn.microsoft.com/graph/api/resources/approle
    if (seen.has(found))
      throw badRequest(
        `It contains duplicate value. Please Provide unique value for appRoles.${property}: '${found}'.`,
      );
    seen.add(found);
  }
}
