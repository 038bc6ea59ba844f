import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Ran, run } from "./processes";

/** `use_lockfile` of the S3 backend came with 1.10. https://developer.hashicorp.com/terraform/language/backend/s3 */
const OLDEST_TERRAFORM = "1.10.0";
const INSTALL = "https://developer.hashicorp.com/terraform/install";

export type Environment = Readonly<Record<string, string>>;

/** Names that would lead a command to a real cloud, to the user's own Terraform files, or to a debugger. */
const REAL_WORLD =
  /^(AWS|ARM|AZURE|MSGRAPH|TF|TERRAFORM|CDKTF|XDG)_|^(NODE_OPTIONS|CHECKPOINT_DISABLE|CI|HOME|USERPROFILE|APPDATA)$/;

/**
 * The environment in which `terraform` and `cdktf` know the local cloud alone.
 *
 * @param home folder that stands for the user's own: nothing is read from or written to `~/.terraform.d` and `~/.cdktf`
 * @param variables values of Terraform variables, by name
 */
export function environment(settings: {
  home: string;
  reattach: string;
  variables?: Environment;
  /** cdktf may draw on a terminal and ask for approval; otherwise it prints plain lines. */
  terminal?: boolean;
  from?: NodeJS.ProcessEnv;
}): Environment {
  const { home, reattach, variables = {}, terminal = false, from = process.env } = settings;
  const kept = Object.entries(from).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !REAL_WORLD.test(entry[0]),
  );
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`TF_VAR_${name}`, value])),
    HOME: home,
    USERPROFILE: home,
    TF_CLI_CONFIG_FILE: cliConfiguration(home),
    TF_REATTACH_PROVIDERS: reattach,
    TF_IN_AUTOMATION: "1",
    CHECKPOINT_DISABLE: "1",
    // A terraform of the rehearsal lives for a second or two, a third of which it would spend in its garbage collector.
    GOGC: "400",
    // Else cdktf asks the registry for checksums, and links the user's global plugin cache.
    CDKTF_SKIP_PROVIDER_LOCK: "true",
    CDKTF_DISABLE_PLUGIN_CACHE_ENV: "true",
    ...(terminal ? {} : { CI: "1" }),
  };
}

/** A provider that the local cloud does not serve is looked for in an empty folder, never in the registry. */
function cliConfiguration(home: string): string {
  const plugins = join(home, "plugins");
  mkdirSync(plugins, { recursive: true });
  const file = join(home, "terraform.rc");
  writeFileSync(
    file,
    `disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(plugins)}\n  }\n}\n`,
  );
  return file;
}

/** Refuses, with the page that helps, to go on without a Terraform that is new enough. */
export async function requireTerraform(env: Environment, cwd: string): Promise<void> {
  let found: Ran;
  try {
    found = await run("terraform", ["version", "-json"], { cwd, env });
  } catch {
    throw new Error(`terraform is not on the PATH. Install ${OLDEST_TERRAFORM} or later: ${INSTALL}`);
  }
  const version = found.code === 0 ? (JSON.parse(found.stdout) as { terraform_version: string }).terraform_version : "";
  if (!atLeast(version, OLDEST_TERRAFORM)) {
    throw new Error(
      `terraform is ${version || "of an unknown version"}, but ${OLDEST_TERRAFORM} or later is needed: ${INSTALL}`,
    );
  }
}

/** Refuses to go on with a Node.js that cdktf's CLI does not start on: its node-pty has prebuilt binaries for 20 and 22 alone. */
export function requireNode(version = process.versions.node): void {
  const tried = ["20.19.0", "22.12.0"].some(
    (oldest) => version.split(".")[0] === oldest.split(".")[0] && atLeast(version, oldest),
  );
  if (tried) return;
  throw new Error(
    `Node.js is ${version}, but cdktf's CLI starts on 20.19 and later of 20, or 22.12 and later of 22: https://nodejs.org/en/download`,
  );
}

/** Compares the numbers of two versions; `1.11.0-rc1` counts as 1.11.0. */
export function atLeast(version: string, oldest: string): boolean {
  const numbers = (text: string) => (text.split("-")[0] ?? "").split(".").map(Number);
  const [is, needs] = [numbers(version), numbers(oldest)];
  const differs = needs.findIndex((number, index) => is[index] !== number);
  return differs < 0 || (is[differs] ?? 0) > (needs[differs] ?? 0);
}
