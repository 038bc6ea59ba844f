import type { ConditionalAccessPolicy } from "@cdktf/provider-azuread/lib/conditional-access-policy";
import { type ITerraformDependable, TerraformVariable } from "cdktf";
import type { Construct } from "constructs";
import { warnOfOldKeys } from "../aws/access-keys";
import { FederatedRole, type RolePermissions, roleArn } from "../aws/federated-role";
import { ProvisioningUser } from "../aws/provisioning-user";
import { type AwsAccount, SamlProvider } from "../aws/saml-provider";
import { check } from "../check";
import { appRoleId, roleClaim } from "../claims";
import { awsCloud, entraCloud, identifier, knownEntraClouds, signInEndpoints } from "../clouds";
import {
  AccessPolicy,
  asksSooner,
  checkFrequency,
  formatFrequency,
  frequencyControls,
  isImpliedBy,
  type PolicyScope,
} from "../entra/access-policy";
import type { AppRoles, ImportedAppRoles, UnprovenCondition } from "../entra/app-roles";
import { type EligibleMembers, JustInTimeMembership } from "../entra/eligible-members";
import { type DeclaredAppRole, EnterpriseApp } from "../entra/enterprise-app";
import { type AccessPolicies, addPolicySet, licencesOf, type PolicySet, policiesIn } from "../entra/policy-set";
import { PolicySetAssignment } from "../entra/policy-set-assignment";
import { RoleGroup } from "../entra/role-group";
import { RoleImport } from "../entra/role-import";
import { SamlSignOn } from "../entra/saml-sign-on";
import { TestUser } from "../entra/test-users";
import type { AccountRole, AwsAccountProps, OverlappingSet, OwnPolicies } from "./aws-account-props";
import { checkAccount, NO_ROLE_NAMES } from "./check-account";
import { nameExistingGroups } from "./group-names";
import { checkIncident, closesApplication, INCIDENT_POLICY, incidentPolicy, tellWhoIsKnown } from "./incident";
import { OrganizationStack } from "./organization-stack";
import { addOutputs } from "./outputs";

export type {
  AccountDescription,
  AccountRole,
  AwsAccountProps,
  OverlappingSet,
  OwnPolicies,
} from "./aws-account-props";
export type { Organization } from "./organization-stack";

/** What stands behind one entry of `roles`, in both clouds. */
export interface RoleAccess {
  /** The IAM role. */
  readonly role: FederatedRole;
  /** The group whose members enter with it. */
  readonly group: RoleGroup;
  /** Who makes themselves members; absent where membership is permanent. */
  readonly eligible?: EligibleMembers;
  /** Their eligibility and the rules of activation; absent where membership is permanent. */
  readonly eligibility?: JustInTimeMembership;
}

/** One AWS account that people enter with Microsoft Entra ID: everything on both sides, in one state. */
export class AwsAccountStack extends OrganizationStack {
  readonly account: AwsAccount;
  readonly accountName: string;
  readonly app: EnterpriseApp;
  readonly signOn: SamlSignOn;
  readonly samlProvider: SamlProvider;
  /** What stands behind each role, by its name. */
  readonly roles: ReadonlyMap<string, RoleAccess>;
  readonly roleImport?: RoleImport;
  /**
   * The account's own Conditional Access policies by what they are about: `MFA`, `Sign-in risk`, `Sign-in as Administrator`. Those of a
   * set are not among them where shared ones take their place.
   */
  readonly policies: AccessPolicies;
  /** What Conditional Access asks, with the set that the account names looked up. */
  readonly policySet: PolicySet;
  /** Name of the policy set whose shared policies reach the application; `undefined` while the account has policies of its own only. */
  readonly policySetName?: string;
  /** Names of the test users that this stack makes. */
  readonly testUserNames: string[] = [];

