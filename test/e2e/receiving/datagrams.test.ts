/**
 * Datagrams with the real daemon, on a socket that is handed over as systemd does: each is one event, what senders sent is
 * what arrives and what the kernel refused with an error; over reloads, stops and crashes.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { isInstalled } from "../../support/commands.ts";
import { Daemon } from "../../support/daemon.ts";
import {
  can_send_datagrams,
  DatagramPlace,
  sendNumbered,
  sendWithLogger,
  sendWithSysLogHandler,
} from "../../support/sockets/datagrams.ts";
import { is_long, long, longTest, sampled } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { filesBelow } from "../../support/files/files-below.ts";
import { main } from "../../support/program.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** Three batches: two that are given to the journal, and one that is gathered. */
const lost_at_kill_max = 3 * 8192;

const secret = "S3cr3tPlanted";
const redact =
  'redact: { fields: ["requestHeader.Authorization", "access_token"], with: "[REDACTED]", on_unreadable: text }';

interface Options {
  readonly chain?: string[];
  readonly input?: string;
}

async function setUp({ chain = [], input = "mode: datagram" }: Options = {}) {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const place = await DatagramPlace.open(join(directory, "d.sock"));
  const configure = (more: string): string =>
    writeConfig({
      directory,
      url: splunk.url,
      chain,
      inputs: [`local: { type: socket, path: ${place.path}, ${more} }`],
    });
  const config = configure(input);
  const start = (): Promise<Daemon> => Daemon.start(config, {}, place.handing_over);
  return { directory, splunk, place, configure, config, start };
}

/** A program that logs its argument as programs in Python do. */
const loggedInPython = `
import logging, logging.handlers, sys
handler = logging.handlers.SysLogHandler(address=sys.argv[1])
handler.ident = "py: "
logging.getLogger().addHandler(handler)
logging.warning(sys.argv[2])
print("{}")
`;

function everythingIn(directory: string): string[] {
  const files = filesBelow(stateDirectory({ directory, url: "" }));
  return files.map((each) => each.toString("latin1"));
}

const event = (n: number): string => `{"n":${n},"requestHeader":{"Authorization":"${secret}"}}`;
const masked = (text: string): string => text.replace(secret, "[REDACTED]");

