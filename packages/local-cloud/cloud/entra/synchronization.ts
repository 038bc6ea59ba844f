import { randomUUID } from "node:crypto";
import { ServiceError } from "../errors";
import { AWS_SINGLE_ACCOUNT_ACCESS } from "./application-templates";
import { badRequest, copy, type Directory, graphTime, notFound } from "./directory";
import { judge, type ListedRole } from "./role-import";
import type {
  AppRole,
  CycleReport,
  ServicePrincipal,
  SynchronizationJob,
  Synchronization as SynchronizationState,
} from "./state";

/** Lists the roles of the AWS account that the access key belongs to; refuses a bad key as AWS does. */
export type ListRolesWithKey = (accessKeyId: string, secretAccessKey: string) => ListedRole[] | Promise<ListedRole[]>;

/** How a cycle writes its roles, where the sources leave it open. */
export interface CycleOptions {
  /** Roles appear on the service principal alone, or on the application too. */
  variant: "service principal" | "application";
  /** What happens to a claim that the application already declares: it is left alone, or a second role of that value is made. */
  declaredClaim?: "left alone" | "made twice";
}

/** Minutes from one cycle to the next, and from the start to the end of the first: Microsoft's tutorial for AWS Single-Account Access. */
const CYCLE_MINUTES = 40;

// Assumption entra-synchronization-keys, never checked: The template aws takes the secrets ClientSecret, SecretToken,
// SyncNotificationSettings and SyncAll, and no other.
/** Access key id and secret access key, by the names that Microsoft's provisioning how-to gives them. */
const CREDENTIALS = ["ClientSecret", "SecretToken"] as const;
const SECRET_KEYS: readonly string[] = [...CREDENTIALS, "SyncNotificationSettings", "SyncAll"];

/** Provisioning: https://learn.microsoft.com/graph/api/resources/synchronization-overview */
export class Synchronization {
  constructor(
    private readonly directory: Directory,
    private readonly listRolesWithKey: ListRolesWithKey,
  ) {}

  /** PUT …/synchronization/secrets: an empty value takes the key away. */
  setSecrets(servicePrincipalId: string, secrets: readonly { key: string; value: string }[]): Promise<void> {
    const operation = "PUT /servicePrincipals/{id}/synchronization/secrets";
    return this.directory.request(operation, this.named(servicePrincipalId), () => {
      this.directory.servicePrincipal(servicePrincipalId);
      for (const { key } of secrets) {
        if (!SECRET_KEYS.includes(key)) throw badRequest(`The synchronization template has no secret '${key}'.`);
      }
      const store = this.directory.state.private.synchronizationSecrets;
      const kept = store[servicePrincipalId] ?? [];
      for (const { key, value } of secrets) {
        const known = kept.find((secret) => secret.key === key);
        if (known) known.value = value;
        else kept.push({ key, value });
      }
      store[servicePrincipalId] = kept.filter(({ value }) => value !== "");
    });
  }

  /** Graph never shows a value, only that there is one. */
  listSecrets(servicePrincipalId: string): { key: string; value: "*" }[] {
    this.directory.servicePrincipal(servicePrincipalId);
    const secrets = this.directory.state.private.synchronizationSecrets[servicePrincipalId] ?? [];
    return secrets.map(({ key }) => ({ key, value: "*" }));
  }

  createJob(servicePrincipalId: string, templateId: string): Promise<SynchronizationJob> {
    const operation = "POST /servicePrincipals/{id}/synchronization/jobs";
    return this.directory.request(operation, this.named(servicePrincipalId), () => {
      const principal = this.directory.servicePrincipal(servicePrincipalId);
      const template = this.directory.applicationOf(principal.appId)?.applicationTemplateId;
      // The one template of this gallery app: https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-configuration-api
      if (template !== AWS_SINGLE_ACCOUNT_ACCESS || templateId !== "aws") {
        throw badRequest(`The application has no synchronization template '${templateId}'.`);
      }
      const { jobs } = this.of(servicePrincipalId);
      if (jobs.some((job) => job.templateId === templateId)) {
        throw new ServiceError("Conflict", `A synchronization job of template '${templateId}' already exists.`, 409);
      }
      // template.tenant.random, as in the answers of the page above
      const id = `${templateId}.${this.directory.state.id.replaceAll("-", "")}.${randomUUID()}`;
      const schedule = { interval: `PT${CYCLE_MINUTES}M`, state: "Disabled" as const };
      const job: SynchronizationJob = { id, templateId, schedule, lastCycle: null };
      jobs.push(job);
      return copy(job);
    });
  }

  getJob(servicePrincipalId: string, id: string): SynchronizationJob {
    return copy(this.job(servicePrincipalId, id));
  }

  listJobs(servicePrincipalId: string): SynchronizationJob[] {
    this.directory.servicePrincipal(servicePrincipalId);
    return copy(this.directory.state.synchronization[servicePrincipalId]?.jobs ?? []);
  }

  // Assumption entra-synchronization-start, never checked: A synchronization job cannot be started before ClientSecret and SecretToken are
  // stored; an enterprise app has one job of a template.
  startJob(servicePrincipalId: string, id: string): Promise<void> {
    const operation = "POST /servicePrincipals/{id}/synchronization/jobs/{id}/start";
    return this.directory.request(operation, this.named(servicePrincipalId), () => {
      const job = this.job(servicePrincipalId, id);
      if (!this.credentials(servicePrincipalId))
        throw badRequest(`The job needs the secrets ${CREDENTIALS.join(" and ")} before it can start.`);
      job.schedule.state = "Active";
    });
  }

  pauseJob(servicePrincipalId: string, id: string): Promise<void> {
    const operation = "POST /servicePrincipals/{id}/synchronization/jobs/{id}/pause";
    return this.directory.request(operation, this.named(servicePrincipalId), () => {
      this.job(servicePrincipalId, id).schedule.state = "Paused";
    });
  }

