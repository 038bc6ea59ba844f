import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cloud, type CloudState } from "../../local-cloud/cloud/cloud";
import type {
  Application,
  ConditionalAccessPolicy,
  ServicePrincipal,
  TenantState,
} from "../../local-cloud/cloud/entra/state";
import { AccountFile } from "../account-file";
import { type SignIn, signIn } from "../signin/chain/sign-in";
import { REFUSALS } from "../signin/chain/verdict";
import { signin } from "../signin/cli";
import { checkExpectations, expectationsOf, summary } from "../signin/expectations/expectations";
import {
  addPerson,
  appOf,
  cloudOf,
  Deployment,
  EVERYWHERE,
  IRELAND,
  importRoles,
  ONE,
  providerArn,
  roleArn,
  TENANT,
  TWO,
} from "./signin-deployed";

jest.setTimeout(300_000);

let deployment: Deployment;
/** Both accounts, and anna: a developer of both. */
let deployed: CloudState;
/** Before the first cycle of role import. */
let pendingCheck: Awaited<ReturnType<typeof command>>;
let pendingRoles: Awaited<ReturnType<typeof checkExpectations>>;

beforeAll(async () => {
  deployment = await Deployment.start();
  await deployment.deploy("aws-account2");
  await deployment.deploy("aws-account1");
  const { bench } = deployment;
  const pending = (await bench.outputs("aws-account1")).pending_roles as string[];
  pendingRoles = await checkExpectations(bench.cloud, bench.stack("aws-account1"), { pending });
  pendingCheck = await command("--stack", "aws-account1", "--check");
  await deployment.importRoles();
  await deployment.deploy("aws-account1");
  const cloud = cloudOf(bench.cloud.snapshot());
  await addPerson(cloud, "anna@contoso.onmicrosoft.com", "AWS-Account1-Developers", "AWS-Account2-Developers");
  await addPerson(cloud, "dora@contoso.onmicrosoft.com", "AWS-Account2-Administrators", "AWS-Account2-Developers");
  deployed = cloud.snapshot();
});

/** `npm run signin` on the store of the deployment. */
async function command(...words: string[]): Promise<{ code: number; text: string }> {
  const store = join(deployment.project, "..", "out", "cloud.json");
  deployment.bench.cloud.save();
  let text = "";
  const code = await signin("/nowhere", [...words, "--store", store], (line) => {
    text += `${line}\n`;
  });
  return { code, text };
}

afterAll(() => deployment?.stop());

const anna: SignIn = { app: appOf(TWO), person: "anna", mfa: "fido2" };

describe("a sign-in through the deployed objects", () => {
  test("passes every link in order and says who, as what, for how long and to do what", async () => {
    const cloud = cloudOf(deployed);
    const probes = ["s3:ListAllMyBuckets", "iam:CreateUser"];
    const verdict = await signIn(cloud, { ...anna, probes });
    expect(verdict.steps.map(({ link, outcome }) => `${link}: ${outcome}`)).toMatchInlineSnapshot(`
      [
        "application: ok",
        "person: ok",
        "reply URL: ok",
        "assignment: ok",
        "Conditional Access: ok",
        "claims: ok",
        "signing certificate: ok",
        "SAML response: ok",
        "audience: ok",
        "Role: ok",
        "SAML provider: ok",
        "issuer: ok",
        "signature: ok",
        "time: ok",
        "RoleSessionName: ok",
        "trust policy: ok",
        "SessionDuration: ok",
      ]
    `);
    expect(verdict.outcome).toBe("in");
    expect(verdict.sessions).toEqual([
      {
        roleArn: roleArn(TWO, "Developer"),
        roleName: "Developer",
        sessionName: "anna@contoso.onmicrosoft.com",
        userId: expect.stringMatching(/^AROA\w{17}:anna@contoso\.onmicrosoft\.com$/),
        issuedAt: `${cloud.clock.now().toISOString().slice(0, 19)}Z`,
        providerArn: providerArn(TWO),
        accountId: TWO,
        title: `Developer / anna@contoso.onmicrosoft.com / ${TWO}`,
        consoleSec: 3_600,
        longestSec: 14_400,
        probes: [
          { action: "s3:ListAllMyBuckets", outcome: "allow" },
          { action: "iam:CreateUser", outcome: "deny" },
        ],
      },
    ]);
    expect(cloud.snapshot()).toEqual(deployed);
    expect(cloud.journal.mutations).toEqual([]);
  });

  test("offers every role that the person holds, and takes the one that is asked for", async () => {
    const cloud = cloudOf(deployed);
    const dora = { ...anna, person: "dora" };
    expect((await signIn(cloud, dora)).sessions.map(({ roleName }) => roleName)).toEqual([
      "Administrator",
      "Developer",
    ]);
    const one = await signIn(cloud, {
      ...dora,
      role: roleArn(TWO, "Developer"),
    });
    expect(one.sessions.map(({ roleName }) => roleName)).toEqual(["Developer"]);
    expect((await signIn(cloud, { ...anna, role: roleArn(TWO, "Administrator") })).broken).toMatchObject({
      link: "Role",
      code: REFUSALS.notAuthorized.code,
    });
  });

  test.each([EVERYWHERE, IRELAND])("works through %s", async (endpoint) => {
    expect(summary(await signIn(cloudOf(deployed), { ...anna, endpoint }))).toBe("in as Developer");
  });

  test("finds a person by name, and does not guess between two", async () => {
    const cloud = cloudOf(deployed);
    await expect(signIn(cloud, { ...anna, person: "nobody" })).rejects.toThrow("there is no user nobody");
    await addPerson(cloud, "anna@fabrikam.example");
    await expect(signIn(cloud, anna)).rejects.toThrow("several users are called anna");
  });
});

