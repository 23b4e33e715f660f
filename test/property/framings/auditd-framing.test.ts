/**
 * Property: however the bytes of auditd's lines come, a file that grows and is read across restarts and a stream in any chunks
 * give the events that a plain grouping of all lines gives: the same bytes, places and flags.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditdFramer } from "../../../src/inputs/framing/auditd/auditd-framer.ts";
import { fingerprintOf } from "../../../src/inputs/file/files/identity.ts";
import { sampled } from "../../support/effort.ts";
import { feed, piecesOf, readGrowing, shipped } from "../../support/framing/framing-reads.ts";
import { gatherAll, gathererOf } from "../../support/framing/gathering.ts";

const event_bytes_max = 300;
const span_max = 2 * event_bytes_max;

interface Line {
  readonly text: string;
  readonly start: number;
  readonly next: number;
  readonly number: number;
}

interface Event {
  readonly text: string;
  readonly offset: number;
}

/** The events of all lines, by plain means: each line is compared with all that is open. */
function eventsOf(text: string): Event[] {
  const events: Event[] = [];
  let open: {
    key: string;
    node: string;
    time: number;
    serial: number;
    lines: Line[];
    last: number;
  }[] = [];
  const give = (those: typeof open): void => {
    for (const { lines } of those) {
      events.push({ text: lines.map((each) => each.text).join("\n"), offset: lines[0]!.start });
    }
    open = open.filter((each) => !those.includes(each));
  };
  const lines = linesOf(text);
  for (const line of lines) {
    const is_unfinished = line.next > text.length;
    const head = /^(?:node=([^ ]+) )?type=(\w+) msg=audit\((\d+\.\d{3}):(\d+)\):/.exec(line.text);
    const [, node = "", type = "", time = "", serial = ""] = head ?? [];
    const key = `${node} ${time} ${serial}`;
    const end = Math.min(line.next, text.length);
    while (
      open[0] &&
      (end - open[0].lines[0]!.start > span_max || line.number - open[0].lines[0]!.number >= 512)
    ) {
      give(open.slice(0, 1));
    }
    if (is_unfinished) give(open.filter((each) => head === null || each.key !== key));
    if (line.text.trim() === "") continue;
    if (head === null) {
      events.push({ text: line.text, offset: line.start });
      continue;
    }
    const isBehind = (each: (typeof open)[number]): boolean =>
      each.node === node && (Number(time) >= each.time + 2 || Number(serial) >= each.serial + 64);
    give(
      open.filter((each) => each.key !== key && (line.number - each.last >= 8 || isBehind(each))),
    );
    const mine = open.find((each) => each.key === key);
    if (mine !== undefined) {
      mine.lines.push(line);
      if (type === "PROCTITLE") mine.last = line.number;
      if (type === "EOE") give([mine]);
    } else if (type === "EOE" || type.startsWith("USER_")) {
      events.push({ text: line.text, offset: line.start });
    } else {
      const last = type === "PROCTITLE" ? line.number : Infinity;
      open.push({ key, node, time: Number(time), serial: Number(serial), lines: [line], last });
    }
  }
  give(open);
  return events;
}

function linesOf(text: string): Line[] {
  let start = 0;
  return text.split("\n").flatMap((each, number, all) => {
    const line = { text: each, start, next: start + each.length + 1, number };
    start = line.next;
    return number === all.length - 1 && each === "" ? [] : [line];
  });
}

const line = fc
  .record({
    node: fc.constantFrom("", "", "", "node=b "),
    type: fc.constantFrom("SYSCALL", "PATH", "PATH", "PROCTITLE", "EOE", "USER_CMD", "EXECVE"),
    time: fc.constantFrom("10.000", "10.000", "10.000", "10.001", "11.999", "12.000", "9.000"),
    serial: fc.constantFrom(1, 1, 2, 2, 3, 64, 65, 70),
    more: fc.constantFrom("", "a=1", "é", "x".repeat(100), "y".repeat(400)),
  })
  .map(
    ({ node, type, time, serial, more }) =>
      `${node}type=${type} msg=audit(${time}:${serial}): ${more}`,
  );
const content = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: line },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          "",
          " \t",
          "hello",
          "type=SYSCALL msg=audit(x",
          "z".repeat(2000),
        ),
      },
    ),
    { maxLength: 30 },
  )
  .chain((lines) =>
    fc.constantFrom("\n", "", "").map((end) => Buffer.from(lines.join("\n") + end)),
  );
const splits = fc.array(fc.record({ at: fc.nat(4000), restarts: fc.boolean() }), { maxLength: 8 });

const expectedOf = (bytes: Buffer) =>
  eventsOf(bytes.toString("latin1")).map(({ text, offset }) => ({
    ...shipped(text, event_bytes_max),
    offset,
  }));

