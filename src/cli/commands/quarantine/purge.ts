/** `tallyman quarantine purge`, as its help shows it. */
import { Command } from "commander";
import type { purge } from "../../quarantine/purge.ts";
import { addSelecting } from "../../quarantine/selecting.ts";

const help = `
What is purged is lost: it is counted in the books (quarantine_removed), and
marked in Splunk by a gap event. Several conditions must all hold. It asks
before it removes anything; where nobody can be asked, --yes is needed.

Examples:
  $ tallyman quarantine purge -c /etc/tallyman/config.yaml --before 720h
  $ tallyman quarantine purge 3fa91c0b72de -c config.yaml --yes`;

export function purgeCommand(): Command {
  const command = new Command("purge")
    .description("remove events from quarantine for good")
    .argument("[id...]", "as `list` shows them")
    .requiredOption("-c, --config <file>", "the configuration");
  return addSelecting(command)
    .option("--all", "all events")
    .option("--yes", "do not ask")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof purge>) =>
      (await import("../../quarantine/purge.ts")).purge(...given),
    );
}