test("the README's table has a row for every refusal", () => {
  const readme = readFileSync(join(__dirname, "../../../README.md"), "utf8");
  const table = readme.slice(readme.indexOf("## When sign-in fails")).split("\n## ")[0] ?? "";
  const messages = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, message]) => message ?? "");
  const missing = Object.values(REFUSALS).filter(({ code }) => !messages.some((message) => message.includes(code)));
  expect(missing).toEqual([]);
});

// -- single faults ---------------------------------------------------------------------------------------------------------------

/** What is deployed for account 2, to be spoilt. */
interface Parts {
  readonly cloud: Cloud;
  readonly tenant: TenantState;
  readonly application: Application;
  readonly principal: ServicePrincipal;
  readonly policy: ConditionalAccessPolicy;
  readonly developer: {
    assumeRolePolicyDocument: string;
    attachedPolicies: readonly string[];
  };
  readonly claims: { definition: string[] };
}

function partsOf(cloud: Cloud, state: CloudState): Parts {
  const tenant = state.tenants[TENANT];
  const named = <T extends { displayName: string }>(objects: Record<string, T> = {}) =>
    Object.values(objects).find(({ displayName }) => displayName.includes("Account2"));
  const application = named(tenant?.applications);
  const principal = Object.values(tenant?.servicePrincipals ?? {}).find(({ appId }) => appId === application?.appId);
  const policy = named(tenant?.conditionalAccessPolicies);
  const claims = named(tenant?.claimsMappingPolicies);
  const developer = state.accounts[TWO]?.roles.Developer;
  if (!tenant || !application || !principal || !policy || !claims || !developer)
    throw new Error("account 2 is not deployed");
  return { cloud, tenant, application, principal, policy, developer, claims };
}

interface Mutation {
  readonly fault: string;
  /** Puts one fault into what is deployed. */
  readonly spoil: (parts: Parts) => unknown;
  /** The sign-in that shows it. @default - anna's with fido2 */
  readonly by?: Partial<SignIn>;
  /** What came before. */
  readonly from?: string;
  readonly to: string;
}

const edited = (claims: Parts["claims"], from: string | RegExp, to: string) => {
  claims.definition = claims.definition.map((text) => text.replace(from, to));
};
const appRole = ({ application }: Parts, change: (value: string) => string) => {
  for (const role of application.appRoles) if (role.value) role.value = change(role.value);
};
const trust = ({ developer }: Parts, change: (text: string) => string) => {
  const spoilt = change(developer.assumeRolePolicyDocument);
  developer.assumeRolePolicyDocument = spoilt;
};
const groupId = ({ tenant }: Parts, name: string) =>
  Object.values(tenant.groups).find(({ displayName }) => displayName === name)?.id ?? "";
const republish = async ({ cloud }: Parts, change: (document: string) => string) => {
  const { samlProviders } = cloud.account(TWO);
  await samlProviders.update(providerArn(TWO), change(samlProviders.get(providerArn(TWO)).samlMetadataDocument));
};

const WITHOUT_MFA = {
  by: { mfa: "none" },
  from: "Conditional Access: AADSTS50076",
  to: "in",
} as const;

