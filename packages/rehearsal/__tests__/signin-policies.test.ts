import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cloud, type CloudState } from "../../local-cloud/cloud/cloud";
import type { ConditionalAccessPolicy, TenantState } from "../../local-cloud/cloud/entra/state";
import { AccountFile } from "../account-file";
import { waysIn } from "../faults/access";
import { readSeed, seedTenants } from "../run/seed";
import { projectOf, type SynthesizedStack } from "../run/stacks";
import type { Mfa } from "../signin/chain/methods";
import { conditionalAccessOf, configuredPolicies } from "../signin/expectations/configured-policies";
import { checkExpectations, type Expectation, expectationsOf } from "../signin/expectations/expectations";
import { cloudOf, Deployment, TENANT } from "./signin-deployed";

jest.setTimeout(300_000);

/** Everything that an account can ask for, in account 2; its administrators show a key. */
const SET = `{
  covers: "everyone",
  signInFrequency: { hours: 8 },
  cloudAppSecurity: "blockDownloads",
  blockDeviceCodeFlow: true,
  blockLegacyClients: true,
  locations: "trusted",
  device: "compliantOrHybridJoined",
  signInRisk: { levels: ["medium", "high"], require: "mfa" },
  userRisk: { levels: ["high"], require: "block" },
}`;

let deployment: Deployment;
let deployed: CloudState;
const stack = () => deployment.bench.stack("aws-account2");

beforeAll(async () => {
  deployment = await Deployment.start();
  AccountFile.of(deployment.project, "aws-account2").set(["conditionalAccess"], SET).save();
  await deployment.deploy("aws-account2");
  deployed = deployment.bench.cloud.snapshot();
});
afterAll(() => deployment?.stop());

const MEMBER = "member of AWS-Account2-Developers";
const WAY = { location: "trusted", device: "compliant" };

function words({ mfa, with: how, expect: expected, role, code, session }: Expectation): string {
  return `${mfa} ${JSON.stringify(how ?? {})}: ${[expected, role ?? code, ...(session ?? [])].join(", ")}`;
}

test("the expectations of an account follow from its policies: for each condition and control one line that is refused, one that is let in", () => {
  const lines = expectationsOf(stack()).filter(({ person }) => person === MEMBER);
  expect(lines.map(words)).toMatchInlineSnapshot(`
    [
      "fido2 {"device":"compliant","location":"trusted"}: in, Developer, through Defender for Cloud Apps (blockDownloads), asked again after 8 hours",
      "none {"device":"compliant","location":"trusted"}: refused, AADSTS50076",
      "fido2 {"client":"device code","device":"compliant","location":"trusted"}: refused, AADSTS53003",
      "fido2 {"location":"trusted"}: refused, AADSTS53000",
      "fido2 {"device":"hybridJoined","location":"trusted"}: in, Developer, through Defender for Cloud Apps (blockDownloads), asked again after 8 hours",
      "none {"device":"hybridJoined","location":"trusted"}: refused, AADSTS50076",
      "fido2 {"client":"legacy","device":"compliant","location":"trusted"}: refused, AADSTS53003",
      "fido2 {"device":"compliant"}: refused, AADSTS53003",
      "fido2 {"device":"compliant","location":"trusted","sessionHours":8}: refused, AADSTS50078",
      "fido2 {"device":"compliant","location":"trusted","sessionHours":4}: in, Developer, through Defender for Cloud Apps (blockDownloads), asked again after 8 hours",
      "none {"device":"compliant","location":"trusted","sessionHours":4}: refused, AADSTS50076",
      "fido2 {"device":"compliant","location":"trusted","signInRisk":"high"}: in, Developer, through Defender for Cloud Apps (blockDownloads), asked again every time",
      "none {"device":"compliant","location":"trusted","signInRisk":"high"}: refused, AADSTS50076",
      "fido2 {"device":"compliant","location":"trusted","sessionHours":1,"signInRisk":"high"}: refused, AADSTS50078",
      "fido2 {"device":"compliant","location":"trusted","userRisk":"high"}: refused, AADSTS53003",
    ]
  `);
});

