/** What must not reach a terminal as it is: by itself, in the log, and in what commands print. */
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openLog } from "../../../../src/platform/process/process-log.ts";
import {
  printable,
  printableColoured,
  printableJson,
  printableLines,
} from "../../../../src/platform/text/printable.ts";
import { tallyman } from "../../../support/command-line.ts";
import { writeQuarantine, quarantineLine } from "../../../support/quarantine/quarantine-lines.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** Each range from its first to its last. */
const ranges: [number, number, string][] = [
  [0x00, 0x1f, "C0"],
  [0x7f, 0x9f, "C1"],
  [0xad, 0xad, "a soft hyphen"],
  [0x61c, 0x61c, "the Arabic letter mark"],
  [0x180e, 0x180e, "the Mongolian vowel separator"],
  [0x200b, 0x200f, "zero-width and marks"],
  [0x2028, 0x202e, "separators and overrides"],
  [0x2060, 0x206f, "isolates and joiners"],
  [0x3164, 0x3164, "a filler"],
  [0xd800, 0xdfff, "halves of pairs"],
  [0xfe00, 0xfe0f, "variations"],
  [0xfeff, 0xfeff, "a byte order mark"],
  [0xfff9, 0xfffb, "annotations"],
  [0xe0000, 0xe007f, "tags"],
];

function charactersOf([first, last]: readonly [number, number, string]): string[] {
  return Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at));
}

/** All that can stand in an argument or in a file of UTF-8; a line feed ends a line there. */
const hostile = ranges
  .flatMap((range) => charactersOf(range).slice(0, 200))
  .filter((each) => each.isWellFormed() && !["\0", "\n", "\r", "\t"].includes(each))
  .join("");
const seen = /[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u{fffd}]/u;

/** Whether every character of it can be shown, beside the ends of lines. */
function isShown(text: string): boolean {
  return Array.from(text).every((each) => each === "\n" || seen.test(each));
}

test.each(ranges)("printable - nothing from %i to %i, %s, is left", (...range) => {
  for (const character of charactersOf(range)) {
    const text = `a${character}b`;
    expect(printable(text)).toMatch(/^a\\(x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]{5}\})b$/);
    expect(isShown(printableLines(text))).toBe(true);
    expect(isShown(printableColoured(text))).toBe(true);
    const json = JSON.stringify({ [text]: text });
    expect(isShown(printableJson(json))).toBe(true);
    expect(JSON.parse(printableJson(json))).toEqual(JSON.parse(json));
  }
});

test("printable - what people write stays as it is", () => {
  const text = "naïve Größe 日本語 العربية עברית 👍 \u00a0 £ ~ \\ \"'";
  expect(printable(text)).toBe(text);
  expect(printableJson(JSON.stringify({ text }, undefined, 2))).toBe(
    JSON.stringify({ text }, undefined, 2),
  );
});

test("printable - colours pass, and no other sequence does", () => {
  expect(printableColoured("\u001b[32mINFO\u001b[39m: \u001b[0m\u001b[1;31mx\u001b[m")).toBe(
    "\u001b[32mINFO\u001b[39m: \u001b[0m\u001b[1;31mx\u001b[m",
  );
  expect(printableColoured("\u001b[2J\u001b]0;title\u0007\u001bc")).toBe(
    "\\x1b[2J\\x1b]0;title\\x07\\x1bc",
  );
});

test.each([true, false])("log - nothing hostile is in it, on a terminal: %s", async (isTTY) => {
  const file = join(temporaryDirectory(), "log");
  const fd = openSync(file, "w");
  const log = await openLog("info", Object.assign(Object.create(process.stderr), { fd, isTTY }));
  const text = `${hostile}\u001b[8mhidden\ud800`;
  log.logger.info(
    "file_followed",
    { path: text, nested: { [text]: [text] } },
    `Following ${text}.`,
  );
  log.flush();
  const written = readFileSync(file, "utf8");
  closeSync(fd);
  expect(written).toContain("Following");
  // Of the sequences, colours that the library itself has written are left.
  // oxlint-disable-next-line no-control-regex
  const left = isTTY ? written.replaceAll(/\u001b\[(?:\d\d?)m/g, "") : written;
  expect(isShown(left)).toBe(true);
  expect(written).not.toContain("\u001b[8m");
  if (!isTTY)
    expect(JSON.parse(written)).toMatchObject({
      path: text,
      nested: { [text]: [text] },
      msg: `Following ${text}.`,
    });
});

test("commands - nothing hostile reaches the terminal, of the configuration, files, events or arguments", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, `${hostile}.log`.slice(-100));
  const name = JSON.stringify(path);
  const state_dir = join(directory, "state");
  const config = join(directory, "config.yaml");
  writeFileSync(
    config,
    `state_dir: ${state_dir}
inputs:
  a: { paths: [${name}], metadata: { sourcetype: ${JSON.stringify(hostile)}, index: ${JSON.stringify(hostile)} } }
output: { url: "http://127.0.0.1:9", token: tokentoken }
`,
  );
  writeFileSync(path, "");
  const line = quarantineLine(1, { input: hostile, reason: hostile, text: hostile });
  writeQuarantine(join(state_dir, "quarantine"), { "quarantine.jsonl": [line] });
  const broken = join(directory, `broken${hostile.slice(0, 40)}.yaml`);
  writeFileSync(
    broken,
    `${JSON.stringify(hostile)}: 1\nchain: [{ filter: { drop: ${JSON.stringify(`${hostile} ==`)} } }]\n`,
  );
  const commands: string[][] = [
    ["check", "-c", config],
    ["check", "--json", "-c", config],
    ["check", "-c", broken],
    ["check", "-c", join(directory, hostile.slice(-100))],
    ["doctor", "--no-send", "-c", config],
    ["quarantine", "list", "-c", config],
    ["quarantine", "list", "--summary", "-c", config],
    ["quarantine", "show", hostile.slice(-100), "-c", config],
    ["check", `--${hostile}`],
  ];
  for (const command of commands) {
    const { out, err } = await tallyman(command);
    expect(out + err, command.join(" ").slice(0, 30)).not.toBe("");
    expect(
      isShown(out + err),
      JSON.stringify(command.slice(0, 3)) + JSON.stringify(out + err).slice(0, 600),
    ).toBe(true);
  }
});
