import { isObject, type Json } from "./json";
import { holdsTrue } from "./mask";
import type { Plan } from "./plan";

/** What an object id in the list stands for: `administrators` for a group, the role's claim for an app role. */
export interface Names {
  /** The name behind an object id. */
  ofId(id: string): string | undefined;
  /** The addresses that a value comes from, for one that is known only after apply. */
  ofReference(address: string, attribute: string): string | undefined;
}

/** Objects that others name by an id of theirs. */
const NAMED = new Set([
  "azuread_application",
  "azuread_authentication_strength_policy",
  "azuread_group",
  "azuread_named_location",
  "azuread_service_principal",
]);

/** In every tenant the same, and in no plan: https://learn.microsoft.com/graph/api/authenticationstrengthroot-list-policies */
const BUILT_IN_STRENGTHS: Readonly<Record<string, string>> = {
  "00000000-0000-0000-0000-000000000002": "Multifactor authentication",
  "00000000-0000-0000-0000-000000000003": "Passwordless MFA",
  "00000000-0000-0000-0000-000000000004": "Phishing-resistant MFA",
};

/**
 * Names come from the plan itself: groups, users and app roles that it reads or is about to make. An existing group is not among them: its name
 * is what the code calls it, and said to be that.
 * @param configuration the stack's synthesized JSON, whose local value `existing_group_names` has those
 */
export function namesOf(plan: Plan, configuration?: Json): Names {
  const names = new Map<string, string>();
  const remember = (id: Json | undefined, ...candidates: (Json | undefined)[]): void => {
    const name = candidates.find((candidate) => typeof candidate === "string" && candidate !== "");
    if (typeof id === "string" && typeof name === "string") names.set(id, name);
  };

  const resources = [plan.prior_state?.values, plan.planned_values].flatMap(
    (values) => values?.root_module?.resources ?? [],
  );
  for (const { type, values, sensitive_values } of resources) {
    if (!isObject(values)) continue;
    const shown = (attribute: string): Json | undefined =>
      isObject(sensitive_values) && holdsTrue(sensitive_values[attribute]) ? undefined : values[attribute];
    if (type === "azuread_user") remember(shown("object_id"), shown("user_principal_name"));
    else if (NAMED.has(type)) {
      for (const id of ["object_id", "id", "client_id"]) remember(shown(id), shown("display_name"));
    }
    const roles =
      type === "azuread_application"
        ? shown("app_role")
        : type === "azuread_service_principal"
          ? shown("app_roles")
          : undefined;
    for (const role of Array.isArray(roles) ? roles : []) {
      if (isObject(role)) remember(role["id"], role["value"], role["display_name"]);
    }
  }

  const locals = isObject(configuration) ? configuration["locals"] : undefined;
  const groups = isObject(locals) ? locals["existing_group_names"] : undefined;
  const called = new Map(
    Object.entries(isObject(groups) ? groups : {}).map(([id, name]) => [id, `${name}, as the code calls it`]),
  );
  const expressions = new Map(
    plan.configuration?.root_module?.resources?.map((resource) => [resource.address, resource.expressions]),
  );
  return {
    ofId: (id) =>
      names.get(id) ?? called.get(id.toLowerCase()) ?? BUILT_IN_STRENGTHS[id.slice(id.lastIndexOf("/") + 1)],
    ofReference(address, attribute) {
      // The configuration knows a resource without its index: `azuread_app_role_assignment.developer`, not `...developer[0]`.
      const expression = expressions.get(address.replace(/\[.*\]$/, ""))?.[attribute];
      const references = isObject(expression) ? expression["references"] : undefined;
      const [first] = Array.isArray(references) ? references : [];
      return typeof first === "string" ? first : undefined;
    },
  };
}
