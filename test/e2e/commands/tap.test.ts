/** `tallyman tap` beside the real daemon: what it shows and what it never shows, how it ends, and who may use it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { tallyman } from "../../support/command-line.ts";
import { Daemon } from "../../support/daemon.ts";
import { long, longTest, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { main } from "../../support/program.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const chain = [
  `filter: { drop: 'kind == "noise"' }`,
  "bad: {}",
  `redact: { fields: ["password"], with: "[REDACTED]" }`,
];
const bad_plugin = `export default {
  name: "bad",
  create: () => (event) => (event.get("kind") === "bad" ? event.quarantine("bad") : event),
};
`;
const secret = ["hunter", "2-of-", "this-test"].join("");

interface Shown {
  readonly input: string;
  readonly output: string;
  readonly sent: { readonly event: unknown };
}

function tap(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [main, "tap", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function endOf(child: ChildProcess) {
  const [out, err] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return { status: child.exitCode, out, err };
}

async function setUp(...top: string[]) {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeFileSync(path, "");
  const plugins = join(directory, "plugins");
  mkdirSync(plugins, { mode: 0o755 });
  writeFileSync(join(plugins, "bad.mjs"), bad_plugin, { mode: 0o644 });
  const agent = { directory, url: splunk.url, paths: [path], chain };
  const withTop = (...lines: string[]): string =>
    writeConfig({ ...agent, top: [`plugins_dir: ${plugins}`, ...lines] });
  const config = withTop(...top);
  const socket = join(stateDirectory(agent), "admin.sock");
  const daemon = await Daemon.start(config);
  let n = 0;
  const write = (kind: string): number => {
    n += 1;
    appendFileSync(path, `${JSON.stringify({ n, kind, password: secret })}\n`);
    return n;
  };
  const opened = (count: number) =>
    eventually(() => daemon.entries.filter(({ code }) => code === "tap_opened").length >= count);
  return { withTop, config, socket, daemon, write, opened, splunk };
}

test(
  "tap - what is delivered is shown as it was sent, and nothing else; every way it ends",
  long,
  async () => {
    const { config, socket, daemon, write, opened, splunk } = await setUp();
    const child = tap("-c", config, "--json", "--limit", "3");
    const other = tap("-c", config, "--where", 'kind == "rare"', "--limit", "1");
    // From the beginning: what a process printed before its end is gone if nobody read.
    const chosen_end = endOf(other);
    await opened(2);
    for (const kind of ["good", "noise", "bad", "good", "rare"]) write(kind);
    const { status, out, err } = await endOf(child);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    const shown = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Shown);
    // The very envelopes that have arrived at Splunk.
    expect(shown.map(({ input, output }) => `${input} ${output}`)).toEqual(
      Array(3).fill("audit splunk"),
    );
    expect(shown.map(({ sent }) => JSON.stringify(sent.event))).toEqual(splunk.events);
    expect(out).not.toContain(secret);
    expect(out).toContain("[REDACTED]");
    expect(out).not.toContain("noise");
    expect(out).not.toContain('"bad"');
    const chosen = await chosen_end;
    expect(chosen.status).toBe(0);
    expect(chosen.out).toMatch(
      /^\S+ +audit {2}splunk {2}\{"n":5,"kind":"rare","password":"\[REDACTED\]"\}\n$/,
    );

    // A pipe that is closed ends it quietly, at the next event.
    const piped = tap("-c", config);
    await opened(3);
    piped.stdout!.destroy();
    write("good");
    await once(piped, "exit");
    expect(piped.exitCode).toBe(0);
    expect(await text(piped.stderr!)).toBe("");

    const signals = sampledCases(["SIGHUP", "SIGINT"] as const, 2);
    // So does SIGHUP, as of a terminal that is closed, and Ctrl-C; the agent takes none of it.
    for (const [at, signal] of signals.entries()) {
      const signalled = tap("-c", config);
      await opened(4 + at);
      signalled.kill(signal);
      expect(await endOf(signalled)).toEqual({ status: 0, out: "", err: "" });
    }
    await eventually(
      () =>
        daemon.entries.filter(({ code }) => code === "tap_closed").length === 3 + signals.length,
    );

    // One that reads nothing holds up nobody.
    const slow = tap("-c", config, "--rate", "1000");
    await opened(4 + signals.length);
    slow.kill("SIGSTOP");
    for (let count = 0; count < 3000; count += 1) write("good");
    const before = 4;
    await eventually(async () => (await askStatus(socket)).books.total.delivered === before + 3000);
    slow.kill("SIGKILL");

    // A mistake is reported before anything is asked.
    for (const [args, message] of [
      [["--where", "kind = 1"], "--where is wrong at character 6"],
      [["--input", "audi"], 'there is no input "audi"; did you mean "audit"?'],
      [["--limit", "0"], "expected a number from 1 to"],
    ] as const) {
      const wrong = await tallyman(["tap", "-c", config, ...args]);
      expect(wrong.err).toContain(message);
      expect(wrong.status).toBeGreaterThan(0);
    }

    // The agent's end is said.
    const last = tap("-c", config);
    await opened(5 + signals.length);
    const ended = endOf(last);
    expect(await daemon.stop()).toBe(0);
    expect(await ended).toEqual({
      status: 1,
      out: "",
      err: "tallyman: the tap has ended: the agent has stopped.\n",
    });
  },
);

longTest(
  "tap - over TCP only where that is allowed, and a reload that changes it ends those that are open",
  async () => {
    const port = await freePort();
    const listen = `admin: { socket: false, listen: "127.0.0.1:${port}"`;
    const { withTop, config, daemon, write, opened } = await setUp(`${listen} }`);
    const refused = await tallyman(["tap", "-c", config]);
    expect(refused.status).toBe(1);
    expect(refused.err).toContain("set `admin.tap: true`");

    withTop(`${listen}, tap: true }`);
    await daemon.reload();
    const child = tap("-c", config);
    const lines = createInterface({ input: child.stdout! });
    await opened(1);
    write("good");
    const [line] = (await once(lines, "line")) as [string];
    expect(line).toContain("[REDACTED]");
    const err = text(child.stderr!);
    withTop(`${listen}, tap: false }`);
    await daemon.reload();
    expect(await err).toContain("a reload has changed the options of the admin listener");
    expect((await tallyman(["tap", "-c", config])).err).toContain("set `admin.tap: true`");

    // An agent that is killed is gone.
    withTop(`${listen}, tap: true }`);
    await daemon.reload();
    const orphan = tap("-c", config);
    await opened(2);
    const ended = endOf(orphan);
    process.kill(daemon.pid, "SIGKILL");
    expect(await ended).toMatchObject({
      status: 1,
      err: expect.stringContaining("is gone") as unknown,
    });
  },
);
