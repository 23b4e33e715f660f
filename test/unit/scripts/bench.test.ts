/** The benchmark's command line, and that its sink counts what it is to count. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { parts } from "../../../bench/parts.ts";
import { longTest } from "../../support/effort.ts";

const bench = new URL("../../../bench/", import.meta.url).pathname;

function run(...args: string[]) {
  return spawnSync(process.execPath, [`${bench}run.ts`, ...args], { encoding: "utf8" });
}

longTest("says how it is used, with every part, and refuses what it does not know", () => {
  const { status, stdout } = run("--help");
  expect(status).toBe(0);
  for (const { name, says } of parts) {
    expect(stdout).toContain(name);
    expect(stdout).toContain(says);
  }
  const refused = run("--only", "throughput,nothing");
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain("nothing");
  expect(refused.stderr).toContain("--help");
});

test("the sink counts a marker once, wherever the body is cut", async () => {
  const sink = spawn(process.execPath, [`${bench}support/sink.ts`, "--marker", "requestID"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void sink.kill());
  const [line] = (await once(createInterface({ input: sink.stdout }), "line")) as [string];
  const { port } = JSON.parse(line) as { port: number };
  const body = '{"requestID":1}{"event":"{\\"requestID\\":2}"}requestI';
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  let requests = 0;
  for (let cut = 1; cut < body.length; cut += 1) {
    socket.write(`POST / HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, cut)}`);
    // So that the rest comes as a part of its own.
    await new Promise((resolve) => setImmediate(resolve));
    socket.write(body.slice(cut));
    await once(socket, "data");
    requests += 1;
  }
  socket.end();
  const totals = await fetch(`http://127.0.0.1:${port}/totals`);
  expect(await totals.json()).toMatchObject({ requests, events: 2 * requests });
});
