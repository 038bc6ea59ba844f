import type { Construct } from "constructs";
import type { Organization } from "entra-aws-federation/stacks/organization-stack";
import { TenantStack } from "entra-aws-federation/stacks/tenant-stack";

/**
 * What the tenant has once for all accounts. The policy sets are in `organization.ts`; `allResources` goes beyond the AWS applications.
 * Nothing stands here until you write it: a network that is trusted counts for other policies of your tenant too.
 */
export class Tenant extends TenantStack {
  constructor(scope: Construct, organization: Organization) {
    super(scope, "tenant", organization, {
      // For `locations: "trusted"` of a policy set, with your own range: namedLocations: { Offices: { ipRanges: ["203.0.113.0/24"], trusted: true } },
    });
  }
}
