import { type Assumption, assumptions } from "../cloud/assumptions";
import type { CloudState } from "../cloud/cloud";
import type { AppReference } from "../signin/chain";
import { type Access, accessOf, type Tried } from "./access";
import { type CalendarEntry, calendarOf } from "./calendar";
import { type DeployedAccount, deployedAccount, indexTenants } from "./deployed-account";

/** What a rehearsal found, as plain data: the page and the Markdown show the same. */
export interface Report {
  /** The clouds' own time. */
  readonly at: string;
  readonly accounts: readonly AccountReport[];
  /** Certificates and keys of all accounts, what ends first on top. */
  readonly calendar: readonly CalendarEntry[];
  readonly steps: readonly StepReport[];
  readonly assumptions: readonly Assumption[];
}

/** A step of the rehearsal, as it was printed. */
export interface StepReport {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly note?: string;
}

/** One AWS account with its enterprise app. */
export interface AccountReport {
  readonly stack: string;
  /** Display name of the enterprise app; the stack's name where none is deployed. */
  readonly title: string;
  /** Absent: no application has the identifier that the stack is for. */
  readonly deployed?: DeployedAccount;
  readonly access: readonly Access[];
}

/** A stack, and what came of the sign-ins that were tried. */
export interface TriedStack {
  readonly name: string;
  readonly app: AppReference;
  readonly tried: readonly Tried[];
}

/** Reads the report out of the clouds' state: deployed objects are shown as they are, whatever the configuration says of them. */
export function reportOf(state: CloudState, stacks: readonly TriedStack[], steps: readonly StepReport[]): Report {
  const tenants = indexTenants(state);
  const accounts = stacks.map(({ name, app, tried }): AccountReport => {
    const names = tenants.get(app.tenantId)?.names ?? new Map<string, string>();
    const deployed = deployedAccount(state, tenants, app);
    return { stack: name, title: deployed?.title ?? name, deployed, access: accessOf(tried, names) };
  });
  return { at: state.now, accounts, calendar: calendarOf(accounts, new Date(state.now)), steps, assumptions };
}

/** Whether all is deployed, every expectation held, and nothing was answered by "cannot tell". */
export const isGood = ({ deployed, access }: AccountReport): boolean =>
  deployed !== undefined && access.every(({ good }) => good);

/** Every account is good, and every step passed. */
export const isGreen = ({ accounts, steps }: Report): boolean => steps.every(({ ok }) => ok) && accounts.every(isGood);