test("they hold as deployed", async () => {
  const results = await checkExpectations(cloudOf(deployed), stack());
  expect(
    results.filter(({ holds }) => !holds).map(({ expectation, because }) => [words(expectation), because]),
  ).toEqual([]);
});

test("a person in without MFA is found whatever else the policies ask for", () => {
  expect(waysIn(deployed)).toMatchObject([{ mfa: true }, { mfa: true }]);
  const open = structuredClone(deployed);
  policyOf(open.tenants[TENANT], "MFA").state = "enabledForReportingButNotEnforced";
  expect(waysIn(open)).toMatchObject([{ mfa: false }, { mfa: false }]);
});

function policyOf(tenant: TenantState | undefined, about: string): ConditionalAccessPolicy {
  const policies = Object.values(tenant?.conditionalAccessPolicies ?? {});
  const found = policies.find(({ displayName }) => displayName.includes(` - ${about} - `));
  if (!found)
    throw new Error(`there is no policy about ${about} among ${policies.map(({ displayName }) => displayName)}`);
  return found;
}

/** One fault in what is deployed, and lines that break by it. */
const faults: [fault: string, spoil: (tenant: TenantState) => unknown, breaks: object[]][] = [
  ...[
    ["Device code flow", { ...WAY, client: "device code" }],
    ["Locations", { device: "compliant" }],
    ["Device", { location: "trusted" }],
    ["Sign-in risk", { ...WAY, signInRisk: "high", sessionHours: 1 }],
    ["User risk", { ...WAY, userRisk: "high" }],
  ].map(([about, circumstances]): [string, (tenant: TenantState) => unknown, object[]] => [
    `the policy about ${about} off`,
    (tenant) => {
      policyOf(tenant, String(about)).state = "disabled";
    },
    [{ mfa: "fido2", with: circumstances }],
  ]),
  ["the MFA policy off", (tenant) => (policyOf(tenant, "MFA").state = "disabled"), [{ mfa: "none", with: WAY }]],
  [
    "the role's group left out of the location policy",
    (tenant) => {
      const group = Object.values(tenant.groups).find(({ displayName }) => displayName.endsWith("Account2-Developers"));
      policyOf(tenant, "Locations").conditions.users.excludeGroups.push(group?.id ?? "");
    },
    [{ mfa: "fido2", with: { device: "compliant" } }],
  ],
  [
    "the network no longer trusted",
    (tenant) => {
      for (const location of Object.values(tenant.namedLocations))
        if (location.kind === "ip") location.isTrusted = false;
    },
    [{ mfa: "fido2", with: WAY }],
  ],
  [
    "a hybrid joined device no longer enough",
    (tenant) => policyOf(tenant, "Device").grantControls?.builtInControls.pop(),
    [{ mfa: "fido2", with: { ...WAY, device: "hybridJoined" } }],
  ],
  [
    "risk at other levels",
    (tenant) => {
      policyOf(tenant, "User risk").conditions.userRiskLevels = ["low"];
    },
    [{ mfa: "fido2", with: { ...WAY, userRisk: "high" } }],
  ],
  [
    "the session past Defender for Cloud Apps",
    (tenant) => {
      for (const { sessionControls } of Object.values(tenant.conditionalAccessPolicies))
        if (sessionControls) sessionControls.cloudAppSecurity = null;
    },
    [{ mfa: "fido2", with: WAY }],
  ],
  [
    "the factor asked for later",
    (tenant) => {
      for (const { sessionControls } of Object.values(tenant.conditionalAccessPolicies))
        if (sessionControls?.signInFrequency?.value) sessionControls.signInFrequency.value = 24;
    },
    [{ mfa: "fido2", with: { ...WAY, sessionHours: 8 } }],
  ],
  [
    "legacy clients where nothing else stops them",
    (tenant) => {
      for (const policy of Object.values(tenant.conditionalAccessPolicies)) policy.state = "disabled";
    },
    [{ mfa: "fido2", with: { ...WAY, client: "legacy" } }],
  ],
];

