import { accessReview } from "./support/access";
import type { Body } from "./support/stack-json";
import { synthAccount } from "./support/synth";

const app = "${azuread_service_principal.enterprise_app.client_id}";
const application = "AWS Fabrikam Payments 210987654321";

/** A policy that asks everyone at the application for MFA, with these in place of the default blocks. */
const policy = ({ conditions, ...changes }: { conditions?: Body } & Body = {}): Body => ({
  display_name: "P",
  state: "enabled",
  conditions: {
    client_app_types: ["all"],
    applications: { included_applications: [app] },
    users: { included_users: ["All"], excluded_users: ["b1"] },
    ...conditions,
  },
  grant_controls: { operator: "OR", built_in_controls: ["mfa"] },
  ...changes,
});

/** The page of an account with these resources in place of its own of the same types. */
const pageOf = (resources: Readonly<Record<string, Readonly<Record<string, Body>>>>): string[] => {
  const { json } = synthAccount();
  return accessReview({ ...json, resource: { ...json.resource, ...resources } }).split("\n");
};
const about = (one: Body): string[] =>
  pageOf({ azuread_conditional_access_policy: { p: one } }).filter((line) =>
    /Conditional Access|_access_policy/.test(line),
  );

const blocked = { operator: "OR", built_in_controls: ["block"] };

test.each<[string, Body, string]>([
  ["MFA", policy(), `everyone entering ${application} must show mfa`],
  [
    "a risky sign-in",
    policy({
      conditions: { sign_in_risk_levels: ["high", "medium"] },
      session_controls: { sign_in_frequency_interval: "everyTime" },
    }),
    `everyone entering ${application} at sign-in risk high or medium must show mfa, must sign in every time`,
  ],
  [
    "a risky person",
    policy({
      conditions: { user_risk_levels: ["high"] },
      grant_controls: { operator: "AND", built_in_controls: ["mfa", "passwordChange"] },
    }),
    `everyone entering ${application} at user risk high must show mfa AND a changed password`,
  ],
  [
    "the device code flow",
    policy({ conditions: { authentication_flow_transfer_methods: ["deviceCodeFlow"] }, grant_controls: blocked }),
    `everyone entering ${application} by deviceCodeFlow is blocked`,
  ],
  [
    "legacy clients",
    policy({ conditions: { client_app_types: ["exchangeActiveSync", "other"] }, grant_controls: blocked }),
    `everyone entering ${application} with exchangeActiveSync, other client apps is blocked`,
  ],
  [
    "trusted locations",
    policy({
      conditions: { locations: { included_locations: ["All"], excluded_locations: ["AllTrusted"] } },
      grant_controls: blocked,
    }),
    `everyone entering ${application} from anywhere but trusted locations is blocked`,
  ],
  [
    "a device",
    policy({ grant_controls: { operator: "OR", built_in_controls: ["compliantDevice", "domainJoinedDevice"] } }),
    `everyone entering ${application} must show a compliant device OR a hybrid joined device`,
  ],
  [
    "sessions",
    policy({
      session_controls: {
        sign_in_frequency: 4,
        sign_in_frequency_period: "hours",
        cloud_app_security_policy: "monitorOnly",
        persistent_browser_mode: "never",
      },
    }),
    `everyone entering ${application} must show mfa, must sign in again after 4 hours, goes through Defender for Cloud Apps (monitorOnly), is never kept signed in by the browser`,
  ],
  [
    "a group of the stack and a built-in strength",
    policy({
      conditions: {
        users: { included_groups: ["${azuread_group.administrator_group.object_id}"], excluded_users: ["b1"] },
      },
      grant_controls: {
        operator: "OR",
        authentication_strength_policy_id:
          "/policies/authenticationStrengthPolicies/00000000-0000-0000-0000-000000000004",
      },
    }),
    `AWS-Payments-Administrators entering ${application} must show strength phishing-resistant`,
  ],
  [
    "all applications that carry an attribute",
    policy({
      conditions: {
        applications: {
          filter: { mode: "include", rule: 'CustomSecurityAttribute.AwsFederation_PolicySet -eq "recommended"' },
        },
      },
    }),
    'everyone entering applications where AwsFederation PolicySet is "recommended" must show mfa',
  ],
])("a policy about %s, in one line", (_, one, words) => {
  expect(about(one)).toEqual([`Conditional Access "P" is on: ${words}`, "Conditional Access leaves out b1"]);
});

test("what has no words stands there as it is", () => {
  const odd = policy({
    conditions: {
      applications: {
        included_applications: ["All"],
        excluded_applications: ["x"],
        included_user_actions: ["urn:user:registersecurityinfo"],
        filter: { mode: "exclude", rule: "A -ne B" },
      },
      users: "${var.users}",
      locations: [{ included_locations: ["l1"] }, { included_locations: ["l2"] }],
      devices: { filter: { mode: "include", rule: 'device.model -eq "x"' } },
      insider_risk_levels: "elevated",
      client_app_types: ["browser"],
    },
    grant_controls: { operator: "OR", built_in_controls: ["block", "mfa"], terms_of_use: ["t"] },
    session_controls: { sign_in_frequency: 1, disable_resilience_defaults: true },
  });
  expect(about(odd)).toEqual([
    'Conditional Access "P" is on: nobody entering any application, applications but those where A -ne B but x with browser client apps ' +
      'on devices where device.model -eq "x" must show block OR mfa',
    'azuread_conditional_access_policy.p also has {"insider_risk_levels":"elevated",' +
      '"applications":{"included_user_actions":["urn:user:registersecurityinfo"]},"users":{"blocks":"${var.users}"},' +
      '"locations":{"blocks":[{"included_locations":["l1"]},{"included_locations":["l2"]}]},' +
      '"grant_controls":{"terms_of_use":["t"]},"session_controls":{"disable_resilience_defaults":true,"sign_in_frequency":1}}',
    "Conditional Access leaves out nobody",
  ]);
});