const mutations: Mutation[] = [
  {
    fault: "identifier of another account",
    spoil: ({ application }) => {
      application.identifierUris = [`${EVERYWHERE}#000000000000`];
    },
    to: "application: AADSTS700016",
  },
  {
    fault: "enterprise app disabled",
    spoil: ({ principal }) => {
      principal.accountEnabled = false;
    },
    to: "application: AADSTS7000112",
  },
  {
    fault: "SAML mode off",
    spoil: ({ principal }) => {
      principal.preferredSingleSignOnMode = null;
    },
    to: "application: The tile in My Apps does not lead to AWS",
  },
  {
    fault: "person disabled",
    spoil: ({ tenant }) => {
      for (const user of Object.values(tenant.users)) user.accountEnabled = false;
    },
    to: "person: AADSTS50057",
  },
  {
    fault: "reply URL of a region taken away",
    spoil: ({ application }) => {
      application.web.redirectUris = [EVERYWHERE];
    },
    by: { endpoint: IRELAND },
    to: "reply URL: AADSTS50011",
  },
  {
    fault: "assignment missing",
    spoil: ({ tenant }) => {
      tenant.appRoleAssignments = {};
    },
    to: "assignment: AADSTS50105",
  },
  {
    fault: "app role disabled",
    spoil: ({ application }) => {
      for (const role of application.appRoles) role.isEnabled = false;
    },
    to: `Role: ${REFUSALS.invalidResponse.code}`,
  },
  {
    fault: "MFA policy deleted",
    spoil: ({ tenant, policy }) => delete tenant.conditionalAccessPolicies[policy.id],
    ...WITHOUT_MFA,
  },
  {
    fault: "MFA policy on another application",
    spoil: ({ policy, tenant, application }) => {
      const other = Object.values(tenant.applications).find(({ id }) => id !== application.id);
      policy.conditions.applications.includeApplications = [other?.appId ?? ""];
    },
    ...WITHOUT_MFA,
  },
  {
    fault: "exclusion of the role's own group",
    spoil: (parts) => parts.policy.conditions.users.excludeGroups.push(groupId(parts, "AWS-Account2-Developers")),
    ...WITHOUT_MFA,
  },
  {
    fault: "exclusion of a group around the role's group",
    spoil: (parts) => {
      const inner = groupId(parts, "AWS-Account2-Developers");
      parts.cloud.tenant(TENANT).seed({
        groups: [{ id: "around", displayName: "Around", members: [inner] }],
      });
      parts.policy.conditions.users.excludeGroups.push("around");
    },
    ...WITHOUT_MFA,
  },
  {
    fault: "MFA policy in report-only",
    spoil: ({ policy }) => {
      policy.state = "enabledForReportingButNotEnforced";
    },
    ...WITHOUT_MFA,
  },
  {
    fault: "MFA policy for other client apps",
    spoil: ({ policy }) => {
      policy.conditions.clientAppTypes = ["exchangeActiveSync", "other"];
    },
    ...WITHOUT_MFA,
  },
  {
    fault: "a strength that the method does not reach",
    spoil: ({ policy }) => {
      const grant = policy.grantControls;
      if (grant)
        Object.assign(grant, {
          builtInControls: [],
          authenticationStrength: "00000000-0000-0000-0000-000000000004",
        });
    },
    by: { mfa: "sms" },
    to: "Conditional Access: AADSTS53003",
  },
  {
    fault: "a policy that blocks",
    spoil: ({ policy }) => {
      if (policy.grantControls) policy.grantControls.builtInControls = ["block"];
    },
    to: "Conditional Access: AADSTS53003",
  },
  {
    fault: "a condition that is not modelled",
    spoil: ({ policy }) => {
      policy.conditions.platforms = { includePlatforms: ["android"], excludePlatforms: [] };
    },
    to: "Conditional Access: cannot tell",
  },
  {
    fault: "a control that is not modelled",
    spoil: ({ policy }) => {
      if (policy.grantControls) policy.grantControls.builtInControls = ["compliantApplication"];
    },
    to: "Conditional Access: cannot tell",
  },
  {
    fault: "MFA policy outside of trusted networks alone",
    spoil: ({ policy, tenant }) => {
      tenant.namedLocations.office = {
        ...{ id: "office", displayName: "Office", kind: "ip", ipRanges: ["203.0.113.0/24"], isTrusted: true },
      };
      policy.conditions.locations = { includeLocations: ["All"], excludeLocations: ["AllTrusted"] };
    },
    by: { mfa: "none", circumstances: { location: "203.0.113.9" } },
    from: "Conditional Access: AADSTS50076",
    to: "in",
  },
  {
    fault: "a compliant device in place of MFA",
    spoil: ({ policy }) => policy.grantControls?.builtInControls.push("compliantDevice"),
    by: { mfa: "none", circumstances: { device: "compliant" } },
    from: "Conditional Access: AADSTS50076",
    to: "in",
  },
  {
    fault: "a compliant device beside MFA",
    spoil: ({ policy }) => {
      Object.assign(policy.grantControls ?? {}, { operator: "AND", builtInControls: ["mfa", "compliantDevice"] });
    },
    to: "Conditional Access: AADSTS53000",
  },
  {
    fault: "a factor that is asked for again",
    spoil: ({ policy }) => {
      policy.sessionControls = {
        ...{ applicationEnforcedRestrictions: false, cloudAppSecurity: null, disableResilienceDefaults: false },
        persistentBrowser: null,
        signInFrequency: {
          ...{ value: 4, type: "hours", authenticationType: "primaryAndSecondaryAuthentication" },
          frequencyInterval: "timeBased",
        },
      };
    },
    by: { circumstances: { sessionHours: 5 } },
    to: "Conditional Access: AADSTS50078",
  },
  {
    fault: "a policy against risk for another level",
    spoil: ({ policy }) => {
      policy.conditions.signInRiskLevels = ["high"];
    },
    by: { mfa: "none", circumstances: { signInRisk: "medium" } },
    from: "Conditional Access: AADSTS50076",
    to: "in",
  },
  {
    fault: "a filter whose attribute the application lacks",
    spoil: ({ policy }) => {
      Object.assign(policy.conditions.applications, {
        includeApplications: [],
        applicationFilter: {
          mode: "include",
          rule: 'CustomSecurityAttribute.AwsFederation_PolicySet -eq "recommended"',
        },
      });
    },
    ...WITHOUT_MFA,
  },
  {
    fault: "certificate not activated",
    spoil: ({ principal }) => {
      principal.preferredTokenSigningKeyThumbprint = null;
    },
    to: "signing certificate: AADSTS50146",
  },
  {
    fault: "certificate activated before AWS has it",
    spoil: async ({ cloud, principal }) => {
      const tenant = cloud.tenant(TENANT);
      const { thumbprint } = await tenant.signingCertificates.add(principal.id, { displayName: "CN=by hand" });
      await tenant.servicePrincipals.update(principal.id, {
        preferredTokenSigningKeyThumbprint: thumbprint,
      });
    },
    to: `signature: ${REFUSALS.signature.code}`,
  },
  {
    fault: "certificate expired",
    spoil: ({ cloud }) => cloud.clock.advance({ days: 3 * 366 }),
    to: "signing certificate: AADSTS50146",
  },
  {
    fault: "metadata of another application",
    spoil: (parts) =>
      republish(parts, () => parts.cloud.account(ONE).samlProviders.get(providerArn(ONE)).samlMetadataDocument),
    to: `signature: ${REFUSALS.signature.code}`,
  },
  {
    fault: "metadata of another tenant",
    spoil: (parts) =>
      republish(parts, (document) => document.replaceAll(TENANT, "11111111-0000-0000-0000-000000000000")),
    to: `issuer: ${REFUSALS.issuer.code}`,
  },
  {
    fault: "claims policy not assigned",
    spoil: ({ principal }) => {
      principal.claimsMappingPolicyIds = [];
    },
    to: `Role: ${REFUSALS.invalidResponse.code}`,
  },
  {
    fault: "claim name in the wrong case",
    spoil: ({ claims }) => edited(claims, 'Attributes/Role"', 'Attributes/role"'),
    to: `Role: ${REFUSALS.invalidResponse.code}`,
  },
  {
    fault: "RoleSessionName missing",
    spoil: ({ claims }) => edited(claims, "Attributes/RoleSessionName", "Attributes/SessionName"),
    to: `RoleSessionName: ${REFUSALS.noSessionName.code}`,
  },
  {
    fault: "RoleSessionName from something unknown",
    spoil: ({ claims }) => edited(claims, '"userprincipalname"', '"extensionattribute1"'),
    to: "claims: cannot tell",
  },
  {
    fault: "session above the role's maximum",
    spoil: ({ claims }) => edited(claims, '"3600"', '"43200"'),
    to: `SessionDuration: ${REFUSALS.tooLong.code}`,
  },
  {
    fault: "session shorter than AWS takes",
    spoil: ({ claims }) => edited(claims, '"3600"', '"60"'),
    to: `SessionDuration: ${REFUSALS.invalidResponse.code}`,
  },
  {
    fault: "typing error in the role's ARN",
    spoil: (parts) => appRole(parts, (value) => value.replace("role/Developer", "role/developer")),
    to: `trust policy: ${REFUSALS.notAuthorized.code}`,
  },
  {
    fault: "typing error in the provider's ARN",
    spoil: (parts) => appRole(parts, (value) => value.replace("MicrosoftEntraID", "MicrosoftEntraId")),
    to: `SAML provider: ${REFUSALS.noProvider.code}`,
  },
  {
    fault: "a claim without a provider",
    spoil: (parts) => appRole(parts, (value) => value.split(",")[0] ?? ""),
    to: `Role: ${REFUSALS.invalidResponse.code}`,
  },
  {
    fault: "provider of another account in the claim",
    spoil: (parts) => appRole(parts, (value) => value.replace(providerArn(TWO), providerArn(ONE))),
    to: `signature: ${REFUSALS.signature.code}`,
  },
  {
    fault: "trust in another provider",
    spoil: (parts) => trust(parts, (text) => text.replace("saml-provider/MicrosoftEntraID", "saml-provider/Other")),
    to: `trust policy: ${REFUSALS.notAuthorized.code}`,
  },
  {
    fault: "trust in another issuer",
    spoil: (parts) => trust(parts, (text) => text.replace(TENANT, "11111111-0000-0000-0000-000000000000")),
    to: `trust policy: ${REFUSALS.notAuthorized.code}`,
  },
  {
    fault: "trust at another endpoint",
    spoil: (parts) => trust(parts, (text) => text.replace(IRELAND, "https://us-west-2.signin.aws.amazon.com/saml")),
    by: { endpoint: IRELAND },
    to: `trust policy: ${REFUSALS.notAuthorized.code}`,
  },
  {
    fault: "trust for another action",
    spoil: (parts) => trust(parts, (text) => text.replace("sts:AssumeRoleWithSAML", "sts:TagSession")),
    to: `trust policy: ${REFUSALS.notAuthorized.code}`,
  },
  {
    fault: "trust with a condition that is not modelled",
    spoil: (parts) =>
      trust(parts, (text) =>
        text.replace('"StringEquals"', '"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"StringEquals"'),
      ),
    to: "trust policy: cannot tell",
  },
  {
    fault: "role deleted",
    spoil: async ({ cloud }) => {
      const { roles } = cloud.account(TWO);
      for (const arn of roles.get("Developer").attachedPolicies) await roles.detachPolicy("Developer", arn);
      await roles.delete("Developer");
    },
    to: `trust policy: ${REFUSALS.notAuthorized.code}`,
  },
  {
    fault: "SAML provider deleted",
    spoil: ({ cloud }) => cloud.account(TWO).samlProviders.delete(providerArn(TWO)),
    to: `SAML provider: ${REFUSALS.noProvider.code}`,
  },
];

