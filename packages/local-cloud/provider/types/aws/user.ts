import type { UserState } from "../../../cloud/aws/users";
import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { check, isSet, lengthBetween, optionalText, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { allTags, changeTags, planTags, readTags } from "./tags";

// Facts: internal/service/iam/user.go of hashicorp/terraform-provider-aws.

function stateOf(connection: AwsConnection, user: UserState, state: Attributes): Attributes {
  return {
    id: user.name,
    arn: user.arn,
    force_destroy: state.force_destroy ?? null,
    name: user.name,
    path: user.path,
    permissions_boundary: user.permissionsBoundary,
    unique_id: user.id,
    ...readTags(connection, state, user.tags),
  };
}

export const user: ResourceType<AwsConnection> = {
  defaults: { force_destroy: false, path: "/" },
  // A user is renamed and moved in place. The provider plans the old id and ARN, which then come out otherwise; here they are unknown.
  recomputedWhen: { arn: ["name", "path"], id: ["name"] },
  validate: (config) =>
    check(config, {
      name: (value) =>
        /^[0-9A-Za-z=,.@\-_+]+$/.test(value)
          ? undefined
          : "must only contain alphanumeric characters, hyphens, underscores, commas, periods, @ symbols, plus and equals signs",
      permissions_boundary: lengthBetween(0, 2_048),
    }),
  plan(connection, change) {
    planTags(connection, change);
    return [];
  },
  async create(connection, planned) {
    const created = await connection.account.users.create({
      name: text(planned, "name"),
      path: text(planned, "path"),
      permissionsBoundary: optionalText(planned, "permissions_boundary") ?? null,
      tags: allTags(connection, planned),
    });
    return stateOf(connection, created, planned);
  },
  read(connection, state) {
    const found = connection.account.users.find(text(state, "id"));
    return found && stateOf(connection, found, state);
  },
  async update(connection, planned, prior) {
    const { users } = connection.account;
    const [name, path] = [text(planned, "name"), text(planned, "path")];
    if (name !== prior.name || path !== prior.path) await users.update(text(prior, "id"), { name, path });
    const boundary = optionalText(planned, "permissions_boundary");
    if (boundary !== optionalText(prior, "permissions_boundary")) {
      if (boundary !== undefined) await users.putPermissionsBoundary(name, boundary);
      else await users.deletePermissionsBoundary(name);
    }
    await changeTags(users.get(name).tags, allTags(connection, planned), {
      untag: (keys) => users.untag(name, keys),
      tag: (tags) => users.tag(name, tags),
    });
    return stateOf(connection, users.get(name), planned);
  },
  async delete({ account: { users } }, state) {
    const found = users.find(text(state, "id"));
    if (!found) return;
    if (isSet(state, "force_destroy")) {
      for (const { accessKeyId } of found.accessKeys) await users.deleteAccessKey(found.name, accessKeyId);
    }
    await users.delete(found.name);
  },
  import: (_, id) => ({ id }),
};
