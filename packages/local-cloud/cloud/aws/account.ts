import type { AwsSurroundings } from "../cloud";
import { AccessAnalyzer, type AnalyzerState } from "./access-analyzer";
import { AccountSettings, type ManagedOrganization, type PasswordPolicy } from "./account-settings";
import { Config, type ConfigState } from "./config";
import { type AlternateContact, Contacts } from "./contacts";
import { invalidClientTokenId } from "./errors";
import { type AwsEvent, type DeliveryPath, deliver, mayAssume } from "./event-delivery";
import { type EventRuleState, EventRules } from "./event-rules";
import type { Scene } from "./happenings";
import { Iam } from "./iam";
import { type KeyAliasState, type KeyState, KmsKeys } from "./kms-keys";
import { Policies, type PolicyState } from "./policies";
import { Regions } from "./regions";
import { type RoleState, Roles } from "./roles";
import { type BucketState, S3Buckets } from "./s3-buckets";
import { type SamlProviderState, SamlProviders } from "./saml-providers";
import { type SecretState, Secrets } from "./secrets";
import { Service } from "./service";
import { SnsTopics, type SubscriptionState, type TopicState } from "./sns-topics";
import { type TrailState, Trails } from "./trails";
import { type UserState, Users } from "./users";

/** Quotas that AWS raises on request. */
export interface Quotas {
  /** Managed policies on one role or user. */
  attachedPolicies: number;
  /** Characters of a trust policy, white space aside. */
  trustPolicySize: number;
}

// reference_iam-quotas: "Managed policies attached to an IAM role", "Role trust policy length", each with its default and its maximum.
const DEFAULT_QUOTAS: Readonly<Quotas> = { attachedPolicies: 10, trustPolicySize: 2_048 };
const HIGHEST_QUOTAS: Readonly<Quotas> = { attachedPolicies: 20, trustPolicySize: 4_096 };

/** Everything an AWS account holds, as plain JSON. */
export interface AccountState {
  /** 12 digits. */
  id: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
  quotas: Quotas;
  /** By ARN. */
  samlProviders: Record<string, SamlProviderState>;
  /** By name. */
  roles: Record<string, RoleState>;
  /** Customer managed policies by ARN. */
  policies: Record<string, PolicyState>;
  /** By name. */
  users: Record<string, UserState>;
  passwordPolicy: PasswordPolicy | null;
  alias: string | null;
  /** The organization that this account manages, if it is a management account. */
  organization: ManagedOrganization | null;
  /** By type. */
  alternateContacts: Record<string, AlternateContact>;
  /** Those that the account opted in to. */
  enabledRegions: string[];
  /** By ARN. */
  analyzers: Record<string, AnalyzerState>;
  /** AWS Config by region. */
  config: Record<string, ConfigState>;
  /** By ARN. */
  secrets: Record<string, SecretState>;
  /** What the services keep to themselves: no report and no message shows it. */
  private: {
    /** By ARN of the secret and id of the version. */
    secretValues: Record<string, string>;
  };
  /** By ARN. */
  eventRules: Record<string, EventRuleState>;
  /** By ARN. */
  topics: Record<string, TopicState>;
  /** By ARN. */
  subscriptions: Record<string, SubscriptionState>;
  /** By ARN. */
  keys: Record<string, KeyState>;
  /** By ARN. */
  keyAliases: Record<string, KeyAliasState>;
  /** By name. */
  buckets: Record<string, BucketState>;
  /** By ARN. */
  trails: Record<string, TrailState>;
  /** A trail of the organization takes this account's management events down. */
  organizationTrail: boolean;
}

/** A role as iam:ListRoles shows it. */
export interface ListedRole {
  readonly arn: string;
  readonly roleName: string;
  readonly path: string;
  readonly assumeRolePolicyDocument: string;
}

/** An AWS account: its identity providers, roles, policies and users, with the rules of IAM, and what watches over them. */
export class Account {
  readonly samlProviders: SamlProviders;
  readonly roles: Roles;
  readonly policies: Policies;
  readonly users: Users;
  readonly settings: AccountSettings;
  readonly contacts: Contacts;
  readonly regions: Regions;
  readonly accessAnalyzer: AccessAnalyzer;
  readonly config: Config;
  readonly secrets: Secrets;
  readonly eventRules: EventRules;
  readonly topics: SnsTopics;
  readonly keys: KmsKeys;
  readonly buckets: S3Buckets;
  readonly trails: Trails;
  private readonly clock: AwsSurroundings["clock"];

  static emptyState(id: string, partition: string): AccountState {
    return {
      id,
      partition,
      quotas: { ...DEFAULT_QUOTAS },
      samlProviders: {},
      roles: {},
      policies: {},
      users: {},
      passwordPolicy: null,
      alias: null,
      organization: null,
      alternateContacts: {},
      enabledRegions: [],
      analyzers: {},
      config: {},
      secrets: {},
      private: { secretValues: {} },
      eventRules: {},
      topics: {},
      subscriptions: {},
      keys: {},
      keyAliases: {},
      buckets: {},
      trails: {},
      organizationTrail: false,
    };
  }

