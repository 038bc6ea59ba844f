import { isIPv4, isIPv6 } from "node:net";
import { AuthenticationStrengthPolicy } from "@cdktf/provider-azuread/lib/authentication-strength-policy";
import { NamedLocation } from "@cdktf/provider-azuread/lib/named-location";
import { TerraformLocal, TerraformOutput, Token } from "cdktf";
import { Construct } from "constructs";
import { check } from "../check";
import {
  AccessPolicy,
  MFA_COMBINATIONS,
  type MfaCombination,
  type PolicyState,
  policyName,
} from "../entra/access-policy";
import { DataMsgraphResource } from "../entra/msgraph";
import {
  addPolicySet,
  checkLevels,
  levelsOf,
  licencesOf,
  type PolicySet,
  type RiskLevel,
  sharedName,
} from "../entra/policy-set";
import { ATTRIBUTE, ATTRIBUTE_SET, NO_POLICY_SET, POLICY_SET_NAME } from "../entra/policy-set-attribute";
import { writesHcl } from "../hcl";
import { type Organization, OrganizationStack } from "./organization-stack";

/** A place that Conditional Access knows by name. */
export type Location =
  | {
      /** IPv4 ranges in CIDR form, `/8` or longer: `203.0.113.0/24`. IPv6 is for a location that you make by hand. */
      readonly ipRanges: readonly string[];
      /** `true`: `locations: "trusted"` of a policy set lets in from here. @default false */
      readonly trusted?: boolean;
      readonly countries?: never;
    }
  | {
      /** Two-letter country codes: `CH`. */
      readonly countries: readonly string[];
      readonly ipRanges?: never;
      readonly trusted?: never;
    };

/**
 * What Entra takes for all resources only, never for one application, so it holds for everything that these people use.
 * @see https://learn.microsoft.com/graph/api/resources/conditionalaccessgrantcontrols (passwordChange)
 * @see https://learn.microsoft.com/entra/identity/conditional-access/howto-conditional-access-session-lifetime (persistent browser)
 */
export interface AllResourcesOptions {
  /** Object ids of the groups of people that it holds for: those who work in AWS. */
  readonly groups: readonly string[];
  /** `never`: who closes the browser signs in again. @default - as people choose */
  readonly persistentBrowser?: "never";
  /**
   * People of these levels of user risk change their password, after a second factor (ID Protection, Entra ID P2).
   * @default - the risk does not count
   */
  readonly passwordChangeAt?: readonly RiskLevel[];
  /**
   * `report-only` writes to the sign-in log what the policies would have done: begin with it, since they reach all that these people use.
   * @default "on"
   */
  readonly state?: PolicyState;
}

/** What the tenant has once for all accounts. */
export interface TenantProps {
  /** Named locations by display name; an account names one by the ID that the output `named_locations` has. @default - none */
  readonly namedLocations?: Readonly<Record<string, Location>>;
  /**
   * Authentication strengths of your own by display name: the combinations that each accepts, all of them multifactor authentication.
   * Entra takes 15; an account uses one by the ID that the output `strengths` has.
   * @default - none
   * @see https://learn.microsoft.com/graph/api/resources/authenticationstrengths-overview
   */
  readonly strengths?: Readonly<Record<string, readonly MfaCombination[]>>;
  /** @default - nothing that goes beyond the AWS applications */
  readonly allResources?: AllResourcesOptions;
}

/**
 * What all accounts share in the Entra tenant: named locations, authentication strengths, and the policies of the organization's sets
 * when they are shared. It knows no application: those that carry a set's name are reached by it.
 */
export class TenantStack extends OrganizationStack {
  constructor(
    scope: Construct,
    id: string,
    organization: Organization,
    readonly props: TenantProps = {},
  ) {
    super(scope, id, organization, "tenant");
    const entries = Object.entries(organization.conditionalAccess?.sets ?? {});
    this.addEntraProviders({ msgraph: true });
    this.addNamedLocations(props.namedLocations ?? {});
    this.addStrengths(props.strengths ?? {});
    if (props.allResources) this.addAllResources(props.allResources);
    for (const [name, set] of this.policyPlacement === "perAccount" ? [] : entries) {
      this.addShared(name, set, this.policyPlacement === "shared");
      for (const [licence, option] of licencesOf(set)) this.needsLicence(licence, option);
    }
    if (writesHcl(this)) return;
    if (this.policyPlacement !== "perAccount" && entries.length > 0) this.guardAttribute();
    this.guardLeaving(this.policyPlacement === "perAccount" ? [] : entries.map(([name]) => name));
  }

