import { InjectedFault, ServiceError } from "../cloud/errors";
import { type DataSourceType, PartiallyCreated, type Provider, type ResourceType } from "./resource-type";
import {
  attributesOf,
  type Block,
  blocksOf,
  complete,
  equal,
  hasUnknown,
  isAttributes,
  loadProviderSchema,
  mapBlocks,
  memberType,
  type ProviderSchema,
  type Schema,
  type TypeExpression,
  typeOf,
} from "./schema";
import { type Attributes, type Problem, UNKNOWN, type Value } from "./values";
import { typedAs } from "./wire";

export type Path = readonly (string | number)[];

export interface Planned {
  /** `null` for a destroy. */
  readonly planned: Attributes | null;
  readonly requiresReplace: readonly Path[];
  readonly problems: readonly Problem[];
}

export interface Applied {
  /** What Terraform writes into its state; `null` where nothing is known of an object. */
  readonly state: Attributes | null;
  readonly problems: readonly Problem[];
}

/**
 * What every resource type has in common: the rules by which a provider plans and applies, told by schema and `ResourceType`.
 * https://github.com/hashicorp/terraform/blob/main/docs/resource-instance-change-lifecycle.md
 */
export class Engine<Service> {
  constructor(
    readonly provider: Provider<Service>,
    readonly schema: ProviderSchema = loadProviderSchema(provider.source),
  ) {
    for (const name of Object.keys(provider.resources)) this.resourceSchema(name);
    for (const name of Object.keys(provider.dataSources)) this.dataSourceSchema(name);
  }

  resourceSchema(name: string): Schema {
    return this.known(this.schema.resource_schemas[name], `resource type ${name}`);
  }

  dataSourceSchema(name: string): Schema {
    return this.known(this.schema.data_source_schemas[name], `data source type ${name}`);
  }

  validateResource(name: string, config: Attributes): Problem[] {
    return this.resource(name).validate?.(config) ?? [];
  }

  validateDataSource(name: string, config: Attributes): Problem[] {
    return this.dataSource(name).validate?.(config) ?? [];
  }

  /** @param proposed what the core makes of configuration and prior state; `null` for a destroy */
  async plan(
    service: Service,
    name: string,
    change: { prior: Attributes | null; proposed: Attributes | null; config: Attributes | null },
  ): Promise<Planned> {
    const { prior, proposed, config } = change;
    if (!proposed || !config) return { planned: null, requiresReplace: [], problems: [] };
    const type = this.resource(name);
    const { block } = this.resourceSchema(name);
    const planned = fill(block, "", { proposed, prior: prior ?? undefined, config }, type.defaults ?? {});
    if (prior) {
      for (const [computed, causes] of Object.entries(type.recomputedWhen ?? {})) {
        const changed = causes.some((path) => changes(block, path, prior, planned).length > 0);
        if (changed && (config[computed] ?? null) === null) planned[computed] = UNKNOWN;
      }
    }
    const problems = (await type.plan?.(service, { config, prior, planned })) ?? [];
    const result = complete(block, planned);
    // The core lets a provider keep what was there where the configuration only writes it another way: a policy with other white space.
    const kept = (name: string) => prior !== null && equal(result[name] ?? null, prior[name] ?? null);
    const asked = Object.fromEntries(Object.entries(config).filter(([name]) => !kept(name)));
    const contradiction = difference(asked, result, typeOf(block), "open");
    if (contradiction) throw new Error(`${contradiction} is planned otherwise than it is configured`);
    const requiresReplace = prior ? replacing(type, block).flatMap((path) => changes(block, path, prior, result)) : [];
    return { planned: result, requiresReplace, problems };
  }

  /** Carries out a planned change; an error leaves in the state what is still true. */
  async apply(
    service: Service,
    name: string,
    change: { prior: Attributes | null; planned: Attributes | null },
  ): Promise<Applied> {
    const { prior, planned } = change;
    const { block } = this.resourceSchema(name);
    try {
      const type = this.resource(name);
      if (!planned) {
        if (prior) await type.delete(service, prior);
        return { state: null, problems: [] };
      }
      if (!prior) return this.settled(name, block, await type.create(service, planned), planned);
      if (equal(withoutTimeouts(prior), withoutTimeouts(planned), typeOf(block)))
        return { state: planned, problems: [] };
      if (!type.update) throw new Error("this type cannot be updated, every change should replace it");
      return this.settled(name, block, await type.update(service, planned, prior), planned);
    } catch (error) {
      const partial = error instanceof PartiallyCreated ? known(block, error.state) : null;
      return { state: partial ?? prior, problems: [problemOf(name, error)] };
    }
  }

  /** `null`: the object is gone. */
  async read(service: Service, name: string, state: Attributes): Promise<Attributes | null> {
    const { block } = this.resourceSchema(name);
    const found = await this.resource(name).read(service, state);
    return found ? keepEquivalent(withTimeouts(complete(block, found), state), state, block) : null;
  }

