import type { ClaimsMappingPolicy } from "../../../cloud/entra/state";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { text, texts, unlessGone } from "./attributes";
import { ids } from "./ids";
import { check, id, notEmpty } from "./validators";

/** policies/claims_mapping_policy_resource.go */
export const claimsMappingPolicy: ResourceType<Tenant> = {
  validate: (config) => check(config, { definition: notEmpty, display_name: notEmpty }),

  create: async (tenant, planned) => flatten(await tenant.claimsMappingPolicies.create(bodyOf(planned))),

  read(tenant, state) {
    const found = unlessGone(() => tenant.claimsMappingPolicies.get(ids.claimsMappingPolicy.last(state.id)));
    return found && flatten(found);
  },

  async update(tenant, planned, prior) {
    const policyId = ids.claimsMappingPolicy.last(prior.id);
    await tenant.claimsMappingPolicies.update(policyId, bodyOf(planned));
    return flatten(tenant.claimsMappingPolicies.get(policyId));
  },

  delete: (tenant, state) => tenant.claimsMappingPolicies.delete(ids.claimsMappingPolicy.last(state.id)),

  import: ids.claimsMappingPolicy.import,
};

/** serviceprincipals/service_principal_claims_mapping_policy_assignment_resource.go */
export const claimsMappingPolicyAssignment: ResourceType<Tenant> = {
  validate: (config) =>
    check(config, {
      claims_mapping_policy_id: id(ids.claimsMappingPolicy),
      service_principal_id: id(ids.servicePrincipal),
    }),

  async create(tenant, planned) {
    const servicePrincipalId = ids.servicePrincipal.last(planned.service_principal_id);
    const policyId = ids.claimsMappingPolicy.last(planned.claims_mapping_policy_id);
    await tenant.claimsMappingPolicies.assign(servicePrincipalId, policyId);
    return { ...planned, id: ids.claimsMappingPolicyAssignment.of(servicePrincipalId, policyId) };
  },

  read(tenant, state) {
    const [servicePrincipalId = "", policyId = ""] = ids.claimsMappingPolicyAssignment.parts(state.id);
    const assigned = unlessGone(() => tenant.claimsMappingPolicies.assignedTo(servicePrincipalId));
    if (!assigned?.some((policy) => policy.id === policyId)) return undefined;
    return {
      id: state.id ?? null,
      service_principal_id: ids.servicePrincipal.of(servicePrincipalId),
      claims_mapping_policy_id: ids.claimsMappingPolicy.of(policyId),
    };
  },

  delete(tenant, state) {
    const [servicePrincipalId = "", policyId = ""] = ids.claimsMappingPolicyAssignment.parts(state.id);
    return tenant.claimsMappingPolicies.unassign(servicePrincipalId, policyId);
  },

  import: ids.claimsMappingPolicyAssignment.import,
};

const bodyOf = (planned: Attributes) => ({
  definition: texts(planned.definition),
  displayName: text(planned.display_name),
});

const flatten = (policy: ClaimsMappingPolicy): Attributes => ({
  id: ids.claimsMappingPolicy.of(policy.id),
  definition: policy.definition,
  display_name: policy.displayName,
});
