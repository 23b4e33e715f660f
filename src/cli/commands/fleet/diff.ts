/** `tallyman fleet diff`, as its help shows it. */
import { Command } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import type { fleetDiff } from "../../fleet/diff.ts";

const help = `
It compares the configuration that a group has in the bucket with FILE; without
FILE, with the one that the agent on this host has taken.

Exit status: 0 when both are the same; 1 when they differ, or after an error,
which is printed to standard error; 2 when the command line is invalid.

Examples:
  $ tallyman fleet diff web.yaml -c config.yaml
  $ tallyman fleet diff -c /etc/tallyman/config.yaml`;

export function fleetDiffCommand(): Command {
  return addConfiguration(
    new Command("diff")
      .description("compare a file, or this host's agent, with what is in the bucket")
      .argument("[file]", "a configuration for a group"),
  )
    .option("--group <name>", "the group (default: that of the configuration)")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof fleetDiff>) =>
      (await import("../../fleet/diff.ts")).fleetDiff(...given),
    );
}
