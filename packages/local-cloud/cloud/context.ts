import type { Clock } from "./clock";
import type { Journal } from "./journal";

/** What a part of the cloud gets from the cloud it lives in. */
export interface CloudContext {
  readonly clock: Clock;
  readonly journal: Journal;
}
