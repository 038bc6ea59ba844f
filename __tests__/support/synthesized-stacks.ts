import { Testing } from "cdktf";
import { AccountBaselineStack } from "../../constructs/stacks/account-baseline-stack";
import { federate } from "../../main";
import type { StackJson } from "./stack-json";

/** Every stack of `main.ts`, synthesized: its name, its JSON, and whether it is the baseline of an account. */
export function synthesizedStacks(): { name: string; json: StackJson; isBaseline: boolean }[] {
  return federate(Testing.app()).map((stack) => ({
    name: stack.node.id,
    json: JSON.parse(Testing.synth(stack)) as StackJson,
    isBaseline: stack instanceof AccountBaselineStack,
  }));
}
