import type { Construct } from "constructs";
import type { Organization } from "./organization-stack";
import { TenantStack } from "./tenant-stack";

/** What the tenant has once for all accounts. What it says here goes beyond the AWS applications; the policy sets are in `organization.ts`. */
export class Tenant extends TenantStack {
  constructor(scope: Construct, organization: Organization) {
    super(scope, "tenant", organization, {
      namedLocations: { Offices: { ipRanges: ["203.0.113.0/24"], trusted: true } },
      // People who work in AWS: Entra takes these two for all resources only.
      allResources: {
        groups: ["00000000-0000-0000-0000-0000000000a1"],
        persistentBrowser: "never",
        passwordChangeAt: ["high"],
      },
    });
  }
}
