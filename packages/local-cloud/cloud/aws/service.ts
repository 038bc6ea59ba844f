import type { AwsSurroundings } from "../cloud";
import { ServiceError } from "../errors";
import type { AccountState } from "./account";
import { enabledRegions } from "./regions";

/** What the parts of an account that are not IAM's need: names, time, and the one way to change something. */
export class Service {
  /** @param name as ARNs have it: `secretsmanager` */
  constructor(
    private readonly name: string,
    readonly account: Readonly<Pick<AccountState, "id" | "partition" | "enabledRegions">>,
    private readonly surroundings: AwsSurroundings,
  ) {}

  /** `arn:aws:secretsmanager:eu-west-1:111122223333:secret:name` of `eu-west-1` and `secret:name`. */
  arn(region: string, resource: string): string {
    return `arn:${this.account.partition}:${this.name}:${region}:${this.account.id}:${resource}`;
  }

  /** To the second, as AWS writes dates. */
  now(): string {
    return `${this.surroundings.clock.now().toISOString().slice(0, 19)}Z`;
  }

  /** The other accounts of the partition, where names have to be unique in all of it. */
  others(): readonly AccountState[] {
    const { id, partition } = this.account;
    return this.surroundings.others(id).filter((other) => other.partition === partition);
  }

  /**
   * One request that changes something: `service.mutate("CreateSecret", arn, …)`. What the work throws is the refusal. No service of a region
   * knows the credentials of an account that has not enabled it (UnrecognizedClientException: landing-zone-accelerator-on-aws#269).
   *
   * @param region where it is sent @default - the one in the ARN that `target` begins with; without one the service has no regions
   */
  mutate<T>(operation: string, target: string, work: () => T, region = regionOf(target)): Promise<T> {
    return this.surroundings.journal.mutate(`${this.name}:${operation}`, target, () => {
      if (region !== undefined && !enabledRegions(this.account).includes(region)) {
        const why = `The security token included in the request is invalid (${this.account.id} has not enabled ${region})`;
        throw new ServiceError("UnrecognizedClientException", why, 400);
      }
      return work();
    });
  }
}

const regionOf = (target: string): string | undefined => /^arn:[^:]+:[^:]+:([^:]+):/.exec(target)?.[1];
