import { AwsProvider, type AwsProviderAssumeRole } from "@cdktf/provider-aws/lib/provider";
import { AzureadProvider } from "@cdktf/provider-azuread/lib/provider";
import { Annotations, Aspects, LocalBackend, TerraformBackend, TerraformElement, TerraformStack } from "cdktf";
import type { Construct, Node } from "constructs";
import type { AwsAccount } from "../aws/saml-provider";
import { check } from "../check";
import type { EntraCloud } from "../clouds";
import type { BreakGlass } from "../entra/access-policy";
import { MSGRAPH_VERSION, MsgraphProvider } from "../entra/msgraph";
import type { PolicySet } from "../entra/policy-set";
import { writesHcl } from "../hcl";
import { localAddress, resourceAddress } from "./addresses";
import type { LicensedOption } from "./licences";

/** What all stacks share: the tenant, who deploys, whom no policy may lock out. Filled in once, in `organization.ts`. */
export interface Organization {
  /** Goes into the names of applications: `Contoso`. */
  readonly company: string;
  /** Tenant ID, a GUID. */
  readonly tenantId: string;
  /** Domain that test users get: `contoso.onmicrosoft.com`. */
  readonly domain: string;
  /** National cloud of the tenant. @default "public" */
  readonly entraCloud?: EntraCloud;
  /** Object ids of the deploy identities (service principals or users): owners of applications and groups. */
  readonly owners: readonly string[];
  /** Emergency access accounts, outside every policy here. */
  readonly breakGlass: BreakGlass;
  /** Conditional Access policies that accounts name instead of writing their own. @default - every account writes its own */
  readonly conditionalAccess?: OrganizationPolicies;
  /** Where Entra writes before a signing certificate expires. */
  readonly notificationEmails: readonly string[];
  /**
   * Regions whose sign-in endpoints people may use in addition to the default one; the first is where the AWS provider works.
   * An account can have its own.
   */
  readonly regions: readonly string[];
  /** Where the state of a stack is kept: any backend of cdktf. */
  readonly backend: (stack: TerraformStack) => void;
  /**
   * How Terraform signs in to an AWS account: a profile, or a role to assume. An account and its baseline may have different ones, so that
   * who changes the federation cannot silence its alarms.
   */
  readonly aws: (
    account: AwsSignIn,
  ) => { profile: string; assumeRole?: never } | { assumeRole: AwsProviderAssumeRole[]; profile?: never };
  /**
   * How Terraform signs in to Entra: `oidc` in a pipeline, `cli` after `az login`, `environment` by the ARM_ variables
   * (which can also mean either).
   */
  readonly entra: "oidc" | "cli" | "environment";
}

/** Which AWS account Terraform signs in to, and for which of its stacks. */
export interface AwsSignIn extends AwsAccount {
  readonly stack: "account" | "baseline";
}

/** Policy sets, and where their policies stand. */
export interface OrganizationPolicies {
  /** Policy sets by name; an account file names one: `conditionalAccess: "recommended"`. */
  readonly sets: Readonly<Record<string, PolicySet>>;
  /**
   * `perAccount`: each account has policies of its own, made from its set. `shared`: the tenant's stack has them once for each set, and
   * they reach the applications that carry its name. `overlap` has both, for the deploy between the one and the other, so that no
   * application is without MFA at any moment; an account can overlap alone (docs/runbooks/policies-at-scale.md).
   * @default "perAccount"
   */
  readonly policies?: "perAccount" | "overlap" | "shared";
  /**
   * How many of the tenant's Conditional Access policies this code may make, in any state; the tenant has others.
   * @default 240 - all that Entra takes
   */
  readonly budget?: number;
}

/** A stack of the organization: its backend, its providers in exact versions, and addresses that people can read. */
export abstract class OrganizationStack extends TerraformStack {
  /** What in this stack needs a licence beyond the one that every account needs, Entra ID P1. */
  readonly licensedOptions: LicensedOption[] = [];

