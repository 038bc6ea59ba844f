import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Cloud } from "../../local-cloud/cloud/cloud";
import { enginesFor } from "../../local-cloud/provider/providers";
import { PluginServer } from "../../local-cloud/provider/server";
import { readPlan, type StackPlan } from "./plan";
import { type Ran, run } from "./processes";
import { copyProject } from "./project";
import { readSeed, seedAccounts, seedTenants } from "./seed";
import { keepStateIn, readStacks, type SynthesizedStack } from "./stacks";
import { type Environment, environment, requireNode, requireTerraform } from "./terraform";

/** A command of `terraform` or `cdktf` that should have passed and did not. */
export class CommandFailed extends Error {
  constructor(
    /** As one would type it. */
    readonly command: string,
    /** Where it ran. */
    readonly folder: string,
    readonly ran: Ran,
  ) {
    // terraform explains itself on stderr, cdktf on stdout.
    super([`${command} ended with exit code ${ran.code}`, ran.stdout, ran.stderr].join("\n").trimEnd());
    this.name = "CommandFailed";
  }
}

export interface LocalCloudOptions {
  /** The reader's project; it is copied and never written to. */
  readonly project: string;
  /** Everything that is made lies here; a store that an earlier run left in it is opened again. */
  readonly folder: string;
  /** Values of Terraform variables, by name. */
  readonly variables?: Environment;
  /** `cdktf` reads and writes our terminal. */
  readonly interactive?: boolean;
}

/** A project, the real `terraform` and `cdktf`, and a cloud on this machine that they take for Entra and AWS. */
export class LocalCloud {
  private synthesized: SynthesizedStack[] = [];
  private readonly initialized = new Set<string>();

  private constructor(
    readonly cloud: Cloud,
    /** The copy of the project, in which every command runs. */
    readonly project: string,
    private readonly options: LocalCloudOptions,
    private readonly server: PluginServer,
    private readonly env: Environment,
  ) {}

  static async start(options: LocalCloudOptions): Promise<LocalCloud> {
    const { folder, variables, interactive } = options;
    const store = join(folder, "cloud.json");
    mkdirSync(folder, { recursive: true });
    const cloud = existsSync(store) ? Cloud.open(store) : new Cloud(store);
    const server = await PluginServer.start(enginesFor(cloud));
    const terminal = interactive === true && process.stdout.isTTY === true;
    const env = environment({ home: join(folder, "home"), reattach: server.reattach, variables, terminal });
    try {
      requireNode();
      await requireTerraform(env, folder);
    } catch (error) {
      server.stop();
      throw error;
    }
    return new LocalCloud(cloud, join(folder, "project"), options, server, env);
  }

  /** The same project, clouds and states once more, in a folder within this one: what happens there stays there. */
  async fork(name: string): Promise<LocalCloud> {
    const folder = join(this.options.folder, name);
    this.cloud.save();
    for (const made of ["cloud.json", "states"]) {
      cpSync(join(this.options.folder, made), join(folder, made), { recursive: true });
    }
    const fork = await LocalCloud.start({ ...this.options, folder });
    copyProject(this.project, fork.project);
    await fork.synthAgain();
    return fork;
  }

  /** Ends what `start` began; the store stays on disk. */
  stop(): void {
    this.server.stop();
    this.cloud.save();
  }

  /** Names of the stacks, after `synth`. */
  get stacks(): string[] {
    return this.synthesized.map(({ name }) => name);
  }

  stack(name: string): SynthesizedStack {
    const found = this.synthesized.find((stack) => stack.name === name);
    if (found) return found;
    throw new Error(`there is no stack ${name}; the project has ${this.stacks.join(", ") || "none"}`);
  }

  /** Copies the project as it is now, synthesizes it, and puts into tenants and accounts what its stacks take for granted. */
  async synth(): Promise<string[]> {
    copyProject(this.options.project, this.project);
    const ran = await this.runCdktf(["synth"], false);
    if (ran.code !== 0) throw new CommandFailed("cdktf synth", this.project, ran);
    return this.takeOver();
  }

