/**
 * A process that puts events into quarantine until the disk takes no more: run it under a file size limit.
 *
 *     node quarantine-writer.ts DIRECTORY
 *
 * Prints {"settled":N} when a write has failed, and ends.
 */
import { Verdict } from "../../../src/event/event.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { Quarantine } from "../../../src/output/quarantine/quarantine.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { CollectedLog } from "../collected-log.ts";
import { makeEvents } from "../events/events.ts";

// The kernel sends it at the limit; unheard, it ends the process.
process.on("SIGXFSZ", () => undefined);

const ledger = new Ledger();
const log = new CollectedLog();
const mask = (text: string): string => text;
const quarantine = new Quarantine(process.argv[2]!, { ledger, clock: systemClock, log, mask });
const settled = (): number => ledger.books().total.quarantined;
const hasFailed = (): boolean => log.at("error").length > 0;
// One after the other: those that gather during a write are one write, too, and so would meet the limit together.
for (let added = 1; !hasFailed(); added += 1) {
  const [event] = makeEvents(ledger, [`not JSON ${"x".repeat(300)}`]);
  quarantine.add(event!, new Verdict("quarantined", "unreadable"));
  while (settled() < added && !hasFailed()) await systemClock.sleep(1);
}
await quarantine.close();
console.log(JSON.stringify({ settled: settled() }));
