import { Cloud, type CloudState } from "../cloud/cloud";
import type { Tenant } from "../cloud/entra/tenant";
import { Engine } from "../provider/engine";
import { PluginServer } from "../provider/server";
import * as azuread from "../provider/types/azuread";
import type { Attributes } from "../provider/values";
import { Workspace } from "./support";

jest.setTimeout(180_000);

const TENANT = "11111111-1111-1111-1111-111111111111";
const CALLER = "22222222-2222-2222-2222-222222222222";
const ALICE = "33333333-3333-3333-3333-333333333333";
const BOB = "33333333-3333-3333-3333-333333333334";
const UNIT = "77777777-7777-7777-7777-777777777777";
const OTHER_UNIT = "77777777-7777-7777-7777-777777777778";

let tenant: Tenant;
let cloud: Cloud;
let state: CloudState;
let server: PluginServer;
let workspace: Workspace;

beforeEach(async () => {
  state = { now: "2026-01-01T00:00:00.000Z", tenants: {}, accounts: {} };
  cloud = new Cloud(undefined, state);
  tenant = cloud.tenant(TENANT);
  tenant.seed({
    callerId: CALLER,
    servicePrincipals: [{ id: CALLER, appId: CALLER, displayName: "deploy" }],
    users: [ALICE, BOB].map((id) => ({ id, displayName: id, userPrincipalName: `${id}@contoso.onmicrosoft.com` })),
    administrativeUnits: [UNIT, OTHER_UNIT].map((id) => ({ id, displayName: id })),
  });
  const connect = ({ tenant_id }: Attributes) => cloud.tenant(String(tenant_id));
  server = await PluginServer.start([
    new Engine({ source: "registry.terraform.io/hashicorp/azuread", ...azuread, connect }),
  ]);
  workspace = new Workspace(server.reattach);
});

afterEach(() => {
  server.stop();
  workspace.remove();
});

type Body = Record<string, unknown>;

const MFA = { require_multifactor_authentication: true, require_justification: true, require_ticket_info: false };
const CONTEXT = {
  required_conditional_access_authentication_context: "c1",
  require_justification: true,
  require_ticket_info: false,
};
const approvedBy = (object_id: string, type?: string) => ({
  require_approval: true,
  approval_stage: { primary_approver: [{ object_id, type }] },
});

/** A group with an eligible person, as the stacks write it. */
function eligible({
  group = {},
  policy = {},
  activation = { ...MFA, require_approval: false },
  schedule = { permanent_assignment: true },
}: {
  group?: Body;
  policy?: Body;
  activation?: Body;
  schedule?: Body | null;
} = {}): Body {
  return {
    terraform: { required_providers: { azuread: { source: "hashicorp/azuread" } } },
    provider: { azuread: { tenant_id: TENANT } },
    resource: {
      azuread_group: { admins: { display_name: "Administrators", security_enabled: true, owners: [CALLER], ...group } },
      azuread_group_role_management_policy: {
        admins: {
          group_id: "${azuread_group.admins.object_id}",
          role_id: "member",
          eligible_assignment_rules: { expiration_required: false },
          activation_rules: { maximum_duration: "PT1H", ...activation },
          ...policy,
        },
      },
      ...(schedule && {
        azuread_privileged_access_group_eligibility_schedule: {
          alice: {
            group_id: "${azuread_group.admins.object_id}",
            principal_id: ALICE,
            assignment_type: "member",
            depends_on: ["azuread_group_role_management_policy.admins"],
            lifecycle: {
              replace_triggered_by: ["azuread_group_role_management_policy.admins.eligible_assignment_rules"],
            },
            ...schedule,
          },
        },
      }),
    },
  };
}

const timed = (days: number) => ({
  policy: { eligible_assignment_rules: { expiration_required: true, expire_after: `P${days}D` } },
  schedule: {
    duration: `P${days}D`,
    lifecycle: {
      ignore_changes: ["duration"],
      replace_triggered_by: ["azuread_group_role_management_policy.admins.eligible_assignment_rules"],
    },
  },
});

