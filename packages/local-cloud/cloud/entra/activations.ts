import { randomUUID } from "node:crypto";
import { ServiceError } from "../errors";
import { badRequest, copy, type Directory, graphTime, notFound } from "./directory";
import { type Eligibility, ruleFailed, SHORTEST_MINUTES } from "./eligibility";
import { minutesOf } from "./iso-duration";
import type { RoleManagementPolicies } from "./role-management-policies";
import type { Activation, PolicyRules, TicketInfo } from "./state";

/** What a person fills in under My roles > Groups > Activate. */
export interface ActivationBody {
  groupId: string;
  principalId: string;
  /** `PT1H`. */
  duration: string;
  justification?: string;
  ticketInfo?: TicketInfo;
  /** The person showed a second factor in this session. */
  mfa: boolean;
}

/** "24-hour approval time window": https://learn.microsoft.com/entra/id-governance/privileged-identity-management/groups-approval-workflow */
const APPROVAL_HOURS = 24;

// Assumption entra-pim-activation-outlives, never checked: An activation that runs goes on to its end when the eligibility is taken away or
// other rules are set.
/** Just-in-time membership, which ends by itself and by nothing else (assumption entra-pim-activation-outlives): https://learn.microsoft.com/graph/api/privilegedaccessgroup-post-assignmentschedulerequests, selfActivate and selfDeactivate */
export class Activations {
  constructor(
    private readonly directory: Directory,
    private readonly policies: RoleManagementPolicies,
    private readonly eligibility: Eligibility,
  ) {}

  get(id: string): Activation {
    const activation = this.directory.state.activations[id];
    if (!activation) throw notFound(id);
    return copy(activation);
  }

  /** Memberships that hold at this moment. */
  running(groupId: string): Activation[] {
    const activations = Object.values(this.directory.state.activations);
    return copy(activations.filter((one) => one.groupId === groupId && this.directory.runs(one)));
  }

  /** Groups whose membership a person may activate now, by being eligible or a direct member of a group that is. */
  groupsFor(userId: string): string[] {
    const { groups } = this.directory.state;
    return Object.keys(groups).filter((groupId) => this.isEligible(groupId, userId));
  }

  /** A person activates the membership of a group; it begins at once, or with an approval. */
  activate(body: ActivationBody): Promise<Activation> {
    return this.directory.request(REQUESTS, this.named("activation", body), () => {
      const { rules } = this.policies.of(body.groupId, "member");
      // The codes are those of directory roles and Azure resources: https://learn.microsoft.com/graph/api/resources/governanceroleassignmentrequest (assumption entra-pim-codes).
      // Assumption entra-pim-codes, never checked: Activations of a group are refused with the codes of directory roles and Azure resources;
      // who is not eligible fails EligibilityRule.
      if (!this.isEligible(body.groupId, body.principalId)) throw ruleFailed("EligibilityRule");
      if (this.ofPerson(body).some((one) => this.directory.runs(one))) {
        throw badRequest("The Role assignment already exists.", "RoleAssignmentExists");
      }
      if (this.ofPerson(body).some((one) => this.waits(one))) {
        throw badRequest(
          "There is already an existing pending Role assignment request.",
          "PendingRoleAssignmentRequest",
        );
      }
      this.check(rules, body);
      const activation: Activation = {
        id: randomUUID(),
        ...{ groupId: body.groupId, principalId: body.principalId, duration: body.duration },
        status: "PendingApproval",
        justification: body.justification ?? null,
        ticketInfo: body.ticketInfo ?? { ticketNumber: null, ticketSystem: null },
        createdDateTime: graphTime(this.directory.now()),
        startDateTime: null,
        endDateTime: null,
      };
      if (!rules.Approval_EndUser_Assignment.isApprovalRequired) this.begin(activation);
      this.directory.state.activations[activation.id] = activation;
      return copy(activation);
    });
  }

  /** The first approver decides: https://learn.microsoft.com/graph/api/approvalstage-update */
  decide(id: string, approverId: string, result: "Approve" | "Deny"): Promise<Activation> {
    const known = this.get(id);
    return this.directory.request("PATCH …/assignmentApprovals/{id}/steps/{id}", this.named("approval", known), () => {
      const activation = this.directory.state.activations[id];
      if (!activation || !this.waits(activation)) {
        throw badRequest("The approval is not in progress.", "BusinessFlowIncomplete");
      }
      // "Approvers are not able to approve their own": https://learn.microsoft.com/entra/id-governance/privileged-identity-management/pim-approval-workflow
      if (approverId === activation.principalId || !this.isApprover(activation.groupId, approverId)) {
        throw new ServiceError("Forbidden", "The caller is no approver of this request.", 403);
      }
      if (result === "Approve") this.begin(activation);
      else activation.status = "Denied";
      return copy(activation);
    });
  }

