/**
 * `tallyman try` and `tallyman test` as processes of the bundle: in pipelines, following a log, with secrets of every format
 * that a text mask knows, and in bounded memory.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  createWriteStream,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { isInstalled } from "../../support/commands.ts";
import { writeConfiguration } from "../../support/configuration.ts";
import { is_long, long, longTest, sampled, sampledCases } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { main } from "../../support/program.ts";
import { secret, secret_formats } from "../../support/secrets/secret-formats.ts";

const MiB = 1024 * 1024;
const names = ["password", "Authorization", "cookie", "token", "pin", "x-api-key", "db_secret"];
const fields = JSON.stringify(names.map((name) => `**.${name}`));

const config = (on_unreadable: string, more = ""): string => `state_dir: state
inputs:
  audit: { paths: ["/var/log/audit*.log"] }
chain:
  - redact: { fields: ${fields}, ignore_case: true, on_unreadable: ${on_unreadable} }
output: { url: "https://splunk.example.com:8088", token: abc }
${more}`;

function shell(line: string, ...parameters: string[]) {
  const words = ["-o", "pipefail", "-c", line, process.execPath, main, ...parameters];
  return spawnSync("bash", words, { encoding: "utf8", maxBuffer: 64 * MiB });
}

function event(number: number): string {
  const header = { Authorization: `AWS ${number}`, Host: "s3.example.com" };
  return JSON.stringify({ time: "2025-03-21T06:37:27Z", number, header, pad: "x".repeat(900) });
}

const planted =
  "preview - no format of a secret is shown, in text, as JSON, in a comparison, or by a failed test";

test(planted, long, () => {
  // What ends a record over a stream would leave the secret alone in one, where nothing gives it away.
  const log = secret_formats
    .flatMap(([, texts]) => texts)
    .filter((text) => !/[\r\0]/.test(text))
    .map((text) => text.replaceAll("\n", " "));
  const tests = log
    .slice(0, 40)
    .map((text) => ({ name: "planted", event: text, expect: { output: "x" } }));
  const file = writeConfiguration(
    config("text", `tests: ${JSON.stringify(tests).replaceAll("${", "$${")}\n`),
  );
  const other = writeConfiguration(config("quarantine"));
  const path = join(dirname(file), "audit.log");
  writeFileSync(path, `${log.join("\n")}\n`);
  const before = readdirSync(dirname(file));
  const command = '"$0" "$1" try -c "$2" "$3"';
  const lines = [
    `${command} --diff "$4" --all`,
    `${command} --all`,
    `cat "$3" | "$0" "$1" try -c "$4" --json`,
    `${command} --json`,
    '"$0" "$1" test -c "$2"; "$0" "$1" check -c "$2"',
  ];
  for (const line of sampledCases(lines, 5)) {
    const { stdout, stderr } = shell(line, file, path, other);
    expect(stdout.length, line + stderr).toBeGreaterThan(1000);
    const leaks = (stdout + stderr).split("\n").filter((each) => each.includes(secret));
    expect(leaks, line).toEqual([]);
  }
  expect(readdirSync(dirname(file))).toEqual(before);
});

longTest("preview - a reader that has read enough ends it, quietly and soon", () => {
  const file = writeConfiguration(config("quarantine"));
  const path = join(dirname(file), "audit.log");
  writeFileSync(path, `${event(1)}\n`.repeat(4000));
  const { stdout, stderr } = shell(
    '"$0" "$1" try -c "$2" --all "$3" | head -n 2; echo "${PIPESTATUS[0]}"',
    file,
    path,
  );
  expect(stdout.split("\n")[1]).toContain("#1  kept → splunk");
  expect(stdout.trimEnd().split("\n").at(-1)).toBe("0");
  expect(stderr).toBe("");
});

test("preview - what is added to a log is shown as it comes, and the summary at the end", async () => {
  const file = writeConfiguration(config("quarantine"));
  const path = join(dirname(file), "audit.log");
  writeFileSync(path, `${event(1)}\n`);
  const run = spawn(process.execPath, [main, "try", "-c", file, "--follow", path]);
  let shown = "";
  run.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text));
  // When it follows the log shows only by what it shows.
  let added = 0;
  await eventually(() => {
    added += 1;
    appendFileSync(path, `${event(1000 + added)}\n`);
    return shown.includes("#2  kept → splunk");
  });
  run.kill("SIGINT");
  const [status] = (await once(run, "close")) as [number];
  expect(shown).toMatch(/Summary\n {2}events +\d+\n/);
  expect(shown).not.toContain("AWS 1");
  expect(status).toBe(0);
});

sampled(
  ({ bytes }) => `preview - ${bytes / MiB} MiB take less than 200 MB of memory, and all is counted`,
  { all: { bytes: 100 * MiB } },
  async ({ bytes }) => {
    const file = writeConfiguration(config("quarantine"));
    const path = join(dirname(file), "audit.log");
    writeFileSync(path, "");
    const chunk = Array.from({ length: 1000 }, (_, number) => `${event(number)}\n`).join("");
    let events = 0;
    for (let size = 0; size < bytes; size += chunk.length, events += 1000)
      appendFileSync(path, chunk);
    const run = spawn(process.execPath, [main, "try", "-c", file, path]);
    const ended = once(run, "close").then(() => true);
    let shown = "";
    run.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text));
    let peak_kib = 0;
    while (!(await Promise.race([ended, delay(20)]))) peak_kib = peakOf(run.pid!) ?? peak_kib;
    expect(shown).toMatch(new RegExp(`events +${events.toLocaleString("en-US")}\n`));
    expect(peak_kib).toBeGreaterThan(0);
    expect(peak_kib * 1024).toBeLessThan(200e6);
  },
);

/** The most memory that a process has had, in KiB; undefined where it has ended. */
function peakOf(pid: number): number | undefined {
  try {
    const [, peak] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return peak === undefined ? undefined : Number(peak);
  } catch {
    return undefined;
  }
}

