import { Clock } from "../cloud/clock";
import type { ActivationBody } from "../cloud/entra/activations";
import type { EligibilityBody } from "../cloud/entra/eligibility";
import { minutesOf } from "../cloud/entra/iso-duration";
import { Tenant } from "../cloud/entra/tenant";
import { Journal } from "../cloud/journal";

const CALLER = "22222222-2222-2222-2222-222222222222";
const ALICE = "33333333-3333-3333-3333-333333333333";
const BOB = "33333333-3333-3333-3333-333333333334";
const UNIT = "77777777-7777-7777-7777-777777777777";

let clock: Clock;
let tenant: Tenant;
/** The group whose membership is activated. */
let group: string;

beforeEach(async () => {
  clock = new Clock({ now: "2026-01-01T00:00:00.000Z" });
  const surroundings = { clock, journal: new Journal(() => undefined) };
  tenant = new Tenant(Tenant.emptyState("11111111-1111-1111-1111-111111111111"), surroundings, () => []);
  tenant.seed({
    callerId: CALLER,
    servicePrincipals: [{ id: CALLER, appId: CALLER, displayName: "deploy" }],
    users: [
      { id: ALICE, displayName: "Alice", userPrincipalName: "alice@contoso.onmicrosoft.com" },
      { id: BOB, displayName: "Bob", userPrincipalName: "bob@contoso.onmicrosoft.com" },
    ],
    administrativeUnits: [{ id: UNIT, displayName: "Restricted" }],
  });
  group = (await newGroup("Administrators")).id;
});

const newGroup = (displayName: string, change: { isAssignableToRole?: boolean } = {}, unit?: string) =>
  tenant.groups.create({ displayName, mailNickname: "g", securityEnabled: true, ...change }, unit);

const assign = (change: Partial<EligibilityBody> = {}) =>
  tenant.eligibility.request({
    ...{ action: "adminAssign", accessId: "member", groupId: group, principalId: ALICE },
    scheduleInfo: after("P365D"),
    ...change,
  });
const after = (duration: string) => ({
  startDateTime: null,
  expiration: { type: "afterDuration" as const, duration, endDateTime: null },
});
const forever = {
  startDateTime: null,
  expiration: { type: "noExpiration" as const, duration: null, endDateTime: null },
};
const activate = (change: Partial<ActivationBody> = {}) =>
  tenant.activations.activate({
    ...{ groupId: group, principalId: ALICE, duration: "PT1H", justification: "on call", mfa: true },
    ...change,
  });
const failed = (...rules: string[]) => ({
  code: "RoleAssignmentRequestPolicyValidationFailed",
  status: 400,
  message: `The following policy rules failed: ${JSON.stringify(rules)}`,
});
const members = () => tenant.groups.get(group).members;

test.each([
  ["PT30M", 30],
  ["PT1H30M", 90],
  ["P1D", 1440],
  ["P1DT1H", 1500],
  ["30 days", undefined],
  ["P", undefined],
  ["PT", undefined],
])("%s is %p minutes", (duration, minutes) => expect(minutesOf(duration)).toBe(minutes));

