import { follow, incident, incidentOver, type RecipeStep } from "./recipes";
import { CommandFailed, type LocalCloud } from "./run/local-cloud";
import { ask } from "./signin/chain/session";
import { type Session, signIn } from "./signin/chain/sign-in";
import { REFUSALS } from "./signin/chain/verdict";
import { configuredAccess } from "./signin/expectations/access";
import { addPerson } from "./signin/expectations/expectations";
import { ensure, type Steps } from "./steps";

/** Requests that some role of an account may well make; those that a session may are what an incident has to end. */
const REQUESTS = ["s3:ListAllMyBuckets", "ec2:DescribeInstances", "iam:ListRoles", "sts:GetCallerIdentity"];

/** A person, and what came of one sign-in. */
interface Entered {
  readonly id: string;
  readonly sessions: readonly Session[];
  /** Code of the refusal, of one who does not get in. */
  readonly code?: string;
}

/**
 * docs/runbooks/incident.md on a stack, in a folder of its own: two people of each group are in, the account is shut to everybody, opened to who
 * signs in anew, then to all but one person, then it is over. People try to sign in in between, and every deploy is followed by a plan that is empty.
 */
export async function rehearseIncident(main: LocalCloud, steps: Steps, stack: string): Promise<void> {
  const beside = await main.fork(`${stack}-incident`);
  const { cloud } = beside;
  const can = (session: Session) => REQUESTS.some((action) => ask(cloud, session, action).outcome === "allow");
  const barred = (session: Session) => REQUESTS.every((action) => ask(cloud, session, action).outcome === "deny");
  const who = (sessions: readonly Session[]) => sessions.map(({ title }) => title).join("; ");
  const expectOf = (sessions: readonly Session[], holds: (session: Session) => boolean, words: string) => {
    const missed = sessions.filter((session) => !holds(session));
    ensure(missed.length === 0, words, () => `not so for ${who(missed)}`);
  };
  try {
    const groups = [...new Set(configuredAccess(beside.stack(stack)).roles.map(({ group }) => group))];
    const people: string[] = [];
    for (const group of [...groups, ...groups]) {
      people.push(await addPerson(cloud, beside.stack(stack), `member of ${group}`));
    }
    const enter = async (ids: readonly string[]): Promise<Entered[]> => {
      const { app } = configuredAccess(beside.stack(stack));
      const entered: Entered[] = [];
      for (const id of ids) {
        const { sessions, broken } = await signIn(cloud, { app, person: id, mfa: "fido2" });
        entered.push({ id, sessions, ...(broken?.code ? { code: broken.code } : {}) });
      }
      return entered;
    };
    const sessionsOf = (entered: readonly Entered[]) => entered.flatMap(({ sessions }) => sessions);

    const before = sessionsOf(await enter(people));
    // A role whose policies are not known here says nothing about an incident.
    const known = before.filter(can);
    await steps.step(
      `${stack}: incident: ${incident(undefined).name}`,
      async () => {
        ensure(known.length > 0, `a session that may do one of ${REQUESTS.join(", ")}`, () => who(before) || "none");
        await deploy(beside, stack, incident(undefined));
        expectOf(before, barred, "every session to be refused everything");
        const { code } = REFUSALS.applicationDisabled;
        const others = (await enter(people)).filter((one) => one.code !== code);
        ensure(others.length === 0, `everybody's sign-in to end with ${code}`, () =>
          others.map((one) => one.code ?? "in").join(", "),
        );
        return code;
      },
      (code) => `${before.length} sessions ended, and nobody signs in (${code})`,
    );
    let after: Session[] = [];
    const opened = new Date(cloud.clock.now().getTime() + 60_000);
    await steps.step(
      `${stack}: incident: ${incident(undefined, opened).name}`,
      async () => {
        cloud.clock.advance({ minutes: 1 });
        await deploy(beside, stack, incident(undefined, opened));
        expectOf(before, barred, "sessions from before the moment to be refused everything");
        after = sessionsOf(await enter(people));
        expectOf(
          after.filter((session) => known.some(sameRole(session))),
          can,
          "who signs in after it to work",
        );
        return before.length;
      },
      (count) => `${count} sessions stay ended, and who signs in anew works`,
    );
    await steps.step(
      `${stack}: incident: ${incident([]).name}`,
      async () => {
        const [suspect] = known;
        const name = suspect?.sessionName ?? "";
        await deploy(beside, stack, incident([name]));
        cloud.clock.advance({ minutes: 1 });
        const anew = sessionsOf(await enter(people));
        const all = [...before, ...after, ...anew];
        const theirs = all.filter(({ sessionName }) => sessionName === name);
        expectOf(theirs, barred, `every session of ${name} to be refused everything, new ones as well`);
        const others = all.filter((session) => session.sessionName !== name && known.some(sameRole(session)));
        expectOf(others, can, "everybody else to work");
        return { name, others: others.length };
      },
      ({ name, others }) => `${name} is out, ${others} sessions of others go on`,
    );
    await steps.step(
      `${stack}: incident: ${incidentOver.name}`,
      async () => {
        await deploy(beside, stack, incidentOver);
        expectOf(known, can, "every session to work again");
        return known.length;
      },
      (count) => `${count} sessions work again`,
    );
  } finally {
    beside.stop();
  }
}

const sameRole = (one: Session) => (other: Session) => one.roleArn === other.roleArn;

/** Follows a step of the runbook, deploys, and holds the next plan to "no changes". */
async function deploy(local: LocalCloud, stack: string, step: RecipeStep): Promise<void> {
  await follow(local, [stack], step);
  const ran = await local.apply(stack);
  if (ran.code !== 0) throw new CommandFailed("terraform apply", local.stack(stack).folder, ran);
  ensure(await local.unchanged(stack), "No changes after the deploy", () => "changes");
}
