import { API_CALL, CONSOLE_ACTION, callMessage, signInMessage, type Watch } from "./watch";

/**
 * Alarms on the root user: every sign-in and every attempt at one, every call, whatever region it is made in, and what the console does
 * without a call, as a new address of the account. Calls that only read count: a stolen root key is tried with those first, and never signs in.
 * One console session raises many. What AWS does by itself for the root user (`invokedBy`, service events) is left out, as in CIS AWS
 * Foundations Benchmark v3.0.0, 4.3.
 *
 * Steps without an API stand in the runbook: the e-mail address of a group, MFA, no access key, a long password in a safe.
 */
export function rootUserWatches(): readonly Watch[] {
  return [
    {
      name: "root-sign-in",
      description: "The root user signed in, or somebody tried to, or asked for a new password",
      pattern: {
        source: ["aws.signin"],
        detail: { userIdentity: { type: ["Root"] } },
      },
      ...signInMessage("ROOT USER SIGN-IN"),
    },
    {
      name: "root-api-call",
      description: "The root user called AWS, or did something in the console",
      pattern: {
        "detail-type": [API_CALL, CONSOLE_ACTION],
        detail: { userIdentity: { type: ["Root"], invokedBy: [{ exists: false }] } },
      },
      readOnlyCalls: true,
      ...callMessage("ROOT USER CALL: <event>"),
    },
  ];
}
