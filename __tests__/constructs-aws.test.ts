import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamSamlProvider } from "@cdktf/provider-aws/lib/iam-saml-provider";
import { IamUser } from "@cdktf/provider-aws/lib/iam-user";
import type { TerraformStack } from "cdktf";
import { FederatedRole, type FederatedRoleProps } from "../constructs/aws/federated-role";
import { ProvisioningUser, type ProvisioningUserProps } from "../constructs/aws/provisioning-user";
import { SamlProvider, type SamlProviderProps } from "../constructs/aws/saml-provider";
import { addresses, synthScope } from "./support/synth";

const account = { partition: "aws", accountId: "210987654321" } as const;
const metadata = "x".repeat(1_000);

describe("SamlProvider", () => {
  const make = (stack: TerraformStack, props: Partial<SamlProviderProps> = {}) =>
    new SamlProvider(stack, "Provider", { account, metadata, ...props });

  test("is an IAM identity provider named MicrosoftEntraID, with the metadata and an ARN known beforehand", () => {
    let arn = "";
    const { json, errors } = synthScope((stack) => {
      arn = make(stack).arn;
    });
    expect(arn).toBe("arn:aws:iam::210987654321:saml-provider/MicrosoftEntraID");
    expect(Object.values(json.resource?.["aws_iam_saml_provider"] ?? {})).toEqual([
      { name: "MicrosoftEntraID", saml_metadata_document: metadata },
    ]);
    expect(errors).toEqual([]);
  });

  test("takes another name, and another partition", () => {
    synthScope((stack) => {
      const provider = make(stack, { name: "Entra.2_b-c", account: { ...account, partition: "aws-us-gov" } });
      expect(provider.arn).toBe("arn:aws-us-gov:iam::210987654321:saml-provider/Entra.2_b-c");
      expect(provider.resource.nameInput).toBe("Entra.2_b-c");
    });
    expect(SamlProvider.arnOf({ ...account, partition: "aws-cn" })).toBe(
      "arn:aws-cn:iam::210987654321:saml-provider/MicrosoftEntraID",
    );
  });

  test("checks before it writes the metadata, if there is something to check", () => {
    const { json } = synthScope((stack) => {
      make(stack, { preconditions: [{ condition: "${true}", errorMessage: "no" }] });
    });
    expect(Object.values(json.resource?.["aws_iam_saml_provider"] ?? {})[0]).toMatchObject({
      lifecycle: { precondition: [{ condition: "${true}", error_message: "no" }] },
    });
  });

  test("leads to its L1", () => {
    const { json } = synthScope((stack) => {
      const { resource } = make(stack);
      expect(resource).toBeInstanceOf(IamSamlProvider);
      resource.tags = { Team: "Identity" };
    });
    expect(Object.values(json.resource?.["aws_iam_saml_provider"] ?? {})[0]).toMatchObject({
      tags: { Team: "Identity" },
    });
  });
});

