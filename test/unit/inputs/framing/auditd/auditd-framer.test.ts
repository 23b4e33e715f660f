/**
 * Events of auditd: which lines are one event, when it ends, and how reading goes on among those that have not ended.
 */
import { describe, expect, it } from "vitest";
import type { FramingState } from "../../../../../src/inputs/framing/contract/framer.ts";
import { auditdFramer } from "../../../../../src/inputs/framing/auditd/auditd-framer.ts";

const line = (type: string, serial: number, more = "a=1", time = "1364481363.243"): string =>
  `type=${type} msg=audit(${time}:${serial}): ${more}`;

interface Options {
  is_last?: boolean;
  is_quiet?: boolean;
  state?: FramingState;
  from?: number;
  event_bytes_max?: number;
  records_max?: number;
}

function framed(text: string, options: Options = {}) {
  const { is_last = false, is_quiet = false, state, from = 0 } = options;
  const { event_bytes_max = 10_000, records_max = 1000 } = options;
  const starts = new Int32Array(records_max);
  const ends = new Int32Array(records_max);
  const window = { bytes: Buffer.from(text, "latin1"), from, is_last, is_quiet, state };
  const found = auditdFramer.frame(window, { starts, ends, event_bytes_max });
  const events = Array.from({ length: found.count }, (_, number) => ({
    text: found.made!.bytes.toString("latin1", starts[number], ends[number]),
    offset: found.made!.offsets[number],
    header: found.headers?.get(number),
  }));
  return { found, events, texts: events.map((each) => each.text), rest: text.slice(found.end) };
}

const joined = (...lines: string[]): string => lines.join("\n");
const written = (...lines: string[]): string => lines.map((each) => `${each}\n`).join("");

describe("which lines are one event", () => {
  it("auditd - lines of two serials among each other are two events, in the order in which they end", () => {
    const [a1, a2, a3] = [line("SYSCALL", 1), line("CWD", 1), line("EOE", 1)];
    const [b1, b2, b3] = [line("SYSCALL", 2), line("PATH", 2), line("EOE", 2)];
    const { texts, events, rest } = framed(written(a1, b1, a2, b2, b3, a3));
    expect(texts).toEqual([joined(b1, b2, b3), joined(a1, a2, a3)]);
    expect(events[1]!.offset).toBe(0);
    expect(events[0]!.header).toEqual({ timestamp: "1364481363.243" });
    expect(rest).toBe("");
  });

  it("auditd - machines, times and serials tell events apart", () => {
    const all = [
      `node=a ${line("SYSCALL", 1)}`,
      `node=b ${line("SYSCALL", 1)}`,
      line("SYSCALL", 1),
      line("SYSCALL", 1, "a=1", "1364481363.244"),
    ];
    const { texts, events } = framed(written(...all), { is_last: true });
    expect(texts).toEqual(all);
    expect(events.map(({ header }) => header?.host)).toEqual(["a", "b", undefined, undefined]);
  });

  it("auditd - the enriched part, CRLF and any bytes stay what they are", () => {
    const a = [line("SYSCALL", 1, 'a=\xe9\x1dUID="root"'), line("PATH", 1, "name=\0\t")];
    const { texts } = framed(`${a[0]}\r\n${a[1]}\n`, { is_last: true });
    expect(texts).toEqual([joined(...a)]);
  });

  it("auditd - what is none of its lines is a record by itself, and blank ones and NULs before a line are none", () => {
    const a = line("SYSCALL", 1);
    const { texts, found } = framed(
      `${a}\nhello\n \t\n\n\0\0type=X msg=audit(1:2): x\n${line("EOE", 1)}\n`,
    );
    expect(texts).toEqual(["hello", "type=X msg=audit(1:2): x", joined(a, line("EOE", 1))]);
    expect(found.nul_bytes).toBe(2);
    expect(found.state).toBeUndefined();
  });

  it("auditd - what a program sends is an event by itself at once", () => {
    const texts = ["USER_CMD", "CRED_ACQ", "DAEMON_ROTATE", "SERVICE_START", "ADD_USER"].map(
      (each) => line(each, 7),
    );
    expect(framed(written(...texts)).texts).toEqual(texts);
  });
});

