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
export function expect(holds: boolean, expected: string, came: () => string): void {
  if (!holds) throw new Unmet(expected, came());
}

/** Runs steps one after another, each a line with its time as it ends. */
export class Steps {
  private readonly times: number[] = [];

  constructor(private readonly write: (line: string) => void = console.log) {}

  /** @returns what the step returns; the line shows its `note` */
  async step<T>(name: string, work: () => Promise<T>, note?: (result: T) => string): Promise<T> {
    const start = performance.now();
    try {
      const result = await work();
      this.line("ok", name, start, note?.(result));
      return result;
    } catch (error) {
      this.line("FAILED", name, start);
      throw error;
    }
  }

  /** How many steps there were, and how long they took together, in seconds. */
  get summary(): string {
    const total = this.times.reduce((sum, time) => sum + time, 0);
    return `${this.times.length} steps in ${(total / 1000).toFixed(1)} s`;
  }

  private line(outcome: string, name: string, start: number, note?: string): void {
    const time = performance.now() - start;
    this.times.push(time);
    this.write(
      `${outcome.padEnd(6)} ${`${(time / 1000).toFixed(1)} s`.padStart(7)}  ${name}${note ? `: ${note}` : ""}`,
    );
  }
}
