import { isObject, type Json, parseSecretJson } from "./json";

/**
 * The parts of `terraform show -json PLAN` that the pipeline reads. All of it may hold secrets in clear, sensitive variables included.
 * https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
 */
export interface Plan {
  readonly format_version: string;
  readonly variables?: Readonly<Record<string, { readonly value?: Json }>>;
  readonly planned_values?: Values;
  readonly prior_state?: { readonly values?: Values };
  readonly resource_changes?: readonly ResourceChange[];
  readonly resource_drift?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, Change>>;
  readonly checks?: readonly Check[];
  readonly configuration?: { readonly root_module?: ModuleConfiguration };
}

/** The parts of `terraform show -json`, without a plan, that the pipeline reads. */
export interface State {
  readonly format_version: string;
  readonly values?: Values;
}

export interface Values {
  readonly outputs?: Readonly<Record<string, { readonly value?: Json; readonly sensitive?: boolean }>>;
  readonly root_module?: { readonly resources?: readonly Resource[] };
}

export interface Resource {
  readonly address: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly values?: Json;
  readonly sensitive_values?: Json;
}

export type Action = "no-op" | "create" | "read" | "update" | "delete" | "forget";

export interface Change {
  readonly actions: readonly Action[];
  readonly before: Json;
  readonly after?: Json;
  readonly after_unknown?: Json;
  readonly before_sensitive?: Json;
  readonly after_sensitive?: Json;
  readonly replace_paths?: Json[];
  readonly importing?: Json;
}

export interface ResourceChange {
  readonly address: string;
  readonly previous_address?: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly deposed?: string;
  readonly action_reason?: string;
  readonly change: Change;
}

export interface Check {
  readonly address: { readonly to_display: string };
  readonly status: "pass" | "fail" | "error" | "unknown";
  readonly instances?: readonly { readonly problems?: readonly { readonly message: string }[] }[];
}

interface ModuleConfiguration {
  readonly variables?: Readonly<Record<string, { readonly sensitive?: boolean }>>;
  readonly resources?: readonly {
    readonly address: string;
    readonly expressions?: Readonly<Record<string, Json>>;
  }[];
}

/** One word for what happens to an object. A replacement is one action, whichever half comes first. */
export type Verb = "none" | "create" | "read" | "update" | "replace" | "destroy" | "forget";

export function verb(actions: readonly Action[]): Verb {
  if (actions.includes("create") && actions.some((action) => action === "delete" || action === "forget"))
    return "replace";
  const [action = "no-op"] = actions;
  return action === "no-op" ? "none" : action === "delete" ? "destroy" : action;
}

export const parsePlan = (text: string): Plan => document<Plan>(text, "`terraform show -json` of the plan");

export const parseState = (text: string): State => document<State>(text, "`terraform show -json` of the state");

function document<T extends { readonly format_version: string }>(text: string, source: string): T {
  const value = parseSecretJson(text, source);
  const version = isObject(value) ? value["format_version"] : undefined;
  // Terraform promises that a minor version only adds: https://developer.hashicorp.com/terraform/internals/json-format#format-summary
  if (typeof version !== "string" || !version.startsWith("1.")) {
    throw new Error(`${source} has no format version 1.x; this pipeline was written for that one`);
  }
  return value as unknown as T;
}
