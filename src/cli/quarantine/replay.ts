/**
 * `tallyman quarantine replay`: has events go through the chain again, and to the output.
 */
import { openStateDirectory } from "./opening.ts";
import { describeReplayable } from "./replayable.ts";
import { narrowSelectionOf, type SelectingOptions } from "./selecting.ts";
import { eventsOf, lookAtSelected, takeOut } from "./taking.ts";

interface ReplayOptions extends SelectingOptions {
  config: string;
  masked?: boolean;
}

/** What the command does. */
export async function replay(ids: string[], options: ReplayOptions): Promise<void> {
  const { masked = false } = options;
  const selection = narrowSelectionOf(ids, options);
  const state_dir = await openStateDirectory(options.config);
  const { lines, named } = await lookAtSelected(state_dir, selection);
  if (lines === 0) return console.log("No matching events in quarantine.");
  const done = await takeOut(state_dir, { action: "replay", selection, with_masked: masked });
  if (done.events > 0) {
    const when = done.by_agent ? "now" : "when the agent starts; none is running now";
    console.log(`Replayed: ${eventsOf(done.events)}. They go through the chain again ${when}.`);
  }
  const left = done.left.no_text + done.left.masked;
  if (done.events + left === 0) console.log("These events are no longer in quarantine.");
  if (left === 0) return;
  console.log(`Left in quarantine: ${eventsOf(left)}.`);
  const shown = named.filter(({ replayable }) => !masked || replayable === "no_text");
  for (const { id, replayable } of shown) {
    console.log(`  ${id}: replay is ${describeReplayable(replayable)}`);
  }
  if (left > shown.length) console.log(`  and ${left - shown.length} more`);
}
