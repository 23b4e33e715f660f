/** The socket input in a process of its own: on a socket that a parent hands over, and short of descriptors. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { client, closed } from "../../../support/sockets/socket-receiving.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const program = join(import.meta.dirname, "../../../support/sockets/receive-in-process.ts");

/**
 * Listens as systemd does, without ever accepting: it has the program serve its socket, twice one after the other,
 * and is itself blocked meanwhile.
 */
const parent = `
  const [path, program] = process.argv.slice(1);
  const server = require("node:net").createServer().listen(path, () => {
    for (let run = 0; run < 2; run += 1) {
      const exec = 'LISTEN_PID=$$ exec "$@"';
      const args = ["-c", exec, "sh", process.execPath, program, path];
      const stdio = ["ignore", "inherit", "inherit", server._handle.fd];
      const env = { ...process.env, LISTEN_FDS: "1", LISTEN_FDNAMES: "other" };
      require("node:child_process").spawnSync("sh", args, { stdio, env });
    }
    process.exit();
  })`;

interface Fact {
  event?: string;
  pid?: number;
  listening?: { from_systemd: boolean };
  stopped?: object[];
}

/** Starts a program; what it prints, line by line, as it comes. */
function start(command: string, args: readonly string[]): Fact[] {
  const process = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], detached: true });
  onTestFinished(async () => {
    if (process.exitCode !== null) return;
    // The program's children, too.
    globalThis.process.kill(-process.pid!, "SIGKILL");
    await once(process, "close");
  });
  const facts: Fact[] = [];
  let text = "";
  process.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (text + chunk).split("\n");
    text = lines.pop()!;
    facts.push(...lines.map((line) => JSON.parse(line) as Fact));
  });
  return facts;
}

describe("systemd", () => {
  it("socket - serves a socket that was handed over, and nobody is refused while it restarts", async () => {
    const path = join(temporaryDirectory(), "audit.sock");
    const facts = start(process.execPath, ["-e", parent, path, program]);
    await eventually(() => facts.some(({ listening }) => listening?.from_systemd === true));
    (await client(path)).end("one\nstop\n");
    await eventually(() => facts.some(({ stopped }) => stopped !== undefined));
    const waiting = await client(path);
    waiting.end("two\nstop\n");
    await closed(waiting);
    await eventually(() => facts.filter(({ stopped }) => stopped !== undefined).length === 2);
    const events = facts.filter(({ event }) => event !== undefined);
    expect(events.map(({ event }) => event)).toEqual(["one", "stop", "two", "stop"]);
    expect(new Set(events.map(({ pid }) => pid)).size).toBe(2);
  });
});

describe("descriptors", () => {
  it("socket - goes on when there are no file descriptors left for a while", async () => {
    const path = join(temporaryDirectory(), "audit.sock");
    const limited = 'ulimit -n 60; exec "$@"';
    const facts = start("sh", ["-c", limited, "sh", process.execPath, program, path]);
    await eventually(() => facts.some(({ listening }) => listening !== undefined));
    const sockets = await Promise.all(Array.from({ length: 100 }, () => client(path)));
    await Promise.race(sockets.map((socket) => closed(socket)));
    for (const socket of sockets) socket.destroy();
    await eventually(async () => {
      const next = await client(path);
      next.end("served\n");
      await closed(next);
      return facts.some(({ event }) => event === "served");
    });
    (await client(path)).end("stop\n");
    await eventually(() => facts.some(({ stopped }) => stopped !== undefined));
    const { stopped } = facts.find((fact) => fact.stopped !== undefined)!;
    expect(stopped).toEqual([
      {
        code: "socket_connections_limited",
        input: "apps",
        max_connections: 1024,
        spare_descriptors: expect.any(Number),
      },
    ]);
  });
});
