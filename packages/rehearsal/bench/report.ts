import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { CloudState } from "../../local-cloud/cloud/cloud";
import { openBrowser } from "../__tests__/browser";
import { renderHtml } from "../report/html";
import { renderMarkdown } from "../report/markdown";
import { reportOf, type TriedStack } from "../report/model";
import { withSample } from "../report/sample";
import { tryStacks } from "../report/write";

/**
 * What the report of many accounts costs: to write, to open and to filter. The accounts are copies of the project's own, deployed once
 * and multiplied; the sign-ins are tried once, too. It measures and judges; it exits 1 only when something could not be measured.
 */

const AIMS = { accounts: 300, openSec: 3, filterSec: 0.2 };

interface Many {
  readonly state: CloudState;
  readonly stacks: readonly TriedStack[];
}

/** The same federation again under another account id, another name and other object ids. */
function copyOf(sample: Many, index: number): Many {
  const kept = /^00000000-0000-0000-0000-/;
  const tail = index.toString(16).padStart(12, "0");
  const text = JSON.stringify(sample)
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => (kept.test(id) ? id : id.slice(0, -12) + tail))
    .replace(/111122223333/g, String(index * 2 - 1).padStart(12, "1"))
    .replace(/444455556666/g, String(index * 2).padStart(12, "4"))
    .replace(/([Aa])ccount1(?!\d)/g, `$1ccount${index * 2 - 1}`)
    .replace(/([Aa])ccount2(?!\d)/g, `$1ccount${index * 2}`);
  return JSON.parse(text) as Many;
}

function multiply(sample: Many, accounts: number): Many {
  const copies = Array.from({ length: Math.ceil(accounts / sample.stacks.length) }, (_, at) => copyOf(sample, at + 1));
  const state = copies.map((one) => one.state).reduce((into, from) => merge(into, from));
  return { state, stacks: copies.flatMap(({ stacks }) => stacks).slice(0, accounts) };
}

/** Objects become one, entry by entry; of anything else the later one counts. */
function merge<T>(into: T, from: T): T {
  if (typeof into !== "object" || typeof from !== "object" || into === null || from === null) return from;
  for (const [name, value] of Object.entries(from)) {
    const known = into[name as keyof T];
    into[name as keyof T] = known === undefined ? value : merge(known, value);
  }
  return into;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { accounts: { type: "string", default: String(AIMS.accounts) } } });
  const accounts = Number(values.accounts);
  if (!Number.isInteger(accounts) || accounts < 1)
    throw new Error(`--accounts is '${values.accounts}', it takes a number from 1`);
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const sample = await withSample(join(__dirname, "../../.."), async ({ cloud, stacks }): Promise<Many> => {
      return { state: cloud.snapshot(), stacks: await tryStacks(cloud, stacks) };
    });
    for (const count of [sample.stacks.length, accounts]) {
      const many = multiply(sample, count);
      const model = timed(() => reportOf(many.state, many.stacks, []));
      const html = timed(() => renderHtml(model.result));
      const markdown = timed(() => renderMarkdown(model.result));
      const file = join(folder, `${count}.html`);
      writeFileSync(file, html.result);
      print(`${count} accounts`, [
        ["read out of the cloud", `${model.sec.toFixed(2)} s`],
        ["page written", `${html.sec.toFixed(2)} s, ${mib(statSync(file).size)}`],
        ["Markdown written", `${markdown.sec.toFixed(2)} s, ${mib(Buffer.byteLength(markdown.result))}`],
        ...(await browse(file)),
      ]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Time until the page stands and can be typed into, and until what was typed has filtered it. */
async function browse(file: string): Promise<[string, string][]> {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const start = performance.now();
    await page.goto(pathToFileURL(file).href);
    await page.getByRole("searchbox").focus();
    const openSec = (performance.now() - start) / 1_000;
    const filterSec: number[] = [];
    for (const words of ["developer refused", "account7 ", "no such thing", ""]) {
      filterSec.push(await page.evaluate<number>(filterFor(words)));
    }
    const slowest = Math.max(...filterSec);
    return [
      ["page opened", `${openSec.toFixed(2)} s, aim ${AIMS.openSec}: ${met(openSec <= AIMS.openSec)}`],
      ["slowest filter", `${slowest.toFixed(3)} s, aim ${AIMS.filterSec}: ${met(slowest <= AIMS.filterSec)}`],
    ];
  } finally {
    await browser.close();
  }
}

/** Types, and waits for the second picture after it: by then the first one is on the screen. Gives seconds. */
const filterFor = (words: string): string => `new Promise((done) => {
  const input = document.querySelector("#filter");
  const start = performance.now();
  input.value = ${JSON.stringify(words)};
  input.dispatchEvent(new Event("input"));
  requestAnimationFrame(() => requestAnimationFrame(() => done((performance.now() - start) / 1000)));
})`;

function timed<T>(work: () => T): { readonly result: T; readonly sec: number } {
  const start = performance.now();
  const result = work();
  return { result, sec: (performance.now() - start) / 1_000 };
}

const met = (is: boolean): string => (is ? "met" : "not met");
const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(2)} MiB`;

function print(title: string, lines: readonly (readonly [string, string])[]): void {
  console.log(`${title}\n${lines.map(([what, value]) => `  ${what.padEnd(24)}${value}`).join("\n")}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
