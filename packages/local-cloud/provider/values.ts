/** A value that Terraform will know only after apply. */
export const UNKNOWN: unique symbol = Symbol("unknown");

/** A Terraform value as the resource types see it. Sets are arrays; a `dynamic` attribute is plain JSON. */
export type Value = null | boolean | number | string | typeof UNKNOWN | Value[] | { [name: string]: Value };

/** The attributes and blocks of a resource, every name of its schema present, `null` where nothing is set. */
export type Attributes = Record<string, Value>;

/** A problem that Terraform shows at the attribute it belongs to. */
export interface Problem {
  readonly severity?: "error" | "warning";
  readonly summary: string;
  readonly detail?: string;
  /** Where: `["web", 0, "redirect_uris"]`. */
  readonly path?: readonly (string | number)[];
}