  /** @param what what a stack of this kind is for, in an error about two with one id: `account` */
  protected constructor(
    scope: Construct,
    id: string,
    readonly organization: Organization,
    what: string,
  ) {
    const taken = scope.node.tryFindChild(id) !== undefined;
    super(scope, taken ? `${id}-again` : id);
    check(this, "stack id", id).must(!taken, `another ${what} has the same; give each ${what} its own`);
    check(this, "output", "HCL").should(
      !writesHcl(this),
      "cdktf leaves out what guards a rotation, names pending roles and replaces what goes by the name of something replaced; the JSON in cdktf.out is plain Terraform too, and complete",
    );
    if (!writesHcl(this)) this.addOverride("terraform.required_version", ">= 1.10.0");
    organization.backend(this);
    this.refuseEqualAddresses();
  }

  // Exact versions; sources in full, since the bindings write `aws`, which OpenTofu reads differently. azuread 3.9.0 differs from
  // the bindings' 3.7.0 by one attribute and fixes privileged access groups.

  /** Where the policies of the organization's sets stand. */
  protected get policyPlacement(): NonNullable<OrganizationPolicies["policies"]> {
    return this.organization.conditionalAccess?.policies ?? "perAccount";
  }

  /** The AWS provider for one account. A wrong profile stops at plan, not in a stranger's account. */
  protected addAwsProvider(account: AwsSignIn, region: string): void {
    const signIn = this.organization.aws(account);
    check(this, "aws", signIn).hasOneOf(
      ["profile", "assumeRole"],
      "Terraform signs in to an account by one of the two",
    );
    new AwsProvider(this, "AWS provider", {
      region,
      allowedAccountIds: [account.accountId],
      defaultTags: [{ tags: { ManagedBy: "entra-aws-federation", Stack: this.node.id } }],
      ...signIn,
    });
    this.addOverride("terraform.required_providers.aws", { source: "hashicorp/aws", version: "6.25.0" });
  }

  /** The providers for the tenant; microsoft/msgraph only where something needs it, since it is a preview. */
  protected addEntraProviders({ msgraph }: { msgraph: boolean }): void {
    const { tenantId, entra } = this.organization;
    const signIn = { useOidc: entra === "oidc" ? true : undefined, useCli: entra === "cli" ? true : undefined };
    new AzureadProvider(this, "Azuread provider", { tenantId, ...signIn });
    this.addOverride("terraform.required_providers.azuread", { source: "hashicorp/azuread", version: "3.9.0" });
    if (!msgraph) return;
    new MsgraphProvider(this, "Msgraph provider", { tenantId, ...signIn });
    this.addOverride("terraform.required_providers.msgraph", {
      source: "microsoft/msgraph",
      version: MSGRAPH_VERSION,
    });
  }

  /** @param licence as Microsoft sells it @param option as it stands in an account file */
  protected needsLicence(licence: string, option: string): void {
    this.licensedOptions.push({ licence, option });
  }

  /** Warns when a secret in the state would lie in a file in clear. @param secret what it is, in the words of a message */
  protected warnOfLocalState(secret: string, instead: string): void {
    const backend = this.node.findAll().find(TerraformBackend.isBackend);
    check(this, "backend", "local").should(
      backend !== undefined && !(backend instanceof LocalBackend),
      `${secret} WOULD LIE IN A FILE IN CLEAR; give organization.ts an encrypted backend, or ${instead}`,
    );
  }

  /** Readable addresses (`aws_iam_role.administrator`) in place of hashed ones. */
  protected override allocateLogicalId(element: TerraformElement | Node): string {
    return localAddress(this, element);
  }

  /** Terraform would merge two blocks of one address silently, and one of them would not exist. */
  private refuseEqualAddresses(): void {
    Aspects.of(this).add({
      visit: (node) => {
        if (node !== this) return;
        const taken = new Map<string, string>();
        for (const element of this.node.findAll()) {
          if (!TerraformElement.isTerraformElement(element)) continue;
          const address = resourceAddress(element);
          if (!address) continue;
          const other = taken.get(address);
          if (other) {
            Annotations.of(element).addError(
              `resource address is '${address}', ${other} has the same and one of the two would be lost; rename one`,
            );
          }
          taken.set(address, element.node.path);
        }
      },
    });
  }
}
