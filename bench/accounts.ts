import { App } from "cdktf";
import type { Construct } from "constructs";
import { imported } from "../constructs/entra/app-roles";
import { AwsAccountStack } from "../constructs/stacks/aws-account-stack";
import { organization } from "../stacks/organization";

/** One of many accounts, of the article's kind: imported roles, two groups, test users apart. */
class BenchAccount extends AwsAccountStack {
  constructor(scope: Construct, index: number) {
    super(scope, `aws-account${index}`, {
      organization,
      accountName: `Account${index}`,
      accountId: String(index).padStart(12, "0"),
      appRoles: imported({ accessKeys: { active: "k1" } }),
      signing: { active: "c2026", certificates: { c2026: "2029-11-01" } },
      roles: {
        Administrator: { policies: ["AdministratorAccess"] },
        Developer: { policies: ["AmazonS3FullAccess"] },
      },
      conditionalAccess: { covers: "groups" },
    });
  }
}

// Synthesizes as many accounts as the first argument says into the folder that the second one names.
const [count = "1", outdir] = process.argv.slice(2);
const app = new App({ stackTraces: false, outdir });
for (let index = 1; index <= Number(count); index += 1) new BenchAccount(app, index);
app.synth();
