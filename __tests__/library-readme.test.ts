import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** constructs/README.md names every construct and stack, and every option of each. */
const LIBRARY = join(__dirname, "../constructs");
const rows = new Map(
  [...readFileSync(join(LIBRARY, "README.md"), "utf8").matchAll(/^\| `(\w+)`[^|]*\|[^|]*\|(.*)\|$/gm)].map(
    ([, name = "", options = ""]) => [name, [...options.matchAll(/`(\w+)`/g)].map(([, option = ""]) => option)],
  ),
);

const files = readdirSync(LIBRARY, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.startsWith("dist"))
  .map((file) => join(LIBRARY, file));
const program = ts.createProgram(files, {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  lib: ["lib.es2023.d.ts"],
  types: ["node"],
  noEmit: true,
  skipLibCheck: true,
});
const checker = program.getTypeChecker();

/** Classes that somebody can make: exported, not abstract, and not the bindings of a provider. */
const classes = files.flatMap((file) => {
  const source = program.getSourceFile(file);
  const statements = source ? [...source.statements] : [];
  return statements.filter(
    (node): node is ts.ClassDeclaration =>
      ts.isClassDeclaration(node) &&
      node.heritageClauses !== undefined &&
      (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) !== 0 &&
      (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Abstract) === 0 &&
      !/entra\/msgraph\.ts$/.test(file),
  );
});

/** Names of the properties that the last parameter of a class's constructor takes; none where it is a string or an account. */
function optionsOf(node: ts.ClassDeclaration): string[] {
  const [signature] = checker.getSignaturesOfType(
    checker.getTypeOfSymbol(checker.getSymbolAtLocation(node.name as ts.Identifier) as ts.Symbol),
    ts.SignatureKind.Construct,
  );
  const last = signature?.parameters.at(-1);
  if (!last || ["id", "alias", "account"].includes(last.name)) return [];
  return checker
    .getTypeOfSymbol(last)
    .getProperties()
    .map(({ name }) => name);
}

test("every construct and stack has a row, and no row is of something else", () => {
  expect([...rows.keys()].sort()).toEqual(classes.map(({ name }) => name?.text ?? "").sort());
});

test.each(classes.map((node) => [node.name?.text ?? "", node] as const))("%s: every option", (name, node) => {
  expect([...(rows.get(name) ?? [])].sort()).toEqual(optionsOf(node).sort());
});

/** A stack is no construct of one resource. */
const constructs = classes.filter(({ name }) => !name?.text.endsWith("Stack"));

test.each(constructs.map((node) => [node.name?.text ?? "", node] as const))(
  "%s leads to its resource, or to several by name",
  (_, node) => {
    const instance = checker.getTypeAtLocation(node);
    const isPublic = (symbol: ts.Symbol) =>
      symbol.declarations?.every(
        (one) => (ts.getCombinedModifierFlags(one) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) === 0,
      );
    const types = instance
      .getProperties()
      .filter((symbol) => isPublic(symbol) && symbol.name !== "node")
      .map((symbol) => [symbol.name, checker.typeToString(checker.getTypeOfSymbol(symbol))]);
    expect(types.some(([name, type]) => name === "resource" || type?.startsWith("ReadonlyMap<string,"))).toBe(true);
  },
);
