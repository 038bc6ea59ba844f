import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { withSample } from "../report/sample";
import { writeReport } from "../report/write";
import { openBrowser } from "./browser";

jest.setTimeout(120_000);

const AXE = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8");
const ACCOUNTS = ["AWS Contoso Account1 111122223333", "AWS Contoso Account2 444455556666"];

let folder: string;
let browser: Browser;
let url: string;

beforeAll(async () => {
  browser = await openBrowser();
  folder = mkdtempSync(join(tmpdir(), "page-"));
  const steps = [{ name: "deploy", ok: true, seconds: 12.3, note: "2 stacks" }];
  await withSample(join(__dirname, "../../.."), (sample) => writeReport({ ...sample, steps, folder }));
  url = pathToFileURL(join(folder, "index.html")).href;
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Looks at the page as a person with this screen does. */
async function look<T>(screen: BrowserContextOptions, use: (page: Page, heard: string[]) => Promise<T>): Promise<T> {
  const context = await browser.newContext(screen);
  try {
    const page = await context.newPage();
    const heard: string[] = [];
    page.on("console", (message) => heard.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => heard.push(`error: ${error.message}`));
    page.on("request", (request) => {
      if (request.url() !== url && !request.url().startsWith("data:")) heard.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    return await use(page, heard);
  } finally {
    await context.close();
  }
}

const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };

test("opens without an error, a message or a request, with every account on it", async () => {
  const { heard, headings, rows } = await look(DESK, async (page, heard) => ({
    headings: await page.locator("section.account h2").allTextContents(),
    rows: await page.locator("#accounts tbody th").allTextContents(),
    heard,
  }));
  expect(heard).toEqual([]);
  expect(headings).toEqual(ACCOUNTS);
  expect(rows).toEqual(ACCOUNTS);
});

test("is whole without a script, apart from the filter", async () => {
  const { accounts, filter } = await look({ ...DESK, javaScriptEnabled: false }, async (page) => ({
    accounts: await page.getByRole("heading", { level: 2, name: /^AWS/ }).count(),
    filter: await page.getByRole("searchbox").count(),
  }));
  expect(accounts).toBe(2);
  expect(filter).toBe(0);
});

test.each(["light", "dark"] as const)("passes axe in %s", async (colorScheme) => {
  const problems = await look({ ...DESK, colorScheme }, async (page) => {
    await page.locator("summary").click();
    // Its script runs as the debugger's, not as the page's: the page's policy stays as it is.
    const { violations } = (await page.evaluate(`${AXE};axe.run()`)) as AxeResults;
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(", ")}`);
  });
  expect(problems).toEqual([]);
});

test("looks different in the dark", async () => {
  const background = (page: Page) => page.evaluate("getComputedStyle(document.body).backgroundColor");
  const light = await look({ ...DESK, colorScheme: "light" }, background);
  const dark = await look({ ...DESK, colorScheme: "dark" }, background);
  expect([light, dark]).toEqual(["rgb(251, 251, 250)", "rgb(17, 20, 23)"]);
});

test("fits a phone: only pictures and tables scroll sideways, by themselves and by keyboard", async () => {
  await look({ viewport: { width: 360, height: 740 } }, async (page) => {
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    const map = page.getByRole("group", { name: `Role mapping of ${ACCOUNTS[0]}` });
    await map.focus();
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("ArrowRight");
    // Chromium glides there.
    await page.waitForTimeout(500);
    expect(await map.evaluate((element) => element.scrollLeft)).toBeGreaterThan(0);
  });
});

test("is filtered by keyboard: by account, by person and by verdict", async () => {
  await look(DESK, async (page) => {
    const shown = () => page.locator("section.account:visible h2").allTextContents();
    const people = () => page.locator("section.account:visible .matrix tbody tr:visible th").allTextContents();
    const filter = async (words: string) => {
      await page.keyboard.press("/");
      await page.keyboard.press("Control+A");
      await page.keyboard.type(words);
    };
    await filter("444455556666");
    expect(await shown()).toEqual([ACCOUNTS[1]]);
    expect(await page.locator("#accounts tbody tr:visible th").allTextContents()).toEqual([ACCOUNTS[1]]);
    const dated = await page.locator("#calendar tbody tr:visible th").allTextContents();
    expect(dated.map((name) => /certificate|access key/.exec(name)?.[0]).sort()).toEqual(["access key", "certificate"]);

    await filter("test-awsdeveloper refused");
    expect(await people()).toEqual(["Test-AWSDeveloper"]);
    expect(await page.locator("output").textContent()).toBe("1 of 2 accounts, 1 sign-in");

    await filter("outsider");
    expect(await people()).toEqual(["outsider", "outsider"]);

    await filter("nobody by that name");
    expect(await shown()).toEqual([]);

    await page.keyboard.press("Escape");
    expect(await shown()).toEqual(ACCOUNTS);
    expect((await people()).length).toBeGreaterThan(20);
  });
});

test("the first press of Tab offers to skip to the accounts", async () => {
  await look(DESK, async (page) => {
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the accounts");
    await page.keyboard.press("Enter");
    await page.waitForURL(/#accounts$/);
  });
});

test("prints what is folded away, and no filter", async () => {
  await look(DESK, async (page) => {
    await page.emulateMedia({ media: "print" });
    expect(await page.getByRole("searchbox").isVisible()).toBe(false);
    const height = await page.locator(".assumptions").evaluate((element) => element.getBoundingClientRect().height);
    expect(height).toBeGreaterThan(500);
  });
});
