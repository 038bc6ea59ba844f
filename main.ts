import { App } from "cdktf";
import type { AccountBaselineStack } from "entra-aws-federation/stacks/account-baseline-stack";
import { checkBaselines, checkTogether } from "entra-aws-federation/stacks/check-together";
import { warnOfLicences } from "entra-aws-federation/stacks/licences";
import type { Organization, OrganizationStack } from "entra-aws-federation/stacks/organization-stack";
import { Account1 } from "./stacks/account1";
import { Account2 } from "./stacks/account2";
import { Account2Baseline } from "./stacks/account2-baseline";
import { organization } from "./stacks/organization";
import { Tenant } from "./stacks/tenant";

/** The accounts: one line each. */
export const accounts = [Account1, Account2];

/** Account baselines, with a state and owners of its own: one line for each account that has it. */
export const baselines: BaselineClass[] = [Account2Baseline];

type BaselineClass = new (app: App, organization: Organization) => AccountBaselineStack;

/** Makes every stack, and checks what only all of them together can tell. */
export function federate(app: App): OrganizationStack[] {
  const tenant = new Tenant(app, organization);
  const accountStacks = accounts.map((Account) => new Account(app, organization));
  checkTogether(accountStacks, tenant);
  const baselineStacks = baselines.map((Baseline) => new Baseline(app, organization));
  checkBaselines(baselineStacks);
  const stacks = [tenant, ...accountStacks, ...baselineStacks];
  warnOfLicences(stacks);
  return stacks;
}

if (require.main === module) {
  const app = new App({ stackTraces: false });
  federate(app);
  app.synth();
}
