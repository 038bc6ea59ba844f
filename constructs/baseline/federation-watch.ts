import { LONG_LIVED_CREDENTIALS } from "./keys-boundary";
import { callMessage, signInMessage, VIA_CLOUDTRAIL, type Watch } from "./watch";

/** Calls to one service; their names say enough, and a detail type beside them would make the pattern of all alarms too long. */
const calls = (service: string, detail: Watch["pattern"]) => ({ source: [`aws.${service}`], detail });

/**
 * Trust policies that let in somebody other than Entra, as text: a principal of AWS, everybody, a web identity. What trusts a service or SAML
 * alone has none of these, and is what deploys make every day.
 */
const TRUSTS_SOMEBODY_ELSE = ['*"AWS"*', '*"\\*"*', "*WebIdentity*"].map((wildcard) => ({ wildcard }));

/** Credentials that come to life again, and the second factor of a user, beside those that are made. */
const CREDENTIALS = new Set([
  ...LONG_LIVED_CREDENTIALS,
  "iam:UpdateAccessKey",
  "iam:ResetServiceSpecificCredential",
  "iam:UpdateServiceSpecificCredential",
  "iam:UpdateSigningCertificate",
  "iam:UpdateSSHPublicKey",
  "iam:EnableMFADevice",
  "iam:DeactivateMFADevice",
]);

/**
 * Alarms on what could let people in by another way than Microsoft Entra ID: identity providers, trust policies, IAM users and their credentials, and
 * sign-ins that need none of the federation; and on a region that is enabled, where none of these would be seen.
 *
 * The deploy role is not left out. Its deploys change these things rarely, and whoever read the plan knows which alarms will come; an
 * exception would be silent for an attacker who has that very role. A new role rings only where its trust policy reads as if it let in
 * somebody other than Entra: who hides that, by escaping letters of the JSON, is left to Access Analyzer. Sign-ins by way of IAM Identity Center,
 * or of a role that is switched to, need no SAML of this account: who works like that hears of each.
 */
export function federationWatches(): readonly Watch[] {
  return [
    {
      name: "identity-provider",
      description: "An identity provider was made, changed or deleted",
      pattern: calls("iam", {
        eventName: [
          "CreateSAMLProvider",
          "UpdateSAMLProvider",
          "DeleteSAMLProvider",
          "CreateOpenIDConnectProvider",
          "DeleteOpenIDConnectProvider",
          "AddClientIDToOpenIDConnectProvider",
          "UpdateOpenIDConnectProviderThumbprint",
        ],
      }),
      ...callMessage("IDENTITY PROVIDER CHANGED: <event>"),
    },
    {
      name: "trust-policy",
      description: "Who may assume a role was changed, or a role was made for somebody beside Entra",
      pattern: calls("iam", {
        $or: [
          { eventName: ["UpdateAssumeRolePolicy"] },
          { eventName: ["CreateRole"], requestParameters: { assumeRolePolicyDocument: TRUSTS_SOMEBODY_ELSE } },
        ],
      }),
      ...callMessage("TRUST POLICY: <event> for role <role>", {
        event: "$.detail.eventName",
        role: "$.detail.requestParameters.roleName",
      }),
    },
    {
      name: "iam-user",
      description: "An IAM user, a credential of one or its second factor was made or changed",
      pattern: calls("iam", { eventName: [...CREDENTIALS].map((action) => action.replace("iam:", "")) }),
      ...callMessage("IAM USER OR CREDENTIAL: <event> for user <user>", {
        event: "$.detail.eventName",
        user: "$.detail.requestParameters.userName",
      }),
    },
    {
      name: "sign-in-without-saml",
      description: "Somebody signed in to the console without SAML, or tried to",
      pattern: {
        source: ["aws.signin"],
        detail: {
          eventName: ["ConsoleLogin", "SwitchRole"],
          // The root user has alarms of its own.
          userIdentity: { type: [{ "anything-but": ["Root"] }] },
          // As events have it: https://www.microfocus.com/documentation/access-manager/5.0/admin/cloud-trail.html
          additionalEventData: { SamlProviderArn: [{ exists: false }] },
        },
      },
      ...signInMessage("SIGN-IN WITHOUT ENTRA"),
    },
    {
      // The account has it, also where the organization's management account asked for it:
      // https://docs.aws.amazon.com/accounts/latest/reference/monitoring-eventbridge.html
      name: "region",
      description: "A region was enabled, where no rule is unless it is among those that are watched",
      pattern: calls("account", { eventName: ["EnableRegion"] }),
      ...callMessage("REGION ENABLED: <name>", { name: "$.detail.requestParameters.RegionName" }),
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
      "detail-type": [VIA_CLOUDTRAIL],
      detail: {
        userIdentity: { type: ["IAMUser"], userName: [userName] },
        eventName: [{ "anything-but": ["ListRoles"] }],
      },
    },
    readOnlyCalls: true,
    ...callMessage("PROVISIONING USER MISUSED: <event>"),
  };
}
