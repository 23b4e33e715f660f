/**
 * Logs of containers with the real daemon: each line of the program is one event with its own bytes, redacted by path wherever
 * the runtime has cut it; what cannot be put together is kept back; and the planted secrets are nowhere: not in what is sent,
 * not in the log, not in the state directory.
 */
import {
  appendFileSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest, sampled } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { seededRandom } from "../../support/random/hostile-lines.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** Of letters that stand next to each other nowhere else, so that each part of it can be looked for. */
const secret = "QzXjQvKqZxJqWzKvXq";
const mask = "[REDACTED]";
/** The way in which most is shipped of what is no JSON. */
const redact = `redact: { fields: ["**.password"], on_unreadable: text, with: "${mask}" }`;
const time = "2025-03-21T06:37:27";

const event = (n: number | string): string =>
  `{"time":"${time}Z","user":"ann","password":"${secret}","n":${n}}`;
const shipped = (n: number | string): string => event(n).replace(secret, mask);
const cri = (stream: string, tag: string, text: string): string =>
  `${time}.123456789Z ${stream} ${tag} ${text}\n`;
const docker = (stream: string, log: string, attrs?: object): string =>
  `${JSON.stringify({ log, stream, ...(attrs && { attrs }), time: `${time}.9Z` })}\n`;

/** Cuts a text behind these characters. */
function cut(text: string, ...places: number[]): string[] {
  return [0, ...places].map((from, at) => text.slice(from, places[at]));
}

/** Parts of the secret that are in a text. */
function leaks(text: string): string[] {
  const parts = Array.from({ length: secret.length - 3 }, (_, at) => secret.slice(at, at + 4));
  return parts.filter((part) => text.includes(part));
}

interface Quarantined {
  readonly reason: string;
  readonly text: string | null;
  readonly stream: string;
  readonly offset: number;
  readonly original_bytes: number;
}

function quarantinedIn(directory: string): Quarantined[] {
  const files = globSync(join(stateDirectory({ directory, url: "" }), "quarantine", "*.jsonl"));
  const lines = files.flatMap((each) => readFileSync(each, "utf8").split("\n").filter(Boolean));
  return lines.map((each) => JSON.parse(each) as Quarantined);
}

function expectNoLeak(directory: string, splunk: Splunk, daemon: Daemon): void {
  const files = globSync(`${stateDirectory({ directory, url: "" })}/**`).filter((each) =>
    statSync(each).isFile(),
  );
  const kept = files.map((each) => readFileSync(each, "latin1"));
  expect([...splunk.events, ...daemon.lines, ...kept].flatMap(leaks)).toEqual([]);
}

/** What was shipped of one source, with what goes along. */
function ofSource(splunk: Splunk, source: string): unknown[][] {
  return splunk.indexed
    .filter((each) => each.source?.endsWith(source))
    .map(({ event: bytes, time: at, fields }) => [bytes.toString(), Number(at), fields]);
}

const at = Date.parse(`${time}Z`) / 1000;
const within = event(1).indexOf(secret) + 5;

