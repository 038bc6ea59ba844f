import { cpSync, lstatSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { basename, join, relative } from "node:path";

/** Made by tools, or not ours to carry about: state holds secrets. */
const LEFT_OUT = new Set([
  "node_modules",
  ".git",
  "cdktf.out",
  "rehearsal.out",
  "coverage",
  ".terraform",
  ".terraform.lock.hcl",
]);
const belongs = (path: string) => !LEFT_OUT.has(basename(path)) && !basename(path).includes(".tfstate");

/**
 * Copies the reader's project as it lies there, committed or not, so that no command of the rehearsal runs in the original: its
 * state, output and lock files stay as they are. The packages are linked.
 */
export function copyProject(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter(belongs)) {
    cpSync(join(from, name), join(to, name), { recursive: true, filter: belongs });
  }
  linkPackages(from, to);
}

/** The packages of a copy are links; those that lie in the project itself (npm's workspaces) are the copy's own. */
function linkPackages(from: string, to: string): void {
  const root = realpathSync(from);
  mkdirSync(join(to, "node_modules"));
  for (const name of readdirSync(join(from, "node_modules"))) {
    const installed = join(from, "node_modules", name);
    const place = relative(root, realpathSync(installed));
    const own = lstatSync(installed).isSymbolicLink() && !place.startsWith("..");
    symlinkSync(own ? join(to, place) : installed, join(to, "node_modules", name), "junction");
  }
}
