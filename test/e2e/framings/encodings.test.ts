/**
 * Text in other encodings, with the real daemon: each record is decoded before anything looks at it, redacted by path, and
 * dated by its own time; what is not decoded is masked whole; and the planted secret is nowhere, whatever stands between its
 * letters: not in what is sent, not in the log, not in the state directory.
 */
import {
  appendFileSync,
  globSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { stateDirectory, writeConfig } from "../../support/agent-config.ts";
import { crashWhileReading } from "../../support/crashes.ts";
import { Daemon } from "../../support/daemon.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const secret = "S3CR3TPW";
const mark = "\ufeff";
const mask = "[REDACTED]";

function le(text: string): Buffer {
  return Buffer.from(text, "utf16le");
}

function be(text: string): Buffer {
  return le(text).swap16();
}

function record(name: string, second: number, password = secret): string {
  return `{"time":"2025-03-21T06:37:${second}Z","user":"${name}","password":"${password}"}`;
}

/** Two records, as SQL Server and PowerShell write them; what the second is shipped as; and their times. */
function records(name: string): string {
  return `${record(name, 27)}\r\n${record(name, 28)}\r\n`;
}

/** Files by name, in the encoding that each has. */
const files: Record<string, Buffer> = {
  le_mark: le(mark + records("le_mark")),
  be_mark: be(mark + records("be_mark")),
  le: le(records("le")),
  be: be(records("be")),
  utf8_mark: Buffer.from(mark + records("utf8_mark")),
  utf8: Buffer.from(records("utf8")),
};
/** Text that is no JSON, in which the secret follows its name. */
const text_line = `2025-03-21 06:37:27 Logon of ann, password=${secret}`;

/** The secret, spelt in any of the ways in which UTF-16 that was not decoded may be left. */
function holdsSecret(bytes: string): boolean {
  return bytes.replaceAll(/\0|\\u0000|\\0|\ufffd/g, "").includes(secret);
}

function quarantinedIn(directory: string): Record<string, unknown>[] {
  const lines = globSync(join(stateDirectory({ directory, url: "" }), "quarantine", "*.jsonl"))
    .flatMap((each) => readFileSync(each, "utf8").split("\n"))
    .filter(Boolean);
  return lines.map((each) => JSON.parse(each) as Record<string, unknown>);
}

/** Stops the daemon, and looks for the secret wherever it may have left one. */
async function expectNoSecret(directory: string, splunk: Splunk, daemon: Daemon): Promise<void> {
  expect(await daemon.stop()).toBe(0);
  const left = globSync(`${stateDirectory({ directory, url: "" })}/**`)
    .filter((each) => statSync(each).isFile())
    .map((each) => readFileSync(each, "latin1"));
  expect([...splunk.events, ...daemon.lines, ...left].filter(holdsSecret)).toEqual([]);
  expect(daemon.books.balanced).toBe(true);
  expect(daemon.books.total).toMatchObject({ in_flight: 0, dropped: 0 });
}

test("encodings - files in any encoding are decoded, redacted and dated; a mixed one is masked and said", async () => {
  const directory = temporaryDirectory();
  const logs = join(directory, "logs");
  mkdirSync(logs);
  const splunk = await Splunk.start();
  for (const [name, bytes] of Object.entries(files))
    writeFileSync(join(logs, `${name}.log`), bytes);
  writeFileSync(join(logs, "mixed.log"), records("mixed"));
  writeFileSync(join(logs, "text.log"), le(`${text_line}\r\n${text_line}\r\n`));
  const marked: Record<string, Buffer> = {
    "marked.txt": Buffer.from(`${mark}${text_line}\r\n`),
    "marked.json": Buffer.from(mark + JSON.stringify(JSON.parse(record("json", 27)), undefined, 2)),
    "marked.gz": gzipSync(`${mark}${record("gz", 27)}\n`),
  };
  for (const [name, bytes] of Object.entries(marked)) writeFileSync(join(directory, name), bytes);
  const redact = (on_unreadable: string): string =>
    `  chain: [{ redact: { fields: [password], with: "${mask}", on_unreadable: ${on_unreadable} } }]`;
  const paths = `  paths: ["${logs}/*.log"]`;
  writeFileSync(
    join(directory, "ansi.txt"),
    Buffer.from(`${record("Jos\xe9 \x80", 27)}\n`, "latin1"),
  );
  const config = writeConfig({
    directory,
    url: splunk.url,
    inputs: [
      "texts:",
      paths,
      redact("text"),
      "  metadata: { sourcetype: texts }",
      "kept:",
      paths,
      redact("quarantine"),
      "  metadata: { sourcetype: kept }",
      "ansi:",
      `  paths: ["${directory}/ansi.txt"]`,
      "  encoding: windows-1252",
      redact("text"),
      "  metadata: { sourcetype: ansi }",
      ...["txt", "json", "gz"].flatMap((name) => [
        `marked_${name}:`,
        `  paths: [${directory}/marked.${name}]`,
        ...(name === "json" ? ["  framing: json"] : []),
        redact("text"),
        "  time: { zone: UTC }",
        "  metadata: { sourcetype: marked }",
      ]),
    ],
  });
  const daemon = await Daemon.start(config);
  const names = [...Object.keys(files), "mixed"];
  await splunk.until(() => splunk.events.length === 4 * names.length + 6);
  // PowerShell's >> adds UTF-16 to what is UTF-8.
  appendFileSync(join(logs, "mixed.log"), le(records("mixed") + records("mixed")));
  await splunk.until(() => splunk.events.length === 4 * names.length + 10);
  await eventually(() => quarantinedIn(directory).length === 6);
  await expectNoSecret(directory, splunk, daemon);

  const shipped = (sourcetype: string): [unknown, number][] =>
    splunk.indexed
      .filter((event) => event.sourcetype === sourcetype)
      .map(({ event, time }) => [event.toString(), Number(time)]);
  const [first, second] = [27, 28].map((at) => Date.parse(`2025-03-21T06:37:${at}Z`) / 1000);
  const expected = names.flatMap((name): [string, number][] => [
    [record(name, 27, mask), first!],
    [record(name, 28, mask), second!],
  ]);
  expect(shipped("kept")).toHaveLength(expected.length);
  expect(shipped("kept")).toEqual(expect.arrayContaining(expected));
  expect(shipped("ansi")).toEqual([[record("José €", 27, mask), first]]);
  expect(shipped("texts")).toEqual(expect.arrayContaining(expected));
  const marked_texts = [
    JSON.stringify(text_line.replace(secret, mask)),
    JSON.stringify(JSON.parse(record("json", 27, mask)), undefined, 2),
    record("gz", 27, mask),
  ];
  expect(shipped("marked")).toHaveLength(marked_texts.length);
  expect(shipped("marked")).toEqual(
    expect.arrayContaining(marked_texts.map((text) => [text, first])),
  );
  const texts = shipped("texts").map(([event]) => String(event));
  expect(texts.filter((each) => each.includes("Logon of ann, password="))).toHaveLength(2);
  // What was not decoded is masked whole.
  expect(texts.filter((each) => !each.includes("2025"))).toHaveLength(4);

  const said = daemon
    .of("file_encoding")
    .map(({ input, path, encoding }) => [input, path, encoding]);
  for (const [name, encoding] of [
    ["le_mark", "utf-16le"],
    ["be_mark", "utf-16be"],
    ["le", "utf-16le"],
    ["be", "utf-16be"],
    ["text", "utf-16le"],
  ]) {
    for (const input of ["texts", "kept"])
      expect(said).toContainEqual([input, join(logs, `${name}.log`), encoding]);
  }
  expect(said).toHaveLength(11);
  const mixed = daemon
    .of("file_not_utf8")
    .map(({ input, path }) => `${String(input)} ${String(path)}`);
  expect(mixed.toSorted()).toEqual(["kept", "texts"].map((each) => `${each} ${logs}/mixed.log`));
});

longTest("encodings - sockets and raw bodies are decoded, in any pieces", async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const path = join(directory, "in.sock");
  const latin = join(directory, "latin.sock");
  const port = await freePort();
  const config = writeConfig({
    directory,
    url: splunk.url,
    inputs: [
      "audit:",
      "  type: socket",
      `  path: ${path}`,
      "latin:",
      "  type: socket",
      `  path: ${latin}`,
      "  encoding: latin1",
      "hooks:",
      "  type: hec",
      `  listen: 127.0.0.1:${port}`,
      "  tokens: [hook-token-0123456789]",
    ],
    chain: [`redact: { fields: [password], with: "${mask}" }`],
  });
  const daemon = await Daemon.start(config);
  const send = async (to: string, bytes: Buffer, piece_bytes: number): Promise<void> => {
    const socket = connect(to);
    for (let at = 0; at < bytes.length; at += piece_bytes) {
      socket.write(bytes.subarray(at, at + piece_bytes));
      await delay(1);
    }
    socket.end();
  };
  await Promise.all([
    send(path, files["le_mark"]!, 1),
    send(path, files["be_mark"]!, 7),
    send(path, files["le"]!, 1),
    send(path, files["be"]!, 50),
    send(path, files["utf8_mark"]!, 1),
    send(latin, Buffer.from(`${record("Jos\xe9", 27)}\n`, "latin1"), 3),
  ]);
  const response = await fetch(`http://127.0.0.1:${port}/services/collector/raw`, {
    method: "POST",
    headers: { authorization: "Splunk hook-token-0123456789" },
    body: new Uint8Array(be(mark + records("hook"))),
  });
  expect(response.status).toBe(200);
  await splunk.until(() => splunk.events.length === 13);
  await expectNoSecret(directory, splunk, daemon);
  const expected = ["le_mark", "be_mark", "le", "be", "utf8_mark", "hook"].flatMap((name) =>
    [27, 28].map((second) => record(name, second, mask)),
  );
  expect(splunk.events.toSorted()).toEqual([...expected, record("José", 27, mask)].toSorted());
});

