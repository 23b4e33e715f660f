/**
 * Takes events out of the quarantine of a state directory from outside of the agent: the running agent does it, and where
 * none runs, whoever asks, with the lock in hand.
 */
import { Ledger } from "../../ledger/ledger.ts";
import { StateFile } from "../../ledger/state-file.ts";
import { StateLock } from "../../ledger/state-lock.ts";
import type { Clock } from "../../platform/clock.ts";
import { TallymanError } from "../../platform/errors.ts";
import { quarantineDirectory } from "./lines.ts";
import { requestSifting } from "./requests.ts";
import { bookRemoved, extract, type Extracted, type Extraction } from "./extract.ts";

/** An agent that starts or stops has the lock, but cannot be asked; so it is waited for. */
const wait_ms_max = 5000;
const attempt_interval_ms = 200;

export interface AccessResult extends Extracted {
  /** Whether an agent runs, and has done it. */
  by_agent: boolean;
}

/** Throws TallymanError quarantine_failed, state_locked, state_unreadable or state_unwritable. */
export async function extractFromOutside(
  state_dir: string,
  what: Extraction,
  clock: Clock,
): Promise<AccessResult> {
  const started_ms = clock.monotonic();
  for (;;) {
    const done = await requestSifting(state_dir, what, clock);
    if (done !== undefined) return { ...done, by_agent: true };
    try {
      return { ...(await extractLocked(state_dir, what)), by_agent: false };
    } catch (thrown) {
      const is_locked = thrown instanceof TallymanError && thrown.code === "state_locked";
      if (!is_locked || clock.monotonic() - started_ms > wait_ms_max) throw thrown;
    }
    await clock.sleep(attempt_interval_ms);
  }
}

async function extractLocked(state_dir: string, what: Extraction): Promise<Extracted> {
  const lock = await StateLock.acquire(state_dir);
  try {
    const file = new StateFile(state_dir, lock);
    const state = await file.restore();
    const done = await extract(quarantineDirectory(state_dir), what);
    if (what.action === "purge" && done.events > 0) {
      const ledger = new Ledger(state);
      bookRemoved(ledger, "quarantine_purged", done);
      await file.save(ledger);
    }
    return done;
  } finally {
    await lock.release();
  }
}
