import type { Construct } from "constructs";
import type { Organization } from "./organization-stack";
import { TenantStack } from "./tenant-stack";

/** What the tenant has once for all accounts. The policy sets are in `organization.ts`; `allResources` goes beyond the AWS applications. */
export class Tenant extends TenantStack {
  constructor(scope: Construct, organization: Organization) {
    super(scope, "tenant", organization, {
      namedLocations: { Offices: { ipRanges: ["203.0.113.0/24"], trusted: true } },
    });
  }
}
