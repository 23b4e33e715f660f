/**
 * A status as a screen of 80 columns or more: what needs looking at first, then the way of the events, then the books.
 */
import type { Status } from "../../admin/status/status.ts";
import type { Warning } from "../../admin/status/warnings.ts";
import { waitingSentences } from "../../admin/status/waiting-report.ts";
import { sumOf } from "../../ledger/books.ts";
import { approximateSize } from "../../platform/text/units.ts";
import { inputLines } from "./input-lines.ts";
import { outputLines } from "./output-lines.ts";
import { stepLines } from "./step-lines.ts";
import { countOf, lengthOf, tableOf } from "./table.ts";

export function screenOf(status: Status, warnings: readonly Warning[]): string[] {
  const sections: [string, string[]][] = [
    ["WARNINGS", warnings.map((warning) => warningLine(warning))],
    ["INPUTS", status.inputs.flatMap((input) => inputLines(input))],
    ["STEPS", stepLines(status.inputs)],
    ["OUTPUTS", status.outputs.flatMap((output) => outputLines(output, status.at))],
    ["BOOKS", bookLines(status)],
    ["STORAGE AND PROCESS", storageLines(status)],
  ];
  const shown = sections.filter(([, lines]) => lines.length > 0);
  return [...headLines(status), ...shown.flatMap(([title, lines]) => ["", title, ...lines])];
}

function headLines({
  version,
  pid,
  state,
  at,
  config,
  process: { uptime_seconds },
}: Status): string[] {
  const { file, digest, last_reload } = config;
  const lines = [
    `tallyman ${version}, process ${pid}, ${state}, up for ${lengthOf(uptime_seconds)}, ${at.slice(0, 16).replace("T", " ")} UTC`,
    `configuration ${file}${digest === undefined ? "" : `, digest ${digest.slice(0, 12)}`}`,
  ];
  if (last_reload !== undefined) {
    const { at: reloaded_at, result, reason, waiting } = last_reload;
    const why = reason === undefined ? "" : `: ${reason}`;
    lines.push(`last reload ${reloaded_at.slice(0, 16).replace("T", " ")} UTC, ${result}${why}`);
    if (waiting !== undefined) {
      lines.push(...waitingSentences(waiting).map((sentence) => `  ${sentence}`));
    }
  }
  return lines;
}

function warningLine({ severity, subject, message }: Warning): string {
  const about = subject === undefined ? "" : `${subject}: `;
  return `  ${severity === "hint" ? "(hint) " : ""}${about}${message}`;
}

function bookLines({ books }: Status): string[] {
  const { inputs, total, balanced } = books;
  const head = ["", "RECEIVED", "DELIVERED", "FILTERED", "QUARANTINED", "DROPPED", "IN FLIGHT"];
  const rows = Object.entries(inputs).map(([name, input]) => {
    const { received, delivered, filtered, quarantined, dropped, in_flight } = input;
    const fates = [delivered, filtered, quarantined, dropped].map((counts) => sumOf(counts));
    return [name, ...[received, ...fates, in_flight].map((count) => countOf(count))];
  });
  const { received, delivered, filtered, quarantined, dropped, in_flight } = total;
  const sums = [received, delivered, filtered, quarantined, dropped, in_flight];
  if (rows.length > 1) rows.push(["total", ...sums.map((count) => countOf(count))]);
  const lines = tableOf([head, ...rows]);
  lines.push(balanced ? "  The books balance." : "  THE BOOKS DO NOT BALANCE.");
  if (total.maybe_lost_bytes > 0)
    lines.push(`  maybe lost bytes: up to ${countOf(total.maybe_lost_bytes)}`);
  for (const kind of ["dropped", "quarantined", "lost_bytes", "quarantine_removed"] as const) {
    const by_reason = new Map<string, number>();
    for (const input of Object.values(inputs)) {
      for (const [reason, count] of Object.entries(input[kind])) {
        by_reason.set(reason, (by_reason.get(reason) ?? 0) + count);
      }
    }
    for (const [reason, count] of by_reason) {
      lines.push(`  ${kind.replaceAll("_", " ")}: ${countOf(count)} (${reason})`);
    }
  }
  return lines;
}

function storageLines({ quarantine, disk, process }: Status): string[] {
  const size = (bytes: number | undefined): string =>
    bytes === undefined ? "an unknown size" : approximateSize(bytes);
  const { descriptors_open, descriptors_max, event_loop_delay_seconds_max } = process;
  return [
    `  quarantine ${size(quarantine.bytes)} of ${size(quarantine.bytes_max)}`,
    `  disk of state_dir ${size(disk.free_bytes)} free of ${size(disk.size_bytes)}`,
    `  memory ${size(process.resident_bytes)} (heap ${size(process.heap_used_bytes)}), ` +
      `${descriptors_open ?? "?"} of ${descriptors_max} descriptors`,
    `  event loop delay up to ${Math.round(event_loop_delay_seconds_max * 1000)} ms`,
  ];
}
