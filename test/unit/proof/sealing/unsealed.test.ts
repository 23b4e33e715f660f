/** What is not sealed of lanes: which pieces a seal may have, and up to where it speaks. */
import { describe, expect, test } from "vitest";
import { KeptValues } from "../../../../src/ledger/lanes/kept-values.ts";
import { Lane } from "../../../../src/ledger/lanes/lane.ts";
import { readKept } from "../../../../src/proof/sealing/kept.ts";
import { Unsealed, type FormerRun } from "../../../../src/proof/sealing/unsealed.ts";

const same_run: FormerRun = { goesOn: () => true, ended: [] };

function laneOf(epoch = 1, next = 0): Lane {
  const of = { stream: "s", input: "audit", output: "splunk", index: undefined };
  return new Lane("k7q2m5xa", epoch, of, next);
}

function opened(keeper = new KeptValues(), lane = laneOf(), former = same_run) {
  const unsealed = new Unsealed({ keeper, granularity: () => "leaf" });
  unsealed.restore(readKept(keeper), former);
  const pieces = unsealed.opened(lane);
  const record = (count: number): void => {
    for (let number = 0; number < count; number += 1) {
      const { number: at } = lane.take();
      pieces.record(at, Buffer.from(`event ${at}`), 0, 7);
    }
  };
  const commit = (count: number): void => {
    lane.committed += count;
    unsealed.committed(lane, lane.committed - count, []);
  };
  return { keeper, unsealed, lane, pieces, record, commit };
}

describe("pieces", () => {
  test("unsealed - ends at a block, and is ready when all of its events are delivered", () => {
    const { unsealed, pieces, record, commit } = opened();
    record(1500);
    expect(pieces.pieces.map(({ first, count }) => [first, count])).toEqual([[0, 1024]]);
    commit(1023);
    expect(pieces.sealable()).toEqual([]);
    expect(pieces.sealableTo([])).toBe(0);
    commit(1);
    expect(pieces.sealableTo(pieces.sealable())).toBe(1024);
    unsealed.cut();
    commit(400);
    expect(pieces.sealable()).toHaveLength(1);
    commit(76);
    expect(pieces.sealableTo(pieces.sealable())).toBe(1500);
    pieces.take(1500, pieces.sealable());
    expect(pieces.is_sealed).toBe(true);
  });

  test("unsealed - passes over an event that is encoded again, and counts those that are not hashed", () => {
    const { pieces, record, commit, lane, unsealed } = opened();
    record(5);
    pieces.record(3, Buffer.from("again"), 0, 5);
    expect(pieces.spoil(4)).toBe(true);
    expect(pieces.spoil(5)).toBe(false);
    unsealed.cut();
    // In raw mode.
    lane.next += 7;
    commit(12);
    expect(pieces.sealableTo(pieces.sealable())).toBe(12);
    record(1);
    expect(pieces.pieces.map(({ first, count }) => [first, count])).toEqual([[0, 5]]);
    unsealed.cut();
    expect(pieces.pieces.at(-1)).toMatchObject({ first: 12, count: 1 });
  });

  test("unsealed - of very many lanes, those that were opened first are ended", () => {
    const keeper = new KeptValues();
    const unsealed = new Unsealed({ keeper, granularity: () => "leaf" });
    const all = Array.from({ length: 5000 }, (_, number) => {
      const lane = new Lane(`lane${number}`, 1, laneOf());
      const pieces = unsealed.opened(lane);
      pieces.record(0, Buffer.from("x"), 0, 1);
      return pieces;
    });
    expect(all.filter(({ is_open }) => is_open)).toHaveLength(4096);
    expect(all[0]!.pieces).toHaveLength(1);
  });
});

describe("what is kept", () => {
  /** A run that has hashed 40 events, of which 20 are delivered, and is killed after a write. */
  function killed(): KeptValues {
    const { keeper, unsealed, record, commit } = opened();
    record(40);
    commit(20);
    unsealed.keep();
    const kept = new KeptValues([...keeper.all()]);
    record(5);
    return kept;
  }

  test("unsealed - goes on after a crash with what was hashed, from where it was delivered", () => {
    const { unsealed, pieces, record, commit, keeper } = opened(killed(), laneOf(1, 20));
    expect(pieces.pieces).toMatchObject([{ first: 0, count: 40 }]);
    expect(pieces.sealableTo(pieces.sealable())).toBe(0);
    record(30);
    commit(20);
    expect(pieces.sealable()).toMatchObject([{ first: 0, count: 40 }]);
    expect(pieces.sealableTo(pieces.sealable())).toBe(40);
    unsealed.cut();
    commit(10);
    expect(pieces.sealable()).toMatchObject([{ first: 0 }, { first: 20, count: 30 }]);
    pieces.take(pieces.sealableTo(pieces.sealable()), pieces.sealable());
    unsealed.keep();
    expect([...keeper.all()]).toEqual([]);
    expect(unsealed.has_tails).toBe(false);
  });

  test("unsealed - has a tail of an epoch that ended, until a seal has it", () => {
    const ended = [
      { lane: "k7q2m5xa.1", committed: 20 },
      { lane: "aaaaaaaa.1", committed: 3 },
    ];
    const former: FormerRun = { goesOn: () => false, ended };
    const { unsealed, keeper } = opened(killed(), laneOf(2), former);
    const [old] = [...unsealed.ready];
    expect(old!.sealable()).toMatchObject([{ lane: "k7q2m5xa.1", first: 0, count: 40 }]);
    // A crash before the next seal changes nothing of it.
    const again = new Unsealed({ keeper, granularity: () => "leaf" });
    again.restore(readKept(keeper), same_run);
    const to = Number.MAX_SAFE_INTEGER;
    const tails = [
      { lane: "k7q2m5xa.1", from: 20, to },
      { lane: "aaaaaaaa.1", from: 3, to },
    ];
    expect(again.takeTails(80)).toEqual(tails.slice(0, 1));
    expect(readKept(keeper).tails).toEqual(tails.slice(1));
    expect(again.takeTails(1000)).toEqual(tails.slice(1));
    expect([again.has_tails, readKept(keeper).tails]).toEqual([false, []]);
  });
});
