import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CloudState } from "../../local-cloud/cloud/cloud";
import type { ServicePrincipal, TenantState } from "../../local-cloud/cloud/entra/state";
import { deployed as deployedApp, importRoles } from "../deployed";
import { added, inventory } from "../inventory";
import { certificateRotation, follow, type RecipeStep, retiring } from "../recipes";
import { CommandFailed, LocalCloud } from "../run/local-cloud";
import { copyProject } from "../run/project";

/** What an account of this project refuses to plan, tried with the real terraform on a deployed account. */
jest.setTimeout(180_000);

const PROJECT = join(__dirname, "..", "..", "..");

/** An account of the test's own, so that a fork may do with its accounts what it likes. */
const ACCOUNT = `
import type { Construct } from "constructs";
import { imported } from "entra-aws-federation/entra/app-roles";
import { AwsAccountStack, type Organization } from "entra-aws-federation/stacks/aws-account-stack";

export class Guarded extends AwsAccountStack {
  constructor(scope: Construct, organization: Organization) {
    super(scope, "guarded", {
      organization,
      accountName: "Guarded",
      accountId: "999988887777",
      appRoles: imported({ accessKeys: { active: "k1" } }),
      signing: { active: "c2026", certificates: { c2026: "2028-11-01" } },
      roles: { Administrator: { policies: ["AdministratorAccess"] }, Developer: { policies: ["AmazonS3FullAccess"] } },
      conditionalAccess: { covers: "groups" },
    });
  }
}
`;

let folder: string;
let local: LocalCloud;
const imported = "guarded";
let deployed: CloudState;
let atFirst: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "guards-"));
  const project = join(folder, "reader");
  copyProject(PROJECT, project);
  writeFileSync(join(project, "stacks", "guarded.ts"), ACCOUNT);
  const main = readFileSync(join(project, "main.ts"), "utf8");
  writeFileSync(
    join(project, "main.ts"),
    `import { Guarded } from "./stacks/guarded";\n${main.replace(/accounts = \[[^\]]*\]/, "accounts = [Guarded]")}`,
  );
  local = await LocalCloud.start({ project, folder: join(folder, "rehearsal.out") });
  await local.synth();
  atFirst = inventory(local.cloud);
  await apply();
  await importRoles(local, imported, "service principal");
  await apply();
  deployed = local.cloud.snapshot();
});

afterEach(() => local.cloud.restore(deployed));