test.each(faults)("%s: an expectation breaks", async (_, spoil, breaks) => {
  const cloud: Cloud = cloudOf(deployed);
  const state = cloud.snapshot();
  const tenant = state.tenants[TENANT];
  if (!tenant) throw new Error("nothing is deployed");
  spoil(tenant);
  const results = await checkExpectations(cloudOf(state), stack());
  const broken = results.filter(({ holds }) => !holds).map(({ expectation }) => expectation);
  for (const line of breaks) expect(broken).toContainEqual(expect.objectContaining({ person: MEMBER, ...line }));
});

test("the policy about legacy clients keeps them out where no other is on", async () => {
  const state = cloudOf(deployed).snapshot();
  for (const policy of Object.values(state.tenants[TENANT]?.conditionalAccessPolicies ?? {}))
    if (!policy.displayName.includes(" - Legacy clients - ")) policy.state = "disabled";
  const legacy = (await checkExpectations(cloudOf(state), stack())).filter(
    ({ expectation }) => expectation.with?.client === "legacy",
  );
  expect(legacy.length).toBeGreaterThan(0);
  expect(legacy.filter(({ holds }) => !holds)).toEqual([]);
});

describe("policies that stand in another stack", () => {
  const provider = { azuread: [{ tenant_id: TENANT }] };
  const synthesized = (name: string, resource: object, data: object = {}): SynthesizedStack => ({
    ...{ name, folder: `/nowhere/cdktf.out/stacks/${name}` },
    configuration: { provider, resource, data },
  });
  const policy = (
    name: string,
    applications: object,
    more: object = {},
    grant: object = { built_in_controls: ["mfa"] },
  ) => ({
    display_name: name,
    state: "enabled",
    conditions: {
      client_app_types: ["all"],
      applications,
      users: { included_users: ["All"] },
      ...more,
    },
    grant_controls: { operator: "OR", ...grant },
  });
  const account = (set?: string) =>
    synthesized("aws-one", {
      azuread_application: { app: { display_name: "One" } },
      azuread_application_identifier_uri: {
        app: { identifier_uri: "https://signin.aws.amazon.com/saml#1" },
      },
      azuread_group: { admins: { display_name: "Admins" } },
      azuread_conditional_access_policy: {
        role: policy(
          "Keys for admins",
          {
            included_applications: ["${azuread_service_principal.app.client_id}"],
          },
          { users: { included_groups: ["${azuread_group.admins.object_id}"] } },
          {
            authentication_strength_policy_id:
              "/policies/authenticationStrengthPolicies/00000000-0000-0000-0000-000000000004",
          },
        ),
      },
      msgraph_update_resource: set
        ? {
            set: {
              body: {
                customSecurityAttributes: { AwsFederation: { PolicySet: set } },
              },
            },
          }
        : {},
    });
  const other = synthesized("aws-other", {
    azuread_conditional_access_policy: {
      block: policy(
        "Not mine",
        {
          included_applications: ["${azuread_service_principal.app.client_id}"],
        },
        {},
        { built_in_controls: ["block"] },
      ),
    },
  });
  const shared = synthesized("tenant", {
    azuread_named_location: {
      office: {
        display_name: "Office",
        ip: [{ ip_ranges: ["198.51.100.0/24"] }],
      },
    },
    azuread_authentication_strength_policy: {
      otp: {
        display_name: "OTP",
        allowed_combinations: ["password,hardwareOath"],
      },
    },
    azuread_conditional_access_policy: {
      network: policy(
        "Network",
        {
          included_applications: [],
          filter: [
            {
              mode: "include",
              rule: 'CustomSecurityAttribute.AwsFederation_PolicySet -eq "a"',
            },
          ],
        },
        {
          locations: {
            included_locations: ["All"],
            excluded_locations: ["${azuread_named_location.office.object_id}"],
          },
        },
        { built_in_controls: ["block"] },
      ),
      strength: policy(
        "Tokens",
        {
          included_applications: [],
          filter: {
            mode: "include",
            rule: 'CustomSecurityAttribute.AwsFederation_PolicySet -eq "a"',
          },
        },
        { users: { included_users: ["All"], excluded_users: ["emergency"] } },
        {
          authentication_strength_policy_id: "${azuread_authentication_strength_policy.otp.id}",
        },
      ),
    },
  });

  const rules = (set?: string) => {
    const one = account(set);
    return conditionalAccessOf(one, configuredPolicies([one, other, shared]));
  };

  test("reach the application that carries the attribute, and no other", () => {
    expect(rules().policies.map(({ displayName }) => displayName)).toEqual(["Keys for admins"]);
    expect(rules("b").policies).toHaveLength(1);
    expect(rules("a").policies.map(({ displayName }) => displayName)).toEqual(["Keys for admins", "Network", "Tokens"]);
    expect(rules("a").breakGlass).toEqual({ users: ["emergency"], groups: [] });
  });

  test("with a strength that exists: nobody can tell, until its combinations stand in stacks/rehearsal.seed.json", () => {
    const ID = "c3d4e5f6-0000-4000-8000-000000000001";
    const authentication_strength_policy_id = `/policies/authenticationStrengthPolicies/${ID}`;
    const application = { included_applications: ["${azuread_service_principal.app.client_id}"] };
    const one = {
      ...synthesized("aws-one", {
        azuread_conditional_access_policy: {
          push: policy("Push", application, {}, { authentication_strength_policy_id }),
        },
      }),
      folder: join(mkdtempSync(join(tmpdir(), "strength-")), "cdktf.out", "stacks", "aws-one"),
    };
    const project = projectOf(one);
    const decide = (mfa: Mfa) => conditionalAccessOf(one, configuredPolicies([one])).decide([], mfa, {});
    const deployed = () => {
      const cloud = new Cloud();
      seedTenants(cloud, [one], readSeed(project));
      return cloud.tenant(TENANT).authenticationStrengths.combinationsOf(ID);
    };
    try {
      expect(deployed()).toEqual([]);
      for (const mfa of ["fido2", "sms"] as const) {
        expect(decide(mfa)).toMatchObject({ outcome: "cannot tell" });
        expect(decide(mfa).because).toContain("stacks/rehearsal.seed.json");
      }
      const push = ["password,microsoftAuthenticatorPush"];
      const strength = { id: ID, displayName: "Push", description: null, allowedCombinations: push };
      mkdirSync(join(project, "stacks"), { recursive: true });
      writeFileSync(
        join(project, "stacks/rehearsal.seed.json"),
        JSON.stringify({ authenticationStrengths: [strength] }),
      );
      expect(deployed()).toEqual(push);
      expect(decide("microsoftAuthenticatorPush").outcome).toBe("granted");
      expect(decide("fido2").refusal).toBe("blocked");
    } finally {
      rmSync(project, { recursive: true });
    }
  });

  test("count with what they name: locations and strengths of that stack, groups of this one", () => {
    const { decide } = rules("a");
    const at = { location: "198.51.100.7" };
    expect(decide([], "hardwareOath", {}).refusal).toBe("blocked");
    expect(decide([], "hardwareOath", at).outcome).toBe("granted");
    expect(decide([], "fido2", at).refusal).toBe("blocked");
    expect(decide([], "none", at).refusal).toBe("mfaRequired");
    // Nothing satisfies both strengths.
    expect(decide(["Admins"], "hardwareOath", at).refusal).toBe("blocked");
    expect(rules().decide(["Admins"], "fido2", {}).outcome).toBe("granted");
    expect(rules().decide([], "none", {}).outcome).toBe("granted");
  });
});
