import { GroupRoleManagementPolicy } from "@cdktf/provider-azuread/lib/group-role-management-policy";
import { PrivilegedAccessGroupEligibilitySchedule } from "@cdktf/provider-azuread/lib/privileged-access-group-eligibility-schedule";
import { Construct } from "constructs";
import { check, hasId } from "../check";
import { writesHcl } from "../hcl";

/** What a person must do to activate a membership; the settings of Entra's page "Role settings - Member". */
export interface ActivationRules {
  /**
   * Longest that an activation may last: 0.5 to 23.5 hours in steps of half an hour, or 24. An AWS session that begins in its last
   * minute still runs for its own length: AWS does not learn of the deactivation.
   * @default 8
   */
  readonly maximumHours?: number;
  /**
   * `mfa`: a second factor, which a person who showed one earlier in the session is not asked for again. An authentication context
   * (`c1` to `c99`) is what your Conditional Access policies for that context make of it; such a policy must not be for this group,
   * whose membership nobody has yet, and must be on before the context stands here. The provider cannot go from one to the other in
   * one deploy: from `mfa` to a context deploy `nothing` in between; a context is taken away by hand, in PIM > Groups > Settings, and
   * after that, as after every change there, the state has to forget the settings before the next plan (README, "Just-in-time membership").
   * @see https://learn.microsoft.com/entra/id-governance/privileged-identity-management/groups-role-settings
   * @default "mfa"
   */
  readonly require?: "mfa" | "nothing" | { readonly authenticationContext: string };
  /** A reason in words. @default true */
  readonly justification?: boolean;
  /** A ticket number, which Entra writes down and does not look up. @default false */
  readonly ticket?: boolean;
  /**
   * Who must agree, by object ids; the first to answer decides, within 24 hours, and nobody decides about themselves. Name two or more.
   * @default - nobody has to agree; an approval that an existing group asks for already is taken away by the second deploy, not the first
   */
  readonly approvers?: { readonly users?: readonly string[]; readonly groups?: readonly string[] };
}

/** How many days an eligibility may last; Entra takes these. */
export type EligibilityDays = 15 | 30 | 90 | 180 | 365;

/** People who are no members, and can make themselves members for some hours. */
export interface EligibleMembers {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly expiresAfterDays?: EligibilityDays;
  readonly activation: ActivationRules;
}

/**
 * Just-in-time membership (PIM for groups): people activate the membership when they need it, for some hours. Needs Entra ID P2 or
 * ID Governance for everybody who is eligible or approves. Who is a member already stays one until somebody takes them out.
 * @see https://learn.microsoft.com/entra/id-governance/privileged-identity-management/concept-pim-for-groups
 */
export function eligible(
  options: {
    /** Object ids of people. @default - nobody */
    readonly users?: readonly string[];
    /**
     * Object ids of groups whose direct members are eligible; each activates for themselves alone.
     * @default - none; with no user either, the identity team says in PIM who is eligible
     */
    readonly groups?: readonly string[];
    /**
     * The eligibility ends that many days after the deploy, unless somebody extends it in PIM. Then take the name out: once Entra
     * has forgotten the request, the next deploy gives the same eligibility again. Terraform cannot take away what has ended, nor give
     * it another number of days: let the state forget it first (README, "Just-in-time membership"). Another number makes every
     * eligibility anew.
     * @default - no end
     * @see https://learn.microsoft.com/entra/id-governance/privileged-identity-management/groups-renew-extend
     */
    readonly expiresAfterDays?: EligibilityDays;
    readonly activation?: ActivationRules;
  } = {},
): EligibleMembers {
  return {
    users: options.users ?? [],
    groups: options.groups ?? [],
    expiresAfterDays: options.expiresAfterDays,
    activation: options.activation ?? {},
  };
}

/** How long an activation may last, in seconds; `undefined` where Entra does not take its hours. */
export function longestActivationSec({ activation }: EligibleMembers): number | undefined {
  const { maximumHours = DEFAULT_HOURS } = activation;
  return areActivationHours(maximumHours) ? maximumHours * 3600 : undefined;
}

const DEFAULT_HOURS = 8;
const areActivationHours = (hours: number) => hours >= 0.5 && hours <= 24 && Number.isInteger(hours * 2);
const DAYS: readonly number[] = [15, 30, 90, 180, 365] satisfies EligibilityDays[];

export interface JustInTimeMembershipProps {
  /** Object ID of the group, or an expression for it. */
  readonly groupId: string;
  readonly members: EligibleMembers;
}

/** Who may activate the membership of a group, and how: PIM's settings for its members, and an eligibility for each. */
export class JustInTimeMembership extends Construct {
  /**
   * The L1 of the settings: what waits for it finds the rules in force. It stays in Entra as it is when Terraform destroys it. Of a group
   * that has settings already, the first deploy changes those that ask for something, and the second those that ask for nothing.
   */
  readonly resource: GroupRoleManagementPolicy;
  private readonly groupId: string;
  private readonly expiresAfterDays?: EligibilityDays;

