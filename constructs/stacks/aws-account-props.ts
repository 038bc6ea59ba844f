import type { IamQuotas, RolePermissions } from "../aws/federated-role";
import type { Partition } from "../clouds";
import type { MfaControl, SignInFrequency } from "../entra/access-policy";
import type { AppRoles } from "../entra/app-roles";
import type { EligibleMembers } from "../entra/eligible-members";
import type { PolicySet } from "../entra/policy-set";
import type { GroupChoice } from "../entra/role-group";
import type { ClaimsOptions, SigningRing } from "../entra/saml-sign-on";
import type { Incident } from "./incident";
import type { Organization } from "./organization-stack";

/** A role of an account, and the group that may enter with it. */
export interface AccountRole extends RolePermissions {
  /**
   * The group whose direct members get the role.
   * @default - a group of its own, `AWS-<account name>-<role name, plural>`
   */
  readonly group?: GroupChoice;
  /**
   * What the members of this role's group must show, beyond what the account asks of everybody: a policy of its own, so it has to ask
   * for more.
   * @default - nothing more
   */
  readonly require?: MfaControl;
  /**
   * After how long they are asked to sign in again: sooner than the account asks everybody. Of all policies that apply, the soonest counts.
   * @default - as the account has it
   */
  readonly signInFrequency?: SignInFrequency;
  /**
   * `permanent`: members of the group have the role at every sign-in. `eligible({ … })`: they make themselves members for some
   * hours, with Privileged Identity Management. An existing group opens one such role and no other: who activates for one is a member for all.
   * @default "permanent"
   */
  readonly membership?: "permanent" | EligibleMembers;
}

/** Policies of the account's own; a set and they exclude each other. */
export type OwnPolicies = PolicySet & { readonly [name in "set" | "overlap"]?: never };

/** A set of the organization, for the deploy in which the account has its policies and the shared ones. */
export type OverlappingSet = { readonly set: string; readonly overlap: true } & {
  readonly [option in keyof PolicySet]?: never;
};

/** One account: what a fork edits. */
export interface AwsAccountProps {
  readonly organization: Organization;
  /** Name of the account in names of groups and applications: `Account1`. */
  readonly accountName: string;
  /** 12 digits, as a string. */
  readonly accountId: string;
  /** Who owns the app roles: `declared()`, `imported()`, or nobody for one deploy, `withdrawn()`. No default: it decides whether an access key exists. */
  readonly appRoles: AppRoles;
  /** Signing certificates. */
  readonly signing: SigningRing;
  /** Roles by name; each is an IAM role, an app role and a group. */
  readonly roles: Readonly<Record<string, AccountRole>>;
  /**
   * Conditional Access: policies of this account's own, or the name of a policy set of the organization. With `overlap`, the account
   * has both, for the deploy in which it goes over to shared policies.
   */
  readonly conditionalAccess: OwnPolicies | string | OverlappingSet;
  /** Session name and length. */
  readonly claims?: ClaimsOptions;
  /** Region whose console people land in. @default - AWS chooses */
  readonly landingRegion?: string;
  /** @default - the organization's */
  readonly regions?: readonly string[];
  /** @default "aws" */
  readonly partition?: Partition;
  /** Name of the IAM identity provider. @default "MicrosoftEntraID" */
  readonly samlProviderName?: string;
  /** Raised AWS quotas. @default - those of a new account */
  readonly quotas?: IamQuotas;
  /**
   * Sessions that AWS refuses for as long as this stands here: those of a person, or everyone's; with all of everyone's the application is
   * closed as well.
   * @default - no incident
   */
  readonly incident?: Incident;
}

/** An account as its file describes it; its baseline takes the same. */
export type AccountDescription = Omit<AwsAccountProps, "organization">;
