import type { AccountState } from "../../local-cloud/cloud/aws/account";
import { parsePolicyDocument } from "../../local-cloud/cloud/aws/policy-document";
import type { RoleState } from "../../local-cloud/cloud/aws/roles";
import type { CloudState } from "../../local-cloud/cloud/cloud";
import { judge } from "../../local-cloud/cloud/entra/role-import";
import { thumbprintOf } from "../../local-cloud/cloud/entra/signing-certificates";
import type {
  Application,
  AppRole,
  AppRoleAssignment,
  ConditionalAccessPolicy,
  ServicePrincipal,
} from "../../local-cloud/cloud/entra/state";
import type { TenantState } from "../../local-cloud/cloud/entra/tenant";
import { reaches } from "../signin/chain/conditions";
import type { AppReference } from "../signin/chain/sign-in";
import { type AccessKey, accessKeysOf, denials, deniedBy } from "./baseline";
import { type Eligibility, eligibilitiesOf } from "./eligibility";
import { type AccessPolicy, describePolicy } from "./policies";

/** An AWS account and its enterprise app, as they are deployed. */
export interface DeployedAccount {
  /** Display name of the enterprise app. */
  readonly title: string;
  /** 12 digits. */
  readonly accountId: string;
  readonly identifier: string;
  readonly replyUrls: readonly string[];
  readonly assignmentRequired: boolean;
  /** "Enabled for users to sign in?" of the application. */
  readonly enabled: boolean;
  readonly people: readonly Person[];
  readonly groups: readonly Group[];
  /** Of groups that people activate their membership of. */
  readonly eligibilities: readonly Eligibility[];
  readonly appRoles: readonly AppRole[];
  /** By object ids: who holds which app role. */
  readonly assignments: readonly AppRoleAssignment[];
  readonly roles: readonly Role[];
  readonly providers: readonly Provider[];
  /** Those that reach the application, from whatever stack; those for every sign-in first. */
  readonly policies: readonly AccessPolicy[];
  /** Names of the attributes that the assigned claims mapping policy sends to AWS. */
  readonly claims: readonly string[];
  readonly certificates: readonly Certificate[];
  /** Provisioning; absent where the application declares its roles itself. */
  readonly roleImport?: RoleImport;
  readonly accessKeys: readonly AccessKey[];
  readonly pending: readonly Pending[];
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
}

export interface Group {
  readonly id: string;
  readonly name: string;
  /** Object ids of direct members. */
  readonly people: readonly string[];
  /** Names of groups inside it: Entra passes no assignment on to them. */
  readonly nested: readonly string[];
}

export interface Role {
  readonly arn: string;
  readonly name: string;
  /** What gives it something: managed policies by name, inline ones as "Name (inline)". */
  readonly policies: readonly string[];
  readonly boundary?: string;
  /** Inline policies that only take away, by name: an incident. */
  readonly deniedBy: readonly string[];
  /** The same in words. */
  readonly denials: readonly string[];
  readonly longestSec: number;
  /** Values of `SAML:aud` in its trust policy. */
  readonly audiences: readonly string[];
  /** Value that an app role needs to offer it; absent where role import would refuse the role. */
  readonly claim?: string;
}

export interface Provider {
  readonly arn: string;
  readonly name: string;
  /** Of the certificates that AWS accepts. */
  readonly thumbprints: readonly string[];
}

export interface Certificate {
  readonly name: string;
  readonly from: string;
  readonly until: string;
  /** Entra signs with it. */
  readonly active: boolean;
  /** AWS accepts what it signs. */
  readonly inAws: boolean;
}

export interface RoleImport {
  readonly minutes: number;
  readonly state: string;
  /** "succeeded", or why it failed; absent before the first one. */
  readonly lastCycle?: string;
}

/** A role in AWS that no app role offers: nobody can enter it. */
export interface Pending {
  readonly role: string;
  /** Value that the app role will have. */
  readonly claim?: string;
  /** The next cycle of role import brings it; else it is a fault. */
  readonly waits: boolean;
  readonly why: string;
}

