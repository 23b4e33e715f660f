/** Goes through all that is sealed, once all events are known: whole cells, blocks and lanes of which the export has nothing. */
import { leaf_events } from "../../format/pieces.ts";
import { cells_of_block, type BlockState } from "../places/block-state.ts";
import type { LaneState, SealedLanes } from "../places/sealed-lanes.ts";
import type { CellJudge } from "./cell-judge.ts";

export function judgeUntouched({ all, blocks }: SealedLanes, judge: CellJudge): void {
  for (const lane of all.values()) {
    for (const block of blocks.all(lane)) {
      lane.seen += block.seen_count;
      if (block.pieces.length === 0) continue;
      for (let cell = 0; cell < cells_of_block; cell += 1) {
        if (block.isUntouched(cell)) addCell(lane, block, cell, judge);
      }
    }
  }
}

function addCell(lane: LaneState, block: BlockState, cell: number, judge: CellJudge): void {
  const first = block.first + cell * leaf_events;
  for (let number = first; number < first + leaf_events; number += 1) {
    if (!block.isSealed(number) || lane.isOptional(number)) continue;
    const piece = block.pieces.find((each) => number >= each.first && number < each.end)!;
    judge.faultsOf(lane).addMissing(number, piece.span);
  }
}
