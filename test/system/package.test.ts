/**
 * The Debian package on a Debian 12: installed by the README's steps, crashed, hung, upgraded under load, removed, purged.
 */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { can_boot, Machine } from "../support/machine/machine.ts";
import { Splunk, valid_token } from "../support/splunk.ts";

const newer = "9.9.9";
const log = "/var/log/weka/s3-audit.log";
const socket = "/run/tallyman/audit.sock";
let packages = "";

beforeAll(() => {
  packages = mkdtempSync(join(tmpdir(), "tallyman-test-packages-"));
  execFileSync(process.execPath, [
    "scripts/package.ts",
    "--arch",
    "amd64",
    "--fast",
    "--into",
    packages,
  ]);
  const [built] = readdirSync(packages).filter((file) => file.endsWith(".deb"));
  makeNewer(join(packages, built!), join(packages, `tallyman_${newer}_amd64.deb`));
  copyFileSync(join(packages, built!), join(packages, "tallyman_first.deb"));
});

afterAll(() => rmSync(packages, { recursive: true, force: true }));

/** The same package as another version. */
function makeNewer(from: string, to: string): void {
  const folder = join(packages, "newer");
  execFileSync("dpkg-deb", ["-R", from, folder]);
  for (const [file, pattern, version] of [
    ["DEBIAN/control", /^Version: .*$/m, `Version: ${newer}`],
    ["usr/lib/tallyman/package.json", /"version": ".*"/, `"version": "${newer}"`],
  ] as const) {
    const text = readFileSync(join(folder, file), "utf8");
    writeFileSync(join(folder, file), text.replace(pattern, version));
  }
  execFileSync("dpkg-deb", ["--root-owner-group", "-Zgzip", "-z1", "-b", folder, to], {
    stdio: "ignore",
  });
}

/** A machine that has the packages, and logs to follow. */
async function bootMachine(): Promise<Machine> {
  const machine = await Machine.boot();
  for (const name of ["first", `${newer}_amd64`]) {
    const file = `tallyman_${name}.deb`;
    copyFileSync(join(packages, file), machine.path(`/root/${file}`));
  }
  machine.run(`mkdir -p ${log.replace(/[^/]+$/, "")} && : > ${log} && chmod 644 ${log}`);
  return machine;
}

/** The steps of the README: four commands. */
async function install(
  machine: Machine,
  splunk: Splunk,
  logs = `weka --path ${log}`,
): Promise<void> {
  machine.run("apt-get update -q");
  machine.run("cd /root && apt-get install -y ./tallyman_first.deb");
  const init = `tallyman init ${logs} --yes --url ${splunk.url} --token-stdin`;
  // The doctor asks Splunk, which is in this process.
  const made = await machine.runAside(`${init} <<END\n${valid_token}\nEND`);
  expect(made).toMatch(/^0 failed/m);
  machine.run("systemctl enable --now tallyman");
}

/** Where the token can be found by whoever looks: files that every user may read, processes, and the journal. */
function placesOfToken(machine: Machine): string {
  const files = `find / -xdev -type f -perm -o=r -size -1M ! -path '/proc/*' ! -path '/sys/*' -print0`;
  return [
    machine.try(`${files} | xargs -0 grep -lF ${valid_token}`).out,
    machine.try(`journalctl -o cat | grep -F ${valid_token}`).out,
    machine.try("cat /proc/[0-9]*/cmdline | tr '\\0' ' '").out.includes(valid_token) ? "ps" : "",
  ].join("");
}

/** Writes numbered events to the log, faster than any clock. */
class LogWriter {
  written = 0;

  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  write(count: number): void {
    const lines = Array.from({ length: count }, () => `${line("file", this.written++)}\n`);
    appendFileSync(this.#machine.path(log), lines.join(""));
  }
}

function line(kind: string, number: number): string {
  return JSON.stringify({ kind, number, requestHeader: { Authorization: "AWS4 s3cr3t" } });
}

/** How often each number of a kind has arrived. */
function arrivals(splunk: Splunk, kind: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (const text of splunk.events) {
    if (!text.startsWith(`{"kind":"${kind}"`)) continue;
    const { number } = JSON.parse(text) as { number: number };
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  return counts;
}

const twice = (counts: Map<number, number>): number =>
  [...counts.values()].filter((count) => count > 1).length;

/** One connection with one line, and whether it came to its end. */
function send(path: string, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(path);
    client.once("error", () => resolve(false));
    client.once("close", (failed) => resolve(!failed));
    client.resume();
    client.end(`${text}\n`);
  });
}

