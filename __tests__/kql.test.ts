import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { signInEndpoints } from "../constructs/clouds";
import { analyzeKql } from "./support/kql";
import tables from "./support/kql-tables.json";
import { blocksOf } from "./support/stack-json";
import { synthAccount } from "./support/synth";

// The language service takes seconds to warm up, on a busy machine more than the five that a test gets.
jest.setTimeout(60_000);

const folder = join(__dirname, "../docs/kql");
const names = readdirSync(folder).filter((name) => name.endsWith(".kql"));
const read = (name: string) => readFileSync(join(folder, name), "utf8");

describe("the queries for Sentinel", () => {
  test("are the ones that the list of docs/kql/README.md shows", () => {
    const listed = [...read("README.md").matchAll(/\]\((\S+\.kql)\)/g)].map((match) => match[1]);
    expect(listed.sort()).toEqual([...names].sort());
  });

  test.each(names)("%s is KQL over columns that its tables have", (name) => {
    expect(analyzeKql(read(name)).problems).toEqual([]);
  });

  test.each(names)("%s says what it answers, which tables it reads and what else to expect", (name) => {
    const query = read(name);
    const header = query.split(/^(?!\/\/)/m, 1)[0] ?? "";
    for (const part of ["// Answers ", "// Tables ", "// Expect "]) expect(header).toContain(part);
    const body = query.slice(header.length);
    const used = Object.keys(tables).filter((table) => new RegExp(`\\b${table}\\b`).test(body));
    const said = Object.keys(tables).filter((table) => new RegExp(`\\b${table}\\b`).test(header));
    expect(said).toEqual(used);
    expect(body).toMatch(/^let \w+ = /);
  });

  describe("find what the stacks make", () => {
    const regions = ["eu-west-1", "us-east-1", "ap-southeast-2"];
    const made = blocksOf(synthAccount({ organization: { regions } }).json);
    const named = (type: string) =>
      made.filter((block) => block.type === type).map(({ body }) => String(body["display_name"]));
    /** The value of a `let` of the query, as KQL quotes it. */
    const letOf = (query: string, name: string) =>
      new RegExp(`^let ${name} = @?"([^"]*)";`, "m").exec(query)?.[1]?.replace("Contoso", "Fabrikam") ?? "no such let";

    test.each(names.filter((name) => read(name).includes("let AppNames")))(
      "%s: applications, and their accounts",
      (name) => {
        for (const app of named("azuread_application")) {
          expect(app.startsWith(letOf(read(name), "AppNames"))).toBe(true);
          for (const [, pattern = ""] of read(name).matchAll(/extract\(@"([^"]+)", 1, AppDisplayName\)/g)) {
            expect(new RegExp(pattern).exec(app)?.[1]).toBe("210987654321");
          }
        }
      },
    );

    test("the groups that PIM knows, and the policies", () => {
      expect(named("azuread_group")).not.toEqual([]);
      for (const group of named("azuread_group")) {
        expect(group.startsWith(letOf(read("pim-activations.kql"), "GroupNames"))).toBe(true);
      }
      for (const policy of named("azuread_conditional_access_policy")) {
        expect(policy.startsWith(letOf(read("conditional-access-changes.kql"), "PolicyNames"))).toBe(true);
      }
    });

    test("reply URLs that are AWS's own, and none that is not", () => {
      const own = new RegExp(letOf(read("reply-urls-and-identifiers.kql"), "SignIn"), "g");
      const urls = [
        ...signInEndpoints("aws", regions),
        ...signInEndpoints("aws-cn", ["cn-north-1"]),
        ...signInEndpoints("aws-us-gov", ["us-gov-west-1"]),
      ];
      expect(urls.map((url) => url.replace(own, ""))).toEqual(urls.map(() => ""));
      for (const foreign of [
        "https://signin.aws.amazon.com.evil.example/saml",
        "https://evil.example/signin.aws.amazon.com/saml",
      ]) {
        expect(foreign.replace(own, "")).toContain("http");
      }
    });
  });

  test("aws-sessions shows the article's ROLE / UPN / AWS Account Number", () => {
    const { columns } = analyzeKql(read("aws-sessions.kql"));
    expect(columns).toEqual(
      expect.arrayContaining(["Session", "Role", "UserPrincipalName", "AccountId", "EntraSignIn", "SessionEnds"]),
    );
  });
});

// The checks above are worth what the language service finds.
test.each([
  [
    "a column of no table",
    "AuditLogs | where UserPrincipalName == 'a'",
    "1: The name 'UserPrincipalName' does not refer",
  ],
  ["a table of another workspace", "AWSGuardDuty | take 1", "1: The name 'AWSGuardDuty' does not refer"],
  [
    "a function that is none",
    "SigninLogs\n| extend a = extractt('a', 1, AppId)",
    "2: The name 'extractt' does not refer",
  ],
  ["half a line", "SigninLogs | where", "1: Missing expression"],
  ["a comparison of types that have none", "SigninLogs | where TimeGenerated > 'yesterday' + 1", "1: "],
])("the check finds %s", (_, query, message) => {
  expect(analyzeKql(query).problems.join("\n")).toContain(message);
});
