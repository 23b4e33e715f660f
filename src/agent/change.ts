/**
 * The change from one configuration to another while the agent runs: what may fail comes first and can be undone, then
 * everything changes in one turn of the event loop.
 */
import { nothing_waited, type WaitingReport } from "../admin/status/waiting-report.ts";
import { outputsOf } from "../config/outputs.ts";
import { own_input } from "../config/config.ts";
import type { InputIndexes } from "./outputs/index-corrections.ts";
import type { Outputs } from "./outputs/outputs.ts";
import type { PreparedWaiting, WaitingEvents } from "./redaction/waiting-events.ts";
import type { Setup } from "./setup/setup.ts";
import type { Sources } from "./sources/sources.ts";
import type { Administration } from "./status/administration.ts";

export interface ChangingParts {
  readonly administration: Administration;
  readonly outputs: Outputs;
  readonly sources: Sources;
  readonly waiting: WaitingEvents;
}

/**
 * Gives the call that changes the parts, to be made in the turn in which `next` comes into force; it says what became of events
 * that wait. Throws a TallymanError where all stays as it was.
 */
export async function prepareChange(
  { administration, outputs, sources, waiting }: ChangingParts,
  former: Setup,
  next: Setup,
): Promise<() => WaitingReport | undefined> {
  const [before, after] = [outputsOf(former.config), outputsOf(next.config)];
  // Before an output that is replaced has given away what it has.
  const correction = outputs.correction(indexesOf(former), indexesOf(next));
  const prepared = await administration.prepare(next.config);
  await correction.announce();
  let waits: PreparedWaiting | undefined;
  let goByNext: () => void;
  try {
    outputs.extend(after);
    waits = await waiting.prepare(next.inputs, outputs, after, correction.frees);
    goByNext = await sources.prepare(next);
  } catch (cause) {
    await prepared.undo();
    waits?.undo();
    outputs.extend(before);
    outputs.restrict(before);
    throw cause;
  }
  const events = waits;
  return () => {
    goByNext();
    prepared.use();
    correction.use();
    const report = events.use();
    const freed = correction.freed();
    outputs.restrict(after);
    return freed.length === 0 ? report : { ...(report ?? nothing_waited), freed };
  };
}

/** The index that each input names, and that of tallyman's own events. */
export function indexesOf({ inputs, config }: Setup): InputIndexes {
  const named = inputs.map(({ name, origin }) => [name, origin.metadata.index] as const);
  return new Map([...named, [own_input, config.lifecycle.index]]);
}