describe("one fault in what is deployed changes the verdict:", () => {
  const outcome = async (cloud: Cloud, request: SignIn) => {
    const { outcome, broken } = await signIn(cloud, request);
    return outcome === "in" ? outcome : `${broken?.link}: ${broken?.code ?? broken?.outcome}`;
  };

  test.each(mutations)("$fault -> $to", async ({ spoil, by, from = "in", to }) => {
    const request = { ...anna, ...by };
    expect(await outcome(cloudOf(deployed), request)).toBe(from);
    const { cloud, state } = spoilt();
    await spoil(partsOf(cloud, state));
    expect(await outcome(cloud, request)).toBe(to);
    expect(to).not.toBe(from);
  });

  test("an identifier that is not AWS's leads to an audience that AWS does not take", async () => {
    const { cloud, state } = spoilt();
    const identifier = "https://signin.example.com/saml#1";
    partsOf(cloud, state).application.identifierUris = [identifier];
    const request = {
      ...anna,
      app: { tenantId: TENANT, identifier },
      endpoint: EVERYWHERE,
    };
    expect(await outcome(cloud, request)).toBe(`audience: ${REFUSALS.audience.code}`);
  });

  test("a trust without audience lets in through an endpoint that somebody added in Entra", async () => {
    const endpoint = "https://us-west-2.signin.aws.amazon.com/saml";
    const { cloud, state } = spoilt();
    const parts = partsOf(cloud, state);
    parts.application.web.redirectUris.push(endpoint);
    expect(await outcome(cloud, { ...anna, endpoint })).toBe(`trust policy: ${REFUSALS.notAuthorized.code}`);
    trust(parts, (text) => text.replace(/"SAML:aud":\[[^\]]*\],/, ""));
    expect(await outcome(cloud, { ...anna, endpoint })).toBe("in");
  });

  test("a second SAML provider in the trust policy costs an imported role its claim with the next cycle", async () => {
    const cloud = cloudOf(deployed);
    const request = { ...anna, app: appOf(ONE) };
    const { roles, samlProviders } = cloud.account(ONE);
    const { samlMetadataDocument } = samlProviders.get(providerArn(ONE));
    const second = await samlProviders.create({
      name: "Second",
      samlMetadataDocument,
    });
    const document = roles.get("Developer").assumeRolePolicyDocument;
    const both = document.replace(`"${providerArn(ONE)}"`, `["${providerArn(ONE)}","${second.arn}"]`);
    await roles.updateAssumeRolePolicy("Developer", both);
    expect(await outcome(cloud, request)).toBe("in");
    await importRoles(cloud);
    expect(await outcome(cloud, request)).toBe(`Role: ${REFUSALS.invalidResponse.code}`);
  });

  test("what a role may do follows from its policies", async () => {
    const cloud = cloudOf(deployed);
    const probes = ["s3:GetObject"];
    const allowed = async () => (await signIn(cloud, { ...anna, probes })).sessions[0]?.probes[0]?.outcome;
    expect(await allowed()).toBe("allow");
    await cloud.account(TWO).roles.detachPolicy("Developer", "arn:aws:iam::aws:policy/AmazonS3FullAccess");
    expect(await allowed()).toBe("deny");
  });
});

