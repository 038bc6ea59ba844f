import type { PasswordPolicy } from "../../../cloud/aws/account-settings";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { isSet } from "./attributes";
import type { AwsConnection } from "./connection";

// Facts: internal/service/iam/account_password_policy.go of hashicorp/terraform-provider-aws.

/** Zero and nothing are one to the provider: it sends neither. */
const days = (attributes: Attributes, name: string): number | null => Number(attributes[name] ?? 0) || null;

function policyOf(planned: Attributes): PasswordPolicy {
  return {
    allowUsersToChangePassword: isSet(planned, "allow_users_to_change_password"),
    hardExpiry: isSet(planned, "hard_expiry"),
    maxPasswordAge: typeof planned.max_password_age === "number" ? days(planned, "max_password_age") : null,
    minimumPasswordLength: Number(planned.minimum_password_length),
    passwordReusePrevention:
      typeof planned.password_reuse_prevention === "number" ? days(planned, "password_reuse_prevention") : null,
    requireLowercaseCharacters: isSet(planned, "require_lowercase_characters"),
    requireNumbers: isSet(planned, "require_numbers"),
    requireSymbols: isSet(planned, "require_symbols"),
    requireUppercaseCharacters: isSet(planned, "require_uppercase_characters"),
  };
}

function read({ account }: AwsConnection): Attributes | undefined {
  const policy = account.settings.passwordPolicy;
  return (
    (policy && {
      id: "iam-account-password-policy",
      allow_users_to_change_password: policy.allowUsersToChangePassword,
      expire_passwords: policy.maxPasswordAge !== null,
      hard_expiry: policy.hardExpiry,
      max_password_age: policy.maxPasswordAge ?? 0,
      minimum_password_length: policy.minimumPasswordLength,
      password_reuse_prevention: policy.passwordReusePrevention ?? 0,
      require_lowercase_characters: policy.requireLowercaseCharacters,
      require_numbers: policy.requireNumbers,
      require_symbols: policy.requireSymbols,
      require_uppercase_characters: policy.requireUppercaseCharacters,
    }) ??
    undefined
  );
}

async function put(connection: AwsConnection, planned: Attributes): Promise<Attributes> {
  await connection.account.settings.updatePasswordPolicy(policyOf(planned));
  return read(connection) ?? planned;
}

/** There is one for the account: creating it puts whatever was there out of force. */
export const accountPasswordPolicy: ResourceType<AwsConnection> = {
  defaults: { allow_users_to_change_password: true, minimum_password_length: 6 },
  recomputedWhen: { expire_passwords: ["max_password_age"] },
  create: put,
  read,
  update: put,
  async delete({ account: { settings } }) {
    if (settings.passwordPolicy) await settings.deletePasswordPolicy();
  },
  import: (_, id) => ({ id }),
};