interface App {
  readonly application: Application;
  readonly principal: ServicePrincipal;
}

/** A tenant, with what is looked up in it. */
export interface TenantIndex {
  readonly state: TenantState;
  /** By identifier. */
  readonly apps: ReadonlyMap<string, App>;
  /** By object id of the service principal. */
  readonly assignments: ReadonlyMap<string, readonly AppRoleAssignment[]>;
  /** Display names of users, groups, named locations and authentication strengths, by object id. */
  readonly names: ReadonlyMap<string, string>;
}

/** The tenants of a cloud by id. */
export function indexTenants({ tenants }: CloudState): ReadonlyMap<string, TenantIndex> {
  return new Map(Object.entries(tenants).map(([id, state]) => [id, indexTenant(state)]));
}

function indexTenant(state: TenantState): TenantIndex {
  const principals = new Map(Object.values(state.servicePrincipals).map((principal) => [principal.appId, principal]));
  const apps = Object.values(state.applications).flatMap((application) => {
    const principal = principals.get(application.appId);
    return application.identifierUris.flatMap((uri): [string, App][] =>
      principal ? [[uri, { application, principal }]] : [],
    );
  });
  const assignments = new Map<string, AppRoleAssignment[]>();
  for (const assignment of Object.values(state.appRoleAssignments)) {
    const known = assignments.get(assignment.resourceId);
    if (known) known.push(assignment);
    else assignments.set(assignment.resourceId, [assignment]);
  }
  const { users, groups, namedLocations, authenticationStrengths } = state;
  const named = [users, groups, namedLocations, authenticationStrengths].flatMap(
    (objects): { id: string; displayName: string }[] => Object.values(objects),
  );
  return {
    state,
    apps: new Map(apps),
    assignments,
    names: new Map(named.map(({ id, displayName }) => [id, displayName])),
  };
}

/** What is deployed for an application; `undefined` where no application has that identifier. */
export function deployedAccount(
  state: CloudState,
  tenants: ReadonlyMap<string, TenantIndex>,
  { tenantId, identifier }: AppReference,
): DeployedAccount | undefined {
  const tenant = tenants.get(tenantId);
  const app = tenant?.apps.get(identifier);
  if (!tenant || !app) return undefined;
  const { application, principal } = app;
  const account = state.accounts[accountIdOf(identifier)];
  const providers = Object.values(account?.samlProviders ?? {}).map(
    ({ arn, name, metadata }): Provider => ({
      arn,
      name,
      thumbprints: metadata.certificates.map((one) => one.thumbprint),
    }),
  );
  const policies = policiesFor(tenant, application, principal);
  const everyRole = appRolesOf(app);
  const assignments = inOrder(tenant.assignments.get(principal.id) ?? [], ({ principalId, appRoleId }) => {
    return `${tenant.names.get(principalId)} ${everyRole.find(({ id }) => id === appRoleId)?.displayName}`;
  });
  const groups = groupsOf(tenant, [
    ...assignments.map(({ principalId }) => principalId),
    ...policies.flatMap(({ conditions: { applications, users } }) =>
      applications.includeApplications.includes(application.appId) ? users.includeGroups : [],
    ),
  ]);
  const people = [
    ...groups.flatMap((group) => group.people),
    ...assignments.flatMap(({ principalType, principalId }) => (principalType === "User" ? [principalId] : [])),
  ];
  const offered = everyRole.filter(({ id, value }) => value || assignments.some(({ appRoleId }) => appRoleId === id));
  const appRoles = inOrder(offered, ({ displayName }) => displayName);
  const roles = rolesOf(account);
  const roleImport = roleImportOf(tenant, principal);
  return {
    title: application.displayName,
    accountId: accountIdOf(identifier),
    identifier,
    replyUrls: application.web.redirectUris,
    assignmentRequired: principal.appRoleAssignmentRequired,
    enabled: principal.accountEnabled,
    people: peopleOf(tenant, people),
    groups,
    eligibilities: eligibilitiesOf(
      tenant.state,
      groups.map(({ id }) => id),
      new Date(state.now),
    ),
    appRoles,
    assignments,
    roles,
    providers,
    policies: inOrder(
      policies.map((policy) => describePolicy(policy, tenant.names)),
      ({ name, when }) => `${Math.min(1, when.length)} ${name}`,
    ),
    claims: claimsOf(tenant, principal),
    certificates: certificatesOf(app, providers),
    roleImport,
    accessKeys: account ? accessKeysOf(account, usedKey(tenant, principal)) : [],
    pending: pendingOf(roles, appRoles, roleImport),
  };
}

