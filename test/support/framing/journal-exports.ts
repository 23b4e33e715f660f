/**
 * Exports of the systemd journal by plain means: what is in one, and what is to come of it. All text is Latin-1, one character a byte.
 */
import { hash } from "node:crypto";
import fc from "fast-check";
import type { Given } from "./container-logs.ts";
import { shipped } from "./framing-reads.ts";

const data_bytes_max = 768 * 1024 * 1024;
const reasons = { line: "not_journald", entry: "broken_entry", rest: "rest_of_record" } as const;

type Kind = "fields" | keyof typeof reasons;

interface Field {
  readonly name: string;
  readonly value: string | null;
  readonly is_whole: boolean;
}

/** What begins somewhere. */
interface Parsed {
  readonly kind: Kind;
  readonly fields: readonly Field[];
  readonly next: number;
  readonly is_ended: boolean;
}

/** A field in the export format, which journalctl writes with its length where it is not one line of text. */
export function fieldOf(name: string, value: string, with_length = false): string {
  if (!with_length) return `${name}=${value}\n`;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(value.length));
  return `${name}\n${length.toString("latin1")}${value}\n`;
}

function parse(text: string, start: number, is_rest: boolean): Parsed {
  const fields: Field[] = [];
  const upTo = (end: string, kind: Kind, from: number): Parsed => {
    const at = text.indexOf(end, from);
    const next = at === -1 ? text.length : at + end.length;
    return { kind, fields: [], next, is_ended: at !== -1 };
  };
  const open = (): Parsed => ({ kind: "fields", fields, next: text.length, is_ended: false });
  const fails = (from: number): Parsed =>
    fields.length > 0 ? upTo("\n\n", "entry", from) : upTo("\n", "line", from);
  const begins = /^__(?:CURSOR|REALTIME_TIMESTAMP)=/.test(text.slice(start, start + 30));
  if (is_rest && !begins) return upTo("\n\n", "rest", start);
  let at = start;
  while (at < text.length) {
    if (text[at] === "\n") return { kind: "fields", fields, next: at + 1, is_ended: true };
    const name = /^(?!\d)[A-Z\d_]*/.exec(text.slice(at))?.[0] ?? "";
    const behind = at + name.length;
    if (name === "" || name.length > 64) return fails(at);
    if (behind === text.length) {
      if (fields.length === 0) return fails(at);
      fields.push({ name, value: null, is_whole: false });
      return open();
    }
    if (text[behind] === "=") {
      const feed = text.indexOf("\n", behind);
      const is_whole = feed !== -1;
      const end = is_whole ? feed : text.length;
      fields.push({ name, value: text.slice(behind + 1, end), is_whole });
      at = end + 1;
      continue;
    }
    if (text[behind] !== "\n") return fails(behind);
    const data = behind + 9;
    if (data > text.length) {
      fields.push({ name, value: null, is_whole: false });
      return open();
    }
    const length = Buffer.from(text.slice(behind + 1, data), "latin1").readBigUInt64LE();
    if (length > data_bytes_max) return upTo("\n\n", "entry", data - 1);
    const end = data + Number(length);
    const is_whole = text[end] === "\n";
    fields.push({ name, value: text.slice(data, end), is_whole });
    if (end < text.length && !is_whole) return fails(end);
    at = end + 1;
  }
  return open();
}

function objectOf(fields: readonly Field[]): string {
  const decode = ({ value }: Field): string | null =>
    value === null
      ? null
      : new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.from(value, "latin1"));
  const object: Record<string, unknown> = {};
  for (const { name } of fields) {
    const values = fields.filter((each) => each.name === name).map(decode);
    object[name] = values.length === 1 ? values[0] : values;
  }
  return Buffer.from(JSON.stringify(object)).toString("latin1");
}

function timeOf(fields: readonly Field[]): string | undefined {
  const found = fields.find(
    ({ name, value, is_whole }) =>
      name === "__REALTIME_TIMESTAMP" && is_whole && value!.length <= 255,
  );
  return found !== undefined && /^\d{1,17}$/.test(found.value!) ? found.value! : undefined;
}

export interface ReadExport {
  readonly given: Given[];
  /** Whether what follows may be the rest of an entry. */
  readonly is_rest: boolean;
}

