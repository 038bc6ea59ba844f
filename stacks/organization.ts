import { S3Backend } from "cdktf";
import type { Organization } from "entra-aws-federation/stacks/aws-account-stack";

/** Your organization, once for all accounts. Sample values that are still here are named by a warning at every synth. */
export const organization: Organization = {
  company: "Contoso",
  tenantId: "00000000-0000-0000-0000-00000000c0de",
  domain: "contoso.onmicrosoft.com",

  // Object IDs of the identities that deploy: they own the applications and groups. An enterprise application's object ID,
  // not the one of its app registration.
  owners: ["00000000-0000-0000-0000-0000000000d1"],

  // Two or more emergency access accounts; no policy here applies to them.
  // https://learn.microsoft.com/entra/identity/role-based-access-control/security-emergency-access
  breakGlass: { users: ["00000000-0000-0000-0000-0000000000b1", "00000000-0000-0000-0000-0000000000b2"] },

  // Policy sets that accounts name. `policies` says where they stand; README, "Conditional Access for many accounts".
  conditionalAccess: {
    policies: "perAccount",
    sets: {
      recommended: {
        covers: "everyone",
        signInFrequency: { hours: 8 },
        cloudAppSecurity: "monitorOnly",
        blockDeviceCodeFlow: true,
        signInRisk: { levels: ["medium", "high"], require: "mfa" },
        userRisk: { levels: ["high"], require: "block" },
      },
    },
  },

  notificationEmails: ["identity@contoso.com"],

  // People may sign in through these regions; the first is where the AWS provider works.
  regions: ["eu-west-1", "us-east-1"],

  // With imported() the state holds an access key: encrypted, and readable by few. Other backends: README, "Where the state lives".
  backend: (stack) =>
    new S3Backend(stack, {
      bucket: "contoso-terraform-state",
      key: `entra-aws-federation/${stack.node.id}.tfstate`,
      region: "eu-west-1",
      encrypt: true,
    }).addOverride("use_lockfile", true),

  // A profile for each account (`{ profile: accountId }`), or a role to assume from where the pipeline signs in: an account and its
  // baseline have one each, and plans take those that only read (docs/pipeline.md).
  aws: ({ partition, accountId, stack }) => {
    const roles = stack === "baseline" ? "account-baseline" : "entra-aws-federation";
    const job = process.env["AWS_ACCOUNT_JOB"] ?? "deploy";
    return { assumeRole: [{ roleArn: `arn:${partition}:iam::${accountId}:role/${roles}-${job}` }] };
  },

  // "oidc" in a pipeline only; "environment" takes OIDC there, and `az login` on a desk.
  entra: "environment",
};
