import { tmpdir } from "node:os";
import { App, S3Backend, TerraformStack, Testing } from "cdktf";
import type { IConstruct } from "constructs";
import { declared } from "../../constructs/entra/app-roles";
import { type AwsAccountProps, AwsAccountStack, type Organization } from "../../constructs/stacks/aws-account-stack";
import { type Body, blocksOf, type StackJson } from "./stack-json";

/** What a person sees of a synthesized stack: the JSON, and what cdktf prints beside it, `[path] message`. */
export interface Synthesized {
  readonly json: StackJson;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Props of a valid account, with these in place of the default ones. */
export type AccountChanges = Partial<Omit<AwsAccountProps, "organization">> & {
  readonly organization?: Partial<Organization>;
};

const GUID = (last: number) => `a1b2c3d4-0000-4000-8000-${String(last).padStart(12, "0")}`;

/** Object ids that mean nothing in particular, each always the same. */
export const ids = {
  tenant: GUID(1),
  deployer: GUID(2),
  otherDeployer: GUID(3),
  breakGlass: GUID(4),
  otherBreakGlass: GUID(5),
  group: GUID(6),
} as const;

/** A company with nothing of the sample values in it. */
export function organization(changes: Partial<Organization> = {}): Organization {
  return {
    company: "Fabrikam",
    tenantId: ids.tenant,
    domain: "fabrikam.example",
    owners: [ids.deployer],
    breakGlass: { users: [ids.breakGlass] },
    notificationEmails: ["identity@fabrikam.example"],
    regions: ["eu-west-1"],
    backend: (stack) =>
      new S3Backend(stack, { bucket: "state", key: `${stack.node.id}.tfstate`, region: "eu-west-1", encrypt: true }),
    aws: ({ accountId }) => ({ profile: accountId }),
    entra: "environment",
    ...changes,
  };
}

/** A valid account that declares its app roles and has one role, Administrator. */
export function account({ organization: company, ...changes }: AccountChanges = {}): AwsAccountProps {
  return {
    accountName: "Payments",
    accountId: "210987654321",
    appRoles: declared(),
    signing: { active: "c2026", certificates: { c2026: "2028-11-30" } },
    roles: { Administrator: { policies: ["AdministratorAccess"] } },
    conditionalAccess: { covers: "everyone" },
    ...changes,
    organization: organization(company),
  };
}

/** The stack class as an account file uses it: what only this account needs stands below `super()`. */
export class AccountUnderTest extends AwsAccountStack {
  addTestUsersOf(names: Readonly<Record<string, string>>): void {
    this.addTestUsers(names);
  }
}

/** An app that leaves nothing behind: synthesis for tests writes no file. */
export function testApp(): App {
  return Testing.app({ outdir: tmpdir() });
}

/** An app as `cdktf synth --hcl` makes it. */
export function hclApp(): App {
  return new App({ outdir: tmpdir(), stackTraces: false, hclOutput: true });
}

const unchanged: AccountChanges = {};
const synthesized = new WeakMap<AccountChanges, Synthesized>();

/**
 * Synthesizes the stack of a valid account with these changes, and with whatever `below` adds to it. Without `below`, the same
 * object of changes is synthesized once: many tests look at one account.
 */
export function synthAccount(
  changes: AccountChanges = unchanged,
  below?: (stack: AccountUnderTest) => void,
): Synthesized {
  const known = below ? undefined : synthesized.get(changes);
  if (known) return known;
  const stack = new AccountUnderTest(testApp(), "aws-payments", account(changes));
  below?.(stack);
  const result = synthesize(stack);
  if (!below) synthesized.set(changes, result);
  return result;
}

/** Synthesizes a bare stack with whatever `build` puts into it. */
export function synthScope(build: (stack: TerraformStack) => void): Synthesized {
  const stack = new TerraformStack(testApp(), "stack");
  build(stack);
  return synthesize(stack);
}

/** Once a stack: cdktf would run the checks again and say everything twice. */
export function synthesize(stack: TerraformStack): Synthesized {
  const json = JSON.parse(Testing.synth(stack)) as StackJson;
  return { json, errors: annotations(stack, "@cdktf/error"), warnings: annotations(stack, "@cdktf/warn") };
}

/** What was said of a construct and of all in it, as cdktf prints it. */
export function annotations(scope: IConstruct, level: "@cdktf/error" | "@cdktf/warn"): string[] {
  return scope.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata.filter(({ type }) => type === level).map(({ data }) => `[${node.path}] ${String(data)}`),
    );
}

/** The body of a block by its Terraform address. */
export function at(json: StackJson, address: string): Body {
  const block = blocksOf(json).find((candidate) => candidate.address === address);
  if (!block) throw new Error(`the stack has no ${address}, but ${addresses(json).join(", ")}`);
  return block.body;
}

/** Every Terraform address of a stack, providers left out. */
export function addresses(json: StackJson): string[] {
  return blocksOf(json)
    .filter(({ kind }) => kind !== "provider")
    .map(({ address }) => address);
}
