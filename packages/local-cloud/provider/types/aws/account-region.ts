import { notModelled } from "../../../cloud/aws/errors";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { isSet, optionalText, text } from "./attributes";
import type { AwsConnection } from "./connection";

// Facts: internal/service/account/region.go of hashicorp/terraform-provider-aws.

function stateOf({ account }: AwsConnection, state: Attributes): Attributes {
  const region = text(state, "region_name");
  return {
    ...state,
    id: region,
    region_name: region,
    enabled: account.regions.isEnabled(region),
    opt_status: account.regions.status(region),
  };
}

async function put(connection: AwsConnection, planned: Attributes): Promise<Attributes> {
  // The management account can do it for another account.
  if (optionalText(planned, "account_id")) throw notModelled("account_id of aws_account_region");
  const { regions } = connection.account;
  const region = text(planned, "region_name");
  await (isSet(planned, "enabled") ? regions.enable(region) : regions.disable(region));
  return stateOf(connection, planned);
}

export const accountRegion: ResourceType<AwsConnection> = {
  forceNew: ["account_id", "region_name"],
  recomputedWhen: { opt_status: ["enabled"] },
  create: put,
  read: stateOf,
  update: put,
  /** The region stays as it is: the provider only forgets it. */
  delete: () => {},
  import: (_, id) => ({ id, region_name: id }),
};