describe("FederatedRole", () => {
  /** One role in a stack, and what came of it. */
  function role(
    props: Partial<FederatedRoleProps> = {},
    touch: (role: FederatedRole, stack: TerraformStack) => void = () => {},
  ) {
    const provider = { account: props.account ?? account, metadata };
    const synthesized = synthScope((stack) => {
      const made = new FederatedRole(stack, "Developer", {
        account,
        provider: new SamlProvider(stack, "Provider", provider),
        audiences: ["https://signin.aws.amazon.com/saml"],
        ...props,
      });
      touch(made, stack);
    });
    const bodies = (type: string) => Object.values(synthesized.json.resource?.[type] ?? {});
    return { ...synthesized, role: bodies("aws_iam_role")[0], bodies };
  }
  const policiesOf = (props: Partial<FederatedRoleProps>) =>
    role(props)
      .bodies("aws_iam_role_policy_attachment")
      .map(({ policy_arn }) => policy_arn);

  test("lasts an hour, says what it is, and waits for the provider, which its trust policy names without a reference", () => {
    expect(role().role).toEqual({
      name: "Developer",
      path: "/",
      description: "Developer, entered with Microsoft Entra ID",
      assume_role_policy: expect.any(String),
      max_session_duration: 3600,
      depends_on: [expect.stringMatching(/^aws_iam_saml_provider\./)],
    });
  });

  test("has these policies and no other: what is attached by hand goes with the next deploy", () => {
    const inlinePolicies = { logs: { Version: "2012-10-17", Statement: [] } } as const;
    const { bodies } = role({ policies: ["ReadOnlyAccess"], inlinePolicies });
    expect(bodies("aws_iam_role_policy_attachments_exclusive").map(({ policy_arns }) => policy_arns)).toEqual([
      [expect.stringMatching(/^\$\{aws_iam_role_policy_attachment\..*\.policy_arn\}$/)],
    ]);
    expect(bodies("aws_iam_role_policies_exclusive").map(({ policy_names }) => policy_names)).toEqual([
      [expect.stringMatching(/^\$\{aws_iam_role_policy\..*\.name\}$/)],
    ]);
    const bare = role({ policies: [] });
    expect(bare.bodies("aws_iam_role_policy_attachments_exclusive").map(({ policy_arns }) => policy_arns)).toEqual([
      [],
    ]);
  });

  test("has the trust policy of its provider, endpoints and issuer", () => {
    const { role: body } = role({ audiences: ["https://a", "https://b"], issuer: "https://i/" });
    expect(JSON.parse(String(body?.["assume_role_policy"]))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: "arn:aws:iam::210987654321:saml-provider/MicrosoftEntraID" },
          Action: "sts:AssumeRoleWithSAML",
          Condition: { StringEquals: { "SAML:aud": ["https://a", "https://b"], "SAML:iss": "https://i/" } },
        },
      ],
    });
  });

  test("attaches AWS managed policies by short name, with their path, and any by ARN", () => {
    expect(
      policiesOf({
        policies: ["AmazonS3FullAccess", "job-function/ViewOnlyAccess", "arn:aws:iam::999999999999:policy/shared/Logs"],
        customerPolicies: ["team/ReadBuckets"],
      }),
    ).toEqual(
      expect.arrayContaining([
        "arn:aws:iam::aws:policy/AmazonS3FullAccess",
        "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
        "arn:aws:iam::999999999999:policy/shared/Logs",
        "arn:aws:iam::210987654321:policy/team/ReadBuckets",
      ]),
    );
  });

  test("attaches the policies of its own partition", () => {
    const govCloud = { ...account, partition: "aws-us-gov" } as const;
    expect(policiesOf({ account: govCloud, policies: ["ReadOnlyAccess"], customerPolicies: ["Own"] })).toEqual(
      expect.arrayContaining([
        "arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess",
        "arn:aws-us-gov:iam::210987654321:policy/Own",
      ]),
    );
  });

  test("attaches a policy whose ARN Terraform knows later", () => {
    const { json, errors } = synthScope((stack) => {
      const policy = new IamPolicy(stack, "policy", { policy: "{}" });
      policy.overrideLogicalId("own");
      const provider = new SamlProvider(stack, "Provider", { account, metadata });
      new FederatedRole(stack, "Developer", { account, provider, audiences: ["https://a"], policies: [policy.arn] });
    });
    const attached = Object.values(json.resource?.["aws_iam_role_policy_attachment"] ?? {});
    expect(attached.map(({ policy_arn }) => policy_arn)).toEqual(["${aws_iam_policy.own.arn}"]);
    expect(errors).toEqual([]);
  });

  test("takes inline policies, and keeps IAM's variables in them", () => {
    const statement = { Effect: "Allow", Action: "s3:*", Resource: "arn:aws:s3:::home/${aws:username}" } as const;
    const { bodies } = role({ inlinePolicies: { Home: { Version: "2012-10-17", Statement: [statement] } } });
    expect(bodies("aws_iam_role_policy")).toEqual([
      {
        name: "Home",
        role: expect.stringMatching(/^\$\{aws_iam_role\..*\.name\}$/),
        lifecycle: { replace_triggered_by: [expect.stringMatching(/^aws_iam_role\..*\.id$/)] },
        policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] })
          .split("${")
          .join("$${"),
      },
    ]);
  });

  test("takes path, boundary, session, description and tags", () => {
    const { role: body, errors } = role({
      path: "/teams/data/",
      permissionsBoundary: "arn:aws:iam::210987654321:policy/Boundary",
      maxSessionDurationSec: 43_200,
      description: "Reads data",
      tags: { Team: "Data" },
    });
    expect(body).toMatchObject({
      path: "/teams/data/",
      permissions_boundary: "arn:aws:iam::210987654321:policy/Boundary",
      max_session_duration: 43_200,
      description: "Reads data",
      tags: { Team: "Data" },
    });
    expect(errors).toEqual([]);
  });

  test("knows its ARN and its claim beforehand, path and all", () => {
    role({ path: "/teams/data/" }, (made) => {
      expect(made.arn).toBe("arn:aws:iam::210987654321:role/teams/data/Developer");
      expect(made.claim).toBe(`${made.arn},arn:aws:iam::210987654321:saml-provider/MicrosoftEntraID`);
    });
  });

  test("is complete with all its policies: whoever waits for it waits for them", () => {
    const inlinePolicies = { Own: { Version: "2012-10-17", Statement: [] } } as const;
    role({ policies: ["ReadOnlyAccess"], customerPolicies: ["a", "b"], inlinePolicies }, (made) => {
      expect(made.complete).toHaveLength(5);
      expect(made.complete[0]).toBe(made.resource);
    });
  });

  test("leads to its L1", () => {
    const { role: body } = role({}, ({ resource }) => {
      expect(resource).toBeInstanceOf(IamRole);
      resource.forceDetachPolicies = true;
    });
    expect(body).toMatchObject({ force_detach_policies: true });
  });
});

