/** `tallyman quarantine list`, as its help shows it. */
import { Command } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import { colorOption } from "../../terminal/color-option.ts";
import type { list } from "../../quarantine/list.ts";
import { addSelecting } from "../../quarantine/selecting.ts";

const help = `
The newest event is last. SIZE is its size on disk, in bytes. CODE is Splunk's
error code, if Splunk refused the event. With --json each event is one line of
JSON, without its text.

Exit status: 0 when the quarantine was read, even if it is empty; 1 when it
cannot be read; 2 when the command line is invalid.

Examples:
  $ tallyman quarantine list -c /etc/tallyman/config.yaml --since 2h
  $ tallyman quarantine list -c config.yaml --summary`;

export function listCommand(): Command {
  const command = addConfiguration(
    new Command("list").description("list the events in quarantine, newest last"),
  );
  return addSelecting(command)
    .option("--summary", "print only their counts, by reason and by input")
    .option("--json", "print JSON, one event per line")
    .addOption(colorOption())
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof list>) =>
      (await import("../../quarantine/list.ts")).list(...given),
    );
}
