import type { AccessKeyAgeProps } from "../baseline/access-key-age";
import type { Contacts } from "../baseline/alternate-contacts";
import type { BreakGlassAccess } from "../baseline/break-glass";
import type { OptInRegions } from "../baseline/opt-in-regions";
import type { PasswordPolicyOptions } from "../baseline/password-policy";
import type { ServiceAccountOptions } from "../baseline/service-account";
import type { TrailOptions } from "../baseline/trail";
import type { AccountDescription } from "./aws-account-props";
import type { Organization } from "./organization-stack";

/** What raises an alarm, and who hears it. */
export interface Alarms {
  /** E-mail addresses and `https://` addresses; each is asked to confirm. */
  readonly subscribers: readonly string[];
  /**
   * Address of what to do now, at the end of every message.
   * @default - the message ends without one
   */
  readonly runbook?: string;
  /** Every sign-in of the root user, every call, and what it does in the console. @default false */
  readonly rootUser?: boolean;
  /**
   * Changes of identity providers, trust policies, IAM users and their credentials; roles made for somebody other than Entra; sign-ins without
   * SAML; a region enabled. @default false
   */
  readonly federation?: boolean;
  /** Access keys of 90 days and more, of any IAM user. @default - no such alarm */
  readonly accessKeyAge?: Pick<AccessKeyAgeProps, "config">;
}

/**
 * What a baseline has to know of its account. Of `roles` it takes names, paths and boundaries, of `imported()` app roles the user whose
 * key only Entra may use: with `alarms`, every other use raises one.
 */
export type BaselineAccount = Pick<AccountDescription, "accountName" | "accountId" | "partition" | "samlProviderName"> &
  Partial<Pick<AccountDescription, "appRoles" | "roles">>;

/** The baseline of one account. Everything is optional, and off unless it stands here. */
export interface AccountBaselineProps {
  readonly organization: Organization;
  /** The account, as its own file describes it; `{ accountName, accountId }` where no stack here federates it. */
  readonly account: BaselineAccount;
  /**
   * Region where alarms arrive, and where the trail and its records are; one that is on already.
   * @default - the organization's first
   */
  readonly alarmRegion?: string;
  /**
   * Regions to watch. Where a service control policy closes regions, these are the open ones; us-east-1 must be among them for every alarm
   * but old keys, and both of GovCloud or China in their partition. What is enabled besides, by hand or by an intruder, is not watched; that it
   * was enabled raises an alarm (`alarms.federation`).
   * @default - the 17 that AWS enables in every account, and those that `optInRegions` enables
   */
  readonly regions?: readonly string[];
  /** Regions that the account enables or disables itself. */
  readonly optInRegions?: OptInRegions;
  readonly alarms?: Alarms;
  /**
   * `organization`: the organization's trail records the account. Otherwise a trail of its own; without either no alarm comes.
   * @default "organization"
   */
  readonly trail?: "organization" | TrailOptions;
  /** The way in for the day when Entra is broken. Needs `alarms`: every use raises one. */
  readonly breakGlass?: BreakGlassAccess;
  /** Programs that must have an access key, by name: `Svc-Backup`. */
  readonly serviceAccounts?: Readonly<Record<string, ServiceAccountOptions>>;
  /** Passwords of IAM users: `{}` is the CIS benchmark. */
  readonly passwordPolicy?: PasswordPolicyOptions;
  /** Whom AWS writes to besides the root user's address. */
  readonly contacts?: Contacts;
  /** The account's name in sign-in addresses. */
  readonly alias?: string;
  /** `{}` expects trust in the identity provider for every role of the account. */
  readonly accessAnalyzer?: {
    /**
     * Names of the roles to expect instead, with their path if they have one (`teams/data/Analyst`): at most 20.
     * @default - all of the account
     */
    readonly federatedRoles?: readonly string[];
  };
  /** The permissions boundary that keeps long-lived keys to service accounts, for roles to name. @default false */
  readonly keysBoundary?: boolean;
  /** Central management of root access; in the organization's management account only. @default false */
  readonly centralRootAccess?: boolean;
}
