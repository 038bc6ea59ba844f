import { Cloud } from "../cloud/cloud";
import { Engine } from "../provider/engine";
import { PluginServer } from "../provider/server";
import * as aws from "../provider/types/aws";
import { isBlock } from "../provider/types/aws/attributes";
import { tagsOf } from "../provider/types/aws/tags";
import type { Attributes } from "../provider/values";
import { makeCertificate, metadataWith } from "./aws-metadata";
import { Workspace } from "./support";

jest.setTimeout(120_000);

const ID = "111122223333";
const PROVIDER = `arn:aws:iam::${ID}:saml-provider/MicrosoftEntraID`;
const ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess";

let cloud: Cloud;
let server: PluginServer;
let workspace: Workspace;
let metadata: string;

const account = () => cloud.account(ID);

beforeAll(async () => {
  metadata = metadataWith([await makeCertificate("one")]);
});

beforeEach(async () => {
  cloud = new Cloud();
  server = await PluginServer.start([
    new Engine({
      source: "registry.terraform.io/hashicorp/aws",
      ...aws,
      connect: ({ default_tags: blocks }) => {
        const [block] = Array.isArray(blocks) ? blocks : [];
        return {
          account: account(),
          region: "eu-west-1",
          defaultTags: isBlock(block ?? null) ? tagsOf((block as Attributes).tags) : {},
        };
      },
    }),
  ]);
  workspace = new Workspace(server.reattach);
});

afterEach(() => {
  server.stop();
  workspace.remove();
});

const trust = (more: object = {}) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Federated: PROVIDER }, Action: "sts:AssumeRoleWithSAML", ...more }],
});
const allow = (action: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: action, Resource: "*" }],
});

type Resources = Record<string, Record<string, Record<string, unknown>>>;

async function write(resource: Resources, defaultTags?: Record<string, string>): Promise<void> {
  workspace.write({
    terraform: { required_providers: { aws: { source: "hashicorp/aws", version: "6.25.0" } } },
    provider: {
      aws: {
        region: "eu-west-1",
        allowed_account_ids: [ID],
        ...(defaultTags && { default_tags: [{ tags: defaultTags }] }),
      },
    },
    resource,
  });
}

/** Deploys and holds the second plan to "no changes". */
async function deploy(resource: Resources, defaultTags?: Record<string, string>): Promise<string> {
  await write(resource, defaultTags);
  const applied = await workspace.apply();
  expect(applied).toMatchObject({ code: 0 });
  expect(await workspace.plan()).toMatchObject({ code: 0 });
  return applied.out;
}

const provider = () => ({
  aws_iam_saml_provider: { entra: { name: "MicrosoftEntraID", saml_metadata_document: metadata } },
});
const role = (more: object = {}) => ({
  ...provider(),
  aws_iam_role: {
    developer: {
      name: "Developer",
      assume_role_policy: JSON.stringify(trust()),
      depends_on: ["aws_iam_saml_provider.entra"],
      ...more,
    },
  },
});

/** Everything the federation puts into an account. */
const federation = (): Resources => ({
  ...role({ description: "Entered with Microsoft Entra ID", max_session_duration: 7200, tags: { Team: "platform" } }),
  aws_iam_role_policy_attachment: {
    developer: { role: "${aws_iam_role.developer.name}", policy_arn: "arn:aws:iam::aws:policy/AmazonS3FullAccess" },
  },
  aws_iam_role_policy: {
    developer: { name: "logs", role: "${aws_iam_role.developer.name}", policy: JSON.stringify(allow("logs:*")) },
  },
  aws_iam_role_policy_attachments_exclusive: {
    developer: {
      role_name: "${aws_iam_role.developer.name}",
      policy_arns: ["${aws_iam_role_policy_attachment.developer.policy_arn}"],
    },
  },
  aws_iam_role_policies_exclusive: {
    developer: {
      role_name: "${aws_iam_role.developer.name}",
      policy_names: ["${aws_iam_role_policy.developer.name}"],
    },
  },
  aws_iam_policy: {
    list: {
      name: "AzureAD_SSOUserRole_Policy",
      policy: JSON.stringify(allow("iam:ListRoles")),
      description: "Lists roles",
    },
  },
  aws_iam_user: { provisioning: { name: "Svc-Provisioning" } },
  aws_iam_user_policy_attachment: {
    provisioning: { user: "${aws_iam_user.provisioning.name}", policy_arn: "${aws_iam_policy.list.arn}" },
  },
  aws_iam_user_policy_attachments_exclusive: {
    provisioning: {
      user_name: "${aws_iam_user.provisioning.name}",
      policy_arns: ["${aws_iam_user_policy_attachment.provisioning.policy_arn}"],
    },
  },
  aws_iam_access_key: { k1: { user: "${aws_iam_user.provisioning.name}" } },
});

