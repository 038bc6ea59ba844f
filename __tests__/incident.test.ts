import type { Incident } from "../constructs/stacks/incident";
import { accessReview } from "./support/access";
import { unknownActions } from "./support/iam-actions";
import { blocksOf } from "./support/stack-json";
import { type AccountChanges, at, synthAccount } from "./support/synth";

const MOMENT = "2026-11-25T14:00:00Z";
const everyone: Incident = { who: "everyone", sessions: { issuedBefore: MOMENT } };
const shut: Incident = { who: "everyone", sessions: "all" };
const jane: Incident = { who: { people: ["jane@fabrikam.example"] }, sessions: "all" };
const roles = {
  Administrator: { policies: ["AdministratorAccess"] },
  Developer: { inlinePolicies: { Logs: { Version: "2012-10-17", Statement: [] } } },
} as const;
const during = (incident: Incident, changes: AccountChanges = {}) => synthAccount({ roles, ...changes, incident });
const policyOf = (incident: Incident) =>
  JSON.parse(String(at(during(incident).json, "aws_iam_role_policy.administrator_inline_incident")["policy"])) as {
    Statement: unknown[];
  };

describe("the incident switch", () => {
  test("denies everything to sessions that were issued before the moment", () => {
    expect(policyOf(everyone).Statement).toEqual([
      {
        Sid: "Incident",
        Effect: "Deny",
        Action: "*",
        Resource: "*",
        Condition: { DateLessThan: { "aws:TokenIssueTime": MOMENT } },
      },
    ]);
  });

  test("reaches a person by the name of the session, whichever role it is of", () => {
    expect(policyOf(jane).Statement).toMatchObject([
      { Condition: { StringLike: { "aws:userid": ["*:jane@fabrikam.example"] } } },
    ]);
    expect(policyOf({ ...jane, sessions: { issuedBefore: MOMENT } }).Statement).toMatchObject([
      {
        Condition: {
          StringLike: { "aws:userid": ["*:jane@fabrikam.example"] },
          DateLessThan: { "aws:TokenIssueTime": MOMENT },
        },
      },
    ]);
  });

  test("can close the account to all who enter with Entra", () => {
    expect(policyOf(shut).Statement).toEqual([{ Sid: "Incident", Effect: "Deny", Action: "*", Resource: "*" }]);
  });

  test("keeps the application closed while everyone is out, through every deploy, and opens it for who may sign in", () => {
    const enabled = (changes: AccountChanges) =>
      at(synthAccount(changes).json, "azuread_service_principal.enterprise_app")["account_enabled"];
    expect(enabled({ roles, incident: shut })).toBe(false);
    // The provider's default is true, so what stands nowhere is turned on.
    for (const incident of [everyone, jane, undefined]) expect(enabled({ roles, incident })).toBeUndefined();
    expect(accessReview(during(shut).json)).toContain(
      'application "AWS Fabrikam Payments 210987654321": for nobody, sign-in is turned off;',
    );
  });

  test("is in every federated role, and in the list that keeps a deploy from taking it out", () => {
    const { json, errors } = during(everyone);
    expect(errors).toEqual([]);
    expect(at(json, "aws_iam_role_policies_exclusive.administrator")["policy_names"]).toEqual([
      "${aws_iam_role_policy.administrator_inline_incident.name}",
    ]);
    expect(at(json, "aws_iam_role_policies_exclusive.developer")["policy_names"]).toEqual([
      "${aws_iam_role_policy.developer_inline_logs.name}",
      "${aws_iam_role_policy.developer_inline_incident.name}",
    ]);
  });

  test("changes nothing but the roles' inline policies, and names actions that IAM knows", async () => {
    const rest = (changes: AccountChanges) =>
      blocksOf(synthAccount(changes).json).filter(({ type }) => !/^aws_iam_role_polic(y|ies_exclusive)$/.test(type));
    expect(rest({ roles, incident: everyone })).toEqual(rest({ roles }));
    expect(await unknownActions(during(everyone).json)).toEqual([]);
  });

  test("is absent without an incident", () => {
    expect(JSON.stringify(synthAccount({ roles }).json)).not.toContain("Incident");
  });

  test("is never forgotten: every synth warns of it", () => {
    expect(during(everyone).warnings).toEqual([
      "[aws-payments] incident is 'everyone, sessions issued before 2026-11-25T14:00:00Z', AWS refuses these sessions in every federated role; take it out of the account file when the incident is over",
    ]);
    expect(during(shut).warnings).toEqual([
      "[aws-payments] incident is 'everyone, all sessions', AWS refuses these sessions in every federated role, and nobody signs in to the application; take it out of the account file when the incident is over",
    ]);
    expect(during(jane).warnings).toEqual([
      "[aws-payments] incident is 'jane@fabrikam.example, all sessions', AWS refuses these sessions in every federated role; take it out of the account file when the incident is over",
    ]);
  });
});

