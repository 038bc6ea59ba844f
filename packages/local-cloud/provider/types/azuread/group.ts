import { randomBytes, randomUUID } from "node:crypto";
import type { Tenant } from "../../../cloud/entra/tenant";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import {
  alreadyExists,
  applied,
  changed,
  duplicateName,
  flag,
  onceMade,
  reconcile,
  refreshed,
  text,
  textOrNull,
  texts,
  unlessGone,
} from "./attributes";
import { ids } from "./ids";
import { atLeastOneOf, check, notEmpty, notModelled, oneOf, uuid } from "./validators";

const DEFAULTS = { prevent_duplicate_names: false, writeback_enabled: false } as const;

/** groups/group_resource.go, for security groups with assigned members */
export const group: ResourceType<Tenant> = {
  defaults: DEFAULTS,
  forceNew: ["assignable_to_role", "mail_nickname"],

  validate: (config) => [
    ...check(config, {
      administrative_unit_ids: uuid,
      display_name: notEmpty,
      members: uuid,
      owners: uuid,
      visibility: oneOf("Private", "Public"),
    }),
    ...atLeastOneOf(config, "mail_enabled", "security_enabled"),
    ...notModelled(config, [
      "behaviors",
      "dynamic_membership.rule",
      "onpremises_group_type",
      "provisioning_options",
      "theme",
      "types",
    ]),
    ...(flag(config.mail_enabled)
      ? [{ summary: 'the local cloud has security groups only: "mail_enabled" cannot be true' }]
      : []),
    ...(flag(config.assignable_to_role) && config.security_enabled === false
      ? [{ summary: "`assignable_to_role` can only be `true` for security-enabled groups" }]
      : []),
  ],

  async create(tenant, planned) {
    const displayName = text(planned.display_name);
    refuseDuplicateName(tenant, planned);
    const owners = texts(planned.owners);
    // Made in the first unit, for which a role scoped to it is enough, and added to the others.
    const [unit, ...units] = texts(planned.administrative_unit_ids);
    const { id } = await tenant.groups.create(
      {
        displayName,
        description: textOrNull(planned.description),
        mailNickname: text(planned.mail_nickname) || randomNickname(),
        securityEnabled: flag(planned.security_enabled),
        isAssignableToRole: flag(planned.assignable_to_role),
        visibility: textOrNull(planned.visibility),
        owners: owners.length === 0 && tenant.callerId ? [tenant.callerId] : owners,
      },
      unit,
    );
    return onceMade({ ...planned, id: ids.group.of(id) }, async () => {
      for (const other of units) await tenant.administrativeUnits.addMember(other, id);
      // The real provider renames twice to see that the group is there.
      for (const name of [`TERRAFORM_UPDATE_${randomUUID()}`, displayName])
        await tenant.groups.update(id, { displayName: name });
      for (const member of texts(planned.members)) await tenant.groups.addMember(id, member);
      return applied(planned, flatten(tenant, id, planned));
    });
  },

  read(tenant, state) {
    const id = ids.group.last(state.id);
    return unlessGone(() => tenant.groups.get(id)) && refreshed(flatten(tenant, id, state), state, DEFAULTS);
  },

  async update(tenant, planned, prior) {
    const id = ids.group.last(prior.id);
    refuseDuplicateName(tenant, planned, id);
    await tenant.groups.update(id, {
      displayName: text(planned.display_name),
      description: textOrNull(planned.description),
      securityEnabled: flag(planned.security_enabled),
      visibility: textOrNull(planned.visibility),
    });
    const { members, owners } = tenant.groups.get(id);
    if (changed(prior.members, planned.members)) {
      await reconcile(members, texts(planned.members), {
        add: (member) => tenant.groups.addMember(id, member),
        remove: (member) => tenant.groups.removeMember(id, member),
      });
    }
    if (changed(prior.owners, planned.owners) && texts(planned.owners).length > 0) {
      await reconcile(owners, texts(planned.owners), {
        add: (owner) => tenant.groups.addOwner(id, owner),
        remove: (owner) => tenant.groups.removeOwner(id, owner),
      });
    }
    if (changed(prior.administrative_unit_ids, planned.administrative_unit_ids)) {
      const units = tenant.administrativeUnits.of(id).map((unit) => unit.id);
      await reconcile(units, texts(planned.administrative_unit_ids), {
        add: (unit) => tenant.administrativeUnits.addMember(unit, id),
        remove: (unit) => tenant.administrativeUnits.removeMember(unit, id),
      });
    }
    return applied(planned, flatten(tenant, id, planned));
  },

  delete: (tenant, state) => tenant.groups.delete(ids.group.last(state.id)),

  import: ids.group.import,
};

