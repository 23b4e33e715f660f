/**
 * The proof of delivery: a simulated hour of every trouble at random, over many seeds. A seed that fails is named, and
 * can be run alone:
 *
 *     TALLYMAN_TEST_SEED=17 TALLYMAN_TEST_SEEDS=1 npx vitest run test/property/delivery
 *
 * TALLYMAN_TEST_SEEDS is how many there are; a thousand take ten minutes of a processor.
 */
import { expect } from "vitest";
import { liveSeeds } from "../support/delivery/seeds.ts";
import { ack_troubles, troubles } from "../support/delivery/troubles.ts";
import { sampled } from "../support/effort.ts";
import { seed } from "../support/seed.ts";

const events = 100_000;
const seeds_all = 300;
/** Of the slowest machine; a seed takes about a sixth of a second. */
const seed_ms_max = 600_000;

function seedsOf(count: number): number[] {
  const length = Number(process.env["TALLYMAN_TEST_SEEDS"] ?? count);
  return Array.from({ length }, (_, number) => seed + number);
}

sampled(
  `delivery - in an hour of troubles over ${events} events nothing is lost, and nothing repeated that was known to be taken`,
  { sample: 1, all: seeds_all },
  async (count) => {
    const seeds = seedsOf(count);
    const results = await liveSeeds(seeds, { events, seed_ms_max });
    const failures = results.filter(({ failure }) => failure !== undefined);
    expect(
      failures.map(({ seed: failed, failure }) => `TALLYMAN_TEST_SEED=${failed}: ${failure}`),
    ).toEqual([]);
    expect(results).toHaveLength(seeds.length);
    if (seeds.length < seeds_all) return;
    // All of the troubles were there, so it is known what this holds for.
    const met = new Set(results.flatMap((result) => result.troubles));
    expect([...troubles, ...ack_troubles].filter((trouble) => !met.has(trouble))).toEqual([]);
  },
);
