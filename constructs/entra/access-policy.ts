import {
  ConditionalAccessPolicy,
  type ConditionalAccessPolicyConditions,
  type ConditionalAccessPolicySessionControls,
} from "@cdktf/provider-azuread/lib/conditional-access-policy";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { check, hasId } from "../check";
import type { IEnterpriseApp } from "./enterprise-app";
import { policySetRule } from "./policy-set-attribute";

/**
 * What a person must show: any second factor, or a built-in authentication strength, or a strength by its id. Entra cannot ask for
 * a factor and a strength in one policy.
 */
export type MfaControl = "mfa" | "passwordless" | "phishing-resistant" | { readonly strength: string };

/** Whether a policy is in force. */
export type PolicyState = "on" | "report-only" | "off";

/**
 * After how long Entra asks a person to sign in again, at the latest. `"everyTime"` is at each sign-in to the application (with five
 * minutes of tolerance). It cannot shorten an AWS session that is there.
 * @see https://learn.microsoft.com/entra/identity/conditional-access/concept-session-lifetime
 */
export type SignInFrequency =
  | { readonly hours: number; readonly days?: never }
  | { readonly days: number; readonly hours?: never }
  | "everyTime";

/** Accounts and groups that no policy may lock out: two or more cloud-only emergency access accounts. */
export interface BreakGlass {
  /** Object ids of users. */
  readonly users: readonly string[];
  /** Object ids of groups. @default - none */
  readonly groups?: readonly string[];
}

/** What the policies of one place have in common: where they apply, to whom, and whether they are in force. */
export interface PolicyScope {
  /** Where the policies apply, at the end of their names: `Account1`. */
  readonly name: string;
  /** One application, every application that carries a policy set, or all resources of the tenant. */
  readonly target: IEnterpriseApp | { readonly policySet: string } | "all resources";
  /** Everyone, or the object ids of groups in the order of their roles. */
  readonly covers: "everyone" | readonly string[];
  /** Whom no policy applies to: there is none without an exclusion. */
  readonly breakGlass: BreakGlass;
  /** @default "on" */
  readonly state?: PolicyState;
}

/** One Conditional Access policy: whom it asks, when, and for what. */
export interface AccessPolicyProps extends PolicyScope {
  /** What it is about, in the middle of its name: `AWS Console - Sign-in risk - Account1`. */
  readonly about: string;
  /** Where its control stands in a file, for messages. @default "conditionalAccess.require" */
  readonly requiredAt?: string;
  /** When it applies. @default - at every sign-in, whatever the client */
  readonly when?: Partial<Omit<ConditionalAccessPolicyConditions, "applications" | "users">>;
  /**
   * What it asks for: a second factor or a strength; controls of which one is enough (`any`), or which all have to be there (`all`).
   * `block` lets nobody in.
   * @default - nothing: `session` is what the policy is about
   */
  readonly grant?:
    | { readonly mfa: MfaControl }
    | { readonly any: readonly string[] }
    | { readonly all: readonly string[] };
  /** What holds after sign-in. @default - nothing */
  readonly session?: ConditionalAccessPolicySessionControls;
}

/** https://learn.microsoft.com/graph/api/authenticationstrengthroot-list-policies */
const STRENGTHS = {
  passwordless: "00000000-0000-0000-0000-000000000003",
  "phishing-resistant": "00000000-0000-0000-0000-000000000004",
} as const;

/**
 * The combinations of methods that are multifactor authentication, in Graph's spelling: those of the built-in strength of that name. A
 * strength that takes another one, a password or a text message alone, would let people in with a single factor.
 * @see https://learn.microsoft.com/graph/api/authenticationstrengthroot-list-policies
 */
export const MFA_COMBINATIONS = [
  "windowsHelloForBusiness",
  "fido2",
  "x509CertificateMultiFactor",
  "deviceBasedPush",
  "temporaryAccessPassOneTime",
  "temporaryAccessPassMultiUse",
  "password,microsoftAuthenticatorPush",
  "password,softwareOath",
  "password,hardwareOath",
  "password,x509CertificateSingleFactor",
  "password,x509CertificateMultiFactor",
  "password,sms",
  "password,voice",
  "federatedMultiFactor",
  "microsoftAuthenticatorPush,federatedSingleFactor",
  "softwareOath,federatedSingleFactor",
  "hardwareOath,federatedSingleFactor",
  "sms,federatedSingleFactor",
  "voice,federatedSingleFactor",
] as const;

/** Methods that are multifactor authentication together. */
export type MfaCombination = (typeof MFA_COMBINATIONS)[number];

/**
 * Whether whoever shows `other` has shown `asked` too, so that asking for it changes nothing. Of a custom strength nobody can tell here:
 * it is like itself alone.
 */
export function isImpliedBy(asked: MfaControl, other: MfaControl): boolean {
  if (asked === "mfa") return true;
  if (typeof asked === "object") return typeof other === "object" && hasId([other.strength], asked.strength);
  return asked === other || other === "phishing-resistant";
}

const STATES = { on: "enabled", "report-only": "enabledForReportingButNotEnforced", off: "disabled" } as const;

