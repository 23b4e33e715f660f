/**
 * The datagram input with its thread. A FIFO stands for the socket, which a test cannot make without systemd: it is read by
 * the same calls, and each write is awaited before the next, so that one read gives one write.
 */
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { DatagramInput } from "../../../../../src/inputs/socket/datagram/datagram-input.ts";
import { Ledger } from "../../../../../src/ledger/ledger.ts";
import { systemClock, type Clock } from "../../../../../src/platform/clock.ts";
import { InheritedSockets } from "../../../../../src/platform/sockets/inherited-listener.ts";
import { CollectedLog } from "../../../../support/collected-log.ts";
import { eventually } from "../../../../support/eventually.ts";
import { MemoryIntake } from "../../../../support/events/memory-intake.ts";
import { socketOptions } from "../../../../support/sockets/socket-receiving.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

class Receiving extends MemoryIntake {
  readonly log = new CollectedLog();
  readonly ledger = new Ledger();
  readonly path = join(temporaryDirectory(), "a.sock");
  readonly fd: number;
  readonly inherited: InheritedSockets;
  #tries = 0;

  constructor(kind: "datagram" | "stream" = "datagram") {
    super();
    execFileSync("mkfifo", [this.path]);
    this.fd = openSync(this.path, constants.O_RDWR | constants.O_NONBLOCK);
    const socket = { fd: this.fd, name: undefined, path: this.path, kind };
    this.inherited = new InheritedSockets(this.log, [socket]);
    this.ledger.openInput("apps");
    this.beforeAnswer = () => {
      this.#tries += 1;
      return undefined;
    };
  }

  input(more: Partial<ConstructorParameters<typeof DatagramInput>[2]> = {}, options = {}) {
    const parsed = socketOptions.parse({
      type: "socket",
      path: this.path,
      mode: "datagram",
      ...options,
    });
    const input = new DatagramInput("apps", parsed, {
      ledger: this.ledger,
      clock: systemClock,
      log: this.log,
      inherited: this.inherited,
      origin: { input: "apps", metadata: { host: "here" } },
      ...more,
    });
    onTestFinished(() => input.stop());
    return input;
  }

