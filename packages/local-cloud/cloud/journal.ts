import { InjectedFault } from "./errors";

/** One thing that changed (or tried to change) a cloud. */
export interface Mutation {
  /** Counts from 1 over the life of the journal. */
  readonly number: number;
  /** The operation in the service's words: `iam:CreateRole`, `POST /groups`. */
  readonly operation: string;
  /** What it was done to, readable: `arn:aws:iam::…:role/Developer`, `group AWS-Account1-Developers`. */
  readonly target: string;
  readonly outcome: "done" | "refused" | "failed before" | "failed after";
}

/** Breaks one coming mutation, before it is carried out or after (done, answer lost). */
export interface Fault {
  readonly when: "before" | "after";
  /** Which mutation: of those that match, the n-th from now, counted from 1. */
  readonly nth: number;
  /** @default - every mutation matches */
  readonly matches?: (operation: string, target: string) => boolean;
}

/** Every mutating operation of both clouds passes through here once: the one place that counts them and that can break one. */
export class Journal {
  readonly mutations: Mutation[] = [];
  /** Called after every mutation that was carried out: what must hold at every moment is looked at here. @default - nobody looks */
  watcher: ((mutation: Mutation) => void) | undefined;
  private fault: Fault | undefined;
  private seen = 0;

  constructor(private readonly changed: () => void) {}

  /** Breaks one coming mutation; counting starts anew at the next one. `undefined` breaks none. */
  inject(fault: Fault | undefined): void {
    this.fault = fault;
    this.seen = 0;
  }

  async mutate<T>(operation: string, target: string, work: () => T | Promise<T>): Promise<T> {
    const fault = this.due(operation, target);
    const record = (outcome: Mutation["outcome"]) =>
      this.mutations.push({ number: this.mutations.length + 1, operation, target, outcome });
    if (fault?.when === "before") {
      record("failed before");
      throw new InjectedFault(operation, "before");
    }
    let result: T;
    try {
      result = await work();
    } catch (error) {
      record("refused");
      throw error;
    }
    this.changed();
    record(fault ? "failed after" : "done");
    this.watcher?.(this.mutations.at(-1) as Mutation);
    if (fault) throw new InjectedFault(operation, "after");
    return result;
  }

  private due(operation: string, target: string): Fault | undefined {
    const { fault } = this;
    if (!fault || fault.matches?.(operation, target) === false) return undefined;
    this.seen += 1;
    return this.seen === fault.nth ? fault : undefined;
  }
}
