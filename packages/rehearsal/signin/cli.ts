import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { Cloud } from "../../local-cloud/cloud/cloud";
import { ServiceError } from "../../local-cloud/cloud/errors";
import { isEntered, readStacks, type SynthesizedStack } from "../run/stacks";
import { type Activated, activate } from "./chain/activation";
import {
  type Circumstances,
  CLIENTS,
  circumstancesOf,
  DEVICES,
  describeCircumstances,
  RISKS,
  WrongCircumstances,
} from "./chain/circumstances";
import { isMfa, METHODS, type Mfa } from "./chain/methods";
import {
  type AppReference,
  findPerson,
  type Session,
  type SignIn,
  type Step,
  signIn,
  type Verdict,
} from "./chain/sign-in";
import { configuredAccess } from "./expectations/access";
import { addPerson, checkExpectations, PEOPLE, type Result, wanted } from "./expectations/expectations";

const USAGE = `npm run signin -- --stack aws-account1 --user Test-AWSDeveloper    a person signs in, link by link
npm run signin -- --stack aws-account1 --check                     every access expectation of the stack

  --user USER          somebody of the tenant, or a person who is put in for this: "member of <group>", "eligible member of <group>", outsider
  --no-mfa             the person shows nothing beside the password
  --method METHOD      what the person shows; without it fido2, which every strength accepts
                       (${METHODS.join(", ")})
  --client CLIENT      how the person signs in: ${CLIENTS.join(", ")}
  --location WHERE     from where: trusted (a network that is marked so), elsewhere, an IP address, or a country (CH)
  --device DEVICE      on what: ${DEVICES.join(", ")}
  --risk LEVEL         risk of the sign-in as ID Protection sees it: ${RISKS.join(", ")}
  --user-risk LEVEL    risk of the person
  --session-hours N    so long after the factor was shown, in a browser that remembers it
  --browser-closed     and was closed since
  --region REGION      through the sign-in endpoint of a region
  --role ROLE          takes this role, where several are offered
  --activate REASON    activates first what the person is eligible for, for as long as it may last; an approver agrees
  --at DATE            on that day: 2029-01-01
  --store FILE         a store beside its project's copy; without it the one of \`npm run local\`
  --json               the same for programs
  --help               this text`;

/** Actions that tell roles apart at a glance. */
const PROBES = ["iam:CreateUser", "ec2:RunInstances", "s3:ListAllMyBuckets", "s3:DeleteObject"];

class UsageError extends Error {}
class NotEligible extends Error {}

const HELP = "help";

