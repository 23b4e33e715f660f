/**
 * What lanes had that are no more: sums by output, kept with the checkpoints. So what an output has delivered adds up, however many
 * files have come and gone.
 */
import { z } from "zod";
import type { KeptValues } from "./kept-values.ts";

const sums = z.lazy(() => z.object({ lanes: z.number(), events: z.number() }));

export type EndedLanes = z.infer<typeof sums>;

export interface EndedEvents {
  readonly output: string;
  readonly lanes: number;
  /** Delivered. */
  readonly events: number;
}

/** Of one output, or of one agent at an aggregator: by a name. */
export function endedOf(kept: KeptValues, name: string): EndedLanes {
  return sums.catch({ lanes: 0, events: 0 }).parse(kept.get(keyOf(name)));
}

export function addEnded(kept: KeptValues, { output, lanes, events }: EndedEvents): void {
  if (lanes + events === 0) return;
  const before = endedOf(kept, output);
  kept.set(keyOf(output), { lanes: before.lanes + lanes, events: before.events + events });
}

/** Those whose names begin so, by what follows. */
export function endedBelow(kept: KeptValues, prefix: string): [string, EndedLanes][] {
  const begin = keyOf(prefix);
  return [...kept.all()].flatMap(({ kept: key }): [string, EndedLanes][] => {
    if (!key.startsWith(begin)) return [];
    const name = key.slice(begin.length);
    return [[name, endedOf(kept, `${prefix}${name}`)]];
  });
}

function keyOf(name: string): string {
  return `lanes ended ${name}`;
}
