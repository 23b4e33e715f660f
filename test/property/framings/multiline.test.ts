/**
 * Property: groups of lines are those of the whole, however the bytes are split, wherever reading starts again, and with
 * pauses anywhere, both of a file that grows and of a stream; and no bytes whatever make a group longer than it may be.
 */
import fc from "fast-check";
import { linearPattern, type LinearPattern } from "../../../src/platform/text/linear-pattern.ts";
import { describe, expect } from "vitest";
import { groupFramer } from "../../../src/inputs/framing/multiline/group-framer.ts";
import type { GroupRule } from "../../../src/inputs/framing/multiline/rule.ts";
import { sampled } from "../../support/effort.ts";
import { type Found, piecesOf, readGrowing, shipped } from "../../support/framing/framing-reads.ts";
import { gatherAll, gathererOf, takeAll } from "../../support/framing/gathering.ts";

interface Rule {
  readonly name: string;
  readonly start?: string;
  readonly end?: string;
  readonly max_lines: number;
  readonly max_bytes: number;
}

const rules: Rule[] = [
  { name: "start", start: "^;", max_lines: 4, max_bytes: 60 },
  { name: "end", end: "\\|$", max_lines: 4, max_bytes: 60 },
  { name: "start and end", start: "^;", end: "\\|$", max_lines: 3, max_bytes: 40 },
  { name: "start, and few bytes", start: "^;", max_lines: 100, max_bytes: 7 },
  { name: "start, and one line", start: "^;", max_lines: 1, max_bytes: 60 },
  { name: "start, and long lines", start: "^;", end: "\\|$", max_lines: 20, max_bytes: 9000 },
];

function ruleOf({ start, end, max_lines, max_bytes }: Rule): GroupRule {
  const compiled = (text = ""): LinearPattern | undefined =>
    text === "" ? undefined : linearPattern(text);
  return { start: compiled(start), end: compiled(end), max_lines, max_bytes };
}

interface Group {
  readonly text: string;
  readonly offset: number;
  readonly group_cut: boolean;
  readonly unfinished: boolean;
}

/** The definition, by plain means. After some offsets there is a pause, so that a group that is there ends. */
function groupsOf(
  text: string,
  rule: Rule,
  pauses: ReadonlySet<number>,
  from: "file" | "stream",
): Group[] {
  const groups: Group[] = [];
  let open: { from: number; lines: number; continued: boolean } | undefined;
  let before: "cut" | "unended" | undefined;
  const matches = (pattern: string | undefined, line: string): boolean =>
    pattern !== undefined &&
    new RegExp(pattern).test(line.replace(/^\0+/, "").slice(0, 4096).replace(/\r$/, ""));
  const close = (to: number, how: typeof before, unfinished = false): void => {
    const group = open!;
    const group_cut = group.continued || how === "cut";
    const record = text.slice(group.from, to).replace(/\n$/, "").replace(/\r$/, "");
    groups.push({ text: record, offset: group.from, group_cut, unfinished });
    open = undefined;
    before = how;
  };
  let at = 0;
  const lines = text.split("\n");
  for (const [number, written] of lines.entries()) {
    const is_last = number === lines.length - 1;
    // In a file they may be allocated and never filled.
    const line = is_last && from === "file" ? written.replace(/\0+$/, "") : written;
    const end = at + line.length;
    if (is_last && line === "") break;
    const nuls = /^\0*/.exec(line)![0].length;
    if (open !== undefined && at - open.from + nuls > rule.max_bytes) close(at, "unended");
    const is_start = matches(rule.start, line);
    if (open !== undefined && is_start) close(at, undefined);
    if (open !== undefined && (open.lines === rule.max_lines || end - open.from > rule.max_bytes)) {
      close(at, "cut");
    }
    const after = is_last ? end : end + 1;
    if (open === undefined && !/^\0*[ \t\r]*$/.test(line)) {
      if (is_start) before = undefined;
      open = { from: at + nuls, lines: 0, continued: before !== undefined };
    }
    if (open !== undefined) {
      open.lines += 1;
      if (is_last) close(after, "unended", true);
      else if (matches(rule.end, line)) close(after, undefined);
      else if (open.lines === 1 && end - open.from > rule.max_bytes) close(after, "unended");
      else if (pauses.has(after)) close(after, "unended");
    }
    at = after;
  }
  if (open !== undefined) close(at, "unended");
  return groups;
}

const event_bytes_max = 50;
const part = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom("\n", "\n", "\n", "\r\n", "\n;", "\n;", "|\n", ";", "|", "a", " "),
  },
  { weight: 2, arbitrary: fc.integer({ min: -2, max: 3 }).map((more) => "x".repeat(55 + more)) },
  { weight: 1, arbitrary: fc.constantFrom("é", "\0", "\0\0", "\r", "\xff") },
);
const long_part = fc.oneof(
  { weight: 10, arbitrary: part },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "y".repeat(4095),
      "y".repeat(4097),
      "y".repeat(9000),
      "\0".repeat(9001),
    ),
  },
);
const places = fc.array(
  fc.record({ at: fc.nat(400), restarts: fc.boolean(), pauses: fc.boolean() }),
  { maxLength: 8 },
);

function contentOf({ max_bytes }: Rule): fc.Arbitrary<Buffer> {
  const parts = max_bytes > 1000 ? long_part : part;
  return fc
    .array(parts, { maxLength: 60 })
    .map((texts) => Buffer.from(texts.join(""), "latin1"))
    .filter(isPlain);
}

