import type { Cloud } from "../../../local-cloud/cloud/cloud";
import type { User } from "../../../local-cloud/cloud/entra/state";
import { signInToAws } from "./aws";
import type { Circumstances } from "./circumstances";
import { type AppReference, signInToEntra } from "./entra";
import type { Method, Mfa } from "./methods";
import type { Session } from "./session";
import type { Step } from "./verdict";

export type { Circumstances } from "./circumstances";
export type { AppReference } from "./entra";
export type { Method, Mfa } from "./methods";
export type { Session } from "./session";
export type { Step } from "./verdict";

/** One attempt of a person to enter AWS. */
export interface SignIn {
  readonly app: AppReference;
  /** Object id, user principal name, the part of it before `@`, or display name. */
  readonly person: string;
  /** What the person shows beside the password. @default "none" */
  readonly mfa?: Mfa;
  /** How the person comes: client, network, device, risk. @default - a browser somewhere, with nothing known about it */
  readonly circumstances?: Circumstances;
  /** Sign-in endpoint of AWS, one of the reply URLs. @default - the application's default one */
  readonly endpoint?: string;
  /** ARN of the role to take. @default - every role that is offered, each with its own verdict */
  readonly role?: string;
  /** Actions to try in AWS: `s3:ListAllMyBuckets`. @default - none */
  readonly probes?: readonly string[];
}

/** What came of it. */
export interface Verdict {
  /** "in": at least one role can be taken. What nobody can tell is never a pass. */
  readonly outcome: "in" | "refused" | "cannot tell";
  /** Every link, in order, up to the one that broke. */
  readonly steps: readonly Step[];
  /** The first link that did not hold, when the person did not get in. */
  readonly broken?: Step;
  /** The roles that can be taken. */
  readonly sessions: readonly Session[];
  /** Second factors that Conditional Access accepts; absent where it asks for none. */
  readonly accepted?: readonly Method[];
  /** What Conditional Access makes of the session: "through Defender for Cloud Apps (monitorOnly)"; absent before it was asked. */
  readonly session?: readonly string[];
}

/** A person signs in through what is deployed, and nothing of it changes. */
export async function signIn(cloud: Cloud, request: SignIn): Promise<Verdict> {
  const { app, mfa = "none", circumstances = {}, endpoint, role, probes } = request;
  const { id: userId } = findPerson(cloud, app.tenantId, request.person);
  const entra = signInToEntra(cloud, { ...circumstances, ...app, userId, mfa, endpoint });
  const aws = entra.posted ? await signInToAws(cloud, { ...entra.posted, role, probes }) : { steps: [], sessions: [] };
  const steps = [...entra.steps, ...aws.steps];
  const { sessions } = aws;
  const { accepted, session } = entra;
  if (sessions.length > 0) return { outcome: "in", steps, sessions, accepted, session };
  const broken =
    steps.find(({ outcome }) => outcome === "cannot tell") ?? steps.find(({ outcome }) => outcome === "refused");
  const outcome = broken?.outcome === "refused" ? "refused" : "cannot tell";
  return { outcome, steps, broken, sessions, accepted, session };
}

/** The one user who is called so. */
export function findPerson(cloud: Cloud, tenantId: string, name: string): User {
  const wanted = name.toLowerCase();
  const users = cloud.tenant(tenantId).users.list();
  const by = (key: (user: User) => string | undefined) => users.filter((user) => key(user)?.toLowerCase() === wanted);
  const found = [
    by(({ id }) => id),
    by(({ userPrincipalName }) => userPrincipalName),
    by(({ userPrincipalName }) => userPrincipalName.split("@")[0]),
    by(({ displayName }) => displayName),
  ].find((matches) => matches.length > 0);
  const [user, ...others] = found ?? [];
  if (!user) throw new Error(`there is no user ${name} in tenant ${tenantId}`);
  if (others.length > 0) throw new Error(`several users are called ${name}; use the user principal name`);
  return user;
}
