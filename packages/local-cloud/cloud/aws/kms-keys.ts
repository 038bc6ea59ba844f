import { randomUUID } from "node:crypto";
import { ServiceError } from "../errors";
import { notModelled } from "./errors";
import { type Tags, withoutTags, withTags } from "./names";
import { evaluate } from "./policy";
import { parsePolicyDocument } from "./policy-document";
import { parseResourcePolicy } from "./resource-policy";
import type { Service } from "./service";

export interface KeyState {
  arn: string;
  keyId: string;
  region: string;
  description: string;
  policy: string;
  enabled: boolean;
  /** Days between rotations; `null` where the key is not rotated. */
  rotationDays: number | null;
  createDate: string;
  /** When the key and whatever it encrypted are gone for good; `null` while nobody asked for it. */
  deletionDate: string | null;
  tags: Tags;
}

export interface KeyAliasState {
  arn: string;
  /** With its `alias/`. */
  name: string;
  region: string;
  keyId: string;
}

// Codes: "Errors" of each operation in the AWS KMS API Reference.
const notFound = (what: string) => new ServiceError("NotFoundException", `${what} does not exist`, 400);
const malformed = (why: string) => new ServiceError("MalformedPolicyDocumentException", why, 400);
const invalidState = (why: string) => new ServiceError("KMSInvalidStateException", why, 400);
const validation = (why: string) => new ServiceError("ValidationException", why, 400);

const DEFAULT_ROTATION_DAYS = 365;
/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html */
const DELETION_WINDOW_DAYS = { min: 7, max: 30, default: 30 };
/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
const ALIAS = /^alias\/[a-zA-Z0-9/_-]{1,250}$/;

/** The account's symmetric keys and their aliases, by ARN. */
export class KmsKeys {
  constructor(
    private readonly kms: Service,
    private readonly keys: Record<string, KeyState>,
    private readonly aliases: Record<string, KeyAliasState>,
  ) {}

  /** The keys that are not about to be deleted. */
  list(): readonly Readonly<KeyState>[] {
    return Object.values(this.keys).filter(({ deletionDate }) => deletionDate === null);
  }

  listAliases(): readonly Readonly<KeyAliasState>[] {
    return Object.values(this.aliases);
  }

  contents(): string[] {
    return [...this.list(), ...this.listAliases()].map(({ arn }) => arn);
  }

