import type { ResourceType } from "../../resource-type";
import { check, text } from "./attributes";
import type { AwsConnection } from "./connection";

// Facts: internal/service/iam/account_alias.go of hashicorp/terraform-provider-aws.

export const accountAlias: ResourceType<AwsConnection> = {
  forceNew: ["account_alias"],
  validate: (config) =>
    check(config, {
      account_alias: (value) =>
        /^[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]$/.test(value)
          ? undefined
          : "must start and end with an alphanumeric character, and contain lower-case letters, digits and single hyphens",
    }),
  async create({ account }, planned) {
    const alias = text(planned, "account_alias");
    await account.settings.createAlias(alias);
    return { id: alias, account_alias: alias };
  },
  /** Whatever alias there is: another one is a difference. */
  read({ account }, state) {
    const { alias } = account.settings;
    return alias === null ? undefined : { id: text(state, "id"), account_alias: alias };
  },
  async delete({ account: { settings } }, state) {
    if (settings.alias === state.id) await settings.deleteAlias(text(state, "id"));
  },
  import: (_, id) => ({ id }),
};
