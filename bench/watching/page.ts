/**
 * The page of the agent in a real browser that runs already: from the navigation to the first paint, on loopback; and how much
 * of it goes over the wire.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { freePort } from "../../test/support/free-port.ts";
import { DaemonProcess } from "../processes.ts";
import { median } from "../throughput.ts";

const parts = ["/", "/page/page.js", "/page/page.css"];

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
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    await daemon.running();
    const url = `http://127.0.0.1:${port}`;
    const sizes = await Promise.all(parts.map((part) => transferred(`${url}${part}`)));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const paints: number[] = [];
    // The first one also starts a process of the browser.
    for (let load = 0; load <= loads; load += 1) {
      const page = await browser.newPage();
      await page.goto(url);
      await page.locator(".flow .box").first().waitFor();
      const paint = await page.evaluate<number>(
        `performance.getEntriesByType("paint").find(({ name }) => name === "first-paint").startTime`,
      );
      await page.close();
      if (load > 0) paints.push(paint);
    }
    const shown = (ms: number): string => `${Math.round(ms)} ms`;
    const spread = `${shown(Math.min(...paints))} to ${shown(Math.max(...paints))}`;
    console.log(`The page has ${(bytes / 1000).toFixed(1)} KB as it is sent.`);
    console.log(`First paint, ${loads} loads: median ${shown(median(paints))}, ${spread}\n`);
  } finally {
    await browser.close();
    await daemon.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function transferred(url: string): Promise<number> {
  const answer = await fetch(url, { headers: { "accept-encoding": "gzip" } });
  await answer.arrayBuffer();
  return Number(answer.headers.get("content-length"));
}
