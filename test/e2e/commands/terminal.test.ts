/** What is live on a terminal, on a real one: `status --watch`, `top` and `run`, their keys and their end. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filter, redact, stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { writeEvents } from "../../support/files/audit-files.ts";
import { tallyman } from "../../support/command-line.ts";
import { isInstalled } from "../../support/commands.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, long, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { main } from "../../support/program.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { Tmux } from "../../support/terminal/tmux.ts";

const program = `${process.execPath} ${main}`;
const title = /^tallyman \S+ process \d+, ready/m;

async function setUp() {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "audit.log");
  writeEvents(path, 0, 800);
  const agent = { directory, url: splunk.url, paths: [path], chain: [filter, redact] };
  return {
    directory,
    path,
    config: writeConfig(agent),
    socket: join(stateDirectory(agent), "admin.sock"),
  };
}

/** The settings of the terminal, but for its size. */
function settings(file: string): string {
  return readFileSync(file, "utf8").replace(/^.*rows.*$/m, "");
}

/** The cursor is seen, and neither the other screen nor the mouse is left on. */
function isAsItWas(terminal: Tmux): boolean {
  const modes = ["alternate_on", "cursor_flag", "mouse_any_flag", "wrap_flag"] as const;
  return terminal.state(...modes) === "alternate_on=0 cursor_flag=1 mouse_any_flag=0 wrap_flag=1";
}

test.runIf(is_long && isInstalled("tmux"))(
  "terminal - status --watch and top: keys, sizes, a restart of the agent, and the terminal as it was",
  long,
  async () => {
    const { directory, config, socket } = await setUp();
    const daemon = await Daemon.start(config);
    await eventually(async () => (await askStatus(socket)).books.total.delivered === 700);
    const terminal = new Tmux(80, 24);
    const [before, after] = [join(directory, "before"), join(directory, "after")];
    terminal.type(
      `PS1=; stty -a > ${before}; ${program} status ${config} --watch 0.5; echo "rc=$?"`,
    );
    await terminal.shows(title);
    terminal.resize(200, 50);
    await terminal.shows(/^tallyman .{150,} UTC$/m);
    terminal.keys("C-c");
    await terminal.shows(/^rc=0$/m);
    terminal.resize(80, 24);

    terminal.type(
      `clear; ${program} top ${config} --interval 0.5; echo "rc=$?"; stty -a > ${after}`,
    );
    const first = await terminal.shows(/q quit/);
    expect(first).toMatch(/^books +800 received = 700 delivered \+ 100 filtered$/m);
    expect(first.split("\n").filter((line) => line.length > 80)).toEqual([]);
    terminal.keys("Down");
    await terminal.shows(/^▶ audit file, 1 file/m);
    terminal.keys("Enter");
    await terminal.shows(/^input audit$[\s\S]*\/audit\.log: /m);
    terminal.keys("Escape");
    await terminal.shows(/^INPUTS/m);
    terminal.keys("s");
    await terminal.shows(/sort \(busiest first\)/);
    terminal.keys("p");
    await terminal.shows(/PAUSED/);
    terminal.keys("p");
    await daemon.crash();
    await terminal.shows(/The agent is not answering since \d\d:\d\d:\d\d UTC; trying again/);
    const next = await Daemon.start(config);
    await terminal.shows(new RegExp(`^tallyman \\S+ process ${next.pid}, `, "m"));
    terminal.keys("q");
    await terminal.shows(/^rc=0$/m);
    await eventually(() => existsSync(after) && settings(after) === settings(before));
    expect(isAsItWas(terminal)).toBe(true);

    // A signal, and a terminal that goes away: both end it, and nothing is left that runs.
    const pid = join(directory, "pid");
    terminal.type(`clear; sh -c 'echo $$ > ${pid}; exec ${program} top ${config}'; echo "rc=$?"`);
    await terminal.shows(/q quit/);
    process.kill(Number(readFileSync(pid, "utf8")), "SIGTERM");
    await terminal.shows(/^rc=0$/m);
    terminal.type(`clear; sh -c 'echo $$ > ${pid}; exec ${program} top ${config}'`);
    await terminal.shows(/q quit/);
    terminal.close();
    await eventually(() => !existsSync(`/proc/${readFileSync(pid, "utf8").trim()}`));
    expect(await next.stop()).toBe(0);
  },
);

