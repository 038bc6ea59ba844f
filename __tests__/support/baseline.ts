import { imported } from "../../constructs/entra/app-roles";
import {
  type AccountBaselineProps,
  AccountBaselineStack,
  type Alarms,
  type BaselineAccount,
} from "../../constructs/stacks/account-baseline-stack";
import type { Organization } from "../../constructs/stacks/organization-stack";
import { organization, type Synthesized, synthesize, testApp } from "./synth";

/** Props of a valid baseline, with these in place of the default ones. */
export type BaselineChanges = Partial<Omit<AccountBaselineProps, "organization" | "account">> & {
  readonly organization?: Partial<Organization>;
  readonly account?: Partial<BaselineAccount>;
};

/** An account whose roles Entra imports as this user. */
export function importing(userName?: string): Partial<BaselineAccount> {
  return { appRoles: imported({ accessKeys: { active: "k1" }, ...(userName ? { userName } : {}) }) };
}

/** Alarms that somebody hears. */
export const alarms: Alarms = { subscribers: ["security@fabrikam.example"] };

/** All that a baseline can be told to do at once, outside the management account. */
export const everything: BaselineChanges = {
  account: importing(),
  optInRegions: { "eu-south-1": "enabled", "me-south-1": "disabled" },
  alarms: {
    subscribers: ["security@fabrikam.example", "https://pager.fabrikam.example/aws"],
    runbook: "https://wiki.fabrikam.example/alarms",
    rootUser: true,
    federation: true,
    accessKeyAge: { config: { keepDays: 365 } },
  },
  trail: { keepDays: 400 },
  breakGlass: { user: { name: "BreakGlass" } },
  serviceAccounts: {
    "Svc-Backup": {
      policies: ["AWSBackupFullAccess"],
      accessKeys: { active: "k2", standby: "k1" },
      store: "secretsManager",
    },
  },
  passwordPolicy: { maxAgeDays: 90 },
  contacts: {
    security: {
      name: "Security",
      title: "On call",
      emailAddress: "security@fabrikam.example",
      phoneNumber: "+1 206 555 0100",
    },
  },
  alias: "fabrikam-payments",
  accessAnalyzer: { federatedRoles: ["Administrator", "teams/data/Analyst"] },
  keysBoundary: true,
};

/** A baseline for the account of `account()` in synth.ts, with nothing turned on. */
export function baseline({ organization: company, account, ...changes }: BaselineChanges = {}): AccountBaselineProps {
  return {
    account: { accountName: "Payments", accountId: "210987654321", ...account },
    ...changes,
    organization: organization(company),
  };
}

/** Synthesizes a valid baseline with these changes. */
export function synthBaseline(changes: BaselineChanges = {}): Synthesized {
  return synthesize(new AccountBaselineStack(testApp(), "aws-payments-baseline", baseline(changes)));
}
