import type { Construct } from "constructs";
import { imported } from "entra-aws-federation/entra/app-roles";
import {
  type AccountDescription,
  AwsAccountStack,
  type Organization,
} from "entra-aws-federation/stacks/aws-account-stack";

/** The account of the article: Entra imports the roles, and the policy covers the groups. */
export const account1: AccountDescription = {
  accountName: "Account1",
  accountId: "111122223333",
  appRoles: imported({ accessKeys: { active: "k1" } }),
  signing: { active: "c2026", certificates: { c2026: "2029-11-01" } },
  roles: {
    Administrator: { policies: ["AdministratorAccess"] },
    Developer: { policies: ["AmazonS3FullAccess"] },
  },
  conditionalAccess: { covers: "groups" },
};

export class Account1 extends AwsAccountStack {
  constructor(scope: Construct, organization: Organization) {
    super(scope, "aws-account1", { organization, ...account1 });
    // This line can go once both have signed in.
    this.addTestUsers({ Administrator: "Test-AWSAdmin", Developer: "Test-AWSDeveloper" });
  }
}
