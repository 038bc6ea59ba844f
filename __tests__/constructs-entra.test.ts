import { Application } from "@cdktf/provider-azuread/lib/application";
import { ConditionalAccessPolicy } from "@cdktf/provider-azuread/lib/conditional-access-policy";
import { Group } from "@cdktf/provider-azuread/lib/group";
import { User } from "@cdktf/provider-azuread/lib/user";
import { appRoleId } from "../constructs/claims";
import { declared, imported, withdrawn } from "../constructs/entra/app-roles";
import { AWS_SINGLE_ACCOUNT_ACCESS, EnterpriseApp, type EnterpriseAppProps } from "../constructs/entra/enterprise-app";
import type { MfaOptions } from "../constructs/entra/mfa-policy";
import { TestUser } from "../constructs/entra/test-users";
import { parseMetadata } from "./support/saml-metadata";
import { blocksOf } from "./support/stack-json";
import { type AccountChanges, type AccountUnderTest, at, ids, synthAccount, synthScope } from "./support/synth";

const importing: AccountChanges = {
  appRoles: imported({ accessKeys: { active: "k1" } }),
  roles: { Administrator: { policies: ["AdministratorAccess"] }, Developer: { policies: ["AmazonS3FullAccess"] } },
};
const body = (address: string, changes?: AccountChanges, below?: (stack: AccountUnderTest) => void) =>
  at(synthAccount(changes, below).json, address);
const typesOf = (changes: AccountChanges) =>
  new Set(blocksOf(synthAccount(changes).json).map(({ address }) => address.replace(/\.[^.]+$/, "")));

describe("EnterpriseApp", () => {
  const application = "azuread_application.enterprise_app";
  const principal = "azuread_service_principal.enterprise_app";
  const identifierUri = "azuread_application_identifier_uri.enterprise_app";

  test("is AWS Single-Account Access from the gallery, under a name of its own", () => {
    expect(body(application)).toMatchObject({
      template_id: AWS_SINGLE_ACCOUNT_ACCESS,
      display_name: "AWS Fabrikam Payments 210987654321",
      prevent_duplicate_names: true,
      web: { homepage_url: "http://aws.amazon.com/" },
    });
    expect(AWS_SINGLE_ACCOUNT_ACCESS).toBe("8b1025e4-1dd2-430b-a150-2ef79cd700f5");
  });

  test("says everything about its service principal, which adoption would otherwise reset", () => {
    expect(body(principal)).toEqual({
      client_id: "${azuread_application.enterprise_app.client_id}",
      use_existing: true,
      owners: [ids.deployer],
      app_role_assignment_required: true,
      preferred_single_sign_on_mode: "saml",
      notification_email_addresses: ["identity@fabrikam.example"],
      feature_tags: [{ enterprise: true, gallery: true, custom_single_sign_on: false, hide: false }],
    });
  });

  test("gets its identifier after the service principal is in SAML mode, from a resource of its own", () => {
    expect(body(identifierUri)).toEqual({
      application_id: "${azuread_application.enterprise_app.id}",
      identifier_uri: "https://signin.aws.amazon.com/saml#210987654321",
      depends_on: [principal],
    });
    expect(body(application)).toMatchObject({ lifecycle: { ignore_changes: ["identifier_uris"] } });
  });

  test("has the sign-in endpoints as reply URLs, none with the # of the identifier", () => {
    const { redirect_uris } = body(application, { regions: ["eu-west-1", "us-west-2"] })["web"] as Record<
      string,
      unknown
    >;
    expect(redirect_uris).toEqual([
      "https://signin.aws.amazon.com/saml",
      "https://eu-west-1.signin.aws.amazon.com/saml",
      "https://us-west-2.signin.aws.amazon.com/saml",
    ]);
  });

  test("declares its app roles beside the gallery's own", () => {
    const claim =
      "arn:aws:iam::210987654321:role/Administrator,arn:aws:iam::210987654321:saml-provider/MicrosoftEntraID";
    const role = { allowed_member_types: ["User"], enabled: true };
    expect(body(application)["app_role"]).toEqual([
      {
        ...role,
        id: "7dfd756e-8c27-4472-b2b7-38c17fc5de5e",
        display_name: "msiam_access",
        description: "msiam_access",
      },
      {
        ...role,
        id: appRoleId(claim),
        display_name: "Administrator,MicrosoftEntraID",
        description: "Administrator,MicrosoftEntraID",
        value: claim,
      },
    ]);
  });

  test("leaves the app roles to Entra when it imports them, and declares none", () => {
    expect(body(application, importing)["app_role"]).toEqual([
      expect.objectContaining({ display_name: "msiam_access" }),
    ]);
    expect(body(application, importing)).toMatchObject({
      lifecycle: { ignore_changes: ["identifier_uris", "app_role"] },
    });
  });

  test("keeps app role ids that are there already", () => {
    const changes = { appRoles: declared({ keepRoleIds: { Administrator: ids.group } }) };
    expect(body(application, changes)["app_role"]).toContainEqual(expect.objectContaining({ id: ids.group }));
    expect(body("azuread_app_role_assignment.administrator_group", changes)["app_role_id"]).toBe(ids.group);
  });

  test("lists owners and e-mail addresses in one order, however they are typed", () => {
    const organization = {
      owners: [ids.otherDeployer, ids.deployer],
      notificationEmails: ["b@fabrikam.example", "a@fabrikam.example"],
    };
    expect(body(application, { organization })["owners"]).toEqual([ids.deployer, ids.otherDeployer]);
    expect(body(principal, { organization })["owners"]).toEqual([ids.deployer, ids.otherDeployer]);
    expect(body(principal, { organization })["notification_email_addresses"]).toEqual([
      "a@fabrikam.example",
      "b@fabrikam.example",
    ]);
  });

  test("sends people to the console of a region when asked to", () => {
    expect(body(principal)["saml_single_sign_on"]).toBeUndefined();
    expect(body(principal, { landingRegion: "eu-central-1" })["saml_single_sign_on"]).toEqual({
      relay_state: "https://eu-central-1.console.aws.amazon.com/console/home?region=eu-central-1",
    });
  });

  test("takes another homepage, and leads to its L1", () => {
    const props: EnterpriseAppProps = {
      displayName: "AWS",
      identifier: "https://signin.aws.amazon.com/saml#210987654321",
      replyUrls: ["https://signin.aws.amazon.com/saml"],
      owners: [ids.deployer],
      notificationEmails: [],
      appRoles: [],
      homepageUrl: "https://fabrikam.example/aws",
    };
    const { json } = synthScope((stack) => {
      const { resource } = new EnterpriseApp(stack, "App", props);
      expect(resource).toBeInstanceOf(Application);
      resource.notes = "Ask identity@fabrikam.example";
    });
    expect(Object.values(json.resource?.["azuread_application"] ?? {})[0]).toMatchObject({
      web: { homepage_url: "https://fabrikam.example/aws" },
      notes: "Ask identity@fabrikam.example",
    });
  });
});

