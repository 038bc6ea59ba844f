import type { Account } from "../cloud/aws/account";
import type { Cloud } from "../cloud/cloud";
import type { Seed, Tenant } from "../cloud/entra/tenant";
import { providerBlocks, resourcesOf, type SynthesizedStack, stringsUnder } from "./stacks";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const guidsUnder = (value: unknown, ...names: string[]) => [
  ...new Set(stringsUnder(value, names).filter((text) => GUID.test(text))),
];

/**
 * Puts into each tenant what the stacks take for granted: people and groups that no policy may lock out, existing groups, the
 * identity that deploys, and the domains of users to be made. All of it is named in the configuration by object id, so a first
 * rehearsal needs no seed file; what `own` says about the same object wins.
 */
export function seedTenants(cloud: Cloud, stacks: readonly SynthesizedStack[], own: Seed = {}): void {
  for (const stack of stacks) {
    for (const id of providerBlocks(stack, "azuread").flatMap((block) => guidsUnder(block, "tenant_id"))) {
      seedTenant(cloud.tenant(id), stack, own);
    }
  }
}

const ORGANIZATION = "o-rehearsed1";

/**
 * Puts into each account what its stacks take for granted: that it manages an organization where they turn on the organization's
 * features, and that AWS Config records where they add rules and no recorder.
 */
export function seedAccounts(cloud: Cloud, stacks: readonly SynthesizedStack[]): void {
  for (const stack of stacks) {
    const [provider] = providerBlocks(stack, "aws");
    const [accountId] = stringsUnder(provider, ["allowed_account_ids"]);
    const [region] = stringsUnder(provider, ["region"]);
    if (accountId !== undefined && region !== undefined) seedAccount(cloud.account(accountId), region, stack);
  }
}

function seedAccount(account: Account, home: string, stack: SynthesizedStack): void {
  if (resourcesOf(stack, "aws_iam_organizations_features").length > 0) account.settings.seedOrganization(ORGANIZATION);
  const regions = (type: string) =>
    resourcesOf(stack, type).map(({ region }) => (typeof region === "string" ? region : home));
  const own = regions("aws_config_configuration_recorder");
  for (const region of regions("aws_config_config_rule"))
    if (!own.includes(region)) account.config.seedRecorder(region);
}

function seedTenant(tenant: Tenant, stack: SynthesizedStack, own: Seed): void {
  const { resource } = stack.configuration;
  const domains = resourcesOf(stack, "azuread_user").flatMap((user) =>
    stringsUnder(user, ["user_principal_name"]).flatMap((name) => name.match(/^[^${}]+@([^@${}]+)$/)?.[1] ?? []),
  );
  const verifiedDomains = [...new Set([...tenant.verifiedDomains, ...(own.verifiedDomains ?? []), ...domains])];
  tenant.seed({ ...own, verifiedDomains });

  const named = new Set(
    [own.users, own.groups, own.servicePrincipals].flatMap((list = []) => list.map(({ id }) => id)),
  );
  const unnamed = (ids: readonly string[]) => ids.filter((id) => !named.has(id));
  const owners = guidsUnder(resource, "owners");
  tenant.seed({
    ...(own.callerId === undefined && owners[0] !== undefined ? { callerId: owners[0] } : {}),
    servicePrincipals: unnamed(owners).map((id) => ({ id, appId: id, displayName: `Deploy identity ${tail(id)}` })),
    users: unnamed(guidsUnder(resource, "excluded_users", "included_users", "member_object_id")).map((id) => ({
      id,
      displayName: `Existing user ${tail(id)}`,
      userPrincipalName: `user-${tail(id)}@${verifiedDomains[0]}`,
    })),
    groups: unnamed(
      guidsUnder(resource, "excluded_groups", "included_groups", "group_object_id", "principal_object_id"),
    ).map((id) => ({ id, displayName: `Existing group ${tail(id)}` })),
  });
}

const tail = (id: string) => id.slice(-4);
