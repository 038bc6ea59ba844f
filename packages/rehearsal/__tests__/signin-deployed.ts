import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cloud, type CloudState } from "../../local-cloud/cloud/cloud";
import { AccountFile } from "../account-file";
import { LocalCloud } from "../run/local-cloud";
import { copyProject } from "../run/project";

export const TENANT = "00000000-0000-0000-0000-00000000c0de";
export const ONE = "111122223333";
export const TWO = "444455556666";
export const EVERYWHERE = "https://signin.aws.amazon.com/saml";
export const IRELAND = "https://eu-west-1.signin.aws.amazon.com/saml";

export const appOf = (accountId: string) => ({ tenantId: TENANT, identifier: `${EVERYWHERE}#${accountId}` });
export const roleArn = (accountId: string, name: string) => `arn:aws:iam::${accountId}:role/${name}`;
export const providerArn = (accountId: string) => `arn:aws:iam::${accountId}:saml-provider/MicrosoftEntraID`;

/**
 * Copies the repository with its two accounts alone, without baseline and tenant, and with account 2 asking for MFA and nothing more: a
 * test that adds one control, or breaks one thing, sees what comes of that alone.
 */
export function copyAccountsAlone(project: string): void {
  copyProject(join(__dirname, "../../.."), project);
  AccountFile.of(project, "aws-account2")
    .set(["conditionalAccess"], '{ covers: "everyone" }')
    .remove("roles", "Administrator", "require")
    .save();
  const main = join(project, "main.ts");
  const replaced = [
    ["const tenant = new Tenant(app, organization);", "const tenant = undefined;"],
    ["[tenant, ...accountStacks, ...baselineStacks]", "accountStacks"],
    ["= [Account2Baseline]", "= []"],
  ].reduce(
    (text, [from = "", to = ""]) => {
      if (!text.includes(from)) throw new Error(`main.ts has no ${from}`);
      return text.replace(from, to);
    },
    readFileSync(main, "utf8"),
  );
  writeFileSync(main, replaced);
}

/** The repository's own two accounts, deployed by the real `terraform`, with their roles imported and people in their groups. */
export class Deployment {
  private constructor(
    readonly bench: LocalCloud,
    /** A copy of the repository, to be edited. */
    readonly project: string,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Deployment> {
    const folder = mkdtempSync(join(tmpdir(), "signin-"));
    const project = join(folder, "project");
    copyAccountsAlone(project);
    const variables = { test_user_password: "Correct-Horse-9" };
    const bench = await LocalCloud.start({ project, folder: join(folder, "out"), variables });
    return new Deployment(bench, project, folder);
  }

  async deploy(stack: string): Promise<void> {
    await this.bench.synth();
    const ran = await this.bench.apply(stack);
    if (ran.code !== 0) throw new Error(ran.stderr);
  }

  /** Entra's role import, once. */
  async importRoles(): Promise<void> {
    await importRoles(this.bench.cloud);
  }

  stop(): void {
    this.bench.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One synchronization cycle of account 1. */
export async function importRoles(cloud: Cloud) {
  const tenant = cloud.tenant(TENANT);
  const app = tenant.servicePrincipals.byIdentifier(appOf(ONE).identifier);
  if (!app) throw new Error("account 1 is not deployed");
  return tenant.synchronization.runCycle(app.id, { variant: "service principal" });
}

/** A user with this name, directly in these groups. */
export async function addPerson(cloud: Cloud, userPrincipalName: string, ...groups: string[]): Promise<string> {
  const tenant = cloud.tenant(TENANT);
  const id = `00000000-0000-0000-0000-${String(tenant.users.list().length).padStart(12, "0")}`;
  tenant.seed({ users: [{ id, displayName: userPrincipalName, userPrincipalName }] });
  for (const name of groups) {
    const [group] = tenant.groups.byDisplayName(name);
    if (!group) throw new Error(`there is no group ${name}`);
    await tenant.groups.addMember(group.id, id);
  }
  return id;
}

/** A cloud of its own with that state, to be changed at will. */
export const cloudOf = (state: CloudState): Cloud => new Cloud(undefined, structuredClone(state));
