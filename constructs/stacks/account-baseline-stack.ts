import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { warnOfOldKeys } from "../aws/access-keys";
import type { AwsAccount } from "../aws/saml-provider";
import { AccessAnalyzer } from "../baseline/access-analyzer";
import { AccessKeyAge } from "../baseline/access-key-age";
import { AccountAlias } from "../baseline/account-alias";
import { AlarmTopic } from "../baseline/alarm-topic";
import { AlternateContacts } from "../baseline/alternate-contacts";
import { BreakGlass } from "../baseline/break-glass";
import { CentralRootAccess } from "../baseline/central-root-access";
import { EventForwarding } from "../baseline/event-forwarding";
import { federationWatches, provisioningUserWatch } from "../baseline/federation-watch";
import { KeysBoundary } from "../baseline/keys-boundary";
import { AccountRegions, type OptInRegions } from "../baseline/opt-in-regions";
import { PasswordPolicy } from "../baseline/password-policy";
import { rootUserWatches } from "../baseline/root-user";
import { ServiceAccount } from "../baseline/service-account";
import { Trail } from "../baseline/trail";
import { AccountWatch, type Watch } from "../baseline/watch";
import { awsCloud } from "../clouds";
import type { AccountBaselineProps, Alarms, BaselineAccount } from "./account-baseline-props";
import type { AccountRole } from "./aws-account-props";
import { checkBaseline } from "./check-baseline";
import { OrganizationStack } from "./organization-stack";

export type { AccountBaselineProps, Alarms, BaselineAccount } from "./account-baseline-props";

/**
 * What an AWS account needs besides its federation: alarms, trail, break-glass, service accounts, settings. A state and owners of its own, so
 * that a deploy of the federation cannot silence its alarms; how far that holds: docs/permissions/README.md.
 */
export class AccountBaselineStack extends OrganizationStack {
  readonly account: AwsAccount;
  /** Region where alarms arrive. */
  readonly alarmRegion: string;
  /** Every region that is watched. */
  readonly regions: readonly string[];
  readonly topic?: AlarmTopic;
  readonly breakGlass?: BreakGlass;
  readonly serviceAccounts: ReadonlyMap<string, ServiceAccount>;
  readonly accessAnalyzer?: AccessAnalyzer;

  constructor(
    scope: Construct,
    id: string,
    readonly props: AccountBaselineProps,
  ) {
    super(scope, id, props.organization, "baseline");
    const { organization, optInRegions = {}, alarms } = props;
    const { partition = "aws", accountId, samlProviderName, roles = {} } = props.account;
    this.account = { partition, accountId };
    const { account } = this;
    this.regions = props.regions ?? [...awsCloud(partition).defaultRegions, ...enabled(optInRegions)];
    this.alarmRegion = props.alarmRegion ?? organization.regions[0] ?? awsCloud(partition).regionExample;
    checkBaseline(this, props);
    this.addAwsProvider({ ...account, stack: "baseline" }, this.alarmRegion);

    const regions = new AccountRegions(this, "Region", { partition, regions: optInRegions });
    if (props.trail !== undefined && props.trail !== "organization") {
      new Trail(this, "Trail", { ...props.trail, account, region: this.alarmRegion });
    }
    this.breakGlass = props.breakGlass && new BreakGlass(this, "Break glass", { account, access: props.breakGlass });
    if (alarms) this.topic = this.raise(alarms, props.account, regions);

    this.serviceAccounts = new Map(
      Object.entries(props.serviceAccounts ?? {}).map(([name, options]) => [
        name,
        new ServiceAccount(this, name, { ...options, account }),
      ]),
    );
    const rings = [...this.serviceAccounts.values()].map(({ keys }) => keys);
    warnOfOldKeys(this, rings);
    if (rings.length > 0) this.warnOfLocalState("THE ACCESS KEYS OF SERVICE ACCOUNTS", "use roles");

    if (props.passwordPolicy) new PasswordPolicy(this, "Password policy", props.passwordPolicy);
    if (props.contacts) new AlternateContacts(this, "Contact", props.contacts);
    if (props.alias !== undefined) new AccountAlias(this, "Alias", props.alias);
    if (props.accessAnalyzer) {
      const after = regions.enabled;
      this.accessAnalyzer = new AccessAnalyzer(this, "Access analyzer", {
        federatedRoles: props.accessAnalyzer.federatedRoles ?? Object.entries(roles).map(pathAndName),
        samlProviderName,
        account,
        regions: this.regions,
        after,
      });
    }
    if (props.keysBoundary) new KeysBoundary(this, "Keys boundary", account);
    if (props.centralRootAccess) new CentralRootAccess(this, "Central root access");
    this.addOutputs(props);
  }

