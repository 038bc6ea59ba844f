import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GitHub, stickyComment, stickyIssue } from "../pipeline/github";
import type { Json } from "../pipeline/json";
import { findingList, findings, nightlyText } from "../pipeline/nightly";
import type { Plan } from "../pipeline/plan";
import { COMMENT_LIMIT, fit, HANDOVER_LIMIT, MARKER, reportText, type StackReport } from "../pipeline/report";
import { deployStacks, digests, planStacks } from "../pipeline/run";
import { answers, change, created, fakeTerraform, LINEAGE, plan, updated } from "./support/terraform-plan";

const report = (stack: string, list: string): StackReport => ({
  stack,
  outcome: "planned",
  counts: { create: 1, update: 0, replace: 0, destroy: 2, forget: 0 },
  changes: true,
  list,
  digest: `hmac-sha256:${"0".repeat(64)}`,
});

const many = (count: number, list: string): StackReport[] =>
  Array.from({ length: count }, (_, index) => report(`aws-account${index}`, list));

const block = (lines: number): string =>
  `**Other changes**\n\`\`\`diff\n${'+ create "aws_iam_role.r"\n'.repeat(lines)}\`\`\``;

describe("the comment", () => {
  test("shows every stack in a table, then the lists, in one order", () => {
    const reports: StackReport[] = [
      report("b", block(1)),
      { stack: "a", outcome: "failed", error: "terraform plan failed\n```" },
    ];
    const text = reportText(
      {
        heading: "## Plan",
        reports,
        removed: ["gone"],
        run: "https://github.com/o/r/actions/runs/1",
      },
      COMMENT_LIMIT,
    );
    expect(text).toMatchInlineSnapshot(`
      "## Plan

      | stack | plan | digest |
      |---|---|---|
      | \`a\` | :x: failed | |
      | \`b\` | 1 to create, **2 to destroy** | \`hmac-sha256:0000000000000000000000000000000000000000000000000000000000000000\` |

      :warning: **No longer in the code:** \`gone\`. What they made stays in AWS and Entra, managed by nobody, unless it was destroyed before.

      [Whole lists in the summary of this run](https://github.com/o/r/actions/runs/1)

      ### a

      \`\`\`\`
      terraform plan failed
      \`\`\`
      \`\`\`\`

      ### b

      **Other changes**
      \`\`\`diff
      + create "aws_iam_role.r"
      \`\`\`"
    `);
    expect(
      reportText(
        {
          heading: "## Plan",
          reports: [...reports].reverse(),
          removed: ["gone"],
          run: "https://github.com/o/r/actions/runs/1",
        },
        COMMENT_LIMIT,
      ),
    ).toBe(text);
  });

  test.each([1, 8, 60, 300])(
    "of %i stacks with long lists stays under GitHub's limit, says that it is cut, and leaves no block open",
    (count) => {
      const text = reportText({ heading: "## Plan", reports: many(count, block(3000)) }, COMMENT_LIMIT);
      expect(text.length).toBeLessThanOrEqual(COMMENT_LIMIT);
      expect(text).toContain("Cut here");
      expect(text).toContain(`\`aws-account${count - 1}\``);
      expect((text.match(/^```/gm) ?? []).length % 2).toBe(0);
    },
  );

  test("says when nothing is affected", () => {
    expect(reportText({ heading: "## Plan", reports: [] }, COMMENT_LIMIT)).toContain("nothing to plan");
  });
});

test.each([1, 38])(
  "the reports of %i stacks fit into their share of what jobs hand over, with every digest",
  (count) => {
    const share = HANDOVER_LIMIT / 8;
    const fitted = fit(many(count, block(3000)), share);
    expect(Buffer.byteLength(JSON.stringify(JSON.stringify(fitted)))).toBeLessThanOrEqual(share);
    expect([...digests(fitted).keys()]).toHaveLength(count);
    expect(fit(many(2, "short"), share)).toEqual(many(2, "short"));
  },
);

describe("a deploy", () => {
  const approvedPlan = plan([created("azuread_group.g", { display_name: "AWS" })]);
  const otherPlan = plan([created("azuread_group.g", { display_name: "AWS-Administrators" })]);
  const deploy = (now: Plan, approved = approvedPlan) => {
    const reviewed = planStacks(["s"], {
      synth: "cdktf.out",
      terraform: fakeTerraform(answers(approved)),
    });
    const terraform = fakeTerraform(answers(now));
    return {
      terraform,
      reports: deployStacks(["s"], digests(reviewed), {
        synth: "cdktf.out",
        terraform,
      }),
    };
  };
  const commands = (terraform: { asked: string[][] }) => terraform.asked.map(([command]) => command);

  test("applies the plan that was approved, the very file that was compared", () => {
    const { terraform, reports } = deploy(approvedPlan);
    expect(reports).toMatchObject([{ deploy: "applied" }]);
    expect(commands(terraform)).toEqual(["init", "state", "plan", "show", "apply"]);
    const file = terraform.asked[2]?.find((arg) => arg.startsWith("-out="))?.slice("-out=".length);
    expect(terraform.asked[3]?.at(-1)).toBe(file);
    expect(terraform.asked[4]?.at(-1)).toBe(file);
  });

  test("and the plan before it call an existing group what the stack's synthesized JSON calls it", () => {
    const synth = mkdtempSync(join(tmpdir(), "synth-"));
    mkdirSync(join(synth, "stacks/s"), { recursive: true });
    const locals = { existing_group_names: { "group-1": "Platform admins" } };
    writeFileSync(join(synth, "stacks/s/cdk.tf.json"), JSON.stringify({ locals }));
    const assigned = answers(plan([created("azuread_app_role_assignment.a", { principal_object_id: "group-1" })]));
    const workplace = () => ({ synth, terraform: fakeTerraform(assigned) });
    const reports = [planStacks(["s"], workplace()), deployStacks(["s"], new Map(), workplace())].flat();
    rmSync(synth, { recursive: true });
    const list = expect.stringContaining('"group-1" = Platform admins');
    expect(reports).toEqual([expect.objectContaining({ list }), expect.objectContaining({ list })]);
  });

  test("stops when the plan is another one, and shows it", () => {
    const { terraform, reports } = deploy(otherPlan);
    expect(reports).toMatchObject([
      {
        deploy: "stopped",
        list: expect.stringContaining("AWS-Administrators"),
      },
    ]);
    expect(commands(terraform)).not.toContain("apply");
  });

  test("stops a stack that nobody approved", () => {
    const terraform = fakeTerraform(answers(approvedPlan));
    expect(deployStacks(["s"], new Map(), { synth: "cdktf.out", terraform })).toMatchObject([{ deploy: "stopped" }]);
    expect(commands(terraform)).not.toContain("apply");
  });

  test("does nothing where there is nothing left to do", () => {
    const { terraform, reports } = deploy(plan([]));
    expect(reports).toMatchObject([{ deploy: "unchanged" }]);
    expect(commands(terraform)).not.toContain("apply");
  });

  test("holds the lock of the state; a plan that only reads cannot", () => {
    const { terraform } = deploy(approvedPlan);
    expect(terraform.asked[2]).toContain("-lock-timeout=5m");
    const reading = fakeTerraform(answers(approvedPlan));
    planStacks(["s"], { synth: "cdktf.out", terraform: reading });
    expect(reading.asked[2]).toContain("-lock=false");
  });

  test("goes on with the next account when one fails", () => {
    const failing = fakeTerraform({ init: { code: 1, stderr: "no backend" } });
    expect(
      deployStacks(["a", "b"], new Map(), {
        synth: "cdktf.out",
        terraform: failing,
      }),
    ).toMatchObject([
      {
        stack: "a",
        deploy: "failed",
        error: expect.stringContaining("no backend"),
      },
      { stack: "b", deploy: "failed" },
    ]);
  });
});

describe("the nightly check", () => {
  const now = new Date("2026-11-24T03:17:00Z");
  const resource = (type: string, name: string, values: Json) => ({
    address: `${type}.${name}`,
    mode: "managed" as const,
    type,
    values,
  });
  const certificate = (name: string, end: string) =>
    resource("azuread_service_principal_token_signing_certificate", name, {
      end_date: end,
    });
  const key = (name: string, made: string) => resource("aws_iam_access_key", name, { create_date: made });
  const live = (...resources: ReturnType<typeof resource>[]): Plan =>
    plan([], { prior_state: { values: { root_module: { resources } } } });

  test("warns 60 days before a certificate ends, not before, and after it has ended", () => {
    const found = findings(
      live(
        certificate("day61", "2027-01-24T03:18:00Z"),
        certificate("day60", "2027-01-23T03:17:00Z"),
        certificate("gone", "2026-11-23T00:00:00Z"),
      ),
      now,
    ).expiring;
    expect(found).toEqual([
      {
        address: "azuread_service_principal_token_signing_certificate.gone",
        what: "expired on",
        day: "2026-11-23",
      },
      {
        address: "azuread_service_principal_token_signing_certificate.day60",
        what: "expires on",
        day: "2027-01-23",
      },
    ]);
  });

  test("names access keys of 90 days", () => {
    const found = findings(
      live(key("young", "2026-08-27T00:00:00Z"), key("old", "2026-08-26T00:00:00Z")),
      now,
    ).expiring;
    expect(found.map(({ address }) => address)).toEqual(["aws_iam_access_key.old"]);
  });

  test("names eligible memberships that end, and none that are permanent", () => {
    const eligible = (name: string, end: string | null) =>
      resource("azuread_privileged_access_group_eligibility_schedule", name, { expiration_date: end });
    const found = findings(live(eligible("ends", "2026-12-24T00:00:00Z"), eligible("stays", null)), now);
    expect(findingList(found)).toBe("azuread_privileged_access_group_eligibility_schedule.ends expires on 2026-12-24");
  });

  test("names subscriptions to alarms that nobody has confirmed", () => {
    const subscription = (name: string, pending: boolean) =>
      resource("aws_sns_topic_subscription", name, { pending_confirmation: pending, endpoint: "security@contoso.com" });
    const found = findings(live(subscription("b", true), subscription("a", true), subscription("c", false)), now);
    expect(findingList(found)).toBe(
      "gets no alarm until somebody confirms it: aws_sns_topic_subscription.a\n" +
        "gets no alarm until somebody confirms it: aws_sns_topic_subscription.b",
    );
  });

  test("calls a changed object drift, and an output that changes alone none", () => {
    const output = {
      pending_roles: {
        actions: ["update" as const],
        before: [],
        after: ["arn:role,arn:provider"],
      },
    };
    expect(findings(plan([], { output_changes: output }), now)).toMatchObject({
      drift: [],
      pending: ["arn:role,arn:provider"],
    });
    const drifted = plan([
      updated("aws_iam_role.r", { path: "/" }, { path: "/x/" }),
      change("aws_iam_role.same", ["no-op"], {}, {}),
    ]);
    expect(findings(drifted, now).drift).toEqual([{ address: "aws_iam_role.r", verb: "update" }]);
  });

  test("names roles that still wait, though nothing changes", () => {
    const output = {
      pending_roles: {
        actions: ["no-op" as const],
        before: ["r"],
        after: ["r"],
      },
    };
    expect(findings(plan([], { output_changes: output }), now).pending).toEqual(["r"]);
  });

  test("writes one text for all stacks, and none when all is well", () => {
    const well = { stack: "a", outcome: "checked" as const, list: "" };
    const drift = {
      stack: "b",
      outcome: "checked" as const,
      list: findingList(findings(plan([updated("aws_iam_role.r", { path: "/" }, { path: "/x/" })]), now)),
    };
    const failed = {
      stack: "c",
      outcome: "failed" as const,
      error: "terraform init failed",
    };
    expect(nightlyText([well], "RUN")).toBeUndefined();
    expect(nightlyText([failed, drift, well], "RUN")).toMatchInlineSnapshot(`
      "The nightly check of 3 stacks found something in 2. It changed nothing. [The run](RUN)

      ### b

      \`\`\`
      differs from the code: aws_iam_role.r (a deploy would update it)
      \`\`\`

      ### c

      \`\`\`
      could not be checked: terraform init failed
      \`\`\`"
    `);
  });
});

describe("GitHub", () => {
  /** A GitHub with these posts in it, which notes what is written. */
  function fake(posts: Json[]): GitHub & { written: unknown[] } {
    const written: unknown[] = [];
    const github: GitHub = (method, path, body) => {
      if (method !== "GET") written.push([method, path, body]);
      const page = Number(new URL(`https://x${path}`).searchParams.get("page"));
      return Promise.resolve(method === "GET" ? posts.slice((page - 1) * 100, page * 100) : {});
    };
    return Object.assign(github, { written });
  }
  const bot = { login: "github-actions[bot]" };

  test("gets one comment, written again at each push", async () => {
    const first = fake([{ id: 1, user: { login: "someone" }, body: "hello" }]);
    await stickyComment(first, "o/r", 7, MARKER, "text");
    expect(first.written).toEqual([["POST", "/repos/o/r/issues/7/comments", { body: `${MARKER}\ntext` }]]);

    const posts = Array.from({ length: 150 }, (_, id): Json => ({ id, user: { login: "someone" }, body: "x" }));
    const later = fake([...posts, { id: 999, user: bot, body: `${MARKER}\nold` }]);
    await stickyComment(later, "o/r", 7, MARKER, "new");
    expect(later.written).toEqual([["PATCH", "/repos/o/r/issues/comments/999", { body: `${MARKER}\nnew` }]]);
  });

  test("keeps a person's comment that copies the marker", async () => {
    const github = fake([{ id: 1, user: { login: "someone" }, body: `${MARKER}\nmine` }]);
    await stickyComment(github, "o/r", 7, MARKER, "text");
    expect(github.written).toMatchObject([["POST", "/repos/o/r/issues/7/comments", {}]]);
  });

  test("gets one issue, closed when nothing is left", async () => {
    const issue = { id: 5, number: 3, user: bot, body: `${MARKER}\nold` };
    const cases: [Json[], string | undefined, unknown[]][] = [
      [[], "text", [["POST", "/repos/o/r/issues", { title: "T", body: `${MARKER}\ntext` }]]],
      [[issue], "text", [["PATCH", "/repos/o/r/issues/3", { body: `${MARKER}\ntext` }]]],
      [[issue], undefined, [["PATCH", "/repos/o/r/issues/3", { state: "closed", state_reason: "completed" }]]],
      [[], undefined, []],
    ];
    for (const [posts, text, written] of cases) {
      const github = fake(posts);
      await stickyIssue(github, "o/r", MARKER, "T", text);
      expect(github.written).toEqual(written);
    }
  });
});

test("the state's lineage keys the digest of a plan", () => {
  const workplace = (lineage: string | undefined) => ({
    synth: "cdktf.out",
    terraform: fakeTerraform(answers(plan([created("azuread_group.g", { display_name: "AWS" })]), lineage)),
  });
  const digest = (lineage: string | undefined) => digests(planStacks(["s"], workplace(lineage))).get("s");
  expect(digest(LINEAGE)).toMatch(/^hmac-sha256:/);
  expect(digest(LINEAGE)).not.toBe(digest("11111111-6f7d-4d0e-9b52-2d5a4a2b8c11"));
});
