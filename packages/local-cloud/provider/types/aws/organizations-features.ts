import { ORGANIZATION_FEATURES, type OrganizationFeature } from "../../../cloud/aws/account-settings";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { texts } from "./attributes";
import type { AwsConnection } from "./connection";

// Facts: internal/service/iam/organizations_features.go of hashicorp/terraform-provider-aws.

const isFeature = (value: string): value is OrganizationFeature => ORGANIZATION_FEATURES.some((one) => one === value);
const featuresOf = (attributes: Attributes) => texts(attributes, "enabled_features").filter(isFeature);

/** One request for each feature to turn on, then one for each to turn off. */
async function change({ account: { settings } }: AwsConnection, from: Attributes | null, to: Attributes | null) {
  const [had, wanted] = [from ? featuresOf(from) : [], to ? featuresOf(to) : []];
  for (const feature of ORGANIZATION_FEATURES) {
    if (wanted.includes(feature) && !had.includes(feature)) await settings.enableFeature(feature);
  }
  for (const feature of ORGANIZATION_FEATURES) {
    if (had.includes(feature) && !wanted.includes(feature)) await settings.disableFeature(feature);
  }
}

export const organizationsFeatures: ResourceType<AwsConnection> = {
  validate: (config) =>
    texts(config, "enabled_features")
      .filter((value) => !isFeature(value))
      .map((value) => ({
        summary: "Invalid String Enum Value",
        detail: `"enabled_features" has ${value}, it takes ${ORGANIZATION_FEATURES.join(", ")}`,
        path: ["enabled_features"],
      })),
  async create(connection, planned) {
    await change(connection, null, planned);
    return { ...planned, id: connection.account.settings.organization?.id ?? null };
  },
  read({ account }) {
    const { organization } = account.settings;
    if (!organization || organization.features.length === 0) return undefined;
    return { id: organization.id, enabled_features: [...organization.features] };
  },
  async update(connection, planned, prior) {
    await change(connection, prior, planned);
    return planned;
  },
  delete: (connection, state) => change(connection, state, null),
  import: (_, id) => ({ id }),
};
