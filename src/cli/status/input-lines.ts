/**
 * The inputs on the screen: where they are, how far they are behind, and what their journals hold.
 */
import type { FileReport, InputStatus, JournalReport } from "../../admin/status/status.ts";
import { approximateSize } from "../../platform/text/units.ts";
import { lengthOf, manyOf } from "./table.ts";

/** Files that are shown of an input. */
const shown_files_max = 5;

export function inputLines(input: InputStatus): string[] {
  const { name, type, listens_on, connections, files, journals, lag_bytes, lag_seconds } = input;
  const parts = [
    `${name} (${type}${input.socket_mode === "datagram" ? ", datagrams" : ""})`,
    ...(listens_on === undefined ? [] : [listens_on]),
    ...(connections === undefined ? [] : [manyOf(connections, "connection")]),
    ...(files === undefined ? [] : [manyOf(files.followed, "file")]),
    lagOf(lag_bytes, lag_seconds),
    ...(input.paused_seconds >= 1 ? [`paused for ${lengthOf(input.paused_seconds)}`] : []),
  ];
  const listed = files?.list ?? [];
  const shown = listed.slice(0, shown_files_max);
  const hidden = (files?.followed ?? 0) - shown.length;
  return [
    `  ${parts.join(", ")}`,
    ...shown.map((file) => fileLine(file)),
    ...(hidden > 0 ? [`    and ${manyOf(hidden, "more file")}, no further behind`] : []),
    ...journals.map((journal) => journalLine(journal)),
  ];
}

function lagOf(bytes: number | undefined, seconds: number): string {
  if (seconds < 1 && (bytes ?? 0) === 0) return "no lag";
  const size = bytes === undefined ? "" : `${approximateSize(bytes)}, `;
  return `lag ${size}${lengthOf(seconds)}`;
}

function fileLine({
  path,
  state,
  size_bytes,
  settled_bytes,
  lag_bytes,
  unfinished_bytes,
  unfinished_seconds,
  trouble,
}: FileReport): string {
  const place = `${approximateSize(settled_bytes)} of ${approximateSize(size_bytes)} done`;
  const parts = [
    place,
    ...(lag_bytes > 0 ? [`lag ${approximateSize(lag_bytes)}`] : []),
    ...(unfinished_seconds < 1
      ? []
      : [
          `${approximateSize(unfinished_bytes)} without an end for ${lengthOf(unfinished_seconds)}`,
        ]),
    ...(state === "live" ? [] : [state]),
    ...(trouble === undefined ? [] : [`cannot be read (${trouble})`]),
  ];
  return `    ${path}: ${parts.join(", ")}`;
}

function journalLine(journal: JournalReport): string {
  const { output, bytes, bytes_max, events_unread, is_closed, trouble } = journal;
  const parts = [
    `${approximateSize(bytes)} of ${approximateSize(bytes_max)}`,
    `${manyOf(events_unread, "event")} waiting`,
    ...(trouble === undefined ? [] : [`cannot be written (${trouble})`]),
    ...(is_closed && trouble === undefined ? ["full"] : []),
  ];
  return `    journal${output === undefined ? "" : ` for ${output}`}: ${parts.join(", ")}`;
}
