/**
 * A journal's stream in the ledger: which of them is its own, and where reading and writing begin.
 */
import type { Ledger } from "../ledger/ledger.ts";
import type { StreamLedger } from "../ledger/stream-ledger.ts";
import type { Logger } from "../platform/log.ts";
import { makeJournalId } from "./frames/format.ts";
import type { JournalCheckpoint } from "./reader.ts";
import type { Recovered } from "./segments/recovery.ts";

/** By what the ledger knows a journal's stream. */
export interface JournalIdentity {
  readonly kind: "journal";
  readonly journal: string;
  /** The output that the journal is before; undefined for the one behind an input. */
  readonly output?: string;
  /** All events before this sequence number are safe on the disk. Missing in the state of earlier versions. */
  readonly written?: number;
}

export interface StreamDeps {
  ledger: Ledger;
  input: string;
  output?: string;
  log: Logger;
}

export function identityOf(stream: StreamLedger): JournalIdentity | undefined {
  const identity = stream.identity as Partial<JournalIdentity> | null | undefined;
  if (identity?.kind !== "journal" || typeof identity.journal !== "string") return undefined;
  return identity as JournalIdentity;
}

/** Whether it is a journal's, of the one before this output, or with undefined of the one behind the input. */
export function isOf(stream: StreamLedger, output: string | undefined): boolean {
  const identity = identityOf(stream);
  return identity !== undefined && identity.output === output;
}

export function sequenceOf(checkpoint: unknown): number | undefined {
  const sequence = (checkpoint as Partial<JournalCheckpoint> | null | undefined)?.sequence;
  return Number.isSafeInteger(sequence) && sequence! >= 0 ? sequence : undefined;
}

/**
 * The journal's stream in the ledger. Checkpoints of other journals are forgotten: they say nothing of this one, and what
 * they had not given is lost.
 */
export function streamOf(
  streams: readonly StreamLedger[],
  journal: string | undefined,
  { ledger, input, output, log }: StreamDeps,
): StreamLedger {
  const known = streams.find(
    (stream) => journal === undefined || identityOf(stream)!.journal === journal,
  );
  for (const stream of streams) {
    if (stream === known) continue;
    log.warn(
      "journal_missing",
      { input, journal: identityOf(stream)!.journal },
      "A journal of this input is missing.",
    );
    loseMissing(stream, sequenceOf(stream.checkpoint) ?? 0, { ledger, log });
    ledger.forget(stream);
  }
  if (known !== undefined) return known;
  const identity: JournalIdentity = {
    kind: "journal",
    journal: journal ?? makeJournalId(),
    ...(output !== undefined && { output }),
  };
  return ledger.openStream(input, identity, undefined);
}

/** Where reading and writing begin. */
export interface Start {
  /** Sequence number of the first event to read. */
  readonly sequence: number;
  /** Below it all was settled before, so that what is missing is not lost. */
  readonly settled: number;
  /** Sequence number of the next event to be written. */
  readonly next: number;
}

/**
 * A checkpoint is only believed where the journal goes as far: otherwise everything in it is read again. Where it ends
 * before what was safe on the disk, the rest is lost, and new events get numbers behind that.
 */
export function startOf(
  { segments }: Recovered,
  stream: StreamLedger,
  services: { ledger: Ledger; log: Logger },
): Start {
  const checkpoint = sequenceOf(stream.checkpoint);
  const newest = segments.at(-1);
  const oldest = segments[0]?.first ?? checkpoint ?? 0;
  const end = newest?.end ?? oldest;
  const next = Math.max(end, checkpoint ?? 0, writtenOf(stream));
  if (newest === undefined) {
    // The reader counts what is missing where there is something to read.
    loseMissing(stream, end, services);
    stream.checkpoint = { sequence: next } satisfies JournalCheckpoint;
    stream.identityChanged();
    return { sequence: next, settled: next, next };
  }
  newest.end = next;
  if (next > end) sayMissing(stream, next - Math.max(end, checkpoint ?? 0), services.log);
  if (checkpoint !== undefined && checkpoint <= end) {
    return { sequence: checkpoint, settled: checkpoint, next };
  }
  if (checkpoint !== undefined) {
    services.log.warn(
      "journal_behind_checkpoint",
      { input: stream.input, checkpoint, end },
      "The journal ends before its checkpoint. All of it is sent again.",
    );
  }
  stream.checkpoint = { sequence: oldest } satisfies JournalCheckpoint;
  stream.identityChanged();
  return { sequence: oldest, settled: checkpoint ?? oldest, next };
}

/** Whether the journal ends before what was safe on the disk. */
export function isMissingSome({ segments }: Recovered, stream: StreamLedger): boolean {
  return writtenOf(stream) > (segments.at(-1)?.end ?? 0);
}

/** The journal that something is in by the state, though its files may be gone; undefined where all is settled. */
export function unsettledJournalOf(stream: StreamLedger): JournalIdentity | undefined {
  const identity = identityOf(stream);
  if (identity === undefined) return undefined;
  return writtenOf(stream) > (sequenceOf(stream.checkpoint) ?? 0) ? identity : undefined;
}

/** Up to where the state says that all events are safe on the disk. */
function writtenOf(stream: StreamLedger): number {
  const written = identityOf(stream)!.written;
  return Number.isSafeInteger(written) ? Math.max(0, written!) : 0;
}

/** Books as dropped what was safe on the disk from `end` on, and is not there. */
function loseMissing(
  stream: StreamLedger,
  end: number,
  { ledger, log }: { ledger: Ledger; log: Logger },
): void {
  const written = writtenOf(stream);
  if (written <= end) return;
  const lost = written - end;
  sayMissing(stream, lost, log);
  const receipt = stream.open(lost, 0, { sequence: written } satisfies JournalCheckpoint);
  receipt.settle(ledger.account("dropped", "journal_damaged"), lost);
}

function sayMissing({ input }: StreamLedger, events: number, log: Logger): void {
  if (events <= 0) return;
  log.error(
    "journal_end_missing",
    { input, events, reason: "journal_damaged" },
    `The end of the journal is missing: ${events} events that were safely on disk are lost. Check who changed its files, and the disk.`,
  );
}