/** Without blank lines beyond the limit: whether these count depends on where chunks end. */
function isPlain(bytes: Buffer): boolean {
  return !/[ \t\r]{50}/.test(bytes.toString("latin1"));
}

/** Offsets that are reached by a piece after which there is a pause. */
function pausesIn(bytes: Buffer, at: readonly { at: number; pauses: boolean }[]): Set<number> {
  return new Set(at.filter((each) => each.pauses && each.at < bytes.length).map((each) => each.at));
}

describe.each(rules)("multiline - $name", (rule) => {
  sampled(
    `multiline - ${rule.name}: a file that grows gives the groups of the whole, across restarts and pauses`,
    { sample: 15, all: 500 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(contentOf(rule), places, async (bytes, at) => {
          // Where NUL bytes are at the end of what is there, they may yet be filled.
          const pauses = at.map((each) => ({
            ...each,
            pauses: each.pauses && isLineEnd(bytes, each.at),
          }));
          const framer = groupFramer(ruleOf(rule), "file", 1000);
          const found = await readGrowing(framer, piecesOf(bytes, pauses), event_bytes_max);
          const expected = groupsOf(
            bytes.toString("latin1"),
            rule,
            pausesIn(bytes, pauses),
            "file",
          ).map(({ text, offset, group_cut }): Found => ({
            ...shipped(text, event_bytes_max),
            offset,
            ...(group_cut && { group_cut }),
          }));
          expect(found).toEqual(expected);
        }),
        { numRuns: runs },
      ),
  );

  sampled(
    `multiline - ${rule.name}: a stream in any chunks gives the groups of the whole, across pauses`,
    { sample: 60, all: 10_000 },
    (runs) =>
      fc.assert(
        fc.property(
          contentOf(rule),
          fc.array(fc.record({ at: fc.nat(400), take: fc.boolean(), pauses: fc.boolean() }), {
            maxLength: 12,
          }),
          fc.integer({ min: 1, max: 5 }),
          (bytes, splits, records_max) => {
            const framer = groupFramer(ruleOf(rule), "stream", 1000);
            const gathering = gathererOf(framer, event_bytes_max, records_max);
            const taken = gatherAll(gathering, bytes, splits);
            const pauses = pausesIn(
              bytes,
              splits.map((each) => ({ ...each, pauses: each.pauses && isLineEnd(bytes, each.at) })),
            );
            expect(taken).toEqual(
              groupsOf(bytes.toString("latin1"), rule, pauses, "stream").map(
                ({ text, offset, group_cut, unfinished }) => ({
                  ...shipped(text, event_bytes_max),
                  offset,
                  unfinished,
                  ...(group_cut && { group_cut }),
                }),
              ),
            );
            expect(gathering.held_bytes).toBe(0);
            expect(gathering.unread_bytes).toBe(0);
          },
        ),
        { numRuns: runs },
      ),
  );
});

/** Whether the bytes up to there end with a line end, so that a pause ends a group. */
function isLineEnd(bytes: Buffer, at: number): boolean {
  return at > 0 && bytes[at - 1] === 10;
}

/** Bytes that matter to the framing and any others, without order. */
const hostile = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: part },
      {
        weight: 3,
        arbitrary: fc
          .uint8Array({ maxLength: 20 })
          .map((each) => Buffer.from(each).toString("latin1")),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          "\n".repeat(30),
          "\0".repeat(70),
          ";\n".repeat(20),
          "|\r\n".repeat(9),
        ),
      },
    ),
    { maxLength: 60 },
  )
  .map((texts) => Buffer.from(texts.join(""), "latin1"))
  .filter(isPlain);

sampled(
  (runs) =>
    `multiline - ${runs} hostile inputs give the same groups in any split, lose no byte, and need bounded memory`,
  { sample: 40, all: 5_000 },
  (runs) =>
    fc.assert(
      fc.asyncProperty(hostile, fc.constantFrom(...rules), places, async (bytes, rule, at) => {
        const file = groupFramer(ruleOf(rule), "file", 1000);
        const whole = await readGrowing(file, piecesOf(bytes, []), event_bytes_max);
        const restarts = at.map((each) => ({ ...each, pauses: false }));
        expect(await readGrowing(file, piecesOf(bytes, restarts), event_bytes_max)).toEqual(whole);
        expect(betweenOf(bytes, whole)).toMatch(/^[\0 \t\r\n]*$/);
        const stream = groupFramer(ruleOf(rule), "stream", 1000);
        const gathering = gathererOf(stream, event_bytes_max);
        for (const { bytes: chunk, pauses } of piecesOf(bytes, at)) {
          gathering.push(Buffer.from(chunk), 0);
          if (pauses) gathering.quiet();
          takeAll(gathering);
          expect(gathering.unread_bytes).toBeLessThanOrEqual(
            2 * (event_bytes_max + rule.max_bytes + 4096),
          );
        }
        gathering.end();
        takeAll(gathering);
        expect(gathering.held_bytes).toBe(0);
      }),
      { numRuns: runs },
    ),
);

/** The bytes that belong to no record. */
function betweenOf(bytes: Buffer, found: readonly Found[]): string {
  let between = "";
  let at = 0;
  for (const { offset = 0, text, original } of found) {
    between += bytes.toString("latin1", at, offset);
    at = offset + (original?.original_bytes ?? text.length);
  }
  return between + bytes.toString("latin1", at);
}