  /** What AWS answers to an access key id that no account has. */
  static refuseUnknownKey(): never {
    throw invalidClientTokenId();
  }

  constructor(
    private readonly state: AccountState,
    surroundings: AwsSurroundings,
  ) {
    const iam = new Iam(state, surroundings);
    this.samlProviders = new SamlProviders(iam);
    this.policies = new Policies(iam);
    this.users = new Users(iam, this.policies);
    this.roles = new Roles(iam, this.policies, (arn) => this.has(arn));
    this.settings = new AccountSettings(iam);
    const service = (name: string) => new Service(name, state, surroundings);
    this.contacts = new Contacts(state, service("account"));
    this.regions = new Regions(state, service("account"));
    this.accessAnalyzer = new AccessAnalyzer(state, service("access-analyzer"));
    this.clock = surroundings.clock;
    this.eventRules = new EventRules(service("events"), state.eventRules, (roleArn, ruleArn) => {
      const role = this.role(roleArn);
      return role !== undefined && mayAssume(role.assumeRolePolicyDocument, ruleArn, state.id).outcome === "allow";
    });
    this.topics = new SnsTopics(service("sns"), state.topics, state.subscriptions);
    this.keys = new KmsKeys(service("kms"), state.keys, state.keyAliases);
    this.secrets = new Secrets(state, service("secretsmanager"), this.keys);
    this.buckets = new S3Buckets(service("s3"), state.buckets);
    this.config = new Config(state, service("config"), (arn) => this.has(arn), this.buckets);
    this.trails = new Trails(service("cloudtrail"), state.trails, this.buckets, this.keys);
  }

  get id(): string {
    return this.state.id;
  }

  get partition(): string {
    return this.state.partition;
  }

  /** Whether a trail of the organization takes this account's management events down: not this account's to decide. */
  get organizationTrail(): boolean {
    return this.state.organizationTrail;
  }

  set organizationTrail(there: boolean) {
    this.state.organizationTrail = there;
  }

  /** The account at this moment, for things to happen in. */
  get scene(): Scene {
    return { id: this.id, partition: this.partition, now: `${this.clock.now().toISOString().slice(0, 19)}Z` };
  }

  /** Something happens: who is told, and where every other way of the event ends. Nothing in the account changes. */
  happens(event: AwsEvent): DeliveryPath[] {
    return deliver(this, event);
  }

  role(arn: string): Readonly<RoleState> | undefined {
    return this.roles.byArn(arn);
  }

  samlProvider(arn: string): Readonly<SamlProviderState> | undefined {
    return this.samlProviders.find(arn);
  }

  /** What AWS did when it was asked for more; no request of a deploy, so the journal knows nothing of it. */
  raiseQuotas(to: Partial<Quotas>): void {
    const quotas = { ...this.state.quotas, ...to };
    const { attachedPolicies, trustPolicySize } = HIGHEST_QUOTAS;
    if (quotas.attachedPolicies > attachedPolicies || quotas.trustPolicySize > trustPolicySize) {
      throw new RangeError(
        `AWS raises the quotas to ${attachedPolicies} policies and ${trustPolicySize} characters at most`,
      );
    }
    this.state.quotas = quotas;
  }

  /**
   * A line for all there is, mostly its ARN, access keys as `<user ARN> AKIA…`: empty again after a clean destroy. A KMS key that waits for
   * its deletion is no longer there.
   */
  contents(): readonly string[] {
    return [
      ...this.samlProviders.list().map((provider) => provider.arn),
      ...this.policies.list().map((policy) => policy.arn),
      ...this.roles.list().map((role) => role.arn),
      ...this.users
        .list()
        .flatMap((user) => [user.arn, ...user.accessKeys.map((key) => `${user.arn} ${key.accessKeyId}`)]),
      ...this.settings.contents(),
      ...this.contacts.contents(),
      ...this.accessAnalyzer.contents(),
      ...this.config.contents(),
      ...this.secrets.contents(),
      ...this.eventRules.contents(),
      ...this.topics.contents(),
      ...this.keys.contents(),
      ...this.buckets.contents(),
      ...this.trails.contents(),
    ];
  }

  ownsAccessKey(accessKeyId: string): boolean {
    return this.users.ofAccessKey(accessKeyId) !== undefined;
  }

  /** iam:ListRoles as whoever holds this access key gets it: all roles, whatever their path. */
  listRolesAs(accessKeyId: string, secretAccessKey: string): ListedRole[] {
    // The resource type of ListRoles is a role with a path prefix, by default "/" (Service Authorization Reference, IAM).
    const resource = `arn:${this.partition}:iam::${this.id}:role/`;
    this.users.authorize(accessKeyId, secretAccessKey, { action: "iam:ListRoles", resource });
    return this.roles.list().map(({ arn, name, path, assumeRolePolicyDocument }) => {
      return { arn, roleName: name, path, assumeRolePolicyDocument };
    });
  }

  /** `undefined` for an ARN of another account: nothing is known of that one. */
  private has(arn: string): boolean | undefined {
    if (arn.split(":")[4] !== this.id) return undefined;
    return [this.samlProvider(arn), this.role(arn), this.users.byArn(arn)].some((found) => found !== undefined);
  }
}
