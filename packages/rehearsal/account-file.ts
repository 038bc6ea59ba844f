import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/**
 * An account file, or the organization's, edited the way a person follows a recipe of the README: a value between two commas is
 * replaced, added or removed, everything else stays as it was typed. So the rehearsal tries what its reader will do, on the reader's
 * own files.
 */
export class AccountFile {
  private constructor(
    readonly path: string,
    private text: string,
    private readonly isIt: (node: ts.Node) => ts.ObjectLiteralExpression | undefined,
  ) {}

  /** The file in `<project>/stacks` whose class calls `super(…, "<stack>", {…})`. */
  static of(project: string, stack: string): AccountFile {
    const folder = join(project, "stacks");
    for (const name of readdirSync(folder).filter((file) => file.endsWith(".ts"))) {
      const path = join(folder, name);
      const file = new AccountFile(path, readFileSync(path, "utf8"), (node) => propsOf(node, stack));
      if (file.find()) return file;
    }
    throw new Error(`no file in stacks/ calls super(…, "${stack}", {…}); its recipes cannot be tried`);
  }

  /** `<project>/stacks/organization.ts`, whose `organization` is an object literal. */
  static ofOrganization(project: string): AccountFile {
    const path = join(project, "stacks", "organization.ts");
    return new AccountFile(path, readFileSync(path, "utf8"), organizationOf);
  }

  /** Source text of a property: `get("signing", "active")` is `"c2026"`, quotes and all; `undefined` where it is not written. */
  get(...path: string[]): string | undefined {
    return this.property(path)?.initializer.getText();
  }

  /** Names written under a property: `names("signing", "certificates")`. */
  names(...path: string[]): string[] {
    return this.literal(path).properties.flatMap((property) => (property.name ? [nameOf(property.name)] : []));
  }

  /** Writes a property, in place of its old text or as the last one of its object. */
  set(path: string[], value: string): this {
    const property = this.property(path);
    if (property) return this.splice(property.initializer.getStart(), property.initializer.getEnd(), value);
    const object = this.literal(path.slice(0, -1));
    const last = object.properties.at(-1);
    const entry = `${path.at(-1)}: ${value}`;
    if (last) return this.splice(last.getEnd(), last.getEnd(), `, ${entry}`);
    return this.splice(object.getStart(), object.getEnd(), `{ ${entry} }`);
  }

  /** Takes a property away, with its comma. */
  remove(...path: string[]): this {
    const property = this.property(path);
    if (!property) return this;
    const rest = this.text.slice(property.getEnd()).match(/^\s*,/)?.[0].length ?? 0;
    const before = rest ? 0 : (this.text.slice(0, property.getFullStart()).match(/,\s*$/)?.[0].length ?? 0);
    return this.splice(property.getFullStart() - before, property.getEnd() + rest, "");
  }

  /** Imports a name from the vocabulary of account files, where it is not imported yet. */
  import(name: string): this {
    const line = /import \{([^}]*)\} from "entra-aws-federation\/entra\/app-roles";/;
    const found = this.text.match(line);
    if (!found) {
      this.text = `import { ${name} } from "entra-aws-federation/entra/app-roles";\n${this.text}`;
    } else if (!found[1]?.split(",").some((word) => word.trim() === name)) {
      this.text = this.text.replace(
        line,
        `import {${found[1]}, ${name} } from "entra-aws-federation/entra/app-roles";`,
      );
    }
    return this;
  }

  save(): void {
    writeFileSync(this.path, this.text);
  }

  private splice(from: number, to: number, text: string): this {
    this.text = this.text.slice(0, from) + text + this.text.slice(to);
    return this;
  }

  private property(path: string[]): ts.PropertyAssignment | undefined {
    const name = path.at(-1);
    return this.literal(path.slice(0, -1)).properties.find(
      (property): property is ts.PropertyAssignment =>
        ts.isPropertyAssignment(property) && nameOf(property.name) === name,
    );
  }

  /** The object literal at a path; an object given to a function (`imported({ … })`) counts as its property's. */
  private literal(path: string[]): ts.ObjectLiteralExpression {
    let object = this.find();
    for (const name of path) {
      const property = object?.properties.find((one) => one.name && nameOf(one.name) === name);
      let value = property && ts.isPropertyAssignment(property) ? property.initializer : undefined;
      if (value && ts.isCallExpression(value)) value = value.arguments[0];
      object = value && ts.isObjectLiteralExpression(value) ? value : undefined;
    }
    if (!object)
      throw new Error(`${this.path} has no object literal at ${path.join(".")}; its recipes cannot be tried`);
    return object;
  }

  private find(): ts.ObjectLiteralExpression | undefined {
    const source = ts.createSourceFile(this.path, this.text, ts.ScriptTarget.ES2022, true);
    let found: ts.ObjectLiteralExpression | undefined;
    const visit = (node: ts.Node): void => {
      found = this.isIt(node) ?? found;
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  }
}

/**
 * The options of `super(…, "<stack>", {…})`, or the description in the same file that is spread into them (`{ organization, ...account2 }`); the
 * tenant's stand behind the organization.
 */
function propsOf(node: ts.Node, stack: string): ts.ObjectLiteralExpression | undefined {
  if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.SuperKeyword) return undefined;
  const [, id] = node.arguments;
  const options = node.arguments.at(-1);
  const its = id && ts.isStringLiteral(id) && id.text === stack;
  if (!its || !options || !ts.isObjectLiteralExpression(options)) return undefined;
  const spread = options.properties.find(ts.isSpreadAssignment)?.expression.getText();
  return spread === undefined ? options : describedAs(spread, node.getSourceFile());
}

/** The object of `const <name> = {…}`, with or without `satisfies`. */
function describedAs(name: string, source: ts.SourceFile): ts.ObjectLiteralExpression | undefined {
  for (const statement of source.statements.filter(ts.isVariableStatement)) {
    for (const { name: declared, initializer } of statement.declarationList.declarations) {
      const value = initializer && ts.isSatisfiesExpression(initializer) ? initializer.expression : initializer;
      if (declared.getText() === name && value && ts.isObjectLiteralExpression(value)) return value;
    }
  }
  return undefined;
}

/** The value of `organization`. */
function organizationOf(node: ts.Node): ts.ObjectLiteralExpression | undefined {
  if (!ts.isVariableDeclaration(node) || node.name.getText() !== "organization") return undefined;
  return node.initializer && ts.isObjectLiteralExpression(node.initializer) ? node.initializer : undefined;
}

function nameOf(name: ts.PropertyName): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText();
}
