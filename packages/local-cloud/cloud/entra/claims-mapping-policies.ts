import { randomUUID } from "node:crypto";
import { ServiceError } from "../errors";
import { badRequest, copy, type Directory, notFound } from "./directory";
import type { ClaimsMappingPolicy } from "./state";

/** Claims mapping policies: https://learn.microsoft.com/graph/api/resources/claimsmappingpolicy */
export class ClaimsMappingPolicies {
  constructor(private readonly directory: Directory) {}

  get(id: string): ClaimsMappingPolicy {
    return copy(this.policy(id));
  }

  create(body: Omit<ClaimsMappingPolicy, "id">): Promise<ClaimsMappingPolicy> {
    return this.directory.request("POST /policies/claimsMappingPolicies", `claims policy ${body.displayName}`, () => {
      checkDefinition(body.definition);
      const policy = { ...copy(body), id: randomUUID() };
      this.directory.state.claimsMappingPolicies[policy.id] = policy;
      return copy(policy);
    });
  }

  update(id: string, body: Partial<Omit<ClaimsMappingPolicy, "id">>): Promise<void> {
    return this.directory.request("PATCH /policies/claimsMappingPolicies/{id}", this.named(id), () => {
      const policy = this.policy(id);
      if (body.definition) checkDefinition(body.definition);
      Object.assign(policy, copy(body));
    });
  }

  delete(id: string): Promise<void> {
    return this.directory.request("DELETE /policies/claimsMappingPolicies/{id}", this.named(id), () => {
      this.policy(id);
      delete this.directory.state.claimsMappingPolicies[id];
      for (const principal of Object.values(this.directory.state.servicePrincipals)) {
        principal.claimsMappingPolicyIds = principal.claimsMappingPolicyIds.filter((assigned) => assigned !== id);
      }
    });
  }

  /** The policies that decide the claims of this enterprise app: one, or none. */
  assignedTo(servicePrincipalId: string): ClaimsMappingPolicy[] {
    return this.directory.servicePrincipal(servicePrincipalId).claimsMappingPolicyIds.map((id) => this.get(id));
  }

  // Assumption entra-one-claims-policy, never checked: A second claims mapping policy for the same enterprise app is refused as a conflict;
  // a policy that is deleted is no longer assigned.
  assign(servicePrincipalId: string, policyId: string): Promise<void> {
    const operation = "POST /servicePrincipals/{id}/claimsMappingPolicies/$ref";
    return this.directory.request(operation, this.named(policyId), () => {
      const principal = this.directory.servicePrincipal(servicePrincipalId);
      this.policy(policyId);
      // One policy of a type each: https://learn.microsoft.com/entra/identity-platform/reference-claims-customization
      if (principal.claimsMappingPolicyIds.length > 0) {
        const message =
          "A conflicting object with one or more of the specified property values is present in the directory.";
        throw new ServiceError("Request_MultipleObjectsWithSameKeyValue", message, 409);
      }
      principal.claimsMappingPolicyIds.push(policyId);
    });
  }

  unassign(servicePrincipalId: string, policyId: string): Promise<void> {
    const operation = "DELETE /servicePrincipals/{id}/claimsMappingPolicies/{id}/$ref";
    return this.directory.request(operation, this.named(policyId), () => {
      const principal = this.directory.servicePrincipal(servicePrincipalId);
      if (!principal.claimsMappingPolicyIds.includes(policyId)) throw notFound(policyId);
      principal.claimsMappingPolicyIds = principal.claimsMappingPolicyIds.filter((id) => id !== policyId);
    });
  }

  private policy(id: string): ClaimsMappingPolicy {
    const policy = this.directory.state.claimsMappingPolicies[id];
    if (!policy) throw notFound(id);
    return policy;
  }

  private named(id: string): string {
    return `claims policy ${this.directory.state.claimsMappingPolicies[id]?.displayName ?? id}`;
  }
}

// Assumption entra-claims-policy-check, never checked: Graph refuses a claims mapping policy whose JSON has no ClaimsMappingPolicy, Version
// 1 or well-formed ClaimsSchema when it is written, not at sign-in.
/**
 * The form that https://learn.microsoft.com/entra/identity-platform/reference-claims-customization describes. "Some keys are case
 * sensitive, for example Version": https://learn.microsoft.com/graph/application-saml-sso-configure-api
 */
function checkDefinition(definition: readonly string[]): void {
  const [text] = definition;
  if (definition.length !== 1 || text === undefined) throw invalid("has to be a list of one JSON text");
  const policy = property(parse(text), "ClaimsMappingPolicy");
  if (!isObject(policy)) throw invalid("has no ClaimsMappingPolicy");
  if (policy.Version !== 1) throw invalid("has to have Version 1");
  const basic = policy.IncludeBasicClaimSet;
  if (basic !== undefined && !/^(true|false)$/i.test(String(basic)))
    throw invalid("has an IncludeBasicClaimSet that is neither true nor false");
  const schema = policy.ClaimsSchema ?? [];
  if (!Array.isArray(schema)) throw invalid("has a ClaimsSchema that is no list");
  for (const entry of schema) checkEntry(entry);
}

/** Where the value comes from (a constant, or Source and ID), and the claim it goes to. */
function checkEntry(entry: unknown): void {
  if (!isObject(entry)) throw invalid("has a ClaimsSchema entry that is no object");
  const source =
    entry.Value !== undefined || (entry.Source !== undefined && (entry.ID ?? entry.TransformationId) !== undefined);
  const target = typeof entry.SamlClaimType === "string" || typeof entry.JwtClaimType === "string";
  // Entries without a claim type feed transformations only.
  if (!source) throw invalid("has a ClaimsSchema entry without Value, or without Source and ID");
  if (!target && entry.ID === undefined)
    throw invalid("has a ClaimsSchema entry without SamlClaimType or JwtClaimType");
}

const invalid = (problem: string) => badRequest(`Property definition has an invalid value: it ${problem}.`);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("is not JSON");
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const property = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);
