import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An empty folder with a configuration in it, in which the real `terraform` runs. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), "terraform-"));

  constructor(private readonly reattach: string) {}

  write(configuration: Record<string, unknown>): void {
    writeFileSync(join(this.folder, "main.tf.json"), JSON.stringify(configuration));
  }

  /** Runs `terraform` and never throws: a refusal is an answer, too. */
  run(...args: string[]): Promise<{ code: number; out: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn("terraform", args, {
        cwd: this.folder,
        env: {
          PATH: process.env.PATH,
          HOME: this.folder,
          CHECKPOINT_DISABLE: "1",
          TF_IN_AUTOMATION: "1",
          TF_REATTACH_PROVIDERS: this.reattach,
        },
      });
      let out = "";
      child.stdout.on("data", (data) => {
        out += data;
      });
      child.stderr.on("data", (data) => {
        out += data;
      });
      child.on("error", reject);
      child.on("close", (code) => resolve({ code: code ?? -1, out: out.replace(/\n[╷│╵] ?|^[╷│╵] ?/g, "\n") }));
    });
  }

  init = () => this.run("init", "-no-color", "-input=false");
  validate = () => this.run("validate", "-no-color");
  plan = (...args: string[]) => this.run("plan", "-no-color", "-input=false", "-detailed-exitcode", ...args);
  apply = (...args: string[]) => this.run("apply", "-no-color", "-input=false", "-auto-approve", ...args);
  destroy = () => this.run("destroy", "-no-color", "-input=false", "-auto-approve");
  import = (address: string, id: string) => this.run("import", "-no-color", "-input=false", address, id);

  /** The attributes of a resource as they stand in the state. */
  async state(address: string): Promise<Record<string, unknown>> {
    const { out } = await this.run("show", "-json");
    const { values } = JSON.parse(out) as {
      values?: { root_module: { resources?: { address: string; values: Record<string, unknown> }[] } };
    };
    const found = values?.root_module.resources?.find((resource) => resource.address === address);
    if (!found) throw new Error(`${address} is not in the state`);
    return found.values;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