longTest(
  "container logs - each line of a program is an event, from files and a socket, in both forms",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const write = (name: string, lines: readonly string[]): void =>
      writeFileSync(join(directory, name), lines.join(""));
    const [a, b] = cut(event(1), within) as [string, string];
    write("split.cri", [cri("stdout", "P", a), cri("stdout", "F", b)]);
    const long = event(`3,"filler":"${"x".repeat(3_000_000)}"`);
    const places = Array.from(
      { length: Math.floor(long.length / 16_384) },
      (_, n) => (n + 1) * 16_384,
    );
    const parts = cut(long, ...places);
    write("streams.cri", [
      cri("stdout", "P", a),
      cri("stderr", "F:tag", event(2)),
      cri("stderr", "P", a),
      cri("stdout", "F", b),
      ...parts.map(
        (part, n) => cri("stdout", n < parts.length - 1 ? "P" : "F", part) + cri("stdin", "F", "x"),
      ),
      cri("stderr", "F", b),
    ]);
    write("others.cri", [
      "\0\0",
      cri("stdout", "F", "started"),
      `password=${secret}\n`,
      cri("stdout", "F", ""),
      cri("stderr", "F", event(4)),
    ]);
    const labels = { tag: "web", note: `password=${secret}`, [`password=${secret}`]: "", "": "x" };
    write("whole.docker", [
      docker("stdout", `${event(1)}\n`),
      docker("stdout", `${event(2)}\n`, labels),
    ]);
    write("split.docker", [
      docker("stdout", a, { tag: "web" }),
      docker("stderr", "warning: \ud83d\ude00\n"),
      docker("stdout", "", { tag: "web" }),
      docker("stdout", `${b}\r\n`, { tag: "web" }),
    ]);
    write("others.docker", [
      docker("stdout", `${event(1)}\n`)
        .slice(0, -30)
        .concat("\n"),
      `{"time":"${time}Z","stream":"stderr","log":"${event(2).replaceAll('"', '\\"')}\\n"}\n`,
      `{"log":1}\n`,
    ]);
    const socket_path = join(directory, "in.sock");
    const file = (name: string): string[] => [
      `${name}:`,
      "  type: file",
      `  paths: ["${directory}/*.${name}"]`,
      `  framing: ${name}`,
      "  max_event_bytes: 4MiB",
    ];
    const config = writeConfig({
      directory,
      url: splunk.url,
      inputs: [
        ...file("cri"),
        ...file("docker"),
        "pipe:",
        "  type: socket",
        `  path: ${socket_path}`,
        "  framing: cri",
      ],
      chain: [redact],
    });
    const daemon = await Daemon.start(config);
    const socket = connect(socket_path);
    const sent = cri("stdout", "P", a) + cri("stderr", "F", "text") + cri("stdout", "F", b);
    for (let from = 0; from < sent.length; from += 50) {
      socket.write(sent.slice(from, from + 50));
      await delay(1);
    }
    socket.end();
    await splunk.until(() => splunk.events.length >= 14 || !daemon.alive);
    await eventually(() => quarantinedIn(directory).length >= parts.length + 3);
    expect(await daemon.stop()).toBe(0);
    expectNoLeak(directory, splunk, daemon);
    expect(daemon.books.balanced).toBe(true);

    const [out, err] = [{ stream: "stdout" }, { stream: "stderr" }];
    expect(ofSource(splunk, "split.cri")).toEqual([[shipped(1), at, out]]);
    expect(ofSource(splunk, "streams.cri")).toEqual([
      [shipped(2), at, err],
      [shipped(1), at, out],
      // The older one first, where not all of both is held.
      [shipped(1), at, err],
      [long.replace(secret, mask), at, out],
    ]);
    expect(ofSource(splunk, "others.cri")).toEqual([
      ['"started"', at + 0.123456789, out],
      [shipped(4), at, err],
    ]);
    expect(ofSource(splunk, "whole.docker")).toEqual([
      [shipped(1), at, out],
      [shipped(2), at, { tag: "web", note: "[REDACTED]", ...out }],
    ]);
    expect(ofSource(splunk, "split.docker")).toEqual([
      [JSON.stringify("warning: \ud83d\ude00"), at + 0.9, err],
      [shipped(1), at, { tag: "web", stream: "stdout" }],
    ]);
    expect(ofSource(splunk, "others.docker")).toEqual([[shipped(2), at, err]]);
    const reasons = (source: string): string[] =>
      quarantinedIn(directory)
        .filter((each) => each.stream.endsWith(source))
        .map(({ reason }) => reason);
    expect(new Set(reasons("streams.cri"))).toEqual(new Set(["rest_of_record"]));
    expect(reasons("streams.cri")).toHaveLength(parts.length);
    expect(reasons("others.cri")).toEqual(["not_cri"]);
    expect(reasons("others.docker")).toEqual(["not_docker", "not_docker"]);
  },
);

