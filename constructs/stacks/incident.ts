import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { type PolicyDocument, policyText } from "../aws/trust-policy";
import { check, isGuid } from "../check";
import type { RoleSessionName } from "../claims";

/**
 * Sessions that AWS refuses while an incident lasts. It stands in the account file, so it is reviewed, every deploy keeps it, and it
 * ends with the review that takes it out. It reaches every federated role of the account, and no other: not the role that deploys,
 * not the break-glass role or user.
 *
 * It works on sessions that are already open, which Entra cannot end: disable the person in Entra as well, or they sign in again. Everyone and
 * all sessions together shut the whole way in: nobody signs in to the account's application either, until the line says otherwise.
 */
export interface Incident {
  /**
   * Everyone who entered with Microsoft Entra ID, or people by the name of their session: what `claims.roleSessionName` sends, by default
   * the user principal name, in the very letters that Entra sends it (CloudTrail shows them in `userIdentity.arn`).
   */
  readonly who: "everyone" | { readonly people: readonly string[] };
  /**
   * `all`: these people do nothing with these roles until the incident is over, however often they sign in. `issuedBefore`: sessions
   * that began before this moment, in UTC, as `2026-11-25T14:00:00Z`; who signs in after it can work again, so it opens the way in.
   */
  readonly sessions: "all" | { readonly issuedBefore: string };
}

/**
 * Whether nobody may sign in to the account's application: everyone's sessions are refused, also those that begin now.
 * @see https://learn.microsoft.com/entra/identity/enterprise-apps/disable-user-sign-in-portal
 */
export function closesApplication({ who, sessions }: Incident): boolean {
  return who === "everyone" && sessions === "all";
}

/** Name of the inline policy that an incident puts into every federated role. */
export const INCIDENT_POLICY = "Incident";

/** Characters that the inline policies of a role may have together. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const INLINE_CHARACTERS = 10_240;

/**
 * Denies everything to the sessions of an incident, as the button "Revoke active sessions" of the console does it. A condition with two
 * keys holds when both do: a person's sessions that are older than the moment.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (aws:userid of a role session is `role id:session name`)
 */
export function incidentPolicy({ who, sessions }: Incident): PolicyDocument {
  const condition = {
    ...(sessions === "all" ? {} : { DateLessThan: { "aws:TokenIssueTime": sessions.issuedBefore } }),
    ...(who === "everyone" ? {} : { StringLike: { "aws:userid": who.people.map((person) => `*:${person}`) } }),
  };
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Incident",
        Effect: "Deny",
        Action: "*",
        Resource: "*",
        ...(Object.keys(condition).length > 0 ? { Condition: condition } : {}),
      },
    ],
  };
}

/** What a session can be called, in words and as a test, for each way to name it. */
const SESSION_NAMES: Readonly<Record<RoleSessionName, readonly [form: string, fits: (name: string) => boolean]>> = {
  userPrincipalName: ["the user principal name, name@domain", isPrincipalName],
  objectId: ["the user's object ID", isGuid],
  // Cut to 64 characters, which may take the domain away.
  cleanedUserPrincipalName: [
    "the user principal name, name@domain",
    (name) => isPrincipalName(name) || name.length === 64,
  ],
};

function isPrincipalName(name: string): boolean {
  return /^[^@]+@[^@]+$/.test(name);
}

/** Reports an incident that AWS would refuse or that would reach nobody, and reminds of one that is on. */
export function checkIncident(scope: Construct, incident: Incident, sessionName: RoleSessionName): void {
  const { who, sessions } = incident;
  const people = who === "everyone" ? [] : who.people;
  if (sessions !== "all") {
    check(scope, "incident.sessions.issuedBefore", sessions.issuedBefore).must(
      isMoment(sessions.issuedBefore),
      "IAM takes a moment of the calendar in UTC; write it like 2026-11-25T14:00:00Z",
    );
  }
  check(scope, "incident.who.people", people).must(
    who === "everyone" || people.length > 0,
    "it would reach nobody; name the sessions, or take the incident out",
  );
  people.forEach((person, index) => {
    const legal = /^[\w+=,.@-]{2,64}$/.test(person);
    check(scope, `incident.who.people[${index}]`, person).must(
      legal,
      "AWS has session names of 2 to 64 of A-Z a-z 0-9 _ + = , . @ -; copy it from userIdentity.arn in CloudTrail",
    );
    const [form, fits] = SESSION_NAMES[sessionName];
    check(scope, `incident.who.people[${index}]`, person).must(
      !legal || fits(person),
      `sessions of this account are named by ${form} (claims.roleSessionName), so it would reach nobody; copy the name from userIdentity.arn in CloudTrail`,
    );
  });
  const { length } = policyText(incidentPolicy(incident));
  check(scope, "incident policy length", length).must(
    length <= INLINE_CHARACTERS,
    `IAM takes ${INLINE_CHARACTERS} characters of inline policies in a role; choose who: "everyone"`,
  );
  check(
    scope,
    "incident",
    `${who === "everyone" ? "everyone" : people.join(", ")}, ${sessions === "all" ? "all sessions" : `sessions issued before ${sessions.issuedBefore}`}`,
  ).should(
    false,
    `AWS refuses these sessions in every federated role${closesApplication(incident) ? ", and nobody signs in to the application" : ""}; take it out of the account file when the incident is over`,
  );
}

/**
 * Has every plan and deploy say how many of the names are users of the tenant, if some are not: a name in other letters reaches nobody. The
 * users are read within the check, so that what goes wrong there, such as a missing permission, is a warning and never keeps an incident
 * from being deployed. Cleaned names cannot be looked up.
 * @see https://developer.hashicorp.com/terraform/language/block/check#data
 */
export function tellWhoIsKnown(scope: Construct, { who }: Incident, sessionName: RoleSessionName): void {
  const look = LOOK_UPS[sessionName];
  const people = who === "everyone" ? [] : who.people.filter(SESSION_NAMES[sessionName][1]);
  if (!look || people.length === 0) return;
  const names = JSON.stringify(people);
  const missing = `setsubtract(${names}, data.azuread_users.incident_people.${look})`;
  TerraformStack.of(scope).addOverride("check.incident_people", {
    data: { azuread_users: { incident_people: { [look]: people, ignore_missing: true } } },
    assert: [
      {
        condition: `\${length(${missing}) == 0}`,
        error_message:
          `The incident reaches \${${people.length} - length(${missing})} of ${people.length} people that it names. No user of this tenant is called, ` +
          `letter by letter, \${join(", ", ${missing})}: copy the name from userIdentity.arn in CloudTrail. Somebody deleted meanwhile is ` +
          "not found either, and is reached all the same.",
      },
    ],
  });
}

/** Where the provider takes names and gives back those that it found, in the letters that Entra sends. */
const LOOK_UPS: Readonly<Partial<Record<RoleSessionName, string>>> = {
  userPrincipalName: "user_principal_names",
  objectId: "object_ids",
};

function isMoment(text: string): boolean {
  const date = new Date(text);
  return (
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) &&
    !Number.isNaN(date.getTime()) &&
    date.toISOString() === text.replace("Z", ".000Z")
  );
}
