import type { Construct } from "constructs";
import type { AwsAccount } from "../aws/saml-provider";
import { BreakGlass } from "../baseline/break-glass";
import { KeysBoundary } from "../baseline/keys-boundary";
import { refuseUnless, warnUnless } from "../check";
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
  refuseUnless(
    typeof accountId === "string" && /^\d{12}$/.test(accountId),
    stack,
    "account.accountId",
    accountId,
    "AWS takes 12 digits; write it as a string, so that leading zeros stay",
  );
  refuseUnless(
    /^[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}$/.test(accountName),
    stack,
    "account.accountName",
    accountName,
    "messages take 1 to 64 letters, digits, spaces, '_', '.' and '-'; choose such a name",
  );
  stack.regions.forEach((region, index) => {
    refuseUnless(
      form.test(region),
      stack,
      `regions[${index}]`,
      region,
      `partition ${partition} has regions like ${regionExample}; choose one of its own`,
    );
    refuseUnless(
      optInRegions[region] !== "disabled",
      stack,
      `regions[${index}]`,
      region,
      "optInRegions disables it, and nothing can be made there; take it out of one of the two",
    );
  });
  for (const [region, state] of Object.entries(optInRegions)) {
    refuseUnless(
      state === "disabled" || stack.regions.includes(region),
      stack,
      "regions",
      [...stack.regions],
      `optInRegions enables ${region}, and nobody would watch it; add it`,
    );
  }
  refuseUnless(
    stack.regions.includes(stack.alarmRegion),
    stack,
    "alarmRegion",
    stack.alarmRegion,
    `the account watches ${stack.regions.join(", ") || "no region"}; choose one of them`,
  );
  refuseUnless(
    optInRegions[stack.alarmRegion] !== "enabled",
    stack,
    "alarmRegion",
    stack.alarmRegion,
    "optInRegions is only about to enable it, and the AWS provider works there from its first call on; choose a region that is on, or take it out of optInRegions once it is",
  );
  const { rootUser, federation, accessKeyAge, runbook } = alarms ?? {};
  const everywhere = Boolean(rootUser || federation || (alarms && importing) || breakGlass);
  refuseUnless(
    !everywhere || signInRegion === undefined || stack.regions.includes(signInRegion),
    stack,
    "regions",
    [...stack.regions],
    `root sign-ins and calls to IAM are recorded in ${signInRegion}, so alarms on them would never come; add it`,
  );
  refuseUnless(
    !everywhere || signInRegion !== undefined || defaultRegions.every((region) => stack.regions.includes(region)),
    stack,
    "regions",
    [...stack.regions],
    `no public page says where partition ${partition} records calls to IAM, so their alarms might never come; watch ${defaultRegions.join(", ")}`,
  );
  refuseUnless(
    breakGlass === undefined || alarms !== undefined,
    stack,
    "breakGlass",
    breakGlass?.role ? "role" : "user",
    "it must not be used unseen, and there are no alarms; add alarms, or take it out",
  );
  warnUnless(
    alarms === undefined || everywhere || accessKeyAge !== undefined,
    stack,
    "alarms",
    "for nothing",
    "its subscribers will never hear anything; turn on rootUser and federation",
  );
  // "Regions supported by AWS Config before February 2022" record IAM's global resources: https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html
  warnUnless(
    accessKeyAge === undefined || defaultRegions.includes(stack.alarmRegion),
    stack,
    "alarmRegion",
    stack.alarmRegion,
    "AWS Config records IAM users in regions that it had before February 2022, and in a newer one the alarm on old keys never comes; choose another, or leave accessKeyAge out",
  );
  const recorder = accessKeyAge?.config;
  const trailBucket = typeof props.trail === "object" ? props.trail.bucketName : undefined;
  refuseUnless(
    trailBucket === undefined || typeof recorder !== "object" || recorder.bucketName !== trailBucket,
    stack,
    "bucketName",
    trailBucket,
    "trail and AWS Config each make a bucket of their own; give them different names",
  );
  if (runbook !== undefined) {
    // The message is a JSON string with <names> in it.
    refuseUnless(
      /^https?:\/\/[^\s<>"\\]+$/.test(runbook),
      stack,
      "alarms.runbook",
      runbook,
      "the message takes a web address without spaces, quotes and '<>'; correct it",
    );
  }
  refuseUnless(
    importing === undefined || serviceAccounts[importing] === undefined,
    stack,
    "serviceAccounts",
    importing,
    "the account's own stack makes that user for role import; take it out here",
  );
  // "They are not distinguished by case", and a path makes no difference: reference_iam-quotas, IAM name requirements.
  const named = breakGlass?.role && (breakGlass.role.name ?? BreakGlass.defaultName);
  refuseUnless(
    named === undefined || !Object.keys(roles ?? {}).some((role) => role.toLowerCase() === named.toLowerCase()),
    stack,
    "breakGlass.role.name",
    named,
    "the account has a federated role of that name; choose another",
  );
  const boundary = KeysBoundary.arnOf(stack.account);
  warnUnless(
    !props.keysBoundary ||
      roles === undefined ||
      Object.values(roles).some(({ permissionsBoundary }) => permissionsBoundary === boundary),
    stack,
    "keysBoundary",
    true,
    `no role of the account carries it, so it binds nobody; once it is deployed, name ${boundary} as their permissionsBoundary`,
  );
}
