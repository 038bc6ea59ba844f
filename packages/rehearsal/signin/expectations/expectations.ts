import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Cloud } from "../../../local-cloud/cloud/cloud";
import type { Group } from "../../../local-cloud/cloud/entra/state";
import type { Tenant } from "../../../local-cloud/cloud/entra/tenant";
import { ServiceError } from "../../../local-cloud/cloud/errors";
import { type SynthesizedStack, stacksBeside } from "../../run/stacks";
import { type Activating, activate, makeEligible } from "../chain/activation";
import { type Circumstances, circumstancesOf, WrongCircumstances } from "../chain/circumstances";
import type { AccessDecision, TenantPolicies } from "../chain/conditional-access";
import { isMfa, METHODS, type Mfa } from "../chain/methods";
import { findPerson, signIn, type Verdict } from "../chain/sign-in";
import { REFUSALS } from "../chain/verdict";
import { type ConfiguredAccess, type ConfiguredRole, configuredAccess } from "./access";
import { ASKED, type Asked, type ConfiguredActivation } from "./configured-activation";
import { type ConfiguredConditionalAccess, conditionalAccessOf, configuredPolicies } from "./configured-policies";
import { plainestWayIn, trialsOf } from "./trials";

/** Who is to get in, as what, showing what: a line that a reviewer of access reads and edits. */
export interface Expectation {
  /** One of the forms of `PEOPLE`: "member of AWS-Account1-Developers". */
  readonly person: string;
  /** The role that the person gets, and no other; several as "Administrator, Developer". Absent for one who is refused. */
  readonly role?: string;
  /** What the person shows beside the password. */
  readonly mfa: Mfa;
  /** How the person comes. Absent: with a browser somewhere, from a device that nobody knows, without risk. */
  readonly with?: Circumstances;
  readonly expect: "in" | "refused";
  /** How the person is refused: `AADSTS50105`. Absent: whatever the reason. */
  readonly code?: string;
  /** What the session is to be like, of one who gets in: `["asked again after 8 hours"]`. Absent: however it is. */
  readonly session?: readonly string[];
  readonly why: string;
}

/** An expectation held against what is deployed. */
export interface Result {
  readonly expectation: Expectation;
  /** Sign-in endpoint that was used; absent where no sign-in could be tried. */
  readonly endpoint?: string;
  readonly holds: boolean;
  /** What came, in a sentence. */
  readonly because: string;
  readonly verdict?: Verdict;
}

export interface CheckOptions {
  /** Claims of roles that Entra has not imported yet, the stack's output `pending_roles`: nobody gets in with them. @default - none */
  readonly pending?: readonly string[];
  /** Conditional Access of all stacks. @default - read from the stacks beside this one */
  readonly policies?: ReadonlyMap<string, TenantPolicies>;
}

/**
 * Tries every expectation of a stack through each of its sign-in endpoints. The people are put into a copy of the cloud, which is
 * thrown away: what is deployed stays as it is.
 */
export async function checkExpectations(
  cloud: Cloud,
  stack: SynthesizedStack,
  options: CheckOptions = {},
): Promise<Result[]> {
  const access = configuredAccess(stack);
  const world = copyOf(cloud, access);
  const results: Result[] = [];
  for (const expectation of expectationsOf(stack, options)) results.push(...(await check(world, expectation)));
  return results;
}

/** The defaults of a stack; a line of `stacks/<stack>.access.json` takes the place of the default for the same person, factor and circumstances, or is added. */
export function expectationsOf(
  stack: SynthesizedStack,
  { pending = [], policies = configuredPolicies(stacksBeside(stack)) }: CheckOptions = {},
): Expectation[] {
  const own = ownExpectations(stack);
  const replaced = new Set(own.map(keyOf));
  const defaults = defaultExpectations(configuredAccess(stack), conditionalAccessOf(stack, policies), pending);
  return [...defaults.filter((one) => !replaced.has(keyOf(one))), ...own];
}

function keyOf({ person, mfa, with: circumstances = {} }: Expectation): string {
  return JSON.stringify([person, mfa, Object.entries(circumstances).sort()]);
}

/** A method that every built-in strength accepts. */
const STRONGEST: Mfa = "fido2";

