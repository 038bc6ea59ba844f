import { eligible, longestActivationSec } from "../constructs/entra/eligible-members";
import { AwsAccountStack } from "../constructs/stacks/aws-account-stack";
import { warnOfLicences } from "../constructs/stacks/licences";
import { blocksOf } from "./support/stack-json";
import { type AccountChanges, account, addresses, annotations, at, ids, synthAccount, testApp } from "./support/synth";

type Options = Parameters<typeof eligible>[0];

const administrator = (options: Options, role: NonNullable<AccountChanges["roles"]>[string] = {}): AccountChanges => ({
  roles: { Administrator: { ...role, membership: eligible(options) }, Developer: {} },
});
const synth = (options: Options) => synthAccount(administrator(options)).json;

const POLICY = "azuread_group_role_management_policy.administrator_eligibility";
const SCHEDULE = "azuread_privileged_access_group_eligibility_schedule";
const rules = (options: Options) => at(synth(options), POLICY);
const activation = (rulesOf: NonNullable<Options>["activation"]) => rules({ activation: rulesOf })["activation_rules"];
const schedules = (changes: AccountChanges) =>
  blocksOf(synthAccount(changes).json).filter(({ type }) => type === SCHEDULE);

describe("a role with eligible members", () => {
  test("has the rules of its group in force before the group gets the app role, and no other role waits for them", () => {
    const json = synth({ users: [ids.group] });
    expect(at(json, "azuread_app_role_assignment.administrator_group")["depends_on"]).toContain(POLICY);
    expect(at(json, "azuread_app_role_assignment.developer_group")["depends_on"]).not.toContain(POLICY);
    expect(addresses(json).filter((address) => address.includes("eligib"))).toEqual([
      POLICY,
      `${SCHEDULE}.administrator_eligibility_user_${ids.group.replaceAll("-", "_")}`,
    ]);
  });

  test("asks for a second factor and a justification, for eight hours, as long as nothing else is said", () => {
    expect(rules({})).toMatchObject({
      group_id: "${azuread_group.administrator_group.object_id}",
      role_id: "member",
      activation_rules: {
        maximum_duration: "PT8H",
        require_multifactor_authentication: true,
        require_justification: true,
        require_ticket_info: false,
        require_approval: false,
      },
    });
    expect(longestActivationSec(eligible())).toBe(8 * 3600);
  });

  test("may use a group that is there", () => {
    const changes = administrator({ groups: [ids.otherDeployer] }, { group: { existing: ids.group } });
    expect(at(synthAccount(changes).json, POLICY)["group_id"]).toBe(ids.group);
    expect(schedules(changes)).toMatchObject([{ body: { group_id: ids.group, principal_id: ids.otherDeployer } }]);
  });

  test("may import its app role", () => {
    const { json } = synthAccount({
      ...administrator({}),
      appRoles: {
        owner: "imported",
        accessKeys: { active: "k1" },
        userName: "Svc-E",
        unproven: [],
        retiring: false,
      },
    });
    expect(at(json, "azuread_app_role_assignment.administrator_group")["depends_on"]).toContain(POLICY);
  });
});