  // Ids of what is no role have a space, which no role name has: a role may be called anything that IAM takes.
  constructor(
    scope: Construct,
    id: string,
    readonly props: AwsAccountProps,
  ) {
    super(scope, id, props.organization, "account");
    const { appRoles, accountName, accountId } = props;
    this.accountName = accountName;
    this.account = { partition: props.partition ?? "aws", accountId };
    const regions = props.regions ?? this.organization.regions;
    const endpoints = this.endpoints(regions);
    const entra = this.entra();
    checkAccount(this, props, regions);
    const region = regions[0] ?? awsCloud(this.account.partition).regionExample;
    this.addAwsProvider({ ...this.account, stack: "account" }, region);
    this.policySet = this.lookUpPolicySet(props.conditionalAccess);
    this.policySetName = this.policyPlacement === "perAccount" ? undefined : setNamedIn(props.conditionalAccess);
    this.addEntraProviders({ msgraph: props.signing.activation !== "manual" || this.policyPlacement !== "perAccount" });

    const declaredRoles = this.declaredAppRoles();
    this.app = this.addApplication(endpoints, declaredRoles);
    this.signOn = new SamlSignOn(this, "Sign on", {
      app: this.app,
      accountId,
      signing: props.signing,
      ...entra,
      ...props.claims,
    });
    this.samlProvider = new SamlProvider(this, "SAML provider", {
      account: this.account,
      name: props.samlProviderName,
      metadata: this.signOn.metadata,
      preconditions: this.signOn.preconditions,
    });
    this.signOn.activateAfter(this.samlProvider);
    const federatedRoles = this.addRoles(endpoints, entra.issuer);
    this.roleImport = appRoles.owner === "imported" ? this.addRoleImport(appRoles, federatedRoles) : undefined;
    const groups = this.addGroups();
    nameExistingGroups(this, props.roles);
    const eligibility = this.addEligibility(groups);
    this.roles = new Map(
      [...federatedRoles].flatMap(([name, role]): [string, RoleAccess][] => {
        const group = groups.get(name);
        return group ? [[name, { role, group, ...eligibility.get(name) }]] : [];
      }),
    );
    const { policies, after } = this.addPolicies();
    this.policies = policies;
    this.assignGroups(declaredRoles, after);
    addOutputs(this, props, entra.signInUrl);
    if (appRoles.owner === "imported") this.warnOfLocalState("THE ACCESS KEY OF ROLE IMPORT", "use declared()");
  }

  /**
   * Makes test users and puts them into the groups of roles: `{ Administrator: "Test-AWSAdmin" }`; where members are eligible, they are
   * eligible like everybody else. Their initial password is the Terraform variable `test_user_password` (`TF_VAR_test_user_password`), which every plan, deploy and destroy then needs.
   */
  protected addTestUsers(names: Readonly<Record<string, string>>): void {
    const password = new TerraformVariable(this, "Test user password", {
      type: "string",
      sensitive: true,
      description: "Initial password of the test users; they change it at their first sign-in",
    });
    for (const [role, name] of Object.entries(names)) {
      const access = this.roles.get(role);
      check(this, "addTestUsers", role).must(
        access !== undefined,
        `the account has ${[...this.roles.keys()].join(", ") || "no role"}; name one of them`,
      );
      const free = this.node.tryFindChild(name) === undefined;
      check(this, "addTestUsers", name).must(
        free,
        "the account has a role or a test user of that name; choose another",
      );
      this.testUserNames.push(name);
      if (!access || !free) continue;
      new TestUser(this, name, {
        name,
        domain: this.organization.domain,
        password: password.stringValue,
        group: access.group,
        eligibility: access.eligibility,
      });
    }
  }

  /** The roles of the account file, without those whose names cdktf needs itself: checkAccount reports them. */
  private get roleEntries(): [string, AccountRole][] {
    return Object.entries(this.props.roles).filter(([name]) => !NO_ROLE_NAMES.includes(name));
  }

