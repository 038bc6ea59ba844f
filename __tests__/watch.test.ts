import { samlTrustPolicy } from "../constructs/aws/trust-policy";
import { everything, synthBaseline } from "./support/baseline";
import { callsIn, matches } from "./support/event-patterns";
import { type Body, blocksOf } from "./support/stack-json";
import { at } from "./support/synth";

const ACCOUNT = "210987654321";
const API_CALL = "AWS API Call via CloudTrail";
const SIGN_IN = "AWS Console Sign In via CloudTrail";
const CONSOLE_ACTION = "AWS Console Action via CloudTrail";
const byRole = synthBaseline({
  ...everything,
  breakGlass: { role: { trustedPrincipals: ["arn:aws:iam::999988887777:user/Jane"] } },
}).json;
const byUser = synthBaseline(everything).json;

/** Names of the rules that an event raises; the one that forwards apart. */
function raised(event: Body, json = byUser): { alarms: string[]; forwarded: boolean } {
  const rules = blocksOf(json).filter(({ type }) => type === "aws_cloudwatch_event_rule");
  const names = rules
    .filter(({ body }) => matches(JSON.parse(String(body["event_pattern"])) as Body, event))
    .map(({ body }) => String(body["name"]).replace("account-watch-", ""));
  return { alarms: names.filter((name) => name !== "forwarding").sort(), forwarded: names.includes("forwarding") };
}

