import type { Account } from "../local-cloud/cloud/aws/account";
import type { Tenant } from "../local-cloud/cloud/entra/tenant";
import { AccountFile } from "./account-file";
import type { LocalCloud } from "./run/local-cloud";
import { providerBlocks, resourcesOf, stringsUnder } from "./run/stacks";
import { ensure, Unmet } from "./steps";

/** Where a cycle of role import puts the roles; the sources leave both open. */
export type ImportVariant = "service principal" | "application";

/** Whether Entra imports the roles of a stack. */
export function isImported(local: LocalCloud, stack: string): boolean {
  return resourcesOf(local.stack(stack), "azuread_synchronization_job").length > 0;
}

/** The tenants of some stacks, each once. */
export function tenantsOf(local: LocalCloud, stacks: readonly string[]): Tenant[] {
  const ids = stacks.flatMap((stack) =>
    providerBlocks(local.stack(stack), "azuread").flatMap((block) => stringsUnder(block, ["tenant_id"])),
  );
  return [...new Set(ids)].map((id) => local.cloud.tenant(id));
}

/**
 * Takes out of a stack's buckets what services laid down in them, as a person does before they destroy it: a bucket with records in it
 * is not deleted.
 */
export async function emptyBuckets(local: LocalCloud, stack: string): Promise<void> {
  for (const { buckets } of accountsOf(local, stack)) {
    const names = stringsUnder(resourcesOf(local.stack(stack), "aws_s3_bucket"), ["bucket"]);
    for (const { name, objects } of buckets.list()) {
      if (names.includes(name) && objects.length > 0) await buckets.empty(name);
    }
  }
}

/** The AWS accounts of a stack. */
export function accountsOf(local: LocalCloud, stack: string): Account[] {
  const ids = stringsUnder(providerBlocks(local.stack(stack), "aws"), ["allowed_account_ids"]);
  return ids.map((id) => local.cloud.account(id));
}

/** The application of a stack, found as Entra would find it: by its identifier. */
export function deployed(local: LocalCloud, stack: string): { tenant: Tenant; servicePrincipalId: string } {
  const [tenant] = tenantsOf(local, [stack]);
  const uris = resourcesOf(local.stack(stack), "azuread_application_identifier_uri");
  const [identifier = ""] = stringsUnder(uris, ["identifier_uri"]);
  const found = tenant?.servicePrincipals
    .list()
    .find((principal) => principal.servicePrincipalNames.includes(identifier));
  if (!tenant || !found) throw new Unmet(`an application with identifier ${identifier}`, "none");
  return { tenant, servicePrincipalId: found.id };
}

/** Runs a cycle of role import; its time passes on the clouds' clock. @returns the claims of the imported roles */
export async function importRoles(local: LocalCloud, stack: string, variant: ImportVariant): Promise<string[]> {
  const { tenant, servicePrincipalId } = deployed(local, stack);
  const report = await tenant.synchronization.runCycle(servicePrincipalId, { variant });
  ensure(report.outcome === "succeeded", "a cycle that succeeds", () => report.reason ?? report.outcome);
  return report.imported;
}

/** Ids of the imported app roles by role name, as a person copies them from Entra. */
export function importedRoleIds(local: LocalCloud, stack: string): Record<string, string> {
  const { tenant, servicePrincipalId } = deployed(local, stack);
  const { appRoles } = tenant.servicePrincipals.get(servicePrincipalId);
  return Object.fromEntries(
    AccountFile.of(local.project, stack)
      .names("roles")
      .flatMap((name) => {
        const role = appRoles.find(({ value }) => value?.split(",")[0]?.endsWith(`/${name}`));
        return role ? [[name, role.id]] : [];
      }),
  );
}
