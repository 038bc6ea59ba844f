import type { ServiceError } from "../errors";
import { type Tags, withoutTags, withTags } from "./names";

/** One thing that a service keeps. */
export interface Row {
  arn: string;
}
export type Tagged = Row & { tags: Tags };

/** What is particular to the things of one table. */
export interface TableRules<Of> {
  /** The answer to a key that is not there. */
  notFound(key: string): ServiceError;
  /** Whether a row is there for whoever lists the table; one that waits for its deletion is not. @default - every row */
  lives?(row: Readonly<Of>): boolean;
  /** Refuses a change of a row that is there. @default - every row can be changed */
  checkChange?(row: Readonly<Of>): void;
  /** What the journal calls the row of a key. @default - the key */
  target?(key: string): string;
  /** Comes before each change, at the time of the change. */
  before?(): void;
  /** How the service calls the requests that set and remove tags. @default TagResource, UntagResource */
  tagging?: readonly [tag: string, untag: string];
  /** Lines for one row in the account's contents. @default - its ARN */
  lines?(row: Readonly<Of>): string[];
}

/** Things of one kind that a service keeps by key: the one place where they are listed, found, changed and tagged. */
export class Table<Of extends Row> {
  constructor(
    readonly rows: Record<string, Of>,
    private readonly rules: TableRules<Of>,
    private readonly mutate: <T>(operation: string, target: string, work: () => T) => Promise<T>,
  ) {}

  list(): readonly Readonly<Of>[] {
    const all = Object.values(this.rows);
    return this.rules.lives ? all.filter(this.rules.lives) : all;
  }

  /** A row that lives. */
  find(key: string): Readonly<Of> | undefined {
    const row = this.rows[key];
    return row && (this.rules.lives?.(row) ?? true) ? row : undefined;
  }

  /** The row of a key, or the service's answer that there is none. */
  own(key: string): Of {
    const row = this.rows[key];
    if (!row) throw this.rules.notFound(key);
    return row;
  }

  // Assumption aws-no-propagation, never checked: A change counts at once for every later request; IAM itself may take seconds.
  /** One request that changes a row; refused where there is none. */
  change<T>(operation: string, key: string, work: (row: Of) => T): Promise<T> {
    return this.mutate(operation, this.rules.target?.(key) ?? key, () => {
      this.rules.before?.();
      const row = this.own(key);
      this.rules.checkChange?.(row);
      return work(row);
    });
  }

  remove(operation: string, key: string): Promise<void> {
    return this.change(operation, key, () => {
      delete this.rows[key];
    });
  }

  tag(this: Table<Tagged>, key: string, tags: Tags): Promise<void> {
    return this.change(this.rules.tagging?.[0] ?? "TagResource", key, (row) => {
      row.tags = withTags(row.tags, tags);
    });
  }

  untag(this: Table<Tagged>, key: string, keys: readonly string[]): Promise<void> {
    return this.change(this.rules.tagging?.[1] ?? "UntagResource", key, (row) => {
      row.tags = withoutTags(row.tags, keys);
    });
  }

  contents(): string[] {
    return this.list().flatMap((row) => this.rules.lines?.(row) ?? [row.arn]);
  }
}
