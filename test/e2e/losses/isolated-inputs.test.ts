/**
 * Isolated steps of inputs whose events cannot be read again, with the real daemon: over hangs, a stopped process, reloads
 * and a stop, each event is delivered or in quarantine, once, and the books balance.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** `busy` takes that many milliseconds of the time in which its process runs; `loop` never returns. */
const source = `import { writeFileSync } from "node:fs";
export default { name: "p", create: ({ marks }) => (event) => {
  for (; event.has("loop");) {}
  let left = Number(event.get("busy") ?? 0);
  if (left > 0) writeFileSync(marks + "/" + event.get("n"), "");
  for (let last = performance.now(); left > 0;) {
    const now = performance.now();
    left -= Math.min(now - last, 5);
    last = now;
  }
  return event;
} };
`;

/** How many processes of isolated steps it has. */
function isolatedProcesses({ pid }: Daemon): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) => {
    const pids = readIfThere(`${pid}/task/${task}/children`);
    return pids.split(" ").filter(Boolean);
  });
  return children.filter((child) => readIfThere(`${child}/cmdline`).includes("isolation-worker"))
    .length;
}

/** What stands of a process or a thread, which may just have ended. */
function readIfThere(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return "";
  }
}

function send(client: Socket, ...events: object[]): void {
  client.write(events.map((each) => `${JSON.stringify(each)}\n`).join(""));
}

longTest(
  "isolated inputs - what comes over sockets and HTTP is delivered or in quarantine, once, whatever happens",
  async () => {
    const splunk = await Splunk.start();
    const directory = temporaryDirectory();
    const plugins = join(directory, "plugins");
    mkdirSync(plugins, { mode: 0o755 });
    writeFileSync(join(plugins, "p.mjs"), source, { mode: 0o644 });
    const path = join(directory, "in.sock");
    const port = await freePort();
    const options = `p: { marks: ${JSON.stringify(directory)} }`;
    const slow = `{ ${options}, name: slow, when: has(event.slow), isolate: { timeout: 10s } }`;
    const quick = (isolate: string): string =>
      `{ ${options}, name: quick, when: "!has(event.slow)"${isolate} }`;
    const agent = { directory, url: splunk.url };
    const configure = (isolate: string): string =>
      writeConfig({
        ...agent,
        inputs: [
          `local: { type: socket, path: ${path} }`,
          `web: { type: hec, listen: "127.0.0.1:${port}", tokens: [webhook] }`,
        ],
        chain: [slow, quick(isolate)],
        top: [`plugins_dir: ${plugins}`, "plugin_timeout: 1s"],
      });
    const isolated = ", isolate: { timeout: 500ms }";
    const daemon = await Daemon.start(configure(isolated));
    const arrived = (n: number): Promise<void> =>
      eventually(() => numbersIn(splunk).includes(n) || !daemon.alive);
    const client = connect(path);

    // Stopped for longer than the process has.
    send(client, { n: 2, busy: 100 });
    await eventually(() => existsSync(join(directory, "2")));
    daemon.signal("SIGSTOP");
    await systemClock.sleep(1000);
    daemon.signal("SIGCONT");
    await arrived(2);

    const body = [{ n: 3 }, { n: 4, loop: 1 }, { n: 5 }].map((event) => JSON.stringify({ event }));
    const answer = await fetch(`http://127.0.0.1:${port}/services/collector/event`, {
      method: "POST",
      headers: { authorization: "Splunk webhook" },
      body: body.join("\n"),
    });
    expect(answer.status).toBe(200);
    await arrived(5);

    // A step becomes one that is not isolated, and back; the client stays.
    for (const [n, isolate] of [
      [6, ""],
      [7, isolated],
    ] as const) {
      configure(isolate);
      expect(await daemon.reload()).toMatchObject({ code: "reloaded" });
      await eventually(() => isolatedProcesses(daemon) === (isolate === "" ? 2 : 4));
      send(client, { n });
      await arrived(n);
    }
    // Its process does not start any more: the events behind do not wait for it one by one.
    writeFileSync(join(plugins, "p.mjs"), `${source}\n`, { mode: 0o644 });
    send(client, { n: 8, loop: 1 }, ...[9, 10, 11, 12, 13].map((n) => ({ n })), {
      n: 14,
      slow: true,
    });
    await arrived(14);
    expect(daemon.of("isolated_step_failed").length).toBeLessThanOrEqual(5);
    client.end();
    expect(await daemon.stop()).toBe(0);

    expect(numbersIn(splunk)).toEqual([2, 3, 5, 6, 7, 14]);
    const kept = readFileSync(join(stateDirectory(agent), "quarantine/quarantine.jsonl"), "utf8");
    const texts = kept
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { text: string }).text);
    const quarantined = texts.map((text) => (JSON.parse(text) as { n: number }).n);
    expect(quarantined).toEqual([4, 8, 9, 10, 11, 12, 13]);
    const failed = "step_failed:quick";
    expect(daemon.books.inputs).toMatchObject({
      local: { received: 10, in_flight: 0, quarantined: { [failed]: 6 } },
      web: { received: 3, in_flight: 0, quarantined: { [failed]: 1 } },
    });
  },
);

function numbersIn(splunk: Splunk): number[] {
  return splunk.events.map((text) => (JSON.parse(text) as { n: number }).n);
}
