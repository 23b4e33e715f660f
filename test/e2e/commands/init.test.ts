/**
 * `tallyman init` as a process: its questions on a real terminal, and from nothing to the first event at Splunk in the rights
 * that a unit gives, with the tokens nowhere but in their files.
 */
import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { is_long, long, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { isInstalled } from "../../support/commands.ts";
import { main } from "../../support/program.ts";
import { Splunk, valid_token } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { keys, typeOn, type Typed } from "../../support/terminal/typed-terminal.ts";

const can_type = isInstalled("script");
const is_root = process.getuid!() === 0 && isInstalled("setpriv");
const no_units = { SYSTEMD_UNIT_PATH: "/nowhere", CI: "" };

/** The questions, and what somebody types who has a file to follow. */
function answersFor(log: string, url: string): Typed[] {
  const { enter, down, clear } = keys;
  return [
    { when: "Which logs?", type: down.repeat(6) + enter },
    { when: "Where are the files?", type: log + enter },
    { when: "Which index", type: enter },
    // A mistake is explained, and can be corrected.
    { when: "HTTP Event Collector?", type: `splunk${enter}` },
    { when: "expected a URL", type: clear + url + enter },
    { when: "The token for it?", type: valid_token + enter },
    { when: "Write ", type: enter },
  ];
}

test.runIf(can_type)(
  "init - asks on a terminal, shows no token, and leaves the terminal as it was",
  async () => {
    const cwd = temporaryDirectory();
    const splunk = await Splunk.start();
    const log = join(cwd, "audit.log");
    writeFileSync(log, '{"password":"x","user":"ann"}\n');
    const environment = { ...no_units, LC_ALL: "C", NO_COLOR: "1" };
    const shown = await typeOn(["init"], answersFor(log, splunk.url), { cwd, environment });
    expect(shown.status, shown.text).toBe(0);
    expect(shown.after).toBe(shown.before);
    expect(shown.text).not.toContain(valid_token);
    expect(shown.text).toContain("  tallyman run\r\n  tallyman status\r\n");
    // Neither colour nor anything that this locale cannot show.
    const coloured = shown.text.split("\u001B[").filter((part) => /^[\d;]*m/.test(part));
    expect(coloured).toEqual([]);
    expect(Buffer.byteLength(shown.text)).toBe(shown.text.length);
    expect(readdirSync(cwd).toSorted()).toEqual(["audit.log", "config.yaml", "splunk_token"]);
    expect((statSync(join(cwd, "splunk_token")).mode & 0o777).toString(8)).toBe("600");
    // The doctor's test event has gone to Splunk.
    expect(splunk.indexed.map(({ sourcetype }) => sourcetype)).toContain("tallyman:doctor");

    const again = answersFor(log, splunk.url).slice(0, 5);
    const kept = { when: "Use the token in", type: keys.enter };
    const no = { when: "Replace ", type: keys.enter };
    const before = readFileSync(join(cwd, "config.yaml"), "utf8");
    const refused = await typeOn(["init"], [...again, kept, no], { cwd, environment });
    expect(refused.text).toContain("Nothing was written.");
    expect([refused.status, refused.after]).toEqual([130, refused.before]);
    expect(readFileSync(join(cwd, "config.yaml"), "utf8")).toBe(before);
  },
);

test.runIf(is_long && can_type)(
  "init - Ctrl-C at any question leaves nothing, and the terminal as it was",
  long,
  async () => {
    const cwd = temporaryDirectory();
    const all = answersFor(join(cwd, "no.log"), "http://127.0.0.1:1");
    const at = (count: number): Typed[] => [
      ...all.slice(0, count),
      { when: all[count]!.when, type: keys.interrupt },
    ];
    // One process each: the first question, one in the middle, the hidden one, and the last.
    for (const count of sampledCases([5, 0, 3, 6], 4)) {
      const shown = await typeOn(["init"], at(count), { cwd, environment: no_units });
      expect([shown.status, shown.after], shown.text).toEqual([130, shown.before]);
      expect(shown.text).toContain("Nothing was written.");
      expect(readdirSync(cwd)).toEqual([]);
    }
  },
);

test.runIf(is_root && is_long)(
  "init - from nothing to the first event with the rights of a unit; tokens are in their files only",
  long,
  async () => {
    const folder = temporaryDirectory();
    chmodSync(folder, 0o755);
    const splunk = await Splunk.start();
    const port = await freePort();
    const config = join(folder, "etc/config.yaml");
    const [units, given, state] = ["units", "given", "state"].map((name) => join(folder, name));
    for (const directory of [units!, given!, state!]) mkdirSync(directory);
    const [uid, gid] = ["-u", "-g"].map((option) => Number(execFileSync("id", [option, "nobody"])));
    chownSync(state!, uid!, gid!);
    chmodSync(state!, 0o700);
    const stored = join(folder, "etc/splunk_token");
    writeFileSync(
      join(units!, "tallyman.service"),
      [
        `ExecStart=/usr/bin/tallyman run -c ${config}`,
        `LoadCredential=splunk_token:${stored}`,
        "User=nobody",
        "StateDirectory=tallyman-of-a-test",
      ].join("\n"),
    );
    const words = ["init", "weka", "--yes", "--listen", `127.0.0.1:${port}`].concat([
      "--url",
      splunk.url,
      "--token-stdin",
      "--output",
      config,
    ]);
    // The umask of a careful root: what the unit reads must be readable all the same.
    const made = await ended(
      spawn("sh", ["-c", 'umask 077; exec "$@"', "sh", process.execPath, main, ...words], {
        env: { ...process.env, SYSTEMD_UNIT_PATH: units! },
        cwd: folder,
      }),
      `${valid_token}\n`,
    );
    expect(made.status, made.out + made.err).toBe(0);
    expect(made.out).toContain("Checking as user nobody, as tallyman.service runs it.");
    expect(made.out).toMatch(/^0 failed/m);
    // It is not there before the first start.
    expect(made.out.replaceAll(/\s+/g, " ")).toContain(
      "/var/lib/tallyman-of-a-test does not exist yet; systemd makes it when tallyman.service starts",
    );
    expect(made.out).toContain("systemctl enable --now tallyman\n");
    expect(made.out + made.err).not.toContain(valid_token);
    const senders = readFileSync(join(folder, "etc/weka_token"), "utf8").trim();
    expect(modes(folder)).toEqual({
      "etc/config.yaml": "644 0:0",
      "etc/splunk_token": "600 0:0",
      "etc/weka_token": `640 0:${gid}`,
    });

    // As systemd does: the token is copied to where the agent's user may read it.
    const credentials = join(folder, "credentials");
    mkdirSync(credentials);
    copyFileSync(stored, join(credentials, "splunk_token"));
    for (const path of [credentials, join(credentials, "splunk_token")]) {
      chownSync(path, uid!, gid!);
      chmodSync(path, path === credentials ? 0o500 : 0o400);
    }
    const rights = ["--reuid", String(uid), "--regid", String(gid), "--clear-groups"];
    const agent = spawn("setpriv", [...rights, process.execPath, main, "run", "-c", config], {
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        PATH: process.env["PATH"],
        CREDENTIALS_DIRECTORY: credentials,
        STATE_DIRECTORY: state!,
      },
    });
    onTestFinished(() => {
      agent.kill("SIGKILL");
    });
    let log = "";
    agent.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
    await eventually(() => log.includes('"code":"running"') || agent.exitCode !== null);
    const event = {
      time: "2025-03-21T06:37:27Z",
      api: { name: "Get" },
      requestHeader: { Cookie: "s3cr3t" },
    };
    const answer = await fetch(`http://127.0.0.1:${port}/services/collector/raw`, {
      method: "POST",
      headers: { authorization: `Splunk ${senders}` },
      body: JSON.stringify(event),
    });
    expect(answer.status, log).toBe(200);
    await splunk.until(({ indexed }) =>
      indexed.some(({ sourcetype }) => sourcetype === "weka:s3:audit"),
    );
    const first = splunk.indexed.find(({ sourcetype }) => sourcetype === "weka:s3:audit")!;
    expect(first.event.toString()).toContain('"Cookie":"[REDACTED]"');

    const processes = globSync("/proc/[0-9]*/cmdline").map(textOf).join("\n");
    for (const token of [valid_token, senders]) {
      expect(log).not.toContain(token);
      expect(processes).not.toContain(token);
    }
    agent.kill("SIGTERM");
    await new Promise((resolve) => agent.once("close", resolve));
    const readable = globSync(join(folder, "**/*"), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => (statSync(path).mode & 0o004) !== 0);
    expect(readable).toContain(config);
    for (const path of readable) expect(textOf(path)).not.toContain(valid_token);
  },
);

/** Gives it standard input, and waits for its end. */
function ended(
  child: ChildProcessWithoutNullStreams,
  input: string,
): Promise<{ status: number | null; out: string; err: string }> {
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(input);
  return new Promise((resolve) => {
    child.once("close", (status) => resolve({ status, out, err }));
  });
}

/** Modes and owners of what was made beside the configuration. */
function modes(folder: string): Record<string, string> {
  const made = readdirSync(join(folder, "etc")).toSorted();
  return Object.fromEntries(
    made.map((name) => {
      const { mode, uid, gid } = statSync(join(folder, "etc", name));
      return [`etc/${name}`, `${(mode & 0o777).toString(8)} ${uid}:${gid}`];
    }),
  );
}

function textOf(path: string): string {
  return existsSync(path) ? tryRead(path) : "";
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // A process that has ended meanwhile.
    return "";
  }
}
