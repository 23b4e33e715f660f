/** `tallyman status` beside the real daemon: what it shows, what it warns of, and its exit status. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { ask } from "../../../src/admin/ask.ts";
import type { Status } from "../../../src/admin/status/status.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { filter, redact, stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { writeEvents } from "../../support/files/audit-files.ts";
import { tallyman, type Ended } from "../../support/command-line.ts";
import { isInstalled } from "../../support/commands.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, long, longTest, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { askStatus, scrape } from "../../support/reports/metrics.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { main } from "../../support/program.ts";

function statusCommand(...args: string[]): Promise<Ended> {
  return tallyman(["status", "--all", ...args]);
}

/** In a process of its own. Not spawnSync, so that the receiver in this process goes on. */
async function statusProcess(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, "status", "--all", ...args]);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const status = await new Promise<number>((resolve) => {
    if (child.exitCode === null) child.once("exit", resolve);
    else resolve(child.exitCode);
  });
  return { status, out, err };
}

async function setUp(input: string[] = []) {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeEvents(path, 0, 800);
  const agent = {
    directory,
    url: splunk.url,
    paths: [path],
    chain: [filter, redact],
    input,
  };
  const socket = join(stateDirectory(agent), "admin.sock");
  return { splunk, path, agent, socket, config: writeConfig(agent) };
}

test("status - an agent that is well: one screen, exit status 0, and the same as JSON", async () => {
  const { config, socket, path } = await setUp();
  const daemon = await Daemon.start(config);
  await eventually(async () => (await askStatus(socket)).books.total.delivered === 700);
  const { status, out, err } = await statusProcess("-c", config);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  expect(out).toContain(`process ${daemon.pid}, ready`);
  expect(out).not.toContain("WARNINGS");
  expect(out).toContain("audit (file), 1 file, no lag");
  expect(out).toMatch(/^ {2}audit filter +800 +0 +100 +0 +0 +[\d.]+$/m);
  expect(out).toMatch(/^ {2}audit redact +700 +700 +0 +0 +0 +[\d.]+$/m);
  expect(out).toMatch(/^ {2}splunk \(splunk_hec\): sending\n {4}delivered within /m);
  expect(out).toMatch(/^ {2}audit +800 +700 +100 +0 +0 +0$/m);
  expect(out).toContain("The books balance.");
  const wide = out.split("\n").filter((line) => line.length > 80);
  // Paths are shown whole.
  expect(wide.filter((line) => !line.includes("/tmp/"))).toEqual([]);

  const short = await tallyman(["status", "-c", config]);
  expect({ status: short.status, err: short.err }).toEqual({ status: 0, err: "" });
  expect(short.out).toContain("All is well, and every event is accounted for.");
  expect(short.out).toMatch(/^books +800 received = 700 delivered \+ 100 filtered$/m);
  const short_lines = short.out.trimEnd().split("\n");
  expect(short_lines.length).toBeLessThanOrEqual(23);
  expect(short_lines.filter((line) => line.length > 80)).toEqual([]);

  const json = await statusCommand("-c", config, "--json");
  expect(json.status).toBe(0);
  const told = JSON.parse(json.out) as Status & { warnings: unknown[] };
  expect(told).toMatchObject({ state: "ready", pid: daemon.pid, warnings: [] });
  expect(told.books.total).toMatchObject({ received: 800, delivered: 700, filtered: 100 });
  expect(told.inputs[0]!.files!.list).toMatchObject([{ path, lag_bytes: 0, state: "live" }]);
  expect(told.outputs[0]!.latency.count).toBe(700);
  expect(Math.abs(told.outputs[0]!.hec!.endpoints[0]!.clock_ahead_seconds!)).toBeLessThan(5);
  expect(await daemon.stop()).toBe(0);
});

