import { AccountRegion } from "@cdktf/provider-aws/lib/account-region";
import { Construct } from "constructs";
import { check } from "../check";
import { awsCloud, type Partition } from "../clouds";

/** Regions that an account can enable or disable, by name: those that came after 20 March 2019. */
export type OptInRegions = Readonly<Record<string, "enabled" | "disabled">>;

/**
 * Regions enabled and disabled as declared; AWS takes minutes to hours for one. Those that it enables in every account stay enabled,
 * whatever anybody does: only a service control policy closes them. Taking a region out of the list leaves it as it is.
 * @see https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
 */
export class AccountRegions extends Construct {
  /** The L1s by region: `eu-central-2`. */
  readonly regions: ReadonlyMap<string, AccountRegion>;
  /** Those that are enabled: wait for them before something is made there. */
  readonly enabled: readonly AccountRegion[];

  constructor(scope: Construct, id: string, { partition, regions }: { partition: Partition; regions: OptInRegions }) {
    super(scope, id);
    const { defaultRegions, region: form, regionExample } = awsCloud(partition);
    const made = Object.entries(regions).map(([regionName, state]): [string, AccountRegion] => {
      check(this, "optInRegions", regionName).matches(
        form,
        `partition ${partition} has regions like ${regionExample}; choose one of its own`,
      );
      check(this, "optInRegions", regionName).must(
        !defaultRegions.includes(regionName),
        "AWS has it enabled in every account and refuses to change that; leave it out, and close it with a service control policy",
      );
      return [regionName, new AccountRegion(this, regionName, { regionName, enabled: state === "enabled" })];
    });
    this.regions = new Map(made);
    this.enabled = [...this.regions.values()].filter(({ enabledInput }) => enabledInput === true);
  }
}
