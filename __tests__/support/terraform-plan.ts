import type { Json } from "../../pipeline/json";
import type { Action, Plan, ResourceChange } from "../../pipeline/plan";
import type { Terraform } from "../../pipeline/terraform";

/** The change of one object, as `terraform show -json` writes it. */
export function change(
  address: string,
  actions: Action[],
  before: Json,
  after: Json,
  more: Partial<ResourceChange["change"]> = {},
): ResourceChange {
  return {
    address,
    mode: "managed",
    type: address.split(".")[0] ?? "",
    change: { actions, before, after, after_unknown: {}, before_sensitive: {}, after_sensitive: {}, ...more },
  };
}

export const created = (address: string, after: Json, more: Partial<ResourceChange["change"]> = {}): ResourceChange =>
  change(address, ["create"], null, after, { before_sensitive: false, ...more });

export const updated = (
  address: string,
  before: Json,
  after: Json,
  more: Partial<ResourceChange["change"]> = {},
): ResourceChange => change(address, ["update"], before, after, more);

export const destroyed = (
  address: string,
  before: Json,
  more: Partial<ResourceChange["change"]> = {},
): ResourceChange => change(address, ["delete"], before, null, { after_sensitive: false, ...more });

export const plan = (resource_changes: readonly ResourceChange[], more: Partial<Plan> = {}): Plan => ({
  format_version: "1.2",
  resource_changes,
  ...more,
});

/** The lineage of a state, which keys the digest. */
export const LINEAGE = "6f1c7f0e-6f7d-4d0e-9b52-2d5a4a2b8c11";

/** A terraform whose answers are given, by command: `{ plan: { code: 1 } }`. It notes what it was asked to do. */
export function fakeTerraform(
  answers: Readonly<Record<string, Partial<ReturnType<Terraform>>>>,
): Terraform & { readonly asked: string[][] } {
  const asked: string[][] = [];
  const terraform: Terraform = (_folder, args) => {
    asked.push([...args]);
    // `show -json FILE` is the plan, `show -json` alone the state.
    const command = args[0] === "show" ? (args.length > 2 ? "show plan" : "show state") : (args[0] ?? "");
    return { code: 0, stdout: "", stderr: "", ...answers[command] };
  };
  return Object.assign(terraform, { asked });
}

export const answers = (plan: Plan, lineage: string | undefined = LINEAGE) => ({
  state: { stdout: lineage === undefined ? "" : JSON.stringify({ version: 4, lineage, serial: 7 }) },
  "show plan": { stdout: JSON.stringify(plan) },
});