const call = (eventName: string, userIdentity: Body, more: Body = {}, service = "iam") => ({
  source: `aws.${service}`,
  "detail-type": API_CALL,
  detail: { eventSource: `${service}.amazonaws.com`, eventName, userIdentity, ...more },
});
const signIn = (userIdentity: Body, eventName = "ConsoleLogin", additionalEventData: Body = { MFAUsed: "No" }) => ({
  source: "aws.signin",
  "detail-type": SIGN_IN,
  detail: { eventSource: "signin.amazonaws.com", eventName, userIdentity, additionalEventData },
});
/** https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/logging-using-cloudtrail.html */
const inConsole = (userIdentity: Body) => ({
  source: "aws.billingconsole",
  "detail-type": CONSOLE_ACTION,
  detail: { eventSource: "billingconsole.amazonaws.com", eventName: "SetContactAddress", userIdentity },
});
const newRole = (...Statement: readonly Body[]) => ({
  requestParameters: { roleName: "x", assumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }) },
});
const trusting = (Principal: unknown, Action = "sts:AssumeRole") => newRole({ Effect: "Allow", Principal, Action });
const trustedByEntra = samlTrustPolicy({
  providerArn: `arn:aws:iam::${ACCOUNT}:saml-provider/MicrosoftEntraID`,
  audiences: ["https://signin.aws.amazon.com/saml", "https://eu-west-1.signin.aws.amazon.com/saml"],
});
const root = { type: "Root", arn: `arn:aws:iam::${ACCOUNT}:root` };
const iamUser = (userName: string) => ({ type: "IAMUser", userName, arn: `arn:aws:iam::${ACCOUNT}:user/${userName}` });
/** As a sign-in has it: https://www.microfocus.com/documentation/access-manager/5.0/admin/cloud-trail.html */
const arriving = (role: string) => ({
  type: "AssumedRole",
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/jane@fabrikam.example`,
});
/** Who fails to sign in, or is asked for a second factor, has no ARN. */
const failing = ({ arn: _, ...identity }: ReturnType<typeof iamUser>) => ({ ...identity, accessKeyId: "" });
const session = (role: string) => ({
  ...arriving(role),
  sessionContext: { sessionIssuer: { type: "Role", arn: `arn:aws:iam::${ACCOUNT}:role/${role}` } },
});
const administrator = session("Administrator");
const provisioning = iamUser("Svc-EntraRoleImport");

/** What a call that is watched for may look like, where its name is not enough. */
const PARAMETERS: Readonly<Record<string, Body>> = { CreateRole: trusting({ AWS: "arn:aws:iam::999988887777:root" }) };

describe("an alarm comes from the call", () => {
  const watched: Readonly<Record<string, readonly string[]>> = {
    "iam identity-provider": [
      "CreateSAMLProvider",
      "UpdateSAMLProvider",
      "DeleteSAMLProvider",
      "CreateOpenIDConnectProvider",
      "DeleteOpenIDConnectProvider",
      "AddClientIDToOpenIDConnectProvider",
      "UpdateOpenIDConnectProviderThumbprint",
    ],
    "iam trust-policy": ["UpdateAssumeRolePolicy", "CreateRole"],
    "iam iam-user": [
      "CreateUser",
      "CreateAccessKey",
      "UpdateAccessKey",
      "CreateLoginProfile",
      "UpdateLoginProfile",
      "CreateServiceSpecificCredential",
      "UpdateServiceSpecificCredential",
      "ResetServiceSpecificCredential",
      "UploadSigningCertificate",
      "UpdateSigningCertificate",
      "UploadSSHPublicKey",
      "UpdateSSHPublicKey",
      "EnableMFADevice",
      "DeactivateMFADevice",
    ],
    "account region": ["EnableRegion"],
  };
  const rows = Object.entries(watched).flatMap(([key, names]) => {
    const [service = "", alarm = ""] = key.split(" ");
    return names.map((name) => ({ service, name, alarm }));
  });

  test.each(rows)("$service:$name", ({ service, name, alarm }) => {
    const event = call(name, administrator, PARAMETERS[name], service);
    expect(raised(event)).toEqual({ alarms: [alarm], forwarded: true });
  });

  test("and every call that a pattern names is one of these", () => {
    const rules = blocksOf(byUser).filter(({ type }) => type === "aws_cloudwatch_event_rule");
    const named = rules.flatMap(({ body }) => callsIn(JSON.parse(String(body["event_pattern"]))));
    const known = rows.map(({ service, name }) => `${service}:${name}`);
    expect([...new Set(named.map(({ service, name }) => `${service}:${name}`))].sort()).toEqual(known.sort());
  });
});

describe("an alarm comes from", () => {
  test.each<[string, Body, string[]]>([
    ["a sign-in of the root user", signIn(root), ["root-sign-in"]],
    ["a request for a new root password", signIn(root, "PasswordRecoveryRequested"), ["root-sign-in"]],
    ["a call of the root user that only reads", call("ListUsers", root), ["root-api-call"]],
    ["a new access key of the root user", call("CreateAccessKey", root), ["iam-user", "root-api-call"]],
    ["another address of the account, which is no call", inConsole(root), ["root-api-call"]],
    [
      "the deploy role too, which nothing leaves out",
      call("UpdateSAMLProvider", session("entra-aws-federation-deploy")),
      ["identity-provider"],
    ],
    ["a role for everybody", call("CreateRole", administrator, trusting("*")), ["trust-policy"]],
    [
      "a role for a service and for somebody",
      call(
        "CreateRole",
        administrator,
        trusting({ Service: "ec2.amazonaws.com", AWS: "arn:aws:iam::999988887777:user/Mallory" }),
      ),
      ["trust-policy"],
    ],
    [
      "a role for somebody's repository",
      call(
        "CreateRole",
        administrator,
        trusting(
          { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com` },
          "sts:AssumeRoleWithWebIdentity",
        ),
      ),
      ["trust-policy"],
    ],
    ["an attempt that AWS refused", call("CreateUser", administrator, { errorCode: "AccessDenied" }), ["iam-user"]],
    ["a sign-in of an IAM user", signIn(iamUser("jane")), ["sign-in-without-saml"]],
    ["a wrong password of an IAM user", signIn(failing(iamUser("jane"))), ["sign-in-without-saml"]],
    ["credentials of a role taken to the console", signIn(arriving("Ci")), ["sign-in-without-saml"]],
    ["a federation token taken to the console", signIn({ type: "FederatedUser" }), ["sign-in-without-saml"]],
    [
      "a role that somebody of another account switches to",
      signIn(arriving("Helpdesk"), "SwitchRole", { SwitchFrom: "arn:aws:iam::999988887777:user/Mallory" }),
      ["sign-in-without-saml"],
    ],
    [
      "a sign-in by the name that AWS's documentation gives its type",
      { ...signIn(root), "detail-type": "AWS Console Signin via CloudTrail" },
      ["root-sign-in"],
    ],
    ["another call with the provisioning key", call("ListUsers", provisioning), ["provisioning-user"]],
    [
      "who the provisioning key belongs to, the first thing a thief asks",
      { ...call("GetCallerIdentity", provisioning), source: "aws.sts" },
      ["provisioning-user"],
    ],
    ["a sign-in of the provisioning user", signIn(provisioning), ["provisioning-user", "sign-in-without-saml"]],
    ["a sign-in of the break-glass user", signIn(iamUser("BreakGlass")), ["break-glass", "sign-in-without-saml"]],
    [
      "a wrong password of the break-glass user",
      signIn(failing(iamUser("BreakGlass"))),
      ["break-glass", "sign-in-without-saml"],
    ],
    ["the second factor that it is asked for", signIn(failing(iamUser("BreakGlass")), "CheckMfa"), ["break-glass"]],
    ["a call of the break-glass user", call("GetUser", iamUser("BreakGlass")), ["break-glass"]],
    ["what it does in the console without a call", inConsole(iamUser("BreakGlass")), ["break-glass"]],
    ["what the provisioning user does there", inConsole(provisioning), ["provisioning-user"]],
  ])("%s", (_, event, alarms) => {
    expect(raised(event)).toEqual({ alarms, forwarded: true });
  });

  test.each<[string, Body, string[]]>([
    ["a call with the break-glass role", call("GetUser", session("BreakGlass")), ["break-glass"]],
    [
      "the break-glass role switched to in the console",
      signIn(arriving("BreakGlass"), "SwitchRole"),
      ["break-glass", "sign-in-without-saml"],
    ],
    [
      "an attempt to assume the break-glass role from another account",
      {
        source: "aws.sts",
        "detail-type": API_CALL,
        detail: {
          eventSource: "sts.amazonaws.com",
          eventName: "AssumeRole",
          userIdentity: { type: "AWSAccount", accountId: "999988887777" },
          requestParameters: { roleArn: `arn:aws:iam::${ACCOUNT}:role/BreakGlass` },
          errorCode: "AccessDenied",
        },
      },
      ["break-glass"],
    ],
  ])("%s", (_, event, alarms) => {
    expect(raised(event, byRole)).toEqual({ alarms, forwarded: true });
  });

  test("an access key of 90 days, in the region of the alarms alone", () => {
    const event = (complianceType: string) => ({
      source: "aws.config",
      "detail-type": "Config Rules Compliance Change",
      detail: {
        messageType: "ComplianceChangeNotification",
        configRuleName: "account-access-key-age",
        newEvaluationResult: { complianceType },
      },
    });
    expect(raised(event("NON_COMPLIANT"))).toEqual({ alarms: ["access-key-age"], forwarded: false });
    expect(raised(event("COMPLIANT"))).toEqual({ alarms: [], forwarded: false });
  });
});

