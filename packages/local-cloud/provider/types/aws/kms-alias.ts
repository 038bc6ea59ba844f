import type { KeyAliasState } from "../../../cloud/aws/kms-keys";
import type { ResourceType } from "../../resource-type";
import { type Attributes, UNKNOWN } from "../../values";
import { check, conflict, optionalText, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { prefixOf, uniqueSuffix } from "./names";
import { importedRegion, planRegion, regionOf } from "./region";

// Facts: internal/service/kms/alias.go of hashicorp/terraform-provider-aws.

function stateOf({ account: { keys } }: AwsConnection, alias: KeyAliasState, state: Attributes): Attributes {
  const key = keys.find(alias.region, alias.keyId);
  const written = optionalText(state, "target_key_id");
  // Id and ARN of one key are no difference.
  const same = written !== undefined && keys.find(alias.region, written)?.keyId === alias.keyId;
  return {
    id: alias.name,
    arn: alias.arn,
    name: alias.name,
    name_prefix: prefixOf(alias.name),
    region: alias.region,
    target_key_arn: key?.arn ?? null,
    target_key_id: same ? written : alias.keyId,
  };
}

const NAME = /^alias\/[0-9A-Za-z_/-]+$/;

export const kmsAlias: ResourceType<AwsConnection> = {
  forceNew: ["name", "name_prefix", "region"],
  recomputedWhen: { target_key_arn: ["target_key_id"] },
  validate: (config) => [
    ...conflict(config, "name", "name_prefix"),
    ...check(config, {
      name: (value) =>
        NAME.test(value) ? undefined : "must begin with 'alias/' and be comprised of only [a-zA-Z0-9/_-]",
    }),
  ],
  plan(connection, change) {
    planRegion(connection, change);
    if (change.planned.target_key_id === UNKNOWN) change.planned.target_key_arn = UNKNOWN;
    return [];
  },
  async create(connection, planned) {
    const prefix = optionalText(planned, "name_prefix") ?? "alias/";
    const name = optionalText(planned, "name") ?? `${prefix}${uniqueSuffix()}`;
    const target = text(planned, "target_key_id");
    const alias = await connection.account.keys.createAlias(regionOf(connection, planned), name, target);
    return stateOf(connection, alias, planned);
  },
  read(connection, state) {
    const found = connection.account.keys.findAlias(regionOf(connection, state), text(state, "id"));
    return found && stateOf(connection, found, state);
  },
  async update(connection, planned, prior) {
    const { keys } = connection.account;
    const [region, name] = [regionOf(connection, prior), text(prior, "id")];
    await keys.updateAlias(region, name, text(planned, "target_key_id"));
    const alias = keys.findAlias(region, name);
    return alias ? stateOf(connection, alias, planned) : planned;
  },
  async delete(connection, state) {
    const { keys } = connection.account;
    const [region, name] = [regionOf(connection, state), text(state, "id")];
    if (keys.findAlias(region, name)) await keys.deleteAlias(region, name);
  },
  import: importedRegion,
};
