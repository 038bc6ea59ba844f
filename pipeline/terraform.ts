import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lineage } from "./digest";
import { isObject, type Json } from "./json";
import { type Plan, parsePlan, parseState, type State } from "./plan";
import { redact, secretsOfEnvironment, secretsOfState } from "./redact";

/** Runs terraform in the folder of one stack and hands back what it printed. Nothing of that reaches the job's log by itself. */
export type Terraform = (
  folder: string,
  args: readonly string[],
) => { readonly code: number; readonly stdout: string; readonly stderr: string };

/** The `terraform` on the path. */
export const terraform: Terraform = (folder, args) => {
  const { status, stdout, stderr, error } = spawnSync("terraform", [`-chdir=${folder}`, ...args], {
    encoding: "utf8",
    // A trace log holds every request and answer in clear, tokens included.
    env: {
      ...process.env,
      TF_LOG: "",
      TF_LOG_CORE: "",
      TF_LOG_PROVIDER: "",
      TF_IN_AUTOMATION: "1",
      CHECKPOINT_DISABLE: "1",
    },
    maxBuffer: 512 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error !== undefined)
    throw new Error(`terraform did not run: ${(error as NodeJS.ErrnoException).code ?? error.name}`);
  return { code: status ?? 1, stdout, stderr };
};

/** Terraform failed. The message holds what Terraform said, less every secret. */
export class TerraformError extends Error {}

/** A plan in the job that made it, in clear. */
export interface LivePlan {
  readonly plan: Plan;
  /** The lineage of the state, nothing before the first deploy. */
  readonly key: string | undefined;
  /** Applies this very plan. */
  apply(): void;
}

export interface PlanOptions {
  readonly terraform: Terraform;
  /** An identity that only reads cannot write the lock of the state; one that deploys must hold it. */
  readonly lock: boolean;
}

/** Plans a stack and lends the plan to `use`. The plan file lies in a folder of its own, for this user only, and is gone afterwards. */
export function withPlan<T>(folder: string, { terraform, lock }: PlanOptions, use: (plan: LivePlan) => T): T {
  const scratch = mkdtempSync(join(tmpdir(), "plan-"));
  const file = join(scratch, "plan");
  const locking = lock ? "-lock-timeout=5m" : "-lock=false";
  const run = (...args: string[]): string => {
    const { code, stdout, stderr } = terraform(folder, args);
    if (code !== 0) throw new TerraformError(redact(complaint(args[0], stdout, stderr), secrets(folder, terraform)));
    return stdout;
  };
  try {
    run("init", "-input=false", "-no-color");
    const key = lineage(run("state", "pull"));
    run("plan", "-input=false", "-json", locking, `-out=${file}`);
    const plan = parsePlan(run("show", "-json", file));
    return use({
      plan,
      key,
      apply: () => {
        run("apply", "-input=false", "-json", locking, file);
      },
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * What Terraform said was wrong. Of `-json` output only the errors are taken: the summary, the detail and the address, not the excerpt of the
 * configuration with its values.
 */
function complaint(command: string | undefined, stdout: string, stderr: string): string {
  const errors = stdout.split("\n").flatMap((line) => diagnostic(line));
  return [`terraform ${command} failed`, ...(errors.length > 0 ? errors : [stderr.trim()])].join("\n\n");
}

function diagnostic(line: string): string[] {
  if (!line.startsWith("{")) return [];
  let message: Json;
  try {
    message = JSON.parse(line) as Json;
  } catch {
    return [];
  }
  const found = isObject(message) ? message["diagnostic"] : undefined;
  if (!isObject(found) || found["severity"] !== "error") return [];
  const text = (key: string): string => (typeof found[key] === "string" ? found[key] : "");
  return [[text("address"), text("summary"), text("detail")].filter((part) => part !== "").join("\n")];
}

/** Every secret that an error message could quote: the state's, and those of the job. A state that cannot be read gives none. */
function secrets(folder: string, terraform: Terraform): ReadonlySet<string> {
  const own = secretsOfEnvironment(process.env);
  const { code, stdout } = terraform(folder, ["show", "-json"]);
  return code === 0 ? new Set([...own, ...secretsOfState(stateOf(stdout))]) : own;
}

function stateOf(text: string): State {
  try {
    return parseState(text);
  } catch {
    return { format_version: "1.0" };
  }
}