test("deploys the federation's part of an account, plans no changes, and leaves nothing after destroy", async () => {
  await deploy(federation(), { ManagedBy: "terraform" });
  expect(account().roles.get("Developer")).toMatchObject({
    description: "Entered with Microsoft Entra ID",
    maxSessionDuration: 7200,
    attachedPolicies: ["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
    inlinePolicies: { logs: JSON.stringify(allow("logs:*")) },
    tags: { ManagedBy: "terraform", Team: "platform" },
  });
  const { secret, id } = await workspace.state("aws_iam_access_key.k1");
  expect(account().listRolesAs(String(id), String(secret))).toHaveLength(1);
  expect(await workspace.destroy()).toMatchObject({ code: 0 });
  expect(account().contents()).toEqual([]);
});

test("never shows the secret of an access key", async () => {
  const out = await deploy(federation());
  const { secret } = await workspace.state("aws_iam_access_key.k1");
  expect(String(secret)).toHaveLength(40);
  expect(out).not.toContain(secret);
});

test("imports what is there by the provider's own ids, after which nothing changes", async () => {
  await deploy(federation());
  const key = String((await workspace.state("aws_iam_access_key.k1")).id);
  const before = account().contents();
  const ids: Record<string, string> = {
    "aws_iam_saml_provider.entra": PROVIDER,
    "aws_iam_role.developer": "Developer",
    "aws_iam_role_policy_attachment.developer": "Developer/arn:aws:iam::aws:policy/AmazonS3FullAccess",
    "aws_iam_role_policy.developer": "Developer:logs",
    "aws_iam_role_policy_attachments_exclusive.developer": "Developer",
    "aws_iam_role_policies_exclusive.developer": "Developer",
    "aws_iam_policy.list": `arn:aws:iam::${ID}:policy/AzureAD_SSOUserRole_Policy`,
    "aws_iam_user_policy_attachment.provisioning": `Svc-Provisioning/arn:aws:iam::${ID}:policy/AzureAD_SSOUserRole_Policy`,
    "aws_iam_user_policy_attachments_exclusive.provisioning": "Svc-Provisioning",
    "aws_iam_access_key.k1": key,
  };
  for (const [address, id] of Object.entries(ids)) {
    expect(await workspace.run("state", "rm", address)).toMatchObject({ code: 0 });
    expect(await workspace.import(address, id)).toMatchObject({ code: 0 });
  }
  expect(await workspace.plan()).toMatchObject({ code: 0 });
  expect(account().contents()).toEqual(before);
});

test("refuses to import what is not there or not an id", async () => {
  await write(federation());
  expect((await workspace.import("aws_iam_role.developer", "Developer")).out).toMatch(/non-existent remote object/);
  expect((await workspace.import("aws_iam_role_policy_attachment.developer", "Developer")).out).toMatch(
    /unexpected format of ID/,
  );
  expect((await workspace.import("aws_iam_access_key.k1", "AKIAUNKNOWN")).out).toMatch(/no user has it/);
});

test("updates metadata in place and keeps the ARN", async () => {
  await deploy(role());
  metadata = metadataWith([await makeCertificate("one"), await makeCertificate("two")]);
  const out = await deploy(role());
  expect(out).toContain("1 changed, 0 destroyed");
  expect(account().samlProvider(PROVIDER)?.metadata.certificates).toHaveLength(2);
});

test("updates a role in place where the provider does", async () => {
  await deploy(role({ tags: { Team: "platform", Old: "1" } }));
  const { unique_id: before } = await workspace.state("aws_iam_role.developer");
  const out = await deploy(
    role({
      description: "changed",
      max_session_duration: 43200,
      permissions_boundary: ADMINISTRATOR_ACCESS,
      assume_role_policy: JSON.stringify(trust({ Sid: "SignIn" })),
      tags: { Team: "identity" },
    }),
  );
  expect(out).toContain("0 added, 1 changed, 0 destroyed");
  expect(account().roles.get("Developer")).toMatchObject({
    id: before,
    description: "changed",
    maxSessionDuration: 43200,
    permissionsBoundary: ADMINISTRATOR_ACCESS,
    tags: { Team: "identity" },
  });
  await deploy(role());
  expect(account().roles.get("Developer")).toMatchObject({
    permissionsBoundary: null,
    maxSessionDuration: 3600,
    tags: {},
  });
});

test.each([
  ["name", { name: "Developers" }],
  ["path", { path: "/people/" }],
])("replaces a role whose %s changes", async (attribute, change) => {
  await deploy(role());
  await write(role(change));
  const { out } = await workspace.plan();
  expect(out).toMatch(new RegExp(`${attribute} +=.*# forces replacement`));
  expect(out).toContain("1 to add, 0 to change, 1 to destroy");
});

test("plans no change for a deployed policy that is only written another way", async () => {
  await deploy(role());
  await write(role({ assume_role_policy: JSON.stringify(trust(), null, 2) }));
  expect(await workspace.plan()).toMatchObject({ code: 0 });
});

describe("a policy written another way", () => {
  const written = JSON.stringify(trust({ Condition: { StringEquals: { "SAML:aud": ["b", "a"] } } }));
  const reordered = {
    Statement: {
      Condition: { StringEquals: { "SAML:aud": ["a", "b"] } },
      Action: ["sts:AssumeRoleWithSAML"],
      Principal: { Federated: [PROVIDER] },
      Effect: "Allow",
    },
    Version: "2012-10-17",
  };
  const planFor = (policy: object) => {
    const planned: Attributes = { assume_role_policy: JSON.stringify(policy, null, 2), tags_all: {} };
    const prior = { assume_role_policy: written, tags_all: {} };
    aws.resources.aws_iam_role?.plan?.(
      { account: account(), region: "eu-west-1", defaultTags: {} },
      { config: planned, prior, planned },
    );
    return planned.assume_role_policy;
  };

  test("is no change", () => {
    expect(planFor(reordered)).toBe(written);
  });

  test.each([
    ["audience", { Condition: { StringEquals: { "SAML:aud": ["a", "c"] } } }],
    ["operator", { Condition: { StringLike: { "SAML:aud": ["a", "b"] } } }],
    ["effect", { Effect: "Deny" }],
    ["principal", { Principal: { Federated: [`${PROVIDER}2`] } }],
    ["condition gone", { Condition: undefined }],
  ])("is one with another %s", (_, change) => {
    const policy = { ...reordered, Statement: { ...reordered.Statement, ...change } };
    expect(planFor(policy)).toBe(JSON.stringify(policy, null, 2));
  });
});

test("sees what somebody changed by hand, and puts it right", async () => {
  await deploy(federation());
  const other = JSON.stringify(trust({ Condition: { StringEquals: { "SAML:aud": "https://example.com" } } }));
  await account().roles.updateAssumeRolePolicy("Developer", other);
  await account().roles.attachPolicy("Developer", ADMINISTRATOR_ACCESS);
  await account().roles.deletePolicy("Developer", "logs");
  const { code, out } = await workspace.plan();
  expect(code).toBe(2);
  expect(out).toContain("aws_iam_role.developer will be updated in-place");
  expect(out).toContain("aws_iam_role_policy_attachments_exclusive.developer will be updated in-place");
  expect(out).toContain("aws_iam_role_policy.developer will be created");
  await deploy(federation());
  expect(account().roles.get("Developer")).toMatchObject({
    assumeRolePolicyDocument: JSON.stringify(trust()),
    attachedPolicies: ["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
    inlinePolicies: { logs: JSON.stringify(allow("logs:*")) },
  });
});

test("makes again what somebody deleted by hand", async () => {
  await deploy(provider());
  await account().samlProviders.delete(PROVIDER);
  expect((await workspace.plan()).out).toContain("aws_iam_saml_provider.entra will be created");
});

test("shows default tags in the plan and keeps them out of the role's own", async () => {
  await write(role({ tags: { Team: "platform" } }), { ManagedBy: "terraform" });
  expect((await workspace.plan()).out).toMatch(/tags_all +=[^}]*"ManagedBy" = "terraform"\s+\+ "Team" +=/);
  await deploy(role({ tags: { Team: "platform" } }), { ManagedBy: "terraform" });
  const { tags, tags_all } = await workspace.state("aws_iam_role.developer");
  expect([tags, tags_all]).toEqual([{ Team: "platform" }, { ManagedBy: "terraform", Team: "platform" }]);
  await deploy(role({ tags: { Team: "platform" } }), { ManagedBy: "cdktf" });
  expect(account().roles.get("Developer").tags).toEqual({ ManagedBy: "cdktf", Team: "platform" });
});

test("follows the deprecated inline_policy and managed_policy_arns where they are used", async () => {
  const inline = (name: string) => ({ name, policy: JSON.stringify(allow("logs:*")) });
  await deploy(role({ inline_policy: [inline("one"), inline("two")], managed_policy_arns: [ADMINISTRATOR_ACCESS] }));
  expect(Object.keys(account().roles.get("Developer").inlinePolicies).sort()).toEqual(["one", "two"]);
  await deploy(role({ inline_policy: [inline("two")], managed_policy_arns: [] }));
  expect(account().roles.get("Developer")).toMatchObject({ attachedPolicies: [] });
  expect(Object.keys(account().roles.get("Developer").inlinePolicies)).toEqual(["two"]);
});

test("renames a user in place and keeps its keys", async () => {
  const user = (name: string): Resources => ({
    aws_iam_user: { one: { name, force_destroy: true } },
    aws_iam_access_key: {
      k1: { user: "Svc-One", depends_on: ["aws_iam_user.one"], lifecycle: { ignore_changes: ["user"] } },
    },
  });
  await deploy({ aws_iam_user: { one: { name: "Svc-One" } } });
  await account().users.createAccessKey("Svc-One");
  expect(await deploy({ aws_iam_user: { one: { name: "Svc-Two" } } })).toContain("0 added, 1 changed, 0 destroyed");
  expect(account().users.get("Svc-Two").accessKeys).toHaveLength(1);
  expect((await workspace.destroy()).out).toContain("must delete access keys first");
  await deploy({ aws_iam_user: { one: { ...user("Svc-Two").aws_iam_user?.one } } });
  expect(await workspace.destroy()).toMatchObject({ code: 0 });
});

test("makes a key inactive in place", async () => {
  const key = (status: string): Resources => ({
    aws_iam_user: { one: { name: "Svc-One" } },
    aws_iam_access_key: { k1: { user: "${aws_iam_user.one.name}", status } },
  });
  await deploy(key("Active"));
  expect(await deploy(key("Inactive"))).toContain("1 changed, 0 destroyed");
  expect(account().users.get("Svc-One").accessKeys).toMatchObject([{ status: "Inactive" }]);
});

test("keeps five versions of a policy at most, the newest in force", async () => {
  const policy = (n: number): Resources => ({
    aws_iam_policy: { one: { name: "Boundary", policy: JSON.stringify(allow(`s3:Get${n}`)) } },
  });
  for (let n = 1; n <= 7; n += 1) await deploy(policy(n));
  const held = account().policies.get(`arn:aws:iam::${ID}:policy/Boundary`);
  expect(held.versions.map(({ versionId }) => versionId)).toEqual(["v3", "v4", "v5", "v6", "v7"]);
  expect(held.defaultVersionId).toBe("v7");
  expect(await workspace.destroy()).toMatchObject({ code: 0 });
});

test("makes a name from name_prefix, once", async () => {
  await deploy({ aws_iam_policy: { one: { name_prefix: "Boundary-", policy: JSON.stringify(allow("s3:*")) } } });
  expect(
    account()
      .policies.list()
      .map(({ name }) => name),
  ).toEqual([expect.stringMatching(/^Boundary-\d{18}[0-9a-f]{8}$/)]);
});

test("clears away at destroy what the refresh found on the role, as the provider does", async () => {
  await deploy(role());
  await account().roles.putPolicy("Developer", "by-hand", JSON.stringify(allow("s3:*")));
  await account().roles.attachPolicy("Developer", ADMINISTRATOR_ACCESS);
  expect(await workspace.plan()).toMatchObject({ code: 0 });
  expect((await workspace.run("plan", "-destroy", "-out=destroy.plan")).code).toBe(0);
  expect(await workspace.run("apply", "destroy.plan")).toMatchObject({ code: 0 });
  expect(account().contents()).toEqual([]);
});

test("fails to destroy a role that got a policy after the refresh, unless told to force it", async () => {
  const late = () => account().roles.putPolicy("Developer", "late", JSON.stringify(allow("s3:*")));
  const destroyLate = async () => {
    await workspace.run("plan", "-destroy", "-out=destroy.plan");
    await late();
    return workspace.run("apply", "-no-color", "destroy.plan");
  };
  await deploy(role());
  expect((await destroyLate()).out).toContain("DeleteConflict: Cannot delete entity, must delete policies first.");
  await account().roles.deletePolicy("Developer", "late");
  await deploy(role({ force_detach_policies: true }));
  expect(await destroyLate()).toMatchObject({ code: 0 });
});

test("takes the role away again when its inline policy is refused", async () => {
  await deploy(provider());
  const policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "logs", Resource: "*" }],
  });
  await write(role({ inline_policy: [{ name: "broken", policy }] }));
  expect((await workspace.apply()).out).toContain("MalformedPolicyDocument");
  expect(account().roles.list()).toEqual([]);
});

