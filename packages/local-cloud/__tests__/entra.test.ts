import { createVerify, X509Certificate } from "node:crypto";
import { Clock } from "../cloud/clock";
import { AWS_SINGLE_ACCOUNT_ACCESS, MSIAM_ACCESS } from "../cloud/entra/application-templates";
import type { ConditionalAccessBody } from "../cloud/entra/conditional-access";
import type { AppRole, TenantState } from "../cloud/entra/state";
import { Tenant } from "../cloud/entra/tenant";
import { Journal } from "../cloud/journal";

const TENANT = "11111111-1111-1111-1111-111111111111";
const CALLER = "22222222-2222-2222-2222-222222222222";
const ALICE = "33333333-3333-3333-3333-333333333333";
const CLAIM = "arn:aws:iam::123456789012:role/Developer,arn:aws:iam::123456789012:saml-provider/Entra";
const ROLE = "44444444-4444-4444-4444-444444444444";

let state: TenantState;
let journal: Journal;
let tenant: Tenant;

beforeEach(() => {
  state = Tenant.emptyState(TENANT);
  journal = new Journal(() => undefined);
  tenant = new Tenant(state, { clock: new Clock({ now: "2026-01-01T00:00:00.000Z" }), journal }, () => []);
  tenant.seed({
    callerId: CALLER,
    servicePrincipals: [{ id: CALLER, appId: "55555555-5555-5555-5555-555555555555", displayName: "deploy" }],
    users: [{ id: ALICE, displayName: "Alice", userPrincipalName: "alice@contoso.onmicrosoft.com" }],
  });
});

const role = (change: Partial<AppRole> = {}): AppRole => ({
  id: ROLE,
  value: CLAIM,
  displayName: "Developer",
  description: "Developer",
  isEnabled: true,
  allowedMemberTypes: ["User"],
  ...change,
});

async function awsApp(name = "AWS Account1") {
  const made = await tenant.applicationTemplates.instantiate(AWS_SINGLE_ACCOUNT_ACCESS, name);
  return { ...made, appId: tenant.applications.get(made.applicationId).appId };
}

async function appWithRole() {
  const app = await awsApp();
  const { appRoles } = tenant.applications.get(app.applicationId);
  await tenant.applications.update(app.applicationId, { appRoles: [...appRoles, role()] });
  return app;
}

const newGroup = (displayName: string) =>
  tenant.groups.create({ displayName, mailNickname: "g", securityEnabled: true });

describe("the gallery template", () => {
  test("comes with the presets of AWS Single-Account Access and no certificate", async () => {
    const { applicationId, servicePrincipalId } = await awsApp();

    const application = tenant.applications.get(applicationId);
    expect(application.web.redirectUris).toEqual(["https://signin.aws.amazon.com/saml"]);
    expect(application.web.homePageUrl).toBe("http://aws.amazon.com/");
    expect(application.appRoles.map(({ id, value }) => [id, value])).toEqual([[MSIAM_ACCESS, null]]);
    const principal = tenant.servicePrincipals.get(servicePrincipalId);
    expect(principal.appRoleAssignmentRequired).toBe(true);
    expect(principal.tags).toEqual(["WindowsAzureActiveDirectoryIntegratedApp"]);
    expect(principal.keyCredentials).toEqual([]);
    expect(principal.appRoles).toEqual(application.appRoles);
  });

  test("is the only one", async () => {
    await expect(tenant.applicationTemplates.instantiate(ROLE, "x")).rejects.toMatchObject({ status: 404 });
  });

  test("makes the deploying identity owner", async () => {
    const { applicationId, servicePrincipalId } = await awsApp();
    expect(tenant.applications.get(applicationId).owners).toEqual([CALLER]);
    expect(tenant.servicePrincipals.get(servicePrincipalId).owners).toEqual([CALLER]);
  });
});

