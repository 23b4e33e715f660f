/**
 * Goal: the packs that ship mask nothing in clean events. Method: events of ten formats, made from a seed, go through a chain
 * that uses all packs, and that ships what is not JSON as text.
 */
import { describe, expect } from "vitest";
import type { Chain } from "../../../../src/chain/chain.ts";
import { builtInPacks } from "../../../../src/detectors/packs/load-pack.ts";
import { makeChain, makeEvents, runEvent } from "../../../support/events/chains.ts";
import { sampled } from "../../../support/effort.ts";
import { RandomSource } from "../../../support/random/random-source.ts";
import { clean_formats } from "../../../support/secrets/clean-events.ts";
import { seed } from "../../../support/seed.ts";

const chain = await makeChain([{ redact: { pack: builtInPacks(), on_unreadable: "text" } }]);

/** How many events are one block. */
const block_length = 200;

/** This header is masked as a whole, whether or not the signature is still in it. */
const signed_header = /"Authorization":"[^"]*"/;

function expectUntouched(texts: readonly string[], through: Chain): void {
  makeEvents(texts, through.scanner).forEach((event, number) => {
    const { outcome, text } = runEvent(through, event);
    const clean = texts[number]!.replace(signed_header, '"Authorization":"[REDACTED]"');
    if (outcome !== "kept" || text !== clean)
      expect({ outcome, text }).toEqual({ outcome: "kept", text: clean });
  });
}

describe.each(Object.entries(clean_formats))("clean events of %s", (name, make) => {
  sampled(
    (count) => `redact - all packs leave ${count} events of ${name} as they are`,
    { sample: 200, all: 100_000 },
    (count) => {
      const random = new RandomSource(seed);
      for (let done = 0; done < count; done += block_length) {
        expectUntouched(
          Array.from({ length: block_length }, () => make(random)),
          chain,
        );
      }
    },
  );
});
