/** A TCP port on loopback that nobody listens on, for daemons that have to find it again after a restart. */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

/** From here on the system gives ports to connections, which may take one that a daemon has left for a moment. */
const ephemeral_from = Number(
  /^\d+/.exec(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8"))![0],
);
const lowest = 10_000;
const highest = Math.max(ephemeral_from, lowest + 1000);

/** Ports of one process: what has one may be down for a moment, and no other test may take it meanwhile. */
const own_ports = 200;
const sets = Math.floor((highest - lowest) / own_ports);
const first = lowest + (process.pid % sets) * own_ports;
const given = { count: randomInt(own_ports) };

export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + (given.count % own_ports);
    given.count += 1;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