/** What follows from a stack's configuration alone. */
function defaultExpectations(
  access: ConfiguredAccess,
  rules: ConfiguredConditionalAccess,
  pending: readonly string[] = [],
): Expectation[] {
  const ready = access.roles.filter(({ claim }) => !pending.includes(claim));
  const waiting = access.roles.filter(({ claim }) => pending.includes(claim));
  const lines = [
    ...[...new Set(ready.map(({ group }) => group))].flatMap((group) =>
      ofGroup(
        group,
        ready.filter((role) => role.group === group),
        rules,
      ),
    ),
    ...waiting.map(({ group, name }) =>
      refusal(`member of ${group}`, STRONGEST, "notAssigned", `Entra has not imported ${name} yet`),
    ),
    refusal("outsider", STRONGEST, "notAssigned", "only assigned people get in"),
    ...(ready[0] ? ofBreakGlass(rules, ready[0].name) : []),
  ];
  const unique = [...new Map(lines.map((line) => [keyOf(line), line])).values()];
  return access.closed ? unique.map(outOfClosed) : unique;
}

const entry = (person: string, mfa: Mfa, role: string, why: string): Expectation => ({
  person,
  mfa,
  role,
  expect: "in",
  why,
});
const refusal = (person: string, mfa: Mfa, code: keyof typeof REFUSALS, why: string): Expectation => ({
  person,
  mfa,
  expect: "refused",
  code: REFUSALS[code].code,
  why,
});

/** Of an application that is disabled, whoever it is. */
function outOfClosed({ person, mfa, with: circumstances }: Expectation): Expectation {
  const line = refusal(person, mfa, "applicationDisabled", "the application is closed to everybody");
  return circumstances ? { ...line, with: circumstances } : line;
}

/** What a decision of the configured policies makes of somebody who may take a role. What nobody can tell is expected to let in, and will not pass. */
function decided(
  person: string,
  mfa: Mfa,
  circumstances: Circumstances,
  decision: AccessDecision,
  role: string,
): Expectation {
  const { refusal: code, because, session } = decision;
  const line = code ? refusal(person, mfa, code, because) : { ...entry(person, mfa, role, because), session };
  return Object.keys(circumstances).length > 0 ? { ...line, with: circumstances } : line;
}

/** People of one group, and people who are in it by no right: a group may give several roles. */
function ofGroup(group: string, roles: readonly ConfiguredRole[], rules: ConfiguredConditionalAccess): Expectation[] {
  const names = namesOf(roles);
  const activation = roles[0]?.activation;
  const member = `member of ${group}`;
  const decide = (mfa: Mfa, circumstances: Circumstances) => rules.decide([group], mfa, circumstances);
  const usual = plainestWayIn(rules, (circumstances) => decide(STRONGEST, circumstances));
  const weak = METHODS.find((method) => decide(method, usual).refusal === "blocked");
  const best = decided(member, STRONGEST, usual, decide(STRONGEST, usual), names);
  return [
    best.expect === "in" ? { ...best, why: "members get exactly their role" } : best,
    decided(member, "none", usual, decide("none", usual), names),
    ...(weak && best.expect === "in" ? [decided(member, weak, usual, decide(weak, usual), names)] : []),
    ...trialsOf(rules, usual).flatMap((circumstances) => {
      const shown = decided(member, STRONGEST, circumstances, decide(STRONGEST, circumstances), names);
      // Who is refused with a factor is no news without one.
      if (shown.expect === "refused") return [shown];
      return [shown, decided(member, "none", circumstances, decide("none", circumstances), names)];
    }),
    refusal(
      `member of a group in ${group}`,
      STRONGEST,
      "notAssigned",
      "Entra passes no assignment on to nested groups",
    ),
    ...(activation
      ? [
          refusal(`eligible member of ${group}`, STRONGEST, "notAssigned", "the membership is not activated"),
          decided(`activated member of ${group}`, STRONGEST, usual, decide(STRONGEST, usual), names),
          decided(`activated member of ${group}`, "none", usual, decide("none", usual), names),
          refusal(`formerly activated member of ${group}`, STRONGEST, "notAssigned", "the activation has ended"),
          ...ofShortcuts(group, activation),
          ...activation.eligible.map((id) =>
            decided(
              `activated member of ${group}, eligible as ${id}`,
              STRONGEST,
              usual,
              decide(STRONGEST, usual),
              names,
            ),
          ),
        ]
      : []),
    refusal(`disabled member of ${group}`, STRONGEST, "personDisabled", "disabled people get in nowhere"),
    ...roles.map(({ name }) =>
      decided(`assigned by hand to ${name}`, "none", usual, rules.decide([], "none", usual), name),
    ),
  ];
}