describe("when an event ends", () => {
  const a = line("SYSCALL", 100);

  it("auditd - not before something shows it", () => {
    const { found, rest } = framed(written(a));
    expect(found.count).toBe(0);
    expect(rest).toBe(written(a));
    expect(found.state).toBeUndefined();
  });

  it.each([
    ["its EOE", written(line("EOE", 100))],
    [
      "eight lines of others behind its PROCTITLE",
      written(line("PROCTITLE", 100), ...Array.from({ length: 8 }, () => line("PATH", 101))),
    ],
    ["a line of two seconds later", written(line("SYSCALL", 101, "", "1364481365.243"))],
    ["a much later serial", written(line("SYSCALL", 164))],
  ])("auditd - with %s", (_, more) => {
    const { texts } = framed(written(a) + more);
    expect(texts).toHaveLength(1);
    expect(texts[0]!.startsWith(a)).toBe(true);
  });

  it.each([
    [
      "its PROCTITLE, behind which EOE may come among lines of others",
      written(line("PROCTITLE", 100), ...Array.from({ length: 7 }, () => line("PATH", 101))),
    ],
    ["a line of 1.9 seconds later", written(line("SYSCALL", 101, "", "1364481365.143"))],
    ["a serial a little later", written(line("SYSCALL", 163))],
    [
      "a time and a serial of another machine",
      written(`node=b ${line("SYSCALL", 900, "", "1364481999.243")}`),
    ],
  ])("auditd - not with %s", (_, more) => {
    expect(framed(written(a) + more).found.count).toBe(0);
  });

  it("auditd - with quiet, but for the line that has yet to end", () => {
    const b = line("SYSCALL", 101);
    const { texts, rest } = framed(written(a, b) + line("PATH", 100), { is_quiet: true });
    expect(texts).toEqual([a, b]);
    expect(rest).toBe(line("PATH", 100));
  });

  it("auditd - with the end of everything, where the last one is unfinished if its line is", () => {
    const part = line("PATH", 100).slice(0, -2);
    const { texts, found } = framed(written(a, line("SYSCALL", 101)) + part, { is_last: true });
    expect(texts).toEqual([line("SYSCALL", 101), joined(a, part)]);
    expect(found.is_unfinished).toBe(true);
    expect(framed(written(a), { is_last: true }).found.is_unfinished).toBe(false);
    expect(framed(`${written(a)}\0\0\0`, { is_last: true })).toMatchObject({
      texts: [a],
      rest: "",
    });
  });
});

describe("bounds", () => {
  const flagged = { tallyman_unfinished: true };

  it("auditd - the oldest event is given out, flagged, where it holds up too many bytes", () => {
    const long = line("SYSCALL", 2, "x".repeat(150));
    const { events } = framed(written(line("SYSCALL", 1), long), { event_bytes_max: 100 });
    expect(events).toMatchObject([{ text: line("SYSCALL", 1), header: { fields: flagged } }]);
    const begun = framed(written(line("SYSCALL", 1)) + long.slice(0, -1), { event_bytes_max: 100 });
    expect(begun.events).toEqual(events);
    expect(begun.rest).toBe(long.slice(0, -1));
  });

  it("auditd - and where it holds up too many lines", () => {
    const lines = Array.from({ length: 512 }, (_, number) => `other ${number}`);
    const { events, rest, found } = framed(written(line("SYSCALL", 1), ...lines), {
      event_bytes_max: 100_000,
    });
    expect(events).toHaveLength(513);
    expect(events.at(-2)).toMatchObject({ text: line("SYSCALL", 1), header: { fields: flagged } });
    expect(rest).toBe("");
    expect(found.state).toBeUndefined();
  });

  it("auditd - and where too many events are open", () => {
    const lines = Array.from(
      { length: 129 },
      (_, number) => `node=n${number} ${line("SYSCALL", 1)}`,
    );
    const { events } = framed(written(...lines), { event_bytes_max: 100_000 });
    expect(events).toMatchObject([{ text: lines[0], header: { fields: flagged, host: "n0" } }]);
  });

  it("auditd - an event longer than one may be is cut", () => {
    const lines = [line("EXECVE", 1, "x".repeat(200)), line("EOE", 1)];
    const { texts, found } = framed(written(...lines), { event_bytes_max: 150 });
    expect(texts).toEqual([joined(...lines).slice(0, 150)]);
    expect(found.truncations?.get(0)?.original_bytes).toBe(joined(...lines).length);
  });
});

describe("the state", () => {
  const text = written(
    line("SYSCALL", 1),
    line("USER_CMD", 2),
    line("PATH", 1),
    "other",
    line("SYSCALL", 3),
    line("EOE", 3),
    line("PATH", 1),
  );

  it("auditd - says which lines behind the oldest open event were given out, and nothing of what is in them", () => {
    const { found, texts } = framed(text);
    expect(texts).toHaveLength(3);
    expect(found).toMatchObject({ end: 0, state: { given: [1, 1, 1, 3] } });
    expect(auditdFramer.isState(found.state!)).toBe(true);
    const again = framed(text + written(line("EOE", 1)), { state: found.state });
    expect(again.texts).toEqual([
      joined(line("SYSCALL", 1), line("PATH", 1), line("PATH", 1), line("EOE", 1)),
    ]);
    expect(again).toMatchObject({ rest: "", found: { state: undefined } });
  });

  it("auditd - keeps what is behind the line at which there was no more room", () => {
    const many = framed(text + written(line("EOE", 1)), {
      state: { given: [0, 2, 3, 1, 1, 1] },
      records_max: 1,
    });
    expect(many.texts).toEqual(["other"]);
    const { state, end } = many.found;
    expect(text.slice(end).startsWith(line("PATH", 1))).toBe(true);
    expect(state).toEqual({ given: [1, 1, 1, 1, 1, 1] });
  });

  it.each([
    null,
    1,
    {},
    { given: [] },
    { given: [1] },
    { given: [1, -1] },
    { given: [1, "a"] },
    { given: [1, 1e9] },
    { given: [1, 1], more: 1 },
  ])("auditd - %j is none", (value) => {
    expect(auditdFramer.isState(value)).toBe(false);
  });
});
