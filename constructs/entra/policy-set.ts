import type { ConditionalAccessPolicy } from "@cdktf/provider-azuread/lib/conditional-access-policy";
import type { Construct } from "constructs";
import { check } from "../check";
import {
  AccessPolicy,
  type AccessPolicyProps,
  frequencyControls,
  isImpliedBy,
  type MfaControl,
  type PolicyScope,
} from "./access-policy";
import { type MfaOptions, MfaPolicy } from "./mfa-policy";

/** A level of risk that Microsoft Entra ID Protection sees. */
export type RiskLevel = "low" | "medium" | "high";

/** What a risky sign-in, or a person at risk, has to show: a factor, a strength, or nothing opens (`block`). */
export interface RiskRule {
  readonly levels: readonly RiskLevel[];
  readonly require: MfaControl | "block";
}

/**
 * The Conditional Access policies of an account: MFA always, each of the others only when it stands here, as a policy of its own.
 * Everything but risk and Defender for Cloud Apps needs Entra ID P1.
 */
export interface PolicySet extends MfaOptions {
  /**
   * `true` blocks the device code flow, which is phished by sending somebody a code.
   * @default false
   * @see https://learn.microsoft.com/entra/identity/conditional-access/concept-authentication-flows
   */
  readonly blockDeviceCodeFlow?: boolean;
  /**
   * Sends the session through Microsoft Defender for Cloud Apps (needs a licence for it): `monitorOnly` records, `blockDownloads`
   * blocks downloads (a preview of Microsoft's), `mcasConfigured` does what is configured in Defender for this application.
   * @default - AWS is reached directly
   * @see https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-session
   */
  readonly cloudAppSecurity?: "monitorOnly" | "blockDownloads" | "mcasConfigured";
  /**
   * `true` blocks legacy clients in words of its own. The MFA policy keeps them out already, since they can show no second factor; a
   * policy for them says so in the sign-in log, at the price of one of the 240 that a tenant takes.
   * @default false
   * @see https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-conditions#client-apps
   */
  readonly blockLegacyClients?: boolean;
  /**
   * Blocks sign-ins from elsewhere: `trusted` lets in from every named location that is marked as trusted, and from the
   * trusted IPs of the old multifactor authentication service settings: look whether somebody left any there. `named` lets in from
   * these named locations alone, by object ID.
   * @default - from anywhere
   */
  readonly locations?: "trusted" | { readonly named: readonly string[] };
  /**
   * Lets in from devices only that Intune calls compliant, or that are joined to your Active Directory as well. Keeps command line tools
   * out that show no device.
   * @default - from any device
   */
  readonly device?: "compliant" | "compliantOrHybridJoined";
  /**
   * What a sign-in of these risk levels must show, every time (ID Protection, Entra ID P2).
   * @default - the risk does not count
   * @see https://learn.microsoft.com/entra/id-protection/howto-identity-protection-configure-risk-policies
   */
  readonly signInRisk?: RiskRule;
  /**
   * What a person of these risk levels must show (ID Protection, Entra ID P2): more than `require` asks of everybody, since a factor
   * that is still remembered counts; Entra asks again only together with a password change. That it takes for all resources
   * only, see `allResources` of the tenant.
   * @default - the risk does not count
   */
  readonly userRisk?: RiskRule;
}

/** Conditional Access policies by what they are about: `MFA`, `Sign-in risk`. */
export type AccessPolicies = ReadonlyMap<string, ConditionalAccessPolicy>;

/** Makes the policies of a set. */
export function addPolicySet(scope: Construct, set: PolicySet, where: PolicyScope): AccessPolicies {
  checkPolicySet(scope, set);
  const { resource: mfa } = new MfaPolicy(scope, "MFA policy", { ...set, ...where });
  const others = furtherPolicies(set).map(([id, policy]) => {
    const { resource } = new AccessPolicy(scope, id, { ...where, ...policy });
    return [policy.about, resource] as const;
  });
  return new Map([["MFA", mfa], ...others]);
}

/** What the policies of a set are about, as their display names say it. */
export function policiesIn(set: PolicySet): string[] {
  return ["MFA", ...furtherPolicies(set).map(([, { about }]) => about)];
}

/** How the shared policies of a set are told apart in their display names. */
export function sharedName(set: string): string {
  return `policy set ${set}`;
}

/** The licences that a set needs beyond Entra ID P1, with the option that needs each. */
export function licencesOf(set: PolicySet): [licence: string, option: string][] {
  const options: [string, keyof PolicySet][] = [
    ["Microsoft Entra ID P2", "signInRisk"],
    ["Microsoft Entra ID P2", "userRisk"],
    ["Microsoft Defender for Cloud Apps", "cloudAppSecurity"],
    ["Microsoft Intune", "device"],
  ];
  return options.filter(([, option]) => set[option] !== undefined);
}

