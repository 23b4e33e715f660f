/**
 * What `tallyman scan` prints: what the log is, its fields, what looks secret. 80 columns, readable without colour, and
 * without any value of the log.
 */
import { approximateSize } from "../../platform/text/units.ts";
import { countOf, manyOf, tableOf } from "../status/table.ts";
import { styled } from "../terminal/style.ts";
import type { FieldSummary, LogFindings, SecretField, TimeField } from "./findings.ts";

/** Fields that are shown without being asked for. */
const fields_shown_max = 60;
/** Times that are named beside the best. */
const others_max = 5;
const path_length_max = 56;

export function reportLines(findings: LogFindings): string[] {
  return [
    ...headLines(findings),
    ...section("TIME", timeLines(findings)),
    ...section(`LOOKS SECRET (${secretCount(findings)})`, secretLines(findings)),
    ...section("MAY HAVE TO BE MASKED", otherLines(findings)),
    ...section(`FIELDS (${findings.fields.length})`, fieldLines(findings)),
  ];
}

function secretCount({ secrets, text_secrets }: LogFindings): number {
  return secrets.length + text_secrets.length;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", styled("bold", title), ...lines];
}

function headLines(findings: LogFindings): string[] {
  const { files, bytes, events, texts, unreadable, framing, known, text_format, notes } = findings;
  const what = known === undefined ? "" : `: ${known.title}`;
  const lines = [
    `${manyOf(events, "event")} in ${manyOf(files.length, "file")} (${approximateSize(bytes)})${what}`,
    `  framing: ${framing ?? "lines"}`,
  ];
  if (texts > 0) {
    const format =
      text_format === undefined ? "" : `; the step \`parse\` reads it as ${text_format}`;
    lines.push(`  ${manyOf(texts, "event")} not JSON, but text${format}`);
  }
  if (unreadable > 0) lines.push(`  ${manyOf(unreadable, "record")} not readable: quarantine`);
  lines.push(...splitKeyLines(findings));
  return [...lines, ...notes.map((note) => `  not all of ${note}`)];
}

/** What is to be done where lines of keys would leave. */
function splitKeyLines({ split_keys }: LogFindings): string[] {
  if (split_keys === 0) return [];
  const what = `${manyOf(split_keys, "private key")} over several lines, each an event by itself`;
  return [
    `  ${styled("red", "WARNING")} ${what}:`,
    "    the lines inside a key would leave as they are. Set a framing that keeps",
    "    the lines of an event together, such as `multiline`, with the `start` of yours.",
  ];
}

function timeLines({ times, head_time }: LogFindings): string[] {
  const lines: string[] = [];
  const [best, ...others] = times;
  if (best !== undefined) lines.push(`  ${best.path}${zoneHint(best)}`);
  if (head_time !== undefined) lines.push(`  at the beginning of texts${zoneHint(head_time)}`);
  if (lines.length === 0)
    lines.push("  None was found: events get the time at which they are read.");
  if (others.length > 0) {
    const more = others.slice(0, others_max).map(({ path }) => path);
    lines.push(`  also times: ${more.join(", ")}${others.length > others_max ? ", …" : ""}`);
  }
  return lines;
}

function zoneHint({ needs_zone }: Pick<TimeField, "needs_zone">): string {
  return needs_zone ? ", which names no zone: set `time.zone`" : "";
}

function secretLines({ secrets, text_secrets }: LogFindings): string[] {
  const texts: SecretField[] =
    text_secrets.length > 0 ? [{ path: "(in text)", found_by: text_secrets }] : [];
  const rows = [...secrets, ...texts].map(({ path, found_by }) => [
    cut(path),
    found_by.map(({ detector, values }) => `${detector} (${countOf(values)})`).join(", "),
  ]);
  const width = Math.max(0, ...rows.map(([path]) => path!.length));
  return rows.map(([path, found]) => `  ${styled("red", path!.padEnd(width))}  ${found}`);
}

function otherLines({ others }: LogFindings): string[] {
  const rows = others.map(({ path, found_by }) => [
    cut(path),
    found_by.map(({ detector, share }) => `${detector} (${Math.round(share * 100)} %)`).join(", "),
  ]);
  const width = Math.max(0, ...rows.map(([path]) => path!.length));
  return rows.map(([path, found]) => `  ${path!.padEnd(width)}  ${found}`);
}

function fieldLines({ fields, events, values_beyond }: LogFindings): string[] {
  if (fields.length === 0) return [];
  const shown = fields.slice(0, fields_shown_max);
  const rows = shown.map((field) => [cut(field.path), shareOf(field, events), kindsOf(field)]);
  const lines = tableOf([["PATH", "VALUES", "KIND"], ...rows]);
  const more = fields.length - shown.length;
  if (more > 0) lines.push(`  and ${manyOf(more, "field")} more (\`--json\` has all)`);
  if (values_beyond > 0) {
    lines.push(
      `  and ${manyOf(values_beyond, "value")} under keys beyond those, which were not looked at`,
    );
  }
  return lines;
}

function shareOf({ values }: FieldSummary, events: number): string {
  return values === events ? "in each" : countOf(values);
}

function kindsOf({ kinds }: FieldSummary): string {
  return kinds.filter((kind) => kind !== "null").join(", ") || "null";
}

function cut(path: string): string {
  return path.length <= path_length_max ? path : `${path.slice(0, path_length_max - 1)}…`;
}
