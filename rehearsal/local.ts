import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { importRoles } from "./deployed";
import { LocalCloud } from "./run/local-cloud";
import { variables } from "./variables";

const BANNER =
  "LOCAL CLOUD: nothing reaches Microsoft or AWS. It proves wiring, order and trust, not Microsoft's or Amazon's behaviour.";

const USAGE = `npm run local -- plan|deploy|destroy|output [any further argument of cdktf]
npm run local -- import-roles <stack>     lets Entra run a cycle of role import; a deploy then assigns the roles
npm run local -- --reset                  forgets the local cloud and the states
npm run local -- --folder <folder> plan … goes on where another run stopped, with the project as it is in that folder`;

/** What no command of cdktf does: in Entra it happens by itself, every 40 minutes. */
const IMPORT_ROLES = "import-roles";
const COMMANDS = new Set(["plan", "diff", "deploy", "apply", "destroy", "output"]);

/** `npm run local -- <arguments of cdktf>`: the user's own commands, against a local cloud that stays until `--reset`. */
export async function local(project: string, words: readonly string[]): Promise<number> {
  const at = words.indexOf("--folder");
  const elsewhere = at < 0 ? undefined : words[at + 1];
  const folder = elsewhere ? resolve(project, elsewhere) : join(project, "rehearsal.out", "local");
  const args = words.filter((word, index) => word !== "--reset" && (at < 0 || (index !== at && index !== at + 1)));
  if (words.includes("--reset")) rmSync(folder, { recursive: true, force: true });
  if (words.length > 0 && args.length === 0) return 0;
  const [command = "", stack = ""] = args;
  if (!COMMANDS.has(command) && command !== IMPORT_ROLES) {
    console.error(USAGE);
    return 2;
  }
  console.error(BANNER);
  const bench = await LocalCloud.start({
    project,
    folder,
    variables: { ...variables, ...givenVariables() },
    interactive: true,
  });
  try {
    await (elsewhere ? bench.synthAgain() : bench.synth());
    if (command !== IMPORT_ROLES) return (await bench.cdktf(args)).code;
    bench.stack(stack);
    for (const claim of await importRoles(bench, stack, "service principal")) console.log(`imported ${claim}`);
    return 0;
  } finally {
    bench.stop();
  }
}

/** Values of Terraform variables that the user has set for this command. */
const givenVariables = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      name.startsWith("TF_VAR_") && value !== undefined ? [[name.slice("TF_VAR_".length), value]] : [],
    ),
  );

if (require.main === module) {
  local(process.cwd(), process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      if (!(error instanceof Error)) throw error;
      console.error(error.message);
      process.exitCode = 1;
    },
  );
}
