/**
 * The proof over many seeds, in shards that run side by side. A seed that fails is named, and can be run alone:
 *
 *     TALLYMAN_SEED=17 npx vitest run test/property/delivery
 *
 * TALLYMAN_SEEDS is how many there are in all shards together.
 */
import { describe, expect, test } from "vitest";
import { Hour } from "./hour.ts";
import { ack_troubles, troubles, type Trouble } from "./troubles.ts";

const events = 100_000;
const seeds_default = 1000;
const seeds_each_test = 25;
const shards = 4;
const side_by_side = 3;
/** Of the slowest machine; a seed takes about a tenth of a second. */
const test_ms_max = 240_000;

/** Defines the tests of shard number `shard`, from 0. */
export function proveShard(shard: number): void {
  const alone = process.env["TALLYMAN_SEED"];
  if (alone !== undefined) {
    const seed = Number(alone);
    test.runIf(seed % shards === shard)(
      `delivery - seed ${seed} alone`,
      async () => {
        await live(seed);
      },
      test_ms_max,
    );
    return;
  }
  const count = Number(process.env["TALLYMAN_SEEDS"] ?? seeds_default);
  const seeds = Array.from({ length: count }, (_, seed) => seed).filter(
    (seed) => seed % shards === shard,
  );
  const met = new Set<Trouble>();
  describe(`an hour of random troubles over ${events} events`, () => {
    for (let first = 0; first < seeds.length; first += seeds_each_test) {
      const some = seeds.slice(first, first + seeds_each_test);
      test(
        `delivery - nothing is lost, and repeats only where nobody could know: seeds ${some[0]} to ${some.at(-1)}`,
        async () => {
          for (let at = 0; at < some.length; at += side_by_side) {
            // While one waits for the disk, another goes on.
            const lived = await Promise.all(some.slice(at, at + side_by_side).map(live));
            for (const came of lived) for (const trouble of came) met.add(trouble);
          }
        },
        test_ms_max,
      );
    }
    test.runIf(count >= seeds_default)("delivery - every trouble there is has come", () => {
      expect([...troubles, ...ack_troubles].filter((trouble) => !met.has(trouble))).toEqual([]);
    });
  });
}

/** Lives through the hour of a seed, and gives the troubles that came. */
async function live(seed: number): Promise<Iterable<Trouble>> {
  try {
    const report = await new Hour(seed, events).run();
    return report.troubles;
  } catch (cause) {
    const alone = `TALLYMAN_SEED=${seed} npx vitest run test/property/delivery`;
    throw new Error(`seed ${seed}: ${String(cause)} (alone: ${alone})`, { cause });
  }
}
