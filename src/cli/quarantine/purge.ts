/**
 * `tallyman quarantine purge`: removes events for good.
 */
import { createInterface } from "node:readline/promises";
import { openStateDirectory } from "./opening.ts";
import { narrowSelectionOf, usage, type SelectingOptions } from "./selecting.ts";
import { eventsOf, lookAtSelected, takeOut } from "./taking.ts";

interface PurgeOptions extends SelectingOptions {
  config: string;
  yes?: boolean;
}

/** What the command does. */
export async function purge(ids: string[], options: PurgeOptions): Promise<void> {
  const selection = narrowSelectionOf(ids, options);
  const state_dir = await openStateDirectory(options.config);
  const { lines, bytes } = await lookAtSelected(state_dir, selection);
  if (lines === 0) return console.log("No matching events in quarantine.");
  if (options.yes !== true && !(await confirm(`Remove ${eventsOf(lines)} (${bytes} bytes)`))) {
    return console.log("Nothing was removed.");
  }
  const done = await takeOut(state_dir, { action: "purge", selection, with_masked: false });
  console.log(`Removed ${eventsOf(done.events)} (${done.bytes} bytes) from quarantine.`);
}

async function confirm(what: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw usage(
      "standard input is not a terminal, so nothing can be confirmed; use --yes to remove the events",
    );
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question(`${what} for good? [y/N] `)).trim());
  } finally {
    asking.close();
  }
}
