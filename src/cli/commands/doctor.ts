/** `tallyman doctor`, as its help shows it. */
import { Command } from "commander";
import { addConfigurationAsArgument } from "../configuration/option.ts";
import type { doctor } from "../doctor/doctor.ts";

const help = `
It checks the configuration, the plugins, the files and listeners of the inputs,
the state directory, and the path to Splunk: DNS, proxy, connection, TLS,
health, token, indexer acknowledgement and clock. It sends one test event
(sourcetype tallyman:doctor) to each index that an input names; --no-send leaves
that out. A running tallyman is not disturbed. Root checks with the user, groups
and credentials of the unit that runs the configuration; without a unit, name
the user with --user, because permissions differ between users.

It finishes within a minute. docs/operations/troubleshooting.md lists all
findings by the cause that --json prints.

Exit status: 0 when no check failed, even with warnings; 1 when a check failed;
2 when the command line is invalid.

Examples:
  $ tallyman doctor -c /etc/tallyman/config.yaml
  $ tallyman doctor -c config.yaml --no-send --json | jq .findings`;

export function doctorCommand(): Command {
  return addConfigurationAsArgument(
    new Command("doctor").description("find out why events do not reach Splunk"),
  )
    .option("--no-send", "do not send test events")
    .option("--user <user>", "check with the permissions of this user (root only)")
    .option("--json", "print the result as JSON")
    .addHelpText("after", help)
    .action(async (_file, ...given: Parameters<typeof doctor>) =>
      (await import("../doctor/doctor.ts")).doctor(...given),
    );
}
