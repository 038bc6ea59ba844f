/**
 * First half of `app` in cdktf.json: checks the types of main.ts and all it imports (tsconfig.json beside this file) with the native
 * TypeScript compiler. An error is one line with file and line, and stops the synth. The second half, ts-node, only removes the types.
 * TS_NODE_TRANSPILE_ONLY=true skips the check, as it does for ts-node.
 */
const { spawnSync } = require("node:child_process");
const { dirname, join } = require("node:path");

/** TypeScript 7 stands beside the `typescript` that other tools program against: it has no such interface. */
const COMPILER = "typescript-native";

function check() {
  let compiler;
  try {
    compiler = dirname(require.resolve(`${COMPILER}/package.json`));
  } catch {
    console.error(
      `${COMPILER} is not installed, and cdktf.json checks types with it: run \`npm ci\`; a fork adds "${COMPILER}": "npm:typescript@7.0.2" to its dependencies`,
    );
    return 1;
  }
  const tsc = join(compiler, "bin", "tsc");
  const args = [tsc, "--project", __dirname, "--pretty", "false", "--singleThreaded"];
  return spawnSync(process.execPath, args, { stdio: ["ignore", 2, 2] }).status ?? 1;
}

if (process.env.TS_NODE_TRANSPILE_ONLY !== "true") process.exitCode = check();
