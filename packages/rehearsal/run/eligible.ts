import { resourcesOf, type SynthesizedStack, stringsUnder } from "./stacks";

/** Object ids of people and groups that exist; what a stack makes itself is an expression, and not among them. */
interface Existing {
  readonly people: string[];
  readonly groups: string[];
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Who may activate a membership in a stack, or approve an activation. */
export function eligibleIn(stack: SynthesizedStack): Existing {
  const all = [...principals(stack), ...approvers(stack)].filter(({ id }) => GUID.test(id));
  const ids = (person: boolean) => all.flatMap((one) => (one.person === person ? [one.id] : []));
  return { people: ids(true), groups: ids(false) };
}

/** No attribute tells a person from a group; the address does, `…_user_<object id>`. */
function principals({ configuration }: SynthesizedStack): { id: string; person: boolean }[] {
  const types = configuration.resource as Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  return Object.entries(types?.azuread_privileged_access_group_eligibility_schedule ?? {}).flatMap(([name, schedule]) =>
    stringsUnder(schedule, ["principal_id"]).map((id) => ({ id, person: /(^|_)user_[0-9a-f_]+$/i.test(name) })),
  );
}

/** These say what they are. */
function approvers(stack: SynthesizedStack): { id: string; person: boolean }[] {
  return blocksUnder(resourcesOf(stack, "azuread_group_role_management_policy"), "primary_approver").flatMap((block) =>
    stringsUnder(block, ["object_id"]).map((id) => ({ id, person: stringsUnder(block, ["type"])[0] === "singleUser" })),
  );
}

function blocksUnder(value: unknown, name: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === name ? [inner].flat() : blocksUnder(inner, name)));
}
