/**
 * Logs of containers by plain means: what is in one, line by line, and what is to come of it.
 */
import fc from "fast-check";
import type { Records, RecordsInit } from "../../../src/event/block.ts";
import { isBlank } from "../../../src/inputs/framing/lines/long-line.ts";
import { shipped } from "./framing-reads.ts";

/** A record of a container's log, as it is given out. */
export interface Given {
  readonly text: string;
  readonly offset: number;
  readonly original: { original_bytes: number; original_sha256: string } | undefined;
  readonly refused: string | undefined;
  readonly timestamp: string | undefined;
  readonly fields: unknown;
}

interface Part {
  readonly stream: string;
  readonly is_partial: boolean;
  readonly content: string;
  readonly timestamp: string | undefined;
  readonly fields: Record<string, unknown>;
}

/** The formats, each read by plain means. All text is Latin-1, one character a byte. */
export const formats = { cri: criPart, docker: dockerPart };

export type FormatName = keyof typeof formats;

function criPart(line: string): Part | undefined {
  const found = /^(\d{4}-\d\d-\d\dT[^ ]{9,29}) (stdout|stderr) ([PF])(?: |:[^ ]* |$)([^]*)$/.exec(
    line,
  );
  if (found === null) return undefined;
  const [, timestamp, stream, tag, content] = found as unknown as [
    string,
    string,
    string,
    string,
    string,
  ];
  return { stream, is_partial: tag === "P", content, timestamp, fields: { stream } };
}

function dockerPart(line: string): Part | undefined {
  try {
    const { log, stream, time, attrs } = JSON.parse(Buffer.from(line, "latin1").toString()) as {
      log: string;
      stream: string;
      time?: string;
      attrs?: Record<string, string>;
    };
    if (stream !== "stdout" && stream !== "stderr") return undefined;
    const content = Buffer.from(log.replace(/\n$/, "")).toString("latin1");
    const fields = { ...attrs, stream };
    return { stream, is_partial: !log.endsWith("\n"), content, timestamp: time, fields };
  } catch {
    return undefined;
  }
}

interface Open {
  readonly at: number;
  content: string;
  readonly timestamp: string | undefined;
  readonly fields: Record<string, unknown>;
}

/** What a log is to give, from streams that are in the rest of a record, and what is so behind it. */
export function givenBy(
  format: FormatName,
  log: Buffer,
  bytes_max: number,
  rests = new Set<string>(),
): { given: Given[]; rests: Set<string> } {
  const in_rest = new Set(rests);
  const open = new Map<string, Open>();
  const given: Given[] = [];
  /** Whether the last line has no end and cannot be read. */
  let lost = false;
  const unfinished = { tallyman_unfinished: true };
  const give = (
    what: Open,
    reason: string | undefined,
    is_rest: boolean,
    is_whole: boolean,
  ): void => {
    const { at, content: whole, timestamp } = what;
    const content = is_whole ? whole.replace(/\r$/, "") : whole;
    if (isBlank(Buffer.from(content, "latin1"), 0, content.length)) return;
    const withheld = is_rest && (reason !== undefined || !isWholeJson(content));
    const all = shipped(content, withheld ? 0 : bytes_max);
    const fields = is_whole ? what.fields : { ...what.fields, ...unfinished };
    given.push({
      text: all.text,
      offset: at,
      original: all.original,
      refused: withheld ? "rest_of_record" : reason,
      timestamp,
      fields: Object.keys(fields).length === 0 ? undefined : fields,
    });
  };
  const text = log.toString("latin1");
  const lines = text.split("\n");
  let at = 0;
  for (const [number, line] of lines.entries()) {
    const is_last = number === lines.length - 1;
    const from_line = line.replace(/^\0+/, "");
    const start = at + line.length - from_line.length;
    const content = is_last ? from_line.replace(/\0+$/, "") : from_line;
    at += line.length + 1;
    if (is_last && content === "") break;
    const part = formats[format](content);
    if (part === undefined) {
      const is_open = open.size > 0 || in_rest.size > 0;
      const whole = {
        at: start,
        content: content.replace(/\r$/, ""),
        timestamp: undefined,
        fields: {},
      };
      give(whole, `not_${format}`, is_open, !is_last);
      const is_given = !isBlank(Buffer.from(content, "latin1"), 0, content.length);
      if (is_last && is_given) lost = true;
      continue;
    }
    const { stream } = part;
    const group = open.get(stream) ?? { ...part, at: start, content: "" };
    group.content += part.content;
    open.set(stream, group);
    if (part.is_partial || is_last) continue;
    open.delete(stream);
    give(group, undefined, in_rest.has(stream), true);
    in_rest.delete(stream);
  }
  for (const [stream, group] of [...open].toSorted(([, a], [, b]) => a.at - b.at)) {
    give(group, undefined, in_rest.has(stream), false);
    in_rest.add(stream);
  }
  return { given, rests: lost ? new Set(["stdout", "stderr"]) : in_rest };
}

