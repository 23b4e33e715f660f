/**
 * A process of those who watch an agent, as a program of its own: ten pages that ask as the page in a browser does, and where it
 * is asked for a tap at its highest rate.
 *
 *     nice -n19 node bench/watching/watchers-process.ts SOCKET [tap]
 *
 * Lines on its input say `watch` and `rest`; each is answered with {"answers":N}, what the pages have got so far, when it is done.
 */
import { request, type ClientRequest } from "node:http";
import { createInterface } from "node:readline";
import { tap_rate_max, tapQuery } from "../../src/admin/tap/tap-messages.ts";
import { pages } from "./watching.ts";

const summary_every_ms = 1000;
const history_every = 10;

const [socketPath, tap] = process.argv.slice(2);
let answers = 0;
const timers = new Set<NodeJS.Timeout>();
let watching: ClientRequest | undefined;

function begin(path: string, onData: (part: Buffer) => void, onAnswer: () => void): ClientRequest {
  const asked = request({ socketPath, path, headers: { host: "localhost" }, agent: false });
  asked.on("response", (response) => {
    response.on("data", onData);
    response.on("error", () => undefined);
    if (response.statusCode === 200) onAnswer();
  });
  asked.on("error", () => undefined);
  asked.end();
  return asked;
}

function ask(path: string): void {
  const count = (): void => void (answers += 1);
  begin(path, () => undefined, count);
}

/** People open their pages one after the other, so each of them asks at a moment of its own. */
function openPages(): void {
  for (let page = 0; page < pages; page += 1) {
    let looks = page;
    const look = (): void => {
      looks += 1;
      ask("/page/summary");
      if (looks % history_every === 0) ask("/page/history");
    };
    const open = (): void => void timers.add(setInterval(look, summary_every_ms));
    timers.add(setTimeout(open, (page * summary_every_ms) / pages));
  }
}

/** Resolves when it shows the first events. */
async function openTap(): Promise<void> {
  await new Promise<void>((resolve) => {
    watching = begin(
      tapQuery({ rate: tap_rate_max }),
      () => resolve(),
      () => undefined,
    );
  });
}

function rest(): void {
  for (const timer of timers) clearTimeout(timer);
  timers.clear();
  watching?.destroy();
  watching = undefined;
}

for await (const line of createInterface({ input: process.stdin })) {
  rest();
  if (line === "watch") {
    openPages();
    if (tap !== undefined) await openTap();
  }
  console.log(JSON.stringify({ answers }));
}
rest();
