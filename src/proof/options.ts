/**
 * The options of the proof: what is sealed, how often, and where seals go.
 */
import { z } from "zod";
import { duration } from "../platform/text/unit-options.ts";

const interval_ms_min = 1000;
const interval_ms_max = 3_600_000;

export const proofOptions = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        "Whether every event gets a place in a sequence, in the indexed fields `tally_lane`, `tally_block` and `tally_i`, and " +
          "signed seals say what was sent. `tallyman proof init` makes the keys for it first.",
      ),
    index: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The index of the seals, sourcetype `tallyman:seal`. It should keep events for longer than the others. Default: the token's default index.",
      ),
    interval: duration()
      .refine((ms) => ms >= interval_ms_min && ms <= interval_ms_max, "expected 1s to 1h")
      .prefault("60s")
      .describe(
        "How often a seal is sent, also when there was no event. Who takes over the host can alter what is not sealed yet.",
      ),
    granularity: z
      .enum(["leaf", "event"])
      .default("leaf")
      .describe(
        "What `tallyman verify` can name: `leaf` finds each altered event among 16, `event` each single one, for about 11 bytes an " +
          "event in the seals.",
      ),
    mirror: z
      .string()
      .min(1)
      .optional()
      .describe(
        "A file to which every seal is appended, too, as a signed note: a second place, such as a mounted share, in which it can be " +
          "looked up whether Splunk still has all of them.",
      ),
  })
  .prefault({});

export type ProofOptions = z.output<typeof proofOptions>;
