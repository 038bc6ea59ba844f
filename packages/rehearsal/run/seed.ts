import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Account } from "../../local-cloud/cloud/aws/account";
import { partitionOf } from "../../local-cloud/cloud/aws/regions";
import type { Cloud } from "../../local-cloud/cloud/cloud";
import { BUILT_IN_STRENGTHS } from "../../local-cloud/cloud/entra/authentication-strengths";
import type { AuthenticationStrength, NamedLocation } from "../../local-cloud/cloud/entra/state";
import type { Seed, Tenant } from "../../local-cloud/cloud/entra/tenant";
import { eligibleIn } from "./eligible";
import { providerBlocks, resourcesOf, type SynthesizedStack, stringsUnder, writtenAttributes } from "./stacks";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const guidsUnder = (value: unknown, ...names: string[]) => [
  ...new Set(stringsUnder(value, names).filter((text) => GUID.test(text))),
];

/**
 * Puts into each tenant what the stacks take for granted: people and groups that no policy may lock out, existing groups, the
 * identity that deploys, the domains of users to be made, named locations, authentication strengths, and the custom security attributes
 * that nothing but a person can define. All of it is named in the configuration, by object id or attribute, so a first
 * rehearsal needs no seed file; what `own` says about the same object wins. Only what a custom strength accepts stands nowhere but
 * there.
 */
export function seedTenants(cloud: Cloud, stacks: readonly SynthesizedStack[], own: Seed = {}): void {
  for (const stack of stacks) {
    for (const id of providerBlocks(stack, "azuread").flatMap((block) => guidsUnder(block, "tenant_id"))) {
      seedTenant(cloud.tenant(id), stack, own);
      cloud.tenant(id).seed({ namedLocations: existingLocations(stacks) });
    }
  }
}

const ORGANIZATION = "o-rehearsed1";

/**
 * Puts into each account what its stacks take for granted: that it manages an organization where they turn on the organization's
 * features, that AWS Config records where they add rules and no recorder, and that the organization has a trail where they watch for
 * events and make none.
 */
export function seedAccounts(cloud: Cloud, stacks: readonly SynthesizedStack[]): void {
  for (const stack of stacks) {
    const [provider] = providerBlocks(stack, "aws");
    const [accountId] = stringsUnder(provider, ["allowed_account_ids"]);
    const [region] = stringsUnder(provider, ["region"]);
    if (accountId !== undefined && region !== undefined) {
      seedAccount(cloud.account(accountId, partitionOf(region)), region, stack);
    }
  }
}

// Assumption aws-config-recorder-there, never checked: Where a stack adds a rule of AWS Config and no recorder, the region has one that
// records everything and runs.
function seedAccount(account: Account, home: string, stack: SynthesizedStack): void {
  if (resourcesOf(stack, "aws_iam_organizations_features").length > 0) account.settings.seedOrganization(ORGANIZATION);
  const regions = (type: string) =>
    resourcesOf(stack, type).map(({ region }) => (typeof region === "string" ? region : home));
  const own = regions("aws_config_configuration_recorder");
  for (const region of regions("aws_config_config_rule"))
    if (!own.includes(region)) account.config.seedRecorder(region);
  const watches = resourcesOf(stack, "aws_cloudwatch_event_rule").length > 0;
  if (watches) account.organizationTrail = resourcesOf(stack, "aws_cloudtrail").length === 0;
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
  const eligible = eligibleIn(stack);
  tenant.seed({
    ...(own.callerId === undefined && owners[0] !== undefined ? { callerId: owners[0] } : {}),
    servicePrincipals: unnamed(owners).map((id) => ({ id, appId: id, displayName: `Deploy identity ${tail(id)}` })),
    users: unnamed([
      ...guidsUnder(resource, "excluded_users", "included_users", "member_object_id"),
      ...eligible.people,
    ]).map((id) => ({
      id,
      displayName: `Existing user ${tail(id)}`,
      userPrincipalName: `user-${tail(id)}@${verifiedDomains[0]}`,
    })),
    groups: unnamed([
      ...guidsUnder(
        resource,
        "excluded_groups",
        "included_groups",
        "group_object_id",
        "principal_object_id",
        "group_id",
      ),
      ...eligible.groups,
    ]).map((id) => ({ id, displayName: groupName(stack, id) })),
    administrativeUnits: unnamed(guidsUnder(resource, "administrative_unit_ids")).map((id) => ({
      id,
      displayName: `Restricted administrative unit ${tail(id)}`,
    })),
    securityAttributes: attributesIn(stack),
    authenticationStrengths: existingStrengths(stack, tenant.authenticationStrengths.list()),
  });
}