async function apply(configuration: Body) {
  workspace.write(configuration);
  await workspace.init();
  return workspace.apply();
}

async function deploy(configuration: Body = eligible()) {
  const { code, out } = await apply(configuration);
  expect(code === 0 ? "deployed" : out).toBe("deployed");
}

const settled = { code: 0, out: expect.stringContaining("No changes") };
const words = ({ out }: { out: string }) => out.replace(/\s+/g, " ");
const groupId = () => tenant.groups.byDisplayName("Administrators")[0]?.id ?? "";
const rules = () => tenant.roleManagementPolicies.of(groupId(), "member").rules;
const ends = () => tenant.eligibility.of(groupId()).map(({ endDateTime }) => endDateTime);

test("an eligible person is deployed in one apply, settles, and goes; the rules stay with the group", async () => {
  await deploy();
  expect(rules()).toMatchObject({
    Expiration_Admin_Eligibility: { isExpirationRequired: false },
    Expiration_EndUser_Assignment: { isExpirationRequired: true, maximumDuration: "PT1H" },
    Enablement_EndUser_Assignment: { enabledRules: ["MultiFactorAuthentication", "Justification"] },
    Approval_EndUser_Assignment: { isApprovalRequired: false },
  });
  expect(tenant.eligibility.of(groupId())).toMatchObject([{ principalId: ALICE, endDateTime: null }]);
  expect(await workspace.plan()).toMatchObject(settled);

  await deploy(eligible({ schedule: null }));
  expect(tenant.eligibility.of(groupId())).toEqual([]);
  expect(await workspace.destroy()).toMatchObject({ code: 0 });
  expect(cloud.journal.mutations.map(({ operation }) => operation)).not.toContain(
    "DELETE /policies/roleManagementPolicies/{id}",
  );
});

test("an eligibility without an end is refused before the rules allow it", async () => {
  const early = eligible({ policy: { eligible_assignment_rules: [] } });
  expect(words(await apply(early))).toContain(
    'RoleAssignmentRequestPolicyValidationFailed: The following policy rules failed: ["ExpirationRule"]',
  );
});

test("a person who activated is no difference in a plan", async () => {
  await deploy();
  const body = { groupId: groupId(), principalId: ALICE, duration: "PT1H", justification: "on call", mfa: true };
  await tenant.activations.activate(body);
  expect(tenant.groups.get(groupId()).members).toEqual([ALICE]);
  expect(await workspace.plan()).toMatchObject(settled);
});

/** What a person sets in PIM > Groups > Settings. */
const byHand = (change: Parameters<Tenant["roleManagementPolicies"]["update"]>[2]) =>
  tenant.roleManagementPolicies.update(groupId(), "member", change);

test("only the rules that change are sent, and those that stood before the first deploy stay", async () => {
  const withoutRules = eligible({ schedule: null }) as { resource: Body };
  delete withoutRules.resource["azuread_group_role_management_policy"];
  await deploy(withoutRules);
  await byHand({ Expiration_Admin_Assignment: { isExpirationRequired: false, maximumDuration: "P90D" } });
  await deploy(eligible({ activation: { ...MFA, ...approvedBy(BOB, "singleUser") } }));
  const before = rules();
  expect(before.Expiration_Admin_Assignment).toEqual({ isExpirationRequired: false, maximumDuration: "P90D" });
  expect(await workspace.plan()).toMatchObject(settled);
  await deploy(eligible({ activation: { ...MFA, ...approvedBy(BOB, "singleUser"), maximum_duration: "PT2H" } }));
  expect(rules()).toEqual({
    ...before,
    Expiration_EndUser_Assignment: { isExpirationRequired: true, maximumDuration: "PT2H" },
  });
  expect(await workspace.plan()).toMatchObject(settled);
});

