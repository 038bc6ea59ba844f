import { existsSync } from "node:fs";
import { join } from "node:path";
import { MFA_COMBINATIONS } from "../constructs/entra/access-policy";

const strengths = join(__dirname, "../packages/local-cloud/cloud/entra/authentication-strengths");

// The one list that both know by themselves: without packages/ there is nothing to compare it with.
(existsSync(`${strengths}.ts`) ? test : test.skip)(
  "what the constructs take for multifactor authentication is the tenant's built-in strength of that name",
  async () => {
    const { BUILT_IN_STRENGTHS } = (await import(strengths)) as {
      BUILT_IN_STRENGTHS: Record<string, { allowedCombinations: readonly string[] }>;
    };
    const builtIn = BUILT_IN_STRENGTHS["00000000-0000-0000-0000-000000000002"];
    expect([...MFA_COMBINATIONS].sort()).toEqual([...(builtIn?.allowedCombinations ?? [])].sort());
  },
);
