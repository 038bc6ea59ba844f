import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePoliciesExclusive } from "@cdktf/provider-aws/lib/iam-role-policies-exclusive";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachmentsExclusive } from "@cdktf/provider-aws/lib/iam-role-policy-attachments-exclusive";
import { type ITerraformDependable, TerraformIterator } from "cdktf";
import { Construct } from "constructs";
import { renewedWith } from "../aws/renewed-with";
import type { AwsAccount } from "../aws/saml-provider";
import { policyText } from "../aws/trust-policy";
import { AccountWatch, patternText, ruleState, type Watch } from "./watch";

export interface EventForwardingProps {
  readonly account: AwsAccount;
  /** Region whose default event bus gets the events. */
  readonly to: string;
  /** Every other region that is watched. */
  readonly from: readonly string[];
  /** What is watched for; what is local to one region is left out. */
  readonly watches: readonly Watch[];
  /** Regions that are about to be enabled. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * Sends what is watched for from every other region to one, since each region has an event bus of its own. One rule a region, with the
 * patterns of all watches; the rules in the region of the alarms decide what it was.
 *
 * In China it is unproven: Amazon's page for China describes it, an earlier edition left its regions out, and nothing announces it. Make a
 * user in the region that is not the alarms' own, and see whether the alarm comes.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
 * @see https://aws.amazon.com/about-aws/whats-new/2022/06/amazon-eventbridge-cross-region-routing-aws-govcloud-regions/ (GovCloud)
 * @see https://docs.amazonaws.cn/en_us/eventbridge/latest/userguide/eb-cross-region.html (China)
 */
export class EventForwarding extends Construct {
  static readonly roleName = "account-watch-forwarding";
  /** The L1 of the rules, one in each region that forwards. */
  readonly resource: CloudwatchEventRule;

  constructor(scope: Construct, id: string, { account, to, from, watches, after }: EventForwardingProps) {
    super(scope, id);
    const bus = `arn:${account.partition}:events:${to}:${account.accountId}:event-bus/default`;
    const role = new IamRole(this, "Role", {
      name: EventForwarding.roleName,
      description: `Lets EventBridge pass on to ${to} what is watched for in the other regions`,
      assumeRolePolicy: policyText({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sts:AssumeRole",
            Condition: { StringEquals: { "aws:SourceAccount": account.accountId } },
          },
        ],
      }),
    });
    const lifecycle = renewedWith(role);
    const permission = new IamRolePolicy(this, "RolePolicy", {
      name: "PutEvents",
      role: role.name,
      policy: policyText({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "events:PutEvents", Resource: bus }],
      }),
      lifecycle,
    });
    new IamRolePoliciesExclusive(this, "RolePoliciesExclusive", {
      roleName: role.name,
      policyNames: [permission.name],
      lifecycle,
    });
    new IamRolePolicyAttachmentsExclusive(this, "RolePolicyAttachmentsExclusive", {
      roleName: role.name,
      policyArns: [],
      lifecycle,
    });

    const forwarded = watches.filter(({ local }) => !local);
    const patterns = forwarded.map(({ pattern }) => pattern);
    const [first = {}] = patterns;
    const regions = TerraformIterator.fromList([...from]);
    const name = `${AccountWatch.prefix}forwarding`;
    this.resource = new CloudwatchEventRule(this, "Resource", {
      forEach: regions,
      region: regions.value,
      name,
      description: `Passes on to ${to} what is watched for`,
      // `$or` takes two patterns or more.
      eventPattern: patternText(this, patterns.length > 1 ? { $or: patterns } : first),
      state: ruleState(forwarded.some(({ readOnlyCalls }) => readOnlyCalls)),
      dependsOn: after.length > 0 ? [...after] : undefined,
    });
    new CloudwatchEventTarget(this, "Target", {
      forEach: regions,
      region: regions.value,
      rule: name,
      targetId: "alarm-region",
      arn: bus,
      roleArn: role.arn,
      dependsOn: [this.resource, permission],
      lifecycle: renewedWith(this.resource),
    });
  }
}
