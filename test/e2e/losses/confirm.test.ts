/**
 * `confirm` against kills: whoever saw `ok COUNT` finds exactly so many of its events delivered in the end, whenever the
 * daemon was killed.
 */
import { connect } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { sampled } from "../../support/effort.ts";
import { seededRandom } from "../../support/random/hostile-lines.ts";
import { seed } from "../../support/seed.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const clients = 8;
const lines_max = 3000;

/** Sends lines, closes its side, and gives what the daemon answered: nothing if that was killed. */
async function send(path: string, lines: string): Promise<string> {
  const socket = connect({ path, allowHalfOpen: true });
  let answer = "";
  socket.setEncoding("utf8").on("data", (more: string) => (answer += more));
  socket.on("error", () => undefined);
  socket.on("end", () => socket.destroy());
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.end(lines);
  await closed;
  return answer;
}

sampled(
  (kills) => `confirm - ${kills} kills lose nothing that was confirmed (seed ${seed})`,
  { all: 24 },
  async (kills) => {
    const random = seededRandom(seed);
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const path = join(directory, "apps.sock");
    const inputs = [`apps: { type: socket, path: "${path}", confirm: true }`];
    const config = writeConfig({ directory, url: splunk.url, inputs });
    const confirmed = new Map<string, number>();
    let unanswered = 0;
    let daemon = await Daemon.start(config);
    for (let kill = 0; kill < kills; kill += 1) {
      const sending = Array.from({ length: clients }, async (_, number) => {
        const count = 1 + Math.floor(random() * lines_max);
        const name = `${kill}-${number}`;
        const lines = Array.from(
          { length: count },
          (_line, line) => `{"from":"${name}","n":${line}}\n`,
        );
        const answer = await send(path, lines.join(""));
        if (answer === "") unanswered += 1;
        else expect(answer).toBe(`ok ${count}\n`);
        if (answer !== "") confirmed.set(name, count);
      });
      // In the last round at once, so that somebody gets no answer on any machine.
      const wait_ms = kill === kills - 1 ? 0 : Math.floor(random() * 150);
      const wait = new Promise((resolve) => setTimeout(resolve, wait_ms));
      // In the first rounds all come to their end, so that something is confirmed on any machine.
      await Promise.race(kill < 2 ? [Promise.all(sending)] : [wait, Promise.all(sending)]);
      await daemon.crash();
      await Promise.all(sending);
      daemon = await Daemon.start(config);
    }
    const wanted = [...confirmed.values()].reduce((sum, count) => sum + count, 0);
    const found = new Map<string, Set<number>>();
    let looked_at = 0;
    const distinct = (): number => {
      const { indexed } = splunk;
      for (; looked_at < indexed.length; looked_at += 1) {
        const event = indexed[looked_at]!.event.toString();
        const { from, n } = JSON.parse(event) as { from: string; n: number };
        if (!confirmed.has(from)) continue;
        found.set(from, (found.get(from) ?? new Set()).add(n));
      }
      return [...found.values()].reduce((sum, { size }) => sum + size, 0);
    };
    await splunk.until(() => distinct() >= wanted || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    for (const [name, count] of confirmed)
      expect([name, found.get(name)!.size]).toEqual([name, count]);
    expect(confirmed.size).toBeGreaterThanOrEqual(2 * clients);
    expect(unanswered).toBeGreaterThan(0);
  },
);
