/** `tallyman quarantine purge`, as its help shows it. */
import { Command } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import type { purge } from "../../quarantine/purge.ts";
import { addSelecting } from "../../quarantine/selecting.ts";

const help = `
Purged events are lost: they are counted in the books (quarantine_removed), and
marked in Splunk by a gap event. Several conditions must all match. The command
asks for confirmation; where it cannot ask, --yes is needed.

Exit status: 0 when the command was carried out, or was answered with no; 1 when
an id is not in quarantine, or events could not be removed; 2 when the command
line is invalid.

Examples:
  $ tallyman quarantine purge -c /etc/tallyman/config.yaml --before 720h
  $ tallyman quarantine purge 3fa91c0b72de -c config.yaml --yes`;

export function purgeCommand(): Command {
  const command = addConfiguration(
    new Command("purge")
      .description("remove events from quarantine permanently")
      .argument("[id...]", "the ids that `list` shows"),
  );
  return addSelecting(command)
    .option("--all", "all events")
    .option("--yes", "do not ask for confirmation")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof purge>) =>
      (await import("../../quarantine/purge.ts")).purge(...given),
    );
}
