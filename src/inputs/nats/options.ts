/**
 * The options of the `nats` input, as users write them. Their descriptions are the reference documentation.
 */
import { z } from "zod";
import { metadataOptions } from "../metadata-options.ts";
import { natsShape } from "../../platform/nats/options.ts";

/** Without what every input has: the configuration spreads that in. */
export const natsInputShape = () => ({
  type: z
    .literal("nats")
    .describe("Reads what agents publish to a stream of NATS JetStream, and gives them receipts."),
  ...natsShape(),
  consumer: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "expected a name of letters, digits, - and _")
    .default("tallyman")
    .describe("The durable consumer that the aggregators share. `tallyman fleet setup` makes it."),
  max_in_flight: z
    .int()
    .min(1)
    .max(1000)
    .default(64)
    .describe("The most batches that this aggregator has at once."),
  pass_through: z
    .boolean()
    .default(true)
    .describe(
      "Whether a batch may be sent to Splunk as its agent has made it, if no step, no `metadata` and no other " +
        "option of this input needs to look at its events. `false`: every event is parsed and checked first.",
    ),
  metadata: metadataOptions
    .prefault({})
    .describe("Metadata for events that their agents have given none."),
});

export type NatsInputOptions = z.output<
  z.ZodObject<ReturnType<typeof natsInputShape>, z.core.$strict>
>;
