/**
 * What `systemctl status` shows of an agent, in one line: where events go or why they do not, how many come, and the
 * books in short. It holds no data of events.
 */
import type { Books } from "../../ledger/books.ts";
import type { OutputCondition } from "../../output/output.ts";
import { printable } from "../../platform/text/printable.ts";
import type { ReloadOutcome } from "../setup/reloads.ts";

/** An agent at one moment. */
export interface AgentStatus {
  books: Books;
  /** By name, the default one first. */
  outputs: ReadonlyMap<string, OutputCondition>;
  /** Of the configuration and plugins in force. */
  digest: string;
  /** What became of the last reload, if there was one. */
  reload: ReloadOutcome | undefined;
}

/** How it got there. */
export interface Movement {
  /** Received a second of late. */
  events_per_s: number;
  /** For how long nothing came in and nothing was settled. */
  still_ms: number;
}

/** After how long without progress the status line says so. */
const still_ms_min = 60_000;
/** A line of several dozen outputs in trouble is cut. */
const characters_max = 1000;

export function statusLine(
  { books: { total }, outputs, reload }: AgentStatus,
  { events_per_s, still_ms }: Movement,
): string {
  const parts = [
    ...[...outputs].map(([name, condition]) => describe(name, condition)),
    `${Math.round(events_per_s)} events/s`,
    `received ${total.received}`,
    `in flight ${total.in_flight}`,
  ];
  if (total.quarantined > 0) parts.push(`quarantined ${total.quarantined}`);
  if (total.dropped > 0) parts.push(`dropped ${total.dropped}`);
  if (total.in_flight > 0 && still_ms >= still_ms_min) {
    parts.push(`no progress for ${Math.floor(still_ms / 60_000)} min`);
  }
  if (reload?.refusal !== undefined) {
    parts.push(`reload refused at ${reload.at} (${reload.refusal.code}; the log says why)`);
  }
  return printable(parts.join(", ")).slice(0, characters_max);
}

function describe(name: string, { state, reason, since }: OutputCondition): string {
  if (reason === undefined) return `${name}: ${state}`;
  return `${name}: ${state} since ${since} (${reason})`;
}
