/**
 * The options of the `nats` output: the one source of their types, defaults, checks and documentation.
 */
import { z } from "zod";
import { fleetName } from "../../platform/nats/name-option.ts";
import { natsShape, refuseUnclear } from "../../platform/nats/options.ts";
import { duration, size } from "../../platform/text/unit-options.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const batch_bytes_min = 4 * KiB;
const batch_bytes_max = 5 * MiB;
const batch_wait_ms_max = 60_000;
const unconfirmed_bytes_min = MiB;
const unconfirmed_bytes_max = 1024 * MiB;
const receipt_timeout_ms_min = 10_000;
const receipt_timeout_ms_max = 24 * 3_600_000;

const batch = () =>
  z
    .strictObject({
      max_bytes: size()
        .refine((bytes) => bytes >= batch_bytes_min && bytes <= batch_bytes_max, {
          message: "expected a size from 4KiB to 5MiB",
        })
        .prefault("1MiB")
        .describe(
          "A batch is published when it has this size, before compression. One that does not fit into a message is halved.",
        ),
      max_wait: duration()
        .refine((wait_ms) => wait_ms <= batch_wait_ms_max, "expected at most 60s")
        .prefault("200ms")
        .describe(
          "A partly filled batch is published after this time at the latest. An idle agent publishes at once.",
        ),
    })
    .prefault({});

export const natsOutputOptions = () =>
  z
    .strictObject({
      type: z
        .literal("nats")
        .describe("A stream of NATS JetStream, from which aggregators deliver to Splunk."),
      ...natsShape(),
      agent: fleetName()
        .optional()
        .describe(
          "The agent's name, a part of its NATS subjects; each agent needs a different one. Default: this " +
            "machine's name, with - in place of characters that are not allowed.",
        ),
      confirm: z
        .enum(["delivery", "stream"])
        .default("delivery")
        .describe(
          "When events count as delivered. `delivery`: once an aggregator has delivered them; even the loss of " +
            "the whole stream then loses no event. `stream`: once the stream has them; events that the cluster " +
            "loses after that are lost.",
        ),
      compression: z
        .enum(["gzip", "none"])
        .default("gzip")
        .describe("`gzip` costs CPU time on a second core, and saves most of the stream's space."),
      batch: batch().describe("When a batch is published."),
      max_in_flight: z
        .int()
        .min(1)
        .max(64)
        .default(8)
        .describe("The most batches that wait at once for the stream to take them."),
      max_unconfirmed: size()
        .refine((bytes) => bytes >= unconfirmed_bytes_min && bytes <= unconfirmed_bytes_max, {
          message: "expected a size from 1MiB to 1GiB",
        })
        .prefault("64MiB")
        .describe(
          "The most that may be sent and not yet confirmed, in bytes before compression. It is kept in memory as it is sent, " +
            "and a crash may repeat that much. An input waits once it has three times as much of it as is free, so that " +
            "one whose batches are not confirmed holds up no other.",
        ),
      receipt_timeout: duration()
        .refine((ms) => ms >= receipt_timeout_ms_min && ms <= receipt_timeout_ms_max, {
          message: "expected a duration from 10s to 24h",
        })
        .prefault("10m")
        .describe(
          "How long to wait for a receipt before a batch is published again; a tenth of that, if later batches " +
            "have theirs. The wait doubles each time.",
        ),
    })
    .superRefine(refuseUnclear);

export type NatsOutputOptions = z.output<ReturnType<typeof natsOutputOptions>>;
