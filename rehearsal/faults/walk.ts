import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import type { CloudState } from "../cloud/cloud";
import type { Mutation } from "../cloud/journal";
import { inventory } from "../inventory";
import { CommandFailed, type LocalCloud } from "../run/local-cloud";
import type { Ran } from "../run/processes";
import { providerBlocks, stringsUnder } from "../run/stacks";
import { expect } from "../steps";
import { waysIn } from "./access";
import { orphans } from "./orphans";

/** What Terraform is asked to do while one operation breaks. */
export interface Phase {
  readonly name: string;
  readonly command: "apply" | "destroy";
}

/** One broken operation, and how the stack came out of it. */
export interface Outcome {
  readonly mutation: Mutation;
  /** What a person has to type before the next deploy; empty where the next deploy alone is enough. */
  readonly repairs: readonly string[];
}

/** The part of a state file that says which objects were seen to fail while they were made. */
interface StateFile {
  readonly resources: readonly { type: string; name: string; instances: readonly { status?: string }[] }[];
}

/** One operation at a time, or the n-th of a run would be another one in the next run. */
const ONE_BY_ONE = ["-input=false", "-no-color", "-auto-approve", "-parallelism=1"];

/** Breaks every mutating operation of a phase in turn, before it is done and after, and each time finds the way back. */
export class FaultWalk {
  private readonly clouds: CloudState;
  private readonly wanted: string[];
  /** How many mutating operations the phase has. */
  readonly length: number;

  /** Goes through the phase once unharmed, to know what it should end in. The state of the stack and the clouds stay as they were. */
  static async prepare(local: LocalCloud, stack: string, phase: Phase): Promise<FaultWalk> {
    const before = local.cloud.snapshot();
    keep(local.stateFile(stack));
    local.cloud.journal.inject(undefined);
    must(await local.terraform(stack, [phase.command, ...ONE_BY_ONE]), phase.command, local.stack(stack).folder);
    const walk = new FaultWalk(local, stack, phase, before, local.cloud.journal.count);
    await walk.reset();
    return walk;
  }

  private constructor(
    private readonly local: LocalCloud,
    private readonly stack: string,
    private readonly phase: Phase,
    before: CloudState,
    length: number,
  ) {
    this.clouds = before;
    this.length = length;
    this.wanted = anonymous(inventory(local.cloud));
  }

  /** Breaks the n-th operation, counted from 1. Throws where an expectation is not met. */
  async break(number: number, when: "before" | "after"): Promise<Outcome> {
    const { local, stack, phase } = this;
    await this.reset();
    const open = waysIn(local.cloud.snapshot());
    local.cloud.journal.inject({ mutation: number, when });
    await local.terraform(stack, [phase.command, ...ONE_BY_ONE]);
    const mutation = local.cloud.journal.mutations.findLast(({ outcome }) => outcome.startsWith("failed"));
    local.cloud.journal.inject(undefined);
    if (!mutation) throw new Error(`operation ${number} of ${phase.name} was not reached`);

    this.accessIsSafe(open);
    const repairs = when === "after" && phase.command === "apply" ? await this.repair() : [];
    must(
      await local.terraform(stack, [phase.command, ...ONE_BY_ONE]),
      `${phase.command} again`,
      local.stack(stack).folder,
    );
    if (phase.command === "apply") {
      const plan = await local.plan(stack);
      expect(plan.empty, "No changes after the next deploy", () =>
        plan.changes.map(({ address }) => address).join(", "),
      );
    }
    const left = anonymous(inventory(local.cloud));
    const [missing, extra] = [minus(this.wanted, left), minus(left, this.wanted)];
    expect(
      missing.length + extra.length === 0,
      "what an unbroken run leaves",
      () => `missing ${missing}; too much ${extra}`,
    );
    return { mutation, repairs };
  }

