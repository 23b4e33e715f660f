/** The state directory that an agent has for itself, and the ledger as the last run left it. */
import { Ledger } from "../ledger/ledger.ts";
import { makeStateDirectory, StateFile } from "../ledger/state-file.ts";
import { StateLock } from "../ledger/state-lock.ts";
import type { Logger } from "../platform/log.ts";

export interface OwnState {
  /** To be released by whoever has it, last of all. */
  readonly lock: StateLock;
  readonly file: StateFile;
  readonly ledger: Ledger;
}

/** Locks the directory and reads the state; somebody is told where it is not as the last run left it. Throws TallymanError. */
export async function takeState(state_dir: string, log: Logger): Promise<OwnState> {
  await makeStateDirectory(state_dir);
  const lock = await StateLock.acquire(state_dir);
  const file = new StateFile(state_dir, lock);
  try {
    const state = await file.restore();
    if (state?.epoch !== undefined && file.is_put_back) {
      log.warn(
        "state_put_back",
        { file: file.path },
        "The state was put back from a backup, or changed by somebody else. Events get other numbers from here on, so that none stands for two.",
      );
    }
    return { lock, file, ledger: new Ledger(state) };
  } catch (cause) {
    await lock.release();
    throw cause;
  }
}
