/**
 * Events of auditd with the real daemon and the plugin of the recipe: their lines are together however they stand in the file, the
 * planted secrets are nowhere in the clear, and kill -9 at any moment loses none.
 */
import { renameSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { writeConfig } from "../../support/agent-config.ts";
import { pluginsDirectory } from "../../support/events/chains.ts";
import { Daemon } from "../../support/daemon.ts";
import { pluginFilesOf } from "../../support/documents/configurations.ts";
import { recipeFile } from "../../support/documents/recipe.ts";
import { sampled } from "../../support/effort.ts";
import { filesBelow } from "../../support/files/files-below.ts";
import { seededRandom } from "../../support/random/hostile-lines.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "s3cr3t-example";
const hex = (text: string): string => Buffer.from(text).toString("hex").toUpperCase();
/** Three seconds apart, so that each shows that those before have ended; but for the last two. */
const timeOf = (serial: number): string => `${1_742_539_000 + 3 * Math.min(serial, 13)}.915`;
const line = (serial: number, type: string, rest: string): string =>
  `type=${type} msg=audit(${timeOf(serial)}:${serial}): ${rest}`;

/** What leaked, each with two more of its kind; and an event whose option and value are on two lines. */
const leaks = [
  line(1, "EXECVE", `argc=5 a0="sshpass" a1="-p" a2="${secret}" a3="ssh" a4="h"`),
  line(2, "EXECVE", `argc=5 a0="/usr/bin/sshpass" a1="-p" a2=${hex(secret)} a3="scp" a4="h"`),
  line(3, "EXECVE", `argc=5 a0="env" a1="redis-cli" a2="-a" a3="${secret}" a4="ping"`),
  line(4, "EXECVE", `argc=3 a0="curl" a1="--user=ann:${secret}" a2="x"`),
  line(5, "EXECVE", `argc=3 a0="curl" a1="-uann:${secret}" a2="x"`),
  line(6, "EXECVE", `argc=4 a0="curl" a1="--proxy-user" a2="ann:${secret}" a3="x"`),
  line(7, "EXECVE", `argc=3 a0="sh" a1="-c" a2=${hex(`mysql -p${secret} -e x`)}`),
  line(
    8,
    "EXECVE",
    `argc=3 a0="bash" a1="-lc" a2=${hex(`cd /; PGPASSWORD='${secret}' psql -h h`)}`,
  ),
  line(9, "PROCTITLE", `proctitle=${hex(`sh\0-c\0curl -u ann:${secret} x`)}`),
  line(
    10,
    "USER_CMD",
    `pid=1 uid=0 msg='cwd="/" cmd=${hex(`curl -H Authorization: Bearer ${secret} x`)} exe="/usr/bin/sudo" res=success'UID="root"`,
  ),
  line(
    11,
    "USER_CMD",
    `pid=1 uid=0 msg='cwd="/" cmd=${hex(`curl -H Cookie: a=b; c=${secret} x`)} exe="/usr/bin/sudo" res=success'`,
  ),
  line(
    12,
    "USER_CMD",
    `pid=1 uid=0 msg='cwd="/" cmd=${hex(`mysqldump --password '${secret} x' db`)} exe="/usr/bin/sudo" res=success'`,
  ),
];
const split = [
  line(13, "EXECVE", 'argc=43 a40="x" a41="--password"'),
  line(14, "SYSCALL", 'comm="other"'),
  line(13, "EXECVE", `a42="${secret}"`),
  line(14, "PROCTITLE", `proctitle=${hex(`other\0--token\0${secret}`)}`),
  line(13, "EOE", ""),
  line(14, "EOE", ""),
];

const received = (splunk: Splunk): string[] =>
  splunk.events.map((each) => JSON.parse(each) as string);

test("auditd framing - what the recipe masks is nowhere, with this framing and as lines, in a file and over a socket", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = (name: string): string => join(directory, name);
  const text = [...leaks, ...split].map((each) => `${each}\n`).join("");
  writeFileSync(path("events.log"), text);
  writeFileSync(path("lines.log"), text);
  const config = writeConfig({
    directory,
    url: splunk.url,
    inputs: [
      `events: { type: file, paths: ["${path("events.log")}"], framing: auditd, metadata: { sourcetype: events } }`,
      `lines: { type: file, paths: ["${path("lines.log")}"], metadata: { sourcetype: lines } }`,
      `socket: { type: socket, path: ${path("audit.sock")}, framing: auditd, metadata: { sourcetype: socket } }`,
    ],
    chain: ["auditd: {}"],
    top: [`plugins_dir: ${pluginsDirectory(pluginFilesOf(recipeFile("auditd")))}`],
  });
  const daemon = await Daemon.start(config);
  const socket = createConnection(path("audit.sock"));
  for (let at = 0; at < text.length; at += 7) {
    socket.write(text.slice(at, at + 7));
    if (at % 70 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const events = leaks.length + 2;
  const all = 2 * events + leaks.length + split.length;
  await splunk.until(() => splunk.indexed.length === all || !daemon.alive);
  socket.end();
  expect(await daemon.stop()).toBe(0);
  for (const sourcetype of ["events", "socket"]) {
    const those = splunk.indexed.filter((each) => each.sourcetype === sourcetype);
    const [first, second] = those
      .slice(-2)
      .map((each) => (JSON.parse(each.event.toString()) as string).split("\n"));
    expect(first!.map((each) => /:(\d+)\): ?(.*)$/.exec(each)!.slice(1))).toEqual([
      ["13", 'argc=43 a40="[REDACTED]" a41="--password"'],
      ["13", 'a42="[REDACTED]"'],
      ["13", ""],
    ]);
    expect(second!.map((each) => /type=(\w+)/.exec(each)![1])).toEqual([
      "SYSCALL",
      "PROCTITLE",
      "EOE",
    ]);
    expect(those.map(({ time }) => time)).toEqual(
      [...Array(events).keys()].map((number) => timeOf(number + 1)),
    );
  }
  const kept = filesBelow(path("state")).map((bytes) => bytes.toString("latin1"));
  const everything = [...kept, ...daemon.lines, ...splunk.events];
  for (const spelling of [secret, hex(secret), hex(secret).toLowerCase()]) {
    expect(everything.filter((each) => each.includes(spelling))).toEqual([]);
  }
  expect(daemon.books.balanced).toBe(true);
  expect(daemon.books.total).toMatchObject({ received: all, delivered: all, in_flight: 0 });
});

/** Events whose lines stand among those of up to five others, and single ones between them. */
function interleaved(
  events: number,
  random: () => number,
): { text: string; whole: Map<number, string> } {
  const whole = new Map<number, string>();
  const open: { serial: number; lines: string[]; left: string[] }[] = [];
  const written: string[] = [];
  let serial = 0;
  while (whole.size < events || open.length > 0) {
    if (serial < events && open.length < 5 && random() < 0.5) {
      serial += 1;
      const at = (type: string, rest: string): string =>
        `type=${type} msg=audit(${1_742_539_047 + Math.floor(serial / 200)}.915:${serial}): ${rest}`;
      if (random() < 0.3) {
        whole.set(serial, at("USER_CMD", "msg='cmd=\"x\"'"));
        written.push(whole.get(serial)!);
        continue;
      }
      const paths = Array.from({ length: Math.floor(random() * 4) }, (_, item) =>
        at("PATH", `item=${item} name="${"x".repeat(100)}"`),
      );
      // The kernel's EOE is not in the file.
      const left = [at("SYSCALL", "a=1"), ...paths, at("PROCTITLE", "proctitle=61")];
      open.push({ serial, lines: [...left], left });
    }
    const chosen = open[Math.floor(random() * open.length)];
    if (chosen === undefined) continue;
    written.push(chosen.left.shift()!);
    if (chosen.left.length > 0) continue;
    whole.set(chosen.serial, chosen.lines.join("\n"));
    open.splice(open.indexOf(chosen), 1);
  }
  const last = `type=USER_CMD msg=audit(1742549047.915:${events + 1}): msg=''`;
  whole.set(events + 1, last);
  return { text: [...written, last].map((each) => `${each}\n`).join(""), whole };
}

const efforts = { all: { kills: 8, events: 40_000 } };

sampled(
  ({ kills, events }) =>
    `auditd framing - ${kills} crashes while ${events} events are read, across a rotation, lose none`,
  efforts,
  async ({ kills, events }) => {
    const random = seededRandom(7);
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    splunk.always({ kind: "normal", delay_ms: 5 });
    const path = join(directory, "audit.log");
    const { text, whole } = interleaved(events, random);
    // Rotated between two lines, as auditd does.
    const half = text.indexOf("\n", text.length / 2) + 1;
    writeFileSync(path, text.slice(0, half));
    const config = writeConfig({
      directory,
      url: splunk.url,
      paths: [path],
      input: ["framing: auditd", "rotate_wait: 100ms"],
      output: ["batch: { max_bytes: 64KiB }", "max_in_flight: 4"],
    });
    for (let kill = 0; kill < kills; kill += 1) {
      const requests = splunk.requests.length;
      const daemon = await Daemon.start(config);
      await splunk.until(() => splunk.requests.length > requests || !daemon.alive);
      await delay(random() * 100);
      await daemon.crash();
    }
    splunk.always({ kind: "normal" });
    const last = await Daemon.start(config);
    const seen = new Set<string>();
    let looked_at = 0;
    const lineCount = (): number => {
      for (; looked_at < splunk.indexed.length; looked_at += 1) {
        const event = JSON.parse(splunk.indexed[looked_at]!.event.toString()) as string;
        for (const each of event.split("\n")) seen.add(each);
      }
      return seen.size;
    };
    const linesIn = (part: string): number => part.split("\n").length - 1;
    // All but what is still open.
    await splunk.until(() => lineCount() > linesIn(text.slice(0, half)) - 150 || !last.alive);
    renameSync(path, `${path}.1`);
    writeFileSync(path, text.slice(half));
    const lines = linesIn(text);
    await splunk.until(() => lineCount() === lines || !last.alive);
    expect(await last.stop()).toBe(0);
    const found = new Set(received(splunk));
    const cut = [...whole.values()].filter((each) => !found.has(each));
    // Only those that the rotation cut in two.
    expect(cut.length).toBeLessThanOrEqual(5);
    const [before, behind] = [text.slice(0, half), text.slice(half)];
    for (const each of cut) {
      const [first, end] = [each.split("\n")[0]!, each.split("\n").at(-1)!];
      expect(before.includes(`${first}\n`) && behind.includes(`${end}\n`)).toBe(true);
    }
    const parts = cut.flatMap((each) => each.split("\n"));
    const written = new Set(whole.values());
    const others = [...found]
      .filter((each) => !written.has(each))
      .flatMap((each) => each.split("\n"));
    expect(others.toSorted()).toEqual(parts.toSorted());
    expect(last.books.balanced).toBe(true);
    expect(last.books.total.received).toBe(found.size);
  },
);
