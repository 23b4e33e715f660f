/**
 * The types of inputs and their options: those that receive what exists once have their journal's options, too.
 */
import { z } from "zod";
import { chainOptions } from "../chain/options.ts";
import { fileInputOptions } from "../inputs/file/options.ts";
import { duration } from "../platform/text/unit-options.ts";
import { formatListenAddress } from "../platform/sockets/listen-address.ts";
import { hecInputShape } from "../inputs/hec/options.ts";
import { refuseIdleOptions, socketInputShape } from "../inputs/socket/options.ts";
import { natsInputShape } from "../inputs/nats/options.ts";
import { refuseUnclear } from "../platform/nats/options.ts";
import { stdinInputShape } from "../inputs/stdin/options.ts";
import { journalOptions } from "../journal/options.ts";
import { ofType } from "./component-types.ts";

const ofEvery = {
  expect_every: duration()
    .optional()
    .describe(
      "How often events come at least, such as `10m`. After a longer silence the log (`input_silent`), `tallyman status`, the " +
        "metrics and an event in Splunk say so, and again when events come. Default: silence is not reported.",
    ),
  chain: chainOptions
    .optional()
    .describe("The chain of this input, instead of the common `chain`."),
};

export const inputOptions = z.discriminatedUnion("type", [
  fileInputOptions.extend(ofEvery),
  ofType("socket", () =>
    z
      .strictObject({ ...socketInputShape(), ...journalOptions(), ...ofEvery })
      .superRefine(refuseIdleOptions),
  ),
  ofType("hec", () => z.strictObject({ ...hecInputShape(), ...journalOptions(), ...ofEvery })),
  ofType("stdin", () => z.strictObject({ ...stdinInputShape(), ...journalOptions(), ...ofEvery })),
  ofType("nats", () =>
    z.strictObject({ ...natsInputShape(), ...ofEvery }).superRefine(refuseUnclear),
  ),
]);

/** The options of one input, of whatever type. */
export type InputOptions = z.output<typeof inputOptions>;

/** Those of an input whose events exist once. */
export type JournaledOptions = Exclude<InputOptions, { type: "file" | "nats" }>;

/** Whether what an input receives goes into a journal: all but what can be read again. */
export function isJournaled(options: InputOptions): options is JournaledOptions {
  return options.type !== "file" && options.type !== "nats";
}

/** Complains of every input that would receive at the place where another one does. */
export function refuseSharedPlaces(
  inputs: Record<string, InputOptions>,
  context: z.core.$RefinementCtx,
): void {
  const input_by_place = new Map<string, string>();
  for (const [name, options] of Object.entries(inputs)) {
    const { place, option } = receivingPlace(options) ?? {};
    if (place === undefined || option === undefined) continue;
    const other = input_by_place.get(place);
    if (other === undefined) input_by_place.set(place, name);
    else {
      const message = `input ${other} already receives there`;
      context.addIssue({ code: "custom", path: [name, option], message });
    }
  }
}

/** The place that no other input can have, and the option that says it; undefined where others may have it, too. */
function receivingPlace(options: InputOptions): { place: string; option: string } | undefined {
  if (options.type === "stdin") return { place: "stdin", option: "type" };
  if (options.type === "socket") return { place: `unix:${options.path}`, option: "path" };
  if (options.type === "file" || options.type === "nats") return undefined;
  const { listen } = options;
  // Port 0 is another one for each.
  if (listen.kind === "tcp" && listen.port === 0) return undefined;
  return { place: formatListenAddress(listen), option: "listen" };
}
