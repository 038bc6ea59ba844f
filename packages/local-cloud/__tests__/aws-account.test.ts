import { Account } from "../cloud/aws/account";
import { validUntil } from "../cloud/aws/saml-providers";
import { Clock } from "../cloud/clock";
import { Journal } from "../cloud/journal";
import { makeCertificate, metadataWith } from "./aws-metadata";

const ID = "111122223333";
const PROVIDER = `arn:aws:iam::${ID}:saml-provider/MicrosoftEntraID`;
const ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess";

function make() {
  const clock = new Clock({ now: "2026-01-02T03:04:05.678Z" });
  const journal = new Journal(() => {});
  const state = Account.emptyState(ID, "aws");
  return { clock, journal, state, account: new Account(state, { clock, journal, others: () => [] }) };
}

const trust = (principal: unknown, statement: object = {}) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: "sts:AssumeRoleWithSAML", ...statement }],
  });
const allow = (action: string | string[], more: object = {}) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: "*", ...more }] });

async function withProvider() {
  const made = make();
  const metadata = metadataWith([await makeCertificate("one")]);
  await made.account.samlProviders.create({ name: "MicrosoftEntraID", samlMetadataDocument: metadata });
  return made;
}

async function withRole() {
  const made = await withProvider();
  await made.account.roles.create({ name: "Developer", assumeRolePolicyDocument: trust({ Federated: PROVIDER }) });
  return made;
}

describe("a SAML provider", () => {
  test("reads issuer and certificates from the metadata, expired ones as well", async () => {
    const { account } = make();
    const certificates = [await makeCertificate("current"), await makeCertificate("past", "2021-01-01")];
    await account.samlProviders.create({ name: "MicrosoftEntraID", samlMetadataDocument: metadataWith(certificates) });
    const provider = account.samlProvider(PROVIDER);
    expect(provider?.metadata.entityId).toBe("https://sts.windows.net/tenant/");
    expect(provider?.metadata.certificates.map(({ subject, value }) => [subject, value])).toEqual([
      ["CN=current", certificates[0]],
      ["CN=past", certificates[1]],
    ]);
    expect(provider?.metadata.certificates[0]?.thumbprint).toMatch(/^[0-9A-F]{40}$/);
    expect(provider && validUntil(provider)).toBe("2126-01-02T03:04:05Z");
  });

  test("reads a document that writes its namespaces with prefixes", async () => {
    const { account } = make();
    const plain = metadataWith([await makeCertificate("one")]);
    const prefixed = plain
      .replace('xmlns="urn:oasis', 'xmlns:md="urn:oasis')
      .replace(/<(\/?)(EntityDescriptor|IDPSSODescriptor|KeyDescriptor|SingleSignOnService)/g, "<$1md:$2");
    await account.samlProviders.create({ name: "MicrosoftEntraID", samlMetadataDocument: prefixed });
    expect(account.samlProvider(PROVIDER)?.metadata.certificates).toHaveLength(1);
  });

  test.each([
    ["999 characters", (text: string) => text.slice(0, 999), /999 characters/],
    ["no XML", (text: string) => text.replace("</IDPSSODescriptor>", ""), /Could not parse metadata.*well-formed/],
    ["another root", (text: string) => text.replaceAll("EntityDescriptor", "Something"), /EntityDescriptor/],
    ["another namespace", (text: string) => text.replace("SAML:2.0:metadata", "SAML:1.1:metadata"), /namespace/],
    ["no issuer", (text: string) => text.replace("entityID", "entityName"), /entityID/],
    ["a service provider's metadata", (text: string) => text.replaceAll("IDPSSO", "SPSSO"), /IDPSSODescriptor/],
    [
      "encryption keys only",
      (text: string) => text.replace('use="signing"', 'use="encryption"'),
      /no signing certificate/,
    ],
    [
      "a broken certificate",
      (text: string) => text.replace("<X509Certificate>MII", "<X509Certificate>AAA"),
      /no X.509/,
    ],
  ])("refuses metadata with %s", async (_, spoil, words) => {
    const { account, journal } = make();
    const document = spoil(metadataWith([await makeCertificate("one")]));
    const refused = account.samlProviders.create({ name: "MicrosoftEntraID", samlMetadataDocument: document });
    await expect(refused).rejects.toMatchObject({ code: "InvalidInput", message: expect.stringMatching(words) });
    expect(journal.mutations).toMatchObject([{ operation: "iam:CreateSAMLProvider", outcome: "refused" }]);
    expect(account.contents()).toEqual([]);
  });

  test("takes 10 keys and refuses 11", async () => {
    const { account } = make();
    const certificate = await makeCertificate("one");
    const create = (name: string, keys: number) =>
      account.samlProviders.create({ name, samlMetadataDocument: metadataWith(Array(keys).fill(certificate)) });
    await create("ten", 10);
    await expect(create("eleven", 11)).rejects.toMatchObject({ code: "LimitExceeded" });
  });

  test("keeps its ARN when the metadata changes", async () => {
    const { account } = await withProvider();
    await account.samlProviders.update(PROVIDER, metadataWith([await makeCertificate("two")]));
    expect(account.samlProvider(PROVIDER)?.metadata.certificates.map(({ subject }) => subject)).toEqual(["CN=two"]);
  });

  test("refuses a second one of the same name, a name with +, and the 101st", async () => {
    const { account } = make();
    const samlMetadataDocument = metadataWith([await makeCertificate("one")]);
    for (let n = 1; n <= 100; n += 1) await account.samlProviders.create({ name: `p${n}`, samlMetadataDocument });
    const create = (name: string) => account.samlProviders.create({ name, samlMetadataDocument });
    await expect(create("p1")).rejects.toMatchObject({ code: "EntityAlreadyExists", status: 409 });
    await expect(create("a+b")).rejects.toMatchObject({ code: "ValidationError" });
    await expect(create("p101")).rejects.toMatchObject({ code: "LimitExceeded" });
  });

  test("can be deleted while roles trust it; afterwards no new role can", async () => {
    const { account } = await withRole();
    await account.samlProviders.delete(PROVIDER);
    expect(account.role(`arn:aws:iam::${ID}:role/Developer`)).toBeDefined();
    await expect(
      account.roles.create({ name: "Other", assumeRolePolicyDocument: trust({ Federated: PROVIDER }) }),
    ).rejects.toMatchObject({ code: "MalformedPolicyDocument" });
    await expect(account.samlProviders.delete(PROVIDER)).rejects.toMatchObject({ code: "NoSuchEntity", status: 404 });
  });
});

