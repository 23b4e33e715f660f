/** `tallyman quarantine replay`, as its help shows it. */
import { Command } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import type { replay } from "../../quarantine/replay.ts";
import { addSelecting } from "../../quarantine/selecting.ts";

const help = `
First fix the cause: the chain, a plugin, or Splunk. Each event goes through the
chain of the input it came from (the common chain, if that input is gone), with
its own time and metadata. The books count it as received again and as replayed.
Events that are refused again return to quarantine. Several conditions must all
match.

Exit status: 0 when the command was carried out, even if events were left; 1
when an id is not in quarantine, or events could not be taken out; 2 when the
command line is invalid.

Examples:
  $ tallyman quarantine replay -c config.yaml --input s3_audit --since 2h
  $ tallyman quarantine replay 3fa91c0b72de 90cc17ab44f1 -c config.yaml`;

export function replayCommand(): Command {
  const command = addConfiguration(
    new Command("replay")
      .description("send events from quarantine through the chain again")
      .argument("[id...]", "the ids that `list` shows"),
  );
  return addSelecting(command)
    .option("--all", "all events")
    .option("--masked", "also events of which only masked text is stored, as it is")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof replay>) =>
      (await import("../../quarantine/replay.ts")).replay(...given),
    );
}
