/** Sealed events of which the export has nothing at all near them: whole cells, blocks and lanes. */
import { leaf_events } from "../../format/pieces.ts";
import { block_events } from "../../format/place.ts";
import { isSealed } from "../places/cell.ts";
import {
  cell_states,
  cells_of_block,
  type BlockState,
  type LaneState,
} from "../places/sealed-lanes.ts";
import type { CellJudge } from "./cell-judge.ts";

export function judgeUntouched(lanes: Iterable<LaneState>, judge: CellJudge): void {
  for (const lane of lanes) {
    for (const [at, block] of lane.blocks) {
      if (block.pieces.length === 0) continue;
      for (let cell = 0; cell < cells_of_block; cell += 1) {
        if (isUntouched(block, cell))
          addCell(lane, block, at * block_events + cell * leaf_events, judge);
      }
    }
  }
}

function isUntouched({ cells, seen }: BlockState, cell: number): boolean {
  const byte = (cell * leaf_events) / 8;
  return cells[cell] === cell_states.open && seen[byte] === 0 && seen[byte + 1] === 0;
}

function addCell(lane: LaneState, block: BlockState, first: number, judge: CellJudge): void {
  for (let number = first; number < first + leaf_events; number += 1) {
    if (!isSealed(block, number) || lane.isOptional(number)) continue;
    const piece = block.pieces.find((each) => number >= each.first && number < each.end)!;
    judge.faultsOf(lane).addMissing(number, piece.span);
  }
}
