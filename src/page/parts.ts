/** Warnings, files, what is stored on the disk, and outputs with their endpoints: what the page lists. */
import type { Warning } from "../admin/status/warning.ts";
import type { Summary } from "../admin/web/summary.ts";
import { advice } from "./advice.ts";
import { html, type Html } from "./html.ts";
import { markSaid } from "./mark.ts";
import { bytes, clockTime, compact, count, duration } from "./model/format.ts";
import { andMore, table } from "./table.ts";

export function warningsSection({ warnings, other_warnings }: Summary): Html {
  const more = andMore(other_warnings, "warnings: `tallyman status` shows them");
  return html`<ul class="warnings">
      ${warnings.map((warning) => html`<li class=${warning.severity}>${warningText(warning)}</li>`)}
    </ul>
    ${more === undefined ? null : html`<p class="note">${more}</p>`}`;
}

function warningText({ code, severity, subject, message }: Warning): Html {
  const level = severity === "problem" ? "notice" : "hint";
  const what = advice[code];
  return html`${markSaid(level)}
    <div>
      <p class="message">
        ${subject === undefined ? null : html`<strong>${subject}</strong>: `}${message}
      </p>
      ${what === undefined ? null : html`<p class="advice">${what}</p>`}
      <p class="code">${severity}, <code>${code}</code></p>
    </div>`;
}

export function filesSection({ files, files_total }: Summary): Html {
  if (files.length === 0) return html`<p class="note">No file is followed.</p>`;
  return table({
    caption: "Files, the furthest behind first",
    columns: [
      { title: "File" },
      { title: "Input" },
      { title: "Size", is_number: true },
      { title: "Behind", is_number: true },
      { title: "Age", is_number: true },
      { title: "State" },
    ],
    rows: files.map((file) => [
      html`<span class="path">${file.path}</span>`,
      file.input,
      bytes(file.size_bytes),
      file.lag_bytes === 0 ? "–" : bytes(file.lag_bytes),
      file.lag_seconds === 0 ? "–" : duration(file.lag_seconds),
      file.trouble === undefined ? file.state : html`${markSaid("bad")} ${file.trouble}`,
    ]),
    note: andMore(files_total - files.length, "files, which are no further behind"),
  });
}

export function outputsSection({ outputs, other_outputs }: Summary): Html {
  const rows = outputs.flatMap((output) => [
    [
      html`<strong>${output.name}</strong>`,
      stateOf(output),
      count(output.delivered),
      secondsOf(output.latency_seconds),
      output.requests === undefined
        ? "–"
        : `${compact(output.requests)}, ${compact(output.requests_failed ?? 0)} failed`,
    ],
    ...output.endpoints.map((endpoint) => [
      html`<span class="path below">${endpoint.url}</span>`,
      stateOf(endpoint),
      "",
      secondsOf(endpoint.latency_seconds),
      "",
    ]),
  ]);
  return table({
    caption: "Outputs and their endpoints",
    columns: [
      { title: "Output" },
      { title: "State" },
      { title: "Delivered", is_number: true },
      { title: "Latency", is_number: true },
      { title: "Requests", is_number: true },
    ],
    rows,
    note: andMore(other_outputs, "outputs"),
  });
}

function secondsOf(seconds: number | undefined): string {
  return seconds === undefined ? "–" : `${Number((seconds * 1000).toPrecision(2))} ms`;
}

function stateOf({
  state,
  reason,
  since,
}: Summary["outputs"][number]["endpoints"][number] | Summary["outputs"][number]): Html {
  if (state === "sending") return html`${markSaid("good")} sending`;
  const why = reason === undefined ? "" : ` (${reason})`;
  return html`${markSaid("bad")}
  ${state}${why}${since === undefined ? "" : ` since ${clockTime(since)}`}`;
}

export function storageSection({
  journals,
  other_journals,
  quarantine,
  books,
  disk,
}: Summary): Html {
  const rows: Html[][] = journals.map((journal) => {
    const name =
      journal.output === undefined ? journal.input : `${journal.input} → ${journal.output}`;
    const trouble = journal.trouble ?? (journal.is_closed ? "full" : undefined);
    return [
      journal.output === undefined ? `Journal of ${name}` : `Buffer of ${name}`,
      used(journal.bytes, journal.bytes_max),
      `${count(journal.events_unread)} unread`,
      trouble === undefined ? html`${markSaid("good")} open` : html`${markSaid("bad")} ${trouble}`,
    ];
  });
  const held = quarantine.bytes ?? 0;
  rows.push([
    "Quarantine",
    used(held, quarantine.bytes_max),
    `${count(books.quarantined.total)} quarantined so far`,
    held === 0 ? html`${markSaid("good")} empty` : html`${markSaid("notice")} holds events`,
  ]);
  if (disk.free_bytes !== undefined && disk.size_bytes !== undefined) {
    rows.push([
      "Disk of the state",
      used(disk.size_bytes - disk.free_bytes, disk.size_bytes),
      `${bytes(disk.free_bytes)} free`,
      "",
    ]);
  }
  const look = "What is in quarantine, masked: `tallyman quarantine list`.";
  return table({
    caption: "Journals, buffers, quarantine and disk",
    columns: [{ title: "Store" }, { title: "Used" }, { title: "Events" }, { title: "State" }],
    rows,
    note:
      [andMore(other_journals, "journals"), held > 0 ? look : undefined]
        .filter(Boolean)
        .join(" ") || undefined,
  });
}

function used(part: number, whole: number): Html {
  const width = `${Math.min(100, (part / Math.max(1, whole)) * 100)}%`;
  return html`<span class="bar-frame" aria-hidden="true"
      ><span class="bar" style=${{ width }}></span
    ></span>
    ${bytes(part)} of ${bytes(whole)}`;
}
