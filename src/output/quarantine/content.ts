/**
 * What a whole line of the quarantine holds beside its first keys: what its event was to be sent with, and its text.
 */
import { z } from "zod";

const fieldValue = z.lazy(() => {
  const scalar = z.union([z.string(), z.number(), z.boolean()]);
  return z.union([scalar, z.array(scalar)]);
});
const time_digits = /^(?:0|[1-9]\d{0,9})(?:\.\d{1,9})?$/;

const replayLine = z.lazy(() =>
  z.object({
    text: z.string(),
    metadata: z
      .object({
        time: z.coerce.string().regex(time_digits).optional().catch(undefined),
        host: z.string().optional().catch(undefined),
        source: z.string().optional().catch(undefined),
        sourcetype: z.string().optional().catch(undefined),
        index: z.string().optional().catch(undefined),
        fields: z.record(z.string(), fieldValue).optional().catch(undefined),
      })
      .optional()
      .catch(undefined),
  }),
);

/** What is to be replayed of an event. */
export type LineContent = z.infer<typeof replayLine>;

/** Undefined where the line has no text, or is damaged. */
export function contentOf(line: Buffer): LineContent | undefined {
  try {
    return replayLine.safeParse(JSON.parse(line.toString())).data;
  } catch {
    return undefined;
  }
}
