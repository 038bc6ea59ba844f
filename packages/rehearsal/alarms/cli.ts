import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import type { DeliveryPath } from "../../local-cloud/cloud/aws/event-delivery";
import { Cloud } from "../../local-cloud/cloud/cloud";
import { readStacks, type SynthesizedStack } from "../run/stacks";
import { hasAlarms } from "./configured";
import { type AlarmResult, checkAlarms, confirmed, unwatchedRegions } from "./expectations";

const USAGE = `npm run alarm -- --stack aws-account2-baseline --event root-sign-in    something happens, link by link to whoever hears of it
npm run alarm -- --stack aws-account2-baseline --check                 everything that the stack watches for, and what it must not

  --event NAME         without it, the names of what can happen
  --region REGION      where it happens; without it in every region that is watched
  --confirmed          as if every subscriber had clicked the link in the mail
  --store FILE         a store beside its project's copy; without it the one of \`npm run local\`
  --json               the same for programs
  --help               this text`;

class UsageError extends Error {}

const HELP = "help";

/** `npm run alarm -- …`: 0 when everybody hears of what they should, 1 when not, 2 for a wrong command. */
export async function alarm(project: string, words: readonly string[], print: (text: string) => void): Promise<number> {
  try {
    const asked = read(words);
    if (asked === HELP) {
      print(USAGE);
      return 0;
    }
    const { stack: name, event, region, check, json, ...options } = asked;
    const store = options.store ?? join(project, "rehearsal.out", "local", "cloud.json");
    if (!existsSync(store)) throw new UsageError(`there is no ${store}; deploy first: npm run local -- deploy ${name}`);
    const cloud = Cloud.open(store);
    const stack = stackNamed(name, join(dirname(store), "project"));
    const all = await checkAlarms(options.confirmed ? confirmed(cloud) : cloud, stack);
    const results = check ? all : chosen(all, event, region);
    const lines = check ? summary(results, unwatchedRegions(cloud, stack)) : results.flatMap(formatAlarm);
    print(json ? JSON.stringify(results, null, 2) : lines.join("\n"));
    return results.every(({ holds }) => holds) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    print(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

function read(words: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const options = {
    stack: text,
    event: text,
    region: text,
    store: text,
    check: flag,
    confirmed: flag,
    json: flag,
    help: flag,
  };
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];
  try {
    ({ values } = parseArgs({ args: [...words], options }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return HELP;
  const { stack, check = false, confirmed = false, json = false, ...rest } = values;
  if (stack === undefined) throw new UsageError("--stack is missing");
  const ignored = (["event", "region"] as const).filter((name) => rest[name] !== undefined);
  if (check && ignored.length > 0)
    throw new UsageError(
      `--check is of everything everywhere, and takes no ${ignored.map((name) => `--${name}`).join(", ")}`,
    );
  return { ...rest, stack, check, confirmed, json };
}

function stackNamed(name: string, project: string): SynthesizedStack {
  if (!existsSync(join(project, "cdktf.out"))) throw new UsageError(`${project} has no cdktf.out beside the store`);
  const stacks = readStacks(project);
  const stack = stacks.find((one) => one.name === name);
  if (!stack)
    throw new UsageError(`there is no stack ${name}; the project has ${stacks.map((one) => one.name).join(", ")}`);
  if (!hasAlarms(stack)) throw new UsageError(`${name} has no rule of EventBridge: it raises no alarm`);
  return stack;
}

function chosen(all: readonly AlarmResult[], event: string | undefined, region: string | undefined): AlarmResult[] {
  const named = all.filter(({ occurrence }) => occurrence.name === event);
  const found = named.filter(({ occurrence }) => region === undefined || occurrence.region === region);
  if (found.length > 0) return found;
  const names = [...new Set(all.map(({ occurrence }) => occurrence.name))].join(", ");
  if (event === undefined) throw new UsageError(`--event is one of ${names}`);
  if (named.length === 0) throw new UsageError(`there is no event ${event}; there are ${names}`);
  const regions = named.map(({ occurrence }) => occurrence.region).join(", ");
  throw new UsageError(`${event} is recorded in ${regions}, not in ${region}`);
}

const MARKS = { ok: "ok         ", refused: "REFUSED    ", "cannot tell": "CANNOT TELL" } as const;

/** What happens, and every way of it, a line for each link. */
export function formatAlarm({ occurrence, expect, holds, because, paths }: AlarmResult): string[] {
  const title = `${occurrence.what}, recorded in ${occurrence.region}`;
  const end = `${holds ? "As it should be" : "BROKEN"}: ${expect} is to hear of it; ${because}`;
  return [title, "", ...paths.flatMap(wayLines), end, ""];
}

function wayLines({ steps, told }: DeliveryPath): string[] {
  const lines = steps.map(({ link, outcome, because }) => `${MARKS[outcome]}  ${link.padEnd(15)} ${because}`);
  return [...lines, ...(told ? [`Told: ${told.endpoint}: ${told.message}`] : []), ""];
}

function summary(results: readonly AlarmResult[], unwatched: readonly string[]): string[] {
  const failed = results.filter(({ holds }) => !holds).length;
  const lines = results.map(({ occurrence: { what, region }, expect, holds, because }) => {
    return `${holds ? "holds " : "BROKEN"}  ${what} (${region}): ${expect}${holds ? "" : `\n          came: ${because}`}`;
  });
  const open = unwatched.length > 0 ? [`no rule in ${unwatched.join(", ")}`] : [];
  return [...lines, "", ...open, `${results.length - failed} hold, ${failed} do not`];
}

if (require.main === module) {
  alarm(process.cwd(), process.argv.slice(2), (text) => console.log(text)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