describe("the PIM settings of a group", () => {
  test("are there before anybody set any, and asking for them makes none", () => {
    const { rules } = tenant.roleManagementPolicies.of(group, "member");
    expect(rules.Expiration_Admin_Eligibility).toEqual({ isExpirationRequired: true, maximumDuration: "P365D" });
    expect(rules.Enablement_EndUser_Assignment.enabledRules).toEqual(["MultiFactorAuthentication", "Justification"]);
    expect(rules.Expiration_EndUser_Assignment.maximumDuration).toBe("PT8H");
    const { id } = tenant.roleManagementPolicies.of(group, "member");
    expect(() => tenant.roleManagementPolicies.get(id)).toThrow(expect.objectContaining({ status: 404 }));
  });

  test("keep the rules that are not sent, and get another id with every change", async () => {
    const rule = { Enablement_EndUser_Assignment: { enabledRules: ["Ticketing"] } };
    const first = await tenant.roleManagementPolicies.update(group, "member", rule);
    const second = await tenant.roleManagementPolicies.update(group, "member", {});
    expect(second.id).not.toBe(first.id);
    expect(second.rules).toEqual(first.rules);
    expect(second.rules.Enablement_EndUser_Assignment.enabledRules).toEqual(["Ticketing"]);
    expect(second.rules.Expiration_EndUser_Assignment.maximumDuration).toBe("PT8H");
    expect(tenant.roleManagementPolicies.of(group, "owner").rules).not.toEqual(second.rules);
  });

  test.each([
    [
      "a second factor and an authentication context",
      { AuthenticationContext_EndUser_Assignment: { isEnabled: true, claimValue: "c1" } },
    ],
    ["an approval by nobody", { Approval_EndUser_Assignment: { isApprovalRequired: true, primaryApprovers: [] } }],
    [
      "a group that approves like a person",
      {
        Approval_EndUser_Assignment: {
          isApprovalRequired: true,
          primaryApprovers: [{ type: "groupMembers" as const, id: ALICE }],
        },
      },
    ],
    [
      "an activation of 25 hours",
      { Expiration_EndUser_Assignment: { isExpirationRequired: true, maximumDuration: "PT25H" } },
    ],
    ["an end without a duration", { Expiration_Admin_Assignment: { isExpirationRequired: true, maximumDuration: "" } }],
  ])("refuse %s", async (_, rules) => {
    await expect(tenant.roleManagementPolicies.update(group, "member", rules)).rejects.toMatchObject({
      code: "InvalidPolicy",
    });
  });
});

describe("an eligibility", () => {
  test("has to end, until the rules say otherwise", async () => {
    await expect(assign({ scheduleInfo: forever })).rejects.toMatchObject(failed("ExpirationRule"));
    await expect(assign({ scheduleInfo: after("P366D") })).rejects.toMatchObject(failed("ExpirationRule"));
    await tenant.roleManagementPolicies.update(group, "member", {
      Expiration_Admin_Eligibility: { isExpirationRequired: false, maximumDuration: "P365D" },
    });
    const { targetScheduleId } = await assign({ scheduleInfo: forever });
    expect(tenant.eligibility.get(targetScheduleId).endDateTime).toBeNull();
    expect(members()).toEqual([]);
  });

  test("is given once, changed and taken away; every request stays", async () => {
    const { targetScheduleId } = await assign();
    await expect(assign()).rejects.toMatchObject({ code: "RoleAssignmentExists" });
    await assign({ action: "adminUpdate", scheduleInfo: after("P30D") });
    expect(tenant.eligibility.get(targetScheduleId).endDateTime).toBe("2026-01-31T00:00:00Z");
    await assign({ action: "adminRemove" });
    expect(tenant.eligibility.of(group)).toEqual([]);
    await expect(assign({ action: "adminRemove" })).rejects.toMatchObject({ code: "RoleAssignmentDoesNotExist" });
    await expect(assign({ action: "adminUpdate" })).rejects.toMatchObject({ code: "RoleAssignmentDoesNotExist" });
    expect(tenant.eligibility.requests(targetScheduleId).map(({ action, status }) => `${action} ${status}`)).toEqual([
      "adminRemove Revoked",
      "adminUpdate Provisioned",
      "adminAssign Provisioned",
    ]);
  });

  test("ends by the clock", async () => {
    const { targetScheduleId } = await assign({ scheduleInfo: after("P15D") });
    clock.advance({ days: 15 });
    expect(() => tenant.eligibility.get(targetScheduleId)).toThrow(expect.objectContaining({ status: 404 }));
    await expect(activate()).rejects.toMatchObject(failed("EligibilityRule"));
  });

  test("goes with its group, and with its person", async () => {
    await assign();
    await activate();
    await tenant.users.delete(ALICE);
    expect(tenant.eligibility.of(group)).toEqual([]);
    expect(members()).toEqual([]);
    await assign({ principalId: BOB });
    await tenant.groups.delete(group);
    expect(tenant.eligibility.of(group)).toEqual([]);
  });
});

