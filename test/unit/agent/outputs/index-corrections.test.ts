/** Events that wait for a refused index: which of them a reload gives another one, and which keep their own. */
import { expect, test } from "vitest";
import {
  IndexCorrections,
  type InputIndexes,
} from "../../../../src/agent/outputs/index-corrections.ts";
import type { KeptCorrections } from "../../../../src/agent/outputs/corrections-file.ts";
import { Block } from "../../../../src/event/block.ts";
import { LogEvent } from "../../../../src/event/log-event.ts";
import { Scanner } from "../../../../src/event/scanner.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";

const reload_ms = 1_742_539_047_915;
const before: InputIndexes = new Map([
  ["audit", "wrong"],
  ["other", "main"],
  ["tallyman", undefined],
]);

function eventOf(input: string, index: string | undefined, read_at_ms = reload_ms - 1): LogEvent {
  const bytes = Buffer.from("{}");
  const receipt = new Ledger().openStream(input, undefined, 0).open(1, 2, 2, read_at_ms);
  const block = new Block({
    origin: { input, stream: "s", metadata: { index } },
    receipt,
    bytes,
    starts: Int32Array.of(0),
    ends: Int32Array.of(2),
    count: 1,
    offset: 0,
    read_at_ms,
  });
  return new LogEvent(block, 0, new Scanner([]));
}

function setUp(next: [string, string | undefined][], refused: (string | undefined)[]) {
  const corrections = new IndexCorrections();
  const indexes = new Map([...before, ...next]);
  const frees = corrections.frees(before, indexes, new Set(refused));
  corrections.reload(before, indexes, { refused: new Set(refused), now_ms: reload_ms });
  const indexOf = (...given: Parameters<typeof eventOf>): string | undefined => {
    const event = eventOf(...given);
    corrections.apply(event);
    return event.index;
  };
  return { corrections, indexes, frees, indexOf };
}

test("index corrections - an event for a refused index goes to the one that its input names now", () => {
  const { frees, indexOf } = setUp([["audit", "right"]], ["wrong"]);
  expect(frees).toBe(true);
  expect(indexOf("audit", "wrong")).toBe("right");
  // Of another input, of an index that a step has set, or read after the reload: it keeps its own.
  expect(indexOf("other", "wrong")).toBe("wrong");
  expect(indexOf("audit", "secure")).toBe("secure");
  expect(indexOf("audit", "wrong", reload_ms + 1)).toBe("wrong");
  // What is reported of the input goes along.
  expect(indexOf("tallyman", "wrong")).toBe("right");
});

test("index corrections - an index that is not refused is nobody's mistake", () => {
  const { frees, indexOf } = setUp([["audit", "right"]], ["else"]);
  expect(frees).toBe(false);
  expect(indexOf("audit", "wrong")).toBe("wrong");
});

test("index corrections - to the token's default index, and from it", () => {
  const away = setUp([["audit", undefined]], ["wrong"]);
  expect(away.frees).toBe(true);
  expect(away.indexOf("audit", "wrong")).toBeUndefined();
  const named = setUp([["tallyman", "agents"]], [undefined]);
  expect(named.frees).toBe(true);
  expect(named.indexOf("tallyman", undefined)).toBe("agents");
  expect(named.indexOf("audit", undefined)).toBeUndefined();
});

test("index corrections - a second reload corrects the first, or takes it back", () => {
  const { corrections, indexes } = setUp([["audit", "wrong too"]], ["wrong"]);
  const apply = (index: string): string | undefined => {
    const event = eventOf("audit", index);
    corrections.apply(event);
    return event.index;
  };
  const third = new Map([...indexes, ["audit", "right"]] as const);
  const refused = new Set(["wrong too"]);
  expect(corrections.frees(indexes, third, refused)).toBe(true);
  corrections.reload(indexes, third, { refused, now_ms: reload_ms });
  expect([apply("wrong"), apply("wrong too")]).toEqual(["right", "right"]);
  corrections.reload(third, before, { refused: new Set(), now_ms: reload_ms });
  expect([apply("wrong"), apply("wrong too")]).toEqual(["wrong", "wrong"]);
});

/** What a later run makes of it, which names these indexes. */
function restored(kept: KeptCorrections, audit: string | undefined, later_refused: string[] = []) {
  const next = new IndexCorrections();
  next.restore(kept, new Map([...before, ["audit", audit]] as const), reload_ms + 1000);
  next.refuse(new Set(later_refused));
  return (...given: Parameters<typeof eventOf>): string | undefined => {
    const event = eventOf(...given);
    next.apply(event);
    return event.index;
  };
}

const none = new Set<string>();