/** A Conditional Access policy on the way into AWS. */
export class AccessPolicy extends Construct {
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: ConditionalAccessPolicy;

  constructor(scope: Construct, id: string, props: AccessPolicyProps) {
    super(scope, id);
    const { users, groups = [] } = props.breakGlass;
    const { target } = props;
    const shared = typeof target === "object" && "policySet" in target ? target.policySet : undefined;
    this.resource = new ConditionalAccessPolicy(this, "Resource", {
      displayName: policyName(props.about, props.name),
      state: STATES[props.state ?? "on"],
      conditions: {
        clientAppTypes: ["all"],
        ...props.when,
        applications: {
          // Beside a filter the provider wants the list too; "All" there might mean every application of the tenant.
          includedApplications: target === "all resources" ? ["All"] : "policySet" in target ? [] : [target.clientId],
        },
        users: {
          ...(props.covers === "everyone" ? { includedUsers: ["All"] } : { includedGroups: [...props.covers] }),
          excludedUsers: users.length > 0 ? [...users].sort() : undefined,
          excludedGroups: groups.length > 0 ? [...groups].sort() : undefined,
        },
      },
      grantControls: this.grant(props),
      sessionControls: props.session,
    });
    check(this, "breakGlass", []).must(
      users.length + groups.length > 0,
      "a policy without an exclusion can lock everybody out; name the emergency access accounts in organization.ts",
    );
    check(this, "breakGlass.users", users).areGuids("the emergency access account");
    check(this, "breakGlass.groups", groups).areGuids("the emergency access group");
    // The bindings are of azuread 3.7.0, which had no filter.
    if (shared !== undefined) {
      this.resource.addOverride("conditions.applications.filter", { mode: "include", rule: policySetRule(shared) });
    }
  }

  private grant({ grant, requiredAt = "conditionalAccess.require" }: AccessPolicyProps) {
    if (grant === undefined) return undefined;
    if ("any" in grant) return { operator: "OR", builtInControls: [...grant.any] };
    if ("all" in grant) return { operator: "AND", builtInControls: [...grant.all] };
    if (grant.mfa === "mfa") return { operator: "OR", builtInControls: ["mfa"] };
    return {
      operator: "OR",
      authenticationStrengthPolicyId: `/policies/authenticationStrengthPolicies/${this.strength(grant.mfa, requiredAt)}`,
    };
  }

  private strength(required: Exclude<MfaControl, "mfa">, prop: string): string {
    if (typeof required === "string") return STRENGTHS[required];
    check(this, `${prop}.strength`, required.strength).isGuid("the ID of the authentication strength");
    return required.strength;
  }
}

/** Display name of a policy, the same in Entra, in guards and in the access review. */
export function policyName(about: string, where: string): string {
  return `AWS Console - ${about} - ${where}`;
}

/**
 * How a sign-in frequency is said to Entra. The interval is always written: where it is not, azuread keeps the one in its state
 * (`sign_in_frequency_interval` is computed too), and refuses hours after `everyTime`.
 */
export function frequencyControls(frequency: SignInFrequency): ConditionalAccessPolicySessionControls {
  if (frequency === "everyTime") return { signInFrequencyInterval: "everyTime" };
  const [signInFrequency, signInFrequencyPeriod] =
    frequency.hours === undefined ? [frequency.days, "days"] : [frequency.hours, "hours"];
  return { signInFrequency, signInFrequencyPeriod, signInFrequencyInterval: "timeBased" };
}

/** Whether one frequency asks sooner than another; what only Terraform knows may. */
export function asksSooner(one: SignInFrequency, other: SignInFrequency | undefined): boolean {
  const [hours, most] = [hoursOf(one), other === undefined ? Number.POSITIVE_INFINITY : hoursOf(other)];
  return hours === undefined || most === undefined || hours < most;
}

function hoursOf(frequency: SignInFrequency): number | undefined {
  if (frequency === "everyTime") return 0;
  const { hours, days } = frequency;
  if (Token.isUnresolved(hours ?? days)) return undefined;
  return hours ?? days * 24;
}

/** A frequency as it stands in a file. */
export function formatFrequency(frequency: SignInFrequency): string {
  if (frequency === "everyTime") return frequency;
  return frequency.hours === undefined ? `days: ${frequency.days}` : `hours: ${frequency.hours}`;
}

/** Refuses a frequency that Entra does not take. */
export function checkFrequency(scope: Construct, prop: string, frequency: SignInFrequency | undefined): void {
  if (frequency === undefined || frequency === "everyTime") return;
  const units = Object.entries(frequency).filter(([, value]) => value !== undefined);
  if (units.length > 1) {
    check(scope, prop, frequency).hasOneOf(["hours", "days"], "Entra takes one unit, and the other would be lost");
  }
  const [unit, value] = units[0] ?? [];
  check(scope, `${prop}.${unit}`, value).must(
    (unit === "hours" || unit === "days") && Number.isInteger(value) && Number(value) >= 1,
    "Entra takes whole hours or days from 1; choose such a number, or 'everyTime'",
  );
}
