/**
 * How sure a difference is that was measured in pairs: what it is in many samples that are drawn from the pairs, with repetition.
 * What is drawn are whole pairs, since what follows one another in a phase is not independent.
 */

/** The difference, and where it lies with a probability of 95 %. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const samples = 1000;

/** `figure` says the difference in some pairs. The samples are the same in each run. */
export function intervalOf<Pair>(
  pairs: readonly Pair[],
  figure: (pairs: readonly Pair[]) => number,
): Interval {
  const random = seeded(1);
  const figures = Array.from({ length: samples }, () =>
    figure(pairs.map(() => pairs[Math.floor(random() * pairs.length)]!)),
  ).toSorted((one, other) => one - other);
  const at = (part: number): number => figures[Math.floor(part * (samples - 1))]!;
  return { value: figure(pairs), low: at(0.025), high: at(0.975) };
}

/** A xorshift of 32 bits. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
