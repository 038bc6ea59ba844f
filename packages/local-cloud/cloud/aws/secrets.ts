import { randomBytes } from "node:crypto";
import { ServiceError } from "../errors";
import type { KmsKeys } from "./kms-keys";
import { type Tags, withTags } from "./names";
import { parsePolicyDocument } from "./policy-document";
import { type AccountContext, Collection } from "./service";

export interface SecretVersion {
  id: string;
  /** `AWSCURRENT`, `AWSPREVIOUS` or a label of one's own. */
  stages: readonly string[];
  createDate: string;
}

/** A secret without its values: those lie in the account's `private` part, under `<ARN> <version id>`. */
export interface SecretState {
  arn: string;
  region: string;
  name: string;
  description: string;
  kmsKeyId: string | null;
  resourcePolicy: string | null;
  versions: readonly SecretVersion[];
  /** From when on nobody can bring it back; `null` while it lives. */
  purgedFrom: string | null;
  createDate: string;
  tags: Tags;
}

const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";
/** "Secret value size: 65,536 bytes", "Secret name length: 512", "Resource policy size: 20,480" (reference_limits of the User Guide). */
const MAX_VALUE_BYTES = 65_536;
const MAX_POLICY_SIZE = 20_480;
/** API_DeleteSecret, RecoveryWindowInDays. */
const WINDOW_DAYS = { min: 7, max: 30 };
const DAY = 24 * 60 * 60_000;

const refusal = (code: string, message: string, status = 400) => new ServiceError(code, message, status);
const notFound = () => refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");

/** AWS Secrets Manager. No value is ever in a message. Errors: the operations' pages in the API Reference. */
export class Secrets extends Collection<SecretState> {
  /** @param values of all versions, by ARN of the secret and id of the version */
  constructor(
    context: AccountContext,
    secrets: Record<string, SecretState>,
    private readonly values: Record<string, string>,
    private readonly keys: KmsKeys,
  ) {
    super("secretsmanager", context, secrets, {
      notFound,
      // One that waits for the end of its recovery window is not among those that live.
      lives: ({ purgedFrom }) => purgedFrom === null,
      checkChange: ({ purgedFrom }) => {
        if (purgedFrom === null) return;
        const message = "You can't perform this operation on the secret because it was marked for deletion.";
        throw refusal("InvalidRequestException", message);
      },
      // Without the random end, which differs in every run.
      target: (arn) => arn.replace(/-\w{6}$/, ""),
      before: () => this.purge(),
      lines: (secret) => this.lines(secret),
    });
  }

  named(region: string, name: string): Readonly<SecretState> | undefined {
    return this.list().find((secret) => secret.region === region && secret.name === name);
  }

  create(request: {
    region: string;
    name: string;
    description?: string;
    kmsKeyId?: string | null;
    tags?: Tags;
  }): Promise<Readonly<SecretState>> {
    const { region, name, description = "", kmsKeyId = null, tags = {} } = request;
    return this.mutate("CreateSecret", this.line(region, name), () => {
      if (!/^[\w/+=.@-]{1,512}$/.test(name)) {
        throw refusal("ValidationException", `name '${name}' has to be 1 to 512 of letters, digits and /_+=.@-`);
      }
      this.checkKey(region, kmsKeyId);
      this.purge();
      const other = Object.values(this.items.rows).find((secret) => secret.region === region && secret.name === name);
      if (other?.purgedFrom) {
        // The words: terraform-provider-aws, internal/service/secretsmanager/secret.go, which waits for them to pass.
        const message =
          "You can't create this secret because a secret with this name is already scheduled for deletion.";
        throw refusal("InvalidRequestException", message);
      }
      if (other) {
        throw refusal("ResourceExistsException", `The operation failed because the secret ${name} already exists.`);
      }
      // "Secrets Manager automatically adds a hyphen and six random characters" (API_CreateSecret).
      const suffix = randomBytes(8).toString("base64").replace(/\W/g, "x").slice(0, 6);
      const arn = this.arn(region, `secret:${name}-${suffix}`);
      const secret: SecretState = {
        arn,
        region,
        name,
        description,
        kmsKeyId,
        resourcePolicy: null,
        versions: [],
        purgedFrom: null,
        createDate: this.now(),
        tags: withTags({}, tags),
      };
      this.items.rows[arn] = secret;
      return secret;
    });
  }