sampled(
  "auditd framing - a file that grows gives the events of the whole, across restarts",
  { sample: 25, all: 3000 },
  (runs) =>
    fc.assert(
      fc.asyncProperty(content, splits, async (bytes, places) => {
        const found = await readGrowing(auditdFramer, piecesOf(bytes, places), event_bytes_max);
        expect(found).toEqual(expectedOf(bytes));
      }),
      { numRuns: runs },
    ),
);

sampled(
  "auditd framing - a stream in any chunks gives the events of the whole, and none is unfinished but the last",
  { sample: 25, all: 3000 },
  (runs) =>
    fc.assert(
      fc.asyncProperty(
        content,
        splits,
        fc.integer({ min: 1, max: 5 }),
        async (bytes, places, records_max) => {
          const split = places.map(({ at, restarts }) => ({ at, take: restarts }));
          const taken = gatherAll(
            gathererOf(auditdFramer, event_bytes_max, records_max),
            bytes,
            split,
          );
          const inShort = ({ text, offset }: { text: string; offset?: number }) => ({
            text,
            offset,
          });
          // A line that is longer than what is held of a stream ends the events before it as quiet does.
          if (!bytes.includes("z".repeat(2000))) {
            expect(taken.map(inShort)).toEqual(expectedOf(bytes).map(inShort));
          }
          const { events } = await feed(
            auditdFramer,
            piecesOf(bytes, places).map((each) => each.bytes),
            event_bytes_max,
          );
          expect(events.map((each) => each.bytes.toString("latin1")).toSorted()).toEqual(
            taken.map(({ text }) => text).toSorted(),
          );
        },
      ),
      { numRuns: runs },
    ),
);

describe("auditd framing - long ones", () => {
  it("auditd framing - lines longer than what is read at once, among events, lose nothing", async () => {
    const kib = 1024;
    const at = (serial: number, more: string): string =>
      `type=SYSCALL msg=audit(10.000:${serial}): ${more}`;
    const lines = [
      at(1, "a"),
      `z${"z".repeat(700 * kib)}`,
      at(1, "b"),
      at(2, "c".repeat(600 * kib)),
      at(1, "d"),
      "\0".repeat(3) + at(2, "e"),
      `y${"y".repeat(5000 * kib)}`,
    ];
    const bytes = Buffer.from(lines.join("\n") + "\n");
    for (const place of [0, 60, 300 * kib, 800 * kib, 1400 * kib]) {
      const found = await readGrowing(
        auditdFramer,
        piecesOf(bytes, [{ at: place, restarts: true }]),
        kib * kib,
      );
      const expected = [
        lines[0]!,
        lines[1]!,
        lines[2]!,
        lines[3]!,
        lines[4]!,
        lines[5]!.slice(3),
        lines[6]!,
      ];
      const inShort = (text: string): unknown => [fingerprintOf(Buffer.from(text)), text.length];
      expect(found.map(({ text }) => inShort(text))).toEqual(
        expected.map((text) => inShort(shipped(text, kib * kib).text)),
      );
      expect(found.at(-1)!.original).toEqual(shipped(lines[6]!, kib * kib).original);
    }
  });
});

const hostile = fc.constantFrom(
  "type=",
  "node=",
  "node=a ",
  "type=SYSCALL ",
  "type=EOE ",
  "type=PROCTITLE ",
  "type=USER_CMD ",
  "msg=audit(",
  "1.000",
  "3.500",
  ":1",
  ":2",
  ":99999",
  "): ",
  "a",
  "\n",
  "\n",
  "\r\n",
  "\0",
  "\0\n",
  "\x1d",
  "é",
  "\xff",
  "x".repeat(700),
);

sampled(
  ({ runs }) => `auditd framing - ${runs} hostile inputs lose no byte of a line, and end`,
  { sample: { runs: 80 }, all: { runs: 10_000 } },
  ({ runs }) =>
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 60 }), splits, (parts, places) => {
        const bytes = Buffer.from(parts.join(""), "latin1");
        const taken = gatherAll(
          gathererOf(auditdFramer, 100_000),
          bytes,
          places.map(({ at, restarts }) => ({ at, take: restarts })),
        );
        const sorted = (lines: readonly string[]): string[] =>
          lines
            .map((each) => each.replace(/^\0+/, "").replace(/\r$/, ""))
            .filter((each) => /[^ \t\r\0]/.test(each))
            .toSorted();
        const found = taken.flatMap(({ text }) => text.split("\n"));
        const end = bytes.toString("latin1").replace(/\0+$/, "");
        expect(sorted(found)).toEqual(sorted(end.split("\n")));
      }),
      { numRuns: runs },
    ),
);
