import { managedPolicyDocument } from "../cloud/aws/managed-policies";
import { type AccessRequest, evaluate } from "../cloud/aws/policy";
import { parsePolicyDocument } from "../cloud/aws/policy-document";

const PROVIDER = "arn:aws:iam::111122223333:saml-provider/MicrosoftEntraID";
const AUDIENCE = "https://signin.aws.amazon.com/saml";

const policy = (...statements: object[]) =>
  parsePolicyDocument(JSON.stringify({ Version: "2012-10-17", Statement: statements }));

const trust = (condition?: object, more: object = {}) =>
  policy({
    Effect: "Allow",
    Principal: { Federated: PROVIDER },
    Action: "sts:AssumeRoleWithSAML",
    ...(condition && { Condition: condition }),
    ...more,
  });

const signIn: AccessRequest = {
  action: "sts:AssumeRoleWithSAML",
  principal: { type: "Federated", id: PROVIDER },
  context: {
    "saml:aud": AUDIENCE,
    "saml:iss": "https://sts.windows.net/tenant/",
    "saml:edupersonaffiliation": ["staff", "admin"],
    "saml:sub_type": null,
  },
};

const outcome = (policies: Parameters<typeof evaluate>[0], request: Partial<AccessRequest> = {}) =>
  evaluate(policies, { ...signIn, ...request }).outcome;

