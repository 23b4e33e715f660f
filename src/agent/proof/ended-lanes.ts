/** Which lanes an unclean stop has left with numbers of which nobody knows how many went out. */
import type { Ledger } from "../../ledger/ledger.ts";
import type { LaneState } from "../../proof/sealing/kept.ts";
import type { FormerRun } from "../../proof/sealing/unsealed.ts";

/** How the run before has left the lanes that the state file knows. The epoch of this run must have begun. */
export function formerRun(ledger: Ledger): FormerRun {
  const { epoch } = ledger.lanes;
  const { ended } = epoch;
  const streams = ledger.streams().filter((stream) => !ledger.lanes.unwatched.has(stream.id));
  const known = new Set(streams.map(({ id }) => id));
  const goesOn = (lane: LaneState): boolean =>
    lane.epoch === epoch.number && known.has(lane.stream);
  if (ended === undefined) return { goesOn, ended: [] };
  return {
    goesOn,
    ended: streams.flatMap(({ state: { lanes } }) => {
      if (lanes?.epoch !== ended) return [];
      return lanes.lanes.map(({ id, next }) => ({ lane: `${id}.${ended}`, committed: next }));
    }),
  };
}
