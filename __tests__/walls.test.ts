import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { forbiddenImports, importCircles, importGraph } from "./support/import-graph";

const LIBRARY = ["constructs/", "constructs/aws/", "constructs/entra/", "constructs/baseline/", "constructs/stacks/"];

/**
 * What each room may import besides itself. Arrows point down: nothing imports main.ts, and nothing outside packages/ imports packages/.
 * A folder in here is no part of the room of the folder around it.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["stacks/", ...LIBRARY],
  "stacks/": LIBRARY,
  "constructs/stacks/": LIBRARY,
  "constructs/baseline/": ["constructs/", "constructs/aws/"],
  // Entra signs in at AWS; AWS knows nothing of Entra.
  "constructs/entra/": ["constructs/", "constructs/aws/"],
  "constructs/aws/": ["constructs/"],
  // What both clouds must agree on.
  "constructs/": [],
  // Jobs with an identity run it alone.
  "pipeline/": [],
  "provider-schemas/": [],
  "packages/local-cloud/": [],
  "packages/local-cloud/__tests__/": ["packages/local-cloud/", "provider-schemas/"],
  // Knows the clouds alone: no configuration says how a sign-in ends.
  "packages/rehearsal/signin/chain/": ["packages/local-cloud/"],
  "packages/rehearsal/": ["packages/rehearsal/signin/chain/", "packages/local-cloud/"],
  "packages/rehearsal/__tests__/": [
    "packages/rehearsal/",
    "packages/rehearsal/signin/chain/",
    "packages/local-cloud/",
    "packages/local-cloud/__tests__/",
  ],
  "packages/rehearsal/bench/": [
    "packages/rehearsal/",
    "packages/rehearsal/__tests__/",
    "packages/local-cloud/",
    "bench/",
  ],
  "docs/": [...LIBRARY, "stacks/"],
  "bench/": [...LIBRARY, "stacks/", "__tests__/"],
  "exits/": [...LIBRARY, "stacks/", "__tests__/"],
  "__tests__/": ["main.ts", "stacks/", ...LIBRARY, "pipeline/", "provider-schemas/", "docs/", "bench/"],
};

const root = join(__dirname, "..");
const graph = importGraph(root);

test("arrows point down only", () => {
  expect(forbiddenImports(graph, ROOMS)).toEqual([]);
});

test("no circle of imports, of types neither", () => {
  expect(importCircles(graph)).toEqual([]);
});

describe("is seen:", () => {
  const project = mkdtempSync(join(tmpdir(), "walls-"));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), text);
  };
  afterAll(() => rmSync(project, { recursive: true }));

  test("an arrow that points up, by path, by package name and for a type, and a file in no room", () => {
    write("constructs/package.json", JSON.stringify({ name: "@example/constructs" }));
    write("constructs/a.ts", 'import type { B } from "../stacks/b";\nexport type A = B;');
    write("stacks/b.ts", 'export { A } from "@example/constructs/a";\nexport type B = import("../main").M;');
    write("pipeline/c.ts", 'export const c = () => import("@example/constructs/a");');
    write("main.ts", 'import "./stacks/b";\nexport type M = 1;');
    write("elsewhere/d.ts", "export {};");
    expect(forbiddenImports(importGraph(project), ROOMS).sort()).toEqual([
      "constructs/a.ts imports stacks/b.ts, and constructs/ may not know stacks/",
      "elsewhere/d.ts is in no room",
      "pipeline/c.ts imports constructs/a.ts, and pipeline/ may not know constructs/",
      "stacks/b.ts imports main.ts, and stacks/ may not know main.ts",
    ]);
  });

  test("a circle, also one of types alone", () => {
    rmSync(project, { recursive: true });
    write("a.ts", 'import type { B } from "./sub";\nexport interface A { b: B }');
    write("sub/index.ts", 'export type { B } from "./b";');
    write("sub/b.ts", 'export interface B { a: import("../a").A }');
    write("c.ts", 'import "./a";');
    expect(importCircles(importGraph(project))).toEqual(["a.ts -> sub/index.ts -> sub/b.ts -> a.ts"]);
  });
});
