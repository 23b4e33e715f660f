/** The ledger: counts, checkpoints, and the promise that the books balance at any moment. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fates } from "../../../src/ledger/books.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import type { Receipt } from "../../../src/ledger/receipt.ts";
import { stateFile, state_version } from "../../../src/ledger/state.ts";

describe("checkpoints", () => {
  test("ledger - moves a checkpoint only when all earlier blocks are settled", () => {
    const ledger = new Ledger();
    const delivered = ledger.account("delivered", "splunk");
    const stream = ledger.openStream("a", {}, 0);
    const first = stream.open(2, 20, 20);
    const second = stream.open(1, 10, 30);
    second.settle(delivered, 1);
    expect(stream.checkpoint).toBe(0);
    first.settle(delivered, 1);
    expect(stream.checkpoint).toBe(0);
    first.settle(delivered, 1);
    expect(stream.checkpoint).toBe(30);
    expect(stream.idle).toBe(true);
  });

  test("ledger - moves the checkpoint past a block without events, but not past open ones", () => {
    const ledger = new Ledger();
    const stream = ledger.openStream("a", {}, 0);
    const open = stream.open(1, 5, 5);
    stream.open(0, 7, 12);
    expect(stream.checkpoint).toBe(0);
    open.settle(ledger.account("dropped", "x"), 1);
    expect(stream.checkpoint).toBe(12);
  });

  test("ledger - knows up to where a stream was read, whatever of it is settled", () => {
    const ledger = new Ledger();
    const delivered = ledger.account("delivered", "splunk");
    const stream = ledger.openStream("a", {}, 0);
    expect(stream.position).toBe(0);
    const first = stream.open(1, 10, 10);
    const second = stream.open(1, 10, 20);
    stream.open(0, 5, 25);
    expect([stream.position, stream.checkpoint]).toEqual([25, 0]);
    second.settle(delivered, 1);
    expect([stream.position, stream.checkpoint]).toEqual([25, 0]);
    first.settle(delivered, 1);
    expect([stream.position, stream.checkpoint]).toEqual([25, 25]);
    stream.open(1, 5, 30);
    expect([stream.position, stream.checkpoint]).toEqual([30, 25]);
  });

  test("ledger - refuses to settle more events than a block has", () => {
    const ledger = new Ledger();
    const receipt = ledger.openStream("a", {}, 0).open(1, 1, 1);
    const account = ledger.account("delivered", "splunk");
    receipt.settle(account, 1);
    expect(() => receipt.settle(account, 1)).toThrow(/more events settled/);
  });
});

test("ledger - bytes that may be lost are counted by themselves, and kept; older states have none", () => {
  const ledger = new Ledger();
  ledger.mayHaveLost("a", 100);
  ledger.mayHaveLost("a", 20);
  const { total, inputs, balanced } = ledger.books();
  expect(inputs["a"]).toMatchObject({ maybe_lost_bytes: 120, lost_bytes: {} });
  expect(total).toMatchObject({ maybe_lost_bytes: 120, lost_bytes: 0 });
  expect(balanced).toBe(true);
  const { state } = ledger.snapshot();
  const written = stateFile.parse({ version: state_version, ...state });
  expect(new Ledger(written).books().total.maybe_lost_bytes).toBe(120);
  const { maybe_lost_bytes, ...older } = written.inputs["a"]!;
  expect(maybe_lost_bytes).toBe(120);
  const read = stateFile.parse({ ...written, inputs: { a: older } });
  expect(new Ledger(read).books().total.maybe_lost_bytes).toBe(0);
});

describe("moving", () => {
  test("ledger - an event that is moved is acknowledged here, and booked where it is read", () => {
    const ledger = new Ledger();
    const delivered = ledger.account("delivered", "splunk");
    const file = ledger.openStream("a", { kind: "file" }, 0);
    const receipt = file.open(3, 300, 300);
    receipt.move(2, 150);
    expect(file.checkpoint).toBe(0);
    receipt.settle(delivered, 1);
    expect(file.checkpoint).toBe(300);
    const journal = ledger.openStream("a", { kind: "journal" }, 0);
    ledger.trackBacklog("a", { unread: () => 1, unsaved: () => 1 });
    const moved = journal.open(1, 75, 1);
    expect(ledger.books()).toMatchObject({
      balanced: true,
      inputs: { a: { received: 3, received_bytes: 225, in_flight: 2, delivered: { splunk: 1 } } },
    });
    moved.settle(delivered, 1);
    const { state } = ledger.snapshot();
    expect(state.inputs["a"]).toMatchObject({ received: 2, received_bytes: 225 });
    expect(new Ledger(state).books().balanced).toBe(true);
  });

  test("ledger - no more bytes are moved than the block has, were its events made longer", () => {
    const ledger = new Ledger();
    const receipt = ledger.openStream("a", {}, 0).open(2, 10, 10);
    receipt.move(1, 500);
    receipt.move(1, 500);
    expect(ledger.snapshot().state.inputs["a"]).toMatchObject({ received: 0, received_bytes: 0 });
    expect(() => receipt.move(1, 0)).toThrow(/more events moved/);
  });

  test("ledger - shows what all journals of an input have accepted and not read", () => {
    const ledger = new Ledger();
    ledger.trackBacklog("a", { unread: () => 2, unsaved: () => 2 });
    ledger.trackBacklog("a", { unread: () => 3, unsaved: () => 3 });
    expect(ledger.books().inputs["a"]).toMatchObject({ received: 5, in_flight: 5 });
  });
});

describe("books", () => {
  test("ledger - more reasons than are kept apart are summed as other, across a restart too", () => {
    const ledger = new Ledger();
    const stream = ledger.openStream("a", {}, 0);
    const receipt = stream.open(3000, 3000, 3000);
    for (let number = 0; number < 1500; number += 1) {
      receipt.settle(ledger.account("filtered", `reason ${number}`), 1);
      receipt.settle(ledger.account("dropped", `reason ${number}`), 1);
    }
    let { state } = ledger.snapshot();
    for (let restart = 0; restart < 3; restart += 1) {
      const books = new Ledger(state).books();
      expect(books.balanced).toBe(true);
      expect(books.total).toMatchObject({ filtered: 1500, dropped: 1500 });
      state = new Ledger(state).snapshot().state;
    }
  });

  test("ledger - counts by input, fate and reason, and by bytes lost", () => {
    const ledger = new Ledger();
    const stream = ledger.openStream("a", {}, 0);
    const receipt = stream.open(5, 100, 100);
    receipt.settle(ledger.account("delivered", "splunk"), 2);
    receipt.settle(ledger.account("filtered", "no_heads"), 1);
    receipt.settle(ledger.account("dropped", "plugin_error:tag"), 1);
    ledger.lose("a", "truncated", 17);
    const books = ledger.books();
    expect(books.balanced).toBe(true);
    expect(books.inputs["a"]).toMatchObject({
      received: 5,
      received_bytes: 100,
      delivered: { splunk: 2 },
      filtered: { no_heads: 1 },
      dropped: { "plugin_error:tag": 1 },
      lost_bytes: { truncated: 17 },
      in_flight: 1,
    });
    expect(books.total).toMatchObject({ received: 5, delivered: 2, in_flight: 1, lost_bytes: 17 });
  });

  test("ledger - bounds the number of reasons that a plugin can make up", () => {
    const ledger = new Ledger();
    const receipt = ledger.openStream("a", {}, 0).open(5000, 1, 1);
    for (let i = 0; i < 5000; i += 1) receipt.settle(ledger.account("dropped", `reason ${i}`), 1);
    const { inputs, balanced } = ledger.books();
    expect(balanced).toBe(true);
    expect(Object.keys(inputs["a"]!.dropped).length).toBeLessThanOrEqual(1001);
    expect(inputs["a"]!.dropped["other"]).toBeGreaterThan(3000);
  });
});

describe("events without a stream", () => {
  test("ledger - books what could not even be kept, in the written state as well", () => {
    const ledger = new Ledger();
    ledger.book("a", ledger.account("dropped", "journal_full"), 3, 300);
    const received = { received: 3, received_bytes: 300, dropped: { journal_full: 3 } };
    expect(ledger.books()).toMatchObject({ balanced: true, inputs: { a: received } });
    const restored = new Ledger(ledger.snapshot().state);
    expect(restored.books()).toMatchObject({ balanced: true, inputs: { a: received } });
  });

  test("ledger - shows what is accepted and unread as received and in flight, but writes it nowhere", () => {
    const ledger = new Ledger();
    let unread = 5;
    ledger.trackBacklog("a", { unread: () => unread, unsaved: () => unread });
    ledger.openStream("a", {}, 0).open(2, 20, 20);
    expect(ledger.books()).toMatchObject({
      balanced: true,
      inputs: { a: { received: 7, in_flight: 7 } },
    });
    unread = 0;
    expect(ledger.books().total).toMatchObject({ received: 2, in_flight: 2 });
    expect(ledger.snapshot().state.inputs["a"]!.received).toBe(0);
  });
});

describe("saved state", () => {
  test("ledger - books after a restart only what the checkpoint has passed", () => {
    const ledger = new Ledger();
    const delivered = ledger.account("delivered", "splunk");
    const stream = ledger.openStream("a", { path: "/x" }, 0);
    stream.open(3, 30, 30).settle(delivered, 3);
    const open = stream.open(4, 40, 70);
    open.settle(delivered, 3);
    const { state } = ledger.snapshot();
    const restored = new Ledger(JSON.parse(JSON.stringify(state)));
    expect(restored.books().total).toMatchObject({ received: 3, delivered: 3, in_flight: 0 });
    expect(restored.books().balanced).toBe(true);
    expect(restored.streamsOf("a")[0]).toMatchObject({ checkpoint: 30, identity: { path: "/x" } });
  });

  test("ledger - unsaved bytes fall only when a snapshot is written", () => {
    const ledger = new Ledger();
    const delivered = ledger.account("delivered", "splunk");
    const stream = ledger.openStream("a", {}, 0);
    stream.open(1, 30, 30).settle(delivered, 1);
    stream.open(1, 12, 42);
    expect(ledger.unsavedBytes("a")).toBe(42);
    const lost = ledger.snapshot();
    ledger.saved(lost, false);
    expect(ledger.unsavedBytes("a")).toBe(42);
    const written = ledger.snapshot();
    ledger.saved(written, true);
    expect(ledger.unsavedBytes("a")).toBe(12);
    expect(ledger.unsavedBytes("b")).toBe(0);
    ledger.openStream("b", {}, 0).open(1, 20, 20);
    expect(ledger.unsaved_bytes_most).toBe(20);
  });
});

/** One thing that can happen to a ledger; numbers choose among what is there. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant("open" as const), count: fc.nat(4), stream: fc.nat(2) }),
  fc.record({ kind: fc.constant("settle" as const), pick: fc.nat(1000), fate: fc.nat(3) }),
  fc.record({ kind: fc.constant("crash" as const) }),
);

test("ledger - balances under every interleaving of reads, settlements and crashes", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 200 }), (happenings) => {
      let ledger = new Ledger();
      for (const input of ["a", "b", "c"]) ledger.openStream(input, {}, 0);
      let open: Receipt[] = [];
      for (const step of happenings) {
        if (step.kind === "open") {
          const stream = ledger.streamsOf(["a", "b", "c"][step.stream]!)[0]!;
          const checkpoint = stream.checkpoint as number;
          const receipt = stream.open(step.count, 10, checkpoint + open.length + 1);
          if (step.count > 0) open.push(receipt);
        } else if (step.kind === "settle" && open.length > 0) {
          const receipt = open[step.pick % open.length]!;
          receipt.settle(ledger.account(fates[step.fate]!, "r"), 1);
          open = open.filter(({ pending }) => pending > 0);
        } else if (step.kind === "crash") {
          const text = JSON.stringify({ version: state_version, ...ledger.snapshot().state });
          ledger = new Ledger(stateFile.parse(JSON.parse(text)));
          open = [];
          expect(ledger.books().total.in_flight).toBe(0);
        }
        const books = ledger.books();
        expect(books.balanced).toBe(true);
        expect(books.total.in_flight).toBe(open.reduce((sum, { pending }) => sum + pending, 0));
      }
    }),
  );
});
