import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "../../../bench/measure";
import { addAccounts } from "../many-accounts";
import { copyProject } from "../run/project";

/**
 * What a rehearsal costs: one stack, the project's own, and sixty accounts that one deploy makes. A whole run each, once: it is a
 * sequence of many commands, and its own steps are its repetition. It measures and judges, and exits 1 only when a run fails.
 */
const AIM_SEC = 60;
const ACCOUNTS = 60;

const project = join(__dirname, "..", "..", "..");
const rehearse = ["node", "-r", "ts-node/register/transpile-only", "packages/rehearsal/rehearse.ts"];

/** A copy of the project with so many accounts of the recommended kind. */
function withAccounts(folder: string, count: number): string {
  copyProject(project, folder);
  addAccounts(folder, count, '{ covers: "everyone" }');
  return folder;
}

function main(): void {
  const temporary = mkdtempSync(join(tmpdir(), "bench-rehearsal-"));
  try {
    const runs = [
      { what: "rehearsal, one stack", cwd: project, args: ["aws-account2"] },
      { what: "rehearsal, the project's stacks", cwd: project, args: [] },
      { what: `rehearsal, ${ACCOUNTS} accounts`, cwd: withAccounts(join(temporary, "project"), ACCOUNTS), args: [] },
    ];
    console.log(`${"".padEnd(42)}${["time, s", "CPU, s", "MiB"].map((head) => head.padStart(10)).join("")}`);
    const times = runs.map(({ what, cwd, args }) => {
      const cost = measure({ argv: [...rehearse, ...args], cwd });
      const cells = [cost.wallSec.toFixed(1), cost.cpuSec.toFixed(1), cost.peakMiB.toFixed(0)];
      console.log(what.padEnd(42) + cells.map((cell) => cell.padStart(10)).join(""));
      return cost.wallSec;
    });
    const own = times[1] ?? Number.NaN;
    console.log(
      `\nthe project's stacks: ${own.toFixed(0)} s, aim ${AIM_SEC} s on 2 cores: ${own <= AIM_SEC ? "met" : "not met"}`,
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

main();
