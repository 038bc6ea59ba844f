import { ConditionalAccessPolicy } from "@cdktf/provider-azuread/lib/conditional-access-policy";
import { Construct } from "constructs";
import { isGuid, refuseUnless, refuseUnlessGuids, warnUnless } from "./check";
import type { EnterpriseApp } from "./enterprise-app";

/**
 * What a person must show: any second factor, or a built-in authentication strength, or a strength by its id. Entra cannot ask for
 * a factor and a strength in one policy.
 */
export type MfaControl = "mfa" | "passwordless" | "phishing-resistant" | { readonly strength: string };

/** Conditional Access of one account. */
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
  readonly state?: "on" | "report-only" | "off";
  /** @default "mfa" - any second factor */
  readonly require?: MfaControl;
}

/** Accounts and groups that no policy may lock out: two or more cloud-only emergency access accounts. */
export interface BreakGlass {
  /** Object ids of users. */
  readonly users: readonly string[];
  /** Object ids of groups. @default - none */
  readonly groups?: readonly string[];
}

export interface MfaPolicyProps extends Omit<MfaOptions, "covers"> {
  readonly displayName: string;
  readonly app: EnterpriseApp;
  /** Everyone, or the object ids of groups in the order of their roles. */
  readonly covers: "everyone" | readonly string[];
  readonly breakGlass: BreakGlass;
}

/** https://learn.microsoft.com/graph/api/authenticationstrengthroot-list-policies */
const STRENGTHS = {
  passwordless: "00000000-0000-0000-0000-000000000003",
  "phishing-resistant": "00000000-0000-0000-0000-000000000004",
} as const;

const STATES = { on: "enabled", "report-only": "enabledForReportingButNotEnforced", off: "disabled" } as const;

/** The Conditional Access policy that lets nobody into the AWS account without multifactor authentication. */
export class MfaPolicy extends Construct {
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: ConditionalAccessPolicy;

  constructor(scope: Construct, id: string, props: MfaPolicyProps) {
    super(scope, id);
    const state = props.state ?? "on";
    const required = props.require ?? "mfa";
    const { users, groups = [] } = props.breakGlass;
    refuseUnless(
      users.length + groups.length > 0,
      this,
      "breakGlass",
      [],
      "a policy without an exclusion can lock everybody out; name the emergency access accounts in organization.ts",
    );
    refuseUnlessGuids(this, "breakGlass.users", users, "the emergency access account");
    refuseUnlessGuids(this, "breakGlass.groups", groups, "the emergency access group");
    warnUnless(
      state === "on",
      this,
      "conditionalAccess.state",
      state,
      "nobody is asked for a second factor by it; turn it on when the sign-in log looks right",
    );

    this.resource = new ConditionalAccessPolicy(this, "Resource", {
      displayName: props.displayName,
      state: STATES[state],
      conditions: {
        clientAppTypes: ["all"],
        applications: { includedApplications: [props.app.clientId] },
        users: {
          ...(props.covers === "everyone" ? { includedUsers: ["All"] } : { includedGroups: [...props.covers] }),
          excludedUsers: users.length > 0 ? [...users].sort() : undefined,
          excludedGroups: groups.length > 0 ? [...groups].sort() : undefined,
        },
      },
      grantControls: {
        operator: "OR",
        ...(required === "mfa"
          ? { builtInControls: ["mfa"] }
          : { authenticationStrengthPolicyId: `/policies/authenticationStrengthPolicies/${this.strength(required)}` }),
      },
    });
  }

  private strength(required: Exclude<MfaControl, "mfa">): string {
    if (typeof required === "string") return STRENGTHS[required];
    refuseUnless(
      isGuid(required.strength),
      this,
      "conditionalAccess.require.strength",
      required.strength,
      "Entra takes a GUID; copy the ID of the authentication strength",
    );
    return required.strength;
  }
}