/** groups/group_member_resource.go */
export const groupMember: ResourceType<Tenant> = {
  validate: (config) => check(config, { group_object_id: uuid, member_object_id: uuid }),

  async create(tenant, planned) {
    const groupId = text(planned.group_object_id);
    const memberId = text(planned.member_object_id);
    const own = ids.groupMember.of(groupId, memberId);
    if (tenant.groups.get(groupId).members.includes(memberId)) throw alreadyExists("azuread_group_member", own);
    await tenant.groups.addMember(groupId, memberId);
    return { ...planned, id: own };
  },

  read(tenant, state) {
    const [groupId = "", memberId = ""] = ids.groupMember.parts(state.id);
    const found = unlessGone(() => tenant.groups.get(groupId));
    if (!found?.members.includes(memberId)) return undefined;
    return { id: state.id ?? null, group_object_id: groupId, member_object_id: memberId };
  },

  delete(tenant, state) {
    const [groupId = "", memberId = ""] = ids.groupMember.parts(state.id);
    return tenant.groups.removeMember(groupId, memberId);
  },

  import: ids.groupMember.import,
};

function flatten(tenant: Tenant, id: string, state: Attributes): Attributes {
  const found = tenant.groups.get(id);
  return {
    id: ids.group.of(found.id),
    object_id: found.id,
    display_name: found.displayName,
    description: found.description,
    mail_nickname: found.mailNickname,
    mail_enabled: false,
    security_enabled: found.securityEnabled,
    assignable_to_role: found.isAssignableToRole,
    visibility: found.visibility ?? "",
    members: found.members,
    owners: found.owners,
    prevent_duplicate_names: flag(state.prevent_duplicate_names),
    writeback_enabled: false,
    administrative_unit_ids: tenant.administrativeUnits.of(id).map((unit) => unit.id),
    behaviors: [],
    dynamic_membership: [],
    provisioning_options: [],
    proxy_addresses: [],
    types: [],
    theme: "",
    mail: "",
    auto_subscribe_new_members: false,
    external_senders_allowed: false,
    hide_from_address_lists: false,
    hide_from_outlook_clients: false,
    onpremises_domain_name: "",
    onpremises_group_type: "",
    onpremises_netbios_name: "",
    onpremises_sam_account_name: "",
    onpremises_security_identifier: "",
    onpremises_sync_enabled: false,
    preferred_language: "",
  };
}

/** As the portal makes them: eight hexadecimal digits, a dash, one more. */
function randomNickname(): string {
  const digits = randomBytes(5).toString("hex");
  return `${digits.slice(0, 8)}-${digits.slice(8, 9)}`;
}

/** Checked at apply only: the check at plan in the real provider never meets a new group (groupResourceCustomizeDiff). */
function refuseDuplicateName(tenant: Tenant, planned: Attributes, ownId?: string): void {
  if (!flag(planned.prevent_duplicate_names)) return;
  const taken = tenant.groups.byDisplayName(text(planned.display_name)).find(({ id }) => id !== ownId);
  if (taken) throw duplicateName("azuread_group", taken.id, taken.displayName);
}
