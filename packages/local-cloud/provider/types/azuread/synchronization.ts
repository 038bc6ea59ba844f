import type { SynchronizationJob } from "../../../cloud/entra/state";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { applied, blocks, changed, flag, onceMade, text, timedOut, unlessGone } from "./attributes";
import { ids } from "./ids";
import { check, id } from "./validators";

/** synchronization/synchronization_secret_resource.go */
export const synchronizationSecret: ResourceType<Tenant> = {
  forceNew: ["service_principal_id"],

  validate: (config) => check(config, { service_principal_id: id(ids.servicePrincipal) }),

  create: (tenant, planned) => store(tenant, planned),

  /** Values come back as `*`, so the state keeps its own; the order is the service's, and counts. */
  read(tenant, state) {
    const servicePrincipalId = ids.servicePrincipal.last(state.id);
    const secrets = unlessGone(() => tenant.synchronization.listSecrets(servicePrincipalId));
    if (!secrets) return undefined;
    const known = new Map(blocks(state.credential).map(({ key, value }) => [text(key), text(value)]));
    return {
      id: state.id ?? null,
      service_principal_id: ids.servicePrincipal.of(servicePrincipalId),
      credential: secrets.map(({ key, value }) => ({ key, value: known.get(key) ?? value })),
    };
  },

  update: (tenant, planned) => store(tenant, planned),

  /** Deleting is writing empty values. */
  delete(tenant, state) {
    const emptied = credentials(state).map(({ key }) => ({ key, value: "" }));
    return tenant.synchronization.setSecrets(ids.servicePrincipal.last(state.id), emptied);
  },

  import: ids.servicePrincipal.import,
};

async function store(tenant: Tenant, planned: Attributes): Promise<Attributes> {
  const servicePrincipalId = ids.servicePrincipal.last(planned.service_principal_id);
  const secrets = credentials(planned);
  await tenant.synchronization.setSecrets(servicePrincipalId, secrets);
  // The real provider waits until the service holds as many secrets as were sent, in vain when it holds others, too.
  if (tenant.synchronization.listSecrets(servicePrincipalId).length !== secrets.length) {
    const what = `Waiting for synchronization secrets for Service Principal (Service Principal: "${servicePrincipalId}")`;
    throw timedOut(what, "Done", "5m0s");
  }
  return { ...planned, id: ids.servicePrincipal.of(servicePrincipalId) };
}

const credentials = (attributes: Attributes) =>
  blocks(attributes.credential).map(({ key, value }) => ({ key: text(key), value: text(value) }));

/** synchronization/synchronization_job_resource.go */
export const synchronizationJob: ResourceType<Tenant> = {
  defaults: { enabled: true },
  forceNew: ["service_principal_id", "template_id"],
  recomputedWhen: { schedule: ["enabled"] },

  validate: (config) => check(config, { service_principal_id: id(ids.servicePrincipal) }),

  async create(tenant, planned) {
    const servicePrincipalId = ids.servicePrincipal.last(planned.service_principal_id);
    if (!unlessGone(() => tenant.servicePrincipals.get(servicePrincipalId))) {
      throw new Error(`Service Principal (Service Principal: "${servicePrincipalId}") was not found`);
    }
    const { synchronization } = tenant;
    const job = await synchronization.createJob(servicePrincipalId, text(planned.template_id));
    return onceMade({ ...planned, id: ids.synchronizationJob.of(servicePrincipalId, job.id) }, async () => {
      if (flag(planned.enabled)) await synchronization.startJob(servicePrincipalId, job.id);
      return applied(planned, flatten(servicePrincipalId, synchronization.getJob(servicePrincipalId, job.id)));
    });
  },

  read(tenant, state) {
    const [servicePrincipalId = "", jobId = ""] = ids.synchronizationJob.parts(state.id);
    const job = unlessGone(() => tenant.synchronization.getJob(servicePrincipalId, jobId));
    return job && flatten(servicePrincipalId, job);
  },

  async update({ synchronization }, planned, prior) {
    const [servicePrincipalId = "", jobId = ""] = ids.synchronizationJob.parts(prior.id);
    if (changed(prior.enabled, planned.enabled)) {
      if (flag(planned.enabled)) await synchronization.startJob(servicePrincipalId, jobId);
      else await synchronization.pauseJob(servicePrincipalId, jobId);
    }
    return applied(planned, flatten(servicePrincipalId, synchronization.getJob(servicePrincipalId, jobId)));
  },

  delete(tenant, state) {
    const [servicePrincipalId = "", jobId = ""] = ids.synchronizationJob.parts(state.id);
    return tenant.synchronization.deleteJob(servicePrincipalId, jobId);
  },

  import: ids.synchronizationJob.import,
};

const flatten = (servicePrincipalId: string, { id: jobId, templateId, schedule }: SynchronizationJob): Attributes => ({
  id: ids.synchronizationJob.of(servicePrincipalId, jobId),
  service_principal_id: ids.servicePrincipal.of(servicePrincipalId),
  template_id: templateId,
  enabled: schedule.state === "Active",
  schedule: [{ expiration: "", interval: schedule.interval, state: schedule.state }],
});
