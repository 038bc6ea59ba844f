import { isObject, type Json } from "./json";
import { at, holdsTrue, SENSITIVE } from "./mask";
import type { Plan, State, Values } from "./plan";

/**
 * The last line of defence, behind the allow-list: every secret that Terraform knows of is cut out of every text that leaves the job, wherever it
 * came in (an error message of a service that quotes what it was sent, a secret that somebody wrote into a description).
 */
export function redact(text: string, secrets: ReadonlySet<string>): string {
  // The longest first, or a secret that begins with another one would leave its tail.
  const ordered = [...secrets].sort((a, b) => b.length - a.length);
  return ordered.reduce((rest, secret) => rest.split(secret).join(SENSITIVE), text);
}

/** Shorter values ("1", "true", "User") would cut holes into every text, and are left to the allow-list. */
const SHORTEST_SECRET = 6;

export function secretsOfPlan(plan: Plan): ReadonlySet<string> {
  const found = new Set<string>();
  const declared = plan.configuration?.root_module?.variables ?? {};
  for (const [name, { value }] of Object.entries(plan.variables ?? {}))
    collect(value, declared[name]?.sensitive === true, found);
  for (const { change } of [...(plan.resource_changes ?? []), ...(plan.resource_drift ?? [])]) {
    collect(change.before, change.before_sensitive, found);
    collect(change.after, change.after_sensitive, found);
  }
  for (const change of Object.values(plan.output_changes ?? {})) {
    collect(change.before, change.before_sensitive, found);
    collect(change.after, change.after_sensitive, found);
  }
  for (const values of [plan.planned_values, plan.prior_state?.values]) secretsOfValues(values, found);
  return found;
}

export function secretsOfState(state: State): ReadonlySet<string> {
  const found = new Set<string>();
  secretsOfValues(state.values, found);
  return found;
}

/** Terraform variables and credentials of the job itself. */
export function secretsOfEnvironment(environment: NodeJS.ProcessEnv): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [name, value] of Object.entries(environment)) {
    collect(value, /^TF_VAR_|SECRET|TOKEN|PASSWORD|ACCESS_KEY/i.test(name), found);
  }
  return found;
}

function secretsOfValues(values: Values | undefined, found: Set<string>): void {
  for (const { value, sensitive } of Object.values(values?.outputs ?? {})) collect(value, sensitive === true, found);
  for (const { values: attributes, sensitive_values } of values?.root_module?.resources ?? []) {
    collect(attributes, sensitive_values, found);
  }
}

function collect(value: Json | undefined, mark: Json | undefined, found: Set<string>): void {
  if (!holdsTrue(mark)) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      collect(item, Array.isArray(mark) ? at(mark, index) : true, found);
    });
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) collect(item, isObject(mark) ? at(mark, key) : true, found);
  } else if (typeof value === "string" || typeof value === "number") {
    const text = String(value);
    // As it stands, and as it looks inside a JSON string.
    for (const form of [text, JSON.stringify(text).slice(1, -1)]) if (form.length >= SHORTEST_SECRET) found.add(form);
  }
}