describe("a trust policy", () => {
  test("lets its SAML provider in, and nobody else", () => {
    expect(outcome([trust()])).toBe("allow");
    expect(outcome([trust()], { principal: { type: "Federated", id: `${PROVIDER}2` } })).toBe("deny");
    expect(outcome([trust()], { principal: { type: "AWS", id: PROVIDER } })).toBe("deny");
    expect(outcome([trust()], { action: "sts:AssumeRole" })).toBe("deny");
  });

  test("cannot tell about a request without principal", () => {
    expect(outcome([trust()], { principal: undefined })).toBe("cannot tell");
  });

  test.each([
    ["the audience", { StringEquals: { "SAML:aud": AUDIENCE } }, "allow"],
    ["one of several audiences", { StringEquals: { "SAML:aud": ["https://other/", AUDIENCE] } }, "allow"],
    ["another audience", { StringEquals: { "SAML:aud": "https://other/" } }, "deny"],
    ["the audience in another case", { StringEquals: { "SAML:aud": AUDIENCE.toUpperCase() } }, "deny"],
    ["the same, ignoring case", { StringEqualsIgnoreCase: { "SAML:aud": AUDIENCE.toUpperCase() } }, "allow"],
    ["a wildcard where wildcards count", { StringLike: { "saml:AUD": "https://*.aws.amazon.com/saml" } }, "allow"],
    ["a wildcard where they do not", { StringEquals: { "saml:aud": "https://*" } }, "deny"],
    [
      "a wildcard that would need a region",
      { StringLike: { "saml:aud": "https://*.signin.aws.amazon.com/saml" } },
      "deny",
    ],
    ["a dot that is a dot", { StringLike: { "saml:aud": "https://signinXaws.amazon.com/*" } }, "deny"],
    ["a forbidden audience", { StringNotEquals: { "saml:aud": ["https://other/", AUDIENCE] } }, "deny"],
    ["two keys of which one fails", { StringEquals: { "saml:aud": AUDIENCE, "saml:iss": "x" } }, "deny"],
    [
      "two operators of which one fails",
      { StringEquals: { "saml:aud": AUDIENCE }, StringLike: { "saml:iss": "x*" } },
      "deny",
    ],
    ["a key the assertion does not carry", { StringEquals: { "saml:sub_type": "persistent" } }, "deny"],
    ["the same, negated", { StringNotEquals: { "saml:sub_type": "persistent" } }, "allow"],
    ["the same, if it exists", { StringEqualsIfExists: { "saml:sub_type": "persistent" } }, "allow"],
    ["a key that has to be absent", { Null: { "saml:sub_type": "true" } }, "allow"],
    ["a key that must not be absent", { Null: { "saml:sub_type": "false" } }, "deny"],
    ["any of several values", { "ForAnyValue:StringEquals": { "saml:edupersonaffiliation": "admin" } }, "allow"],
    ["all of several values", { "ForAllValues:StringEquals": { "saml:edupersonaffiliation": "admin" } }, "deny"],
    ["all, and all fit", { "ForAllValues:StringLike": { "saml:edupersonaffiliation": ["st*", "adm*"] } }, "allow"],
    ["several values without any or all", { StringEquals: { "saml:edupersonaffiliation": "admin" } }, "cannot tell"],
    ["a key nobody knows of", { StringEquals: { "aws:SourceVpc": "vpc-1" } }, "cannot tell"],
    ["an operator not evaluated", { IpAddress: { "saml:aud": "10.0.0.0/8" } }, "cannot tell"],
    ["a policy variable", { StringLike: { "saml:aud": "${aws:username}*" } }, "cannot tell"],
    ["doubt beside a surely failing key", { StringEquals: { "aws:SourceVpc": "v", "saml:aud": "x" } }, "deny"],
  ])("decides a condition with %s", (_, condition, expected) => {
    expect(outcome([trust(condition)])).toBe(expected);
  });

  test("is overruled by a Deny, and by a Deny that may hit", () => {
    const allow = { Effect: "Allow", Principal: { Federated: PROVIDER }, Action: "sts:*" };
    expect(outcome([policy(allow, { ...allow, Effect: "Deny", Action: "sts:AssumeRoleWith*" })])).toBe("deny");
    expect(outcome([policy(allow, { ...allow, Effect: "Deny", Action: "sts:TagSession" })])).toBe("allow");
    const may = {
      Effect: "Deny",
      Principal: "*",
      Action: "*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    };
    expect(outcome([policy(allow, may)])).toBe("cannot tell");
  });

  test("says why", () => {
    expect(evaluate([trust({ StringEquals: { "aws:SourceVpc": "v" } })], signIn).because).toContain("aws:SourceVpc");
  });
});

describe("a condition on time or number", () => {
  const at = (context: Record<string, string | null>, condition: object) =>
    outcome([trust(condition)], { context: { ...signIn.context, ...context } });
  const ISSUED = "2026-11-25T14:00:00Z";

  test.each([
    ["DateLessThan", "2026-11-25T14:00:01Z", "allow"],
    ["DateLessThan", ISSUED, "deny"],
    ["DateLessThanEquals", ISSUED, "allow"],
    ["DateLessThanEquals", "2026-11-25T13:59:59Z", "deny"],
    ["DateGreaterThan", "2026-11-25T13:59:59Z", "allow"],
    ["DateGreaterThan", ISSUED, "deny"],
    ["DateGreaterThanEquals", ISSUED, "allow"],
    ["DateGreaterThanEquals", "2026-11-25T14:00:01Z", "deny"],
    ["DateEquals", "2026-11-25T15:00:00+01:00", "allow"],
    ["DateEquals", "2026-11-25", "deny"],
    ["DateNotEquals", ISSUED, "deny"],
    ["DateNotEquals", "2026-11-25", "allow"],
    ["DateLessThan", String(Date.parse(ISSUED) / 1_000 + 1), "allow"],
    ["DateLessThan", String(Date.parse(ISSUED) / 1_000), "deny"],
    ["DateLessThan", "tomorrow", "cannot tell"],
    ["NumericLessThan", "20", "cannot tell"],
  ])("of issue: %s %s: %s", (operator, value, expected) => {
    expect(at({ "aws:TokenIssueTime": ISSUED }, { [operator]: { "aws:TokenIssueTime": value } })).toBe(expected);
  });

  test.each([
    ["NumericLessThan", "3600", "allow"],
    ["NumericLessThan", "900", "deny"],
    ["NumericGreaterThanEquals", "900", "allow"],
    ["NumericEquals", "900.0", "allow"],
    ["NumericNotEquals", "900", "deny"],
    ["NumericLessThan", "an hour", "cannot tell"],
  ])("of a second factor's age: %s %s: %s", (operator, value, expected) => {
    const mfa = { "aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "900" };
    const both = { Bool: { "aws:MultiFactorAuthPresent": "true" }, [operator]: { "aws:MultiFactorAuthAge": value } };
    expect(at(mfa, both)).toBe(expected);
    expect(at({ ...mfa, "aws:MultiFactorAuthPresent": "false" }, both)).toBe("deny");
    expect(at({ "aws:MultiFactorAuthPresent": null, "aws:MultiFactorAuthAge": null }, both)).toBe("deny");
  });

  test("does not hold where the request carries no such key, unless it says IfExists", () => {
    const absent = { "aws:TokenIssueTime": null };
    expect(at(absent, { DateLessThan: { "aws:TokenIssueTime": ISSUED } })).toBe("deny");
    expect(at(absent, { DateLessThanIfExists: { "aws:TokenIssueTime": ISSUED } })).toBe("allow");
    expect(at({}, { DateLessThan: { "aws:TokenIssueTime": ISSUED } })).toBe("cannot tell");
  });
});

describe("principals of AWS accounts", () => {
  const role = "arn:aws:iam::444455556666:role/Deploy";
  const asking = { action: "sts:AssumeRole", principal: { type: "AWS", id: role } };
  test.each([
    [role, "allow"],
    ["arn:aws:iam::444455556666:root", "allow"],
    ["444455556666", "allow"],
    ["*", "allow"],
    ["arn:aws:iam::111122223333:root", "deny"],
    ["arn:aws:iam::444455556666:role/Other", "deny"],
  ])("are matched by %s: %s", (id, expected) => {
    expect(outcome([trust(undefined, { Action: "sts:AssumeRole", Principal: { AWS: id } })], asking)).toBe(expected);
  });
});

describe("what a role may do", () => {
  const named = (name: string) => parsePolicyDocument(managedPolicyDocument(name) ?? "");
  const can = (name: string, action: string, resource = "*") =>
    evaluate([named(name)], { action, resource, context: {} }).outcome;

  test("follows the documents of AWS managed policies", () => {
    expect(can("AdministratorAccess", "iam:CreateUser")).toBe("allow");
    expect(can("AmazonS3FullAccess", "s3:GetObject", "arn:aws:s3:::bucket/key")).toBe("allow");
    expect(can("AmazonS3FullAccess", "iam:CreateUser")).toBe("deny");
    expect(can("PowerUserAccess", "ec2:RunInstances")).toBe("allow");
    expect(can("PowerUserAccess", "iam:CreateUser")).toBe("deny");
    expect(can("PowerUserAccess", "iam:ListRoles")).toBe("allow");
    expect(can("job-function/ViewOnlyAccess", "s3:ListAllMyBuckets")).toBe("allow");
    expect(can("job-function/ViewOnlyAccess", "s3:GetObject")).toBe("deny");
    expect(can("ReadOnlyAccess", "s3:GetObject")).toBe("allow");
    expect(can("SecurityAudit", "iam:GetRole")).toBe("allow");
  });

  test("is in doubt where a policy's text is not known", () => {
    expect(managedPolicyDocument("AWSLambda_FullAccess")).toBeUndefined();
    expect(evaluate([undefined], { action: "s3:GetObject", resource: "*", context: {} }).outcome).toBe("cannot tell");
    expect(
      evaluate([undefined, policy({ Effect: "Deny", Action: "s3:*", Resource: "*" })], {
        action: "s3:GetObject",
        resource: "*",
        context: {},
      }).outcome,
    ).toBe("deny");
  });

  test("compares ARNs part by part", () => {
    const owns = (pattern: string, held: string) =>
      evaluate(
        [policy({ Effect: "Allow", Action: "*", Resource: "*", Condition: { ArnLike: { "iam:PolicyARN": pattern } } })],
        {
          action: "iam:AttachRolePolicy",
          resource: "*",
          context: { "iam:PolicyARN": held },
        },
      ).outcome;
    expect(owns("arn:aws:iam::*:policy/team/*", "arn:aws:iam::111122223333:policy/team/one")).toBe("allow");
    expect(owns("arn:aws:*:policy/team/*", "arn:aws:iam::111122223333:policy/team/one")).toBe("deny");
  });

  test("takes NotAction and NotResource for everything else", () => {
    const others = policy({ Effect: "Allow", NotAction: ["iam:*"], NotResource: "arn:aws:s3:::secret/*" });
    const ask = (action: string, resource: string) => evaluate([others], { action, resource, context: {} }).outcome;
    expect(ask("s3:GetObject", "arn:aws:s3:::open/key")).toBe("allow");
    expect(ask("IAM:GetRole", "arn:aws:s3:::open/key")).toBe("deny");
    expect(ask("s3:GetObject", "arn:aws:s3:::secret/key")).toBe("deny");
  });
});
