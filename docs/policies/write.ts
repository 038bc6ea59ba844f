import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PolicyDocument } from "../../constructs/aws/trust-policy";
import { serviceControlPolicy } from "../../constructs/baseline/service-control-policy";

/**
 * The policy documents in this folder, as this code writes them; a test holds the files against it. Put in the names of your own roles and
 * write them anew: `npm run policies`.
 */
export const policies: Readonly<Record<string, string>> = {
  "service-control-policy.json": text(
    serviceControlPolicy({
      federationRole: "entra-aws-federation-deploy",
      baselineRole: "account-baseline-deploy",
      bootstrapRole: "OrganizationAccountAccessRole",
      federatedRoles: ["Administrator", "Developer"],
      breakGlass: { role: "BreakGlass" },
    }),
  ),
};

/** A line for each statement: AWS counts white space, and a change shows by statement. */
export function text({ Version, Statement }: PolicyDocument): string {
  const statements = Statement.map((statement) => `  ${JSON.stringify(statement)}`);
  return `{\n "Version": "${Version}",\n "Statement": [\n${statements.join(",\n")}\n ]\n}\n`;
}

if (require.main === module) {
  for (const [file, policy] of Object.entries(policies)) writeFileSync(join(__dirname, file), policy);
}