describe.runIf(can_boot)("debian 12", () => {
  test("debian - from apt install to the first event by the README's steps, and nothing is left by a purge", async () => {
    const machine = await bootMachine();
    const splunk = await Splunk.start();
    const before = machine.run("find /etc /usr /var/lib/systemd /var/log /run -xdev | sort");
    const started_ms = performance.now();
    const writer = new LogWriter(machine);
    writer.write(10);
    await install(machine, splunk);
    await eventually(() => arrivals(splunk, "file").size === 10);
    const seconds = (performance.now() - started_ms) / 1000;
    console.log(`from apt install to the first event: ${seconds.toFixed(1)} s`);
    // A minute where the machine does nothing else.
    expect(seconds).toBeLessThan(120);
    expect(placesOfToken(machine)).toBe("");
    const [first] = splunk.events.filter((text) => text.startsWith('{"kind":"file"'));
    expect(first).toContain('"Authorization":"[REDACTED]"');
    expect(machine.run("stat -c '%a %U' /etc/tallyman/splunk_token /var/lib/tallyman")).toBe(
      "600 root\n700 tallyman\n",
    );

    machine.run("apt-get remove -y tallyman");
    expect(machine.try("systemctl is-active tallyman").out).toBe("inactive\n");
    expect(machine.run("ls /etc/tallyman")).toBe("config.yaml\nsplunk_token\n");
    writer.write(10);
    machine.run("cd /root && apt-get install -y ./tallyman_first.deb && systemctl start tallyman");
    await eventually(() => arrivals(splunk, "file").size === 20);
    expect(twice(arrivals(splunk, "file"))).toBe(0);

    machine.run(
      "systemctl enable --now tallyman@weka || true; apt-get purge -y tallyman libatomic1",
    );
    expect(machine.try("ps -C node").out).not.toContain("node");
    const left = machine.run("find /etc /usr /var/lib/systemd /var/log /run -xdev | sort");
    const had = new Set(before.split("\n"));
    const more = left.split("\n").filter((path) => !had.has(path) && !may_stay.test(path));
    expect(more).toEqual([]);
    expect(machine.run("getent passwd tallyman")).toContain("nologin");
  });

  test("debian - from apt install to the first event of CloudTrail's files, which init finds", async () => {
    const machine = await bootMachine();
    const splunk = await Splunk.start();
    const folder = "/var/spool/cloudtrail/AWSLogs/1/CloudTrail/eu-central-1";
    machine.run(`mkdir -p ${folder}`);
    const records = [1, 2, 3].map((number) => ({
      eventVersion: "1.08",
      eventTime: "2025-03-21T06:37:27Z",
      eventSource: "sts.amazonaws.com",
      eventName: "AssumeRole",
      eventID: `${number}`,
      responseElements: { credentials: { sessionToken: "s3cr3t" } },
    }));
    const content = gzipSync(JSON.stringify({ Records: records }));
    writeFileSync(machine.path(`${folder}/1.json.gz`), content);
    const started_ms = performance.now();
    await install(machine, splunk, "cloudtrail");
    const arrived = (): string[] =>
      splunk.indexed
        .filter(({ sourcetype }) => sourcetype === "aws:cloudtrail")
        .map(({ event }) => event.toString());
    await eventually(() => arrived().length === records.length);
    const seconds = (performance.now() - started_ms) / 1000;
    console.log(`from apt install to the first event of CloudTrail: ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(120);
    for (const event of arrived()) expect(event).toContain('"sessionToken":"[REDACTED]"');
    expect(placesOfToken(machine)).toBe("");
  });

  test("debian - an upgrade under load loses nothing, from a file and a socket, and keeps the configuration", async () => {
    const machine = await bootMachine();
    const splunk = await Splunk.start();
    await install(machine, splunk);
    const input = `  local_apps: { type: socket, path: ${socket} }`;
    machine.run(`sed -i 's|^inputs:|inputs:\\n${input}|' /etc/tallyman/config.yaml`);
    machine.run(
      "systemctl stop tallyman && systemctl enable --now tallyman.socket && systemctl start tallyman",
    );
    const config = machine.run("cat /etc/tallyman/config.yaml");

    const writer = new LogWriter(machine);
    let [sent, refused] = [0, 0];
    const enough = new AbortController();
    const load = (async () => {
      while (!enough.signal.aborted) {
        writer.write(200);
        if (!(await send(machine.path(socket), line("socket", sent++)))) refused += 1;
      }
    })();
    await eventually(() => splunk.events.length > 2000);
    // In the background, so that the load goes on here.
    machine.run(
      `cd /root; (apt-get install -y ./tallyman_${newer}_amd64.deb > log 2>&1; touch done) > /dev/null 2>&1 &`,
    );
    await eventually(() => existsSync(machine.path("/root/done")));
    const after = splunk.events.length;
    await eventually(() => splunk.events.length > after + 2000);
    enough.abort();
    await load;

    expect(machine.run("tallyman --version")).toBe(`${newer}\n`);
    expect(machine.run("journalctl -u tallyman -o cat")).toContain(`"version":"${newer}"`);
    await eventually(() => arrivals(splunk, "file").size === writer.written);
    await eventually(() => arrivals(splunk, "socket").size === sent - refused);
    console.log(`${writer.written} lines, ${sent} connections, ${refused} refused`);
    expect({ refused, twice: twice(arrivals(splunk, "file")) }).toEqual({ refused: 0, twice: 0 });
    expect(twice(arrivals(splunk, "socket"))).toBe(0);
    expect(machine.run("cat /etc/tallyman/config.yaml")).toBe(config);
  });

  test("debian - systemctl reload changes what is in force, and fails where it is mistaken, which changes nothing", async () => {
    const machine = await bootMachine();
    const splunk = await Splunk.start();
    await install(machine, splunk);
    const writer = new LogWriter(machine);
    const sourcetypes = async (): Promise<Set<string | undefined>> => {
      const before = splunk.indexed.length;
      writer.write(100);
      await eventually(() => arrivals(splunk, "file").size === writer.written);
      return new Set(splunk.indexed.slice(before).map(({ sourcetype }) => sourcetype));
    };
    const state = (): string => machine.run("systemctl show tallyman -p ActiveState,NRestarts");
    const running = "NRestarts=0\nActiveState=active\n";
    expect(await sourcetypes()).toContain("weka:s3:audit");
    const edit = (from: string, to: string): string =>
      machine.run(`sed -i 's|${from}|${to}|' /etc/tallyman/config.yaml`);

    edit("weka:s3:audit", "weka:after");
    machine.run("systemctl reload tallyman");
    expect(state()).toBe(running);
    expect(await sourcetypes()).toContain("weka:after");

    edit("paths:", "pathz:");
    expect(machine.try("systemctl reload tallyman").status).not.toBe(0);
    await eventually(() => state() === running);
    expect(machine.run("journalctl -u tallyman -o cat")).toMatch(/config\.yaml:\d+:\d+: .*pathz/);
    expect(await sourcetypes()).toContain("weka:after");
    const { status, out } = machine.try("tallyman status --all -c /etc/tallyman/config.yaml");
    expect([status, out]).toEqual([3, expect.stringMatching(/refused/)]);

    edit("pathz:", "paths:");
    machine.run("systemctl reload tallyman");
    machine.run("tallyman reload -c /etc/tallyman/config.yaml");
    expect(machine.try("tallyman status --all -c /etc/tallyman/config.yaml").status).toBe(0);
    expect(twice(arrivals(splunk, "file"))).toBe(0);
  });

  test("debian - what is killed or hangs is started again by systemd, and nothing is lost", async () => {
    const machine = await bootMachine();
    const splunk = await Splunk.start();
    await install(machine, splunk);
    const dropIn = "[Service]\\nWatchdogSec=30s\\nTimeoutAbortSec=5s\\n";
    machine.run("mkdir -p /etc/systemd/system/tallyman.service.d");
    machine.run(`printf '${dropIn}' > /etc/systemd/system/tallyman.service.d/soon.conf`);
    machine.run("systemctl daemon-reload && systemctl restart tallyman");
    const writer = new LogWriter(machine);
    const restarts = async (): Promise<number> => {
      // Asking takes the time of the process that is Splunk here.
      await sleep(500);
      return Number(machine.run("systemctl show tallyman -p NRestarts --value"));
    };
    for (const signal of ["KILL", "STOP"]) {
      const before = await restarts();
      writer.write(20_000);
      machine.run(`systemctl kill --kill-whom=main -s ${signal} tallyman`);
      writer.write(1000);
      await eventually(async () => (await restarts()) > before);
      await eventually(() => arrivals(splunk, "file").size === writer.written);
    }
    expect(machine.run("journalctl -u tallyman -o cat")).toContain("Watchdog timeout");
  });
});

/** What dpkg, systemd and others keep of their own. */
const may_stay = new RegExp(
  [
    "^/etc/(passwd|group|shadow|gshadow|subuid|subgid)-$",
    "^/etc/ld\\.so\\.cache",
    "^/var/log/(journal|apt|dpkg|alternatives|btmp|wtmp|lastlog|weka)",
    "^/run/(agetty\\.reload|log|systemd|udev|dbus|user|lock|utmp|credentials)",
    "^/var/lib/systemd/(catalog|timers|random-seed|credential)",
    "^$",
  ].join("|"),
);
