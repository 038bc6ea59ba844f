import { type Configuration, providerBlocks, resourcesOf, type SynthesizedStack, stringsUnder } from "../../run/stacks";
import type { AppReference } from "../chain/entra";
import { type ConfiguredActivation, configuredActivation } from "./configured-activation";

/** Who may enter an account by its configuration: what stands in `cdk.tf.json`, not what is deployed. */
export interface ConfiguredAccess {
  readonly app: AppReference;
  readonly endpoints: readonly string[];
  /** Whether the application is disabled: nobody signs in to it. */
  readonly closed: boolean;
  readonly roles: readonly ConfiguredRole[];
}

export interface ConfiguredRole {
  readonly name: string;
  /** `role ARN,provider ARN`. */
  readonly claim: string;
  /** Display name, or object id of a group that exists. */
  readonly group: string;
  /** How somebody eligible makes themselves a member; absent where members are permanent. */
  readonly activation?: ConfiguredActivation;
}

/** Reads the federation out of a stack's configuration. */
export function configuredAccess(stack: SynthesizedStack): ConfiguredAccess {
  const [tenantId] = providerBlocks(stack, "azuread").flatMap((block) => stringsUnder(block, ["tenant_id"]));
  const [identifier] = resourcesOf(stack, "azuread_application_identifier_uri").flatMap((uri) =>
    text(uri.identifier_uri),
  );
  if (tenantId === undefined || identifier === undefined) {
    throw new Error(`${stack.name} has no application with an identifier: people do not sign in to it`);
  }
  const applications = resourcesOf(stack, "azuread_application");
  return {
    app: { tenantId, identifier },
    endpoints: stringsUnder(applications, ["redirect_uris"]),
    closed: resourcesOf(stack, "azuread_service_principal").some(({ account_enabled: enabled }) => enabled === false),
    roles: resourcesOf(stack, "azuread_app_role_assignment").flatMap((assignment) => configuredRole(stack, assignment)),
  };
}

function configuredRole(stack: SynthesizedStack, assignment: Configuration): ConfiguredRole[] {
  const [id] = text(assignment.app_role_id);
  const [principal] = text(assignment.principal_object_id);
  // A declared role is named by its id; an imported one is looked up by its claim.
  const claim = /\["([^"]+)"\]/.exec(id ?? "")?.[1] ?? declaredClaim(stack, id);
  const name = claim?.split(",")[0]?.split("/").at(-1);
  if (!claim || !name || principal === undefined) return [];
  return [{ name, claim, group: groupName(stack, principal), activation: configuredActivation(stack, principal) }];
}

const declaredClaim = (stack: SynthesizedStack, id: string | undefined): string | undefined =>
  resourcesOf(stack, "azuread_application")
    .flatMap(({ app_role: roles }) => (Array.isArray(roles) ? (roles as Configuration[]) : []))
    .flatMap((role) => (role.id === id ? text(role.value) : []))[0];

/** `${azuread_group.<name>.object_id}` by the group's display name; an object id as it stands. */
function groupName(stack: SynthesizedStack, principal: string): string {
  const address = /^\$\{azuread_group\.(\w+)\.object_id\}$/.exec(principal)?.[1];
  const groups = stack.configuration.resource as Readonly<Record<string, Record<string, Configuration>>>;
  return (address ? text(groups.azuread_group?.[address]?.display_name)[0] : undefined) ?? principal;
}

const text = (value: unknown): string[] => (typeof value === "string" ? [value] : []);