describe("SamlSignOn", () => {
  const two = {
    signing: { active: "c2026", certificates: { c2026: "2028-11-30", c2028: "2029-06-30" } },
  };
  const certificate = (name: string) =>
    `azuread_service_principal_token_signing_certificate.signing_certificate_${name}`;

  test("has a signing certificate for each name, with its own address, subject and end", () => {
    expect(body(certificate("c2028"), two)).toEqual({
      service_principal_id: "${azuread_service_principal.enterprise_app.id}",
      display_name: "CN=AWS Fabrikam Payments 210987654321 c2028",
      end_date: "2029-06-30T00:00:00Z",
      // Two are never deleted at once, and the newest first: the provider picks by position.
      depends_on: [certificate("c2026")],
      lifecycle: {
        ignore_changes: ["display_name", "end_date"],
        postcondition: [
          {
            condition: '${timecmp(self.end_date, "2029-06-30T00:00:00Z") == 0}',
            error_message: expect.stringContaining("A certificate keeps its date."),
          },
          {
            condition: `\${timecmp(self.start_date, ${certificate("c2026")}.start_date) >= 0}`,
            error_message: expect.stringContaining("list the certificates in the order in which they were made"),
          },
        ],
      },
    });
    expect(body(certificate("c2026"), two)).not.toHaveProperty("depends_on");
  });

  test("gives AWS every certificate of the ring, in its order, under the tenant's issuer and sign-in address", () => {
    const xml = String(body("aws_iam_saml_provider.saml_provider", two)["saml_metadata_document"]);
    const { entityId, signingCertificates, singleSignOn } = parseMetadata(xml);
    expect(entityId).toBe(`https://sts.windows.net/${ids.tenant}/`);
    expect(signingCertificates).toEqual(
      ["c2026", "c2028"].map((name) => `\${nonsensitive(${certificate(name)}.value)}`),
    );
    expect(new Set(singleSignOn.map(({ location }) => location))).toEqual(
      new Set([`https://login.microsoftonline.com/${ids.tenant}/saml2`]),
    );
  });

  test("activates the active certificate once AWS has the metadata", () => {
    const activation = (active: string) =>
      body("msgraph_update_resource.sign_on_activation", { signing: { ...two.signing, active } });
    expect(activation("c2028")).toEqual({
      url: "servicePrincipals/${azuread_service_principal.enterprise_app.object_id}",
      body: { preferredTokenSigningKeyThumbprint: `\${${certificate("c2028")}.thumbprint}` },
      depends_on: ["aws_iam_saml_provider.saml_provider"],
    });
    expect(activation("c2026")["body"]).toEqual({
      preferredTokenSigningKeyThumbprint: `\${${certificate("c2026")}.thumbprint}`,
    });
  });

  test("leaves activation to a person when asked to, and then needs no msgraph at all", () => {
    const { json } = synthAccount({ signing: { ...two.signing, activation: "manual" } });
    expect(JSON.stringify(json)).not.toContain("msgraph");
    expect(at(json, "aws_iam_saml_provider.saml_provider")["lifecycle"]).toBeUndefined();
  });

  const preconditions = (changes: AccountChanges) =>
    (body("aws_iam_saml_provider.saml_provider", changes)["lifecycle"] as { precondition: { condition: string }[] })
      .precondition;

  test("stops a plan while Entra signs with a certificate that the metadata would not have", () => {
    const [signsWith] = preconditions(two);
    expect(signsWith?.condition).toBe(
      "${alltrue([for t in data.msgraph_resource.sign_on_signing_now.output.thumbprints : contains([" +
        `upper(${certificate("c2026")}.thumbprint), upper(${certificate("c2028")}.thumbprint)` +
        "], upper(t)) if t != null])}",
    );
  });

  test("stops a plan that would delete a certificate which is neither in the ring nor retired", () => {
    const [, left] = preconditions({ signing: { ...two.signing, retired: ["c2024"] } });
    expect(left?.condition).toContain('contains(["c2026", "c2028", "c2024"], regex(');
    // Names of company and account may have been others; the account id has not.
    const ours = /regex\("([^"]+)", n\)/.exec(left?.condition ?? "")?.[1] ?? "";
    const ringName = (subject: string) => new RegExp(ours).exec(subject)?.[1];
    expect(ringName("CN=AWS Northwind Billing 210987654321 c2020")).toBe("c2020");
    expect(ringName("CN=AWS Fabrikam Payments 999999999999 c2020")).toBeUndefined();
    expect(ringName("CN=Microsoft Azure Federated SSO Certificate")).toBeUndefined();
  });

  test("looks at plan time, by the identifier, and waits for no resource", () => {
    const data = body("data.msgraph_resource.sign_on_signing_now", two);
    expect(data).toEqual({
      url: "servicePrincipals",
      query_parameters: {
        $filter: ["servicePrincipalNames/any(n:n eq 'https://signin.aws.amazon.com/saml#210987654321')"],
        $select: ["id,displayName,preferredTokenSigningKeyThumbprint,keyCredentials"],
      },
      response_export_values: {
        names: "value[].displayName",
        thumbprints: "value[].preferredTokenSigningKeyThumbprint",
        certificates: "value[].keyCredentials[].displayName",
      },
    });
  });

  test("has Terraform forget retired certificates, all in one list, each once, and none deleted", () => {
    const removed = (retired?: string[]) =>
      (synthAccount({ signing: { ...two.signing, ...(retired ? { retired } : {}) } }).json as { removed?: unknown })
        .removed;
    const forget = (name: string) => ({ from: certificate(name), lifecycle: { destroy: false } });
    expect(removed(["c2025", "c2024", "c2025"])).toEqual([forget("c2024"), forget("c2025")]);
    expect(removed([])).toBeUndefined();
    expect(removed()).toBeUndefined();
  });

  test("assigns its claims after the certificates, without which Entra refuses sign-ins", () => {
    expect(body("azuread_service_principal_claims_mapping_policy_assignment.sign_on_claims_assignment", two)).toEqual({
      service_principal_id: "${azuread_service_principal.enterprise_app.id}",
      claims_mapping_policy_id: "${azuread_claims_mapping_policy.sign_on_claims.id}",
      depends_on: [certificate("c2026"), certificate("c2028")],
    });
  });

  test("asks for sessions of an hour under the user principal name, or for what is chosen", () => {
    const definition = (changes: AccountChanges) =>
      String(body("azuread_claims_mapping_policy.sign_on_claims", changes)["definition"]);
    expect(definition({})).toContain('"ID":"userprincipalname"');
    expect(definition({})).toContain('"Value":"3600"');
    const chosen = definition({ claims: { roleSessionName: "objectId", sessionDurationSec: 900 } });
    expect(chosen).toContain('"ID":"objectid"');
    expect(chosen).toContain('"Value":"900"');
  });

  test("leads to its L1s", () => {
    synthAccount(two, ({ signOn }) => {
      expect([...signOn.certificates.keys()]).toEqual(["c2026", "c2028"]);
      expect(signOn.certificates.get("c2028")?.displayNameInput).toContain("c2028");
    });
  });
});

