import type { Json } from "../../pipeline/json";
import type { BlockSchema } from "./provider-schemas";
import { loadProviderSchemas } from "./provider-schemas";
import type { StackJson } from "./stack-json";
import { synthesizedStacks } from "./synthesized-stacks";

/** The resource types of the stacks in this repository. */
export function plannedTypes(): string[] {
  return typesIn(synthesizedStacks());
}

/** The resource types of these stacks. */
export function typesIn(stacks: readonly { readonly json: StackJson }[]): string[] {
  const types = stacks.flatMap(({ json }) => Object.keys(json.resource ?? {}));
  return [...new Set(types)].sort();
}

/** The resource types whose schema the project keeps. */
export const knownTypes = (): { type: string; block: BlockSchema }[] =>
  Object.values(loadProviderSchemas()).flatMap(({ resource_schemas = {} }) =>
    Object.entries(resource_schemas).map(([type, { block }]) => ({ type, block })),
  );

/** The sensitive attributes of a resource type: `secret`, `credential.value`. */
export function sensitivePaths(block: BlockSchema | undefined): string[] {
  const own = Object.entries(block?.attributes ?? {}).flatMap(([name, attribute]) =>
    "sensitive" in attribute && attribute.sensitive === true ? [name] : [],
  );
  const nested = Object.entries(block?.block_types ?? {}).flatMap(([name, { block }]) =>
    sensitivePaths(block).map((path) => `${name}.${path}`),
  );
  return [...own, ...nested];
}

/** An object of the type with a text in every attribute, in nested blocks too: what `value` says for its path. */
export function filled(block: BlockSchema, value: (path: string) => Json, path = ""): { [key: string]: Json } {
  const attributes = Object.keys(block.attributes ?? {}).map((name): [string, Json] => [name, value(`${path}${name}`)]);
  const blocks = Object.entries(block.block_types ?? {}).map(([name, nested]): [string, Json] => [
    name,
    [filled(nested.block, value, `${path}${name}.`)],
  ]);
  return Object.fromEntries([...attributes, ...blocks]);
}
