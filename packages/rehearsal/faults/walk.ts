import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import type { CloudState } from "../../local-cloud/cloud/cloud";
import { Tenant } from "../../local-cloud/cloud/entra/tenant";
import type { Mutation } from "../../local-cloud/cloud/journal";
import { inventory } from "../inventory";
import { CommandFailed, type LocalCloud } from "../run/local-cloud";
import type { Ran } from "../run/processes";
import { providerBlocks, stringsUnder } from "../run/stacks";
import { ensure, Unmet } from "../steps";
import { waysIn } from "./access";
import { orphans } from "./orphans";

/** What Terraform is asked to do while one operation breaks. */
export interface Phase {
  readonly name: string;
  readonly command: "apply" | "destroy";
}

/** One mutating operation of a phase, by what it is called, since Terraform may order two runs differently. */
export interface Operation {
  readonly operation: string;
  /** What it is done to, ids left out. */
  readonly target: string;
  /** The how manieth of its kind. */
  readonly nth: number;
}

/** One broken operation, and how the stack came out of it. */
export interface Outcome {
  readonly mutation: Mutation;
  /** What a person has to type before the next deploy; empty where the next deploy alone is enough. */
  readonly repairs: readonly string[];
}

/** The part of a state file that says which objects were seen to fail while they were made. */
interface StateFile {
  readonly resources: readonly {
    type: string;
    name: string;
    instances: readonly { status?: string; index_key?: string | number }[];
  }[];
}

/**
 * Failures that the provider keeps to itself. An enterprise app that is adopted (`use_existing`) goes with its application:
 * service_principal_resource.go of azuread 3.9.0, Delete.
 */
const PASSED_OVER: readonly string[] = ["DELETE /servicePrincipals/{id}"];

/** One operation at a time, so that what is broken and what comes after it are told apart. */
const ONE_BY_ONE = ["-input=false", "-no-color", "-auto-approve", "-parallelism=1"];

/** Breaks every mutating operation of a phase in turn, before it is done and after, and each time finds the way back. */
export class FaultWalk {
  private readonly clouds: CloudState;
  private readonly wanted: string[];
  /**
   * The mutating operations of the phase, in the order of its unbroken run; another run may have another order. What is the same in
   * several regions stands once.
   */
  readonly operations: readonly Operation[];

  /** Goes through the phase once unharmed, to know what it should end in. The state of the stack and the clouds stay as they were. */
  static async prepare(local: LocalCloud, stack: string, phase: Phase): Promise<FaultWalk> {
    const before = local.cloud.snapshot();
    keep(local.stateFile(stack));
    const { mutations } = local.cloud.journal;
    const start = mutations.length;
    must(await local.terraform(stack, [phase.command, ...ONE_BY_ONE]), phase.command, local.stack(stack).folder);
    const walk = new FaultWalk(local, stack, phase, before, numbered(mutations.slice(start)));
    await walk.reset();
    return walk;
  }

  private constructor(
    private readonly local: LocalCloud,
    private readonly stack: string,
    private readonly phase: Phase,
    before: CloudState,
    operations: readonly Operation[],
  ) {
    this.clouds = before;
    this.operations = operations;
    this.wanted = inventory(local.cloud).map(anonymous);
  }

  /** Breaks an operation, and finds the way back. Throws where an expectation is not met. */
  async break({ operation, target, nth }: Operation, when: "before" | "after"): Promise<Outcome> {
    const { local, stack, phase } = this;
    await this.reset();
    const open = waysIn(local.cloud.snapshot());
    const matches = (name: string, on: string) => name === operation && anonymous(on) === target;
    const { journal } = local.cloud;
    const start = journal.mutations.length;
    // At every moment of the way there and back. Thrown here it would be one more fault, of which the deploy takes notice alone.
    const unsafe: unknown[] = [];
    journal.watcher = () => {
      try {
        this.accessIsSafe(open);
      } catch (error) {
        unsafe.push(error);
      }
    };
    journal.inject({ when, nth, matches });
    const ran = await local.terraform(stack, [phase.command, ...ONE_BY_ONE]);
    journal.inject(undefined);
    const mutation = journal.mutations.slice(start).find(({ outcome }) => outcome === `failed ${when}`);
    if (!mutation) throw new Error("the operation was not reached, so nothing was broken");
    ensure(
      ran.code !== 0 || PASSED_OVER.includes(operation),
      `${phase.command} to fail where an operation does`,
      () => ran.stdout,
    );

    const repairs = phase.command === "apply" ? await this.repair() : [];
    // A deploy as it was planned when the last repair was typed, and looked at.
    const again =
      phase.command === "apply" ? ["apply", ...ONE_BY_ONE, local.planFile(stack)] : ["destroy", ...ONE_BY_ONE];
    must(await local.terraform(stack, again), `${phase.command} again`, local.stack(stack).folder);
    journal.watcher = undefined;
    if (unsafe.length > 0) throw unsafe[0];
    if (phase.command === "apply" && !(await local.unchanged(stack))) {
      const { changes } = await local.plan(stack);
      throw new Unmet("No changes after the next deploy", changes.map(({ address }) => address).join(", "));
    }
    const left = inventory(local.cloud).map(anonymous);
    const [missing, extra] = [minus(this.wanted, left), minus(left, this.wanted)];
    ensure(
      missing.length + extra.length === 0,
      "what an unbroken run leaves",
      () => `missing ${missing}; too much ${extra}`,
    );
    return { mutation, repairs };
  }

  /** Goes through the phase unharmed, for the next one to begin where it ends. */
  async finish(): Promise<void> {
    await this.reset();
    const ran = await this.local.terraform(this.stack, [this.phase.command, ...ONE_BY_ONE]);
    must(ran, this.phase.command, this.local.stack(this.stack).folder);
  }

