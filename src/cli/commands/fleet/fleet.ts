/** `tallyman fleet`: the commands for agents and aggregators with NATS JetStream between them. */
import { Command } from "commander";
import { fleetBooksCommand } from "./books.ts";
import { fleetDiffCommand } from "./diff.ts";
import { fleetKeyCommand } from "./key.ts";
import { fleetPushCommand } from "./push.ts";
import { fleetSetupCommand } from "./setup.ts";
import { fleetStatusCommand } from "./status.ts";

const help = `
Agents publish batches to a NATS JetStream stream, and aggregators deliver them
to Splunk. Agents can take signed configurations by group from NATS, too.
docs/fleet.md describes both.

Examples:
  $ tallyman fleet setup -c /etc/tallyman/config.yaml --dry-run
  $ tallyman fleet setup -c /etc/tallyman/config.yaml --permissions
  $ tallyman fleet push web.yaml -c config.yaml --key ~/ops.key
  $ tallyman fleet status -c config.yaml
  $ tallyman fleet books -c config.yaml`;

export function fleetCommand(): Command {
  return new Command("fleet")
    .description("many agents behind NATS: set up the stream, push configurations, compare books")
    .addHelpText("after", help)
    .addCommand(fleetSetupCommand())
    .addCommand(fleetKeyCommand())
    .addCommand(fleetPushCommand())
    .addCommand(fleetDiffCommand())
    .addCommand(fleetStatusCommand())
    .addCommand(fleetBooksCommand());
}
