import { Clock } from "../cloud/clock";
import { AWS_SINGLE_ACCOUNT_ACCESS } from "../cloud/entra/application-templates";
import { judge, type ListedRole } from "../cloud/entra/role-import";
import type { CycleOptions } from "../cloud/entra/synchronization";
import { Tenant } from "../cloud/entra/tenant";
import { ServiceError } from "../cloud/errors";
import { Journal } from "../cloud/journal";

const PROVIDER = "arn:aws:iam::123456789012:saml-provider/Entra";

function awsRole(roleName: string, change: { action?: unknown; federated?: unknown; path?: string } = {}): ListedRole {
  const { action = "sts:AssumeRoleWithSAML", federated = PROVIDER, path = "/" } = change;
  const Statement = [{ Effect: "Allow", Principal: { Federated: federated }, Action: action }];
  return {
    arn: `arn:aws:iam::123456789012:role${path}${roleName}`,
    roleName,
    path,
    assumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
  };
}

const claimOf = ({ arn }: ListedRole) => `${arn},${PROVIDER}`;

let tenant: Tenant;
let clock: Clock;
let roles: ListedRole[];
let sp: string;
let application: string;
let job: string;

beforeEach(async () => {
  clock = new Clock({ now: "2026-01-01T00:00:00.000Z" });
  roles = [awsRole("Administrator"), awsRole("Developer")];
  tenant = new Tenant(Tenant.emptyState("t"), { clock, journal: new Journal(() => undefined) }, (keyId, secret) => {
    if (keyId === "AKIA" && secret === "s3cret") return roles;
    throw new ServiceError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
  });
  const made = await tenant.applicationTemplates.instantiate(AWS_SINGLE_ACCOUNT_ACCESS, "AWS Account1");
  ({ servicePrincipalId: sp, applicationId: application } = made);
  await tenant.synchronization.setSecrets(sp, [
    { key: "ClientSecret", value: "AKIA" },
    { key: "SecretToken", value: "s3cret" },
  ]);
  job = (await tenant.synchronization.createJob(sp, "aws")).id;
  await tenant.synchronization.startJob(sp, job);
});

const cycle = (options: Partial<CycleOptions> = {}) =>
  tenant.synchronization.runCycle(sp, { variant: "service principal", ...options });
const values = (list: { value: string | null; isEnabled: boolean }[]) =>
  list.filter(({ value }) => value).map(({ value, isEnabled }) => [value, isEnabled]);
const onServicePrincipal = () => values(tenant.servicePrincipals.get(sp).appRoles);
const onApplication = () => values(tenant.applications.get(application).appRoles);

test("imports each role with its claim, on the service principal alone or on the application", async () => {
  const claims = roles.map(claimOf);
  expect(await cycle()).toMatchObject({ outcome: "succeeded", imported: claims });
  expect(onServicePrincipal()).toEqual(claims.map((claim) => [claim, true]));
  expect(onApplication()).toEqual([]);
});

test("puts the roles on the application in the other variant", async () => {
  await cycle({ variant: "application" });
  expect(onApplication()).toEqual(roles.map((role) => [claimOf(role), true]));
  expect(onServicePrincipal()).toEqual(onApplication());
});

test("keeps the ids of roles that it knows, and takes 40 minutes", async () => {
  await cycle();
  const before = tenant.servicePrincipals.get(sp).appRoles;
  expect(await cycle()).toMatchObject({ imported: [], disabled: [] });
  expect(tenant.servicePrincipals.get(sp).appRoles).toEqual(before);
  expect(clock.now().toISOString()).toBe("2026-01-01T01:20:00.000Z");
});

test("keeps imported roles when the application is changed", async () => {
  await cycle();
  await tenant.applications.update(application, { description: "new" });
  expect(onServicePrincipal()).toHaveLength(2);
});

test("disables a role that vanished", async () => {
  await cycle();
  const [administrator, developer] = roles as [ListedRole, ListedRole];
  roles = [administrator];
  expect(await cycle()).toMatchObject({
    disabled: [{ claim: claimOf(developer), reason: expect.stringContaining("no longer lists") }],
  });
  expect(onServicePrincipal()).toContainEqual([claimOf(developer), false]);
});