type Further = Pick<AccessPolicyProps, "about" | "requiredAt" | "when" | "grant" | "session">;

/** Conditions of one policy all have to hold, so each control is a policy of its own. */
function furtherPolicies(set: PolicySet): [id: string, policy: Further][] {
  const { cloudAppSecurity, locations, device, signInRisk, userRisk } = set;
  const block = { any: ["block"] };
  const asks = ({ require }: RiskRule) => (require === "block" ? block : { mfa: require });
  const policies: [boolean, string, () => Further][] = [
    [
      cloudAppSecurity !== undefined,
      "Session control policy",
      // A policy without grant controls is one: https://learn.microsoft.com/defender-cloud-apps/proxy-deployment-aad asks for none.
      () => ({ about: "Session control", session: { cloudAppSecurityPolicy: cloudAppSecurity } }),
    ],
    [
      set.blockDeviceCodeFlow ?? false,
      "Device code policy",
      () => ({
        about: "Device code flow",
        when: { authenticationFlowTransferMethods: ["deviceCodeFlow"] },
        grant: block,
      }),
    ],
    [
      set.blockLegacyClients ?? false,
      "Legacy clients policy",
      // Without `exchangeActiveSync`: the page above wants Exchange Online as the only application of a policy for that.
      () => ({ about: "Legacy clients", when: { clientAppTypes: ["other"] }, grant: block }),
    ],
    [
      locations !== undefined,
      "Locations policy",
      () => ({
        about: "Locations",
        when: {
          locations: {
            includedLocations: ["All"],
            excludedLocations: typeof locations === "object" ? [...locations.named].sort() : ["AllTrusted"],
          },
        },
        grant: block,
      }),
    ],
    [
      device !== undefined,
      "Device policy",
      () => ({
        about: "Device",
        grant: { any: ["compliantDevice", ...(device === "compliantOrHybridJoined" ? ["domainJoinedDevice"] : [])] },
      }),
    ],
    [
      signInRisk !== undefined,
      "Sign-in risk policy",
      () => ({
        about: "Sign-in risk",
        requiredAt: "conditionalAccess.signInRisk.require",
        when: { signInRiskLevels: levelsOf(signInRisk?.levels) },
        grant: asks(signInRisk as RiskRule),
        // A factor shown before the risk was seen proves nothing about it.
        session: signInRisk?.require === "block" ? undefined : frequencyControls("everyTime"),
      }),
    ],
    [
      userRisk !== undefined,
      "User risk policy",
      () => ({
        about: "User risk",
        requiredAt: "conditionalAccess.userRisk.require",
        when: { userRiskLevels: levelsOf(userRisk?.levels) },
        grant: asks(userRisk as RiskRule),
      }),
    ],
  ];
  return policies.flatMap(([wanted, id, policy]) => (wanted ? [[id, policy()] as [string, Further]] : []));
}

/** From high to low, whatever the order they are written in: another order is a difference in every plan. */
export function levelsOf(levels: readonly RiskLevel[] = []): RiskLevel[] {
  return LEVELS.filter((level) => levels.includes(level));
}

const LEVELS: readonly RiskLevel[] = ["high", "medium", "low"];

/** Refuses levels that Entra does not know, and a list of none. */
export function checkLevels(scope: Construct, prop: string, levels: readonly RiskLevel[]): void {
  const strangers = levels.filter((level) => !LEVELS.includes(level));
  check(scope, prop, strangers).must(
    levels.length > 0 && strangers.length === 0,
    "Entra takes low, medium and high; name the levels at which somebody is asked",
  );
}

function checkPolicySet(scope: Construct, set: PolicySet): void {
  for (const prop of ["signInRisk", "userRisk"] as const) {
    const rule = set[prop];
    if (!rule) continue;
    checkLevels(scope, `conditionalAccess.${prop}.levels`, rule.levels);
    check(scope, `conditionalAccess.${prop}.require`, rule.require).must(
      (rule.require as string) !== "passwordChange",
      "Entra takes a password change for all resources only; use allResources in stacks/tenant.ts",
    );
  }
  const { userRisk, require = "mfa" } = set;
  check(
    scope,
    "conditionalAccess.userRisk.require",
    typeof userRisk?.require === "object" ? userRisk.require.strength : userRisk?.require,
  ).must(
    userRisk === undefined || userRisk.require === "block" || !isImpliedBy(userRisk.require, require),
    "the MFA policy asks for that of everybody already; take 'block', a stricter strength, or passwordChangeAt in stacks/tenant.ts",
  );
  if (typeof set.locations === "object") {
    check(scope, "conditionalAccess.locations.named", set.locations.named).must(
      set.locations.named.length > 0,
      "nobody could sign in from anywhere; name a location, or 'trusted'",
    );
    check(scope, "conditionalAccess.locations.named", set.locations.named).areGuids("the named location");
  }
}
