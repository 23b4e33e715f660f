/** `tallyman doctor`, as its help shows it. */
import { Command } from "commander";
import type { doctor } from "../doctor/doctor.ts";

const help = `
It looks at the configuration, the plugins, the files and places of the inputs,
the state directory, and at the way to Splunk: name, proxy, connection, TLS,
health, token, indexer acknowledgement and clock. It sends one test event
(sourcetype tallyman:doctor) to each index that an input names; --no-send leaves
that out. A tallyman that runs is not disturbed. What one user may read another
may not: run it as the user that tallyman runs as.

It ends within a minute. docs/troubleshooting.md lists all that it can find, by
the cause that --json gives.

Exit status: 0 when nothing failed, warnings or not; 1 when a check failed; 2
when the command line is not understood.

Examples:
  $ tallyman doctor -c /etc/tallyman/config.yaml --user tallyman
  $ tallyman doctor -c config.yaml --no-send --json | jq .findings`;

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("look for what keeps events from reaching Splunk")
    .requiredOption("-c, --config <file>", "the configuration")
    .option("--no-send", "send no test event")
    .option("--user <user>", "look with the rights of this user; for root only")
    .option("--json", "print the result as JSON")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof doctor>) =>
      (await import("../doctor/doctor.ts")).doctor(...given),
    );
}
