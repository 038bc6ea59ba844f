import { App } from "cdktf";
import { Account1 } from "./stacks/account1";
import { Account2 } from "./stacks/account2";
import { checkTogether } from "./stacks/check-together";
import { organization } from "./stacks/organization";

/** The accounts: one line each. */
export const accounts = [Account1, Account2];

/** Makes the stack of every account, and checks what only all of them together can tell. */
export function federate(app: App) {
  const stacks = accounts.map((Account) => new Account(app, organization));
  checkTogether(stacks);
  return stacks;
}

if (require.main === module) {
  const app = new App({ stackTraces: false });
  federate(app);
  app.synth();
}
