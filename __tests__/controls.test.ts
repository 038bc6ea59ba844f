import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import article from "./support/article-headings.json";
import { problemsIn } from "./support/controls";
import { deadLinks } from "./support/markdown";

const root = join(__dirname, "..");
const page = readFileSync(join(root, "docs/controls.md"), "utf8");
const problems = (text: string) => problemsIn(text, article.headings);

test("docs/controls.md maps every recommendation of the article to something that is there", () => {
  expect(problems(page)).toEqual([]);
});

// The check above is worth what it finds.
describe("the check finds", () => {
  /** The page with one text in place of another. */
  const changed = (from: string | RegExp, to: string) => {
    const text = page.replace(from, to);
    expect(text).not.toBe(page);
    return problems(text);
  };

  test("a heading that went", () => {
    expect(changed(/^### Plan RBAC\n[\s\S]*?(?=^##)/m, "")).toEqual(['no heading "Plan RBAC"']);
  });

  test("a heading that the article does not have", () => {
    expect(changed("### Plan RBAC", "### Plan groups")).toEqual([
      'no heading "Plan RBAC"',
      'the article has no heading "Plan groups"',
    ]);
  });

  test("a recommendation that went, and one that is there twice", () => {
    expect(
      problemsIn(page, [...article.headings.slice(0, -1), { heading: "Related resources", items: 10, prose: 0 }]),
    ).toEqual(["Related resources: item 10 is not mapped"]);
    expect(changed(/^\| text b( +)\|/m, "| text a$1|")).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/item text b is not mapped$/),
        expect.stringMatching(/item text a is mapped twice$/),
      ]),
    );
  });

  test("an option that was renamed", () => {
    expect(changed("role `membership`", "role `members`")[0]).toMatch(/there is no role `members`$/);
    expect(changed("account `conditionalAccess.require`", "account `conditionalAccess.requires`")[0]).toMatch(
      /there is no account `conditionalAccess\.requires`$/,
    );
  });

  test("a construct, a function, a file, a script and an output that are not there", () => {
    expect(changed("`SamlProvider`", "`SamlProviders`")[0]).toMatch(/there is no `SamlProviders`$/);
    expect(changed("`policyName()`", "`nameOfPolicy()`")[0]).toMatch(/there is no by `nameOfPolicy\(\)`$/);
    expect(changed("`npm run signin`", "`npm run signup`")[0]).toMatch(/there is no `npm run signup`$/);
    expect(changed("output `sign_in_url`", "output `sign_in`")[0]).toMatch(/there is no output `sign_in`$/);
  });

  test("a dead link, and a link to a heading that is not on the page", () => {
    expect(changed("](runbooks/root-user.md", "](runbooks/root.md")).toContainEqual(
      expect.stringMatching(/^dead link runbooks\/root\.md/),
    );
    expect(changed("](#what-it-costs)", "](#what-it-is)")).toEqual(["dead link #what-it-is"]);
  });

  test("a row without licence, and one that points nowhere", () => {
    expect(changed(/^(\| 1-3 +\|[^|]*)\|[^|]*\|[^|]*\|$/m, "$1| somewhere |  |")).toEqual([
      expect.stringMatching(/does not say which licence it needs$/),
      expect.stringMatching(/names no construct, option or page, and no reason why not$/),
    ]);
  });
});

/** The local cloud and the rehearsal are guests here: without packages/, what points there points nowhere, and everything else still has to hold. */
const lodger = existsSync(join(root, "packages"));
const pages = ["README.md", ...(lodger ? markdownIn("packages") : []), ...markdownIn("docs")];

test.each(pages)("the links of %s lead somewhere", (file) => {
  const dead = deadLinks(readFileSync(join(root, file), "utf8"), join(root, file));
  expect(dead.filter((target) => lodger || !/(^|\/)packages\//.test(target))).toEqual([]);
});

test("the README names every construct that has no `resource`, and no other", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, named = ""] = /map by name: ([\s\S]*?)`node\.findAll/.exec(readme) ?? [];
  const sources = readdirSync(join(root, "constructs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(root, "constructs", name), "utf8"));
  const without = sources
    .flatMap((text) => text.split(/^(?=export (?:abstract )?class )/m).slice(1))
    .filter((text) => / extends Construct /.test(text) && !/^ +readonly resource\??:/m.test(text))
    .map((text) => /class (\w+)/.exec(text)?.[1]);
  expect([...named.matchAll(/`([A-Z]\w+)`/g)].map(([, name]) => name).sort()).toEqual(without.sort());
});

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
}