  /** Resolves when a delivery was tried, and with that, what was sent is read. */
  async asked(): Promise<void> {
    await eventually(() => this.#tries > 0);
  }

  send(text: string): void {
    writeSync(this.fd, text);
  }

  async received(...texts: string[]): Promise<void> {
    await eventually(() => this.count >= texts.length);
    expect(this.texts).toEqual(texts);
  }
}

/** Ten seconds pass in ten milliseconds. */
const quick_clock: Clock = {
  ...systemClock,
  sleep: (delay_ms, stop) => systemClock.sleep(delay_ms / 1000, stop),
};

describe("reading", () => {
  it("datagrams - each is an event, with the socket's path as its source", async () => {
    const receiving = new Receiving();
    const input = receiving.input();
    await input.start(receiving);
    receiving.send("one\n");
    await receiving.received("one");
    receiving.send("two\nlines\0");
    await receiving.received("one", "two\nlines");
    expect(receiving.events[0]!.metadata).toEqual({ host: "here", source: receiving.path });
    const { path } = receiving;
    expect(input.status()).toEqual({
      type: "socket",
      socket_mode: "datagram",
      listens_on: path,
      socket_path: path,
    });
    const [listening] = receiving.log.of("socket_listening");
    expect(listening!.facts).toMatchObject({ path, from_systemd: true, mode: "datagram" });
  });

  it("datagrams - what a reload says of their metadata holds from then on", async () => {
    const receiving = new Receiving();
    const input = receiving.input();
    await input.start(receiving);
    receiving.send("one");
    await receiving.received("one");
    input.describe({ metadata: { source: "other" } });
    receiving.send("two");
    await receiving.received("one", "two");
    expect(receiving.events[1]!.metadata).toEqual({ source: "other" });
  });

  it("datagrams - while the journal is full no more is read than a part, and all of it is kept after that", async () => {
    const receiving = new Receiving();
    receiving.acceptance = "full";
    await receiving.input().start(receiving);
    receiving.send("one");
    await receiving.asked();
    receiving.send("two");
    receiving.acceptance = "accepted";
    await receiving.received("one", "two");
  });

  it("datagrams - a thread that cannot read is reported, and another one tries again until the stop", async () => {
    const receiving = new Receiving();
    const input = receiving.input({ clock: quick_clock });
    await input.start(receiving);
    closeSync(receiving.fd);
    await eventually(() => receiving.log.of("datagrams_unreadable").length >= 2);
    expect(receiving.log.of("datagrams_unreadable")[0]!.facts).toMatchObject({
      input: "apps",
      path: receiving.path,
    });
    await input.stop();
  });
});

describe("starting", () => {
  it("datagrams - without a socket from systemd the start says how to get one", async () => {
    const receiving = new Receiving();
    const input = receiving.input({ inherited: new InheritedSockets(receiving.log, []) });
    await expect(input.start(receiving)).rejects.toMatchObject({
      code: "socket_unavailable",
      message: expect.stringContaining(`systemd-socket-activate --datagram -l ${receiving.path}`),
    });
  });

  it("datagrams - a socket for connections is refused", async () => {
    const receiving = new Receiving("stream");
    await expect(receiving.input().start(receiving)).rejects.toThrow("they need ListenDatagram=");
  });

  it("datagrams - a socket for datagrams is not taken for connections, nor by two inputs", async () => {
    const receiving = new Receiving();
    const listener = receiving.inherited.find("apps", receiving.path)!;
    const taker = { connected: () => undefined, failed: () => undefined };
    await expect(listener.take(taker)).rejects.toThrow("connections need ListenStream=");
    await receiving.input().start(receiving);
    await expect(receiving.input().start(receiving)).rejects.toThrow("another input has taken it");
  });

  it("datagrams - a descriptor that nothing can wait for is refused, and free for the next", async () => {
    const receiving = new Receiving();
    const fd = openSync(join(temporaryDirectory(), "file"), "w+");
    const socket = { fd, name: "apps", path: undefined, kind: undefined };
    const inherited = new InheritedSockets(receiving.log, [socket]);
    for (let round = 0; round < 2; round += 1) {
      const input = receiving.input({ inherited });
      await expect(input.start(receiving)).rejects.toThrow("its datagrams cannot be read");
    }
    closeSync(fd);
  });
});

describe("stopping", () => {
  it("datagrams - what is there is read before the stop, and the socket can be read again", async () => {
    const receiving = new Receiving();
    const input = receiving.input();
    await input.start(receiving);
    receiving.send("one");
    await input.stop();
    expect(receiving.texts).toEqual(["one"]);
    receiving.send("two");
    await receiving.input().start(receiving);
    await receiving.received("one", "two");
    expect(receiving.ledger.books().total.lost_bytes).toBe(0);
  });

  it("datagrams - what was read and cannot be kept is booked as lost, and what was not read stays in the socket", async () => {
    const receiving = new Receiving();
    receiving.acceptance = "full";
    const input = receiving.input({ clock: quick_clock });
    await input.start(receiving);
    receiving.send("one");
    await receiving.asked();
    await input.stop();
    expect(receiving.ledger.books().total.lost_bytes).toBe(3);
    expect(receiving.log.of("input_data_lost")).toHaveLength(1);
    receiving.send("two");
    receiving.acceptance = "accepted";
    await receiving.input().start(receiving);
    await receiving.received("two");
  });
});

describe("handing over", () => {
  it("datagrams - another input goes on with what is read all the time, and nothing is lost or doubled", async () => {
    const receiving = new Receiving();
    receiving.acceptance = "full";
    const first = receiving.input();
    await first.start(receiving);
    receiving.send("one");
    await receiving.asked();
    const handed = first.handOver()!;
    receiving.send("two");
    receiving.acceptance = "accepted";
    const next = receiving.input({ handed }, { max_event_bytes: "2KiB" });
    await next.start(receiving);
    await receiving.received("one", "two");
    await first.stop();
    receiving.send("three");
    await receiving.received("one", "two", "three");
    expect(receiving.log.of("socket_listening")).toHaveLength(2);
  });

  it("datagrams - a delivery that is in progress at the handing over ends before the next one begins", async () => {
    const receiving = new Receiving();
    const answer = Promise.withResolvers<void>();
    receiving.beforeAnswer = () => answer.promise;
    const first = receiving.input();
    await first.start(receiving);
    receiving.send("one");
    await receiving.received("one");
    const next = receiving.input({ handed: first.handOver() });
    await next.start(receiving);
    receiving.send("two");
    expect(receiving.texts).toEqual(["one"]);
    answer.resolve();
    await receiving.received("one", "two");
  });

  it("datagrams - what is read of a socket that the next input does not have is kept before it fails", async () => {
    const receiving = new Receiving();
    const first = receiving.input();
    await first.start(receiving);
    receiving.send("one");
    const handed = first.handOver();
    const next = receiving.input({ handed }, { path: "/nowhere/else.sock" });
    await expect(next.start(receiving)).rejects.toThrow("none was handed over");
    await receiving.received("one");
    expect(next.handOver()).toBeUndefined();
    await receiving.input().start(receiving);
    receiving.send("two");
    await receiving.received("one", "two");
  });

  it("datagrams - an input that never starts ends what was handed to it", async () => {
    const receiving = new Receiving();
    receiving.acceptance = "full";
    const first = receiving.input();
    await first.start(receiving);
    receiving.send("one");
    await receiving.asked();
    await receiving.input({ handed: first.handOver() }).stop();
    expect(receiving.ledger.books().total.lost_bytes).toBe(3);
    receiving.acceptance = "accepted";
    await receiving.input().start(receiving);
    receiving.send("two");
    await receiving.received("two");
  });
});
