import { KeysBoundary } from "../baseline/keys-boundary";
import { refuseUnless, warnUnless } from "../check";
import type { AccountBaselineStack } from "./account-baseline-stack";
import type { AwsAccountStack } from "./aws-account-stack";

/** Reports where a baseline and the stack of the same account name the same thing differently, or both make it. */
export function checkBaselineWithAccount(baseline: AccountBaselineStack, account: AwsAccountStack): void {
  const { id } = account.node;
  const roles = [...account.roles.values()].map(({ role }) => role);
  const { accessAnalyzer } = baseline;
  if (accessAnalyzer) {
    const arns = roles.map(({ arn }) => arn).sort();
    warnUnless(
      String(arns) === String(accessAnalyzer.expected),
      accessAnalyzer,
      "accessAnalyzer.federatedRoles",
      [...accessAnalyzer.expected],
      `${id} has ${arns.join(", ")}; name the same in ${baseline.node.id}, or Access Analyzer reports or overlooks the difference`,
    );
    warnUnless(
      accessAnalyzer.provider === account.samlProvider.arn,
      accessAnalyzer,
      "accessAnalyzer.samlProviderName",
      accessAnalyzer.provider,
      `${id} has ${account.samlProvider.arn}; name the same, or Access Analyzer reports every role of the federation`,
    );
  }
  if (baseline.breakGlass && baseline.props.breakGlass?.role) {
    // "They are not distinguished by case", and a path makes no difference: reference_iam-quotas, IAM name requirements.
    const nameOf = (arn: string) => arn.slice(arn.lastIndexOf("/") + 1).toLowerCase();
    const { arn } = baseline.breakGlass;
    refuseUnless(
      !roles.some((role) => nameOf(role.arn) === nameOf(arn)),
      baseline,
      "breakGlass.role.name",
      arn.slice(arn.lastIndexOf("/") + 1),
      `${id} has a federated role of that name; choose another`,
    );
  }
  checkProvisioningUser(baseline, account);
  warnUnless(
    !baseline.props.keysBoundary ||
      roles.some(({ resource }) => resource.permissionsBoundaryInput === boundary(account)),
    baseline,
    "keysBoundary",
    true,
    `no role of ${id} carries it, so it binds nobody; once it is deployed, name ${boundary(account)} as their permissionsBoundary`,
  );
}

const boundary = ({ account }: AwsAccountStack) => KeysBoundary.arnOf(account);

function checkProvisioningUser(baseline: AccountBaselineStack, account: AwsAccountStack): void {
  const { id } = account.node;
  const { alarms, serviceAccounts = {} } = baseline.props;
  const made = account.roleImport?.user.keys.userName;
  const watched = alarms?.provisioningUser;
  warnUnless(
    alarms === undefined || watched === made,
    baseline,
    "alarms.provisioningUser",
    watched ?? "not there",
    made === undefined
      ? `${id} has no such user, so the alarm can never come; take it out`
      : `${id} has ${made}, whose key would be used unseen; name it`,
  );
  refuseUnless(
    made === undefined || watched === made || serviceAccounts[made] === undefined,
    baseline,
    "serviceAccounts",
    made,
    `${id} makes that user for role import; take it out here`,
  );
}