  private addNamedLocations(locations: Readonly<Record<string, Location>>): void {
    const made = Object.entries(locations).map(([name, location]) => {
      const { countries, ipRanges, trusted } = location;
      const scope = new Construct(this, `${name} location`);
      check(scope, "location", location).hasOneOf(
        ["ipRanges", "countries"],
        "Entra makes a location of networks or of countries, and the other would be lost",
      );
      check(scope, "trusted", trusted).must(
        countries === undefined || trusted === undefined,
        "Entra trusts networks alone; leave it out, or write ipRanges",
      );
      const values = countries ?? ipRanges ?? [];
      check(scope, "location", []).must(values.length > 0, "Entra takes at least one range or country; add one");
      if (countries) checkCountries(scope, countries);
      else checkRanges(scope, values);
      const { objectId } = new NamedLocation(scope, "NamedLocation", {
        displayName: name,
        ...(countries
          ? { country: { countriesAndRegions: [...countries].sort() } }
          : { ip: { ipRanges: [...values].sort(), trusted: trusted ?? false } }),
      });
      return [name, objectId] as const;
    });
    if (made.length > 0) {
      new TerraformOutput(this, "Named locations", {
        description: "ID of each named location, for `locations: { named }` in account files",
        value: Object.fromEntries(made),
      });
    }
  }

  private addStrengths(strengths: Readonly<Record<string, readonly MfaCombination[]>>): void {
    const made = Object.entries(strengths).map(([name, combinations]) => {
      const scope = new Construct(this, `${name} strength`);
      check(scope, "combinations", combinations).must(
        combinations.length > 0,
        "Entra takes at least one; name a method such as 'fido2'",
      );
      combinations.forEach((one, index) => {
        check(scope, `combinations[${index}]`, one).must(
          MFA_COMBINATIONS.includes(one),
          "a strength is multifactor authentication here, and Graph has a spelling for each; choose among MFA_COMBINATIONS in constructs/entra/access-policy.ts",
        );
      });
      const strength = new AuthenticationStrengthPolicy(scope, "AuthenticationStrengthPolicy", {
        displayName: name,
        allowedCombinations: [...combinations].sort(),
      });
      return [name, strength.id] as const;
    });
    check(this, "number of strengths", made.length).must(
      made.length <= 15,
      "Entra takes 15 custom ones in a tenant; merge some",
    );
    if (made.length > 0) {
      new TerraformOutput(this, "Strengths", {
        description: "ID of each authentication strength, for `require: { strength }` in account files",
        value: Object.fromEntries(made),
      });
    }
  }

  private addAllResources({ groups, persistentBrowser, passwordChangeAt, state }: AllResourcesOptions): void {
    check(this, "allResources", []).must(
      persistentBrowser !== undefined || passwordChangeAt !== undefined,
      "there would be no policy; write persistentBrowser or passwordChangeAt, or leave allResources out",
    );
    check(this, "allResources.groups", groups).must(
      groups.length > 0,
      "a policy for all resources without an audience would hold for everybody in the tenant; name the groups of people who work in AWS",
    );
    check(this, "allResources.groups", groups).areGuids("the group");
    const where = {
      name: "All resources",
      target: "all resources",
      covers: [...groups].sort(),
      breakGlass: this.organization.breakGlass,
      state,
    } as const;
    if (persistentBrowser) {
      new AccessPolicy(this, "Browser session policy", {
        ...where,
        about: "Browser session",
        session: { persistentBrowserMode: persistentBrowser },
      });
    }
    if (passwordChangeAt) {
      checkLevels(this, "allResources.passwordChangeAt", passwordChangeAt);
      this.needsLicence("Microsoft Entra ID P2", "passwordChangeAt");
      new AccessPolicy(this, "Password change policy", {
        ...where,
        about: "Password change",
        when: { userRiskLevels: levelsOf(passwordChangeAt) },
        // Entra takes a password change together with a second factor only.
        grant: { all: ["mfa", "passwordChange"] },
      });
    }
  }

  /** The policies of a set for every application that carries its name. */
  private addShared(name: string, set: PolicySet, reliedOn: boolean): void {
    const scope = new Construct(this, `${name} set`);
    check(scope, "policy set", name).must(
      POLICY_SET_NAME.test(name) && name.toLowerCase() !== NO_POLICY_SET,
      `the attribute takes a letter, then up to 63 letters, digits and '-', and '${NO_POLICY_SET}' is for applications of no set; rename the set`,
    );
    check(scope, "state", set.state).must(
      !reliedOn || (set.state ?? "on") === "on",
      "with 'shared' nothing else asks for MFA; turn the set on, or keep its policies in the accounts ('perAccount') until it is",
    );
    check(scope, "covers", set.covers).must(
      set.covers === "everyone",
      "a shared policy knows no account's groups; write 'everyone', or keep the policies per account",
    );
    const made = addPolicySet(scope, set, {
      name: sharedName(name),
      target: { policySet: name },
      covers: "everyone",
      breakGlass: this.organization.breakGlass,
      state: set.state,
    });
    // Without them, people would enter every application of the set without MFA: `destroy` of this stack is refused.
    if (reliedOn) for (const policy of made.values()) policy.lifecycle = { preventDestroy: true };
  }

