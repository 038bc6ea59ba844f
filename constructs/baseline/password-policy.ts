import { IamAccountPasswordPolicy } from "@cdktf/provider-aws/lib/iam-account-password-policy";
import { Construct } from "constructs";
import { check } from "../check";

/** Passwords of the account's IAM users. People who enter with Entra have none here. */
export interface PasswordPolicyOptions {
  /**
   * Shortest password, 6 to 128 characters.
   * @default 14 - CIS AWS Foundations Benchmark v3.0.0, 1.8
   */
  readonly minimumLength?: number;
  /**
   * Earlier passwords that cannot be used again, 1 to 24.
   * @default 24 - CIS AWS Foundations Benchmark v3.0.0, 1.9
   */
  readonly rememberedPasswords?: number;
  /**
   * Days until a password must be changed, 1 to 1095.
   * @default - never: the benchmark asked for 90 until v1.2, and no longer does
   */
  readonly maxAgeDays?: number;
}

/**
 * The password policy of the account: all kinds of characters, and users may change their own password.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
 */
export class PasswordPolicy extends Construct {
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: IamAccountPasswordPolicy;

  constructor(scope: Construct, id: string, options: PasswordPolicyOptions) {
    super(scope, id);
    const { minimumLength = 14, rememberedPasswords = 24, maxAgeDays } = options;
    this.check("minimumLength", minimumLength, 6, 128);
    this.check("rememberedPasswords", rememberedPasswords, 1, 24);
    if (maxAgeDays !== undefined) this.check("maxAgeDays", maxAgeDays, 1, 1095);
    this.resource = new IamAccountPasswordPolicy(this, "Resource", {
      minimumPasswordLength: minimumLength,
      passwordReusePrevention: rememberedPasswords,
      maxPasswordAge: maxAgeDays,
      requireLowercaseCharacters: true,
      requireUppercaseCharacters: true,
      requireNumbers: true,
      requireSymbols: true,
      allowUsersToChangePassword: true,
    });
  }

  private check(prop: string, value: number, least: number, most: number): void {
    check(this, `passwordPolicy.${prop}`, value).must(
      Number.isInteger(value) && value >= least && value <= most,
      `IAM takes ${least} to ${most}; choose a whole number between them`,
    );
  }
}
