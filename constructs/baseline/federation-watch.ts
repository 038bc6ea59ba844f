import { API_CALL, CONSOLE_SIGN_IN, callMessage, signInMessage, type Watch } from "./watch";

const iamCalls = (eventName: readonly string[]) => ({
  source: ["aws.iam"],
  "detail-type": [API_CALL],
  detail: { eventSource: ["iam.amazonaws.com"], eventName },
});

/**
 * Alarms on what could let people in beside Microsoft Entra ID: identity providers, trust policies, IAM users and their credentials, and
 * sign-ins that need none of the federation.
 *
 * The deploy role is not left out. Its deploys change these things rarely, and whoever read the plan knows which alarms will come; an
 * exception would be silent for an attacker who has that very role.
 */
export function federationWatches(): readonly Watch[] {
  return [
    {
      name: "identity-provider",
      description: "An identity provider was made, changed or deleted",
      pattern: iamCalls([
        "CreateSAMLProvider",
        "UpdateSAMLProvider",
        "DeleteSAMLProvider",
        "CreateOpenIDConnectProvider",
        "AddClientIDToOpenIDConnectProvider",
        "UpdateOpenIDConnectProviderThumbprint",
      ]),
      ...callMessage("IDENTITY PROVIDER CHANGED: <event>"),
    },
    {
      name: "trust-policy",
      description: "Who may assume a role was changed",
      pattern: iamCalls(["UpdateAssumeRolePolicy"]),
      ...callMessage("TRUST POLICY CHANGED: of role <role>", { role: "$.detail.requestParameters.roleName" }),
    },
    {
      name: "iam-user",
      description: "An IAM user or a credential of one was made, or its second factor was taken away",
      pattern: iamCalls([
        "CreateUser",
        "CreateAccessKey",
        "CreateLoginProfile",
        "UpdateLoginProfile",
        "CreateServiceSpecificCredential",
        "UploadSigningCertificate",
        "DeactivateMFADevice",
      ]),
      ...callMessage("IAM USER OR CREDENTIAL: <event> for user <user>", {
        event: "$.detail.eventName",
        user: "$.detail.requestParameters.userName",
      }),
    },
    {
      name: "sign-in-without-saml",
      description: "An IAM user signed in to the console, or tried to",
      pattern: {
        source: ["aws.signin"],
        "detail-type": [CONSOLE_SIGN_IN],
        detail: { eventName: ["ConsoleLogin"], userIdentity: { type: ["IAMUser"] } },
      },
      ...signInMessage("SIGN-IN WITHOUT ENTRA"),
    },
  ];
}

/**
 * Alarm on any use of the provisioning user that is not Entra listing the roles: another call with its key, refused ones and ones that
 * only read included, or a sign-in. Whoever lists roles with a stolen key looks like Entra; only the address in CloudTrail tells.
 */
export function provisioningUserWatch(userName: string): Watch {
  return {
    name: "provisioning-user",
    description: `${userName} did something other than list roles for Entra`,
    pattern: {
      "detail-type": [API_CALL, CONSOLE_SIGN_IN],
      detail: {
        userIdentity: { type: ["IAMUser"], userName: [userName] },
        eventName: [{ "anything-but": ["ListRoles"] }],
      },
    },
    readOnlyCalls: true,
    ...callMessage("PROVISIONING USER MISUSED: <event>"),
  };
}