describe("no alarm comes from", () => {
  test.each<[string, Body]>([
    ["Entra listing the roles", call("ListRoles", provisioning)],
    ["what AWS does by itself for the root user", call("ListRoles", { ...root, invokedBy: "support.amazonaws.com" })],
    [
      "a person signing in with Entra",
      signIn(arriving("Administrator"), "ConsoleLogin", {
        SamlProviderArn: `arn:aws:iam::${ACCOUNT}:saml-provider/MicrosoftEntraID`,
      }),
    ],
    ["a role for a service", call("CreateRole", administrator, trusting({ Service: "lambda.amazonaws.com" }))],
    [
      "a role for a service on behalf of any function",
      call(
        "CreateRole",
        administrator,
        newRole({
          Effect: "Allow",
          Principal: { Service: "lambda.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: { ArnLike: { "aws:SourceArn": `arn:aws:lambda:*:${ACCOUNT}:function:*` } },
        }),
      ),
    ],
    [
      "a new role of the federation",
      call(
        "CreateRole",
        session("entra-aws-federation-deploy"),
        newRole(...trustedByEntra.Statement.map((statement) => ({ ...statement }))),
      ),
    ],
    ["a region disabled", call("DisableRegion", administrator, {}, "account")],
    ["a person at work", call("ListRoles", administrator)],
    [
      "a role that is called BreakGlass in another account",
      call("GetUser", { ...session("x"), arn: "arn:aws:sts::1:assumed-role/BreakGlass/j" }),
    ],
  ])("%s", (_, event) => {
    expect(raised(event, byUser)).toEqual({ alarms: [], forwarded: false });
    expect(raised(event, byRole)).toEqual({ alarms: [], forwarded: false });
  });
});

describe("a rule", () => {
  const state = (name: string) => at(byUser, `aws_cloudwatch_event_rule.${name}`)["state"];

  test.each(["watch_root_api_call", "watch_provisioning_user", "watch_break_glass", "forwarding"])(
    "%s asks for calls that only read, which EventBridge leaves out otherwise",
    (name) => {
      expect(state(name)).toBe("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS");
    },
  );

  test("asks for no more than it needs otherwise", () => {
    expect(state("watch_identity_provider")).toBe("ENABLED");
    const quiet = synthBaseline({ alarms: { subscribers: ["a@b.example"], federation: true } }).json;
    expect(at(quiet, "aws_cloudwatch_event_rule.forwarding")["state"]).toBe("ENABLED");
  });

  test("writes a sentence for a person: what, who, from where, when, what to do", () => {
    const target = at(byUser, "aws_cloudwatch_event_target.watch_root_sign_in");
    expect(target["input_transformer"]).toEqual({
      input_paths: {
        who: "$.detail.userIdentity.arn",
        principal: "$.detail.userIdentity.principalId",
        address: "$.detail.sourceIPAddress",
        region: "$.detail.awsRegion",
        time: "$.detail.eventTime",
        event: "$.detail.eventName",
        result: "$.detail.responseElements.ConsoleLogin",
      },
      input_template:
        '"AWS account Payments (210987654321): ROOT USER SIGN-IN: <event> by <who> (<principal>) from <address> in <region> at <time>. Result: <result>. What to do: https://wiki.fabrikam.example/alarms"',
    });
    expect(target["role_arn"]).toBeUndefined();
  });

  test("fills every placeholder of its message, and asks the event for nothing that the message has not", () => {
    const targets = blocksOf(byUser).filter(({ body }) => body["input_transformer"] !== undefined);
    expect(targets).toHaveLength(10);
    for (const { address, body } of targets) {
      const { input_paths, input_template } = body["input_transformer"] as {
        input_paths: Body;
        input_template: string;
      };
      const placeholders = [...input_template.matchAll(/<(\w+)>/g)].map(([, name]) => name);
      expect([address, placeholders.sort()]).toEqual([address, Object.keys(input_paths).sort()]);
      expect(typeof JSON.parse(input_template)).toBe("string");
    }
  });
});