describe("an incident is refused with", () => {
  const moment = (issuedBefore: string): Incident => ({ who: "everyone", sessions: { issuedBefore } });
  const people = (...names: string[]): Incident => ({ who: { people: names }, sessions: "all" });
  const badMoment = (text: string) =>
    `[aws-payments] incident.sessions.issuedBefore is '${text}', IAM takes a moment of the calendar in UTC; write it like 2026-11-25T14:00:00Z`;

  test.each<[string, Incident, string[]]>([
    ["a day alone", moment("2026-11-25"), [badMoment("2026-11-25")]],
    ["a day that is in no calendar", moment("2026-02-30T14:00:00Z"), [badMoment("2026-02-30T14:00:00Z")]],
    ["an hour that is in no day", moment("2026-11-25T24:30:00Z"), [badMoment("2026-11-25T24:30:00Z")]],
    ["another time zone", moment("2026-11-25T14:00:00+01:00"), [badMoment("2026-11-25T14:00:00+01:00")]],
    [
      "nobody",
      people(),
      [
        "[aws-payments] incident.who.people is empty, it would reach nobody; name the sessions, or take the incident out",
      ],
    ],
    [
      "a pattern in place of a name, which would reach more people than it says",
      people("jane*"),
      [
        "[aws-payments] incident.who.people[0] is 'jane*', AWS has session names of 2 to 64 of A-Z a-z 0-9 _ + = , . @ -; copy it from userIdentity.arn in CloudTrail",
      ],
    ],
    [
      "more people than a role's inline policies can name",
      people(...Array.from({ length: 150 }, (_, i) => `${"x".repeat(48)}${i + 100}@fab.example`)),
      [
        '[aws-payments] incident policy length is 10345, IAM takes 10240 characters of inline policies in a role; choose who: "everyone"',
      ],
    ],
  ])("%s", (_, incident, messages) => {
    expect(during(incident).errors).toEqual(messages);
  });

  const OBJECT_ID = "a1b2c3d4-0000-4000-8000-000000000042";
  const LONG = "x".repeat(64);

  test.each([
    ["userPrincipalName", ["ada", OBJECT_ID, "ada@x@y", LONG], ["ada@fabrikam.example"]],
    ["objectId", ["ada", "ada@fabrikam.example"], [OBJECT_ID]],
    ["cleanedUserPrincipalName", ["ada", OBJECT_ID], ["ada-ext-@fabrikam.example", LONG]],
  ] as const)("a name that no session has, where sessions are named by %s", (roleSessionName, nobody, somebody) => {
    const errors = (names: readonly string[]) => during(people(...names), { claims: { roleSessionName } }).errors;
    expect(errors(somebody)).toEqual([]);
    expect(errors(nobody)).toHaveLength(nobody.length);
    for (const error of errors(nobody)) expect(error).toContain("so it would reach nobody");
  });

  test("says by what sessions are named", () => {
    expect(during(people("ada")).errors).toEqual([
      "[aws-payments] incident.who.people[0] is 'ada', sessions of this account are named by the user principal name, name@domain (claims.roleSessionName), so it would reach nobody; copy the name from userIdentity.arn in CloudTrail",
    ]);
  });

  const check = (incident: Incident, changes: AccountChanges = {}) =>
    (during(incident, changes).json as { check?: Record<string, { data: unknown; assert: { condition: string }[] }> })
      .check?.["incident_people"];

  test("has the deploy look up whom it names, within a check: what goes wrong there never stops the switch", () => {
    const found = check(people("ada@fabrikam.example", "bob@fabrikam.example"));
    expect(found?.data).toEqual({
      azuread_users: {
        incident_people: {
          user_principal_names: ["ada@fabrikam.example", "bob@fabrikam.example"],
          ignore_missing: true,
        },
      },
    });
    expect(found?.assert[0]?.condition).toContain("data.azuread_users.incident_people.user_principal_names");
    expect(check(people(OBJECT_ID), { claims: { roleSessionName: "objectId" } })?.data).toMatchObject({
      azuread_users: { incident_people: { object_ids: [OBJECT_ID] } },
    });
  });

  test("looks nobody up where names cannot be found again, or everyone is meant", () => {
    const cleaned = { claims: { roleSessionName: "cleanedUserPrincipalName" } } as const;
    expect(check(people("ada@fabrikam.example"), cleaned)).toBeUndefined();
    expect(check(shut)).toBeUndefined();
    expect(synthAccount({ roles }).json).not.toHaveProperty("check.incident_people");
  });

  test("an inline policy of the same name", () => {
    const own = { Administrator: { inlinePolicies: { Incident: { Version: "2012-10-17", Statement: [] } } } } as const;
    expect(during(everyone, { roles: own }).errors).toEqual([
      "[aws-payments] roles.Administrator.inlinePolicies is 'Incident', the incident puts a policy of that name into every role; rename yours",
    ]);
    expect(synthAccount({ roles: own }).errors).toEqual([]);
  });
});