  /** Alarms: a rule for each, one topic, and what brings the events of the other regions here. */
  private raise(alarms: Alarms, described: BaselineAccount, regions: AccountRegions): AlarmTopic {
    const { account, alarmRegion } = this;
    const { accountName, appRoles } = described;
    const topic = new AlarmTopic(this, "Alarm topic", {
      account,
      region: alarmRegion,
      subscribers: alarms.subscribers,
    });
    const keyAge =
      alarms.accessKeyAge && new AccessKeyAge(this, "Access key age", { ...alarms.accessKeyAge, account }).watch;
    const watches: readonly Watch[] = [
      ...(alarms.rootUser ? rootUserWatches() : []),
      ...(alarms.federation ? federationWatches() : []),
      ...(appRoles?.owner === "imported" ? [provisioningUserWatch(appRoles.userName)] : []),
      ...(this.breakGlass ? [this.breakGlass.watch] : []),
      ...(keyAge ? [keyAge] : []),
    ];
    const accountLabel = `AWS account ${accountName} (${account.accountId})`;
    for (const watch of watches) new AccountWatch(this, { watch, topic, accountLabel, runbook: alarms.runbook });
    const from = this.regions.filter((region) => region !== alarmRegion);
    if (from.length > 0 && watches.some(({ local }) => !local)) {
      new EventForwarding(this, "Forwarding", { account, to: alarmRegion, from, watches, after: regions.enabled });
    }
    return topic;
  }

  /** What people and programs ask of the account. No secret is among it. */
  private addOutputs(props: AccountBaselineProps): void {
    const output = (id: string, description: string, value: unknown) =>
      new TerraformOutput(this, id, { description, value });
    if (this.topic) {
      output("Alarm topic ARN", "ARN of the topic that alarms arrive at", this.topic.arn);
      output(
        "Alarm subscribers pending",
        "Whether a subscriber has still to confirm, and hears nothing until then",
        Object.fromEntries(
          [...this.topic.subscriptions].map(([name, { fqn }]) => [name, `\${${fqn}.pending_confirmation}`]),
        ),
      );
      output("Watched regions", "Regions whose events raise alarms", [...this.regions]);
    }
    if (this.breakGlass) output("Break glass ARN", "ARN of the way in without Entra", this.breakGlass.arn);
    if (props.keysBoundary)
      output("Keys boundary ARN", "ARN for permissionsBoundary", KeysBoundary.arnOf(this.account));
    const made = [...this.serviceAccounts];
    if (made.length > 0) {
      output(
        "Access keys",
        "Access keys of service accounts: when made, and by when to rotate",
        Object.fromEntries(made.map(([name, { keys }]) => [name, keys.ages])),
      );
    }
    const stored = made.flatMap(([name, { secretArn }]) => (secretArn === undefined ? [] : [[name, secretArn]]));
    if (stored.length > 0) output("Secret arns", "Where programs find their active key", Object.fromEntries(stored));
  }
}

function enabled(regions: OptInRegions): string[] {
  return Object.entries(regions).flatMap(([name, state]) => (state === "enabled" ? [name] : []));
}

/** `teams/data/Analyst`, `Developer`. */
const pathAndName = ([name, { path = "/" }]: [string, Pick<AccountRole, "path">]) => `${path}${name}`.slice(1);