describe("an identifier", () => {
  const IDENTIFIER = "https://signin.aws.amazon.com/saml#123456789012";

  test("of a foreign host is refused before SAML mode and taken after", async () => {
    const { applicationId, servicePrincipalId } = await awsApp();
    const set = () => tenant.applications.update(applicationId, { identifierUris: [IDENTIFIER] });

    await expect(set()).rejects.toMatchObject({ code: "HostNameNotOnVerifiedDomain", status: 400 });
    await tenant.servicePrincipals.update(servicePrincipalId, { preferredSingleSignOnMode: "saml" });
    await set();

    expect(tenant.servicePrincipals.get(servicePrincipalId).servicePrincipalNames).toContain(IDENTIFIER);
  });

  test("of a domain of the tenant needs no SAML mode", async () => {
    const { applicationId } = await awsApp();
    await tenant.applications.update(applicationId, { identifierUris: ["https://app.contoso.onmicrosoft.com/x"] });
    await expect(
      tenant.applications.update(applicationId, { identifierUris: ["https://evilcontoso.onmicrosoft.com/x"] }),
    ).rejects.toMatchObject({ code: "HostNameNotOnVerifiedDomain" });
  });

  test("belongs to one application of the tenant", async () => {
    const [one, other] = [await awsApp("one"), await awsApp("other")];
    await tenant.applications.update(one.applicationId, { identifierUris: ["api://same"] });
    await expect(
      tenant.applications.update(other.applicationId, { identifierUris: ["api://same"] }),
    ).rejects.toMatchObject({ code: "Request_MultipleObjectsWithSameKeyValue" });
    await tenant.applications.update(one.applicationId, { identifierUris: ["api://same"] });
  });
});

describe("app roles", () => {
  test("cannot be removed or changed while enabled", async () => {
    const { applicationId } = await appWithRole();
    const update = (appRoles: AppRole[]) => tenant.applications.update(applicationId, { appRoles });
    const [msiam] = tenant.applications.get(applicationId).appRoles;
    if (!msiam) throw new Error("the template has a role");
    const refused = {
      code: "CannotDeleteOrUpdateEnabledEntitlement",
      message: expect.stringContaining("unless disabled first"),
    };

    await expect(update([msiam])).rejects.toMatchObject(refused);
    await expect(update([msiam, role({ value: `${CLAIM}2` })])).rejects.toMatchObject(refused);
    await update([msiam, role({ isEnabled: false })]);
    await update([msiam]);
  });

  test.each([
    ["the same id", [role(), role({ value: "other" })]],
    ["the same value", [role(), role({ id: ALICE })]],
    ["a space in the value", [role({ value: "a, b" })]],
    ["a leading period", [role({ value: ".a" })]],
    ["250 characters", [role({ value: "a".repeat(250) })]],
  ])("are refused with %s", async (_, appRoles) => {
    const { id } = await tenant.applications.create({ displayName: "plain" });
    await expect(tenant.applications.update(id, { appRoles })).rejects.toMatchObject({ code: "Request_BadRequest" });
    expect(tenant.applications.get(id).appRoles).toEqual([]);
  });

  test("cannot be written to the service principal", async () => {
    const { servicePrincipalId } = await awsApp();
    await expect(tenant.servicePrincipals.update(servicePrincipalId, { appRoles: [role()] })).rejects.toThrow(
      "does not match the application object",
    );
  });
});

describe("an assignment", () => {
  test("gives a group a role of the application, once", async () => {
    const { servicePrincipalId: resourceId } = await appWithRole();
    const group = await newGroup("AWS-Account1-Developers");
    const assignment = { appRoleId: ROLE, principalId: group.id, resourceId };

    const made = await tenant.appRoleAssignments.assign(assignment);

    expect(made).toMatchObject({
      principalType: "Group",
      principalDisplayName: group.displayName,
      resourceDisplayName: "AWS Account1",
    });
    await expect(tenant.appRoleAssignments.assign(assignment)).rejects.toThrow("already exists");
    expect(tenant.appRoleAssignments.ofPrincipal(group.id)).toEqual([made]);
  });

  test.each([
    ["a role that is not there", { appRoleId: ALICE }],
    ["no role, although the application has some", { appRoleId: "00000000-0000-0000-0000-000000000000" }],
    ["a service principal, for which the role is not made", { principalId: CALLER }],
  ])("is refused for %s", async (_, change) => {
    const { servicePrincipalId: resourceId } = await appWithRole();
    const body = { appRoleId: ROLE, principalId: ALICE, resourceId, ...change };
    await expect(tenant.appRoleAssignments.assign(body)).rejects.toThrow(
      "Permission being assigned was not found on application",
    );
  });

  test("is refused for a principal that does not exist", async () => {
    const { servicePrincipalId: resourceId } = await appWithRole();
    await expect(
      tenant.appRoleAssignments.assign({ appRoleId: ROLE, principalId: ROLE, resourceId }),
    ).rejects.toMatchObject({ code: "Request_ResourceNotFound", status: 404 });
  });

  test("ends with its group", async () => {
    const { servicePrincipalId: resourceId } = await appWithRole();
    const group = await newGroup("g");
    await tenant.appRoleAssignments.assign({ appRoleId: ROLE, principalId: group.id, resourceId });
    await tenant.groups.delete(group.id);
    expect(tenant.appRoleAssignments.ofResource(resourceId)).toEqual([]);
    expect(tenant.deletedItems()).toMatchObject([{ type: "group", displayName: "g" }]);
  });
});

