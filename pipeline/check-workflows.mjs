// Checks workflows against GitHub's own schema and expression grammar, offline: `node pipeline/check-workflows.mjs FILE...`
import { readFileSync } from "node:fs";
import { register } from "node:module";

// @actions/workflow-parser is written for bundlers: it imports its schema (JSON) without the attribute that Node.js asks for.
const hook = `export const load = (url, context, next) =>
  next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await import("@actions/workflow-parser");

for (const file of process.argv.slice(2)) {
  const { context, value } = parseWorkflow(
    { name: file, content: readFileSync(file, "utf8") },
    new NoOperationTraceWriter(),
  );
  if (value !== undefined) await convertWorkflowTemplate(context, value);
  for (const { message } of context.errors.getErrors()) {
    console.error(message);
    process.exitCode = 1;
  }
}