  async import(service: Service, name: string, id: string): Promise<Attributes> {
    const type = this.resource(name);
    if (!type.import) throw new Error(`the provider does not support the import of ${name}`);
    return complete(this.resourceSchema(name).block, await type.import(service, id));
  }

  async readDataSource(service: Service, name: string, config: Attributes): Promise<Attributes> {
    const { block } = this.dataSourceSchema(name);
    return withTimeouts(complete(block, await this.dataSource(name).read(service, config)), config);
  }

  /**
   * The new state. From a provider of the framework the core insists that it keeps what the plan promised; of SDK v2 it bears that with
   * a line in its log, and the next plan shows the difference ("legacy type system", the lifecycle document above).
   */
  private settled(name: string, block: Block, result: Attributes, planned: Attributes): Applied {
    const state = keepEquivalent(withTimeouts(complete(block, result), planned), planned, block);
    if (hasUnknown(state)) throw new Error("something is still unknown after apply");
    const broken = this.provider.framework && difference(planned, state, typeOf(block), "nothing");
    const problems = broken ? [problemOf(name, new Error(`${broken} came out otherwise than it was planned`))] : [];
    return { state, problems };
  }

  private resource(name: string): ResourceType<Service> {
    return this.modelled(this.provider.resources[name], name);
  }

  private dataSource(name: string): DataSourceType<Service> {
    return this.modelled(this.provider.dataSources[name], `data source ${name}`);
  }

  private modelled<T>(type: T | undefined, name: string): T {
    if (type) return type;
    throw new Error(
      `the local cloud does not model ${name}, so the rehearsal cannot tell what it would do (${this.provider.source})`,
    );
  }

  private known<T>(schema: T | undefined, what: string): T {
    if (schema) return schema;
    throw new Error(`provider-schemas/ has no ${what} of ${this.provider.source}; renew.ts can add it`);
  }
}

/** An error as Terraform shows it, with the code of the service that refused. */
export function problemOf(name: string, error: unknown): Problem {
  if (error instanceof PartiallyCreated) return problemOf(name, error.cause);
  if (error instanceof ServiceError) return { summary: `${name}: ${error.code}: ${error.message}` };
  if (error instanceof InjectedFault) return { summary: `${name}: ${error.message}` };
  // A plain Error is a message to the user; TypeError and the like are faults of ours, of which the place is needed.
  if (error instanceof Error) {
    return { summary: `${name}: ${error.message}`, detail: error.constructor === Error ? undefined : error.stack };
  }
  return { summary: `${name}: ${String(error)}` };
}

/** What the provider adds to the core's proposal: defaults, and unknowns for what the service will choose. */
function fill(
  block: Block,
  path: string,
  given: { proposed: Attributes; prior: Attributes | undefined; config: Attributes | undefined },
  defaults: Readonly<Record<string, Value>>,
): Attributes {
  const { proposed, prior, config } = given;
  const attributes = attributesOf(block).map(([name, schema]): [string, Value] => {
    const value = proposed[name] ?? null;
    const before = prior?.[name] ?? null;
    const fallback = defaults[path + name];
    if (((config ?? proposed)[name] ?? null) === null) {
      if (fallback !== undefined) return [name, fallback];
      if (schema.computed) return [name, prior ? value : UNKNOWN];
    }
    // Nothing, an empty text and an empty list are one to the SDK that both providers are built with: no change.
    return [name, prior && isEmpty(value) && isEmpty(before) ? before : value];
  });
  const nested = mapBlocks(block, proposed, (inner, value, index, name) =>
    fill(
      inner.block,
      `${path}${name}.`,
      {
        proposed: value,
        // The core itself has found the earlier element of a set and filled in what was computed there.
        prior:
          inner.nesting_mode === "set"
            ? elements(prior?.[name]).find((element) => equal(element, value, typeOf(inner.block)))
            : element(prior?.[name], index),
        config: inner.nesting_mode === "set" ? undefined : element(config?.[name], index),
      },
      defaults,
    ),
  );
  return Object.fromEntries([...attributes, ...nested]);
}

const elements = (value: Value | undefined): Attributes[] => (Array.isArray(value) ? value.filter(isAttributes) : []);

function element(holder: Value | undefined, index: number | string | undefined): Attributes | undefined {
  const value = Array.isArray(holder)
    ? holder[Number(index)]
    : isAttributes(holder) && typeof index === "string"
      ? holder[index]
      : holder;
  return isAttributes(value) ? value : undefined;
}

const isEmpty = (value: Value): boolean =>
  value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);

/** The paths whose change replaces the object. A type that cannot update is replaced by whatever can be configured. */
function replacing<Service>(type: ResourceType<Service>, block: Block): readonly string[] {
  if (type.update) return type.forceNew ?? [];
  const attributes = attributesOf(block).filter(([, schema]) => schema.required || schema.optional);
  return [...attributes.map(([name]) => name), ...blocksOf(block).map(([name]) => name)].filter(
    (name) => name !== TIMEOUTS,
  );
}

