import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { linkPackages } from "../__tests__/support/link-packages";

/**
 * `npm run test:exits`: the ways out of cdktf stay open. It installs from the npm registry, and runs `terraform` against the
 * rehearsal's local cloud, so it needs both; `npm test` needs neither.
 */
const project = join(__dirname, "..");
const transpile = ["-r", "ts-node/register/transpile-only"];

/** Each tells what it saw; what it throws is a way that is closed. */
const EXITS: Readonly<Record<string, (folder: string) => string | Promise<string>>> = {
  "CDK Terrain under the name cdktf compiles and synthesizes the same": checkAlias,
  "plain terraform works on cdktf.out, and on what synth --hcl writes it plans the same": checkTerraform,
  "synth --hcl is refused while a certificate is retired": checkRefusal,
};

/** Only `package.json` changes: the providers' bindings take the fork for cdktf. */
function checkAlias(folder: string): string {
  copyProject(folder);
  const file = join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  // The CLI brings cdktf with it, and the fork has its own.
  const { "cdktf-cli": _, ...devDependencies } = manifest.devDependencies;
  const dependencies = { ...manifest.dependencies, cdktf: "npm:cdktn@0.24.0", constructs: "10.6.0" };
  const bindings = Object.keys(dependencies).filter((name) => name.startsWith("@cdktf/provider-"));
  const overrides = Object.fromEntries(bindings.map((name) => [name, { cdktf: "$cdktf" }]));
  writeFileSync(file, JSON.stringify({ ...manifest, dependencies, devDependencies, overrides }));
  rmSync(join(folder, "package-lock.json"));
  run(folder, "npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"]);
  const { name, version } = JSON.parse(
    readFileSync(join(folder, "node_modules", "cdktf", "package.json"), "utf8"),
  ) as Record<string, string>;
  const second = bindings.find((binding) => existsSync(join(folder, "node_modules", binding, "node_modules", "cdktf")));
  if (name !== "cdktn" || second) throw new Error(`${second ?? "the project"} still has a cdktf of its own`);
  run(folder, "npm", ["run", "--silent", "typecheck"]);

  const theirs = synthesize(folder, folder);
  const ours = synthesize(project, join(folder, "cdktf-0.21"));
  for (const [name, stack] of Object.entries(ours)) {
    if (!isDeepStrictEqual(theirs[name], stack)) throw new Error(`${name} is not the same JSON`);
  }
  return `${name} ${version}: tsc passes; ${Object.keys(ours).join(", ")}: JSON equal but for the comments`;
}

/** What of the rehearsal is used here; it is loaded by path, so that the project builds without it. */
interface LocalCloud {
  synth(): Promise<string[]>;
  stack(name: string): { folder: string };
  terraform(stack: string, args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  stop(): void;
}

async function checkTerraform(folder: string): Promise<string> {
  const rehearsal = join(project, "packages", "rehearsal", "run", "local-cloud");
  if (!existsSync(`${rehearsal}.ts`)) throw new Error("cannot tell without packages/: it stands in for the providers");
  const { LocalCloud } = (await import(rehearsal)) as {
    LocalCloud: { start(options: object): Promise<LocalCloud> };
  };
  const variables = Object.values(synthesize(project, join(folder, "json"))).flatMap(({ variable }) =>
    Object.keys(variable ?? {}),
  );
  const cloud = await LocalCloud.start({
    project,
    folder: join(folder, "cloud"),
    variables: Object.fromEntries(variables.map((name) => [name, "A-value-for-the-check-1"])),
  });
  try {
    const stacks = await cloud.synth();
    const fromJson = await plans(cloud, stacks);
    copyProject(join(folder, "hcl"), { withPackages: true });
    // Refused for baselines: cdktf loses the backslashes of their event patterns.
    const main = join(folder, "hcl", "main.ts");
    writeFileSync(main, readFileSync(main, "utf8").replace(/(baselines: BaselineClass\[\]) = \[[^\]]*\]/, "$1 = []"));
    run(join(folder, "hcl"), "npx", ["cdktf", "synth", "--hcl"]);
    const inHcl = stacks.filter((name) => existsSync(join(folder, "hcl", "cdktf.out", "stacks", name, "cdk.tf")));
    for (const name of inHcl) {
      rmSync(join(cloud.stack(name).folder, "cdk.tf.json"));
      const written = join(folder, "hcl", "cdktf.out", "stacks", name, "cdk.tf");
      renameSync(written, join(cloud.stack(name).folder, "cdk.tf"));
    }
    const fromHcl = await plans(cloud, inHcl);
    const different = inHcl.filter((name, i) => !isDeepStrictEqual(fromJson[stacks.indexOf(name)], fromHcl[i]));
    if (different.length > 0) throw new Error(`HCL plans otherwise than JSON: ${different.join(", ")}`);
    return stacks
      .map((name, i) => `${name}${inHcl.includes(name) ? "" : " (JSON alone)"}: ${fromJson[i]?.summary}`)
      .join("; ");
  } finally {
    cloud.stop();
  }
}

