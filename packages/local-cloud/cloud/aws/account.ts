import { AccessAnalyzer, type AnalyzerState } from "./access-analyzer";
import { Regions } from "./account-regions";
import { AccountSettings, type SettingsState } from "./account-settings";
import { Config, type ConfigState } from "./config";
import { type AlternateContact, Contacts } from "./contacts";
import { invalidClientTokenId } from "./errors";
import { type AwsEvent, type DeliveryPath, deliver, mayAssume } from "./event-delivery";
import { type EventRuleState, EventRules } from "./event-rules";
import type { EventContext } from "./happenings";
import { type KeyAliasState, type KeyState, KmsKeys } from "./kms-keys";
import { Policies, type PolicyState } from "./policies";
import { type RoleState, Roles } from "./roles";
import { type BucketState, S3Buckets } from "./s3-buckets";
import { type SamlProviderState, SamlProviders } from "./saml-providers";
import { type SecretState, Secrets } from "./secrets";
import type { AccountContext, AccountFacts, AwsContext, Quotas } from "./service";
import { SnsTopics, type SubscriptionState, type TopicState } from "./sns-topics";
import { type TrailState, Trails } from "./trails";
import { type UserState, Users } from "./users";

// reference_iam-quotas: "Managed policies attached to an IAM role", "Role trust policy length", each with its default and its maximum.
const DEFAULT_QUOTAS: Readonly<Quotas> = { attachedPolicies: 10, trustPolicySize: 2_048 };
const HIGHEST_QUOTAS: Readonly<Quotas> = { attachedPolicies: 20, trustPolicySize: 4_096 };

/** Everything an AWS account holds, as plain JSON. */
export interface AccountState extends AccountFacts, SettingsState {
  /** By ARN. */
  samlProviders: Record<string, SamlProviderState>;
  /** By name. */
  roles: Record<string, RoleState>;
  /** Customer managed policies by ARN. */
  policies: Record<string, PolicyState>;
  /** By name. */
  users: Record<string, UserState>;
  /** By type. */
  alternateContacts: Record<string, AlternateContact>;
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
  /** What its services get; a service that is made with it belongs to the account. */
  readonly context: AccountContext;

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
    context: AwsContext,
  ) {
    const own: AccountContext = {
      clock: context.clock,
      journal: context.journal,
      others: (id) => context.others(id),
      account: state,
      services: [],
    };
    this.context = own;
    this.samlProviders = new SamlProviders(own, state.samlProviders);
    this.policies = new Policies(own, state.policies, () => [...this.roles.list(), ...this.users.list()]);
    const has = (arn: string) => this.has(arn);
    this.roles = new Roles(own, state.roles, this.policies, has, (arn) => this.config.recorderAs(arn));
    this.users = new Users(own, state.users, this.policies);
    this.settings = new AccountSettings(own, state);
    this.contacts = new Contacts(own, state.alternateContacts);
    this.regions = new Regions(own, state);
    this.accessAnalyzer = new AccessAnalyzer(own, state.analyzers, this.settings, this.roles);
    this.eventRules = new EventRules(own, state.eventRules, (roleArn, ruleArn) => {
      const role = this.role(roleArn);
      return role !== undefined && mayAssume(role.assumeRolePolicyDocument, ruleArn, state.id).outcome === "allow";
    });
    this.topics = new SnsTopics(own, state.topics, state.subscriptions);
    this.keys = new KmsKeys(own, state.keys, state.keyAliases);
    this.secrets = new Secrets(own, state.secrets, state.private.secretValues, this.keys);
    this.buckets = new S3Buckets(own, state.buckets);
    this.config = new Config(own, state.config, has, this.users, this.buckets);
    this.trails = new Trails(own, state.trails, this.buckets, this.keys);
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
  get scene(): EventContext {
    return { id: this.id, partition: this.partition, now: `${this.context.clock.now().toISOString().slice(0, 19)}Z` };
  }

  /** Something happens: who is told, and where every other way of the event ends. Nothing in the account changes. */
  deliver(event: AwsEvent): DeliveryPath[] {
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
    return this.context.services.flatMap((service) => service.contents());
  }

  ownsAccessKey(accessKeyId: string): boolean {
    return this.users.ofAccessKey(accessKeyId) !== undefined;
  }

  // Assumption aws-list-roles-resource, never checked: iam:ListRoles without a path prefix is authorized on arn:aws:iam::ACCOUNT:role/.
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
