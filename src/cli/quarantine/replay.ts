/**
 * `tallyman quarantine replay`: has events go through the chain again, and to the output.
 */
import { Command } from "commander";
import { openStateDirectory } from "./opening.ts";
import { describeReplayable } from "./replayable.ts";
import { addSelecting, narrowSelectionOf, type SelectingOptions } from "./selecting.ts";
import { eventsOf, lookAtSelected, takeOut } from "./taking.ts";

const help = `
Mend first what sent the events here: the chain, a plugin, or Splunk. Each goes
through the chain of the input that it came from (the common chain, if that
input is gone), with its own time and metadata. In the books it is received
again there, and counted as replayed. What is refused again comes back. Several
conditions must all hold.

Examples:
  $ tallyman quarantine replay -c config.yaml --input s3_audit --since 2h
  $ tallyman quarantine replay 3fa91c0b72de 90cc17ab44f1 -c config.yaml`;

interface ReplayOptions extends SelectingOptions {
  config: string;
  masked?: boolean;
}

export function replayCommand(): Command {
  const command = new Command("replay")
    .description("send events of the quarantine through the chain again")
    .argument("[id...]", "as `list` shows them")
    .requiredOption("-c, --config <file>", "the configuration");
  return addSelecting(command)
    .option("--all", "all events")
    .option("--masked", "also those of which only a masked text is kept, as it stands")
    .addHelpText("after", help)
    .action(replay);
}

async function replay(ids: string[], options: ReplayOptions): Promise<void> {
  const { masked = false } = options;
  const selection = narrowSelectionOf(ids, options);
  const state_dir = await openStateDirectory(options.config);
  const { lines, named } = await lookAtSelected(state_dir, selection);
  if (lines === 0) return console.log("There is no such event in quarantine.");
  const done = await takeOut(state_dir, { action: "replay", selection, with_masked: masked });
  if (done.events > 0) {
    const when = done.by_agent ? "now" : "when the agent is started; none runs at present";
    console.log(`Replayed: ${eventsOf(done.events)}. They go through the chain again ${when}.`);
  }
  const left = done.left.no_text + done.left.masked;
  if (done.events + left === 0) console.log("There is no such event in quarantine any more.");
  if (left === 0) return;
  console.log(`Left in quarantine: ${eventsOf(left)}.`);
  const told = named.filter(({ replayable }) => !masked || replayable === "no_text");
  for (const { id, replayable } of told) {
    console.log(`  ${id}: replay is ${describeReplayable(replayable)}`);
  }
  if (left > told.length) console.log(`  and ${left - told.length} more`);
}
