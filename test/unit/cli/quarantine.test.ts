/** `tallyman quarantine` as an administrator sees it: what it prints, what it refuses, and that no event harms a terminal. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { StateFile } from "../../../src/ledger/state-file.ts";
import { StateLock } from "../../../src/ledger/state-lock.ts";
import { QuarantineRequests } from "../../../src/output/quarantine/requests.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { CollectedLog } from "../../support/collected-log.ts";
import { tallyman, type Ended } from "../../support/command-line.ts";
import { writeConfiguration } from "../../support/configuration.ts";
import { longTest } from "../../support/effort.ts";
import {
  linesLeft,
  linesToReplay,
  quarantineLine,
  writeQuarantine,
} from "../../support/quarantine/quarantine-lines.ts";
import { main } from "../../support/program.ts";

function quarantine(...args: string[]): Promise<Ended> {
  return tallyman(["quarantine", ...args]);
}

/** A configuration whose secret is not to be had here, and a quarantine with these lines. */
function prepare(lines: string[]): { file: string; state_dir: string; directory: string } {
  const file = writeConfiguration(`state_dir: state
inputs:
  audit: { paths: ["/var/log/audit.log"] }
output: { url: "https://splunk:8088", token: "\${env:NOT_SET_HERE}" }
`);
  const state_dir = join(dirname(file), "state");
  const directory = join(state_dir, "quarantine");
  writeQuarantine(directory, { "quarantine.jsonl": lines });
  return { file, state_dir, directory };
}

async function idsIn(file: string): Promise<string[]> {
  const { out } = await quarantine("list", "-c", file, "--json");
  const lines = out.trimEnd().split("\n");
  return lines.map((line) => (JSON.parse(line) as { id: string }).id);
}

/** The files below the directory that this process has open. */
function openBelow(directory: string): string[] {
  const open = readdirSync("/proc/self/fd").map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      // Closed meanwhile.
      return "";
    }
  });
  return open.filter((path) => path.startsWith(directory));
}

describe("list", () => {
  test("quarantine list - one line an event, the newest last, and the counts", async () => {
    const { file } = prepare([
      quarantineLine(1),
      quarantineLine(2, { reason: "splunk_too_large", code: 27, input: "web" }),
      "{damaged",
    ]);
    const { status, out } = await quarantine("list", "-c", file);
    expect(status).toBe(0);
    const lines = out.split("\n");
    expect(lines[0]).toMatch(/^ID +TIME \(UTC\) +INPUT +REASON +CODE +SIZE$/);
    expect(lines[1]).toMatch(/^[0-9a-f]{12} 2025-03-21 06:37:27 audit +unreadable +\d+$/);
    expect(lines[2]).toMatch(/^[0-9a-f]{12} 2025-03-21 06:37:27 web +splunk_too_large +27 +\d+$/);
    expect(lines[3]).toContain("(a damaged line)");
    expect(out).toMatch(/2 events, \d+ bytes\n1 damaged lines/);
    expect((await quarantine("list", "-c", file, "--reason", "unreadable")).out).toContain(
      "1 event,",
    );
    expect((await quarantine("list", "-c", file, "--since", "1h")).out).toBe(
      "No matching events in quarantine.\n",
    );
    const counts = await quarantine("list", "-c", file, "--summary", "--json");
    expect(JSON.parse(counts.out)).toMatchObject({
      events: 2,
      damaged: 1,
      by_reason: { unreadable: 1, splunk_too_large: 1 },
      by_input: { audit: 1, web: 1 },
    });
  });

  test("quarantine list - says that nothing is there, also where there is no quarantine at all", async () => {
    const { file } = prepare([]);
    expect(await quarantine("list", "-c", file)).toMatchObject({ status: 0, err: "" });
  });

  longTest(
    "quarantine list - many and long lines take no more memory than few and short ones",
    async () => {
      const { file, directory } = prepare([]);
      const wide = quarantineLine(1, { text: "x".repeat(20_000_000) });
      const short = Array.from({ length: 20_000 }, (_, number) => quarantineLine(number));
      writeQuarantine(directory, {
        "quarantine.jsonl.1": [wide, wide, wide],
        "quarantine.jsonl": [...short, wide],
      });
      const limits = `ulimit -v unlimited; exec "$0" --max-old-space-size=40 "$@"`;
      const args = [main, "quarantine", "list", "-c", file, "--json"];
      const run = spawnSync("sh", ["-c", limits, process.execPath, ...args], {
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
      });
      expect(run.status).toBe(0);
      expect(run.stdout.trimEnd().split("\n")).toHaveLength(20_004);
    },
  );

  test("quarantine list - a reader that has read enough ends it", async () => {
    const { file, directory } = prepare([]);
    const lines = Array.from({ length: 20_000 }, (_, number) => quarantineLine(number));
    writeQuarantine(directory, { "quarantine.jsonl": lines });
    const command = `"$0" dist/tallyman.js quarantine list -c "$1" | head -n 2`;
    const run = spawnSync("sh", ["-c", command, process.execPath, file], { encoding: "utf8" });
    expect(run.stdout.split("\n")).toHaveLength(3);
    expect(run.stderr).toBe("");
  });
});