/** A copy whose state is at hand. */
function spoilt(): { cloud: Cloud; state: CloudState } {
  const state = structuredClone(deployed);
  return { cloud: new Cloud(undefined, state), state };
}

// -- two accounts ----------------------------------------------------------------------------------------------------------------

describe("one account's application opens no other account", () => {
  const claimOfTwo = `${roleArn(TWO, "Administrator")},${providerArn(TWO)}`;

  /** Somebody who may edit account 1's application writes account 2's ARNs into its app roles. */
  function withEditedRole(): Cloud {
    const cloud = cloudOf(deployed);
    const state = cloud.snapshot();
    for (const principal of Object.values(state.tenants[TENANT]?.servicePrincipals ?? {})) {
      for (const role of principal.importedAppRoles) role.value = claimOfTwo;
    }
    return cloudOf(state);
  }

  const shareCertificates = (cloud: Cloud) => {
    const { samlMetadataDocument } = cloud.account(ONE).samlProviders.get(providerArn(ONE));
    return cloud.account(TWO).samlProviders.update(providerArn(TWO), samlMetadataDocument);
  };

  test("with the other account's ARNs as its Role, because the certificates differ, and for no other reason", async () => {
    const cloud = withEditedRole();
    const request = { ...anna, app: appOf(ONE) };
    expect((await signIn(cloud, request)).broken).toMatchObject({
      link: "signature",
      outcome: "refused",
    });
    await shareCertificates(cloud);
    expect((await signIn(cloud, request)).sessions.map(({ title }) => title)).toEqual([
      `Administrator / anna@contoso.onmicrosoft.com / ${TWO}`,
    ]);
  });
});