describe("an activation", () => {
  test("makes a person a direct member until its end, and no longer", async () => {
    await assign();
    expect(tenant.groups.directlyContaining(ALICE)).toEqual([]);
    expect(await activate()).toMatchObject({ status: "Provisioned", endDateTime: "2026-01-01T01:00:00Z" });
    expect(tenant.groups.directlyContaining(ALICE)).toMatchObject([{ id: group, members: [ALICE] }]);
    await expect(activate()).rejects.toMatchObject({ code: "RoleAssignmentExists" });
    clock.advance({ minutes: 60 });
    expect(members()).toEqual([]);
    expect(tenant.activations.running(group)).toEqual([]);
    await activate();
    expect(members()).toEqual([ALICE]);
  });

  test("is refused with every rule that fails, by name", async () => {
    await expect(activate()).rejects.toMatchObject(failed("EligibilityRule"));
    await assign();
    await tenant.roleManagementPolicies.update(group, "member", {
      Enablement_EndUser_Assignment: { enabledRules: ["MultiFactorAuthentication", "Justification", "Ticketing"] },
    });
    await expect(activate({ mfa: false, justification: "", duration: "PT9H" })).rejects.toMatchObject(
      failed("ExpirationRule", "MfaRule", "JustificationRule", "TicketingRule"),
    );
    await expect(activate({ duration: "PT4M" })).rejects.toMatchObject(failed("ExpirationRule", "TicketingRule"));
    await activate({ ticketInfo: { ticketNumber: "INC1", ticketSystem: null } });
    expect(members()).toEqual([ALICE]);
  });

  test("asks for a second factor where nothing else is behind the authentication context", async () => {
    await assign();
    await tenant.roleManagementPolicies.update(group, "member", {
      Enablement_EndUser_Assignment: { enabledRules: [] },
      AuthenticationContext_EndUser_Assignment: { isEnabled: true, claimValue: "c1" },
    });
    await expect(activate({ mfa: false })).rejects.toMatchObject({ code: "RoleAssignmentRequestAcrsValidationFailed" });
    await activate();
  });

  test("is for each member of an eligible group alone, and for direct members", async () => {
    const team = await newGroup("Team");
    const inner = await newGroup("Inner");
    await tenant.groups.addMember(team.id, ALICE);
    await tenant.groups.addMember(team.id, inner.id);
    await tenant.groups.addMember(inner.id, BOB);
    await assign({ principalId: team.id });
    expect(tenant.activations.groupsFor(ALICE)).toEqual([group]);
    expect(tenant.activations.groupsFor(BOB)).toEqual([]);
    await activate();
    expect(members()).toEqual([ALICE]);
    await expect(activate({ principalId: BOB })).rejects.toMatchObject(failed("EligibilityRule"));
  });

  test("ends when the person ends it, but not in the first five minutes", async () => {
    await expect(tenant.activations.deactivate(group, ALICE)).rejects.toMatchObject({
      code: "RoleAssignmentDoesNotExist",
    });
    await assign();
    await activate();
    clock.advance({ minutes: 4 });
    await expect(tenant.activations.deactivate(group, ALICE)).rejects.toMatchObject({ code: "ActiveDurationTooShort" });
    clock.advance({ minutes: 1 });
    await tenant.activations.deactivate(group, ALICE);
    expect(members()).toEqual([]);
  });

  test("ends when somebody takes the person out of the group, and runs on without the eligibility", async () => {
    await assign();
    await activate();
    await assign({ action: "adminRemove" });
    expect(members()).toEqual([ALICE]);
    await tenant.groups.removeMember(group, ALICE);
    expect(members()).toEqual([]);
  });

  test("is no second membership", async () => {
    await assign();
    await activate();
    await expect(tenant.groups.addMember(group, ALICE)).rejects.toMatchObject({ status: 400 });
  });
});