/** By framing, its records from the events of `record`, which are redacted by path or as text. */
const framed: Record<string, (events: readonly string[]) => string> = {
  lines: (events) => events.map((each) => `${each}\n`).join(""),
  '{ lines: { separator: ";" } }': (events) => events.map((each) => `${each};`).join(""),
  '{ lines: { separator: "\\r" } }': (events) => events.map((each) => `${each}\r`).join(""),
  '{ lines: { prefix: "@cee:" } }': (events) => events.map((each) => `@cee: ${each}\n`).join(""),
  syslog: (events) => events.map((each) => `<13>Nov 28 20:00:00 app: ${each}\n`).join(""),
  octet_counted: (events) => events.map((each) => `${Buffer.byteLength(each)} ${each}`).join("\n"),
  json: (events) => events.map((each) => each.replaceAll(",", ",\n  ")).join(""),
  "{ json: { records: Records } }": (events) => `{"Records":[\n${events.join(",\n")}]}\n`,
  "{ multiline: { start: '^20', end: 'end$', flush_after: 1h } }": (events) =>
    events.map((each) => `2025-03-21 06:37:27\n${each.slice(1, -1)}\nend\n`).join(""),
  auditd: (events) =>
    events
      .map((each, n) => `type=USER_CMD msg=audit(1742539047.915:${n}): ${each.slice(1, -1)}\n`)
      .join(""),
};