  update(arn: string, to: { description: string; kmsKeyId: string | null }): Promise<void> {
    return this.items.change("UpdateSecret", arn, (secret) => {
      this.checkKey(secret.region, to.kmsKeyId);
      Object.assign(secret, { ...to, kmsKeyId: to.kmsKeyId ?? secret.kmsKeyId });
    });
  }

  /**
   * Deletes a secret: at once, or so that it can come back within a recovery window, during which its name is taken.
   * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
   */
  delete(arn: string, recoveryWindowInDays: number | "none"): Promise<void> {
    return this.items.change("DeleteSecret", arn, (secret) => {
      if (recoveryWindowInDays === "none") return this.remove(secret);
      const { min, max } = WINDOW_DAYS;
      if (recoveryWindowInDays < min || recoveryWindowInDays > max) {
        throw refusal("InvalidParameterException", `RecoveryWindowInDays has to be ${min} to ${max} days.`);
      }
      const end = new Date(this.now()).getTime() + recoveryWindowInDays * DAY;
      secret.purgedFrom = new Date(end).toISOString();
    });
  }

  /** Brings back a secret within its recovery window. */
  restore(region: string, name: string): Promise<void> {
    return this.mutate("RestoreSecret", this.line(region, name), () => {
      this.purge();
      const secret = Object.values(this.items.rows).find((one) => one.region === region && one.name === name);
      if (!secret) throw notFound();
      secret.purgedFrom = null;
    });
  }

  /** Adds a version and makes it the current one, unless it gets labels of its own; the one before becomes AWSPREVIOUS. */
  putValue(arn: string, value: string, request: { token: string; stages?: readonly string[] }): Promise<SecretVersion> {
    return this.items.change("PutSecretValue", arn, (secret) => {
      const { token: id, stages = [CURRENT] } = request;
      this.checkKey(secret.region, secret.kmsKeyId);
      if (Buffer.byteLength(value) < 1 || Buffer.byteLength(value) > MAX_VALUE_BYTES) {
        throw refusal("InvalidParameterException", `A value has 1 to ${MAX_VALUE_BYTES} bytes.`);
      }
      if (id.length < 32 || id.length > 64)
        throw refusal("InvalidParameterException", "ClientRequestToken is not valid.");
      // "If a version with this value already exists and its value is different, the operation fails": versions are never changed.
      if (secret.versions.some((version) => version.id === id)) {
        throw refusal("ResourceExistsException", "A version with this ClientRequestToken already exists.");
      }
      secret.versions = [...secret.versions, { id, stages: [], createDate: this.now() }];
      this.values[`${arn} ${id}`] = value;
      for (const stage of stages) moveStage(secret, stage, id);
      return ownVersion(secret, id);
    });
  }

  updateVersionStage(arn: string, stage: string, move: { to?: string; from?: string }): Promise<void> {
    return this.items.change("UpdateSecretVersionStage", arn, (secret) => {
      const holder = secret.versions.find(({ stages }) => stages.includes(stage));
      if (move.to === undefined && stage === CURRENT) {
        const message =
          "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.";
        throw refusal("InvalidParameterException", message);
      }
      if (move.from !== undefined && holder?.id !== move.from) {
        throw refusal("InvalidParameterException", `The staging label ${stage} is not attached to that version.`);
      }
      if (move.to !== undefined && holder && move.from === undefined && holder.id !== move.to) {
        throw refusal("InvalidParameterException", `The staging label ${stage} is on another version: name that too.`);
      }
      moveStage(secret, stage, move.to);
    });
  }

  // Assumption aws-secret-versions, never checked: A version of a secret that has lost its labels can still be read by its id; AWS clears
  // such versions away at a time of its own.
  version(arn: string, id: string): Readonly<SecretVersion> | undefined {
    return this.find(arn)?.versions.find((version) => version.id === id);
  }

