import { IamAccountAlias } from "@cdktf/provider-aws/lib/iam-account-alias";
import { Construct } from "constructs";
import { check } from "../check";

/**
 * The name in place of the account id in sign-in addresses of IAM users; unique in all of AWS, and public.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/console-account-alias.html
 */
export class AccountAlias extends Construct {
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: IamAccountAlias;

  constructor(scope: Construct, id: string, alias: string) {
    super(scope, id);
    check(this, "alias", alias).must(
      /^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/.test(alias) && !/^\d{12}$/.test(alias),
      "IAM takes 3 to 63 lower-case letters, digits and single '-', first and last none, and no 12 digits alone; choose such a name",
    );
    this.resource = new IamAccountAlias(this, "Resource", { accountAlias: alias });
  }
}
