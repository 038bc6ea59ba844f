import type { Attributes, Problem, Value } from "./values";

/**
 * What one Terraform resource type adds to its schema: the facts that `terraform providers schema -json` does not carry
 * (defaults, ForceNew, conflicts, validators), and how its life maps to operations of the local cloud.
 *
 * `Service` is what the provider configuration connects to: an `Account` for aws, a `Tenant` for azuread and msgraph.
 * Methods return the whole new state; names they leave out become `null`. What they throw becomes Terraform's error.
 */
export interface ResourceType<Service> {
  /** Value that the provider plans where the configuration says nothing, by dotted path: `{ path: "/", "web.implicit_grant…": false }`. */
  readonly defaults?: Readonly<Record<string, Value>>;
  /** Dotted paths whose change replaces the object; `ip.#`: a block of that name comes or goes, whatever is in it. */
  readonly forceNew?: readonly string[];
  /** Computed names that keep their prior value on update only while none of these dotted paths changes: `{ tags_all: ["tags"] }`. */
  readonly recomputedWhen?: Readonly<Record<string, readonly string[]>>;
  /** Refuses a configuration at `validate`; unknown values must pass. */
  validate?(config: Attributes): Problem[];
  /**
   * A last word on the plan: set computed values that are already known (`arn`, `tags_all`), or report problems that the real
   * provider reports at plan. `planned` may be edited. Not called for a destroy.
   */
  plan?(
    service: Service,
    change: { config: Attributes; prior: Attributes | null; planned: Attributes },
  ): Problem[] | undefined | Promise<Problem[] | undefined>;
  create(service: Service, planned: Attributes): Attributes | Promise<Attributes>;
  /** `undefined`: the object is gone, Terraform plans to make it again. */
  read(service: Service, state: Attributes): Attributes | undefined | Promise<Attributes | undefined>;
  /** Absent: every change replaces. */
  update?(service: Service, planned: Attributes, prior: Attributes): Attributes | Promise<Attributes>;
  delete(service: Service, state: Attributes): void | Promise<void>;
  /** From the id that `terraform import` is given to what `read` needs. Absent: the type cannot be imported, as in the real provider. */
  import?(service: Service, id: string): Attributes | Promise<Attributes>;
}

/** A data source type. */
export interface DataSourceType<Service> {
  validate?(config: Attributes): Problem[];
  read(service: Service, config: Attributes): Attributes | Promise<Attributes>;
}

/** One provider as `terraform` sees it. */
export interface Provider<Service> {
  /** `registry.terraform.io/hashicorp/aws`. */
  readonly source: string;
  /** Built with terraform-plugin-framework and not with SDK v2: the core holds it to every value that it planned. @default false */
  readonly framework?: true;
  readonly resources: Readonly<Record<string, ResourceType<Service>>>;
  readonly dataSources: Readonly<Record<string, DataSourceType<Service>>>;
  /** From the provider block to the service it talks to; throws what the real provider would say of a bad configuration. */
  connect(config: Attributes): Service;
}

/**
 * Thrown by `create` when the object was made but a later step of its creation failed: Terraform keeps the object in its state,
 * tainted, and replaces it at the next apply, as with a real provider that had set the id already.
 */
export class PartiallyCreated extends Error {
  constructor(
    readonly state: Attributes,
    override readonly cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause));
    this.name = "PartiallyCreated";
  }
}