longTest(
  "container logs - a record goes on over a crash, and is kept back where a rotation cuts it, at whatever place",
  async () => {
    const directory = temporaryDirectory();
    const splunk = await Splunk.start();
    const places = Array.from({ length: event(0).length - 1 }, (_, n) => n + 1).filter(
      (n) => n % 3 === 0,
    );
    const log = (n: number): string => join(directory, `pod${n}`, "0.log");
    const form = (n: number, part: string, ending: "" | "\n"): string =>
      n % 2 === 0
        ? cri("stdout", ending === "" ? "P" : "F", part)
        : docker("stdout", part + ending);
    for (const n of places) mkdirSync(join(directory, `pod${n}`));
    for (const n of places) writeFileSync(log(n), form(n, cut(event(n), n)[0]!, ""));
    const input = (name: string, rest: number): string[] => [
      `${name}:`,
      "  type: file",
      `  paths: ${JSON.stringify(places.filter((n) => n % 2 === rest).map(log))}`,
      `  framing: ${name}`,
      "  rotate_wait: 200ms",
    ];
    const config = writeConfig({
      directory,
      url: splunk.url,
      inputs: [
        ...input("cri", 0),
        ...input("docker", 1),
        "ready:",
        "  type: file",
        `  paths: [${directory}/ready]`,
      ],
      chain: [redact],
    });
    writeFileSync(join(directory, "ready"), "ready\n");
    const first = await Daemon.start(config);
    await splunk.until(() => splunk.events.length === 1);
    await first.crash();
    for (const n of places) appendFileSync(log(n), form(n, cut(event(n), n)[1]!, "\n"));
    const second = await Daemon.start(config);
    const ofLogs = () => splunk.indexed.filter(({ source }) => source?.includes("/pod") === true);
    await splunk.until(() => ofLogs().length >= places.length || !second.alive);
    const whole = places.map((n) => shipped(n)).toSorted();
    expect(
      ofLogs()
        .map((each) => each.event.toString())
        .toSorted(),
    ).toEqual(whole);
    for (const n of places) {
      const [a, b] = cut(event(n), n) as [string, string];
      appendFileSync(log(n), form(n, a, ""));
      renameSync(log(n), `${log(n)}.20261128-200000`);
      writeFileSync(log(n), form(n, b, "\n") + form(n, event(n), "\n"));
    }
    await splunk.until(() => ofLogs().length >= 3 * places.length || !second.alive);
    await eventually(() => quarantinedIn(directory).length >= places.length);
    expect(await second.stop()).toBe(0);
    expectNoLeak(directory, splunk, second);
    expect(second.books.balanced).toBe(true);
    const behind = ofLogs().slice(places.length);
    const isUnfinished = ({ fields }: (typeof behind)[0]): boolean =>
      fields?.["tallyman_unfinished"] === true;
    expect(behind.filter(isUnfinished)).toHaveLength(places.length);
    const finished = behind.filter((each) => !isUnfinished(each));
    expect(finished.map((each) => each.event.toString()).toSorted()).toEqual(whole);
    const withheld = places.map((n) => `rest_of_record null ${event(n).length - n}`);
    const quarantined = quarantinedIn(directory).map(
      ({ reason, text, original_bytes }) => `${reason} ${text} ${original_bytes}`,
    );
    expect(quarantined.toSorted()).toEqual(withheld.toSorted());
  },
);

const efforts = { all: { kills: 8, mib: 30 } };

sampled(
  ({ kills, mib }) => `container logs - ${kills} crashes in a log of ${mib} MiB lose nothing`,
  efforts,
  async ({ kills, mib }) => {
    const random = seededRandom(7);
    const directory = temporaryDirectory();
    const counts = new Map<number, number>();
    const splunk = await Splunk.start({
      read: (body) => {
        for (const [, digits] of body.toString().matchAll(/"number":(\d+),[^}]*"end":true/g)) {
          counts.set(Number(digits), (counts.get(Number(digits)) ?? 0) + 1);
        }
        return { events: [], code: 0 };
      },
    });
    splunk.always({ kind: "normal", delay_ms: 20 });
    const path = join(directory, "0.log");
    const record = (number: number): string =>
      `{"number":${number},"filler":"${"x".repeat(number % 50 === 0 ? 40_000 : 600)}","end":true}`;
    const size = 1400;
    const records = Math.ceil((mib * 1024 * 1024) / size);
    writeFileSync(path, "");
    for (let number = 0; number < records; number += 2) {
      const [out, err] = [record(number), record(number + 1)];
      const [a, b] = cut(out, out.length >> 1) as [string, string];
      const [c, d] = cut(err, 30) as [string, string];
      appendFileSync(
        path,
        cri("stdout", "P", a) +
          cri("stderr", "P", c) +
          cri("stdout", "F", b) +
          cri("stderr", "F", d),
      );
    }
    const config = writeConfig({
      directory,
      url: splunk.url,
      paths: [path],
      chain: [redact],
      input: ["framing: cri"],
      output: ["batch: { max_bytes: 256KiB }", "max_in_flight: 4"],
    });
    let repeats_before = 0;
    const repeatsOf = (): number => [...counts.values()].reduce((sum, count) => sum + count - 1, 0);
    for (let kill = 0; kill < kills; kill += 1) {
      const requests = splunk.requests.length;
      const daemon = await Daemon.start(config);
      await splunk.until(() => splunk.requests.length > requests || !daemon.alive);
      await delay(random() * 150);
      await daemon.crash();
      expect(repeatsOf() - repeats_before).toBeLessThanOrEqual((2 * 8 * 256 * 1024) / 600);
      repeats_before = repeatsOf();
    }
    splunk.always({ kind: "normal" });
    const last = await Daemon.start(config);
    await splunk.until(() => counts.size >= records || !last.alive);
    expect(await last.stop()).toBe(0);
    expect(last.books.balanced).toBe(true);
    expect(counts.size).toBe(records + (records % 2));
    expect(last.books.total).toMatchObject({ dropped: 0, quarantined: 0, in_flight: 0 });
  },
);