describe("a role", () => {
  test("is there under its ARN, path included, with IAM's defaults", async () => {
    const { account } = await withProvider();
    const document = trust({ Federated: PROVIDER });
    await account.roles.create({ name: "Developer", path: "/people/", assumeRolePolicyDocument: document });
    expect(account.role(`arn:aws:iam::${ID}:role/people/Developer`)).toMatchObject({
      id: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      description: null,
      maxSessionDuration: 3600,
      assumeRolePolicyDocument: document,
      createDate: "2026-01-02T03:04:05Z",
    });
  });

  test("refuses a second role of the same name, in any case and path", async () => {
    const { account } = await withRole();
    const again = { name: "DEVELOPER", path: "/other/", assumeRolePolicyDocument: trust({ Federated: PROVIDER }) };
    await expect(account.roles.create(again)).rejects.toMatchObject({ code: "EntityAlreadyExists" });
  });

  test.each([
    ["a name of 65 characters", { name: "a".repeat(65) }, "ValidationError"],
    ["a name with a space", { name: "with space" }, "ValidationError"],
    ["a path without slashes", { path: "people" }, "ValidationError"],
    ["a description of 1,001 characters", { description: "d".repeat(1001) }, "ValidationError"],
    ["a curly quote in the description", { description: "curly ’quote" }, "ValidationError"],
    ["a session under an hour", { maxSessionDuration: 3599 }, "ValidationError"],
    ["a session over 12 hours", { maxSessionDuration: 43201 }, "ValidationError"],
    [
      "a permissions boundary that is not there",
      { permissionsBoundary: `arn:aws:iam::${ID}:policy/Missing` },
      "NoSuchEntity",
    ],
    ["a reserved tag", { tags: { "aws:x": "1" } }, "InvalidInput"],
    ["the same tag in two cases", { tags: { Team: "1", team: "2" } }, "InvalidInput"],
    ["51 tags", { tags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, "v"])) }, "LimitExceeded"],
  ])("refuses %s", async (_, wrong, code) => {
    const { account } = await withProvider();
    const right = { name: "Developer", assumeRolePolicyDocument: trust({ Federated: PROVIDER }) };
    await expect(account.roles.create({ ...right, ...wrong })).rejects.toMatchObject({ code });
    expect(account.roles.list()).toEqual([]);
  });

  test("takes the longest session and the longest name", async () => {
    const { account } = await withProvider();
    const name = "a".repeat(64);
    const assumeRolePolicyDocument = trust({ Federated: PROVIDER });
    await account.roles.create({ name, assumeRolePolicyDocument, maxSessionDuration: 43200 });
    expect(account.roles.get(name).maxSessionDuration).toBe(43200);
  });

  test.each([
    ["no JSON", "{", /invalid Json/],
    ["a federated principal that is not there", trust({ Federated: `${PROVIDER}2` }), /Invalid principal in policy/],
    [
      "another account's SAML provider",
      trust({ Federated: PROVIDER.replace(ID, "444455556666") }),
      /Invalid principal in policy/,
    ],
    ["a role of this account that is not there", trust({ AWS: `arn:aws:iam::${ID}:role/Gone` }), /Invalid principal/],
    ["a federated principal that is no ARN", trust({ Federated: "entra" }), /valid domain names or SAML metadata ARNs/],
    ["no principal", allow("sts:AssumeRoleWithSAML", { Resource: undefined }), /must contain a principal/],
    ["a resource", trust({ Federated: PROVIDER }, { Resource: "*" }), /prohibited field Resource/],
    [
      "an action of another service",
      trust({ Federated: PROVIDER }, { Action: "s3:GetObject" }),
      /STS AssumeRole actions/,
    ],
    [
      "a misspelled action",
      trust({ Federated: PROVIDER }, { Action: "sts:AssumeRoleWithSMAL" }),
      /STS AssumeRole actions/,
    ],
    ["a wrong Effect", trust({ Federated: PROVIDER }, { Effect: "allow" }), /Effect/],
    ["an element IAM does not know", trust({ Federated: PROVIDER }, { Conditions: {} }), /Conditions is no element/],
    ["a wrong Version", trust({ Federated: PROVIDER }).replace("2012", "2013"), /version/],
  ])("refuses a trust policy with %s", async (_, assumeRolePolicyDocument, words) => {
    const { account } = await withProvider();
    await expect(account.roles.create({ name: "Developer", assumeRolePolicyDocument })).rejects.toMatchObject({
      code: "MalformedPolicyDocument",
      message: expect.stringMatching(words),
    });
  });

  test("says of an OpenID Connect provider that it cannot tell", async () => {
    const { account } = make();
    const document = trust({ Federated: `arn:aws:iam::${ID}:oidc-provider/example.com` });
    await expect(account.roles.create({ name: "Deploy", assumeRolePolicyDocument: document })).rejects.toMatchObject({
      code: "NotModelled",
    });
  });

  test("counts a trust policy without white space, up to the account's quota", async () => {
    const { account } = await withProvider();
    const sized = (length: number) => {
      const fill = length - trust({ Federated: PROVIDER }, { Sid: "" }).length;
      return trust({ Federated: PROVIDER }, { Sid: "x".repeat(fill) });
    };
    const create = (name: string, document: string) =>
      account.roles.create({ name, assumeRolePolicyDocument: document });
    await create("Fits", JSON.stringify(JSON.parse(sized(2048)), null, 8));
    await expect(create("TooLong", sized(2049))).rejects.toMatchObject({
      code: "LimitExceeded",
      message: "Cannot exceed quota for ACLSizePerRole: 2048",
    });
    account.raiseQuotas({ trustPolicySize: 4096 });
    await create("Raised", sized(4096));
  });

  test("refuses a trust policy it would refuse at creation also later, and keeps the old one", async () => {
    const { account } = await withRole();
    const before = account.roles.get("Developer").assumeRolePolicyDocument;
    await expect(
      account.roles.updateAssumeRolePolicy("Developer", trust({ Federated: "entra" })),
    ).rejects.toMatchObject({
      code: "MalformedPolicyDocument",
    });
    expect(account.roles.get("Developer").assumeRolePolicyDocument).toBe(before);
  });

  test("takes ten managed policies and refuses the eleventh, until the quota is raised", async () => {
    const { account } = await withRole();
    for (let n = 1; n <= 11; n += 1) await account.policies.create({ name: `p${n}`, document: allow("s3:*") });
    const attach = (n: number) => account.roles.attachPolicy("Developer", `arn:aws:iam::${ID}:policy/p${n}`);
    for (let n = 1; n <= 10; n += 1) await attach(n);
    await attach(10);
    await expect(attach(11)).rejects.toMatchObject({ message: "Cannot exceed quota for PoliciesPerRole: 10" });
    account.raiseQuotas({ attachedPolicies: 11 });
    await attach(11);
    expect(() => account.raiseQuotas({ attachedPolicies: 21 })).toThrow("20 policies");
    expect(account.policies.attachmentCount(`arn:aws:iam::${ID}:policy/p10`)).toBe(1);
  });

  test("refuses a managed policy that AWS has not, and one of another partition", async () => {
    const { account } = await withRole();
    await account.roles.attachPolicy("Developer", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess");
    for (const arn of ["arn:aws:iam::aws:policy/ViewOnlyAccess", "arn:aws-cn:iam::aws:policy/AdministratorAccess"]) {
      await expect(account.roles.attachPolicy("Developer", arn)).rejects.toMatchObject({ code: "NoSuchEntity" });
    }
  });

  test("holds 10,240 characters of inline policies in all", async () => {
    const { account } = await withRole();
    const sized = (length: number) => allow(`s3:${"a".repeat(length - allow("s3:").length)}`);
    await account.roles.putPolicy("Developer", "one", sized(6000));
    await account.roles.putPolicy("Developer", "two", sized(4240));
    await account.roles.putPolicy("Developer", "two", sized(4240));
    await expect(account.roles.putPolicy("Developer", "three", allow("s3:*"))).rejects.toMatchObject({
      code: "LimitExceeded",
      message: "Maximum policy size of 10240 bytes exceeded for role Developer",
    });
  });

  test("cannot be deleted while it holds a policy of either kind", async () => {
    const { account } = await withRole();
    await account.roles.attachPolicy("Developer", ADMINISTRATOR_ACCESS);
    await account.roles.putPolicy("Developer", "inline", allow("s3:*"));
    await expect(account.roles.delete("Developer")).rejects.toMatchObject({ message: /detach all policies/ });
    await account.roles.detachPolicy("Developer", ADMINISTRATOR_ACCESS);
    await expect(account.roles.delete("Developer")).rejects.toMatchObject({ code: "DeleteConflict" });
    await account.roles.deletePolicy("Developer", "inline");
    await account.roles.delete("Developer");
    expect(account.roles.list()).toEqual([]);
  });
});

