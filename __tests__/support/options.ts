import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const root = join(__dirname, "../..");

/** What a reader fills in, by the word that the docs use for it. */
const FILLED_IN: Readonly<Record<string, readonly [file: string, type: string]>> = {
  account: ["constructs/stacks/aws-account-props.ts", "AwsAccountProps"],
  role: ["constructs/stacks/aws-account-props.ts", "AccountRole"],
  organization: ["constructs/stacks/organization-stack.ts", "Organization"],
  tenant: ["constructs/stacks/tenant-stack.ts", "TenantProps"],
  baseline: ["constructs/stacks/account-baseline-props.ts", "AccountBaselineProps"],
  activation: ["constructs/entra/eligible-members.ts", "ActivationRules"],
  imported: ["constructs/entra/app-roles.ts", "ImportedAppRoles"],
};

/** The words that stand before an option: account `claims.roleSessionName`. */
export const optionWords: readonly string[] = Object.keys(FILLED_IN);

const program = ts.createProgram([...new Set(Object.values(FILLED_IN).map(([file]) => join(root, file)))], {
  ...ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config.compilerOptions,
  ...settings(),
});
const checker = program.getTypeChecker();

/** The compiler's own numbers for what tsconfig.json says in words; types are read, nothing is checked or written. */
function settings(): ts.CompilerOptions {
  return {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: undefined,
    lib: ["lib.es2023.d.ts"],
    types: ["node"],
    rootDir: root,
    noEmit: true,
  };
}

/** Whether `a.b.c` is an option: a property of the type behind the word, of a property of that, and so on; `*` is any name. */
export function isOption(word: string, path: string): boolean {
  const [file = "", name = ""] = FILLED_IN[word] ?? [];
  const source = program.getSourceFile(join(root, file));
  const module = source && checker.getSymbolAtLocation(source);
  const symbol = module && checker.getExportsOfModule(module).find((exported) => exported.name === name);
  if (!symbol) return false;
  let types = [checker.getDeclaredTypeOfSymbol(symbol)];
  for (const segment of path.split(".")) {
    types = types.flatMap(constituents).flatMap((type) => {
      if (segment === "*") return [type.getStringIndexType(), type.getNumberIndexType()].filter((found) => !!found);
      const property = type.getProperty(segment);
      return property ? [checker.getTypeOfSymbol(property)] : [];
    });
  }
  return types.length > 0;
}

function constituents(type: ts.Type): ts.Type[] {
  return type.isUnion() ? type.types.flatMap(constituents) : [type];
}

/** Names that a file of constructs/ or stacks/ exports: classes, functions, constants, types. */
export const exportedNames: ReadonlySet<string> = new Set(
  ["constructs", "stacks"].flatMap((folder) =>
    sourcesIn(folder).flatMap((file) => {
      const text = readFileSync(join(root, folder, file), "utf8");
      const exports = text.matchAll(/^export (?:abstract )?(?:class|function|const|interface|type) (\w+)/gm);
      return [...exports].map(([, name = ""]) => name);
    }),
  ),
);

function sourcesIn(folder: string): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith(".ts"));
}
