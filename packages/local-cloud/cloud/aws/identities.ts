import { deleteConflict, entityAlreadyExists, limitExceeded, noSuchEntity } from "./errors";
import { checkPolicyName, type Tags } from "./names";
import type { Policies, PolicyHolder } from "./policies";
import { type AccessRequest, type Decision, evaluate } from "./policy";
import { checkIdentityPolicy, parsePolicyDocument, policySize } from "./policy-document";
import { type AccountContext, Collection } from "./service";

/** What a user and a role have in common: both hold policies. */
export interface IdentityState extends PolicyHolder {
  arn: string;
  id: string;
  name: string;
  path: string;
  permissionsBoundary: string | null;
  /** ARNs of managed policies. */
  attachedPolicies: readonly string[];
  /** Documents by name. */
  inlinePolicies: Readonly<Record<string, string>>;
  createDate: string;
  tags: Tags;
}

interface Kind {
  readonly word: "Role" | "User";
  readonly maxInlineSize: number;
  readonly maxPerAccount: number;
}

/** The policies, boundary and tags of the account's users or roles, by name. */
export abstract class Identities<State extends IdentityState> extends Collection<State> {
  protected constructor(
    context: AccountContext,
    identities: Record<string, State>,
    protected readonly policies: Policies,
    private readonly kind: Kind,
    lines?: (identity: Readonly<State>) => string[],
  ) {
    const { word } = kind;
    const { id, partition } = context.account;
    const kindOf = word.toLowerCase();
    super("iam", context, identities, {
      notFound: (name) => noSuchEntity(`The ${kindOf} with name ${name} cannot be found.`),
      target: (name) => identities[name]?.arn ?? `arn:${partition}:iam::${id}:${kindOf}/${name}`,
      tagging: [`Tag${word}`, `Untag${word}`],
      lines,
    });
  }

  byArn(arn: string): Readonly<State> | undefined {
    return this.list().find((identity) => identity.arn === arn);
  }

  attachPolicy(name: string, policyArn: string): Promise<void> {
    return this.change(`Attach${this.kind.word}Policy`, name, (identity) => {
      this.policies.checkAttachable(policyArn);
      if (identity.attachedPolicies.includes(policyArn)) return;
      const max = this.account.quotas.attachedPolicies;
      if (identity.attachedPolicies.length >= max)
        throw limitExceeded(`Cannot exceed quota for PoliciesPer${this.kind.word}: ${max}`);
      identity.attachedPolicies = [...identity.attachedPolicies, policyArn];
    });
  }

  detachPolicy(name: string, policyArn: string): Promise<void> {
    return this.change(`Detach${this.kind.word}Policy`, name, (identity) => {
      if (!identity.attachedPolicies.includes(policyArn)) throw noSuchEntity(`Policy ${policyArn} was not found.`);
      identity.attachedPolicies = identity.attachedPolicies.filter((arn) => arn !== policyArn);
    });
  }

  /** Adds an inline policy, or puts it in the place of the one of that name. */
  putPolicy(name: string, policyName: string, document: string): Promise<void> {
    return this.change(`Put${this.kind.word}Policy`, name, (identity) => {
      checkPolicyName(policyName);
      checkIdentityPolicy(document);
      const inlinePolicies = { ...identity.inlinePolicies, [policyName]: document };
      const size = Object.values(inlinePolicies).reduce((sum, text) => sum + policySize(text), 0);
      const { word, maxInlineSize } = this.kind;
      if (size > maxInlineSize) {
        throw limitExceeded(`Maximum policy size of ${maxInlineSize} bytes exceeded for ${word.toLowerCase()} ${name}`);
      }
      identity.inlinePolicies = inlinePolicies;
    });
  }

  deletePolicy(name: string, policyName: string): Promise<void> {
    return this.change(`Delete${this.kind.word}Policy`, name, (identity) => {
      const { [policyName]: gone, ...rest } = identity.inlinePolicies;
      if (gone === undefined) {
        throw noSuchEntity(`The ${this.kind.word.toLowerCase()} policy with name ${policyName} cannot be found.`);
      }
      identity.inlinePolicies = rest;
    });
  }

  putPermissionsBoundary(name: string, policyArn: string): Promise<void> {
    return this.change(`Put${this.kind.word}PermissionsBoundary`, name, (identity) => {
      this.policies.checkAttachable(policyArn);
      identity.permissionsBoundary = policyArn;
    });
  }

  deletePermissionsBoundary(name: string): Promise<void> {
    return this.change(`Delete${this.kind.word}PermissionsBoundary`, name, (identity) => {
      if (identity.permissionsBoundary === null) throw noSuchEntity(`${identity.arn} has no permissions boundary.`);
      identity.permissionsBoundary = null;
    });
  }

  // Assumption aws-no-organization, never checked: No service control policy, resource control policy or session policy limits what an
  // account's own policies allow.
  /**
   * Whether its own policies let it do something in this account; a permissions boundary must allow it as well
   * (IAM User Guide, "Permissions boundaries for IAM entities", access_policies_boundaries).
   */
  allows(name: string, request: AccessRequest): Decision {
    const identity = this.get(name);
    const parse = (text: string | undefined) => (text === undefined ? undefined : parsePolicyDocument(text));
    const attached = identity.attachedPolicies.map((arn) => this.policies.document(arn));
    const own = evaluate([...attached, ...Object.values(identity.inlinePolicies)].map(parse), request);
    if (own.outcome === "deny" || identity.permissionsBoundary === null) return own;
    const within = evaluate([parse(this.policies.document(identity.permissionsBoundary))], request);
    return within.outcome === "allow" ? own : { ...within, because: `permissions boundary: ${within.because}` };
  }

  // Assumption aws-quota-words, never checked: The quotas are documented; the words of some refusals are ours, their codes are IAM's.
  /** Refuses a name that is there already, in any case, or one too many. */
  protected checkNew(name: string, permissionsBoundary: string | null): void {
    const { word, maxPerAccount } = this.kind;
    // "They are not distinguished by case" (reference_iam-quotas, IAM name requirements).
    if (this.list().some((identity) => identity.name.toLowerCase() === name.toLowerCase())) {
      throw entityAlreadyExists(`${word} with name ${name} already exists.`);
    }
    if (this.list().length >= maxPerAccount)
      throw limitExceeded(`Cannot exceed quota for ${word}sPerAccount: ${maxPerAccount}`);
    if (permissionsBoundary !== null) this.policies.checkAttachable(permissionsBoundary);
  }

  /** The words of both refusals: awslabs/aws-orbit-workbench#633, hashicorp/boundary#5646. */
  protected checkEmpty(identity: State): void {
    if (identity.attachedPolicies.length > 0)
      throw deleteConflict("Cannot delete entity, must detach all policies first.");
    if (Object.keys(identity.inlinePolicies).length > 0) {
      throw deleteConflict("Cannot delete entity, must delete policies first.");
    }
  }

  protected change<T>(operation: string, name: string, work: (identity: State) => T): Promise<T> {
    return this.items.change(operation, name, work);
  }
}
