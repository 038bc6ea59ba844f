import { randomInt } from "node:crypto";

const ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * A unique id: `AROA…` for a role, `AIDA…` user, `ANPA…` managed policy, `AKIA…` access key
 * (IAM User Guide, "IAM identifiers", reference_identifiers, "Understanding unique ID prefixes").
 */
export function uniqueId(prefix: "AROA" | "AIDA" | "ANPA" | "AKIA"): string {
  const length = prefix === "AKIA" ? 16 : 17;
  return prefix + Array.from({ length }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join("");
}
