/** The end of an agent whose inputs have all ended. */
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";

const look_interval_ms = 20;

/** Resolves when nothing is in flight, or `stop` is aborted. */
export async function untilSettled(ledger: Ledger, clock: Clock, stop: AbortSignal): Promise<void> {
  while (ledger.books().total.in_flight > 0 && !stop.aborted) {
    await clock.sleep(look_interval_ms, stop);
  }
}
