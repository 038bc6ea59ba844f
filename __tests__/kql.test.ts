import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { signInEndpoints } from "../constructs/clouds";
import { analyzeKql } from "./support/kql";
import tables from "./support/kql-tables.json";
import { loadProviderSchemas } from "./support/provider-schemas";
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
      const [, operator = "", operand = ""] =
        /replace_regex\(After, SignIn, ""\) (\w+) "([^"]+)"/.exec(read("reply-urls-and-identifiers.kql")) ?? [];
      const isForeign = (rest: string) => stringOperators[operator]?.(rest, operand);
      for (const foreign of [
        "http://localhost/saml",
        "https://evil.example/saml",
        "https://signin.aws.amazon.com.evil.example/saml",
        "https://evil.example/signin.aws.amazon.com/saml",
      ]) {
        expect(isForeign(foreign.replace(own, ""))).toBe(true);
      }
      for (const url of urls) expect(isForeign(url.replace(own, ""))).toBe(false);
    });
  });

  test("aws-sessions shows the article's ROLE / UPN / AWS Account Number", () => {
    const { columns } = analyzeKql(read("aws-sessions.kql"));
    expect(columns).toEqual(
      expect.arrayContaining(["Session", "Role", "UserPrincipalName", "AccountId", "EntraSignIn", "SessionEnds"]),
    );
  });
});

interface Rule {
  readonly name: string;
  /** As it stands in `let Arrived` of the rule: `1h`. */
  readonly every: string;
  readonly period: string;
  readonly severity: string;
  readonly entities: readonly string[];
}

const unquoted = (cell = "") => cell.replace(/`/g, "");
const rows = read("README.md")
  .split("\n")
  .filter((line) => line.startsWith("| ["))
  .map((line) => line.split("|").map((cell) => cell.trim()));
const rules = rows
  .filter(([, , , every = ""]) => !every.startsWith("no rule"))
  .map(([, query = "", , every = "", period = "", severity = "", ...entities]): Rule => {
    const name = /\((\S+)\)/.exec(query)?.[1] ?? "";
    const short = (words: string) => words.replace(/^(\d+) ([mhd])\w+$/, "$1$2");
    return { name, every: short(every), period: short(period), severity, entities: entities.map(unquoted) };
  });

describe.each(rules)("$name as an analytics rule", ({ name, every, period, severity, entities }) => {
  test("runs and looks back as Sentinel takes it", () => {
    // https://learn.microsoft.com/azure/sentinel/scheduled-rules-overview: 5 minutes to 14 days, and no gap between two runs
    expect(minutes(every)).toBeGreaterThanOrEqual(5);
    expect(minutes(period)).toBeGreaterThan(minutes(every));
    expect(minutes(period)).toBeLessThanOrEqual(minutes("14d"));
    expect(["Informational", "Low", "Medium", "High"]).toContain(severity);
  });

  test("asks for nothing that is older than its period, and tells an entry once", () => {
    const lets = new Map(
      [...read(name).matchAll(/^let (\w+) = ([\w ]+);/gm)].map(([, key = "", value = ""]) => [key, value]),
    );
    expect(lets.has("Arrived")).toBe(true);
    lets.set("Arrived", every);
    const length = (sum: string): number =>
      sum.split("+").reduce((all, part) => {
        const word = part.trim();
        return all + (lets.has(word) ? length(lets.get(word) ?? "") : minutes(word));
      }, 0);
    const reaches = [...read(name).matchAll(/ago\(([^)]+)\)/g)].map(([, sum = ""]) => length(sum));
    expect(Math.max(...reaches)).toBeLessThanOrEqual(minutes(period));
    // Either by when it arrived, or by a window that is as long as the time between two runs.
    const windows = [...read(name).matchAll(/between \(ago\(([^)]+)\) \.\. ago\(([^)]+)\)\)/g)];
    expect(windows.map(([, from = "", to = ""]) => length(from) - length(to))).toEqual(
      windows.map(() => minutes(every)),
    );
    if (windows.length === 0) expect(read(name)).toContain("ingestion_time() > ago(Arrived)");
  });

  test("has a column for each entity", () => {
    expect(analyzeKql(read(name)).columns).toEqual(expect.arrayContaining(entities.slice(0, 2)));
    expect(entities.slice(0, 2)).not.toContain("");
  });
});

test("a query that is no rule has its entities too", () => {
  const others = rows.filter(([, , , every = ""]) => every.startsWith("no rule"));
  expect(others.length + rules.length).toBe(names.length);
  for (const [, query = "", , , , , account, ip] of others) {
    const { columns } = analyzeKql(read(/\((\S+)\)/.exec(query)?.[1] ?? ""));
    for (const column of [unquoted(account), unquoted(ip)]) if (column) expect(columns).toContain(column);
  }
});

test("a change is weaker by whatever a policy can leave out, reach, ask or keep", () => {
  const query = read("conditional-access-changes.kql");
  const azuread = loadProviderSchemas()["registry.terraform.io/hashicorp/azuread"];
  const policy = azuread?.resource_schemas?.["azuread_conditional_access_policy"]?.block.block_types ?? {};
  // As Graph spells them: excluded_user_actions is excludeUserActions.
  const graph = (name: string) =>
    name
      .replace(/^filter$/, "application_filter")
      .replace(/^(in|ex)cluded_/, "$1clude_")
      .replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const listed = ["users", "applications"].flatMap((part) => {
    const { attributes = {}, block_types: blocks = {} } = policy["conditions"]?.block.block_types?.[part]?.block ?? {};
    return [...Object.keys(attributes), ...Object.keys(blocks)].map(
      (name) => `Policy.conditions.${part}.${graph(name)}`,
    );
  });
  expect(listed).toContain("Policy.conditions.users.excludeGuestsOrExternalUsers");
  expect(listed.filter((path) => !query.includes(path))).toEqual([]);
  // The other parts are compared as they stand.
  expect(query).toContain('bag_remove_keys(Policy.conditions, dynamic(["users", "applications"]))');
  expect(query).toContain('bag_remove_keys(Policy.grantControls, dynamic(["builtInControls"]))');
  expect(Object.keys(policy).map(graph).sort()).toEqual(["conditions", "grantControls", "sessionControls", "timeouts"]);
  expect(query).toContain("Policy.sessionControls");
});

function minutes(timespan: string): number {
  const [, many = "", unit = ""] = /^(\d+)([mhd])$/.exec(timespan) ?? [];
  return Number(many) * ({ m: 1, h: 60, d: 1440 }[unit] ?? Number.NaN);
}

/** What these operators of KQL find. A term is a run of letters and digits: https://learn.microsoft.com/kusto/query/datatypes-string-operators */
const stringOperators: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  contains: (text, part) => text.toLowerCase().includes(part.toLowerCase()),
  has: (text, part) => new RegExp(`(?<![a-z0-9])${part}(?![a-z0-9])`, "i").test(text),
};

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