  private endpoints(regions: readonly string[]): string[] {
    return signInEndpoints(this.account.partition, trusts(this.props.appRoles, "regionalEndpoints") ? regions : []);
  }

  /** The app roles as this code would write them, whoever owns them. */
  private declaredAppRoles(): ReadonlyMap<string, DeclaredAppRole> {
    const { appRoles, samlProviderName = SamlProvider.defaultName } = this.props;
    const providerArn = SamlProvider.arnOf(this.account, samlProviderName);
    const kept = appRoles.owner === "declared" ? appRoles.keepRoleIds : {};
    return new Map(
      this.roleEntries.map(([name, { path }]) => {
        const claim = roleClaim(roleArn(this.account, name, path), providerArn);
        // Named as role import would name it, so that going from one to the other changes nothing that people see.
        return [name, { id: kept[name] ?? appRoleId(claim), displayName: `${name},${samlProviderName}`, claim }];
      }),
    );
  }

  private addApplication(
    endpoints: readonly string[],
    declaredRoles: ReadonlyMap<string, DeclaredAppRole>,
  ): EnterpriseApp {
    const { organization, appRoles, accountName, incident, landingRegion } = this.props;
    const { partition, accountId } = this.account;
    const written = { declared: [...declaredRoles.values()], imported: "imported", withdrawn: [] } as const;
    return new EnterpriseApp(this, "Enterprise app", {
      displayName: `AWS ${organization.company} ${accountName} ${accountId}`,
      identifier: identifier(partition, accountId),
      replyUrls: endpoints,
      owners: organization.owners,
      notificationEmails: organization.notificationEmails,
      enabled: incident && closesApplication(incident) ? false : undefined,
      appRoles: written[appRoles.owner],
      relayState: landingRegion ? awsCloud(partition).console(landingRegion) : undefined,
    });
  }

  private addRoles(endpoints: readonly string[], issuer: string): ReadonlyMap<string, FederatedRole> {
    const { incident, appRoles, claims, quotas } = this.props;
    if (incident) {
      const sessionName = claims?.roleSessionName ?? "userPrincipalName";
      checkIncident(this, incident, sessionName);
      tellWhoIsKnown(this, incident, sessionName);
    }
    const refused: RolePermissions["inlinePolicies"] = incident ? { [INCIDENT_POLICY]: incidentPolicy(incident) } : {};
    return new Map(
      this.roleEntries.map(([name, role]) => [
        name,
        new FederatedRole(this, name, {
          ...role,
          inlinePolicies: { ...role.inlinePolicies, ...refused },
          account: this.account,
          provider: this.samlProvider,
          audiences: endpoints,
          issuer: trusts(appRoles, "issuer") ? issuer : undefined,
          quotas,
        }),
      ]),
    );
  }

  private addRoleImport(appRoles: ImportedAppRoles, roles: ReadonlyMap<string, FederatedRole>): RoleImport {
    const user = new ProvisioningUser(this, "Provisioning user", appRoles);
    warnOfOldKeys(this, [user.keys]);
    return new RoleImport(this, "Role import", {
      account: this.account,
      app: this.app,
      user,
      roles: [...roles.values()],
      displayNamesNow: this.signOn.displayNamesNow,
      retiring: appRoles.retiring,
    });
  }

  private addGroups(): ReadonlyMap<string, RoleGroup> {
    const { accountName, organization } = this.props;
    return new Map(
      this.roleEntries.map(([name, { group }]) => [
        name,
        new RoleGroup(this, `${name} group`, {
          group: group ?? { name: `AWS-${accountName}-${plural(name)}` },
          description: `Members sign in to the AWS account ${accountName} (${this.account.accountId}) as ${name}`,
          owners: organization.owners,
        }),
      ]),
    );
  }

