/**
 * The shape of the state that outlives a restart: the committed books and the checkpoints, in one file.
 */
import { z } from "zod";

const inputBooks = z.lazy(() => {
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

const streamState = z.lazy(() =>
  z.object({
    id: z.string(),
    input: z.string(),
    identity: z.unknown(),
    checkpoint: z.unknown(),
  }),
);

/** The format's version; a file of a later version is refused, never guessed at. */
export const state_version = 1;

export const stateFile = z.lazy(() =>
  z.object({
    version: z.literal(state_version),
    inputs: z.record(z.string(), inputBooks),
    streams: z.array(streamState),
  }),
);

export type StreamState = z.infer<typeof streamState>;
export type LedgerState = Pick<z.infer<typeof stateFile>, "inputs" | "streams">;