  deleteJob(servicePrincipalId: string, id: string): Promise<void> {
    const operation = "DELETE /servicePrincipals/{id}/synchronization/jobs/{id}";
    return this.directory.request(operation, this.named(servicePrincipalId), () => {
      const job = this.job(servicePrincipalId, id);
      const synchronization = this.of(servicePrincipalId);
      synchronization.jobs = synchronization.jobs.filter((other) => other !== job);
    });
  }

  /** One provisioning cycle, which takes its 40 minutes at once. It runs only when asked, and reports a failure rather than throw. */
  runCycle(servicePrincipalId: string, options: CycleOptions): Promise<CycleReport> {
    return this.directory.request("synchronization cycle", this.named(servicePrincipalId), async () => {
      const principal = this.directory.servicePrincipal(servicePrincipalId);
      this.directory.clock.advance({ minutes: CYCLE_MINUTES });
      const report: CycleReport = {
        time: graphTime(this.directory.now()),
        outcome: "succeeded",
        reason: null,
        imported: [],
        disabled: [],
        skipped: [],
      };
      const job = this.of(servicePrincipalId).jobs.find(({ schedule }) => schedule.state === "Active");
      const roles = job ? await this.roles(servicePrincipalId) : "no synchronization job is active";
      if (typeof roles === "string") Object.assign(report, { outcome: "failed", reason: roles });
      else this.importRoles(principal, roles, options, report);
      if (job) job.lastCycle = copy(report);
      return report;
    });
  }

  /** The account's roles, or why they cannot be listed. */
  private async roles(servicePrincipalId: string): Promise<ListedRole[] | string> {
    const credentials = this.credentials(servicePrincipalId);
    if (!credentials) return `the secrets ${CREDENTIALS.join(" and ")} are not stored`;
    try {
      return await this.listRolesWithKey(...credentials);
    } catch (error) {
      if (error instanceof ServiceError) return `AWS refused iam:ListRoles: ${error.code}: ${error.message}`;
      throw error;
    }
  }

  // Assumption entra-imported-roles-survive, never checked: Roles that the importer put on the service principal stay there when the
  // application is changed.
  // Assumption entra-import-declared-claim, never checked: When the application already declares a role with the claim to be imported, the
  // importer leaves it alone and adds none; the other answer, a second role of the same value, can be chosen for a cycle.
  // Assumption entra-import-disabled-stays, never checked: A role that the importer disabled stays disabled, also when its cause is gone
  // (reported for a second SAML provider, azure-docs#17151).
  private importRoles(
    principal: ServicePrincipal,
    roles: ListedRole[],
    options: CycleOptions,
    report: CycleReport,
  ): void {
    const { importedRoleIds } = this.of(principal.id);
    const application = this.directory.applicationOf(principal.appId);
    const target = options.variant === "application" ? (application?.appRoles ?? []) : principal.importedAppRoles;
    const refused = new Map<string, string>();
    const wanted = new Set<string>();
    for (const role of roles) {
      const verdict = judge(role);
      if (verdict.kind === "refuse") {
        refused.set(role.arn, verdict.reason);
        report.skipped.push({ roleArn: role.arn, reason: verdict.reason });
      }
      if (verdict.kind !== "import") continue;
      wanted.add(verdict.claim);
      const declared = application?.appRoles.some(({ value }) => value === verdict.claim) ?? false;
      if (importedRoleIds[verdict.claim] || (declared && options.declaredClaim !== "made twice")) continue;
      const appRole = importedRole(verdict.claim, verdict.displayName);
      target.push(appRole);
      importedRoleIds[verdict.claim] = appRole.id;
      report.imported.push(verdict.claim);
    }
    const everyRole = [...(application?.appRoles ?? []), ...principal.importedAppRoles];
    for (const [claim, id] of Object.entries(importedRoleIds)) {
      const appRole = everyRole.find((role) => role.id === id);
      if (wanted.has(claim) || !appRole?.isEnabled) continue;
      appRole.isEnabled = false;
      const arn = claim.split(",")[0] ?? claim;
      report.disabled.push({ claim, reason: refused.get(arn) ?? "AWS no longer lists the role with this provider" });
    }
  }

  private credentials(servicePrincipalId: string): [string, string] | undefined {
    const secrets = this.directory.state.private.synchronizationSecrets[servicePrincipalId] ?? [];
    const [accessKeyId, secret] = CREDENTIALS.map((name) => secrets.find(({ key }) => key === name)?.value);
    return accessKeyId && secret ? [accessKeyId, secret] : undefined;
  }

  private of(servicePrincipalId: string): SynchronizationState {
    const { synchronization } = this.directory.state;
    synchronization[servicePrincipalId] ??= { jobs: [], importedRoleIds: {} };
    return synchronization[servicePrincipalId];
  }

  private job(servicePrincipalId: string, id: string): SynchronizationJob {
    this.directory.servicePrincipal(servicePrincipalId);
    const job = this.directory.state.synchronization[servicePrincipalId]?.jobs.find((one) => one.id === id);
    if (!job) throw notFound(id);
    return job;
  }

  private named(servicePrincipalId: string): string {
    const known = this.directory.state.servicePrincipals[servicePrincipalId];
    return `provisioning of ${known ? this.directory.principal(servicePrincipalId).displayName : servicePrincipalId}`;
  }
}

/** Named as in Microsoft's sample: role, provider. */
function importedRole(claim: string, displayName: string): AppRole {
  return {
    id: randomUUID(),
    value: claim,
    displayName,
    description: displayName,
    isEnabled: true,
    allowedMemberTypes: ["User"],
  };
}
