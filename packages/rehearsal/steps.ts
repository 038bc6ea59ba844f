import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";

/** Something that a rehearsal expected and did not get. */
export class Unmet extends Error {
  constructor(
    readonly expected: string,
    readonly came: string,
  ) {
    super(`expected ${expected}; got ${came}`);
    this.name = "Unmet";
  }
}

/** Fails the step unless `holds`. */
export function ensure(holds: boolean, expected: string, came: () => string): void {
  if (!holds) throw new Unmet(expected, came());
}

/** What went wrong, for whoever reads the terminal. */
export function whatCame(error: unknown): string {
  if (error instanceof Unmet) return `expected: ${error.expected}\ncame:     ${error.came}`;
  return error instanceof Error ? error.message : String(error);
}

/** Does the same for every stack, as many at a time as there are processors. */
export async function each<T>(stacks: readonly string[], work: (stack: string) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  const waiting = [...stacks.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

/** Runs steps one after another, each a line with its time as it ends. */
export class Steps {
  /** What ran so far, in order. */
  readonly done: { readonly name: string; readonly ok: boolean; readonly seconds: number; readonly note?: string }[] =
    [];

  constructor(private readonly write: (line: string) => void = console.log) {}

  /** @returns what the step returns; the line shows its `note` */
  async step<T>(name: string, work: () => Promise<T>, note?: (result: T) => string): Promise<T> {
    const start = performance.now();
    try {
      const result = await work();
      this.line(true, name, start, note?.(result));
      return result;
    } catch (error) {
      this.line(false, name, start);
      throw error;
    }
  }

  /** How many steps there were, and how long they took together, in seconds. */
  get summary(): string {
    const total = this.done.reduce((sum, { seconds }) => sum + seconds, 0);
    return `${this.done.length} steps in ${total.toFixed(1)} s`;
  }

  private line(ok: boolean, name: string, start: number, note?: string): void {
    const seconds = (performance.now() - start) / 1000;
    this.done.push({ name, ok, seconds, ...(note ? { note } : {}) });
    const outcome = ok ? "ok" : "FAILED";
    this.write(`${outcome.padEnd(6)} ${`${seconds.toFixed(1)} s`.padStart(7)}  ${name}${note ? `: ${note}` : ""}`);
  }
}