/** How text is encoded, and what the option says of it. */
const encoded: Record<string, (text: string) => Buffer> = {
  "UTF-8": (text) => Buffer.from(text),
  "UTF-8 with a mark": (text) => Buffer.from(mark + text),
  "UTF-16 LE": le,
  "UTF-16 LE with a mark": (text) => le(mark + text),
  "UTF-16 BE": be,
  "UTF-16 BE with a mark": (text) => be(mark + text),
  latin1: (text) => Buffer.from(text, "latin1"),
  "windows-1252": (text) => Buffer.from(text, "latin1"),
};

const matrix_name =
  "encodings - records of framings, in pieces and over a crash, without what is secret";

longTest(matrix_name, async () => {
  const directory = temporaryDirectory();
  const splunk = await Splunk.start();
  const names = ["josé", "ann", "bob", "eve"];
  const all = Object.entries(framed).flatMap(([framing, written], row) =>
    Object.entries(encoded).map(([encoding, bytesOf], column) => ({
      path: join(directory, `${row}-${column}.log`),
      bytes: bytesOf(written(names.map((name) => record(name, 27)))),
      input: [
        `i${row}_${column}:`,
        `  paths: [${directory}/${row}-${column}.log]`,
        `  framing: ${framing}`,
        `  encoding: ${/^[lw]/.test(encoding) ? encoding : "auto"}`,
      ],
    })),
  );
  const config = writeConfig({
    directory,
    url: splunk.url,
    inputs: all.flatMap(({ input }) => input),
    chain: [`redact: { fields: [password], with: "${mask}", on_unreadable: text }`],
  });
  const found = (): string[] => [
    ...new Set(splunk.indexed.map(({ source, event }) => `${source} ${event.toString()}`)),
  ];
  const write = (part: number): void => {
    for (const { path, bytes } of all) {
      const [from, to] = [part, part + 1].map((at) => Math.floor((bytes.length * at) / 3) | 1);
      appendFileSync(path, bytes.subarray(part === 0 ? 0 : from, part === 2 ? undefined : to));
    }
  };
  write(0);
  const first = await Daemon.start(config);
  await splunk.until(() => found().length >= all.length / 2);
  await first.crash();
  write(1);
  const daemon = await Daemon.start(config);
  await splunk.until(() => found().length >= 2 * all.length || !daemon.alive);
  write(2);
  await eventually(() => found().length >= 4 * all.length || !daemon.alive);
  await expectNoSecret(directory, splunk, daemon);
  expect(found()).toHaveLength(4 * all.length);
  for (const each of found()) expect(each).toMatch(/(?:josé|ann|bob|eve).*\[REDACTED\]/s);
  expect(daemon.books.total).toMatchObject({ quarantined: 0, lost_bytes: 0 });
});

longTest("encodings - 8 crashes in a file of 30 MiB in UTF-16 lose nothing", async () => {
  const line = (number: number): string => `{"number":${number},"filler":"${"é".repeat(300)}"}\r\n`;
  const record_bytes = Buffer.byteLength(line(1_000_000));
  const count = Math.ceil((30 * 1024 * 1024) / le(line(1_000_000)).length);
  const all = Array.from({ length: count }, (_, number) => line(number)).join("");
  await crashWhileReading({
    kills: 8,
    seed: 13,
    name: "audit.log",
    records: count,
    record_bytes,
    write: (path) => writeFileSync(path, be(mark + all)),
    input: [],
    chain: [`redact: { fields: [password], with: "${mask}" }`],
  });
});
