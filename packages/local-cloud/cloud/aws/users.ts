import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import {
  accessDenied,
  deleteConflict,
  entityAlreadyExists,
  invalidClientTokenId,
  limitExceeded,
  noSuchEntity,
  signatureDoesNotMatch,
} from "./errors";
import { uniqueId } from "./iam";
import { Identities, type IdentityState } from "./identities";
import { checkPath, checkUserName, type Tags, withTags } from "./names";
import type { Policies } from "./policies";
import type { AccountContext } from "./service";

export type AccessKeyStatus = "Active" | "Inactive";

export interface AccessKeyState {
  accessKeyId: string;
  status: AccessKeyStatus;
  createDate: string;
  /** SHA-256 of the secret access key: enough to recognize it, useless to whoever reads the store. */
  secretHash: string;
  lastUsed: { date: string; serviceName: string } | null;
}

export interface UserState extends IdentityState {
  accessKeys: readonly AccessKeyState[];
}

/** The answer to CreateAccessKey, the only one that ever holds the secret. */
export interface NewAccessKey {
  readonly userName: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly status: AccessKeyStatus;
  readonly createDate: string;
}

/** "Access keys assigned to an IAM user: 2" (reference_iam-quotas). */
const MAX_ACCESS_KEYS = 2;

/** The account's users and their access keys, by name. A user has no console password here: nothing in the federation needs one. */
export class Users extends Identities<UserState> {
  constructor(context: AccountContext, users: Record<string, UserState>, policies: Policies) {
    // reference_iam-quotas: "User inline policies: 2,048 characters" in total, "Users in an account: 5,000".
    const kind = { word: "User", maxInlineSize: 2_048, maxPerAccount: 5_000 } as const;
    super(context, users, policies, kind, ({ arn, accessKeys }) => [
      arn,
      ...accessKeys.map((key) => `${arn} ${key.accessKeyId}`),
    ]);
  }

  create(request: {
    name: string;
    path?: string;
    permissionsBoundary?: string | null;
    tags?: Tags;
  }): Promise<Readonly<UserState>> {
    const { name, path = "/", permissionsBoundary = null, tags = {} } = request;
    const arn = this.arn("", `user${path}${name}`);
    return this.mutate("CreateUser", arn, () => {
      checkUserName(name);
      checkPath(path);
      this.checkNew(name, permissionsBoundary);
      const user: UserState = {
        arn,
        id: uniqueId("AIDA"),
        name,
        path,
        permissionsBoundary,
        attachedPolicies: [],
        inlinePolicies: {},
        createDate: this.now(),
        tags: withTags({}, tags),
        accessKeys: [],
      };
      this.items.rows[name] = user;
      return user;
    });
  }

  /** Renames or moves a user: a new ARN, the same unique id and keys (API_UpdateUser). */
  update(name: string, to: { name: string; path: string }): Promise<void> {
    return this.change("UpdateUser", name, (user) => {
      checkUserName(to.name);
      checkPath(to.path);
      const taken = this.list().some((other) => {
        return other.name !== name && other.name.toLowerCase() === to.name.toLowerCase();
      });
      if (taken) throw entityAlreadyExists(`User with name ${to.name} already exists.`);
      delete this.items.rows[name];
      this.items.rows[to.name] = { ...user, ...to, arn: this.arn("", `user${to.path}${to.name}`) };
    });
  }

  delete(name: string): Promise<void> {
    return this.change("DeleteUser", name, (user) => {
      this.checkEmpty(user);
      if (user.accessKeys.length > 0) throw deleteConflict("Cannot delete entity, must delete access keys first.");
      delete this.items.rows[name];
    });
  }

  createAccessKey(name: string): Promise<NewAccessKey> {
    return this.change("CreateAccessKey", name, (user) => {
      if (user.accessKeys.length >= MAX_ACCESS_KEYS) {
        throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${MAX_ACCESS_KEYS}`);
      }
      const key = { accessKeyId: uniqueId("AKIA"), status: "Active", createDate: this.now() } as const;
      const secretAccessKey = randomBytes(30).toString("base64");
      user.accessKeys = [...user.accessKeys, { ...key, secretHash: hash(secretAccessKey), lastUsed: null }];
      return { userName: name, ...key, secretAccessKey };
    });
  }

  updateAccessKey(name: string, accessKeyId: string, status: AccessKeyStatus): Promise<void> {
    return this.change("UpdateAccessKey", name, (user) => {
      this.key(user, accessKeyId).status = status;
    });
  }

  deleteAccessKey(name: string, accessKeyId: string): Promise<void> {
    return this.change("DeleteAccessKey", name, (user) => {
      this.key(user, accessKeyId);
      user.accessKeys = user.accessKeys.filter((key) => key.accessKeyId !== accessKeyId);
    });
  }

  /** The user an access key belongs to, as GetAccessKeyLastUsed tells it. */
  ofAccessKey(accessKeyId: string): Readonly<UserState> | undefined {
    return this.list().find((user) => user.accessKeys.some((key) => key.accessKeyId === accessKeyId));
  }

  // Assumption aws-inactive-key, never checked: An inactive access key is answered like one that does not exist: InvalidClientTokenId.
  /**
   * Lets the holder of an access key through to one action, or answers as AWS does: unknown or inactive key, wrong secret, no
   * permission. Notes the use.
   */
  authorize(accessKeyId: string, secretAccessKey: string, request: { action: string; resource: string }): void {
    const user = this.ofAccessKey(accessKeyId);
    const key = user?.accessKeys.find((one) => one.accessKeyId === accessKeyId);
    if (!user || key?.status !== "Active") throw invalidClientTokenId();
    if (!timingSafeEqual(Buffer.from(key.secretHash), Buffer.from(hash(secretAccessKey))))
      throw signatureDoesNotMatch();
    key.lastUsed = { date: this.now(), serviceName: request.action.split(":")[0] ?? "" };
    const decision = this.allows(user.name, { ...request, principal: { type: "AWS", id: user.arn }, context: {} });
    if (decision.outcome === "allow") return;
    const doubt = decision.outcome === "cannot tell" ? "the local cloud cannot tell whether it may: " : "";
    throw accessDenied(
      `User: ${user.arn} is not authorized to perform: ${request.action} on resource: ${request.resource} (${doubt}${decision.because})`,
    );
  }

  private key(user: UserState, accessKeyId: string): AccessKeyState {
    const key = user.accessKeys.find((one) => one.accessKeyId === accessKeyId);
    if (!key) throw noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`);
    return key;
  }
}

const hash = (secret: string) => createHash("sha256").update(secret).digest("hex");
