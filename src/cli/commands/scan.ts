/** `tallyman scan`, as its help shows it. */
import { Command } from "commander";
import type { scan } from "../scan/scan.ts";
import { colorOption } from "../terminal/color-option.ts";

const help = `
It needs no configuration, sends nothing, and changes nothing. It reads the logs
(also compressed, or \`-\` for standard input) and prints which framing they need,
which field holds the time, which fields look secret and why, and all fields
with their frequency. Values are never shown.

With --config it prints a configuration to start from, and nothing else: check
what it would do with \`tallyman try\`.

Exit status: 0 when the logs were read, whatever is in them; 1 when one of them
cannot be read, or holds no events; 2 when the command line is invalid.

Examples:
  $ tallyman scan /var/log/weka/s3-audit.log
  $ tallyman scan /var/log/audit/audit.log --config > config.yaml
  $ kubectl get --raw /logs/audit.log | tallyman scan -`;

export function scanCommand(): Command {
  return new Command("scan")
    .description("examine logs: their framing, time, fields, and what looks secret")
    .argument("<log...>", "the logs, of one kind")
    .option("--config", "print a configuration to start from")
    .option("--json", "print what was found as JSON")
    .addOption(colorOption())
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof scan>) =>
      (await import("../scan/scan.ts")).scan(...given),
    );
}
