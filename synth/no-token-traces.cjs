/**
 * Preloaded before main.ts (cdktf.json, tsconfig.json): keeps cdktf from taking a stack trace for every token it makes, which is half of
 * the time of a large synth. Only that bookkeeping asks for a trace without a limit, of something that is no error:
 * https://github.com/hashicorp/terraform-cdk/blob/v0.21.0/packages/cdktf/lib/tokens/private/stack-trace.ts
 * Errors keep their stack, with file and line of ours. Lost is "Object creation stack" in the message of a token that cannot be resolved.
 */
const capture = Error.captureStackTrace;

Error.captureStackTrace = (object, above) => {
  if (Error.stackTraceLimit === Number.MAX_SAFE_INTEGER && !(object instanceof Error)) return;
  capture(object, above ?? Error.captureStackTrace);
};
