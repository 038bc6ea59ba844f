import type { Account } from "../../../cloud/aws/account";

/** What a configured `provider "aws"` block gives its resource types: the account behind it, its region, and its `default_tags`. */
export interface AwsConnection {
  readonly account: Account;
  readonly region: string;
  readonly defaultTags: Readonly<Record<string, string>>;
}