describe("RoleGroup", () => {
  const group = "azuread_group.administrator_group";
  const assignment = "azuread_app_role_assignment.administrator_group";

  test("is a security group of the account and the role, owned by the deploy identities", () => {
    expect(body(group)).toEqual({
      display_name: "AWS-Payments-Administrators",
      description: "Members sign in to the AWS account Payments (210987654321) as Administrator",
      security_enabled: true,
      owners: [ids.deployer],
      prevent_duplicate_names: true,
    });
  });

  test.each([
    ["Administrator", "AWS-Payments-Administrators"],
    ["Policy", "AWS-Payments-Policies"],
    ["Key", "AWS-Payments-Keys"],
    ["Bus", "AWS-Payments-Buses"],
    ["Batch", "AWS-Payments-Batches"],
    ["Box", "AWS-Payments-Boxes"],
  ])("of the role %s is named %s", (role, name) => {
    const { json } = synthAccount({ roles: { [role]: {} } });
    expect(Object.values(json.resource?.["azuread_group"] ?? {})[0]).toMatchObject({ display_name: name });
  });

  test("takes a name of its own, or a group that is there and stays as it is", () => {
    expect(body(group, { roles: { Administrator: { group: { name: "Cloud-Admins" } } } })["display_name"]).toBe(
      "Cloud-Admins",
    );
    const { json } = synthAccount({ roles: { Administrator: { group: { existing: ids.group } } } });
    expect(json.resource?.["azuread_group"]).toBeUndefined();
    expect(at(json, assignment)["principal_object_id"]).toBe(ids.group);
  });

  test("may be called by a name where it is there already, which changes nothing but a local value that nothing refers to", () => {
    const existing = { existing: ids.group };
    const named = synthAccount({ roles: { Administrator: { group: { ...existing, name: "Platform admins" } } } }).json;
    const unnamed = synthAccount({ roles: { Administrator: { group: existing } } }).json;
    expect(unnamed.locals).toBeUndefined();
    expect(named).toEqual({ ...unnamed, locals: { existing_group_names: { [ids.group]: "Platform admins" } } });
    expect(JSON.stringify(named)).not.toContain("local.existing_group_names");
  });

  test("is assigned to a declared role by its literal id, after the policy and the application", () => {
    const { json } = synthAccount();
    const roles = at(json, "azuread_application.enterprise_app")["app_role"] as { id: string; value?: string }[];
    expect(at(json, assignment)).toEqual({
      app_role_id: roles.find(({ value }) => value?.includes("role/Administrator,"))?.id,
      principal_object_id: "${azuread_group.administrator_group.object_id}",
      resource_object_id: "${azuread_service_principal.enterprise_app.object_id}",
      depends_on: ["azuread_conditional_access_policy.mfa_policy", "azuread_application.enterprise_app"],
    });
  });

  test("keeps its assignment when another role comes", () => {
    const roles = { Administrator: { policies: ["AdministratorAccess"] } };
    expect(body(assignment, { roles: { Auditor: {}, ...roles } })).toEqual(body(assignment, { roles }));
  });

  test("leads to its L1, absent for an existing group", () => {
    const changed = body(group, {}, ({ roles }) => {
      const resource = roles.get("Administrator")?.group.resource;
      expect(resource).toBeInstanceOf(Group);
      if (resource) resource.assignableToRole = true;
    });
    expect(changed).toMatchObject({ assignable_to_role: true });
    synthAccount({ roles: { Administrator: { group: { existing: ids.group } } } }, (stack) => {
      expect(stack.roles.get("Administrator")?.group.resource).toBeUndefined();
    });
  });
});