/** `https://signin.aws.amazon.com/saml#111122223333`: what stands behind the `#` tells the accounts apart. */
const accountIdOf = (identifier: string): string => identifier.split("#")[1] ?? "";

/** The application's, and those that role import put on the service principal. */
function appRolesOf({ application, principal }: App): AppRole[] {
  const declared = application.appRoles;
  return [...declared, ...principal.importedAppRoles.filter(({ id }) => !declared.some((role) => role.id === id))];
}

function groupsOf({ state, names }: TenantIndex, ids: readonly string[]): Group[] {
  const groups = [...new Set(ids)].flatMap((id) => state.groups[id] ?? []);
  return byName(
    groups.map(({ id, displayName, members }) => ({
      id,
      name: displayName,
      people: members.filter((member) => state.users[member]),
      nested: members.filter((member) => state.groups[member]).map((member) => names.get(member) ?? member),
    })),
  );
}

const peopleOf = ({ state }: TenantIndex, ids: readonly string[]): Person[] =>
  byName(
    [...new Set(ids)]
      .flatMap((id) => state.users[id] ?? [])
      .map(({ id, displayName, accountEnabled }) => ({ id, name: displayName, enabled: accountEnabled })),
  );

function rolesOf(account: AccountState | undefined): Role[] {
  const trusting = Object.values(account?.roles ?? {}).flatMap((role) => {
    const verdict = judged(role);
    return verdict.kind === "ignore" ? [] : [{ role, claim: verdict.kind === "import" ? verdict.claim : undefined }];
  });
  return byName(
    trusting.map(({ role, claim }) => ({
      arn: role.arn,
      name: role.name,
      policies: [
        ...role.attachedPolicies.map(policyName),
        ...Object.keys(role.inlinePolicies)
          .filter((name) => !deniedBy(role).includes(name))
          .map((name) => `${name} (inline)`),
      ].sort(),
      deniedBy: deniedBy(role),
      denials: denials(role),
      boundary: role.permissionsBoundary === null ? undefined : policyName(role.permissionsBoundary),
      longestSec: role.maxSessionDuration,
      audiences: audiencesOf(role),
      claim,
    })),
  );
}

const judged = ({ arn, name, path, assumeRolePolicyDocument }: RoleState) =>
  judge({ arn, roleName: name, path, assumeRolePolicyDocument });

/** `job-function/ViewOnlyAccess` of `arn:aws:iam::aws:policy/job-function/ViewOnlyAccess`. */
const policyName = (arn: string): string => arn.slice(arn.indexOf(":policy/") + ":policy/".length);

function audiencesOf({ assumeRolePolicyDocument }: RoleState): string[] {
  const { statements } = parsePolicyDocument(assumeRolePolicyDocument);
  return statements.flatMap(({ conditions }) =>
    Object.values(conditions).flatMap((keys) =>
      Object.entries(keys).flatMap(([key, values]) => (key.toLowerCase() === "saml:aud" ? values : [])),
    ),
  );
}

/** Whoever cannot tell whether a policy reaches the application sees it, too. */
const policiesFor = (
  { state }: TenantIndex,
  { appId }: Application,
  { customSecurityAttributes: attributes }: ServicePrincipal,
): ConditionalAccessPolicy[] =>
  Object.values(state.conditionalAccessPolicies).filter(
    ({ conditions }) => reaches(conditions.applications, { appId, attributes }) !== false,
  );

