/**
 * A journal's stream in the ledger: which of them is its own, and where reading and writing begin.
 */
import type { Ledger } from "../ledger/ledger.ts";
import type { StreamLedger } from "../ledger/stream-ledger.ts";
import type { Logger } from "../platform/log.ts";
import { makeJournalId } from "./format.ts";
import type { JournalCheckpoint } from "./reader.ts";
import type { Recovered } from "./recovery.ts";

/** By what the ledger knows a journal's stream. */
export interface JournalIdentity {
  readonly kind: "journal";
  readonly journal: string;
  /** The output that the journal stands before; undefined for the one behind an input. */
  readonly output?: string;
}

export interface StreamFacts {
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

/** The journal's stream in the ledger. Checkpoints of other journals are forgotten: they say nothing of this one. */
export function streamOf(
  streams: readonly StreamLedger[],
  journal: string | undefined,
  { ledger, input, output, log }: StreamFacts,
): StreamLedger {
  const known = streams.find(
    (stream) => journal === undefined || identityOf(stream)!.journal === journal,
  );
  for (const stream of streams) {
    if (stream === known) continue;
    log.warn({ input, journal: identityOf(stream)!.journal }, "A journal of the input is gone.");
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

/** A checkpoint is only believed where the journal goes as far: otherwise everything in it is read again. */
export function startOf({ segments }: Recovered, stream: StreamLedger, log: Logger): Start {
  const checkpoint = sequenceOf(stream.checkpoint);
  const newest = segments.at(-1);
  const oldest = segments[0]?.first ?? checkpoint ?? 0;
  const end = newest?.end ?? oldest;
  if (checkpoint !== undefined && checkpoint <= end) {
    return { sequence: checkpoint, settled: checkpoint, next: end };
  }
  if (checkpoint !== undefined) {
    log.warn(
      { input: stream.input, checkpoint, end },
      "The journal ends before its checkpoint; all that is in it is sent again.",
    );
  }
  stream.checkpoint = { sequence: oldest } satisfies JournalCheckpoint;
  stream.identityChanged();
  const settled = checkpoint ?? oldest;
  const next = Math.max(end, settled);
  if (newest !== undefined) newest.end = next;
  return { sequence: oldest, settled, next };
}
