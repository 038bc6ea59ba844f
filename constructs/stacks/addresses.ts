import { TerraformDataSource, TerraformElement, TerraformResource, type TerraformStack } from "cdktf";
import type { Node } from "constructs";

/**
 * The name in a Terraform address, made from the construct's path: `Administrator/Resource` is `aws_iam_role.administrator`,
 * `EnterpriseApp/ServicePrincipal` is `azuread_service_principal.enterprise_app`. "Resource" and a last word that only repeats
 * the type are left out. Renaming a construct renames the address, and Terraform would destroy and create.
 */
export function localAddress(stack: TerraformStack, element: TerraformElement | Node): string {
  const node = TerraformElement.isTerraformElement(element) ? element.node : element;
  const words = node.scopes.slice(node.scopes.indexOf(stack) + 1).map((scope) => snake(scope.node.id));
  const type = typeOf(element);
  const last = words.at(-1);
  const redundant = last === "resource" || (type !== undefined && last !== undefined && type.endsWith(`_${last}`));
  if (words.length > 1 && redundant) words.pop();
  return words.join("_");
}

/** Where Terraform keeps a resource or data source; `undefined` for what has no address of its own. */
export function resourceAddress(element: TerraformElement): string | undefined {
  if (TerraformResource.isTerraformResource(element))
    return `${element.terraformResourceType}.${element.friendlyUniqueId}`;
  if (TerraformDataSource.isTerraformDataSource(element)) {
    return `data.${element.terraformResourceType}.${element.friendlyUniqueId}`;
  }
  return undefined;
}

function typeOf(element: TerraformElement | Node): string | undefined {
  if (TerraformResource.isTerraformResource(element) || TerraformDataSource.isTerraformDataSource(element)) {
    return element.terraformResourceType;
  }
  return undefined;
}

function snake(id: string): string {
  return id
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_|_$/g, "")
    .toLowerCase();
}
