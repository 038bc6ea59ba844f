/** An IAM policy document. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

/** One statement, as IAM's policy grammar has it: either of `Action` and `NotAction`, of `Resource` and `NotResource` at most one. */
export type PolicyStatement = {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
} & (
  | { readonly Action: string | readonly string[]; readonly NotAction?: never }
  | { readonly NotAction: string | readonly string[]; readonly Action?: never }
) &
  (
    | { readonly Resource?: string | readonly string[]; readonly NotResource?: never }
    | { readonly NotResource: string | readonly string[]; readonly Resource?: never }
  );

/** What a sign-in must show before AWS lets it assume a role. */
export interface SamlTrust {
  /** ARN of the one SAML provider that is believed. A second one makes Entra's role import disable the role for good. */
  readonly providerArn: string;
  /** Sign-in endpoints that an assertion may be sent to; AWS compares them with the assertion's Recipient (`SAML:aud`). */
  readonly audiences: readonly string[];
  /** Issuer the assertion must come from (`SAML:iss`). Without it, the provider's metadata alone binds the issuer. */
  readonly issuer?: string;
}

/**
 * The trust policy of a federated role: one provider, exactly `sts:AssumeRoleWithSAML`.
 * No `sts:TagSession`: it was seen to make Entra's role import disable the role (MicrosoftDocs/azure-docs#51322).
 */
export function samlTrustPolicy({ providerArn, audiences, issuer }: SamlTrust): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: providerArn },
        Action: "sts:AssumeRoleWithSAML",
        Condition: {
          StringEquals: {
            "SAML:aud": audiences.length === 1 ? (audiences[0] as string) : audiences,
            ...(issuer ? { "SAML:iss": issuer } : {}),
          },
        },
      },
    ],
  };
}

/**
 * A policy document as Terraform text. IAM's own variables (`${aws:username}`, `${s3:prefix}`, `${*}`) are kept from Terraform, which
 * would take them for expressions of its own; no Terraform expression begins with a word and a colon.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function policyText(document: PolicyDocument): string {
  return JSON.stringify(document).replace(/(?<!\$)\$\{(?=[\w.-]+:|[*?$]\})/g, () => "$${");
}