/** `npm run signin -- …`: 0 when the person gets in (with `--check`: when every expectation holds), 1 when not, 2 for a wrong command. */
export async function signin(
  project: string,
  words: readonly string[],
  print: (text: string) => void,
): Promise<number> {
  try {
    const options = read(words);
    if (options === HELP) {
      print(USAGE);
      return 0;
    }
    const store = options.store ?? join(project, "rehearsal.out", "local", "cloud.json");
    if (!existsSync(store))
      throw new UsageError(`there is no ${store}; deploy first: npm run local -- deploy ${options.stack}`);
    const cloud = openAt(store, options.at);
    const stack = stackNamed(options.stack, join(dirname(store), "project"));
    if (!options.check) return await enter(cloud, stack, options, print);
    return await check(
      await checkExpectations(cloud, stack, { pending: pendingIn(dirname(store), stack) }),
      options,
      print,
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    print(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

interface Options {
  readonly stack: string;
  readonly user: string | undefined;
  readonly mfa: Mfa;
  readonly circumstances: Circumstances;
  readonly region: string | undefined;
  readonly role: string | undefined;
  /** Why the person activates memberships first; absent where they do not. */
  readonly activate: string | undefined;
  readonly at: string | undefined;
  readonly store: string | undefined;
  readonly json: boolean;
  readonly check: boolean;
}

/** What `--check` takes: each of its expectations has a person, a factor and circumstances of its own. */
const OF_CHECK = ["stack", "at", "store", "json", "check"];

function read(words: readonly string[]): Options | typeof HELP {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const options = {
    ...{ stack: text, user: text, method: text, region: text, role: text, activate: text, at: text, store: text },
    ...{ client: text, location: text, device: text, risk: text, "user-risk": text, "session-hours": text },
    ...{ "no-mfa": flag, json: flag, check: flag, "browser-closed": flag, help: flag },
  };
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];
  try {
    ({ values } = parseArgs({ args: [...words], options }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return HELP;
  const { stack, user, method, region, role, activate, at, store, json = false, check = false } = values;
  const mfa = values["no-mfa"] ? "none" : (method ?? "fido2");
  if (stack === undefined) throw new UsageError("--stack is missing");
  if (user === undefined && !check) throw new UsageError("--user is missing");
  const ignored = Object.entries(values).filter(([name, value]) => value !== false && !OF_CHECK.includes(name));
  if (check && ignored.length > 0)
    throw new UsageError(
      `--check tries every expectation as it is, and takes no ${ignored.map(([name]) => `--${name}`).join(", ")}`,
    );
  if (values["no-mfa"] && method !== undefined) throw new UsageError("--no-mfa and --method exclude each other");
  if (!isMfa(mfa)) throw new UsageError(`--method ${mfa} is none of ${METHODS.join(", ")}`);
  if (at !== undefined && !(/^\d{4}-\d{2}-\d{2}/.test(at) && Date.parse(at)))
    throw new UsageError(`--at ${at} is no date`);
  return { stack, user, mfa, circumstances: readCircumstances(values), region, role, activate, at, store, json, check };
}

/** Which flag each of the circumstances has. */
const FLAGS = {
  ...{ client: "client", location: "location", device: "device", signInRisk: "risk", userRisk: "user-risk" },
  ...{ sessionHours: "session-hours", browserClosed: "browser-closed" },
} as const satisfies Record<keyof Circumstances, string>;

function readCircumstances(values: Readonly<Record<string, string | boolean | undefined>>): Circumstances {
  const hours = values[FLAGS.sessionHours];
  if (hours !== undefined && !/^\d+(\.\d+)?$/.test(String(hours)))
    throw new UsageError(`--${FLAGS.sessionHours} ${hours} is no number of hours`);
  const told = Object.entries(FLAGS).flatMap(([name, flag]) => {
    const value = values[flag];
    return value === undefined || value === false ? [] : [[name, name === "sessionHours" ? Number(value) : value]];
  });
  try {
    return circumstancesOf(Object.fromEntries(told));
  } catch (error) {
    if (!(error instanceof WrongCircumstances)) throw error;
    throw new UsageError([error.about && `--${FLAGS[error.about]}`, error.problem].filter(Boolean).join(" "));
  }
}

/** The store as it lies there, or on another day; nothing is written back. */
function openAt(store: string, at: string | undefined): Cloud {
  const state = Cloud.open(store).snapshot();
  const today = state.now.slice(0, 10);
  if (at !== undefined && at.slice(0, 10) < today)
    throw new UsageError(`--at ${at} is before ${today}: what is deployed was not there yet`);
  return new Cloud(undefined, at === undefined ? state : { ...state, now: new Date(at).toISOString() });
}

function stackNamed(name: string, project: string): SynthesizedStack {
  if (!existsSync(join(project, "cdktf.out"))) throw new UsageError(`${project} has no cdktf.out beside the store`);
  const stacks = readStacks(project);
  const stack = stacks.find((one) => one.name === name);
  if (!stack)
    throw new UsageError(`there is no stack ${name}; the project has ${stacks.map((one) => one.name).join(", ")}`);
  if (!isEntered(stack)) throw new UsageError(`${name} has no application: nobody signs in to it`);
  return stack;
}

async function enter(cloud: Cloud, stack: SynthesizedStack, options: Options, print: (text: string) => void) {
  const { app, roles } = configuredAccess(stack);
  const { user = "", mfa, circumstances, region, role } = options;
  const claim = roles.find(({ name }) => name === role)?.claim;
  if (role !== undefined && claim === undefined) {
    throw new UsageError(`there is no role ${role}; the stack has ${roles.map(({ name }) => name).join(", ")}`);
  }
  const request: Omit<SignIn, "person"> = {
    ...{ app, mfa, circumstances, probes: PROBES },
    ...(region === undefined ? {} : { endpoint: endpointIn(region, app) }),
    ...(claim === undefined ? {} : { role: claim.split(",")[0] }),
  };
  let activated: Activated[];
  let verdict: Verdict;
  const shows = [mfa === "none" ? "a password alone" : mfa, describeCircumstances(circumstances)].filter(Boolean);
  const title = `${user} signs in to ${stack.name} with ${shows.join(", ")}, ${cloud.clock.now().toISOString()}`;
  try {
    const person = await personCalled(cloud, stack, user);
    activated = await activateFor(cloud, stack, { ...options, person });
    verdict = await signIn(cloud, { ...request, person });
  } catch (error) {
    if (error instanceof ServiceError || error instanceof NotEligible) {
      const why = error instanceof ServiceError ? `${error.code}: ${error.message}` : error.message;
      print([title, "", `${MARKS.refused}  ${"activation".padEnd(19)} ${why}`].join("\n"));
      return 1;
    }
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const lines = [
    title,
    "",
    ...activated.map(activationLine),
    ...formatVerdict(verdict),
    ...outliving(activated, verdict),
  ];
  print(options.json ? JSON.stringify({ activated, ...verdict }, null, 2) : lines.join("\n"));
  return verdict.outcome === "in" ? 0 : 1;
}

/** The object id of somebody who is there, or of a person of an access expectation, who is put in: the store keeps nothing of it. */
const personCalled = async (cloud: Cloud, stack: SynthesizedStack, name: string): Promise<string> =>
  PEOPLE.some(({ form }) => form.test(name))
    ? addPerson(cloud, stack, name)
    : findPerson(cloud, configuredAccess(stack).app.tenantId, name).id;

/** Activates every membership of the stack's groups that the person is eligible for; with a role, of its group alone. */
async function activateFor(
  cloud: Cloud,
  stack: SynthesizedStack,
  { user, person, mfa, role, activate: reason }: Options & { readonly person: string },
): Promise<Activated[]> {
  if (reason === undefined) return [];
  const { app, roles } = configuredAccess(stack);
  const tenant = cloud.tenant(app.tenantId);
  const wanted = roles.filter(({ name }) => role === undefined || name === role).map(({ group }) => group);
  const eligible = tenant.activations
    .groupsFor(person)
    .map((id) => tenant.groups.get(id))
    .filter(({ id, displayName }) => wanted.includes(id) || wanted.includes(displayName));
  if (eligible.length === 0) throw new NotEligible(`${user} is eligible for none of ${wanted.join(", ")}`);
  const activated: Activated[] = [];
  for (const { id } of eligible) activated.push(await activate(tenant, id, person, { reason, mfa: mfa !== "none" }));
  return activated;
}

const activationLine = ({ group, minutes, until, approvedBy }: Activated): string =>
  `${MARKS.ok}  ${"activation".padEnd(19)} ${group} for ${minutes} minutes, until ${until}${approvedBy ? `, approved by ${approvedBy}` : ""}`;

/** What many do not expect of a membership that ends. */
function outliving(activated: readonly Activated[], { sessions }: Verdict): string[] {
  const [first] = activated;
  return first && sessions.length > 0
    ? [
        `    A session that is begun before ${first.until} goes on until its own end: nothing in AWS hears of the deactivation.`,
      ]
    : [];
}

/** The endpoint without a region is in us-east-1: https://docs.aws.amazon.com/general/latest/gr/signin-service.html */
function endpointIn(region: string, { identifier }: AppReference): string {
  const everywhere = identifier.split("#")[0] ?? identifier;
  return region === "us-east-1" ? everywhere : everywhere.replace("https://", `https://${region}.`);
}

const MARKS = { ok: "ok         ", refused: "REFUSED    ", "cannot tell": "CANNOT TELL" } as const;

/** The chain, a line for each link. */
export function formatVerdict(verdict: Verdict): string[] {
  const lines = verdict.steps.map(stepLine);
  if (verdict.outcome === "in") return [...lines, "", ...verdict.sessions.flatMap(sessionLines)];
  const { broken } = verdict;
  const hint = broken?.code ? [`README, "When sign-in fails": ${broken.code}`] : [];
  return [...lines, "", `${verdict.outcome === "refused" ? "Refused" : "Cannot tell"} at: ${broken?.link}`, ...hint];
}

const stepLine = ({ link, outcome, because, code, role }: Step): string =>
  `${MARKS[outcome]}  ${link.padEnd(19)} ${role ? `[${role.slice(role.lastIndexOf("/") + 1)}] ` : ""}${code ? `${code}: ` : ""}${because}`;

function sessionLines({ title, consoleSec, longestSec, probes }: Session): string[] {
  return [
    `In: ${title}`,
    `    console ${consoleSec / 60} minutes, command line up to ${longestSec / 60} minutes`,
    ...probes.map(({ action, outcome }) => `    ${outcome.padEnd(11)} ${action}`),
  ];
}

/** What the last deploy said of roles that Entra has not imported: the output `pending_roles` in the state beside the store. */
function pendingIn(folder: string, { name }: SynthesizedStack): string[] {
  const file = join(folder, "states", `${name}.tfstate`);
  if (!existsSync(file)) return [];
  const { outputs } = JSON.parse(readFileSync(file, "utf8")) as { outputs?: { pending_roles?: { value?: unknown } } };
  const pending = outputs?.pending_roles?.value;
  return Array.isArray(pending) ? pending.map(String) : [];
}

function check(results: readonly Result[], options: Options, print: (text: string) => void): number {
  const failed = results.filter(({ holds }) => !holds).length;
  const told = `${results.length - failed} hold, ${failed} do not`;
  print(options.json ? JSON.stringify(results, null, 2) : [...results.map(resultLine), "", told].join("\n"));
  return failed === 0 ? 0 : 1;
}

function resultLine({ expectation, endpoint, holds, because }: Result): string {
  const { person, mfa, with: circumstances = {}, why } = expectation;
  const shows = [mfa === "none" ? "without MFA" : `with ${mfa}`, describeCircumstances(circumstances)].filter(Boolean);
  const lines = [`${holds ? "holds " : "BROKEN"}  ${person}, ${shows.join(", ")}: ${wanted(expectation)} (${why})`];
  return holds
    ? lines.join("")
    : [...lines, `          came: ${because}${endpoint ? `, at ${endpoint}` : ""}`].join("\n");
}

if (require.main === module) {
  signin(process.cwd(), process.argv.slice(2), (text) => console.log(text)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
