import type { AccessKeyState, AccessKeyStatus } from "../../../cloud/aws/users";
import { PartiallyCreated, type ResourceType } from "../../resource-type";
import type { Attributes } from "../../values";
import { check, text } from "./attributes";
import type { AwsConnection } from "./connection";

// Facts: internal/service/iam/access_key.go of hashicorp/terraform-provider-aws.

const STATUSES: readonly string[] = ["Active", "Inactive"] satisfies AccessKeyStatus[];
const status = (attributes: Attributes): AccessKeyStatus => (attributes.status === "Inactive" ? "Inactive" : "Active");

function keyOf({ account }: AwsConnection, state: Attributes): AccessKeyState | undefined {
  const keys = account.users.find(text(state, "user"))?.accessKeys ?? [];
  return keys.find((key) => key.accessKeyId === state.id);
}

export const accessKey: ResourceType<AwsConnection> = {
  defaults: { status: "Active" },
  forceNew: ["pgp_key", "user"],
  validate: (config) =>
    check(config, {
      status: (value) => (STATUSES.includes(value) ? undefined : `is ${value}, it takes Active or Inactive`),
      pgp_key: () => "is not part of the local cloud, which cannot tell how the secret would be encrypted",
    }),
  async create({ account: { users } }, planned) {
    const key = await users.createAccessKey(text(planned, "user"));
    const state = {
      ...planned,
      id: key.accessKeyId,
      create_date: key.createDate,
      // The only time that the secret is told: from here on it is in the state alone.
      secret: key.secretAccessKey,
      // Derived from secret and region for Amazon SES, which has no part in the federation.
      ses_smtp_password_v4: null,
      encrypted_secret: null,
      encrypted_ses_smtp_password_v4: null,
      key_fingerprint: null,
    };
    if (status(planned) === "Inactive") {
      await users.updateAccessKey(key.userName, key.accessKeyId, "Inactive").catch((error: unknown) => {
        throw new PartiallyCreated({ ...state, status: "Active" }, error);
      });
    }
    return state;
  },
  read(connection, state) {
    const key = keyOf(connection, state);
    return key && { ...state, id: key.accessKeyId, create_date: key.createDate, status: key.status };
  },
  async update({ account: { users } }, planned, prior) {
    if (planned.status !== prior.status) {
      await users.updateAccessKey(text(prior, "user"), text(prior, "id"), status(planned));
    }
    return planned;
  },
  async delete(connection, state) {
    if (keyOf(connection, state))
      await connection.account.users.deleteAccessKey(text(state, "user"), text(state, "id"));
  },
  import({ account }, id) {
    const user = account.users.ofAccessKey(id);
    if (!user) throw new Error(`fetching IAM Access Key (${id}) username via GetAccessKeyLastUsed: no user has it`);
    return { id, user: user.name };
  },
};
