import { ServiceError } from "../errors";
import type { AccountState } from "./account";
import type { Service } from "./service";

export type RegionStatus = "ENABLED" | "ENABLED_BY_DEFAULT" | "DISABLED";

/** Regions that every account has, and cannot turn off: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html */
const BY_DEFAULT: readonly string[] = [
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"],
  ...["eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1"],
  ...["ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2"],
  ...["cn-north-1", "cn-northwest-1", "us-gov-east-1", "us-gov-west-1"],
];
/** Regions that an account has to opt in to (same page). */
const OPT_IN: readonly string[] = [
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
}: Pick<AccountState, "partition" | "enabledRegions">): string[] {
  const prefix = { "aws-cn": "cn-", "aws-us-gov": "us-gov-" }[partition];
  const here = (region: string) => (prefix ? region.startsWith(prefix) : !/^(cn|us-gov)-/.test(region));
  return [...BY_DEFAULT.filter(here), ...enabledRegions];
}

const invalid = (message: string) => new ServiceError("ValidationException", message, 400);

/** Which regions the account uses. Enabling and disabling take minutes in AWS, and no time here. */
export class Regions {
  constructor(
    private readonly state: AccountState,
    private readonly service: Service,
  ) {}

  /** GetRegionOptStatus; a name that is no region is refused. */
  status(region: string): RegionStatus {
    if (BY_DEFAULT.includes(region)) return "ENABLED_BY_DEFAULT";
    if (!OPT_IN.includes(region)) throw invalid(`Invalid region name: ${region}`);
    return this.state.enabledRegions.includes(region) ? "ENABLED" : "DISABLED";
  }

  /** All that the account can use. */
  enabled(): string[] {
    return enabledRegions(this.state);
  }

  isEnabled(region: string): boolean {
    return this.status(region) !== "DISABLED";
  }

  enable(region: string): Promise<void> {
    return this.change("EnableRegion", region, (others) => [...others, region]);
  }

  disable(region: string): Promise<void> {
    return this.change("DisableRegion", region, (others) => others);
  }

  private change(operation: string, region: string, next: (others: string[]) => string[]): Promise<void> {
    return this.service.mutate(operation, `region ${region} of ${this.state.id}`, () => {
      if (this.status(region) === "ENABLED_BY_DEFAULT") {
        throw invalid(`${region} is enabled by default: it can be neither enabled nor disabled`);
      }
      this.state.enabledRegions = next(this.state.enabledRegions.filter((one) => one !== region)).sort();
    });
  }
}
