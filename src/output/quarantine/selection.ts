/**
 * Which events of the quarantine a command is about. Each condition that is there must hold; without any, all are meant.
 */
import { z } from "zod";
import type { QuarantineLine } from "./lines.ts";

export const selectionSchema = z.lazy(() =>
  z.strictObject({
    ids: z.array(z.string()).optional(),
    input: z.string().optional(),
    reason: z.string().optional(),
    /** Those that came into quarantine at this time or later, milliseconds since the epoch. */
    since_ms: z.number().optional(),
    /** Those that came into quarantine before this time, milliseconds since the epoch. */
    before_ms: z.number().optional(),
    /** Whether lines that cannot be understood are meant, too; their ids mean them in any case. */
    damaged: z.boolean().optional(),
  }),
);

export type Selection = z.infer<typeof selectionSchema>;

/** Says of a line whether it is selected. */
export function selector(selection: Selection): (line: QuarantineLine) => boolean {
  const { ids, input, reason, since_ms = -Infinity, before_ms = Infinity, damaged } = selection;
  const wanted = ids === undefined ? undefined : new Set(ids);
  return ({ id, details }) => {
    if (wanted !== undefined && !wanted.has(id)) return false;
    if (details === undefined) return wanted !== undefined || damaged === true;
    if (input !== undefined && details.input !== input) return false;
    if (reason !== undefined && details.reason !== reason) return false;
    const time_ms = Date.parse(details.time);
    return time_ms >= since_ms && time_ms < before_ms;
  };
}
