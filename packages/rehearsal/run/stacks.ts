import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A block of Terraform JSON configuration. */
export type Configuration = { readonly [name: string]: unknown };

/** A stack as `cdktf synth` wrote it. */
export interface SynthesizedStack {
  readonly name: string;
  /** Where `terraform` runs. */
  readonly folder: string;
  readonly configuration: Configuration;
}

/** The stacks in a project's `cdktf.out`, by name. */
export function readStacks(project: string): SynthesizedStack[] {
  const stacks = join(project, "cdktf.out", "stacks");
  return readdirSync(stacks)
    .sort()
    .map((name) => {
      const folder = join(stacks, name);
      return {
        name,
        folder,
        configuration: JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as Configuration,
      };
    });
}

/** The project that a stack was synthesized in. */
export const projectOf = ({ folder }: SynthesizedStack): string => join(folder, "..", "..", "..");

/** A stack and those that were synthesized with it. */
export const stacksBeside = (stack: SynthesizedStack): SynthesizedStack[] => readStacks(projectOf(stack));

/**
 * Keeps the state of a stack in a local file, whatever backend it names: an override file wins over the configuration beside it.
 * https://developer.hashicorp.com/terraform/language/files/override
 */
export function keepStateIn(stack: SynthesizedStack, file: string): void {
  const override = { terraform: { backend: { local: { path: file } } } };
  writeFileSync(join(stack.folder, "zz_rehearsal_override.tf.json"), `${JSON.stringify(override, null, 2)}\n`);
}

/** The bodies of all resources of a type. */
export function resourcesOf({ configuration }: SynthesizedStack, type: string): Configuration[] {
  return members(member(configuration.resource, type));
}

/** The resources of a type, each with its name. */
export function namedResourcesOf({ configuration }: SynthesizedStack, type: string): [string, Configuration][] {
  return Object.entries((member(configuration.resource, type) ?? {}) as Record<string, Configuration>);
}

/**
 * Whether people sign in to what a stack makes: it has an application with an identifier. Account baseline and what the tenant shares
 * have none; such a stack is deployed and destroyed like any other, and nobody's sign-in is tried on it.
 */
export function isEntered(stack: SynthesizedStack): boolean {
  return resourcesOf(stack, "azuread_application_identifier_uri").length > 0;
}

/** The blocks of a provider; cdktf writes them as a list. */
export function providerBlocks({ configuration }: SynthesizedStack, name: string): Configuration[] {
  return members(member(configuration.provider, name));
}

/** Every string that stands under one of these names, at any depth. */
export function stringsUnder(value: unknown, names: readonly string[]): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    names.includes(name)
      ? [inner].flat().filter((item): item is string => typeof item === "string")
      : stringsUnder(inner, names),
  );
}

/** Custom security attributes that a stack writes to its application, by set and name. */
export function writtenAttributes(stack: SynthesizedStack): Record<string, Record<string, unknown>> {
  const bodies = resourcesOf(stack, "msgraph_update_resource").map(({ body }) =>
    member(body, "customSecurityAttributes"),
  );
  const sets = bodies.flatMap((sets) => Object.entries((sets ?? {}) as Configuration));
  return Object.fromEntries(
    sets.map(([set, values]) => [
      set,
      Object.fromEntries(entriesOf(values).filter(([name]) => !name.includes("@odata."))),
    ]),
  );
}

/** Of an object, or of the map of texts that the stack writes as an expression. */
const entriesOf = (values: unknown): [string, unknown][] =>
  typeof values === "string"
    ? [...values.matchAll(/"([^"]+)" = "([^"]*)"/g)].map(([, name = "", value]) => [name, value])
    : Object.entries((values ?? {}) as Configuration);

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Configuration)[name] : undefined;

const members = (value: unknown): Configuration[] =>
  typeof value === "object" && value !== null ? (Object.values(value) as Configuration[]) : [];
