import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamUserLoginProfile } from "@cdktf/provider-aws/lib/iam-user-login-profile";
import { TerraformStack } from "cdktf";
import { declared, imported } from "../constructs/entra/app-roles";
import { eligible } from "../constructs/entra/eligible-members";
import { accessReview } from "./support/access";
import { configuration } from "./support/configuration";
import type { Body, StackJson } from "./support/stack-json";
import { type AccountChanges, type AccountUnderTest, ids, synthAccount } from "./support/synth";

const twoRoles: AccountChanges = {
  roles: {
    Administrator: { policies: ["AdministratorAccess"] },
    Developer: { policies: ["AmazonS3FullAccess"], maxSessionDurationSec: 5400 },
  },
  regions: ["eu-west-1", "eu-central-1"],
};
const importing: AccountChanges = { ...twoRoles, appRoles: imported({ accessKeys: { active: "k1" } }) };

const linesOf = (changes: AccountChanges, below?: (stack: AccountUnderTest) => void) =>
  accessReview(synthAccount(changes, below).json).split("\n");
const line = (start: string, changes: AccountChanges, below?: (stack: AccountUnderTest) => void) =>
  linesOf(changes, below).filter((text) => text.startsWith(start));

describe("the access page", () => {
  test("of an account with two roles has 6 to 12 lines, in either way of owning app roles", () => {
    for (const changes of [twoRoles, importing]) {
      expect(linesOf(changes).length).toBeGreaterThanOrEqual(6);
      expect(linesOf(changes).length).toBeLessThanOrEqual(12);
    }
  });

  test("leads from group to app role, AWS role, policies and session", () => {
    expect(line("AWS-Payments-Developers", twoRoles)).toEqual([
      'AWS-Payments-Developers (permanent members) -> app role "Developer,MicrosoftEntraID" -> arn:aws:iam::210987654321:role/Developer -> AmazonS3FullAccess -> session at most 90 min',
    ]);
  });

  test("says how somebody comes into the group: from eligible to permanent is a changed line", () => {
    const membership = eligible({ groups: [ids.group], activation: { maximumHours: 1 } });
    const asked = {
      ...twoRoles,
      roles: { ...twoRoles.roles, Developer: { ...twoRoles.roles?.["Developer"], membership } },
    };
    const [before = ""] = line("AWS-Payments-Developers", asked);
    expect(before).toMatch(/^AWS-Payments-Developers \(activated for at most PT1H\) -> app role "Developer,/);
    expect(line("AWS-Payments-Developers", twoRoles)).toEqual([
      before.replace("activated for at most PT1H", "permanent members"),
    ]);
  });

  test("says of imported roles that they must be imported first, and what the importing user may do", () => {
    expect(line("AWS-Payments-Developers", importing)).toEqual([
      expect.stringContaining('app role "Developer,MicrosoftEntraID" once Entra has imported it'),
    ]);
    expect(line("IAM user", importing)).toEqual([
      "IAM user Svc-EntraRoleImport: AzureAD_SSOUserRole_Policy (Allow iam:ListRoles on *); 1 access key",
    ]);
  });

  test("tells boundaries, inline policies, customer policies, and an existing group by its id", () => {
    const changes: AccountChanges = {
      roles: {
        Auditor: {
          group: { existing: ids.group },
          customerPolicies: ["team/ReadBuckets"],
          inlinePolicies: {
            Queue: {
              Version: "2012-10-17",
              Statement: [{ Effect: "Allow", NotAction: "iam:*", Resource: "*", Sid: "Queue" }],
            },
          },
          permissionsBoundary: "arn:aws:iam::210987654321:policy/Boundary",
        },
      },
    };
    expect(line(ids.group, changes)).toEqual([
      `${ids.group} (permanent members) -> app role "Auditor,MicrosoftEntraID" -> arn:aws:iam::210987654321:role/Auditor -> ` +
        'arn:aws:iam::210987654321:policy/team/ReadBuckets, Queue (Allow on * and also {"NotAction":"iam:*"}) -> ' +
        "never more than arn:aws:iam::210987654321:policy/Boundary -> session at most 1 h",
    ]);
  });

  test("calls an existing group what the account file calls it, beside its id", () => {
    const group = { existing: ids.group, name: "Platform admins" };
    const membership = eligible({ groups: [ids.otherDeployer], activation: { maximumHours: 1 } });
    const shown = `${ids.group} "Platform admins"`;
    expect(line(ids.group, { roles: { Administrator: { group } } })).toEqual([
      expect.stringContaining(`${shown} (permanent members) -> app role "Administrator,`),
    ]);
    const upper = { ...group, existing: ids.group.toUpperCase() };
    expect(line(upper.existing, { roles: { Administrator: { group: upper } } })[0]).toContain('"Platform admins"');
    expect(linesOf({ roles: { Administrator: { group, membership } } }).join("\n")).toContain(`as member of ${shown} `);
  });

  test("says what an incident denies in one line, and leaves what the roles may do as it was", () => {
    const during: AccountChanges = {
      ...twoRoles,
      incident: { who: { people: ["jane@fabrikam.example"] }, sessions: { issuedBefore: "2026-11-25T14:00:00Z" } },
    };
    expect(linesOf(during).filter((text) => !linesOf(twoRoles).includes(text))).toEqual([
      "denied to Administrator, Developer by Incident: Deny * on * if DateLessThan aws:TokenIssueTime 2026-11-25T14:00:00Z " +
        "and StringLike aws:userid *:jane@fabrikam.example",
    ]);
  });

  test("says who is covered by MFA, what is required, in which state, and who is left out", () => {
    const strict: AccountChanges = {
      ...twoRoles,
      conditionalAccess: { covers: "groups", state: "report-only", require: "phishing-resistant" },
      organization: { breakGlass: { users: [], groups: [ids.breakGlass] } },
    };
    expect(line("Conditional Access", strict)).toEqual([
      'Conditional Access "AWS Console - MFA - Payments" is report-only, asks nobody for anything: AWS-Payments-Administrators, ' +
        "AWS-Payments-Developers entering AWS Fabrikam Payments 210987654321 must show strength phishing-resistant",
      `Conditional Access leaves out members of ${ids.breakGlass}`,
    ]);
    const off: AccountChanges = { ...twoRoles, conditionalAccess: { covers: "everyone", state: "off" } };
    expect(line("Conditional Access", twoRoles)[0]).toContain("is on: everyone entering");
    expect(line("Conditional Access", off)[0]).toContain("is off:");
  });

  test("names test users as members", () => {
    expect(line("members", twoRoles, (stack) => stack.addTestUsersOf({ Developer: "Test-AWSDeveloper" }))).toEqual([
      "members put in by this stack: Test-AWSDeveloper@fabrikam.example in AWS-Payments-Developers",
    ]);
  });
});

describe("the access page does not drop what it does not know", () => {
  const plain = linesOf(twoRoles);
  /** The lines that a change adds. */
  const added = (below: (stack: AccountUnderTest) => void) =>
    linesOf(twoRoles, below).filter((text) => !plain.includes(text));
  const trust = (change: (statement: Body) => Body[]) => (stack: AccountUnderTest) => {
    const role = stack.roles.get("Developer")?.role.resource;
    const document = JSON.parse(role?.assumeRolePolicyInput ?? "{}") as { Statement: Body[] };
    document.Statement = document.Statement.flatMap(change);
    if (role) role.assumeRolePolicy = JSON.stringify(document);
  };

  test("a condition in a trust policy", () => {
    const lines = added(trust((s) => [{ ...s, Condition: { StringLike: { "SAML:sub": "*@fabrikam.example" } } }]));
    expect(lines.join("\n")).toContain("trust of Developer");
    expect(lines.join("\n")).toContain("if StringLike SAML:sub *@fabrikam.example");
  });

  test("a second statement, another principal, an element without words here", () => {
    const second = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "*" }, NotResource: "x" };
    expect(added(trust((statement) => [statement, second]))).toEqual([
      'trust of Developer: Allow sts:AssumeRole to AWS * and also {"NotResource":"x"}',
    ]);
  });

  test("a trust policy that only Terraform can read", () => {
    const lines = added((stack) => {
      const role = stack.roles.get("Developer")?.role.resource;
      if (role) role.assumeRolePolicy = '${file("trust.json")}';
    });
    expect(lines).toContain('trust of Developer: a policy that only Terraform can read: ${file("trust.json")}');
    expect(lines.join("\n")).toContain("(does not trust arn:aws:iam::210987654321:saml-provider/MicrosoftEntraID)");
  });

  test("an exclusion in Conditional Access, and a control of another kind", () => {
    const lines = added((stack) => {
      stack.policies.get("MFA")?.addOverride("conditions.platforms", { included_platforms: ["android"] });
      stack.policies.get("MFA")?.addOverride("conditions.users.excluded_roles", ["r1"]);
      stack.policies.get("MFA")?.addOverride("session_controls.sign_in_frequency", 1);
    });
    expect(lines).toEqual([
      'azuread_conditional_access_policy.mfa_policy also has {"platforms":{"included_platforms":["android"]},' +
        '"users":{"excluded_roles":["r1"]},"session_controls":{"sign_in_frequency":1}}',
    ]);
  });

  test("members written into a group, attributes left to others, an app for the whole tenant", () => {
    const lines = added((stack) => {
      stack.roles.get("Developer")?.group.resource?.addOverride("members", ["somebody"]);
      stack.roles.get("Developer")?.role.resource.addOverride("lifecycle.ignore_changes", ["assume_role_policy"]);
      stack.app.servicePrincipal.appRoleAssignmentRequired = false;
    });
    expect(lines).toContain('azuread_group.developer_group also has {"members":["somebody"]}');
    expect(lines).toContain("aws_iam_role.developer leaves to others: assume_role_policy");
    expect(lines.join("\n")).toContain("for everybody in the tenant");
  });

  test("a resource of a type it does not know, and a call to Graph that does more than choose a certificate", () => {
    const lines = added((stack) => {
      new IamUserLoginProfile(stack, "Console", { user: "somebody" });
      new IamRolePolicy(stack, "Elsewhere", { role: "NotOurs", policy: "{}" });
    });
    expect(lines).toEqual([
      'not told above: aws_iam_role_policy.elsewhere {"policy":"{}","role":"NotOurs"}',
      'not told above: aws_iam_user_login_profile.console {"user":"somebody"}',
    ]);
    const json = synthAccount(twoRoles).json;
    const activation = json.resource?.["msgraph_update_resource"]?.["sign_on_activation"];
    const graph = { msgraph_update_resource: { it: { ...activation, body: { accountEnabled: false } } } };
    const changed: StackJson = { ...json, resource: { ...json.resource, ...graph } };
    expect(accessReview(changed)).toContain("not told above: msgraph_update_resource.it");
  });

  test("an app role that nobody is assigned to, a role that no app role leads to, and an app role that leads nowhere", () => {
    const json = synthAccount(twoRoles).json;
    const { administrator, ...roles } = json.resource?.["aws_iam_role"] ?? {};
    const assignments = json.resource?.["azuread_app_role_assignment"] ?? {};
    const without = (resource: StackJson["resource"]) =>
      accessReview({ ...json, resource: { ...json.resource, ...resource } });
    expect(without({ azuread_app_role_assignment: {} })).toContain('nobody in this stack -> app role "Developer,');
    expect(without({ aws_iam_role: roles })).toContain(
      "arn:aws:iam::210987654321:role/Administrator (not in this stack)",
    );
    const backdoor = { ...administrator, name: "Backdoor" };
    expect(without({ aws_iam_role: { ...roles, administrator: backdoor } })).toContain("no app role -> /Backdoor -> ");
    const stranger = { ...assignments["developer_group"], app_role_id: "some-id" };
    expect(without({ azuread_app_role_assignment: { stranger } })).toContain(
      "app role some-id of ${azuread_service_principal",
    );
  });
});