/** Attempts to become a member by less than the configuration asks for: they change nothing, so whoever makes them is not assigned. */
function ofShortcuts(group: string, { asks, longestMinutes }: ConfiguredActivation): Expectation[] {
  const person = `eligible member of ${group} who activates`;
  const tooLong = longestMinutes === undefined || longestMinutes >= LONGEST_MINUTES ? [] : [longestMinutes];
  return [
    ...asks.map((one) => refusal(`${person} without ${one}`, STRONGEST, "notAssigned", `PIM asks for ${one}`)),
    ...tooLong.map((longest) =>
      refusal(
        `${person} for ${longest + BRIEF_MINUTES} minutes`,
        STRONGEST,
        "notAssigned",
        `an activation lasts at most ${longest} minutes`,
      ),
    ),
  ];
}

/** Names of roles as an expectation spells them. */
const namesOf = (roles: readonly { name: string }[]): string =>
  roles
    .map(({ name }) => name)
    .sort()
    .join(", ");

function ofBreakGlass({ breakGlass }: ConfiguredConditionalAccess, role: string): Expectation[] {
  const why = "no policy may lock emergency access out";
  return [
    ...breakGlass.users.map((id) => entry(`emergency account ${id} with ${role}`, "none", role, why)),
    ...breakGlass.groups.map((id) => entry(`member of emergency group ${id} with ${role}`, "none", role, why)),
  ];
}

/** A cloud to put people into. */
interface World {
  readonly cloud: Cloud;
  readonly tenant: Tenant;
  readonly access: ConfiguredAccess;
}

function copyOf(cloud: Cloud, access: ConfiguredAccess): World {
  const copy = new Cloud(undefined, cloud.snapshot());
  return { cloud: copy, tenant: copy.tenant(access.app.tenantId), access };
}

interface Person {
  readonly form: RegExp;
  readonly example: string;
  /** What becomes of the person would change what comes of others: they get a copy of the world of their own. */
  readonly alone?: true;
  /** Puts the person into the world, or finds them there; gives the object id. */
  readonly place: (world: World, ...names: string[]) => string | Promise<string>;
}

/** The people that expectations speak of. */
export const PEOPLE: readonly Person[] = [
  {
    form: /^outsider$/,
    example: "outsider",
    place: ({ tenant }) => newPerson(tenant),
  },
  {
    form: /^member of emergency group (\S+) with (\S+)$/,
    example: "member of emergency group <object id> with <role>",
    place: async (world, group = "", role = "") => assign(world, await joined(world.tenant, group), role),
  },
  {
    form: /^emergency account (\S+) with (\S+)$/,
    example: "emergency account <object id> with <role>",
    place: (world, id = "", role = "") => assign(world, id, role),
  },
  {
    form: /^member of a group in (.+)$/,
    example: "member of a group in <group>",
    place: async ({ tenant }, group = "") => {
      const person = newPerson(tenant);
      const inner = randomUUID();
      tenant.seed({ groups: [{ id: inner, displayName: "Inner group", members: [person] }] });
      await tenant.groups.addMember(findGroup(tenant, group).id, inner);
      return person;
    },
  },
  {
    form: /^member of (.+)$/,
    example: "member of <group>",
    place: ({ tenant }, group = "") => joined(tenant, group),
  },
  {
    form: new RegExp(`^eligible member of (.+) who activates without (${ASKED.join("|")})$`),
    example: `eligible member of <group> who activates without <${ASKED.join(", ")}>`,
    place: ({ tenant }, group = "", missing = "") => trying(tenant, group, WITHOUT[missing as Asked]),
  },
  {
    form: /^eligible member of (.+) who activates for (\d+) minutes$/,
    example: "eligible member of <group> who activates for <number> minutes",
    place: ({ tenant }, group = "", minutes = "") => trying(tenant, group, { minutes: Number(minutes) }),
  },
  {
    form: /^eligible member of (.+)$/,
    example: "eligible member of <group>",
    place: ({ tenant }, group = "") => eligible(tenant, findGroup(tenant, group)),
  },
  {
    form: /^activated member of (.+), eligible as (\S+)$/,
    example: "activated member of <group>, eligible as <object id or user principal name>",
    // It may be a user who is there, and whom other lines are about.
    alone: true,
    place: async (world, group = "", eligibleAs = "") => {
      const { tenant } = world;
      const { id } = findGroup(tenant, group);
      const isGroup = tenant.groups.list().some((one) => one.id === eligibleAs);
      const person = isGroup ? await joined(tenant, eligibleAs) : existing(world, eligibleAs);
      await asked(() => activate(tenant, id, person, WHOLE));
      return person;
    },
  },
  {
    form: /^activated member of (.+)$/,
    example: "activated member of <group>",
    place: ({ tenant }, group = "") => activated(tenant, findGroup(tenant, group)),
  },
  {
    form: /^formerly activated member of (.+)$/,
    example: "formerly activated member of <group>",
    place: async ({ cloud, tenant }, group = "") => {
      const person = await activated(tenant, findGroup(tenant, group), BRIEF_MINUTES);
      cloud.clock.advance({ minutes: BRIEF_MINUTES });
      return person;
    },
  },
  {
    form: /^disabled member of (.+)$/,
    example: "disabled member of <group>",
    place: ({ tenant }, group = "") => joined(tenant, group, false),
  },
  {
    form: /^assigned by hand to (\S+)$/,
    example: "assigned by hand to <role>",
    place: (world, role = "") => assign(world, newPerson(world.tenant), role),
  },
  {
    form: /^user (.+)$/,
    example: "user <user principal name>",
    place: (world, name = "") => existing(world, name),
  },
];

