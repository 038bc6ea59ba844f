import { deleteConflict, entityAlreadyExists, limitExceeded, noSuchEntity, validationError } from "./errors";
import { uniqueId } from "./iam";
import { isManagedPolicy, managedPoliciesAsOf, managedPolicyDocument, managedPolicyName } from "./managed-policies";
import { checkPath, checkPolicyDescription, checkPolicyName, type Tags, withTags } from "./names";
import { checkIdentityPolicy, policySize } from "./policy-document";
import { type AccountContext, Collection } from "./service";

export interface PolicyVersion {
  readonly versionId: string;
  readonly document: string;
  readonly createDate: string;
}

/** A customer managed policy. */
export interface PolicyState {
  arn: string;
  id: string;
  name: string;
  path: string;
  description: string;
  versions: readonly PolicyVersion[];
  defaultVersionId: string;
  /** The number of the next version; a number is never used again. */
  nextVersion: number;
  createDate: string;
  tags: Tags;
}

/** What a user or a role holds of managed policies. */
export interface PolicyHolder {
  readonly permissionsBoundary: string | null;
  /** ARNs. */
  readonly attachedPolicies: readonly string[];
}

// reference_iam-quotas: "Managed policies in an account", "Versions of a managed policy", "Size of each managed policy".
const MAX_POLICIES = 1_500;
const MAX_VERSIONS = 5;
const MAX_SIZE = 6_144;

/** The account's customer managed policies, and what is known of those that AWS manages. */
export class Policies extends Collection<PolicyState> {
  /** @param holders all users and roles of the account */
  constructor(
    context: AccountContext,
    policies: Record<string, PolicyState>,
    private readonly holders: () => readonly PolicyHolder[],
  ) {
    super("iam", context, policies, {
      notFound: (arn) => noSuchEntity(`Policy ${arn} was not found.`),
      tagging: ["TagPolicy", "UntagPolicy"],
    });
  }

  /** The document in force, of a customer managed or a well-known AWS managed policy. */
  document(arn: string): string | undefined {
    const own = this.find(arn);
    if (own) return own.versions.find((version) => version.versionId === own.defaultVersionId)?.document;
    const name = managedPolicyName(this.account.partition, arn);
    return name === undefined ? undefined : managedPolicyDocument(name);
  }

  /** Refuses an ARN that neither AWS nor this account has a policy for. */
  checkAttachable(arn: string): void {
    const name = managedPolicyName(this.account.partition, arn);
    if (name === undefined ? this.find(arn) : isManagedPolicy(name)) return;
    const hint = name === undefined ? "" : ` (not among the AWS managed policies of ${managedPoliciesAsOf})`;
    throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.${hint}`);
  }

  /** How many users and roles it is attached to; use as a permissions boundary is not counted (API_Policy). */
  attachmentCount(arn: string): number {
    return this.holders().filter((holder) => holder.attachedPolicies.includes(arn)).length;
  }

  create(request: {
    name: string;
    document: string;
    path?: string;
    description?: string;
    tags?: Tags;
  }): Promise<Readonly<PolicyState>> {
    const { name, document, path = "/", description = "", tags = {} } = request;
    const arn = this.arn("", `policy${path}${name}`);
    return this.mutate("CreatePolicy", arn, () => {
      checkPolicyName(name);
      checkPath(path);
      checkPolicyDescription(description);
      checkDocument(document);
      // Assumption aws-policy-name-unique, never checked: The name of a customer managed policy is taken once per account, in any case and
      // whatever the path.
      if (this.list().some((policy) => policy.name.toLowerCase() === name.toLowerCase())) {
        throw entityAlreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
      }
      if (this.list().length >= MAX_POLICIES)
        throw limitExceeded(`Cannot exceed quota for PoliciesPerAccount: ${MAX_POLICIES}`);
      return this.put({ arn, name, path, document, description, tags: withTags({}, tags) });
    });
  }

  /** A policy that is there before anything is deployed: no request made it, so the journal knows nothing of it. */
  seed(arn: string, document: string): void {
    const [, path = "/", name = ""] = /:policy(\/(?:.*\/)?)([^/]+)$/.exec(arn) ?? [];
    checkPolicyName(name);
    if (arn !== this.arn("", `policy${path}${name}`)) throw validationError(`${arn} is no policy of this account`);
    checkDocument(document);
    if (!this.find(arn)) this.put({ arn, name, path, document, description: "", tags: {} });
  }

  createVersion(arn: string, document: string): Promise<PolicyVersion> {
    return this.items.change("CreatePolicyVersion", arn, (policy) => {
      checkDocument(document);
      if (policy.versions.length >= MAX_VERSIONS) {
        throw limitExceeded(`A managed policy can have up to ${MAX_VERSIONS} versions; delete one first.`);
      }
      const version = { versionId: `v${policy.nextVersion}`, document, createDate: this.now() };
      policy.versions = [...policy.versions, version];
      policy.nextVersion += 1;
      return version;
    });
  }

  setDefaultVersion(arn: string, versionId: string): Promise<void> {
    return this.items.change("SetDefaultPolicyVersion", arn, (policy) => {
      checkVersion(policy, versionId);
      policy.defaultVersionId = versionId;
    });
  }

  deleteVersion(arn: string, versionId: string): Promise<void> {
    return this.items.change("DeletePolicyVersion", arn, (policy) => {
      checkVersion(policy, versionId);
      if (policy.defaultVersionId === versionId) throw deleteConflict("Cannot delete the default version of a policy.");
      policy.versions = policy.versions.filter((version) => version.versionId !== versionId);
    });
  }

  /** Refused while it is attached, is somebody's boundary, or has further versions (API_DeletePolicy; cloud-nuke#972). */
  delete(arn: string): Promise<void> {
    return this.items.change("DeletePolicy", arn, (policy) => {
      const bounds = this.holders().some((holder) => holder.permissionsBoundary === arn);
      if (bounds || this.attachmentCount(arn) > 0) throw deleteConflict("Cannot delete a policy attached to entities.");
      if (policy.versions.length > 1) {
        throw deleteConflict(
          "This policy has more than one version; delete the others first, the default one goes with it.",
        );
      }
      delete this.items.rows[arn];
    });
  }

  private put(
    given: Pick<PolicyState, "arn" | "name" | "path" | "description" | "tags"> & { document: string },
  ): PolicyState {
    const { document, ...rest } = given;
    const createDate = this.now();
    const policy: PolicyState = {
      ...rest,
      id: uniqueId("ANPA"),
      versions: [{ versionId: "v1", document, createDate }],
      defaultVersionId: "v1",
      nextVersion: 2,
      createDate,
    };
    this.items.rows[policy.arn] = policy;
    return policy;
  }
}

function checkDocument(document: string): void {
  checkIdentityPolicy(document);
  if (policySize(document) > MAX_SIZE) throw limitExceeded(`Cannot exceed quota for PolicySize: ${MAX_SIZE}`);
}

function checkVersion(policy: PolicyState, versionId: string): void {
  if (policy.versions.some((version) => version.versionId === versionId)) return;
  throw noSuchEntity(`Policy ${policy.arn} version ${versionId} does not exist.`);
}
