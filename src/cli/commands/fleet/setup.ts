/** `tallyman fleet setup`, as its help shows it. */
import { Command, InvalidArgumentError, Option } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import { parseSize } from "../../../platform/text/units.ts";
import type { fleetSetup } from "../../fleet/setup.ts";

const help = `
It creates the stream and its consumer for an input or output of type nats, and
the two key-value buckets for a \`fleet\` section. Servers, credentials and names
come from the configuration, which may be an agent's or an aggregator's. If the
stream exists, it changes only the options given here, and settings that could
lose events. It is safe to run again.

--permissions prints the permissions that agents, aggregators and this command
need, in the syntax of nats-server's configuration, and connects to nothing.

Exit status: 0 when all settings are right; 1 when one is left that could lose
events, or NATS cannot be reached; 2 when the command line is invalid.

Examples:
  $ tallyman fleet setup -c /etc/tallyman/config.yaml
  $ tallyman fleet setup -c config.yaml --max-bytes 50GiB --dry-run
  $ tallyman fleet setup -c config.yaml --permissions`;

export function fleetSetupCommand(): Command {
  return addConfiguration(
    new Command("setup").description(
      "create and check the stream and buckets, or print permissions",
    ),
  )
    .addOption(
      new Option("--replicas <number>", "how many servers store each batch (default: 3)").choices([
        "1",
        "3",
        "5",
      ]),
    )
    .option("--max-bytes <size>", "size limit of the stream (default: 10GiB)", sizeOf)
    .option("--dry-run", "print what would be done, and change nothing")
    .option("--permissions", "print the permissions that each part needs")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof fleetSetup>) =>
      (await import("../../fleet/setup.ts")).fleetSetup(...given),
    );
}

function sizeOf(text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new InvalidArgumentError("expected a size such as 10GiB.");
}