  private addEligibility(
    groups: ReadonlyMap<string, RoleGroup>,
  ): ReadonlyMap<string, Pick<RoleAccess, "eligible" | "eligibility">> {
    const made = new Map<string, Pick<RoleAccess, "eligible" | "eligibility">>();
    for (const [name, { membership: eligible = "permanent" }] of this.roleEntries) {
      const groupId = groups.get(name)?.objectId;
      if (eligible === "permanent" || groupId === undefined) continue;
      const eligibility = new JustInTimeMembership(this, `${name} eligibility`, { groupId, members: eligible });
      made.set(name, { eligible, eligibility });
    }
    if (made.size > 0) this.needsLicence("Microsoft Entra ID P2 or ID Governance", "eligible()");
    return made;
  }

  /** Lets the groups in. MFA and the rules of activation come first, access second; a declared role must also be on the application. */
  private assignGroups(
    declaredRoles: ReadonlyMap<string, DeclaredAppRole>,
    after: readonly ITerraformDependable[],
  ): void {
    const { owner } = this.props.appRoles;
    if (owner === "withdrawn") return;
    for (const [name, { role, group, eligibility }] of this.roles) {
      const declaredRole = declaredRoles.get(name);
      const assignable =
        this.roleImport?.appRole(role.claim) ?? (declaredRole && { id: declaredRole.id, guarded: false });
      if (!assignable) continue;
      group.assign(this.app, assignable, [
        ...after,
        ...(eligibility ? [eligibility.resource] : []),
        ...(owner === "declared" ? [this.app.resource] : []),
      ]);
    }
  }

  private entra(): { issuer: string; signInUrl: string } {
    const { tenantId, entraCloud: cloud = "public" } = this.organization;
    const side = entraCloud(cloud);
    check(this, "entraCloud", cloud).must(
      side !== undefined,
      `issuer and sign-in host are confirmed by a public page for ${knownEntraClouds.join(", ")} only; add a cited row to constructs/clouds.ts`,
    );
    const { issuer, login } = side ?? { issuer: () => "unknown", login: "unknown" };
    return { issuer: issuer(tenantId), signInUrl: `${login}/${tenantId}/saml2` };
  }

  private lookUpPolicySet(chosen: AwsAccountProps["conditionalAccess"]): PolicySet {
    if (typeof chosen === "object") this.checkSetAlone(chosen);
    const name = setNamedIn(chosen);
    if (name === undefined) return chosen as PolicySet;
    const { sets = {} } = this.organization.conditionalAccess ?? {};
    const found = Object.hasOwn(sets, name) ? sets[name] : undefined;
    check(this, "conditionalAccess", name).must(
      found !== undefined,
      `the organization has ${Object.keys(sets).join(", ") || "no policy set"}; name one of conditionalAccess.sets in organization.ts, or write the account's own`,
    );
    check(this, "conditionalAccess.overlap", true).must(
      typeof chosen === "string" || this.policyPlacement !== "perAccount",
      "the organization's policies are 'perAccount', so there are no shared ones to overlap with; write the name of the set alone",
    );
    return found ?? { covers: "everyone" };
  }

  /** The types exclude it; this catches plain JavaScript, where the account's own options would be lost silently. */
  private checkSetAlone(chosen: OwnPolicies | OverlappingSet): void {
    const { set, overlap, ...own } = chosen;
    const beside = Object.entries(own).flatMap(([option, value]) => (value === undefined ? [] : [option]));
    check(this, "conditionalAccess", ["set", ...beside]).must(
      set === undefined || beside.length === 0,
      "an account takes a set or options of its own, and these would be lost; move them to the set in organization.ts, or leave set and overlap out",
    );
    check(this, "conditionalAccess.overlap", overlap).must(
      (set === undefined) === (overlap === undefined) && (overlap === undefined || overlap === true),
      "it takes true, beside a set alone; write { set, overlap: true }, or the name of the set alone, or options of the account's own without it",
    );
  }