describe("a signing certificate", () => {
  test("is a real one, and its private key stays inside", async () => {
    const { servicePrincipalId } = await awsApp();
    const added = await tenant.signingCertificates.add(servicePrincipalId, {
      displayName: "CN=AWS Account1",
      endDateTime: "2028-11-30T00:00:00Z",
    });

    const certificate = new X509Certificate(Buffer.from(added.key ?? "", "base64"));
    expect(certificate.subject).toBe("CN=AWS Account1");
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(new Date(certificate.validTo).toISOString()).toBe("2028-11-30T00:00:00.000Z");
    expect(certificate.fingerprint.replaceAll(":", "")).toBe(added.thumbprint);
    const seen = JSON.stringify([
      added,
      tenant.servicePrincipals.list(),
      tenant.signingCertificates.list(servicePrincipalId),
    ]);
    expect(seen).not.toContain("PRIVATE KEY");
    expect(JSON.stringify(state.private)).toContain("PRIVATE KEY");
  });

  test("signs only after it is the preferred one", async () => {
    const { servicePrincipalId } = await awsApp();
    const { thumbprint } = await tenant.signingCertificates.add(servicePrincipalId, {});
    expect(tenant.signingCertificates.sign(servicePrincipalId, Buffer.from("assertion"))).toBeUndefined();

    await tenant.servicePrincipals.update(servicePrincipalId, { preferredTokenSigningKeyThumbprint: thumbprint });

    const signed = tenant.signingCertificates.sign(servicePrincipalId, Buffer.from("assertion"));
    if (!signed) throw new Error("a preferred certificate signs");
    const verify = createVerify("sha256").update("assertion");
    expect(verify.verify(signed.certificate.certificate, signed.signature)).toBe(true);
  });

  test.each([
    ["a name without CN=", { displayName: "AWS" }, "CN="],
    ["more than three years", { endDateTime: "2029-01-02T00:00:00Z" }, "three years"],
    ["an end in the past", { endDateTime: "2025-12-31T00:00:00Z" }, "future"],
  ])("is refused with %s", async (_, body, message) => {
    const { servicePrincipalId } = await awsApp();
    await expect(tenant.signingCertificates.add(servicePrincipalId, body)).rejects.toThrow(message);
    expect(tenant.servicePrincipals.get(servicePrincipalId).keyCredentials).toEqual([]);
  });

  test("takes its private key along when it is removed", async () => {
    const { servicePrincipalId } = await awsApp();
    await tenant.signingCertificates.add(servicePrincipalId, {});
    await tenant.servicePrincipals.update(servicePrincipalId, { keyCredentials: [], passwordCredentials: [] });
    expect(state.private.signingKeys).toEqual({});
  });

  test("has to be known before it can be preferred", async () => {
    const { servicePrincipalId } = await awsApp();
    await expect(
      tenant.servicePrincipals.update(servicePrincipalId, { preferredTokenSigningKeyThumbprint: "A".repeat(40) }),
    ).rejects.toMatchObject({ status: 400 });
  });
});

