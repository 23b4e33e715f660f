/** The state of the last run; and somebody is told where it is not as that run left it. */
import type { StateFile } from "../../ledger/state-file.ts";
import type { LedgerState } from "../../ledger/state.ts";
import type { Logger } from "../../platform/log.ts";

/** As StateFile.restore. */
export async function restoredState(
  file: StateFile,
  log: Logger,
): Promise<LedgerState | undefined> {
  const state = await file.restore();
  if (state?.epoch !== undefined && file.is_put_back) {
    log.warn(
      "state_put_back",
      { file: file.path },
      "The state was put back from a backup, or changed by somebody else. Events get other numbers from here on, so that none stands for two.",
    );
  }
  return state;
}
