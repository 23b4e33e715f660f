/**
 * A model of an agent with proof: lanes, epochs, pieces, crashes, holes, tails and keys, without any of the daemon. What it
 * delivers and seals is what an export has to have.
 */
import type { KeyObject } from "node:crypto";
import {
  certify,
  fingerprintOf,
  namedKey,
  type Certificate,
  type Keys,
} from "../../../src/proof/format/certificates.ts";
import { privateKeyOf, publicBytesOf, signatureLine } from "../../../src/proof/format/notes.ts";
import { pieceOfEvents } from "../../../src/proof/format/piece-builder.ts";
import { blockEnd, type Granularity } from "../../../src/proof/format/pieces.ts";
import { laneId, laneOf } from "../../../src/proof/format/place.ts";
import {
  bodyHash,
  sealBody,
  sealedPiece,
  sealText,
  type Hole,
  type Seal,
  type SealedLane,
  type SealedPiece,
  type Tail,
} from "../../../src/proof/format/seal.ts";
import { RandomSource } from "../random/random-source.ts";

/** One event of an export, with its fields as Splunk gives them. */
export type Row = Record<string, string>;

const day_ms = 24 * 60 * 60 * 1000;
const start_ms = Date.UTC(2026, 10, 1);

export interface ModelOptions {
  readonly seed: number;
  readonly lanes?: number;
  readonly granularity?: Granularity;
  readonly agent?: string;
  /** How many events a lane delivers at most between two seals. */
  readonly largest?: number;
}

interface ModelLane {
  readonly id: string;
  readonly index: string;
  readonly input: string;
  epoch: number;
  /** Of the epoch, all that were ever numbered. */
  events: string[];
  /** The next number that is committed. */
  committed: number;
  /** The next number at the last seal. */
  sealed: number;
  /** Where the next piece begins. */
  piece_first: number;
  pieces: SealedPiece[];
  holes: Hole[];
  holes_to_seal: Hole[];
  tails: Tail[];
  /** Of epochs that have ended since the last seal. */
  moved: SealedLane[];
}

export class ModelAgent {
  readonly agent: string;
  readonly random: RandomSource;
  readonly rows: Row[] = [];
  readonly seals: Row[] = [];
  /** Every piece that was sealed. */
  readonly pieces: SealedPiece[] = [];
  readonly holes: Hole[] = [];
  readonly tails: Tail[] = [];
  readonly #granularity: Granularity;
  readonly #largest: number;
  readonly #lanes: ModelLane[];
  readonly #chain: string;
  #keys: Keys;
  #private_key: KeyObject;
  #key_ends_ms = start_ms + day_ms;
  #time_ms = start_ms;
  #from_ms = start_ms;
  #previous = "";
  #number = 0;
  #announces = true;