describe("a claims mapping policy", () => {
  const schema = [
    { Source: "user", ID: "assignedroles", SamlClaimType: "https://aws.amazon.com/SAML/Attributes/Role" },
  ];
  const definition = (policy: unknown) => [JSON.stringify({ ClaimsMappingPolicy: policy })];

  test("is assigned to one enterprise app once", async () => {
    const { servicePrincipalId } = await awsApp();
    const body = {
      displayName: "AWS",
      definition: definition({ Version: 1, IncludeBasicClaimSet: "true", ClaimsSchema: schema }),
    };
    const policy = await tenant.claimsMappingPolicies.create(body);
    await tenant.claimsMappingPolicies.assign(servicePrincipalId, policy.id);
    expect(tenant.claimsMappingPolicies.assignedTo(servicePrincipalId)).toEqual([policy]);
    await expect(tenant.claimsMappingPolicies.assign(servicePrincipalId, policy.id)).rejects.toMatchObject({
      status: 409,
    });
  });

  test.each([
    ["no JSON", ["{"]],
    ["no policy", ["{}"]],
    ["the version in lower case", definition({ version: 1, ClaimsSchema: schema })],
    ["a claim without source", definition({ Version: 1, ClaimsSchema: [{ SamlClaimType: "x" }] })],
    ["a claim without type", definition({ Version: 1, ClaimsSchema: [{ Value: "900" }] })],
  ])("is refused with %s", async (_, wrong) => {
    await expect(tenant.claimsMappingPolicies.create({ displayName: "AWS", definition: wrong })).rejects.toThrow(
      "Property definition has an invalid value",
    );
  });
});

describe("a Conditional Access policy", () => {
  async function body(): Promise<ConditionalAccessBody> {
    const { appId } = await awsApp();
    return {
      displayName: "AWS Console - MFA",
      state: "enabled",
      conditions: {
        applications: {
          includeApplications: [appId],
          excludeApplications: [],
          includeUserActions: [],
          applicationFilter: null,
        },
        users: {
          includeUsers: ["All"],
          excludeUsers: [ALICE],
          includeGroups: [],
          excludeGroups: [],
          includeRoles: [],
          excludeRoles: [],
          includeGuestsOrExternalUsers: null,
          excludeGuestsOrExternalUsers: null,
        },
        clientAppTypes: ["all"],
        transferMethods: null,
        clientApplications: null,
        deviceFilter: null,
        locations: null,
        platforms: null,
        signInRiskLevels: [],
        userRiskLevels: [],
        servicePrincipalRiskLevels: [],
        insiderRiskLevels: null,
      },
      grantControls: {
        operator: "OR",
        builtInControls: ["mfa"],
        customAuthenticationFactors: [],
        termsOfUse: [],
        authenticationStrength: null,
      },
      sessionControls: null,
    };
  }

  test("is taken when it says who enters what and how", async () => {
    const { id } = await tenant.conditionalAccess.create(await body());
    expect(tenant.conditionalAccess.get(id).displayName).toBe("AWS Console - MFA");
  });

  test.each<[string, (policy: ConditionalAccessBody) => void]>([
    ["no client app type", ({ conditions }) => conditions.clientAppTypes.pop()],
    ["nobody included", ({ conditions }) => conditions.users.includeUsers.pop()],
    ["no application", ({ conditions }) => conditions.applications.includeApplications.pop()],
    [
      "application and user action",
      ({ conditions }) => conditions.applications.includeUserActions.push("urn:user:registerdevice"),
    ],
    ["an unknown application", ({ conditions }) => conditions.applications.includeApplications.push(ROLE)],
    ["an unknown group", ({ conditions }) => conditions.users.excludeGroups.push(ROLE)],
    ["an unknown user", ({ conditions }) => conditions.users.excludeUsers.push(ROLE)],
    [
      "mfa and a strength",
      ({ grantControls }) => {
        if (grantControls) grantControls.authenticationStrength = "00000000-0000-0000-0000-000000000004";
      },
    ],
  ])("is refused with %s", async (_, spoil) => {
    const policy = await body();
    spoil(policy);
    await expect(tenant.conditionalAccess.create(policy)).rejects.toMatchObject({ code: "BadRequest", status: 400 });
  });
});