  /** By id, ARN, alias or alias ARN, as every request may name a key. A key that waits for its deletion is still found. */
  find(region: string, name: string): Readonly<KeyState> | undefined {
    const local = name.startsWith("arn:") ? name.split(":").slice(5).join(":") : name;
    const where = name.startsWith("arn:") ? name.split(":")[3] : region;
    const id = local.startsWith("alias/")
      ? Object.values(this.aliases).find((alias) => alias.name === local && alias.region === where)?.keyId
      : local.replace(/^key\//, "");
    return Object.values(this.keys).find((key) => key.keyId === id && key.region === where);
  }

  findAlias(region: string, name: string): Readonly<KeyAliasState> | undefined {
    return this.aliases[this.kms.arn(region, name)];
  }

  create(request: {
    region: string;
    description?: string;
    policy?: string;
    bypassPolicyLockoutSafetyCheck?: boolean;
    tags?: Tags;
  }): Promise<Readonly<KeyState>> {
    const { region, description = "", policy, tags = {} } = request;
    const keyId = randomUUID();
    const arn = this.kms.arn(region, `key/${keyId}`);
    return this.kms.mutate("CreateKey", arn, () => {
      if (policy !== undefined) this.checkPolicy(policy, arn, request.bypassPolicyLockoutSafetyCheck ?? false);
      const key: KeyState = {
        arn,
        keyId,
        region,
        description,
        policy: policy ?? this.defaultPolicy(),
        enabled: true,
        rotationDays: null,
        createDate: this.kms.now(),
        deletionDate: null,
        tags: withTags({}, tags),
      };
      this.keys[arn] = key;
      return key;
    });
  }

  putPolicy(arn: string, policy: string, bypassPolicyLockoutSafetyCheck = false): Promise<void> {
    return this.change("PutKeyPolicy", arn, (key) => {
      this.checkPolicy(policy, arn, bypassPolicyLockoutSafetyCheck);
      key.policy = policy;
    });
  }

  updateDescription(arn: string, description: string): Promise<void> {
    return this.change("UpdateKeyDescription", arn, (key) => {
      key.description = description;
    });
  }

  enableRotation(arn: string, days = DEFAULT_ROTATION_DAYS): Promise<void> {
    return this.change("EnableKeyRotation", arn, (key) => {
      if (!key.enabled) throw new ServiceError("DisabledException", `${arn} is disabled.`, 400);
      key.rotationDays = days;
    });
  }

  disableRotation(arn: string): Promise<void> {
    return this.change("DisableKeyRotation", arn, (key) => {
      key.rotationDays = null;
    });
  }

  enable(arn: string): Promise<void> {
    return this.change("EnableKey", arn, (key) => {
      key.enabled = true;
    });
  }

  disable(arn: string): Promise<void> {
    return this.change("DisableKey", arn, (key) => {
      key.enabled = false;
    });
  }

  tag(arn: string, tags: Tags): Promise<void> {
    return this.change("TagResource", arn, (key) => {
      key.tags = withTags(key.tags, tags);
    });
  }

  untag(arn: string, keys: readonly string[]): Promise<void> {
    return this.change("UntagResource", arn, (key) => {
      key.tags = withoutTags(key.tags, keys);
    });
  }

  /** Nothing can use the key from now on; the rehearsal's clock does not carry the deletion itself out. */
  scheduleDeletion(arn: string, days = DELETION_WINDOW_DAYS.default): Promise<void> {
    return this.change("ScheduleKeyDeletion", arn, (key) => {
      const { min, max } = DELETION_WINDOW_DAYS;
      if (days < min || days > max) throw validation(`PendingWindowInDays is ${days}, it takes ${min} to ${max}`);
      const date = new Date(this.kms.now());
      date.setUTCDate(date.getUTCDate() + days);
      key.deletionDate = `${date.toISOString().slice(0, 19)}Z`;
    });
  }

  createAlias(region: string, name: string, key: string): Promise<Readonly<KeyAliasState>> {
    const arn = this.kms.arn(region, name);
    return this.kms.mutate("CreateAlias", arn, () => {
      if (!ALIAS.test(name)) throw new ServiceError("InvalidAliasNameException", `Invalid alias name ${name}`, 400);
      if (name.startsWith("alias/aws/"))
        throw new ServiceError("NotAuthorizedException", `${name} is reserved for AWS`, 400);
      const target = this.find(region, key);
      if (!target || target.region !== region) throw notFound(`Key '${key}'`);
      if (target.deletionDate !== null) throw invalidState(`${target.arn} is pending deletion.`);
      if (this.aliases[arn])
        throw new ServiceError("AlreadyExistsException", `An alias with the name ${arn} already exists`, 400);
      const alias = { arn, name, region, keyId: target.keyId };
      this.aliases[arn] = alias;
      return alias;
    });
  }

  updateAlias(region: string, name: string, key: string): Promise<void> {
    const arn = this.kms.arn(region, name);
    return this.kms.mutate("UpdateAlias", arn, () => {
      const target = this.find(region, key);
      const alias = this.aliases[arn];
      if (!target) throw notFound(`Key '${key}'`);
      if (!alias) throw notFound(`Alias ${arn}`);
      alias.keyId = target.keyId;
    });
  }

  deleteAlias(region: string, name: string): Promise<void> {
    const arn = this.kms.arn(region, name);
    return this.kms.mutate("DeleteAlias", arn, () => {
      if (!this.aliases[arn]) throw notFound(`Alias ${arn}`);
      delete this.aliases[arn];
    });
  }

  private get root(): string {
    return `arn:${this.kms.account.partition}:iam::${this.kms.account.id}:root`;
  }

  /** https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
  private defaultPolicy(): string {
    return JSON.stringify({
      Version: "2012-10-17",
      Id: "key-default-1",
      Statement: [
        {
          Sid: "Enable IAM User Permissions",
          Effect: "Allow",
          Principal: { AWS: this.root },
          Action: "kms:*",
          Resource: "*",
        },
      ],
    });
  }

  /**
   * "The key policy must allow the calling principal to make a subsequent PutKeyPolicy request on the KMS key"
   * (API_CreateKey); the caller here is whom the account's own policies let in (assumption aws-kms-caller).
   */
  private checkPolicy(policy: string, arn: string, bypass: boolean): void {
    const document = parseResourcePolicy(policy, malformed);
    if (document.statements.some(({ notPrincipals }) => notPrincipals !== undefined)) {
      throw notModelled("NotPrincipal in a key policy");
    }
    if (document.statements.some(({ principals }) => principals === undefined)) {
      throw malformed("Each statement in the key policy must contain one or more principals");
    }
    if (bypass) return;
    const decision = evaluate([parsePolicyDocument(policy, /^/)], {
      action: "kms:PutKeyPolicy",
      resource: arn,
      principal: { type: "AWS", id: this.root },
      context: {},
    });
    // The words: https://repost.aws/knowledge-center/update-key-policy-future
    if (decision.outcome !== "allow") {
      throw malformed("The new key policy will not allow you to update the key policy in the future.");
    }
  }

  private change<T>(operation: string, arn: string, work: (key: KeyState) => T): Promise<T> {
    return this.kms.mutate(operation, arn, () => {
      const key = this.keys[arn];
      if (!key) throw notFound(`Key '${arn}'`);
      if (key.deletionDate !== null) throw invalidState(`${arn} is pending deletion.`);
      return work(key);
    });
  }
}
