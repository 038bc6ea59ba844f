import { existsSync, lstatSync, realpathSync, rmSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { importRoles } from "./deployed";
import { LocalCloud } from "./run/local-cloud";
import { variables } from "./variables";

const BANNER =
  "LOCAL CLOUD: nothing reaches Microsoft or AWS. It proves wiring, order and trust, not Microsoft's or Amazon's behaviour.";

const USAGE = `npm run local -- plan|deploy|destroy|output [any further argument of cdktf]
npm run local -- import-roles <stack>     lets Entra run a cycle of role import; a deploy then assigns the roles
npm run local -- --reset                  forgets the local cloud and the states; alone, or with --folder
npm run local -- --folder <folder> plan … goes on where another run stopped, with the project as it is in that folder; one inside rehearsal.out`;

/** Everything that is made lies in here. */
const OUT = "rehearsal.out";

/** What no command of cdktf does: in Entra it happens by itself, every 40 minutes. */
const IMPORT_ROLES = "import-roles";
const COMMANDS = new Set(["plan", "diff", "deploy", "apply", "destroy", "output"]);

/** `npm run local -- <arguments of cdktf>`: the user's own commands, against a local cloud that stays until `--reset`. */
export async function local(project: string, words: readonly string[]): Promise<number> {
  const at = words.indexOf("--folder");
  const elsewhere = at < 0 ? undefined : words[at + 1];
  const args = words.filter((word, index) => word !== "--reset" && (at < 0 || (index !== at && index !== at + 1)));
  const [command = "", stack = ""] = args;
  const reset = words.includes("--reset");
  const fits = reset ? args.length === 0 : COMMANDS.has(command) || (command === IMPORT_ROLES && args.length === 2);
  if (!fits || (at >= 0 && (elsewhere === undefined || elsewhere.startsWith("--")))) {
    console.error(USAGE);
    return 2;
  }
  const folder = elsewhere === undefined ? join(project, OUT, "local") : resolve(project, elsewhere);
  if (!isOurs(project, folder)) {
    console.error(`--folder is '${elsewhere}', the local cloud keeps to folders inside ${OUT}; name one of those`);
    return 2;
  }
  if (reset) return forget(project, folder);
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

/** Whether a folder lies inside `rehearsal.out`, also when links on the way are followed. */
function isOurs(project: string, folder: string): boolean {
  const home = join(project, OUT);
  const inside = (child: string, parent: string) => {
    const way = relative(parent, child);
    return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  };
  if (!inside(folder, home)) return false;
  // What does not exist yet leads nowhere else; what exists must not lead out.
  let existing = folder;
  while (!lstatSync(existing, { throwIfNoEntry: false })) existing = join(existing, "..");
  if (existing !== folder && !inside(existing, home)) return true;
  return existsSync(existing) && inside(realpathSync(existing), realpathSync(home));
}

/** Deletes a folder of the local cloud, known by its store, and says so. */
function forget(project: string, folder: string): number {
  const shown = relative(project, folder);
  if (!existsSync(folder)) {
    console.log(`nothing to forget: there is no ${shown}`);
    return 0;
  }
  if (!existsSync(join(folder, "cloud.json"))) {
    console.error(
      `${shown} holds no local cloud (no cloud.json), so it is left alone; delete it yourself if you are done with it`,
    );
    return 2;
  }
  rmSync(folder, { recursive: true });
  console.log(`removed ${shown}: the local cloud, its states and its copy of the project`);
  return 0;
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