test.each<[string, () => Resources, RegExp]>([
  ["a trust policy that is no JSON", () => role({ assume_role_policy: "{" }), /contains an invalid JSON/],
  ["name and name_prefix", () => role({ name_prefix: "D" }), /conflicts with name_prefix/],
  ["a role name of 65 characters", () => role({ name: "a".repeat(65) }), /has 65 characters, it takes 1 to 64/],
  ["a session under an hour", () => role({ max_session_duration: 3599 }), /is 3599, it takes 3600 to 43200/],
  ["curly quotes in a description", () => role({ description: "“x”" }), /specially formatted/],
  ["a boundary that is no ARN", () => role({ permissions_boundary: "Boundary" }), /invalid ARN/],
  [
    "short metadata",
    () => ({ aws_iam_saml_provider: { entra: { name: "MicrosoftEntraID", saml_metadata_document: "<a/>" } } }),
    /has 4 characters, it takes 1000 to 10000000/,
  ],
  [
    "an ARN as role of an inline policy",
    () => ({ aws_iam_role_policy: { one: { name: "x", role: `arn:aws:iam::${ID}:role/x`, policy: "{}" } } }),
    /must be the role's name not its ARN/,
  ],
  [
    "a policy ARN without path",
    () => ({ aws_iam_role_policy_attachment: { one: { role: "x", policy_arn: "AdministratorAccess" } } }),
    /invalid ARN/,
  ],
  [
    "an unknown key status",
    () => ({ aws_iam_access_key: { one: { user: "x", status: "Off" } } }),
    /takes Active or Inactive/,
  ],
  [
    "a PGP key",
    () => ({ aws_iam_access_key: { one: { user: "x", pgp_key: "keybase:x" } } }),
    /not part of the local cloud/,
  ],
  ["a user name with a space", () => ({ aws_iam_user: { one: { name: "a b" } } }), /must only contain alphanumeric/],
])("refuses %s before anything is made", async (_, resources, words) => {
  await write(resources());
  const { code, out } = await workspace.validate();
  expect(code).toBe(1);
  expect(out.replace(/\s+/g, " ")).toMatch(words);
});

test("refuses at apply what only IAM can know, in IAM's words", async () => {
  const { aws_iam_role } = role();
  await write({ aws_iam_role: { developer: { ...aws_iam_role.developer, depends_on: [] } } });
  const { code, out } = await workspace.apply();
  expect(code).toBe(1);
  expect(out.replace(/\s+/g, " ")).toContain(
    `aws_iam_role: MalformedPolicyDocument: Invalid principal in policy: "Federated":"${PROVIDER}"`,
  );
});