// -- names that bite -------------------------------------------------------------------------------------------------------------

describe("user names", () => {
  const LONG = `${"a".repeat(65 - "@contoso.onmicrosoft.com".length)}@contoso.onmicrosoft.com`;
  const GUEST = "ext_fabrikam.com#EXT#@contoso.onmicrosoft.com";
  const biting = ["Pat.O'Brien@contoso.onmicrosoft.com", GUEST, LONG];

  async function sessionNames(state: CloudState, names: readonly string[]): Promise<(string | undefined)[]> {
    const cloud = cloudOf(state);
    const found: (string | undefined)[] = [];
    for (const name of names) {
      const person = await addPerson(cloud, name, "AWS-Account2-Developers");
      const { sessions, broken } = await signIn(cloud, { ...anna, person });
      found.push(sessions[0]?.sessionName.replace(person, "object id") ?? broken?.code);
    }
    return found;
  }

  const states = new Map<string, CloudState>();
  /** Account 2 deployed with this option in its file. */
  async function withSessionName(option: string): Promise<CloudState> {
    const known = states.get(option);
    if (known) return known;
    AccountFile.of(deployment.project, "aws-account2").set(["claims"], `{ roleSessionName: "${option}" }`).save();
    await deployment.deploy("aws-account2");
    const state = deployment.bench.cloud.snapshot();
    states.set(option, state);
    return state;
  }

  test("that AWS refuses as session names are cured by both options that say so", async () => {
    expect(LONG).toHaveLength(65);
    const { code } = REFUSALS.badSessionName;
    expect(await sessionNames(deployed, biting)).toEqual([code, code, code]);
    expect(await sessionNames(deployed, [LONG.slice(1)])).toEqual([LONG.slice(1)]);
    expect(await sessionNames(await withSessionName("objectId"), biting)).toEqual(Array(3).fill("object id"));
    expect(
      await sessionNames(await withSessionName("cleanedUserPrincipalName"), [...biting, "x@contoso.onmicrosoft.com"]),
    ).toEqual([
      "Pat.O-Brien@contoso.onmicrosoft.com",
      "ext_fabrikam.com-EXT-@contoso.onmicrosoft.com",
      `${LONG.slice(0, 63)}-`,
      "x@contoso.onmicrosoft.com",
    ]);
  });

  test("that change give another session name, except with the object id", async () => {
    const rename = async (state: CloudState) => {
      const cloud = cloudOf(state);
      const person = await addPerson(cloud, "maiden@contoso.onmicrosoft.com", "AWS-Account2-Developers");
      const name = async () => (await signIn(cloud, { ...anna, person })).sessions[0]?.sessionName;
      const before = await name();
      await cloud.tenant(TENANT).users.update(person, { userPrincipalName: "married@contoso.onmicrosoft.com" });
      return { person, before, after: await name() };
    };
    expect(await rename(deployed)).toMatchObject({
      before: "maiden@contoso.onmicrosoft.com",
      after: "married@contoso.onmicrosoft.com",
    });
    const { person, before, after } = await rename(await withSessionName("objectId"));
    expect([before, after]).toEqual([person, person]);
  });
});

// -- access expectations ---------------------------------------------------------------------------------------------------------

