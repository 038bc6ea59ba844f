import { lstatSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";

/**
 * Gives a copy of a project its packages, as links. Those that lie in the project itself (npm's workspaces) are the copy's own, so that the
 * copy runs what stands in it.
 */
export function linkPackages(from: string, to: string): void {
  const root = realpathSync(from);
  mkdirSync(join(to, "node_modules"), { recursive: true });
  for (const name of readdirSync(join(from, "node_modules"))) {
    const installed = join(from, "node_modules", name);
    const place = relative(root, realpathSync(installed));
    const own = lstatSync(installed).isSymbolicLink() && !place.startsWith("..");
    symlinkSync(own ? join(to, place) : installed, join(to, "node_modules", name), "junction");
  }
}
