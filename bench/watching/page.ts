/**
 * The page of the agent in a real browser that runs already: from the navigation to the first paint, on loopback; and how much
 * of it goes over the wire. In turn with it a page of one word, which a bare server of Node gives: what the machine and the
 * browser take of it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { freePort } from "../../test/support/servers/free-port.ts";
import { DaemonProcess } from "../support/processes.ts";
import { median } from "../parts/throughput.ts";

const parts = ["/", "/page/page.js"];

export async function measurePage(loads: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const port = await freePort();
  const config_file = join(directory, "config.yaml");
  writeFileSync(join(directory, "audit.log"), "");
  writeFileSync(
    config_file,
    `state_dir: ${directory}/state\nlifecycle: { enabled: false }\nadmin: { listen: "127.0.0.1:${port}" }\n` +
      `inputs: { audit: { paths: ["${directory}/audit.log"] } }\noutput: { url: "http://127.0.0.1:9", token: bench }\n`,
  );
  const daemon = new DaemonProcess(config_file);
  const bare = await startBareServer();
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    await daemon.running();
    const url = `http://127.0.0.1:${port}`;
    const sizes = await Promise.all(parts.map((part) => transferred(`${url}${part}`)));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`The page has ${(bytes / 1000).toFixed(1)} KB as it is sent.\n`);
    const plain: Load[] = [];
    const own: Load[] = [];
    // The first pair also starts a process of the browser.
    for (let load = 0; load <= loads; load += 1) {
      const of_plain = await loadOf(browser, bare.url, "p");
      const of_own = await loadOf(browser, url, ".flow .box");
      if (load === 0) continue;
      plain.push(of_plain);
      own.push(of_own);
    }
    print(plain, own);
  } finally {
    await browser.close();
    bare.stop();
    await daemon.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Of one load, from the navigation on. */
interface Load {
  readonly paint_ms: number;
  /** Until what was asked for last is shown. */
  readonly shown_ms: number;
}

async function loadOf(browser: Browser, url: string, last: string): Promise<Load> {
  const page = await browser.newPage();
  await page.goto(url);
  await page.locator(last).first().waitFor();
  const load = await page.evaluate<Load>(
    `({
      paint_ms: performance.getEntriesByType("paint").find(({ name }) => name === "first-paint").startTime,
      shown_ms: performance.now(),
    })`,
  );
  await page.close();
  return load;
}

function print(plain: readonly Load[], own: readonly Load[]): void {
  const ms = (times: number[]): string => {
    const [least, most] = [Math.min(...times), Math.max(...times)].map(Math.round);
    return `${Math.round(median(times))} (${least} to ${most})`;
  };
  console.log(`Median of ${own.length} loads each, in turn, ms:\n`);
  console.log("| | first paint | all is shown |");
  console.log("| --- | ---: | ---: |");
  for (const [name, loads] of [
    ["one word, of a bare server", plain],
    ["the page, of an agent", own],
  ] as const) {
    const [paints, shown] = [
      loads.map((load) => load.paint_ms),
      loads.map((load) => load.shown_ms),
    ];
    console.log(`| ${name} | ${ms(paints)} | ${ms(shown)} |`);
  }
  console.log("");
}

const bare_program = `
const page = "<!doctype html><title>bare</title><p>bare</p>";
const server = require("node:http").createServer((_, response) => {
  response.setHeader("content-type", "text/html");
  response.end(page);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

/** A process of its own, as the agent is one. */
async function startBareServer(): Promise<{ url: string; stop: () => void }> {
  const server = spawn(process.execPath, ["-e", bare_program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = (await once(server.stdout, "data")) as [Buffer];
  return { url: `http://127.0.0.1:${Number(port)}`, stop: () => void server.kill() };
}

async function transferred(url: string): Promise<number> {
  const answer = await fetch(url, { headers: { "accept-encoding": "gzip" } });
  await answer.arrayBuffer();
  return Number(answer.headers.get("content-length"));
}
