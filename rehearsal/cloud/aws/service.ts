import type { Surroundings } from "../cloud";

/** What the parts of an account that are not IAM's need: names, time, and the one way to change something. */
export class Service {
  /** @param name as ARNs have it: `secretsmanager` */
  constructor(
    private readonly name: string,
    readonly account: { readonly id: string; readonly partition: string },
    private readonly surroundings: Surroundings,
  ) {}

  /** `arn:aws:secretsmanager:eu-west-1:111122223333:secret:name` of `eu-west-1` and `secret:name`. */
  arn(region: string, resource: string): string {
    return `arn:${this.account.partition}:${this.name}:${region}:${this.account.id}:${resource}`;
  }

  /** To the second, as AWS writes dates. */
  now(): string {
    return `${this.surroundings.clock.now().toISOString().slice(0, 19)}Z`;
  }

  /** One request that changes something: `service.mutate("CreateSecret", arn, …)`. What the work throws is the refusal. */
  mutate<T>(operation: string, target: string, work: () => T): Promise<T> {
    return this.surroundings.journal.mutate(`${this.name}:${operation}`, target, work);
  }
}
