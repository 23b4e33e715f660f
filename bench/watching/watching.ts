/** Those who watch an agent: a tap at its highest rate, and pages that ask as the page in a browser does. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { main } from "../support/processes.ts";

export const pages = 10;
const summary_every_ms = 1000;
const history_every = 10;

/** The tap has the lowest priority, since on a machine without a processor to spare it would be measured, too. */
export async function openTap(config_file: string): Promise<{ stop(): Promise<void> }> {
  const words = ["-n19", process.execPath, main, "tap", "-c", config_file, "--json"];
  const tap = spawn("nice", [...words, "--rate", "1000"], { stdio: ["ignore", "pipe", "ignore"] });
  const gone = new Promise<void>((resolve) => tap.once("close", () => resolve()));
  // It is there when it shows the first event.
  await once(tap.stdout, "data");
  tap.stdout.resume();
  return {
    async stop() {
      tap.kill("SIGTERM");
      await gone;
    },
  };
}

/** Asks as so many pages that are open. */
export function openPages(socket: string): { answers(): number; stop(): void } {
  let answers = 0;
  const ask = (path: string): void => {
    const asked = request({
      socketPath: socket,
      path,
      headers: { host: "localhost" },
      agent: false,
    });
    asked.on("response", (response) => {
      response.resume();
      if (response.statusCode === 200) answers += 1;
    });
    asked.on("error", () => undefined);
    asked.end();
  };
  // People open their pages one after the other, so each of them asks at a moment of its own.
  const timers = new Set<NodeJS.Timeout>();
  for (let page = 0; page < pages; page += 1) {
    let looks = page;
    const opened = setTimeout(
      () => {
        timers.delete(opened);
        timers.add(
          setInterval(() => {
            looks += 1;
            ask("/page/summary");
            if (looks % history_every === 0) ask("/page/history");
          }, summary_every_ms),
        );
      },
      (page * summary_every_ms) / pages,
    );
    timers.add(opened);
  }
  return {
    answers: () => answers,
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
