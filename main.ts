import { App } from "cdktf";
import type { Construct } from "constructs";
import { Account1 } from "./stacks/account1";
import { Account2 } from "./stacks/account2";
import { checkTogether } from "./stacks/check-together";
import { warnOfLicences } from "./stacks/licences";
import { organization } from "./stacks/organization";
import type { Organization, OrganizationStack } from "./stacks/organization-stack";

/** The accounts: one line each. */
export const accounts = [Account1, Account2];

/** Account hygiene, with a state and owners of its own: one line for each account that has it. */
export const baselines: readonly (new (app: Construct, organization: Organization) => OrganizationStack)[] = [];

/** Makes every stack, and checks what only all of them together can tell. */
export function federate(app: App): OrganizationStack[] {
  const entered = accounts.map((Account) => new Account(app, organization));
  checkTogether(entered);
  const stacks = [...entered, ...baselines.map((Baseline) => new Baseline(app, organization))];
  warnOfLicences(stacks);
  return stacks;
}

if (require.main === module) {
  const app = new App({ stackTraces: false });
  federate(app);
  app.synth();
}