  /** What stands between people and the account. @returns the policies of this stack, and what access comes after */
  private addPolicies(): { policies: AccessPolicies; after: ITerraformDependable[] } {
    const { accountName, organization, conditionalAccess: chosen } = this.props;
    const set = this.policySet;
    const where: PolicyScope = {
      name: accountName,
      target: this.app,
      // Sorted by role name while they are still names: tokens would sort by their numbers.
      covers:
        set.covers === "everyone"
          ? "everyone"
          : [...this.roles].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { group }]) => group.objectId),
      breakGlass: organization.breakGlass,
      state: set.state,
    };
    const sharedOnly = this.policyPlacement === "shared" && typeof chosen === "string";
    const policies = new Map([
      ...(sharedOnly ? [] : addPolicySet(this, set, where)),
      ...this.roleEntries.flatMap(([name, role]) => this.rolePolicy(name, role, where)),
    ]);
    for (const [licence, option] of licencesOf(set)) this.needsLicence(licence, option);
    const own = [...policies.values()];
    if (this.policyPlacement === "perAccount") return { policies, after: own };
    // An account of no set says so: it may have carried one, whose policies would go on reaching it.
    const { resource } = new PolicySetAssignment(this, "Policy set", {
      app: this.app,
      set: this.policySetName,
      relyOn: sharedOnly ? policiesIn(set) : [],
      after: own,
    });
    return { policies, after: [...own, resource] };
  }

  /** What the members of one role's group must show beyond the others: it names their group, so it always stands here. */
  private rolePolicy(
    name: string,
    { require, signInFrequency }: AccountRole,
    where: PolicyScope,
  ): [string, ConditionalAccessPolicy][] {
    const group = this.roles.get(name)?.group;
    if (!group || (require === undefined && signInFrequency === undefined)) return [];
    checkFrequency(this, `roles.${name}.signInFrequency`, signInFrequency);
    this.checkAsksMore(name, { require, signInFrequency });
    const about = `Sign-in as ${name}`;
    const { resource } = new AccessPolicy(this, `${name} sign-in policy`, {
      ...where,
      covers: [group.objectId],
      about,
      requiredAt: `roles.${name}.require`,
      grant: { mfa: require ?? this.policySet.require ?? "mfa" },
      session: signInFrequency && frequencyControls(signInFrequency),
    });
    return [[about, resource]];
  }

  /** All policies that apply have to be satisfied, so that one which asks for less than the account's does nothing. */
  private checkAsksMore(name: string, { require, signInFrequency }: Pick<AccountRole, "require" | "signInFrequency">) {
    const { require: general = "mfa", signInFrequency: usual } = this.policySet;
    check(this, `roles.${name}.require`, typeof require === "object" ? require.strength : require).must(
      require === undefined || !isImpliedBy(require, general),
      `the account asks everybody for ${typeof general === "object" ? "the same" : `'${general}'`}; ask for more, or leave it out`,
    );
    check(this, `roles.${name}.signInFrequency`, signInFrequency && formatFrequency(signInFrequency)).must(
      signInFrequency === undefined || asksSooner(signInFrequency, usual),
      `the account asks everybody at '${usual && formatFrequency(usual)}', and the soonest counts; ask sooner, or leave it out`,
    );
  }
}

/** The policy set that an account names; `undefined` where it writes its own policies. */
function setNamedIn(chosen: AwsAccountProps["conditionalAccess"]): string | undefined {
  if (typeof chosen === "string") return chosen;
  return chosen.set;
}

/** Whether the trust policies may have a condition: role import reads them, and was not seen to accept it. */
function trusts(appRoles: AppRoles, condition: UnprovenCondition): boolean {
  return appRoles.owner === "declared" || (appRoles.owner === "imported" && appRoles.unproven.includes(condition));
}

/** Plural of an English role name: Administrators, Policies, Buses. */
function plural(name: string): string {
  if (/[^aeiou]y$/i.test(name)) return `${name.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/i.test(name) ? `${name}es` : `${name}s`;
}
