/** The books, and the fates of events by reason. */
import type { BooksSummary, FateSummary } from "../admin/web/summary.ts";
import { html, type Html } from "./html.ts";
import { markSaid } from "./mark.ts";
import { bytes, count } from "./model/format.ts";
import { table } from "./table.ts";

const fates = ["delivered", "filtered", "quarantined", "dropped"] as const;

export function booksSection(books: BooksSummary): Html {
  const { received, in_flight, balanced } = books;
  const level = balanced ? "good" : "bad";
  return html`<div class="equation">
      ${figure("received", received)}<span class="sign" aria-hidden="true">=</span>
      ${fates.map(
        (fate) =>
          html`${figure(fate, books[fate].total)}<span class="sign" aria-hidden="true">+</span>`,
      )}
      ${figure("in flight", in_flight)}
    </div>
    <p class="verdict">
      ${markSaid(level)}
      ${balanced ? "The books balance: every event has one fate." : "The books do not balance."}
    </p>
    ${notesOf(books).map((note) => html`<p class="note">${note}</p>`)}`;
}

function figure(name: string, value: number): Html {
  const kind = name.replace(" ", "-");
  return html`<div class="figure-box ${kind} ${value === 0 ? "none" : ""}">
    <span class="value">${count(value)}</span><span class="name">${name}</span>
  </div>`;
}

function notesOf({
  made,
  replayed,
  lost,
  maybe_lost_bytes,
  quarantine_removed,
}: BooksSummary): string[] {
  return [
    made > 0 ? `${count(made)} of the received were made by steps that split events.` : "",
    replayed > 0 ? `${count(replayed)} of the received came back from quarantine.` : "",
    quarantine_removed > 0
      ? `${count(quarantine_removed)} had to leave the full quarantine, and are lost.`
      : "",
    lost.total > 0 ? `${bytes(lost.total)} of files could not be read: ${reasonsOf(lost)}.` : "",
    maybe_lost_bytes > 0
      ? `Of ${bytes(maybe_lost_bytes)} nobody can tell whether they are lost.`
      : "",
  ].filter((note) => note !== "");
}

function reasonsOf({ reasons }: FateSummary): string {
  return reasons.map(([reason, number]) => `${reason} ${bytes(number)}`).join(", ");
}

export function fatesSection(books: BooksSummary): Html {
  const rows = fates.flatMap((fate) =>
    books[fate].reasons.map(([reason, number]) => [
      reason,
      html`<span class="fate ${fate}">${fate}</span>`,
      html`<span class="bar-frame" aria-hidden="true"
        ><span class="bar ${fate}" style=${{ width: `${barPart(number, books.received)}%` }}></span
      ></span>`,
      count(number),
    ]),
  );
  if (rows.length === 0) return html`<p class="note">No event has met its fate yet.</p>`;
  return table({
    caption: "Fates of events by reason",
    columns: [
      { title: "Reason" },
      { title: "Fate" },
      { title: "Share" },
      { title: "Events", is_number: true },
    ],
    rows,
  });
}

/** What is there at all is seen. */
function barPart(number: number, received: number): number {
  return Math.max(1, Math.min(100, (number / Math.max(1, received)) * 100));
}
