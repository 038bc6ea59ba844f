import type { AccessKey, Certificate } from "./deployed-account";
import type { AccountReport } from "./model";

/** A signing certificate or an access key. */
export interface CalendarEntry {
  readonly stack: string;
  readonly account: string;
  readonly kind: "signing certificate" | "access key";
  readonly name: string;
  readonly from: string;
  /** Access keys have no end. */
  readonly until?: string;
  /** Whole days that it is old. */
  readonly age: number;
  /** Whole days to its end. */
  readonly left?: number;
  /** Share of its life that is over, 0 to 1. */
  readonly spent?: number;
  readonly state: string;
  /** Somebody should look at it. */
  readonly attention: boolean;
}

const DAY_MS = 24 * 60 * 60_000;
/** Entra writes to the notification addresses 60 days before: https://learn.microsoft.com/entra/identity/enterprise-apps/tutorial-manage-certificates-for-federated-single-sign-on */
const SOON_DAYS = 60;

/** Certificates by their end, then keys by their age, the oldest first. */
export function calendarOf(accounts: readonly AccountReport[], now: Date): CalendarEntry[] {
  const entries = accounts.flatMap(({ stack, title, deployed }) => {
    const where = { stack, account: title };
    return [
      ...(deployed?.certificates ?? []).map((certificate) => ({ ...where, ...certificateEntry(certificate, now) })),
      ...(deployed?.accessKeys ?? []).map((key) => ({ ...where, ...keyEntry(key, now) })),
    ];
  });
  const end = ({ until, from }: CalendarEntry) => `${until ?? `9999 ${from}`}`;
  return entries.sort(
    (a, b) => end(a).localeCompare(end(b)) || a.stack.localeCompare(b.stack, "en", { numeric: true }),
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
    until,
    age: days(new Date(from), now),
    left,
    spent: Math.min(1, Math.max(0, (now.getTime() - Date.parse(from)) / life)),
    state: `${left < 0 ? "expired, " : ""}${use}${inAws ? "" : ", not accepted by AWS"}`,
    attention: active ? left < SOON_DAYS || !inAws : inAws && left < 0,
  };
}

function keyEntry({ user, tail, from, enabled, used }: AccessKey, now: Date): Entry {
  const use = used ? "active: role import signs in with it" : "not used by role import";
  return {
    kind: "access key",
    name: `${user} …${tail}`,
    from,
    age: days(new Date(from), now),
    state: enabled ? use : `disabled, ${use}`,
    attention: used && !enabled,
  };
}

const days = (from: Date, to: Date): number => Math.floor((to.getTime() - from.getTime()) / DAY_MS);
