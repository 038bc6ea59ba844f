import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePoliciesExclusive } from "@cdktf/provider-aws/lib/iam-role-policies-exclusive";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { IamRolePolicyAttachmentsExclusive } from "@cdktf/provider-aws/lib/iam-role-policy-attachments-exclusive";
import { type ITerraformDependable, Token } from "cdktf";
import { Construct } from "constructs";
import { check } from "../check";
import { MAX_ROLE_CLAIM, roleClaim } from "../claims";
import { isManagedPolicy, managedPolicyArn } from "./managed-policy";
import { renewedWith } from "./renewed-with";
import type { AwsAccount, ISamlProvider } from "./saml-provider";
import { type PolicyDocument, type PolicyStatement, policyText, samlTrustPolicy } from "./trust-policy";

/** What a role may do, and how long; an entry under `roles` in an account file. */
export interface RolePermissions {
  /**
   * AWS managed policies by short name (`AmazonS3FullAccess`, `job-function/ViewOnlyAccess`), any managed policy by ARN.
   * At most 10 together with `customerPolicies`, unless the account's quota was raised.
   * @default - none
   */
  readonly policies?: readonly string[];
  /**
   * Customer managed policies of this account, by path and name without the leading slash (`team/ReadBuckets`). They must exist.
   * @default - none
   */
  readonly customerPolicies?: readonly string[];
  /**
   * Policies that live in the role itself, by name.
   * @default - none
   */
  readonly inlinePolicies?: Readonly<Record<string, PolicyDocument>>;
  /**
   * ARN of the policy that limits what the role can ever do.
   * @default - no boundary
   */
  readonly permissionsBoundary?: string;
  /**
   * IAM path; begins and ends with `/`. It is part of the ARN: another path is another role to Entra.
   * @default "/"
   */
  readonly path?: string;
  /**
   * Longest session a sign-in may ask for, in seconds, 3600 (1 hour) to 43200 (12 hours).
   * @default 3600
   */
  readonly maxSessionDurationSec?: number;
  /**
   * Up to 1,000 characters; the console shows them.
   * @default - says that people enter with Microsoft Entra ID
   */
  readonly description?: string;
  /**
   * Tags in addition to those that the AWS provider puts on everything.
   * @default - none
   */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Raisable AWS quotas. */
export interface IamQuotas {
  /**
   * Characters in a trust policy, without white space.
   * @default 2048 - what an account has before an increase (up to 4096)
   */
  readonly trustPolicyCharacters?: number;
  /**
   * Managed policies attached to one role.
   * @default 10 - what an account has before an increase (up to 20)
   */
  readonly managedPoliciesPerRole?: number;
}

export interface FederatedRoleProps extends RolePermissions {
  readonly account: AwsAccount;
  /** The one provider whose assertions open the role. */
  readonly provider: ISamlProvider;
  /** Sign-in endpoints that an assertion may be sent to. */
  readonly audiences: readonly string[];
  /**
   * Issuer that the assertion must name as well.
   * @default - the provider's metadata alone binds the issuer
   */
  readonly issuer?: string;
  /** Quotas of this account that differ from a new account's. */
  readonly quotas?: IamQuotas;
}

/** The shortest and longest session that IAM allows a role, in seconds. */
const MAX_SESSION_DURATION = { shortest: 3600, longest: 43_200 } as const;

/** ARN of a role: computed, so that Entra never waits for AWS. */
export function roleArn({ partition, accountId }: AwsAccount, roleName: string, path = "/"): string {
  return `arn:${partition}:iam::${accountId}:role${path}${roleName}`;
}

/** An IAM role that only people signed in with Microsoft Entra ID may assume. The construct id is the role's name. */
export class FederatedRole extends Construct {
  /** ARN, computed from account, path and name. */
  readonly arn: string;
  /** `role ARN,provider ARN`: the value of the app role in Entra. */
  readonly claim: string;
  readonly maxSessionDurationSec: number;
  /** The L1 underneath, for what this construct does not model. */
  readonly resource: IamRole;
  /** The role and all that it may do: wait for these to find the role complete. */
  readonly complete: readonly ITerraformDependable[];

  constructor(scope: Construct, roleName: string, props: FederatedRoleProps) {
    super(scope, roleName);
    const path = props.path ?? "/";
    const trust = samlTrustPolicy({
      providerArn: props.provider.arn,
      audiences: props.audiences,
      issuer: props.issuer,
    });
    this.arn = roleArn(props.account, roleName, path);
    this.claim = roleClaim(this.arn, props.provider.arn);
    this.maxSessionDurationSec = props.maxSessionDurationSec ?? MAX_SESSION_DURATION.shortest;
    this.check(roleName, path, JSON.stringify(trust), props);

    this.resource = new IamRole(this, "Resource", {
      name: roleName,
      path,
      description: props.description ?? `${roleName}, entered with Microsoft Entra ID`,
      assumeRolePolicy: policyText(trust),
      maxSessionDuration: this.maxSessionDurationSec,
      permissionsBoundary: props.permissionsBoundary,
      tags: props.tags ? { ...props.tags } : undefined,
      // The trust policy names the provider by a computed ARN, which is no reference; IAM refuses principals that do not exist.
      dependsOn: props.provider.resource && [props.provider.resource],
    });
    const lifecycle = renewedWith(this.resource);
    const attached = this.managedPolicyArns(props).map(
      ([name, policyArn]) =>
        new IamRolePolicyAttachment(this, name, { role: this.resource.name, policyArn, lifecycle }),
    );
    const inline = Object.entries(props.inlinePolicies ?? {}).map(
      ([name, document]) =>
        new IamRolePolicy(this, `Inline-${name}`, {
          name,
          role: this.resource.name,
          policy: policyText(document),
          lifecycle,
        }),
    );
    // A policy that somebody attaches by hand is a difference in the next plan, and goes with the next deploy.
    new IamRolePolicyAttachmentsExclusive(this, "PolicyAttachmentsExclusive", {
      roleName: this.resource.name,
      policyArns: attached.map((attachment) => attachment.policyArn),
      lifecycle,
    });
    new IamRolePoliciesExclusive(this, "PoliciesExclusive", {
      roleName: this.resource.name,
      policyNames: inline.map((policy) => policy.name),
      lifecycle,
    });
    this.complete = [this.resource, ...attached, ...inline];
  }

