import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { preProcessFile } from "typescript";

/** Which file imports which, of types as well; paths from the root of the repository. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Made by tools. */
const LEFT_OUT = new Set(["node_modules", "cdktf.out", "rehearsal.out", "coverage"]);

/** The imports among the TypeScript files of a project. Packages from elsewhere are left out, its own workspaces count by name, too. */
export function importGraph(root: string): ImportGraph {
  const files = sources(root, "");
  const workspaces = Object.fromEntries(
    readdirs(root, "", "packages/").flatMap((folder) => {
      const manifest = join(root, folder, "package.json");
      if (!existsSync(manifest)) return [];
      return [[(JSON.parse(readFileSync(manifest, "utf8")) as { name: string }).name, folder]];
    }),
  );
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const { importedFiles } = preProcessFile(readFileSync(join(root, file), "utf8"), true, true);
      const imported = importedFiles.flatMap(({ fileName }) => pathOf(fileName, file, workspaces, known) ?? []);
      return [file, [...new Set(imported)]];
    }),
  );
}

/** Files in a room that import what the room may not; a file that no room has is one. @param rooms prefix of a path: prefixes it may import */
export function forbiddenImports(graph: ImportGraph, rooms: Readonly<Record<string, readonly string[]>>): string[] {
  const roomOf = (file: string) =>
    Object.keys(rooms)
      .filter((prefix) => file.startsWith(prefix))
      .sort((one, other) => other.length - one.length)[0];
  return [...graph].flatMap(([file, imported]) => {
    const room = roomOf(file);
    if (room === undefined) return [`${file} is in no room`];
    const open = [room, ...(rooms[room] ?? [])];
    return imported
      .filter((other) => !open.includes(roomOf(other) ?? ""))
      .map((other) => `${file} imports ${other}, and ${room} may not know ${roomOf(other) ?? "it"}`);
  });
}

/** Each circle of imports once: `a.ts -> b.ts -> a.ts`. */
export function importCircles(graph: ImportGraph): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) {
      circles.push([...way.slice(way.indexOf(file)), file].join(" -> "));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return circles;
}

function sources(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".") || LEFT_OUT.has(entry.name)) return [];
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return sources(root, path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

/** The folders of a project, and those of the folder that holds its packages. */
function readdirs(root: string, ...parents: readonly string[]): string[] {
  return parents.flatMap((parent) =>
    existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map((name) => posix.join(parent, name)) : [],
  );
}

function pathOf(
  specifier: string,
  from: string,
  workspaces: Readonly<Record<string, string>>,
  known: ReadonlySet<string>,
): string | undefined {
  const owner = Object.keys(workspaces).find((name) => specifier === name || specifier.startsWith(`${name}/`));
  const path = owner
    ? posix.join(workspaces[owner] ?? "", specifier.slice(owner.length))
    : posix.join(posix.dirname(from), specifier);
  if (!owner && !specifier.startsWith(".")) return undefined;
  return [path, `${path}.ts`, `${path}/index.ts`].find((candidate) => known.has(candidate));
}