describe("an activation that needs an approval", () => {
  let approvers: string;

  beforeEach(async () => {
    approvers = (await newGroup("Approvers")).id;
    await tenant.groups.addMember(approvers, BOB);
    await tenant.groups.addMember(approvers, ALICE);
    await assign();
    await tenant.roleManagementPolicies.update(group, "member", {
      Approval_EndUser_Assignment: {
        isApprovalRequired: true,
        primaryApprovers: [{ type: "groupMembers", id: approvers }],
      },
    });
  });

  test("waits, and begins with the approval of somebody else", async () => {
    const { id, status } = await activate();
    expect(status).toBe("PendingApproval");
    expect(members()).toEqual([]);
    await expect(activate()).rejects.toMatchObject({ code: "PendingRoleAssignmentRequest" });
    await expect(tenant.activations.decide(id, ALICE, "Approve")).rejects.toMatchObject({ status: 403 });
    await expect(tenant.activations.decide(id, CALLER, "Approve")).rejects.toMatchObject({ status: 403 });
    clock.advance({ minutes: 30 });
    await tenant.activations.decide(id, BOB, "Approve");
    expect(tenant.activations.get(id).endDateTime).toBe("2026-01-01T01:30:00Z");
    expect(members()).toEqual([ALICE]);
    await expect(tenant.activations.decide(id, BOB, "Deny")).rejects.toMatchObject({ status: 400 });
  });

  test("may be denied, and lapses after a day", async () => {
    const denied = await activate();
    await tenant.activations.decide(denied.id, BOB, "Deny");
    expect(members()).toEqual([]);
    const forgotten = await activate();
    clock.advance({ days: 1 });
    await expect(tenant.activations.decide(forgotten.id, BOB, "Approve")).rejects.toMatchObject({ status: 400 });
    expect((await activate()).status).toBe("PendingApproval");
  });
});

describe("a restricted administrative unit", () => {
  test("has a group that PIM does not manage", async () => {
    const { id } = await newGroup("Protected", {}, UNIT);
    expect(tenant.administrativeUnits.of(id)).toMatchObject([{ id: UNIT, isMemberManagementRestricted: true }]);
    await expect(tenant.roleManagementPolicies.update(id, "member", {})).rejects.toMatchObject({
      code: "InvalidResource",
    });
    await expect(assign({ groupId: id })).rejects.toMatchObject({ code: "InvalidResource" });
  });

  test("keeps a deploy identity out that has no role scoped to it", async () => {
    const { id } = await newGroup("Protected", {}, UNIT);
    tenant.scenarios.deployIdentityUnscoped = true;
    const denied = { code: "Authorization_RequestDenied", status: 403 };
    await expect(newGroup("Another", {}, UNIT)).rejects.toMatchObject(denied);
    await expect(tenant.groups.update(id, { description: "x" })).rejects.toMatchObject(denied);
    await expect(tenant.groups.addMember(id, ALICE)).rejects.toMatchObject(denied);
    await expect(tenant.groups.addOwner(id, ALICE)).rejects.toMatchObject(denied);
    await expect(tenant.groups.delete(id)).rejects.toMatchObject(denied);
    await expect(tenant.administrativeUnits.removeMember(UNIT, id)).rejects.toMatchObject(denied);
    await tenant.groups.addMember(group, ALICE);
  });
});

test("a tenant has 500 groups at most that roles can be assigned to", async () => {
  tenant.seed({
    groups: Array.from({ length: 500 }, (_, i) => ({
      id: `00000000-0000-0000-0001-${String(i).padStart(12, "0")}`,
      displayName: `Role ${i}`,
      isAssignableToRole: true,
    })),
  });
  await expect(newGroup("One more", { isAssignableToRole: true })).rejects.toMatchObject({ status: 400 });
  await newGroup("Another");
});
