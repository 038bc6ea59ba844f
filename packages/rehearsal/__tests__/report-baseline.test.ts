import type { Account } from "../../local-cloud/cloud/aws/account";
import { Cloud } from "../../local-cloud/cloud/cloud";
import type { AlarmResult } from "../alarms/expectations";
import { alarmRow, type Baseline } from "../report/baseline";
import { renderHtml } from "../report/html";
import { renderMarkdown } from "../report/markdown";
import { isGreen, type Report, reportOf } from "../report/model";

const ID = "111122223333";
const HOME = "us-east-1";
const TOPIC = `arn:aws:sns:${HOME}:${ID}:alarms`;
const allow = (more: object): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...more }] });
/** The report on an account with a topic, and whatever else is made in it. */
async function report(
  change: (account: Account) => Promise<void> | void = () => {},
  results: readonly AlarmResult[] = [],
): Promise<Report> {
  const cloud = new Cloud();
  const account = cloud.account(ID);
  account.organizationTrail = true;
  await account.topics.create({ region: HOME, name: "alarms" });
  const { arn } = await account.topics.subscribe(TOPIC, "email", "security@contoso.com");
  account.topics.confirm(arn);
  await account.topics.subscribe(TOPIC, "https", "https://user:key-1@pager.example?token=key-1");
  await change(account);
  return reportOf(cloud.snapshot(), [], [], [{ accountId: ID, results }]);
}

async function watched(change?: (account: Account) => Promise<void> | void): Promise<Baseline> {
  const { watched: all } = await report(change);
  if (!all[0]) throw new Error("nothing is watched");
  return all[0].baseline;
}

const fact = ({ facts }: Baseline, label: string) => facts.find((one) => one.label === label)?.value;

/** What came of the root user's call in a region. */
const result = (region: string, changes: Partial<AlarmResult> = {}): AlarmResult => ({
  occurrence: { name: "root-call", what: "the root user starts a machine", region },
  expect: "everybody",
  holds: true,
  because: "every subscriber is told",
  paths: ["security@contoso.com", "https://user:key-1@pager.example?token=key-1"].map((endpoint) => ({
    steps: [],
    told: { protocol: "", endpoint, message: "m" },
  })),
  ...changes,
});

describe("alarms", () => {
  const deaf = (region: string) => {
    const because = `https://user:key-1@pager.example?token=key-1 is not told: rule refused, no rule in ${region} matches`;
    return result(region, { holds: false, because, paths: [] });
  };
  const quiet = result("eu-west-1", { expect: "nobody", paths: [], because: "nobody is told" });

  test("stand in a row for all regions in which they end the same way", async () => {
    const page = await report(undefined, [
      result("eu-west-1"),
      result("us-east-1"),
      deaf("sa-east-1"),
      deaf("ca-west-1"),
      quiet,
    ]);
    expect(page.watched[0]?.baseline.alarms.map((alarm) => alarmRow(alarm).slice(1))).toEqual([
      ["eu-west-1, us-east-1", "https://pager.example/…, security@contoso.com"],
      [
        "ca-west-1, sa-east-1",
        "nobody; https://pager.example/… is not told: rule refused, no rule in sa-east-1 matches",
      ],
      ["eu-west-1", "nobody, as it should be"],
    ]);
  });

  test("name many regions by those that are missing", async () => {
    const regions = ["a-1", "b-1", "c-1", "d-1", "e-1", "f-1"];
    const page = await report(undefined, [
      ...regions.map((region) => result(region)),
      ...regions.slice(1).map((region) => ({ ...quiet, occurrence: { ...quiet.occurrence, region } })),
    ]);
    expect(page.watched[0]?.baseline.alarms.map(({ where }) => where)).toEqual([
      "all 6 regions",
      "all 6 regions but a-1",
    ]);
  });

  test("make the report red when one does not end as it should", async () => {
    const good = await report(undefined, [result("eu-west-1"), quiet]);
    const bad = await report(undefined, [result("eu-west-1"), deaf("us-east-1")]);
    expect([isGreen(good), isGreen(bad)]).toEqual([true, false]);
    expect(renderMarkdown(bad)).toContain("# ❌ 1 alarm did not end as expected");
    expect(renderMarkdown(bad)).toContain("| ❌ | the root user starts a machine | us-east-1 | nobody;");
  });

  test("show of a webhook only where it is", async () => {
    const page = await report(undefined, [result("eu-west-1"), deaf("us-east-1")]);
    expect(fact(page.watched[0]?.baseline as Baseline, "Alarms go to")).toBe(
      "https://pager.example/… (has not confirmed, hears nothing yet); security@contoso.com",
    );
    expect(renderHtml(page) + renderMarkdown(page)).not.toContain("key-1");
  });

  test("cannot come without a trail", async () => {
    const baseline = await watched(async (account) => {
      account.organizationTrail = false;
      await account.eventRules.put({ region: HOME, name: "r", eventPattern: '{"source":["aws.iam"]}' });
    });
    expect(fact(baseline, "Trail")).toBe("none: no alarm can come");
  });
});

