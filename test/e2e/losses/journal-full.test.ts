/**
 * Journals that run full while Splunk is down: `block` makes the writer wait and loses nothing; `drop_newest` and
 * `drop_oldest` lose exactly what their counters and the gap events say; a full disk is waited for.
 */
import { rmSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import { writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import {
  can_send_datagrams,
  DatagramPlace,
  sendNumbered,
} from "../../support/sockets/datagrams.ts";
import { is_long, long, longTest, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { HecLoad } from "../../support/hec/hec-load.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { fillUp, onSmallDisk } from "../../support/files/small-disk.ts";
import { busy, Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** Many times what the journals may hold: more than Splunk would be down for. */
const events = 20_000;
/** The same where a journal holds little. */
const events_for_little = is_long ? 20_000 : 5000;

const request_id = /"requestID":"([0-9A-F]{16})"/;

interface Arrivals {
  readonly numbers: number[];
  readonly gaps: Record<string, unknown>[];
}

const seen = new WeakMap<Splunk, Arrivals & { count: number }>();

/** What arrived, told apart. Asked again, it looks at what is new alone. */
function arrivals(splunk: Splunk): Arrivals {
  const all = seen.get(splunk) ?? { numbers: [], gaps: [], count: 0 };
  seen.set(splunk, all);
  for (const { event, sourcetype } of splunk.indexed.slice(all.count)) {
    const text = event.toString();
    if (sourcetype === "tallyman:gap") all.gaps.push(JSON.parse(text));
    else all.numbers.push(Number.parseInt(request_id.exec(text)![1]!, 16));
    all.count += 1;
  }
  return all;
}

async function connect(path: string): Promise<Socket> {
  const client = createConnection(path);
  await new Promise<void>((resolve, reject) =>
    client.once("connect", resolve).once("error", reject),
  );
  return client;
}

/** Writes the events, waiting wherever the socket makes it wait. */
async function writeAll(client: Socket, to: number, progress: { written: number }): Promise<void> {
  for (; progress.written < to; progress.written += 1) {
    const flowing = client.write(`${wekaEvent(progress.written)}\n`);
    if (!flowing) await new Promise<void>((resolve) => client.once("drain", resolve));
  }
  // The daemon closes when it has read all.
  const closed = new Promise((resolve) => client.once("close", resolve));
  client.end();
  await closed;
}

/** Resolves when the writer has come to stand: when nothing moves for as long as a hundred looks. */
async function comesToStand(progress: { written: number }): Promise<void> {
  let stood = 0;
  let before = -1;
  await eventually(async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    stood = progress.written === before ? stood + 1 : 0;
    before = progress.written;
    return stood === 100;
  });
}

longTest("journal full - block makes the writer wait, and loses nothing", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  splunk.always({ kind: "answer", status: 503, body: busy });
  const path = join(directory, "audit.sock");
  const journal = "journal: { max_bytes: 1MiB }";
  const inputs = [`apps: { type: socket, path: ${path}, when_full: block, ${journal} }`];
  const daemon = await Daemon.start(writeConfig({ directory, url: splunk.url, inputs }));
  const client = await connect(path);
  const progress = { written: 0 };
  const writing = writeAll(client, events_for_little, progress);
  await comesToStand(progress);
  expect(progress.written).toBeLessThan(events_for_little);
  splunk.always({ kind: "normal" });
  await writing;
  await splunk.until(() => splunk.indexed.length >= events_for_little || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  const { numbers, gaps } = arrivals(splunk);
  expect(numbers).toEqual(Array.from({ length: events_for_little }, (_, number) => number));
  expect(gaps).toEqual([]);
  expect(daemon.books.balanced).toBe(true);
  expect(daemon.books.total).toMatchObject({
    received: events_for_little,
    delivered: events_for_little,
    dropped: 0,
  });
});

test.each(sampledCases(["drop_oldest", "drop_newest"], 2))(
  "journal full - %s loses exactly what its counter and the gap events say",
  long,
  async (when_full) => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    splunk.always({ kind: "answer", status: 503, body: busy });
    const path = join(directory, "audit.sock");
    // More than what can be in flight, which is never given up.
    const journal = "journal: { max_bytes: 8MiB }";
    const inputs = [`apps: { type: socket, path: ${path}, when_full: ${when_full}, ${journal} }`];
    const daemon = await Daemon.start(writeConfig({ directory, url: splunk.url, inputs }));
    await writeAll(await connect(path), events, { written: 0 });
    splunk.always({ kind: "normal" });
    const told = (): number => {
      const counts = arrivals(splunk).gaps.map(({ count }) => Number(count));
      return counts.reduce((sum, count) => sum + count, 0);
    };
    const arrived = (): number => arrivals(splunk).numbers.length;
    await splunk.until(() => arrived() > 0 || !daemon.alive);
    // The last gap event of a minute is held back until the stop.
    expect(await daemon.stop()).toBe(0);
    const { total, inputs: books, balanced } = daemon.books;
    const restarted = await Daemon.start(join(directory, "config.yaml"));
    await splunk.until(() => arrived() + told() >= events || !restarted.alive);
    expect(await restarted.stop()).toBe(0);
    expect(balanced).toBe(true);
    expect(total.dropped).toBeGreaterThan(0);
    const { numbers, gaps } = arrivals(splunk);
    const dropped = restarted.books.inputs["apps"]!.dropped["journal_full"]!;
    expect(dropped).toBeGreaterThanOrEqual(books["apps"]!.dropped["journal_full"]!);
    expect(numbers.length + dropped).toBe(events);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers);
    expect(numbers.includes(when_full === "drop_newest" ? 0 : events - 1)).toBe(true);
    expect(told()).toBe(dropped);
    for (const gap of gaps) expect(gap).toMatchObject({ input: "apps", reason: "journal_full" });
    expect(restarted.books.balanced).toBe(true);
    expect(restarted.books.inputs["tallyman"]).toMatchObject({ received: gaps.length });
  },
);

longTest(
  "journal full - a stop while Splunk is down does not read the backlog into memory",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    splunk.always({ kind: "answer", status: 503, body: busy });
    const path = join(directory, "audit.sock");
    const inputs = [`apps: { type: socket, path: ${path}, journal: { max_bytes: 256MiB } }`];
    const top = ["shutdown_timeout: 100ms"];
    const daemon = await Daemon.start(writeConfig({ directory, url: splunk.url, inputs, top }));
    const client = await connect(path);
    client.on("error", () => undefined);
    // It writes for as long as it is let, so that the stop waits for a client that is held up.
    const bytes = Buffer.from(`${wekaEvent(0)}\n`.repeat(1000));
    const progress = { written: 0 };
    const write = (): void => {
      do progress.written += bytes.length;
      while (client.write(bytes));
    };
    client.on("drain", write);
    write();
    // The journal holds frames, so it takes less of the lines than it may be large; how much less, and how much waits
    // before it, is another each time.
    await eventually(() => progress.written > 240 * 1024 ** 2);
    await comesToStand(progress);
    const before = daemon.rss();
    daemon.signal("SIGTERM");
    await daemon.logged("input_data_lost");
    expect(daemon.rss() - before).toBeLessThan(100 * 1024 ** 2);
    expect(await daemon.exited).toBe(0);
    client.destroy();
    expect(daemon.books.balanced).toBe(true);
  },
);