  constructor(scope: Construct, id: string, { groupId, members }: JustInTimeMembershipProps) {
    super(scope, id);
    this.groupId = groupId;
    this.expiresAfterDays = members.expiresAfterDays;
    this.checkMembers(members);
    this.checkActivation(members);

    const { maximumHours = DEFAULT_HOURS, require = "mfa", approvers } = members.activation;
    const { justification = true, ticket = false } = members.activation;
    this.resource = new GroupRoleManagementPolicy(this, "Policy", {
      groupId,
      roleId: "member",
      // Entra's own setting has every eligibility end within a year, and refuses one without an end.
      eligibleAssignmentRules:
        this.expiresAfterDays === undefined
          ? { expirationRequired: false }
          : { expirationRequired: true, expireAfter: `P${this.expiresAfterDays}D` },
      activationRules: {
        maximumDuration: isoHours(maximumHours),
        requireJustification: justification,
        requireTicketInfo: ticket,
        // The provider takes one of the two alone, and counts a `false` as taking it.
        ...(typeof require === "string"
          ? { requireMultifactorAuthentication: require === "mfa" }
          : { requiredConditionalAccessAuthenticationContext: require.authenticationContext }),
        requireApproval: approvers !== undefined,
        // An approver without a type would be dropped silently.
        approvalStage: approvers && {
          primaryApprover: [
            ...[...(approvers.users ?? [])].sort().map((objectId) => ({ objectId, type: "singleUser" })),
            ...[...(approvers.groups ?? [])].sort().map((objectId) => ({ objectId, type: "groupMembers" })),
          ],
        },
      },
    });
    for (const user of new Set(members.users)) this.makeEligible(this, `User-${user}`, user);
    for (const group of new Set(members.groups)) this.makeEligible(this, `Group-${group}`, group);
  }

  /** Makes a person or a group eligible. @param principalId object ID, or an expression for it */
  makeEligible(scope: Construct, id: string, principalId: string): PrivilegedAccessGroupEligibilitySchedule {
    return new PrivilegedAccessGroupEligibilitySchedule(scope, id, {
      groupId: this.groupId,
      principalId,
      assignmentType: "member",
      // Never both: the duration would win silently.
      ...(this.expiresAfterDays === undefined
        ? { permanentAssignment: true }
        : { duration: `P${this.expiresAfterDays}D` }),
      dependsOn: [this.resource],
      lifecycle: {
        // Entra forgets the request after some time, and then tells the end date in place of the duration: that is no change, and the
        // date would win over another duration. So another duration is another eligibility.
        ignoreChanges: this.expiresAfterDays === undefined ? undefined : ["duration"],
        replaceTriggeredBy: writesHcl(this)
          ? undefined
          : [`${this.resource.terraformResourceType}.${this.resource.friendlyUniqueId}.eligible_assignment_rules`],
      },
    });
  }

  private checkMembers({ users, groups, expiresAfterDays }: EligibleMembers): void {
    check(this, "membership.users", users).areGuids("the person");
    check(this, "membership.groups", groups).areGuids("the group");
    this.refuseRepeated("membership", [...users, ...groups]);
    check(this, "membership.groups", this.groupId).must(
      !hasId(groups, this.groupId),
      "a group cannot be eligible for itself; name the group that its people come from",
    );
    check(this, "membership.expiresAfterDays", expiresAfterDays).must(
      expiresAfterDays === undefined || DAYS.includes(expiresAfterDays),
      `Entra takes ${DAYS.join(", ")}; choose one, or leave it out for an eligibility without an end`,
    );
  }

  private checkActivation({ users, activation }: EligibleMembers): void {
    const { maximumHours = DEFAULT_HOURS, require = "mfa", justification = true, ticket = false } = activation;
    check(this, "activation.maximumHours", maximumHours).must(
      areActivationHours(maximumHours),
      "Entra takes 0.5 to 24 in steps of 0.5; choose one of them",
    );
    if (typeof require !== "string") {
      check(this, "activation.require.authenticationContext", require.authenticationContext).matches(
        /^c[1-9]\d?$/,
        "Entra takes c1 to c99; copy the ID from Conditional Access > Authentication contexts",
      );
    }
    check(this, "activation.justification", justification).must(
      require === "mfa" || justification || ticket,
      "the provider then leaves Entra's own settings in force unseen; ask for 'mfa', a justification or a ticket",
    );
    if (!activation.approvers) return;
    const { users: approving = [], groups: approvingGroups = [] } = activation.approvers;
    check(this, "activation.approvers", []).must(
      approving.length + approvingGroups.length > 0,
      "Entra takes an approval with at least one approver; name two or more, or leave approvers out",
    );
    check(this, "activation.approvers.users", approving).areGuids("the approver");
    check(this, "activation.approvers.groups", approvingGroups).areGuids("the approvers' group");
    this.refuseRepeated("activation.approvers", [...approving, ...approvingGroups]);
    if (approving.length + approvingGroups.length > 1) return;
    const [only = "", onlyGroup = ""] = [approving[0], approvingGroups[0]];
    check(this, "activation.approvers.users", only).should(
      !hasId(users, only),
      "nobody approves their own activation (learn.microsoft.com, pim-approval-workflow), so this person cannot activate; name another approver",
    );
    check(this, "activation.approvers.groups", onlyGroup).should(
      !hasId([this.groupId], onlyGroup),
      "it is the role's own group, whose members are those who have activated already, so nobody can be the first; name another group",
    );
  }

  private refuseRepeated(prop: string, ids: readonly string[]): void {
    const repeated = ids.filter((id, index) => hasId(ids.slice(0, index), id));
    check(this, prop, repeated).must(repeated.length === 0, "Entra takes each person and group once; remove one");
  }
}

/** `PT1H30M`; a whole day is `P1D` to Entra, not `PT24H`. */
function isoHours(hours: number): string {
  if (hours === 24) return "P1D";
  return `PT${hours >= 1 ? `${Math.floor(hours)}H` : ""}${Number.isInteger(hours) ? "" : "30M"}`;
}
