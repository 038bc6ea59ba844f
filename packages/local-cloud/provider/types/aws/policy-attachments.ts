import type { ResourceType } from "../../resource-type";
import { arn, check, text } from "./attributes";
import type { AwsConnection } from "./connection";
import { uniqueSuffix } from "./names";

// Facts: internal/service/iam/role_policy_attachment.go and user_policy_attachment.go of hashicorp/terraform-provider-aws.

/** What a managed policy is attached to: the attribute that names it, and where the account keeps such things. */
interface Holder {
  readonly attribute: "role" | "user";
  readonly identities: "roles" | "users";
  /** Ids that the provider gives when it attaches, and when it imports. */
  createdId(name: string, policyArn: string): string;
  importedId(name: string, policyArn: string): string;
}

function attachment({ attribute, identities, createdId, importedId }: Holder): ResourceType<AwsConnection> {
  const isAttached = ({ account }: AwsConnection, name: string, policyArn: string) =>
    account[identities].find(name)?.attachedPolicies.includes(policyArn) ?? false;
  return {
    forceNew: [attribute, "policy_arn"],
    validate: (config) => check(config, { policy_arn: arn }),
    async create(connection, planned) {
      const [name, policyArn] = [text(planned, attribute), text(planned, "policy_arn")];
      await connection.account[identities].attachPolicy(name, policyArn);
      return { ...planned, id: createdId(name, policyArn) };
    },
    read: (connection, state) =>
      isAttached(connection, text(state, attribute), text(state, "policy_arn")) ? state : undefined,
    async delete(connection, state) {
      const [name, policyArn] = [text(state, attribute), text(state, "policy_arn")];
      if (isAttached(connection, name, policyArn)) await connection.account[identities].detachPolicy(name, policyArn);
    },
    import(_, id) {
      const at = id.indexOf("/");
      const [name, policyArn] = [id.slice(0, Math.max(at, 0)), id.slice(at + 1)];
      if (name === "" || policyArn === "") {
        throw new Error(`unexpected format of ID (${JSON.stringify(id)}), expected <${attribute}-name>/<policy_arn>`);
      }
      return { id: importedId(name, policyArn), [attribute]: name, policy_arn: policyArn };
    },
  };
}

const roleId = (role: string, policyArn: string) => `${role}/${policyArn}`;

export const rolePolicyAttachment = attachment({
  attribute: "role",
  identities: "roles",
  createdId: roleId,
  importedId: roleId,
});

export const userPolicyAttachment = attachment({
  attribute: "user",
  identities: "users",
  createdId: (user) => `${user}-${uniqueSuffix()}`,
  importedId: (user, policyArn) => `${user}-${policyArn}`,
});
