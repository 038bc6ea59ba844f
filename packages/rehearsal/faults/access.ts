import type { CloudState } from "../../local-cloud/cloud/cloud";
import { BUILT_IN_STRENGTHS } from "../../local-cloud/cloud/entra/authentication-strengths";
import type { ServicePrincipal, TenantState } from "../../local-cloud/cloud/entra/state";
import { DEVICES } from "../signin/chain/circumstances";
import { decide, groupsAround } from "../signin/chain/conditional-access";

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
      return [{ way: `${group.displayName} -> ${roleArn}`, mfa: asksForMfa(tenant, principal, group.id) }];
    }),
  );
}

/** Whether a password is never enough for a member of a group at an application, wherever and with whatever device it is tried. */
function asksForMfa(tenant: TenantState, app: ServicePrincipal, groupId: string): boolean {
  const groups = new Set([groupId, ...groupsAround(Object.values(tenant.groups), groupId)]);
  const policies = {
    policies: Object.values(tenant.conditionalAccessPolicies),
    locations: Object.values(tenant.namedLocations),
    combinationsOf: (id: string) => (BUILT_IN_STRENGTHS[id] ?? tenant.authenticationStrengths[id])?.allowedCombinations,
  };
  const visitor = {
    ...{ userId: "somebody", groups, appId: app.appId, attributes: app.customSecurityAttributes },
    mfa: "none" as const,
  };
  return DEVICES.every((device) =>
    ["trusted", "elsewhere"].every((location) => {
      const { outcome, accepted } = decide(policies, { ...visitor, device, location });
      return outcome === "refused" && accepted !== undefined;
    }),
  );
}