  deactivate(groupId: string, principalId: string): Promise<void> {
    return this.directory.request(REQUESTS, this.named("deactivation", { groupId, principalId }), () => {
      const running = this.ofPerson({ groupId, principalId }).find((one) => this.directory.runs(one));
      if (!running) throw badRequest("The Role assignment does not exist.", "RoleAssignmentDoesNotExist");
      const minutes = (this.directory.now().getTime() - Date.parse(running.startDateTime ?? "")) / 60_000;
      // "Can't be removed within five minutes": groups-assign-member-owner; the code is known from public clients.
      if (minutes < SHORTEST_MINUTES) {
        throw badRequest("The Active duration is too short. Miniumum Required is 5 minutes.", "ActiveDurationTooShort");
      }
      running.status = "Revoked";
    });
  }

  /** Every rule that fails is named, as in terraform-provider-azuread#1450 and msgraph-sdk-powershell#1808. */
  private check(rules: PolicyRules, { duration, justification, ticketInfo, mfa }: ActivationBody): void {
    const { enabledRules } = rules.Enablement_EndUser_Assignment;
    const minutes = minutesOf(duration) ?? 0;
    const longest = minutesOf(rules.Expiration_EndUser_Assignment.maximumDuration) ?? 0;
    const failed = [
      ...(minutes < SHORTEST_MINUTES || minutes > longest ? ["ExpirationRule"] : []),
      ...(enabledRules.includes("MultiFactorAuthentication") && !mfa ? ["MfaRule"] : []),
      ...(enabledRules.includes("Justification") && !justification ? ["JustificationRule"] : []),
      ...(enabledRules.includes("Ticketing") && !ticketInfo?.ticketNumber ? ["TicketingRule"] : []),
    ];
    if (failed.length > 0) throw ruleFailed(...failed);
    // No policy for an authentication context is modelled, and then PIM asks for a second factor: "backup protection mechanism",
    // https://learn.microsoft.com/entra/id-governance/privileged-identity-management/groups-role-settings
    const { isEnabled, claimValue } = rules.AuthenticationContext_EndUser_Assignment;
    if (isEnabled && !mfa) {
      throw badRequest(
        `The authentication context ${claimValue} is not satisfied.`,
        "RoleAssignmentRequestAcrsValidationFailed",
      );
    }
  }

  private begin(activation: Activation): void {
    const now = this.directory.now();
    activation.status = "Provisioned";
    activation.startDateTime = graphTime(now);
    const minutes = minutesOf(activation.duration) ?? 0;
    activation.endDateTime = graphTime(new Date(now.getTime() + minutes * 60_000));
  }

  private waits({ status, createdDateTime }: Activation): boolean {
    const age = this.directory.now().getTime() - Date.parse(createdDateTime);
    return status === "PendingApproval" && age < APPROVAL_HOURS * 3_600_000;
  }

  /** "the user can activate their membership": an active member of an eligible group, https://learn.microsoft.com/entra/id-governance/privileged-identity-management/concept-pim-for-groups */
  private isEligible(groupId: string, userId: string): boolean {
    return this.eligibility
      .of(groupId)
      .some(({ accessId, principalId }) => accessId === "member" && this.isOrHolds(principalId, userId));
  }

  private isApprover(groupId: string, userId: string): boolean {
    const { primaryApprovers } = this.policies.of(groupId, "member").rules.Approval_EndUser_Assignment;
    return primaryApprovers.some(({ id }) => this.isOrHolds(id, userId));
  }

  private isOrHolds(principalId: string, userId: string): boolean {
    const group = this.directory.state.groups[principalId];
    return principalId === userId || (group !== undefined && this.directory.membersOf(group).includes(userId));
  }

  private ofPerson({ groupId, principalId }: Pick<Activation, "groupId" | "principalId">): Activation[] {
    const activations = Object.values(this.directory.state.activations);
    return activations.filter((one) => one.groupId === groupId && one.principalId === principalId);
  }

  private named(what: string, { groupId, principalId }: Pick<Activation, "groupId" | "principalId">): string {
    const { users, groups } = this.directory.state;
    return `${what} of ${users[principalId]?.displayName ?? principalId} in group ${groups[groupId]?.displayName ?? groupId}`;
  }
}

const REQUESTS = "POST /identityGovernance/privilegedAccess/group/assignmentScheduleRequests";
