/** `tallyman fleet key`, as its help shows it. */
import { Command } from "commander";
import type { fleetKey } from "../../fleet/signing-key.ts";

const help = `
It creates the key that signs configurations, unless FILE exists, and prints the
line that agents pin in \`fleet.signed_by\`. Only you may read the file (mode
0600): whoever has it can change the configuration of every agent. Keep it where
you edit configurations, never on a host with an agent.

Exit status: 0 when the line is printed; 1 when the key cannot be written or
used; 2 when the command line is invalid.

Examples:
  $ tallyman fleet key ~/ops.key --name ops
  $ tallyman fleet key ~/ops.key`;

export function fleetKeyCommand(): Command {
  return new Command("key")
    .description("create the key that signs configurations, and print the line to pin")
    .argument("<file>", "the file of the key")
    .option("--name <name>", "what a new key is called, such as who has it (default: fleet)")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof fleetKey>) =>
      (await import("../../fleet/signing-key.ts")).fleetKey(...given),
    );
}