describe("a managed policy", () => {
  const ARN = `arn:aws:iam::${ID}:policy/Boundary`;

  test.each([
    ["a principal", JSON.parse(allow("s3:*", { Principal: "*" })), /should not specify a principal/],
    ["no action", JSON.parse(allow("s3:*", { Action: undefined })), /must contain actions/],
    ["an action without service", JSON.parse(allow("GetObject")), /prefaced by a vendor/],
    ["no resource", JSON.parse(allow("s3:*", { Resource: undefined })), /must contain resources/],
    ["a resource that is no ARN", JSON.parse(allow("s3:*", { Resource: "bucket" })), /ARN format/],
    [
      "the same Sid twice",
      { Statement: Array(2).fill({ ...JSON.parse(allow("s3:*", { Sid: "a" })).Statement[0] }) },
      /unique/,
    ],
  ])("refuses a document with %s", async (_, document, words) => {
    const { account } = make();
    await expect(
      account.policies.create({ name: "Boundary", document: JSON.stringify(document) }),
    ).rejects.toMatchObject({ code: "MalformedPolicyDocument", message: expect.stringMatching(words) });
  });

  test("keeps five versions and refuses a sixth", async () => {
    const { account } = make();
    await account.policies.create({ name: "Boundary", document: allow("s3:*") });
    for (let n = 2; n <= 5; n += 1) await account.policies.createVersion(ARN, allow(`s3:Get${n}`));
    await expect(account.policies.createVersion(ARN, allow("s3:*"))).rejects.toMatchObject({ code: "LimitExceeded" });
    await account.policies.deleteVersion(ARN, "v2");
    expect((await account.policies.createVersion(ARN, allow("sns:*"))).versionId).toBe("v6");
    expect(account.policies.document(ARN)).toBe(allow("s3:*"));
    await account.policies.setDefaultVersion(ARN, "v6");
    expect(account.policies.document(ARN)).toBe(allow("sns:*"));
  });

  test("cannot be deleted while it bounds somebody, is attached, or has more versions", async () => {
    const { account } = make();
    await account.policies.create({ name: "Boundary", document: allow("s3:*") });
    await account.users.create({ name: "Svc-One", permissionsBoundary: ARN });
    await account.users.attachPolicy("Svc-One", ARN);
    await account.policies.createVersion(ARN, allow("sns:*"));
    const refused = { code: "DeleteConflict" };
    await expect(account.policies.delete(ARN)).rejects.toMatchObject(refused);
    await account.users.deletePermissionsBoundary("Svc-One");
    await expect(account.policies.delete(ARN)).rejects.toMatchObject(refused);
    await account.users.detachPolicy("Svc-One", ARN);
    await expect(account.policies.delete(ARN)).rejects.toMatchObject(refused);
    await account.policies.deleteVersion(ARN, "v2");
    await account.policies.delete(ARN);
    expect(account.policies.list()).toEqual([]);
  });
});

