import type { AccessKeyRing } from "../aws/access-keys";
import type { KeyStore } from "../aws/key-secret";

/** Who writes the app roles of an account's application: this code, Entra's provisioning service, or, between the two, nobody. Never both. */
export type AppRoles = DeclaredAppRoles | ImportedAppRoles | WithdrawnAppRoles;

export interface DeclaredAppRoles {
  readonly owner: "declared";
  readonly keepRoleIds: Readonly<Record<string, string>>;
}

export interface ImportedAppRoles {
  readonly owner: "imported";
  readonly accessKeys: AccessKeyRing;
  readonly userName: string;
  readonly store?: KeyStore;
  readonly unproven: readonly UnprovenCondition[];
  readonly retiring: boolean;
}

export interface WithdrawnAppRoles {
  readonly owner: "withdrawn";
}

/** A condition in the trust policy that no public source has seen work together with Entra's role import, which reads trust policies. */
export type UnprovenCondition = "issuer" | "regionalEndpoints";

/**
 * The app roles stand in this code, with ids that follow from the role: one deploy gives people access, and no access key exists.
 * Recommended for new accounts.
 */
export function declared(
  options: {
    /**
     * App role ids to keep, by role name: after role import, the ids it gave, so that no assignment is replaced and nobody
     * loses access for a moment. Copy them from Entra: App registrations > App roles.
     * @default - the id follows from role ARN and provider ARN
     */
    readonly keepRoleIds?: Readonly<Record<string, string>>;
  } = {},
): DeclaredAppRoles {
  return { owner: "declared", keepRoleIds: options.keepRoleIds ?? {} };
}

/**
 * Entra's provisioning service reads the roles of the AWS account with an access key and makes the app roles (the way of
 * Microsoft's tutorial). The first deploy leaves the roles pending; a deploy after the first cycle, 40 minutes to an hour later,
 * assigns them. Access key and secret are in Terraform's state.
 * @see https://learn.microsoft.com/entra/identity/saas-apps/amazon-web-service-tutorial
 */
export function imported(options: {
  /** The keys of the provisioning user: `{ active: "k1" }`. */
  readonly accessKeys: AccessKeyRing;
  /**
   * Name of the IAM user that lists the roles; begins with `Svc-`.
   * @default "Svc-EntraRoleImport"
   */
  readonly userName?: string;
  /**
   * Keeps the active key in Secrets Manager as well, for those who must show where credentials are kept.
   * @default - only Entra and Terraform's state have it
   */
  readonly store?: KeyStore;
  /**
   * Trust policy conditions to use although nobody has shown that role import accepts them; try them on one account first.
   * @default - none: the trust policy asks for the default sign-in endpoint alone
   */
  readonly unproven?: readonly UnprovenCondition[];
  /**
   * `true`: the account is about to leave. `cdktf destroy` may take the assignments away, which are otherwise guarded against a failed read in
   * Entra; deploy it once before.
   * @default false
   */
  readonly retiring?: boolean;
}): ImportedAppRoles {
  return {
    owner: "imported",
    accessKeys: options.accessKeys,
    userName: options.userName ?? "Svc-EntraRoleImport",
    ...(options.store ? { store: options.store } : {}),
    unproven: options.unproven ?? [],
    retiring: options.retiring ?? false,
  };
}

/**
 * No app roles, for the one deploy between `declared()` and `imported()`: takes the declared ones and their assignments away, since role
 * import would otherwise meet roles of the same value. **Nobody can enter** until the roles are imported and assigned.
 */
export function withdrawn(): WithdrawnAppRoles {
  return { owner: "withdrawn" };
}
