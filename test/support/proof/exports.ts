/** Rows as the files of an export, in each form that verify takes. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Row } from "./model-agent.ts";

/** As search/jobs/export gives them: newest first, with the last row marked. */
export function splunkJson(rows: readonly Row[]): string {
  const results = rows.toReversed().map((result, offset, all) => {
    const is_last = offset === all.length - 1;
    return JSON.stringify({ preview: false, offset, ...(is_last && { lastrow: true }), result });
  });
  return `${results.join("\n")}\n`;
}

const columns = [
  "_time",
  "_raw",
  "index",
  "sourcetype",
  "tally_lane",
  "tally_block",
  "tally_i",
  "tally_sig",
];

export function csv(rows: readonly Row[]): string {
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const lines = rows
    .toReversed()
    .map((row) => columns.map((name) => quoted(row[name] ?? "")).join(","));
  return `${[columns.map(quoted).join(","), ...lines].join("\n")}\n`;
}

/** As the agent's own archive has them: envelopes, oldest first. */
export function archive(rows: readonly Row[]): string {
  return rows.map((row) => `${envelope(row)}\n`).join("");
}

function envelope({ _raw: raw = "", _time, index, sourcetype, ...fields }: Row): string {
  const { tally_sig } = fields;
  const is_json = raw.startsWith("{") && tally_sig === undefined;
  const head = JSON.stringify({ host: "h", sourcetype, index }).slice(0, -1);
  const indexed = `"fields":${JSON.stringify(fields)}`;
  const event = is_json ? raw : JSON.stringify(raw);
  // With a place the time comes first.
  const rest = "tally_lane" in fields ? `"time":${_time},${indexed}` : `${indexed},"time":${_time}`;
  return `${head},${rest},"event":${event}}`;
}

export function gzipped(text: string): Buffer {
  return gzipSync(text);
}

export function zstandard(text: string): Buffer {
  return zstdCompressSync(text);
}