  private managedPolicyArns({ account, policies = [], customerPolicies = [] }: FederatedRoleProps): [string, string][] {
    const aws = policies.map((policy, index): [string, string] =>
      Token.isUnresolved(policy)
        ? [`Policy-${index}`, policy]
        : [
            policy.startsWith("arn:") ? policy.slice(policy.lastIndexOf("/") + 1) : policy,
            managedPolicyArn(account.partition, policy),
          ],
    );
    const customer = customerPolicies.map((policy): [string, string] => [
      policy,
      `arn:${account.partition}:iam::${account.accountId}:policy/${policy}`,
    ]);
    // A slash would cut the construct id in two.
    const named = [...aws, ...customer].map(([name, arn]): [string, string] => [name.replaceAll("/", "-"), arn]);
    const repeated = named.filter(([name], index) => named.findIndex(([first]) => first === name) < index);
    check(
      this,
      "policies",
      repeated.map(([name]) => name),
    ).must(repeated.length === 0, "the role has another policy of that name; remove one");
    return [...new Map(named)];
  }

  private check(roleName: string, path: string, trust: string, props: FederatedRoleProps): void {
    const { trustPolicyCharacters = 2048, managedPoliciesPerRole = 10 } = props.quotas ?? {};
    const attached = [...(props.policies ?? []), ...(props.customerPolicies ?? [])];
    const sec = this.maxSessionDurationSec;
    check(this, "role name", roleName).matches(
      /^[\w+=,.@-]{1,64}$/,
      "IAM takes 1 to 64 of A-Z a-z 0-9 _ + = , . @ -; choose such a name",
    );
    check(this, "path", path).must(
      path === "/" || /^\/([\w+=,.@-]+\/)+$/.test(path),
      "IAM takes '/' or words between slashes, first and last a slash; write it like '/teams/data/'",
    );
    check(this, "length of role ARN + ',' + provider ARN", this.claim.length).must(
      this.claim.length <= MAX_ROLE_CLAIM,
      `Entra takes ${MAX_ROLE_CLAIM} characters; shorten the role name, its path or samlProviderName`,
    );
    check(this, "maxSessionDurationSec", sec).must(
      Number.isInteger(sec) && sec >= MAX_SESSION_DURATION.shortest && sec <= MAX_SESSION_DURATION.longest,
      "IAM takes 3600 (1 h) to 43200 (12 h); choose a number of seconds between them",
    );
    check(this, "trust policy length", trust.length).must(
      trust.length <= trustPolicyCharacters,
      `this account's quota is ${trustPolicyCharacters} characters; use fewer regions, or have AWS raise the quota and set quotas.trustPolicyCharacters`,
    );
    check(this, "number of managed policies", attached.length).must(
      attached.length <= managedPoliciesPerRole,
      `this account's quota is ${managedPoliciesPerRole} for a role; merge some, or have AWS raise the quota and set quotas.managedPoliciesPerRole`,
    );
    check(this, "description length", (props.description ?? "").length).must(
      (props.description ?? "").length <= 1000,
      "IAM takes up to 1000 characters; shorten it",
    );
    for (const [index, policy] of (props.policies ?? []).entries()) {
      check(this, `policies[${index}]`, policy).must(
        isManagedPolicy(policy),
        "IAM takes the ARN of a managed policy, or the short name of an AWS one; copy it from IAM > Policies",
      );
    }
    for (const [name, { Statement }] of Object.entries(props.inlinePolicies ?? {})) {
      for (const [index, statement] of [Statement].flat().entries()) this.checkStatement(name, index, statement);
    }
    if (props.permissionsBoundary !== undefined) {
      check(this, "permissionsBoundary", props.permissionsBoundary).matches(
        /^arn:[a-z-]+:iam::(aws|\d{12}):policy\/.+$/,
        "IAM takes the ARN of a managed policy; copy it from IAM > Policies",
      );
    }
  }

  /** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
  private checkStatement(policy: string, index: number, statement: PolicyStatement): void {
    for (const pair of [
      ["Action", "NotAction"],
      ["Resource", "NotResource"],
    ]) {
      check(this, `inlinePolicies.${policy}.Statement[${index}]`, statement).hasOneOf(pair, "IAM takes one of the two");
    }
  }
}