test("status - a rejected token and a path without a file are problems: exit status 3", async () => {
  const { splunk, config, agent, path, socket } = await setUp();
  writeConfig({ ...agent, paths: [path, join(agent.directory, "none", "*.log")] });
  splunk.always({ kind: "answer", status: 403, body: '{"text":"Invalid token","code":4}' });
  await Daemon.start(config);
  await eventually(async () => (await askStatus(socket)).outputs[0]!.state === "paused");
  const { status, out } = await statusProcess("-c", config);
  expect(status).toBe(3);
  expect(out).toMatch(/^WARNINGS$/m);
  expect(out).toMatch(/^ {2}audit: \/.*\/none\/\*\.log matches no file$/m);
  expect(out).toMatch(/^ {2}splunk: the token is rejected \(invalid_token\) since \d\d:\d\d UTC$/m);
  expect(out).toMatch(/audit \(file\), 1 file, lag [\d.]+ KiB, /);
  const json = await statusCommand("-c", config, "--json");
  expect(json.status).toBe(3);
  expect(JSON.parse(json.out)).toMatchObject({
    warnings: [{ code: "glob_without_match" }, { code: "output_not_sending" }],
  });
});

longTest(
  "status - a redact step with a slip in its path is a problem: exit status 3, and once in the log",
  async () => {
    const { agent, path, socket } = await setUp();
    const slip = redact.replace("requestHeader.", "requestHeaders.");
    expect(slip).not.toBe(redact);
    const config = writeConfig({ ...agent, chain: [slip] });
    const daemon = await Daemon.start(config);
    const message =
      "audit redact: has found nothing by its rules in 800 events: they are shipped as they are; " +
      "did you mean requestHeader.Authorization for requestHeaders.Authorization?";
    await eventually(async () => (await askStatus(socket)).inputs[0]!.steps[0]!.events === 800);
    const { out, status } = await statusCommand("-c", config);
    expect(status).toBe(3);
    expect(out).toContain(message);
    expect(out).not.toContain("(hint)");
    appendFileSync(path, '{"requestHeaders":{"Authorization":"AWS4-HMAC-SHA256 x"}}\n');
    await eventually(async () => (await askStatus(socket)).inputs[0]!.steps[0]!.changed === 1);
    expect(await statusCommand("-c", config)).toMatchObject({ status: 0 });
    expect(daemon.of("redact_unmatched")).toMatchObject([
      { input: "audit", step: "redact", events: 100 },
    ]);
  },
);

/** Root reads whatever it may not, unless these rights are taken from it. */
const without_rights =
  process.getuid!() === 0
    ? 'set -- setpriv --bounding-set=-dac_override,-dac_read_search "$@";'
    : "";