  /** GetSecretValue: the only way to a value. @param id of a version @default - the current one */
  value(arn: string, id?: string): string | undefined {
    const version = this.find(arn)?.versions.find((one) => (id ? one.id === id : one.stages.includes(CURRENT)));
    return version && this.values[`${arn} ${version.id}`];
  }

  putResourcePolicy(arn: string, policy: string, { blockPublic = false } = {}): Promise<void> {
    return this.items.change("PutResourcePolicy", arn, (secret) => {
      if (policy.length > MAX_POLICY_SIZE)
        throw refusal("ValidationException", `A policy has up to ${MAX_POLICY_SIZE} characters.`);
      const { statements } = parsePolicyDocument(policy);
      if (statements.some(({ principals, notPrincipals }) => principals === undefined && notPrincipals === undefined)) {
        throw refusal("MalformedPolicyDocumentException", "This resource policy has a statement without a principal.");
      }
      const open = statements.some(({ effect, principals, conditions }) => {
        const anyone = principals === "*" || (principals?.AWS ?? []).includes("*");
        return effect === "Allow" && anyone && Object.keys(conditions).length === 0;
      });
      if (blockPublic && open) {
        throw refusal(
          "PublicPolicyException",
          "The BlockPublicPolicy parameter is set to true, and the policy grants broad access.",
        );
      }
      secret.resourcePolicy = policy;
    });
  }

  deleteResourcePolicy(arn: string): Promise<void> {
    return this.items.change("DeleteResourcePolicy", arn, (secret) => {
      secret.resourcePolicy = null;
    });
  }

  // Assumption aws-secret-key, never checked: A KMS key of a secret that no stack makes is there, enabled, and open to whoever deploys; one
  // in another region than the secret's is refused as a key that cannot encrypt.
  /**
   * A key has to be of the secret's region, enabled and not about to be deleted, as far as it is known here (assumption aws-secret-key).
   * EncryptionFailure: "Errors" of API_CreateSecret, API_UpdateSecret and API_PutSecretValue.
   */
  private checkKey(region: string, key: string | null): void {
    if (key === null) return;
    const elsewhere = key.startsWith("arn:") && key.split(":")[3] !== region;
    const known = this.keys.find(region, key);
    if (elsewhere || (known && (!known.enabled || known.deletionDate !== null))) {
      const why = `Secrets Manager can't encrypt the protected secret text using the provided KMS key ${key}.`;
      throw refusal("EncryptionFailure", why);
    }
  }

  private line(region: string, name: string): string {
    return this.arn(region, `secret:${name}`);
  }

  /** The secret, its current value and its policy. The random end of an ARN is left out. */
  private lines({ region, name, versions, resourcePolicy }: Readonly<SecretState>): string[] {
    const line = this.line(region, name);
    const current = versions.some(({ stages }) => stages.includes(CURRENT));
    return [line, ...(current ? [`${line} has a value`] : []), ...(resourcePolicy ? [`${line} has a policy`] : [])];
  }

  /** Recovery windows that have passed by now. */
  private purge(): void {
    const now = this.now();
    for (const secret of Object.values(this.items.rows)) {
      if (secret.purgedFrom && secret.purgedFrom <= now) this.remove(secret);
    }
  }

  private remove({ arn, versions }: SecretState): void {
    for (const { id } of versions) delete this.values[`${arn} ${id}`];
    delete this.items.rows[arn];
  }
}

function ownVersion(secret: SecretState, id: string): SecretVersion {
  const version = secret.versions.find((one) => one.id === id);
  if (!version) throw notFound();
  return version;
}

/**
 * A label is on one version at a time. The version that AWSCURRENT leaves gets AWSPREVIOUS.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
function moveStage(secret: SecretState, stage: string, to: string | undefined): void {
  const from = secret.versions.find(({ stages }) => stages.includes(stage))?.id;
  if (to !== undefined) ownVersion(secret, to);
  secret.versions = secret.versions.map((version) => {
    const without = version.stages.filter((one) => one !== stage);
    return { ...version, stages: version.id === to ? [...without, stage] : without };
  });
  if (stage === CURRENT && from !== undefined && from !== to) moveStage(secret, PREVIOUS, from);
}