/** What `terraform` alone would do to each stack: its summary, and every change with its values. */
async function plans(cloud: LocalCloud, stacks: readonly string[]): Promise<{ summary: string; changes: unknown }[]> {
  const found: { summary: string; changes: unknown }[] = [];
  for (const name of stacks) {
    const terraform = async (...args: string[]) => {
      const { code, stdout, stderr } = await cloud.terraform(name, args);
      if (code !== 0) throw new Error(`terraform ${args[0]} of ${name} ended with ${code}\n${stdout}${stderr}`);
      return stdout;
    };
    await terraform("validate", "-no-color");
    const summary = /^Plan: .*$/m.exec(await terraform("plan", "-input=false", "-no-color", "-out=exit.plan"))?.[0];
    const { resource_changes: changes } = JSON.parse(await terraform("show", "-json", "exit.plan")) as {
      resource_changes?: unknown;
    };
    found.push({ summary: summary ?? "no changes", changes });
  }
  return found;
}

/** HCL output has no `removed` block, without which Terraform would delete a live certificate. */
function checkRefusal(folder: string): string {
  copyProject(folder, { withPackages: true });
  const app = ["--app", `node ${transpile.join(" ")} exits/retired.ts`];
  run(folder, "npx", ["cdktf", "synth", ...app]);
  const refused = spawn(folder, "npx", ["cdktf", "synth", "--hcl", ...app]);
  const reason = /^.*signing\.retired.*$/m.exec(refused.output)?.[0];
  if (refused.status === 0) throw new Error("it was not refused");
  if (!reason) throw new Error(`it failed, but not for the certificate\n${refused.output}`);
  return reason.trim();
}

type Stack = { readonly variable?: Readonly<Record<string, unknown>> };

/** Runs the app in a folder; its stacks by name, without the comments, which hold the version of the tool. */
function synthesize(folder: string, out: string): Record<string, Stack> {
  const outdir = join(out, "synthesized");
  mkdirSync(outdir, { recursive: true });
  run(folder, process.execPath, [...transpile, "main.ts"], { CDKTF_OUTDIR: outdir });
  const withoutComments = (key: string, value: unknown) => (key === "//" ? undefined : value);
  return Object.fromEntries(
    readdirSync(join(outdir, "stacks")).map((name) => [
      name,
      JSON.parse(readFileSync(join(outdir, "stacks", name, "cdk.tf.json"), "utf8"), withoutComments) as Stack,
    ]),
  );
}

const LEFT_OUT = ["node_modules", ".git", "cdktf.out", "rehearsal.out", "coverage"];

function copyProject(to: string, { withPackages = false } = {}): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(project).filter((name) => !LEFT_OUT.includes(name) && !name.includes(".tfstate"))) {
    cpSync(join(project, name), join(to, name), {
      recursive: true,
      filter: (path) => basename(path) !== "node_modules",
    });
  }
  if (withPackages) linkPackages(project, to);
}

function run(cwd: string, command: string, args: readonly string[], env: Record<string, string> = {}): void {
  const { status, output } = spawn(cwd, command, args, env);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}\n${output}`);
}

function spawn(cwd: string, command: string, args: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, CI: "1", CHECKPOINT_DISABLE: "1", ...env },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, output: error ? error.message : `${stdout}${stderr}` };
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "exits-"));
  const wanted = process.argv[2] ?? "";
  const exits = Object.entries(EXITS).filter(([name]) => name.includes(wanted));
  let failed = 0;
  try {
    for (const [index, [name, check]] of exits.entries()) {
      try {
        console.log(`passed  ${name}\n        ${await check(join(folder, `${index}`))}`);
      } catch (error) {
        failed += 1;
        console.log(`FAILED  ${name}\n        ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(`${exits.length - failed} passed, ${failed} failed`);
  if (failed > 0 || exits.length === 0) process.exitCode = 1;
}

void main();
