import type { ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { arn, check, conflict, policyJson, resourceName, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { chosenName, prefixLength, prefixOf } from "./names";
import { keepSamePolicy, readPolicy } from "./policy-json";

// Facts: internal/service/iam/role_policy.go of hashicorp/terraform-provider-aws.

const MAX_NAME = 128;

/** `Developer:logs`: an inline policy is known by role and name. */
function parseId(id: string): { role: string; name: string } {
  const at = id.indexOf(":");
  if (at < 1 || at === id.length - 1) throw new Error("role_policy id must be of the form <role name>:<policy name>");
  return { role: id.slice(0, at), name: id.slice(at + 1) };
}

function read({ account }: AwsConnection, state: Attributes): Attributes | undefined {
  const { role, name } = parseId(text(state, "id"));
  const policy = account.roles.find(role)?.inlinePolicies[name];
  if (policy === undefined) return undefined;
  return {
    id: `${role}:${name}`,
    name,
    name_prefix: prefixOf(name),
    role,
    policy: readPolicy(state, "policy", policy),
  };
}

async function put(connection: AwsConnection, planned: Attributes): Promise<Attributes> {
  const [role, name] = [text(planned, "role"), chosenName(planned)];
  await connection.account.roles.putPolicy(role, name, text(planned, "policy"));
  return { ...planned, id: `${role}:${name}`, name, name_prefix: prefixOf(name) };
}

export const rolePolicy: ResourceType<AwsConnection> = {
  forceNew: ["name", "name_prefix", "role"],
  validate: (config) => [
    ...conflict(config, "name", "name_prefix"),
    ...check(config, {
      name: resourceName(MAX_NAME),
      name_prefix: resourceName(prefixLength(MAX_NAME)),
      policy: policyJson,
      role: (value) =>
        arn(value) === undefined ? "must be the role's name not its ARN" : resourceName(MAX_NAME)(value),
    }),
  ],
  plan(_, change) {
    keepSamePolicy("policy", change);
    return [];
  },
  create: put,
  read,
  update: put,
  async delete(connection, state) {
    const { role, name } = parseId(text(state, "id"));
    if (read(connection, state)) await connection.account.roles.deletePolicy(role, name);
  },
  import: (_, id) => ({ id }),
};