function claimsOf({ state }: TenantIndex, { claimsMappingPolicyIds }: ServicePrincipal): string[] {
  const definitions = claimsMappingPolicyIds.flatMap((id) => state.claimsMappingPolicies[id]?.definition ?? []);
  const types = definitions.flatMap((definition) => {
    const { ClaimsMappingPolicy: policy } = JSON.parse(definition) as {
      ClaimsMappingPolicy?: { ClaimsSchema?: { SamlClaimType?: string }[] };
    };
    return (policy?.ClaimsSchema ?? []).flatMap(({ SamlClaimType: type }) => type ?? []);
  });
  const ofAws = types.filter((type) => type.toLowerCase().startsWith("https://aws.amazon.com/saml/attributes/"));
  return ofAws.map((type) => type.slice(type.lastIndexOf("/") + 1));
}

/** By their names in the ring, which stand last in their subjects. */
function certificatesOf({ principal }: App, providers: readonly Provider[]): Certificate[] {
  const accepted = new Set(providers.flatMap(({ thumbprints }) => thumbprints));
  const preferred = principal.preferredTokenSigningKeyThumbprint?.toUpperCase();
  const credentials = inOrder(
    principal.keyCredentials,
    ({ endDateTime, displayName }) => `${endDateTime} ${displayName}`,
  );
  return credentials.flatMap(({ key, displayName, startDateTime, endDateTime }) => {
    if (!key) return [];
    const thumbprint = thumbprintOf(key);
    return [
      {
        // The subject keeps the names of its day; the last word is the name in the ring.
        name: displayName.replace(/^CN=(AWS .* \d{12} )?/, ""),
        from: startDateTime,
        until: endDateTime,
        active: thumbprint === preferred,
        inAws: accepted.has(thumbprint),
      },
    ];
  });
}

function roleImportOf({ state }: TenantIndex, { id }: ServicePrincipal): RoleImport | undefined {
  const job = state.synchronization[id]?.jobs[0];
  if (!job) return undefined;
  const { schedule, lastCycle } = job;
  return {
    minutes: Number(/^PT(\d+)M$/.exec(schedule.interval)?.[1] ?? Number.NaN),
    state: schedule.state,
    lastCycle: lastCycle === null ? undefined : (lastCycle.reason ?? lastCycle.outcome),
  };
}

/** A key's ID is the job's secret ClientSecret; the secret access key, SecretToken, is not looked at. */
const usedKey = ({ state }: TenantIndex, { id }: ServicePrincipal): string | undefined =>
  state.private.synchronizationSecrets[id]?.find(({ key }) => key === "ClientSecret")?.value;

function pendingOf(
  roles: readonly Role[],
  appRoles: readonly AppRole[],
  roleImport: RoleImport | undefined,
): Pending[] {
  return roles.flatMap(({ name, claim }): Pending[] => {
    const offers = appRoles.filter(({ value }) => claim !== undefined && value === claim);
    if (offers.some(({ isEnabled }) => isEnabled)) return [];
    const waits = offers.length === 0 && roleImport !== undefined && claim !== undefined;
    return [{ role: name, claim, waits, why: waits ? "waits for role import" : whyNot(claim, offers, roleImport) }];
  });
}

function whyNot(claim: string | undefined, offers: readonly AppRole[], roleImport: RoleImport | undefined): string {
  if (offers.length > 0) return "its app role is disabled";
  return roleImport && claim === undefined ? "role import refuses its trust policy" : "no app role offers it";
}

/** Objects of a tenant come in the order in which they were made, which is another one at every deploy. */
const inOrder = <T>(items: readonly T[], key: (item: T) => string): T[] =>
  [...items].sort((a, b) => key(a).localeCompare(key(b), "en", { numeric: true }));

const byName = <T extends { readonly name: string }>(items: readonly T[]): T[] => inOrder(items, ({ name }) => name);
