/** `tallyman quarantine list`, as its help shows it. */
import { Command } from "commander";
import type { list } from "../../quarantine/list.ts";
import { addSelecting } from "../../quarantine/selecting.ts";

const help = `
The newest event is the last. SIZE is what it takes on the disk, in bytes. CODE
is Splunk's, where Splunk refused the event. With --json each event is one line
of JSON, without its text.

Examples:
  $ tallyman quarantine list -c /etc/tallyman/config.yaml --since 2h
  $ tallyman quarantine list -c config.yaml --summary`;

export function listCommand(): Command {
  const command = new Command("list")
    .description("list the events in quarantine, the newest last")
    .requiredOption("-c, --config <file>", "the configuration");
  return addSelecting(command)
    .option("--summary", "only count them, by reason and by input")
    .option("--json", "print JSON, one event a line")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof list>) =>
      (await import("../../quarantine/list.ts")).list(...given),
    );
}
