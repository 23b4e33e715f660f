/** The connection to a cluster, where servers come and go. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { NatsLink } from "../../../../src/platform/nats/connection.ts";
import { natsOutputOptions } from "../../../../src/output/nats/options.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { eventually } from "../../../support/eventually.ts";
import { has_nats, NatsCluster } from "../../../support/nats/cluster.ts";
import { FakeNatsServer, greet, info_line } from "../../../support/nats/fake-server.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

test.runIf(has_nats)("servers that were away at the start are tried later", async () => {
  const [first, later] = [await start(), await start()];
  const [server] = later.servers;
  await server!.kill();
  const on = (cluster: NatsCluster) => (link: NatsLink) =>
    cluster.urls[0] === `nats://${link.server}`;
  // Each tries them in an order of its own, and nothing is seen of one that begins with the server that is there.
  const links = Array.from({ length: 6 }, () => linkTo([...first.urls, ...later.urls]));
  await eventually(() => links.every(on(first)));
  server!.start();
  await first.servers[0]!.kill();
  await eventually(() => links.every(on(later)));
});

test.runIf(has_nats)("a password that is replaced while a cluster refuses it is used", async () => {
  const file = join(temporaryDirectory(), "password");
  writeFileSync(file, "old");
  const cluster = await NatsCluster.start({
    servers: 2,
    more: `authorization { user: "web-1", password: "new" }`,
    client: { user: "web-1", pass: "new" },
  });
  const log = new CollectedLog();
  const link = linkTo(cluster.urls, { log, password_file: file });
  await eventually(() => log.of("nats_unreachable").length > 0);
  writeFileSync(file, "new");
  await eventually(() => link.server !== undefined);
});

test("messages arrive whole, in whatever pieces they come", async () => {
  // Lengths beside those of pieces, none, and one that is longer than any that room is made for at once.
  const sizes = [0, 1, 999, 1000, 1001, 65_536, 900_000, 17 * 1024 * 1024, 5];
  const bodies = sizes.map((size, number) => Buffer.alloc(size, `${number}:abcdefg`));
  const text = Buffer.concat(
    bodies.flatMap((body) => [
      Buffer.from(`HMSG s 1 12 ${12 + body.length}\r\nNATS/1.0\r\n\r\n`),
      body,
      Buffer.from("\r\n"),
    ]),
  );
  const pieces = [1, 1000, 65_536, 1_000_000];
  const server = await FakeNatsServer.start((socket, before) => {
    greet(socket);
    const serve = (data: Buffer): void => {
      if (!data.includes("SUB ")) return;
      socket.off("data", serve);
      const length = pieces[before]!;
      const [slow, rest] = [text.subarray(0, 4000 * length), text.subarray(4000 * length)];
      for (let at = 0; at < slow.length; at += length) socket.write(slow.subarray(at, at + length));
      socket.write(rest);
    };
    socket.on("data", serve);
  });
  for (const _ of pieces) {
    const link = linkTo([server.url]);
    await eventually(() => link.connection !== undefined);
    const got: Buffer[] = [];
    const take = (data: Uint8Array): void => void got.push(Buffer.from(data));
    link.connection!.subscribe("s", { callback: (__, { data }) => take(data) });
    await eventually(() => got.length === bodies.length);
    for (const [number, body] of bodies.entries()) expect(got[number]!.equals(body)).toBe(true);
    await link.close();
  }
});

describe("a server that accepts connections and says nothing", () => {
  test("leaves no socket of an attempt that was given up", async () => {
    const server = await FakeNatsServer.start(() => undefined);
    linkTo([server.url], { connect_timeout: "100ms" });
    await eventually(() => server.accepted >= 4);
    await eventually(() => server.open <= 1);
  });

  test("is left when its link is closed, whether it has ever spoken or not", async () => {
    const silent = await FakeNatsServer.start(() => undefined);
    // The first connection is a good one, and the next is the one that waits.
    const fallen = await FakeNatsServer.start((socket, before) => {
      if (before > 0) return;
      greet(socket);
      socket.once("data", () => setImmediate(() => socket.destroySoon()));
    });
    for (const server of [silent, fallen]) {
      const link = linkTo([server.url], { connect_timeout: "1m" });
      await eventually(() => server.accepted === (server === silent ? 1 : 2));
      await link.close();
      await eventually(() => server.open === 0);
    }
    expect([silent.accepted, fallen.accepted]).toEqual([1, 2]);
  });
});

describe("a server that sends what is not NATS", () => {
  const secret = "hunter2";
  const cases: Record<string, (socket: Socket) => void> = {
    "instead of its first line": (socket) => socket.write(`+OK ${secret}\r\n`),
    "as its first line": (socket) => socket.write(`INFO {"server_id":${secret}}\r\n`),
    "before it is connected": (socket) => socket.write(`${info_line}${secret}\r\n`),
    "as soon as it is connected": (socket) => {
      socket.write(info_line);
      socket.on("data", (data) => data.includes("PING") && socket.write(`PONG\r\n${secret}\r\n`));
    },
    "once it is connected": (socket) => {
      greet(socket);
      socket.on("data", () => setImmediate(() => socket.write(`INFO {${secret}}\r\n`)));
    },
    "as a message": (socket) => {
      greet(socket);
      socket.write(`MSG ${secret}\r\n`);
    },
  };
  test.each(Object.entries(cases))("%s is left, and nothing of it is printed", async (_, serve) => {
    const methods = ["log", "info", "warn", "error", "debug", "trace"] as const;
    const printed = methods.map((each) => vi.spyOn(console, each).mockReturnValue());
    onTestFinished(() => void vi.restoreAllMocks());
    const server = await FakeNatsServer.start(serve);
    const log = new CollectedLog();
    const link = linkTo([server.url], { log });
    // It is tried again, though it keeps its connections open.
    await eventually(() => server.accepted >= 3);
    await link.close();
    await eventually(() => server.open === 0);
    expect(printed.flatMap(({ mock }) => mock.calls)).toEqual([]);
    expect(log.of("nats_unreachable").length).toBeGreaterThan(0);
    expect(log.text).not.toContain(secret);
  });
});

function start(): Promise<NatsCluster> {
  return NatsCluster.start({ servers: 1 });
}

interface LinkFacts {
  log?: CollectedLog;
  /** Of the user web-1; read again when it is replaced. */
  password_file?: string;
  connect_timeout?: string;
}

function linkTo(
  servers: readonly string[],
  { log = new CollectedLog(), password_file, connect_timeout }: LinkFacts = {},
): NatsLink {
  const user =
    password_file === undefined
      ? {}
      : { user: "web-1", password: readFileSync(password_file, "utf8") };
  const options = natsOutputOptions().parse({
    type: "nats",
    agent: "agent-1",
    servers,
    ...user,
    ...(connect_timeout !== undefined && { connect_timeout }),
  });
  if (password_file !== undefined)
    options.password!.follow({
      files: [password_file],
      read: () => readFileSync(password_file, "utf8"),
    });
  const link = new NatsLink(options, {
    role: "agent",
    name: "agent-1",
    clock: fastClock(20),
    log,
    logged: {},
  });
  onTestFinished(() => link.close());
  link.start();
  return link;
}
