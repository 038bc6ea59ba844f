import { join } from "node:path";
import { Cloud } from "../../local-cloud/cloud/cloud";
import { waysIn } from "../faults/access";
import { FaultWalk } from "../faults/walk";
import type { LocalCloud } from "../run/local-cloud";

jest.mock("../faults/access");
const ways = jest.mocked(waysIn);

const ID = "111122223333";
const FIRST = { operation: "iam:CreateAccountAlias", target: "account alias contoso", nth: 1 };

let cloud: Cloud;
/** What `terraform apply` of the stack does. */
let deploy: () => Promise<void>;
/** What it answers when something was refused. */
let failure: number;

/** A stack of one alias, deployed by hand: what Terraform would do is a line of the test. */
const local = () =>
  ({
    cloud,
    stateFile: () => join(__dirname, "no.tfstate"),
    planFile: () => "no.plan",
    stack: (name: string) => ({ name, folder: __dirname, configuration: {} }),
    plan: async () => ({ changes: [] }),
    unchanged: async () => true,
    terraform: async () => {
      const code = await deploy().then(
        () => 0,
        () => failure,
      );
      return { code, stdout: "", stderr: "" };
    },
  }) as unknown as LocalCloud;

beforeEach(() => {
  cloud = new Cloud();
  cloud.account(ID);
  failure = 1;
  ways.mockReturnValue([]);
  deploy = async () => {
    const { settings } = cloud.account(ID);
    if (settings.alias === null) await settings.createAlias("contoso");
  };
});

const walk = () => FaultWalk.prepare(local(), "stack", { name: "deploy", command: "apply" });

test("every operation is broken in both ways, and comes back by the next deploy", async () => {
  const stack = await walk();
  expect(stack.operations).toEqual([FIRST]);
  for (const when of ["before", "after"] as const) {
    expect((await stack.break(FIRST, when)).mutation).toMatchObject({ outcome: `failed ${when}` });
  }
});

test("a fault that breaks nothing is no fault survived, whatever broke before it", async () => {
  const stack = await walk();
  await stack.break(FIRST, "before");
  for (const never of [
    { ...FIRST, nth: 2 },
    { ...FIRST, target: "account alias fabrikam" },
  ]) {
    await expect(stack.break(never, "before")).rejects.toThrow("the operation was not reached");
  }
});

test("nor is one that the deploy does not notice", async () => {
  const stack = await walk();
  failure = 0;
  await expect(stack.break(FIRST, "before")).rejects.toThrow("expected apply to fail where an operation does");
});

test("a way in without MFA is told of, also one that only the way back opens", async () => {
  const stack = await walk();
  const done = deploy;
  let runs = 0;
  deploy = async () => {
    runs += 1;
    if (runs === 2) {
      ways.mockReturnValue([{ way: "Developers -> Developer", mfa: false }]);
      await cloud.account(ID).settings.updatePasswordPolicy({});
      await cloud.account(ID).settings.deletePasswordPolicy();
      ways.mockReturnValue([]);
    }
    await done();
  };
  await expect(stack.break(FIRST, "before")).rejects.toThrow("no way in without MFA");
});
