import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Account, type AccountState } from "./aws/account";
import { Clock } from "./clock";
import { Tenant, type TenantState } from "./entra/tenant";
import { Journal } from "./journal";

/** Everything the local cloud knows, as the JSON that is written to disk. */
export interface CloudState {
  now: string;
  tenants: Record<string, TenantState>;
  accounts: Record<string, AccountState>;
}

/** An Entra tenant or several, and AWS accounts, in one process: plain domain models, no Terraform in them. */
export class Cloud {
  readonly clock: Clock;
  readonly journal: Journal;
  private readonly state: CloudState;
  private readonly tenants = new Map<string, Tenant>();
  private readonly accounts = new Map<string, Account>();
  private saving: NodeJS.Timeout | undefined;
  private readonly saveNow = () => this.save();

  /** @param file where the store is kept as readable JSON; without it nothing is written. */
  constructor(
    private readonly file?: string,
    state?: CloudState,
  ) {
    this.state = state ?? { now: new Date().toISOString(), tenants: {}, accounts: {} };
    this.clock = new Clock(this.state);
    this.journal = new Journal(() => this.saveSoon());
  }

  /** Opens the store of an earlier run. */
  static open(file: string): Cloud {
    return new Cloud(file, JSON.parse(readFileSync(file, "utf8")) as CloudState);
  }

  /** The tenant with this id; an empty one is made at first use. */
  tenant(id: string): Tenant {
    const known = this.tenants.get(id);
    if (known) return known;
    this.state.tenants[id] ??= Tenant.emptyState(id);
    const tenant = new Tenant(this.state.tenants[id], this, (keyId, secret) => this.listRolesWithKey(keyId, secret));
    this.tenants.set(id, tenant);
    return tenant;
  }

  /** The AWS account with this id (12 digits); an empty one is made at first use. */
  account(id: string, partition = "aws"): Account {
    const known = this.accounts.get(id);
    if (known) return known;
    // A store of an earlier version lacks what an account can hold since.
    const state = Object.assign(Account.emptyState(id, partition), this.state.accounts[id]);
    this.state.accounts[id] = state;
    const account = new Account(state, this);
    this.accounts.set(id, account);
    return account;
  }

  tenantIds(): string[] {
    return Object.keys(this.state.tenants);
  }

  accountIds(): string[] {
    return Object.keys(this.state.accounts);
  }

  others(id: string): readonly AccountState[] {
    return Object.values(this.state.accounts).filter((account) => account.id !== id);
  }

  /** Everything the cloud knows at this moment; what happens later does not change it. */
  snapshot(): CloudState {
    return structuredClone(this.state);
  }

  /** Goes back to a snapshot. Tenants and accounts that were asked for before are to be asked for again. */
  restore(snapshot: CloudState): void {
    Object.assign(this.state, structuredClone(snapshot));
    this.tenants.clear();
    this.accounts.clear();
  }

  /** Writes the store, readable by a person; a reader never meets half a file. */
  save(): void {
    if (!this.file) return;
    clearTimeout(this.saving);
    this.saving = undefined;
    process.off("exit", this.saveNow);
    mkdirSync(dirname(this.file), { recursive: true });
    const temporary = `${this.file}.${process.pid}`;
    writeFileSync(temporary, `${JSON.stringify(this.state, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, this.file);
  }

  /** Not for every change: a deploy makes hundreds within seconds. Whoever is interrupted writes the last ones as they exit. */
  private saveSoon(): void {
    if (!this.file || this.saving) return;
    this.saving = setTimeout(this.saveNow, 100);
    process.once("exit", this.saveNow);
  }

  /** iam:ListRoles as AWS answers it to whoever holds this access key: the key finds the account by itself. */
  private listRolesWithKey(accessKeyId: string, secretAccessKey: string) {
    for (const id of this.accountIds()) {
      const account = this.account(id);
      if (account.ownsAccessKey(accessKeyId)) return account.listRolesAs(accessKeyId, secretAccessKey);
    }
    return Account.refuseUnknownKey();
  }
}
