import { randomInt } from "node:crypto";
import type { AwsSurroundings } from "../cloud";
import type { AccountState } from "./account";

/** What every part of an account needs: its state, its names, its time, and the one way to change something. */
export class Iam {
  constructor(
    readonly state: AccountState,
    private readonly surroundings: AwsSurroundings,
  ) {}

  /** `arn:aws:iam::111122223333:role/Developer` of `role/Developer`. */
  arn(resource: string): string {
    return `arn:${this.state.partition}:iam::${this.state.id}:${resource}`;
  }

  /** IAM keeps dates to the second. */
  now(): string {
    return `${this.surroundings.clock.now().toISOString().slice(0, 19)}Z`;
  }

  /** The other accounts of the partition, where names have to be unique in all of it. */
  others(): readonly AccountState[] {
    return this.surroundings.others(this.state.id).filter(({ partition }) => partition === this.state.partition);
  }

  /** One request that changes something: `iam.mutate("CreateRole", arn, …)`. What the work throws is the refusal. */
  mutate<T>(operation: string, target: string, work: () => T): Promise<T> {
    return this.surroundings.journal.mutate(`iam:${operation}`, target, work);
  }
}

const ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * A unique id: `AROA…` for a role, `AIDA…` user, `ANPA…` managed policy, `AKIA…` access key
 * (IAM User Guide, "IAM identifiers", reference_identifiers, "Understanding unique ID prefixes").
 */
export function uniqueId(prefix: "AROA" | "AIDA" | "ANPA" | "AKIA"): string {
  const length = prefix === "AKIA" ? 16 : 17;
  return prefix + Array.from({ length }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join("");
}