describe("who is eligible", () => {
  test("has an eligibility of their own, after the rules that allow it, with one end or none", () => {
    const [group, user] = schedules(administrator({ users: [ids.group], groups: [ids.otherDeployer] }));
    expect(user?.body).toEqual({
      group_id: "${azuread_group.administrator_group.object_id}",
      principal_id: ids.group,
      assignment_type: "member",
      permanent_assignment: true,
      depends_on: [POLICY],
      lifecycle: { replace_triggered_by: [`${POLICY}.eligible_assignment_rules`] },
    });
    expect(group?.body).toMatchObject({ principal_id: ids.otherDeployer });
    expect(rules({ users: [ids.group] })["eligible_assignment_rules"]).toEqual({ expiration_required: false });
  });

  test("for a number of days has a duration alone, and rules that take no more", () => {
    const options = { users: [ids.group], expiresAfterDays: 90 } as const;
    const [user] = schedules(administrator(options));
    expect(user?.body).toMatchObject({ duration: "P90D", lifecycle: { ignore_changes: ["duration"] } });
    expect(user?.body).not.toHaveProperty("permanent_assignment");
    expect(rules(options)["eligible_assignment_rules"]).toEqual({ expiration_required: true, expire_after: "P90D" });
  });

  test("keeps the address when somebody else comes or goes", () => {
    const before = addresses(synth({ users: [ids.group] }));
    const after = addresses(synth({ users: [ids.otherDeployer, ids.group] }));
    expect(after).toEqual(expect.arrayContaining(before));
  });

  test("are the test users of such a role, and they are no members", () => {
    const { json } = synthAccount(administrator({ expiresAfterDays: 15 }), (stack) =>
      stack.addTestUsersOf({ Administrator: "Test-AWSAdmin", Developer: "Test-AWSDeveloper" }),
    );
    expect(at(json, `${SCHEDULE}.test_aws_admin_eligibility`)).toMatchObject({
      group_id: "${azuread_group.administrator_group.object_id}",
      principal_id: "${azuread_user.test_aws_admin.object_id}",
      duration: "P15D",
      depends_on: [POLICY],
    });
    expect(addresses(json).filter((address) => address.startsWith("azuread_group_member."))).toEqual([
      "azuread_group_member.test_aws_developer_membership",
    ]);
  });
});

describe("the activation", () => {
  test.each([
    [0.5, "PT30M"],
    [1, "PT1H"],
    [1.5, "PT1H30M"],
    [8, "PT8H"],
    [23.5, "PT23H30M"],
    [24, "P1D"],
  ])("of at most %p hours is %s", (maximumHours, duration) => {
    expect(activation({ maximumHours })).toMatchObject({ maximum_duration: duration });
  });

  test("with an authentication context says nothing of a second factor, not even no", () => {
    const asked = activation({ require: { authenticationContext: "c1" } });
    expect(asked).toMatchObject({ required_conditional_access_authentication_context: "c1" });
    expect(asked).not.toHaveProperty("require_multifactor_authentication");
    expect(activation({ require: "nothing" })).toMatchObject({ require_multifactor_authentication: false });
  });

  test("with approvers has one stage, and every approver has a type", () => {
    const approvers = { users: [ids.otherDeployer, ids.deployer], groups: [ids.group] };
    expect(activation({ approvers, ticket: true })).toMatchObject({
      require_approval: true,
      require_ticket_info: true,
      approval_stage: {
        primary_approver: [
          { object_id: ids.deployer, type: "singleUser" },
          { object_id: ids.otherDeployer, type: "singleUser" },
          { object_id: ids.group, type: "groupMembers" },
        ],
      },
    });
    expect(activation({})).not.toHaveProperty("approval_stage");
  });
});

describe("a protected group", () => {
  const group = (protection: "roleAssignable" | { administrativeUnit: string }) =>
    at(
      synthAccount({ roles: { Administrator: { group: { name: "Admins", protection } } } }).json,
      "azuread_group.administrator_group",
    );

  test("is role-assignable, or in an administrative unit, or neither", () => {
    expect(group("roleAssignable")).toMatchObject({ assignable_to_role: true });
    expect(group("roleAssignable")).not.toHaveProperty("administrative_unit_ids");
    expect(group({ administrativeUnit: ids.group })).toMatchObject({ administrative_unit_ids: [ids.group] });
    expect(group({ administrativeUnit: ids.group })).not.toHaveProperty("assignable_to_role");
    const plain = at(synthAccount().json, "azuread_group.administrator_group");
    expect(plain).not.toHaveProperty("assignable_to_role");
    expect(plain).not.toHaveProperty("administrative_unit_ids");
  });
});

test("eligible members say once for all accounts that they need Entra ID P2 or ID Governance", () => {
  const app = testApp();
  const stacks = ["aws-account1", "aws-account2", "aws-account3"].map((id, index) => {
    const roles = index === 0 ? {} : administrator({});
    return new AwsAccountStack(app, id, account({ ...roles, accountId: `21098765432${index}`, accountName: id }));
  });
  warnOfLicences(stacks);
  expect(annotations(app, "@cdktf/warn")).toEqual([
    "[aws-account2] licence for eligible() (also in aws-account3) is 'Microsoft Entra ID P2 or ID Governance'; make sure that the tenant has it",
  ]);
});
