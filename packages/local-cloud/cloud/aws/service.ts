import type { CloudContext } from "../context";
import { ServiceError } from "../errors";
import type { Tags } from "./names";
import { enabledRegions } from "./regions";
import { type Row, Table, type TableRules, type Tagged } from "./table";

/** Quotas that AWS raises on request. */
export interface Quotas {
  /** Managed policies on one role or user. */
  attachedPolicies: number;
  /** Characters of a trust policy, white space aside. */
  trustPolicySize: number;
}

/** What all services know of their account. */
export interface AccountFacts {
  /** 12 digits. */
  id: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
  quotas: Quotas;
  /** Those that the account opted in to. */
  enabledRegions: string[];
}

/** Names of an account that nobody else in its partition may have. */
export interface TakenNames {
  readonly id: string;
  readonly partition: string;
  readonly alias: string | null;
  /** By name. */
  readonly buckets: Readonly<Record<string, unknown>>;
}

/** What an AWS account gets from the cloud. */
export interface AwsContext extends CloudContext {
  /** What the accounts beside this one call their buckets and themselves. */
  others(id: string): readonly TakenNames[];
}

/** What a service gets from its account. */
export interface AccountContext extends AwsContext {
  readonly account: Readonly<AccountFacts>;
  /** All services of the account: each enters itself, so that what it holds is part of what the account holds. */
  readonly services: Service[];
}

/** A service of one account: its tables, its names, its time, and the one way to change something. */
export abstract class Service {
  private readonly tables: Table<Row>[] = [];

  /** @param name as ARNs have it: `secretsmanager` */
  constructor(
    private readonly name: string,
    private readonly context: AccountContext,
  ) {
    context.services.push(this);
  }

  protected get account(): Readonly<AccountFacts> {
    return this.context.account;
  }

  /** A line for all there is, mostly its ARN: empty after a clean destroy. A service without a table has to say itself what it holds. */
  contents(): string[] {
    if (this.tables.length === 0)
      throw new Error(`${this.constructor.name} has no table and does not say what it holds`);
    return this.tables.flatMap((table) => table.contents());
  }

  /** A table of the account's state, by whose rules its rows are found, changed and listed. */
  protected table<Of extends Row>(rows: Record<string, Of>, rules: TableRules<Of>): Table<Of> {
    const table = new Table(rows, rules, (...request) => this.mutate(...request));
    this.tables.push(table as unknown as Table<Row>);
    return table;
  }

  /** `arn:aws:secretsmanager:eu-west-1:111122223333:secret:name` of `eu-west-1` and `secret:name`; IAM has no region. */
  protected arn(region: string, resource: string): string {
    return `arn:${this.account.partition}:${this.name}:${region}:${this.account.id}:${resource}`;
  }

  /** To the second, as AWS writes dates. */
  protected now(): string {
    return `${this.context.clock.now().toISOString().slice(0, 19)}Z`;
  }

  /** The other accounts of the partition, where names have to be unique in all of it. */
  protected others(): readonly TakenNames[] {
    const { id, partition } = this.account;
    return this.context.others(id).filter((other) => other.partition === partition);
  }

  /**
   * One request that changes something: `this.mutate("CreateSecret", arn, …)`. What the work throws is the refusal. No service of a region
   * knows the credentials of an account that has not enabled it (UnrecognizedClientException: landing-zone-accelerator-on-aws#269).
   *
   * @param region where it is sent @default - the one in the ARN that `target` begins with; without one the service has no regions
   */
  protected mutate<T>(operation: string, target: string, work: () => T, region = regionOf(target)): Promise<T> {
    return this.context.journal.mutate(`${this.name}:${operation}`, target, () => {
      if (region !== undefined && !enabledRegions(this.account).includes(region)) {
        const why = `The security token included in the request is invalid (${this.account.id} has not enabled ${region})`;
        throw new ServiceError("UnrecognizedClientException", why, 400);
      }
      return work();
    });
  }
}

const regionOf = (target: string): string | undefined => /^arn:[^:]+:[^:]+:([^:]+):/.exec(target)?.[1];

/** A service whose things have one key each: they are listed, found and tagged without a line of its own. */
export abstract class Collection<Of extends Tagged> extends Service {
  protected readonly items: Table<Of>;

  constructor(name: string, context: AccountContext, rows: Record<string, Of>, rules: TableRules<Of>) {
    super(name, context);
    this.items = this.table(rows, rules);
  }

  list(): readonly Readonly<Of>[] {
    return this.items.list();
  }

  find(key: string): Readonly<Of> | undefined {
    return this.items.find(key);
  }

  /** Refused as the service refuses it where there is none. */
  get(key: string): Readonly<Of> {
    return this.items.own(key);
  }

  tag(key: string, tags: Tags): Promise<void> {
    return this.items.tag(key, tags);
  }

  untag(key: string, keys: readonly string[]): Promise<void> {
    return this.items.untag(key, keys);
  }
}
