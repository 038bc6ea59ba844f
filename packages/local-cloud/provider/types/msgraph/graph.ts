import { shownValues } from "../../../cloud/entra/security-attributes";
import type { ServicePrincipalBody, ServicePrincipalView } from "../../../cloud/entra/service-principals";
import type { ConditionalAccessPolicy, SecurityAttribute } from "../../../cloud/entra/state";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { Attributes, Value } from "../../values";
import { filterOf, type Query } from "./filter";

/** A collection of Graph that the local cloud answers for. */
interface Collection {
  readonly list: (tenant: Tenant) => Attributes[];
  /** @default - lists only, no single object */
  readonly get?: (tenant: Tenant, id: string) => Attributes;
  /** What `$filter` may name; `servicePrincipalNames/any` for a list. */
  readonly filters: readonly string[];
  /** What comes only when `$select` names it. */
  readonly onDemand?: readonly string[];
}

const COLLECTIONS: Readonly<Record<string, Collection>> = {
  servicePrincipals: {
    list: (tenant) => tenant.servicePrincipals.list().map(shownPrincipal),
    get: (tenant, id) => shownPrincipal(tenant.servicePrincipals.get(id)),
    filters: ["displayName", "appId", "servicePrincipalNames/any"],
    onDemand: ["customSecurityAttributes"],
  },
  /** https://learn.microsoft.com/graph/api/directory-list-customsecurityattributedefinitions */
  "directory/customSecurityAttributeDefinitions": {
    list: (tenant) => tenant.securityAttributes.list().map(shownDefinition),
    filters: ["attributeSet", "name", "status", "type"],
  },
  // Assumption entra-policy-filter, never checked: Graph filters Conditional Access policies by displayName and by state, also joined by or.
  /** https://learn.microsoft.com/graph/api/conditionalaccessroot-list-policies (assumption entra-policy-filter) */
  "identity/conditionalAccess/policies": {
    list: (tenant) => tenant.conditionalAccess.list().map(shownPolicy),
    get: (tenant, id) => shownPolicy(tenant.conditionalAccess.get(id)),
    filters: ["displayName", "state"],
  },
};

/** Where a URL of the provider leads: a collection, or one object in it. */
function target(url: string): { collection: Collection; id: string | undefined } {
  const path = url.replace(/^\//, "");
  const whole = COLLECTIONS[path];
  if (whole) return { collection: whole, id: undefined };
  const slash = path.lastIndexOf("/");
  const collection = COLLECTIONS[path.slice(0, slash)];
  if (collection?.get) return { collection, id: path.slice(slash + 1) };
  throw new Error(
    `the local cloud answers microsoft/msgraph for ${Object.keys(COLLECTIONS).join(", ")} only, not for ${url}`,
  );
}

const PARAMETERS = ["$filter", "$select", "$count", "$top"];

/** GET as Graph answers it: an object, or a list in `value`. */
export function get(tenant: Tenant, url: string, query: Query): Value {
  const unknown = Object.keys(query.parameters).find((name) => !PARAMETERS.includes(name));
  if (unknown) throw new Error(`the local cloud does not answer the query parameter ${unknown}`);
  const { collection, id } = target(url);
  const shown = (object: Attributes) => select(object, collection, query.parameters.$select);
  if (id !== undefined && collection.get) return shown(collection.get(tenant, id));
  return { value: collection.list(tenant).filter(filterOf(query, collection.filters)).map(shown) };
}

/** What may be written; an unknown property is an error of Graph, here it is refused by name. */
const WRITABLE = [
  "accountEnabled",
  "alternativeNames",
  "appRoleAssignmentRequired",
  "appRoles",
  "customSecurityAttributes",
  "description",
  "loginUrl",
  "notes",
  "notificationEmailAddresses",
  "preferredSingleSignOnMode",
  "preferredTokenSigningKeyThumbprint",
  "samlSingleSignOnSettings",
  "tags",
];

export function patch(tenant: Tenant, url: string, body: Attributes): Promise<void> {
  const id = /^\/?servicePrincipals\/([^/]+)$/.exec(url)?.[1];
  if (!id) throw new Error("a PATCH needs the object id of a service principal");
  const unknownKey = Object.keys(body).find((name) => !WRITABLE.includes(name));
  if (unknownKey) throw new Error(`the local cloud does not model writing ${unknownKey} of a service principal`);
  return tenant.servicePrincipals.update(id, body as ServicePrincipalBody);
}

function select(object: Attributes, { onDemand = [] }: Collection, names: string | undefined): Attributes {
  const asked = names?.split(",").map((name) => name.trim());
  // The public key of a credential comes only when asked for: https://learn.microsoft.com/graph/api/resources/keycredential
  const { keyCredentials: credentials } = object;
  const hidden =
    Array.isArray(credentials) && !asked?.includes("keyCredentials")
      ? { keyCredentials: credentials.map((credential) => ({ ...(credential as Attributes), key: null })) }
      : {};
  const chosen = Object.entries({ ...object, ...hidden }).filter(([name]) =>
    asked ? name === "id" || asked.includes(name) : !onDemand.includes(name),
  );
  return Object.fromEntries(chosen);
}

const shownPrincipal = (principal: ServicePrincipalView): Attributes =>
  ({
    ...principal,
    customSecurityAttributes: shownValues(principal.customSecurityAttributes),
  }) as unknown as Attributes;

const shownDefinition = ({ allowedValues: _, ...definition }: SecurityAttribute): Attributes => ({
  id: `${definition.attributeSet}_${definition.name}`,
  ...definition,
});

/** As Graph nests it: https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy */
function shownPolicy({ conditions, grantControls, sessionControls, ...policy }: ConditionalAccessPolicy): Attributes {
  const { transferMethods, deviceFilter, ...kept } = conditions;
  const strength = grantControls?.authenticationStrength;
  return {
    ...policy,
    conditions: {
      ...kept,
      authenticationFlows: transferMethods === null ? null : { transferMethods },
      devices: deviceFilter && { deviceFilter },
    },
    grantControls: grantControls && { ...grantControls, authenticationStrength: strength ? { id: strength } : null },
    sessionControls: sessionControls && {
      ...sessionControls,
      cloudAppSecurity: sessionControls.cloudAppSecurity && {
        cloudAppSecurityType: sessionControls.cloudAppSecurity,
        isEnabled: true,
      },
      persistentBrowser: sessionControls.persistentBrowser && {
        mode: sessionControls.persistentBrowser,
        isEnabled: true,
      },
      signInFrequency: sessionControls.signInFrequency && { ...sessionControls.signInFrequency, isEnabled: true },
    },
  } as unknown as Attributes;
}