test("an approval that stood before the first deploy stays until the second, also where none is asked for", async () => {
  const withoutRules = eligible({ schedule: null }) as { resource: Body };
  delete withoutRules.resource["azuread_group_role_management_policy"];
  await deploy(withoutRules);
  const approval = (isApprovalRequired: boolean) => ({
    isApprovalRequired,
    primaryApprovers: [{ type: "singleUser" as const, id: BOB }],
  });
  await byHand({ Approval_EndUser_Assignment: approval(true) });
  await deploy();
  expect(rules().Approval_EndUser_Assignment).toEqual(approval(true));
  await deploy();
  expect(rules().Approval_EndUser_Assignment).toEqual(approval(false));
  expect(await workspace.plan()).toMatchObject(settled);
});

test("a block of rules that leaves the configuration is no change", async () => {
  const active = { active_assignment_rules: { require_justification: true, require_multifactor_authentication: true } };
  await deploy(eligible({ policy: active }));
  const before = rules();
  expect(before.Enablement_Admin_Assignment.enabledRules).toContain("MultiFactorAuthentication");
  const { resource } = eligible() as { resource: Record<string, { admins: Body }> };
  delete resource["azuread_group_role_management_policy"]?.admins["activation_rules"];
  workspace.write({ ...eligible(), resource });
  expect(await workspace.plan()).toMatchObject(settled);
  expect(rules()).toEqual(before);
});

test("after a change by hand every plan fails, until the state forgets the rules and a deploy adopts them; eligibilities stay", async () => {
  await deploy(eligible(timed(30)));
  cloud.clock.advance({ days: 10 });
  await byHand({ Expiration_EndUser_Assignment: { isExpirationRequired: true, maximumDuration: "PT12H" } });
  expect(words(await workspace.plan())).toContain("Request_ResourceNotFound");
  await workspace.run("state", "rm", "azuread_group_role_management_policy.admins");
  await deploy(eligible(timed(30)));
  expect(rules().Expiration_EndUser_Assignment.maximumDuration).toBe("PT1H");
  expect(ends()).toEqual(["2026-01-31T00:00:00Z"]);
  expect(await workspace.plan()).toMatchObject(settled);
});

test("another number of days, an end or none, is another eligibility that lasts as it is written", async () => {
  await deploy(eligible(timed(90)));
  expect(ends()).toEqual(["2026-04-01T00:00:00Z"]);
  expect(await workspace.plan()).toMatchObject(settled);
  await deploy(eligible(timed(180)));
  expect(ends()).toEqual(["2026-06-30T00:00:00Z"]);
  expect(await workspace.plan()).toMatchObject(settled);
  await deploy();
  expect(ends()).toEqual([null]);
  await deploy(eligible(timed(30)));
  expect(ends()).toEqual(["2026-01-31T00:00:00Z"]);
  expect(await workspace.plan()).toMatchObject(settled);
});

test("an eligibility whose request Entra has forgotten is no difference in a plan, and can still be another", async () => {
  await deploy(eligible(timed(90)));
  Object.assign(state.tenants[TENANT] ?? {}, { eligibilityRequests: [] });
  expect(await workspace.plan()).toMatchObject(settled);
  await deploy(eligible(timed(180)));
  expect(ends()).toEqual(["2026-06-30T00:00:00Z"]);
});

