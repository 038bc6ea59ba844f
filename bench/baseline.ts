import { copyFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type BlockSchema,
  isExpression,
  loadProviderSchemas,
  META_ARGUMENTS,
  type SchemaType,
  schemaOf,
} from "../__tests__/support/provider-schemas";
import { type Block, type Body, blocksOf, type StackJson } from "../__tests__/support/stack-json";

/**
 * Writes into an empty folder what `cdktf init --template=typescript` gives (its tsconfig.json, `npx ts-node`),
 * with the resources of a synthesized stack declared as the providers' documentation shows: package-root imports, L1 classes.
 * `main.ts` takes the number of stacks and the output folder.
 *
 * It is made from the JSON, so it cannot fall behind the project. That is kind to the baseline: what the project computes and
 * refers to is text here already, and costs no tokens.
 */
export function writeBaseline(folder: string, stack: StackJson): void {
  const template = join(dirname(require.resolve("cdktf-cli/package.json")), "bundle", "templates", "typescript");
  copyFileSync(join(template, "tsconfig.json"), join(folder, "tsconfig.json"));
  symlinkSync(join(__dirname, "..", "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), json({ name: "baseline", private: true }));
  writeFileSync(join(folder, "cdktf.json"), json({ language: "typescript", app: "npx ts-node main.ts" }));
  writeFileSync(join(folder, "main.ts"), mainFile(stack));
}

function mainFile(stack: StackJson): string {
  const schemas = loadProviderSchemas();
  const statements = [
    ...blocksOf(stack).map((block) => {
      const schema = schemaOf(block, stack, schemas);
      if (!schema) throw new Error(`${block.address}: no provider schema at hand has it`);
      return hasBindings(block) ? construct(block, schema) : override(block);
    }),
    ...Object.entries(stack.locals ?? {}).map(([name, value]) => named("TerraformLocal", name, json(value))),
    ...Object.entries(stack.output ?? {}).map(([name, value]) => named("TerraformOutput", name, json(value))),
    ...Object.entries(stack.check ?? {}).map(([name, value]) => `this.addOverride("check.${name}", ${json(value)});`),
  ];
  return `/// <reference types="node" />
import { App, TerraformLocal, TerraformOutput, TerraformStack, Token } from "cdktf";
import { Construct } from "constructs";
import * as aws from "@cdktf/provider-aws";
import * as azuread from "@cdktf/provider-azuread";

// Not every stack has an expression that needs a token.
export const tokens = Token;

export class MyStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    ${statements.join("\n    ")}
  }
}

if (require.main === module) {
  const [count = "1", outdir] = process.argv.slice(2);
  const app = new App({ outdir });
  for (let index = 1; index <= Number(count); index += 1) new MyStack(app, \`stack\${index}\`);
  app.synth();
}
`;
}

const providerOf = (block: Block) => block.type.split("_", 1)[0] ?? "";

const hasBindings = (block: Block) => ["aws", "azuread"].includes(providerOf(block));

function named(type: string, name: string, config: string): string {
  return `new ${type}(this, "${type} ${name}", ${config}).overrideLogicalId("${name}");`;
}

/** A block that a binding has a class for; Terraform's own arguments go in as the JSON has them. */
function construct(block: Block, schema: BlockSchema): string {
  const mine = (name: string) => name !== "//" && !META_ARGUMENTS[block.kind].includes(name);
  const config = Object.fromEntries(Object.entries(block.body).filter(([name]) => mine(name)));
  const meta = Object.entries(block.body).filter(([name]) => name !== "//" && !mine(name));
  const create = `new ${className(block)}(this, "${block.address}", ${bodyCode(config, schema)})`;
  if (block.kind === "provider") return `${create};`;
  const lines = [
    `.overrideLogicalId("${block.address.split(".").at(-1)}")`,
    ...meta.map(([name, value]) => `.addOverride("${name}", ${json(value)})`),
  ];
  return `{ const it = ${create}; ${lines.map((line) => `it${line};`).join(" ")} }`;
}

/** `data.azuread_service_principals.x` is an `azuread.dataAzureadServicePrincipals.DataAzureadServicePrincipals`. */
function className({ kind, type }: Block): string {
  const [provider = "", ...words] = type.split("_");
  if (kind === "provider") return `${provider}.provider.${pascal(provider)}Provider`;
  const name = kind === "data" ? camel(`data_${type}`) : camel(words.join("_"));
  return `${provider}.${name}.${pascal(name)}`;
}

/** A provider without bindings here would get its classes from `cdktf get`; overrides cost less than those. */
function override({ kind, type, address, body }: Block): string {
  const { "//": _, ...rest } = body;
  if (kind === "provider") return `this.addOverride("provider.${type}", ${json([rest])});`;
  return `this.addOverride("${kind === "data" ? address : `resource.${address}`}", ${json(rest)});`;
}

function bodyCode(body: Body, schema: BlockSchema): string {
  const members = Object.entries(body).map(([name, value]) => {
    const type = schema.attributes?.[name]?.type;
    const nested = schema.block_types?.[name]?.block;
    if (!type && !nested) throw new Error(`${name} is not in the schema`);
    const code = (item: unknown) => (nested ? bodyCode(item as Body, nested) : valueCode(item, type ?? "dynamic"));
    return `${camel(name)}: ${nested && Array.isArray(value) ? `[${value.map(code).join(", ")}]` : code(value)}`;
  });
  return `{ ${members.join(", ")} }`;
}

/** Where the type wants no text, an expression takes the token of that type, as an attribute of another resource would be. */
function valueCode(value: unknown, type: SchemaType): string {
  if (isExpression(value)) {
    const token = {
      number: "asNumber",
      list: "asList",
      set: "asList",
      map: "asStringMap",
      bool: "asAny",
      object: "asAny",
    };
    const kind = typeof type === "string" ? type : type[0];
    return kind in token ? `Token.${token[kind as keyof typeof token]}(${json(value)})` : json(value);
  }
  if (typeof type !== "string" && Array.isArray(value) && type[0] !== "object") {
    const element = type[1];
    return `[${value.map((item) => valueCode(item, element)).join(", ")}]`;
  }
  if (typeof type !== "string" && type[0] === "object") {
    const attributes = Object.fromEntries(Object.entries(type[1]).map(([name, member]) => [name, { type: member }]));
    return bodyCode(value as Body, { attributes });
  }
  return json(value);
}

const json = (value: unknown) => JSON.stringify(value);
const camel = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
