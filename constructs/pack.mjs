/**
 * `npm run pack:library [-- <folder>]`: packs the library for a project that takes it from npm in place of this folder. The tarball has
 * JavaScript and types where the repository has sources; the names that one imports are the same. It lies in <folder>, or in the current one.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const run = (command, args) => {
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};

rmSync(dist, { recursive: true, force: true });
run(process.execPath, [join(here, "../node_modules/typescript-native/bin/tsc"), "--project", here]);
const { exports: _, ...description } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const packed = {
  ...description,
  exports: { "./*": { types: "./*.d.ts", default: "./*.js" }, "./package.json": "./package.json" },
};
writeFileSync(join(dist, "package.json"), `${JSON.stringify(packed, null, 2)}\n`);
copyFileSync(join(here, "README.md"), join(dist, "README.md"));
copyFileSync(join(here, "../LICENSE"), join(dist, "LICENSE"));
run("npm", ["pack", dist, "--silent", "--pack-destination", resolve(process.argv[2] ?? ".")]);
rmSync(dist, { recursive: true });