test("a policy that was there before can be attached, and stands in no journal", async () => {
  const { account, journal } = await withRole();
  const requests = journal.mutations.length;
  const arn = `arn:aws:iam::${ID}:policy/team/Boundary`;
  account.policies.seed(arn, allow("s3:*"));
  account.policies.seed(arn, allow("sns:*"));
  expect(journal.mutations).toHaveLength(requests);
  expect(account.policies.get(arn)).toMatchObject({ name: "Boundary", path: "/team/" });
  expect(account.policies.document(arn)).toBe(allow("s3:*"));
  await account.roles.putPermissionsBoundary("Developer", arn);
  expect(() => account.policies.seed(arn.replace(ID, "444455556666"), allow("s3:*"))).toThrow(
    "no policy of this account",
  );
});

describe("an access key", () => {
  async function withKey(document = allow("iam:ListRoles")) {
    const made = await withRole();
    await made.account.users.create({ name: "Svc-Provisioning" });
    await made.account.users.putPolicy("Svc-Provisioning", "AzureAD_SSOUserRole_Policy", document);
    return { ...made, key: await made.account.users.createAccessKey("Svc-Provisioning") };
  }
  const listing = ({ account, key }: Awaited<ReturnType<typeof withKey>>, secret = key.secretAccessKey) =>
    account.listRolesAs(key.accessKeyId, secret);

  test("lists the roles, and its use is noted", async () => {
    const made = await withKey();
    made.clock.advance({ minutes: 40 });
    expect(listing(made)).toEqual([
      {
        arn: `arn:aws:iam::${ID}:role/Developer`,
        roleName: "Developer",
        path: "/",
        assumeRolePolicyDocument: trust({ Federated: PROVIDER }),
      },
    ]);
    expect(made.account.users.get("Svc-Provisioning").accessKeys[0]?.lastUsed).toEqual({
      date: "2026-01-02T03:44:05Z",
      serviceName: "iam",
    });
  });

  test("keeps its secret out of the store", async () => {
    const { key, state } = await withKey();
    expect(key.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(key.secretAccessKey).toHaveLength(40);
    expect(JSON.stringify(state)).toContain(key.accessKeyId);
    expect(JSON.stringify(state)).not.toContain(key.secretAccessKey);
  });

  test("does nothing with a wrong secret, inactive, deleted or unknown", async () => {
    const made = await withKey();
    const code = (run: () => unknown) => {
      try {
        return run();
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(code(() => listing(made, `${made.key.secretAccessKey.slice(1)}x`))).toBe("SignatureDoesNotMatch");
    await made.account.users.updateAccessKey("Svc-Provisioning", made.key.accessKeyId, "Inactive");
    expect(code(() => listing(made))).toBe("InvalidClientTokenId");
    await made.account.users.deleteAccessKey("Svc-Provisioning", made.key.accessKeyId);
    expect(made.account.ownsAccessKey(made.key.accessKeyId)).toBe(false);
    expect(code(() => listing(made))).toBe("InvalidClientTokenId");
    expect(code(() => Account.refuseUnknownKey())).toBe("InvalidClientTokenId");
  });

  test.each([
    ["another action", allow("iam:ListUsers"), "no statement allows it"],
    [
      "a Deny beside the Allow",
      JSON.stringify({
        Statement: [
          { Effect: "Allow", Action: "iam:*", Resource: "*" },
          { Effect: "Deny", NotAction: "iam:Get*", Resource: "*" },
        ],
      }),
      "a statement denies it",
    ],
    ["a resource that fits no role", allow("iam:ListRoles", { Resource: `arn:aws:iam::${ID}:user/*` }), "no statement"],
    [
      "a condition nobody can decide",
      allow("iam:ListRoles", { Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }),
      "cannot tell",
    ],
  ])("is denied with %s", async (_, document, words) => {
    const made = await withKey(document);
    expect(() => listing(made)).toThrow(
      expect.objectContaining({ code: "AccessDenied", message: expect.stringContaining(words) }),
    );
  });

  test.each([
    ["iam:List*", "*"],
    ["IAM:listroles", `arn:aws:iam::${ID}:role/*`],
    ["*", "*"],
  ])("is let through by %s on %s", async (action, resource) => {
    expect(listing(await withKey(allow(action, { Resource: resource })))).toHaveLength(1);
  });

  test("is bound by a permissions boundary", async () => {
    const made = await withKey();
    await made.account.users.putPermissionsBoundary("Svc-Provisioning", "arn:aws:iam::aws:policy/AmazonS3FullAccess");
    expect(() => listing(made)).toThrow(/permissions boundary/);
    await made.account.users.putPermissionsBoundary("Svc-Provisioning", ADMINISTRATOR_ACCESS);
    expect(listing(made)).toHaveLength(1);
  });

  test("is refused as a third, and its user stays while it is there", async () => {
    const { account, key } = await withKey();
    const second = await account.users.createAccessKey("Svc-Provisioning");
    await expect(account.users.createAccessKey("Svc-Provisioning")).rejects.toMatchObject({ code: "LimitExceeded" });
    await account.users.deletePolicy("Svc-Provisioning", "AzureAD_SSOUserRole_Policy");
    await expect(account.users.delete("Svc-Provisioning")).rejects.toMatchObject({ message: /access keys/ });
    for (const { accessKeyId } of [key, second]) await account.users.deleteAccessKey("Svc-Provisioning", accessKeyId);
    await account.users.delete("Svc-Provisioning");
    expect(account.users.list()).toEqual([]);
  });

  test("survives the renaming of its user", async () => {
    const made = await withKey();
    await made.account.users.update("Svc-Provisioning", { name: "Svc-Renamed", path: "/svc/" });
    expect(made.account.users.find("Svc-Provisioning")).toBeUndefined();
    expect(made.account.users.get("Svc-Renamed").arn).toBe(`arn:aws:iam::${ID}:user/svc/Svc-Renamed`);
    expect(listing(made)).toHaveLength(1);
  });
});

test("an account is known again from its stored state alone", async () => {
  const { account, state, clock, journal } = await withRole();
  const again = new Account(JSON.parse(JSON.stringify(state)), { clock, journal, others: () => [] });
  expect(again.contents()).toEqual(account.contents());
  expect(again.contents()).toEqual([PROVIDER, `arn:aws:iam::${ID}:role/Developer`]);
  expect(again.samlProvider(PROVIDER)).toEqual(account.samlProvider(PROVIDER));
});

test("a fault before an operation leaves nothing, a fault after it leaves the object", async () => {
  const { account, journal } = await withProvider();
  const create = () =>
    account.roles.create({ name: "Developer", assumeRolePolicyDocument: trust({ Federated: PROVIDER }) });
  journal.inject({ nth: 1, when: "before" });
  await expect(create()).rejects.toThrow("injected fault");
  expect(account.roles.list()).toHaveLength(0);
  journal.inject({ nth: 1, when: "after" });
  await expect(create()).rejects.toThrow("injected fault");
  expect(account.roles.list()).toHaveLength(1);
});
