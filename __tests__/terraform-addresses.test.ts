import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import type { TerraformStack } from "cdktf";
import { fileMatchers } from "./support/match-file";
import { synthScope } from "./support/synth";
import { synthesizedStacks } from "./support/synthesized-stacks";
import { lostAddresses, stateAddresses } from "./support/terraform-addresses";

expect.extend(fileMatchers);

const changelog = readFileSync(join(__dirname, "../CHANGELOG.md"), "utf8");

/** Terraform destroys what it no longer finds at its address, and makes it anew: people are out meanwhile, certificates and keys are others. */
describe.each(synthesizedStacks())("$name", ({ name, json }) => {
  const file = `${name}.addresses.txt`;
  const path = join(__dirname, "snapshots", file);

  test("keeps its Terraform addresses", () => {
    const before = existsSync(path) ? readFileSync(path, "utf8").split(/\r?\n/).filter(Boolean) : [];
    const lost = lostAddresses(before, json, changelog);
    if (lost.length > 0) {
      throw new Error(
        `${name} no longer has ${lost.join(", ")}, so Terraform would destroy ${lost.length === 1 ? "it" : "them"}. ` +
          "Renamed: call moveFromId() of the resource with the old address, or, where Terraform cannot move it, say under " +
          '"State moves" in CHANGELOG.md how to move the state (docs/upgrading.md). ' +
          `To be destroyed, as with a role that leaves an account: delete the lines from __tests__/snapshots/${file}.`,
      );
    }
    expect(stateAddresses(json).join("\n")).toMatchFile(path);
  });
});

describe("an address that a stack no longer has", () => {
  const before = ["aws_iam_role.developer"];
  const role = (stack: TerraformStack, id = "dev") =>
    new IamRole(stack, id, { name: "Developer", assumeRolePolicy: "{}" });
  const lost = (build: (stack: TerraformStack) => void, log = "") => lostAddresses(before, synthScope(build).json, log);

  test("is lost when nothing says where it went, and new ones are no matter", () => {
    expect(lost((stack) => role(stack))).toEqual(before);
    expect(lost((stack) => [role(stack, "developer"), role(stack)])).toEqual([]);
  });

  test("is not lost when a moved block leads to what is there", () => {
    expect(lost((stack) => role(stack).moveFromId("aws_iam_role.developer"))).toEqual([]);
    const moved = (to: string) => (stack: TerraformStack) => {
      role(stack);
      stack.addOverride("moved", [{ from: "aws_iam_role.developer", to }]);
    };
    expect(lost(moved("aws_iam_role.dev"))).toEqual([]);
    expect(lost(moved("aws_iam_role.misspelt"))).toEqual(before);
  });

  test("is not lost when a removed block lets go of it", () => {
    const removed = [{ from: "aws_iam_role.developer", lifecycle: { destroy: false } }];
    expect(lost((stack) => stack.addOverride("removed", removed))).toEqual([]);
  });

  test("is not lost when a line under State moves begins with it", () => {
    const log = (line: string, heading = "State moves") =>
      `## [Unreleased]\n### ${heading}\n\n${line}\n\n### Fixed\n- x\n`;
    const none = () => {};
    expect(lost(none, log("- `aws_iam_role.developer` to `aws_iam_role.dev`"))).toEqual([]);
    expect(lost(none, log("- `aws_iam_role.*`: every role"))).toEqual([]);
    expect(lost(none, log("- `aws_iam_role.dev` to `aws_iam_role.developer`"))).toEqual(before);
    expect(lost(none, log("- `aws_iam_role.developer_x`"))).toEqual(before);
    expect(lost(none, log("- `aws_iam_role.developer`", "Changed"))).toEqual(before);
  });
});
