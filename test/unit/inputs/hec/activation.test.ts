/** A receiver on a socket that a parent hands over, as systemd does. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { RawClient, requestText, token } from "../../../support/hec/receiver.ts";

const program = join(import.meta.dirname, "../../../support/hec/hec-in-process.ts");

/**
 * Listens as systemd does, without ever accepting: it has the program serve its port, twice one after the other, and
 * is itself blocked meanwhile.
 */
const parent = `
  const server = require("node:net").createServer().listen(0, "127.0.0.1", () => {
    process.stdout.write(JSON.stringify({ port: server.address().port }) + "\\n");
    for (let run = 0; run < 2; run += 1) {
      const args = ["-c", 'LISTEN_PID=$$ exec "$@"', "sh", process.execPath, ...process.argv.slice(1)];
      const stdio = ["ignore", "inherit", "inherit", server._handle.fd];
      const env = { ...process.env, LISTEN_FDS: "1", LISTEN_FDNAMES: "weka" };
      require("node:child_process").spawnSync("sh", args, { stdio, env });
    }
    process.exit();
  })`;

interface Fact {
  port?: number;
  listening?: { from_systemd: boolean; port: number };
  event?: string;
  pid?: number;
}

test("hec - serves a port that was handed over, and nobody is refused while it restarts", async () => {
  const child = spawn(process.execPath, ["-e", parent, program, "weka", "127.0.0.1:1", token], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    // The program that it has started, too.
    process.kill(-child.pid!, "SIGKILL");
    await once(child, "close");
  });
  const facts: Fact[] = [];
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (text + chunk).split("\n");
    text = lines.pop()!;
    facts.push(...lines.map((line) => JSON.parse(line) as Fact));
  });
  await eventually(() => facts.some(({ listening }) => listening?.from_systemd === true));
  const port = facts[0]!.port!;
  // Each is answered, although the second comes when the first process is gone, and the next may not be there yet.
  for (let run = 0; run < 2; run += 1) {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    const client = new RawClient(socket);
    client.write(requestText('{"event":"stop"}', { Connection: "close" }));
    await client.until(/HTTP\/1\.1 200 OK/);
    await eventually(() => facts.filter(({ event }) => event === "stop").length === run + 1);
    await isGone(facts.findLast(({ event }) => event === "stop")!.pid!);
  }
  const pids = facts.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  expect(new Set(pids).size).toBe(2);
});

/** Resolves when the process has ended. */
async function isGone(pid: number): Promise<void> {
  await eventually(() => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
}
