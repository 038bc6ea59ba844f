import type { Account } from "../../local-cloud/cloud/aws/account";
import type { AwsEvent } from "../../local-cloud/cloud/aws/event-delivery";
import {
  type Arrival,
  apiCall,
  assumedRole,
  consoleAction,
  consoleSignIn,
  globalRegion,
  type Identity,
  root,
  samlUser,
  user,
} from "../../local-cloud/cloud/aws/happenings";
import type { Cloud } from "../../local-cloud/cloud/cloud";
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
/** The SAML provider that people come through. */
const PROVIDER = "MicrosoftEntraID";

/** Changes of the federation, and of who can enter beside it. */
const FEDERATION = [
  ...["CreateSAMLProvider", "UpdateSAMLProvider", "DeleteSAMLProvider"],
  ...["CreateOpenIDConnectProvider", "DeleteOpenIDConnectProvider", "AddClientIDToOpenIDConnectProvider"],
  ...["UpdateOpenIDConnectProviderThumbprint", "UpdateAssumeRolePolicy"],
  ...["CreateUser", "CreateAccessKey", "UpdateAccessKey", "CreateLoginProfile", "UpdateLoginProfile"],
  ...["CreateServiceSpecificCredential", "UpdateServiceSpecificCredential", "ResetServiceSpecificCredential"],
  ...["UploadSigningCertificate", "UpdateSigningCertificate", "UploadSSHPublicKey", "UpdateSSHPublicKey"],
  ...["EnableMFADevice", "DeactivateMFADevice"],
];

/** Everything that the rehearsal lets happen, where the configuration names users and roles with those. */
export function occurrences(account: Account, alarms: ConfiguredAlarms): Occurrence[] {
  const { scene } = account;
  const home = globalRegion(scene.partition);
  // Where nobody watches, a service control policy may have closed a region; what has no region is always there.
  const regions = [...new Set([home, alarms.home, ...alarms.regions])];
  const signIn = (who: Identity, arrival?: Arrival) => consoleSignIn(scene, who, arrival);
  const call = (who: Identity, service: string, name: string, region?: string, parameters?: unknown) =>
    apiCall(scene, who, { service, name, region, parameters });
  const newRole = (who: Identity, principal: object, action: string) =>
    call(who, "iam", "CreateRole", undefined, {
      roleName: "New",
      assumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: principal, Action: action }],
      }),
    });
  const provider = `arn:${scene.partition}:iam::${scene.id}:saml-provider/${PROVIDER}`;
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
    one("root", "root-refused", "somebody tries a password of the root user", signIn(root, { failed: true })),
    one(
      "root",
      "root-console-action",
      "the root user changes the account's address",
      consoleAction(scene, root, "billingconsole", "SetContactAddress"),
    ),
    ...each("root", "root-call", "the root user starts a machine", (region) =>
      call(root, "ec2", "RunInstances", region),
    ),
    ...each("root", "root-read", "the root user looks around", (region) =>
      call(root, "ec2", "DescribeInstances", region),
    ),
    ...FEDERATION.map((name) =>
      one("federation", name, `an administrator calls iam:${name}`, call(somebody, "iam", name)),
    ),
    one(
      "federation",
      "CreateRole",
      "an administrator makes a role for another account",
      newRole(somebody, { AWS: `arn:${scene.partition}:iam::999988887777:root` }, "sts:AssumeRole"),
    ),
    one(
      "federation",
      "EnableRegion",
      "an administrator enables a region",
      call(somebody, "account", "EnableRegion", undefined, { RegionName: "af-south-1" }),
    ),
    ...each("federation", "user-sign-in", "an IAM user signs in to the console", (region) =>
      signIn(user("mallory"), { region }),
    ),
    ...each("federation", "user-refused", "somebody tries a password of an IAM user", (region) =>
      signIn(user("mallory"), { region, failed: true }),
    ),
    ...each("federation", "role-sign-in", "somebody takes credentials of a role to the console", (region) =>
      signIn(assumedRole("Ci", "build"), { region }),
    ),
    ...each("federation", "role-switch", "somebody of another account switches to a role", (region) =>
      signIn(assumedRole("Helpdesk", "mallory"), { region, by: "SwitchRole" }),
    ),
    ...alarms.users.flatMap((name) => {
      const key = user(name, "AKIAEXAMPLE000000000");
      return [
        ...each(name, "key-misuse", `the key of ${name} lists buckets`, (region) =>
          call(key, "s3", "ListBuckets", region),
        ),
        one(name, "key-CreateUser", `the key of ${name} makes a user`, call(key, "iam", "CreateUser")),
        one(name, "key-sign-in", `${name} signs in to the console`, signIn(user(name))),
        one(name, "key-refused", `somebody tries a password of ${name}`, signIn(user(name), { failed: true })),
        one(
          name,
          "key-console-action",
          `${name} changes the account's address`,
          consoleAction(scene, user(name), "billingconsole", "SetContactAddress"),
        ),
        // The user of role import is a service account by its name; break-glass is none, and has no roles to list.
        one(
          name.startsWith("Svc-") ? "ordinary" : name,
          "list-roles",
          `the roles are listed with the key of ${name}, as Entra does`,
          call(key, "iam", "ListRoles"),
        ),
      ];
    }),
    ...alarms.roles.flatMap((arn) => {
      const name = arn.slice(arn.indexOf("/") + 1);
      const who = assumedRole(name, "emergency");
      const assume = { service: "sts", name: "AssumeRole", parameters: { roleArn: arn, roleSessionName: "emergency" } };
      return [
        one(arn, "break-glass", `somebody enters as ${name}`, apiCall(scene, unknownIdentity, assume)),
        one(
          arn,
          "break-glass-refused",
          `somebody may not enter as ${name}`,
          apiCall(scene, unknownIdentity, { ...assume, errorCode: "AccessDenied" }),
        ),
        ...each(arn, "break-glass-switch", `somebody switches to ${name} in the console`, (region) =>
          signIn(who, { region, by: "SwitchRole" }),
        ),
        ...each(arn, "break-glass-use", `${name} looks around`, (region) =>
          call(who, "ec2", "DescribeInstances", region),
        ),
      ];
    }),
    ...each("ordinary", "federated-sign-in", "a person arrives in the console by way of Entra", (region) =>
      signIn(federated, { region, provider: PROVIDER }),
    ),
    ...each("ordinary", "federated-role", "a person takes a role by way of Entra", (region) =>
      call(samlUser("developer@contoso.com", PROVIDER), "sts", "AssumeRoleWithSAML", region),
    ),
    ...each("ordinary", "federated-call", "such a person starts a machine", (region) =>
      call(federated, "ec2", "RunInstances", region),
    ),
    one(
      "ordinary",
      "service-role",
      "such a person makes a role for a service",
      newRole(federated, { Service: "lambda.amazonaws.com" }, "sts:AssumeRole"),
    ),
    one(
      "ordinary",
      "federated-role-made",
      "a deploy makes another role for people from Entra",
      newRole(assumedRole("entra-aws-federation-deploy", "deploy"), { Federated: provider }, "sts:AssumeRoleWithSAML"),
    ),
  ];
}

/** A user of a security account. */
const unknownIdentity: Identity = () => ({
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
