import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addAccounts } from "../many-accounts";
import { copyProject } from "../run/project";

// `npm run rehearse:accounts -- <number>`: the whole rehearsal, on a copy of the project with so many accounts of the recommended kind.
const [count = "60"] = process.argv.slice(2);
const project = mkdtempSync(join(tmpdir(), "accounts-"));
try {
  copyProject(join(__dirname, "..", "..", ".."), project);
  addAccounts(project, Number(count), '{ covers: "everyone" }');
  const rehearse = ["-r", "ts-node/register/transpile-only", "packages/rehearsal/rehearse.ts"];
  process.exitCode = spawnSync(process.execPath, rehearse, { cwd: project, stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}
