import type { Construct } from "constructs";
import type { AwsAccount } from "../aws/saml-provider";
import { BreakGlass } from "../baseline/break-glass";
import { KeysBoundary } from "../baseline/keys-boundary";
import { check } from "../check";
import { awsCloud } from "../clouds";
import type { AccountBaselineProps } from "./account-baseline-props";

/** What follows from the props of an account: the stack with its defaults filled in. */
interface WatchedAccount extends Construct {
  readonly account: AwsAccount;
  readonly alarmRegion: string;
  readonly regions: readonly string[];
}

/** Reports what AWS would refuse of an account's baseline, and alarms that could never come. */
export function checkBaseline(stack: WatchedAccount, props: AccountBaselineProps): void {
  const { alarms, breakGlass, optInRegions = {}, serviceAccounts = {} } = props;
  const { accountId, accountName, appRoles, roles } = props.account;
  const importing = appRoles?.owner === "imported" ? appRoles.userName : undefined;
  const { partition } = stack.account;
  const { region: form, regionExample, defaultRegions, signInRegion } = awsCloud(partition);
  check(stack, "account.accountId", accountId).isAccountId();
  check(stack, "account.accountName", accountName).matches(
    /^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$/,
    "messages take 1 to 64 letters, digits, spaces, '_', '.' and '-'; choose such a name",
  );
  stack.regions.forEach((region, index) => {
    check(stack, `regions[${index}]`, region).matches(
      form,
      `partition ${partition} has regions like ${regionExample}; choose one of its own`,
    );
    check(stack, `regions[${index}]`, region).must(
      optInRegions[region] !== "disabled",
      "optInRegions disables it, and nothing can be made there; take it out of one of the two",
    );
  });
  for (const [region, state] of Object.entries(optInRegions)) {
    check(stack, "regions", [...stack.regions]).must(
      state === "disabled" || stack.regions.includes(region),
      `optInRegions enables ${region}, and nobody would watch it; add it`,
    );
  }
  check(stack, "alarmRegion", stack.alarmRegion).must(
    stack.regions.includes(stack.alarmRegion),
    `the account watches ${stack.regions.join(", ") || "no region"}; choose one of them`,
  );
  check(stack, "alarmRegion", stack.alarmRegion).must(
    optInRegions[stack.alarmRegion] !== "enabled",
    "optInRegions is only about to enable it, and the AWS provider works there from its first call on; choose a region that is on, or take it out of optInRegions once it is",
  );
  const { rootUser, federation, accessKeyAge, runbook } = alarms ?? {};
  const everywhere = Boolean(rootUser || federation || (alarms && importing) || breakGlass);
  check(stack, "regions", [...stack.regions]).must(
    !everywhere || signInRegion === undefined || stack.regions.includes(signInRegion),
    `root sign-ins and calls to IAM are recorded in ${signInRegion}, so alarms on them would never come; add it`,
  );
  check(stack, "regions", [...stack.regions]).must(
    !everywhere || signInRegion !== undefined || defaultRegions.every((region) => stack.regions.includes(region)),
    `no public page says where partition ${partition} records calls to IAM, so their alarms might never come; watch ${defaultRegions.join(", ")}`,
  );
  check(stack, "breakGlass", breakGlass?.role ? "role" : "user").must(
    breakGlass === undefined || alarms !== undefined,
    "it must not be used unseen, and there are no alarms; add alarms, or take it out",
  );
  check(stack, "alarms", "for nothing").should(
    alarms === undefined || everywhere || accessKeyAge !== undefined,
    "its subscribers will never hear anything; turn on rootUser and federation",
  );
  // "Regions supported by AWS Config before February 2022" record IAM's global resources: https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html
  check(stack, "alarmRegion", stack.alarmRegion).should(
    accessKeyAge === undefined || defaultRegions.includes(stack.alarmRegion),
    "AWS Config records IAM users in regions that it had before February 2022, and in a newer one the alarm on old keys never comes; choose another, or leave accessKeyAge out",
  );
  const recorder = accessKeyAge?.config;
  const trailBucket = typeof props.trail === "object" ? props.trail.bucketName : undefined;
  check(stack, "bucketName", trailBucket).must(
    trailBucket === undefined || typeof recorder !== "object" || recorder.bucketName !== trailBucket,
    "trail and AWS Config each make a bucket of their own; give them different names",
  );
  if (runbook !== undefined) {
    // The message is a JSON string with <names> in it.
    check(stack, "alarms.runbook", runbook).matches(
      /^https?:\/\/[^\s<>"\\]+$/,
      "the message takes a web address without spaces, quotes and '<>'; correct it",
    );
  }
  check(stack, "serviceAccounts", importing).must(
    importing === undefined || serviceAccounts[importing] === undefined,
    "the account's own stack makes that user for role import; take it out here",
  );
  // "They are not distinguished by case", and a path makes no difference: reference_iam-quotas, IAM name requirements.
  const named = breakGlass?.role && (breakGlass.role.name ?? BreakGlass.defaultName);
  check(stack, "breakGlass.role.name", named).must(
    named === undefined || !Object.keys(roles ?? {}).some((role) => role.toLowerCase() === named.toLowerCase()),
    "the account has a federated role of that name; choose another",
  );
  const boundary = KeysBoundary.arnOf(stack.account);
  check(stack, "keysBoundary", true).should(
    !props.keysBoundary ||
      roles === undefined ||
      Object.values(roles).some(({ permissionsBoundary }) => permissionsBoundary === boundary),
    `no role of the account carries it, so it binds nobody; once it is deployed, name ${boundary} as their permissionsBoundary`,
  );
}