test("the account's settings are facts", async () => {
  const baseline = await watched(async (account) => {
    await account.settings.updatePasswordPolicy({ minimumPasswordLength: 14, requireNumbers: true });
    await account.contacts.put("SECURITY", {
      name: "Sam",
      title: "Head",
      emailAddress: "sam@contoso.com",
      phoneNumber: "1",
    });
    await account.accessAnalyzer.create({ region: HOME, name: "a", type: "ACCOUNT" });
    await account.regions.enable("me-south-1");
    await account.users.create({ name: "Svc" });
    await account.users.createAccessKey("Svc");
    await account.roles.create({
      name: "Open",
      assumeRolePolicyDocument: allow({
        Principal: { AWS: "arn:aws:iam::999988887777:root" },
        Action: "sts:AssumeRole",
        Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
      }),
    });
  });
  expect(fact(baseline, "Passwords of IAM users")).toBe("14 characters or more, with digits, no end");
  expect(fact(baseline, "Contacts")).toBe("security: Sam, sam@contoso.com");
  expect(fact(baseline, "Regions opted in to")).toBe("me-south-1");
  expect(fact(baseline, "Access Analyzer")).toMatch(
    /^in us-east-1; 0 expected findings; to be looked at: Open lets in \S*999988887777\S*$/,
  );
  expect(fact(baseline, "Entered without Entra")).toBe(
    "role Open (no policy) by arn:aws:iam::999988887777:root if aws:MultiFactorAuthPresent Bool true",
  );
  expect(fact(baseline, "IAM users")).toBe("Svc (no policy, 1 access key)");
  expect(fact(baseline, "Trail")).toBe("that of the organization");
});

test("keys of such an account are in the calendar", async () => {
  const { calendar } = await report(async (account) => {
    await account.users.create({ name: "Svc" });
    await account.users.createAccessKey("Svc");
  });
  expect(calendar).toMatchObject([
    { kind: "access key", account: `AWS account ${ID}`, state: "active", attention: false },
  ]);
});

test("an account that nobody enters with Entra here has a section of its own, in the page and in the Markdown", async () => {
  const page = await report(undefined, [result(HOME)]);
  expect(renderHtml(page)).toContain(`<h2 id="watched-${ID}-h">AWS account ${ID}</h2>`);
  expect(renderHtml(page)).toContain("<h3>What watches over the account</h3>");
  expect(renderMarkdown(page)).toContain(`## AWS account ${ID}`);
  expect(renderMarkdown(page)).toContain(
    `| ✅ | the root user starts a machine | ${HOME} | https://pager.example/…, security`,
  );
});

test("an account without any of it has no such section", () => {
  const cloud = new Cloud();
  cloud.account(ID);
  expect(reportOf(cloud.snapshot(), [], []).watched).toEqual([]);
});
