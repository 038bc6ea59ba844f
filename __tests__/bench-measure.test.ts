import { measure, measureByTurns } from "../bench/measure";

const node = (script: string) => ({ cwd: __dirname, argv: [process.execPath, "-e", script] });

/** Runs a script in a child of the measured process, as npx and the cdktf CLI do. */
const inChild = (script: string) =>
  node(`require("child_process").execFileSync(process.execPath, ["-e", ${JSON.stringify(script)}])`);

// Each case starts some processes, and the machine may be busy.
jest.setTimeout(60_000);

const BURN = "const end = process.cpuUsage().user + 600000; while (process.cpuUsage().user < end);";

describe("the measurement", () => {
  test("counts the CPU time of children, and not the time that they wait", () => {
    const idle = measure(inChild("setTimeout(() => {}, 300)"));
    const busy = measure(inChild(BURN));
    expect(busy.cpuSec - idle.cpuSec).toBeGreaterThan(0.4);
    expect(idle.wallSec).toBeGreaterThan(0.3);
  });

  test("takes the process that held most memory, child or not", () => {
    const hold = "Buffer.alloc(300 * 1024 * 1024, 1)";
    const small = measure(inChild(""));
    expect(small.peakMiB).toBeLessThan(200);
    expect(measure(inChild(hold)).peakMiB).toBeGreaterThan(300);
    expect(measure(node(hold)).peakMiB).toBeGreaterThan(300);
  });

  test("gives a command that failed no cost, but shows what it said", () => {
    expect(() => measure(node("console.error('no such stack'); process.exit(3)"))).toThrow(
      /ended with 3\nno such stack/,
    );
  });

  test("measures only what there is", () => {
    expect(Object.keys(measureByTurns({ project: node(""), baseline: undefined }, 2))).toEqual(["project"]);
  });
});