/** Where a dotted path differs between two objects, as the core addresses it: lists by index, a set as a whole; `block.#` is how many there are. */
function changes(block: Block, dotted: string, before: Attributes, after: Attributes): Path[] {
  const [name = "", ...rest] = dotted.split(".");
  const nested = block.block_types?.[name];
  const old = before[name] ?? null;
  const now = after[name] ?? null;
  const type = memberType(typeOf(block), name);
  if (!nested && !(block.attributes && name in block.attributes)) throw new Error(`the schema has no ${dotted}`);
  if (nested && rest[0] === "#") return count(old) === count(now) ? [] : [[name]];
  if (nested && rest.length > 0 && nested.nesting_mode === "list" && Array.isArray(old) && Array.isArray(now)) {
    return now.flatMap((item, index) => {
      const earlier = old[index] ?? null;
      if (!isAttributes(item) || !isAttributes(earlier)) return equal(item, earlier) ? [] : [[name]];
      return changes(nested.block, rest.join("."), earlier, item).map((path) => [name, index, ...path]);
    });
  }
  if (nested && rest.length > 0 && nested.nesting_mode === "single" && isAttributes(old) && isAttributes(now)) {
    return changes(nested.block, rest.join("."), old, now).map((path) => [name, ...path]);
  }
  const pick = (value: Value): Value =>
    rest.length > 0 && Array.isArray(value)
      ? value.map((item) => rest.reduce<Value>((at, step) => (isAttributes(at) ? (at[step] ?? null) : at), item))
      : value;
  return equal(pick(old), pick(now), type) ? [] : [[name]];
}

const count = (value: Value): number => (Array.isArray(value) ? value.length : 0);

/**
 * The first place where `actual` does not keep what `promised` says. What is unknown may become anything; `absent` says whether that
 * holds for what is not set, too. Only the place is told, as values may be secret.
 */
function difference(
  promised: Value,
  actual: Value,
  type: TypeExpression,
  absent: "open" | "nothing",
): string | undefined {
  if (promised === UNKNOWN || (isEmpty(promised) && (absent === "open" || isEmpty(actual)))) return undefined;
  if (isAttributes(promised) && isAttributes(actual) && typeof type !== "string" && type[0] === "object") {
    for (const [name, value] of Object.entries(promised)) {
      const place = difference(value, actual[name] ?? null, memberType(type, name), absent);
      if (place !== undefined) return place === "" ? name : `${name}.${place}`;
    }
    return undefined;
  }
  if (Array.isArray(promised) && Array.isArray(actual) && typeof type !== "string") {
    if (promised.length !== actual.length) return hasUnknown(promised) && type[0] === "set" ? undefined : "";
    if (type[0] === "set") {
      const lost = promised.some(
        (item) => !actual.some((other) => difference(item, other, type[1], absent) === undefined),
      );
      return lost ? "" : undefined;
    }
    for (const [index, value] of promised.entries()) {
      const place = difference(value, actual[index] ?? null, memberType(type, index), absent);
      if (place !== undefined) return place === "" ? `${index}` : `${index}.${place}`;
    }
    return undefined;
  }
  return hasUnknown(promised) || equal(promised, actual, type) ? undefined : "";
}

/**
 * What a service answered, in the words of what was there before where both say the same: an empty list stays the nothing that the
 * user wrote, and a `dynamic` value keeps the type it was given, another value in it too.
 */
function keepEquivalent(values: Attributes, before: Attributes, block: Block): Attributes {
  const attributes = attributesOf(block).map(([name, { type }]): [string, Value] => {
    const value = values[name] ?? null;
    const earlier = before[name] ?? null;
    const same = (isEmpty(value) && isEmpty(earlier)) || (type === "dynamic" && equal(value, earlier));
    return [name, same ? earlier : type === "dynamic" ? typedAs(value, earlier) : value];
  });
  const nested = mapBlocks(block, values, (inner, value, index, name) => {
    const earlier = inner.nesting_mode === "set" ? undefined : element(before[name], index);
    return earlier ? keepEquivalent(value, earlier, inner.block) : value;
  });
  return Object.fromEntries([...attributes, ...nested]);
}

/** How long Terraform may wait is between user and provider; no service hears of it. */
const TIMEOUTS = "timeouts";
const withoutTimeouts = ({ [TIMEOUTS]: _, ...rest }: Attributes): Attributes => rest;
const withTimeouts = (values: Attributes, from: Attributes): Attributes =>
  TIMEOUTS in values ? { ...values, [TIMEOUTS]: from[TIMEOUTS] ?? null } : values;

/** A state may hold nothing unknown, not even that of an object half made. */
function known(block: Block, values: Attributes): Attributes {
  const settle = (value: Value): Value => {
    if (value === UNKNOWN) return null;
    if (Array.isArray(value)) return value.map(settle);
    return isAttributes(value)
      ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, settle(member)]))
      : value;
  };
  return complete(block, settle(values) as Attributes);
}
