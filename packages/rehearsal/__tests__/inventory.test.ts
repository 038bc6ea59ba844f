import { Account, type AccountState } from "../../local-cloud/cloud/aws/account";
import { type AccountContext, Service } from "../../local-cloud/cloud/aws/service";
import { Cloud } from "../../local-cloud/cloud/cloud";
import { ServiceError } from "../../local-cloud/cloud/errors";
import { inventory } from "../inventory";

const ID = "111122223333";
const QUEUE = `arn:aws:sqs:eu-west-1:${ID}:left`;

test("what a new service holds is not nothing: no other file has to know it", () => {
  class Queues extends Service {
    constructor(context: AccountContext, queues: Record<string, { arn: string }>) {
      super("sqs", context);
      this.table(queues, { notFound: (arn) => new ServiceError("QueueDoesNotExist", arn, 400) });
    }
  }
  const cloud = new Cloud();
  const { context } = cloud.account(ID);
  expect(inventory(cloud)).toEqual([]);
  new Queues(context, { [QUEUE]: { arn: QUEUE } });
  expect(inventory(cloud)).toEqual([QUEUE]);
});

test("a service that has no table and does not say what it holds is an error, not nothing", () => {
  class Settings extends Service {}
  const cloud = new Cloud();
  const { context } = cloud.account(ID);
  new Settings("sqs", context);
  expect(() => inventory(cloud)).toThrow("Settings has no table and does not say what it holds");
});

/** One leftover of each part of an account's state; what belongs to the account itself, or to a row of another part, has none. */
const LEFT: Record<
  Exclude<
    keyof AccountState,
    "id" | "partition" | "quotas" | "enabledRegions" | "organizationTrail" | "private" | "subscriptions"
  >,
  unknown
> = {
  samlProviders: { left: { arn: "left" } },
  roles: { left: { arn: "left" } },
  policies: { left: { arn: "left" } },
  users: { left: { arn: "left", accessKeys: [] } },
  passwordPolicy: {},
  alias: "left",
  organization: { id: "o-left", features: ["RootSessions"] },
  alternateContacts: { SECURITY: {} },
  analyzers: { left: { arn: "left", archiveRules: {} } },
  config: { "eu-west-1": { recorder: null, deliveryChannel: null, rules: { left: {} } } },
  secrets: { left: { region: "eu-west-1", name: "left", versions: [], resourcePolicy: null, purgedFrom: null } },
  eventRules: { left: { arn: "left", targets: {} } },
  topics: { left: { arn: "left" } },
  keys: { left: { arn: "left", deletionDate: null } },
  keyAliases: { left: { arn: "left" } },
  buckets: { left: { arn: "left" } },
  trails: { left: { arn: "left" } },
};

test.each(Object.entries(LEFT))("one leftover among %s is one line", (part, left) => {
  const cloud = new Cloud();
  const state = { ...Account.emptyState(ID, "aws"), [part]: left };
  expect(new Account(state, cloud).contents()).toHaveLength(1);
});