describe("RoleImport", () => {
  const claim = (role: string) =>
    `arn:aws:iam::210987654321:role/${role},arn:aws:iam::210987654321:saml-provider/MicrosoftEntraID`;

  test("exists only with imported roles, and so do user, key and secret", () => {
    const extra = [
      "aws_iam_access_key",
      "aws_iam_policy",
      "aws_iam_user",
      "aws_iam_user_policy_attachment",
      "azuread_synchronization_job",
      "azuread_synchronization_secret",
      "data.azuread_service_principal",
      "data.azuread_service_principals",
    ];
    const declaring = typesOf({});
    const own = typesOf(importing);
    for (const type of extra) {
      expect({ type, declared: declaring.has(type), imported: own.has(type) }).toEqual({
        type,
        declared: false,
        imported: true,
      });
    }
  });

  test("hands Entra the active key, in the order in which the service answers, once there is something to find", () => {
    const secret = body("azuread_synchronization_secret.role_import", {
      ...importing,
      appRoles: imported({ accessKeys: { active: "k2", standby: "k1" } }),
    });
    expect(secret).toEqual({
      service_principal_id: "${azuread_service_principal.enterprise_app.id}",
      credential: [
        { key: "ClientSecret", value: "${aws_iam_access_key.provisioning_user_k2.id}" },
        { key: "SecretToken", value: "${aws_iam_access_key.provisioning_user_k2.secret}" },
      ],
      depends_on: [
        "aws_iam_user_policy_attachment.provisioning_user_permission",
        "aws_iam_role.administrator",
        "aws_iam_role_policy_attachment.administrator_administrator_access",
        "aws_iam_role.developer",
        "aws_iam_role_policy_attachment.developer_amazon_s3_full_access",
      ],
    });
  });

  test("starts the job after the secret", () => {
    expect(body("azuread_synchronization_job.role_import", importing)).toEqual({
      service_principal_id: "${azuread_service_principal.enterprise_app.id}",
      template_id: "aws",
      depends_on: ["azuread_synchronization_secret.role_import"],
    });
  });

  test("looks for the roles with what a plan knows, so that the number of assignments is never unknown", () => {
    const { json } = synthAccount(importing);
    // Under the name that it is about to get, and under the one that it has.
    expect(at(json, "data.azuread_service_principals.role_import_candidates")).toEqual({
      display_names:
        '${distinct(concat(["AWS Fabrikam Payments 210987654321"], data.msgraph_resource.sign_on_signing_now.output.names))}',
      ignore_missing: true,
    });
    const byHand = {
      ...importing,
      signing: { active: "c2026", certificates: { c2026: "2028-11-30" }, activation: "manual" as const },
    };
    expect(body("data.azuread_service_principals.role_import_candidates", byHand)["display_names"]).toEqual([
      "AWS Fabrikam Payments 210987654321",
    ]);
    expect(JSON.stringify([json.data?.["azuread_service_principal"], json.locals])).not.toMatch(
      /(?<!data\.)azuread_(application|service_principal)\./,
    );
    expect(json.locals?.["role_import_application_found"]).toContain(
      'contains(s.service_principal_names, "https://signin.aws.amazon.com/saml#210987654321")',
    );
  });

  test("takes enabled roles that have a value, once each, whatever Entra lists", () => {
    expect(synthAccount(importing).json.locals?.["role_import_imported_roles"]).toBe(
      "${{for claim, ids in {for r in flatten([for s in data.azuread_service_principal.role_import_application : s.app_roles]) : " +
        "r.value => r.id... if r.enabled && try(length(r.value), 0) > 0} : claim => sort(ids)[0]}}",
    );
  });

  test("takes an application without any role for a bad read, not for a fact", () => {
    expect(body("data.azuread_service_principal.role_import_application", importing)["lifecycle"]).toMatchObject({
      postcondition: [{ condition: "${length(self.app_roles) > 0}" }],
    });
  });

  test("assigns a role once it is there, after the policy, and guards the assignment against a bad read", () => {
    expect(body("azuread_app_role_assignment.developer_group", importing)).toEqual({
      count: `\${contains(keys(local.role_import_imported_roles), "${claim("Developer")}") ? 1 : 0}`,
      app_role_id: `\${local.role_import_imported_roles["${claim("Developer")}"]}`,
      principal_object_id: "${azuread_group.developer_group.object_id}",
      resource_object_id: "${azuread_service_principal.enterprise_app.object_id}",
      depends_on: ["azuread_conditional_access_policy.mfa_policy"],
      lifecycle: { prevent_destroy: true },
    });
  });

  test("lets assignments go when the account is about to leave", () => {
    const retiring = { ...importing, appRoles: imported({ accessKeys: { active: "k1" }, retiring: true }) };
    expect(body("azuread_app_role_assignment.developer_group", retiring)["lifecycle"]).toBeUndefined();
  });

  test("names pending roles at plan and in an output", () => {
    const { json } = synthAccount(importing);
    expect(json.locals?.["role_import_wanted_roles"]).toEqual([claim("Administrator"), claim("Developer")]);
    expect(json.check).toMatchObject({
      imported_roles: { assert: [{ condition: "${length(local.role_import_pending_roles) == 0}" }] },
    });
    expect(json.output?.["pending_roles"]).toMatchObject({ value: "${local.role_import_pending_roles}" });
    expect(synthAccount().json.output?.["pending_roles"]).toMatchObject({ value: [] });
    expect(synthAccount().json.check).toBeUndefined();
  });

  test("believes the default sign-in endpoint alone, unless what is unproven is asked for", () => {
    const trust = (unproven: ("issuer" | "regionalEndpoints")[]) =>
      (
        JSON.parse(
          String(
            body("aws_iam_role.administrator", {
              ...importing,
              appRoles: imported({ accessKeys: { active: "k1" }, unproven }),
            })["assume_role_policy"],
          ),
        ) as { Statement: { Condition: { StringEquals: unknown } }[] }
      ).Statement[0]?.Condition.StringEquals;
    const endpoint = "https://signin.aws.amazon.com/saml";
    const regional = "https://eu-west-1.signin.aws.amazon.com/saml";
    const issuer = `https://sts.windows.net/${ids.tenant}/`;
    expect(trust([])).toEqual({ "SAML:aud": endpoint });
    expect(trust(["issuer"])).toEqual({ "SAML:aud": endpoint, "SAML:iss": issuer });
    expect(trust(["regionalEndpoints"])).toEqual({ "SAML:aud": [endpoint, regional] });
    expect(JSON.stringify(synthAccount(importing).json.resource)).not.toContain(regional);
  });

  test("withdrawn, takes the declared roles away, imports nothing and assigns nobody", () => {
    const clearing = { ...importing, appRoles: withdrawn() };
    const { json } = synthAccount(clearing);
    const types = typesOf(clearing);
    for (const type of ["azuread_app_role_assignment", "azuread_synchronization_job", "aws_iam_access_key"]) {
      expect(types).not.toContain(type);
    }
    expect(at(json, "azuread_application.enterprise_app")).toMatchObject({
      app_role: [{ display_name: "msiam_access" }],
      lifecycle: { ignore_changes: ["identifier_uris"] },
    });
    expect(json.output?.["pending_roles"]).toMatchObject({ value: [claim("Administrator"), claim("Developer")] });
  });
});

