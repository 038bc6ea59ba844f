import type { AccessKey, Baseline } from "./baseline";
import type { Certificate, DeployedAccount } from "./deployed-account";
import type { Eligibility } from "./eligibility";

/** A signing certificate, an access key, or an eligible membership that ends. */
export interface CalendarEntry {
  readonly stack: string;
  readonly account: string;
  readonly kind: "signing certificate" | "access key" | "eligible membership";
  readonly name: string;
  readonly from: string;
  /** When it ends, or should have been replaced by another. */
  readonly due: string;
  /** Whole days that it is old. */
  readonly age: number;
  /** Whole days to then. */
  readonly left: number;
  /** Share of its life that is over, 0 to 1. */
  readonly spent?: number;
  readonly state: string;
  /** Somebody should look at it. */
  readonly attention: boolean;
}

const DAY_MS = 24 * 60 * 60_000;
/** Entra writes to the notification addresses 60 days before: https://learn.microsoft.com/entra/identity/enterprise-apps/tutorial-manage-certificates-for-federated-single-sign-on */
const SOON_DAYS = 60;
/** Days after which an access key is due: https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-3 */
export const KEY_DAYS = 90;

/** An account that the calendar is made for. */
interface Entered {
  readonly stack: string;
  readonly title: string;
  readonly deployed?: DeployedAccount;
}

/** What is due first stands first. @param watched accounts that nobody enters by one of the stacks */
export function calendarOf(
  accounts: readonly Entered[],
  watched: readonly { readonly accountId: string; readonly baseline: Baseline }[],
  now: Date,
): CalendarEntry[] {
  const entries: CalendarEntry[] = accounts.flatMap(({ stack, title, deployed }) => {
    const where = { stack, account: title };
    return [
      ...(deployed?.certificates ?? []).map((certificate) => ({ ...where, ...certificateEntry(certificate, now) })),
      ...(deployed?.eligibilities ?? []).flatMap((one) =>
        eligibilityEntries(one, now).map((entry) => ({ ...where, ...entry })),
      ),
      ...keyEntries(deployed?.accessKeys ?? [], deployed?.roleImport !== undefined, now).map((entry) => ({
        ...where,
        ...entry,
      })),
    ];
  });
  const others = watched.flatMap(({ accountId, baseline }) =>
    keyEntries(baseline.accessKeys, false, now).map((entry) => ({
      stack: `watched-${accountId}`,
      account: `AWS account ${accountId}`,
      ...entry,
    })),
  );
  return [...entries, ...others].sort(
    (a, b) => a.due.localeCompare(b.due) || a.stack.localeCompare(b.stack, "en", { numeric: true }),
  );
}

type Entry = Omit<CalendarEntry, "stack" | "account">;

function certificateEntry({ name, from, until, active, inAws }: Certificate, now: Date): Entry {
  const left = days(now, new Date(until));
  const life = Date.parse(until) - Date.parse(from);
  const use = active ? "active: Entra signs with it" : "not active";
  return {
    kind: "signing certificate",
    name,
    from,
    due: until,
    age: days(new Date(from), now),
    left,
    spent: Math.min(1, Math.max(0, (now.getTime() - Date.parse(from)) / life)),
    state: `${left < 0 ? "expired, " : ""}${use}${inAws ? "" : ", not accepted by AWS"}`,
    attention: active ? left < SOON_DAYS || !inAws : inAws && left < 0,
  };
}

function keyEntries(keys: readonly AccessKey[], imports: boolean, now: Date): Entry[] {
  const importer = keys.find(({ used }) => used)?.user;
  return keys.map((key) => keyEntry(key, imports && (importer ?? key.user) === key.user, now));
}

/** @param imports the key is of the user that role import signs in with */
function keyEntry({ user, tail, from, enabled, used }: AccessKey, imports: boolean, now: Date): Entry {
  const use = used ? "active: role import signs in with it" : imports ? "not used by role import" : "";
  const due = new Date(Date.parse(from) + KEY_DAYS * DAY_MS);
  const left = days(now, due);
  return {
    kind: "access key",
    name: `${user} …${tail}`,
    from,
    age: days(new Date(from), now),
    due: due.toISOString(),
    left,
    state: [left < 0 ? "too old" : "", enabled ? use || "active" : "disabled", enabled ? "" : use]
      .filter(Boolean)
      .join(", "),
    attention: (used && !enabled) || (enabled && left < 0),
  };
}

/** Nothing renews one: extend it in PIM. */
const eligibilityEntries = ({ group, who }: Eligibility, now: Date): Entry[] =>
  who.flatMap(({ name, from, until }) => {
    if (until === undefined) return [];
    const left = days(now, new Date(until));
    const age = days(new Date(from), now);
    return [
      {
        kind: "eligible membership",
        name: `${name} in ${group}`,
        from,
        due: until,
        age,
        left,
        state: "extend it in PIM",
        attention: left < SOON_DAYS,
      },
    ];
  });

const days = (from: Date, to: Date): number => Math.floor((to.getTime() - from.getTime()) / DAY_MS);
