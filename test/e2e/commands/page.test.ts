/** The page of the agent in a real browser, beside the real daemon: what it shows, what it survives, what it never does. */
import { appendFileSync, writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { source as axe_source, type AxeResults } from "axe-core";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { filter, redact, stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { writeEvents } from "../../support/files/audit-files.ts";
import { isInstalled } from "../../support/commands.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, long } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { forward } from "../../support/servers/forwarding.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** `.ci/run` installs it; where it does not run, as in a container without root, there is nothing to try. */
const program = "/usr/bin/chromium";
const credential = ["Basic", "YWxpY2U6b3Blbi1zZXNhbWU="].join(" ");
const secret_event = JSON.stringify({
  api: { name: "PutObject", statusCode: 200 },
  requestHeader: { Authorization: credential },
});
const filtered_event = JSON.stringify({ api: { name: "HeadObject", statusCode: 200 } });

async function openBrowser(): Promise<Browser> {
  const options = { executablePath: program, args: ["--no-sandbox"], timeout: 0 };
  const browser = await chromium.launch(options);
  onTestFinished(() => browser.close());
  return browser;
}

/** One that waits for as long as it takes: half a minute, which is the browser's own limit, is little on a busy machine. */
async function newPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(0);
  return page;
}

const looks = [
  ["light", 1280],
  ["dark", 1280],
  ["dark", 400],
  ["light", 400],
] as const;

/** A page that keeps what it asked for, and what it was refused. */
async function open(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const page = await newPage(browser, options);
  const asked: string[] = [];
  const faults: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    // What the agent does not answer while it is away is an error there, too.
    const is_network = message.text().includes("Failed to load resource");
    if (message.type() === "error" && !is_network) faults.push(message.text());
  });
  await page.goto(url);
  await page.locator(".flow .box").first().waitFor();
  return { page, asked, faults };
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(`${axe_source}; undefined`);
  const found = (await page.evaluate("axe.run()")) as AxeResults;
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`,
  );
}

function received(page: Page, count: string) {
  return page.locator(".figure-box.received", { hasText: count }).waitFor();
}

/** An agent that has delivered 700 of 800 events, and a browser; `url` leads to its socket. */
async function setUp() {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeEvents(path, 0, 800);
  const port = await freePort();
  const agent = {
    directory,
    url: splunk.url,
    paths: [path],
    chain: [filter, redact],
    top: [`admin: { listen: "127.0.0.1:${port}" }`],
  };
  const config = writeConfig(agent);
  const socket = join(stateDirectory(agent), "admin.sock");
  const daemon = await Daemon.start(config);
  await eventually(async () => (await askStatus(socket)).books.total.delivered === 700);
  const forwarded = await forward(socket);
  onTestFinished(() => forwarded.close());
  return { path, port, config, socket, daemon, url: forwarded.url, browser: await openBrowser() };
}

const cannot_be_tried = !isInstalled("chromium") && process.env["CI"] === undefined;

test.skipIf(cannot_be_tried)("page - shows a running agent, and tries an event", async () => {
  const { daemon, url, browser } = await setUp();
  const { page, asked, faults } = await open(browser, url);
  await page.locator(".sentence", { hasText: "All is well" }).waitFor();
  await received(page, "800");
  await page.getByLabel("Event", { exact: true }).fill(secret_event);
  await page.getByRole("button", { name: "Try it" }).click();
  const tried = page.locator(".tried");
  await tried.locator("h3", { hasText: "kept" }).waitFor();
  expect(await tried.innerText()).toContain("[REDACTED]");
  expect(await page.content()).not.toContain(credential.slice(6));
  expect(faults).toEqual([]);
  expect(asked.filter((each) => !each.startsWith(url) && !each.startsWith("data:"))).toEqual([]);
  expect(await daemon.stop()).toBe(0);
});

test.runIf(is_long && !cannot_be_tried)(
  "page - goes on showing it, survives its restart, tries events, and is for everybody",
  long,
  async () => {
    const { path, port, config, socket, daemon: first, url, browser } = await setUp();
    let daemon = first;
    const { page, asked, faults } = await open(browser, url);

    // What it shows, and goes on showing.
    await page.locator(".sentence", { hasText: "All is well" }).waitFor();
    await received(page, "800");
    expect(await page.locator(".flow text.title").allTextContents()).toEqual([
      "audit",
      "splunk",
      "filter",
      "redact",
    ]);
    expect(await page.locator(".card.fates").innerText()).toMatch(/filter\s+filtered\s+100/);
    writeEvents(path, 800, 1000);
    await received(page, "1,000");
    expect(await page.getByRole("status").first().textContent()).toBe(
      "All is well, and every event is accounted for. ",
    );

    // Before its script has come it says so, in its own style, whose hash is right.
    const early = await newPage(browser);
    await early.route("**/page.js", (route) => route.abort());
    await early.goto(url);
    const banner = early.locator(".banner");
    expect((await banner.innerText()).trim()).toBe("Asking the agent.");
    const display = `getComputedStyle(document.querySelector(".banner")).display`;
    expect(await early.evaluate(display)).toBe("flex");
    await early.close();
    // Where no script may run, nothing asks.
    const bare = await newPage(browser, { javaScriptEnabled: false });
    await bare.goto(url);
    expect(await bare.locator("body").innerText()).toMatch(/^This page needs JavaScript\./);
    await bare.close();

    // By keyboard alone: over the skip link to the button that pauses it.
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className")).toBe("skip");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    const pause = page.getByRole("button", { name: "Go on" });
    await pause.waitFor();
    writeEvents(path, 1000, 1200);
    await eventually(async () => (await askStatus(socket)).books.total.received === 1200);
    expect(await page.locator(".figure-box.received").innerText()).toContain("1,000");
    expect(await page.getByRole("status").first().textContent()).toContain("This page is paused.");
    await page.keyboard.press("Space");
    await received(page, "1,200");

    // Events are tried, and leave no trace.
    const tried = page.locator(".tried");
    const text = page.getByLabel("Event", { exact: true });
    await text.fill(secret_event);
    await page.getByRole("button", { name: "Try it" }).click();
    await tried.locator("h3", { hasText: "kept" }).waitFor();
    expect(await tried.innerText()).toContain("[REDACTED]");
    expect(await tried.innerText()).not.toContain(credential.slice(6));
    await text.fill(filtered_event);
    await text.press("Tab");
    await page.keyboard.press("Enter");
    await tried.locator("h3", { hasText: "filtered by filter" }).waitFor();
    const told = readFileSync(config, "utf8");
    appendFileSync(config, "# another one\n");
    await page.getByRole("button", { name: "Try it" }).click();
    await tried.getByText("has changed since it was loaded").waitFor();
    writeFileSync(config, told);
    const status = await askStatus(socket);
    expect(status.books.total.received).toBe(1200);
    expect(status.inputs[0]!.steps[0]!.events).toBe(1200);
    const headers = { "content-type": "application/json", "x-tallyman-page": "try" };
    const post = (at: string, body: object, with_headers = headers): Promise<Response> =>
      fetch(`${at}page/try`, { method: "POST", headers: with_headers, body: JSON.stringify(body) });
    const question = { input: "audit", text: secret_event };
    expect((await post(url, { ...question, text: "x".repeat(64 * 1024 + 1) })).status).toBe(413);
    const { "x-tallyman-page": _, ...without } = headers;
    expect((await post(url, question, without as typeof headers)).status).toBe(403);
    // Over TCP everybody on the machine can look, and nobody can try.
    const tcp = `http://127.0.0.1:${port}/`;
    expect((await post(tcp, question)).status).toBe(404);
    const answer = await fetch(tcp);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");

    // For everybody: in light and dark, wide and narrow, with all tables open.
    const looked = (await open(browser, url, { bypassCSP: true })).page;
    for (const each of await looked.locator("details > summary").all()) await each.click();
    for (const [colorScheme, width] of looks) {
      await looked.emulateMedia({ colorScheme });
      await looked.setViewportSize({ width, height: 900 });
      expect(await violations(looked), `${colorScheme}, ${width}`).toEqual([]);
      const wide = await looked.evaluate("document.documentElement.scrollWidth");
      expect(wide, `${colorScheme}, ${width}`).toBe(width);
    }
    await looked.close();

    // The agent goes away and comes back.
    const alert = page.getByRole("alert");
    expect(await alert.textContent()).toBe("");
    await daemon.stop();
    await expect.poll(() => alert.textContent(), { timeout: 60_000 }).toContain("has not answered");
    daemon = await Daemon.start(config);
    await page.locator(".notes", { hasText: "The agent was started again at" }).waitFor();
    writeEvents(path, 1200, 1300);
    await received(page, "1,300");
    expect(await alert.textContent()).toBe("");

    expect(faults).toEqual([]);
    expect(asked.filter((each) => !each.startsWith(url) && !each.startsWith("data:"))).toEqual([]);
    expect(await daemon.stop()).toBe(0);
  },
);
