import type { Cloud } from "../local-cloud/cloud/cloud";

/**
 * Everything that lives in the cloud, one readable line each, sorted: what a deploy made is the difference of two inventories, and
 * after a clean destroy there is none. Deleted objects that Entra keeps for 30 days are not alive.
 */
export function inventory(cloud: Cloud): string[] {
  const { tenants, accounts } = cloud.snapshot();
  const lines = Object.values(tenants).flatMap((tenant) => {
    const named = (kind: string, objects: Record<string, { id: string; displayName: string }>) =>
      Object.values(objects).map(({ id, displayName }) => `${kind} ${displayName} (${id})`);
    return [
      ...named("user", tenant.users),
      ...named("group", tenant.groups),
      ...named("application", tenant.applications),
      ...Object.values(tenant.groups).flatMap(({ displayName, members }) =>
        members.map((member) => `member ${member} of group ${displayName}`),
      ),
      ...Object.values(tenant.servicePrincipals).flatMap(
        ({
          id,
          keyCredentials,
          preferredTokenSigningKeyThumbprint,
          claimsMappingPolicyIds,
          customSecurityAttributes,
        }) => [
          `service principal ${id}`,
          ...keyCredentials
            .filter(({ usage }) => usage === "Verify")
            .map((key) => `certificate ${key.displayName} (${key.keyId})`),
          ...claimsMappingPolicyIds.map((policy) => `claims mapping policy ${policy} on service principal ${id}`),
          ...Object.entries(customSecurityAttributes).flatMap(([set, values]) =>
            Object.entries(values).map(
              ([name, value]) => `attribute ${set}_${name} ${JSON.stringify(value)} of service principal ${id}`,
            ),
          ),
          ...(preferredTokenSigningKeyThumbprint ? [`active certificate of service principal ${id}`] : []),
        ],
      ),
      ...Object.values(tenant.appRoleAssignments).map(
        ({ principalId, appRoleId, resourceId }) =>
          `assignment of ${principalId} to role ${appRoleId} of ${resourceId}`,
      ),
      ...Object.values(tenant.eligibilitySchedules).map(
        ({ principalId, groupId, accessId }) => `${principalId} eligible as ${accessId} of ${groupId}`,
      ),
      ...named("claims mapping policy", tenant.claimsMappingPolicies),
      ...named("Conditional Access policy", tenant.conditionalAccessPolicies),
      ...named("named location", tenant.namedLocations),
      ...named("authentication strength", tenant.authenticationStrengths),
      ...Object.entries(tenant.synchronization).flatMap(([id, { jobs }]) =>
        jobs.map((job) => `synchronization job ${job.templateId} of service principal ${id}`),
      ),
    ];
  });
  return [...lines, ...Object.keys(accounts).flatMap((id) => cloud.account(id).contents())].sort();
}

/** Lines of `now` that are not in `before`. */
export function added(before: readonly string[], now: readonly string[]): string[] {
  const known = new Set(before);
  return now.filter((line) => !known.has(line));
}