afterAll(() => {
  local.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function apply(): Promise<void> {
  const ran = await local.apply(imported);
  if (ran.code !== 0) throw new CommandFailed("terraform apply", folder, ran);
}

/** Changes what the tenant holds behind Terraform's back. */
function tamper(change: (app: ServicePrincipal, tenant: TenantState) => void): void {
  const state = local.cloud.snapshot();
  const tenant = Object.values(state.tenants)[0] as TenantState;
  const app = Object.values(tenant.servicePrincipals).find(({ keyCredentials }) => keyCredentials.length > 0);
  change(app as ServicePrincipal, tenant);
  local.cloud.restore(state);
}

const refusal = () =>
  local.plan(imported).then(
    () => "planned",
    (error: Error) => error.message.replace(/\s+/g, " "),
  );

test("an imported role that Entra shows as disabled does not take its assignment away: the plan stops and names it", async () => {
  tamper((app) => {
    for (const role of app.importedAppRoles) if (role.value?.includes("role/Developer")) role.isEnabled = false;
  });
  expect(await refusal()).toMatch(/Instance cannot be destroyed.*azuread_app_role_assignment\.developer_group\[0\]/);
});

test("an imported role that a read does not show does not take its assignment away", async () => {
  tamper((app) => {
    app.importedAppRoles = app.importedAppRoles.filter(({ value }) => !value?.includes("role/Administrator"));
  });
  expect(await refusal()).toMatch(
    /Instance cannot be destroyed.*azuread_app_role_assignment\.administrator_group\[0\]/,
  );
});

test("a list without any app role, for an application that exists, stops the plan", async () => {
  tamper((app, tenant) => {
    app.importedAppRoles = [];
    for (const application of Object.values(tenant.applications)) application.appRoles = [];
  });
  expect(await refusal()).toMatch(/Entra lists no app role for an application that exists/);
});

test("an application of the same name, but with another identifier, is not taken for ours", async () => {
  tamper((app, tenant) => {
    for (const application of Object.values(tenant.applications)) {
      if (application.appId === app.appId)
        application.identifierUris = ["https://signin.aws.amazon.com/saml#999999999999"];
    }
  });
  // Its roles are not looked at: what was assigned would have to go, and the guard says no.
  expect(await refusal()).toMatch(/Instance cannot be destroyed/);
});

test("two enabled roles with one claim are no crash, and no assignment changes", async () => {
  tamper((app) => {
    const [first] = app.importedAppRoles;
    if (first) app.importedAppRoles.push({ ...first, id: "ffffffff-ffff-4fff-8fff-ffffffffffff" });
  });
  expect((await local.plan(imported)).changes).toEqual([]);
});

test("a policy attached to a role by hand shows in the plan", async () => {
  const { roles } = local.cloud.account("999988887777");
  await roles.attachPolicy("Developer", "arn:aws:iam::aws:policy/AdministratorAccess");
  const { changes } = await local.plan(imported);
  expect(changes.map(({ address }) => address)).toEqual(["aws_iam_role_policy_attachments_exclusive.developer"]);
});

test("a reply URL added by hand shows in the plan", async () => {
  tamper((app, tenant) => {
    for (const application of Object.values(tenant.applications)) {
      if (application.appId === app.appId) application.web.redirectUris.push("https://evil.example/saml");
    }
  });
  const { changes } = await local.plan(imported);
  expect(changes.map(({ address, actions }) => `${actions} ${address}`)).toEqual([
    "update azuread_application.enterprise_app",
  ]);
});

test("a thumbprint changed by hand to a certificate that AWS does not have stops the plan", async () => {
  tamper((app) => {
    app.preferredTokenSigningKeyThumbprint = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  });
  expect(await refusal()).toMatch(/Entra signs with a certificate that the new metadata would not contain/);
});

test("an account that is renamed keeps its assignments: Entra's roles are found under the name that it still has", async () => {
  const rename = (name: string) =>
    follow(local, [imported], { name: "rename", change: (file) => file.set(["accountName"], JSON.stringify(name)) });
  await rename("Renamed");
  const { changes } = await local.plan(imported);
  await rename("Guarded");
  const named = changes.map(({ actions, address }) => `${actions} ${address}`);
  expect(named).toContain("update azuread_application.enterprise_app");
  expect(named.filter((line) => line.includes("assignment"))).toEqual([]);
});

test("an incident says how many of the people that it names are users, letter by letter, and is deployed all the same", async () => {
  const { tenant } = deployedApp(local, imported);
  await tenant.users.create({
    displayName: "Ada",
    mailNickname: "ada",
    userPrincipalName: "ada@contoso.onmicrosoft.com",
    accountEnabled: true,
    passwordProfile: { password: "Aa1-of-a-user-who-does-not-exist", forceChangePasswordNextSignIn: true },
  });
  const said = async (...people: string[]) => {
    await follow(local, [imported], {
      name: "incident",
      change: (file) => file.set(["incident"], JSON.stringify({ who: { people }, sessions: "all" })),
    });
    const { code, stdout } = await local.terraform(imported, ["plan", "-input=false", "-no-color"]);
    return [code, stdout.replace(/\s+/g, " ").replaceAll("│ ", "")] as const;
  };
  const [one, two] = [
    await said("ada@contoso.onmicrosoft.com"),
    await said("ada@contoso.onmicrosoft.com", "Ada@contoso.onmicrosoft.com", "eve@contoso.onmicrosoft.com"),
  ];
  await follow(local, [imported], { name: "over", change: (file) => file.remove("incident") });
  expect(one).toEqual([0, expect.not.stringContaining("The incident reaches")]);
  expect(two).toEqual([0, expect.stringContaining("The incident reaches 1 of 3 people that it names.")]);
  expect(two[1]).toContain("Ada@contoso.onmicrosoft.com, eve@contoso.onmicrosoft.com");
  expect(two[1]).toContain("aws_iam_role_policy.developer_inline_incident");
});

test("the user of role import keeps its name: under another one its key would stay in force, and no state would know it", async () => {
  const call = (change: RecipeStep["change"]) => follow(local, [imported], { name: "another user", change });
  await call((file) => file.set(["appRoles"], 'imported({ accessKeys: { active: "k1" }, userName: "Svc-Other" })'));
  const said = await refusal();
  await call((file) => file.set(["appRoles"], 'imported({ accessKeys: { active: "k1" } })'));
  expect(said).toMatch(/called Svc-EntraRoleImport in AWS, and userName says Svc-Other.*Put that name back/);
  expect(await refusal()).toBe("planned");
});

describe("in the middle of a rotation", () => {
  const [publish, , retire] = certificateRotation(new Date());

  beforeAll(async () => {
    local.cloud.restore(deployed);
    if (publish) await follow(local, [imported], publish);
    await apply();
    deployed = local.cloud.snapshot();
  });

  test("the active certificate cannot be retired before another one is active", async () => {
    await follow(local, [imported], {
      name: "activate and retire in one deploy",
      change: (file) => {
        file.set(["signing", "active"], '"rehearsed"');
        retire?.change(file);
      },
    });
    expect(await refusal()).toMatch(/Entra signs with a certificate that the new metadata would not contain/);
  });

  test("a certificate cannot leave the ring without being retired: the provider would delete the wrong one", async () => {
    await follow(local, [imported], {
      name: "forget the new one",
      change: (file) => {
        file.remove("signing", "retired").remove("signing", "certificates", "rehearsed");
        file.set(["signing", "certificates", "c2026"], '"2028-11-01"').set(["signing", "active"], '"c2026"');
      },
    });
    expect(await refusal()).toMatch(/no longer in signing\.certificates\. Terraform would try to delete it/);
  });
});

test("when Entra refuses to delete the gallery application, deleting it in the portal and destroying again leaves nothing", async () => {
  await follow(local, [imported], {
    name: "retire the certificate of the rotation, and the account",
    change: (file) => retiring.change(file.set(["signing", "retired"], '["rehearsed"]')),
  });
  await apply();
  // The recipe's last line: a person deletes it in the Entra admin center. Otherwise a destroy deletes the wrong one first.
  tamper((app) => {
    app.keyCredentials = app.keyCredentials.filter(({ displayName }) => !displayName.endsWith(" rehearsed"));
  });
  const { tenant, servicePrincipalId } = deployedApp(local, imported);
  tenant.scenarios.refuseGalleryAppDeletion = true;
  const refused = await local.destroy(imported);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("DeletingSamlSpNotAllowed")]);

  tenant.servicePrincipals.deleteInPortal(servicePrincipalId);
  expect((await local.destroy(imported)).code).toBe(0);
  expect(added(atFirst, inventory(local.cloud))).toEqual([]);
});