describe("access expectations", () => {
  const broken = (results: Awaited<ReturnType<typeof checkExpectations>>) =>
    results
      .filter(({ holds }) => !holds)
      .map(({ expectation, because }) => `${expectation.person}, ${expectation.mfa}: ${because}`);

  test("hold for both accounts through every sign-in endpoint, and change nothing", async () => {
    const cloud = cloudOf(deployed);
    for (const stack of ["aws-account1", "aws-account2"]) {
      expect(broken(await checkExpectations(cloud, deployment.bench.stack(stack)))).toEqual([]);
    }
    const endpoints = (await checkExpectations(cloud, deployment.bench.stack("aws-account2"))).map(
      (one) => one.endpoint,
    );
    expect([...new Set(endpoints)].sort()).toEqual([IRELAND, EVERYWHERE].sort());
    expect(cloud.snapshot()).toEqual(deployed);
    expect(cloud.journal.mutations).toEqual([]);
  });

  test("say what follows from the configuration, in lines that a reviewer reads", () => {
    const lines = (stack: string) =>
      expectationsOf(deployment.bench.stack(stack)).map(
        ({ person, mfa, expect: expected, role, code }) => `${person}, ${mfa}: ${expected} ${role ?? code}`,
      );
    expect(lines("aws-account1")).toMatchInlineSnapshot(`
      [
        "member of AWS-Account1-Administrators, fido2: in Administrator",
        "member of AWS-Account1-Administrators, none: refused AADSTS50076",
        "member of a group in AWS-Account1-Administrators, fido2: refused AADSTS50105",
        "disabled member of AWS-Account1-Administrators, fido2: refused AADSTS50057",
        "assigned by hand to Administrator, none: in Administrator",
        "member of AWS-Account1-Developers, fido2: in Developer",
        "member of AWS-Account1-Developers, none: refused AADSTS50076",
        "member of a group in AWS-Account1-Developers, fido2: refused AADSTS50105",
        "disabled member of AWS-Account1-Developers, fido2: refused AADSTS50057",
        "assigned by hand to Developer, none: in Developer",
        "outsider, fido2: refused AADSTS50105",
        "emergency account 00000000-0000-0000-0000-0000000000b1 with Administrator, none: in Administrator",
        "emergency account 00000000-0000-0000-0000-0000000000b2 with Administrator, none: in Administrator",
      ]
    `);
    expect(lines("aws-account2").filter((line) => line.startsWith("assigned by hand"))).toEqual([
      "assigned by hand to Administrator, none: refused AADSTS50076",
      "assigned by hand to Developer, none: refused AADSTS50076",
    ]);
  });

  test("before the first cycle of role import nobody gets in, and that is expected", () => {
    expect(broken(pendingRoles)).toEqual([]);
    expect(pendingRoles.map(({ expectation }) => expectation.expect)).not.toContain("in");
    expect(pendingRoles.length).toBeGreaterThan(2);
  });

  test("break where access breaks: members locked out, strangers let in, emergency accounts caught", async () => {
    const stack = deployment.bench.stack("aws-account2");
    const after = async (spoil: (parts: Parts) => unknown) => {
      const { cloud, state } = spoilt();
      await spoil(partsOf(cloud, state));
      return [...new Set(broken(await checkExpectations(cloud, stack)))];
    };
    const locked = await after((parts) => appRole(parts, (value) => value.replace("Developer", "Developr")));
    expect(locked).toContainEqual(expect.stringMatching(/^member of AWS-Account2-Developers, fido2: /));
    const open = await after(({ principal }) => {
      principal.appRoleAssignmentRequired = false;
    });
    expect(open).toContainEqual(expect.stringMatching(/^outsider, fido2: refused: Role/));
    const caught = await after(({ policy }) => {
      policy.conditions.users.excludeUsers = [];
    });
    expect(caught).toContainEqual(
      expect.stringMatching(/^emergency account .*: refused: Conditional Access, AADSTS50076/),
    );
    expect(await after(({ policy }) => (policy.state = "disabled"))).toContain(
      "member of AWS-Account2-Developers, none: in as Developer",
    );
    const deleted = await after((parts) =>
      parts.cloud.tenant(TENANT).groups.delete(groupId(parts, "AWS-Account2-Developers")),
    );
    expect(deleted).toContain("member of AWS-Account2-Developers, fido2: there is no group AWS-Account2-Developers");
  });

  test("of an account that is shut: nobody gets in, and that is expected", async () => {
    const stack = deployment.bench.stack("aws-account2");
    const configuration = structuredClone(stack.configuration) as Record<
      string,
      Record<string, Record<string, object>>
    >;
    for (const principal of Object.values(configuration.resource?.azuread_service_principal ?? {})) {
      Object.assign(principal, { account_enabled: false });
    }
    const { cloud, state } = spoilt();
    partsOf(cloud, state).principal.accountEnabled = false;
    const results = await checkExpectations(cloud, { ...stack, configuration });
    expect(broken(results)).toEqual([]);
    expect([...new Set(results.map(({ expectation }) => expectation.code))]).toEqual(["AADSTS7000112"]);
  });

  test("of a reviewer come from a file beside the stack, in place of the default or beside it", async () => {
    const stack = deployment.bench.stack("aws-account2");
    const file = join(deployment.bench.project, "stacks", "aws-account2.access.json");
    const write = (lines: unknown) => writeFileSync(file, JSON.stringify(lines));
    write([
      {
        person: "outsider",
        mfa: "fido2",
        expect: "in",
        role: "Developer",
        why: "to see it fail",
      },
      {
        person: "user dora@contoso.onmicrosoft.com",
        mfa: "sms",
        expect: "in",
        role: "Administrator, Developer",
        why: "on call",
      },
      {
        ...{ person: "member of AWS-Account2-Developers", mfa: "fido2", with: { client: "legacy" }, expect: "refused" },
        ...{ code: "AADSTS53003", why: "no old protocols" },
      },
    ]);
    const results = await checkExpectations(cloudOf(deployed), stack);
    expect([...new Set(broken(results))]).toEqual([
      expect.stringMatching(/^outsider, fido2: refused: assignment, AADSTS50105/),
    ]);
    expect(results.filter(({ expectation }) => expectation.person === "outsider")).toHaveLength(2);
    for (const [line, problem] of [
      [{ person: "nobody", mfa: "none", expect: "refused", why: "x" }, "entry 1: person is none of"],
      [{ person: "outsider", mfa: "smoke", expect: "refused", why: "x" }, "entry 1: mfa is none of"],
      [{ person: "outsider", mfa: "none", expect: "in", why: "x" }, "entry 1: role belongs to"],
      [{ person: "outsider", mfa: "none", expect: "refused" }, "entry 1: why is missing"],
      [
        { person: "outsider", mfa: "none", with: { signInRisk: "great" }, expect: "refused", why: "x" },
        'entry 1: with: signInRisk "great" is none of none, low, medium, high',
      ],
      [
        { person: "outsider", mfa: "none", with: { weather: "rain" }, expect: "refused", why: "x" },
        "entry 1: with: weather is none of client, location",
      ],
      [
        { person: "outsider", mfa: "none", with: { browserClosed: true }, expect: "refused", why: "x" },
        "entry 1: with: browserClosed is nothing to somebody who signs in just now",
      ],
      [{ person: "outsider", mfa: "none", expect: "refused", session: "x", why: "x" }, "entry 1: session is no list"],
    ] as const) {
      write([line]);
      expect(() => expectationsOf(stack)).toThrow(problem);
    }
    write([]);
  });
});

