import type { RoleState } from "../../../cloud/aws/roles";
import type { ResourceType } from "../../resource-type";
import type { Attributes, Problem } from "../../values";
import {
  arn,
  blocks,
  check,
  conflict,
  isSet,
  json,
  lengthBetween,
  optionalText,
  policyJson,
  resourceName,
  text,
  texts,
} from "./attributes";
import type { AwsConnection } from "./connection";
import { chosenName, prefixLength, prefixOf } from "./names";
import { keepSamePolicy, readPolicy, samePolicy } from "./policy-json";
import { allTags, changeTags, planTags, readTags } from "./tags";

// Facts: internal/service/iam/role.go of hashicorp/terraform-provider-aws.

const MAX_NAME = 64;
const SESSION_DURATION = { min: 3_600, max: 43_200 };

/** The inline policies that the configuration itself holds. An empty block, which means "none", holds no name. */
function inlinePolicies(attributes: Attributes): Map<string, string> {
  return new Map(
    blocks(attributes, "inline_policy").flatMap((block): [string, string][] => {
      const name = optionalText(block, "name");
      return name === undefined ? [] : [[name, optionalText(block, "policy") ?? ""]];
    }),
  );
}

/** All inline policies, whoever made them; nothing to report where the state says the same in other words. */
function readInlinePolicies(state: Attributes, role: RoleState): Attributes[] {
  const known = inlinePolicies(state);
  const held = Object.entries(role.inlinePolicies);
  // An empty block stays, or the configuration that says "none" would never be met.
  if (held.length === 0 && known.size === 0) return blocks(state, "inline_policy");
  return held.map(([name, policy]) => ({
    name,
    policy: readPolicy({ policy: known.get(name) ?? null }, "policy", policy),
  }));
}

function stateOf(connection: AwsConnection, role: RoleState, state: Attributes): Attributes {
  return {
    id: role.name,
    arn: role.arn,
    assume_role_policy: readPolicy(state, "assume_role_policy", role.assumeRolePolicyDocument),
    create_date: role.createDate,
    description: role.description || null,
    force_detach_policies: state.force_detach_policies ?? null,
    inline_policy: readInlinePolicies(state, role),
    managed_policy_arns: [...role.attachedPolicies],
    max_session_duration: role.maxSessionDuration,
    name: role.name,
    name_prefix: prefixOf(role.name),
    path: role.path,
    permissions_boundary: role.permissionsBoundary,
    unique_id: role.id,
    ...readTags(connection, state, role.tags),
  };
}

/**
 * The state after create or update. What other resources attach or put meanwhile is for the next refresh: the plan promised what the
 * role holds, where it knew that.
 */
function appliedState(connection: AwsConnection, name: string, planned: Attributes): Attributes {
  const state = stateOf(connection, connection.account.roles.get(name), planned);
  const promised = Array.isArray(planned.managed_policy_arns) ? planned.managed_policy_arns : state.managed_policy_arns;
  return { ...state, managed_policy_arns: promised ?? null, inline_policy: planned.inline_policy ?? [] };
}

function validate(config: Attributes): Problem[] {
  const seconds = config.max_session_duration;
  const { min, max } = SESSION_DURATION;
  return [
    ...conflict(config, "name", "name_prefix"),
    ...check(config, {
      assume_role_policy: json,
      description: (value) =>
        lengthBetween(0, 1_000)(value) ??
        (/[“‘]/.test(value) ? "cannot contain specially formatted single or double quotes: [“‘]" : undefined),
      name: resourceName(MAX_NAME),
      name_prefix: resourceName(prefixLength(MAX_NAME)),
      path: lengthBetween(0, 512),
      permissions_boundary: (value) => (value === "" ? undefined : arn(value)),
    }),
    ...(typeof seconds === "number" && (seconds < min || seconds > max)
      ? [
          {
            summary: "Invalid value",
            detail: `"max_session_duration" is ${seconds}, it takes ${min} to ${max}`,
            path: ["max_session_duration"],
          },
        ]
      : []),
    ...texts(config, "managed_policy_arns").flatMap((value) =>
      check({ managed_policy_arns: value }, { managed_policy_arns: arn }),
    ),
    ...blocks(config, "inline_policy").flatMap((block) =>
      check(block, { name: resourceName(128), policy: policyJson }),
    ),
  ];
}