function newPerson(tenant: Tenant, accountEnabled = true): string {
  const id = randomUUID();
  const userPrincipalName = `person-${id.slice(0, 8)}@${tenant.verifiedDomains[0]}`;
  tenant.seed({ users: [{ id, displayName: "Person of an expectation", userPrincipalName, accountEnabled }] });
  return id;
}

async function joined(tenant: Tenant, group: string, enabled = true): Promise<string> {
  const person = newPerson(tenant, enabled);
  await tenant.groups.addMember(findGroup(tenant, group).id, person);
  return person;
}

/** The shortest activation that every setting takes, and the step in which they go. */
const BRIEF_MINUTES = 30;
/** More than a day no setting allows. */
const LONGEST_MINUTES = 24 * 60;

/** Somebody new, whom an administrator makes eligible. */
async function eligible(tenant: Tenant, { id }: Group): Promise<string> {
  const person = newPerson(tenant);
  await asked(() => makeEligible(tenant, id, person));
  return person;
}

async function activated(tenant: Tenant, group: Group, minutes?: number): Promise<string> {
  const person = await eligible(tenant, group);
  await asked(() => activate(tenant, group.id, person, { ...WHOLE, minutes }));
  return person;
}

/** All that PIM can ask for. */
const WHOLE: Activating = { reason: "access expectation", mfa: true };

const WITHOUT: Readonly<Record<Asked, Partial<Activating>>> = {
  "a second factor": { mfa: false },
  "a reason": { reason: "", ticket: WHOLE.reason },
  "a ticket": { ticket: "" },
  "an approval": { approved: false },
};

/** Somebody eligible who tries to activate for a short time, with one thing other than asked; whether PIM lets them shows at the sign-in. */
async function trying(tenant: Tenant, name: string, shortcut: Partial<Activating>): Promise<string> {
  const group = findGroup(tenant, name);
  const person = await eligible(tenant, group);
  try {
    await activate(tenant, group.id, person, { ...WHOLE, minutes: BRIEF_MINUTES, ...shortcut });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
  }
  return person;
}

/** What PIM refuses is a fault of what is deployed. */
async function asked(request: () => Promise<unknown>): Promise<void> {
  try {
    await request();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw new Unplaceable(`PIM answers ${error.code}: ${error.message}`);
  }
}

function existing({ cloud, access }: World, name: string): string {
  try {
    return findPerson(cloud, access.app.tenantId, name).id;
  } catch (error) {
    throw new Unplaceable(error instanceof Error ? error.message : String(error));
  }
}

function findGroup(tenant: Tenant, name: string): Group {
  const [group, another] = tenant.groups.list().filter(({ id, displayName }) => id === name || displayName === name);
  if (!group || another) throw new Unplaceable(`there is ${group ? "more than one" : "no"} group ${name}`);
  return group;
}

/** As somebody does in the portal, Users and groups. */
async function assign({ tenant, access }: World, principalId: string, role: string): Promise<string> {
  const app = tenant.servicePrincipals.byIdentifier(access.app.identifier);
  const claim = access.roles.find(({ name }) => name === role)?.claim;
  const appRole = app?.appRoles.find(({ value, isEnabled }) => value === claim && isEnabled);
  if (!app || !appRole) throw new Unplaceable(`the application offers no role ${role}`);
  const held = tenant.appRoleAssignments.ofPrincipal(principalId);
  if (held.some(({ appRoleId, resourceId }) => appRoleId === appRole.id && resourceId === app.id)) return principalId;
  await tenant.appRoleAssignments.assign({ principalId, appRoleId: appRole.id, resourceId: app.id });
  return principalId;
}

/** Puts a person of one of the forms of `PEOPLE` into the cloud itself, to stay. @returns the object id */
export async function addPerson(cloud: Cloud, stack: SynthesizedStack, person: string): Promise<string> {
  const access = configuredAccess(stack);
  return place({ cloud, tenant: cloud.tenant(access.app.tenantId), access }, person);
}

