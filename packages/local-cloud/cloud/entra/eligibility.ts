import { randomUUID } from "node:crypto";
import { badRequest, copy, type Directory, graphTime, notFound } from "./directory";
import { minutesOf } from "./iso-duration";
import type { RoleManagementPolicies } from "./role-management-policies";
import type { EligibilityRequest, EligibilitySchedule, RequestSchedule } from "./state";

/** What POST …/eligibilityScheduleRequests takes from an administrator. */
export type EligibilityBody = Pick<EligibilityRequest, "action" | "groupId" | "accessId" | "principalId"> &
  Partial<Pick<EligibilityRequest, "justification" | "ticketInfo">> & {
    /** Not of a removal. */
    scheduleInfo?: { startDateTime: string | null; expiration: RequestSchedule["expiration"] };
  };

/** "Can't be assigned for a duration of less than five minutes": https://learn.microsoft.com/entra/id-governance/privileged-identity-management/groups-assign-member-owner */
export const SHORTEST_MINUTES = 5;

/** Who may activate the membership of a group: https://learn.microsoft.com/graph/api/privilegedaccessgroup-post-eligibilityschedulerequests */
export class Eligibility {
  constructor(
    private readonly directory: Directory,
    private readonly policies: RoleManagementPolicies,
  ) {}

  get(id: string): EligibilitySchedule {
    const schedule = this.directory.state.eligibilitySchedules[id];
    if (!schedule || !this.runs(schedule)) throw notFound(id);
    return copy(schedule);
  }

  /** Everybody who is eligible in a group at this moment. */
  of(groupId: string): EligibilitySchedule[] {
    const schedules = Object.values(this.directory.state.eligibilitySchedules);
    return copy(schedules.filter((schedule) => schedule.groupId === groupId && this.runs(schedule)));
  }

  /** Requests for one schedule, the newest first. */
  requests(scheduleId: string): EligibilityRequest[] {
    const requests = this.directory.state.eligibilityRequests;
    return copy(requests.filter(({ targetScheduleId }) => targetScheduleId === scheduleId)).reverse();
  }

  /** Carried out at once: an administrator needs no approval. */
  request(body: EligibilityBody): Promise<EligibilityRequest> {
    const operation = "POST /identityGovernance/privilegedAccess/group/eligibilityScheduleRequests";
    return this.directory.request(operation, this.named(body), () => {
      this.directory.principal(body.principalId);
      this.policies.refuseInRestrictedUnit(body.groupId);
      const there = this.of(body.groupId).find(
        ({ principalId, accessId }) => principalId === body.principalId && accessId === body.accessId,
      );
      if (body.action === "adminAssign" && there) {
        throw badRequest("The Role assignment already exists.", "RoleAssignmentExists");
      }
      if (body.action !== "adminAssign" && !there) {
        throw badRequest("The Role assignment does not exist.", "RoleAssignmentDoesNotExist");
      }
      const id = there?.id ?? `${body.groupId}_${body.accessId}_${randomUUID()}`;
      return body.action === "adminRemove" ? this.remove(id, body) : this.write(id, body);
    });
  }

  private write(id: string, body: EligibilityBody): EligibilityRequest {
    const { groupId, accessId, principalId } = body;
    const scheduleInfo = this.scheduled(body);
    const { startDateTime } = scheduleInfo;
    this.directory.state.eligibilitySchedules[id] = {
      ...{ id, groupId, accessId, principalId, startDateTime },
      endDateTime: endOf(scheduleInfo),
    };
    return this.record(id, body, "Provisioned", scheduleInfo);
  }

  // Assumption entra-pim-ended, never checked: To take away an eligibility that has ended is refused as RoleAssignmentDoesNotExist (400), as
  // where there never was one; a 404 instead the provider would pass over. When Entra forgets the request of an eligibility is not
  // documented.
  // Assumption entra-pim-remove-at-once, never checked: An eligibility may be taken away within five minutes after it was given; an
  // activation may not.
  /** May be done at once: the five minutes that Microsoft names are not seen by the acceptance tests of the real provider (assumption entra-pim-remove-at-once). */
  private remove(id: string, body: EligibilityBody): EligibilityRequest {
    const { startDateTime, endDateTime } = this.get(id);
    delete this.directory.state.eligibilitySchedules[id];
    const type = endDateTime === null ? "noExpiration" : "afterDateTime";
    return this.record(id, body, "Revoked", { startDateTime, expiration: { type, duration: null, endDateTime } });
  }

  /** What was asked for, if the rules allow it; the answer repeats the request (example of the page above). */
  private scheduled({ groupId, accessId, scheduleInfo }: EligibilityBody): RequestSchedule {
    const rule = this.policies.of(groupId, accessId).rules.Expiration_Admin_Eligibility;
    const now = graphTime(this.directory.now());
    const expiration = scheduleInfo?.expiration ?? { type: "noExpiration", duration: null, endDateTime: null };
    const schedule = { startDateTime: scheduleInfo?.startDateTime ?? now, expiration: copy(expiration) };
    const end = endOf(schedule);
    const minutes = end === null ? undefined : (Date.parse(end) - Date.parse(schedule.startDateTime)) / 60_000;
    if (end !== null && !(minutes !== undefined && minutes >= SHORTEST_MINUTES)) throw ruleFailed("ExpirationRule");
    const longest = minutesOf(rule.maximumDuration) ?? 0;
    if (rule.isExpirationRequired && (minutes === undefined || minutes > longest)) throw ruleFailed("ExpirationRule");
    return schedule;
  }

  private record(
    targetScheduleId: string,
    body: EligibilityBody,
    status: EligibilityRequest["status"],
    scheduleInfo: RequestSchedule,
  ): EligibilityRequest {
    const { action, groupId, accessId, principalId } = body;
    const request: EligibilityRequest = {
      ...{ id: randomUUID(), action, status, groupId, accessId, principalId, targetScheduleId },
      justification: body.justification ?? null,
      ticketInfo: body.ticketInfo ?? { ticketNumber: null, ticketSystem: null },
      scheduleInfo,
      createdDateTime: graphTime(this.directory.now()),
    };
    this.directory.state.eligibilityRequests.push(request);
    return copy(request);
  }

  private runs({ startDateTime, endDateTime }: EligibilitySchedule): boolean {
    const now = this.directory.now();
    return new Date(startDateTime) <= now && (endDateTime === null || now < new Date(endDateTime));
  }

  private named({ groupId, principalId }: EligibilityBody): string {
    const { users, groups } = this.directory.state;
    const name = (users[principalId] ?? groups[principalId])?.displayName ?? principalId;
    return `eligibility of ${name} for group ${groups[groupId]?.displayName ?? groupId}`;
  }
}

function endOf({ startDateTime, expiration }: RequestSchedule): string | null {
  if (expiration.type === "noExpiration") return null;
  if (expiration.endDateTime !== null) return expiration.endDateTime;
  const minutes = minutesOf(expiration.duration ?? "");
  if (minutes === undefined) throw badRequest("The duration is no ISO 8601 duration.", "InvalidDuration");
  return graphTime(new Date(Date.parse(startDateTime) + minutes * 60_000));
}

/** Code and words: hashicorp/terraform-provider-azuread#1450. */
export const ruleFailed = (...rules: readonly string[]) =>
  badRequest(
    `The following policy rules failed: ${JSON.stringify(rules)}`,
    "RoleAssignmentRequestPolicyValidationFailed",
  );
