/** `tallyman fleet books`, as its help shows it. */
import { Command } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import { watchSeconds } from "../seconds.ts";
import type { fleetBooks } from "../../fleet/books/books.ts";

const help = `
It asks all agents, and then all aggregators, over NATS, and compares number by
number. What an agent has published without a receipt is on the way, and not
missing. Worst first; the rest with --all. Who has not answered is named where
an aggregator has events of that agent.

An aggregator that is no more takes its part of the books along: save what
--json prints while it runs, and give the file to --with later.

Exit status: 0 when the books agree; 1 when a lane does not, an agent is silent,
or NATS cannot be reached; 2 when the command line is invalid.

Examples:
  $ tallyman fleet books -c /etc/tallyman/config.yaml
  $ tallyman fleet books -c config.yaml --gone web-1 web-2
  $ tallyman fleet books -c config.yaml --json | tee books.json
  $ tallyman fleet books -c config.yaml --with books.json`;

export function fleetBooksCommand(): Command {
  return addConfiguration(
    new Command("books").description("add up what agents and aggregators have delivered, by lane"),
  )
    .option("--with <file...>", "add reports that --json has printed before")
    .option("--gone <agent...>", "agents that are no more, and need not answer")
    .option("--wait <seconds>", "how long no answer has to come until it is over", watchSeconds, 2)
    .option("--all", "show all lanes")
    .option("--json", "print lanes and reports as JSON")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof fleetBooks>) =>
      (await import("../../fleet/books/books.ts")).fleetBooks(...given),
    );
}
