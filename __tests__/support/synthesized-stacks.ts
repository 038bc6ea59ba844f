import { Testing } from "cdktf";
import { federate } from "../../main";
import type { StackJson } from "./stack-json";

/** Every stack of `main.ts`, synthesized: its name and its JSON. */
export function synthesizedStacks(): { name: string; json: StackJson }[] {
  return federate(Testing.app()).map((stack) => ({
    name: stack.node.id,
    json: JSON.parse(Testing.synth(stack)) as StackJson,
  }));
}
