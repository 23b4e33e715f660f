/** The shape of what the state file keeps of lanes. */
import { z } from "zod";

const count = z.number().int().nonnegative();

/** Of one stream: up to where the events of its lanes are settled. */
export const streamLanesState = z.lazy(() =>
  z.object({
    epoch: count,
    lanes: z.array(
      z.object({
        id: z.string(),
        output: z.string(),
        index: z.string().optional(),
        next: count,
        /** Of the numbers before `next`, how many have events that were not delivered. */
        undelivered: count.optional(),
      }),
    ),
  }),
);

/** Of all: what decides whether numbers go on after a restart. */
export const epochState = z.lazy(() =>
  z.object({
    agent: z.string(),
    epoch: count,
    /** How many configurations have been in force. */
    generation: count,
    /** Of all that decides what becomes of a record. */
    digest: z.string(),
    /** Whether records that are read again become the same events. */
    is_repeatable: z.boolean(),
    /** When the machine was started, milliseconds since the epoch. */
    booted_ms: z.number().optional(),
    /** Whether the run ended with nothing open. */
    is_clean: z.boolean(),
    /** Whether something is open that a former generation began with. */
    has_older: z.boolean(),
  }),
);

export type StreamLanesState = z.infer<typeof streamLanesState>;
export type EpochState = z.infer<typeof epochState>;
