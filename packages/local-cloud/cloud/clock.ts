/** The rehearsal's own time: starts where it is told and moves only when somebody moves it, so 40 minutes or 3 years pass at once. */
export class Clock {
  constructor(private readonly state: { now: string }) {}

  now(): Date {
    return new Date(this.state.now);
  }

  /** Moves forward; time never runs back. */
  advance(by: { minutes?: number; days?: number }): void {
    const ms = ((by.minutes ?? 0) + (by.days ?? 0) * 24 * 60) * 60_000;
    if (ms < 0) throw new RangeError("the clock only moves forward");
    this.state.now = new Date(this.now().getTime() + ms).toISOString();
  }
}
