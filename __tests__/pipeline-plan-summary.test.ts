import type { Json } from "../pipeline/json";
import { SHOWN } from "../pipeline/mask";
import type { Plan, ResourceChange } from "../pipeline/plan";
import { summarize } from "../pipeline/plan-summary";
import { change, created, destroyed, LINEAGE, plan, updated } from "./support/terraform-plan";

const list = (resources: readonly ResourceChange[], more: Partial<Plan> = {}): string =>
  summarize("aws-account1", plan(resources, more), LINEAGE).list;

const digest = (of: Plan, key: string | undefined = LINEAGE, stack = "aws-account1"): string =>
  summarize(stack, of, key).digest;

const trust = (audience: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "sts:AssumeRoleWithSAML",
        Condition: { StringEquals: { "SAML:aud": audience } },
      },
    ],
  });

const assignment = created(
  "azuread_app_role_assignment.developer[0]",
  { app_role_id: "role-1" },
  { after_unknown: { principal_object_id: true, id: true } },
);

describe("the change list", () => {
  test("says who gains access, who loses it, and what else changes", () => {
    const resources = [
      updated("azuread_synchronization_job.job", { enabled: true, schedule: [] }, { enabled: false, schedule: [] }),
      destroyed("aws_iam_role_policy_attachment.old", {
        role: "Developer",
        policy_arn: "arn:aws:iam::aws:policy/ReadOnlyAccess",
      }),
      updated("azuread_conditional_access_policy.mfa", { state: "enabled" }, { state: "disabled" }),
      assignment,
    ];
    expect(
      list(resources, {
        output_changes: {
          pending_roles: {
            actions: ["update"],
            before: ["a"],
            after: ["a", "b"],
          },
        },
      }),
    ).toMatchInlineSnapshot(`
      ":warning: **Destroys 1:** \`aws_iam_role_policy_attachment.old\`

      **Gains access**
      \`\`\`diff
      + create azuread_app_role_assignment.developer[0]
      +     app_role_id: "role-1"
      \`\`\`

      **Loses access**
      \`\`\`diff
      - DESTROY aws_iam_role_policy_attachment.old
      -     policy_arn: "arn:aws:iam::aws:policy/ReadOnlyAccess"
      -     role: "Developer"
      \`\`\`

      **Changes who may enter, or how**
      \`\`\`diff
      ! update azuread_conditional_access_policy.mfa
      -     state: "enabled"
      +     state: "disabled"
      \`\`\`

      **Other changes**
      \`\`\`diff
      ! update azuread_synchronization_job.job
      -     enabled: true
      +     enabled: false
      \`\`\`

      **Outputs**
      \`\`\`diff
      +     pending_roles: "b"
      \`\`\`"
    `);
  });

  test("names an existing group as the code calls it, unless the plan knows better", () => {
    const id = "A1B2C3D4-0000-4000-8000-000000000006";
    const assigned = created("azuread_app_role_assignment.a", { principal_object_id: id });
    const configuration = { locals: { existing_group_names: { [id.toLowerCase()]: "Platform admins" } } };
    const read = (display_name: string) => ({
      prior_state: {
        values: {
          root_module: {
            resources: [
              {
                address: "azuread_group.g",
                mode: "managed" as const,
                type: "azuread_group",
                values: { object_id: id, display_name },
              },
            ],
          },
        },
      },
    });
    const shown = (of: Plan) => summarize("s", of, LINEAGE, configuration).list;
    expect(shown(plan([assigned]))).toContain(`principal_object_id: "${id}" = Platform admins, as the code calls it\n`);
    expect(shown(plan([assigned], read("Helpdesk")))).toContain(`principal_object_id: "${id}" = Helpdesk\n`);
    expect(list([assigned])).toContain(`principal_object_id: "${id}"\n`);
  });

  test("names the group and the role behind an id, and where an id will come from", () => {
    const shown = list(
      [
        assignment,
        destroyed("azuread_group_member.x", {
          group_object_id: "group-1",
          member_object_id: "stranger",
        }),
      ],
      {
        configuration: {
          root_module: {
            resources: [
              {
                address: "azuread_app_role_assignment.developer",
                expressions: {
                  principal_object_id: {
                    references: ["azuread_group.developers.object_id", "azuread_group.developers"],
                  },
                },
              },
            ],
          },
        },
        prior_state: {
          values: {
            root_module: {
              resources: [
                {
                  address: "azuread_group.g",
                  mode: "managed",
                  type: "azuread_group",
                  values: {
                    object_id: "group-1",
                    display_name: "AWS-Account1-Developers",
                  },
                },
                {
                  address: "azuread_application.a",
                  mode: "managed",
                  type: "azuread_application",
                  values: {
                    app_role: [{ id: "role-1", value: "arn:role,arn:provider" }],
                  },
                },
              ],
            },
          },
        },
      },
    );
    expect(shown).toContain('app_role_id: "role-1" = arn:role,arn:provider');
    expect(shown).toContain("principal_object_id: (known after apply) = azuread_group.developers.object_id");
    expect(shown).toContain('group_object_id: "group-1" = AWS-Account1-Developers');
    expect(shown).toContain('member_object_id: "stranger"\n');
  });

  test("leaves out what the service fills in of a new object, and shows it when it changes", () => {
    const unknown = { after_unknown: { visibility: true } };
    expect(list([created("azuread_group.g", { display_name: "AWS" }, unknown)])).not.toContain("visibility");
    expect(list([updated("azuread_group.g", { visibility: "Private" }, {}, unknown)])).toContain(
      "visibility: (known after apply)",
    );
  });

  test("takes no name from an attribute that is marked sensitive", () => {
    const shown = list([destroyed("azuread_group_member.x", { group_object_id: "group-1" })], {
      prior_state: {
        values: {
          root_module: {
            resources: [
              {
                address: "azuread_group.g",
                mode: "managed",
                type: "azuread_group",
                values: { object_id: "group-1", display_name: "abc" },
                sensitive_values: { display_name: true },
              },
            ],
          },
        },
      },
    });
    expect(shown).not.toContain("abc");
  });

  test("shows a changed condition of a trust policy as one line out and one in", () => {
    const shown = list([
      updated("aws_iam_role.r", { assume_role_policy: trust("https://a") }, { assume_role_policy: trust("https://b") }),
    ]);
    expect(shown.split("\n").filter((line) => /^[-+]/.test(line))).toEqual([
      '-     assume_role_policy.Statement.Condition.StringEquals.SAML:aud: "https://a"',
      '+     assume_role_policy.Statement.Condition.StringEquals.SAML:aud: "https://b"',
    ]);
  });

  test("shows what came into a list and what left it, not what only moved along", () => {
    const groups = (names: string[]) => ({
      conditions: [{ users: [{ excluded_users: names }] }],
    });
    const shown = list([
      updated("azuread_conditional_access_policy.mfa", groups(["a", "b", "c"]), groups(["b", "c", "d"])),
    ]);
    expect(shown.split("\n").filter((line) => /^[-+]/.test(line))).toEqual([
      '-     conditions.users.excluded_users: "a"',
      '+     conditions.users.excluded_users: "d"',
    ]);
    expect(list([updated("azuread_conditional_access_policy.mfa", groups(["a", "b"]), groups(["b", "a"]))])).toContain(
      "excluded_users: order changed",
    );
  });

  test("says that a hidden attribute changed, and of what kind it is", () => {
    const shown = list([
      updated(
        "aws_iam_access_key.k",
        { status: "Active", secret: "one", create_date: "x" },
        { status: "Active", secret: "two", create_date: "y" },
        {
          before_sensitive: { secret: true },
          after_sensitive: { secret: true },
          after_unknown: { key_fingerprint: true },
        },
      ),
    ]);
    expect(shown).toContain("create_date: (changed)");
    expect(shown).toContain("secret: (sensitive)");
    expect(shown).toContain("key_fingerprint: (known after apply)");
    expect(shown).not.toContain("status");
  });

  test("calls out what it destroys and replaces, with the attribute that forces it", () => {
    const replaced = change(
      "aws_iam_role.admin",
      ["create", "delete"],
      { path: "/" },
      { path: "/x/" },
      { replace_paths: [["path"]] },
    );
    const shown = list([replaced, destroyed("azuread_group.g", { display_name: "AWS" })]);
    expect(shown).toContain("**Destroys 1:** `azuread_group.g`");
    expect(shown).toContain("**Replaces 1** (gone for a moment, new id)**:** `aws_iam_role.admin`");
    expect(shown).toContain('+     path: "/x/" (forces replacement)');
  });

  test("puts a destroyed Conditional Access policy where who may enter is read, not where access is lost", () => {
    const shown = list([destroyed("azuread_conditional_access_policy.mfa", { state: "enabled" })]);
    expect(shown).toContain("**Changes who may enter, or how**");
    expect(shown).not.toContain("**Loses access**");
  });

  test("takes a policy that only denies for what it is: making it takes access away, destroying it gives it back", () => {
    const policy = (effect: string) => JSON.stringify({ Statement: [{ Effect: effect, Action: "*", Resource: "*" }] });
    const of = (effect: string, change: typeof created) =>
      /\*\*(Gains|Loses) access/.exec(list([change("aws_iam_role_policy.p", { policy: policy(effect) })]))?.[1];
    expect([of("Deny", created), of("Deny", destroyed)]).toEqual(["Loses", "Gains"]);
    expect([of("Allow", created), of("Allow", destroyed)]).toEqual(["Gains", "Loses"]);
    expect(list([created("aws_iam_role_policy.p", { policy: "not JSON" })])).toContain("**Gains access**");
    expect(list([created("aws_iam_role_policy.p", { policy: '{"Statement":[]}' })])).toContain("**Gains access**");
  });

  const holding = (type: string, values: Record<string, Json>) => ({
    values: { root_module: { resources: [{ address: `${type}.x`, mode: "managed" as const, type, values }] } },
  });
  const groups = (shown: string): string[] => [...shown.matchAll(/^\*\*(.+)\*\*$/gm)].map(([, title = ""]) => title);

  test("takes an attachment for what the attached policy does, where the plan has it", () => {
    const policy = (effect: string) => JSON.stringify({ Statement: [{ Effect: effect, Action: "*", Resource: "*" }] });
    const attachment = "aws_iam_user_policy_attachment.only_with_mfa";
    const arn = "arn:aws:iam::210987654321:policy/OnlyWithMfa";
    const destroys = (effect: string) =>
      list([destroyed(attachment, { user: "BreakGlass", policy_arn: arn })], {
        prior_state: holding("aws_iam_policy", { arn, policy: policy(effect) }),
      });
    expect([groups(destroys("Deny")), groups(destroys("Allow"))]).toEqual([["Gains access"], ["Loses access"]]);
    const makes = (effect: string) =>
      list([created(attachment, { user: "BreakGlass" }, { after_unknown: { policy_arn: true } })], {
        planned_values: holding("aws_iam_policy", { policy: policy(effect) }).values,
        configuration: {
          root_module: {
            resources: [
              {
                address: attachment,
                expressions: { policy_arn: { references: ["aws_iam_policy.x.arn", "aws_iam_policy.x"] } },
              },
            ],
          },
        },
      });
    expect([groups(makes("Deny")), groups(makes("Allow"))]).toEqual([["Loses access"], ["Gains access"]]);
    for (const unknown of [{ policy_arn: arn }, { user: "BreakGlass" }] as Record<string, Json>[])
      expect(groups(list([created(attachment, unknown)]))).toEqual(["Changes who may enter, or how"]);
  });

  test("knows what AWS's own policies do, and that a policy alone does nothing", () => {
    const of = (name: string) =>
      groups(list([created("aws_iam_role_policy_attachment.a", { policy_arn: `arn:aws:iam::aws:policy/${name}` })]));
    expect([of("AdministratorAccess"), of("AWSDenyAll")]).toEqual([["Gains access"], ["Loses access"]]);
    const policy = '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
    expect(groups(list([created("aws_iam_policy.boundary", { name: "Boundary", policy })]))).toEqual([
      "Changes who may enter, or how",
    ]);
  });

  test("takes the rules of an activation that go for what they are: members are members for good", () => {
    const of = (change: typeof created) =>
      groups(list([change("azuread_group_role_management_policy.p", { group_id: "g", role_id: "member" })]));
    expect([of(created), of(destroyed)]).toEqual([["Changes who may enter, or how"], ["Gains access"]]);
  });

  test("has a place for every type that it shows", () => {
    const others = Object.keys(SHOWN).filter(
      (type) => groups(list([created(`${type}.x`, { id: "x" })]))[0] === "Other changes",
    );
    expect(others).toEqual([
      // What people call the account, that a secret holds something, and role import, which brings what AWS has.
      "aws_iam_account_alias",
      "aws_secretsmanager_secret_version",
      "azuread_synchronization_job",
      "azuread_synchronization_secret",
    ]);
  });

  test("sets apart what is recorded and alarmed, and says of a subscription not where it writes to", () => {
    const shown = list([
      destroyed("aws_cloudwatch_event_rule.root", { name: "root-sign-in", state: "ENABLED" }),
      created("aws_sns_topic_subscription.s", { protocol: "https", endpoint: "https://example.com/key-1" }),
    ]);
    expect(shown).toContain("**Changes what is recorded, and who hears of it**");
    expect(shown).toContain('-     name: "root-sign-in"');
    expect(shown).toContain('+     protocol: "https"');
    expect(shown).toContain("not shown: endpoint");
    expect(shown).not.toContain("key-1");
  });

  test("shows of a Graph request which certificate it activates and under which policies it puts an application, and no more", () => {
    const attributes = (set: string) => ({ AwsFederation: { PolicySet: set } });
    const shown = list([
      updated(
        "msgraph_update_resource.policy_set",
        { body: { customSecurityAttributes: attributes("recommended"), notes: "one" } },
        { body: { customSecurityAttributes: attributes("relaxed"), notes: "two" } },
      ),
      created(
        "msgraph_update_resource.activation",
        { body: {} },
        { after_unknown: { body: { preferredTokenSigningKeyThumbprint: true } } },
      ),
      updated("msgraph_update_resource.text", { body: "one" }, { body: "two" }),
    ]);
    expect(shown.split("\n").filter((line) => / {5}body/.test(line))).toEqual([
      "+     body.preferredTokenSigningKeyThumbprint: (known after apply)",
      '-     body.customSecurityAttributes.AwsFederation.PolicySet: "recommended"',
      '+     body.customSecurityAttributes.AwsFederation.PolicySet: "relaxed"',
      "!     body.notes: (changed)",
      "!     body: (changed)",
    ]);
  });

  test("names applications, places and strengths that a policy speaks of by id", () => {
    const named = (type: string, values: Record<string, Json>) => ({
      address: `${type}.x`,
      mode: "managed" as const,
      type,
      values,
    });
    const conditions = {
      applications: [{ included_applications: ["app-1"] }],
      locations: [{ excluded_locations: ["place-1"] }],
    };
    const strength = { authentication_strength_policy_id: "/policies/authenticationStrengthPolicies/s1" };
    const shown = list(
      [
        updated(
          "azuread_conditional_access_policy.p",
          { conditions: [], grant_controls: [] },
          { conditions: [conditions], grant_controls: [strength] },
        ),
      ],
      {
        prior_state: {
          values: {
            root_module: {
              resources: [
                named("azuread_service_principal", { client_id: "app-1", display_name: "AWS Account1" }),
                named("azuread_named_location", { object_id: "place-1", display_name: "Office" }),
                named("azuread_authentication_strength_policy", {
                  id: "/policies/authenticationStrengthPolicies/s1",
                  display_name: "Keys",
                }),
              ],
            },
          },
        },
      },
    );
    expect(shown).toContain('"app-1" = AWS Account1');
    expect(shown).toContain('"place-1" = Office');
    expect(shown).toContain('"/policies/authenticationStrengthPolicies/s1" = Keys');
  });

  test("names the strengths that every tenant has", () => {
    const strength = (last: number) => ({
      grant_controls: [
        {
          authentication_strength_policy_id: `/policies/authenticationStrengthPolicies/00000000-0000-0000-0000-00000000000${last}`,
        },
      ],
    });
    const shown = list([updated("azuread_conditional_access_policy.p", strength(4), strength(3))]);
    expect(shown).toMatch(/^- .*000000000004" = Phishing-resistant MFA$/m);
    expect(shown).toMatch(/^\+ .*000000000003" = Passwordless MFA$/m);
  });

  test("does not call a forgotten object a loss", () => {
    const shown = list([
      change("azuread_service_principal_token_signing_certificate.old", ["forget"], { display_name: "CN=x" }, null),
    ]);
    expect(shown).toContain("forget (stays as it is, no longer managed here)");
    expect(shown).not.toContain("**Loses access**");
  });

  test("names a moved object, though nothing about it changes", () => {
    const moved = {
      ...change("aws_iam_role.new", ["no-op"], { name: "a" }, { name: "a" }),
      previous_address: "aws_iam_role.old",
    };
    expect(list([moved])).toContain("unchanged aws_iam_role.new, moved from aws_iam_role.old");
    expect(summarize("s", plan([moved]), LINEAGE).changes).toBe(true);
  });

  test("shows checks that fail", () => {
    const checks: Plan["checks"] = [
      {
        address: { to_display: "check.pending" },
        status: "fail",
        instances: [{ problems: [{ message: "2 roles wait" }] }],
      },
    ];
    expect(list([], { checks })).toContain("! check.pending: 2 roles wait");
  });

  test("no value can leave its block, mention a person, or turn the reading direction", () => {
    const name = "```\n@everyone [link](https://x) \u202e evil ````";
    const shown = list([created("azuread_group.g", { display_name: name })]);
    const [, fence = ""] = /^(`+)diff$/m.exec(shown) ?? [];
    expect(fence.length).toBeGreaterThan(4);
    expect(
      shown
        .split("\n")
        .filter((line) => line.startsWith("```"))
        .every((line) => line.startsWith(fence)),
    ).toBe(true);
    expect(shown).not.toContain("\u202e");
    expect(shown).toContain("\\u{202e}");
    expect(shown.split("\n").filter((line) => line.includes("@everyone"))).toHaveLength(1);
  });

  test("is the same whatever order the plan is in", () => {
    const resources = [
      assignment,
      destroyed("azuread_group.g", { display_name: "AWS" }),
      created("aws_iam_role.a", { name: "A" }),
    ];
    expect(list([...resources].reverse())).toBe(list(resources));
  });
});

describe("the digest", () => {
  const before = { status: "Active", secret: "one" };
  const marks = {
    before_sensitive: { secret: true },
    after_sensitive: { secret: true },
  };
  const base = plan([assignment, updated("aws_iam_access_key.k", before, { ...before, secret: "two" }, marks)], {
    output_changes: {
      client_id: { actions: ["update"], before: "a", after: "b" },
    },
  });

  test("is equal for two plans of the same change", () => {
    const again: Plan = {
      ...structuredClone(base),
      format_version: "1.3",
      resource_changes: [
        ...[...(base.resource_changes ?? [])].reverse(),
        change("aws_iam_role.same", ["no-op"], { name: "x" }, { name: "x" }),
      ],
      resource_drift: [updated("aws_iam_role.same", { name: "y" }, { name: "x" })],
      checks: [{ address: { to_display: "check.c" }, status: "fail" }],
      ...{ timestamp: "2026-11-24T00:00:00Z", terraform_version: "1.11.5" },
    };
    expect(digest(again)).toBe(digest(base));
  });

  const key = (old: Json, now: Json) => updated("aws_iam_access_key.k", old, now, marks);
  test.each<[string, ResourceChange[]]>([
    ["a hidden value", [assignment, key(before, { ...before, secret: "three" })]],
    ["the value before", [assignment, key({ ...before, secret: "zero" }, { ...before, secret: "two" })]],
    ["the number of objects", [assignment]],
    [
      "an action",
      [
        assignment,
        {
          ...key(before, { ...before, secret: "two" }),
          change: { ...key(before, { ...before, secret: "two" }).change, actions: ["delete", "create"] },
        },
      ],
    ],
    [
      "an address",
      [
        { ...assignment, address: "azuread_app_role_assignment.developer[1]" },
        key(before, { ...before, secret: "two" }),
      ],
    ],
    [
      "what is unknown",
      [
        created(assignment.address, { app_role_id: "role-1" }, { after_unknown: { id: true } }),
        key(before, { ...before, secret: "two" }),
      ],
    ],
  ])("differs when %s differs", (_, resource_changes) => {
    expect(digest({ ...base, resource_changes })).not.toBe(digest(base));
  });

  test("differs when an output differs, or the stack", () => {
    expect(
      digest({
        ...base,
        output_changes: {
          client_id: { actions: ["update"], before: "a", after: "c" },
        },
      }),
    ).not.toBe(digest(base));
    expect(digest(base, LINEAGE, "aws-account2")).not.toBe(digest(base));
  });

  test("says nothing to somebody who can guess the secret but cannot read the state", () => {
    expect(digest(base)).toMatch(/^hmac-sha256:[0-9a-f]{64}$/);
    expect(digest(base, "00000000-0000-0000-0000-000000000000")).not.toBe(digest(base));
  });

  test("covers the masked list alone while there is no state, so that no secret is in it", () => {
    const first = (secret: string) =>
      plan([
        created(
          "azuread_user.u",
          { password: secret, user_principal_name: "a@b" },
          { after_sensitive: { password: true } },
        ),
      ]);
    expect(summarize("s", first("guess-1"), undefined).digest).toMatch(/^sha256:/);
    expect(summarize("s", first("guess-1"), undefined).digest).toBe(summarize("s", first("guess-2"), undefined).digest);
    expect(summarize("s", first("guess-1"), LINEAGE).digest).not.toBe(summarize("s", first("guess-2"), LINEAGE).digest);
    const other = plan([
      created(
        "azuread_user.u",
        { password: "guess-1", user_principal_name: "c@d" },
        { after_sensitive: { password: true } },
      ),
    ]);
    expect(summarize("s", other, undefined).digest).not.toBe(summarize("s", first("guess-1"), undefined).digest);
  });
});

test("a plan that only reads, or changes nothing, has no changes", () => {
  const read: ResourceChange = {
    ...change("data.azuread_group.g", ["read"], null, {}),
    mode: "data",
  };
  expect(summarize("s", plan([read, change("aws_iam_role.r", ["no-op"], {}, {})]), LINEAGE)).toMatchObject({
    changes: false,
    list: "",
  });
  expect(
    summarize(
      "s",
      plan([], {
        output_changes: { x: { actions: ["create"], before: null, after: 1 } },
      }),
      LINEAGE,
    ).changes,
  ).toBe(true);
});
