import { ServiceError } from "../errors";
import { BY_DEFAULT, enabledRegions, OPT_IN } from "./regions";
import { type AccountContext, type AccountFacts, Service } from "./service";

export type RegionStatus = "ENABLED" | "ENABLED_BY_DEFAULT" | "DISABLED";

const invalid = (message: string) => new ServiceError("ValidationException", message, 400);

/** Which regions the account uses. Enabling and disabling take minutes in AWS, and no time here. */
export class Regions extends Service {
  constructor(
    context: AccountContext,
    private readonly state: Pick<AccountFacts, "enabledRegions">,
  ) {
    super("account", context);
  }

  /** GetRegionOptStatus; a name that is no region is refused. */
  status(region: string): RegionStatus {
    if (BY_DEFAULT.includes(region)) return "ENABLED_BY_DEFAULT";
    if (!OPT_IN.includes(region)) throw invalid(`Invalid region name: ${region}`);
    return this.state.enabledRegions.includes(region) ? "ENABLED" : "DISABLED";
  }

  /** All that the account can use. */
  enabled(): string[] {
    return enabledRegions(this.account);
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

  /** A region that is enabled stays so when whoever enabled it is gone: Terraform only forgets it. */
  override contents(): string[] {
    return [];
  }

  private change(operation: string, region: string, next: (others: string[]) => string[]): Promise<void> {
    return this.mutate(operation, `region ${region} of ${this.account.id}`, () => {
      if (this.status(region) === "ENABLED_BY_DEFAULT") {
        throw invalid(`${region} is enabled by default: it can be neither enabled nor disabled`);
      }
      this.state.enabledRegions = next(this.state.enabledRegions.filter((one) => one !== region)).sort();
    });
  }
}
