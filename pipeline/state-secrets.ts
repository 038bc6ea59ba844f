import { isObject, type Json } from "./json";
import { SHOWN } from "./mask";

/**
 * Resource types whose state holds a secret in clear: an access key, what Entra was given of it, a stored copy, a first password. A test
 * holds the list against the sensitive attributes of the provider schemas.
 */
export const SECRET_TYPES: ReadonlySet<string> = new Set([
  "aws_iam_access_key",
  "aws_secretsmanager_secret_version",
  "azuread_synchronization_secret",
  "azuread_user",
]);

/** A type whose state holds a secret only where the stack sets this property. */
export const SECRET_PROPERTIES: ReadonlyMap<string, string> = new Map([["azuread_application", "password"]]);

/** The data sources of this project. None answers with a secret: Microsoft Graph never reads one back, whatever its address. */
const PUBLIC_DATA: ReadonlySet<string> = new Set([
  "azuread_service_principal",
  "azuread_service_principals",
  "azuread_users",
  "msgraph_resource",
]);

/**
 * Whether the state of a synthesized stack may hold a secret. A plan reads the whole state, and a pull request's plan runs what its branch
 * says, so such a stack is planned on main only. What nobody has looked at counts as a secret: another type, another data source, a module.
 */
export function mayHoldSecret(stack: Json | undefined): boolean {
  if (!isObject(stack)) return false;
  if (stack["module"] !== undefined) return true;
  return (
    entries(stack["resource"]).some(([type, resources]) => holdsSecret(type, resources)) ||
    entries(stack["data"]).some(([type]) => !PUBLIC_DATA.has(type))
  );
}

function holdsSecret(type: string, resources: Json): boolean {
  if (SECRET_TYPES.has(type) || !Object.hasOwn(SHOWN, type)) return true;
  const property = SECRET_PROPERTIES.get(type);
  return (
    property !== undefined && entries(resources).some(([, resource]) => isObject(resource) && property in resource)
  );
}

const entries = (value: Json | undefined): [string, Json][] => (isObject(value) ? Object.entries(value) : []);