describe("users and groups", () => {
  const bob = {
    displayName: "Bob",
    userPrincipalName: "bob@contoso.onmicrosoft.com",
    mailNickname: "bob",
    accountEnabled: true,
    passwordProfile: { password: "Correct-Horse-1", forceChangePasswordNextSignIn: true },
  };

  test("keep no password", async () => {
    const user = await tenant.users.create(bob);
    expect(user).toMatchObject({ passwordIsSet: true, forceChangePasswordNextSignIn: true });
    expect(JSON.stringify(state)).not.toContain("Correct-Horse-1");
  });

  test.each([
    ["a name that is taken", { userPrincipalName: "ALICE@contoso.onmicrosoft.com" }, "already exists"],
    ["a foreign domain", { userPrincipalName: "bob@example.com" }, "userPrincipalName is invalid"],
    [
      "a weak password",
      { passwordProfile: { password: "password", forceChangePasswordNextSignIn: true } },
      "complexity",
    ],
  ])("refuse %s", async (_, change, message) => {
    await expect(tenant.users.create({ ...bob, ...change })).rejects.toThrow(message);
  });

  test("tell direct groups only, although groups may be nested", async () => {
    const [outer, inner] = [await newGroup("outer"), await newGroup("inner")];
    await tenant.groups.addMember(outer.id, inner.id);
    await tenant.groups.addMember(inner.id, ALICE);
    expect(tenant.groups.directlyContaining(ALICE).map(({ displayName }) => displayName)).toEqual(["inner"]);
    await expect(tenant.groups.addMember(inner.id, ALICE)).rejects.toThrow("already exist");
  });

  test("may share a display name", async () => {
    await newGroup("same");
    await newGroup("same");
    expect(tenant.groups.byDisplayName("same")).toHaveLength(2);
  });

  test("are seeded without a request, apart from each other", () => {
    tenant.seed({
      groups: [
        { id: "a", displayName: "a" },
        { id: "b", displayName: "b" },
      ],
    });
    state.groups.a?.members.push(ALICE);
    expect(state.groups.b?.members).toEqual([]);
    expect(journal.mutations).toEqual([]);
  });
});

describe("deletion", () => {
  test("is soft, and takes the service principal of an application along", async () => {
    const { applicationId, servicePrincipalId } = await awsApp();
    await tenant.applications.delete(applicationId);
    expect(() => tenant.servicePrincipals.get(servicePrincipalId)).toThrow("does not exist");
    expect(tenant.deletedItems().map(({ type }) => type)).toEqual(["application", "servicePrincipal"]);
  });

  describe("of the gallery app, where Graph refuses it", () => {
    let app: Awaited<ReturnType<typeof awsApp>>;
    beforeEach(async () => {
      app = await awsApp();
      await tenant.servicePrincipals.update(app.servicePrincipalId, { preferredSingleSignOnMode: "saml" });
      tenant.scenarios.refuseGalleryAppDeletion = true;
    });
    const refused = { code: "DeletingSamlSpNotAllowed", message: "Property appId is invalid." };

    test("works after an identifier of a verified domain is set", async () => {
      await expect(tenant.applications.delete(app.applicationId)).rejects.toMatchObject(refused);
      await tenant.applications.update(app.applicationId, { identifierUris: ["https://contoso.onmicrosoft.com/aws"] });
      await tenant.applications.delete(app.applicationId);
    });

    test("works after the enterprise app was deleted in the portal", async () => {
      await expect(tenant.servicePrincipals.delete(app.servicePrincipalId)).rejects.toMatchObject(refused);
      tenant.servicePrincipals.deleteInPortal(app.servicePrincipalId);
      await tenant.applications.delete(app.applicationId);
    });
  });
});

test("every request is one entry of the journal, refused ones too", async () => {
  const { applicationId } = await awsApp();
  await expect(tenant.applications.update(applicationId, { identifierUris: ["https://x.example/"] })).rejects.toThrow();
  expect(journal.mutations.map(({ operation, target, outcome }) => [operation, target, outcome])).toEqual([
    ["POST /applicationTemplates/{id}/instantiate", "application AWS Account1", "done"],
    ["PATCH /applications/{id}", "application AWS Account1", "refused"],
  ]);
});

test("what Graph answers is a copy: changing it changes nothing", async () => {
  const { applicationId } = await awsApp();
  tenant.applications.get(applicationId).appRoles.pop();
  tenant.applications.list()[0]?.tags.push("x");
  expect(tenant.applications.get(applicationId)).toMatchObject({ appRoles: [{ id: MSIAM_ACCESS }], tags: [] });
});