test("index corrections - a later run goes on with them, by what it names itself", () => {
  const { corrections, indexes } = setUp([["audit", "right"]], ["wrong"]);
  const kept = corrections.kept(indexes, none);
  const indexOf = restored(kept, "right");
  expect(indexOf("audit", "wrong")).toBe("right");
  expect(indexOf("audit", "wrong", reload_ms + 1)).toBe("wrong");
  expect(restored(kept, "better")("audit", "wrong")).toBe("better");
  expect(restored(kept, undefined)("audit", "wrong")).toBeUndefined();
  expect(restored(kept, "wrong")("audit", "wrong")).toBe("wrong");
  // Nobody has refused that.
  expect(restored(kept, "better")("audit", "right")).toBe("right");
  expect(restored(kept, "better", ["right"])("audit", "right")).toBe("better");
});

test("index corrections - what was refused at a stop is corrected by a start, and by no start that leaves it", () => {
  const kept = new IndexCorrections().kept(before, new Set(["wrong", undefined]));
  const indexOf = restored(kept, "right");
  expect(indexOf("audit", "wrong")).toBe("right");
  expect(indexOf("other", "main")).toBe("main");
  expect(indexOf("tallyman", undefined)).toBeUndefined();
  expect(restored(kept, "wrong")("audit", "wrong")).toBe("wrong");
});

test("index corrections - what is refused only after a start that has corrected it is freed then", () => {
  const kept = new IndexCorrections().kept(before, none);
  expect(restored(kept, "right")("audit", "wrong")).toBe("wrong");
  expect(restored(kept, "right", ["wrong"])("audit", "wrong")).toBe("right");
  expect(restored(kept, "wrong", ["wrong"])("audit", "wrong")).toBe("wrong");
});

test("index corrections - what is refused only after the reload that has corrected it is freed then, once", () => {
  const { corrections, frees, indexOf } = setUp([["audit", "right"]], []);
  expect(frees).toBe(false);
  expect(corrections.refuse(new Set(["main"]))).toBe(false);
  expect(corrections.refuse(new Set(["wrong"]))).toBe(true);
  expect(indexOf("audit", "wrong")).toBe("right");
  expect(indexOf("tallyman", "wrong")).toBe("right");
  // Not what a step sends there now, nor what another input names.
  expect(indexOf("audit", "wrong", reload_ms + 1)).toBe("wrong");
  expect(indexOf("other", "wrong")).toBe("wrong");
  // What is still refused has nobody hand over anything again and again.
  expect(corrections.refuse(new Set(["wrong"]))).toBe(false);
  expect(corrections.takeFreed()).toEqual([
    { input: "audit", from: "wrong", to: "right", events: 2 },
  ]);
});

test("index corrections - a wrong correction that is corrected before it is refused is freed when it is", () => {
  const { corrections, indexes, indexOf } = setUp([["audit", "mistaken"]], ["wrong"]);
  const third = new Map([...indexes, ["audit", "right"]] as const);
  expect(corrections.frees(indexes, third, none)).toBe(false);
  corrections.reload(indexes, third, { refused: none, now_ms: reload_ms + 1000 });
  expect(indexOf("audit", "wrong")).toBe("right");
  expect(indexOf("audit", "mistaken")).toBe("mistaken");
  expect(corrections.refuse(new Set(["mistaken"]))).toBe(true);
  expect(indexOf("audit", "mistaken", reload_ms + 1000)).toBe("right");
  expect(indexOf("audit", "mistaken", reload_ms + 1001)).toBe("mistaken");
  expect(indexOf("other", "mistaken")).toBe("mistaken");
});

test("index corrections - an input that was away comes back with another index", () => {
  const corrections = new IndexCorrections();
  const without: InputIndexes = new Map([["other", "main"]]);
  corrections.reload(before, without, { refused: none, now_ms: reload_ms });
  const after = new Map([...before, ["audit", "right"]] as const);
  corrections.reload(without, after, { refused: none, now_ms: reload_ms + 1000 });
  corrections.refuse(new Set(["wrong"]));
  for (const [read_at_ms, index] of [
    [reload_ms, "right"],
    [reload_ms + 1, "wrong"],
  ] as const) {
    const event = eventOf("audit", "wrong", read_at_ms);
    corrections.apply(event);
    expect(event.index).toBe(index);
  }
});

test("index corrections - an index that is in use keeps what was sent to it", () => {
  const { corrections, indexes, indexOf } = setUp([["audit", "else"]], []);
  const back = new Map([...indexes, ["audit", "wrong"]] as const);
  corrections.reload(indexes, back, { refused: new Set(["else"]), now_ms: reload_ms });
  const third = new Map([...indexes, ["audit", "right"]] as const);
  expect(corrections.frees(back, third, none)).toBe(false);
  corrections.reload(back, third, { refused: none, now_ms: reload_ms });
  expect(indexOf("audit", "wrong")).toBe("wrong");
});
