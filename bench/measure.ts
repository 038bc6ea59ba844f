import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What one run of a command cost. */
export interface Cost {
  /** User and system seconds of the command and of every process that it waited for. */
  readonly cpuSec: number;
  /** Most memory that one of its Node processes held. */
  readonly peakMiB: number;
  readonly wallSec: number;
}

export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command once. One that fails has no cost: it throws what the command printed. */
export function measure({ argv, cwd, env }: Command): Cost {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const memoryFile = join(folder, "memory");
  const timesFile = join(folder, "times");
  try {
    const start = process.hrtime.bigint();
    // Node cannot ask for the CPU time of children; the shell's `times` can, with all their descendants in it:
    // https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#times
    const run = spawnSync("sh", ["-c", '"$@"; code=$?; times > "$0"; exit $code', timesFile, ...argv], {
      cwd,
      env: {
        ...process.env,
        ...env,
        NODE_OPTIONS: `--require=${join(__dirname, "report-memory.cjs")}`,
        BENCH_MEMORY_FILE: memoryFile,
      },
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    const wallSec = Number(process.hrtime.bigint() - start) / 1e9;
    if (run.status !== 0) {
      throw new Error(`${argv.join(" ")} in ${cwd} ended with ${run.status ?? run.signal}\n${run.stdout}${run.stderr}`);
    }
    const peaks = readFileSync(memoryFile, "utf8").trim().split("\n").map(Number);
    return { cpuSec: childrenSeconds(readFileSync(timesFile, "utf8")), peakMiB: Math.max(...peaks) / 1024, wallSec };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `times` prints the shell's own seconds on its first line, those of its children on the second: `0m1.30s 0m0.20s`. */
function childrenSeconds(times: string): number {
  const children = times.trim().split("\n")[1] ?? "";
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, min, sec]) => Number(min) * 60 + Number(sec));
  if (parts.length !== 2) throw new Error(`the shell's times are not readable: ${times}`);
  return parts.reduce((sum, part) => sum + part, 0);
}

/** Runs commands by turns (A B A B …), so that a machine that slows down slows all of them, and takes the medians. */
export function measureByTurns<Name extends string>(
  commands: Partial<Record<Name, Command>>,
  runs: number,
): Partial<Record<Name, Cost>> {
  const entries = Object.entries<Command | undefined>(commands).flatMap(([name, command]) =>
    command ? [{ name, command, costs: [] as Cost[] }] : [],
  );
  for (let run = 0; run < runs; run += 1) {
    for (const { command, costs } of entries) costs.push(measure(command));
  }
  return Object.fromEntries(entries.map(({ name, costs }) => [name, medianCost(costs)])) as Partial<Record<Name, Cost>>;
}

function medianCost(costs: readonly Cost[]): Cost {
  const median = (pick: (cost: Cost) => number) => {
    const sorted = costs.map(pick).sort((a, b) => a - b);
    return ((sorted[(sorted.length - 1) >> 1] ?? Number.NaN) + (sorted[sorted.length >> 1] ?? Number.NaN)) / 2;
  };
  return { cpuSec: median((c) => c.cpuSec), peakMiB: median((c) => c.peakMiB), wallSec: median((c) => c.wallSec) };
}
