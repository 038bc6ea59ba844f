import { isObject, type Json } from "./json";
import { namesOf } from "./names";
import type { Plan, ResourceChange, Values } from "./plan";

/**
 * What the policy says that an attachment puts on a role or a user: its document, where the plan has the policy; `undefined` where it
 * does not, as with a policy of AWS or of somebody else.
 */
export function attachedPolicies(plan: Plan): (attachment: ResourceChange) => string | undefined {
  const names = namesOf(plan);
  return ({ address, change: { before, after } }) => {
    const made = isObject(after);
    const arn = memberOf(made ? after : before, "policy_arn");
    // Before the policy is made it has no ARN: its attachment says where the ARN will come from.
    const reference = names.ofReference(address, "policy_arn")?.replace(/\.arn$/, "");
    const policies = policiesIn(made ? plan.planned_values : plan.prior_state?.values);
    const found = policies.find(({ address: policy, values }) =>
      arn === undefined ? policy === reference : memberOf(values, "arn") === arn,
    );
    return memberOf(found?.values, "policy");
  };
}

const policiesIn = (values: Values | undefined) =>
  (values?.root_module?.resources ?? []).filter(({ type }) => type === "aws_iam_policy");

function memberOf(values: Json | undefined, name: string): string | undefined {
  const member = isObject(values) ? values[name] : undefined;
  return typeof member === "string" ? member : undefined;
}
