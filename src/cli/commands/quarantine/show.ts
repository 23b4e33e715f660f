/** `tallyman quarantine show`, as its help shows it. */
import { Command } from "commander";
import type { show } from "../../quarantine/show.ts";

const help = `
Known secrets are masked in the text. Control characters are shown as \\x1b, so
that no event can do anything to the terminal. With --json the line is printed
as it is kept, as JSON; one that is damaged as {"damaged": text}.

Examples:
  $ tallyman quarantine show 3fa91c0b72de -c /etc/tallyman/config.yaml
  $ tallyman quarantine show 3fa91c0b72de -c config.yaml --json | jq -r .text`;

export function showCommand(): Command {
  return new Command("show")
    .description("show all that is kept of single events")
    .argument("<id...>", "as `list` shows them")
    .requiredOption("-c, --config <file>", "the configuration")
    .option("--json", "print JSON, one event a line")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof show>) =>
      (await import("../../quarantine/show.ts")).show(...given),
    );
}