test("of a group that is left out, that it is any number of people", () => {
  const users = { included_users: ["All"], excluded_users: ["b1"], excluded_groups: ["b9"] };
  expect(about(policy({ conditions: { users } })).at(-1)).toBe("Conditional Access leaves out b1, members of b9");
});

test("policies that do not leave out the same are told apart", () => {
  const other = policy({ display_name: "Q", conditions: { users: { included_users: ["All"] } } });
  const page = pageOf({ azuread_conditional_access_policy: { p: policy(), q: other } });
  expect(page).toContain('Conditional Access "P" leaves out b1');
  expect(page).toContain('Conditional Access "Q" leaves out nobody');
});

test("named locations and custom strengths stand beside the policies that use them", () => {
  const page = pageOf({
    azuread_named_location: {
      office: { display_name: "Office", ip: { ip_ranges: ["192.0.2.0/24", "198.51.100.0/24"], trusted: true } },
      home: {
        display_name: "Home",
        country: {
          countries_and_regions: ["NL"],
          include_unknown_countries_and_regions: true,
          country_lookup_method: "authenticatorAppGps",
        },
      },
    },
    azuread_authentication_strength_policy: {
      keys: { display_name: "Keys", allowed_combinations: ["fido2", "x509CertificateMultiFactor"] },
    },
    azuread_conditional_access_policy: {
      p: policy({
        conditions: {
          locations: {
            included_locations: ["All"],
            excluded_locations: [
              "${azuread_named_location.office.object_id}",
              "${azuread_named_location.home.object_id}",
            ],
          },
        },
        grant_controls: {
          operator: "OR",
          authentication_strength_policy_id: "${azuread_authentication_strength_policy.keys.id}",
        },
      }),
    },
  });
  expect(page).toEqual(
    expect.arrayContaining([
      `Conditional Access "P" is on: everyone entering ${application} from anywhere but Office, Home must show strength Keys`,
      "location Office (trusted): 192.0.2.0/24, 198.51.100.0/24",
      "location Home: country NL (and unknown countries)",
      'azuread_named_location.home also has {"country":{"country_lookup_method":"authenticatorAppGps"}}',
      "strength Keys: fido2 or x509CertificateMultiFactor",
    ]),
  );
});

describe("an application that shared policies reach by its attribute", () => {
  const attributes = (body: Body) => ({
    azuread_conditional_access_policy: {},
    msgraph_update_resource: {
      policy_set: {
        url: "servicePrincipals/${azuread_service_principal.enterprise_app.object_id}",
        body,
        read_query_parameters: { $select: ["customSecurityAttributes"] },
        ignore_missing_property: false,
        lifecycle: { ignore_changes: ['body.customSecurityAttributes.AwsFederation["@odata.type"]'] },
      },
    },
  });
  const set = { "@odata.type": "#Microsoft.DirectoryServices.CustomSecurityAttributeValue", PolicySet: "recommended" };

  test("is named with it, and the stack says that it has no policy of its own", () => {
    const page = pageOf(attributes({ customSecurityAttributes: { AwsFederation: set } }));
    expect(page).toContain("Conditional Access: this stack has no policy");
    expect(page).toContain(
      `application "${application}" carries AwsFederation PolicySet "recommended": policies that filter by it reach it`,
    );
    expect(page.join("\n")).not.toMatch(/not told above|leaves to others|also has/);
  });

  test("is named with it also where the attributes are a map", () => {
    const map =
      '${tomap({"@odata.type" = "#Microsoft.DirectoryServices.CustomSecurityAttributeValue", "PolicySet" = "strict"})}';
    expect(pageOf(attributes({ customSecurityAttributes: { AwsFederation: map } }))).toContain(
      `application "${application}" carries AwsFederation PolicySet "strict": policies that filter by it reach it`,
    );
  });

  test.each<[string, Body]>([
    ["a set that only Terraform knows", { customSecurityAttributes: { AwsFederation: "${var.values}" } }],
    [
      "a value that only Terraform knows",
      { customSecurityAttributes: { AwsFederation: '${tomap({"PolicySet" = "${var.set}"})}' } },
    ],
    ["more than attributes", { customSecurityAttributes: { AwsFederation: set }, accountEnabled: false }],
    ["attributes that only Terraform knows", { customSecurityAttributes: "${var.attributes}" }],
  ])("is not told of when a call to Graph sends %s", (_, body) => {
    expect(pageOf(attributes(body)).join("\n")).toContain("not told above: msgraph_update_resource.policy_set");
  });
});