test.runIf(is_long && (without_rights === "" || isInstalled("setpriv")))(
  "status - what matches and cannot be read is a problem from the first look on, and so is what is no file; none of it is missing",
  long,
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const at = (name: string): string => join(directory, name);
    const closed = at("closed.log");
    writeFileSync(closed, '{"closed":1}\n', { mode: 0 });
    const rotated = at("rotated.log");
    writeFileSync(rotated, '{"rotated":1}\n');
    mkdirSync(at("folder"), { mode: 0 });
    for (const name of ["a.fifo", "b.fifo"]) execFileSync("mkfifo", [at(name)]);
    mkdirSync(at("c.dir"));
    writeFileSync(at("empty.json.gz"), "");
    const misnamed = Buffer.concat([Buffer.from(at("caf")), Buffer.from("e92e6c6f67", "hex")]);
    writeFileSync(misnamed, '{"n":1}\n');
    const config = writeConfig({
      directory,
      url: splunk.url,
      inputs: [
        `closed: { paths: [${closed}], poll_interval: 50ms }`,
        `rotated: { paths: [${rotated}], poll_interval: 50ms }`,
        `folder: { paths: ["${at("folder")}/*.log"], poll_interval: 50ms }`,
        `odd: { paths: [${at("a.fifo")}, "${at("b.*")}", ${at("c.dir")}, "${at("empty*")}", "${at("caf*")}"] }`,
      ],
    });
    const daemon = await Daemon.start(config, {}, without_rights);
    await splunk.until(() => splunk.events.length === 1 || !daemon.alive);
    renameSync(rotated, `${rotated}.1`);
    writeFileSync(rotated, '{"rotated":2}\n', { mode: 0 });
    const socket = join(stateDirectory({ directory, url: "" }), "admin.sock");
    await eventually(async () => {
      const { inputs } = await askStatus(socket);
      return inputs.slice(0, 3).every(({ files }) => files!.unreadable === 1);
    });
    const shown = await statusCommand("-c", config);
    expect(shown.status).toBe(3);
    const paths = { closed, rotated, folder: at("folder") };
    const metrics = await scrape(socket);
    for (const [input, path] of Object.entries(paths)) {
      expect(shown.out).toContain(`${input}: 1 file cannot be read, such as ${path} (EACCES)`);
      expect(metrics.get(`tallyman_input_files_unreadable{input="${input}"}`)).toBe(1);
      expect(metrics.get(`tallyman_input_paths_unmatched{input="${input}"}`)).toBe(0);
    }
    for (const [name, why] of [
      ["a.fifo", "is a named pipe: not followed; use type socket or stdin"],
      ["b.fifo", "is a named pipe: not followed; use type socket or stdin"],
      ["c.dir", `is a directory: write ${at("c.dir")}/*`],
      ["empty.json.gz", "is empty, or nearly so: it is read once more is written to it"],
      [String.raw`caf\xe9.log`, "has a name that is not UTF-8, and cannot be followed; rename it"],
    ]) {
      expect(shown.out).toContain(`odd: ${at(name!)} ${why}`);
    }
    expect(metrics.get('tallyman_input_files_refused{input="odd"}')).toBe(5);
    expect(shown.out).not.toContain("matches no file");

    for (const path of [closed, rotated]) chmodSync(path, 0o600);
    await splunk.until(() => splunk.events.length === 3 || !daemon.alive);
    rmdirSync(at("folder"));
    await eventually(async () => (await askStatus(socket)).inputs[2]!.files!.unreadable === 0);
    expect((await statusCommand("-c", config)).out).not.toContain("cannot be read");
    expect(await daemon.stop()).toBe(0);
    expect(splunk.events.toSorted()).toEqual(['{"closed":1}', '{"rotated":1}', '{"rotated":2}']);
  },
);

longTest("status - a socket that somebody has removed is a problem: exit status 3", async () => {
  const directory = temporaryDirectory();
  const paths = ["apps", "web"].map((name) => join(directory, `${name}.sock`));
  const inputs = [
    `apps: { type: socket, path: ${paths[0]} }`,
    `web: { type: hec, listen: "unix:${paths[1]}", tokens: ["${"t".repeat(20)}"] }`,
  ];
  const splunk = await Splunk.start();
  const config = writeConfig({ directory, url: splunk.url, inputs });
  const daemon = await Daemon.start(config);
  expect(await statusCommand("-c", config)).toMatchObject({ status: 0 });
  rmSync(paths[0]!);
  rmSync(paths[1]!);
  // What is no socket is none of ours either.
  writeFileSync(paths[1]!, "");
  // Whoever asks again at once gets what was seen a moment ago.
  await eventually(async () => (await statusCommand("-c", config)).status === 3);
  const { out } = await statusCommand("-c", config);
  for (const name of ["apps", "web"]) {
    expect(out).toContain(`${name}: its socket is gone from its path`);
  }
  expect(await daemon.stop()).toBe(0);
});

test("status - where no agent runs it says so: exit status 1", async () => {
  const { config, socket } = await setUp();
  const expected = {
    status: 1,
    out: "",
    err: expect.stringContaining(
      `cannot ask the agent at ${socket}: no agent is running there`,
    ) as string,
  };
  expect(await statusCommand("-c", config)).toEqual(expected);
  // A crash leaves the socket's file.
  const daemon = await Daemon.start(config);
  await daemon.crash();
  expect(await statusCommand("-c", config)).toEqual(expected);
});