function isWholeJson(text: string): boolean {
  if (!/^[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The records as they were given out. */
export function givenIn(records: Omit<RecordsInit, "origin"> | Records): Given[] {
  const { bytes, starts, ends, count, offset, offsets = starts, truncations, known } = records;
  return Array.from({ length: count }, (_, number) => {
    const { header, verdict } = known?.[number] ?? {};
    return {
      text: bytes.toString("latin1", starts[number], ends[number]),
      offset: offset + offsets[number]!,
      original: truncations?.get(number),
      refused: verdict?.reason,
      timestamp: header?.timestamp,
      fields: header?.fields,
    };
  });
}

const content = fc.oneof(
  fc.constantFrom(
    '{"a":1',
    ',"b":"é"}',
    '{"w":1}',
    "text",
    "",
    " ",
    "a\r",
    "\r",
    '"\\u0000"',
    "\0",
  ),
  fc.integer({ min: 17, max: 24 }).map((length) => "x".repeat(length)),
);
const time = "2026-11-28T20:00:00";
const part = fc.record({
  stream: fc.constantFrom("stdout", "stderr"),
  is_partial: fc.boolean(),
  content,
  time: fc.constantFrom(`${time}.123456789Z`, `${time}Z`, `${time}.1+01:00`),
  more: fc.constantFrom("", "", ":tag"),
});
const other = fc.constantFrom(
  "garbage",
  "",
  "{}",
  '{"log":1}',
  `${time}Z stdin F x`,
  " ",
  "\r",
  "\0\0",
);

/** A line of a log without its end. */
export const lineOf: Record<
  FormatName,
  (each: {
    stream: string;
    is_partial: boolean;
    content: string;
    time?: string;
    more?: string;
  }) => string
> = {
  cri: ({ stream, is_partial, content: text, time: at = `${time}Z`, more = "" }) =>
    `${at} ${stream} ${is_partial ? "P" : "F"}${more} ${text}`,
  docker: ({ stream, is_partial, content: text, time: at = `${time}Z`, more = "" }) => {
    const log = is_partial ? text : `${text}\n`;
    const line = { log, stream, ...(more !== "" && { attrs: { tag: more } }), time: at };
    const turned = Object.fromEntries(Object.entries(line).toReversed());
    return JSON.stringify(text.length % 2 === 0 ? line : turned);
  },
};

/** Logs with records of both streams, lines of another form, and holes. */
export function logs(format: FormatName): fc.Arbitrary<Buffer> {
  const line = fc.oneof(
    { weight: 8, arbitrary: part.map(lineOf[format]) },
    { weight: 1, arbitrary: other },
    { weight: 1, arbitrary: part.map((each) => `\0\0${lineOf[format](each)}`) },
  );
  return fc
    .tuple(fc.array(line, { maxLength: 25 }), fc.constantFrom("\n", "\n", ""))
    .map(([lines, end]) => Buffer.from(lines.join("\n") + end));
}
