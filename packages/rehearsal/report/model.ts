import { Cloud, type CloudState } from "../../local-cloud/cloud/cloud";
import type { AlarmResult } from "../alarms/expectations";
import { type Assumption, assumptions } from "../assumptions";
import type { AppReference } from "../signin/chain/sign-in";
import { type Access, accessOf, type Tried } from "./access";
import { type Baseline, baselineOf } from "./baseline";
import { type CalendarEntry, calendarOf } from "./calendar";
import { type DeployedAccount, deployedAccount, indexTenants } from "./deployed-account";
import { type SharedByTenant, sharedBy } from "./tenant";

/** What a rehearsal found, as plain data: the page and the Markdown show the same. */
export interface Report {
  /** The clouds' own time. */
  readonly at: string;
  readonly accounts: readonly AccountReport[];
  /** Of each tenant, what its accounts share. */
  readonly tenants: readonly SharedByTenant[];
  /** AWS accounts that are watched over, and that none of the stacks lets people into. */
  readonly watched: readonly { readonly accountId: string; readonly baseline: Baseline }[];
  /** Certificates, keys and eligible memberships of all accounts, what is due first on top. */
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
  /** What watches over the account, where something does. */
  readonly baseline?: Baseline;
}

/** A stack, and what came of the sign-ins that were tried. */
export interface TriedStack {
  readonly name: string;
  readonly app: AppReference;
  readonly tried: readonly Tried[];
}

/** An account that a stack watches over, and what came of its alarms; empty where it has none. */
export interface TriedAlarms {
  readonly accountId: string;
  readonly results: readonly AlarmResult[];
}

/** Reads the report out of the clouds' state: deployed objects are shown as they are, whatever the configuration says of them. */
export function reportOf(
  state: CloudState,
  stacks: readonly TriedStack[],
  steps: readonly StepReport[],
  alarms: readonly TriedAlarms[] = [],
): Report {
  const tenants = indexTenants(state);
  const baseline = baselineByAccount(state, alarms);
  const accounts = stacks.map(({ name, app, tried }): AccountReport => {
    const names = tenants.get(app.tenantId)?.names ?? new Map<string, string>();
    const deployed = deployedAccount(state, tenants, app);
    return {
      stack: name,
      title: deployed?.title ?? name,
      deployed,
      access: accessOf(tried, names),
      baseline: baseline.get(deployed?.accountId ?? ""),
    };
  });
  const entered = new Set(accounts.map(({ deployed }) => deployed?.accountId));
  const watched = [...new Set(alarms.map(({ accountId }) => accountId))].flatMap((accountId) => {
    const found = baseline.get(accountId);
    return found && !entered.has(accountId) ? [{ accountId, baseline: found }] : [];
  });
  const shared = [...new Set(stacks.map(({ app }) => app.tenantId))].flatMap((tenantId) => {
    const index = tenants.get(tenantId);
    const mine = accounts.flatMap(({ deployed }, at) =>
      deployed && stacks[at]?.app.tenantId === tenantId ? [deployed] : [],
    );
    return (index && sharedBy(index, mine)) ?? [];
  });
  return {
    at: state.now,
    accounts,
    tenants: shared,
    watched,
    calendar: calendarOf(accounts, watched, new Date(state.now)),
    steps,
    assumptions: assumptions(),
  };
}

function baselineByAccount(state: CloudState, alarms: readonly TriedAlarms[]): ReadonlyMap<string, Baseline> {
  const own: CloudState = { ...state, tenants: {}, accounts: structuredClone(state.accounts) };
  const cloud = new Cloud(undefined, own);
  return new Map(
    Object.values(state.accounts).flatMap(({ id, partition }): [string, Baseline][] => {
      const account = cloud.account(id, partition);
      const held = own.accounts[id];
      const found =
        held &&
        baselineOf(
          account,
          held,
          alarms.flatMap((one) => (one.accountId === id ? one.results : [])),
        );
      return found ? [[id, found]] : [];
    }),
  );
}

/** Whether all is deployed, every expectation held, and nothing was answered by "cannot tell". */
export const isGood = ({ deployed, access, baseline }: AccountReport): boolean =>
  deployed !== undefined && access.every(({ good }) => good) && (baseline?.alarms.every(({ good }) => good) ?? true);

/** Every account is good, and every step passed. */
export const isGreen = ({ accounts, watched, steps }: Report): boolean =>
  steps.every(({ ok }) => ok) &&
  accounts.every(isGood) &&
  watched.every(({ baseline }) => baseline.alarms.every(({ good }) => good));