describe("one change of a trust condition moves few lines", () => {
  /** Lines that are not on the other page: what a diff shows in red, or in green. */
  const moved = (before: string, after: string) => {
    const [old, now] = [before.split("\n"), after.split("\n")];
    return { gone: old.filter((text) => !now.includes(text)), came: now.filter((text) => !old.includes(text)) };
  };
  const without = (issuer: string) => issuer.replace(/,"SAML:iss":"[^"]*"/, "");
  const before = synthAccount(twoRoles).json;

  test.each<[string, StackJson, { access: number; configuration: number }]>([
    [
      "one region more",
      synthAccount({ ...twoRoles, regions: ["eu-west-1", "eu-central-1", "us-west-2"] }).json,
      { access: 2, configuration: 3 },
    ],
    [
      "the issuer condition off, in both roles",
      synthAccount(twoRoles, (stack) => {
        for (const {
          role: { resource },
        } of stack.roles.values()) {
          resource.assumeRolePolicy = without(resource.assumeRolePolicyInput ?? "");
        }
      }).json,
      { access: 1, configuration: 2 },
    ],
    [
      "the issuer condition off, in one role",
      synthAccount(twoRoles, (stack) => {
        const role = stack.roles.get("Developer")?.role.resource;
        if (role) role.assumeRolePolicy = without(role.assumeRolePolicyInput ?? "");
      }).json,
      { access: 2, configuration: 1 },
    ],
  ])("%s", (_, after, expected) => {
    const access = moved(accessReview(before), accessReview(after));
    expect(access.came).toHaveLength(expected.access);
    expect(access.gone.length).toBeLessThanOrEqual(3);
    expect(access.came.join()).toContain("trust of ");
    expect(configurationLines(before, after)).toBe(expected.configuration);
  });

  /** Lines more or fewer: the same line stands in both roles, so texts alone would not count it. */
  function configurationLines(a: StackJson, b: StackJson): number {
    return Math.abs(configuration(a).split("\n").length - configuration(b).split("\n").length);
  }
});

test("the configuration page keeps what it has no words for: other sections, other values, providers and backend", () => {
  const json = synthAccount({ ...twoRoles, appRoles: declared() }, (stack) => {
    TerraformStack.of(stack).addOverride("moved", [{ from: "a.b", to: "a.c" }]);
    TerraformStack.of(stack).addOverride("module.other", { source: "./x" });
  }).json;
  const page = configuration(json);
  for (const part of [
    "moved:\n",
    "module.other:\n",
    "provider.azuread:\n",
    "terraform.backend:\n",
    "output.sign_in_url:\n",
  ])
    expect(page).toContain(part);
  expect(page).not.toContain('"//"');
  expect(page).toContain(
    "saml_metadata_document: '1 certificate: signing_certificate_c2026; issuer https://sts.windows.net/",
  );
});

test("the configuration page names every certificate that IAM gets", () => {
  const signing = { active: "c2026", certificates: { c2026: "2028-11-30", c2028: "2029-06-30" } };
  expect(configuration(synthAccount({ signing }).json)).toContain(
    "2 certificates: signing_certificate_c2026, signing_certificate_c2028; issuer ",
  );
});
