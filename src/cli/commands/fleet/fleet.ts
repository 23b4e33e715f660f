/** `tallyman fleet`: the commands for agents and aggregators with NATS JetStream between them. */
import { Command } from "commander";
import { fleetBooksCommand } from "./books.ts";
import { fleetDiffCommand } from "./diff.ts";
import { fleetKeyCommand } from "./key.ts";
import { fleetPushCommand } from "./push.ts";
import { fleetSetupCommand } from "./setup.ts";
import { fleetStatusCommand } from "./status.ts";

const help = `
Agents publish batches to a stream of NATS JetStream, and aggregators deliver
them to Splunk; configurations are pushed to them by group, signed.
docs/fleet.md has the whole of it.

Examples:
  $ tallyman fleet setup -c /etc/tallyman/config.yaml --dry-run
  $ tallyman fleet setup -c /etc/tallyman/config.yaml --permissions
  $ tallyman fleet push web.yaml -c config.yaml --key ~/ops.key
  $ tallyman fleet status -c config.yaml
  $ tallyman fleet books -c config.yaml`;

export function fleetCommand(): Command {
  return new Command("fleet")
    .description("set up what agents have between them, push configurations, add up books")
    .addHelpText("after", help)
    .addCommand(fleetSetupCommand())
    .addCommand(fleetKeyCommand())
    .addCommand(fleetPushCommand())
    .addCommand(fleetDiffCommand())
    .addCommand(fleetStatusCommand())
    .addCommand(fleetBooksCommand());
}