describe("an eligibility that has ended", () => {
  const activate = () =>
    tenant.activations.activate({
      ...{ groupId: groupId(), principalId: ALICE, duration: "PT1H", justification: "on call", mfa: true },
    });

  beforeEach(async () => {
    await deploy(eligible(timed(30)));
    cloud.clock.advance({ days: 31 });
    expect(ends()).toEqual([]);
  });

  test("is no difference in a plan, and cannot be taken away or made anew before the state forgets it", async () => {
    expect(await workspace.plan()).toMatchObject(settled);
    await expect(activate()).rejects.toMatchObject({ code: "RoleAssignmentRequestPolicyValidationFailed" });
    expect(words(await apply(eligible(timed(90))))).toContain("RoleAssignmentDoesNotExist");
    expect(words(await workspace.destroy())).toContain("RoleAssignmentDoesNotExist");

    await workspace.run("state", "rm", "azuread_privileged_access_group_eligibility_schedule.alice");
    await deploy(eligible({ ...timed(90), schedule: null }));
    expect(ends()).toEqual([]);
    expect(await workspace.destroy()).toMatchObject({ code: 0 });
  });

  test("comes back with the next deploy once Entra has forgotten its request", async () => {
    Object.assign(state.tenants[TENANT] ?? {}, { eligibilityRequests: [] });
    expect((await workspace.plan()).out).toContain("1 to add");
    await deploy(eligible(timed(30)));
    expect(ends()).toEqual(["2026-03-03T00:00:00Z"]);
  });
});

test("an eligibility that is extended in PIM is no difference in a plan", async () => {
  await deploy(eligible(timed(30)));
  const subject = { groupId: groupId(), principalId: ALICE, accessId: "member" as const };
  const expiration = { type: "afterDateTime" as const, duration: null, endDateTime: "2026-01-31T12:00:00Z" };
  await tenant.eligibility.request({
    ...subject,
    action: "adminExtend",
    scheduleInfo: { startDateTime: "2026-01-02T00:00:00Z", expiration },
  });
  expect(await workspace.plan()).toMatchObject(settled);
});

test("without replacement a change of the days is an update", async () => {
  const days = (count: number) => {
    const { policy } = timed(365);
    return eligible({ policy, schedule: { duration: `P${count}D`, lifecycle: {} } });
  };
  await deploy(days(90));
  await deploy(days(180));
  expect(ends()).toEqual(["2026-06-30T00:00:00Z"]);
  const [newest] = tenant.eligibility.requests(tenant.eligibility.of(groupId())[0]?.id ?? "");
  expect(newest?.action).toBe("adminUpdate");
});

test("an eligibility that somebody took away by hand is not seen, and destroy does not mind", async () => {
  await deploy();
  const subject = { groupId: groupId(), principalId: ALICE, accessId: "member" as const };
  await tenant.eligibility.request({ ...subject, action: "adminRemove" });
  const { out } = await workspace.plan();
  expect(out).not.toContain("azuread_privileged_access_group_eligibility_schedule.alice will");
  expect(await workspace.destroy()).toMatchObject({ code: 0 });
});

test("a lost eligibility is imported by the id of its schedule", async () => {
  await deploy();
  const [schedule] = tenant.eligibility.of(groupId());
  const address = "azuread_privileged_access_group_eligibility_schedule.alice";
  await workspace.run("state", "rm", address);
  expect(words(await workspace.apply())).toContain("RoleAssignmentExists");
  expect(await workspace.import(address, schedule?.id ?? "")).toMatchObject({ code: 0 });
  expect(await workspace.plan()).toMatchObject(settled);
});

