import type { DeliveryPath, DeliveryStep } from "../../local-cloud/cloud/aws/event-delivery";
import { Cloud } from "../../local-cloud/cloud/cloud";
import type { SynthesizedStack } from "../run/stacks";
import { type ConfiguredAlarms, configuredAlarms } from "./configured";
import { type Occurrence, occurrences, oldKey } from "./occurrences";

/** What came of something that happened. */
export interface AlarmResult {
  readonly occurrence: Pick<Occurrence, "name" | "what"> & { readonly region: string };
  /** Who is to hear of it. */
  readonly expect: "everybody" | "nobody";
  readonly holds: boolean;
  /** In a sentence, the link that decided. */
  readonly because: string;
  readonly paths: readonly DeliveryPath[];
}

/**
 * Lets happen what the stack watches for, and what nobody should hear of, on a copy of what is deployed. Who is to hear of what follows from
 * the configuration: a stack that has a rule for one thing of a group means all of it, in every region that has a rule and in the
 * one where AWS records what has no region.
 */
export async function checkAlarms(cloud: Cloud, stack: SynthesizedStack): Promise<AlarmResult[]> {
  const alarms = configuredAlarms(stack);
  const copy = new Cloud(undefined, cloud.snapshot());
  const account = copy.account(alarms.accountId);
  const all = occurrences(account, alarms);
  const results = (one: readonly Occurrence[]) => one.map((each) => judge(each, account.deliver(each.event), alarms));
  const watched = new Set(all.filter((one) => meant(one, alarms)).map(({ group }) => group));
  const expected = all.filter(({ group }) => watched.has(group) || group === "ordinary");
  const told = results(expected);
  const old = alarms.keyAge.length > 0 ? await oldKey(copy, alarms) : [];
  const missing = alarms.keyAge.length > 0 && old.length === 0 ? [noEvaluation(alarms)] : [];
  return [...told, ...results(old), ...missing, ...unraised([...expected, ...old], alarms)];
}

/** The cloud as it is once every subscriber has clicked the link in the mail. */
export function confirmed(cloud: Cloud): Cloud {
  const copy = new Cloud(undefined, cloud.snapshot());
  for (const id of copy.accountIds()) {
    const { topics } = copy.account(id);
    for (const { arn } of topics.list()) for (const one of topics.subscriptionsOf(arn)) topics.confirm(one.arn);
  }
  return copy;
}

/** Regions that the account can use and no rule of the stack is in: unless something else closes them, what happens there is heard by nobody. */
export function unwatchedRegions(cloud: Cloud, stack: SynthesizedStack): string[] {
  const { accountId, regions } = configuredAlarms(stack);
  return new Cloud(undefined, cloud.snapshot())
    .account(accountId)
    .regions.enabled()
    .filter((region) => !regions.includes(region));
}

const meant = ({ group, event }: Occurrence, { rules }: ConfiguredAlarms): boolean =>
  group !== "ordinary" && rules.some(({ matches }) => matches(event));

function judge(occurrence: Occurrence, paths: readonly DeliveryPath[], { subscribers }: ConfiguredAlarms): AlarmResult {
  const { name, what, group, event } = occurrence;
  const told = new Set(paths.flatMap(({ told }) => (told ? [told.endpoint] : [])));
  const of = { occurrence: { name, what, region: event.region }, paths };
  const broken = furthest(paths);
  if (group === "ordinary") {
    const doubt = paths.flatMap(({ steps }) => steps).find(({ outcome }) => outcome === "cannot tell");
    const because = told.size > 0 ? `${[...told].join(", ")} is told` : (doubt?.because ?? "nobody is told");
    return { ...of, expect: "nobody", holds: told.size === 0 && doubt === undefined, because };
  }
  const deaf = subscribers.filter((endpoint) => !told.has(endpoint));
  const nobody = subscribers.length === 0 ? "nobody subscribes to the alarms" : "every subscriber is told";
  const because = deaf.length > 0 ? `${deaf.join(", ")} is not told: ${describe(broken)}` : nobody;
  return { ...of, expect: "everybody", holds: deaf.length === 0 && subscribers.length > 0, because };
}

const describe = (step: DeliveryStep | undefined): string =>
  step ? `${step.link} ${step.outcome}, ${step.because}` : "nothing says why";

/** The link that broke nearest to a person. */
function furthest(paths: readonly DeliveryPath[]): DeliveryStep | undefined {
  const [longest] = paths.filter(({ told }) => !told).sort((one, other) => other.steps.length - one.steps.length);
  return longest?.steps.at(-1);
}

function noEvaluation({ keyAge }: ConfiguredAlarms): AlarmResult {
  const region = keyAge.map((one) => one.region).join(", ");
  return {
    occurrence: { name: "old-key", what: "an access key becomes too old", region },
    expect: "everybody",
    holds: false,
    because: `AWS Config does not look at it in ${region}: no recorder runs there`,
    paths: [],
  };
}

/** Rules, and what one of them names, that nothing of all this raises: what they are good for nobody has seen, which is no pass. */
function unraised(happened: readonly Occurrence[], { rules, home }: ConfiguredAlarms): AlarmResult[] {
  const wanted = happened.filter(({ group }) => group !== "ordinary").map(({ event }) => event);
  const unseen = rules.flatMap(({ name, matches, events }) => {
    const raised = wanted.filter(matches).map(({ detail }) => detail.eventName);
    if (raised.length === 0) return [{ name, what: `what the rule ${name} watches for` }];
    const never = events.filter((one) => !raised.includes(one));
    return never.map((one) => ({ name: one, what: `${one}, which the rule ${name} watches for` }));
  });
  return unseen.map(({ name, what }) => ({
    occurrence: { name, what, region: home },
    expect: "everybody",
    holds: false,
    because: "the rehearsal lets nothing happen that this rule matches, so it cannot tell",
    paths: [],
  }));
}
