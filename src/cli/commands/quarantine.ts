/**
 * `tallyman quarantine`: the commands for events that could neither be shipped nor dropped.
 */
import { Command } from "commander";
import { listCommand } from "./quarantine/list.ts";
import { purgeCommand } from "./quarantine/purge.ts";
import { replayCommand } from "./quarantine/replay.ts";
import { showCommand } from "./quarantine/show.ts";

const help = `
An event goes to quarantine when a step cannot read it or fails on it, or when
Splunk refuses it for its content. All commands work with and without a running
agent.

Examples:
  $ tallyman quarantine list -c /etc/tallyman/config.yaml
  $ tallyman quarantine replay -c /etc/tallyman/config.yaml --input s3_audit`;

export function quarantineCommand(): Command {
  const command = new Command("quarantine")
    .description("list, show, replay or purge events that could not be shipped")
    .addHelpText("after", help);
  for (const each of [listCommand(), showCommand(), replayCommand(), purgeCommand()]) {
    command.addCommand(each);
  }
  return command;
}