describe("what the real provider does not do", () => {
  test("an approver without a type is dropped, and Entra then refuses an approval by nobody", async () => {
    const out = words(await apply(eligible({ activation: { ...MFA, ...approvedBy(BOB) } })));
    expect(out).toContain("InvalidPolicy: The policy is invalid.");
  });

  test("an approval without a stage fails at apply", async () => {
    const out = words(await apply(eligible({ activation: { ...MFA, require_approval: true } })));
    expect(out).toContain("require_approval is true, but no approval_stages are provided");
  });

  test("nothing asked at the first deploy leaves in force what Entra asks, until the next", async () => {
    const nothing = {
      require_multifactor_authentication: false,
      require_justification: false,
      require_ticket_info: false,
    };
    workspace.write(eligible({ activation: nothing }));
    await workspace.init();
    await workspace.apply();
    expect(rules().Enablement_EndUser_Assignment.enabledRules).toEqual(["MultiFactorAuthentication", "Justification"]);
  });

  test("from a second factor to an authentication context takes a deploy in between", async () => {
    await deploy();
    expect(words(await apply(eligible({ activation: CONTEXT })))).toContain("InvalidPolicy");
    await deploy(eligible({ activation: { ...MFA, require_multifactor_authentication: false } }));
    await deploy(eligible({ activation: CONTEXT }));
    expect(rules().AuthenticationContext_EndUser_Assignment).toEqual({ isEnabled: true, claimValue: "c1" });
    expect(await workspace.plan()).toMatchObject(settled);
  });

  test("an authentication context is never taken away", async () => {
    await deploy(eligible({ activation: CONTEXT }));
    expect(words(await apply(eligible()))).toContain("InvalidPolicy");
    await byHand({ AuthenticationContext_EndUser_Assignment: { isEnabled: false, claimValue: null } });
    await workspace.run("state", "rm", "azuread_group_role_management_policy.admins");
    await deploy();
    expect(rules().Enablement_EndUser_Assignment.enabledRules).toContain("MultiFactorAuthentication");
    expect(await workspace.plan()).toMatchObject(settled);
  });

  test.each([
    [
      "a context and `false` for MFA",
      { activation: { ...CONTEXT, require_multifactor_authentication: false } },
      "Conflicting",
    ],
    ["24 hours as PT24H", { activation: { maximum_duration: "PT24H" } }, "maximum_duration"],
    ["45 minutes", { activation: { maximum_duration: "PT45M" } }, "maximum_duration"],
    ["60 days", { policy: { eligible_assignment_rules: { expire_after: "P60D" } } }, "expire_after"],
    [
      "a date and a duration",
      { schedule: { duration: "P30D", expiration_date: "2026-02-01T00:00:00Z" } },
      "Conflicting",
    ],
    ["a ticket without its system", { schedule: { permanent_assignment: true, ticket_number: "1" } }, "ticket_system"],
  ])("%s is refused at validate", async (_, change, message) => {
    workspace.write(eligible(change));
    await workspace.init();
    expect(await workspace.validate()).toMatchObject({ code: 1, out: expect.stringContaining(message) });
  });
});

describe("a protected group", () => {
  test("that roles can be assigned to is another group", async () => {
    await deploy(eligible({ group: { assignable_to_role: true } }));
    expect(tenant.groups.get(groupId()).isAssignableToRole).toBe(true);
    expect(await workspace.plan()).toMatchObject(settled);
    workspace.write(eligible());
    expect((await workspace.plan()).out).toContain("azuread_group.admins must be replaced");
  });

  test("is made in its administrative unit, and only who manages units moves it to another, members and all", async () => {
    const { resource } = eligible({ group: { administrative_unit_ids: [UNIT] } }) as { resource: Body };
    const inUnit = (...units: string[]) => ({
      ...eligible(),
      resource: {
        azuread_group: {
          admins: { ...(resource["azuread_group"] as { admins: Body }).admins, administrative_unit_ids: units },
        },
      },
    });
    await deploy(inUnit(UNIT));
    expect(cloud.journal.mutations[0]?.operation).toBe("POST /directory/administrativeUnits/{id}/members");
    expect(await workspace.plan()).toMatchObject(settled);
    await tenant.groups.addMember(groupId(), ALICE);
    expect(words(await apply(inUnit(OTHER_UNIT)))).toContain("Authorization_RequestDenied");
    tenant.scenarios.deployIdentityManagesUnits = true;
    await deploy(inUnit(OTHER_UNIT));
    expect(tenant.groups.get(groupId()).members).toEqual([ALICE]);
    expect(tenant.administrativeUnits.of(groupId())).toMatchObject([{ id: OTHER_UNIT }]);
    expect(await workspace.plan()).toMatchObject(settled);
    await tenant.administrativeUnits.removeMember(OTHER_UNIT, groupId());
    expect((await workspace.plan()).out).toContain(`+ "${OTHER_UNIT}"`);
  });
});