  constructor({
    seed,
    lanes = 3,
    granularity = "leaf",
    agent = "host-a",
    largest = 1500,
  }: ModelOptions) {
    this.random = new RandomSource(seed);
    this.agent = agent;
    this.#granularity = granularity;
    this.#largest = largest;
    this.#chain = this.#bytes(8).toString("hex");
    const root_key = privateKeyOf(this.#bytes(32));
    const root = { name: `${agent}/root`, key: publicBytesOf(root_key) };
    this.#private_key = privateKeyOf(this.#bytes(32));
    const key = { name: `${agent}/day-0`, key: publicBytesOf(this.#private_key) };
    const day = { agent, key, from: start_ms, to: start_ms + day_ms };
    const entry = { name: root.name, key: root.key.toString("base64") };
    this.#keys = [entry, certify(day, root, root_key)];
    this.#lanes = Array.from({ length: lanes }, (_, at) => this.#newLane(at));
  }

  get fingerprint(): string {
    return fingerprintOf(namedKey(this.#keys[0]).key);
  }

  /** The export's rows in the order of their making: events and seals. */
  get all(): Row[] {
    return [...this.rows, ...this.seals].toSorted(
      (one, other) => Number(one["_time"]) - Number(other["_time"]),
    );
  }

  /** Some time with all that can happen. */
  live(seals: number): void {
    this.seal("start");
    for (let turn = 0; turn < seals; turn += 1) {
      for (const lane of this.#lanes) {
        if (this.#chance(0.85))
          this.#deliver(
            lane,
            1 + this.#below(this.#chance(0.2) ? this.#largest : Math.min(60, this.#largest)),
          );
        if (this.#chance(0.15)) this.#addHole(lane);
        if (this.#chance(0.15)) this.#crash(lane);
        if (this.#chance(0.06)) this.#beginEpoch(lane);
      }
      this.seal("interval");
    }
  }

  /** Delivers these events in the first lane. */
  deliverTexts(texts: Iterable<string>): void {
    const [lane] = this.#lanes;
    for (const text of texts) {
      lane!.events.push(text);
      this.#send(lane!, lane!.events.length - 1);
    }
    lane!.committed = lane!.events.length;
  }

  seal(why: Seal["why"]): void {
    this.#time_ms += 4 * 60 * 60 * 1000 + this.#below(1000);
    if (this.#time_ms >= this.#key_ends_ms) this.#rotate();
    const { name, key } = this.#keys.at(-1)!;
    const lanes = this.#lanes.map((each) => this.#sealLane(each));
    const blocks = lanes.flatMap((each) => each.pieces);
    const holes = lanes.flatMap((each) => each.holes);
    const tails = lanes.flatMap((each) => each.tails);
    this.pieces.push(...blocks);
    this.holes.push(...holes);
    this.tails.push(...tails);
    const body = sealBody({
      v: 1,
      agent: this.agent,
      chain: this.#chain,
      seal: this.#number,
      from: new Date(this.#from_ms).toISOString(),
      to: new Date(this.#time_ms).toISOString(),
      prev: this.#previous,
      why,
      config: "c0ffee",
      version: "0.1.0",
      key: { name, key },
      ...(this.#announces ? { keys: this.#keys } : {}),
      books: {
        received: this.rows.length,
        made: 0,
        replayed: 0,
        in_flight: 0,
        delivered: { splunk: this.rows.length },
      },
      lanes: lanes.flatMap((each) => each.moved),
      holes,
      tails,
      blocks,
    });
    this.seals.push({
      _raw: body,
      _time: seconds(this.#time_ms),
      index: "tally_seals",
      sourcetype: "tallyman:seal",
      tally_sig: signatureLine(sealText(body), namedKey({ name, key }), this.#private_key),
    });
    this.#previous = bodyHash(body);
    this.#from_ms = this.#time_ms;
    this.#number += 1;
    this.#announces = false;
  }

  /** A seal as whoever has the current key could make it. */
  forge(change: Partial<Seal>, of: Row): Row {
    const { name, key } = this.#keys.at(-1)!;
    const seal = { ...(JSON.parse(of["_raw"]!) as Seal), key: { name, key }, ...change };
    const body = sealBody(seal);
    const signature = signatureLine(sealText(body), namedKey({ name, key }), this.#private_key);
    return { ...of, _raw: body, tally_sig: signature };
  }

  #sealLane(lane: ModelLane): {
    pieces: SealedPiece[];
    holes: Hole[];
    tails: Tail[];
    moved: SealedLane[];
  } {
    this.#cut(lane, lane.committed);
    const { pieces, holes_to_seal: holes, tails } = lane;
    const moved = [...lane.moved, ...movedLane(lane, lane.committed)];
    Object.assign(lane, {
      pieces: [],
      holes_to_seal: [],
      tails: [],
      moved: [],
      sealed: lane.committed,
    });
    return { pieces, holes, tails, moved };
  }

  /** Ends pieces at blocks, and at `end`. */
  #cut(lane: ModelLane, end: number): void {
    while (lane.piece_first < end) {
      const to = Math.min(blockEnd(lane.piece_first), end);
      const events = lane.events.slice(lane.piece_first, to).map((each) => Buffer.from(each));
      const piece = pieceOfEvents(lane.piece_first, events, this.#granularity);
      lane.pieces.push(sealedPiece(laneOf(lane.id, lane.epoch), piece));
      lane.piece_first = to;
    }
  }

  #deliver(lane: ModelLane, count: number): void {
    for (let each = 0; each < count; each += 1) {
      lane.events.push(this.#event(lane));
      this.#send(lane, lane.events.length - 1);
    }
    lane.committed = lane.events.length;
  }

  #send(lane: ModelLane, number: number): void {
    this.#time_ms += 1;
    this.rows.push({
      _raw: lane.events[number]!,
      _time: seconds(this.#time_ms),
      index: lane.index,
      sourcetype: "audit",
      tally_lane: laneOf(lane.id, lane.epoch),
      tally_block: String(number >> 10),
      tally_i: String(number & 1023),
    });
  }

  /** An event that Splunk refused. */
  #addHole(lane: ModelLane): void {
    const first = lane.events.length;
    lane.events.push(this.#event(lane));
    lane.committed = lane.events.length;
    const hole = { lane: laneOf(lane.id, lane.epoch), first, count: 1, reason: "too_large" };
    lane.holes.push(hole);
    lane.holes_to_seal.push(hole);
  }

  /** What was open ends as it was saved, and some of it is read and sent again under the same numbers. */
  #crash(lane: ModelLane): void {
    const again = Math.max(lane.sealed, lane.events.length - this.#below(40));
    this.#cut(lane, lane.committed);
    lane.piece_first = again;
    for (let number = again; number < lane.events.length; number += 1) {
      const is_hole = lane.holes.some(({ first }) => first === number);
      if (!is_hole) this.#send(lane, number);
    }
    this.#announces = true;
  }

  /** The configuration has changed, and what was delivered beyond the checkpoint gets other numbers. */
  #beginEpoch(lane: ModelLane): void {
    const from = lane.events.length;
    const open = this.#below(30);
    for (let each = 0; each < open; each += 1) {
      lane.events.push(this.#event(lane));
      if (this.#chance(0.6)) this.#send(lane, from + each);
    }
    this.#cut(lane, lane.events.length);
    const pieces = [...lane.pieces];
    const tails = open === 0 ? [] : [{ lane: laneOf(lane.id, lane.epoch), from, to: from + open }];
    lane.tails.push(...tails);
    lane.moved.push(...movedLane(lane, from));
    const fresh = { events: [], committed: 0, sealed: 0, piece_first: 0, holes: [], pieces };
    Object.assign(lane, { ...fresh, epoch: lane.epoch + 1 });
  }

  #rotate(): void {
    const [root, ...certificates] = this.#keys;
    const before = certificates.at(-1) as Certificate;
    const from = Math.max(this.#time_ms, this.#key_ends_ms);
    const private_key = privateKeyOf(this.#bytes(32));
    const key = {
      name: `${this.agent}/day-${certificates.length}`,
      key: publicBytesOf(private_key),
    };
    const next = certify(
      { agent: this.agent, key, from, to: from + day_ms },
      namedKey(before),
      this.#private_key,
    );
    this.#keys = [root, ...certificates, next];
    this.#private_key = private_key;
    this.#key_ends_ms = from + day_ms;
    this.#announces = true;
  }

  #newLane(at: number): ModelLane {
    const input = `input_${at}`;
    const index = at === 0 ? "main" : `index_${at}`;
    return {
      id: laneId({ agent: this.agent, stream: `s-${input}`, output: "splunk", index }),
      index,
      input,
      epoch: 1,
      events: [],
      committed: 0,
      sealed: 0,
      piece_first: 0,
      pieces: [],
      holes: [],
      holes_to_seal: [],
      tails: [],
      moved: [],
    };
  }

  #event(lane: ModelLane): string {
    const number = lane.events.length;
    if (this.#chance(0.1))
      return `${lane.input} text ${number}, "quoted"\nsecond line ${this.#below(1e6)}`;
    const padding = "é漢".repeat(this.#below(20));
    return JSON.stringify({ lane: lane.input, n: number, id: this.#below(1e9), note: padding });
  }

  #bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.#below(256)));
  }

  #below(limit: number): number {
    return Math.floor(this.random.next() * limit);
  }

  #chance(share: number): boolean {
    return this.random.chance(share);
  }
}

/** What a seal says of the lane. */
function movedLane(
  { id, epoch, input, index, sealed: first }: ModelLane,
  next: number,
): SealedLane[] {
  if (first === next) return [];
  return [{ lane: id, epoch, input, stream: `s-${input}`, output: "splunk", index, first, next }];
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
