/**
 * `tallyman run` as systemd sees it: when it is ready, how it goes, whether it works, and that it stops. The daemon, the
 * program that tells and the socket are real; only who listens there is not systemd.
 */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { writeConfig, type AgentConfig } from "../../support/agent-config.ts";
import { isInstalled } from "../../support/commands.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { can_notify, NotifySocket } from "../../support/sockets/notify-socket.ts";
import { busy, Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** Reports every 100 ms. */
const watchdog = { WATCHDOG_USEC: "200000" };

async function setUp(more: Partial<AgentConfig> = {}) {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeFileSync(path, "");
  const config = writeConfig({ directory, url: splunk.url, paths: [path], ...more });
  return { directory, splunk, path, config };
}

/** The same with a plugin, as the one step of the chain. */
async function setUpWith(plugin: (directory: string) => string) {
  const set_up = await setUp({ chain: ["odd: {}"], top: ["plugins_dir: plugins"] });
  const plugins = join(set_up.directory, "plugins");
  mkdirSync(plugins, { mode: 0o755 });
  writeFileSync(join(plugins, "odd.mjs"), plugin(set_up.directory), { mode: 0o644 });
  return set_up;
}

const environmentOf = ({ path }: NotifySocket) => ({ NOTIFY_SOCKET: path, ...watchdog });

describe.runIf(can_notify)("systemd", () => {
  test("systemd - is told that tallyman is ready when it is, once, and not before", async () => {
    const socket = await NotifySocket.open();
    const { config, directory } = await setUpWith(
      (place) => `
      import { existsSync, writeFileSync } from "node:fs";
      import { setTimeout } from "node:timers/promises";
      export default { name: "odd", async create() {
        writeFileSync("${place}/creating", "");
        while (!existsSync("${place}/go")) await setTimeout(10);
        return (event) => event;
      } };`,
    );
    const daemon = Daemon.spawn(["run", "-c", config], environmentOf(socket));
    await eventually(() => existsSync(join(directory, "creating")) || !daemon.alive);
    // Whatever the daemon had told by now would be there before this.
    await sleep(300);
    execFileSync("systemd-notify", ["STATUS=marker"], { env: { NOTIFY_SOCKET: socket.path } });
    await eventually(() => socket.messages.length > 0);
    expect(socket.messages).toEqual([["STATUS=marker"]]);
    writeFileSync(join(directory, "go"), "");
    await eventually(() => socket.messages.length > 3 || !daemon.alive);
    const [, first] = socket.messages;
    expect(first).toEqual([
      "READY=1",
      "STATUS=splunk: sending, 0 events/s, received 0, in flight 0",
    ]);
    expect(await daemon.stop()).toBe(0);
    expect(socket.count("READY=1")).toBe(1);
  });

  longTest("systemd - is never told that tallyman is ready where it cannot start", async () => {
    const socket = await NotifySocket.open();
    const inputs = ["apps: { type: socket, path: /nowhere/at/all.sock }"];
    const { config } = await setUp({ inputs });
    const daemon = Daemon.spawn(["run", "-c", config], environmentOf(socket));
    expect(await daemon.exited).toBe(1);
    execFileSync("systemd-notify", ["STATUS=marker"], { env: { NOTIFY_SOCKET: socket.path } });
    await eventually(() => socket.messages.length > 0);
    expect(socket.messages).toEqual([["STATUS=marker"]]);
  });

  longTest(
    "systemd - sees an outage of Splunk and its end, and no reason for a restart in it",
    async () => {
      const socket = await NotifySocket.open();
      const { config, splunk, path } = await setUp();
      splunk.always({ kind: "answer", status: 503, body: busy });
      const daemon = await Daemon.start(config, environmentOf(socket));
      appendFileSync(path, '{"n":1}\n');
      const last = () => socket.statuses.at(-1) ?? "";
      await eventually(() => last().startsWith("splunk: retrying since 2") || !daemon.alive);
      expect(last()).toMatch(
        /^splunk: retrying since \S+Z \(server_busy\), \d+ events\/s, received 1, in flight 1$/,
      );
      const before = socket.count("WATCHDOG=1");
      await eventually(() => socket.count("WATCHDOG=1") >= before + 5 || !daemon.alive);
      splunk.always({ kind: "normal" });
      await eventually(() => last().endsWith("received 1, in flight 0") || !daemon.alive);
      expect(last()).toMatch(/^splunk: sending, /);
      expect(await daemon.stop()).toBe(0);
    },
  );

  longTest("systemd - hears nothing while the event loop is blocked", async () => {
    const socket = await NotifySocket.open();
    const { config, directory, path, splunk } = await setUpWith(
      (place) => `
      import { existsSync, writeFileSync } from "node:fs";
      export default { name: "odd", create: () => (event) => {
        writeFileSync("${place}/looping", "");
        while (!existsSync("${place}/go"));
        return event;
      } };`,
    );
    const daemon = await Daemon.start(config, environmentOf(socket));
    await eventually(() => socket.count("WATCHDOG=1") >= 5 || !daemon.alive);
    appendFileSync(path, '{"n":1}\n');
    await eventually(() => existsSync(join(directory, "looping")) || !daemon.alive);
    await hearsNothing(socket);
    writeFileSync(join(directory, "go"), "");
    const before = socket.count("WATCHDOG=1");
    await eventually(() => socket.count("WATCHDOG=1") > before || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(splunk.events).toEqual(['{"n":1}']);
  });

  longTest("systemd - hears nothing while no file can be reached", async () => {
    const socket = await NotifySocket.open();
    // Opening a FIFO waits for its other side, in a thread; there are four for all that has to do with files.
    const { config, directory, path } = await setUpWith(
      (place) => `
      import { open, writeFileSync } from "node:fs";
      export default { name: "odd", create: () => (event) => {
        for (let thread = 0; thread < 8; thread += 1) open("${place}/fifo", "r", () => {});
        writeFileSync("${place}/stuck", "");
        return event;
      } };`,
    );
    const fifo = join(directory, "fifo");
    execFileSync("mkfifo", [fifo]);
    const environment = { ...environmentOf(socket), UV_THREADPOOL_SIZE: "4" };
    const daemon = await Daemon.start(config, environment);
    await eventually(() => socket.count("WATCHDOG=1") >= 5 || !daemon.alive);
    appendFileSync(path, '{"n":1}\n');
    await eventually(() => existsSync(join(directory, "stuck")) || !daemon.alive);
    await hearsNothing(socket);
    const before = socket.count("WATCHDOG=1");
    const other_side = await open(fifo, "r+");
    await eventually(() => socket.count("WATCHDOG=1") > before || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    await other_side.close();
  });

  longTest(
    "systemd - hears of a reload before it is done, and of its end, whether it is applied or refused",
    async () => {
      const socket = await NotifySocket.open();
      const { config } = await setUp();
      const daemon = await Daemon.start(config, { NOTIFY_SOCKET: socket.path });
      await eventually(() => socket.count("READY=1") === 1);
      const text = readFileSync(config, "utf8");
      writeFileSync(config, `${text}no_such_key: 1\n`);
      daemon.signal("SIGHUP");
      await eventually(() => socket.count("READY=1") === 2);
      const begun = socket.messages.find((message) => message.includes("RELOADING=1"));
      expect(begun).toEqual(["RELOADING=1", expect.stringMatching(/^MONOTONIC_USEC=\d+$/)]);
      expect(socket.statuses.at(-1)).toMatch(/reload refused at .*config_invalid/);
      writeFileSync(config, text);
      daemon.signal("SIGHUP");
      await eventually(() => socket.count("READY=1") === 3);
      expect(socket.count("RELOADING=1")).toBe(2);
      expect(socket.statuses.at(-1)).not.toContain("refused");
      expect(await daemon.stop()).toBe(0);
    },
  );

  test("systemd - is told that tallyman stops, and how long that may take", async () => {
    const socket = await NotifySocket.open();
    const { config, splunk, path } = await setUp({ top: ["shutdown_timeout: 2s"] });
    splunk.always({ kind: "hang" });
    appendFileSync(path, '{"n":1}\n');
    const daemon = await Daemon.start(config, environmentOf(socket));
    await splunk.until(() => splunk.requests.length > 0 || !daemon.alive);
    daemon.signal("SIGTERM");
    await eventually(() => socket.count("STOPPING=1") > 0 || !daemon.alive);
    expect(daemon.alive).toBe(true);
    expect(await daemon.exited).toBe(0);
    const stopping = socket.messages.filter((message) => message.includes("STOPPING=1"));
    expect(stopping).toHaveLength(1);
    expect(stopping[0]).toContain("EXTEND_TIMEOUT_USEC=32000000");
  });

  longTest(
    "systemd - is not missed: where nobody listens that is logged once, and events are shipped",
    async () => {
      const { config, splunk, path, directory } = await setUp();
      const environment = { NOTIFY_SOCKET: join(directory, "nobody"), ...watchdog };
      const daemon = await Daemon.start(config, environment);
      const refused = (): number =>
        daemon.entries.filter(({ program }) => program === "systemd-notify").length;
      await eventually(() => refused() > 0 || !daemon.alive);
      appendFileSync(path, '{"n":1}\n');
      await splunk.until(() => splunk.indexed.length > 0 || !daemon.alive);
      await sleep(1000);
      expect(await daemon.stop()).toBe(0);
      expect(refused()).toBe(1);
      expect(daemon.books.total).toMatchObject({ received: 1, delivered: 1 });
    },
  );
});

/** Resolves when nothing was said for as long as many reports take; what was on its way may come before. */
async function hearsNothing(socket: NotifySocket): Promise<void> {
  let before: number;
  do {
    before = socket.messages.length;
    await sleep(2000);
  } while (socket.messages.length > before);
}

longTest("systemd - where it did not start tallyman, no program is run for it", async () => {
  const { config, splunk, path, directory } = await setUp();
  const bin = join(directory, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "systemd-notify"), `#!/bin/sh\ntouch ${directory}/was_run\n`);
  chmodSync(join(bin, "systemd-notify"), 0o755);
  const environment = { PATH: `${bin}:${process.env["PATH"]}`, NOTIFY_SOCKET: "", ...watchdog };
  const daemon = await Daemon.start(config, environment);
  appendFileSync(path, '{"n":1}\n');
  await splunk.until(() => splunk.indexed.length > 0 || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  expect(existsSync(join(directory, "was_run"))).toBe(false);
});

test.runIf(isInstalled("systemd-socket-activate"))(
  "systemd - hands over a socket, and keeps it when tallyman ends",
  async () => {
    const directory = temporaryDirectory();
    const socket = join(directory, "audit.sock");
    const inputs = [`apps: { type: socket, path: ${socket} }`];
    const { config, splunk } = await setUp({ inputs });
    const activate = `set -- systemd-socket-activate -l ${socket} "$@";`;
    const daemon = Daemon.spawn(["run", "-c", config], {}, activate);
    await eventually(() => isListening(socket) || !daemon.alive);
    // Waits in the socket while tallyman is started for it.
    const client = connect(socket);
    client.end('{"n":1}\n').resume();
    await once(client, "close");
    const { from_systemd } = await daemon.logged("socket_listening");
    expect(from_systemd).toBe(true);
    await splunk.until(() => splunk.indexed.length > 0 || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(splunk.events).toEqual(['{"n":1}']);
    expect(existsSync(socket)).toBe(true);
  },
);

/** Whether somebody listens there; between its making and that, a client is refused. */
function isListening(path: string): boolean {
  const sockets = readFileSync("/proc/net/unix", "utf8").split("\n");
  return sockets.some((line) => line.endsWith(` ${path}`) && line.split(" ")[3] === "00010000");
}
