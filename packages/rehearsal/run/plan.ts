/** One resource in a plan, as a person may see it: what is sensitive is masked. */
export interface PlannedChange {
  readonly address: string;
  /** `["create"]`, `["update"]`, `["delete", "create"]` (replace), `["delete"]`, `["forget"]` … */
  readonly actions: readonly string[];
  /** Where it was in the state, if it is moved. */
  readonly movedFrom?: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What `terraform plan` would do to one stack. */
export interface StackPlan {
  readonly stack: string;
  /** Everything that is not left as it is. */
  readonly changes: readonly PlannedChange[];
  /** Names of outputs whose value changes. */
  readonly outputs: readonly string[];
  /** Messages of failed `check` blocks. */
  readonly warnings: readonly string[];
  /** Neither resources nor outputs change: Terraform says "No changes". */
  readonly empty: boolean;
}

/** `terraform show -json` of a plan, as far as it is read. https://developer.hashicorp.com/terraform/internals/json-format */
interface PlanJson {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly previous_address?: string;
    readonly mode: "managed" | "data";
    readonly change: {
      readonly actions: readonly string[];
      readonly before: unknown;
      readonly after: unknown;
      readonly after_unknown?: unknown;
      readonly before_sensitive?: unknown;
      readonly after_sensitive?: unknown;
    };
  }[];
  readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
  readonly checks?: readonly {
    readonly instances?: readonly { readonly problems?: readonly { readonly message: string }[] }[];
  }[];
}

const isNoOp = (actions: readonly string[]) => actions.length === 1 && actions[0] === "no-op";

export function readPlan(stack: string, json: string): StackPlan {
  const { resource_changes = [], output_changes = {}, checks = [] } = JSON.parse(json) as PlanJson;
  const changes = resource_changes
    .filter(({ mode, change, previous_address }) => mode === "managed" && (!isNoOp(change.actions) || previous_address))
    .map(({ address, previous_address, change }) => ({
      address,
      actions: change.actions,
      ...(previous_address ? { movedFrom: previous_address } : {}),
      before: masked(change.before, change.before_sensitive, "(sensitive value)"),
      after: masked(
        masked(change.after, change.after_unknown, "(known after apply)"),
        change.after_sensitive,
        "(sensitive value)",
      ),
    }));
  const outputs = Object.entries(output_changes)
    .filter(([, { actions }]) => !isNoOp(actions))
    .map(([name]) => name);
  const warnings = checks.flatMap(({ instances = [] }) =>
    instances.flatMap(({ problems = [] }) => problems.map(({ message }) => message)),
  );
  return { stack, changes, outputs, warnings, empty: changes.length === 0 && outputs.length === 0 };
}

/** `value` with `words` wherever `marks`, which has its shape, says `true`. */
function masked(value: unknown, marks: unknown, words: string): unknown {
  if (marks === true) return words;
  if (typeof marks !== "object" || marks === null) return value;
  if (Array.isArray(marks)) {
    const items = Array.isArray(value) ? value : [];
    return marks.length > 0 ? marks.map((mark, index) => masked(items[index], mark, words)) : value;
  }
  const members = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const marked = Object.entries(marks).map(([name, mark]) => [name, masked(members[name], mark, words)] as const);
  const told = marked.filter(([, member]) => member !== undefined);
  return told.length > 0 ? { ...members, ...Object.fromEntries(told) } : value;
}
