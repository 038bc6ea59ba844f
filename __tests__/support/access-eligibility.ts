import { asBody, asJson, list, nameOf, type Stack, unread } from "./access-stack";

/** Who may make themselves members, and on what terms; a group stands for each of its members. */
export function eligibilityLines(stack: Stack): string[] {
  const policies = stack.of("azuread_group_role_management_policy");
  const settings = policies.flatMap(({ address, body }) => {
    const { maximum_duration, require_approval, approval_stage, ...asked } = asBody(body["activation_rules"]);
    const { required_conditional_access_authentication_context: context, ...flags } = asked;
    const { expiration_required, expire_after, ...otherEligible } = asBody(body["eligible_assignment_rules"]);
    const { primary_approver, ...otherStage } = asBody(approval_stage);
    const approvers = list(primary_approver).map((approver) => {
      const { object_id, type, ...rest } = asBody(approver);
      return [type === "groupMembers" ? "a member of" : type, nameOf(stack, object_id), ...asJson(rest)].join(" ");
    });
    const shown = Object.entries(ASKED).filter(([name]) => flags[name] === true);
    const rest = Object.fromEntries(Object.entries(flags).filter(([name]) => !(name in ASKED)));
    const terms = [
      ...shown.map(([, word]) => word),
      ...(context === undefined ? [] : [`authentication context ${context}`]),
      ...(require_approval === true ? [`approval by ${approvers.join(" or ") || "nobody named"}`] : []),
    ];
    const lasts = expiration_required === false ? "for good" : `for at most ${expire_after ?? "what Entra says"}`;
    return [
      `whoever is eligible as ${body["role_id"]} of ${nameOf(stack, body["group_id"])} activates it for at most ` +
        `${maximum_duration ?? "what Entra says"} with ${terms.join(", ") || "nothing that is said here"}; may be eligible ${lasts}`,
      ...unread(address, { ...rest, ...otherEligible, ...otherStage }, []),
    ];
  });
  const schedules = stack.of("azuread_privileged_access_group_eligibility_schedule").map(({ body }) => {
    const lasts =
      body["permanent_assignment"] === true ? "for good" : String(body["duration"] ?? body["expiration_date"]);
    return `eligible as ${body["assignment_type"]} of ${nameOf(stack, body["group_id"])} ${lasts}: ${nameOf(stack, body["principal_id"])}`;
  });
  return [...settings, ...schedules];
}

const ASKED: Readonly<Record<string, string>> = {
  require_multifactor_authentication: "mfa",
  require_justification: "a justification",
  require_ticket_info: "a ticket",
};

export function protectionLines(stack: Stack): string[] {
  return stack
    .of("azuread_group")
    .flatMap(({ body }) => [
      ...(body["assignable_to_role"] === true
        ? [
            `${body["display_name"]} is role-assignable: its owners and Privileged Role Administrators change its members`,
          ]
        : []),
      ...list(body["administrative_unit_ids"]).map(
        (unit) =>
          `${body["display_name"]} is in administrative unit ${unit}: who has a role scoped to it changes its members`,
      ),
    ]);
}
