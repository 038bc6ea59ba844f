import type { Account } from "../cloud/aws/account";
import type { AwsEvent } from "../cloud/aws/event-delivery";
import {
  apiCall,
  assumedRole,
  consoleSignIn,
  globalRegion,
  type Identity,
  root,
  samlUser,
  user,
} from "../cloud/aws/happenings";
import type { Cloud } from "../cloud/cloud";
import type { ConfiguredAlarms } from "./configured";

/** Something that can happen in an account. */
export interface Occurrence {
  /** As a command names it: `root-sign-in`, `CreateUser`. Several have one name in several regions. */
  readonly name: string;
  /** What happens, in words. */
  readonly what: string;
  /** Whoever watches for one of a group watches for all of it; `ordinary`: nobody wants to hear of it. */
  readonly group: string;
  readonly event: AwsEvent;
}

const federated = assumedRole("Developer", "developer@contoso.com");
const somebody = assumedRole("Administrator", "admin@contoso.com");

/** Changes of the federation, and of who can enter beside it. */
const FEDERATION = [
  ...["CreateSAMLProvider", "UpdateSAMLProvider", "DeleteSAMLProvider", "UpdateAssumeRolePolicy"],
  ...["CreateUser", "CreateAccessKey", "CreateLoginProfile"],
];

/** Everything that the rehearsal lets happen, where the configuration names users and roles with those. */
export function occurrences(account: Account, alarms: ConfiguredAlarms): Occurrence[] {
  const { scene } = account;
  const home = globalRegion(scene.partition);
  // Where nobody watches, a service control policy may have closed a region; what has no region is always there.
  const regions = [...new Set([home, alarms.home, ...alarms.regions])];
  const signIn = (who: Identity, region?: string) => consoleSignIn(scene, who, region);
  const call = (who: Identity, service: string, name: string, region?: string, parameters?: unknown) =>
    apiCall(scene, who, { service, name, region, parameters });
  const one = (group: string, name: string, what: string, event: AwsEvent): Occurrence => ({
    group,
    name,
    what,
    event,
  });
  const each = (group: string, name: string, what: string, event: (region: string) => AwsEvent): Occurrence[] =>
    regions.map((region) => one(group, name, what, event(region)));
  return [
    one("root", "root-sign-in", "the root user signs in to the console", signIn(root)),
    ...each("root", "root-call", "the root user starts a machine", (region) =>
      call(root, "ec2", "RunInstances", region),
    ),
    ...each("root", "root-read", "the root user looks around", (region) =>
      call(root, "ec2", "DescribeInstances", region),
    ),
    ...FEDERATION.map((name) =>
      one("federation", name, `an administrator calls iam:${name}`, call(somebody, "iam", name)),
    ),
    ...each("federation", "user-sign-in", "an IAM user signs in to the console", (region) =>
      signIn(user("mallory"), region),
    ),
    ...alarms.users.flatMap((name) => {
      const key = user(name, "AKIAEXAMPLE000000000");
      return [
        ...each(name, "key-misuse", `the key of ${name} lists buckets`, (region) =>
          call(key, "s3", "ListBuckets", region),
        ),
        one(name, "key-CreateUser", `the key of ${name} makes a user`, call(key, "iam", "CreateUser")),
        one(name, "key-sign-in", `${name} signs in to the console`, signIn(user(name))),
        one("ordinary", "list-roles", `Entra lists the roles with the key of ${name}`, call(key, "iam", "ListRoles")),
      ];
    }),
    ...alarms.principals.flatMap((arn) => {
      const name = arn.slice(arn.indexOf("/") + 1);
      const group = arn;
      const who = arn.includes(":user/") ? user(name) : assumedRole(name, "emergency");
      const arrival = arn.includes(":user/")
        ? signIn(who)
        : call(stranger, "sts", "AssumeRole", undefined, { roleArn: arn, roleSessionName: "emergency" });
      return [
        one(group, "break-glass", `somebody enters as ${name}`, arrival),
        ...each(group, "break-glass-use", `${name} looks around`, (region) =>
          call(who, "ec2", "DescribeInstances", region),
        ),
      ];
    }),
    ...each("ordinary", "federated-sign-in", "a person arrives in the console by way of Entra", (region) =>
      signIn(federated, region),
    ),
    ...each("ordinary", "federated-role", "a person takes a role by way of Entra", (region) =>
      call(samlUser("developer@contoso.com", "MicrosoftEntraID"), "sts", "AssumeRoleWithSAML", region),
    ),
    ...each("ordinary", "federated-call", "such a person starts a machine", (region) =>
      call(federated, "ec2", "RunInstances", region),
    ),
  ];
}

/** A user of a security account. */
const stranger: Identity = () => ({
  type: "AWSAccount",
  principalId: "AIDAEXAMPLE1111111111",
  accountId: "999988887777",
});

/** What AWS Config says of a key that has become too old; nothing where it does not record. The clock of the cloud moves. */
export async function oldKey(cloud: Cloud, { accountId, keyAge }: ConfiguredAlarms): Promise<Occurrence[]> {
  const account = cloud.account(accountId);
  const { id } = await account.users.create({ name: "Svc-Rehearsed-Old-Key" });
  await account.users.createAccessKey("Svc-Rehearsed-Old-Key");
  return keyAge.flatMap(({ region, days }) => {
    cloud.clock.advance({ days: days + 1 });
    const event = account.config.evaluate(region).find(({ detail }) => detail.resourceId === id);
    const what = `an access key is more than ${days} days old`;
    return event ? [{ group: "key age", name: "old-key", what, event }] : [];
  });
}
