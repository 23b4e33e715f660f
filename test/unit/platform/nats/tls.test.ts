/** TLS of a connection to NATS: what a server is told that does not begin it. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { natsOutputOptions } from "../../../../src/output/nats/options.ts";
import { NatsLink } from "../../../../src/platform/nats/connection.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { eventually } from "../../../support/eventually.ts";

/** What a server says that is none, or that somebody has changed on its way. */
const announced = { server_id: "x", version: "2.10.0", proto: 1, headers: true, max_payload: 1e6 };

test.each([
  ["announces none", {}, "server does not support 'tls'"],
  ["announces it in a way of its own", { tls_available: 1 }, "does not begin TLS"],
  ["announces it as a text", { tls_available: "yes" }, "does not begin TLS"],
])("a server that %s is told nothing", async (_what, tls, said) => {
  for (const user of [{}, { user: "me", password: "s3cr3t-password" }]) {
    const server = await listen({ ...announced, ...tls });
    const log = new CollectedLog();
    const options = { type: "nats", agent: "agent-1", servers: [server.url], ...user };
    const link = new NatsLink(natsOutputOptions().parse(options), {
      role: "agent",
      name: "agent-1",
      clock: fastClock(20),
      log,
      logged: {},
    });
    onTestFinished(() => link.close());
    link.start();
    await eventually(() => server.connections() > 1);
    expect(server.heard()).toBe("");
    expect(link.connection).toBeUndefined();
    expect(log.of("nats_unreachable")[0]?.facts["error"]).toContain(said);
  }
});

async function listen(
  info: object,
): Promise<{ url: string; heard: () => string; connections: () => number }> {
  let [heard, connections] = ["", 0];
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      heard += bytes.toString("latin1");
      if (heard.includes("PING")) socket.write("PONG\r\n");
    });
    socket.write(`INFO ${JSON.stringify(info)}\r\n`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    url: `tls://127.0.0.1:${port}`,
    heard: () => heard,
    connections: () => connections,
  };
}
