import type { Construct } from "constructs";
import { declared } from "entra-aws-federation/entra/app-roles";
import { eligible } from "entra-aws-federation/entra/eligible-members";
import {
  type AccountDescription,
  AwsAccountStack,
  type Organization,
} from "entra-aws-federation/stacks/aws-account-stack";

/** The recommended account: the roles stand here, one deploy does everything, and the policy covers whoever enters. */
export const account2: AccountDescription = {
  accountName: "Account2",
  accountId: "444455556666",
  appRoles: declared(),
  signing: { active: "c2026", certificates: { c2026: "2029-11-01" } },
  roles: {
    Administrator: {
      policies: ["AdministratorAccess"],
      require: "phishing-resistant",
      // Members of the first group make themselves administrators for an hour; somebody in the second one has to agree.
      membership: eligible({
        groups: ["00000000-0000-0000-0000-0000000000e1"],
        activation: { maximumHours: 1, approvers: { groups: ["00000000-0000-0000-0000-0000000000e2"] } },
      }),
    },
    Developer: { policies: ["AmazonS3FullAccess"], maxSessionDurationSec: 14_400 },
  },
  conditionalAccess: "recommended",
};

export class Account2 extends AwsAccountStack {
  constructor(scope: Construct, organization: Organization) {
    super(scope, "aws-account2", { organization, ...account2 });
  }
}
