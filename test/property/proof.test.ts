/**
 * Property: whatever is read, delivered, settled, saved and sealed in whatever order, wherever it crashes, and whatever configuration
 * comes next: what Splunk has in a lane and an epoch has one number and the same bytes, no number is left out, and every event
 * that is delivered in the end is in a seal that is chained and signed.
 */
import fc from "fast-check";
import { expect } from "vitest";
import { formerRun } from "../../src/agent/proof/ended-lanes.ts";
import { sealedBooks } from "../../src/agent/proof/sealed-books.ts";
import type { Behaviour } from "../../src/ledger/lanes/epoch.ts";
import type { Place } from "../../src/ledger/lanes/lane.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import type { Receipt } from "../../src/ledger/receipt.ts";
import type { LedgerState } from "../../src/ledger/state.ts";
import { laneId, seal_sourcetype } from "../../src/proof/format/place.ts";
import { ProofKeys } from "../../src/proof/keys/proof-keys.ts";
import { nameOf, readKept, type WrittenSeal } from "../../src/proof/sealing/kept.ts";
import { SealMaker, type Signer } from "../../src/proof/sealing/seal-maker.ts";
import { Unsealed } from "../../src/proof/sealing/unsealed.ts";
import { audit, makeKeys } from "../support/proof/auditing.ts";
import { sampled } from "../support/effort.ts";
import type { IndexedEvent } from "../support/events/envelopes.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const happening = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("read" as const),
      count: fc.integer({ min: 1, max: 60 }),
      input: fc.nat(1),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("send" as const), which: fc.nat(5) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("settle" as const), which: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("refuse" as const), which: fc.nat(5) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("save" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("seal" as const),
      ship: fc.boolean(),
      cut: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("crash" as const), changed: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("reload" as const), fails: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("stop" as const), changed: fc.boolean() }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer Each> ? Each : never;

/** A block on its way. */
interface Open {
  readonly receipt: Receipt;
  readonly events: readonly { place: Place; bytes: Buffer }[];
  /** Of them, those that Splunk refuses. */
  readonly refused: Set<number>;
  sent: boolean;
}

class Model {
  readonly indexed: IndexedEvent[] = [];
  readonly #signer: Signer;
  #saved: LedgerState = { inputs: {}, streams: [] };
  #configuration = 1;
  #ledger!: Ledger;
  #unsealed!: Unsealed;
  #maker!: SealMaker;
  #written: WrittenSeal[] = [];
  #open: Open[] = [];
  #positions: number[] = [];
  /** Up to where each input was ever read. */
  readonly #furthest = [0, 0];
  #now_ms: number;

  constructor(signer: Signer) {
    this.#signer = signer;
    this.#now_ms = signer.from_ms;
    this.#start();
  }

  run(event: Happening): void {
    this.#now_ms += 10;
    switch (event.kind) {
      case "read":
        return this.#read(event.input, event.count);
      case "send":
        return this.#send(this.#open[event.which]);
      case "settle":
        return this.#settle(this.#open[event.which]);
      case "refuse":
        this.#open[event.which]?.refused.add(0);
        return undefined;
      case "save":
        return this.#save();
      case "seal":
        return this.#seal(event);
      case "reload":
        return this.#reload(event.fails);
      case "crash":
        if (event.changed) this.#configuration += 1;
        return this.#start();
      case "stop":
        this.finish();
        if (event.changed) this.#configuration += 1;
        return this.#start();
      default:
        return event satisfies never;
    }
  }

  /** Reads all that was ever read, as an input does after a crash, and delivers and seals all. */
  finish(): void {
    for (const [input, furthest] of this.#furthest.entries()) {
      const left = furthest - this.#positions[input]!;
      if (left > 0) this.#read(input, left);
    }
    for (const open of this.#open) {
      this.#send(open);
      this.#settle(open);
    }
    do this.#seal({ ship: true, cut: true });
    while (this.#maker.has_more);
    this.#ledger.lanes.epoch.end();
    this.#save();
  }

  get #behaviour() {
    return { agent: "host-a", digest: `${this.#configuration}`, is_repeatable: true };
  }

