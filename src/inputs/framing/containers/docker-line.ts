/**
 * A line of Docker's json-file log driver:
 *
 *     {"log":"{\"user\":\"ann\"}\n","stream":"stdout","attrs":{"tag":"web"},"time":"2026-11-28T20:00:00.123456789Z"}
 *
 * `log` ends in a line feed unless the line goes on: Docker cuts lines at 16 KiB. Source: moby, daemon/logger/jsonfilelog.
 */
import type { RecordHeader } from "../../../event/block.ts";
import { readJson } from "../../../event/scan/json-value.ts";
import { parsePath } from "../../../event/scan/path.ts";
import { Walker } from "../../../event/scan/walker.ts";
import type { LineFormat, Part, StreamName } from "./line-format.ts";

const open_brace = 0x7b;
const line_feed = 10;

/** Docker's are of 16 KiB at most, each byte of which takes six where it is escaped, and what the daemon adds. */
const line_bytes_max = 1024 * 1024;
const attrs_max = 64;

const paths = { log: 0, stream: 1, time: 2, attrs: 3 };
const walker = new Walker(Object.keys(paths).map((key) => parsePath(key)));

/** What was made of attributes last: a container's lines all have the same. */
const last = new Map<StreamName, { attrs: string; said: Said }>();

/** What attributes say, with their text, in which secrets are looked for. */
type Said = Pick<RecordHeader, "fields" | "from">;

export const dockerLine: LineFormat = { name: "docker", line_bytes_max, read };

function read(bytes: Buffer, start: number, end: number): Part | string {
  if (bytes[start] !== open_brace) return "it is no JSON object";
  const invalid = walker.scan(bytes, start, end);
  if (invalid !== undefined) return `${invalid.reason} at its byte ${invalid.byte}`;
  const log = textAt(bytes, paths.log);
  if (log === undefined) return "it has no text log";
  const stream = textAt(bytes, paths.stream);
  if (stream !== "stdout" && stream !== "stderr") return "its stream is neither stdout nor stderr";
  const timestamp = textAt(bytes, paths.time);
  const content = Buffer.from(log);
  const is_partial = content.at(-1) !== line_feed;
  const length = is_partial ? content.length : content.length - 1;
  return {
    stream,
    is_partial,
    content: { bytes: content, start: 0, end: length },
    header: { timestamp, ...saidIn(bytes, stream) },
  };
}

/** The last value of a repeated key, as Docker itself reads it. */
function textAt(bytes: Buffer, path: number): string | undefined {
  const { spans } = walker;
  const row = spans.last(path);
  if (row < 0) return undefined;
  const value = readJson(bytes, spans.start(row), spans.end(row), spans.plain(row));
  return typeof value === "string" ? value : undefined;
}

function saidIn(bytes: Buffer, stream: StreamName): Said {
  const { spans } = walker;
  const row = spans.last(paths.attrs);
  const attrs = row < 0 ? "" : bytes.toString("utf8", spans.start(row), spans.end(row));
  const before = last.get(stream);
  if (before?.attrs === attrs) return before.said;
  const entries = entriesOf(attrs);
  const parts = entries.map(([field, value]) => ({
    field,
    names: [written(field)],
    values: value === "" ? [] : [written(value)],
  }));
  const said = {
    fields: { ...Object.fromEntries(entries), stream },
    ...(parts.length > 0 && { from: { text: attrs, parts } }),
  };
  last.set(stream, { attrs, said });
  return said;
}

function entriesOf(attrs: string): [name: string, value: string][] {
  const value: unknown = attrs === "" ? {} : JSON.parse(attrs);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const entries = Object.entries(value as Record<string, unknown>);
  const isText = (entry: [string, unknown]): entry is [string, string] =>
    typeof entry[1] === "string" && entry[0] !== "stream";
  return entries.filter(isText).slice(0, attrs_max);
}

/** As Docker writes a text in JSON, without the quotes. */
function written(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
