import type { EligibilityRequest, RequestSchedule } from "../../../cloud/entra/state";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { applied, flag, refreshed, text, textOrNull, unlessGone } from "./attributes";
import { ids } from "./ids";
import { check, conflicting, notEmpty, oneOf, rfc3339, uuid } from "./validators";

/** identitygovernance/privileged_access_group_eligiblity_schedule_resource.go and privileged_access_group_schedule.go */
export const eligibilitySchedule: ResourceType<Tenant> = {
  forceNew: ["assignment_type", "group_id", "principal_id"],

  validate: (config) => [
    ...check(config, {
      group_id: uuid,
      principal_id: uuid,
      assignment_type: oneOf("member", "owner"),
      start_date: rfc3339,
      expiration_date: rfc3339,
      duration: notEmpty,
      justification: notEmpty,
      ticket_number: notEmpty,
      ticket_system: notEmpty,
    }),
    ...conflicting(config, "duration", "expiration_date"),
    ...(((config.ticket_number ?? null) === null) !== ((config.ticket_system ?? null) === null)
      ? [{ summary: "ticket_number and ticket_system have to be specified together" }]
      : []),
  ],

  create: (tenant, planned) => send(tenant, planned, "adminAssign"),

  /**
   * The newest request tells more than the schedule does, so the state follows it, a revoked one too: that somebody took the eligibility
   * away by hand is not seen.
   */
  read(tenant, state) {
    const id = idOf(state);
    const [request] = tenant.eligibility.requests(id);
    if (request) return refreshed(flatten(request), state);
    const schedule = unlessGone(() => tenant.eligibility.get(id));
    if (!schedule) return undefined;
    const { groupId, accessId, principalId, startDateTime, endDateTime } = schedule;
    return refreshed(
      {
        ...{ id, group_id: groupId, assignment_type: accessId, principal_id: principalId, status: "Provisioned" },
        ...{ start_date: startDateTime, expiration_date: endDateTime, duration: "" },
        ...{ permanent_assignment: endDateTime === null, justification: text(state.justification) },
        ...{ ticket_number: text(state.ticket_number), ticket_system: text(state.ticket_system) },
      },
      state,
    );
  },

  update: (tenant, planned) => send(tenant, planned, "adminUpdate"),

  async delete(tenant, state) {
    switch (text(state.status)) {
      case "Provisioned":
        await tenant.eligibility.request({ ...subject(state), action: "adminRemove" });
        return;
      case "Revoked":
        return;
      default:
        throw new Error(`unknown status: ${text(state.status)}`);
    }
  },

  import: ids.eligibilitySchedule.import,
};

const idOf = (state: Attributes): string => {
  ids.eligibilitySchedule.parts(state.id);
  return text(state.id);
};

const subject = (values: Attributes) => ({
  groupId: text(values.group_id),
  principalId: text(values.principal_id),
  accessId: text(values.assignment_type) === "owner" ? ("owner" as const) : ("member" as const),
});

async function send(tenant: Tenant, planned: Attributes, action: "adminAssign" | "adminUpdate"): Promise<Attributes> {
  const request = await tenant.eligibility.request({
    ...subject(planned),
    action,
    justification: textOrNull(planned.justification),
    ticketInfo: {
      ticketNumber: textOrNull(planned.ticket_number),
      ticketSystem: textOrNull(planned.ticket_system),
    },
    scheduleInfo: { startDateTime: textOrNull(planned.start_date), expiration: expirationOf(planned) },
  });
  return { ...applied(planned, flatten(request)), id: request.targetScheduleId };
}

/** The first of three that is set; a date wins over a duration, a duration over permanence (`buildScheduleRequest`). */
function expirationOf(planned: Attributes): RequestSchedule["expiration"] {
  const endDateTime = textOrNull(planned.expiration_date);
  const duration = textOrNull(planned.duration);
  if (endDateTime !== null) return { type: "afterDateTime", duration: null, endDateTime };
  if (duration !== null) return { type: "afterDuration", duration, endDateTime: null };
  if (flag(planned.permanent_assignment)) return { type: "noExpiration", duration: null, endDateTime: null };
  throw new Error("either `expiration_date` or `duration` must be set, or `permanent_assignment` must be true");
}

function flatten(request: EligibilityRequest): Attributes {
  const { scheduleInfo, ticketInfo } = request;
  return {
    id: request.targetScheduleId,
    group_id: request.groupId,
    principal_id: request.principalId,
    assignment_type: request.accessId,
    status: request.status,
    justification: request.justification ?? "",
    ticket_number: ticketInfo.ticketNumber ?? "",
    ticket_system: ticketInfo.ticketSystem ?? "",
    start_date: scheduleInfo.startDateTime,
    expiration_date: scheduleInfo.expiration.endDateTime ?? "",
    duration: scheduleInfo.expiration.duration ?? "",
    permanent_assignment: scheduleInfo.expiration.type === "noExpiration",
  };
}
