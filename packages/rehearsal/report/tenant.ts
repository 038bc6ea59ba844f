import type { TenantState } from "../../local-cloud/cloud/entra/tenant";
import type { DeployedAccount, TenantIndex } from "./deployed-account";
import { type AccessPolicy, describePolicy } from "./policies";
import { count } from "./text";

/** What a tenant has once for many accounts. */
export interface SharedByTenant {
  readonly tenantId: string;
  /** Conditional Access policies that name no application, with the number of the accounts here that each reaches. */
  readonly policies: readonly { readonly policy: AccessPolicy; readonly accounts: number }[];
  readonly facts: readonly { readonly label: string; readonly value: string }[];
}

/** `undefined` where everything stands in the accounts. */
export function sharedBy(
  { state, names }: TenantIndex,
  accounts: readonly DeployedAccount[],
): SharedByTenant | undefined {
  const policies = Object.values(state.conditionalAccessPolicies)
    .map((policy) => describePolicy(policy, names))
    .filter(({ reach }) => reach !== "by name")
    .sort((one, other) => one.name.localeCompare(other.name, "en"))
    .map((policy) => ({
      policy,
      accounts: accounts.filter((account) => account.policies.some(({ name }) => name === policy.name)).length,
    }));
  const facts = [...locationFacts(state), ...strengthFacts(state)];
  return policies.length + facts.length > 0 ? { tenantId: state.id, policies, facts } : undefined;
}

const locationFacts = ({ namedLocations }: TenantState): SharedByTenant["facts"] =>
  Object.values(namedLocations).map((location) => ({
    label: `Location ${location.displayName}`,
    value:
      location.kind === "ip"
        ? `${location.ipRanges.join(", ")}${location.isTrusted ? ", trusted" : ""}`
        : `${location.countriesAndRegions.join(", ")}${location.includeUnknownCountriesAndRegions ? ", and unknown countries" : ""}`,
  }));

const strengthFacts = ({ authenticationStrengths }: TenantState): SharedByTenant["facts"] =>
  Object.values(authenticationStrengths).map(({ displayName, allowedCombinations }) => ({
    label: `Strength ${displayName}`,
    value: allowedCombinations.join(" or ") || "nothing here says what it accepts",
  }));

export const SHARED_HEAD = ["Policy", "Whom", "When", "Asks for", "Reaches"] as const;

export const reachText = (accounts: number): string =>
  accounts === 0 ? "no account here" : count(accounts, "account");
