/**
 * `tallyman quarantine purge`: removes events for good.
 */
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { openStateDirectory } from "./opening.ts";
import { addSelecting, narrowSelectionOf, usage, type SelectingOptions } from "./selecting.ts";
import { eventsOf, lookAtSelected, takeOut } from "./taking.ts";

const help = `
What is purged is lost: it is counted in the books (quarantine_removed), and
marked in Splunk by a gap event. Several conditions must all hold. It asks
before it removes anything; where nobody can be asked, --yes is needed.

Examples:
  $ tallyman quarantine purge -c /etc/tallyman/config.yaml --before 720h
  $ tallyman quarantine purge 3fa91c0b72de -c config.yaml --yes`;

interface PurgeOptions extends SelectingOptions {
  config: string;
  yes?: boolean;
}

export function purgeCommand(): Command {
  const command = new Command("purge")
    .description("remove events from quarantine for good")
    .argument("[id...]", "as `list` shows them")
    .requiredOption("-c, --config <file>", "the configuration");
  return addSelecting(command)
    .option("--all", "all events")
    .option("--yes", "do not ask")
    .addHelpText("after", help)
    .action(purge);
}

async function purge(ids: string[], options: PurgeOptions): Promise<void> {
  const selection = narrowSelectionOf(ids, options);
  const state_dir = await openStateDirectory(options.config);
  const { lines, bytes } = await lookAtSelected(state_dir, selection);
  if (lines === 0) return console.log("There is no such event in quarantine.");
  if (options.yes !== true && !(await confirm(`Remove ${eventsOf(lines)} (${bytes} bytes)`))) {
    return console.log("Nothing was removed.");
  }
  const done = await takeOut(state_dir, { action: "purge", selection, with_masked: false });
  console.log(`Removed ${eventsOf(done.events)} (${done.bytes} bytes) from quarantine.`);
}

async function confirm(what: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw usage("nobody can be asked here; say --yes to remove the events");
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question(`${what} for good? [y/N] `)).trim());
  } finally {
    asking.close();
  }
}