describe("MfaPolicy", () => {
  const policy = (mfa: MfaOptions, changes: AccountChanges = {}) =>
    body("azuread_conditional_access_policy.mfa_policy", { ...changes, conditionalAccess: mfa });

  test("asks everybody who enters the application for a second factor, except break-glass", () => {
    expect(policy({ covers: "everyone" })).toEqual({
      display_name: "AWS Console - MFA - Payments",
      state: "enabled",
      conditions: {
        client_app_types: ["all"],
        applications: { included_applications: ["${azuread_service_principal.enterprise_app.client_id}"] },
        users: { included_users: ["All"], excluded_users: [ids.breakGlass] },
      },
      grant_controls: { operator: "OR", built_in_controls: ["mfa"] },
    });
  });

  test("or the groups of the account, made here or existing", () => {
    const roles = { Administrator: {}, Auditor: { group: { existing: ids.group } } };
    expect(policy({ covers: "groups" }, { roles })).toMatchObject({
      conditions: { users: { included_groups: ["${azuread_group.administrator_group.object_id}", ids.group] } },
    });
    expect(JSON.stringify(policy({ covers: "groups" }, { roles }))).not.toContain("included_users");
  });

  test("lists more than ten groups by role name, whatever the order in the file or how cdktf numbers them", () => {
    const names = Array.from({ length: 14 }, (_, i) => `Role${String.fromCharCode(65 + ((i * 5) % 14))}`);
    const roles = Object.fromEntries(names.map((name) => [name, {}]));
    const group = (name: string) => `\${azuread_group.role_${name.slice(-1).toLowerCase()}_group.object_id}`;
    const { conditions } = policy({ covers: "groups" }, { roles }) as {
      conditions: { users: { included_groups: string[] } };
    };
    expect(names).not.toEqual([...names].sort());
    expect(conditions.users.included_groups).toEqual([...names].sort().map(group));
  });

  test("leaves out users and groups, in one order, and only the kind that there is", () => {
    const users = (breakGlass: { users: string[]; groups?: string[] }) =>
      (policy({ covers: "everyone" }, { organization: { breakGlass } })["conditions"] as { users: unknown }).users;
    expect(users({ users: [ids.otherBreakGlass, ids.breakGlass], groups: [ids.group, ids.deployer] })).toEqual({
      included_users: ["All"],
      excluded_users: [ids.breakGlass, ids.otherBreakGlass],
      excluded_groups: [ids.deployer, ids.group],
    });
    expect(users({ users: [], groups: [ids.group] })).toEqual({
      included_users: ["All"],
      excluded_groups: [ids.group],
    });
  });

  test.each([
    ["on", "enabled"],
    ["report-only", "enabledForReportingButNotEnforced"],
    ["off", "disabled"],
  ] as const)("that is %s is %s in Entra", (state, value) => {
    expect(policy({ covers: "everyone", state })["state"]).toBe(value);
  });

  test.each([
    ["passwordless", "00000000-0000-0000-0000-000000000003"],
    ["phishing-resistant", "00000000-0000-0000-0000-000000000004"],
    [{ strength: ids.group }, ids.group],
  ] as const)("can ask for a strength in place of a factor: %j", (require, id) => {
    expect(policy({ covers: "everyone", require })["grant_controls"]).toEqual({
      operator: "OR",
      authentication_strength_policy_id: `/policies/authenticationStrengthPolicies/${id}`,
    });
  });

  test("leads to its L1", () => {
    const changed = body("azuread_conditional_access_policy.mfa_policy", {}, ({ policies }) => {
      expect(policies.get("MFA")).toBeInstanceOf(ConditionalAccessPolicy);
      policies.get("MFA")?.addOverride("session_controls.sign_in_frequency", 4);
    });
    expect(changed).toMatchObject({ session_controls: { sign_in_frequency: 4 } });
  });
});

