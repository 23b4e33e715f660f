/** `tallyman quarantine show`, as its help shows it. */
import { Command } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import type { show } from "../../quarantine/show.ts";

const help = `
Known secrets are masked in the text. Control characters are shown as \\x1b, so
that no event can affect the terminal. With --json the stored line is printed as
JSON; a damaged line is printed as {"damaged": text}.

Exit status: 0 when all ids were shown; 1 when an id is not in quarantine, or
the quarantine cannot be read; 2 when the command line is invalid.

Examples:
  $ tallyman quarantine show 3fa91c0b72de -c /etc/tallyman/config.yaml
  $ tallyman quarantine show 3fa91c0b72de -c config.yaml --json | jq -r .text`;

export function showCommand(): Command {
  return addConfiguration(
    new Command("show")
      .description("show single events with everything stored about them")
      .argument("<id...>", "the ids that `list` shows"),
  )
    .option("--json", "print JSON, one event per line")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof show>) =>
      (await import("../../quarantine/show.ts")).show(...given),
    );
}
