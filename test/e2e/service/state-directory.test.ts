/**
 * The state directory against who would have tallyman overwrite, read or wait for something, or run twice on it: the real
 * daemon among what was planted there.
 */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sumOf } from "../../../src/ledger/books.ts";
import { writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, long, longTest, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { askStatus } from "../../support/reports/metrics.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { client } from "../../support/sockets/socket-receiving.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

interface Place {
  state: string;
  config: string;
  splunk: Splunk;
}

async function place(): Promise<Place> {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const log = join(directory, "audit.log");
  writeFileSync(log, '{"number":1}\n');
  const config = writeConfig({ directory, url: splunk.url, paths: [log], lifecycle: "{}" });
  return { state: join(directory, "state"), config, splunk };
}

/** Waits until the state has all that is delivered, so that nothing is left to be saved. */
async function written(state: string): Promise<void> {
  await eventually(async () => {
    const { books, books_written } = await askStatus(join(state, "admin.sock"));
    const all = Object.values(books_written).map(({ delivered }) => sumOf(delivered));
    const delivered = all.reduce((sum, count) => sum + count, 0);
    return books.total.in_flight === 0 && delivered === books.total.delivered;
  });
}

/** Starts a daemon that does not come far; its exit status, and what it said. */
async function refusal(config: string): Promise<{ status: number | string; text: string }> {
  const daemon = Daemon.spawn(["run", "-c", config]);
  const status = await daemon.exited;
  return { status, text: daemon.lines.join("\n") };
}

describe("what was planted", () => {
  test("state directory - a link under the name of a file that is written leads nowhere", async () => {
    const { state, config, splunk } = await place();
    mkdirSync(state, { mode: 0o700 });
    const victims = ["state.json.new", "lifecycle.json", "lifecycle.json.new", "lock"].map(
      (name) => {
        const victim = join(state, `../..`, `victim-${name}`);
        writeFileSync(victim, "precious\n");
        symlinkSync(victim, join(state, name));
        return victim;
      },
    );
    // Where something else than a lock is in the place of one, it is put aside.
    const daemon = await Daemon.start(config);
    await splunk.until(() => splunk.events.length >= 1);
    expect(await daemon.stop()).toBe(0);
    for (const victim of victims) expect(readFileSync(victim, "utf8")).toBe("precious\n");
    for (const name of ["state.json", "lifecycle.json"]) {
      expect(lstatSync(join(state, name)).isFile()).toBe(true);
    }
  });

  test.runIf(is_long).each(["state.json", "journal/tallyman/0000000000000000.journal"])(
    "state directory - a pipe as %s is named, and the process ends",
    long,
    async (name) => {
      const { state, config } = await place();
      mkdirSync(join(state, name, ".."), { recursive: true, mode: 0o700 });
      execFileSync("mkfifo", [join(state, name)]);
      const { status, text } = await refusal(config);
      expect(status).toBe(1);
      expect(text).toContain(`${join(state, name)} is not a regular file`);
    },
  );

  test.each(sampledCases(["lock", "journal", "quarantine/replay", "quarantine"], 4))(
    "state directory - what is of another kind than %s is named, and stays",
    long,
    async (name) => {
      const { state, config } = await place();
      const path = join(state, name);
      mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
      if (name === "lock") mkdirSync(path);
      else symlinkSync(join(state, "nowhere"), path);
      const { status, text } = await refusal(config);
      expect(status).toBe(1);
      expect(text).toMatch(new RegExp(`${path} is (a|not a) directory; see who made it`));
      expect(existsSync(path) || lstatSync(path).isSymbolicLink()).toBe(true);
    },
  );

  test("state directory - that others may write is refused, and nothing in it is touched", async () => {
    const { state, config } = await place();
    mkdirSync(state);
    writeFileSync(join(state, "planted"), "");
    chmodSync(state, 0o777);
    const { status, text } = await refusal(config);
    expect(status).toBe(1);
    expect(text).toContain("others can change the state directory");
    expect(text).toContain(`chmod go-w '${state}'`);
    rmSync(join(state, "planted"));
    // A container's new volume: it is tallyman's own and nobody has put anything there, so it is closed.
    const daemon = await Daemon.start(config);
    expect(statSync(state).mode & 0o7777).toBe(0o700);
    expect(await daemon.stop()).toBe(0);
  });
});

describe("a journal whose files are gone", () => {
  const cases = [
    ["of an input that is not configured any more", "other: { type: socket, path: SOCKET }"],
    ["of an input", "apps: { type: socket, path: SOCKET, confirm: true }"],
  ] as const;
  const name = "state directory - %s: what was in it is counted, and told to Splunk";

  test.runIf(is_long).each(cases)(name, long, async (_, input) => {
    const { state, splunk } = await place();
    const path = join(state, "..", "apps.sock");
    const inputs = ["apps: { type: socket, path: SOCKET, confirm: true }", input].map((line) => [
      line.replace("SOCKET", path),
    ]);
    const directory = join(state, "..");
    const closed = `http://127.0.0.1:${await freePort()}`;
    const top = ["shutdown_timeout: 1s"];
    const first = await Daemon.start(
      writeConfig({ directory, url: closed, inputs: inputs[0]!, top }),
    );
    const socket = await client(path);
    socket.end('{"number":1}\n'.repeat(100));
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toBe("ok 100\n");
    expect(await first.stop()).toBe(0);
    rmSync(join(state, "journal"), { recursive: true });
    const config = writeConfig({ directory, url: splunk.url, inputs: inputs[1]!, top });
    const second = await Daemon.start(config);
    await splunk.until(() => splunk.events.length >= 1 || !second.alive);
    expect(await second.stop()).toBe(0);
    expect(splunk.events.map((event) => JSON.parse(event) as object)).toEqual([
      expect.objectContaining({ input: "apps", reason: "journal_damaged", count: 100 }),
    ]);
    expect(second.books.inputs["apps"]).toMatchObject({
      received: 100,
      dropped: { journal_damaged: 100 },
      in_flight: 0,
    });
    const third = await Daemon.start(config);
    expect(await third.stop()).toBe(0);
    expect(third.books.inputs["apps"]).toMatchObject({ dropped: { journal_damaged: 100 } });
  });
});

describe("two daemons", () => {
  longTest(
    "state directory - the second is refused though the lock's file is gone, until the first is killed",
    async () => {
      const { state, config } = await place();
      const first = await Daemon.start(config);
      const named = await refusal(config);
      expect([named.status, named.text]).toEqual([
        1,
        expect.stringContaining(`process ${first.pid}`),
      ]);
      rmSync(join(state, "lock"));
      const unnamed = await refusal(config);
      expect(unnamed.status).toBe(1);
      expect(unnamed.text).toContain("another tallyman is using");
      await first.crash();
      const second = await Daemon.start(config);
      expect(await second.stop()).toBe(0);
    },
  );

  test("state directory - one that is put in the place of the locked one is not written to", async () => {
    const { state, config, splunk } = await place();
    const first = await Daemon.start(config);
    await splunk.until(() => splunk.events.length >= 1);
    await written(state);
    // So that it never looks while there is none; and not in the middle of a save, which would fail in another way.
    await eventually(async () => {
      first.signal("SIGSTOP");
      await eventually(() => readFileSync(`/proc/${first.pid}/stat`, "utf8").includes(") T "));
      const is_between = !readdirSync(state).some((name) => name.endsWith(".new"));
      if (!is_between) first.signal("SIGCONT");
      return is_between;
    });
    renameSync(state, `${state}-moved`);
    mkdirSync(state, { mode: 0o700 });
    first.signal("SIGCONT");
    appendFileSync(join(state, "..", "audit.log"), '{"number":2}\n');
    const failed = await first.logged(({ level, file }) => level === "error" && file !== undefined);
    expect(failed["error"]).toContain(`${state} is not the directory that this process has locked`);
    expect(readdirSync(state)).toEqual([]);
    rmSync(state, { recursive: true });
    renameSync(`${state}-moved`, state);
    expect(await first.stop()).toBe(0);
    expect(readFileSync(join(state, "state.json"), "utf8")).not.toBe("");
  });

  longTest(
    "state directory - the second is refused under another name of the directory, too",
    async () => {
      const { state, config } = await place();
      const first = await Daemon.start(config);
      rmSync(join(state, "lock"));
      renameSync(state, `${state}-moved`);
      symlinkSync(`${state}-moved`, state);
      expect(await refusal(config)).toMatchObject({ status: 1 });
      await first.crash();
    },
  );
});
