import { AccessanalyzerAnalyzer } from "@cdktf/provider-aws/lib/accessanalyzer-analyzer";
import { AccessanalyzerArchiveRule } from "@cdktf/provider-aws/lib/accessanalyzer-archive-rule";
import { type ITerraformDependable, TerraformIterator } from "cdktf";
import { Construct } from "constructs";
import { roleArn } from "../aws/federated-role";
import { renewedWith } from "../aws/renewed-with";
import { type AwsAccount, SamlProvider } from "../aws/saml-provider";
import { check } from "../check";

/** What Access Analyzer is told to expect. */
export interface AccessAnalyzerOptions {
  /**
   * Names of the account's federated roles, with their path if they have one (`teams/data/Analyst`), at most 20. For these, trust in the
   * identity provider is expected; another role that trusts it stays a finding. Deploy a new name before the role is made: what was found
   * before stays found (README, "Account baselines").
   */
  readonly federatedRoles: readonly string[];
  /** Name of the IAM identity provider. @default "MicrosoftEntraID" */
  readonly samlProviderName?: string;
}

export interface AccessAnalyzerProps extends AccessAnalyzerOptions {
  readonly account: AwsAccount;
  /** An analyzer sees one region. */
  readonly regions: readonly string[];
  /** Regions that are about to be enabled. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * Finds what the account opens to others: roles, buckets, keys, queues, secrets. External access is analyzed free of charge. The one thing
 * that this federation opens on purpose is archived, and nothing else.
 *
 * AWS takes one such analyzer a region and account: where Security Hub or an account factory has made one already, leave this out.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-archive-rules.html
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-filter-keys.html
 */
export class AccessAnalyzer extends Construct {
  /** ARNs of the roles that may trust the identity provider. */
  readonly expected: readonly string[];
  /** ARN of the identity provider that they may trust. */
  readonly provider: string;
  /** The L1 of the analyzers, one in each region. */
  readonly resource: AccessanalyzerAnalyzer;

  constructor(scope: Construct, id: string, props: AccessAnalyzerProps) {
    super(scope, id);
    const { account, federatedRoles, samlProviderName } = props;
    check(this, "accessAnalyzer.federatedRoles", federatedRoles).must(
      federatedRoles.length > 0,
      "there would be nothing to expect; name the roles of the account file",
    );
    // https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_Criterion.html
    check(this, "number of accessAnalyzer.federatedRoles", federatedRoles.length).must(
      federatedRoles.length <= 20,
      "an archive rule takes 20 values; name those that most people enter with",
    );
    this.expected = [...federatedRoles].sort().map((name) => arnOf(account, name));
    this.provider = SamlProvider.arnOf(account, samlProviderName);
    const regions = TerraformIterator.fromList([...props.regions]);
    const analyzerName = "account";
    this.resource = new AccessanalyzerAnalyzer(this, "Resource", {
      forEach: regions,
      region: regions.value,
      analyzerName,
      type: "ACCOUNT",
      dependsOn: props.after.length > 0 ? [...props.after] : undefined,
    });
    new AccessanalyzerArchiveRule(this, "ArchiveRule", {
      forEach: regions,
      region: regions.value,
      analyzerName,
      ruleName: "entra-federation",
      filter: [
        { criteria: "resourceType", eq: ["AWS::IAM::Role"] },
        { criteria: "resource", eq: [...this.expected] },
        { criteria: "principal.Federated", eq: [this.provider] },
        { criteria: "isPublic", eq: ["false"] },
      ],
      dependsOn: [this.resource],
      lifecycle: renewedWith(this.resource),
    });
  }
}

function arnOf(account: AwsAccount, pathAndName: string): string {
  const slash = pathAndName.lastIndexOf("/");
  return roleArn(account, pathAndName.slice(slash + 1), slash < 0 ? "/" : `/${pathAndName.slice(0, slash + 1)}`);
}
