import type { Attributes } from "../../values";
import { optionalText } from "./attributes";
import type { AwsConnection } from "./connection";

// The `region` argument that regional resource types have since provider 6: by default the provider's, a change replaces the object,
// and an import names it behind an "@". https://registry.terraform.io/providers/hashicorp/aws/6.25.0/docs/guides/enhanced-region-support

/** Plans the provider's region where none is written: call it in `plan`, and name `region` in `forceNew`. */
export function planRegion(connection: AwsConnection, change: { config: Attributes; planned: Attributes }): void {
  if ((change.config.region ?? null) === null) change.planned.region = connection.region;
}

/** Where the object of a plan or state is. */
export function regionOf(connection: AwsConnection, attributes: Attributes): string {
  return optionalText(attributes, "region") ?? connection.region;
}

/** `name@eu-west-1`, as `terraform import` is given it: the id, and the region as an attribute. */
export function importedRegion(connection: AwsConnection, id: string): { id: string; region: string } {
  const [, name = id, region = connection.region] = /^(.+)@([a-z]{2}(?:-[a-z]+)+-\d)$/.exec(id) ?? [];
  return { id: name, region };
}