/** What a person's place depends on is not deployed. */
class Unplaceable extends Error {}

async function check(shared: World, expectation: Expectation): Promise<Result[]> {
  const alone = PEOPLE.find(({ form }) => form.test(expectation.person))?.alone;
  const world = alone ? copyOf(shared.cloud, shared.access) : shared;
  let person: string;
  try {
    person = await place(world, expectation.person);
  } catch (error) {
    if (!(error instanceof Unplaceable)) throw error;
    return [{ expectation, holds: false, because: error.message }];
  }
  const results: Result[] = [];
  for (const endpoint of world.access.endpoints) {
    const { app } = world.access;
    const verdict = await signIn(world.cloud, {
      app,
      person,
      mfa: expectation.mfa,
      circumstances: expectation.with,
      endpoint,
    });
    results.push({ expectation, endpoint, verdict, holds: holds(expectation, verdict), because: summary(verdict) });
  }
  return results;
}

function place(world: World, person: string): string | Promise<string> {
  for (const { form, place } of PEOPLE) {
    const names = form.exec(person);
    if (names) return place(world, ...names.slice(1));
  }
  throw new Unplaceable(`"${person}" is none of ${PEOPLE.map(({ example }) => `"${example}"`).join(", ")}`);
}

function holds({ expect, role, code, session }: Expectation, verdict: Verdict): boolean {
  if (expect === "refused")
    return verdict.outcome === "refused" && (code === undefined || verdict.broken?.code === code);
  // A role that is offered and cannot be taken would be a fault, too.
  const whole = verdict.steps.every(({ outcome }) => outcome === "ok");
  if (session && [...session].sort().join() !== [...(verdict.session ?? [])].sort().join()) return false;
  return (
    verdict.outcome === "in" && whole && namesOf(verdict.sessions.map(({ roleName: name }) => ({ name }))) === role
  );
}

/** What an expectation wants, in a few words: "in as Developer; asked again after 8 hours". */
export const wanted = ({ expect, role, code, session = [] }: Expectation): string =>
  expect === "in" ? [`in as ${role}`, ...session].join("; ") : `refused${code ? `: ${code}` : ""}`;

/** A verdict in a line. */
export function summary({ outcome, sessions, broken, session = [] }: Verdict): string {
  if (outcome === "in") return [`in as ${sessions.map(({ roleName }) => roleName).join(", ")}`, ...session].join("; ");
  return `${outcome}: ${broken?.link}, ${broken?.code ? `${broken.code}, ` : ""}${broken?.because}`;
}

/** A reviewer's own lines, `stacks/<stack>.access.json` in the project. */
function ownExpectations({ folder, name }: SynthesizedStack): Expectation[] {
  const file = join(folder, "..", "..", "..", "stacks", `${name}.access.json`);
  if (!existsSync(file)) return [];
  const lines: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!Array.isArray(lines)) throw new Error(`${file} is no list of expectations`);
  return lines.map((line: Partial<Record<keyof Expectation, unknown>>, at) => {
    const { person, role, mfa, with: how, expect, code, session, why } = line;
    const wrong = (problem: string) => new Error(`${file}, entry ${at + 1}: ${problem}`);
    if (typeof person !== "string" || !PEOPLE.some(({ form }) => form.test(person))) {
      throw wrong(`person is none of ${PEOPLE.map(({ example }) => `"${example}"`).join(", ")}`);
    }
    if (typeof mfa !== "string" || !isMfa(mfa)) throw wrong(`mfa is none of none, ${METHODS.join(", ")}`);
    const circumstances = how === undefined ? undefined : readCircumstances(how, wrong);
    if (expect !== "in" && expect !== "refused") throw wrong('expect is neither "in" nor "refused"');
    if ((expect === "in") !== (typeof role === "string")) throw wrong('role belongs to "in", and to nothing else');
    if (code !== undefined && typeof code !== "string") throw wrong("code is no text");
    if (session !== undefined && !(Array.isArray(session) && session.every((one) => typeof one === "string")))
      throw wrong("session is no list of texts");
    if (typeof why !== "string" || why === "") throw wrong("why is missing: the next reviewer asks for it");
    return {
      ...{ person, mfa, expect, why },
      ...(typeof role === "string" ? { role } : {}),
      ...(code ? { code } : {}),
      ...(circumstances ? { with: circumstances } : {}),
      ...(session ? { session } : {}),
    };
  });
}

function readCircumstances(how: unknown, wrong: (problem: string) => Error): Circumstances {
  try {
    return circumstancesOf(how);
  } catch (error) {
    throw error instanceof WrongCircumstances ? wrong(`with: ${error.message}`) : error;
  }
}
