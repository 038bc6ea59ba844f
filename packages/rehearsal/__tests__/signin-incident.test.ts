import { makeCertificate, metadataWith } from "../../local-cloud/__tests__/aws-metadata";
import { AwsWorkspace, type Resources } from "../../local-cloud/__tests__/aws-workspace";
import { ask, type Session } from "../signin/chain/session";

jest.setTimeout(120_000);

const ID = "111122223333";
const PROVIDER = `arn:aws:iam::${ID}:saml-provider/MicrosoftEntraID`;
const NAMES = ["ada@contoso.com", "bob@contoso.com"];
let aws: AwsWorkspace;
let metadata: string;

beforeAll(async () => {
  metadata = metadataWith([await makeCertificate("one")]);
});
beforeEach(async () => {
  aws = new AwsWorkspace(ID);
  await aws.open();
});
afterEach(() => aws.close());

/** A federated role as an account stack makes it: whatever policy it has stands in the list that excludes others. */
function developer(incident?: object): Resources {
  const names = incident ? ["Incident"] : [];
  return {
    aws_iam_saml_provider: { entra: { name: "MicrosoftEntraID", saml_metadata_document: metadata } },
    aws_iam_role: {
      developer: {
        name: "Developer",
        assume_role_policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Federated: PROVIDER }, Action: "sts:AssumeRoleWithSAML" }],
        }),
        depends_on: ["aws_iam_saml_provider.entra"],
      },
    },
    aws_iam_role_policy_attachment: {
      developer: { role: "${aws_iam_role.developer.name}", policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess" },
    },
    aws_iam_role_policies_exclusive: {
      developer: {
        role_name: "${aws_iam_role.developer.name}",
        policy_names: names,
        ...(incident ? { depends_on: ["aws_iam_role_policy.incident"] } : {}),
      },
    },
    ...(incident
      ? {
          aws_iam_role_policy: {
            incident: {
              name: "Incident",
              role: "${aws_iam_role.developer.name}",
              policy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [{ Effect: "Deny", Action: "*", Resource: "*", Condition: incident }],
              }),
            },
          },
        }
      : {}),
  };
}

/** A session of each person, begun at this moment. */
function sessions(): Omit<Session, "probes">[] {
  const role = aws.account.roles.get("Developer");
  return NAMES.map((sessionName) => ({
    roleArn: role.arn,
    roleName: role.name,
    sessionName,
    userId: `${role.id}:${sessionName}`,
    issuedAt: `${aws.cloud.clock.now().toISOString().slice(0, 19)}Z`,
    accountId: ID,
    providerArn: PROVIDER,
    title: `${role.name} / ${sessionName} / ${ID}`,
    consoleSec: 3_600,
    longestSec: 3_600,
  }));
}
const outcomes = (of: readonly Omit<Session, "probes">[]) =>
  of.map((one) => ask(aws.cloud, one, "ec2:RunInstances").outcome);
const moment = () => `${aws.cloud.clock.now().toISOString().slice(0, 19)}Z`;

test("sessions from before a moment are refused everything, those from after it work, and a redeploy keeps it so", async () => {
  await aws.deploy(developer());
  const before = sessions();
  expect(outcomes(before)).toEqual(["allow", "allow"]);
  aws.cloud.clock.advance({ minutes: 1 });
  const incident = developer({ DateLessThan: { "aws:TokenIssueTime": moment() } });
  await aws.deploy(incident);
  const after = sessions();
  expect([outcomes(before), outcomes(after)]).toEqual([
    ["deny", "deny"],
    ["allow", "allow"],
  ]);
  await aws.deploy(incident);
  expect(outcomes(before)).toEqual(["deny", "deny"]);
  await aws.deploy(developer());
  expect(outcomes(before)).toEqual(["allow", "allow"]);
});

test("the sessions of one person are refused, old and new, while a colleague works", async () => {
  await aws.deploy(developer());
  const before = sessions();
  await aws.deploy(developer({ StringLike: { "aws:userid": ["*:ada@contoso.com"] } }));
  aws.cloud.clock.advance({ minutes: 1 });
  expect([outcomes(before), outcomes(sessions())]).toEqual([
    ["deny", "allow"],
    ["deny", "allow"],
  ]);
});

test("a name in other letters, and the end of a longer name, are somebody else", async () => {
  await aws.deploy(
    developer({ StringLike: { "aws:userid": ["*:Ada@contoso.com", "*:a@contoso.com", "*:ob@contoso.com"] } }),
  );
  expect(outcomes(sessions())).toEqual(["allow", "allow"]);
});

test("what somebody takes away by hand comes back with the next deploy, and what the console adds goes", async () => {
  const incident = developer({ StringLike: { "aws:userid": ["*:ada@contoso.com"] } });
  await aws.deploy(incident);
  await aws.account.roles.deletePolicy("Developer", "Incident");
  const revoke = { Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }] };
  await aws.account.roles.putPolicy("Developer", "AWSRevokeOlderSessions", JSON.stringify(revoke));
  expect(outcomes(sessions())).toEqual(["deny", "deny"]);
  await aws.deploy(incident);
  expect(Object.keys(aws.account.roles.get("Developer").inlinePolicies)).toEqual(["Incident"]);
  expect(outcomes(sessions())).toEqual(["deny", "allow"]);
});

test("a session ends by itself, and with its role", async () => {
  await aws.deploy(developer());
  const open = sessions();
  aws.cloud.clock.advance({ minutes: 59 });
  expect(outcomes(open)).toEqual(["allow", "allow"]);
  aws.cloud.clock.advance({ minutes: 1 });
  expect(outcomes(open)).toEqual(["deny", "deny"]);
  const old = sessions();
  await aws.destroy();
  await aws.deploy(developer());
  expect(outcomes(old)).toEqual(["deny", "deny"]);
  expect(outcomes(sessions())).toEqual(["allow", "allow"]);
});
