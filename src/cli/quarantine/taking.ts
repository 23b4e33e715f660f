/**
 * What `purge` and `replay` have in common: they look at what is selected, and then have it taken out.
 */
import { extractFromOutside, type AccessResult } from "../../output/quarantine/access.ts";
import { quarantineDirectory, type Replayable } from "../../output/quarantine/lines.ts";
import { selector, type Selection } from "../../output/quarantine/selection.ts";
import type { Extraction } from "../../output/quarantine/extract.ts";
import { readSnapshot } from "../../output/quarantine/snapshot.ts";
import { systemClock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { clearProgress, Progress } from "../terminal/progress.ts";
import { refuseUnknown } from "./show.ts";

/** Of events that cannot simply be replayed, this many are named. */
const named_max = 10;

/** What is selected at the moment. */
export interface Selected {
  readonly lines: number;
  readonly bytes: number;
  /** The first of those that cannot simply be replayed. */
  readonly named: readonly { id: string; replayable: Replayable }[];
}

/** Throws TallymanError quarantine_unknown_event where an id is asked for that is not there. */
export async function lookAtSelected(state_dir: string, selection: Selection): Promise<Selected> {
  const isSelected = selector(selection);
  const unknown = new Set(selection.ids);
  const named: { id: string; replayable: Replayable }[] = [];
  let lines = 0;
  let bytes = 0;
  const progress = new Progress(systemClock, { what: "looking for events", unit: "bytes" });
  progress.expect(undefined);
  for await (const line of readSnapshot(quarantineDirectory(state_dir))) {
    const { id, start, end, replayable } = line;
    progress.add(end - start);
    unknown.delete(id);
    if (!isSelected(line)) continue;
    lines += 1;
    bytes += end - start;
    if (replayable !== "whole" && named.length < named_max) named.push({ id, replayable });
  }
  clearProgress();
  refuseUnknown(unknown);
  return { lines, bytes, named };
}

/** Throws TallymanError quarantine_failed where not all that can be taken out was. */
export async function takeOut(state_dir: string, what: Extraction): Promise<AccessResult> {
  const done = await extractFromOutside(state_dir, what, systemClock);
  if (done.trouble === undefined) return done;
  const before = done.events === 0 ? "" : `; before that, ${eventsOf(done.events)} were taken out`;
  const message = `cannot take events out of quarantine: ${done.trouble}${before}`;
  throw new TallymanError("quarantine_failed", message);
}

export function eventsOf(count: number): string {
  return count === 1 ? "1 event" : `${count} events`;
}
