import { BUILT_IN_STRENGTHS } from "../../../local-cloud/cloud/entra/authentication-strengths";
import type { AttributeValues } from "../../../local-cloud/cloud/entra/security-attributes";
import type { ConditionalAccessPolicy, NamedLocation } from "../../../local-cloud/cloud/entra/state";
import { type Block, loadProviderSchema } from "../../../local-cloud/provider/schema";
import { policyBody } from "../../../local-cloud/provider/types/azuread/conditional-access-policy";
import { ids } from "../../../local-cloud/provider/types/azuread/ids";
import { locationBody } from "../../../local-cloud/provider/types/azuread/named-location";
import type { Attributes, Value } from "../../../local-cloud/provider/values";
import { existingLocations, readSeed } from "../../run/seed";
import {
  type Configuration,
  namedResourcesOf,
  projectOf,
  providerBlocks,
  type SynthesizedStack,
  stringsUnder,
  writtenAttributes,
} from "../../run/stacks";
import type { Circumstances } from "../chain/circumstances";
import { type AccessDecision, decide, type TenantPolicies } from "../chain/conditional-access";
import { reaches } from "../chain/conditions";
import type { Mfa } from "../chain/methods";

/** Conditional Access as configuration has it: what stands in `cdk.tf.json`, not what is deployed. */
export interface ConfiguredConditionalAccess {
  /** The policies of all stacks of the tenant that reach the application, in any state. */
  readonly policies: readonly ConditionalAccessPolicy[];
  readonly locations: readonly NamedLocation[];
  /** Emergency access: object ids that the policies leave out. */
  readonly breakGlass: { readonly users: readonly string[]; readonly groups: readonly string[] };
  /** What the policies would decide about somebody who is in these groups, by display name, and in no other. */
  decide(groups: readonly string[], mfa: Mfa, circumstances: Circumstances): AccessDecision;
}

/**
 * The policies of every tenant that the stacks name, by its id. What is still to be made has no id: in its place stands what it is
 * called, or the expression for it with the name of its stack.
 */
export function configuredPolicies(stacks: readonly SynthesizedStack[]): ReadonlyMap<string, TenantPolicies> {
  const tenants = new Map<string, SynthesizedStack[]>();
  for (const stack of stacks) {
    for (const id of tenantsOf(stack)) tenants.set(id, [...(tenants.get(id) ?? []), stack]);
  }
  return new Map([...tenants].map(([id, members]) => [id, policySetOf(members)]));
}

const tenantsOf = (stack: SynthesizedStack): string[] => [
  ...new Set(providerBlocks(stack, "azuread").flatMap((block) => stringsUnder(block, ["tenant_id"]))),
];

function policySetOf(stacks: readonly SynthesizedStack[]): TenantPolicies {
  const seeds = [...new Set(stacks.map(projectOf))].flatMap((project) => readSeed(project) ?? []);
  const seeded = seeds.flatMap(({ authenticationStrengths = [] }) => authenticationStrengths);
  const strengths = new Map(
    [...seeded, ...stacks.flatMap(strengthsOf)].map((one) => [one.id, one.allowedCombinations]),
  );
  return {
    policies: stacks.flatMap(policiesOf),
    locations: [...existingLocations(stacks), ...stacks.flatMap(locationsOf)],
    combinationsOf: (id) => BUILT_IN_STRENGTHS[id]?.allowedCombinations ?? strengths.get(id),
  };
}

/** What a stack's application meets. */
export function conditionalAccessOf(
  stack: SynthesizedStack,
  configured: ReadonlyMap<string, TenantPolicies>,
): ConfiguredConditionalAccess {
  const set = tenantsOf(stack).flatMap((id) => configured.get(id) ?? [])[0];
  if (!set) throw new Error(`${stack.name} names no tenant`);
  const app = { appId: applicationOf(stack), attributes: writtenAttributes(stack) as AttributeValues };
  const policies = set.policies.filter(({ conditions }) => reaches(conditions.applications, app) !== false);
  const reached = { ...set, policies };
  const leftOut = (kind: "excludeUsers" | "excludeGroups") => [
    ...new Set(policies.flatMap(({ conditions }) => conditions.users[kind])),
  ];
  return {
    policies,
    locations: set.locations,
    breakGlass: { users: leftOut("excludeUsers"), groups: leftOut("excludeGroups") },
    decide: (groups, mfa, circumstances) =>
      decide(reached, { ...circumstances, ...app, userId: "somebody", groups: new Set(groups), mfa }),
  };
}

const applicationOf = ({ name }: SynthesizedStack): string => `the application of ${name}`;

/** A reference by what it leads to: a group by its display name, the application by its stack, anything else by itself. */
function nameIn(stack: SynthesizedStack, text: string): string {
  const [, type, name] = /^\$\{(\w+)\.([\w-]+)\.\w+\}$/.exec(text) ?? [];
  if (type === "azuread_service_principal" || type === "azuread_application") return applicationOf(stack);
  if (type === "azuread_authentication_strength_policy" && name)
    return ids.authenticationStrength.of(madeIn(stack, type, name));
  if (type === "azuread_group") {
    const [, group] = namedResourcesOf(stack, type).find(([one]) => one === name) ?? [];
    if (typeof group?.display_name === "string") return group.display_name;
  }
  return type && name ? madeIn(stack, type, name) : text;
}

const madeIn = ({ name: stack }: SynthesizedStack, type: string, name: string): string => `${type} ${name} of ${stack}`;

const azuread = loadProviderSchema("registry.terraform.io/hashicorp/azuread").resource_schemas;

/** The resources of a type in the form in which the provider gets them: named, and every block in a list. */
function configured(stack: SynthesizedStack, type: string): [string, Attributes][] {
  const block = azuread[type]?.block ?? {};
  return namedResourcesOf(stack, type).map(([name, body]) => [
    name,
    inLists(block, named(stack, body) as Configuration),
  ]);
}

function named(stack: SynthesizedStack, value: unknown): unknown {
  if (typeof value === "string") return nameIn(stack, value);
  if (Array.isArray(value)) return value.map((item) => named(stack, item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, named(stack, inner)]));
}

/** cdktf writes a block that can stand once as an object. */
function inLists({ block_types: nested = {} }: Block, body: Configuration): Attributes {
  const entries = Object.entries(body).map(([name, value]): [string, Value] => {
    const inner = nested[name];
    if (!inner) return [name, value as Value];
    return [name, [value].flat().map((one) => inLists(inner.block, (one ?? {}) as Configuration))];
  });
  return Object.fromEntries(entries);
}

const policiesOf = (stack: SynthesizedStack): ConditionalAccessPolicy[] =>
  configured(stack, "azuread_conditional_access_policy").map(([name, body]) => ({
    ...policyBody(body),
    id: madeIn(stack, "azuread_conditional_access_policy", name),
  }));

const locationsOf = (stack: SynthesizedStack): NamedLocation[] =>
  configured(stack, "azuread_named_location").map(([name, body]) => ({
    ...locationBody(body),
    id: madeIn(stack, "azuread_named_location", name),
  }));

const strengthsOf = (stack: SynthesizedStack) =>
  configured(stack, "azuread_authentication_strength_policy").map(([name, { allowed_combinations: combinations }]) => ({
    id: madeIn(stack, "azuread_authentication_strength_policy", name),
    allowedCombinations: stringsUnder({ combinations }, ["combinations"]),
  }));
