import { App } from "cdktf";
import { declared } from "../constructs/entra/app-roles";
import { AwsAccountStack } from "../constructs/stacks/aws-account-stack";
import { organization } from "../stacks/organization";

// An account in the last step of a rotation: one certificate signs, the one before it is retired.
const app = new App({ stackTraces: false });
new AwsAccountStack(app, "aws-rotating", {
  organization,
  accountName: "Rotating",
  accountId: "777788889999",
  appRoles: declared(),
  signing: { active: "c2028", certificates: { c2028: "2029-11-01" }, retired: ["c2026"] },
  roles: { Administrator: { policies: ["AdministratorAccess"] } },
  conditionalAccess: { covers: "everyone" },
});
app.synth();