  /**
   * After a failure: objects that no state knows, since their answer was lost, are imported (or deleted, where an import is of no use),
   * an object that Terraform would replace because it saw its creation fail is untainted, and then nothing may be about to be destroyed.
   */
  private async repair(): Promise<string[]> {
    const { local, stack } = this;
    const done: string[] = [];
    for (const address of this.tainted()) {
      await this.type(["untaint", address]);
      done.push(`terraform untaint '${address}'`);
    }
    // Importing one object can make known what another is found by.
    let plan = await local.plan(stack);
    for (;;) {
      const [orphan] = orphans(this.place(), plan.changes);
      if (!orphan) break;
      const { address, repair } = orphan;
      if (repair.kind === "import") {
        await this.type(["import", "-input=false", "-no-color", address, repair.id]);
        done.push(`terraform import '${address}' '${repair.id}'`);
      } else {
        await repair.work();
        done.push(repair.command);
      }
      plan = await local.plan(stack);
    }
    const destroyed = plan.changes.filter(
      ({ actions, address }) => actions.includes("delete") && !this.planned(address),
    );
    ensure(destroyed.length === 0, "nothing to be destroyed by the next deploy", () =>
      destroyed.map(({ address }) => address).join(", "),
    );
    return done;
  }

  /** No way in without MFA, and none of those lost that were open before, unless the phase is there to close them. */
  private accessIsSafe(open: ReturnType<typeof waysIn>): void {
    const now = waysIn(this.local.cloud.snapshot());
    const bare = now.filter(({ way, mfa }) => !mfa && !open.some((before) => before.way === way && !before.mfa));
    ensure(bare.length === 0, "no way in without MFA", () => bare.map(({ way }) => way).join(", "));
    if (this.phase.command === "destroy") return;
    const lost = open.filter(({ way }) => !now.some((one) => one.way === way));
    ensure(
      lost.length === 0,
      "every way in that was open before",
      () => `lost ${lost.map(({ way }) => way).join(", ")}`,
    );
  }

  private intended: ReadonlySet<string> | undefined;

  /** Whether the unbroken phase destroys this address as well: a key that is dropped, an assignment whose role left. */
  private planned(address: string): boolean {
    return this.intended?.has(address) ?? false;
  }

  /** Objects whose creation was seen to fail half-way. */
  private tainted(): string[] {
    const file = this.local.stateFile(this.stack);
    const { resources } = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as StateFile) : { resources: [] };
    return resources.flatMap(({ type, name, instances }) =>
      instances
        .filter(({ status }) => status === "tainted")
        .map(({ index_key: key }) => `${type}.${name}${key === undefined ? "" : `[${JSON.stringify(key)}]`}`),
    );
  }

  private place() {
    const { local, stack } = this;
    const [tenantId] = stringsUnder(providerBlocks(local.stack(stack), "azuread"), ["tenant_id"]);
    const [accountId = ""] = stringsUnder(providerBlocks(local.stack(stack), "aws"), ["allowed_account_ids"]);
    // A stack of AWS alone has lost nothing in any tenant.
    const tenant = tenantId === undefined ? Tenant.emptyState("") : local.cloud.snapshot().tenants[tenantId];
    if (!tenant) throw new Error(`stack ${stack} names no tenant of the local cloud`);
    return { cloud: local.cloud, tenant, accountId };
  }

  private async type(args: readonly string[]): Promise<void> {
    must(await this.local.terraform(this.stack, args), args.join(" "), this.local.stack(this.stack).folder);
  }

  private async reset(): Promise<void> {
    this.local.cloud.restore(this.clouds);
    putBack(this.local.stateFile(this.stack));
    if (this.intended || this.phase.command === "destroy") return;
    const { changes } = await this.local.plan(this.stack);
    this.intended = new Set(changes.filter(({ actions }) => actions.includes("delete")).map(({ address }) => address));
  }
}

const kept = (stateFile: string) => `${stateFile}.before`;

function keep(stateFile: string): void {
  if (existsSync(stateFile)) copyFileSync(stateFile, kept(stateFile));
  else rmSync(kept(stateFile), { force: true });
}

function putBack(stateFile: string): void {
  if (existsSync(kept(stateFile))) copyFileSync(kept(stateFile), stateFile);
  else rmSync(stateFile, { force: true });
}

function must(ran: Ran, command: string, folder: string): void {
  if (ran.code !== 0) throw new CommandFailed(`terraform ${command}`, folder, ran);
}

/** Ids are drawn anew in every run; what is the same is what the objects are called. */
const anonymous = (text: string): string => text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\bAKIA\w+/gi, "…");

/** Tells operations apart that are the same by name and target; of those that differ by their region alone the first is enough. */
function numbered(mutations: readonly Mutation[]): Operation[] {
  const seen = new Map<string, number>();
  const regions = new Map<string, string>();
  return mutations.flatMap(({ operation, target: on }) => {
    const target = anonymous(on);
    const anywhere = `${operation} ${target.replace(REGION, "…")}`;
    if ((regions.get(anywhere) ?? target) !== target) return [];
    regions.set(anywhere, target);
    const nth = (seen.get(`${operation} ${target}`) ?? 0) + 1;
    seen.set(`${operation} ${target}`, nth);
    return [{ operation, target, nth }];
  });
}

/** `eu-west-1`, in an ARN or at the end of a line. */
const REGION = /(?<=:|\bin )[a-z]{2}(-[a-z]+)+-\d(?=:|$)/g;

/** Lines of `a` that `b` lacks; a line that stands twice in `a` must stand twice in `b`. */
function minus(a: readonly string[], b: readonly string[]): string[] {
  const rest = [...b];
  return a.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}