test.runIf(isInstalled("tmux"))(
  "terminal - run: log above the view, sizes, Ctrl-S, Ctrl-C, a terminal that goes away, and nothing of it in a pipe",
  async () => {
    const { directory, path, config, socket } = await setUp();
    const [before, after, pid] = ["before", "after", "pid"].map((each) =>
      join(directory, each),
    ) as [string, string, string];
    const run = `sh -c 'echo $$ > ${pid}; exec ${program} run ${config}'`;
    const isGone = (): boolean => !existsSync(`/proc/${readFileSync(pid, "utf8").trim()}`);
    const delivered = (count: number): Promise<void> =>
      eventually(async () => (await askStatus(socket)).books.total.delivered === count);
    const terminal = new Tmux(80, 24);
    terminal.type(`PS1=; stty -a > ${before}; clear; ${run}; echo "rc=$?"; stty -a > ${after}`);
    const first = await terminal.shows(/^books +800 received = 700 delivered \+ 100 filtered$/m);
    expect(first).toMatch(/^\d\d:\d\d:\d\d ● Running\..*\n\n● All is well, .* ctrl-c stops\nin /m);
    expect(first.match(/ctrl-c stops/g)).toHaveLength(1);
    terminal.resize(200, 50);
    await terminal.shows(/^● All is well, .* {100,}.* ctrl-c stops$/m);

    // The terminal is stopped; the agent is not.
    terminal.keys("C-s");
    writeEvents(path, 800, 1600);
    await delivered(1400);
    expect(terminal.screen()).toContain("800 received");
    terminal.keys("C-q");
    await terminal.shows(/^books +1,600 received/m);
    terminal.keys("C-c");
    const last = await terminal.shows(/^rc=0$/m);
    expect(last).toMatch(
      /Stopped\. Final event counts\. 1,600 received = 1,400 delivered \+ 200 filtered\nrc=0$/m,
    );
    expect(last).not.toContain("ctrl-c");
    terminal.resize(80, 24);
    await eventually(() => existsSync(after) && settings(after) === settings(before));
    expect(isAsItWas(terminal)).toBe(true);

    terminal.type(`clear; ${run}`);
    await terminal.shows(/ctrl-c stops/);
    terminal.keys("C-s");
    process.kill(Number(readFileSync(pid, "utf8")), "SIGTERM");
    await eventually(isGone);
    terminal.keys("C-q");

    const piped = join(directory, "piped");
    terminal.type(`clear; ${run} 2>&1 | tee ${piped}; echo "rc=$?"`);
    await terminal.shows(/"code":"running"/);
    process.kill(Number(readFileSync(pid, "utf8")), "SIGTERM");
    await terminal.shows(/^rc=0$/m);
    for (const line of readFileSync(piped, "utf8").trim().split("\n")) JSON.parse(line);

    // What the terminal's end means to it is SIGHUP: it reloads, and goes on.
    terminal.type(`clear; ${run}`);
    await terminal.shows(/ctrl-c stops/);
    terminal.close();
    writeEvents(path, 1600, 2400);
    await delivered(2100);
    process.kill(Number(readFileSync(pid, "utf8")), "SIGTERM");
    await eventually(isGone);
  },
);

/** Each size is in a sample, and colour and none, too. */
const looks = [
  [80, 24, true],
  [200, 50, true],
  [200, 50, false],
  [80, 24, false],
] as const;

test.runIf(is_long && isInstalled("tmux"))(
  "terminal - tap, check and quarantine list: both sizes, with colour and without, and the terminal as it was",
  long,
  async () => {
    const { directory, path, config, socket } = await setUp();
    const daemon = await Daemon.start(config);
    appendFileSync(path, "this is no JSON\n");
    await eventually(async () => (await askStatus(socket)).books.total.quarantined === 1);
    const piped = await tallyman(["check", "-c", config]);
    const words = new Set(piped.out.split(/\s+/));
    const [before, after] = [join(directory, "before"), join(directory, "after")];
    const terminal = new Tmux(80, 24);
    terminal.type(`PS1=; stty -a > ${before}`);
    let taps = 0;
    let runs = 0;
    for (const [columns, rows, colour] of sampledCases(looks, 2)) {
      const environment = colour ? "" : "NO_COLOR=1 ";
      /** Each ends with a line of its own, since the screen may still show that of the one before. */
      const run = (command: string): string => {
        runs += 1;
        const end = `run ${runs}:`;
        terminal.type(`clear; ${environment}${program} ${command} -c ${config}; echo "${end} $?"`);
        return `${end} 0`;
      };
      const name = `${columns}x${rows}, ${colour ? "colour" : "no colour"}`;
      const isColoured = (): boolean => terminal.styledScreen().includes("\u001b[");
      terminal.resize(columns, rows);

      const check_end = run("check");
      const checked = await terminal.shows(new RegExp(`^${check_end}$`, "m"));
      expect(
        checked
          .replace(check_end, "")
          .split(/\s+/)
          .filter((word) => !/^\(?[\d.]*$/.test(word) && !words.has(word)),
        name,
      ).toEqual([]);
      expect(isColoured(), name).toBe(colour);

      const list_end = run("quarantine list");
      const listed = await terminal.shows(new RegExp(`^${list_end}$`, "m"));
      expect(listed, name).toMatch(
        /^ID +TIME \(UTC\) +INPUT .* SIZE\n[0-9a-f]{12} .* audit .* \d+\n1 event, /m,
      );
      expect(isColoured(), name).toBe(colour);

      const tap_end = run("tap");
      taps += 1;
      await eventually(
        () => daemon.entries.filter(({ code }) => code === "tap_opened").length === taps,
      );
      appendFileSync(path, `${JSON.stringify({ n: taps, api: { name: "x".repeat(300) } })}\n`);
      await terminal.shows(/^\d\d:\d\d:\d\d {4}audit {2}splunk {2}\{"n":.*…\nshowing \d/m);
      expect(isColoured(), name).toBe(colour);
      terminal.resize(rows, columns);
      terminal.resize(columns, rows);
      terminal.keys("C-c");
      await terminal.shows(new RegExp(`^Shown 1 of 1 events that passed\\.\\n${tap_end}$`, "m"));
      expect(isAsItWas(terminal), name).toBe(true);
    }
    terminal.resize(80, 24);
    terminal.type(`stty -a > ${after}`);
    await eventually(() => existsSync(after) && settings(after) === settings(before));
    expect(await daemon.stop()).toBe(0);
  },
);

test.runIf(is_long && isInstalled("tmux"))(
  "terminal - without Unicode and colour top draws in ASCII",
  long,
  async () => {
    const { config } = await setUp();
    await Daemon.start(config);
    const terminal = new Tmux(80, 24);
    terminal.type(`PS1=; clear; LC_ALL=C NO_COLOR=1 ${program} top ${config}`);
    const screen = await terminal.shows(/q quit/);
    expect(screen).toMatch(/^\* All is well, and every event is accounted for\.$/m);
    expect(screen).toMatch(/^[\n\u0020-\u007e]*$/);
    terminal.keys("q");
  },
);