describe("test users", () => {
  const asked = (stack: AccountUnderTest) => stack.addTestUsersOf({ Administrator: "Test-AWSAdmin" });

  test("are not there unless somebody asks for them, nor is their password", () => {
    const { json } = synthAccount();
    expect(JSON.stringify(json)).not.toMatch(/azuread_user|azuread_group_member|password/);
    expect((json as { variable?: unknown }).variable).toBeUndefined();
  });

  test("stand in the group of their role, with a password from outside that they change at once", () => {
    const { json } = synthAccount({}, asked);
    expect(at(json, "azuread_user.test_aws_admin")).toEqual({
      user_principal_name: "Test-AWSAdmin@fabrikam.example",
      display_name: "Test-AWSAdmin",
      mail_nickname: "Test-AWSAdmin",
      password: "${var.test_user_password}",
      force_password_change: true,
      account_enabled: true,
    });
    expect(at(json, "azuread_group_member.test_aws_admin_membership")).toEqual({
      group_object_id: "${azuread_group.administrator_group.object_id}",
      member_object_id: "${azuread_user.test_aws_admin.object_id}",
    });
    expect((json as { variable?: unknown }).variable).toEqual({
      test_user_password: { type: "string", sensitive: true, description: expect.any(String) },
    });
  });

  test("can be put into an existing group, and lead to their L1", () => {
    const { json } = synthAccount({ roles: { Administrator: { group: { existing: ids.group } } } }, (stack) => {
      asked(stack);
      const user = stack.node.findAll().find((node) => node instanceof TestUser);
      expect(user instanceof TestUser && user.resource).toBeInstanceOf(User);
    });
    expect(at(json, "azuread_group_member.test_aws_admin_membership")["group_object_id"]).toBe(ids.group);
  });
});
