import { notModelled } from "../../../cloud/aws/errors";
import type { RoleState } from "../../../cloud/aws/roles";
import { PartiallyCreated, type ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { check, optionalText, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { allTags, changeTags, planTags, readTags } from "./tags";

// Facts: internal/service/iam/service_linked_role.go of hashicorp/terraform-provider-aws.

function stateOf(connection: AwsConnection, role: RoleState, state: Attributes): Attributes {
  return {
    id: role.arn,
    arn: role.arn,
    aws_service_name: role.path.split("/")[2] ?? null,
    create_date: role.createDate,
    custom_suffix: null,
    description: role.description,
    name: role.name,
    path: role.path,
    unique_id: role.id,
    ...readTags(connection, state, role.tags),
  };
}

const nameIn = (arn: string) => arn.split("/").at(-1) ?? "";

export const serviceLinkedRole: ResourceType<AwsConnection> = {
  forceNew: ["aws_service_name", "custom_suffix"],
  validate: (config) =>
    check(config, {
      aws_service_name: (value) =>
        value.includes(".") ? undefined : "must be a full service hostname e.g. elasticbeanstalk.amazonaws.com",
    }),
  plan(connection, change) {
    planTags(connection, change);
    return [];
  },
  async create(connection, planned) {
    if (optionalText(planned, "custom_suffix")) throw notModelled("custom_suffix of aws_iam_service_linked_role");
    const { roles } = connection.account;
    const { name } = await roles.createServiceLinked({
      service: text(planned, "aws_service_name"),
      ...(optionalText(planned, "description") ? { description: text(planned, "description") } : {}),
    });
    // The request that makes the role takes no tags.
    const tags = allTags(connection, planned);
    if (Object.keys(tags).length > 0) {
      await roles.tag(name, tags).catch((error: unknown) => {
        throw new PartiallyCreated(stateOf(connection, roles.get(name), planned), error);
      });
    }
    return stateOf(connection, roles.get(name), planned);
  },
  read(connection, state) {
    const role = connection.account.roles.byArn(text(state, "id"));
    return role && stateOf(connection, role, state);
  },
  async update(connection, planned, prior) {
    const { roles } = connection.account;
    const name = text(prior, "name");
    const description = optionalText(planned, "description");
    if (description !== optionalText(prior, "description")) await roles.updateDescription(name, description ?? "");
    await changeTags(roles.get(name).tags, allTags(connection, planned), {
      untag: (keys) => roles.untag(name, keys),
      tag: (tags) => roles.tag(name, tags),
    });
    return stateOf(connection, roles.get(name), planned);
  },
  async delete({ account: { roles } }, state) {
    const name = nameIn(text(state, "id"));
    if (roles.find(name)) await roles.deleteServiceLinked(name);
  },
  import: (_, id) => ({ id }),
};