test.runIf(is_long && isInstalled("script"))(
  "preview - on a terminal of 80 columns nothing is wider, and colour is there where it is wanted",
  long,
  () => {
    const file = writeConfiguration(config("text"));
    const path = join(dirname(file), "audit.log");
    const longer = JSON.stringify({
      token: "made-up ".repeat(60),
      ["k".repeat(90)]: "é🐈".repeat(90),
    });
    writeFileSync(
      path,
      `${[1, 2, 3].map(event).join("\n")}\n${longer}\nno JSON password=made-up\n`,
    );
    const onTerminal = (words: string, environment = ""): string[] => {
      // Where CI is set Node takes no terminal for one that shows colour.
      const variables = `-u CI TERM=xterm ${environment}`;
      const command = `stty cols 80; env ${variables} ${process.execPath} ${main} ${words}`;
      const { stdout } = shell('script -qec "$2" /dev/null', command);
      return stdout.split("\r\n");
    };
    const escape = "\u001b[";
    const plain = (lines: readonly string[]): string[] =>
      // Progress is written over.
      lines.map((line) => stripVTControlCharacters(line.slice(line.lastIndexOf("\r") + 1)));
    const tried = `try -c ${file} ${path} --all`;
    const coloured = onTerminal(tried);
    expect(coloured.join("")).toContain(`${escape}32mkept`);
    expect(plain(coloured).filter((line) => line.length > 80)).toEqual([]);
    const without_colour = [
      () => onTerminal(tried, "NO_COLOR=1"),
      () => onTerminal(`${tried} --color never`),
    ];
    for (const show of sampledCases(without_colour, 2)) {
      const without = show();
      // To take the progress away is no colour.
      expect(without.join("").replaceAll(`${escape}K`, "")).not.toContain(escape);
    }
    const command = `"$0" "$1" try -c "$2" "$3" --color`;
    expect(shell(`${command} always`, file, path).stdout).toContain(`${escape}32mkept`);
    if (!is_long) return;
    expect(shell(`${command} auto`, file, path).stdout).not.toContain(escape);
    expect(shell(`"$0" "$1" scan "$2" --color always`, path).stdout).toContain(escape);
  },
);

test.runIf(is_long && isInstalled("script"))(
  "preview - a terminal shows how far it is after a second, and no line of that is left; a pipe shows none",
  long,
  async () => {
    const file = writeConfiguration(config("quarantine"));
    const pipe = join(dirname(file), "audit.log");
    execFileSync("mkfifo", [pipe]);
    const start = (words: string, is_terminal: boolean) => {
      const command = `stty cols 80; env TERM=xterm ${process.execPath} ${main} ${words} ${pipe}`;
      const run = is_terminal
        ? spawn("script", ["-qec", command, "/dev/null"], { stdio: ["ignore", "pipe", "inherit"] })
        : spawn(process.execPath, [main, ...words.split(" "), pipe], {
            stdio: ["ignore", "pipe", "inherit"],
          });
      const shown = { text: "" };
      run.stdout.setEncoding("utf8").on("data", (text: string) => (shown.text += text));
      return { shown, ended: once(run, "close") };
    };
    for (const words of ["scan", `try -c ${file}`]) {
      const { shown, ended } = start(words, true);
      const log = createWriteStream(pipe);
      // However long the start takes: more comes until a second is over.
      await eventually(() => {
        log.write(`${event(1)}\n`.repeat(100));
        return shown.text.includes("reading: ");
      });
      log.end();
      await ended;
      expect(shown.text).toContain("\r\u001b[K  reading: ");
      expect(shown.text).toMatch(/ {2}reading: [\d.]+ [KM]iB, [\d.]+ [KM]iB\/s\r/);
      const left = shown.text
        .split("\r\n")
        .map((line) => line.slice(line.lastIndexOf("\r") + 1))
        .filter((line) => line.includes("reading:"));
      expect(left).toEqual([]);
    }
    const { shown, ended } = start("scan", false);
    const log = createWriteStream(pipe);
    const half = `${event(1)}\n`.repeat(1000);
    log.write(half);
    await delay(1200);
    log.end(half);
    await ended;
    expect(shown.text).toContain("2,000 events");
    expect(shown.text).not.toContain("reading:");
  },
);
