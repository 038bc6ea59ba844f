import { randomBytes } from "node:crypto";

/**
 * Values for the Terraform variables that the stacks ask for: a password that nobody knows, for users that do not exist. It begins
 * with one character of each kind, or Entra would refuse the rare draw that lacks one.
 */
export function variables(): Record<string, string> {
  return { test_user_password: `Aa1-${randomBytes(18).toString("base64url")}` };
}
