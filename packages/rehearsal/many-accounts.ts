import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Names of the stacks that `addAccounts` makes. */
export const manyNames = (count: number): string[] => Array.from({ length: count }, (_, index) => `many${index + 1}`);

/**
 * Puts so many accounts of the recommended kind into a copy of the project, each a file and a line, as the README's recipe makes them;
 * they take the place of its own. @param conditionalAccess what stands behind the property, in TypeScript
 */
export function addAccounts(project: string, count: number, conditionalAccess: string): void {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  for (const number of numbers) {
    writeFileSync(
      join(project, "stacks", `many${number}.ts`),
      `import type { Construct } from "constructs";
import { declared } from "entra-aws-federation/entra/app-roles";
import { AwsAccountStack, type Organization } from "entra-aws-federation/stacks/aws-account-stack";

export class Many${number} extends AwsAccountStack {
  constructor(scope: Construct, organization: Organization) {
    super(scope, "many${number}", {
      organization,
      accountName: "Many${number}",
      accountId: "${700_000_000_000 + number}",
      appRoles: declared(),
      signing: { active: "c2026", certificates: { c2026: "2029-11-01" } },
      roles: { Administrator: { policies: ["AdministratorAccess"] }, Developer: { policies: ["AmazonS3FullAccess"] } },
      conditionalAccess: ${conditionalAccess},
    });
  }
}
`,
    );
  }
  const imports = numbers.map((number) => `import { Many${number} } from "./stacks/many${number}";\n`).join("");
  const list = numbers.map((number) => `Many${number}`).join(", ");
  const main = readFileSync(join(project, "main.ts"), "utf8");
  const replaced = main
    .replace(/accounts = \[[^\]]*\]/, `accounts = [${list}]`)
    .replace(/(baselines[^=]*)= \[[^\]]*\]/, "$1= []");
  writeFileSync(join(project, "main.ts"), imports + replaced);
}
