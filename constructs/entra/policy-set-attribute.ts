/**
 * The custom security attribute by which an application says which policy set applies to it. Attribute set and definition are made by
 * hand once (docs/runbooks/policies-at-scale.md): Graph can delete neither, so Terraform could not take them back.
 * @see https://learn.microsoft.com/entra/identity/conditional-access/concept-filter-for-applications
 */
export const ATTRIBUTE_SET = "AwsFederation";
export const ATTRIBUTE = "PolicySet";

/** Set names are values of the attribute: at most 64 characters, and a quote would end the rule. */
export const POLICY_SET_NAME = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;

/** What the attribute of an application says that is under no set while others are: no policy asks for it, so no set may be called so. */
export const NO_POLICY_SET = "none";

/** The rule of a policy that reaches every application that carries a set. */
export function policySetRule(set: string): string {
  return `CustomSecurityAttribute.${ATTRIBUTE_SET}_${ATTRIBUTE} -eq "${set}"`;
}
