/** A log that nobody reads, as when the reader of a pipe hangs or a terminal is stopped: events go on, and the agent ends. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { filter, redact, stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { writeEvents } from "../../support/files/audit-files.ts";
import { isInstalled } from "../../support/commands.ts";
import { is_long, long } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { main } from "../../support/program.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { Tmux } from "../../support/terminal/tmux.ts";

async function setUp() {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeEvents(path, 0, 800);
  const agent = { directory, url: splunk.url, paths: [path], chain: [filter, redact] };
  const config = writeConfig(agent);
  const socket = join(stateDirectory(agent), "admin.sock");
  const delivered = (count: number): Promise<void> =>
    eventually(
      async () => existsSync(socket) && (await askStatus(socket)).books.total.delivered === count,
    );
  return { directory, path, config, delivered };
}

interface Pipe {
  readonly writer: number;
  readonly fill: () => void;
  readonly drain: () => string;
}

/** A pipe that nobody reads but `drain`. */
function pipeIn(directory: string): Pipe {
  const path = join(directory, "pipe");
  expect(spawnSync("mkfifo", [path]).status).toBe(0);
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  onTestFinished(() => [reader, writer].forEach(closeSync));
  const fill = (): void => {
    untilBlocked(() => writeSync(reader, Buffer.alloc(4096, "-")));
    untilBlocked(() => writeSync(reader, "-"));
  };
  const drain = (): string => {
    const bytes = Buffer.alloc(65_536);
    let text = "";
    untilBlocked(() => {
      text += bytes.toString("utf8", 0, readSync(reader, bytes));
    });
    return text;
  };
  return { writer, fill, drain };
}

function untilBlocked(act: () => void): void {
  try {
    for (;;) act();
  } catch (cause) {
    expect(cause).toMatchObject({ code: "EAGAIN" });
  }
}

test("unread log - a pipe that is full from the start costs no event, and the agent ends", async () => {
  const { directory, path, config, delivered } = await setUp();
  const { writer, fill, drain } = pipeIn(directory);
  fill();
  const agent = spawn(process.execPath, [main, "run", "-c", config], {
    stdio: ["ignore", "ignore", writer],
  });
  onTestFinished(() => void agent.kill("SIGKILL"));
  const ended = once(agent, "exit");
  await delivered(700);
  expect(drain()).toMatch(/^-+$/);
  await eventually(() => drain().includes('"code":"running"'));
  fill();
  writeEvents(path, 800, 1600);
  await delivered(1400);
  agent.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

test.runIf(is_long && isInstalled("tmux"))(
  "unread log - a terminal that is stopped by Ctrl-S costs no event, without the live view, too",
  long,
  async () => {
    const { directory, path, config, delivered } = await setUp();
    const pid = join(directory, "pid");
    const terminal = new Tmux(80, 24);
    const run = `sh -c 'echo $$ > ${pid}; exec ${process.execPath} ${main} run --no-live ${config}'`;
    terminal.type(`PS1=; clear; ${run}; echo "rc=$?"`);
    await delivered(700);
    terminal.keys("C-s");
    // More than a terminal holds for its reader.
    const number = Number(readFileSync(pid, "utf8"));
    for (let count = 0; count < 100; count += 1) {
      process.kill(number, "SIGHUP");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    writeEvents(path, 800, 1600);
    await delivered(1400);
    process.kill(number, "SIGTERM");
    await eventually(() => !existsSync(`/proc/${number}`));
    terminal.keys("C-q");
    await terminal.shows(/^rc=0$/m);
  },
);
