import { compare } from "./json";

/**
 * How many jobs share the stacks of one run. A run has at most 256 jobs of a matrix, and a company may have 300 stacks
 * (https://docs.github.com/en/actions/reference/limits). Eight at most serve any number: the jobs of a matrix can hand on a result only through an
 * output with a name of its own, which stands in the workflow (`report-0` to `report-7`), and the stacks of one job share the download of the
 * providers and do not run into Graph's throttling.
 */
export const MAX_CHUNKS = 8;

const MAX_JOBS = 256;

/** One job's share of the stacks. */
export interface Chunk {
  readonly index: number;
  readonly stacks: readonly string[];
}

/** Deals the stacks out evenly, in order. */
export function chunks(stacks: readonly string[], most = MAX_CHUNKS): Chunk[] {
  const number = Math.min(most, stacks.length);
  return Array.from({ length: number }, (_, index) => ({
    index,
    stacks: stacks.slice(
      Math.floor((index * stacks.length) / number),
      Math.floor(((index + 1) * stacks.length) / number),
    ),
  }));
}

/** A stage is a GitHub environment, with its approvers and its deploy identity, and the stacks that it covers. */
export interface Stage {
  /** The GitHub environment whose approval and identity a deploy takes. */
  readonly environment: string;
  /** Names of stacks; `*` stands for any characters. */
  readonly stacks: readonly string[];
}

/** A deploy job: the stacks of one stage, or a share of them. */
export interface Deploy {
  readonly environment: string;
  readonly stacks: readonly string[];
}

/** The deploy jobs. A stack belongs to the first stage that names it; a stack of no stage is an error, or it would quietly never be deployed. */
export function deploys(stacks: readonly string[], stages: readonly Stage[]): Deploy[] {
  const patterns = stages.map((stage) => ({ stage, names: stage.stacks.map(expression) }));
  const stageOf = new Map(
    stacks.map((stack) => [stack, patterns.find(({ names }) => names.some((name) => name.test(stack)))?.stage]),
  );
  const homeless = stacks.filter((stack) => stageOf.get(stack) === undefined);
  if (homeless.length > 0) throw new Error(`no stage in .github/stages.json names ${homeless.join(", ")}`);
  const jobs = stages.flatMap((stage) =>
    chunks([...stacks].sort(compare).filter((stack) => stageOf.get(stack) === stage)).map((chunk) => ({
      environment: stage.environment,
      stacks: chunk.stacks,
    })),
  );
  if (jobs.length > MAX_JOBS)
    throw new Error(`${jobs.length} deploy jobs, a run takes ${MAX_JOBS}; merge stages in .github/stages.json`);
  return jobs;
}

function expression(pattern: string): RegExp {
  const literal = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`);
}
