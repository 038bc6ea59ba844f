import type { Construct } from "constructs";
import { check } from "../check";
import {
  AccessPolicy,
  checkFrequency,
  frequencyControls,
  type MfaControl,
  type PolicyScope,
  type PolicyState,
  type SignInFrequency,
} from "./access-policy";

/** What Conditional Access asks of whoever enters. */
export interface MfaOptions {
  /**
   * `everyone`: whoever enters the application, also a person whom somebody assigned by hand in the portal (recommended).
   * `groups`: members of the account's role groups, as in the article.
   */
  readonly covers: "everyone" | "groups";
  /**
   * `report-only` writes to the sign-in log what it would have done; neither it nor `off` asks anybody for anything.
   * @default "on"
   */
  readonly state?: PolicyState;
  /** @default "mfa" - any second factor */
  readonly require?: MfaControl;
  /** @default - as long as the tenant's own sessions last */
  readonly signInFrequency?: SignInFrequency;
}

export interface MfaPolicyProps extends Omit<MfaOptions, "covers">, PolicyScope {}

/** The Conditional Access policy that lets nobody into the AWS account without multifactor authentication. */
export class MfaPolicy extends AccessPolicy {
  constructor(scope: Construct, id: string, props: MfaPolicyProps) {
    const { signInFrequency } = props;
    super(scope, id, {
      ...props,
      about: "MFA",
      grant: { mfa: props.require ?? "mfa" },
      session: signInFrequency && frequencyControls(signInFrequency),
    });
    const state = props.state ?? "on";
    checkFrequency(this, "conditionalAccess.signInFrequency", signInFrequency);
    check(this, "conditionalAccess.state", state).should(
      state === "on",
      "nobody is asked for a second factor by it; turn it on when the sign-in log looks right",
    );
  }
}
