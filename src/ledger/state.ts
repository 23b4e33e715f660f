/**
 * The shape of the state that outlives a restart: the committed books and the checkpoints. state-lines.ts has how it is written.
 */
import { z } from "zod";
import type { AsleepInputs } from "./asleep/asleep-inputs.ts";
import type { KeptValue } from "./lanes/kept-values.ts";
import { streamLanesState, type EpochState } from "./lanes/state.ts";

export const inputBooks = z.lazy(() => {
  const countsByReason = z.record(z.string(), z.number().int().nonnegative());
  return z.object({
    received: z.number().int().nonnegative(),
    received_bytes: z.number().int().nonnegative(),
    replayed: z.number().int().nonnegative().default(0),
    made: countsByReason.default({}),
    delivered: countsByReason,
    filtered: countsByReason,
    quarantined: countsByReason,
    dropped: countsByReason,
    lost_bytes: countsByReason,
    maybe_lost_bytes: z.number().int().nonnegative().default(0),
    quarantine_removed: countsByReason.default({}),
  });
});

export const streamState = z.lazy(() =>
  z.object({
    id: z.string(),
    input: z.string(),
    identity: z.unknown(),
    checkpoint: z.unknown(),
    lanes: streamLanesState.optional(),
  }),
);

/** The version of a state in one JSON object, as it was written before there was a log of changes. */
export const state_version = 1;

/** A file that holds such a state. */
export const stateFile = z.lazy(() =>
  z.object({
    version: z.literal(state_version),
    inputs: z.record(z.string(), inputBooks),
    streams: z.array(streamState),
  }),
);

export type StreamState = z.infer<typeof streamState>;
export interface LedgerState extends Pick<z.infer<typeof stateFile>, "inputs" | "streams"> {
  /** Undefined where events were never numbered. */
  readonly epoch?: EpochState | undefined;
  readonly kept?: readonly KeptValue[];
  /** Further streams, of which there may be very many. */
  readonly asleep?: AsleepInputs | undefined;
  /** The places of `streams` in the order of all; undefined where there are no others. */
  readonly numbers?: readonly number[];
}