describe("what an event can do to a terminal", () => {
  const evil = "\u001b]0;pwned\u0007\u001b[2J\u009b31m\u202etxt.\r\n\u007f\u2028";
  const harmful = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/; // oxlint-disable-line no-control-regex

  test("quarantine - nothing in list, show or their JSON reaches the terminal unescaped", async () => {
    const { file } = prepare([
      quarantineLine(1, {
        reason: `plugin ${evil}`,
        stream: `/var/log/${evil}`,
        detail: evil,
        metadata: { host: evil, fields: { [evil]: evil } },
        text: evil,
      }),
      `damaged ${evil.replaceAll(/[\r\n]/g, "")}`,
    ]);
    const ids = await idsIn(file);
    const outputs = [
      await quarantine("list", "-c", file),
      await quarantine("list", "-c", file, "--json"),
      await quarantine("list", "-c", file, "--summary", "--json"),
      await quarantine("show", "-c", file, ...ids),
      await quarantine("show", "-c", file, ids[0]!, "--json"),
    ];
    for (const { status, out, err } of outputs) {
      expect(status).toBe(0);
      expect(err).toBe("");
      expect(harmful.test(out)).toBe(false);
    }
    expect((JSON.parse(outputs[4]!.out) as { text: string }).text).toBe(evil);
    expect(outputs[3]!.out).toContain(String.raw`text: \x1b]0;pwned\x07\x1b[2J\x9b31m\u202etxt.`);
  });
});

describe("show", () => {
  test("quarantine show - all that is kept, and quarantine_unknown_event for what is not there", async () => {
    const { file } = prepare([quarantineLine(1, { masked: true, detail: "at byte 4" })]);
    const [id] = await idsIn(file);
    const { out } = await quarantine("show", "-c", file, id!);
    expect(out).toContain(`id: ${id}\nreplay: possible only with --masked`);
    expect(out).toContain("detail: at byte 4\n");
    expect(out).toContain("text: event 1\n");
    const unknown = await quarantine("show", "-c", file, "0123\u001b456789ab");
    expect(unknown).toMatchObject({ status: 1, out: "" });
    expect(unknown.err).toContain(String.raw`has the id 0123\x1b456789ab`);
  });

  test("quarantine show - a damaged line is shown as it is, also as JSON", async () => {
    const bad = quarantineLine(2).replace('"host"', '"ho');
    const { file } = prepare(["{damaged", bad]);
    const [one, two] = await idsIn(file);
    expect(await quarantine("show", "-c", file, one!, two!)).toMatchObject({
      status: 0,
      out: `id: ${one}\na damaged line:\n{damaged\n\nid: ${two}\na damaged line:\n${bad}\n\n`,
    });
    const json = await quarantine("show", "-c", file, one!, "--json");
    expect(JSON.parse(json.out)).toEqual({ damaged: "{damaged" });
  });
});

