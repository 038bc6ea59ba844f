import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { terraform } from "../pipeline/terraform";

const folder = mkdtempSync(join(tmpdir(), "terraform-"));
const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});
afterAll(() => rmSync(folder, { recursive: true }));

test("runs terraform without any log of its own, whatever the job asks for, and without a look at the network", () => {
  writeFileSync(
    join(folder, "terraform"),
    `#!${process.execPath}\nprocess.stdout.write(JSON.stringify(process.env));\n`,
  );
  chmodSync(join(folder, "terraform"), 0o755);
  process.env["PATH"] = `${folder}:${before["PATH"]}`;
  // A trace log holds every token in clear.
  for (const name of ["TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER"]) process.env[name] = "trace";
  process.env["KEPT"] = "as it was";
  const { code, stdout } = terraform(folder, ["version"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    TF_LOG: "",
    TF_LOG_CORE: "",
    TF_LOG_PROVIDER: "",
    TF_IN_AUTOMATION: "1",
    CHECKPOINT_DISABLE: "1",
    KEPT: "as it was",
  });
});
