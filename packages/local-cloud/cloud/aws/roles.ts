import { deleteConflict, invalidInput, limitExceeded, notModelled, validationError } from "./errors";
import { uniqueId } from "./iam";
import { Identities, type IdentityState } from "./identities";
import { checkPath, checkRoleDescription, checkRoleName, type Tags, withTags } from "./names";
import type { Policies } from "./policies";
import { checkTrustPolicy, policySize } from "./policy-document";
import type { AccountContext } from "./service";

export interface RoleState extends IdentityState {
  /** `null` where none was given: IAM tells it from an empty one. */
  description: string | null;
  /** The trust policy. */
  assumeRolePolicyDocument: string;
  maxSessionDuration: number;
}

/** "3600 to 43200" (API_CreateRole, MaxSessionDuration). */
const SESSION_DURATION = { min: 3_600, max: 43_200 };

/**
 * Roles that belong to a service of AWS, which alone may take them: https://docs.aws.amazon.com/config/latest/developerguide/using-service-linked-roles.html
 */
const SERVICE_LINKED: Readonly<Record<string, { name: string; policy: string }>> = {
  "config.amazonaws.com": { name: "AWSServiceRoleForConfig", policy: "AWSConfigServiceRolePolicy" },
};

/** The account's roles, by name. */
export class Roles extends Identities<RoleState> {
  /**
   * @param exists whether this account has a principal; `undefined` for one of another account
   * @param recorderAs the configuration recorder that works as a role
   */
  constructor(
    context: AccountContext,
    roles: Record<string, RoleState>,
    policies: Policies,
    private readonly exists: (principalArn: string) => boolean | undefined,
    private readonly recorderAs: (roleArn: string) => string | undefined,
  ) {
    // reference_iam-quotas: "Role inline policies: 10,240 characters" in total, "Roles in an account: 1,000".
    super(context, roles, policies, { word: "Role", maxInlineSize: 10_240, maxPerAccount: 1_000 });
  }

  create(request: {
    name: string;
    assumeRolePolicyDocument: string;
    path?: string;
    description?: string | null;
    maxSessionDuration?: number;
    permissionsBoundary?: string | null;
    tags?: Tags;
  }): Promise<Readonly<RoleState>> {
    const { name, assumeRolePolicyDocument, path = "/", maxSessionDuration = SESSION_DURATION.min } = request;
    const { description = null, permissionsBoundary = null, tags = {} } = request;
    const arn = this.arn("", `role${path}${name}`);
    return this.mutate("CreateRole", arn, () => {
      checkRoleName(name);
      checkPath(path);
      checkRoleDescription(description ?? "");
      checkSessionDuration(maxSessionDuration);
      this.checkTrust(assumeRolePolicyDocument);
      this.checkNew(name, permissionsBoundary);
      const role: RoleState = {
        arn,
        id: uniqueId("AROA"),
        name,
        path,
        description,
        assumeRolePolicyDocument,
        maxSessionDuration,
        permissionsBoundary,
        attachedPolicies: [],
        inlinePolicies: {},
        createDate: this.now(),
        tags: withTags({}, tags),
      };
      this.items.rows[name] = role;
      return role;
    });
  }

  createServiceLinked(request: { service: string; description?: string }): Promise<Readonly<RoleState>> {
    const { service, description = null } = request;
    const known = SERVICE_LINKED[service];
    const path = `/aws-service-role/${service}/`;
    const arn = this.arn("", `role${path}${known?.name ?? ""}`);
    return this.mutate("CreateServiceLinkedRole", arn, () => {
      if (!known) throw notModelled(`The service-linked role of ${service}`);
      if (this.find(known.name)) {
        // API_CreateServiceLinkedRole, InvalidInput.
        throw invalidInput(
          `Service role name ${known.name} has been taken in this account, please try a different suffix.`,
        );
      }
      const statement = { Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" };
      const role: RoleState = {
        arn,
        id: uniqueId("AROA"),
        name: known.name,
        path,
        description,
        assumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
        maxSessionDuration: SESSION_DURATION.min,
        permissionsBoundary: null,
        attachedPolicies: [`arn:${this.account.partition}:iam::aws:policy/aws-service-role/${known.policy}`],
        inlinePolicies: {},
        createDate: this.now(),
        tags: {},
      };
      this.items.rows[role.name] = role;
      return role;
    });
  }

  /** Refused while the service works as it: "You can delete a service-linked role only after first deleting the related resources". */
  deleteServiceLinked(name: string): Promise<void> {
    return this.change("DeleteServiceLinkedRole", name, ({ arn }) => {
      const recorder = this.recorderAs(arn);
      if (recorder) throw deleteConflict(`${name} is in use by the configuration recorder ${recorder}.`);
      delete this.items.rows[name];
    });
  }

  updateAssumeRolePolicy(name: string, document: string): Promise<void> {
    return this.change("UpdateAssumeRolePolicy", name, (role) => {
      this.checkTrust(document);
      role.assumeRolePolicyDocument = document;
    });
  }

  updateDescription(name: string, description: string): Promise<void> {
    return this.change("UpdateRoleDescription", name, (role) => {
      checkRoleDescription(description);
      role.description = description;
    });
  }

  updateMaxSessionDuration(name: string, seconds: number): Promise<void> {
    return this.change("UpdateRole", name, (role) => {
      checkSessionDuration(seconds);
      role.maxSessionDuration = seconds;
    });
  }

  delete(name: string): Promise<void> {
    return this.change("DeleteRole", name, (role) => {
      this.checkEmpty(role);
      delete this.items.rows[name];
    });
  }

  private checkTrust(document: string): void {
    checkTrustPolicy(document, this.exists);
    // Non-whitespace characters count (AssumeRolePolicySizeQuota of API_GetAccountSummary). The words: kubeflow/kubeflow#6687.
    const max = this.account.quotas.trustPolicySize;
    if (policySize(document) > max) throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${max}`);
  }
}

function checkSessionDuration(seconds: number): void {
  const { min, max } = SESSION_DURATION;
  if (Number.isInteger(seconds) && seconds >= min && seconds <= max) return;
  throw validationError(`maxSessionDuration is ${seconds}, IAM takes ${min} to ${max} seconds`);
}