describe.runIf(can_send_datagrams)("datagrams", () => {
  test("datagrams - each is one event, whatever its sender puts at its end, through reloads and a restart, without what is secret", async () => {
    const { directory, splunk, place, configure, start } = await setUp({ chain: [redact] });
    const daemon = await start();
    expect(daemon.of("socket_listening")[0]).toMatchObject({ mode: "datagram", path: place.path });
    const pretty = JSON.stringify(JSON.parse(event(4)), undefined, 2);
    const nginx = `<190>Nov 28 20:00:00 nginx: "GET /?access_token=${secret} HTTP/1.1" 200`;
    const [large, larger] = ["x".repeat(500_000), "y".repeat(4_000_000)];
    await place.send(
      event(1),
      `${event(2)}\n`,
      `${event(3)}\0`,
      "",
      "\n",
      pretty,
      nginx,
      large,
      larger,
    );
    await splunk.until(() => splunk.events.length === 7 || !daemon.alive);
    expect(splunk.events.slice(0, 4)).toEqual([event(1), event(2), event(3), pretty].map(masked));
    const texts = splunk.events.slice(4).map((each) => JSON.parse(each) as string);
    expect(texts[0]).toBe(masked(nginx));
    expect(texts[1]).toBe(large);
    expect(texts[2]).toBe("y".repeat(1024 * 1024));
    expect(splunk.indexed[6]!.fields).toMatchObject({ tallyman_original_bytes: 4_000_000 });
    expect(splunk.indexed[0]).toMatchObject({ source: place.path });

    // Nothing of it changes, its metadata, and how it reads.
    expect((await daemon.reload()).code).toBe("reloaded");
    configure("mode: datagram, metadata: { source: other }");
    expect((await daemon.reload()).code).toBe("reloaded");
    configure("mode: datagram, metadata: { source: other }, max_event_bytes: 2KiB");
    const sending = sendNumbered(place, { writers: 4, each: 100, waits: true });
    expect((await daemon.reload()).code).toBe("reloaded");
    await sending;
    await splunk.until(() => splunk.events.length === 407 || !daemon.alive);
    expect(new Set(splunk.events).size).toBe(407);
    expect(splunk.indexed.at(-1)).toMatchObject({ source: "other" });
    expect(await daemon.stop()).toBe(0);
    expect(daemon.books.inputs["local"]).toMatchObject({ received: 407, lost_bytes: {} });

    // What comes while no tallyman runs waits in the socket.
    await place.send(event(5), event(6));
    const next = await start();
    await splunk.until(() => splunk.events.length === 409 || !next.alive);
    expect(splunk.events.slice(-2)).toEqual([event(5), event(6)].map(masked));
    const kept = everythingIn(directory);
    expect(await next.stop()).toBe(0);
    const all = [...splunk.events, ...daemon.lines, ...next.lines, ...kept];
    expect(all.filter((each) => each.includes(secret))).toEqual([]);
  });

  test.runIf(is_long && isInstalled("logger"))(
    "datagrams - of logger and Python are events with the fields of their headers, redacted by path, from a reload on",
    long,
    async () => {
      const { directory, splunk, place, configure, start } = await setUp({ chain: [redact] });
      const daemon = await start();
      await place.send(`<14>app: ${event(1)}`);
      await splunk.until(() => splunk.events.length === 1 || !daemon.alive);
      configure("mode: datagram, framing: syslog, time: { zone: local }");
      expect((await daemon.reload()).code).toBe("reloaded");
      const logger = ["--socket", place.path, "-d", "-t", "app", "-p", "auth.err"];
      execFileSync("logger", [...logger, "--id=7", event(2)]);
      execFileSync("logger", [
        ...logger,
        "--rfc5424",
        "--sd-id",
        "a@32473",
        "--sd-param",
        'user="ann"',
        event(3),
      ]);
      await place.run(loggedInPython, event(4));
      execFileSync("logger", [...logger, `access_token=${secret} is no JSON`]);
      await place.send(`<14>app: access_token=${secret} ${event(5)}`);
      await splunk.until(() => splunk.events.length === 6 || !daemon.alive);
      const kept = everythingIn(directory);
      expect(await daemon.stop()).toBe(0);
      const [first, ...others] = splunk.indexed;
      // As it was without the framing.
      expect(JSON.parse(first!.event.toString())).toBe(masked(`<14>app: ${event(1)}`));
      expect(others.slice(0, 3).map((each) => each.event.toString())).toEqual(
        [event(2), event(3), event(4)].map(masked),
      );
      const auth = { facility: "auth", severity: "err", appname: "app" };
      expect(others.map(({ fields }) => fields)).toEqual([
        { ...auth, procid: "7" },
        expect.objectContaining({ ...auth, "sd.a@32473.user": "ann" }),
        { facility: "user", severity: "warning", appname: "py" },
        auth,
        { facility: "user", severity: "info", appname: "app", prefix: "[REDACTED]" },
      ]);
      expect(others[3]!.event.toString()).toMatch(/app: access_token=\[REDACTED\]/);
      expect(others[4]!.event.toString()).toBe(masked(event(5)));
      // Those that have a time are dated by it.
      expect(daemon.of("time_unreadable")).toEqual([]);
      const shown = splunk.indexed.map((each) => JSON.stringify(each) + each.event.toString());
      expect([...shown, ...daemon.lines, ...kept].filter((each) => each.includes(secret))).toEqual(
        [],
      );
    },
  );

  longTest(
    "datagrams - a reload takes the input away and brings it back, as another kind of socket, too",
    async () => {
      const { directory, splunk, place, configure, start } = await setUp();
      const daemon = await start();
      configure(`mode: "0600", metadata: { source: stream }`);
      const config = join(directory, "config.yaml");
      const text = readFileSync(config, "utf8");
      writeFileSync(config, text.replace(place.path, join(directory, "stream.sock")));
      expect((await daemon.reload()).code).toBe("reloaded");
      await place.send(event(1));
      configure("mode: datagram");
      expect((await daemon.reload()).code).toBe("reloaded");
      await place.send(event(2));
      await splunk.until(() => splunk.events.length === 2 || !daemon.alive);
      expect(splunk.events).toEqual([event(1), event(2)]);
      expect(await daemon.stop()).toBe(0);
    },
  );

  longTest(
    "datagrams - an input for lines does not take their socket, and says which one it needs",
    async () => {
      const { config, place } = await setUp({ input: 'mode: "0660"' });
      const daemon = Daemon.spawn(["run", "-c", config], {}, place.handing_over);
      expect(await daemon.exited).toBe(1);
      expect(daemon.lines.join("\n")).toContain("connections need ListenStream=");
    },
  );

  sampled(
    ({ events }) =>
      `datagrams - ${events} from many senders at once: what arrives is what was sent`,
    { all: { events: 100_000 } },
    async ({ events }) => {
      const { splunk, place, start } = await setUp();
      const daemon = await start();
      const share = events / 10;
      const sending = [
        sendNumbered(place, { writers: 16, each: (events - 2 * share) / 16, waits: true }),
        sendWithSysLogHandler(place, share),
        isInstalled("logger") ? sendWithLogger(place, share) : sendWithSysLogHandler(place, share),
      ];
      const totals = await Promise.all(sending);
      expect(totals.reduce((sum, { sent }) => sum + sent, 0)).toBe(events);
      await splunk.until(({ indexed }) => indexed.length >= events || !daemon.alive);
      expect(splunk.events).toHaveLength(events);
      const numbered = splunk.events.filter((each) => each.startsWith('{"writer"'));
      expect(new Set(numbered).size).toBe(events - 2 * share);

      // Who does not wait gets an error for what is refused, and nothing else is missing.
      const { sent, refused } = await sendNumbered(place, {
        writers: 16,
        each: events / 16,
        waits: false,
      });
      expect(sent + refused).toBe(events);
      await splunk.until(({ indexed }) => indexed.length >= events + sent || !daemon.alive);
      expect(await daemon.stop()).toBe(0);
      expect(splunk.events).toHaveLength(events + sent);
      expect(daemon.books.inputs["local"]).toMatchObject({ received: events + sent, dropped: {} });
    },
  );

  longTest("datagrams - stopped 8 times under load: all that was sent arrives", async () => {
    const { sent, arrived, books } = await interrupted(8, async (daemon) => {
      expect(await daemon.stop()).toBe(0);
    });
    expect(arrived.flat()).toHaveLength(sent);
    expect(books).toMatchObject({ in_flight: 0, lost_bytes: 0, dropped: 0 });
  });

  longTest(
    "datagrams - killed 30 times under load: what was on its way is lost, and no more",
    async () => {
      const times = 30;
      const { sent, arrived } = await interrupted(times, (daemon) => daemon.crash());
      expect(sent - arrived.flat().length).toBeLessThanOrEqual(times * lost_at_kill_max);
      for (const numbers of arrived) {
        const gaps = numbers.filter((number, at) => at > 0 && number !== numbers[at - 1]! + 1);
        expect(gaps.length).toBeLessThanOrEqual(times);
      }
    },
  );
});

