import { randomUUID } from "node:crypto";
import { ServiceError } from "../errors";
import { notModelled } from "./errors";
import { type Tags, withTags } from "./names";
import { evaluate } from "./policy";
import { parsePolicyDocument } from "./policy-document";
import { parseResourcePolicy } from "./resource-policy";
import { type AccountContext, Service } from "./service";
import type { Table } from "./table";

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
export class KmsKeys extends Service {
  private readonly keys: Table<KeyState>;
  private readonly aliases: Table<KeyAliasState>;

  constructor(context: AccountContext, keys: Record<string, KeyState>, aliases: Record<string, KeyAliasState>) {
    super("kms", context);
    this.keys = this.table(keys, {
      notFound: (arn) => notFound(`Key '${arn}'`),
      lives: ({ deletionDate }) => deletionDate === null,
      checkChange: ({ arn, deletionDate }) => {
        if (deletionDate !== null) throw invalidState(`${arn} is pending deletion.`);
      },
    });
    this.aliases = this.table(aliases, { notFound: (arn) => notFound(`Alias ${arn}`) });
  }

  /** The keys that are not about to be deleted. */
  list(): readonly Readonly<KeyState>[] {
    return this.keys.list();
  }

  listAliases(): readonly Readonly<KeyAliasState>[] {
    return this.aliases.list();
  }

  /** By id, ARN, alias or alias ARN, as every request may name a key. A key that waits for its deletion is still found. */
  find(region: string, name: string): Readonly<KeyState> | undefined {
    const local = name.startsWith("arn:") ? name.split(":").slice(5).join(":") : name;
    const where = name.startsWith("arn:") ? name.split(":")[3] : region;
    const id = local.startsWith("alias/")
      ? this.listAliases().find((alias) => alias.name === local && alias.region === where)?.keyId
      : local.replace(/^key\//, "");
    return Object.values(this.keys.rows).find((key) => key.keyId === id && key.region === where);
  }

  findAlias(region: string, name: string): Readonly<KeyAliasState> | undefined {
    return this.aliases.find(this.arn(region, name));
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
    const arn = this.arn(region, `key/${keyId}`);
    return this.mutate("CreateKey", arn, () => {
      if (policy !== undefined) this.checkPolicy(policy, arn, request.bypassPolicyLockoutSafetyCheck ?? false);
      const key: KeyState = {
        arn,
        keyId,
        region,
        description,
        policy: policy ?? this.defaultPolicy(),
        enabled: true,
        rotationDays: null,
        createDate: this.now(),
        deletionDate: null,
        tags: withTags({}, tags),
      };
      this.keys.rows[arn] = key;
      return key;
    });
  }

  putPolicy(arn: string, policy: string, bypassPolicyLockoutSafetyCheck = false): Promise<void> {
    return this.keys.change("PutKeyPolicy", arn, (key) => {
      this.checkPolicy(policy, arn, bypassPolicyLockoutSafetyCheck);
      key.policy = policy;
    });
  }

  updateDescription(arn: string, description: string): Promise<void> {
    return this.keys.change("UpdateKeyDescription", arn, (key) => {
      key.description = description;
    });
  }

  enableRotation(arn: string, days = DEFAULT_ROTATION_DAYS): Promise<void> {
    return this.keys.change("EnableKeyRotation", arn, (key) => {
      if (!key.enabled) throw new ServiceError("DisabledException", `${arn} is disabled.`, 400);
      key.rotationDays = days;
    });
  }

  disableRotation(arn: string): Promise<void> {
    return this.keys.change("DisableKeyRotation", arn, (key) => {
      key.rotationDays = null;
    });
  }

  enable(arn: string): Promise<void> {
    return this.keys.change("EnableKey", arn, (key) => {
      key.enabled = true;
    });
  }

  disable(arn: string): Promise<void> {
    return this.keys.change("DisableKey", arn, (key) => {
      key.enabled = false;
    });
  }

  tag(arn: string, tags: Tags): Promise<void> {
    return this.keys.tag(arn, tags);
  }

  untag(arn: string, keys: readonly string[]): Promise<void> {
    return this.keys.untag(arn, keys);
  }

  /** Nothing can use the key from now on; the rehearsal's clock does not carry the deletion itself out. */
  scheduleDeletion(arn: string, days = DELETION_WINDOW_DAYS.default): Promise<void> {
    return this.keys.change("ScheduleKeyDeletion", arn, (key) => {
      const { min, max } = DELETION_WINDOW_DAYS;
      if (days < min || days > max) throw validation(`PendingWindowInDays is ${days}, it takes ${min} to ${max}`);
      const date = new Date(this.now());
      date.setUTCDate(date.getUTCDate() + days);
      key.deletionDate = `${date.toISOString().slice(0, 19)}Z`;
    });
  }

  createAlias(region: string, name: string, key: string): Promise<Readonly<KeyAliasState>> {
    const arn = this.arn(region, name);
    return this.mutate("CreateAlias", arn, () => {
      if (!ALIAS.test(name)) throw new ServiceError("InvalidAliasNameException", `Invalid alias name ${name}`, 400);
      if (name.startsWith("alias/aws/"))
        throw new ServiceError("NotAuthorizedException", `${name} is reserved for AWS`, 400);
      const target = this.find(region, key);
      if (!target || target.region !== region) throw notFound(`Key '${key}'`);
      if (target.deletionDate !== null) throw invalidState(`${target.arn} is pending deletion.`);
      if (this.aliases.find(arn))
        throw new ServiceError("AlreadyExistsException", `An alias with the name ${arn} already exists`, 400);
      const alias = { arn, name, region, keyId: target.keyId };
      this.aliases.rows[arn] = alias;
      return alias;
    });
  }

  updateAlias(region: string, name: string, key: string): Promise<void> {
    return this.aliases.change("UpdateAlias", this.arn(region, name), (alias) => {
      const target = this.find(region, key);
      if (!target) throw notFound(`Key '${key}'`);
      alias.keyId = target.keyId;
    });
  }

  deleteAlias(region: string, name: string): Promise<void> {
    return this.aliases.remove("DeleteAlias", this.arn(region, name));
  }

  private get root(): string {
    return `arn:${this.account.partition}:iam::${this.account.id}:root`;
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

  // Assumption aws-kms-caller, never checked: Whoever deploys is let in by the account's own policies: a key policy that does not name the
  // account would shut them out, and is refused.
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
}
