/** `tallyman fleet`: the commands for agents and aggregators with NATS JetStream between them. */
import { Command } from "commander";
import { fleetBooksCommand } from "./books.ts";
import { fleetSetupCommand } from "./setup.ts";

const help = `
Agents publish batches to a stream of NATS JetStream, and aggregators deliver
them to Splunk. docs/fleet.md has the whole of it.

Examples:
  $ tallyman fleet setup -c /etc/tallyman/config.yaml --dry-run
  $ tallyman fleet setup -c /etc/tallyman/config.yaml --permissions
  $ tallyman fleet books -c /etc/tallyman/config.yaml`;

export function fleetCommand(): Command {
  return new Command("fleet")
    .description("set up what agents and aggregators have between them")
    .addHelpText("after", help)
    .addCommand(fleetSetupCommand())
    .addCommand(fleetBooksCommand());
}