/** The account file may call an existing group by name; the id stays beside it, since nobody has looked in Entra. */
function groupName({ configuration }: SynthesizedStack, id: string): string {
  const { existing_group_names: names = {} } = (configuration.locals ?? {}) as Record<string, Record<string, string>>;
  const name = names[id.toLowerCase()];
  return name === undefined ? `Existing group ${tail(id)}` : `${name} (${id})`;
}

/** Attributes that filters of policies ask for, or that are written to an application. */
function attributesIn(stack: SynthesizedStack): { attributeSet: string; name: string }[] {
  const rules = stringsUnder(stack.configuration.resource, ["rule"]).flatMap((rule) =>
    [...rule.matchAll(/CustomSecurityAttribute\.([^\s_]+)_(\S+)/gi)].map(([, attributeSet = "", name = ""]) => ({
      attributeSet,
      name,
    })),
  );
  const written = Object.entries(writtenAttributes(stack)).flatMap(([attributeSet, values]) =>
    Object.keys(values).map((name) => ({ attributeSet, name })),
  );
  return [...rules, ...written];
}

/** The documentation's own network, which no company has: https://www.rfc-editor.org/rfc/rfc5737 */
const EXISTING_NETWORK = "203.0.113.0/24";
const TRUSTED_BY_HAND = "00000000-0000-4000-8000-0000000a1175";

/**
 * Named locations that exist: those of which the configuration knows the ids alone, and one that somebody marked as trusted, where
 * policies rely on trusted locations and no stack makes any.
 */
export function existingLocations(stacks: readonly SynthesizedStack[]): NamedLocation[] {
  const named = stacks.flatMap(({ configuration }) =>
    stringsUnder(configuration.resource, ["included_locations", "excluded_locations"]),
  );
  const trusted = stacks.some((stack) =>
    resourcesOf(stack, "azuread_named_location").some((location) =>
      JSON.stringify(location).includes('"trusted":true'),
    ),
  );
  // The zero id is no named location, but the trusted IPs of the old MFA service.
  const known = named.filter((id) => GUID.test(id) && !/^[0-]+$/.test(id));
  const byHand = named.includes("AllTrusted") && !trusted ? [TRUSTED_BY_HAND] : [];
  return [...new Set([...known, ...byHand])].map((id) => ({
    ...{ id, displayName: `Existing location ${tail(id)}`, kind: "ip" as const },
    ...{ ipRanges: [EXISTING_NETWORK], isTrusted: true },
  }));
}

/**
 * Authentication strengths that exist, of which a stack knows the ids alone: nobody can tell whom one of them lets in, unless it is
 * `known` with its combinations.
 */
const existingStrengths = (
  { configuration }: SynthesizedStack,
  known: readonly AuthenticationStrength[],
): AuthenticationStrength[] =>
  stringsUnder(configuration.resource, ["authentication_strength_policy_id"])
    .flatMap((path) => path.split("/").at(-1) ?? [])
    .filter((id) => GUID.test(id) && !BUILT_IN_STRENGTHS[id] && !known.some((one) => one.id === id))
    .map((id) => ({
      ...{ id, displayName: `Existing strength ${tail(id)}`, description: null },
      allowedCombinations: [],
    }));

/** `stacks/rehearsal.seed.json` of a project, what its own tenant has beside what the stacks make. */
export function readSeed(project: string): Seed | undefined {
  const file = join(project, "stacks/rehearsal.seed.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Seed) : undefined;
}

const tail = (id: string) => id.slice(-4);