describe("purge and replay without an agent", () => {
  test("quarantine purge - removes, books, and leaves the state to the next agent", async () => {
    const { file, directory, state_dir } = prepare([quarantineLine(1), quarantineLine(2)]);
    const [id] = await idsIn(file);
    expect((await quarantine("purge", "-c", file, id!, "--yes")).out).toMatch(
      /^Removed 1 event \(/,
    );
    expect(linesLeft(directory)).toEqual([quarantineLine(2)]);
    const state = await new StateFile(state_dir).read();
    expect(state!.inputs["audit"]!.quarantine_removed).toEqual({ quarantine_purged: 1 });
    expect(readdirSync(state_dir).toSorted()).toEqual(["quarantine", "state.json"]);
  });

  test("quarantine replay - says what is left, and why", async () => {
    const { file, directory } = prepare([
      quarantineLine(1),
      quarantineLine(2, { masked: true }),
      quarantineLine(3, { text: null }),
    ]);
    const [, masked, no_text] = await idsIn(file);
    const { status, out } = await quarantine("replay", "-c", file, "--all");
    expect(status).toBe(0);
    expect(out).toContain(
      "Replayed: 1 event. They go through the chain again when the agent starts",
    );
    expect(out).toContain("Left in quarantine: 2 events.");
    expect(out).toContain(`${masked}: replay is possible only with --masked`);
    expect(out).toContain(`${no_text}: replay is impossible`);
    expect(linesToReplay(directory)).toEqual([quarantineLine(1)]);
    const bytes = quarantineLine(1).length + 1;
    expect((await quarantine("list", "-c", file)).out).toContain(
      `${bytes} bytes of other events are being`,
    );
    await quarantine("replay", "-c", file, "--all", "--masked");
    expect(linesLeft(directory)).toEqual([quarantineLine(3, { text: null })]);
  });

  test("quarantine - what is not said clearly is refused, and nothing happens", async () => {
    const { file, directory } = prepare([quarantineLine(1)]);
    for (const name of ["purge", "replay"]) {
      expect(await quarantine(name, "-c", file)).toMatchObject({ status: 2, out: "" });
      expect((await quarantine(name, "-c", file, "--all", "--input", "audit")).status).toBe(2);
      expect((await quarantine(name, "-c", file, "--before", "yesterday")).status).toBe(2);
      expect((await quarantine(name, "-c", file, "0123456789ab", "--yes")).status).not.toBe(0);
    }
    expect((await quarantine("purge", "-c", file, "--all")).err).toContain("--yes");
    expect(linesLeft(directory)).toEqual([quarantineLine(1)]);
  });

  test("quarantine - an agent that holds the state and cannot be asked is not gone around", async () => {
    const { file, directory, state_dir } = prepare([quarantineLine(1)]);
    const lock = await StateLock.acquire(state_dir);
    const run = await quarantine("purge", "-c", file, "--all", "--yes");
    await lock.release();
    expect(run.status).toBe(1);
    expect(run.err).toContain("another tallyman");
    expect(linesLeft(directory)).toHaveLength(1);
  });

  test("quarantine - what is in the way of a replay is named, and nothing is lost", async () => {
    const { file, directory } = prepare([quarantineLine(1)]);
    writeFileSync(join(directory, "replay"), "");
    const run = await quarantine("replay", "-c", file, "--all");
    expect(run.status).toBe(1);
    expect(run.err).toContain(join(directory, "replay"));
    expect(linesLeft(directory)).toHaveLength(1);
  });

  test("quarantine - a failure is reported, with quarantine_failed, and loses nothing", async () => {
    const { file, directory } = prepare([quarantineLine(1)]);
    // Where the rest is to be written.
    mkdirSync(join(directory, "quarantine.jsonl.new", "in-the-way"), { recursive: true });
    const run = await quarantine("replay", "-c", file, "--all");
    expect(run.status).toBe(1);
    expect(run.err).toContain("cannot take events out of quarantine");
    expect(linesLeft(directory)).toHaveLength(1);
  });

  test("quarantine - what cannot be read is reported, with quarantine_unreadable, and nothing stays open", async () => {
    const { file, directory } = prepare([]);
    mkdirSync(join(directory, "quarantine.jsonl.1"));
    const run = await quarantine("list", "-c", file);
    expect(run.status).toBe(1);
    expect(run.err).toContain("cannot read the quarantine in");
    expect(openBelow(directory)).toEqual([]);
  });

  test.runIf(process.getuid?.() === 0)(
    "quarantine - who may read, but not ask the agent, is told so",
    async () => {
      const { file, state_dir, directory } = prepare([quarantineLine(1)]);
      const requests = new QuarantineRequests({
        clock: systemClock,
        log: new CollectedLog(),
        extract: () => Promise.reject(new Error("asked")),
      });
      await requests.open(state_dir);
      for (const path of [dirname(file), state_dir, directory]) chmodSync(path, 0o755);
      chmodSync(file, 0o644);
      chmodSync(join(directory, "quarantine.jsonl"), 0o644);
      const as_nobody = [
        "--reuid",
        "65534",
        "--regid",
        "65534",
        "--clear-groups",
        process.execPath,
      ];
      const args = [main, "quarantine", "purge", "-c", file, "--all", "--yes"];
      const run = spawnSync("setpriv", [...as_nobody, ...args], { encoding: "utf8" });
      await requests.close();
      expect(run.status).toBe(1);
      expect(run.stderr).toContain("this user has no permission to send requests");
    },
  );

  test.runIf(process.getuid?.() === 0)(
    "quarantine - root acts as the owner of the state directory",
    async () => {
      const { file, directory, state_dir } = prepare([
        quarantineLine(1),
        quarantineLine(2, { text: null }),
      ]);
      const nobody = 65534;
      for (const path of [state_dir, directory, join(directory, "quarantine.jsonl")])
        chownSync(path, nobody, nobody);
      chownSync(dirname(file), nobody, nobody);
      // In a process of its own, which has their rights from then on.
      const run = spawnSync(process.execPath, [main, "quarantine", "replay", "-c", file, "--all"]);
      expect(run.status).toBe(0);
      const made = readdirSync(state_dir, { recursive: true, encoding: "utf8" });
      for (const name of made)
        expect([name, statSync(join(state_dir, name)).uid]).toEqual([name, nobody]);
      expect(linesLeft(directory)).toEqual([quarantineLine(2, { text: null })]);
    },
  );
});

test("quarantine - every help fits a terminal and has an example", async () => {
  for (const name of [[], ["list"], ["show"], ["purge"], ["replay"]]) {
    const { status, out } = await quarantine(...name, "--help");
    expect(status).toBe(0);
    expect(out).toContain("$ tallyman quarantine ");
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  }
});

test("quarantine - a time without a zone is UTC, as times are listed, wherever the command runs", async () => {
  const { file } = prepare([quarantineLine(1), quarantineLine(2)]);
  const time = "2025-03-21 06:37:27.002";
  const args = ["list", "-c", file, "--summary", "--json", "--since", time];
  const { stdout } = spawnSync(process.execPath, [main, "quarantine", ...args], {
    encoding: "utf8",
    env: { ...process.env, TZ: "America/New_York" },
  });
  expect(JSON.parse(stdout)).toMatchObject({ events: 1 });
});
