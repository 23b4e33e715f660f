/** `tallyman fleet status`, as its help shows it. */
import { Command } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import type { fleetStatus } from "../../fleet/status.ts";

const help = `
It shows for each group which configuration is in the bucket, and for each agent
which one is in force, the age of its last report, its lag and its health:
  current     the configuration in the bucket is in force
  own         nothing is pushed for its group; its own file is in force
  behind      an older configuration is in force
  refused     it has refused one, and says why
  held        it cannot use the one that it had taken, and reads nothing
  silent      it has missed three reports
  shared      another agent has the same name; both hosts are shown
  unreadable  its report is from another version, or has no valid sender

An agent that has never reported is not listed. Remove an agent that no longer
exists with --forget.

Exit status: 0 when every agent is current or own; 1 when one is not, or the
configuration in the bucket is not signed by a pinned key, or after an error; 2
when the command line is invalid.

Examples:
  $ tallyman fleet status -c config.yaml
  $ tallyman fleet status -c config.yaml --group web --json
  $ tallyman fleet status -c config.yaml --forget web-7`;

export function fleetStatusCommand(): Command {
  return addConfiguration(
    new Command("status").description("show which agent has which configuration in force"),
  )
    .option("--group <name>", "only this group")
    .option("--json", "print it as JSON")
    .option("--forget <agent>", "remove the report of an agent that no longer exists")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof fleetStatus>) =>
      (await import("../../fleet/status.ts")).fleetStatus(...given),
    );
}
