/** `tallyman fleet status`, as its help shows it. */
import { Command } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import type { fleetStatus } from "../../fleet/status.ts";

const help = `
Shows by group what is in the bucket, and of each agent what it has in force,
how long ago it has reported, its lag and its health:
  current     it has what is in the bucket
  own         nothing is pushed for its group; its own file is in force
  behind      it has another one
  refused     it has refused one, and says why
  held        it cannot use what it had taken, and reads nothing
  silent      it has missed three reports
  unreadable  what it has reported is of another version, or of nobody

An agent that has never reported is not known here. Take one that is no more out
with --forget.

Exit status: 0 when every agent is current or own; 1 when one is not, or what is
in the bucket is not signed as it should be, or after an error; 2 when the
command line is invalid.

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
    .option("--forget <agent>", "remove the report of an agent that is no more")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof fleetStatus>) =>
      (await import("../../fleet/status.ts")).fleetStatus(...given),
    );
}