// Mounting a small disk is for root alone.
test.runIf(is_long && process.getuid!() === 0)(
  "journal full - a disk filled to the last byte is waited for",
  long,
  async () => {
    const { directory, disk } = onSmallDisk();
    const splunk = await Splunk.start();
    splunk.always({ kind: "answer", status: 503, body: busy });
    const port = await freePort();
    const inputs = [`weka: { type: hec, listen: "127.0.0.1:${port}", tokens: [webhook] }`];
    const daemon = await Daemon.start(writeConfig({ directory, url: splunk.url, inputs }));
    const load = new HecLoad({ port, token: "webhook", clients: 4 });
    await eventually(() => load.acknowledged.size >= 500);
    fillUp(join(disk, "filler"));
    await eventually(() => (load.refusals.get(503) ?? 0) >= 20);
    rmSync(join(disk, "filler"));
    const before = load.acknowledged.size;
    await eventually(() => load.acknowledged.size >= before + 500);
    splunk.always({ kind: "normal" });
    await load.finish();
    await splunk.until(() => splunk.indexed.length >= load.acknowledged.size || !daemon.alive);
    expect(daemon.alive).toBe(true);
    expect(await daemon.stop()).toBe(0);
    const arrived = new Set(arrivals(splunk).numbers);
    expect([...load.acknowledged].filter((number) => !arrived.has(number))).toEqual([]);
    expect(daemon.books.balanced).toBe(true);
    expect(daemon.books.total).toMatchObject({ dropped: 0, in_flight: 0 });
  },
);

