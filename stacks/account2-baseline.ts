import type { Construct } from "constructs";
import { AccountBaselineStack } from "entra-aws-federation/stacks/account-baseline-stack";
import type { Organization } from "entra-aws-federation/stacks/organization-stack";
import { account2 } from "./account2";

/** The recommended baseline of an account whose organization has a trail and AWS Config already. */
export class Account2Baseline extends AccountBaselineStack {
  constructor(scope: Construct, organization: Organization) {
    super(scope, "aws-account2-baseline", {
      organization,
      account: account2,
      alarms: {
        subscribers: ["security@contoso.com"],
        rootUser: true,
        federation: true,
        accessKeyAge: { config: "existing" },
      },
      breakGlass: { role: { trustedPrincipals: ["arn:aws:iam::123456789012:user/BreakGlass1"] } },
      serviceAccounts: {
        "Svc-Backup": { policies: ["AWSBackupFullAccess"], accessKeys: { active: "k1" }, store: "secretsManager" },
      },
      passwordPolicy: {},
      contacts: {
        security: {
          name: "Security",
          title: "On call",
          emailAddress: "security@contoso.com",
          phoneNumber: "+1 206 555 0100",
        },
      },
      accessAnalyzer: {},
    });
  }
}