export const role: ResourceType<AwsConnection> = {
  defaults: { force_detach_policies: false, max_session_duration: SESSION_DURATION.min, path: "/" },
  forceNew: ["name", "name_prefix", "path"],
  validate,
  plan(connection, change) {
    planTags(connection, change);
    keepSamePolicy("assume_role_policy", change);
    // Optional and computed: where no block is written, what the role holds is no difference (aws_iam_role_policy looks after it).
    const { config, prior, planned } = change;
    if (prior && blocks(config, "inline_policy").length === 0) planned.inline_policy = prior.inline_policy ?? [];
    return [];
  },
  async create(connection, planned) {
    const { roles } = connection.account;
    const { name } = await roles.create({
      name: chosenName(planned),
      path: text(planned, "path"),
      assumeRolePolicyDocument: text(planned, "assume_role_policy"),
      description: optionalText(planned, "description") ?? null,
      maxSessionDuration: Number(planned.max_session_duration),
      permissionsBoundary: optionalText(planned, "permissions_boundary") ?? null,
      tags: allTags(connection, planned),
    });
    try {
      for (const [policyName, policy] of inlinePolicies(planned)) await roles.putPolicy(name, policyName, policy);
    } catch (error) {
      // The provider takes the role away again when an inline policy is refused; not so when an attachment is.
      await remove(connection, name, { managed: true, inline: true });
      throw error;
    }
    for (const policyArn of texts(planned, "managed_policy_arns")) await roles.attachPolicy(name, policyArn);
    return appliedState(connection, name, planned);
  },
  read(connection, state) {
    const found = connection.account.roles.find(text(state, "id"));
    return found && stateOf(connection, found, state);
  },
  async update(connection, planned, prior) {
    const { roles } = connection.account;
    const name = text(prior, "id");
    const changed = (attribute: string) => (planned[attribute] ?? null) !== (prior[attribute] ?? null);
    if (changed("assume_role_policy")) await roles.updateAssumeRolePolicy(name, text(planned, "assume_role_policy"));
    if (changed("description")) await roles.updateDescription(name, optionalText(planned, "description") ?? "");
    if (changed("max_session_duration")) {
      await roles.updateMaxSessionDuration(name, Number(planned.max_session_duration));
    }
    if (changed("permissions_boundary")) {
      const boundary = optionalText(planned, "permissions_boundary");
      if (boundary !== undefined) await roles.putPermissionsBoundary(name, boundary);
      else await roles.deletePermissionsBoundary(name);
    }
    await changeInlinePolicies(connection, name, inlinePolicies(prior), inlinePolicies(planned));
    const [had, wanted] = [texts(prior, "managed_policy_arns"), texts(planned, "managed_policy_arns")];
    for (const policyArn of had.filter((one) => !wanted.includes(one))) await roles.detachPolicy(name, policyArn);
    for (const policyArn of wanted.filter((one) => !had.includes(one))) await roles.attachPolicy(name, policyArn);
    await changeTags(roles.get(name).tags, allTags(connection, planned), {
      untag: (keys) => roles.untag(name, keys),
      tag: (tags) => roles.tag(name, tags),
    });
    return appliedState(connection, name, planned);
  },
  async delete(connection, state) {
    const force = isSet(state, "force_detach_policies");
    // Not only when forced: the provider also clears away what its state knows to be there.
    await remove(connection, text(state, "id"), {
      managed: force || texts(state, "managed_policy_arns").length > 0,
      inline: force || blocks(state, "inline_policy").length > 0,
    });
  },
  import: (_, id) => ({ id, force_detach_policies: false }),
};

async function changeInlinePolicies(
  { account: { roles } }: AwsConnection,
  roleName: string,
  from: Map<string, string>,
  to: Map<string, string>,
): Promise<void> {
  for (const name of from.keys()) if (!to.has(name)) await roles.deletePolicy(roleName, name);
  for (const [name, policy] of to) {
    const before = from.get(name);
    if (before === undefined || !samePolicy(before, policy)) await roles.putPolicy(roleName, name, policy);
  }
}

/** Deletes a role, and before it the policies of the kinds that are named. */
async function remove(
  { account: { roles } }: AwsConnection,
  name: string,
  first: { managed: boolean; inline: boolean },
): Promise<void> {
  const found = roles.find(name);
  if (!found) return;
  if (first.managed) for (const policyArn of found.attachedPolicies) await roles.detachPolicy(name, policyArn);
  if (first.inline) for (const policy of Object.keys(found.inlinePolicies)) await roles.deletePolicy(name, policy);
  await roles.delete(name);
}
