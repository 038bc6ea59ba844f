import type { AwsEvent } from "./event-delivery";

// What CloudTrail writes of things that happen, and in which region:
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html

/** The account in which something happens, and when. */
export interface EventContext {
  readonly id: string;
  readonly partition: string;
  readonly now: string;
}

/** Who does it, as `userIdentity` says it. */
export type Identity = (scene: EventContext) => Readonly<Record<string, unknown>>;

// Assumption aws-global-region, never checked: What belongs to no region is recorded in us-gov-west-1 in GovCloud and in cn-north-1 in
// China; no public page says so, and a baseline there has to watch every region.
/**
 * Where a partition records what belongs to no region: root's console sign-ins ("CloudTrail records the event in us-east-1"), and
 * calls of IAM, Organizations and the global endpoint of STS.
 */
export const globalRegion = (partition: string): string =>
  ({ "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1" })[partition] ?? "us-east-1";

const GLOBAL_SERVICES = ["iam", "organizations", "account", "cloudfront", "route53"];

export const root: Identity = ({ id, partition }) => ({
  type: "Root",
  principalId: id,
  arn: `arn:${partition}:iam::${id}:root`,
  accountId: id,
});

/** An IAM user. @param accessKeyId of the key the request is signed with. @default - none: a console sign-in */
export const user =
  (name: string, accessKeyId?: string): Identity =>
  ({ id, partition }) => ({
    type: "IAMUser",
    principalId: "AIDAEXAMPLE0000000000",
    arn: `arn:${partition}:iam::${id}:user/${name}`,
    accountId: id,
    userName: name,
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
  });

/** A session of a role. @param role with its path: `Administrator` or `break-glass/Admin` */
export const assumedRole =
  (role: string, session: string): Identity =>
  ({ id, partition }) => {
    const name = role.slice(role.lastIndexOf("/") + 1);
    return {
      type: "AssumedRole",
      principalId: `AROAEXAMPLE0000000000:${session}`,
      arn: `arn:${partition}:sts::${id}:assumed-role/${name}/${session}`,
      accountId: id,
      sessionContext: {
        sessionIssuer: {
          type: "Role",
          principalId: "AROAEXAMPLE0000000000",
          arn: `arn:${partition}:iam::${id}:role/${role}`,
          accountId: id,
          userName: name,
        },
      },
    };
  };

/** A person who comes with a SAML assertion and has no session yet. */
export const samlUser =
  (name: string, provider: string): Identity =>
  ({ id, partition }) => ({
    type: "SAMLUser",
    principalId: `${name}:${name}`,
    userName: name,
    identityProvider: `arn:${partition}:iam::${id}:saml-provider/${provider}`,
  });

/** How somebody arrives in the console. */
export interface Arrival {
  /** Of the sign-in endpoint; root's is always recorded in the partition's own. */
  readonly region?: string;
  /** `SwitchRole`: from a session that is in the console already. @default "ConsoleLogin" */
  readonly by?: "ConsoleLogin" | "SwitchRole";
  /** AWS refused it. */
  readonly failed?: boolean;
  /** Name of the SAML provider that vouches for a person. */
  readonly provider?: string;
}

// Assumption aws-saml-sign-in, never checked: A console sign-in with a SAML assertion names its provider in SamlProviderArn, and no other
// does: published events have it so, no page of AWS says it.
/** Somebody arrives in the console, or tries to. */
export function consoleSignIn(scene: EventContext, who: Identity, arrival: Arrival = {}): AwsEvent {
  const { region = globalRegion(scene.partition), by = "ConsoleLogin", failed = false, provider } = arrival;
  // A role arrives without its issuer, and an IAM user who fails is known by name alone.
  const { sessionContext: _, arn, ...identity } = who(scene);
  const known = failed && identity.type === "IAMUser" ? identity : { ...identity, arn };
  const saml = provider && { SamlProviderArn: `arn:${scene.partition}:iam::${scene.id}:saml-provider/${provider}` };
  return event(scene, "aws.signin", "AWS Console Sign In via CloudTrail", {
    region: identity.type === "Root" ? globalRegion(scene.partition) : region,
    detail: {
      eventSource: "signin.amazonaws.com",
      eventName: by,
      eventType: "AwsConsoleSignIn",
      userIdentity: known,
      responseElements: { [by]: failed ? "Failure" : "Success" },
      additionalEventData: { MFAUsed: "No", MobileVersion: "No", ...saml },
      readOnly: false,
    },
  });
}

// Assumption aws-event-caller, never checked: What is done in the console without a call names who did it as a call does, and a new role has
// its trust policy in the event as it was sent.
/** Something done in the console without a call: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/logging-using-cloudtrail.html */
export function consoleAction(scene: EventContext, who: Identity, service: string, name: string): AwsEvent {
  return event(scene, `aws.${service}`, "AWS Console Action via CloudTrail", {
    region: globalRegion(scene.partition),
    detail: {
      eventSource: `${service}.amazonaws.com`,
      eventName: name,
      eventType: "AwsConsoleAction",
      userIdentity: who(scene),
      readOnly: onlyReads(name),
    },
  });
}

/**
 * Whether CloudTrail says of a call that it only reads. Three of STS are not what their names say: two that get a token make one, and
 * AssumeRole changes nothing.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
 */
const onlyReads = (name: string): boolean =>
  /^(Describe|Get|List|AssumeRole)/.test(name) && !["GetFederationToken", "GetSessionToken"].includes(name);

/** A request to a service. @param region where it goes; a service without regions is recorded in the partition's own */
export function apiCall(
  scene: EventContext,
  who: Identity,
  call: { service: string; name: string; region?: string; parameters?: unknown; errorCode?: string },
): AwsEvent {
  const { service, name, parameters = null, errorCode } = call;
  const home = globalRegion(scene.partition);
  return event(scene, `aws.${service}`, "AWS API Call via CloudTrail", {
    region: GLOBAL_SERVICES.includes(service) ? home : (call.region ?? home),
    detail: {
      eventSource: `${service}.amazonaws.com`,
      eventName: name,
      eventType: "AwsApiCall",
      userIdentity: who(scene),
      requestParameters: parameters,
      responseElements: null,
      readOnly: onlyReads(name),
      ...(errorCode === undefined ? {} : { errorCode }),
    },
  });
}

function event(
  { id, now }: EventContext,
  source: string,
  type: string,
  { region, detail }: { region: string; detail: Readonly<Record<string, unknown>> },
): AwsEvent {
  return {
    source,
    "detail-type": type,
    account: id,
    time: now,
    region,
    resources: [],
    detail: {
      eventVersion: "1.11",
      eventTime: now,
      awsRegion: region,
      sourceIPAddress: "192.0.2.1",
      eventCategory: "Management",
      managementEvent: true,
      recipientAccountId: id,
      ...detail,
    },
  };
}