// Mounting a small disk is for root alone.
test.runIf(is_long && process.getuid!() === 0)(
  "journal full - a disk that the journal filled by itself is given back when Splunk takes events again",
  long,
  async () => {
    const { directory } = onSmallDisk();
    const splunk = await Splunk.start();
    splunk.always({ kind: "answer", status: 503, body: busy });
    const port = await freePort();
    // The journal may hold many times what the disk does.
    const inputs = [`weka: { type: hec, listen: "127.0.0.1:${port}", tokens: [webhook] }`];
    const daemon = await Daemon.start(writeConfig({ directory, url: splunk.url, inputs }));
    // Long events fill it with few requests.
    const padding = "x".repeat(8192);
    const body = (number: number): string =>
      `{"event":${wekaEvent(number).slice(0, -1)},"padding":"${padding}"}}`;
    const load = new HecLoad({ port, token: "webhook", clients: 4, body });
    await eventually(() => (load.refusals.get(503) ?? 0) >= 20);
    const before = load.acknowledged.size;
    splunk.always({ kind: "normal" });
    await eventually(() => load.acknowledged.size >= before + 500);
    await load.finish();
    await splunk.until(() => splunk.indexed.length >= load.acknowledged.size || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    const { numbers } = arrivals(splunk);
    expect(new Set(numbers)).toEqual(load.acknowledged);
    expect(daemon.books.balanced).toBe(true);
    expect(daemon.books.total).toMatchObject({ dropped: 0, in_flight: 0 });
  },
);

test.runIf(is_long && process.getuid!() === 0 && can_send_datagrams)(
  "journal full - with a full disk senders of datagrams wait or get an error, and what was sent arrives",
  long,
  async () => {
    const { directory, disk } = onSmallDisk();
    const splunk = await Splunk.start();
    splunk.always({ kind: "answer", status: 503, body: busy });
    const place = await DatagramPlace.open(join(directory, "d.sock"));
    const inputs = [`local: { type: socket, mode: datagram, path: ${place.path} }`];
    const config = writeConfig({ directory, url: splunk.url, inputs });
    const daemon = await Daemon.start(config, {}, place.handing_over);
    const enough = join(directory, "enough");
    const waiting = sendNumbered(place, {
      writers: 4,
      each: 1_000_000,
      waits: true,
      until: enough,
    });
    const received = async (): Promise<number> =>
      (await askStatus(join(disk, "admin.sock"))).books.total.received;
    await eventually(async () => (await received()) >= 500);
    fillUp(join(disk, "filler"));
    await daemon.logged("journal_unwritable");
    // Once the kernel holds as many as it may, who does not wait gets an error.
    const impatient = { sent: 0, refused: 0 };
    await eventually(async () => {
      const { sent, refused } = await sendNumbered(place, { writers: 1, each: 200, waits: false });
      impatient.sent += sent;
      impatient.refused += refused;
      return refused === 200;
    });
    rmSync(join(disk, "filler"));
    const before = await received();
    await eventually(async () => (await received()) >= before + 500);
    splunk.always({ kind: "normal" });
    writeFileSync(enough, "");
    const { sent } = await waiting;
    const all = sent + impatient.sent;
    await splunk.until(({ indexed }) => indexed.length >= all || !daemon.alive);
    expect(await daemon.stop()).toBe(0);
    expect(splunk.events).toHaveLength(all);
    expect(daemon.books.balanced).toBe(true);
    expect(daemon.books.total).toMatchObject({
      received: all,
      delivered: all,
      dropped: 0,
      lost_bytes: 0,
      in_flight: 0,
    });
  },
);
