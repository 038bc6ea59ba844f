import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";

export interface Ran {
  /** Exit code; 128 + n where signal n ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The child reads and writes our terminal; otherwise its output is collected. */
  readonly interactive?: boolean;
}

/** How long an interrupted command may take by itself; afterwards whatever it started is interrupted, too, and at last killed. */
const GRACE_MS = 2_500;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Signal = (typeof SIGNALS)[number];

const running = new Map<ChildProcess, RunOptions>();

/** Runs a program to its end. Interrupted ourselves, we interrupt it and whatever it started, wait, and leave nothing behind. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  // Before there is a child that could outlive us.
  if (running.size === 0) watch();
  // A terminal gives its Ctrl-C to one group of processes and lets only that group read: there the child has to stay in ours.
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    detached: !options.interactive,
    stdio: options.interactive ? "inherit" : ["ignore", "pipe", "pipe"],
  });
  running.set(child, options);
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  return new Promise((resolve, reject) => {
    const done = () => {
      running.delete(child);
      if (running.size === 0 && !doomed) unwatch();
    };
    child.on("error", (error) => {
      done();
      reject(error);
    });
    child.on("close", (code, signal) => {
      done();
      if (doomed) return; // nobody should go on with the next command: we exit
      resolve({ code: code ?? 128 + (signal ? constants.signals[signal] : 0), ...output });
    });
  });
}

function watch(): void {
  for (const signal of SIGNALS) process.on(signal, interrupt);
  process.on("exit", killAll);
}

function unwatch(): void {
  for (const signal of SIGNALS) process.off(signal, interrupt);
  process.off("exit", killAll);
}

/** Once we are interrupted: every process that may not outlive us. */
let doomed: readonly number[] | undefined;

function interrupt(signal: Signal): void {
  const exit = () => process.exit(128 + constants.signals[signal]);
  if (doomed) exit(); // asked twice: at once, by way of killAll
  // Collected while the parents live: cdktf starts terraform in a terminal of its own, where no signal to a group finds it.
  const tree = runningTree();
  doomed = tree;
  // Each once, as terraform takes a second interrupt for the wish to stop without writing its state; cdktf passes its own on, and a
  // Ctrl-C in a terminal has reached whatever shares it.
  for (const [child, { interactive }] of running) if (!interactive || signal !== "SIGINT") child.kill("SIGINT");
  setTimeout(() => sendAll(tree, "SIGINT"), GRACE_MS);
  setTimeout(exit, 2 * GRACE_MS);
  setInterval(() => {
    if (!tree.some(lives)) exit();
  }, 50);
}

function killAll(): void {
  sendAll(doomed ?? runningTree(), "SIGKILL");
}

const runningTree = (): number[] =>
  [...running.keys()].flatMap(({ pid }) => (pid === undefined ? [] : [pid, ...descendants(pid)]));

function sendAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) send(pid, signal);
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // it has ended already
  }
}

/** A process that has ended but that nobody has waited for is listed still: the parent we killed, or a container without an init. */
const lives = (pid: number): boolean => send(pid, 0) && statusOf(pid)?.state !== "Z";

function descendants(pid: number): number[] {
  const parents = parentOfEach();
  const below = (of: number): number[] =>
    parents.filter(([, parent]) => parent === of).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

/** Process and parent, of all processes: from /proc, and where there is none (macOS) from ps. */
function parentOfEach(): [number, number][] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name): [number, number][] => {
        const status = statusOf(Number(name));
        return status ? [[Number(name), status.parent]] : [];
      });
  } catch {
    return execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map((line): [number, number] => {
        const [pid, parent] = line.trim().split(/\s+/);
        return [Number(pid), Number(parent)];
      });
  }
}

/** `undefined` when it has ended, or where there is no /proc. */
function statusOf(pid: number): { state: string; parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8"); // "123 (name, maybe with brackets) S 1 …"
    const [state = "", parent] = stat
      .slice(stat.lastIndexOf(")") + 1)
      .trim()
      .split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
