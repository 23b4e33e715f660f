/**
 * Those who try events in bad ways, over the real socket: slow, broken off, too long, many at once, beside a reload and at the
 * end of the agent. Nothing hangs, others are served, and no process is left.
 */
import { once } from "node:events";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { TryReport } from "../../../src/admin/web/tried-event.ts";
import { redact, stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, long, longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const body_bytes_max = 6 * 64 * 1024 + 1024;
const looping = `export default {
  name: "p",
  create: () => (event) => {
    for (; event.get("loop");) {}
    return event;
  },
};
`;
const question = JSON.stringify({ input: "audit", text: '{"n":1}' });
const endless = JSON.stringify({ input: "audit", text: '{"loop":true}' });

async function setUp() {
  const directory = temporaryDirectory();
  const plugins = join(directory, "plugins");
  mkdirSync(plugins, { mode: 0o755 });
  writeFileSync(join(plugins, "p.mjs"), looping, { mode: 0o644 });
  const splunk = await Splunk.start();
  const agent = {
    directory,
    url: splunk.url,
    paths: [join(directory, "audit.log")],
    chain: [redact, "p: {}"],
    top: [`plugins_dir: ${plugins}`, "plugin_timeout: 5m"],
  };
  const config = writeConfig(agent);
  const daemon = await Daemon.start(config);
  return { daemon, config, at: join(stateDirectory(agent), "admin.sock") };
}

function headOf(more: string): string {
  return `POST /page/try HTTP/1.1\r\nHost: localhost\r\nX-Tallyman-Page: try\r\n${more}\r\n\r\n`;
}

/** A connection, and all that comes over it until it is closed. */
async function connect(at: string): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = createConnection(at);
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  let received = "";
  socket.setEncoding("utf8").on("data", (more: string) => (received += more));
  const answer = new Promise<string>((resolve) => socket.once("close", () => resolve(received)));
  await once(socket, "connect");
  return { socket, answer };
}

async function send(at: string, text: string): Promise<string> {
  const { socket, answer } = await connect(at);
  socket.write(text);
  return answer;
}

async function tryIt(at: string, body: string): Promise<TryReport | "busy"> {
  const answer = await send(at, headOf(`Content-Length: ${body.length}`) + body);
  if (/^HTTP\/1\.1 429 [^]*\r\nretry-after: 5\r\n/i.test(answer)) return "busy";
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n"))) as TryReport;
}

/** The processes that try an event for this agent, or have. */
function trialsOf({ pid }: Daemon): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const [, parent] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, "utf8"))!;
      return Number(parent) === pid;
    } catch {
      return false;
    }
  });
}

async function trialUnderWay(daemon: Daemon): Promise<string> {
  await eventually(() => trialsOf(daemon).length === 1);
  return trialsOf(daemon)[0]!;
}

/** Whether a process runs; what nobody has waited for yet is over. */
function runs(pid: string): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

test(
  "hostile tries - slow, broken off, too long and many: all end, and others are served",
  long,
  async () => {
    const { daemon, at } = await setUp();
    // Bytes that come one by one do not keep a connection.
    const slow = await Promise.all(Array.from({ length: 20 }, () => connect(at)));
    for (const { socket } of slow) socket.write(headOf("Content-Length: 1000"));
    const trickle = setInterval(() => {
      for (const { socket } of slow) if (socket.writable) socket.write(" ");
    }, 100);
    onTestFinished(() => clearInterval(trickle));
    expect(await tryIt(at, question)).toMatchObject({ kind: "tried", events: [{ fate: "kept" }] });
    for (const { answer } of slow) expect(await answer).not.toContain(" 200 ");
    clearInterval(trickle);

    for (let count = 0; count < (is_long ? 10 : 4); count += 1) {
      const { socket, answer } = await connect(at);
      // In turn within the body and in the middle of the trial.
      const whole = headOf(`Content-Length: ${question.length}`) + question;
      socket.write(whole.slice(0, count % 2 === 0 ? -5 : undefined));
      await new Promise((resolve) => setTimeout(resolve, 10));
      socket.destroy();
      await answer;
    }

    const too_long = "x".repeat(body_bytes_max + 1);
    const chunked = `${too_long.length.toString(16)}\r\n${too_long}\r\n0\r\n\r\n`;
    expect(await send(at, headOf(`Content-Length: ${too_long.length}`) + too_long)).toContain(
      " 413 ",
    );
    expect(await send(at, headOf("Transfer-Encoding: chunked") + chunked)).toContain(" 413 ");
    // It is told before it has sent all that it has announced.
    const { socket, answer } = await connect(at);
    socket.write(headOf("Content-Length: 1000000000") + too_long);
    expect(await answer).toContain(" 413 ");

    await eventually(() => trialsOf(daemon).length === 0);
    const at_once = is_long ? 12 : 5;
    const many = await Promise.all(Array.from({ length: at_once }, () => tryIt(at, question)));
    const tried = many.filter((each) => each !== "busy" && each.kind === "tried");
    const busy = many.filter((each) => each === "busy");
    expect(tried.length).toBeGreaterThan(0);
    expect(busy.length).toBeGreaterThan(0);
    expect(tried.length + busy.length).toBe(at_once);

    await eventually(() => trialsOf(daemon).length === 0);
    expect(await tryIt(at, question)).toMatchObject({ kind: "tried" });
    expect((await askStatus(at)).books.total.received).toBe(0);
    expect(await daemon.stop()).toBe(0);
  },
);

longTest(
  "hostile tries - one that never ends holds up no reload, and ends with the agent",
  async () => {
    const { daemon, config, at } = await setUp();
    const endless_try = send(at, headOf(`Content-Length: ${endless.length}`) + endless);
    const trial = await trialUnderWay(daemon);
    const whole = headOf(`Content-Length: ${question.length}`) + question;
    const waiting = Array.from({ length: 3 }, () => send(at, whole));
    appendFileSync(config, "shutdown_timeout: 20s\n");
    expect((await daemon.reload()).code).toBe("reloaded");
    expect(runs(trial)).toBe(true);
    expect(await tryIt(at, question)).toBe("busy");
    // One whose body never comes, too.
    const { socket, answer } = await connect(at);
    socket.write(headOf("Content-Length: 1000"));
    expect(await daemon.stop()).toBe(0);
    await Promise.all([endless_try, answer, ...waiting]);
    await eventually(() => !runs(trial));
  },
);

longTest("hostile tries - an agent that is killed leaves no trial behind", async () => {
  const { daemon, at } = await setUp();
  const endless_try = send(at, headOf(`Content-Length: ${endless.length}`) + endless);
  const trial = await trialUnderWay(daemon);
  await daemon.crash();
  await endless_try;
  await eventually(() => !runs(trial));
});