test.each([
  ["sts:TagSession in the trust policy", { action: ["sts:AssumeRoleWithSAML", "sts:TagSession"] }, "sts:TagSession"],
  ["a second provider", { federated: [PROVIDER, `${PROVIDER}2`] }, "more than one identity provider"],
])("disables a role with %s, and leaves it disabled", async (_, change, reason) => {
  await cycle();
  const before = roles;
  roles = [awsRole("Administrator"), awsRole("Developer", change)];
  expect(await cycle()).toMatchObject({ disabled: [{ reason: expect.stringContaining(reason) }] });
  roles = before;
  await cycle();
  expect(onServicePrincipal()).toContainEqual([claimOf(awsRole("Developer")), false]);
});

test("imports a claim of 239 characters and none of 240", () => {
  const path = (length: number) => `/${"p".repeat(length - claimOf(awsRole("R")).length - 1)}/`;
  expect(judge(awsRole("R", { path: path(239) }))).toMatchObject({ kind: "import" });
  expect(judge(awsRole("R", { path: path(240) }))).toMatchObject({
    kind: "refuse",
    reason: expect.stringContaining("240 characters"),
  });
});

test("does not care for roles without a SAML provider, and reads URL-encoded policies", () => {
  const service = {
    ...awsRole("Service"),
    assumeRolePolicyDocument:
      '{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}',
  };
  const encoded = awsRole("Developer");
  encoded.assumeRolePolicyDocument = encodeURIComponent(encoded.assumeRolePolicyDocument);
  expect(judge(service)).toEqual({ kind: "ignore" });
  expect(judge(encoded)).toMatchObject({ kind: "import", displayName: "Developer,Entra" });
});

describe("a claim that the application declares", () => {
  beforeEach(async () => {
    const { appRoles } = tenant.applications.get(application);
    const [administrator] = roles as [ListedRole];
    const declared = { ...appRoles[0], id: "44444444-4444-4444-4444-444444444444", value: claimOf(administrator) };
    await tenant.applications.update(application, { appRoles: [...appRoles, declared] as typeof appRoles });
  });

  test("is left alone", async () => {
    await cycle();
    expect(onServicePrincipal()).toHaveLength(2);
  });

  test("is there twice when asked for", async () => {
    await cycle({ declaredClaim: "made twice" });
    expect(onServicePrincipal()).toHaveLength(3);
  });
});

describe("a cycle fails and says why", () => {
  test("with a key that AWS does not know", async () => {
    await tenant.synchronization.setSecrets(sp, [{ key: "SecretToken", value: "wrong" }]);
    const report = await cycle();
    expect(report).toMatchObject({ outcome: "failed", reason: expect.stringContaining("InvalidClientTokenId") });
    expect(tenant.synchronization.getJob(sp, job).lastCycle).toEqual(report);
    expect(onServicePrincipal()).toEqual([]);
  });

  test("without an active job", async () => {
    await tenant.synchronization.pauseJob(sp, job);
    expect(await cycle()).toMatchObject({ outcome: "failed", reason: "no synchronization job is active" });
  });
});

describe("provisioning", () => {
  test("never shows a secret, and forgets it when it is emptied", async () => {
    expect(tenant.synchronization.listSecrets(sp)).toEqual([
      { key: "ClientSecret", value: "*" },
      { key: "SecretToken", value: "*" },
    ]);
    await tenant.synchronization.setSecrets(sp, [{ key: "ClientSecret", value: "" }]);
    expect(tenant.synchronization.listSecrets(sp)).toEqual([{ key: "SecretToken", value: "*" }]);
  });

  test("knows the template aws of the AWS app only, once", async () => {
    await expect(tenant.synchronization.createJob(sp, "aws")).rejects.toMatchObject({ status: 409 });
    await expect(tenant.synchronization.createJob(sp, "scim")).rejects.toMatchObject({ status: 400 });
    const plain = await tenant.applications.create({ displayName: "plain" });
    const principal = await tenant.servicePrincipals.create(plain.appId, {});
    await expect(tenant.synchronization.createJob(principal.id, "aws")).rejects.toMatchObject({ status: 400 });
  });

  test("does not start without both secrets", async () => {
    await tenant.synchronization.setSecrets(sp, [{ key: "SecretToken", value: "" }]);
    await expect(tenant.synchronization.startJob(sp, job)).rejects.toThrow("ClientSecret and SecretToken");
    await expect(tenant.synchronization.setSecrets(sp, [{ key: "AppKey", value: "x" }])).rejects.toThrow("AppKey");
  });
});