/** Sends while daemons come and go. Gives how many events were sent, and by writer the numbers of those that arrived. */
async function interrupted(times: number, end: (daemon: Daemon) => Promise<void>) {
  const { directory, splunk, place, start } = await setUp();
  const until = join(directory, "enough");
  const sending = sendNumbered(place, { writers: 4, each: 1_000_000, waits: true, until });
  for (let round = 0; round < times; round += 1) {
    const before = splunk.indexed.length;
    const daemon = await start();
    await splunk.until(({ indexed }) => indexed.length > before + 500 || !daemon.alive);
    await end(daemon);
  }
  const last = await start();
  writeFileSync(until, "");
  const { sent } = await sending;
  const mark = '{"writer":"last"}';
  await place.send(mark);
  await splunk.until(({ events }) => events.includes(mark) || !last.alive);
  expect(await last.stop()).toBe(0);
  // What was in flight at a kill comes again.
  const events = [...new Set(splunk.events)].filter((each) => each !== mark);
  const numbered = events.map((each) => JSON.parse(each) as { writer: number; n: number });
  const arrived = [0, 1, 2, 3].map((writer) =>
    numbered
      .filter((each) => each.writer === writer)
      .map(({ n }) => n)
      .sort((one, other) => one - other),
  );
  return { sent, arrived, books: last.books.total };
}

test.runIf(is_long && isInstalled("systemd-socket-activate") && isInstalled("logger"))(
  "datagrams - systemd's program starts tallyman at the first one, and that arrives, too",
  long,
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const path = join(directory, "d.sock");
    const inputs = [`local: { type: socket, mode: datagram, path: ${path} }`];
    const config = writeConfig({ directory, url: splunk.url, inputs });
    const activate = `set -- systemd-socket-activate --datagram -l ${path} "$@";`;
    const daemon = Daemon.spawn(["run", "-c", config], {}, activate);
    await eventually(() => existsSync(path) || !daemon.alive);
    for (const text of ["one", "two"]) execFileSync("logger", ["--socket", path, "-d", text]);
    await splunk.until(({ indexed }) => indexed.length === 2 || !daemon.alive);
    expect(splunk.events.map((each) => (JSON.parse(each) as string).slice(-3))).toEqual([
      "one",
      "two",
    ]);
    const { stdout } = spawnSync(process.execPath, [main, "status", "--all", "-c", config], {
      encoding: "utf8",
    });
    expect(stdout).toContain(`local (socket, datagrams), ${path}`);
    expect(await daemon.stop()).toBe(0);
  },
);

longTest(
  "datagrams - without a socket from systemd the start fails, and says how to have one",
  async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "d.sock");
    const inputs = [`local: { type: socket, mode: datagram, path: ${path} }`];
    const config = writeConfig({ directory, url: "http://127.0.0.1:1", inputs });
    const daemon = Daemon.spawn(["run", "-c", config]);
    expect(await daemon.exited).toBe(1);
    expect(daemon.lines.join("\n")).toContain(`systemd-socket-activate --datagram -l ${path}`);
  },
);
