import type { CloudState } from "../cloud/cloud";
import type { ConditionalAccessPolicy, TenantState } from "../cloud/entra/state";

/** A way into AWS that is open at a moment: the members of a group can take a role. */
export interface WayIn {
  /** `AWS-Account1-Developers -> arn:aws:iam::…:role/Developer`. */
  readonly way: string;
  /** A policy that is on asks for a second factor or a strength. */
  readonly mfa: boolean;
}

/** Every way in that works from end to end: assignment, role, provider, and a certificate that AWS knows. */
export function waysIn({ tenants, accounts }: CloudState): WayIn[] {
  return Object.values(tenants).flatMap((tenant) =>
    Object.values(tenant.appRoleAssignments).flatMap(({ principalId, appRoleId, resourceId }) => {
      const principal = tenant.servicePrincipals[resourceId];
      const group = tenant.groups[principalId];
      const app = Object.values(tenant.applications).find(({ appId }) => appId === principal?.appId);
      const roles = [...(app?.appRoles ?? []), ...(principal?.importedAppRoles ?? [])];
      const claim = roles.find(({ id, isEnabled }) => id === appRoleId && isEnabled)?.value;
      if (!principal?.accountEnabled || !group || !claim) return [];
      const [roleArn = "", providerArn = ""] = claim.split(",");
      const account = accounts[roleArn.split(":")[4] ?? ""];
      const role = Object.values(account?.roles ?? {}).find(({ arn }) => arn === roleArn);
      const known =
        account?.samlProviders[providerArn]?.metadata.certificates.map(({ thumbprint }) => thumbprint) ?? [];
      const active = principal.preferredTokenSigningKeyThumbprint;
      if (!role || active === null || !known.includes(active.toUpperCase())) return [];
      return [
        { way: `${group.displayName} -> ${roleArn}`, mfa: policies(tenant, principal.appId, group.id).length > 0 },
      ];
    }),
  );
}

/** Policies that are on, ask for MFA, and cover a group's members at an application. */
function policies(tenant: TenantState, appId: string, groupId: string): ConditionalAccessPolicy[] {
  return Object.values(tenant.conditionalAccessPolicies).filter(({ state, conditions, grantControls }) => {
    const { users, applications } = conditions;
    const covered = users.includeUsers.includes("All") || users.includeGroups.includes(groupId);
    const asks = grantControls?.builtInControls.includes("mfa") || grantControls?.authenticationStrength;
    return state === "enabled" && covered && applications.includeApplications.includes(appId) && asks;
  });
}
