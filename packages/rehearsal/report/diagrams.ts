import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { isEntered } from "../run/stacks";
import { configuredAccess } from "../signin/expectations/access";
import { deployedAccount, indexTenants } from "./deployed-account";
import { roleImportPicture, roleMapping, signInPicture } from "./pictures";
import { type Sample, withSample } from "./sample";
import { flowToSvg, sequenceToSvg, standAlone } from "./svg";

const FOLDER = join("docs", "images");

/** The README's pictures, by file name: the same as the report's, each in a file of its own. Nothing in them changes from deploy to deploy. */
export function diagrams({ cloud, stacks }: Sample): ReadonlyMap<string, string> {
  const state = cloud.snapshot();
  const tenants = indexTenants(state);
  return new Map(
    stacks.filter(isEntered).flatMap((stack): [string, string][] => {
      const account = deployedAccount(state, tenants, configuredAccess(stack).app);
      if (!account) return [];
      const file = (what: string) => `${stack.name}-${what}.svg`;
      const imports = roleImportPicture(account);
      return [
        [file("roles"), standAlone(flowToSvg(roleMapping(account), "roles"))],
        [file("sign-in"), standAlone(sequenceToSvg(signInPicture(account), "sign-in"))],
        ...(imports ? [[file("import"), standAlone(sequenceToSvg(imports, "import"))] as [string, string]] : []),
      ];
    }),
  );
}

/** What is not as it should be in a project's folder of pictures. */
export function outdated(project: string, drawn: ReadonlyMap<string, string>): string[] {
  const folder = join(project, FOLDER);
  const there = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".svg")) : [];
  const old = [...drawn].filter(
    ([name, svg]) => !there.includes(name) || readFileSync(join(folder, name), "utf8") !== svg,
  );
  return [...old.map(([name]) => name), ...there.filter((name) => !drawn.has(name))].sort();
}

/** `npm run diagrams`: deploys the project's stacks to a local cloud and draws them; with `--check`, 1 when a picture is not current. */
async function main(project: string, check: boolean): Promise<number> {
  const drawn = await withSample(project, diagrams);
  const files = outdated(project, drawn).map((name) => join(FOLDER, name));
  if (check) {
    if (files.length === 0) return 0;
    console.error(`not current: ${files.join(", ")}; npm run diagrams draws them`);
    return 1;
  }
  const folder = join(project, FOLDER);
  mkdirSync(folder, { recursive: true });
  for (const name of files) rmSync(join(project, name), { force: true });
  for (const [name, svg] of drawn) writeFileSync(join(folder, name), svg);
  console.log(`${drawn.size} pictures in ${relative(process.cwd(), folder)}, ${files.length} of them new or changed`);
  return 0;
}

if (require.main === module) {
  main(process.cwd(), process.argv.includes("--check")).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