describe("ProvisioningUser", () => {
  function user(props: Partial<ProvisioningUserProps> = {}, touch: (user: ProvisioningUser) => void = () => {}) {
    const { json, errors } = synthScope((stack) => {
      touch(new ProvisioningUser(stack, "User", { userName: "Svc-Import", accessKeys: { active: "k1" }, ...props }));
    });
    return { json, errors, bodies: (type: string) => Object.values(json.resource?.[type] ?? {}) };
  }

  test("may list roles, and nothing else", () => {
    const { bodies } = user();
    expect(bodies("aws_iam_user")).toMatchObject([
      {
        name: "Svc-Import",
        path: "/",
        // Under another name its key would stay in force unseen.
        lifecycle: { ignore_changes: ["name"], postcondition: [{ condition: '${self.name == "Svc-Import"}' }] },
      },
    ]);
    expect(bodies("aws_iam_user")[0]).not.toHaveProperty("permissions_boundary");
    expect(bodies("aws_iam_policy")).toHaveLength(1);
    expect(bodies("aws_iam_policy")[0]).toMatchObject({ name: "AzureAD_SSOUserRole_Policy" });
    expect(JSON.parse(String(bodies("aws_iam_policy")[0]?.["policy"]))).toEqual({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "iam:ListRoles", Resource: "*" }],
    });
    expect(bodies("aws_iam_user_policy_attachment")).toEqual([
      {
        user: expect.stringMatching(/^\$\{aws_iam_user\..*\.name\}$/),
        policy_arn: expect.stringMatching(/^\$\{aws_iam_policy\..*\.arn\}$/),
      },
    ]);
  });

  test("may do nothing that is granted by hand", () => {
    const { resource } = user().json;
    expect(Object.values(resource?.["aws_iam_user_policies_exclusive"] ?? {})[0]).toMatchObject({ policy_names: [] });
    expect(Object.values(resource?.["aws_iam_user_policy_attachments_exclusive"] ?? {})[0]).toMatchObject({
      policy_arns: [expect.stringMatching(/^\$\{aws_iam_user_policy_attachment\./)],
    });
  });

  test("has no console access and belongs to no group", () => {
    const types = addresses(user().json).map((address) => address.split(".")[0]);
    expect([...new Set(types)].sort()).toEqual([
      "aws_iam_access_key",
      "aws_iam_policy",
      "aws_iam_user",
      "aws_iam_user_policies_exclusive",
      "aws_iam_user_policy_attachment",
      "aws_iam_user_policy_attachments_exclusive",
    ]);
  });

  test("has one key, or two while they change places; each is made before the other goes", () => {
    const key = { user: expect.any(String), lifecycle: { create_before_destroy: true } };
    expect(user().bodies("aws_iam_access_key")).toEqual([key]);
    expect(user({ accessKeys: { active: "k1", standby: "k2" } }).bodies("aws_iam_access_key")).toEqual([key, key]);
  });

  test("uses the active key, whichever it is; a swap of the two names changes no key", () => {
    const ring = (active: string, standby: string) => {
      let activeKey = "";
      const { json } = user({ accessKeys: { active, standby } }, (made) => {
        activeKey = made.activeKey.node.id;
      });
      return { activeKey, keys: json.resource?.["aws_iam_access_key"] };
    };
    expect(ring("k1", "k2").activeKey).toBe("k1");
    expect(ring("k2", "k1").activeKey).toBe("k2");
    expect(ring("k2", "k1").keys).toEqual(ring("k1", "k2").keys);
  });

  test.each([
    ["64 characters", `Svc-${"x".repeat(60)}`, 0],
    ["65 characters", `Svc-${"x".repeat(61)}`, 1],
    ["nothing behind Svc-", "Svc-", 1],
    ["a lower-case svc-", "svc-import", 1],
  ])("judges a name of %s", (_, userName, problems) => {
    expect(user({ userName }).errors).toHaveLength(problems);
  });

  test("tells the age of each key, and which one is in use", () => {
    user({ accessKeys: { active: "k2", standby: "k1" } }, ({ keys }) => {
      const created = (key: string) => `\${${keys.all.get(key)?.fqn}.create_date}`;
      const due = (key: string) => `\${timeadd(${keys.all.get(key)?.fqn}.create_date, "2160h")}`;
      expect(keys.ages).toEqual({
        k2: { active: true, created: created("k2"), rotate_by: due("k2") },
        k1: { active: false, created: created("k1"), rotate_by: due("k1") },
      });
    });
  });

  test("can keep its active key in Secrets Manager, under the account's key or a customer's", () => {
    const kmsKey = "arn:aws:kms:eu-west-1:210987654321:key/1234";
    expect(user().bodies("aws_secretsmanager_secret")).toEqual([]);
    expect(user({ store: "secretsManager" }).bodies("aws_secretsmanager_secret")).toEqual([
      {
        name: "iam/Svc-Import",
        description: "Active access key of the IAM user Svc-Import",
        kms_key_id: "alias/aws/secretsmanager",
      },
    ]);
    const { bodies, errors } = user({ accessKeys: { active: "k2", standby: "k1" }, store: { kmsKey } });
    expect(errors).toEqual([]);
    expect(bodies("aws_secretsmanager_secret")[0]).toMatchObject({ kms_key_id: kmsKey });
    const [version] = bodies("aws_secretsmanager_secret_version");
    expect(version?.["secret_string"]).toMatch(
      /^\$\{jsonencode\(\{"accessKeyId" = aws_iam_access_key\.User_k2_\w+\.id, "secretAccessKey" = aws_iam_access_key\.User_k2_\w+\.secret\}\)\}$/,
    );
  });

  test("refuses a key alias where it needs the ARN of a key", () => {
    expect(user({ store: { kmsKey: "alias/keys" } }).errors).toEqual([
      "[stack/User] store.kmsKey is 'alias/keys', Secrets Manager takes the ARN of a key here; copy it from KMS > Customer managed keys",
    ]);
  });

  test("leads to its L1", () => {
    const { bodies } = user({}, ({ resource }) => {
      expect(resource).toBeInstanceOf(IamUser);
      resource.permissionsBoundary = "arn:aws:iam::210987654321:policy/Boundary";
    });
    expect(bodies("aws_iam_user")[0]).toMatchObject({ permissions_boundary: expect.any(String) });
  });
});
