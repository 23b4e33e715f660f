/**
 * The proof of delivery: a simulated hour of every trouble at random, over many seeds. A seed that fails is named, and
 * can be run alone:
 *
 *     TALLYMAN_SEED=17 npx vitest run test/property/delivery
 *
 * TALLYMAN_SEEDS is how many there are.
 */
import { expect, test } from "vitest";
import { liveSeeds } from "../support/delivery/seeds.ts";
import { ack_troubles, troubles } from "../support/delivery/troubles.ts";

const events = 100_000;
const seeds_default = 1000;
/** Of the slowest machine; a seed takes about a sixth of a second. */
const seed_ms_max = 120_000;

const alone = process.env["TALLYMAN_SEED"];
const count = Number(process.env["TALLYMAN_SEEDS"] ?? seeds_default);
const seeds =
  alone === undefined ? Array.from({ length: count }, (_, seed) => seed) : [Number(alone)];

test(
  `delivery - in an hour of troubles over ${events} events nothing is lost, and nothing repeated that was known to be taken`,
  async () => {
    const results = await liveSeeds(seeds, { events, seed_ms_max });
    const failures = results.filter(({ failure }) => failure !== undefined);
    expect(failures.map(({ seed, failure }) => `TALLYMAN_SEED=${seed}: ${failure}`)).toEqual([]);
    expect(results).toHaveLength(seeds.length);
    if (seeds.length < seeds_default) return;
    // All of the troubles were there, so it is known what this holds for.
    const met = new Set(results.flatMap((result) => result.troubles));
    expect([...troubles, ...ack_troubles].filter((trouble) => !met.has(trouble))).toEqual([]);
  },
  seeds.length * seed_ms_max,
);
