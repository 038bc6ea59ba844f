import { IamAccessKey } from "@cdktf/provider-aws/lib/iam-access-key";
import type { IamUser } from "@cdktf/provider-aws/lib/iam-user";
import type { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { check } from "../check";

/**
 * The access keys of a service account, by names of your choice. IAM allows two at a time, so a rotation takes three deploys:
 * add the next as `standby`, swap the two names, drop the old one.
 */
export interface AccessKeyRing {
  /** The key that is in use. */
  readonly active: string;
  /**
   * The key before its first use, or after its last.
   * @default - no second key
   */
  readonly standby?: string;
}

/**
 * Days after which a key is due: CIS AWS Foundations Benchmark v3.0.0, 1.14.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-3
 */
export const MAX_KEY_AGE_DAYS = 90;

const MAX_KEY_AGE = `${MAX_KEY_AGE_DAYS * 24}h`;

/** When a key was made and is due, as Terraform tells it. */
export interface KeyAge {
  readonly active: boolean;
  readonly created: string;
  readonly rotate_by: string;
}

/** The ring of one IAM user. It is no construct of its own: the addresses of keys say whose they are. */
export class AccessKeys {
  /** The key that is in use. Id and secret are in Terraform's state. */
  readonly active: IamAccessKey;
  /** The keys by name. */
  readonly all: ReadonlyMap<string, IamAccessKey>;

  constructor(
    scope: Construct,
    readonly userName: string,
    user: IamUser,
    { active, standby }: AccessKeyRing,
  ) {
    check(scope, "accessKeys.standby", standby).must(
      active !== standby,
      "active has the same name; name the other key",
    );
    const key = (name: string): IamAccessKey => {
      check(scope, "accessKeys", name).matches(
        /^[a-z][a-z0-9_]*$/,
        "names are a lower-case letter, then letters, digits or '_'; rename it",
      );
      return new IamAccessKey(scope, name, {
        user: user.name,
        // Terraform destroys what left the configuration before it updates what used it; this turns the order round, so that
        // even a swap in one step leaves its user a working key. It must be in the state before the swap, hence from the first deploy.
        lifecycle: { createBeforeDestroy: true },
      });
    };
    this.active = key(active);
    const second = standby === undefined || standby === active ? [] : [[standby, key(standby)] as const];
    this.all = new Map([[active, this.active], ...second]);
  }

  /** Age of each key, for an output. */
  get ages(): Readonly<Record<string, KeyAge>> {
    return Object.fromEntries(
      [...this.all].map(([name, key]) => [
        name,
        { active: key === this.active, created: `\${${key.fqn}.create_date}`, rotate_by: `\${${dueOf(key)}}` },
      ]),
    );
  }
}

/** Has every plan and deploy of the stack warn of keys that are due. A failed `check` stops nothing. */
export function warnOfOldKeys(stack: TerraformStack, rings: readonly AccessKeys[]): void {
  const asserts = rings.flatMap(({ userName, all }) =>
    [...all].map(([name, key]) => ({
      condition: `\${timecmp(plantimestamp(), ${dueOf(key)}) < 0}`,
      error_message: `The access key ${name} of ${userName} is ${MAX_KEY_AGE_DAYS} days old or older. Rotate it: add the next as standby, swap the two, drop the old one.`,
    })),
  );
  if (asserts.length > 0) stack.addOverride("check.access_key_age", { assert: asserts });
}

function dueOf(key: IamAccessKey): string {
  return `timeadd(${key.fqn}.create_date, "${MAX_KEY_AGE}")`;
}