/** What an export is to give. */
export function entriesOf(bytes: Buffer, bytes_max: number, begins_in_rest = false): ReadExport {
  const text = bytes.toString("latin1").replace(/\0+$/, "");
  const given: Given[] = [];
  let is_rest = begins_in_rest;
  for (let at = 0; ;) {
    at += /^[\n\0]*/.exec(text.slice(at))![0].length;
    if (at >= text.length) return { given, is_rest };
    const whole = parse(text, at, is_rest);
    const { next, is_ended } = whole;
    const is_long = next - at > 2 * bytes_max;
    const part = text.slice(0, at + 2 * bytes_max).replace(/\0+$/, "");
    const parsed = is_long ? parse(part, at, is_rest) : whole;
    const raw = Buffer.from(text.slice(at, is_ended ? next - 1 : next), "latin1");
    const measure = { original_bytes: raw.length, original_sha256: hash("sha256", raw) };
    const line = is_long ? part.slice(at) : raw.toString("latin1");
    given.push({
      offset: at,
      fields: is_ended ? undefined : { tallyman_unfinished: true },
      ...givenOf(parsed, line, bytes_max, is_long ? measure : undefined, measure),
    });
    is_rest = !is_ended || whole.kind === "entry" || whole.kind === "rest";
    at = next;
  }
}

function givenOf(
  { kind, fields }: Parsed,
  line: string,
  bytes_max: number,
  cut: Given["original"],
  measure: Given["original"],
): Omit<Given, "offset" | "fields"> {
  if (kind === "entry" || kind === "rest")
    return { text: "", original: measure, refused: reasons[kind], timestamp: undefined };
  const { text, original } = shipped(kind === "fields" ? objectOf(fields) : line, bytes_max);
  return {
    text,
    original: cut ?? (original && measure),
    refused: kind === "fields" ? undefined : reasons[kind],
    timestamp: kind === "fields" ? timeOf(fields) : undefined,
  };
}

const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("MESSAGE", "A", "A", "_PID", "B_2") },
  { weight: 1, arbitrary: fc.constantFrom("_HOSTNAME", "N".repeat(64)) },
);
const value = fc.oneof(
  fc.constantFrom(
    "",
    "1",
    "a b",
    '"\\',
    "\t",
    "é",
    "\xff\xc3",
    "=",
    "x".repeat(50),
    "y".repeat(150),
  ),
  fc.constantFrom("\n", "\n\n", "\0\0", "a\nB=c\n\n__CURSOR=s\n", "\u001b[1m"),
);
const field = fc
  .tuple(name, value, fc.boolean())
  .map(([each, text, is_data]) =>
    fieldOf(each, text, is_data || ["\n", "\0", "\u001b"].some((part) => text.includes(part))),
  );
const time = fc
  .constantFrom("1752480000123456", "1", "x", "9".repeat(30))
  .map((each) => fieldOf("__REALTIME_TIMESTAMP", each));
const entry = fc
  .tuple(fc.option(time, { nil: "" }), fc.array(field, { maxLength: 6 }))
  .map(([at, fields]) => `${fieldOf("__CURSOR", "s=1")}${at}${fields.join("")}\n`);
const length = (bytes: bigint): string => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(bytes);
  return buffer.toString("latin1");
};
/** What is no entry, or breaks one. */
const fault = fc.constantFrom(
  "\n",
  "\0\0\0",
  "text\n",
  '{"a":1}\n',
  "UPPER",
  "A",
  "9=1\n",
  `${"N".repeat(65)}=1\n`,
  `A\n${length(2n ** 63n)}`,
  `A\n${length(2n ** 64n - 1n)}\n`,
  `A\n${length(BigInt(data_bytes_max) + 1n)}x\n\n`,
  `A\n${length(70n)}`,
  `A\n${length(2n)}abc\n`,
  "A=1\nB",
  "\n\n",
);

/** Exports, and what is none. */
export const exportsOf = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: entry },
      { weight: 1, arbitrary: field },
      { weight: 1, arbitrary: fault },
    ),
    { maxLength: 8 },
  )
  .map((parts) => Buffer.from(parts.join(""), "latin1"));
