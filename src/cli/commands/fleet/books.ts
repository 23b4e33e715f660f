/** `tallyman fleet books`, as its help shows it. */
import { Command } from "commander";
import { addConfiguration } from "../../configuration/option.ts";
import { watchSeconds } from "../seconds.ts";
import type { fleetBooks } from "../../fleet/books/books.ts";

const help = `
It asks all agents over NATS, then all aggregators, and compares the numbers of
the events in each lane: one input stream on its way to one output and index.
Events that an agent has published, but has no receipt for, are on the way, not
missing. The worst lanes come first; --all shows all. An agent that does not
answer is named if an aggregator has events from it.

When an aggregator is removed, its part of the books is gone: before that, save
the output of --json, and pass the file with --with later.

Exit status: 0 when the books agree; 1 when a lane does not, an agent does not
answer, or NATS cannot be reached; 2 when the command line is invalid.

Examples:
  $ tallyman fleet books -c /etc/tallyman/config.yaml
  $ tallyman fleet books -c config.yaml --gone web-1 web-2
  $ tallyman fleet books -c config.yaml --json | tee books.json
  $ tallyman fleet books -c config.yaml --with books.json`;

export function fleetBooksCommand(): Command {
  return addConfiguration(
    new Command("books").description("compare the books of agents and aggregators, by lane"),
  )
    .option("--with <file...>", "add reports from the saved output of --json")
    .option("--gone <agent...>", "agents that no longer exist, and need not answer")
    .option("--wait <seconds>", "stop waiting when no answer has come for so long", watchSeconds, 2)
    .option("--all", "show all lanes")
    .option("--json", "print lanes and reports as JSON")
    .addHelpText("after", help)
    .action(async (...given: Parameters<typeof fleetBooks>) =>
      (await import("../../fleet/books/books.ts")).fleetBooks(...given),
    );
}