  /**
   * Synthesizes the copy, with whatever was edited in it, by the program that `cdktf synth` runs; without the CLI around it and without
   * types, which `synth` has looked at: both take longer than the synthesis.
   */
  async synthAgain(): Promise<string[]> {
    const { app } = JSON.parse(readFileSync(join(this.project, "cdktf.json"), "utf8")) as { app: string };
    const ran = await run("sh", ["-c", app], {
      cwd: this.project,
      env: { ...this.env, TS_NODE_TRANSPILE_ONLY: "true" },
    });
    if (ran.code !== 0) throw new CommandFailed(app, this.project, ran);
    return this.takeOver();
  }

  private takeOver(): string[] {
    this.initialized.clear();
    this.synthesized = readStacks(this.project);
    for (const stack of this.synthesized) keepStateIn(stack, this.stateFile(stack.name));
    seedAccounts(this.cloud, this.synthesized);
    seedTenants(this.cloud, this.synthesized, readSeed(this.project));
    return this.stacks;
  }

  /** What the real `terraform` would change in a stack. */
  async plan(stack: string): Promise<StackPlan> {
    const file = this.planFile(stack);
    await this.mustPass(stack, ["plan", "-input=false", "-no-color", `-out=${file}`]);
    const { stdout } = await this.mustPass(stack, ["show", "-json", file]);
    return readPlan(stack, stdout);
  }

  /**
   * Whether Terraform says "No changes", or only that it will read once more what a check block looks at. A plan tells which changes there
   * are, and takes twice as long.
   */
  async unchanged(stack: string): Promise<boolean> {
    const ran = await this.terraform(stack, ["plan", "-input=false", "-no-color", "-detailed-exitcode"]);
    if (ran.code === 1) throw new CommandFailed("terraform plan", this.stack(stack).folder, ran);
    return ran.code === 0 || (await this.plan(stack)).empty;
  }

  /** Applies a stack with `terraform` alone, which is several times faster than `cdktf deploy`. A failure is an answer, too. */
  apply(stack: string): Promise<Ran> {
    return this.terraform(stack, ["apply", "-input=false", "-no-color", "-auto-approve"]);
  }

  /** Destroys a stack with `terraform` alone. */
  destroy(stack: string): Promise<Ran> {
    return this.terraform(stack, ["destroy", "-input=false", "-no-color", "-auto-approve"]);
  }

  /** The outputs of a stack. Sensitive ones are among them. */
  async outputs(stack: string): Promise<Record<string, unknown>> {
    const { stdout } = await this.mustPass(stack, ["output", "-json"]);
    const outputs = JSON.parse(stdout) as Record<string, { value: unknown }>;
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }

  /** Any `terraform` command in the folder of a stack. */
  async terraform(stack: string, args: readonly string[]): Promise<Ran> {
    const { folder } = this.stack(stack);
    if (!this.initialized.has(stack)) {
      const init = ["init", "-input=false", "-no-color"];
      const ran = await run("terraform", init, { cwd: folder, env: this.env });
      if (ran.code !== 0) throw new CommandFailed(`terraform ${init.join(" ")}`, folder, ran);
      this.initialized.add(stack);
    }
    return run("terraform", args, { cwd: folder, env: this.env });
  }

  /** Any `cdktf` command that works on what `synth` has made: `plan`, `deploy`, `destroy`, `output`. */
  cdktf(args: readonly string[]): Promise<Ran> {
    return this.runCdktf([...args, "--skip-synth"], this.options.interactive ?? false);
  }

  /** Where the state of a stack is kept. */
  stateFile(stack: string): string {
    return join(this.options.folder, "states", `${stack}.tfstate`);
  }

  /** Where the last plan of a stack is kept. */
  planFile(stack: string): string {
    return join(this.options.folder, "states", `${stack}.plan`);
  }

  private async mustPass(stack: string, args: readonly string[]): Promise<Ran> {
    const ran = await this.terraform(stack, args);
    if (ran.code !== 0) throw new CommandFailed(`terraform ${args.join(" ")}`, this.stack(stack).folder, ran);
    return ran;
  }

  private runCdktf(args: readonly string[], interactive: boolean): Promise<Ran> {
    return run(process.execPath, [cdktfProgram(this.options.project), ...args], {
      cwd: this.project,
      env: this.env,
      interactive,
    });
  }
}

/** The `cdktf` command of the project's own packages. */
function cdktfProgram(project: string): string {
  const manifest = createRequire(join(project, "package.json")).resolve("cdktf-cli/package.json");
  const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { bin: { cdktf: string } };
  return join(dirname(manifest), bin.cdktf);
}