  #start(): void {
    const ledger = new Ledger(this.#saved);
    this.#ledger = ledger;
    this.#open = [];
    ledger.lanes.idOf = laneId;
    const must_be_written = ledger.lanes.epoch.begin(this.#behaviour);
    const kept = readKept(ledger.kept);
    this.#unsealed = new Unsealed({ keeper: ledger.kept, granularity: () => "leaf" });
    this.#unsealed.restore(kept, formerRun(ledger));
    this.#maker = new SealMaker(ledger.kept, this.#unsealed, {
      signer: this.#signer,
      chain: kept.chain,
    });
    ledger.onTake = () => this.#unsealed.keep();
    ledger.lanes.watch = {
      opened: (lane) => void (lane.recorder = this.#unsealed.opened(lane)),
      committed: (lane, count, holes) =>
        void this.#unsealed.committed(lane, lane.committed - count, holes),
      left: (lanes) => this.#unsealed.left(lanes),
    };
    ledger.lanes.naming.onNew = () => undefined;
    for (const input of [0, 1])
      if (ledger.streamsOf(`i${input}`).length === 0) ledger.openStream(`i${input}`, {}, 0);
    this.#positions = [0, 1].map((input) => Number(ledger.streamsOf(`i${input}`)[0]!.checkpoint));
    // Streams are in the state before they have events.
    if (must_be_written || this.#saved.streams.length < 2) this.#save();
    this.#written = kept.seals;
    this.#ship();
  }

  #read(input: number, count: number): void {
    const stream = this.#ledger.streamsOf(`i${input}`)[0]!;
    const from = this.#positions[input]!;
    this.#positions[input] = from + count;
    this.#furthest[input] = Math.max(this.#furthest[input]!, from + count);
    const receipt = stream.open(count, count, from + count);
    const events = Array.from({ length: count }, (_, at) => {
      const record = from + at;
      const place = receipt.place("splunk", record % 7 === 0 ? "other" : undefined, "/x")!;
      const bytes = Buffer.from(`record ${record} of ${input} by ${this.#configuration}`);
      place.lane.recorder!.record(place.number, bytes, 0, bytes.length);
      return { place, bytes };
    });
    this.#open.push({ receipt, events, refused: new Set(), sent: false });
  }

  #send(open: Open | undefined): void {
    if (open === undefined) return;
    // As outputs wait for it.
    if (this.#ledger.lanes.naming.pending !== undefined) this.#save();
    open.sent = true;
    for (const [at, { place, bytes }] of open.events.entries()) {
      if (open.refused.has(at)) continue;
      const { lane, number } = place;
      const fields = {
        tally_lane: lane.name,
        tally_block: `${Math.floor(number / 1024)}`,
        tally_i: `${number % 1024}`,
      };
      this.indexed.push({
        event: Buffer.from(JSON.stringify(bytes.toString())),
        time: undefined,
        fields,
      });
    }
  }

  #settle(open: Open | undefined): void {
    if (open?.sent !== true) return;
    this.#open = this.#open.filter((each) => each !== open);
    const { receipt, events, refused } = open;
    for (const at of refused) receipt.spoil(events[at]!.place, "quarantined");
    receipt.settle(this.#ledger.account("quarantined", "x"), refused.size);
    receipt.settle(this.#ledger.account("delivered", "splunk"), events.length - refused.size);
  }

  #save(): void {
    const snapshot = this.#ledger.snapshot();
    this.#saved = structuredClone(snapshot.state);
    this.#ledger.saved(snapshot, true);
  }

  #seal({ ship, cut }: { ship: boolean; cut: boolean }): void {
    if (cut) this.#unsealed.cut();
    const books = sealedBooks(this.#ledger);
    const occasion = {
      why: "interval",
      now_ms: this.#now_ms,
      config: "c",
      version: "1",
      books,
    } as const;
    this.#written.push(this.#maker.make(occasion));
    if (!ship) return;
    this.#save();
    this.#ship();
  }

  #ship(): void {
    for (const { seal, body, sig } of this.#written.splice(0)) {
      const event = Buffer.from(JSON.stringify(body));
      this.indexed.push({
        event,
        time: undefined,
        sourcetype: seal_sourcetype,
        fields: { tally_sig: sig },
      });
      this.#ledger.kept.delete(nameOf.seal(seal));
    }
  }

  #reload(fails: boolean): void {
    const { epoch } = this.#ledger.lanes;
    const announce = (behaviour: Behaviour): void =>
      this.#ledger.lanes.announce(behaviour, this.#ledger.streams());
    const former = this.#behaviour;
    const configuration = this.#configuration;
    this.#configuration += 1;
    announce(this.#behaviour);
    this.#save();
    if (fails) {
      this.#configuration = configuration;
      announce(former);
      epoch.use(former);
    } else epoch.use(this.#behaviour);
  }
}

const efforts = { sample: 60, all: 5000 };

sampled("proof - holds whatever happens", efforts, async (numRuns) => {
  const directory = temporaryDirectory();
  await makeKeys(directory);
  const signer = await ProofKeys.load(directory);
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 80 }), (events) => {
      const model = new Model(signer);
      for (const event of events) model.run(event);
      model.finish();
      const { unsealed_lanes } = audit(model.indexed);
      expect([...unsealed_lanes]).toEqual([]);
    }),
    { numRuns },
  );
});
