/** Regions that every account has, and cannot turn off: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html */
export const BY_DEFAULT: readonly string[] = [
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"],
  ...["eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1"],
  ...["ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2"],
  ...["cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1"],
];
/** Regions that an account has to opt in to (same page). */
export const OPT_IN: readonly string[] = [
  ...["af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"],
  ...["ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1"],
  ...["me-central-1", "me-south-1", "mx-central-1"],
];

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html: partitions aws, aws-cn, aws-us-gov. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** What an account can use: the regions of its partition that it has by default, and those that it opted in to. */
export function enabledRegions({
  partition,
  enabledRegions,
}: Readonly<{ partition: string; enabledRegions: readonly string[] }>): string[] {
  const prefix = { "aws-cn": "cn-", "aws-us-gov": "us-gov-" }[partition];
  const here = (region: string) => (prefix ? region.startsWith(prefix) : !/^(cn|us-gov)-/.test(region));
  return [...BY_DEFAULT.filter(here), ...enabledRegions];
}