// -- the command -----------------------------------------------------------------------------------------------------------------

describe("npm run signin", () => {
  const tester = ["--stack", "aws-account1", "--user", "Test-AWSDeveloper"];

  test("shows the chain and ends with 0 only if the person gets in", async () => {
    const entered = await command(...tester);
    expect(entered.text).toContain(`In: Developer / Test-AWSDeveloper@contoso.onmicrosoft.com / ${ONE}`);
    expect(entered.text).toMatch(/deny +iam:CreateUser/);
    expect(entered.code).toBe(0);
    const refused = await command(...tester, "--no-mfa");
    expect(refused.text).toMatch(/^REFUSED +Conditional Access +AADSTS50076: /m);
    expect(refused.text).toContain('README, "When sign-in fails": AADSTS50076');
    expect(refused.code).toBe(1);
    expect((await command(...tester, "--region", "eu-west-1")).text).toContain("AADSTS50011");
    expect((await command(...tester, "--at", "2029-12-01")).text).toContain("AADSTS50146");
    expect((await command(...tester, "--method", "sms", "--role", "Developer")).code).toBe(0);
    const legacy = await command(...tester, "--client", "legacy", "--location", "CH", "--device", "compliant");
    expect(legacy.text).toContain("with fido2, legacy client, CH, compliant device, ");
    expect(legacy.text).toMatch(/^REFUSED +Conditional Access +AADSTS53003: .* which a legacy client cannot show$/m);
    const aged = ["--risk", "low", "--user-risk", "low", "--session-hours", "2", "--browser-closed"];
    expect((await command(...tester, ...aged)).text).toContain(
      "with fido2, sign-in risk low, user risk low, signed in 2 hours ago, browser closed since",
    );
  });

  test("explains itself, and puts in a person of an access expectation", async () => {
    const help = await command("--help");
    expect([help.code, help.text]).toEqual([0, expect.stringContaining("npm run signin -- --stack")]);
    const stranger = await command("--stack", "aws-account1", "--user", "outsider");
    expect([stranger.code, stranger.text]).toEqual([1, expect.stringContaining("AADSTS50105")]);
    const aged = await command(...tester, "--session-hours", "1");
    expect(aged.text).toContain("signed in 1 hour ago");
  });

  test("checks the expectations of a stack, and speaks to programs", async () => {
    expect(pendingCheck).toMatchObject({
      code: 0,
      text: expect.stringContaining("Entra has not imported Developer yet"),
    });
    const checked = await command("--stack", "aws-account1", "--check");
    expect(checked.text).not.toContain("not imported");
    expect(checked.text).toMatch(/\d+ hold, 0 do not/);
    expect(checked.code).toBe(0);
    expect(JSON.parse((await command(...tester, "--json")).text)).toMatchObject({
      outcome: "in",
      steps: expect.any(Array),
    });
  });

  test.each([
    [["--user", "x"], "--stack is missing"],
    [["--stack", "aws-account1"], "--user is missing"],
    [[...tester, "--method", "carrier-pigeon"], "--method carrier-pigeon is none of"],
    [[...tester, "--no-mfa", "--method", "sms"], "exclude each other"],
    [[...tester, "--at", "tomorrow"], "is no date"],
    [[...tester, "--client", "telnet"], '--client "telnet" is none of browser, legacy, device code'],
    [[...tester, "--location", "moon"], '--location "moon" is none of trusted'],
    [[...tester, "--session-hours", "long"], "--session-hours long is no number of hours"],
    [[...tester, "--session-hours", ""], "--session-hours  is no number of hours"],
    [[...tester, "--session-hours", "Infinity"], "--session-hours Infinity is no number of hours"],
    [[...tester, "--risk", "severe"], '--risk "severe" is none of none, low'],
    [[...tester, "--browser-closed"], "--browser-closed is nothing to somebody who signs in just now"],
    [[...tester, "--at", "1"], "--at 1 is no date"],
    [[...tester, "--at", "2001-01-01"], "what is deployed was not there yet"],
    [
      ["--stack", "aws-account1", "--check", "--user", "nobody", "--risk", "high", "--no-mfa"],
      "--check tries every expectation as it is, and takes no ",
    ],
    [["--stack", "aws-account9", "--user", "x"], "there is no stack aws-account9; the project has aws-account1"],
    [["--stack", "aws-account1", "--user", "nobody"], "there is no user nobody"],
    [[...tester, "--role", "Root"], "there is no role Root"],
    [[...tester, "--colour"], "Unknown option"],
  ])("%j is explained", async (words, problem) => {
    const { code, text } = await command(...words);
    expect(text).toContain(problem);
    expect(text).toContain("npm run signin -- --stack");
    expect(code).toBe(2);
  });
});
