import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { federate } from "../main";
import { isFork } from "./support/fork";
import { annotations, testApp } from "./support/synth";

const STACKS = join(__dirname, "..", "stacks");

/** What a value looks like that belongs to somebody: an id, an address, a domain, a number, a network. */
const SOMEBODYS: readonly RegExp[] = [
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  /^\d{12}$/,
  /^arn:/,
  /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  /^(https?:\/\/)?([\w-]+\.)+(com|net|org|io|dev|cloud|example)(\/\S*)?$/i,
  /^\+[\d ()-]{7,}$/,
  /^\d{1,3}(\.\d{1,3}){3}(\/\d+)?$/,
];

/** Options whose value belongs to somebody whatever it looks like. */
const OPTIONS: readonly string[] = [
  "company",
  "domain",
  "alias",
  "profile",
  "bucket",
  "bucketName",
  "storageAccountName",
  "trustedPrincipals",
];

/** The literals of a file that somebody has to replace; what stands in sentences and comments is not among them. */
function literals(text: string): string[] {
  const source = ts.createSourceFile("file.ts", text, ts.ScriptTarget.ES2022, true);
  const found: string[] = [];
  const visit = (node: ts.Node, option: string): void => {
    const name = ts.isPropertyAssignment(node) ? node.name.getText() : option;
    if (ts.isStringLiteralLike(node) && !ts.isImportDeclaration(node.parent)) {
      if (OPTIONS.includes(option) || SOMEBODYS.some((form) => form.test(node.text))) found.push(node.text);
    }
    ts.forEachChild(node, (child) => visit(child, name));
  };
  visit(source, "");
  return found;
}

const files = readdirSync(STACKS).map((name) => ({ name, text: readFileSync(join(STACKS, name), "utf8") }));

test("values that belong to somebody are found, in whatever option they stand", () => {
  const text = `
    // 203.0.113.1
    import { x } from "fabrikam.com";
    const all = {
      company: "Fabrikam", roleArn: "arn:aws:iam::1:role/A", mail: ["a@fabrikam.com"], range: "10.0.0.0/8", phone: "+41 44 000 00 00",
      id: "12345678-0000-0000-0000-00000000c0de", account: \`210987654321\`, host: "www.fabrikam.net", backend: () => new B({ bucket: "state", key: "k" }),
      text: "write such as '10.0.0.0/8'", name: "Account1", region: "eu-west-1",
    };`;
  expect(literals(text)).toEqual([
    "Fabrikam",
    "arn:aws:iam::1:role/A",
    "a@fabrikam.com",
    "10.0.0.0/8",
    "+41 44 000 00 00",
    "12345678-0000-0000-0000-00000000c0de",
    "210987654321",
    "www.fabrikam.net",
    "state",
  ]);
});

(isFork ? describe.skip : describe)("every sample value that ships is named by a warning at synth", () => {
  const app = testApp();
  federate(app);
  const warnings = annotations(app, "@cdktf/warn").filter((warning) =>
    warning.includes(", a sample; fill in your own"),
  );
  const values = files.flatMap(({ name, text }) => literals(text).map((value) => [name, value] as const));

  test("in the files that are to be filled in", () => {
    expect([...new Set(values.map(([name]) => name))]).toEqual([
      "account1.ts",
      "account2-baseline.ts",
      "account2.ts",
      "organization.ts",
    ]);
  });

  test("no location is trusted until somebody writes it", () => {
    expect(literals(readFileSync(join(STACKS, "tenant.ts"), "utf8"))).toEqual([]);
  });

  test.each(values)("%s: %s", (_, value) => {
    expect(warnings.filter((warning) => warning.includes(` is '${value}', `))).not.toEqual([]);
  });
});