  /**
   * After a lost answer: objects that no state knows are imported (or deleted, where an import is of no use), an object that
   * Terraform would replace because it saw its creation fail is untainted, and then nothing may be about to be destroyed.
   */
  private async repair(): Promise<string[]> {
    const { local, stack } = this;
    const done: string[] = [];
    const first = await local.plan(stack);
    for (const { address, actions } of first.changes) {
      if (actions.length === 2 && this.tainted(address)) {
        await this.type(["untaint", address]);
        done.push(`terraform untaint '${address}'`);
      }
    }
    // Importing one object can make known what another is found by.
    for (;;) {
      const [orphan] = orphans(this.place(), (await local.plan(stack)).changes);
      if (!orphan) break;
      const { address, repair } = orphan;
      if (repair.kind === "import") {
        await this.type(["import", "-input=false", "-no-color", address, repair.id]);
        done.push(`terraform import '${address}' '${repair.id}'`);
      } else {
        await repair.work();
        done.push(repair.command);
      }
    }
    const plan = await local.plan(stack);
    const destroyed = plan.changes.filter(
      ({ actions, address }) => actions.includes("delete") && !this.planned(address),
    );
    expect(destroyed.length === 0, "nothing to be destroyed by the next deploy", () =>
      destroyed.map(({ address }) => address).join(", "),
    );
    return done;
  }

  /** No way in without MFA, and none of those lost that were open before, unless the phase is there to close them. */
  private accessIsSafe(open: ReturnType<typeof waysIn>): void {
    const now = waysIn(this.local.cloud.snapshot());
    const bare = now.filter(({ way, mfa }) => !mfa && !open.some((before) => before.way === way && !before.mfa));
    expect(bare.length === 0, "no way in without MFA", () => bare.map(({ way }) => way).join(", "));
    if (this.phase.command === "destroy") return;
    const lost = open.filter(({ way }) => !now.some((one) => one.way === way));
    expect(
      lost.length === 0,
      "every way in that was open before",
      () => `lost ${lost.map(({ way }) => way).join(", ")}`,
    );
  }

  private readonly intended = new Set<string>();

  /** Whether the unbroken phase destroys this address as well: a key that is dropped, an assignment whose role left. */
  private planned(address: string): boolean {
    return this.intended.has(address);
  }

  private tainted(address: string): boolean {
    const [type = "", name = ""] = address.replace(/\[.*$/, "").split(".");
    const { resources } = JSON.parse(readFileSync(this.local.stateFile(this.stack), "utf8")) as StateFile;
    return resources.some(
      (one) => one.type === type && one.name === name && one.instances.some(({ status }) => status === "tainted"),
    );
  }

  private place() {
    const { local, stack } = this;
    const [tenantId = ""] = stringsUnder(providerBlocks(local.stack(stack), "azuread"), ["tenant_id"]);
    const [accountId = ""] = stringsUnder(providerBlocks(local.stack(stack), "aws"), ["allowed_account_ids"]);
    const tenant = local.cloud.snapshot().tenants[tenantId];
    if (!tenant) throw new Error(`stack ${stack} names no tenant of the local cloud`);
    return { cloud: local.cloud, tenant, accountId };
  }

  private async type(args: readonly string[]): Promise<void> {
    must(await this.local.terraform(this.stack, args), args.join(" "), this.local.stack(this.stack).folder);
  }

  private async reset(): Promise<void> {
    this.local.cloud.restore(this.clouds);
    putBack(this.local.stateFile(this.stack));
    if (this.intended.size === 0 && this.phase.command === "apply") {
      const { changes } = await this.local.plan(this.stack);
      for (const { address, actions } of changes) if (actions.includes("delete")) this.intended.add(address);
    }
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
function anonymous(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\bAKIA\w+/gi, "…")).sort();
}

/** Lines of `a` that `b` lacks; a line that stands twice in `a` must stand twice in `b`. */
function minus(a: readonly string[], b: readonly string[]): string[] {
  const rest = [...b];
  return a.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}
