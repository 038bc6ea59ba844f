import type { ResourceType } from "../../resource-type";
import { text, texts } from "./attributes";
import type { AwsConnection } from "./connection";

// Facts: internal/service/iam/role_policies_exclusive.go, role_policy_attachments_exclusive.go and the same two for
// users, of hashicorp/terraform-provider-aws. Such a resource takes away at apply what is not in its list; at destroy it does nothing.

interface Exclusive {
  /** The attribute that names the role or user. */
  readonly owner: "role_name" | "user_name";
  /** The attribute with the list. */
  readonly members: "policy_names" | "policy_arns";
  /** What the owner has; `undefined` where there is no such owner. */
  held(connection: AwsConnection, owner: string): readonly string[] | undefined;
  add(connection: AwsConnection, owner: string, member: string): Promise<void>;
  remove(connection: AwsConnection, owner: string, member: string): Promise<void>;
}

function exclusive({ owner, members, held, add, remove }: Exclusive): ResourceType<AwsConnection> {
  const apply: ResourceType<AwsConnection>["create"] = async (connection, planned) => {
    const name = text(planned, owner);
    const wanted = texts(planned, members);
    const has = held(connection, name) ?? [];
    for (const member of wanted.filter((one) => !has.includes(one))) await add(connection, name, member);
    for (const member of has.filter((one) => !wanted.includes(one))) await remove(connection, name, member);
    return planned;
  };
  return {
    forceNew: [owner],
    create: apply,
    read(connection, state) {
      const has = held(connection, text(state, owner));
      return has && { [owner]: text(state, owner), [members]: [...has] };
    },
    update: apply,
    delete: () => {},
    import: (_, id) => ({ [owner]: id }),
  };
}

export const rolePoliciesExclusive = exclusive({
  owner: "role_name",
  members: "policy_names",
  held: ({ account }, role) => {
    const found = account.roles.find(role);
    return found && Object.keys(found.inlinePolicies);
  },
  // The provider sends the name alone, and IAM refuses a policy without a document: aws_iam_role_policy has to make it first.
  add: ({ account }, role, name) => account.roles.putPolicy(role, name, ""),
  remove: ({ account }, role, name) => account.roles.deletePolicy(role, name),
});

export const rolePolicyAttachmentsExclusive = exclusive({
  owner: "role_name",
  members: "policy_arns",
  held: ({ account }, role) => account.roles.find(role)?.attachedPolicies,
  add: ({ account }, role, policyArn) => account.roles.attachPolicy(role, policyArn),
  remove: ({ account }, role, policyArn) => account.roles.detachPolicy(role, policyArn),
});

export const userPoliciesExclusive = exclusive({
  owner: "user_name",
  members: "policy_names",
  held: ({ account }, user) => {
    const found = account.users.find(user);
    return found && Object.keys(found.inlinePolicies);
  },
  add: ({ account }, user, name) => account.users.putPolicy(user, name, ""),
  remove: ({ account }, user, name) => account.users.deletePolicy(user, name),
});

export const userPolicyAttachmentsExclusive = exclusive({
  owner: "user_name",
  members: "policy_arns",
  held: ({ account }, user) => account.users.find(user)?.attachedPolicies,
  add: ({ account }, user, policyArn) => account.users.attachPolicy(user, policyArn),
  remove: ({ account }, user, policyArn) => account.users.detachPolicy(user, policyArn),
});
