import { readFileSync } from "node:fs";
import { join } from "node:path";
import { managedPolicyDocument } from "../../local-cloud/cloud/aws/managed-policies";
import { evaluate } from "../../local-cloud/cloud/aws/policy";
import { parsePolicyDocument } from "../../local-cloud/cloud/aws/policy-document";

const ACCOUNT = "444455556666";
const iam = (resource: string) => `arn:aws:iam::${ACCOUNT}:${resource}`;
const text = readFileSync(join(__dirname, "../../../docs/policies/service-control-policy.json"), "utf8");
const administrator = managedPolicyDocument("AdministratorAccess");
const policies = [text, administrator ?? ""].map((document) => parsePolicyDocument(document));

/** What an administrator of a member account may do under the document of docs/policies: it only denies. */
const may = (who: string, action: string, resource: string) =>
  evaluate(policies, { action, resource, context: { "aws:PrincipalArn": iam(who), "kms:ResourceAliases": null } })
    .outcome;

const ROLE_CHANGES = ["iam:CreateRole", "iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:DeleteRole"];
const DEPLOYS = ["role/entra-aws-federation-deploy", "role/account-baseline-deploy"];
const BOOTSTRAP = "role/OrganizationAccountAccessRole";
const CONTROLS: readonly (readonly [string, string])[] = [
  ["iam:UpdateSAMLProvider", iam("saml-provider/MicrosoftEntraID")],
  ["iam:UpdateAssumeRolePolicy", iam("role/Administrator")],
  ["cloudtrail:StopLogging", `arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/account-trail`],
  ["s3:DeleteObjectVersion", `arn:aws:s3:::${ACCOUNT}-account-trail/AWSLogs/file`],
  ["events:DisableRule", `arn:aws:events:eu-west-1:${ACCOUNT}:rule/account-watch-root-sign-in`],
  ["sns:SetTopicAttributes", `arn:aws:sns:eu-west-1:${ACCOUNT}:account-alarms`],
  ["iam:CreateAccessKey", iam("user/Svc-Backup")],
];

describe.each(["role/Administrator", "role/New", "user/Jane", "root"])("%s of a member account", (who) => {
  test("changes nothing of the federation and its alarms", () => {
    expect(CONTROLS.filter(([action, resource]) => may(who, action, resource) !== "deny")).toEqual([]);
  });

  test("cannot become one of those who may, by changing the role or by making it", () => {
    const reached = [...DEPLOYS, BOOTSTRAP, "role/BreakGlass"].flatMap((role) =>
      ROLE_CHANGES.filter((action) => may(who, action, iam(role)) !== "deny").map((action) => [action, role]),
    );
    expect(reached).toEqual([]);
  });

  test("is an administrator of everything else", () => {
    expect(may(who, "iam:CreateRole", iam("role/New"))).toBe("allow");
    expect(may(who, "s3:DeleteObjectVersion", "arn:aws:s3:::reports/file")).toBe("allow");
  });
});

test("those who deploy change what is theirs, and neither themselves nor each other", () => {
  const [federation = "", baseline = ""] = DEPLOYS;
  const theirs = (who: string) =>
    CONTROLS.filter(([action, at]) => may(who, action, at) === "allow").map(([one]) => one);
  expect(theirs(federation)).toEqual(["iam:UpdateSAMLProvider", "iam:UpdateAssumeRolePolicy", "iam:CreateAccessKey"]);
  expect(theirs(baseline)).toEqual([
    "cloudtrail:StopLogging",
    "s3:DeleteObjectVersion",
    "events:DisableRule",
    "sns:SetTopicAttributes",
    "iam:CreateAccessKey",
  ]);
  for (const who of [...DEPLOYS, "role/BreakGlass"]) {
    expect(DEPLOYS.filter((role) => may(who, "iam:UpdateAssumeRolePolicy", iam(role)) !== "deny")).toEqual([]);
  }
  expect(DEPLOYS.map((role) => may(BOOTSTRAP, "iam:UpdateAssumeRolePolicy", iam(role)))).toEqual(["allow", "allow"]);
});
