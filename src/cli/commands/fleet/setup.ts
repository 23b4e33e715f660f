/** `tallyman fleet setup`, as its help shows it. */
import { Command, InvalidArgumentError, Option } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import { parseSize } from "../../../platform/text/units.ts";
import type { fleetSetup } from "../../fleet/setup.ts";

const help = `
It takes servers, credentials, stream and prefix from the configuration's input
or output of type nats, which may be an agent's or an aggregator's. What is
there is checked; of a stream that is there, only what could lose events is
changed, and what is given here. It is safe to run again.

--permissions prints what an agent, an aggregator and this command itself have
to be allowed, for the configuration of nats-server, and connects to nothing.

Exit status: 0 when all is as it should be; 1 when something is left that could
lose events, or NATS cannot be reached; 2 when the command line is invalid.

Examples:
  $ tallyman fleet setup -c /etc/tallyman/config.yaml
  $ tallyman fleet setup -c config.yaml --max-bytes 50GiB --dry-run
  $ tallyman fleet setup -c config.yaml --permissions`;

export function fleetSetupCommand(): Command {
  return addConfiguration(
    new Command("setup").description("make and check the stream, and print permissions"),
  )
    .addOption(
      new Option("--replicas <number>", "servers that keep each batch (default: 3)").choices([
        "1",
        "3",
        "5",
      ]),
    )
    .option("--max-bytes <size>", "the most that the stream holds (default: 10GiB)", sizeOf)
    .option("--dry-run", "say what would be done, and change nothing")
    .option("--permissions", "print what each part has to be allowed")
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
