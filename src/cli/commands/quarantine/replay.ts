/** `tallyman quarantine replay`, as its help shows it. */
import { Command } from "commander";
import type { replay } from "../../quarantine/replay.ts";
import { addSelecting } from "../../quarantine/selecting.ts";

const help = `
First fix what sent the events here: the chain, a plugin, or Splunk. Each goes
through the chain of the input that it came from (the common chain, if that
input is gone), with its own time and metadata. In the books it is received
again there, and counted as replayed. What is refused again comes back. Several
conditions must all hold.

Examples:
  $ tallyman quarantine replay -c config.yaml --input s3_audit --since 2h
  $ tallyman quarantine replay 3fa91c0b72de 90cc17ab44f1 -c config.yaml`;

export function replayCommand(): Command {
  const command = new Command("replay")
    .description("send events of the quarantine through the chain again")
    .argument("[id...]", "as `list` shows them")
    .requiredOption("-c, --config <file>", "the configuration");
  return addSelecting(command)
    .option("--all", "all events")
    .option("--masked", "also those of which only a masked text is kept, as it stands")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof replay>) =>
      (await import("../../quarantine/replay.ts")).replay(...given),
    );
}
