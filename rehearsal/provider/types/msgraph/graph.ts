import type { ServicePrincipalBody, ServicePrincipalView } from "../../../cloud/entra/service-principals";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { Attributes, Value } from "../../values";

/** Where a URL of the provider leads: one service principal, or all of them. */
function servicePrincipalId(url: string): string | undefined {
  const match = /^\/?servicePrincipals(?:\/([^/]+))?$/.exec(url);
  if (!match) throw new Error(`the local cloud answers microsoft/msgraph for servicePrincipals only, not for ${url}`);
  return match[1];
}

/** GET as Graph answers it: an object, or a list in `value`. */
export function get(tenant: Tenant, url: string, query: Readonly<Record<string, string>>): Value {
  const unknown = Object.keys(query).find((name) => name !== "$filter" && name !== "$select");
  if (unknown) throw new Error(`the local cloud does not answer the query parameter ${unknown}`);
  const id = servicePrincipalId(url);
  const shown = (principal: ServicePrincipalView) => select(principal, query.$select);
  if (id) return shown(tenant.servicePrincipals.get(id));
  return { value: tenant.servicePrincipals.list().filter(filter(query.$filter)).map(shown) };
}

/** What may be written; an unknown property is an error of Graph, here it is refused by name. */
const WRITABLE = [
  "accountEnabled",
  "alternativeNames",
  "appRoleAssignmentRequired",
  "appRoles",
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
  const id = servicePrincipalId(url);
  if (!id) throw new Error("a PATCH needs the object id of a service principal");
  const stranger = Object.keys(body).find((name) => !WRITABLE.includes(name));
  if (stranger) throw new Error(`the local cloud does not model writing ${stranger} of a service principal`);
  return tenant.servicePrincipals.update(id, body as ServicePrincipalBody);
}

/** https://learn.microsoft.com/graph/filter-query-parameter, as far as the stacks ask */
function filter(expression: string | undefined): (principal: ServicePrincipalView) => boolean {
  if (!expression) return () => true;
  const equals = /^(displayName|appId) eq '((?:[^']|'')*)'$/.exec(expression);
  const holds = /^servicePrincipalNames\/any\((\w+):\s*\1 eq '((?:[^']|'')*)'\)$/.exec(expression);
  const wanted = (equals?.[2] ?? holds?.[2] ?? "").replaceAll("''", "'").toLowerCase();
  if (equals) return (principal) => principal[equals[1] === "appId" ? "appId" : "displayName"].toLowerCase() === wanted;
  if (holds) return (principal) => principal.servicePrincipalNames.some((name) => name.toLowerCase() === wanted);
  throw new Error(`the local cloud does not evaluate the filter ${expression}`);
}

/** The public key of a credential comes only when asked for: https://learn.microsoft.com/graph/api/resources/keycredential */
function select(principal: ServicePrincipalView, names: string | undefined): Attributes {
  const asked = names?.split(",").map((name) => name.trim());
  const object: Record<string, unknown> = asked?.includes("keyCredentials")
    ? { ...principal }
    : { ...principal, keyCredentials: principal.keyCredentials.map((credential) => ({ ...credential, key: null })) };
  const chosen = Object.entries(object).filter(([name]) => !asked || name === "id" || asked.includes(name));
  return Object.fromEntries(chosen) as Attributes;
}
