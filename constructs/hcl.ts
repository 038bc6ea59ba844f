import { App } from "cdktf";
import type { IConstruct } from "constructs";

/**
 * Whether `cdktf synth --hcl` is running. It writes conditions of a lifecycle as arguments, and the references of
 * `replace_triggered_by` in quotes, which Terraform refuses, and drops `removed` and `check` blocks; the JSON that cdktf writes otherwise is complete.
 */
export function writesHcl(scope: IConstruct): boolean {
  return App.of(scope).hclOutput;
}
