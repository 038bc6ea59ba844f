import { ServiceError } from "../errors";
import { entityAlreadyExists, noSuchEntity, validationError } from "./errors";
import { type AccountContext, Service } from "./service";

/** What the passwords of IAM users have to be like. https://docs.aws.amazon.com/IAM/latest/APIReference/API_PasswordPolicy.html */
export interface PasswordPolicy {
  allowUsersToChangePassword: boolean;
  hardExpiry: boolean;
  /** Days; `null` where passwords do not expire. */
  maxPasswordAge: number | null;
  minimumPasswordLength: number;
  /** How many earlier passwords are refused; `null` for none. */
  passwordReusePrevention: number | null;
  requireLowercaseCharacters: boolean;
  requireNumbers: boolean;
  requireSymbols: boolean;
  requireUppercaseCharacters: boolean;
}

/** Features that the management account turns on for the whole organization. */
export const ORGANIZATION_FEATURES = ["RootCredentialsManagement", "RootSessions"] as const;
export type OrganizationFeature = (typeof ORGANIZATION_FEATURES)[number];

/** The organization whose management account this is. */
export interface ManagedOrganization {
  /** `o-…` */
  id: string;
  features: readonly OrganizationFeature[];
}

/** What IAM keeps for the account as a whole. */
export interface SettingsState {
  passwordPolicy: PasswordPolicy | null;
  alias: string | null;
  /** The organization that this account manages, if it is a management account. */
  organization: ManagedOrganization | null;
}

// "If no value is specified, the operation uses the default value" for every parameter that is left out (API_UpdateAccountPasswordPolicy).
const DEFAULTS: Readonly<PasswordPolicy> = {
  allowUsersToChangePassword: false,
  hardExpiry: false,
  maxPasswordAge: null,
  minimumPasswordLength: 6,
  passwordReusePrevention: null,
  requireLowercaseCharacters: false,
  requireNumbers: false,
  requireSymbols: false,
  requireUppercaseCharacters: false,
};
/** "Valid Range" of each (API_UpdateAccountPasswordPolicy). */
const RANGES = {
  maxPasswordAge: [1, 1_095],
  minimumPasswordLength: [6, 128],
  passwordReusePrevention: [1, 24],
} as const;

/** What IAM keeps for the account as a whole: password policy, alias, and for a management account the features of its organization. */
export class AccountSettings extends Service {
  constructor(
    context: AccountContext,
    private readonly state: SettingsState,
  ) {
    super("iam", context);
  }

  get passwordPolicy(): Readonly<PasswordPolicy> | null {
    return this.state.passwordPolicy;
  }

  get alias(): string | null {
    return this.state.alias;
  }

  get organization(): Readonly<ManagedOrganization> | null {
    return this.state.organization;
  }

  /** Sets the whole policy: what is left out goes back to its default. */
  updatePasswordPolicy(policy: Partial<PasswordPolicy>): Promise<void> {
    return this.mutate("UpdateAccountPasswordPolicy", "password policy", () => {
      for (const [name, [min, max]] of Object.entries(RANGES)) {
        const value = policy[name as keyof typeof RANGES] ?? null;
        if (value !== null && (value < min || value > max)) {
          throw validationError(`${name} is ${value}, IAM takes ${min} to ${max}`);
        }
      }
      this.state.passwordPolicy = { ...DEFAULTS, ...policy };
    });
  }

  deletePasswordPolicy(): Promise<void> {
    return this.mutate("DeleteAccountPasswordPolicy", "password policy", () => {
      if (!this.passwordPolicy) throw noSuchEntity("The Password Policy with domain name cannot be found.");
      this.state.passwordPolicy = null;
    });
  }

  // Assumption aws-alias-free, never checked: A name of an account (alias) or of a bucket that no account here has is free in all of AWS.
  /**
   * An account has one alias, a new one takes the place of the old; within a partition no two have the same:
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/console-account-alias.html
   * The pattern: API_CreateAccountAlias. Its EntityAlreadyExists comes for the account's own alias, too (terraform-provider-aws#41117).
   */
  createAlias(alias: string): Promise<void> {
    return this.mutate("CreateAccountAlias", `account alias ${alias}`, () => {
      if (!/^[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]$/.test(alias)) {
        throw validationError(
          `accountAlias '${alias}' must be 3 to 63 lower-case letters, digits and single hyphens within`,
        );
      }
      if (this.alias === alias || this.others().some((other) => other.alias === alias)) {
        throw entityAlreadyExists(`The account alias ${alias} already exists.`);
      }
      this.state.alias = alias;
    });
  }

  deleteAlias(alias: string): Promise<void> {
    return this.mutate("DeleteAccountAlias", `account alias ${alias}`, () => {
      if (this.alias !== alias) throw noSuchEntity(`The account alias ${alias} cannot be found.`);
      this.state.alias = null;
    });
  }

  // Assumption aws-management-account, never checked: IAM has trusted access in the organization of a management account; there is no
  // delegated administrator. An account is one where its stack turns on features of the organization.
  /** Makes this a management account; no request of a deploy, so the journal knows nothing of it. */
  seedOrganization(id: string): void {
    this.state.organization ??= { id, features: [] };
  }

  /**
   * Central root access: the management account (or a delegated administrator, which is not modelled) turns it on for the organization,
   * once IAM has trusted access. https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootSessions.html
   */
  enableFeature(feature: OrganizationFeature): Promise<void> {
    const operation = `EnableOrganizations${feature}`;
    return this.mutate(operation, `organization feature ${feature}`, () => {
      const organization = this.own();
      organization.features = [...new Set([...organization.features, feature])].sort();
    });
  }

  disableFeature(feature: OrganizationFeature): Promise<void> {
    const operation = `DisableOrganizations${feature}`;
    return this.mutate(operation, `organization feature ${feature}`, () => {
      const organization = this.own();
      organization.features = organization.features.filter((one) => one !== feature);
    });
  }

  /** One readable line for each setting that is not as in a new account. */
  override contents(): string[] {
    const { alias, organization, passwordPolicy } = this.state;
    const { id } = this.account;
    return [
      ...(passwordPolicy ? [`password policy of ${id}`] : []),
      ...(alias ? [`account alias ${alias} of ${id}`] : []),
      ...(organization?.features ?? []).map((feature) => `organization feature ${feature} of ${id}`),
    ];
  }

  private own(): ManagedOrganization {
    const { organization } = this.state;
    if (organization) return organization;
    throw new ServiceError(
      "AccountNotManagementOrDelegatedAdministratorException",
      `account ${this.account.id} is neither the management account of an organization nor a delegated administrator`,
      400,
    );
  }
}