  /** The attribute has to be there before a policy can ask for it; Graph refuses the rule with less to say. */
  private guardAttribute(): void {
    new DataMsgraphResource(this, "Attribute", {
      url: "directory/customSecurityAttributeDefinitions",
      queryParameters: { $filter: [`attributeSet eq '${ATTRIBUTE_SET}'`] },
      responseExportValues: { usable: "value[?status=='Available' && type=='String'].name" },
      lifecycle: {
        postcondition: [
          {
            condition: `\${contains(self.output.usable, "${ATTRIBUTE}")}`,
            errorMessage: `The tenant has no custom security attribute ${ATTRIBUTE} of type String in the attribute set ${ATTRIBUTE_SET}. Make it once by hand (docs/runbooks/policies-at-scale.md).`,
          },
        ],
      },
    });
  }

  /**
   * Shared policies must not go while an application that carries their set has no MFA policy of its own: on the way back, and when a
   * set is renamed or taken out. @param staying names of the sets whose policies stay
   */
  private guardLeaving(staying: readonly string[]): void {
    const mfa = policyName("MFA", sharedName(""));
    const policies = new DataMsgraphResource(this, "PoliciesNow", {
      url: "identity/conditionalAccess/policies",
      queryParameters: { $filter: ["state eq 'enabled'"] },
      responseExportValues: {
        shared: `value[?starts_with(displayName, '${mfa}')].displayName`,
        covered: `value[?starts_with(displayName, '${policyName("MFA", "")}')].conditions.applications.includeApplications[]`,
      },
    });
    const leaving = new TerraformLocal(
      this,
      "LeavingSets",
      `\${setsubtract([for name in ${policies.fqn}.output.shared : trimprefix(name, ${JSON.stringify(mfa)})], ${JSON.stringify(staying)})}`,
    );
    const leavingRef = `local.${leaving.friendlyUniqueId}`;
    const carriesSet = `format("customSecurityAttributes/${ATTRIBUTE_SET}/${ATTRIBUTE} eq '%s'", set)`;
    // Asked only when there is something to leave: reading the attribute takes a permission of its own.
    new DataMsgraphResource(this, "CarriersNow", {
      count: Token.asNumber(`\${length(${leavingRef}) > 0 ? 1 : 0}`),
      url: "servicePrincipals",
      headers: { ConsistencyLevel: "eventual" },
      queryParameters: {
        $count: ["true"],
        $filter: [`\${join(" or ", [for set in ${leavingRef} : ${carriesSet}])}`],
        $select: ["appId,displayName"],
        // One page, the most that Graph gives at once: nobody has seen whether the provider sends the header again for a second one.
        $top: ["999"],
      },
      responseExportValues: { apps: "value[].{id: appId, name: displayName}" },
      lifecycle: {
        postcondition: [
          {
            condition: `\${alltrue([for app in self.output.apps : contains(${policies.fqn}.output.covered, app.id)])}`,
            errorMessage:
              `\${"Shared policies of \${join(", ", ${leavingRef})} would go, and these applications have no MFA policy of their own yet: ` +
              `\${join(", ", [for app in self.output.apps : app.name if !contains(${policies.fqn}.output.covered, app.id)])}. ` +
              'To give a set up, keep it until every account that names it names another one and is deployed. To go back to policies per account, deploy every account with conditionalAccess.policies = \\"overlap\\" first (docs/runbooks/policies-at-scale.md)."}',
          },
        ],
      },
    });
  }
}

/** "/8" and longer: https://learn.microsoft.com/entra/identity/conditional-access/concept-assignment-network */
const SHORTEST_MASK = 8;

function checkRanges(scope: Construct, ranges: readonly string[]): void {
  ranges.forEach((range, index) => {
    const [address = "", mask = ""] = range.split("/");
    const fits = isIPv4(address) && /^\d{1,2}$/.test(mask) && Number(mask) >= SHORTEST_MASK && Number(mask) <= 32;
    check(scope, `ipRanges[${index}]`, range).must(
      fits,
      isIPv6(address)
        ? // expandIPNamedLocationIPRange in conditionalaccess.go of azuread 3.9.0: `iPv4CidrRange` for every range.
          "azuread 3.9.0 tells Graph that every range is IPv4, and no source says what comes of it; make a location with it in the Entra admin center and name that by its ID"
        : `Entra takes CIDR form, /${SHORTEST_MASK} or longer; write such as '203.0.113.0/24'`,
    );
  });
}

/** ISO 3166: https://learn.microsoft.com/graph/api/resources/countrynamedlocation */
function checkCountries(scope: Construct, countries: readonly string[]): void {
  countries.forEach((country, index) => {
    check(scope, `countries[${index}]`, country).matches(
      /^[A-Z]{2}$/,
      "Entra takes two-letter country codes; write such as 'CH'",
    );
  });
}
