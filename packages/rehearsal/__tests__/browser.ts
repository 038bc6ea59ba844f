import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Debian and Ubuntu put it; `CHROMIUM` names another one. */
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** A browser that asks nobody for anything: a request of its own would look like one of the page. */
const QUIET = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Opens the machine's Chromium with a profile of its own, which goes when it is closed. */
export function openBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(
      `there is no ${CHROMIUM}, and the page cannot be looked at without a browser: apt-get install chromium, or set CHROMIUM to where one is`,
    );
  }
  return chromium.launch({ executablePath: CHROMIUM, args: QUIET });
}
