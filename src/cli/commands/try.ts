/** `tallyman try`, as its help shows it. */
import { Command, InvalidArgumentError, Option } from "commander";
import { addConfiguration } from "../configuration/option.ts";
import { colorOption } from "../terminal/color-option.ts";
import type { tryLogs } from "../try/try.ts";

const only_choices = ["changed", "kept", "filtered", "dropped", "quarantined"];

const help = `
It reads each LOG (or standard input, -) like the input whose paths match it:
framing, encoding, compression, time and metadata. It runs the input's chain as
the agent would, but sends nothing and writes nothing. It shows the first 20
events that are changed or not sent, at most five of a kind, with what each step
did; then a summary of all: what every rule matched, which rules never matched,
and what looks like a secret that no rule has masked, with the line to add.

Secrets are shown as tags (‹secret 1a2b3c›): equal ones have the same tag within
one run. --reveal shows them, and the messages of plugins that fail.

Exit status: 0 when all is well; 3 when something looks like a secret and would
be sent, or with --diff when any event differs; 1 when the configuration is not
valid or a LOG cannot be read; 2 when the command line is invalid.

Examples:
  $ tallyman try -c config.yaml /var/log/weka/s3-audit.log
  $ tallyman try -c config.yaml --all --color always audit.log | less -R
  $ tallyman try -c config.yaml --diff new.yaml audit.log.1.gz
  $ zcat old.log.gz | tallyman try -c config.yaml --input s3_audit --json
  $ tallyman try -c config.yaml --follow /var/log/weka/s3-audit.log`;

export function tryCommand(): Command {
  return addConfiguration(
    new Command("try")
      .description("run a log through the chain: show what it does, and send nothing")
      .argument("[log...]", "the logs; - is standard input"),
  )
    .option("--input <name>", "treat the logs as those of this input")
    .option("--follow", "show the lines that are added from now on, until Ctrl-C")
    .option("--diff <file>", "show what another configuration does differently")
    .addOption(new Option("--only <which>", "show only these events").choices(only_choices))
    .option("--limit <count>", "show so many events", countOf)
    .option("--all", "show every event")
    .option("--json", "print one JSON object per event, then one with the summary")
    .option("--reveal", "show secrets as they are")
    .addOption(colorOption())
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof tryLogs>) =>
      (await import("../try/try.ts")).tryLogs(...given),
    );
}

function countOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("expected a number, such as 50");
}
