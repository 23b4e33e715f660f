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
        "Whether every event gets a number in a sequence, in the indexed fields `tally_lane`, `tally_block` and " +
          "`tally_i`, and signed seals say what was sent. Run `tallyman proof init` first, which makes the keys.",
      ),
    index: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The index of the seals, sourcetype `tallyman:seal`. Its retention should be longer than that of the events. Default: the token's default index.",
      ),
    interval: duration()
      .refine((ms) => ms >= interval_ms_min && ms <= interval_ms_max, "expected 1s to 1h")
      .prefault("60s")
      .describe(
        "How often a seal is sent, even when there was no event. Somebody who takes over the host can alter " +
          "events that are not sealed yet.",
      ),
    granularity: z
      .enum(["leaf", "event"])
      .default("leaf")
      .describe(
        "How precisely the command `verify` names an altered event: `leaf` to within 16 events, `event` " +
          "exactly, at a cost of about 11 bytes per event in the seals.",
      ),
    mirror: z
      .string()
      .min(1)
      .optional()
      .describe(
        "A file to which every seal is appended, too, as a signed note: a second place, such as a mounted " +
          "share, to check whether Splunk still has all of them.",
      ),
  })
  .prefault({});

export type ProofOptions = z.output<typeof proofOptions>;