longTest(
  "status - without a socket it asks on loopback, and with neither it says that it cannot",
  async () => {
    const { config, agent } = await setUp();
    const port = await freePort();
    writeConfig({ ...agent, top: [`admin: { socket: false, listen: "127.0.0.1:${port}" }`] });
    const daemon = await Daemon.start(config);
    expect((await statusCommand("-c", config)).out).toContain(`process ${daemon.pid}, `);
    writeConfig({ ...agent, top: ["admin: { socket: false }"] });
    expect(await statusCommand("-c", config)).toMatchObject({
      status: 1,
      err: expect.stringContaining("the agent cannot be reached") as string,
    });
  },
);

const foreign_answers = ['{"version":"\u001b[31m","warnings":[]}', "null", "{}", '"x"', "hello"];

test.each(sampledCases(foreign_answers, foreign_answers.length))(
  "status - another program that answers %j where the agent listened is told of",
  long,
  async (body) => {
    const { config, agent } = await setUp();
    const other = createHttpServer((_, response) => response.end(body)).listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    writeConfig({ ...agent, top: [`admin: { socket: false, listen: "127.0.0.1:${port}" }`] });
    const { status, err } = await statusCommand("-c", config);
    expect(status).toBe(1);
    expect(err).toMatch(
      /^tallyman: (the process that answers there is not a tallyman agent|the running agent is version)/,
    );
    expect(err).not.toContain("\u001b");
  },
);

longTest(
  "status - an agent whose port is taken does not start, says so, and lets go of everything",
  async () => {
    const { config, agent, socket } = await setUp();
    const taken = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void taken.close());
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    writeConfig({ ...agent, top: [`admin: { listen: "127.0.0.1:${port}" }`] });
    const refused = Daemon.spawn(["run", "-c", config]);
    expect(await refused.exited).toBe(1);
    expect(refused.lines.join("\n")).toContain(`cannot listen on 127.0.0.1:${port}`);
    expect(existsSync(socket)).toBe(false);
  },
);

longTest("status - names in a terminal stay text", async () => {
  const { config, agent, socket } = await setUp();
  const hostile = join(agent.directory, "\u001b[31mred\u202e.log");
  writeFileSync(hostile, '{"a":1}\n');
  writeConfig({ ...agent, paths: [join(agent.directory, "*.log")] });
  await Daemon.start(config);
  await eventually(async () => (await askStatus(socket)).inputs[0]!.files!.followed === 2);
  const { out } = await statusCommand("-c", config);
  expect(out).toContain(String.raw`\x1b[31mred\u202e.log`);
  expect(out).not.toContain("\u001b");
});

test("readiness - an agent that stops is not ready, works all the same, and tells how it goes on", async () => {
  const { splunk, config, agent, socket, path } = await setUp();
  writeConfig({ ...agent, top: ["shutdown_timeout: 20s"] });
  splunk.always({ kind: "answer", status: 503, body: '{"text":"Server is busy","code":9}' });
  const daemon = await Daemon.start(config);
  const get = (at: string) => ask({ method: "GET", path: at, at: socket }, systemClock);
  expect(await get("/readyz")).toEqual({ status: 200, body: "ready\n" });
  appendFileSync(path, '{"a":1}\n');
  daemon.signal("SIGTERM");
  await eventually(async () => (await get("/readyz")).status === 503);
  expect(await get("/readyz")).toEqual({ status: 503, body: "stopping\n" });
  expect(await get("/healthz")).toEqual({ status: 200, body: "ok\n" });
  expect((await askStatus(socket)).books.total.in_flight).toBeGreaterThan(0);
  splunk.always({ kind: "normal" });
  expect(await daemon.exited).toBe(0);
});

test("status - its help fits a terminal and has an example", async () => {
  const { status, out } = await statusCommand("--help");
  expect(status).toBe(0);
  expect(out).toContain("$ tallyman status -c");
  for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});
